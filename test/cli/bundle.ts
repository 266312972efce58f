/** A small environment for the command's tests, whose scoring program is one line of shell. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The score is whatever number the submission's file `score` holds. */
export const copyScore =
  'echo scoring; printf \'{"accuracy": %s}\' "$(cat /app/input/res/score)" > /app/output/scores.json';

/** @param script run by sh; the default takes the score from the submission */
export async function writeBundle(directory: string, script = copyScore): Promise<string> {
  await mkdir(join(directory, "scoring"), { recursive: true });
  await mkdir(join(directory, "reference"), { recursive: true });
  await writeFile(
    join(directory, "competition.yaml"),
    `title: Small
phases:
  - index: 0
    name: Only
    tasks: [0]
    execution_time_limit: 900
tasks:
  - index: 0
    name: One
    scoring_program: scoring/
    reference_data: reference/
leaderboard:
  - title: Board
    key: board
    columns:
      - title: Accuracy
        key: accuracy
        index: 0
        sorting: desc
`,
  );
  await writeFile(join(directory, "scoring", "metadata.yaml"), "command: sh score.sh\nscores: [accuracy]\n");
  await writeFile(join(directory, "scoring", "score.sh"), `${script}\n`);
  await writeFile(join(directory, "reference", "answers.txt"), "42\n");
  return directory;
}

/** A submission, as a directory. */
export async function writeSubmission(directory: string, score: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "score"), score);
  return directory;
}
