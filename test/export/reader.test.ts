/** What is exported, read by those it is made for. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "@benchgen/core/error.ts";
import { caseFormats, formatCases } from "@benchgen/core/export/format.ts";
import type { ExportStep, WholeCase } from "@benchgen/core/export/whole-case.ts";
import { caseLineSchema } from "@benchgen/core/wire/case.ts";
import type { CaseExportFormat } from "@benchgen/core/wire/case-export.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pythonWithReaders } from "../support/reader.ts";

const toolCall = { id: "call_1", type: "function", function: { name: "weather", arguments: "{}" } };
const lines = [
  { id: "plain", input: "2 + 2?", output: "5", target: "4", passed: false, scores: { bleu: 0.5 } },
  { id: "unicode \u2028 ü", input: "Größe?\n\tzwei", output: "\u0000", target: "ß", passed: false },
  {
    id: "chat",
    input: [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "Weather?" }] },
      { role: "assistant", content: "", tool_calls: [toolCall] },
      { role: "tool", tool_call_id: "call_1", content: "rain" },
      { role: "user", content: "And so?" },
    ],
    output: [{ role: "assistant", content: "Sun" }],
    target: ["Rain", "It rains"],
    score: 0.25,
    stop_reason: "length",
  },
  { id: "chat", epoch: 2, input: "Again?", output: "No", target: "Yes", passed: false },
];

async function* cases(): AsyncGenerator<ExportStep> {
  for (const line of lines) {
    const found: WholeCase = {
      task: 0,
      outcome: { status: "failed" },
      failure: undefined,
      taken: {},
      line: caseLineSchema.parse(line),
    };
    yield { case: found, next: { task: 0, offset: 0 } };
  }
}

async function fileOf(format: CaseExportFormat): Promise<string> {
  const from = { environment: "lab", version: 3, run: "run_01jd0c2v5w8x9y0z1a2b3c4d5e" } as const;
  const parts = await Array.fromAsync(formatCases(cases(), caseFormats[format], from));
  return parts.map(({ text }) => text).join("");
}

/** Prints, as JSON, what Inspect's data set reader and verifiers' types make of the two files. */
const program = `
import json, sys, typing
from inspect_ai.dataset import json_dataset
from pydantic import TypeAdapter
from verifiers import types

samples = json_dataset(sys.argv[1])
print(json.dumps([[s.id, s.input if isinstance(s.input, str) else [m.role for m in s.input], s.target, s.metadata] for s in samples]))

fields = {name: TypeAdapter(eval(hint, vars(types))) for name, hint in types.RolloutOutput.__annotations__.items()
          if name in ("example_id", "prompt", "completion", "reward", "is_completed", "is_truncated", "metrics", "answer", "info")}
rollouts = []
for line in open(sys.argv[2], encoding="utf-8"):
    # As its load_outputs does.
    rollout = types.RolloutOutput(**json.loads(line))
    for name, field in fields.items():
        field.validate_python(rollout[name], strict=name in ("example_id", "answer", "is_completed", "is_truncated"))
    rollouts.append([rollout["example_id"], [m["role"] for m in rollout["prompt"]], rollout["reward"]])
print(json.dumps(rollouts))
`;

describe("Inspect and verifiers read what is exported for them", async () => {
  const reader = await pythonWithReaders().catch((error: unknown) => new Error(messageOf(error)));
  if (reader instanceof Error) {
    console.warn(`NOT TESTED: the packages that read exports cannot be installed: ${reader.message}`);
    it("NOT TESTED: their packages cannot be installed here", ({ skip }) => skip(reader.message));
    return;
  }
  let directory: string;
  let read: unknown[];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "benchgen-reader-"));
    const files = (["inspect", "verifiers"] as const).map((format) => join(directory, `${format}.jsonl`));
    await writeFile(files[0]!, await fileOf("inspect"));
    await writeFile(files[1]!, await fileOf("verifiers"));
    const { stdout } = await promisify(execFile)(reader, ["-c", program, ...files]);
    read = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("as samples with ids of their own, prompts, targets and metadata", () => {
    const metadata = expect.objectContaining({ environment: "lab", version: 3 });
    expect(read[0]).toEqual([
      ["plain", "2 + 2?", "4", metadata],
      ["unicode \u2028 ü", "Größe?\n\tzwei", "ß", metadata],
      ["chat", ["system", "user", "assistant", "tool", "user"], ["Rain", "It rains"], metadata],
      ["chat#2", "Again?", "Yes", metadata],
    ]);
  });

  it("as rollouts, numbered, with prompts and rewards", () => {
    expect(read[1]).toEqual([
      [0, ["user"], 0],
      [1, ["user"], 0],
      [2, ["system", "user", "assistant", "tool", "user"], 0.25],
      [3, ["user"], 0],
    ]);
  });
});

describe("OpenAI's rules for fine-tuning files hold", () => {
  type Message = { role: string; content?: unknown; tool_calls?: unknown };
  const rows = async (format: CaseExportFormat) =>
    (await fileOf(format))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const fields = new Set(["role", "content", "name", "tool_calls", "tool_call_id", "weight"]);
  const checkMessages = (messages: readonly Message[]) => {
    for (const message of messages) {
      expect(["system", "developer", "user", "assistant", "tool"]).toContain(message.role);
      expect(Object.keys(message).filter((field) => !fields.has(field))).toEqual([]);
      expect(message.content !== undefined || message.tool_calls !== undefined).toBe(true);
    }
  };

  it("of chats: known roles and fields, and an answer with a text at the end", async () => {
    const chats = await rows("chat");
    expect(chats).toHaveLength(4);
    for (const { messages, ...rest } of chats) {
      expect(rest).toEqual({});
      checkMessages(messages as Message[]);
      expect((messages as Message[]).at(-1)).toEqual({
        role: "assistant",
        content: expect.stringMatching(/./),
      });
    }
  });

  it("of preferences: one answer each way, and a prompt that does not end with one", async () => {
    const preferences = await rows("preference");
    expect(preferences).toHaveLength(4);
    for (const preference of preferences) {
      expect(Object.keys(preference)).toEqual(["input", "preferred_output", "non_preferred_output"]);
      const { messages } = preference["input"] as { messages: Message[] };
      checkMessages(messages);
      expect(messages.at(-1)?.role).not.toBe("assistant");
      for (const output of ["preferred_output", "non_preferred_output"]) {
        expect(preference[output]).toEqual([{ role: "assistant", content: expect.any(String) }]);
      }
    }
  });
});
