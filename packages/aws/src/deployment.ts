/** Where a deployment of ours is: what `sst deploy` leaves for those who administer it. */
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { InvalidInput, NotFound } from "@benchgen/core/error.ts";
import * as z from "zod";
import { calling, unless } from "./fault.ts";

/** The SSM parameter's value, as JSON. */
export const deploymentSchema = z.object({
  apiUrl: z.url(),
  tableName: z.string().min(1),
  region: z.string().min(1),
});
export type Deployment = z.infer<typeof deploymentSchema>;

/** What a stage may be called: SST's own rule. */
const stagePattern = /^[a-z][a-z0-9-]{0,62}$/i;

/** The name of the SSM parameter that says where a stage is. */
export const deploymentParameter = (stage: string): string => `/benchgen/${stage}/deployment`;

/**
 * @throws InvalidInput `stage_invalid`
 * @throws NotFound when no such stage is deployed in that account and region
 */
export async function readDeployment(client: SSMClient, stage: string): Promise<Deployment> {
  if (!stagePattern.test(stage)) {
    throw new InvalidInput("stage_invalid", `"${stage}" cannot be the name of a stage.`, {
      hint: "Letters, digits and hyphens, a letter first: --stage production",
    });
  }
  const request = new GetParameterCommand({ Name: deploymentParameter(stage) });
  const found = await calling("SSM", () => unless(["ParameterNotFound"], () => client.send(request)));
  if (found === undefined) {
    const hint = `Is it another account (AWS_PROFILE) or region (--region)? Deploy it with: npx sst deploy --stage ${stage}`;
    throw new NotFound("deployment", stage, hint);
  }
  return deploymentSchema.parse(JSON.parse(found.Parameter?.Value ?? ""));
}
