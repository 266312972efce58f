import { expect, it } from "vitest";
import { doneRecord, renderRunHead, renderScores, renderTroubles } from "./report.ts";
import { newRun, newTask, newVersion } from "./run.fixture.ts";

it("ends `run --json` with exactly the documented record", () => {
  const tasks = [newTask({ status: "succeeded", scores: { accuracy: 0.5 }, unscored: { f1: "is NaN" } })];
  expect(doneRecord(newRun({ status: "succeeded", tasks, scores: { accuracy: 0.5 } }))).toEqual({
    type: "done",
    run: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
    status: "succeeded",
    reason: null,
    tasks: [
      {
        index: 0,
        name: "Species",
        status: "succeeded",
        reason: null,
        scores: { accuracy: 0.5 },
        unscored: { f1: "is NaN" },
      },
    ],
    scores: { accuracy: 0.5 },
  });
});

it("ends it with what its calls to a model came to, of a run that has a model", () => {
  const usage = {
    calls: 2,
    failed: 1,
    estimated: 0,
    inputTokens: 12,
    cachedInputTokens: 0,
    outputTokens: 4,
    reasoningTokens: 0,
    costUsd: null,
  };
  expect(doneRecord(newRun({ usage }))).toMatchObject({ type: "done", usage });
});

it("shows scores per task and their mean, without hidden columns, and a dash for what is absent", () => {
  const tasks = [
    newTask({ status: "succeeded", scores: { accuracy: 1, secret: 9 } }),
    newTask({ index: 1, name: "Mass", status: "succeeded" }),
  ];
  const shown = renderScores(newRun({ tasks, scores: { accuracy: 1 } }), newVersion());
  expect(shown?.plain.split("\n")).toEqual([
    "TASK           Accuracy",
    "Species            1.00",
    "Mass                  –",
    "mean of tasks      1.00",
  ]);
});

it("shows a dash for a column without a value, also where every object has something of its name", () => {
  const [board] = newVersion().leaderboards;
  const columns = board!.columns.map((column) => ({ ...column, key: "constructor", hidden: false }));
  const version = newVersion({ leaderboards: [{ ...board!, columns }] });
  const shown = renderScores(newRun({ tasks: [newTask({ scores: { accuracy: 1 } })] }), version);
  expect(shown?.plain).toMatch(/Species +–$/);
});

it("shows no table of scores where there are none", () => {
  expect(renderScores(newRun(), newVersion())).toBeUndefined();
});

it("says why a task failed, what to do, and what it wrote last, without its escapes", () => {
  const reason = {
    code: "program_failed" as const,
    message: "The scoring program ended with exit code 1.",
    hint: "Read its log.",
    stderrTail: "Traceback\n\u001b[31mValueError\u001b[0m: \u202ex\n",
  };
  const run = newRun({
    status: "failed",
    reason: { code: "program_failed", message: 'Task "Species": it failed.' },
    tasks: [
      newTask({ status: "failed", reason, unscored: { f1: "is missing" }, notes: ["ran without its image"] }),
    ],
  });
  const shown = renderTroubles(run).map((part) => part.plain);
  expect(shown).toEqual([
    [
      "task 0 Species: program_failed The scoring program ended with exit code 1.",
      "  hint: Read its log.",
      "  the last it wrote to stderr (2 lines):",
      "    Traceback",
      "    ValueError: x",
    ].join("\n"),
    "task 0 Species: not scored f1: is missing\ntask 0 Species: note ran without its image",
  ]);
});

it("passes over a column that another task scored, and says once what is to be said of several tasks", () => {
  const tasks = [
    newTask({ unscored: { f1: "is missing", mae: "is missing" }, notes: ["ran without its image"] }),
    newTask({ index: 1, name: "Mass", scores: { f1: 1 }, notes: ["ran without its image"] }),
  ];
  const shown = renderTroubles(newRun({ tasks, scores: { f1: 1 } })).map((part) => part.plain);
  expect(shown).toEqual(["task 0 Species: not scored mae: is missing\n2 tasks: note ran without its image"]);
});

it("shows once what several tasks wrote alike", () => {
  const reason = { code: "program_failed" as const, message: "It failed.", stderrTail: "oops" };
  const tasks = [newTask({ reason }), newTask({ index: 1, name: "Mass", reason })];
  const shown = renderTroubles(newRun({ tasks, reason })).map((part) => part.plain);
  expect(shown).toHaveLength(2);
  expect(shown[1]).toBe(
    "task 1 Mass: program_failed It failed.\n  it wrote the same to stderr as task 0 Species",
  );
});

it("says why the last call to a model had no answer, for a program may not", () => {
  const lastError = { code: "upstream_key_refused", message: "The model's endpoint refused the key." };
  const usage = {
    calls: 8,
    failed: 2,
    estimated: 0,
    inputTokens: 0,
    cachedInputTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    costUsd: 0,
  };
  expect(renderTroubles(newRun({ usage }))).toEqual([]);
  expect(renderTroubles(newRun({ usage: { ...usage, lastError } })).map((part) => part.plain)).toEqual([
    "model: the last call without an answer: upstream_key_refused The model's endpoint refused the key.",
  ]);
});

it("gives the run's own reason when no task has one", () => {
  const run = newRun({ reason: { code: "timed_out", message: "It took too long." } });
  expect(renderTroubles(run).map((part) => part.plain)).toEqual(["run: timed_out It took too long."]);
});

it("says what a run is and how long it took", () => {
  const run = newRun({
    status: "timed_out",
    startedAt: "2026-03-25T06:00:00.000Z",
    endedAt: "2026-03-25T06:00:02.000Z",
  });
  expect(renderRunHead(run).plain).toBe(
    "baseline timed out  run_01jd0c2v5w8x9y0z1a2b3c4d5e\npenguins@2 · phase Development · predictions by ada · created 2026-03-25 06:00 UTC · took 2.0 s",
  );
});
