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
    const files = ["__MACOSX/sub/._a.csv", "sub/.DS_Store", "sub/a.csv", "sub/b.csv"];
    expect(inspectSubmission(zip(...files), "s.zip").findings).toEqual([
      {
        level: "warning",
        code: "submission.wrapped",
        message: 'All files of s.zip are in the folder "sub"; most programs expect them at the top level.',
        file: "sub",
        hint: "Zip what is in it: (cd sub && zip -r ../flat.zip .)",
      },
    ]);
    expect(inspectSubmission(zip("sub/a.csv", "b.csv"), "s.zip").findings).toEqual([]);
  });

  test.each([
    [["my run/x/a.csv", "my run/x/y/b.csv"], "(cd 'my run/x' && zip -r ../../flat.zip .)"],
    [["my run/x/a.csv", "my run/xy/b.csv"], "(cd 'my run' && zip -r ../flat.zip .)"],
    [["a/b/c/d.csv"], "(cd a/b/c && zip -r ../../../flat.zip .)"],
    [["$(id)/a.csv"], "(cd '$(id)' && zip -r ../flat.zip .)"],
  ])("of %j is told how to be zipped without the folder", (paths, typed) => {
    expect(inspectSubmission(zip(...paths), "s.zip").findings[0]?.hint).toBe(`Zip what is in it: ${typed}`);
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
