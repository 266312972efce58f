import { createHash } from "node:crypto";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createToken } from "@benchgen/core/access/token.ts";
import { goodBundle, zipBytes } from "@benchgen/core/bundle/fixture.ts";
import { createIds } from "@benchgen/core/port/id.ts";
import type { UploadId } from "@benchgen/core/wire/id.ts";
import { openDeployment } from "./deployment.ts";
import { authorizerEvent, type HttpRequest, httpEvent } from "./event.ts";

const ids = createIds();
const deployment = await openDeployment();

if (typeof deployment === "string") {
  it("NOT TESTED: the functions, for want of a stand-in", ({ skip }) => skip(deployment));
} else {
  const { table, bucket, machineArn } = deployment;
  afterAll(() => deployment.close());

  const clock = { now: () => new Date() };
  const admin = { workspace: "main", name: "ada", scope: "admin" } as const;
  const token = async (name: string) =>
    (await createToken({ table, clock, ids }, admin, { name, scope: "author" })).secret;
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

  /** A function as a fresh process has it. */
  const cold = async (name: string) => {
    vi.resetModules();
    const path = `../../packages/functions/src/${name}.ts`;
    return ((await import(path)) as { handler: (event: unknown) => Promise<unknown> }).handler;
  };
  const authorizer = await cold("authorizer");
  const context = async (secret: string) =>
    ((await authorizer(authorizerEvent(bearer(secret)))) as { context: object }).context;

  interface Answer {
    readonly status: number;
    readonly type: string | undefined;
    readonly body: Record<string, unknown>;
  }
  const ask = async (
    handler: (event: unknown) => Promise<unknown>,
    request: HttpRequest,
  ): Promise<Answer> => {
    const { statusCode, headers, body } = (await handler(httpEvent(request))) as {
      statusCode: number;
      headers: Record<string, string>;
      body: string;
    };
    return {
      status: statusCode,
      type: headers["content-type"],
      body: JSON.parse(body) as Record<string, unknown>,
    };
  };

  describe("the authorizer", () => {
    it("lets every request through, with who sends it or why nobody does", async () => {
      const secret = await token("grace");
      const admitted = (await authorizer(authorizerEvent(bearer(secret)))) as {
        isAuthorized: boolean;
        context: { principal: string };
      };
      expect(admitted.isAuthorized).toBe(true);
      expect(JSON.parse(admitted.context.principal)).toMatchObject({ name: "grace", scope: "author" });
      for (const [headers, code] of [
        [{}, "token_missing"],
        [{ authorization: "Basic YTpi" }, "token_missing"],
        [{ authorization: "Bearer bg_unknown" }, "token_invalid"],
        [bearer("x".repeat(600)), "token_invalid"],
      ] as const) {
        const { isAuthorized, context } = (await authorizer(authorizerEvent(headers))) as {
          isAuthorized: boolean;
          context: { refused: string };
        };
        expect(isAuthorized).toBe(true);
        expect(JSON.parse(context.refused)).toMatchObject({ code });
      }
    });
  });

  describe("the API", () => {
    it("answers what needs no token, and knows the principal where the authorizer names one", async () => {
      const api = await cold("api");
      expect(await ask(api, { path: "/health" })).toMatchObject({ status: 200, body: { status: "ok" } });
      const authorizer = await context(await token("grace"));
      expect(await ask(api, { path: "/whoami", authorizer })).toMatchObject({ body: { name: "grace" } });
    });

    it("answers what the authorizer refused as problems, and lets nobody in whom it has not seen", async () => {
      const api = await cold("api");
      const refused = await ask(api, { path: "/environments", authorizer: await context("bg_unknown") });
      expect(refused).toMatchObject({
        status: 401,
        type: "application/problem+json",
        body: { code: "token_invalid" },
      });
      const secret = await token("grace");
      const principal = JSON.stringify({ name: "eve", workspace: "main", scope: "admin" });
      const unseen = await ask(api, { path: "/environments", headers: { ...bearer(secret), principal } });
      expect(unseen).toMatchObject({ status: 401, body: { code: "token_unchecked" } });
    });

    it("says that the platform failed when the authorizer could not look", async () => {
      const api = await cold("api");
      const refused = JSON.stringify({ name: "PlatformFault", code: "aws_failed", message: "Throttled." });
      const answer = await ask(api, { path: "/environments", authorizer: { refused } });
      expect(answer).toMatchObject({ status: 503, body: { code: "aws_failed" } });
    });

    it("reads bodies in base64, and gives cursors that a fresh process understands", async () => {
      const authorizer = await context(await token("grace"));
      const body = (index: number) =>
        Buffer.from(JSON.stringify({ name: `p${index}`, scope: "read" })).toString("base64");
      const adminContext = { principal: JSON.stringify(admin) };
      const first = await cold("api");
      for (const index of [1, 2]) {
        const request = { method: "POST", path: "/tokens", base64: true, authorizer: adminContext } as const;
        expect(await ask(first, { ...request, body: body(index) })).toMatchObject({ status: 201 });
      }
      const list = { path: "/tokens", authorizer: adminContext };
      const page = await ask(first, { ...list, query: "limit=1" });
      const query = `limit=1&cursor=${String(page.body["cursor"])}`;
      const next = await ask(await cold("api"), { ...list, query });
      expect(next).toMatchObject({ status: 200 });
      expect(next.body["items"]).not.toEqual(page.body["items"]);
      expect(await ask(first, { ...list, query: `${query}x` })).toMatchObject({ status: 400 });
      expect(await ask(first, { ...list, authorizer })).toMatchObject({ status: 403 });
    });

    it("answers a problem when it cannot begin, and tries again with the next request", async () => {
      vi.stubEnv("BENCHGEN_TABLE", "none");
      expect(await ask(await cold("api"), { path: "/health" })).toMatchObject({
        status: 503,
        type: "application/problem+json",
      });
      vi.unstubAllEnvs();
      vi.stubEnv("BENCHGEN_CLUSTER", "");
      const api = await cold("api");
      expect(await ask(api, { path: "/health" })).toMatchObject({ status: 500 });
      vi.unstubAllEnvs();
      expect(await ask(api, { path: "/health" })).toMatchObject({ status: 200 });
    });
  });

  describe("uploads", () => {
    const created = (key: string, name = bucket) => ({
      version: "0",
      id: "17793124-05d4-b198-2fde-7ededc63b103",
      "detail-type": "Object Created",
      source: "aws.s3",
      region: "us-east-1",
      resources: [`arn:aws:s3:::${name}`],
      detail: {
        version: "0",
        bucket: { name },
        object: { key, size: 5, etag: "b1946ac92492d2347c6235b4d2611184", sequencer: "00617F08299329D189" },
        reason: "PutObject",
      },
    });
    const validated = (uploadId: UploadId) => ({
      "detail-type": "Upload Validated",
      source: "benchgen",
      detail: {
        id: `validated-${uploadId}`,
        time: "2026-01-01T00:00:00.000Z",
        version: 1,
        uploadId,
        workspace: "main",
      },
    });

    async function upload(bytes: Uint8Array): Promise<UploadId> {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const body = JSON.stringify({ kind: "bundle", filename: "b.zip", size: bytes.length, sha256 });
      const authorizer = await context(await token("grace"));
      const answer = await ask(await cold("api"), { method: "POST", path: "/uploads", body, authorizer });
      expect(answer.status).toBe(201);
      const { upload, put } = answer.body as {
        upload: { id: UploadId };
        put: { url: string; headers: Record<string, string> };
      };
      const sent = await fetch(put.url, { method: "PUT", headers: put.headers, body: Buffer.from(bytes) });
      expect(sent.ok).toBe(true);
      return upload.id;
    }
    async function read(id: UploadId): Promise<Record<string, unknown>> {
      const authorizer = await context(await token("grace"));
      return (await ask(await cold("api"), { path: `/uploads/${id}`, authorizer })).body;
    }

    it("are validated and published, however often and in whatever order the events come", async () => {
      const [validate, publish] = [await cold("validate"), await cold("publish")];
      const id = await upload(await zipBytes(goodBundle));
      await expect(publish(validated(id))).rejects.toMatchObject({ name: "PlatformFault" });
      await validate(created(`uploads/${id}.zip`));
      await validate(created(`uploads/${id}.zip`));
      expect(await read(id)).toMatchObject({ status: "checking" });
      await publish(validated(id));
      await publish(validated(id));
      await validate(created(`uploads/${id}.zip`));
      expect(await read(id)).toMatchObject({ status: "accepted" });
    });

    it("that are no zip end rejected, with the finding", async () => {
      const id = await upload(Buffer.from("no zip at all, whatever its name"));
      await (
        await cold("validate")
      )(created(`uploads/${id}.zip`));
      expect(await read(id)).toMatchObject({ status: "rejected", findings: [{ level: "error" }] });
    });

    it("that nobody announced are done; objects that are none of ours are ignored", async () => {
      const validate = await cold("validate");
      await expect(validate(created(`uploads/${ids.next("upl")}.zip`))).resolves.toBeUndefined();
      await expect(validate(created("uploads/../blobs/x.zip"))).resolves.toBeUndefined();
      await expect(validate(created(`uploads/${ids.next("upl")}.zip`, "other"))).resolves.toBeUndefined();
      await expect((await cold("publish"))(validated(ids.next("upl")))).resolves.toBeUndefined();
    });

    it("are not touched by events of another shape", async () => {
      const [validate, publish] = [await cold("validate"), await cold("publish")];
      for (const event of [undefined, {}, { detail: { bucket: { name: bucket }, object: { key: 7 } } }]) {
        await expect(validate(event)).rejects.toMatchObject({ name: "ZodError" });
        await expect(publish(event)).rejects.toMatchObject({ name: "ZodError" });
      }
    });
  });

  describe("runs", () => {
    const changed = (detail: object) => ({
      "detail-type": "Step Functions Execution Status Change",
      source: "aws.states",
      detail: {
        executionArn: "arn:aws:states:us-east-1:123456789012:execution:benchgen-test-run:any",
        stateMachineArn: machineArn,
        status: "ABORTED",
        startDate: 1_551_225_146_847,
        stopDate: 1_551_225_151_881,
        input: "{}",
        output: null,
        error: null,
        cause: null,
        ...detail,
      },
    });

    it("steps throw what the state machine matches on, and what a person is told", async () => {
      const runId = ids.next("run");
      for (const name of ["plan", "merge", "finish"]) {
        const thrown = (await cold(name))({ runId }).catch((error: unknown) => error);
        expect(await thrown).toMatchObject({ name: "NotFound" });
        expect(JSON.parse(((await thrown) as Error).message)).toMatchObject({ code: "not_found" });
      }
    });

    it("of other machines, of no run of ours and of unknown runs are no failure of an execution's end", async () => {
      const handler = await cold("failed-execution");
      for (const detail of [
        { name: ids.next("run") },
        { name: "../../run" },
        { name: ids.next("run"), stateMachineArn: "arn:another" },
      ]) {
        await expect(handler(changed(detail))).resolves.toBeUndefined();
      }
      await expect(handler(changed({ name: ids.next("run"), status: "RUNNING" }))).rejects.toMatchObject({
        name: "ZodError",
      });
    });

    it("are swept without a failure when nothing is open", async () => {
      await expect((await cold("sweep"))({})).resolves.toBeUndefined();
    });
  });

  it("what is logged is one line of JSON for each event, and never a token", async () => {
    const written: string[] = [];
    const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    const secret = await token("grace");
    await authorizer(authorizerEvent(bearer(secret)));
    const api = await cold("api");
    await ask(api, {
      path: "/whoami",
      query: "x=y",
      headers: bearer(secret),
      authorizer: await context(secret),
    });
    spy.mockRestore();
    const lines = written.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(lines.map(({ level, message }) => `${String(level)} ${String(message)}`)).toEqual([
      "info authorizer",
      "info authorizer",
      "info api",
    ]);
    expect(lines[2]).toMatchObject({ method: "GET", path: "/whoami", status: 200 });
    expect(written.join("")).not.toContain(secret);
  });
}
