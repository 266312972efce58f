/** A run against a model: the program asks through the gateway's function, which holds the key and measures. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startSolver } from "@benchgen/cli/solver/server.ts";
import { usageByCase } from "@benchgen/core/gateway/gather.ts";
import { modelSchema } from "@benchgen/core/wire/api.ts";
import { expect, it } from "vitest";
import { bundleFiles, filesIn } from "../support/bundle.ts";
import { describeDeployment, prepared } from "./environment.ts";

const bundle = fileURLToPath(new URL("../../examples/arithmetic-qa/bundle", import.meta.url));
const environment = "arithmetic-qa";
const key = "sk-very-secret-0123456789";
const hasPython = prepared.docker || existsSync("/usr/bin/python3");

/** A submission that asks the model once, and then looks for ways to others: one more is a loss. */
const explorer = `import json, os, socket, urllib.request
body = json.dumps({"model": "any", "messages": [{"role": "user", "content": "1+1"}]}).encode()
token = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "Content-Type": "application/json"}
call = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", data=body, headers=token)
with urllib.request.urlopen(call, timeout=30) as answer:
    accuracy = int("2" in json.load(answer)["choices"][0]["message"]["content"])
loss = 0
for address in ("169.254.170.2", "198.51.100.7"):
    try:
        socket.create_connection((address, 443), timeout=3)
        loss += 1
    except TimeoutError:
        loss += 1
    except OSError:
        pass
with open("/app/output/scores.json", "w") as scores:
    json.dump({"accuracy": accuracy, "loss": loss}, scores)
`;

it("has Python for programs that ask models", ({ skip }) => {
  skip(!hasPython, "NOT TESTED: runs against a model in a deployment, for want of /usr/bin/python3");
});

if (hasPython) {
  describeDeployment("a deployment with a model", (deployment) => {
    it("has it asked by a program, scored, and measured case by case", async () => {
      const ada = await deployment().actor("ada", "author");
      await ada.push(filesIn(bundle), { environment });
      const solver = await startSolver({ key, errorRate: 0.2, seed: "a" });
      const prices = { input: 1, output: 2, version: "2026-01" };
      const model = { name: "solver", baseUrl: solver.url, model: "solver-1", key, prices };
      await ada.json(modelSchema, "POST", "/models", model);
      expect((await ada.call("POST", "/models/solver/test")).status).toBe(200);
      const started = await ada.start({ environment, model: "solver", concurrency: 4 });
      const run = await ada.ended(started.id);
      expect(run).toMatchObject({ status: "succeeded", as: "model", usage: { calls: 40, failed: 0 } });
      expect(run.scores["accuracy"]).toBeGreaterThan(0.5);
      expect(run.scores["accuracy"]).toBeLessThan(1);
      const measured = await usageByCase({ blobs: deployment().blobs }, run.id, 0);
      expect(measured.size).toBe(40);

      const second = await ada.start({ environment, model: "solver", maxTokens: 300, concurrency: 4 });
      expect(await ada.ended(second.id)).toMatchObject({ status: "succeeded", reason: { code: "limit" } });

      const removed = await ada.call("DELETE", "/models/solver");
      expect(removed.status).toBe(204);
      expect(deployment().functions.output.join("")).not.toContain(key);
      await solver.close();
    });

    it("lets a submission ask it, which reaches the gateway and nothing else", async () => {
      const ada = await deployment().actor("ada", "author");
      const ingestion = { script: "exec python3 /app/ingested_program/main.py" };
      await ada.push(bundleFiles({ ingestion }), { environment: "asked-by-code" });
      const solver = await startSolver({ key, errorRate: 0, seed: "a" });
      const model = { name: "asked", baseUrl: solver.url, model: "solver-1", key };
      await ada.json(modelSchema, "POST", "/models", model);
      const run = await ada.evaluate(
        "asked-by-code",
        { "main.py": explorer },
        { model: "asked", as: "code" },
      );
      expect(run).toMatchObject({
        status: "succeeded",
        scores: { accuracy: 1, loss: 0 },
        usage: { calls: 1 },
      });
      expect(run.tasks.flatMap(({ notes }) => notes).join(" ")).not.toMatch(/any address/);
      if (prepared.docker) {
        const containers = deployment().ecs.tasks.map(({ end }) => end?.containers ?? []);
        const relays = containers.flatMap((ended) => ended.filter(({ name }) => name === "relay"));
        expect(relays.length).toBeGreaterThan(0);
        // Another code would have the task run again.
        for (const { exitCode } of relays) expect(exitCode).toBe(0);
      }
      await solver.close();
    });
  });
}
