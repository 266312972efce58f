import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goodBundle, memoryTree, rawZip, readZipBundle, variant, zipBytes } from "./fixture.ts";
import { readBundle } from "./read.ts";

describe("readBundle accepts", () => {
  test("the least a bundle can be, with every default", async () => {
    const report = await readBundle(memoryTree(goodBundle));
    expect(report.findings).toEqual([]);
    expect(report.manifest).toEqual({
      title: "Penguins",
      enableDetailedResults: false,
      pages: [],
      phases: [
        {
          index: 0,
          name: "Only phase",
          tasks: [0],
          executionTimeLimit: 600,
          hideOutput: false,
          hidePredictionOutput: false,
          hideScoreOutput: false,
        },
      ],
      tasks: [
        {
          index: 0,
          name: "Species",
          scoringProgram: "scoring",
          referenceData: "reference",
          ingestionOnlyDuringScoring: false,
        },
      ],
      solutions: [],
      leaderboards: [
        {
          title: "Results",
          key: "main",
          hidden: false,
          primaryIndex: 0,
          columns: [
            {
              title: "Accuracy",
              key: "accuracy",
              index: 0,
              sorting: "desc",
              computationIndexes: [],
              precision: 2,
              hidden: false,
            },
          ],
        },
      ],
      kept: {},
    });
    expect(report.programs).toEqual({
      scoring: { command: "python3 score.py $input $output", network: "none", resources: {} },
    });
  });

  test("the same bundle as a zip, with what macOS adds, and with programs that are zips", async () => {
    const document = (goodBundle["competition.yaml"] as string)
      .replace("scoring/", "scoring.zip")
      .replace("reference", "ref.zip")
      .replace("reference\n", "ref.zip\n");
    const bytes = await zipBytes({
      "competition.yaml": `\ufeff${document.replaceAll("\n", "\r\n")}`,
      "scoring.zip": await zipBytes({ metadata: "command: python3 score.py", "score.py": "accuracy" }),
      "ref.zip": rawZip([{ name: "labels.csv", data: "1,2,3\n".repeat(100), deflate: true }]),
      "__MACOSX/._competition.yaml": "junk",
      ".DS_Store": "junk",
      reference: "",
    });
    const report = await readZipBundle(bytes);
    expect(report.manifest?.tasks[0]?.scoringProgram).toBe("scoring.zip");
  });

  test("Codabench's dialect: leaderboards, quoted version, month-first dates, anchors, empty fields", async () => {
    const tree = variant("version: 2\n", "version: '2'\nregistration_auto_approve: True\nimage:\n");
    const changed = (goodBundle["competition.yaml"] as string)
      .replace("version: 2", "version: '2'\nqueue: fast\nterms:\nenable_detailed_results: True")
      .replace("leaderboard:", "leaderboards:")
      .replace(
        "    tasks: [0]",
        "    tasks: [0]\n    start: 1-30-2024\n    end: 12-31-2026\n    max_submissions: 0",
      );
    expect((await readBundle(tree)).manifest).toBeDefined();
    const { manifest, findings } = await readBundle(
      memoryTree({ ...goodBundle, "competition.yaml": changed }),
    );
    expect(findings).toEqual([]);
    expect(manifest).toMatchObject({
      enableDetailedResults: true,
      kept: { queue: "fast" },
      phases: [{ start: "2024-01-30T00:00:00.000Z", end: "2027-01-01T00:00:00.000Z" }],
    });
    expect(manifest?.phases[0]).not.toHaveProperty("maxSubmissions");
  });

  test("resources, network and scores of a program", async () => {
    const metadata =
      "command: python3 score.py\nnetwork: open\nresources: {cpu: 2, memory: 4GiB, time: 5m}\nscores: [accuracy]\n";
    const { programs } = await readBundle(memoryTree({ ...goodBundle, "scoring/metadata.yaml": metadata }));
    expect(programs["scoring"]).toEqual({
      command: "python3 score.py",
      network: "open",
      resources: { cpus: 2, memoryMb: 4096, timeSeconds: 300 },
      scores: ["accuracy"],
    });
  });
});

test("an amount that is none is told in words, not as a pattern", async () => {
  const metadata = "command: python3 score.py\nresources: {memory: 4XB}\n";
  const { findings } = await readBundle(memoryTree({ ...goodBundle, "scoring/metadata.yaml": metadata }));
  expect(findings.map(({ message }) => message)).toContain(
    '`memory` must be a number of MiB, or an amount like 4GB, not "4XB".',
  );
});

test("a program's metadata of any text is read with findings, and never throws", async () => {
  const yamlish = fc.stringMatching(/^(command: )?[-a-z0-9:?&*!|>'"%@`{}[\],#$. \n]{0,50}$/);
  await fc.assert(
    fc.asyncProperty(yamlish, async (metadata) => {
      const report = await readBundle(memoryTree({ ...goodBundle, "scoring/metadata.yaml": metadata }));
      expect(report.manifest === undefined).toBe(report.findings.some(({ level }) => level === "error"));
    }),
    { numRuns: 500 },
  );
});

test("a document with lines changed is read with findings, and never throws", async () => {
  const lines = (goodBundle["competition.yaml"] as string).split("\n");
  const change = fc.record({
    at: fc.nat(lines.length - 1),
    to: fc.oneof(
      fc.constantFrom(
        "",
        "  - ",
        "null",
        "tasks: {}",
        "    columns: [null, 1, {}]",
        "  - []",
        "pages: [[]]",
        "title: [1]",
      ),
      fc.stringMatching(/^ {0,6}[a-z_]{1,12}: ?[-a-z0-9[\]{}&*'":,]{0,12}$/),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
      const mutated = [...lines];
      for (const { at, to } of changes) mutated[at] = to;
      const report = await readBundle(memoryTree({ ...goodBundle, "competition.yaml": mutated.join("\n") }));
      expect(report.manifest === undefined).toBe(report.findings.some(({ level }) => level === "error"));
    }),
    { numRuns: 600 },
  );
});
