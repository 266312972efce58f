import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyFinder, redact } from "./redact.ts";

const key = 'a"B/c+0123456789-XYZ=~';
const bytes = Buffer.from(key);

const ways: [string, string][] = [
  ["as it is", key],
  ["in JSON", JSON.stringify(key)],
  ["in JSON, with every character escaped", key.replace(/./g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)],
  ["in a URL", encodeURIComponent(key)],
  ["in a URL, with every byte escaped", key.replace(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`)],
  ["in a URL, twice", encodeURIComponent(encodeURIComponent(key))],
  ["in HTML", key.replace(/./g, (c) => `&#${c.charCodeAt(0)};`)],
  ["in HTML, in hexadecimal", key.replace(/./g, (c) => `&#x${c.charCodeAt(0).toString(16)};`)],
  ["in hexadecimal", bytes.toString("hex")],
  ["in capital hexadecimal", bytes.toString("hex").toUpperCase()],
  ["in base64", bytes.toString("base64")],
  ["in base64 for URLs", bytes.toString("base64url")],
  ["in base64, behind other words", Buffer.from(`Bearer ${key}`).toString("base64")],
  ["in base64, behind one more", Buffer.from(`:Bearer ${key}, it was`).toString("base64")],
  ["cut off at its end", key.slice(0, 12)],
  ["cut off at its beginning", key.slice(-12)],
  ["with characters between that are not seen", key.split("").join("\u200B")],
];

describe("redact", () => {
  it.each(ways)("takes out a key %s", (_way, said) => {
    const shown = redact(`No model for <${said}> here.`, key);
    expect(shown).toContain("***");
    // In base64 what is around the key is joined with it.
    const hidden = said.startsWith("Qm") || said.startsWith("Ok") ? said.slice(12, -16) : said;
    for (let at = 0; at + 8 <= hidden.length; at++) expect(shown).not.toContain(hidden.slice(at, at + 8));
    expect(shown).toMatch(/^No model for <?/);
    expect(shown).toMatch(/>? here\.$/);
  });

  it("leaves what is not of the key", () => {
    const said = "No model gpt-4.1-mini-2025-04-14 for organization org-7.";
    expect(redact(said, key)).toBe(said);
    expect(redact(said, undefined)).toBe(said);
  });

  it("leaves no piece of any key in any text", () => {
    const character = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(
        fc.array(character, { minLength: 8, maxLength: 60 }),
        fc.string(),
        fc.string(),
        (of, a, b) => {
          const secret = of.join("");
          const shown = redact(a + secret + b, secret);
          for (let at = 0; at + 8 <= secret.length; at++)
            expect(shown).not.toContain(secret.slice(at, at + 8));
        },
      ),
    );
  });

  it("shows no control characters, also none that were escaped", () => {
    expect(redact("a\u001B[2Jb\\u001b[31mc\r\n\td", undefined)).toBe("a [2Jb [31mc d");
  });

  it("takes time that grows with the text alone", () => {
    const long = "x".repeat(8000);
    expect(redact(`${"y".repeat(60_000)}${long}`, long)).toMatch(/^y+\*\*\*$/);
  });
});

describe("keyFinder", () => {
  it.each(ways.slice(0, 2).concat(ways.slice(8, 14)))("finds a key %s", (_way, said) => {
    expect(keyFinder(key)(`{"you sent": "${said}"}`)).toBe(true);
  });

  it("finds nothing in an answer without it, and takes names for having no key for none", () => {
    expect(keyFinder(key)("0123456789")).toBe(false);
    expect(keyFinder("ollama")("ollama runs models")).toBe(false);
    expect(keyFinder(undefined)("undefined")).toBe(false);
  });
});
