/** The function that CloudWatch Logs gives lines to: what it makes of deliveries of every kind. */
import { gzipSync } from "node:zlib";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { ecsClient } from "@benchgen/aws/client.ts";
import { afterAll, describe, expect, it, vi } from "vitest";
import { standInSettings } from "../support/aws/stand-in.ts";
import { openDeployment } from "./deployment.ts";

const deployment = await openDeployment();

if (typeof deployment === "string") {
  it("NOT TESTED: the function of progress, for want of a stand-in", ({ skip }) => skip(deployment));
} else {
  afterAll(() => deployment.close());
  const { ecs: endpoint } = JSON.parse(process.env["BENCHGEN_AWS_ENDPOINTS"]!) as { ecs: string };
  const clusterName = process.env["BENCHGEN_CLUSTER"]!.split("/").at(-1);
  await ecsClient({ ...standInSettings, endpoint }).send(new CreateClusterCommand({ clusterName }));
  const { handler } = await import("../../packages/functions/src/progress.ts");

  const packed = (text: string | Buffer) => ({ awslogs: { data: gzipSync(text).toString("base64") } });
  const delivery = (more: object, ...messages: string[]) =>
    packed(
      JSON.stringify({
        messageType: "DATA_MESSAGE",
        owner: "123456789012",
        logGroup: process.env["BENCHGEN_LOG_GROUP"],
        logStream: "job/scoring/0123456789abcdef",
        subscriptionFilters: ["benchgen-test-progress"],
        logEvents: messages.map((message, id) => ({
          id: String(id),
          timestamp: 1_773_342_238_000 + id,
          message,
        })),
        ...more,
      }),
    );

  /** What its line of the log says came of it. */
  async function resultOf(event: unknown): Promise<unknown> {
    const written: string[] = [];
    const spy = vi
      .spyOn(process.stdout, "write")
      .mockImplementation((text) => written.push(String(text)) > 0);
    await handler(event).finally(() => spy.mockRestore());
    expect(written).toHaveLength(1);
    return (JSON.parse(written[0]!) as { result: unknown }).result;
  }

  describe("lines of a log", () => {
    it("that say nothing of progress are done", async () => {
      expect(
        await resultOf(delivery({}, "read 3/4 (of them)", "\u0000\u001b[2J", "Processing: 9/3 (300%)")),
      ).toBe("none");
    });

    it("of a task that ECS does not know any more are done", async () => {
      expect(await resultOf(delivery({}, "Processing: 1/2 (50%)"))).toBe("unknown");
    });

    it.each([
      ["of our own containers", { logStream: "job/stage-in/0123456789abcdef" }],
      ["of another log", { logGroup: "/benchgen/test/function/progress" }],
      ["of no container", { logStream: "job/scoring" }],
      ["that only try whether it is there", { messageType: "CONTROL_MESSAGE" }],
    ])("%s are ignored", async (_which, more) => {
      expect(await resultOf(delivery(more, "Processing: 1/2 (50%)"))).toBe("ignored");
    });

    it.each([
      ["nothing", undefined, /expected object/],
      ["no base64", { awslogs: { data: "%%%" } }, /base64/],
      ["nothing packed", { awslogs: { data: Buffer.from("plain").toString("base64") } }, /header/],
      ["no JSON", packed("plain"), /JSON/],
      ["another shape", packed(`{"logEvents": 7}`), /expected array/],
      ["more than any delivery has", packed(Buffer.alloc(40 * 1024 * 1024)), /larger than/],
    ])("in a delivery of %s are refused", async (_what, event, message) => {
      const spy = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
      await expect(handler(event)).rejects.toThrow(message);
      spy.mockRestore();
    });
  });
}
