import { expect, test } from "vitest";
import { defaultLimits, resolveLimits, resolveNetwork } from "./limits.ts";

test("a program that asks for nothing gets the defaults and its phase's time", () => {
  expect(resolveLimits({ executionTimeLimit: 300 }, [{}])).toEqual({ ...defaultLimits, timeSeconds: 300 });
});

test("a program may ask for less time than its phase gives, never for more", () => {
  expect(resolveLimits({ executionTimeLimit: 300 }, [{ timeSeconds: 60 }]).timeSeconds).toBe(60);
  expect(resolveLimits({ executionTimeLimit: 300 }, [{ timeSeconds: 900 }]).timeSeconds).toBe(300);
});

test("of two programs at once the larger wish counts", () => {
  const limits = resolveLimits({ executionTimeLimit: 600 }, [{ memoryMb: 512, cpus: 4 }, { memoryMb: 8192 }]);
  expect(limits).toMatchObject({ memoryMb: 8192, cpus: 4, diskMb: defaultLimits.diskMb });
});

test("nothing exceeds what the operator allows", () => {
  const ceilings = { timeSeconds: 10, cpus: 1, memoryMb: 256, diskMb: 100, processes: 20, logBytes: 1000 };
  const wishes = { timeSeconds: 99, cpus: 64, memoryMb: 1_000_000, diskMb: 1_000_000 };
  expect(resolveLimits({ executionTimeLimit: 6000 }, [wishes], ceilings)).toEqual(ceilings);
});

test.each([
  [["open"], true, "open"],
  [["open"], false, "none"],
  [["none"], true, "none"],
  [["open", "none"], true, "none"],
  [["open", "open"], true, "open"],
  [[], true, "none"],
] as const)("programs asking for %j with permission %j get network %s", (asked, allowed, network) => {
  expect(resolveNetwork(asked, { allowed })).toBe(network);
});
