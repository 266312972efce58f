/** The API over the real local adapters, in this process: what its clients see, without a socket. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "@benchgen/api/app.ts";
import { bearerAuth } from "@benchgen/api/bearer.ts";
import { authenticate, createToken } from "@benchgen/core/access/token.ts";
import { writeZip } from "@benchgen/core/bundle/zip-writer.ts";
import { createdUploadSchema, uploadSchema, type Scope, type Upload } from "@benchgen/core/wire/api.ts";
import { openLocal } from "@benchgen/local/open.ts";
import { expect } from "vitest";

const url = "http://benchgen.invalid";

export interface Call {
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export type TestApi = Awaited<ReturnType<typeof openApi>>;

/** @returns the API over a directory of its own, gone after `close` */
export async function openApi() {
  const dir = mkdtempSync(join(tmpdir(), "benchgen-api-"));
  const unexpected: unknown[] = [];
  const local = await openLocal({ dir, baseUrl: () => url, warn: (message) => unexpected.push(message) });
  const app = createApi({
    ports: local.ports,
    events: local.events,
    blobRoutes: (request) => local.blobRoutes(request),
    authenticate: bearerAuth((secret) => authenticate(local.ports, secret)),
    onError: (error) => unexpected.push(error),
    version: "0",
    logPollMs: 20,
  });

  const call = async (method: string, path: string, { token, body, headers }: Call = {}): Promise<Response> =>
    app.request(new URL(path, url), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  return {
    local,
    call,

    /** A token's secret, made as the operator of the machine would. */
    async token(name: string, scope: Scope, workspace = "lab"): Promise<string> {
      const operator = { workspace, name: "operator", scope: "admin" } as const;
      const made = await createToken(local.ports, operator, { name, scope, expiresInDays: 1 });
      return made.secret;
    },

    /** Announces the files as one zip, sends it to the signed URL, and waits for what becomes of it. */
    async upload(token: string, kind: Upload["kind"], files: Record<string, string>): Promise<Upload> {
      const zip = await pack(files);
      const sha256 = createHash("sha256").update(zip).digest("hex");
      const announced = await call("POST", "/uploads", {
        token,
        body: { kind, filename: `${kind}.zip`, size: zip.length, sha256 },
      });
      expect(announced.status).toBe(201);
      const { upload, put } = createdUploadSchema.parse(await announced.json());
      expect(announced.headers.get("location")).toBe(`/uploads/${upload.id}`);
      const headers = { ...put.headers, "content-length": String(zip.length) };
      expect((await app.request(put.url, { method: put.method, headers, body: zip })).status).toBe(200);
      return until(
        async () => uploadSchema.parse(await (await call("GET", `/uploads/${upload.id}`, { token })).json()),
        ({ status }) => status !== "waiting" && status !== "checking",
      );
    },

    /** Fails the test when the server had an error of its own, or a warning for its operator. */
    async close(): Promise<void> {
      await local.close();
      rmSync(dir, { recursive: true });
      expect(unexpected).toEqual([]);
    },
  };
}

export async function pack(files: Record<string, string>): Promise<Buffer<ArrayBuffer>> {
  const members = Object.entries(files).map(([path, text]) => ({
    path,
    open: async () => once(new TextEncoder().encode(text)),
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
