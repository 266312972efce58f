import { describe, expect, it } from "vitest";
import { referenceSegment } from "./path.ts";

describe("referenceSegment", () => {
  it.each([
    ["penguins", "penguins"],
    ["lab/penguins@3", "lab~penguins%403"],
    ["env_01jd0c2v5w8x9y0z1a2b3c4d5e", "env_01jd0c2v5w8x9y0z1a2b3c4d5e"],
  ])("writes %s as one segment and reads it back", (reference, segment) => {
    expect(referenceSegment.build(reference)).toBe(segment);
    expect(referenceSegment.parse(decodeURIComponent(segment))).toBe(reference);
  });

  it("reads a slash that was percent-encoded", () => {
    expect(referenceSegment.parse(decodeURIComponent("lab%2Fpenguins"))).toBe("lab/penguins");
  });
});
