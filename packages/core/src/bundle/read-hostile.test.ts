import { expect, test } from "vitest";
import { goodBundle, memoryTree, variant } from "./fixture.ts";
import { readBundle } from "./read.ts";
import type { BundleTree } from "./tree.ts";

async function told(tree: BundleTree): Promise<string[]> {
  const { findings } = await readBundle(tree);
  return findings.map(({ level, code, path }) => [level, code, path].filter(Boolean).join(" "));
}

const lines = (length: number, line: (index: number) => string): string =>
  Array.from({ length }, (_, index) => line(index)).join("\n");

test("a date of half a million spaces is no date", async () => {
  const date = `start: "1${" ".repeat(500_000)}x"`;
  expect(await told(variant("tasks: [0]", `tasks: [0]\n    ${date}`))).toEqual([
    "error manifest.date phases[0].start",
  ]);
});

test("of twenty thousand unknown keys a hundred are told", async () => {
  const keys = lines(20_000, (key) => `unknown${key}: 1`);
  expect(await told(variant("title: Penguins", `title: Penguins\n${keys}`))).toHaveLength(100);
});

test("a thousand missing pages among thousands of files are told at once", async () => {
  const pages = lines(900, (page) => `  - {title: t, file: missing/page-${page}.md}`);
  const files = Object.fromEntries(
    Array.from({ length: 5000 }, (_, file) => [`pages/other-${file}.md`, "x"]),
  );
  expect(await told(variant("title: Penguins", `title: Penguins\npages:\n${pages}`, files))).toHaveLength(
    900,
  );
});

test("hundreds of fields that name directories inside one another are refused", async () => {
  const solutions = lines(
    400,
    (depth) => `  - {index: ${depth}, tasks: [0], path: ${"d/".repeat(depth + 1)}}`,
  );
  const files = Object.fromEntries(
    Array.from({ length: 50 }, (_, file) => [`${"d/".repeat(400)}f${file}`, "x"]),
  );
  const [first] = await told(variant("title: Penguins", `title: Penguins\nsolutions:\n${solutions}`, files));
  expect(first).toMatch(/^error bundle.directories_overlap/);
});

test("a program in a directory called __proto__ is a program like any other", async () => {
  const files = { "__proto__/metadata.yaml": "command: sh run.sh\n", "__proto__/run.sh": '# "accuracy"\n' };
  const tree = variant("scoring_program: scoring/", "scoring_program: __proto__", files);
  const { findings, programs } = await readBundle(tree);
  expect(findings.filter(({ level }) => level === "error")).toEqual([]);
  const kept = JSON.parse(JSON.stringify(programs)) as typeof programs;
  expect(kept["__proto__"]).toMatchObject({ command: "sh run.sh" });
});

test("hints about references that lead nowhere stay short, however many tasks there are", async () => {
  const tasks = lines(900, (index) => `  - {index: ${index + 1}, name: Another}`);
  const references = `tasks: [${Array.from({ length: 900 }, (_, index) => index + 5000).join(", ")}]`;
  const document = (goodBundle["competition.yaml"] as string)
    .replace("tasks: [0]", references)
    .replace("tasks:\n  - ", `tasks:\n${tasks}\n  - `);
  const { findings } = await readBundle(memoryTree({ ...goodBundle, "competition.yaml": document }));
  const unknown = findings.filter(({ code }) => code === "manifest.task_unknown");
  expect(unknown).toHaveLength(900);
  for (const { hint } of unknown) expect(hint).toMatch(/^The tasks are 1, 2, .{0,100}, …\.$/);
});

test("a hundred tasks with the same data read each of its files no more often than one does", async () => {
  const files = Object.fromEntries(
    ["given", "held"].flatMap((directory) =>
      Array.from({ length: 20 }, (_, file) => [`${directory}/${file}.txt`, `${directory} `.repeat(9)]),
    ),
  );
  const opened = async (count: number): Promise<number> => {
    const task = (index: number) =>
      `  - {index: ${index}, name: T, scoring_program: scoring, reference_data: held, input_data: given}`;
    const tree = variant(
      "tasks:\n  - index: 0",
      `tasks:\n${lines(count, (i) => task(i + 1))}\n  - index: 0`,
      files,
    );
    let opens = 0;
    await readBundle({
      ...tree,
      open: (path) => ((opens += Number(path.endsWith(".txt"))), tree.open(path)),
    });
    return opens;
  };
  expect(await opened(100)).toBe(await opened(1));
});

test("a description of half a million characters is refused before it meets the table's limit", async () => {
  const { findings } = await readBundle(
    variant("title: Penguins", `title: Penguins\ndescription: ${"x".repeat(500_000)}`),
  );
  expect(findings).toEqual([
    expect.objectContaining({
      code: "schema.range",
      message: "`description` must not have more than 10000 characters.",
    }),
  ]);
});

test("a finding quotes no more than the beginning of a long path", async () => {
  const { findings } = await readBundle(
    variant("title: Penguins", `title: Penguins\nterms: ${"p/".repeat(1400)}x`),
  );
  expect(findings.map(({ code }) => code)).toEqual(["bundle.file_missing"]);
  expect(findings[0]?.message).toMatch(/^"(p\/){499}.{0,3}…$/);
});
