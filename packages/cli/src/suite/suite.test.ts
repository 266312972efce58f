import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSuiteTask, parseTaskArguments } from "./suite.ts";
import { copyTaskFiles } from "./task-file.ts";

describe("a task of a suite", () => {
  it.each([
    ["inspect:inspect_evals/gsm8k", { suite: "inspect", task: "inspect_evals/gsm8k" }],
    ["inspect:theory", { suite: "inspect", task: "theory" }],
    ["inspect:tasks/a.py@easy", { suite: "inspect", task: "a.py@easy", source: resolve("tasks/a.py") }],
    ["inspect:a.py", { suite: "inspect", task: "a.py", source: resolve("a.py") }],
    ["inspect:./mine", { suite: "inspect", task: "mine", source: resolve("mine") }],
    ["inspect:/x/y@z", { suite: "inspect", task: "y@z", source: "/x/y" }],
    ["lighteval:gsm8k|5", { suite: "lighteval", task: "gsm8k|5" }],
    ["lighteval:aime24@k=4|0", { suite: "lighteval", task: "aime24@k=4|0" }],
    ["helm:mmlu:subject=anatomy", { suite: "helm", task: "mmlu:subject=anatomy" }],
    ["helm:a.py@mine:n=1", { suite: "helm", task: "a.py@mine:n=1", source: resolve("a.py") }],
  ])("is read from %s", (text, expected) => {
    expect(parseSuiteTask(text)).toEqual(expected);
  });

  it.each([
    ["nothing:x", "suite_unknown"],
    ["constructor:x", "suite_unknown"],
    ["inspect", "task_invalid"],
    ["inspect:", "task_invalid"],
    ["inspect:a\nb", "task_invalid"],
    ['inspect:a"b', "task_invalid"],
  ])("is refused when it is %j", (text, code) => {
    expect(() => parseSuiteTask(text)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it("takes arguments that are JSON as such, and others as texts", () => {
    expect(parseTaskArguments(["shots=5", "name=a b=c", "flag=true", "empty="])).toEqual({
      shots: 5,
      name: "a b=c",
      flag: true,
      empty: "",
    });
    expect(() => parseTaskArguments(["shots"])).toThrow(/no argument/);
  });
});

describe("the files of a task", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "benchgen-task-"));
    await mkdir(join(home, "mine", "data"), { recursive: true });
    await mkdir(join(home, "mine", ".git"));
    await mkdir(join(home, "mine", "data", "__pycache__"));
    await writeFile(join(home, "mine", "task.py"), "");
    await writeFile(join(home, "mine", "data", "a.jsonl"), "{}");
    await writeFile(join(home, "mine", ".git", "config"), "");
  });
  afterEach(() => rm(home, { recursive: true }));

  const copied = async (source: string): Promise<string[]> => {
    await mkdir(join(home, "to"));
    await copyTaskFiles(source, join(home, "to"));
    return (await readdir(join(home, "to"), { recursive: true })).sort();
  };

  it("are a file's neighbours too, without what is hidden or a cache", async () => {
    expect(await copied(join(home, "mine", "task.py"))).toEqual(["data", "data/a.jsonl", "task.py"]);
  });

  it("keep their directory's name when it is the task", async () => {
    expect(await copied(join(home, "mine"))).toEqual([
      "mine",
      "mine/data",
      "mine/data/a.jsonl",
      "mine/task.py",
    ]);
  });

  it("must be there", async () => {
    await expect(copied(join(home, "nope.py"))).rejects.toMatchObject({ code: "task_missing" });
  });

  it("are refused when they are more than a task", async () => {
    await Promise.all(
      Array.from({ length: 2001 }, (_, index) => writeFile(join(home, "mine", "data", String(index)), "")),
    );
    await expect(copied(join(home, "mine", "task.py"))).rejects.toMatchObject({ code: "task_too_large" });
  });
});
