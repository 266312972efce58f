/** A model and its endpoint, for tests of what asks one. */
import type { Upstream } from "../ports.ts";

export const gauge = {
  id: "mod_01jd0c2v5w8x9y0z1a2b3c4d5e",
  workspace: "local",
  name: "gauge",
  baseUrl: "https://gauge.example/v1",
  model: "gauge-1",
  prices: { input: 1, output: 2, version: "1" },
  hasKey: false,
  createdAt: "2026-01-01T00:00:00.000Z",
} as const;

export const question = [{ role: "user", content: "Why?" }];

/** An endpoint that gives these answers in turn, and what it was asked. */
export function endpoint(...answers: readonly ([status: number, body: string] | Error)[]) {
  const asked: unknown[] = [];
  const upstream: Upstream = {
    assertUrl: () => {},
    async send({ body }) {
      const answer = answers[asked.length];
      asked.push(JSON.parse(new TextDecoder().decode(body)));
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error("asked too often");
      const [status, text] = answer;
      async function* stream(): AsyncGenerator<Uint8Array> {
        yield Buffer.from(text);
      }
      return { status, headers: {}, body: stream() };
    },
  };
  return { upstream, asked };
}
