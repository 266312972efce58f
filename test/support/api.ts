/** The API over the real local adapters, in this process: what its clients see, without a socket. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiOptions, createApi } from "@benchgen/api/app.ts";
import { bearerAuth } from "@benchgen/api/bearer.ts";
import { authenticate, createToken } from "@benchgen/core/access/token.ts";
import { writeZip } from "@benchgen/core/bundle/zip-writer.ts";
import type { SignedUpload } from "@benchgen/core/ports.ts";
import {
  createdUploadSchema,
  uploadSchema,
  type CreateUpload,
  type Run,
  type Scope,
  type Upload,
} from "@benchgen/core/wire/api.ts";
import { gatewayServer } from "@benchgen/cli/host/gateway-socket.ts";
import { type Local, type LocalOptions, openLocal } from "@benchgen/local/open.ts";

const url = "http://benchgen.invalid";

export interface Call {
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export type TestApiOptions = Partial<LocalOptions> &
  Pick<ApiOptions, "uploadPolicy" | "maxAnswerBytes" | "maxPackedBytes">;

/** What `POST /uploads` answers for what is sent in one PUT. */
export const announcedSchema = createdUploadSchema.required();

/** Member paths to their content. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** The API wherever it runs, as its clients use it. */
export interface RemoteApi {
  call(method: string, path: string, call?: Call): Promise<Response>;
  /** Sends bytes to a signed URL. */
  put(
    signed: SignedUpload,
    body: NonNullable<RequestInit["body"]>,
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** Announces the files as one zip, sends it to the signed URL, and waits for what becomes of it. */
  upload(token: string, kind: Upload["kind"], files: Files, more?: Partial<CreateUpload>): Promise<Upload>;
  /** Resolves when everything that follows from the run's end is done. */
  waitForRun(id: Run["id"]): Promise<unknown>;
  close(): Promise<void>;
}

export type TestApi = Awaited<ReturnType<typeof openApi>>;

/** @returns the API over a directory of its own, gone after `close`; or over the one given, which stays */
export async function openApi({
  uploadPolicy,
  maxAnswerBytes,
  maxPackedBytes,
  ...options
}: TestApiOptions = {}) {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "benchgen-api-"));
  // Where the programs' user can reach it, jobs run inside it, and go with it.
  if (options.dir === undefined) chmodSync(dir, 0o755);
  const unexpected: unknown[] = [];
  const warn = (message: string) => unexpected.push(message);
  const serveGateway = gatewayServer(() => ({
    ports: local.ports,
    onError: (error) => unexpected.push(error),
  }));
  const local: Local = await openLocal({ baseUrl: () => url, warn, serveGateway, ...options, dir });
  const app = createApi({
    ports: local.ports,
    events: local.events,
    blobRoutes: (request) => local.blobRoutes(request),
    authenticate: bearerAuth((secret) => authenticate(local.ports, secret)),
    onError: (error) => unexpected.push(error),
    version: "0",
    logPollMs: 20,
    ...(uploadPolicy && { uploadPolicy }),
    ...(maxAnswerBytes !== undefined && { maxAnswerBytes }),
    ...(maxPackedBytes !== undefined && { maxPackedBytes }),
  });

  const call = async (method: string, path: string, call: Call = {}): Promise<Response> =>
    app.request(new URL(path, url), requestOf(method, call));

  const put = async (
    signed: SignedUpload,
    body: NonNullable<RequestInit["body"]>,
    headers: Record<string, string> = {},
  ) =>
    app.request(signed.url, {
      method: signed.method,
      headers: { ...signed.headers, ...headers },
      body,
      ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
    });

  return {
    dir,
    local,
    fetch: app.fetch,
    call,
    put,

    /** A token's secret, made as the operator of the machine would. */
    async token(name: string, scope: Scope, workspace = "lab"): Promise<string> {
      const operator = { workspace, name: "operator", scope: "admin" } as const;
      const made = await createToken(local.ports, operator, { name, scope, expiresInDays: 1 });
      return made.secret;
    },

    upload: uploadThrough({ call, put }),

    waitForRun: (id: Run["id"]) => local.waitForRun(id),

    /** Fails the test when the server had an error of its own, or a warning for its operator. */
    async close(): Promise<void> {
      await local.close();
      if (options.dir === undefined) rmSync(dir, { recursive: true });
      assert.deepEqual(unexpected, []);
    },
  };
}

