import type { Register } from "./command.ts";
export const registerDoctor: Register = () => {};
