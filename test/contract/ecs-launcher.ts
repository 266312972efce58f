import {
  CreateClusterCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
} from "@aws-sdk/client-ecs";
import type { ECSClient } from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLauncher } from "@benchgen/aws/launcher/launcher.ts";
import { defaultLimits } from "@benchgen/core/job/limits.ts";
import { createIds } from "@benchgen/core/port/id.ts";
import type { JobDefinition } from "@benchgen/core/wire/job.ts";

/** What the launcher does on ECS; running a job is the workflow's part. */
export function ecsLauncherFacts(name: string, client: ECSClient): void {
  describe(`Launcher: ${name}`, () => {
    const launcher = createLauncher({
      client,
      cluster: "contract",
      settings: () => ({
        prefix: "contract",
        runnerImage: "runner",
        defaultImage: "python",
        architecture: "X86_64",
        executionRoleArn: "arn:aws:iam::123456789012:role/execution",
        logGroup: "contract",
        region: "us-east-1",
        modelNetwork: "gateway",
        apiUrl: "http://127.0.0.1",
      }),
    });
    const definition: JobDefinition = {
      version: 1,
      kind: "scoring",
      image: null,
      limits: defaultLimits,
      network: "none",
    };
    beforeAll(async () => {
      await client.send(new CreateClusterCommand({ clusterName: "contract" }));
    });
    afterAll(() => client.destroy());

    it("registers a definition once, under a name that can be launched", async () => {
      const family = await launcher.register(definition);
      expect(await launcher.register({ ...definition })).toBe(family);
      const { taskDefinition } = await client.send(
        new DescribeTaskDefinitionCommand({ taskDefinition: family }),
      );
      expect(taskDefinition?.containerDefinitions?.map(({ name }) => name)).toEqual([
        "stage-in",
        "scoring",
        "stage-out",
      ]);
      expect(taskDefinition?.taskRoleArn).toBeUndefined();
      const { taskDefinitionArns } = await client.send(
        new ListTaskDefinitionsCommand({ familyPrefix: family }),
      );
      expect(taskDefinitionArns).toHaveLength(1);
    });

    it("stops a job that is over or unknown without an error, and runs none itself", async () => {
      const ids = createIds();
      const jobId = ids.next("job");
      await expect(launcher.stop(jobId)).resolves.toBeUndefined();
      const job = { jobId, runId: ids.next("run"), definition: "any", token: "any" };
      await expect(launcher.run(job, new AbortController().signal)).rejects.toThrow("state machine");
    });
  });
}
