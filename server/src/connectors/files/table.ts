/**
 * Lines of cells become rows by the names in the header, never by position. Exports carry a title above the header and totals below
 * the data, so the header is looked for and the end is recognised by its words.
 */
import type { Row } from "../connector.ts";
import { Broken, type FileItem } from "./local-file.ts";

export type Line = {
  readonly cells: readonly string[];
  readonly place: string;
  /** The line may have been cut off, because nothing ends it. */
  readonly isUnfinished?: boolean | undefined;
  /** Blank cells at the end are left out, as workbooks do. */
  readonly isSparse?: boolean | undefined;
  readonly problem?: (FileItem & { readonly is: "bad" })["problem"] | undefined;
  readonly bytes: () => Promise<Buffer>;
};

export type TableOptions = {
  /** Names of which at least three stand in the header. Without them the first line that is not blank is the header. */
  readonly header?: readonly string[] | undefined;
  /** The data ends at a line whose first cell begins with one of these. */
  readonly stopAt?: readonly string[] | undefined;
  /** Takes blanks, tabs and backticks off the ends of values. */
  readonly trim?: boolean | undefined;
};

const headerLinesMax = 40;

/** `onFooter` gets the lines from the end of the data on. */
export async function* rowsOf(name: string, lines: AsyncIterable<Line>, options: TableOptions, onFooter?: (cells: readonly string[]) => void): AsyncGenerator<FileItem> {
  const known = options.header;
  const stops = options.stopAt ?? [];
  let header: readonly string[] | undefined;
  let columns: readonly string[] = [];
  /** Columns up to the last that has a name. */
  let least = 0;
  let lineCount = 0;
  let isEnded = false;
  for await (const line of lines) {
    lineCount += 1;
    const { cells } = line;
    if (cells.every((cell) => cell === "")) continue;
    if (header === undefined) {
      if (known !== undefined && !isHeader(cells, known)) {
        if (lineCount >= headerLinesMax) break;
        continue;
      }
      header = namesOf(cells);
      least = header.findLastIndex((column) => column !== "") + 1;
      columns = header.map((column, at) => (column === "" ? `#${at + 1}` : column));
      yield { is: "fields", fields: header.filter((column) => column !== "") };
      continue;
    }
    if (isEnded || (stops.length > 0 && stops.some((stop) => clean(cells[0] ?? "").startsWith(stop)))) {
      isEnded = true;
      if (onFooter === undefined) break;
      onFooter(cells.map(clean));
      continue;
    }
    if (line.problem !== undefined) {
      yield { is: "bad", problem: line.problem, bytes: await line.bytes(), place: line.place };
      continue;
    }
    if ((cells.length < least && line.isSparse !== true) || (cells.length > header.length && cells.slice(header.length).some((cell) => cell !== ""))) {
      if (line.isUnfinished === true) throw new Broken({ code: "file.unfinished", facts: { name }, where: line.place }, line.place, await line.bytes());
      yield { is: "bad", problem: { code: "file.columns", facts: { name, got: cells.length, wanted: header.length }, where: line.place }, bytes: await line.bytes(), place: line.place };
      continue;
    }
    const row: Record<string, string> = {};
    for (let at = 0; at < header.length; at += 1) {
      const cell = cells[at] ?? "";
      const value = options.trim === true ? clean(cell) : cell;
      if (value === "" && header[at] === "") continue;
      row[columns[at] as string] = value;
    }
    yield { is: "row", row: row satisfies Row, place: line.place };
  }
  if (header === undefined && (known !== undefined || lineCount === 0)) throw new Broken({ code: "file.no_header", facts: { name, header: (known ?? []).slice(0, 5).join(", ") } });
}

export const isHeader = (cells: readonly string[], known: readonly string[]): boolean => {
  const names = new Set(cells.map(columnName));
  return known.filter((name) => names.has(columnName(name))).length >= Math.min(3, known.length);
};

/** A column's name as it is compared: without blanks around it, half-width brackets, and without the English that some banks add in square brackets. */
export const columnName = (cell: string): string => clean(cell).replaceAll("（", "(").replaceAll("）", ")").replace(/\s*\[.*\]$/, "");

const clean = (cell: string): string => cell.replace(/^[\s`\uFEFF]+|[\s`]+$/g, "");

/** A name that comes twice gets its number, so that no column hides another. */
function namesOf(cells: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  const names = cells.map((cell) => {
    const name = columnName(cell);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return name === "" || count === 1 ? (name === "__proto__" ? "#__proto__" : name) : `${name}#${count}`;
  });
  return names;
}
