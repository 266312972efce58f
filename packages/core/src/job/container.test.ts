import { describe, expect, test } from "vitest";
import type { JobDefinition } from "../wire/job.ts";
import { jobKinds } from "../wire/job.ts";
import { containerJob } from "./container.ts";
import { defaultLimits } from "./limits.ts";

const definition = (changes: Partial<JobDefinition> = {}): JobDefinition => ({
  version: 1,
  kind: "scoring",
  image: "python:3.12",
  limits: defaultLimits,
  network: "none",
  ...changes,
});

describe.each(jobKinds)("the containers of a job of kind %s", (kind) => {
  const { containers, volumes } = containerJob(definition({ kind }));
  const programs = containers.filter((container) => !container.image.runner);

  test("are listed after those they depend on, stage-in first and stage-out last", () => {
    const names = containers.map((container) => container.name);
    expect(names.at(0)).toBe("stage-in");
    expect(names.at(-1)).toBe("stage-out");
    for (const [position, { dependsOn }] of containers.entries()) {
      for (const { container } of dependsOn) expect(names.indexOf(container)).toBeLessThan(position);
    }
  });

  test("give no credentials, no writable root and no control over their wrapper to a program", () => {
    for (const program of programs) {
      expect(program).toMatchObject({ credentials: false, readOnlyRoot: true });
      expect(program.user.uid).toBeGreaterThan(0);
      expect(program.mounts.find((mount) => mount.path === "/benchgen/control")?.readOnly).toBe(true);
    }
  });

  test("mount only volumes the job has", () => {
    for (const { mounts } of containers) {
      for (const { volume } of mounts) expect(volumes).toContain(volume);
    }
  });
});

test("the two programs of a concurrent job share their output and /app/shared, and nothing else", () => {
  const [, ingestion, scoring] = containerJob(definition({ kind: "concurrent" })).containers;
  const volumes = new Set(ingestion?.mounts.map((mount) => mount.volume));
  expect(scoring?.mounts.filter((mount) => volumes.has(mount.volume)).map((mount) => mount.path)).toEqual([
    "/app/output",
    "/app/shared",
  ]);
});

test("a program that fails does not keep stage-out from running", () => {
  const stageOut = containerJob(definition()).containers.at(-1);
  expect(stageOut?.dependsOn).toEqual([{ container: "scoring", condition: "complete" }]);
});
