import { type Printable, type Text, join, pad, paint, text, truncate } from "./text.ts";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** No cell is shown wider than this many terminal columns. */
const maxWidth = 48;

/** Columns aligned by what a terminal shows, two spaces between them, titles dimmed. No line ends in blanks. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly Printable[])[]): Text {
  const cells = rows.map((row) => columns.map((_, i) => truncate(row[i] ?? "", maxWidth)));
  const titles = columns.map((column) => truncate(column.title, maxWidth));
  const widths = titles.map((title, i) => Math.max(title.width, ...cells.map((row) => row[i]!.width)));
  const line = (row: readonly Text[]): Text => {
    const last = row.findLastIndex(({ width }) => width > 0);
    const padded = row
      .slice(0, last + 1)
      .map((cell, i) =>
        i === last && columns[i]?.align !== "right" ? cell : pad(cell, widths[i]!, columns[i]?.align),
      );
    return text`${join(padded, "  ")}`;
  };
  return join([paint.dim(line(titles)), ...cells.map(line)], "\n");
}
