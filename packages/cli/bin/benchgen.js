#!/usr/bin/env node
// Starts the command on Node 24, whatever Node is at hand. Plain JavaScript, so that Node 18 can read it; everything
// else is TypeScript, which only Node 24 runs directly.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { constants as system } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const needed = 24;

if (Number(process.versions.node.split(".")[0]) >= needed) await start();
else startAgain(ownNode());

async function start() {
  // node:sqlite works and is marked experimental; a newcomer should not have to wonder about it.
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning, ...rest) => {
    if (!/SQLite is an experimental feature/.test(String(warning))) emitWarning(warning, ...rest);
  };
  try {
    await import("../src/main.ts");
  } catch (error) {
    if (error?.code !== "ERR_MODULE_NOT_FOUND" || process.env.BENCHGEN_DEBUG) throw error;
    refuse("benchgen's dependencies are not installed.", "npm ci --omit=dev");
  }
}

/** The binary of the npm package `node`, which is one of our dependencies. */
function ownNode() {
  const version = `benchgen needs Node ${needed} or newer, and this is Node ${process.versions.node}.`;
  const require = createRequire(import.meta.url);
  let folder;
  try {
    folder = dirname(require.resolve("node/package.json"));
  } catch {
    refuse(`${version} It brings its own, once its dependencies are installed.`, "npm ci --omit=dev");
  }
  const binary = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
  try {
    accessSync(binary, constants.X_OK);
  } catch {
    refuse(
      `${version} The one it brings is missing: npm was told not to run install scripts.`,
      "npm rebuild node --ignore-scripts=false",
    );
  }
  return binary;
}

/** Exits as the other Node exits, and passes on every signal that asks it to end. */
function startAgain(binary) {
  const child = spawn(binary, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => refuse(`${binary} cannot be started: ${error.message}`, "npm rebuild node"));
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + system.signals[signal]);
  });
}

function refuse(message, command) {
  const where = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
  process.stderr.write(`${message}\nType, in ${where}:\n  ${command}\n`);
  process.exit(2);
}
