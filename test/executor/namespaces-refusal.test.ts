/** The script that mounts must refuse wherever its mounts would be anybody else's. Run as an ordinary user only. */
import { spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { namespacesScript, refusalCode } from "@benchgen/local/executor/namespaces-script.ts";
import { testLimits } from "./job-fixture.ts";

const script = namespacesScript(
  {
    program: { name: "scoring", argv: ["true"], environment: {} },
    limits: testLimits,
    network: "none",
    view: { readOnly: [], links: [], writable: [], searchPath: "/usr/bin" },
    countsProcesses: false,
  },
  "/nonexistent",
  () => false,
);
const here = readlinkSync("/proc/self/ns/mnt");
// Were the refusal broken, root would lose the machine's file system: whoever runs the tests, this is nobody.
const asNobody =
  process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];

async function attempt(words: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const [file = "", ...rest] = [...asNobody, ...words];
  const child = spawn(file, rest, { stdio: ["pipe", "ignore", "pipe"] });
  child.stdin.on("error", () => undefined);
  child.stdin.end(script);
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return { code: code as number | null, stderr };
}

test.each([
  ["run as it is", ["sh", "-s", here], "the mount namespace of the process that started it"],
  ["told nothing about its starter", ["sh", "-s"], "did not say which mount namespace"],
  [
    "in a user namespace without a mount namespace",
    ["unshare", "--user", "--map-root-user", "sh", "-s", here],
    "the mount namespace of the process that started it",
  ],
  [
    "told of another's mount namespace, with no user namespace of its own",
    ["sh", "-s", "mnt:[1]"],
    "not a user namespace of its own",
  ],
  [
    "in the mount namespace of its process 1",
    [
      "unshare",
      "--user",
      "--map-root-user",
      "--pid",
      "--fork",
      "--mount",
      "--mount-proc",
      "sh",
      "-s",
      "mnt:[1]",
    ],
    "the mount namespace of process 1",
  ],
])("refuses to mount when %s", async (_where, words, why) => {
  const { code, stderr } = await attempt(words);
  expect(stderr).toContain("benchgen: refusing to mount:");
  expect(stderr).toContain(why);
  expect(code).toBe(refusalCode);
});
