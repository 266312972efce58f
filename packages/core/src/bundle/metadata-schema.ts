/** A program's `metadata.yaml`: the one description of it (schemas/metadata.schema.json derives from this). */
import * as z from "zod";
import { askableNetworkModes } from "../wire/job.ts";
import { proseCharacters, text } from "./schema-field.ts";

const mib = 1024 ** 2;
/** By lower-case name, in bytes. */
const byteUnits: Readonly<Record<string, number>> = {
  kb: 1000,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib,
  gib: 1024 * mib,
};
const secondUnits: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

const size = amount(byteUnits, mib, "MiB", "4GB");
const time = amount(secondUnits, 1, "seconds", "10m");

export const metadataSchema = z
  .looseObject({
    command: text(
      "What is run, in /app/program, without a shell: python3 score.py $input $output. Write sh -c '…' for pipes and &&.",
      proseCharacters,
    ),
    description: z.unknown().optional().describe("For readers; without effect."),
    network: z
      .enum(askableNetworkModes)
      .default("none")
      .describe("none: no network. open: the internet, where the operator allows it."),
    resources: z
      .looseObject({
        cpu: z.number().positive().optional().describe("Virtual CPUs; may be a fraction."),
        memory: size.optional().describe("Memory of all its processes: 4GB, or a number of MiB."),
        disk: size.optional().describe("What it may write: 10GB, or a number of MiB."),
        time: time.optional().describe("Wall clock: 10m, 1h, or a number of seconds."),
      })
      .optional()
      .describe("What the program needs. The operator's limits still hold."),
    judge_model: z
      .union([z.boolean(), text("A model's name.")])
      .optional()
      .describe(
        "Of a scoring program: it asks a model for its judgement. A name tells readers which one it was made for; whoever runs it chooses (--judge).",
      ),
    scores: z
      .array(text("A key."))
      .min(1)
      .optional()
      .describe("The keys it writes to scores.json, so that they can be checked against the leaderboard."),
  })
  .describe("How a scoring or an ingestion program is run.");

export type Metadata = z.infer<typeof metadataSchema>;

/** A number in the plain unit, or a number with one of the units behind it. */
function amount(units: Readonly<Record<string, number>>, plainUnit: number, plain: string, example: string) {
  // JSON Schema has no flag for it: every letter in either case.
  const names = Object.keys(units).map((unit) => unit.replace(/[a-z]/g, (x) => `[${x}${x.toUpperCase()}]`));
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?) ?(${names.join("|")})$`);
  const error = `must be a number of ${plain}, or an amount like ${example}`;
  return z
    .union([z.number().positive(), z.string().regex(pattern, { error })], { error })
    .transform((value) => {
      if (typeof value === "number") return value;
      const [, number, unit] = pattern.exec(value)!;
      return (Number(number) * units[unit!.toLowerCase()]!) / plainUnit;
    });
}
