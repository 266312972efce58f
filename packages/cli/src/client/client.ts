/** The HTTP API as functions. The command speaks nothing else, with a server or without. */
import { type BenchgenEvent, parseEvent } from "@benchgen/core/wire/event.ts";
import * as api from "@benchgen/core/wire/api.ts";
import { type CaseReference, caseDetailSchema, caseSummarySchema } from "@benchgen/core/wire/case.ts";
import { comparisonSchema } from "@benchgen/core/wire/comparison.ts";
import type { RunId, TokenId, UploadId } from "@benchgen/core/wire/id.ts";
import { type judgeFailuresSchema, judgePassSchema } from "@benchgen/core/wire/judge.ts";
import { caseSegment, referenceSegment } from "@benchgen/core/wire/path.ts";
import { runFailuresSchema, runReportSchema } from "@benchgen/core/wire/report.ts";
import { requireSignedUrl } from "@benchgen/runner/signed-url.ts";
import * as z from "zod";
import { readEvents } from "./event-stream.ts";
import { readJson, requireSuccess } from "./response.ts";
import type { Transport } from "./transport.ts";

export type Query = Readonly<Record<string, string | number | undefined>>;
type Method = "GET" | "POST" | "PATCH" | "DELETE" | "PUT";

export interface ClientOptions {
  readonly transport: Transport;
  readonly url: string;
  readonly token: string | undefined;
  /** Ends requests that are under way. */
  readonly signal: AbortSignal;
}

