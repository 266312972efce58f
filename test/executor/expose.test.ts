import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBubblewrap } from "@benchgen/local/executor/bubblewrap.ts";
import { hostFacts, parseExpose } from "@benchgen/local/executor/host.ts";
import { createNamespaces } from "@benchgen/local/executor/namespaces.ts";
import { runJob, scratchRoot } from "./job-fixture.ts";

let directory: string;
let outside: string;
let toolchain: string;
beforeAll(async () => {
  directory = await scratchRoot();
  // Not below /tmp, where programs have a directory of their own.
  outside = await mkdtemp("/var/tmp/benchgen-expose-");
  await chmod(outside, 0o755);
  toolchain = join(outside, "a toolchain");
  await mkdir(join(toolchain, "bin"), { recursive: true });
  await writeFile(join(toolchain, "bin", "python3"), "#!/bin/sh\necho exposed\n");
  await chmod(join(toolchain, "bin", "python3"), 0o755);
});
afterAll(async () => {
  for (const path of [directory, outside]) await rm(path, { recursive: true });
});

describe.each([
  ["bubblewrap", createBubblewrap],
  ["namespaces", createNamespaces],
] as const)("a toolchain outside /usr, exposed to %s", (_name, create) => {
  test("comes first on the path, as python too, and is read-only", async ({ skip }) => {
    const facts = await hostFacts(join(directory, "tools"), [toolchain]);
    const executor = create({ facts, scratchRoot: directory });
    const { available, reason } = await executor.probe();
    if (!available) skip(reason);
    const ran = await runJob(executor, directory, {
      commands: { scoring: `sh -c 'python3; python; touch "${toolchain}/x" || echo read-only'` },
    });
    expect(ran.stdout).toBe("exposed\nexposed\nread-only\n");
    await ran.dispose();
  });
});

test.each([
  ["/nonexistent/toolchain", /is no directory/],
  ["relative", /no plain absolute path/],
  ["/", /no plain absolute path/],
  ["/tmp/toolchain", /something of their own there/],
])("exposing %s is refused with the reason", async (path, why) => {
  await expect(hostFacts(join(directory, "tools"), [path])).rejects.toThrow(why);
});

test.runIf(process.getuid?.() === 0)("a toolchain the programs' user cannot reach is refused", async () => {
  const closed = join(outside, "closed");
  await mkdir(join(closed, "inside"), { recursive: true });
  await chmod(closed, 0o700);
  await expect(hostFacts(join(directory, "tools"), [join(closed, "inside")])).rejects.toThrow(/cannot reach/);
});

test.each([
  [undefined, []],
  ["", []],
  ["/opt/a:/opt/b", ["/opt/a", "/opt/b"]],
  [":/opt/a:", ["/opt/a"]],
])("BENCHGEN_EXPOSE=%s means %j", (text, expected) => {
  expect(parseExpose(text)).toEqual(expected);
});
