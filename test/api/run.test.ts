/** Submissions, runs, their logs and files, leaderboards, events and jobs, as clients of the API see them. */
import {
  leaderboardSchema,
  pageOf,
  problemSchema,
  runFileSchema,
  runLogsSchema,
  runSchema,
  submissionSchema,
  type Run,
} from "@benchgen/core/wire/api.ts";
import { parseEvent } from "@benchgen/core/wire/event.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type Call, type TestApi, echoBundle, openApi, until } from "../support/api.ts";

let api: TestApi;
let author: string;
let tim: string;
let sue: string;
let run: Run;

beforeAll(async () => {
  api = await openApi();
  author = await api.token("ada", "author");
  tim = await api.token("tim", "submit");
  sue = await api.token("sue", "submit");
  await api.upload(author, "bundle", echoBundle);
  run = await evaluate(tim, "0.75");
});

afterAll(() => api.close());

async function problem(method: string, path: string, call: Call) {
  return problemSchema.parse(await (await api.call(method, path, call)).json());
}

async function submit(token: string, answer: string): Promise<string> {
  const { id: uploadId } = await api.upload(token, "submission", { "answer.txt": answer });
  const created = await api.call("POST", "/submissions", { token, body: { uploadId } });
  expect(created.status).toBe(201);
  return submissionSchema.parse(await created.json()).id;
}

async function start(token: string, submissionId: string): Promise<Run> {
  const started = await api.call("POST", "/runs", { token, body: { environment: "echo", submissionId } });
  expect(started.status).toBe(201);
  const queued = runSchema.parse(await started.json());
  expect(started.headers.get("location")).toBe(`/runs/${queued.id}`);
  return queued;
}

async function finished(token: string, id: string): Promise<Run> {
  return until(
    async () => runSchema.parse(await (await api.call("GET", `/runs/${id}`, { token })).json()),
    ({ endedAt }) => endedAt !== undefined,
  );
}

async function evaluate(token: string, answer: string): Promise<Run> {
  return finished(token, (await start(token, await submit(token, answer))).id);
}

/** The events of a stream, to its end or until there are so many. */
async function eventsOf(response: Response, count = Infinity) {
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const events: { event: string; id: string; data: unknown }[] = [];
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) {
      const match = /^event: (.*)\nid: (.*)\ndata: (.*)$/.exec(block);
      if (match !== null) events.push({ event: match[1]!, id: match[2]!, data: JSON.parse(match[3]!) });
    }
    if (events.length >= count) break;
  }
  return events;
}

const eventStream = { accept: "text/event-stream" };

describe("runs", () => {
  it("end with the scores of the submission", () => {
    expect(run).toMatchObject({
      status: "succeeded",
      participant: "tim",
      environment: "echo",
      scores: { accuracy: 0.75 },
    });
  });

  it("are listed newest first, to their participant", async () => {
    const list = async (token: string) =>
      pageOf(runSchema).parse(await (await api.call("GET", "/runs?environment=lab/echo", { token })).json())
        .items;
    expect((await list(tim)).map(({ id }) => id)).toEqual([run.id]);
    expect(await list(sue)).toEqual([]);
  });

  it("are hidden from other participants, whatever is asked of them", async () => {
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/logs"],
      ["GET", "/files"],
      ["POST", "/cancel"],
      ["POST", "/retry"],
      ["PUT", "/leaderboard"],
    ] as const) {
      expect((await problem(method, `/runs/${run.id}${path}`, { token: sue })).status).toBe(404);
    }
  });

  it("that are over cannot be cancelled, and can be run again", async () => {
    expect((await problem("POST", `/runs/${run.id}/cancel`, { token: tim })).status).toBe(409);
    const answer = await api.call("POST", `/runs/${run.id}/retry`, { token: tim });
    expect(answer.status).toBe(201);
    const again = runSchema.parse(await answer.json());
    expect(again.retryOf).toBe(run.id);
    expect(await finished(tim, again.id)).toMatchObject({ status: "succeeded", scores: { accuracy: 0.75 } });
  });

  it("need a submission of one's own, and an environment that is there", async () => {
    const submissionId = await submit(tim, "0.5");
    const attempt = (token: string, environment: string) =>
      problem("POST", "/runs", { token, body: { environment, submissionId } });
    expect((await attempt(sue, "echo")).status).toBe(404);
    expect((await attempt(tim, "nowhere")).status).toBe(404);
  });
});

describe("logs", () => {
  it("are read by page", async () => {
    const first = runLogsSchema.parse(
      await (await api.call("GET", `/runs/${run.id}/logs`, { token: tim })).json(),
    );
    expect(first.entries.map(({ text }) => text)).toContain("scoring 0.75");
    const path = `/runs/${run.id}/logs?cursor=${encodeURIComponent(first.cursor)}`;
    expect(await (await api.call("GET", path, { token: tim })).json()).toMatchObject({
      entries: [],
      done: true,
    });
  });

  it("are followed from the start of a run to its end, and resumed after the last event that came", async () => {
    const { id } = await start(tim, await submit(tim, "0.25"));
    const events = await eventsOf(
      await api.call("GET", `/runs/${id}/logs`, { token: tim, headers: eventStream }),
    );
    const pages = events.map(({ event, data }) => ({ event, ...runLogsSchema.parse(data) }));
    expect(pages.every(({ event }) => event === "log")).toBe(true);
    expect(pages.at(-1)?.done).toBe(true);
    expect(pages.flatMap(({ entries }) => entries.map(({ text }) => text))).toContain("scoring 0.25");

    const headers = { ...eventStream, "last-event-id": events[0]!.id };
    const resumed = await eventsOf(await api.call("GET", `/runs/${id}/logs`, { token: tim, headers }));
    const rest = resumed.flatMap(({ data }) => runLogsSchema.parse(data).entries);
    expect(rest).toEqual(pages.slice(1).flatMap(({ entries }) => entries));
  });

  it("refuse a cursor that is none", async () => {
    const headers = { ...eventStream, "last-event-id": "!" };
    expect((await problem("GET", `/runs/${run.id}/logs`, { token: tim, headers })).code).toBe(
      "cursor_invalid",
    );
  });
});

