import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { watchDisk } from "./limit-watch.ts";

const mib = 1024 ** 2;

/** Says these sizes in turn, MiB, and ends the watch after the last. */
function saying(...sizes: (number | undefined)[]) {
  const over = new AbortController();
  const look = async () => {
    const size = sizes.shift();
    if (sizes.length === 0) over.abort();
    return size === undefined ? undefined : size * mib;
  };
  return { look, signal: over.signal };
}

const exceeds = ({ look, signal }: ReturnType<typeof saying>) => watchDisk([], { diskMb: 10 }, signal, look);

it("lets directories grow by as much as the limit, however large they were", async () => {
  expect(await exceeds(saying(500, 505, 510, 0))).toBe(false);
  expect(await exceeds(saying(500, 511, 0))).toBe(true);
});

it("takes nothing for growth where the size could not be told at first, or for a while", async () => {
  expect(await exceeds(saying(undefined, 500, undefined, 510, 0))).toBe(false);
  expect(await exceeds(saying(undefined, 500, undefined, 511, 0))).toBe(true);
});

it("looks at what the directories really take", async () => {
  const directory = mkdtempSync(join(tmpdir(), "benchgen-disk-"));
  const over = new AbortController();
  const watching = watchDisk([directory], { diskMb: 1 }, over.signal);
  // Some of it may be there at the first look: what comes after is more than the limit in any case.
  const growing = setInterval(
    () => writeFileSync(join(directory, "file"), Buffer.alloc(mib, 1), { flag: "a" }),
    100,
  );
  try {
    expect(await watching).toBe(true);
  } finally {
    clearInterval(growing);
    over.abort();
    rmSync(directory, { recursive: true });
  }
});
