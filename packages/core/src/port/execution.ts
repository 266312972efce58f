import { Conflict, InvalidInput } from "../error.ts";
import type { Json } from "../ports.ts";

/** Of an execution's input, and of what a step takes and gives: Step Functions' limit. */
export const maxPayloadBytes = 256 * 1024;

/** @throws InvalidInput `execution_invalid` */
export function assertExecution(name: string, input: Json): void {
  if (!/^[\w-]{1,80}$/.test(name)) {
    throw new InvalidInput("execution_invalid", `"${name}" cannot name an execution.`, {
      hint: "Use 1 to 80 letters, digits, - and _.",
    });
  }
  if (Buffer.byteLength(JSON.stringify(input)) > maxPayloadBytes) {
    throw new InvalidInput("execution_invalid", `The input has more than ${maxPayloadBytes} bytes.`);
  }
}

/** The name is taken. */
export function executionDiffers(name: string): Conflict {
  return new Conflict("execution_differs", `An execution "${name}" was started with another input.`);
}
