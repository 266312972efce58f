import { describe, expect, test } from "vitest";
import { inspectSubmission } from "./inspect.ts";

const zip = (...paths: string[]) => ({
  entries: paths.map((path) => ({
    path,
    kind: "file" as const,
    size: 1,
    compressedSize: 1,
    executable: false,
    crc32: 0,
  })),
});

describe("a submission's zip", () => {
  test("that holds no files is refused, whatever an archiver left in it", () => {
    const { findings } = inspectSubmission(zip("__MACOSX/._a.csv", ".DS_Store", "data/Thumbs.db"), "s.zip");
    expect(findings).toMatchObject([{ level: "error", code: "submission.empty" }]);
  });

  test("that holds one folder is a warning: programs look at the top level", () => {
    expect(inspectSubmission(zip("sub/a.csv", "sub/b.csv"), "s.zip").findings).toMatchObject([
      { level: "warning", code: "submission.wrapped" },
    ]);
    expect(inspectSubmission(zip("sub/a.csv", "b.csv"), "s.zip").findings).toEqual([]);
  });

  test.each([
    ["model.py", true],
    ["src/model.R", true],
    ["metadata", true],
    ["predictions.csv", false],
    ["README.md", false],
  ])("that holds %s: does it hold code? %s", (path, holdsCode) => {
    expect(inspectSubmission(zip(path), "s.zip").holdsCode).toBe(holdsCode);
  });
});
