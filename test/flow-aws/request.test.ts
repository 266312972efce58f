import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { problemSchema, uploadSchema } from "@benchgen/core/wire/api.ts";
import { announcedSchema, until } from "../support/api.ts";
import { bundleFiles, scored } from "../support/bundle.ts";
import type { Actor } from "../support/pipeline.ts";
import { describeDeployment } from "./environment.ts";

/** Announces bytes as a bundle, sends them, and waits for the verdict. */
async function sendBundle(author: Actor, bytes: Buffer<ArrayBuffer>) {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const body = { kind: "bundle", filename: "bundle.zip", size: bytes.length, sha256 };
  const { upload, put } = await author.json(announcedSchema, "POST", "/uploads", body);
  expect((await author.api.put(put, bytes)).status).toBe(200);
  return until(
    () => author.json(uploadSchema, "GET", `/uploads/${upload.id}`),
    ({ status }) => status !== "waiting" && status !== "checking",
  );
}

describeDeployment("a request to a deployment", (deployment) => {
  it("with bytes that are no zip ends in a rejected upload that says so, and an event", async () => {
    const { actor, events, settled } = deployment();
    const ada = await actor("ada", "author");
    const upload = await sendBundle(ada, Buffer.from("this is no zip"));
    expect(upload).toMatchObject({ status: "rejected", findings: [{ level: "error" }] });
    await settled();
    const told = events.events.find(({ event }) => event.detail["id"] === `rejected-${upload.id}`);
    expect(told?.event["detail-type"]).toBe("Environment Rejected");
  });

  it("with a zip without a manifest ends in a rejected upload that says what is missing", async () => {
    const ada = await deployment().actor("ada", "author");
    const upload = await ada.api.upload(ada.token, "bundle", { "readme.txt": "hello" });
    expect(upload.status).toBe("rejected");
    expect(JSON.stringify(upload.findings)).toContain("competition.yaml");
  });

  it("to upload more than anything may have is refused before a byte is sent", async () => {
    const ada = await deployment().actor("ada", "author");
    const sha256 = "0".repeat(64);
    const body = { kind: "bundle", filename: "huge.zip", size: 2 ** 50, sha256 };
    expect(await ada.problem("POST", "/uploads", body)).toMatchObject({ status: 422 });
  });

  it("to send other bytes than were announced, or too late, is refused, and nothing is lost", async () => {
    const { actor, proxy, blobs } = deployment();
    const ada = await actor("ada", "author");
    const bytes = Buffer.from("this is no zip");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const body = { kind: "bundle", filename: "bundle.zip", size: bytes.length, sha256 };
    const { upload, put } = await ada.json(announcedSchema, "POST", "/uploads", body);
    const longer = `${bytes.toString()} and more`;
    // Said truly: HTTP itself has no way to send more than the length that is said.
    const asLong = { "content-length": String(longer.length) };
    expect((await ada.api.put(put, longer, asLong)).status).toBe(403);
    expect((await ada.api.put(put, "this is no zap")).status).toBe(400);
    proxy.clockAheadMs = 8 * 86_400_000;
    expect((await ada.api.put(put, bytes)).status).toBe(403);
    proxy.clockAheadMs = 0;
    expect((await blobs.list(`uploads/${upload.id}`)).items).toEqual([]);
    expect((await ada.api.put(put, bytes)).status).toBe(200);
  });

  it("whose body is too large is answered with a problem", async () => {
    const ada = await deployment().actor("ada", "author");
    const name = "x".repeat(1024 ** 2);
    expect(await ada.problem("POST", "/runs", { environment: name })).toMatchObject({
      code: "body_too_large",
    });
  });

  it("for an environment or a route that does not exist is answered with a problem", async () => {
    const { actor, api } = deployment();
    const ada = await actor("ada", "author");
    expect(await ada.problem("GET", "/environments/nowhere")).toMatchObject({
      status: 404,
      code: "not_found",
    });
    expect(await ada.problem("GET", "/no/such/route")).toMatchObject({
      status: 404,
      code: "route_not_found",
    });
    const submissionId = await ada.submit(scored(1));
    expect(await ada.problem("POST", "/runs", { environment: "nowhere", submissionId })).toMatchObject({
      status: 404,
    });
    expect((await api.call("GET", "/health")).status).toBe(200);
    expect((await api.call("GET", "/openapi.json")).status).toBe(200);
  });

  it("without a token, or with one that was revoked, is answered with a problem and 401", async () => {
    const { actor, api } = deployment();
    const missing = await api.call("GET", "/runs");
    expect(missing.status).toBe(401);
    expect(missing.headers.get("content-type")).toContain("application/problem+json");
    expect(problemSchema.parse(await missing.json())).toMatchObject({ code: "token_missing" });
    const admin = await actor("root", "admin");
    const made = await admin.call("POST", "/tokens", { body: { name: "tim", scope: "submit" } });
    const { token, secret } = (await made.json()) as { token: { id: string }; secret: string };
    expect((await api.call("GET", "/runs", { token: secret })).status).toBe(200);
    expect((await admin.call("DELETE", `/tokens/${token.id}`)).ok).toBe(true);
    const revoked = await api.call("GET", "/runs", { token: secret });
    expect(problemSchema.parse(await revoked.json())).toMatchObject({ status: 401, code: "token_invalid" });
  });

  it("with a job's token opens that job only, and nothing once the run is over", async () => {
    const { actor, api, ecs } = deployment();
    const ada = await actor("ada", "author");
    expect((await api.call("GET", "/jobs/self/spec", { token: "guessed" })).status).toBe(401);
    await ada.push(bundleFiles({ title: "jobs" }));
    expect(await ada.evaluate("jobs", scored(0.5))).toMatchObject({ status: "succeeded" });
    expect(ecs.tasks.at(-1)?.definition.taskRoleArn).toBeUndefined();
    expect(JSON.stringify(ecs.tasks.at(-1)?.definition)).not.toMatch(/JOB_TOKEN/);
  });

  it("to keep a model's key keeps it where no answer shows it", async () => {
    const ada = await deployment().actor("ada", "author");
    const model = { name: "small", baseUrl: "https://models.invalid/v1", model: "small-1", key: "sk-secret" };
    expect((await ada.call("POST", "/models", { body: model })).status).toBe(201);
    const shown = await (await ada.call("GET", "/models")).text();
    expect(shown).toContain(`"hasKey":true`);
    expect(shown).not.toContain("sk-secret");
    expect((await ada.call("POST", "/models/small/test")).status).toBe(200);
    await ada.push(
      bundleFiles({ title: "asks", ingestion: { script: "cp /app/ingested_program/* /app/output/" } }),
    );
    const started = await ada.call("POST", "/runs", { body: { environment: "asks", model: "small" } });
    expect(await started.text()).toContain('"id":"run_');
    expect((await ada.call("DELETE", "/models/small")).ok).toBe(true);
  });

  it("to list, compare, hide and try again is answered as on one machine", async () => {
    const ada = await deployment().actor("ada", "author");
    await ada.push(bundleFiles({ title: "many" }));
    const first = await ada.evaluate("many", scored(0.5));
    const again = await ada.retry(first.id);
    expect(await ada.ended(again.id)).toMatchObject({ status: "succeeded", retryOf: first.id });
    for (const path of ["/runs", "/runs?environment=many", "/environments", "/environments?public=true"]) {
      expect((await ada.call("GET", path)).status).toBe(200);
    }
    const patch = await ada.call("PATCH", "/environments/many", { body: { visibility: "public" } });
    expect(patch.status).toBe(200);
    expect(await ada.board("many")).toHaveLength(2);
  });
});
