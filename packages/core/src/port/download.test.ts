import { assert, property, string } from "fast-check";
import { expect, it } from "vitest";
import { contentDisposition, filenameIn, untrustedHeaders } from "./download.ts";

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

it("gives the name back", () => {
  assert(
    property(string({ unit: "grapheme" }), (name) => {
      expect(filenameIn(contentDisposition(name))).toBe(name.split(/[/\\]/).at(-1));
    }),
  );
  expect(filenameIn("inline")).toBeUndefined();
});

it("shows what browsers show safely, in a sandbox that runs and loads nothing", () => {
  const page = { contentType: "text/html; charset=utf-8", filename: "pages/terms.html" };
  const headers = untrustedHeaders(page, "page");
  expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none';/);
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["content-disposition"]).toMatch(/^inline; filename="terms.html"/);
  expect(untrustedHeaders(page, "file")["content-disposition"]).toMatch(/^attachment;/);
});

it.each(["application/octet-stream", "application/pdf", "text/javascript", "image/unknown", ""])(
  "has %j saved as a file",
  (contentType) => {
    const headers = untrustedHeaders({ contentType, filename: "x" }, "page");
    expect(headers["content-disposition"]).toMatch(/^attachment;/);
  },
);
