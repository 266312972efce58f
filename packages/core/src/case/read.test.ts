import { describe, expect, it } from "vitest";
import type { Finding } from "../wire/finding.ts";
import { type ReadCase, maxLineBytes, readCases } from "./read.ts";

async function read(content: string | Uint8Array): Promise<{ cases: ReadCase[]; findings: Finding[] }> {
  const findings: Finding[] = [];
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(content);
  }
  const cases = await Array.fromAsync(readCases(stream(), (finding) => findings.push(finding)));
  return { cases, findings };
}

async function readOne(line: string): Promise<ReadCase> {
  const { cases } = await read(`${line}\n`);
  expect(cases).toHaveLength(1);
  return cases[0]!;
}

describe("a line", () => {
  it.each([
    ['{"id": "1", "passed": true}', { status: "passed" }],
    ['{"id": "1", "passed": 0}', { status: "failed" }],
    ['{"id": "1", "score": 1}', { status: "passed" }],
    ['{"id": "1", "score": 0.99}', { status: "failed" }],
    ['{"id": "1", "passed": true, "error": {"type": "warning"}}', { status: "passed" }],
    ['{"id": "1", "passed": true, "score": 0}', { status: "passed" }],
  ])("%s has an outcome", async (line, outcome) => {
    expect((await readOne(line)).outcome).toEqual(outcome);
  });

  it.each([
    ['{"id": "1", "passed": null}', "declined", 'The program wrote null for "passed".'],
    ['{"id": "1"}', "no_verdict", 'It has neither "passed" nor "score".'],
    [
      '{"id": "1", "score": 7.5}',
      "no_verdict",
      'Its score, 7.5, is not from 0 to 1, and "passed" is not there.',
    ],
    ['{"id": "1", "score": NaN}', "not_a_number", 'Its "score" is left out: NaN is not a number.'],
    [
      '{"id": "1", "score": -Infinity}',
      "not_a_number",
      'Its "score" is left out: -Infinity is not a number.',
    ],
    ['{"id": "1", "score": 1e999}', "not_a_number", 'Its "score" is left out: Infinity is not a number.'],
    [
      '{"id": "1", "score": "0.5"}',
      "not_a_number",
      'Its "score" is left out: the text "0.5" is not a number.',
    ],
    ['{"id": "1", "error": "took too long"}', "error", "took too long"],
    ['{"id": "1", "error": {}, "score": 1}', "error", "It met an error."],
  ])("%s is not scored, and says why", async (line, code, message) => {
    const { outcome } = await readOne(line);
    expect(outcome).toEqual({ status: "not_scored", reason: { code, message } });
  });

  it("keeps fields nobody knows, takes numbers for the text they are, and null for nothing", async () => {
    const { line } = await readOne(
      '{"id": 7, "target": 4, "output": {"name": "Ada"}, "score": null, "passed": true, "mine": {"a": [1]}}',
    );
    expect(line).toEqual({
      id: "7",
      epoch: 1,
      target: "4",
      output: '{"name":"Ada"}',
      score: null,
      passed: true,
      mine: { a: [1] },
    });
  });

  it("keeps each digit of a long number wherever the format has no number", async () => {
    const long = "7234872348723487234";
    const { line } = await readOne(
      `{"id": ${long}, "target": [${long}], "seed": ${long}, "n": {"target": 5, "at": [-${long}, 1e400]},
        "metadata": {"cluster": ${long}, "n": 9007199254740991}, "score": ${long}, "scores": {"a": ${long}}}`.replace(
        "\n",
        "",
      ),
    );
    expect(line).toEqual({
      id: long,
      epoch: 1,
      target: [long],
      seed: long,
      n: { target: 5, at: [`-${long}`, "1e400"] },
      metadata: { cluster: long, n: 9007199254740991 },
      score: Number(long),
      scores: { a: Number(long) },
    });
  });

  it("takes what pandas writes for a missing epoch, error or failure as none", async () => {
    const { line, failure } = await readOne(
      '{"id": "1", "epoch": null, "passed": false, "error": NaN, "failure": NaN}',
    );
    expect([line.epoch, line.error, line.failure, failure?.category]).toEqual([1, null, null, "incorrect"]);
  });

  it("may name its failure in a word", async () => {
    const { failure } = await readOne('{"id": "1", "passed": false, "failure": "hallucination"}');
    expect(failure).toMatchObject({ category: "hallucination", source: "program" });
  });

  it("cannot change what objects inherit", async () => {
    const { line } = await readOne(
      '{"id": "1", "passed": true, "__proto__": {"polluted": 1}, "metadata": {"__proto__": 1}}',
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(line.id).toBe("1");
  });

  it("loses a field that cannot be used, and nothing else", async () => {
    const { cases, findings } = await read(
      '{"id": "1", "passed": true, "latency_ms": "fast", "scores": {"f1": NaN, "bleu": 0.5}, "usage": {"input_tokens": -1, "output_tokens": 3}}\n',
    );
    expect(cases[0]!.line).toMatchObject({ scores: { bleu: 0.5 }, usage: { output_tokens: 3 } });
    expect(cases[0]!.line.latency_ms).toBeUndefined();
    expect(findings.map(({ level, code, line, path }) => [level, code, line, path])).toEqual(
      ["scores.f1", "latency_ms", "usage.input_tokens"].map((path) => [
        "warning",
        "case.field_unusable",
        1,
        path,
      ]),
    );
  });
});

describe("hostile fields", () => {
  it.each([
    ['{"id": "1", "failure": {"detail": "no category"}, "passed": false}', ["failure"]],
    ['{"id": "1", "failure": {"category": 5}, "passed": false}', ["failure.category"]],
    [
      '{"id": "1", "scores": {"a.b": NaN, "": "x", "__proto__": "x"}, "passed": false}',
      ["scores.a.b", "scores."],
    ],
    ['{"id": "1", "input": [{"content": 1}], "metadata": [1], "passed": "yes"}', ["passed", "metadata"]],
    ['{"id": "1", "target": [{"a": 1}, null], "error": 4, "passed": false}', ["target", "error"]],
  ])("of %s are left out one by one", async (line, paths) => {
    const { cases, findings } = await read(`${line}\n`);
    expect(cases).toHaveLength(1);
    expect(findings.map(({ path }) => path)).toEqual(paths);
  });
});

it("says what is wrong with a field, and what belongs there", async () => {
  const { findings } = await read(
    '{"id": "1", "passed": "yes", "usage": {"input_tokens": 1.5}, "failure": {}, "metadata": {"tags": ["a"]}}\n',
  );
  expect(findings.map(({ message }) => message)).toEqual([
    'Line 1 has a "passed" that is left out: the text "yes" is not true, false or null.',
    'Line 1 has a "usage.input_tokens" that is left out: 1.5 is not a whole number from 0 to 1000000000.',
    'Line 1 has a "failure" that is left out: it has no "category".',
    'Line 1 has a "metadata.tags" that is left out: a list is not a text, a number, true, false or null.',
  ]);
});

describe("a file", () => {
  it.each(["target", "mine"])(
    "loses a line that is nested without end in %s, and no other",
    async (field) => {
      const nested = `{"id": "a", "passed": true, "${field}": ${"[".repeat(100_000)}1234567890123456789${"]".repeat(100_000)}}`;
      const { cases, findings } = await read(`${nested}\n{"id": "b", "passed": true}\n`);
      expect(cases.map(({ line }) => line.id)).toEqual(["b"]);
      expect(findings).toMatchObject([{ message: "Line 1 is nested deeper than 200 levels." }]);
    },
  );

  it.each(['[\n{"id": "a", "passed": true},\n', '{\n "id": "a"\n}\n', '[{"id": "a"}]\n'])(
    "that is JSON of another kind says how it is written: %j",
    async (content) => {
      const { findings } = await read(content);
      expect(findings[0]!.hint).toMatch(/one JSON object a line/);
      expect(findings.slice(1).some(({ hint }) => hint !== undefined)).toBe(false);
    },
  );

  it("with lines that are no cases loses those, names each, and keeps the others", async () => {
    const invalid = Buffer.from([0x22, 0xff, 0x22]);
    const content = Buffer.concat([
      Buffer.from('{"id": "a", "passed": true}\nnot json\n[1]\n'),
      invalid,
      Buffer.from(
        '\n{"passed": true}\n{"id": "b", "epoch": 0, "passed": true}\n{"id": ""}\n\r\n{"id": "c", "passed": false}\r\n',
      ),
    ]);
    const { cases, findings } = await read(content);
    expect(cases.map(({ line, number }) => [line.id, number])).toEqual([
      ["a", 1],
      ["c", 9],
    ]);
    expect(findings.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      "error: Line 2 is not JSON.",
      'error: Line 3 is not an object, like {"id": "1", "passed": true}.',
      "error: Line 4 is not UTF-8.",
      'error: Line 5 has no "id".',
      'error: Line 6 has an "epoch" that is not a whole number from 1.',
      'error: Line 7 has an "id" that cannot be one.',
    ]);
  });

  it("that breaks off loses its torn last line, with a warning", async () => {
    const { cases, findings } = await read('{"id": "a", "passed": true}\n{"id": "b", "pas');
    expect(cases).toHaveLength(1);
    expect(findings).toMatchObject([{ level: "warning", code: "case.line_torn", line: 2 }]);
  });

  it("without a line end after its last line loses nothing", async () => {
    const { cases, findings } = await read('{"id": "a", "passed": true}');
    expect([cases.length, findings]).toEqual([1, []]);
  });

  it("that begins with a byte order mark is read", async () => {
    expect((await read('\ufeff{"id": "a", "passed": true}\n')).cases).toHaveLength(1);
  });

  it("with a line over the limit names it, and reads on", async () => {
    const long = `{"id": "a", "output": "${"x".repeat(maxLineBytes)}"}`;
    const { cases, findings } = await read(`${long}\n{"id": "b", "passed": true}\n`);
    expect(cases.map(({ line }) => line.id)).toEqual(["b"]);
    expect(findings).toMatchObject([{ level: "error", code: "case.line_too_long", line: 1 }]);
  });
});
