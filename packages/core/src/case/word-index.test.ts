import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WordIndexBuilder, blocksWith } from "./word-index.ts";

describe("the index of words", () => {
  it("names every block that holds a text", () => {
    const words = fc.array(fc.string({ unit: "grapheme", maxLength: 20 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(words, fc.nat(), fc.nat(), fc.nat(), (texts, which, from, length) => {
        const builder = new WordIndexBuilder();
        // Each case fills a block of its own.
        const entries = texts.map((text, number) => {
          const place = (unit: number) => [number * unit, (number + 1) * unit] as const;
          return builder.add(text, { summaries: place(10), lines: place(2 ** 20) })!;
        });
        const text = texts[which % texts.length]!;
        const start = from % (text.length + 1);
        const part = text.slice(start, start + (length % 8));
        const found = [...blocksWith(Buffer.concat(entries), part)].map(({ summaries }) => summaries[0] / 10);
        for (const [number, other] of texts.entries()) {
          if (other.includes(part)) expect(found).toContain(number);
        }
      }),
    );
  });

  it("passes over blocks that cannot hold it", () => {
    const builder = new WordIndexBuilder();
    const block = { summaries: [0, 1], lines: [0, 2 ** 20] } as const;
    const index = builder.add("the quick brown fox", block)!;
    expect([...blocksWith(index, "quick")]).toEqual([block]);
    expect([...blocksWith(index, "slow turtle")]).toEqual([]);
    expect(builder.end()).toBeUndefined();
  });
});
