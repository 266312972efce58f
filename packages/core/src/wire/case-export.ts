/**
 * What cases can be exported as: `chat` and `preference` as fine-tuning services take them, `jsonl` and `csv` for anything
 * else, `inspect` and `verifiers` as those tools read samples and rollouts.
 */
export const caseExportFormats = ["chat", "preference", "jsonl", "csv", "inspect", "verifiers"] as const;
export type CaseExportFormat = (typeof caseExportFormats)[number];

/** Made to train a model on the expected answers: of a private environment that spoils it as a benchmark. */
export const trainingFormats: readonly CaseExportFormat[] = ["chat", "preference"];
