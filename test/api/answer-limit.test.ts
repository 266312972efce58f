/** Answers where whoever delivers them takes no more than so many bytes: API Gateway and Lambda. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openZip } from "@benchgen/core/bundle/zip-archive.ts";
import { bytesSource } from "@benchgen/core/bundle/byte-source.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestApi, echoBundle, openApi } from "../support/api.ts";

const maxAnswerBytes = 40;
const bundle = "/environments/echo/versions/1/bundle";

/** With a page that a browser must not run at the store. */
const files = { ...echoBundle, "pages/live.html": "<script>alert(1)</script>".repeat(10) };

const dir = mkdtempSync(join(tmpdir(), "benchgen-answers-"));
let api: TestApi;
let author: string;

beforeAll(async () => {
  chmodSync(dir, 0o755);
  const unlimited = await openApi({ dir });
  author = await unlimited.token("ada", "author");
  expect(await unlimited.upload(author, "bundle", files)).toMatchObject({ status: "accepted" });
  await unlimited.close();
  api = await openApi({ dir, maxAnswerBytes });
});

afterAll(async () => {
  await api.close();
  rmSync(dir, { recursive: true });
});

async function redirectOf(path: string): Promise<string> {
  const answer = await api.call("GET", path, { token: author });
  expect([answer.status, await answer.text()]).toEqual([303, ""]);
  return answer.headers.get("location")!;
}

async function madeKeys(): Promise<string[]> {
  return (await api.local.ports.blobs.list("made/")).items.map(({ key }) => key);
}

describe("an answer that is too long", () => {
  it("is read from the store without a token, as the file it is", async () => {
    const file = await api.call("GET", await redirectOf(bundle));
    expect(file.headers.get("content-type")).toBe("application/zip");
    expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="echo-v1.zip"/);
    const { entries } = await openZip(bytesSource(new Uint8Array(await file.arrayBuffer())));
    expect([...entries].map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(echoBundle)));
  });

  it("is made once for all who ask for the same", async () => {
    await redirectOf(bundle);
    const before = await madeKeys();
    await redirectOf(bundle);
    expect(await madeKeys()).toEqual(before);
  });

  it.each([
    ["/environments/echo/versions/1", "application/json"],
    ["/environments/echo/leaderboard", "application/json"],
    ["/environments/echo/leaderboard?format=csv", "text/csv; charset=utf-8"],
    ["/environments/echo/versions/1/pages/pages/live.html", "text/html; charset=utf-8"],
  ])("%s", async (path, type) => {
    const file = await api.call("GET", await redirectOf(path));
    expect(file.headers.get("content-type")).toBe(type);
    expect(file.headers.get("content-disposition")).toMatch(/^attachment;/);
    expect((await file.text()).length).toBeGreaterThan(maxAnswerBytes);
  });

  it("that one may not read is refused, not stored", async () => {
    const before = await madeKeys();
    const answer = await api.call("GET", bundle, { token: await api.token("rea", "read") });
    expect(answer.status).toBe(403);
    expect(await madeKeys()).toEqual(before);
  });
});

it("an answer that is not too long is itself", async () => {
  const before = await madeKeys();
  const answer = await api.call("GET", "/health");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await answer.json()).toEqual({ status: "ok", version: "0" });
  expect(await madeKeys()).toEqual(before);
});

it("a stream of events stays a stream", async () => {
  const answer = await api.call("GET", "/events", {
    token: author,
    headers: { accept: "text/event-stream" },
  });
  expect(answer.status).toBe(200);
  await answer.body!.cancel();
});
