import type { Command } from "commander";
import type { Context } from "../context.ts";
import type { ExitCode } from "../error.ts";

/** The body of a command. Its exit code, or nothing when it is done. */
export type Handler = (context: Context) => Promise<ExitCode | undefined>;

/**
 * Runs a handler with what the global options ask for. Passed to every command, so that opening, closing and the
 * mapping of errors exist once.
 */
export type Run = (command: Command, handler: Handler) => Promise<void>;

/** Adds its commands to the program. */
export type Register = (program: Command, run: Run) => void;
