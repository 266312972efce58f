/** What is made once and serves any number of deployments. */
import { bundledModule } from "./bundle.ts";
import { type Deployment, type DeploymentOptions, openDeployment } from "./deployment.ts";
import type { StackTemplate } from "./intrinsic.ts";
import { readTemplates } from "./template.ts";

export const testStage = "test";

export interface Prepared {
  readonly stacks: readonly StackTemplate[];
  /** The directory of the functions' bundles. */
  readonly functions: string;
  /** Whether tasks run in containers. */
  readonly docker: boolean;
  /** Endpoints of the stand-ins, where there are any. */
  readonly standIns?: DeploymentOptions["standIns"];
  /** Why there are none. */
  readonly missing?: string;
}

/** A deployment of its own, from the templates. @throws Error where there are no stand-ins */
export async function deployPrepared({
  stacks,
  functions,
  docker,
  standIns,
  missing,
}: Prepared): Promise<Deployment> {
  if (standIns === undefined) throw new Error(`there is nothing to deploy on: ${missing}`);
  const suffix = Math.random().toString(36).slice(2, 10);
  return openDeployment({
    standIns,
    docker,
    suffix,
    describe: (urls) =>
      readTemplates({
        stacks,
        account: { region: "us-east-1", accountId: "123456789012" },
        stage: testStage,
        ...urls,
        moduleOf: (name) => bundledModule(functions, name),
        suffix,
      }),
  });
}
