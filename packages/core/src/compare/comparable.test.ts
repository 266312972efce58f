import { describe, expect, test } from "vitest";
import { type DataVersion, comparability } from "./comparable.ts";

describe("versions are comparable", () => {
  const version = (hashes: Record<string, string>): DataVersion => ({
    manifest: {
      tasks: [
        {
          index: 0,
          name: "Only",
          scoringProgram: "scoring",
          ingestionOnlyDuringScoring: false,
          ...("truth" in hashes && { referenceData: "truth" }),
        },
      ],
    },
    files: Object.fromEntries(
      Object.entries(hashes).map(([path, sha256]) => [path, { kind: "directory", sha256, size: 1 }]),
    ),
  });

  test("when their data is the same; another program is noted", () => {
    const one = version({ scoring: "1", truth: "t" });
    expect(comparability(one, one, [0])).toEqual({ comparable: true, notes: [] });
    const other = comparability(one, version({ scoring: "2", truth: "t" }), [0]);
    expect(other.comparable && other.notes).toEqual([expect.stringContaining("scoring program is another")]);
    expect(comparability(one, version({ scoring: "1", truth: "u" }), [0])).toEqual({
      comparable: false,
      tasks: [0],
    });
  });

  test("without any data only with the same scoring program", () => {
    expect(comparability(version({ scoring: "1" }), version({ scoring: "2" }), [0]).comparable).toBe(false);
  });
});
