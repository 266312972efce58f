import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SectionCounter, matches } from "./directory.ts";
import type { StoredCase } from "./stored.ts";

const outcomes = fc.constantFrom<StoredCase["outcome"]>(
  { status: "passed" },
  { status: "failed" },
  { status: "not_scored", reason: { code: "error", message: "timeout" } },
);
const failures = fc.option(
  fc.record({
    category: fc.constantFrom("incorrect", "refusal", "__proto__"),
    source: fc.constant("rule" as const),
    confidence: fc.constant("high" as const),
    signature: fc.constant(""),
  }),
  { nil: undefined },
);
const cases = fc.array(
  fc.record({ outcome: outcomes, failure: failures }).map(({ outcome, failure }): StoredCase => {
    const stored = { id: "q", epoch: 1, outcome, content: "", line: 1, at: [0, 1] as [number, number] };
    return failure === undefined ? stored : { ...stored, failure };
  }),
);

describe("sections", () => {
  it("hold the cases that match them, and count as many", () => {
    fc.assert(
      fc.property(cases, (all) => {
        const counter = new SectionCounter();
        for (const stored of all) counter.add(stored);
        for (const section of counter.result().sections) {
          const held = all.filter((_, position) => counter.has(position, section));
          expect(held).toEqual(all.filter((stored) => matches(stored, section)));
          expect(section.count).toBe(held.length);
        }
      }),
    );
  });

  it("are of the most frequent categories, where there are too many", () => {
    const counter = new SectionCounter();
    const add = (category: string) =>
      counter.add({
        id: "q",
        epoch: 1,
        outcome: { status: "failed" },
        failure: { category, source: "program", confidence: "high", signature: "" },
        content: "",
        line: 1,
        at: [0, 1],
      });
    for (let n = 0; n < 2000; n++) add(`made up ${n}`);
    add("made up 7");
    const { sections, categoriesComplete } = counter.result();
    expect(categoriesComplete).toBe(false);
    expect(sections.filter(({ category }) => category !== undefined)).toHaveLength(24);
    expect(sections.find(({ category }) => category !== undefined)).toEqual({
      category: "made up 7",
      count: 2,
    });
  });
});
