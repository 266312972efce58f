import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isAlive, openOwner, removeDeadOwners } from "./owner.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "benchgen-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const holder = `
  const { openOwner } = await import(process.argv[1]);
  console.log(openOwner(process.argv[2]).id);
  setInterval(() => {}, 1000);
`;

it("finds an owner alive until its process is killed, from other processes", async () => {
  const module = fileURLToPath(new URL("./owner.ts", import.meta.url));
  const child = spawn(process.execPath, ["--input-type=module", "-e", holder, module, dir], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const id = line.toString().trim();
  expect(isAlive(dir, id)).toBe(true);
  expect(removeDeadOwners(dir)).toEqual([]);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isAlive(dir, id)).toBe(false);
  expect(removeDeadOwners(dir)).toEqual([id]);
  expect(readdirSync(join(dir, "owners"))).toEqual([]);
});

it("finds an owner of the same process alive until it closes", () => {
  const [one, other] = [openOwner(dir), openOwner(dir)];
  expect(one.id).not.toBe(other.id);
  for (let probe = 0; probe < 3; probe++) expect(other.isAlive(one.id)).toBe(true);
  one.close();
  one.close();
  expect(other.isAlive(one.id)).toBe(false);
  expect(other.isAlive(other.id)).toBe(true);
  other.close();
  expect(readdirSync(join(dir, "owners"))).toEqual([]);
});

it("finds an owner that never was dead", () => {
  expect(isAlive(dir, "nobody")).toBe(false);
});
