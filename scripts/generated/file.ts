/** A file of the repository that is made from its source. */
export interface GeneratedFile {
  /** Relative to the root. */
  readonly path: string;
  /** The same for the same source, on any machine. */
  content(): string;
}

/** JSON as it is checked in. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