describe("files", () => {
  it("are listed with URLs that work without a token, and are sent as strangers' files", async () => {
    const answer = await api.call("GET", `/runs/${run.id}/files`, { token: tim });
    const { items } = z.object({ items: z.array(runFileSchema) }).parse(await answer.json());
    const stdout = items.find(({ name }) => name === "stdout.log");
    const file = await api.call("GET", stdout!.url);
    expect(await file.text()).toBe("scoring 0.75\n");
    expect(file.headers.get("content-security-policy")).toContain("sandbox");
    expect(file.headers.get("content-disposition")).toMatch(/^attachment;/);
  });
});

describe("leaderboards", () => {
  const path = "/environments/lab~echo/leaderboard";
  const board = async (query = "") =>
    leaderboardSchema.parse(await (await api.call("GET", path + query, { token: sue })).json());

  it("show a run once its participant puts it there, and until it is taken off", async () => {
    expect((await api.call("PUT", `/runs/${run.id}/leaderboard`, { token: tim })).status).toBe(204);
    expect((await board()).rows).toMatchObject([{ rank: 1, runId: run.id, scores: { accuracy: 0.75 } }]);
    expect((await api.call("DELETE", `/runs/${run.id}/leaderboard`, { token: tim })).status).toBe(204);
    expect((await board()).rows).toEqual([]);
  });

  it("are paged and sorted by any column, and refuse one they do not have", async () => {
    const better = await evaluate(sue, "0.9");
    for (const [token, { id }] of [
      [tim, run],
      [sue, better],
    ] as const) {
      await api.call("PUT", `/runs/${id}/leaderboard`, { token });
    }
    const first = await board("?limit=1&sort=accuracy&direction=asc");
    expect(first.rows.map(({ runId }) => runId)).toEqual([run.id]);
    const second = await board(
      `?limit=1&sort=accuracy&direction=asc&cursor=${encodeURIComponent(first.cursor!)}`,
    );
    expect(second.rows.map(({ runId }) => runId)).toEqual([better.id]);
    expect(await problem("GET", `${path}?sort=nope`, { token: sue })).toMatchObject({
      status: 400,
      code: "leaderboard.column_unknown",
    });
    expect((await problem("GET", `${path}?direction=up`, { token: sue })).findings?.[0]?.path).toBe(
      "query.direction",
    );
  });

  it.each([
    ["?format=csv", {}, "text/csv; charset=utf-8", "echo-phase0-main.csv"],
    ["", { accept: "text/csv" }, "text/csv; charset=utf-8", "echo-phase0-main.csv"],
    ["?format=json", {}, "application/json", "echo-phase0-main.json"],
  ])("are exported whole (%s %j)", async (query, headers, type, filename) => {
    const answer = await api.call("GET", path + query, { token: sue, headers });
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("content-disposition")).toContain(`attachment; filename="${filename}"`);
    const text = await answer.text();
    expect(text).toContain("0.9");
    expect(text).toContain("0.75");
  });
});

describe("events", () => {
  it("are followed live and replayed, to those who may read what they are about", async () => {
    const live = await api.call("GET", "/events", { token: tim });
    const { id } = await evaluate(tim, "0.1");
    const [started, ended] = (await eventsOf(live, 2)).map(({ data }) => parseEvent(data));
    expect([started?.type, ended?.type]).toEqual(["Run Started", "Run Finished"]);
    expect(ended?.detail).toMatchObject({ run: { id }, status: "succeeded", scores: { accuracy: 0.1 } });

    const headers = { "last-event-id": started!.id };
    const [replayed] = await eventsOf(await api.call("GET", "/events", { token: tim, headers }), 1);
    expect(replayed?.id).toBe(ended!.id);

    const others = await evaluate(sue, "0.2");
    const [next] = await eventsOf(await api.call("GET", "/events", { token: sue, headers }), 1);
    expect(parseEvent(next?.data).detail).toMatchObject({ run: { id: others.id } });
  });
});

describe("jobs", () => {
  it.each([
    ["GET", "spec"],
    ["POST", "uploads"],
    ["POST", "outcome"],
  ])("refuse users at %s %s", async (method, path) => {
    const body = method === "GET" ? {} : { body: jobBodies[path] };
    expect(await problem(method, `/jobs/self/${path}`, { token: author, ...body })).toMatchObject({
      status: 401,
      code: "job_token_invalid",
    });
  });

  it("say nothing about a body to whoever has no job's token", async () => {
    for (const path of ["uploads", "outcome"]) {
      const answer = await problem("POST", `/jobs/self/${path}`, { token: author, body: {} });
      expect(answer).toMatchObject({ status: 401, code: "job_token_invalid" });
    }
  });
});

const jobBodies: Record<string, unknown> = {
  uploads: { file: "stdout.log", size: 0, sha256: "0".repeat(64) },
  outcome: {
    version: 1,
    jobId: "job_01jd0c2v5w8x9y0z1a2b3c4d5e",
    status: "succeeded",
    programs: [],
    executor: "docker",
    startedAt: "2026-01-01T00:00:00.000Z",
    endedAt: "2026-01-01T00:00:01.000Z",
  },
};
