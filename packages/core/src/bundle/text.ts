/** Text files of a bundle, decoded or refused. */
import type { FindingList } from "./finding-list.ts";

/** UTF-8, with or without a byte order mark; undefined, and an error among `findings`, for anything else. */
export function decodeText(bytes: Uint8Array, file: string, findings: FindingList): string | undefined {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  try {
    if (!utf16) return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Said below, as for UTF-16.
  }
  findings.error("text.encoding", {
    message: `"${file}" is ${utf16 ? "UTF-16" : "not UTF-8"} text.`,
    file,
    hint: "Save it as UTF-8 in your editor.",
  });
  return undefined;
}
