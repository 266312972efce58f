/** One record of a CSV file, as RFC 4180 has it: quoted where needed, quotes doubled, CRLF at the end. */
export function csvRecord(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/**
 * What spreadsheets take for the start of a formula, in plain or full-width form, also behind white space.
 * Source: OWASP, "CSV Injection". An apostrophe in front makes it text again. Numbers are ours and stay numbers.
 */
const formula = /^\s*[=+\-@＝＋－＠|%]|^[\t\r\n]/u;

function csvCell(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