export interface LeaderboardQuery {
  readonly phase?: string | undefined;
  readonly board?: string | undefined;
  readonly sort?: string | undefined;
  readonly direction?: "asc" | "desc" | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What may be asked of a page: the API's own limit is 200 items. */
export const maxPage = 200;

export class Client {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** A full URL for a path of the API. */
  url(path: string, query: Query = {}): string {
    const url = new URL(`${this.#options.url.replace(/\/+$/, "")}${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url.href;
  }

  #transport(request: Request): Promise<Response> {
    return this.#options.transport(request, this.#options.signal);
  }

  /** Any request of the API. @throws CliError when it does not succeed */
  async #send(
    method: Method,
    path: string,
    options: { query?: Query; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const headers = new Headers(options.headers);
    if (this.#options.token !== undefined) headers.set("authorization", `Bearer ${this.#options.token}`);
    if (options.body !== undefined) headers.set("content-type", "application/json");
    const request = new Request(this.url(path, options.query), {
      method,
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
    });
    const response = await this.#transport(request);
    if (method !== "GET" || response.status !== 303) return requireSuccess(response);
    // A long answer, which the server has put into its store. It is read there by a signed URL, without our token.
    await response.body?.cancel();
    const stored = requireSignedUrl(response.headers.get("location") ?? "", new URL(this.#options.url));
    const answer = await requireSuccess(await this.#transport(new Request(stored)));
    const answered = new Headers(answer.headers);
    // What the server says about the answer, and no store knows: where there is more.
    answered.set("link", response.headers.get("link") ?? "");
    return new Response(answer.body, { status: answer.status, headers: answered });
  }

  async #read<S extends z.ZodType>(schema: S, path: string, query: Query = {}): Promise<z.infer<S>> {
    return readJson(await this.#send("GET", path, { query }), schema);
  }

  async #write<S extends z.ZodType>(
    schema: S,
    path: string,
    body?: unknown,
    method: Method = "POST",
  ): Promise<z.infer<S>> {
    return readJson(await this.#send(method, path, { body }), schema);
  }

  /** Who the token speaks for. */
  whoAmI = () => this.#read(api.identitySchema, "/whoami");
  health = () => this.#read(api.healthSchema, "/health");

  createUpload = (input: z.input<typeof api.createUploadSchema>) =>
    this.#write(api.createdUploadSchema, "/uploads", input);
  getUpload = (id: UploadId) => this.#read(api.uploadSchema, `/uploads/${id}`);
  signUploadParts = (id: UploadId, input: api.SignParts) =>
    this.#write(api.signedPartsSchema, `/uploads/${id}/parts`, input);
  listUploadParts = (id: UploadId) => this.#read(api.arrivedPartsSchema, `/uploads/${id}/parts`);
  completeUpload = (id: UploadId) => this.#write(api.uploadSchema, `/uploads/${id}/complete`);

  /** The bytes of an upload or a part, to the signed URL: every header exactly as given, and no token of ours. */
  async putUpload(
    put: z.infer<typeof api.signedUploadSchema>,
    content: ReadableStream<Uint8Array>,
    size: number,
  ): Promise<void> {
    // With its length stated the body is sent as it is; stores refuse chunked encoding.
    const headers = new Headers({ ...put.headers, "content-length": String(size) });
    const body = { body: content, duplex: "half" } as const;
    const request = new Request(put.url, {
      method: put.method,
      headers,
      ...body,
    });
    await requireSuccess(await this.#transport(request));
  }

  /** The bytes behind a signed URL. */
  async download(url: string): Promise<Response> {
    return requireSuccess(await this.fetchSigned(url));
  }

  /** Whatever a signed URL answers. */
  async fetchSigned(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.#transport(new Request(new URL(url, this.url("/")), { headers }));
  }

  listEnvironments = (query: Query = {}) =>
    this.#read(api.pageOf(api.environmentSchema), "/environments", query);
  getEnvironment = (ref: string) => this.#read(api.environmentSchema, environmentPath(ref));
  setVisibility = (ref: string, visibility: "private" | "public") =>
    this.#write(api.environmentSchema, environmentPath(ref), { visibility }, "PATCH");
  listVersions = (ref: string, query: Query = {}) =>
    this.#read(api.pageOf(api.versionSchema), `${environmentPath(ref)}/versions`, query);
  getVersion = (ref: string, number: number) =>
    this.#read(api.versionSchema, `${environmentPath(ref)}/versions/${number}`);
  forcePublish = (ref: string, number: number) =>
    this.#write(api.versionSchema, `${environmentPath(ref)}/versions/${number}/publish`, {
      despiteFailedSolution: true,
    });
  downloadBundle = (ref: string, number: number) =>
    this.#send("GET", `${environmentPath(ref)}/versions/${number}/bundle`);
  listBundle = (ref: string, number: number) =>
    this.#read(api.bundleListingSchema, `${environmentPath(ref)}/versions/${number}/bundle/files`);
  /** A phase's starting kit or public data. */
  getDownload = (ref: string, number: number, file: string) =>
    this.#read(
      api.downloadSchema,
      `${environmentPath(ref)}/versions/${number}/files/${file.split("/").map(encodeURIComponent).join("/")}`,
    );

  createSubmission = (uploadId: UploadId) => this.#write(api.submissionSchema, "/submissions", { uploadId });

  startRun = (input: api.CreateRun) => this.#write(api.runSchema, "/runs", input);
  listRuns = (query: Query = {}) => this.#read(api.pageOf(api.runSchema), "/runs", query);
  getRun = (id: RunId) => this.#read(api.runSchema, `/runs/${id}`);
  /** The run, with how far its programs say they are. */
  watchRun = (id: RunId) => this.#read(api.runSchema, `/runs/${id}`, { progress: "true" });
  cancelRun = (id: RunId) => this.#write(api.runSchema, `/runs/${id}/cancel`);
  retryRun = (id: RunId) => this.#write(api.runSchema, `/runs/${id}/retry`);
  readLogs = (id: RunId, cursor?: string) =>
    this.#read(api.runLogsSchema, `/runs/${id}/logs`, { cursor, limit: 1000 });
  listCases = (id: RunId, query: Query = {}) =>
    this.#read(api.pageOf(caseSummarySchema), `/runs/${id}/cases`, query);
  getCase = (run: RunId, { task, id, epoch }: CaseReference) =>
    this.#read(caseDetailSchema, `/runs/${run}/cases/${task}/${caseSegment.build(id)}`, { epoch });
  exportCases = (id: RunId, query: Query) => this.#send("GET", `/runs/${id}/cases/export`, { query });
  /** @param bootstrap the seed of bootstrap intervals */
  getReport = (id: RunId, bootstrap?: number) =>
    this.#read(runReportSchema, `/runs/${id}/report`, { bootstrap });
  getFailures = (id: RunId) => this.#read(runFailuresSchema, `/runs/${id}/failures`);
  judgeFailures = (id: RunId, input: z.input<typeof judgeFailuresSchema>) =>
    this.#write(judgePassSchema, `/runs/${id}/failures/judge`, input);
  compareRuns = (ids: readonly RunId[], examples?: number) =>
    this.#read(comparisonSchema, "/compare", { runs: ids.join(","), examples });
  listRunFiles = async (id: RunId) =>
    (await this.#read(z.object({ items: z.array(api.runFileSchema) }), `/runs/${id}/files`)).items;

  readLeaderboard = (ref: string, query: LeaderboardQuery) =>
    this.#read(api.leaderboardSchema, `${environmentPath(ref)}/leaderboard`, { ...query });
  exportLeaderboard = (ref: string, query: { format: "csv" | "json" } & LeaderboardQuery) =>
    this.#send("GET", `${environmentPath(ref)}/leaderboard`, { query: { ...query } });

  addModel = (input: api.CreateModel) => this.#write(api.modelSchema, "/models", input);
  listModels = (query: Query = {}) => this.#read(api.pageOf(api.modelSchema), "/models", query);
  getModel = (name: string) => this.#read(api.modelSchema, modelPath(name));
  testModel = (name: string) => this.#write(api.modelTestSchema, `${modelPath(name)}/test`);
  async removeModel(name: string): Promise<void> {
    await this.#send("DELETE", modelPath(name));
  }

  createToken = (input: z.input<typeof api.createTokenSchema>) =>
    this.#write(api.createdTokenSchema, "/tokens", input);
  listTokens = (query: Query = {}) => this.#read(api.pageOf(api.tokenSchema), "/tokens", query);
  async revokeToken(id: TokenId): Promise<void> {
    await this.#send("DELETE", `/tokens/${id}`);
  }

  /** What happens from now on. The answer comes once the server listens, so nothing after it is missed. */
  async followEvents(): Promise<AsyncGenerator<BenchgenEvent>> {
    const response = await this.#send("GET", "/events", { headers: { accept: "text/event-stream" } });
    // Piped, because Node 24 loses a fetch's abort once the response has begun and garbage was collected.
    const { signal } = this.#options;
    return parsedEvents(
      response.body?.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal }),
    );
  }
}

async function* parsedEvents(body: AsyncIterable<Uint8Array> | undefined): AsyncGenerator<BenchgenEvent> {
  if (body === undefined) return;
  for await (const { data } of readEvents(body)) yield parseEvent(JSON.parse(data));
}

/** Every page of a list, one item at a time. */
export async function* everyItem<T>(
  readPage: (query: Query) => Promise<{ items: readonly T[]; cursor?: string | undefined }>,
  query: Query = {},
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await readPage({ limit: maxPage, ...query, cursor });
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

function modelPath(name: string): string {
  return `/models/${encodeURIComponent(name)}`;
}

function environmentPath(ref: string): string {
  return `/environments/${referenceSegment.build(ref)}`;
}
