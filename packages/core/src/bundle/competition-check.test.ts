import { expect, it } from "vitest";
import { variant } from "./fixture.ts";
import { readBundle } from "./read.ts";

/** The good bundle, with so many tasks in its phase. */
async function codes(count: number): Promise<string[]> {
  const tasks = Array.from({ length: count }, () => 0).join(", ");
  const { findings } = await readBundle(variant("tasks: [0]", `tasks: [${tasks}]`));
  return findings.map(({ level, code, path }) => `${level} ${code} ${path}`);
}

it("refuses a phase with more tasks than a workflow can carry", async () => {
  expect(await codes(200)).not.toContain("error manifest.too_many_tasks phases[0].tasks");
  expect(await codes(201)).toContain("error manifest.too_many_tasks phases[0].tasks");
});
