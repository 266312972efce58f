import { describe, expect, it } from "vitest";
import { untrustedHeaders } from "./header.ts";

describe("untrustedHeaders", () => {
  it("shows what browsers show safely in a sandbox that runs and loads nothing", () => {
    const headers = untrustedHeaders("text/html; charset=utf-8", "pages/terms.html");
    expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none';/);
    expect(headers["content-disposition"]).toMatch(/^inline; filename="terms.html"/);
  });

  it.each(["application/octet-stream", "application/pdf", "text/javascript", "image/unknown", ""])(
    "saves %j as a file",
    (type) => expect(untrustedHeaders(type, "x")["content-disposition"]).toMatch(/^attachment;/),
  );
});
