/** What is asked of a deployment that runs: each check uses it as its users do. */
import assert from "node:assert/strict";
import { type Run, uploadSchema } from "@benchgen/core/wire/api.ts";
import { announcedSchema } from "../support/api.ts";
import { bundleFiles, runSubmitted, script } from "../support/bundle.ts";
import type { Actor } from "../support/pipeline.ts";

export interface LiveContext {
  readonly author: Actor;
  /** In every name that is made: what is left over can be told by it. */
  readonly mark: string;
  /** What the deployment's bus has told so far; undefined where nobody listens. */
  readonly events: (() => Promise<readonly { readonly type: string; readonly id: string }[]>) | undefined;
  /** Of everything that was made, for the clean-up. */
  readonly made: { readonly environments: Set<string>; readonly runs: Set<Run["id"]> };
}

export interface Check {
  readonly title: string;
  /** Only AWS itself can be asked: stand-ins check no signature and have no network of a task's own. */
  readonly realOnly?: true;
  readonly run: (context: LiveContext) => Promise<void>;
}

/** An environment that runs what is submitted, and the run of one submission in it. */
async function play(context: LiveContext, text: string, more: object = {}): Promise<Run> {
  const { author, made } = context;
  const name = `${context.mark}-${made.environments.size}`;
  const version = await author.push(
    bundleFiles({ title: name, scoring: runSubmitted("/app/input/res"), ...more }),
  );
  made.environments.add(version.environmentId);
  const submissionId = await author.submit(script(text));
  const { id } = await author.start({ environment: name, submissionId });
  made.runs.add(id);
  return author.runUntil(id, () => false);
}

/** Events need some seconds, and are seen some seconds later. */
async function requireTold(
  events: NonNullable<LiveContext["events"]>,
  wanted: readonly string[],
): Promise<void> {
  const missing = async () => {
    const told = new Set((await events()).map(({ id }) => id));
    return wanted.filter((id) => !told.has(id));
  };
  for (let left = 30; left > 0 && (await missing()).length > 0; left--) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  assert.deepEqual(await missing(), []);
}

const score = `echo '{"accuracy": 0.75}' > /app/output/scores.json`;

/** Tries every way out, and says what came of it. */
const escape = `python3 - <<'END'
import os, socket
def reach(host, port):
    try:
        socket.create_connection((host, port), 3); print("REACHED", host)
    except OSError as error: print("refused", host, error)
reach("169.254.170.2", 80); reach("169.254.169.254", 80); reach("1.1.1.1", 53)
print("NAMES", sorted(name for name in os.environ if "CREDENTIAL" in name or "TOKEN" in name))
END
${score}`;

export const checks: readonly Check[] = [
  {
    title: "answers who has no token with a problem",
    run: async ({ author }) => {
      const answer = await author.api.call("GET", "/runs");
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get("content-type") ?? "", /problem\+json/);
    },
  },
  {
    title: "runs a submission to its row on the leaderboard, and tells what it printed",
    run: async (context) => {
      const run = await play(context, `echo hello from the program; ${score}`);
      assert.equal(run.status, "succeeded", JSON.stringify(run.reason));
      const [row] = await context.author.board(run.environment);
      assert.equal(row?.runId, run.id);
      assert.match(await context.author.log(run.id), /hello from the program/);
    },
  },
  {
    title: "verifies a solution before it publishes",
    run: async ({ author, mark, made }) => {
      const solution = { solutions: [{ index: 0, path: "solution", tasks: [0] }] };
      const files = { "solution/scores.json": `{"accuracy": 1, "loss": 0}` };
      const version = await author.push(
        bundleFiles({ title: `${mark}-solved`, competition: solution, files }),
      );
      made.environments.add(version.environmentId);
      for (const { runId } of version.verifications) made.runs.add(runId);
      assert.equal(version.status, "published", version.heldBecause);
    },
  },
  {
    title: "gives a program no network, no credentials and no token",
    realOnly: true,
    run: async (context) => {
      const run = await play(context, escape);
      const log = await context.author.log(run.id);
      assert.doesNotMatch(log, /REACHED/);
      assert.match(log, /NAMES \[\]/);
    },
  },
  {
    title: "takes a program's exit code for the program's, not for the platform's",
    run: async (context) => {
      const run = await play(context, "echo no luck >&2; exit 3");
      assert.equal(run.reason?.code, "program_failed", JSON.stringify(run.reason));
    },
  },
  {
    title: "names an image that cannot be pulled",
    run: async (context) => {
      const run = await play(context, score, { competition: { docker_image: "benchgen.invalid/none:1" } });
      assert.equal(run.reason?.code, "image_not_found", JSON.stringify(run.reason));
    },
  },
  {
    title: "stops a cancelled run",
    run: async (context) => {
      const { author, mark, made } = context;
      const name = `${mark}-cancelled`;
      const version = await author.push(
        bundleFiles({ title: name, scoring: runSubmitted("/app/input/res") }),
      );
      made.environments.add(version.environmentId);
      const submissionId = await author.submit(script("sleep 600"));
      const { id } = await author.start({ environment: name, submissionId });
      made.runs.add(id);
      assert.equal((await author.cancel(id)).status, "cancelled");
    },
  },
  {
    title: "rejects what is no bundle, with findings",
    run: async ({ author }) => {
      const upload = await author.api.upload(author.token, "bundle", { "readme.txt": "hello" });
      assert.equal(upload.status, "rejected");
      assert.notEqual(upload.findings.length, 0);
    },
  },
  {
    title: "takes no other bytes than those that were announced",
    realOnly: true,
    run: async ({ author }) => {
      const body = { kind: "bundle", filename: "bundle.zip", size: 5, sha256: "0".repeat(64) };
      const { upload, put } = await author.json(announcedSchema, "POST", "/uploads", body);
      for (const bytes of ["short", "longer than announced"]) {
        const asLong = { "content-length": String(bytes.length) };
        assert.ok((await author.api.put(put, bytes, asLong)).status >= 400);
      }
      const after = await author.json(uploadSchema, "GET", `/uploads/${upload.id}`);
      assert.equal(after.status, "waiting");
    },
  },
  {
    title: "tells its bus how far a program says it is",
    run: async (context) => {
      if (context.events === undefined) return;
      // Longer than it takes from the log driver to CloudWatch, and from there to the function.
      const run = await play(context, `echo 'Processing: 1/2 (50%)'; sleep 20; ${score}`);
      await requireTold(context.events, [`progressed-${run.id}-1`]);
    },
  },
  {
    title: "tells its bus of every run that finished",
    run: async ({ events, made }) => {
      if (events !== undefined)
        await requireTold(
          events,
          [...made.runs].map((run) => `finished-${run}`),
        );
    },
  },
];

/** Runs them one after the other. @returns the titles of those that failed */
export async function runChecks(
  context: LiveContext,
  options: { readonly real: boolean; readonly say: (line: string) => void },
): Promise<string[]> {
  const failed: string[] = [];
  for (const { title, realOnly, run } of checks) {
    if (realOnly === true && !options.real) continue;
    try {
      await run(context);
      options.say(`ok      ${title}`);
    } catch (error) {
      failed.push(title);
      options.say(`FAILED  ${title}\n        ${String(error)}`);
    }
  }
  return failed;
}
