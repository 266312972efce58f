import * as fc from "fast-check";
import { expect, it } from "vitest";
import { defaultLimits } from "@benchgen/core/job/limits.ts";
import { jobKinds } from "@benchgen/core/wire/job.ts";
import { fargateSize, fargateSizes } from "./fargate-size.ts";

const scoring = (changes: Partial<typeof defaultLimits>) =>
  fargateSize({ kind: "scoring", limits: { ...defaultLimits, ...changes } });

it("takes the smallest size that has room, for our own containers too", () => {
  expect(scoring({ cpus: 0.1, memoryMb: 100 })).toMatchObject({ cpu: 256, memoryMb: 512 });
  expect(scoring({ cpus: 0.25, memoryMb: 512 })).toMatchObject({ cpu: 256, memoryMb: 1024 });
  // There is no 1,536 between 1,024 and 2,048 for a quarter of a CPU.
  expect(scoring({ cpus: 0.25, memoryMb: 1200 })).toMatchObject({ cpu: 256, memoryMb: 2048 });
  expect(scoring({ cpus: 1, memoryMb: 2048 })).toMatchObject({ cpu: 1024, memoryMb: 3072 });
  expect(scoring({ cpus: 1, memoryMb: 8192 })).toMatchObject({ cpu: 2048, memoryMb: 9216 });
  expect(scoring({ cpus: 16, memoryMb: 1 })).toMatchObject({ cpu: 16_384, memoryMb: 32_768 });
});

it("counts both programs of a concurrent job", () => {
  const size = fargateSize({ kind: "concurrent", limits: { ...defaultLimits, cpus: 1, memoryMb: 2048 } });
  expect(size).toMatchObject({ cpu: 2048, memoryMb: 5120 });
});

it("counts the relay to the gateway, which costs nothing where there was room", () => {
  const size = (memoryMb: number) =>
    fargateSize({ kind: "ingestion", limits: { ...defaultLimits, memoryMb } }, { relay: true });
  expect(size(defaultLimits.memoryMb)).toEqual(scoring({}));
  expect(size(2048 + 768)).toMatchObject({ memoryMb: 4096 });
  expect(scoring({ memoryMb: 2048 + 768 })).toMatchObject({ memoryMb: 3072 });
});

it("has room for every job it takes, in a size that Fargate has", () => {
  const limits = fc.record({
    cpus: fc.double({ min: 0.01, max: 20, noNaN: true }),
    memoryMb: fc.integer({ min: 1, max: 130_000 }),
    diskMb: fc.integer({ min: 1, max: 100_000 }),
  });
  fc.assert(
    fc.property(fc.constantFrom(...jobKinds), limits, (kind, asked) => {
      const programs = kind === "concurrent" ? 2 : 1;
      let size;
      try {
        size = fargateSize({ kind, limits: { ...defaultLimits, ...asked } });
      } catch (error) {
        expect(error).toMatchObject({ code: "resources_too_large" });
        return;
      }
      expect(size.cpu).toBeGreaterThanOrEqual(programs * asked.cpus * 1024);
      expect(size.memoryMb).toBeGreaterThan(programs * asked.memoryMb);
      expect(fargateSizes.find(({ cpu }) => cpu === size.cpu)?.memoryMb).toContain(size.memoryMb);
      expect(size.storageGib * 1024).toBeGreaterThan(programs * asked.diskMb);
      expect(size.storageGib).toBeGreaterThanOrEqual(21);
      expect(size.storageGib).toBeLessThanOrEqual(200);
    }),
  );
});
