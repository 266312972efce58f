/** Keys of endpoints, kept out of what the endpoints say. Pure. */

/** A piece of a key that is shorter tells nothing, and may be any word. Characters. */
const shortestPiece = 8;
/** Shorter keys are names for having none: `ollama`, `EMPTY`. Answers may hold them. */
const shortestSecret = 16;

/** A text without the key, or any piece of it, however it is encoded. */
export function redact(text: string, key: string | undefined): string {
  const plain = decoded(text);
  if (key === undefined) return plain;
  const size = Math.min(shortestPiece, key.length);
  const pieces = new Set(formsOf(key).flatMap((form) => piecesOf(form, size)));
  let shown = "";
  let hiddenUntil = 0;
  for (let at = 0; at < plain.length; at++) {
    if (pieces.has(plain.slice(at, at + size))) {
      if (at >= hiddenUntil) shown += "***";
      hiddenUntil = at + size;
    }
    if (at >= hiddenUntil) shown += plain[at];
  }
  return shown;
}

/** Tells whether an answer holds the key whole, as one does of an endpoint that echoes what it was sent. */
export function keyFinder(key: string | undefined): (text: string) => boolean {
  if (key === undefined || key.length < shortestSecret) return () => false;
  const forms = [JSON.stringify(key).slice(1, -1), ...formsOf(key)];
  return (text) => forms.some((form) => text.includes(form));
}

/** The key as it is, in hexadecimal, and in base64 wherever in a text it may begin. */
function formsOf(key: string): string[] {
  const hex = Buffer.from(key).toString("hex");
  const base64 = [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.from("-".repeat(before) + key);
    // What depends on the bytes around it is left out.
    const inner = (text: string) =>
      text.slice(before === 0 ? 0 : before + 1, Math.floor((bytes.length * 8) / 6));
    return [inner(bytes.toString("base64")), inner(bytes.toString("base64url"))];
  });
  return [key, encodeURIComponent(key), hex, hex.toUpperCase(), ...base64];
}

function piecesOf(form: string, size: number): string[] {
  return Array.from({ length: Math.max(0, form.length - size + 1) }, (_, at) => form.slice(at, at + size));
}

const escapes = /\\+u([0-9a-f]{4})|\\+x([0-9a-f]{2})|%([0-9a-f]{2})|&#x([0-9a-f]{1,6});|&#(\d{1,7});/gi;
/** Escapes inside escapes that are looked through. */
const maxDepth = 3;

/** Escapes of JSON, URLs and HTML as what they stand for, and no character that is not seen. */
function decoded(text: string): string {
  let plain = text;
  for (let depth = 0; depth < maxDepth; depth++) {
    plain = plain.replace(escapes, (escape, json, c, url, hex, decimal) => {
      const code = decimal === undefined ? Number.parseInt(json ?? c ?? url ?? hex, 16) : Number(decimal);
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : escape;
    });
  }
  return plain.replace(/\p{Cf}+/gu, "").replace(/[\s\p{Cc}]+/gu, " ");
}
