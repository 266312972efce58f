/** Whole evaluations through the API, in the words of those who use it. Works inside and outside of vitest. */
import assert from "node:assert/strict";
import {
  type CreateRun,
  type CreateUpload,
  type EnvironmentVersion,
  type LeaderboardRow,
  type Problem,
  type Run,
  type Scope,
  leaderboardSchema,
  problemSchema,
  runSchema,
  submissionSchema,
  versionSchema,
} from "@benchgen/core/wire/api.ts";
import { isTerminal, runMoves } from "@benchgen/core/wire/status.ts";
import type * as z from "zod";
import { type Call, type Files, type RemoteApi, type TestApi, type TestApiOptions } from "./api.ts";
import { openApi, until } from "./api.ts";

export interface Pipeline {
  readonly api: TestApi;
  /** Someone with a token of that scope. */
  actor(name: string, scope: Scope, workspace?: string): Promise<Actor>;
  close(): Promise<void>;
}

export async function openPipeline(options: TestApiOptions = {}): Promise<Pipeline> {
  const api = await openApi(options);
  return {
    api,
    actor: async (name, scope, workspace) => new Actor(api, await api.token(name, scope, workspace)),
    close: () => api.close(),
  };
}

/** Someone who uses the API. Every method but `call` and `problem` fails when the API refuses. */
export class Actor {
  readonly api: RemoteApi;
  readonly token: string;

  constructor(api: RemoteApi, token: string) {
    this.api = api;
    this.token = token;
  }

  call(method: string, path: string, call: Call = {}): Promise<Response> {
    return this.api.call(method, path, { token: this.token, ...call });
  }

  async json<T>(schema: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call(method, path, body === undefined ? {} : { body });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path} answered ${answer.status}: ${text}`);
    return schema.parse(JSON.parse(text));
  }

  /** What the API says against it. */
  async problem(method: string, path: string, body?: unknown): Promise<Problem> {
    const answer = await this.call(method, path, body === undefined ? {} : { body });
    return problemSchema.parse(await answer.json());
  }

  /** Uploads a bundle and waits until its solutions have decided about it. */
  async push(files: Files, more: Partial<CreateUpload> = {}): Promise<EnvironmentVersion> {
    const upload = await this.api.upload(this.token, "bundle", files, more);
    const { result } = upload;
    assert.ok(result !== undefined, `the bundle was rejected: ${JSON.stringify(upload.findings)}`);
    return this.settled(`${result.environmentId}@${result.version}`);
  }

  /** @param reference with its version: `name@2` */
  settled(reference: string): Promise<EnvironmentVersion> {
    return until(
      () => this.version(reference),
      ({ status }) => status !== "verifying",
    );
  }

  version(reference: string): Promise<EnvironmentVersion> {
    const [environment = "", number = "1"] = reference.split("@");
    return this.json(versionSchema, "GET", `/environments/${environment}/versions/${number}`);
  }

  /** @returns the submission's id */
  async submit(files: Files): Promise<Run["submissionId"]> {
    const upload = await this.api.upload(this.token, "submission", files);
    assert.equal(upload.status, "accepted", JSON.stringify(upload.findings));
    return (await this.json(submissionSchema, "POST", "/submissions", { uploadId: upload.id })).id;
  }

  start(request: CreateRun): Promise<Run> {
    return this.json(runSchema, "POST", "/runs", request);
  }

  run(id: string): Promise<Run> {
    return this.json(runSchema, "GET", `/runs/${id}`);
  }

  /** The run once that is so, or once it is over. */
  async runUntil(id: string, isSo: (run: Run) => boolean): Promise<Run> {
    return until(
      () => this.run(id),
      (run) => isTerminal(runMoves, run.status) || isSo(run),
    );
  }

  /** The run once everything that follows from its end is done. */
  async ended(id: Run["id"]): Promise<Run> {
    await this.api.waitForRun(id);
    return this.runUntil(id, () => false);
  }

  /** Submits, starts, and waits for the end. */
  async evaluate(environment: string, files: Files, more: Partial<CreateRun> = {}): Promise<Run> {
    const submissionId = await this.submit(files);
    return this.ended((await this.start({ environment, submissionId, ...more })).id);
  }

  cancel(id: string): Promise<Run> {
    return this.json(runSchema, "POST", `/runs/${id}/cancel`);
  }

  retry(id: string): Promise<Run> {
    return this.json(runSchema, "POST", `/runs/${id}/retry`);
  }

  async board(environment: string, query = ""): Promise<LeaderboardRow[]> {
    const path = `/environments/${environment}/leaderboard${query}`;
    return (await this.json(leaderboardSchema, "GET", path)).rows;
  }

  async log(id: string): Promise<string> {
    const answer = await this.call("GET", `/runs/${id}/logs?limit=200`);
    const { entries } = (await answer.json()) as { entries: { text: string }[] };
    return entries.map(({ text }) => text).join("\n");
  }
}
