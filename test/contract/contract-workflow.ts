import type { Json } from "@benchgen/core/ports.ts";
import { createWorkflow } from "@benchgen/local/workflow/workflow.ts";
import type { LocalWorkflow } from "@benchgen/local/workflow/workflow.ts";
import type { DataDirectory } from "@benchgen/local/data-directory.ts";
import { temporaryDataDirectory } from "../support/data-directory.ts";
import { contractMachine } from "./workflow.contract.ts";
import type { WorkInput } from "./workflow.contract.ts";

/** The contract's machine on the local engine. */
export function openContractWorkflow(): { workflow: LocalWorkflow; data: DataDirectory } {
  const data = temporaryDataDirectory();
  const workflow = createWorkflow({
    ...data,
    definition: contractMachine,
    maxExecutions: 20,
    handlers: {
      Work: async (input) => {
        const { do: work, given } = input as WorkInput;
        if (work === "hang") return new Promise<Json>(() => undefined);
        if (work === "echo") return input;
        throw Object.assign(new Error(given.message), { name: given.error });
      },
    },
  });
  return { workflow, data };
}
