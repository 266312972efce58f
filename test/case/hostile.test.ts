/** Whatever a program writes into results.jsonl: every line is a case, or told of, or blank. */
import { findCase } from "@benchgen/core/case/find.ts";
import { pageOfCases } from "@benchgen/core/case/list.ts";
import { storeReport } from "@benchgen/core/report/store.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CountingBlobs, runId, storeRun, temporaryBlobs } from "../support/case.ts";

let blobs: CountingBlobs;
let close: () => void;
beforeAll(() => {
  ({ blobs, close } = temporaryBlobs());
});
afterAll(() => close());

const value = fc.oneof(
  fc.jsonValue({ depthSize: "small" }),
  fc.constantFrom<unknown>(
    "NaN",
    1e300,
    -1e308,
    1.7e308,
    -0,
    "\ud800",
    "__proto__",
    "toString",
    "\u0000\u001b[2J",
    [],
    {},
    { category: 5 },
    { input_tokens: -1, type: [] },
  ),
);
const fields = fc.constantFrom(
  ..."id epoch input output target passed score scores extracted_answer explanation latency_ms usage cost_usd".split(
    " ",
  ),
  ..."model stop_reason error failure metadata __proto__ constructor mine".split(" "),
);
/** Mostly cases, with any of their fields turned into anything. */
const nearlyCase = fc
  .tuple(fc.constantFrom("a", "b", "a/b", "..", "~", 7), fc.array(fc.tuple(fields, value), { maxLength: 5 }))
  .map(([id, more]) =>
    Buffer.from(JSON.stringify(Object.fromEntries([["id", id], ["passed", false], ...more]))),
  );
const line = fc.oneof(
  { weight: 4, arbitrary: nearlyCase },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("", "  ", "\r", "null", "{", "[]", '{"id":1e999}')
      .map((text) => Buffer.from(text)),
  },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10))),
  },
);

const isBlank = (bytes: Buffer): boolean => /^[ \t\r]*$/.test(bytes.toString("latin1"));

it("loses nothing in silence", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 25 }), fc.boolean(), async (lines, ended) => {
      const content = Buffer.concat(lines.flatMap((bytes) => [bytes, Buffer.from("\n")]));
      const run = await storeRun(blobs, [ended ? content : content.subarray(0, -1)]);
      const { counts, problems } = run.tasks[0]!.directory;
      const stored = (await blobs.get(blobKey.cases(runId, 0, "problems.json")))!;
      const findings = JSON.parse(Buffer.from(stored).toString()) as { code: string }[];
      const torn = findings.filter(({ code }) => code === "case.line_torn").length;
      const written = lines.filter((bytes) => !isBlank(bytes)).length;
      expect(counts.total + problems.lost + torn).toBe(written);
      expect(counts.passed + counts.failed + counts.errored + counts.notScored).toBe(counts.total);

      const { items } = await pageOfCases({ blobs }, run, { limit: 200 });
      expect(items).toHaveLength(counts.total);
      for (const { task, id, epoch, outcome } of items) {
        const found = await findCase({ blobs }, runId, { task, id, epoch });
        expect([found?.id, found?.outcome]).toEqual([id, outcome]);
      }

      const [only] = run.tasks;
      const about = { runId, name: "", environment: "", environmentVersion: 1 } as const;
      const report = await storeReport({ blobs }, { ...about, tasks: [{ ...only!, name: "" }] });
      expect(report.overall?.counts).toEqual(counts);
      // Nothing in it is NaN or infinite: JSON has neither, and would turn both into null.
      expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    }),
    { numRuns: 150 },
  );
});
