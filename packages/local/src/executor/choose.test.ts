import { expect, test } from "vitest";
import { chooseExecutor, executorOrder } from "./choose.ts";

const yes = (name: "docker" | "bubblewrap" | "namespaces") => ({ name, available: true });
const no = (name: "docker" | "bubblewrap" | "namespaces") => ({
  name,
  available: false,
  reason: `${name} is not installed`,
  hint: `Install ${name}.`,
});

test("an environment with an image tries docker first, one without tries it last", () => {
  expect(executorOrder("auto", "python:3.13")).toEqual(["docker", "bubblewrap", "namespaces"]);
  expect(executorOrder("auto", null)).toEqual(["bubblewrap", "namespaces", "docker"]);
});

test("an executor that was asked for by name is the only one tried", () => {
  expect(executorOrder("namespaces", "python:3.13")).toEqual(["namespaces"]);
});

test("a run that had to do without its image says so, and why", () => {
  expect(chooseExecutor("python:3.13", [no("docker"), yes("bubblewrap")])).toEqual({
    executor: "bubblewrap",
    note: "Ran in bubblewrap with the programs of this machine, not in its docker_image python:3.13: docker is not installed.",
  });
  expect(chooseExecutor("python:3.13", [yes("namespaces")])).toMatchObject({
    note: expect.stringContaining("namespaces was asked for") as string,
  });
});

test("a reason that ends a sentence by itself gets no second full stop", () => {
  const docker = { ...no("docker"), reason: "no answer. Is the docker daemon running?" };
  expect(chooseExecutor("python:3.13", [docker, yes("bubblewrap")])).toMatchObject({
    note: expect.stringMatching(/running\?$/) as string,
  });
});

test("a run in its image, or of an environment without one, has nothing to say", () => {
  expect(chooseExecutor("python:3.13", [yes("docker")])).toEqual({ executor: "docker" });
  expect(chooseExecutor(null, [no("bubblewrap"), yes("namespaces")])).toEqual({ executor: "namespaces" });
});

test("where nothing works, every reason is given, and what to install", () => {
  expect(chooseExecutor(null, [no("bubblewrap"), no("namespaces"), no("docker")])).toEqual({
    missing:
      "Nothing here can run programs safely. bubblewrap: bubblewrap is not installed. namespaces: namespaces is not installed. docker: docker is not installed.",
    hint: "Install bubblewrap.",
  });
});
