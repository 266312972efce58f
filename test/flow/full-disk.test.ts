/** A disk that is really full: a small one in a mount namespace of its own, made by an ordinary user. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { droppedTo } from "@benchgen/local/executor/sandbox-host.ts";
import { afterAll, describe, expect, it } from "vitest";
import { diskBytes } from "../support/full-disk.ts";

const program = fileURLToPath(new URL("../support/full-disk.ts", import.meta.url));
const mount = mkdtempSync(join(tmpdir(), "benchgen-full-"));
chmodSync(mount, 0o755);
afterAll(() => rmSync(mount, { recursive: true }));

/** Words in front of a command that see a small disk at the directory; nothing else of the machine is touched. */
const onSmallDisk = [
  ...droppedTo(),
  "unshare",
  "--user",
  "--map-root-user",
  "--mount",
  "sh",
  "-c",
  'mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@"',
  "sh",
  String(diskBytes),
  mount,
];

const [file = "", ...words] = onSmallDisk;
const trial = spawnSync(file, [...words, process.execPath, "--version"], { encoding: "utf8" });
const works = trial.status === 0;
if (!works) console.warn(`NOT TESTED: a full disk: no small one can be mounted here: ${trial.stderr.trim()}`);

describe("a full disk", () => {
  it.skipIf(!works)(
    "is said plainly, leaves nothing half-written, and is forgotten once there is room",
    () => {
      const env = { ...process.env, NODE_NO_WARNINGS: "1" };
      const printed = execFileSync(file, [...words, process.execPath, program, mount], {
        encoding: "utf8",
        env,
      });
      expect(JSON.parse(printed)).toEqual({
        before: "published",
        tooLarge: { status: 503, code: "disk_full", recorded: "waiting", filesLeft: 0 },
        refused: { status: 503, code: "disk_full", hint: expect.any(String) as string },
        kept: true,
        after: "published",
      });
    },
  );
});
