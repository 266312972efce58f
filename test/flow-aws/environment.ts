/** The deployment of one test file; a machine without stand-ins is told what is not tested. */
import { afterAll, beforeAll, describe, inject } from "vitest";
import { type Deployment } from "../support/deployment/deployment.ts";
import { deployPrepared } from "../support/deployment/prepared.ts";

export const prepared = inject("prepared");

/**
 * Tests that share a deployment.
 * @param define is given what opens it: not before the tests run
 */
export function describeDeployment(title: string, define: (deployment: () => Deployment) => void): void {
  describe.skipIf(prepared.standIns === undefined)(title, () => {
    let opened: Deployment | undefined;
    beforeAll(async () => {
      opened = await deployPrepared(prepared);
    });
    afterAll(async () => {
      await opened?.close();
    });
    define(() => opened!);
  });
}
