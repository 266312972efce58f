/** Names inside a zip: decoded from their raw bytes, and refused unless any system can hold them safely. */
import { zipError } from "./zip-error.ts";

// Code page 437, the original zip encoding, from 0x80 up (APPNOTE.TXT appendix D).
const cp437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Linux and macOS allow 255 bytes in a name; the path limit leaves room for the directory it is unpacked under. */
const maxSegmentBytes = 255;
const maxPathBytes = 3000;

/**
 * The path an entry's raw name stands for. Without the UTF-8 flag the bytes are UTF-8 if they can be (macOS writes
 * that), else code page 437.
 * @throws InvalidInput `zip.unsafe_path`
 */
export function decodePath(raw: Uint8Array, flaggedUtf8: boolean): string {
  try {
    return utf8.decode(raw);
  } catch {
    if (flaggedUtf8) throw unsafe(Buffer.from(raw).toString("utf8"), "is not valid UTF-8");
    return Array.from(raw, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : cp437[byte - 0x80])).join("");
  }
}

/**
 * Refuses absolute paths, `..`, backslashes, drive letters, control characters, and names no file system holds.
 * @throws InvalidInput `zip.unsafe_path`
 */
export function checkPath(path: string): void {
  if (path === "" || path === "/") throw unsafe(path, "is empty");
  if (path.startsWith("/")) throw unsafe(path, "is absolute");
  if (path.includes("\\")) throw unsafe(path, "contains a backslash");
  if (/^[a-z]:/i.test(path)) throw unsafe(path, "starts with a drive letter");
  if (/[\u0000-\u001f\u007f]/.test(path)) throw unsafe(path, "contains a control character", rename);
  if (Buffer.byteLength(path) > maxPathBytes)
    throw unsafe(path, `is longer than ${maxPathBytes} bytes`, rename);
  for (const segment of path.replace(/\/$/, "").split("/")) {
    if (segment === "..") throw unsafe(path, 'leaves its directory through ".."');
    if (segment === "" || segment === ".") throw unsafe(path, "has an empty segment");
    if (Buffer.byteLength(segment) > maxSegmentBytes) {
      throw unsafe(path, `has a name longer than ${maxSegmentBytes} bytes`, rename);
    }
  }
}

/** Two paths with the same folded form are one file on some systems (macOS, Windows). */
export function foldPath(path: string): string {
  return path.normalize("NFC").toLowerCase().normalize("NFC");
}

const rename = "Give it another name: shorter, or of plain letters.";

function unsafe(path: string, problem: string, hint = packingHint(path)): Error {
  return zipError("zip.unsafe_path", `The entry ${shortened(path)} ${problem}.`, hint);
}

function packingHint(path: string): string {
  return path.includes("\\")
    ? "Older Windows tools write backslashes: pack it with 7-Zip or with `tar -a -cf name.zip *`."
    : "Pack the zip from inside the folder with relative paths: `cd folder && zip -r ../name.zip .`";
}

/** A path for a message: quoted, escaped, and of bounded length. */
export function shortened(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
