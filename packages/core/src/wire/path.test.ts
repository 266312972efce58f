import { describe, expect, it } from "vitest";
import { caseSegment, referenceSegment } from "./path.ts";

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

describe("caseSegment", () => {
  it.each(["question-17", "a/b", "~", "~s", "~~t/", ".", "..", "%2F", "a b?c#d", "数", "\u0000"])(
    "writes %j as one segment that clients and proxies leave alone, and reads it back",
    (id) => {
      const segment = caseSegment.build(id);
      const { pathname } = new URL(`http://localhost/cases/${segment}`);
      expect(pathname).toBe(`/cases/${segment}`);
      expect(caseSegment.parse(decodeURIComponent(pathname.slice("/cases/".length)))).toBe(id);
    },
  );
});
