import { openContractWorkflow } from "./contract-workflow.ts";
import { workflowContract } from "./workflow.contract.ts";

workflowContract("aws-local-stepfunctions", async () => {
  const { workflow, data } = openContractWorkflow();
  return {
    workflow,
    waitForEnd: (name) => workflow.waitForEnd(name),
    close: async () => data.close(),
  };
});
