/** Large uploads by the command: interrupted, killed, and over a bad line. What is large here are a few kilobytes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultUploadPolicy } from "@benchgen/core/upload/part-plan.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestApi, openApi } from "../support/api.ts";
import { runCommand, startCommand } from "../support/command.ts";
import { type Listening, serveFetch } from "../support/http.ts";
import { writeBundle } from "./bundle.ts";

let home: string;
let api: TestApi;
let server: Listening;
let token: string;
/** What becomes of the PUT of a part; told which one it is, counted over the whole test. */
let onPart: (count: number) => Promise<"take" | "refuse">;
let seen = 0;
/** Whether the next answer to a completed upload never reaches the command. */
let loseCompletion = false;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-parts-"));
  api = await openApi({
    uploadPolicy: { ...defaultUploadPolicy, onePutBytes: 100, partBytes: 128 },
    baseUrl: () => server.url,
  });
  const answer = async (request: Request): Promise<Response> => {
    const isPart = request.method === "PUT" && new URL(request.url).searchParams.has("part");
    if (isPart && (await onPart(++seen)) === "refuse") return new Response("busy", { status: 503 });
    const response = await api.fetch(request);
    if (!loseCompletion || !request.url.endsWith("/complete")) return response;
    loseCompletion = false;
    return new Response("too late", { status: 504 });
  };
  server = await serveFetch(answer);
  token = await api.token("ada", "author");
});
afterAll(async () => {
  await server.close();
  await api.close();
  await rm(home, { recursive: true, force: true });
});

const options = () => ({
  home: join(home, "client"),
  environment: { BENCHGEN_URL: server.url, BENCHGEN_TOKEN: token, TMPDIR: home },
});
const bundle = (name: string) => writeBundle(join(home, name), `# ${name}\necho '{"accuracy": 1}' > "$2/s"`);

/** Starts a push whose parts, after so many, are held until it has ended. */
async function pushUntil(parts: number, path: string, signal: "SIGKILL" | "SIGINT") {
  const ended = Promise.withResolvers<void>();
  const stuck = Promise.withResolvers<void>();
  const before = seen;
  onPart = async (count) => {
    if (count - before <= parts) return "take";
    // Four are sent at a time: once that many wait, those before have arrived.
    if (count - before === parts + 4) stuck.resolve();
    await ended.promise;
    return "refuse";
  };
  const push = startCommand(["push", path], options());
  await stuck.promise;
  push.child.kill(signal);
  const result = await push.result;
  ended.resolve();
  return result;
}

it.each(["SIGKILL", "SIGINT"] as const)("goes on where it was stopped by %s", async (signal) => {
  const path = await bundle(signal.toLowerCase());
  const stopped = await pushUntil(3, path, signal);
  const kept = /3 of (\d+) parts are there, and kept: go on with the same command/.exec(stopped.stderr);
  if (signal === "SIGINT") expect([stopped.code, kept?.[0]]).toEqual([130, expect.any(String)]);
  const before = seen;
  onPart = async () => "take";
  const again = await runCommand(["push", path], options());
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("published") });
  const [, count = 0] = /Continuing: 3 of (\d+) parts are there\n/.exec(again.stderr) ?? [];
  expect(seen - before).toBe(Number(count) - 3);
});

it("sends a part again that a server could not take", async () => {
  let refused = 0;
  onPart = async (count) => (count % 7 === 3 && ++refused <= 3 ? "refuse" : "take");
  const path = await bundle("again");
  expect(await runCommand(["push", path, "--quiet"], options())).toMatchObject({ code: 0, stderr: "" });
  expect(refused).toBeGreaterThan(0);
});

it("asks again when it does not learn that the upload is complete", async () => {
  onPart = async () => "take";
  loseCompletion = true;
  const path = await bundle("complete");
  expect(await runCommand(["push", path, "--quiet"], options())).toMatchObject({ code: 0, stderr: "" });
  expect(loseCompletion).toBe(false);
});
