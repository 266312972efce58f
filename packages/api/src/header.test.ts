import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { contentDisposition, untrustedHeaders } from "./header.ts";

describe("contentDisposition", () => {
  it("gives the name in ASCII and in full, without its folders", () => {
    expect(contentDisposition("a/b/résumé (1).zip")).toBe(
      `attachment; filename="r_sum_ (1).zip"; filename*=UTF-8''r%C3%A9sum%C3%A9%20%281%29.zip`,
    );
  });

  it("is one header with one name, whatever the name is", () => {
    assert(
      property(string({ unit: "binary" }), (name) => {
        const value = contentDisposition(name);
        expect(value).toMatch(/^attachment; filename="[^"\\%]*"; filename\*=UTF-8''[\w.!~%-]*$/);
        expect(() => new Headers({ "content-disposition": value })).not.toThrow();
      }),
    );
  });
});

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
