/** The three-container job, as it runs on Fargate: stage-in and stage-out reach a real server with the job's token. */
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeAll } from "@benchgen/local/executor/probe.ts";
import { runTool } from "@benchgen/local/executor/tool.ts";
import { expect, it } from "vitest";
import { runCommand, startCommand } from "../support/command.ts";
import { writeBundle, writeSubmission } from "./bundle.ts";

const image = process.env["BENCHGEN_TEST_IMAGE"];
const docker = (await probeAll()).find(({ name }) => name === "docker");
const missing = docker?.available === true ? undefined : (docker?.reason ?? "it is not there");
const skipped = missing ?? (image === undefined ? "BENCHGEN_TEST_IMAGE names no image" : undefined);
if (skipped !== undefined) console.warn(`NOT TESTED: three containers through a server: ${skipped}`);

it.skipIf(skipped !== undefined)("a run through a server is three containers, and none is left", async () => {
  const home = await mkdtemp(join(tmpdir(), "benchgen-docker-"));
  const socket = process.env["DOCKER_HOST"];
  const environment: Record<string, string> = socket === undefined ? {} : { DOCKER_HOST: socket };
  const inDocker = (...words: string[]) =>
    runTool(["docker", ...words], { environment: { ...process.env, ...environment } });
  const since = String(Math.floor(Date.now() / 1000) - 1);
  const server = startCommand(["serve", "--port", "0", "--json"], { home: join(home, "data"), environment });
  const { url } = JSON.parse((await server.untilStdout("\n")).split("\n")[0]!) as { url: string };

  // Other tests use the same engine: what this server started carries its owner id.
  const [lock = ""] = (await readdir(join(home, "data", "owners"))).filter((name) => name.endsWith(".lock"));
  const ours = ["--filter", `label=benchgen.owner=${lock.slice(0, -".lock".length)}`];

  const bundle = await writeBundle(join(home, "bundle"));
  const manifest = join(bundle, "competition.yaml");
  await writeFile(manifest, `docker_image: ${image}\n${await readFile(manifest, "utf8")}`);
  const submission = await writeSubmission(join(home, "submission"), "0.75");
  const ran = await runCommand(["run", bundle, "--submission", submission, "--follow", "--json"], {
    home: join(home, "client"),
    environment: { BENCHGEN_URL: url },
  });
  expect(ran.records.at(-1)).toMatchObject({ type: "done", status: "succeeded", scores: { accuracy: 0.75 } });

  const until = String(Math.ceil(Date.now() / 1000) + 1);
  const format = "{{.Actor.Attributes.name}}";
  const range = ["--since", since, "--until", until];
  const started = await inDocker("events", ...range, ...ours, "--filter", "event=start", "--format", format);
  const names = started.stdout.split("\n").flatMap((line) => /^benchgen-job_\w+-(.+)$/.exec(line)?.[1] ?? []);
  expect(names).toEqual(["stage-in", "scoring", "stage-out"]);

  server.child.kill("SIGINT");
  expect(await server.result).toMatchObject({ code: 0, stderr: "" });
  const left = await inDocker("ps", "--all", "--quiet", ...ours);
  expect(left.stdout).toBe("");
  await rm(home, { recursive: true, force: true });
});