/**
 * The API over HTTP, as any client outside has it.
 * @param settle waits until everything that follows from a run's end is done; by default nothing can
 */
export function remoteApi(url: string, settle: () => Promise<void> = () => Promise.resolve()): RemoteApi {
  const call: RemoteApi["call"] = (method, path, call = {}) =>
    fetch(new URL(path, url), requestOf(method, call));
  const put: RemoteApi["put"] = (signed, body, headers = {}) =>
    fetch(signed.url, { method: signed.method, headers: { ...signed.headers, ...headers }, body });
  const upload = uploadThrough({ call, put });
  return { call, put, upload, waitForRun: settle, close: () => Promise.resolve() };
}

function requestOf(method: string, { token, body, headers }: Call): RequestInit {
  return {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

/** The three steps of an upload, through an API wherever it runs. */
function uploadThrough({ call, put }: Pick<RemoteApi, "call" | "put">): RemoteApi["upload"] {
  return async (token, kind, files, more = {}) => {
    const zip = await pack(files);
    const sha256 = createHash("sha256").update(zip).digest("hex");
    const announced = await call("POST", "/uploads", {
      token,
      body: { kind, filename: `${kind}.zip`, size: zip.length, sha256, ...more },
    });
    assert.equal(announced.status, 201);
    const { upload, put: signed } = announcedSchema.parse(await announced.json());
    assert.equal(announced.headers.get("location"), `/uploads/${upload.id}`);
    assert.equal((await put(signed, zip)).status, 200);
    return until(
      async () => uploadSchema.parse(await (await call("GET", `/uploads/${upload.id}`, { token })).json()),
      ({ status }) => status !== "waiting" && status !== "checking",
    );
  };
}

export async function pack(files: Files): Promise<Buffer<ArrayBuffer>> {
  const members = Object.entries(files).map(([path, content]) => ({
    path,
    open: async () => once(typeof content === "string" ? new TextEncoder().encode(content) : content),
  }));
  return Buffer.concat(await Array.fromAsync(writeZip(members)));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Asks again until it is so. The test's own time limit is the only one. */
export async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A predictions environment whose scoring program needs nothing but `sh`: accuracy is what the submission says. */
export const echoBundle: Record<string, string> = {
  "competition.yaml": `version: 2
title: Echo
image: logo.svg
terms: terms.md
pages:
  - title: Overview
    file: pages/overview.md
  - title: Live
    file: pages/live.html
phases:
  - index: 0
    name: Main
    start: 2020-01-01
    tasks: [0]
tasks:
  - index: 0
    name: Echo
    scoring_program: scoring_program
    reference_data: reference_data
leaderboards:
  - title: Results
    key: main
    submission_rule: Add_And_Delete_Multiple
    columns:
      - title: Accuracy
        key: accuracy
        index: 0
        sorting: desc
`,
  "logo.svg": `<svg xmlns="http://www.w3.org/2000/svg"/>`,
  "terms.md": "Be kind.\n",
  "pages/overview.md": "# Echo\n",
  "pages/live.html": "<script>alert(1)</script>\n",
  "reference_data/answers.txt": "secret\n",
  "scoring_program/metadata.yaml": "command: sh $program/score.sh $input $output\n",
  "scoring_program/score.sh": `echo "scoring $(cat "$1/res/answer.txt")"
printf '{"accuracy": %s}' "$(cat "$1/res/answer.txt")" > "$2/scores.json"
`,
};
