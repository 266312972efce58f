/** Numbers and times as people read them. */

/** `1.4 GB`, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  // 999.95 would be shown as 1000.0: the next unit begins where rounding does.
  while (value >= 999.95 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** `0.4 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Seconds between two ISO times; undefined while either is missing. */
export function secondsBetween(start: string | undefined, end: string | undefined): number | undefined {
  if (start === undefined || end === undefined) return undefined;
  return Math.max(0, (Date.parse(end) - Date.parse(start)) / 1000);
}

/** `2026-03-25 06:00`, UTC. */
export function formatTime(iso: string): string {
  return iso.slice(0, 16).replace("T", " ");
}

/** A score at a column's precision; an absent one is a dash, never a zero. */
export function formatScore(value: number | undefined, precision = 4): string {
  return value === undefined ? "–" : value.toFixed(Math.min(precision, 20));
}

/** Three significant digits; with an exponent where zeros would fill the line. */
export function shortNumber(value: number): string {
  const rounded = Number(value.toPrecision(3));
  const size = Math.abs(rounded);
  return size !== 0 && (size < 1e-6 || size >= 1e12)
    ? rounded.toExponential()
    : rounded.toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** `8.5 ms`, `120 ms`, `12.0 s`. */
export function formatMilliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** `$1.20`, `$0.0042`: two significant digits at least, however small. */
export function formatDollars(value: number): string {
  if (value >= 1) return `$${value.toFixed(2)}`;
  return `$${value === 0 ? "0.00" : decimal(value)}`;
}

/** Without an exponent, which `toPrecision` writes of less than a millionth; of less than a billionth nobody reads zeros. */
function decimal(value: number): string {
  return value < 1e-9 ? value.toPrecision(2) : value.toFixed(Math.max(2, 1 - Math.floor(Math.log10(value))));
}

/** `1 task`, `2 tasks`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** JSON with everything on one line that fits in so many characters. */
export function formatJson(value: unknown, width: number, indent = 0, label = ""): string {
  const flat = label + JSON.stringify(value);
  if (flat.length + indent <= width || typeof value !== "object" || value === null) return flat;
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const parts = Object.entries(value).map(([key, item]) => {
    const name = Array.isArray(value) ? "" : `${JSON.stringify(key)}: `;
    return " ".repeat(indent + 2) + formatJson(item, width, indent + 2, name);
  });
  return `${label}${open}\n${parts.join(",\n")}\n${" ".repeat(indent)}${close}`;
}
