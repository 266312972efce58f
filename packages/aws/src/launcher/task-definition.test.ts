import { describe, expect, it } from "vitest";
import { defaultLimits } from "@benchgen/core/job/limits.ts";
import { jobKinds } from "@benchgen/core/wire/job.ts";
import type { JobDefinition } from "@benchgen/core/wire/job.ts";
import { taskDefinition } from "./task-definition.ts";

const settings = {
  prefix: "benchgen-test",
  runnerImage: "registry.example/runner@sha256:1",
  defaultImage: "registry.example/python",
  architecture: "X86_64" as const,
  executionRoleArn: "arn:aws:iam::123456789012:role/execution",
  logGroup: "/benchgen/test/jobs",
  region: "eu-central-1",
  apiUrl: "https://api.example",
  modelNetwork: "gateway" as const,
};
const definition = (changes: Partial<JobDefinition> = {}): JobDefinition => ({
  version: 1,
  kind: "scoring",
  image: "registry.example/image",
  limits: defaultLimits,
  network: "none",
  ...changes,
});

describe.each(jobKinds)("the task definition of a job of kind %s", (kind) => {
  const task = taskDefinition(definition({ kind }), settings);
  const containers = task.containerDefinitions!;
  const programs = containers.slice(1, -1);

  it("has no task role", () => {
    expect(task).not.toHaveProperty("taskRoleArn");
  });

  it("runs stage-in, the programs, stage-out, each after those before it", () => {
    expect([containers[0]!.name, containers.at(-1)!.name]).toEqual(["stage-in", "stage-out"]);
    for (const { dependsOn } of programs) {
      expect(dependsOn).toEqual([{ containerName: "stage-in", condition: "SUCCESS" }]);
    }
    expect(containers.at(-1)!.dependsOn).toEqual(
      programs.map(({ name }) => ({ containerName: name, condition: "COMPLETE" })),
    );
  });

  it("ends with its last container, and makes nothing essential that others wait for", () => {
    expect(containers.map(({ essential }) => essential)).toEqual([
      ...containers.slice(1).map(() => false),
      true,
    ]);
  });

  it("mounts only volumes it has, and writes nowhere else", () => {
    const names = task.volumes!.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { mountPoints, readonlyRootFilesystem } of containers) {
      expect(readonlyRootFilesystem).toBe(true);
      for (const { sourceVolume } of mountPoints!) expect(names).toContain(sourceVolume);
    }
  });

  it("gives a program no environment, no capability and no more memory than its limit", () => {
    for (const program of programs) {
      expect(program.environment).toEqual([]);
      expect(program.linuxParameters?.capabilities).toEqual({ drop: ["ALL"] });
      expect(program.user).toBe("65532:65532");
      expect(program.memory).toBe(defaultLimits.memoryMb);
      expect(program).not.toHaveProperty("secrets");
    }
    expect(programs.length * defaultLimits.memoryMb).toBeLessThan(Number(task.memory));
  });

  it("begins with a file of ours in a program's container: nothing of its image comes before", () => {
    for (const { linuxParameters, entryPoint, command } of programs) {
      expect(linuxParameters?.initProcessEnabled).toBe(false);
      expect(entryPoint?.slice(0, 2)).toEqual(["/benchgen/control/confine", "/benchgen/control/network"]);
      expect(command).toBeUndefined();
    }
  });

  it("sets no limit but that on memory: Fargate knows only that on open files", () => {
    for (const container of containers) expect(container).not.toHaveProperty("ulimits");
  });

  it("holds no token: it is the same for many jobs", () => {
    expect(JSON.stringify(task)).not.toMatch(/token/i);
  });
});

describe.each(jobKinds)("the task definition of a job of kind %s with a model", (kind) => {
  const containersOf = (modelNetwork: "gateway" | "https") =>
    taskDefinition(definition({ kind, network: "gateway" }), { ...settings, modelNetwork })
      .containerDefinitions!;

  it("has a relay that starts after stage-in, holds nothing, and is waited for by nobody", () => {
    const relay = containersOf("gateway").find(({ name }) => name === "relay")!;
    expect(relay).toMatchObject({
      command: ["relay"],
      image: settings.runnerImage,
      essential: false,
      user: "65531:65531",
      environment: [],
      dependsOn: [{ containerName: "stage-in", condition: "SUCCESS" }],
      linuxParameters: { capabilities: { drop: ["ALL"] } },
    });
    expect(relay.mountPoints?.map(({ sourceVolume }) => sourceVolume)).toEqual(["relay"]);
    const waiting = containersOf("gateway").flatMap(({ dependsOn = [] }) => dependsOn);
    expect(waiting.map(({ containerName }) => containerName)).not.toContain("relay");
  });

  it("lets programs' containers do what their supervisors need, and see where the relay listens", () => {
    for (const { linuxParameters, mountPoints } of containersOf("gateway").slice(2, -1)) {
      expect(linuxParameters?.capabilities).toEqual({ add: ["SYS_PTRACE"], drop: ["ALL"] });
      expect(mountPoints?.at(-1)).toEqual({
        sourceVolume: "relay",
        containerPath: "/benchgen/relay",
        readOnly: true,
      });
    }
  });

  it("has neither where programs with models reach any address", () => {
    const containers = containersOf("https");
    expect(containers.map(({ name }) => name)).not.toContain("relay");
    expect(JSON.stringify(containers)).not.toContain("SYS_PTRACE");
    for (const stage of [containers[0]!, containers.at(-1)!]) {
      expect(stage.environment).toContainEqual({ name: "BENCHGEN_MODEL_NETWORK", value: "https" });
    }
  });
});

it("has one family for equal definitions, and another for every difference", () => {
  const family = (...given: Parameters<typeof taskDefinition>) => taskDefinition(...given).family;
  expect(family(definition(), settings)).toBe(family(definition(), { ...settings }));
  const others = [
    family(definition(), settings),
    family(definition({ kind: "ingestion" }), settings),
    family(definition({ image: null }), settings),
    family(definition({ limits: { ...defaultLimits, memoryMb: 4096 } }), settings),
    family(definition(), { ...settings, runnerImage: "registry.example/runner@sha256:2" }),
  ];
  expect(new Set(others).size).toBe(others.length);
  // ECS's rule for the names of families.
  for (const name of others) expect(name).toMatch(/^[\w-]{1,255}$/);
});

it("runs an environment without an image in the operator's", () => {
  const images = taskDefinition(definition({ image: null }), settings).containerDefinitions!;
  expect(images.map(({ image }) => image)).toEqual([
    settings.runnerImage,
    settings.defaultImage,
    settings.runnerImage,
  ]);
});
