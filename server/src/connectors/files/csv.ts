/** CSV as text arrives, with quotes taken strictly: a quote that does not close breaks the file, a wrong number of columns only its line. */
import { parse } from "csv-parse";
import type { Problem } from "../../platform/index.ts";
import { badBytesMax, Broken, bytesOfLines, type Encoding, type LocalFile, textOf } from "./local-file.ts";
import { isHeader, type Line } from "./table.ts";

export type CsvOptions = { readonly delimiter?: string | undefined; readonly encoding?: Encoding | "auto" | undefined; readonly header?: readonly string[] | undefined };

export async function* csvLines(file: LocalFile, options: CsvOptions): AsyncGenerator<Line> {
  const delimiter = options.delimiter ?? ",";
  const encoding = options.encoding === undefined || options.encoding === "auto" ? file.encoding : options.encoding;
  const above = { lines: 0 };
  const texts = options.header === undefined ? textOf(file, encoding) : fromHeader(textOf(file, encoding), options.header, delimiter, above);
  let lines: Line[] = [];
  let lineEnd = 0;
  let isFlushing = false;
  const parser = parse({
    delimiter,
    relax_column_count: true,
    max_record_size: badBytesMax,
    on_record: (cells: readonly string[], { lines: last }) => {
      const from = above.lines + lineEnd + 1;
      const to = above.lines + last;
      lineEnd = last;
      lines.push({ cells, place: `line ${from}`, isUnfinished: isFlushing, bytes: () => bytesOfLines(file, from, to) });
      return null;
    },
  });
  // Errors come through the callbacks of write and end.
  parser.on("error", () => {});
  parser.resume();
  try {
    for await (const text of texts) {
      const fault = await new Promise<Error | null | undefined>((resolve) => parser.write(text, resolve));
      yield* lines;
      lines = [];
      if (fault) throw fault;
    }
    isFlushing = true;
    await new Promise<void>((resolve, reject) => parser.once("error", reject).end(resolve));
    yield* lines;
  } catch (error) {
    const from = above.lines + lineEnd + 1;
    const bytes = await bytesOfLines(file, from);
    if (error instanceof Broken) throw error.place === undefined ? new Broken({ ...error.problem, where: `line ${from}` }, `line ${from}`, bytes) : error;
    const code = String((error as { readonly code?: unknown }).code);
    if (!code.startsWith("CSV_")) throw error;
    const problem: Problem = code === "CSV_QUOTE_NOT_CLOSED" ? { code: "file.unfinished", facts: { name: file.name } } : { code: "file.broken", facts: { name: file.name, cause: code.slice(4).toLowerCase().replaceAll("_", " ") } };
    throw new Broken({ ...problem, where: `line ${from}` }, `line ${from}`, bytes);
  } finally {
    parser.destroy();
  }
}

const titleCharactersMax = 262_144;

/** Drops what stands above the header before quotes are looked at: titles are free text. Nothing is dropped where no header is found. */
async function* fromHeader(texts: AsyncGenerator<string>, known: readonly string[], delimiter: string, above: { lines: number }): AsyncGenerator<string> {
  let title = "";
  let isFound = false;
  const search = (isAll: boolean): string | undefined => {
    const lines = title.split("\n");
    const whole = isAll ? lines : lines.slice(0, -1);
    const at = whole.slice(0, 40).findIndex((line) => isHeader(line.split(delimiter).map((cell) => cell.replace(/^\s*"|"\s*$/g, "")), known));
    if (at >= 0) {
      above.lines = at;
      return lines.slice(at).join("\n");
    }
    return isAll || whole.length >= 40 || title.length > titleCharactersMax ? "" : undefined;
  };
  for await (const text of texts) {
    if (isFound) {
      yield text;
      continue;
    }
    title += text;
    const rest = search(false);
    if (rest === "") return;
    if (rest === undefined) continue;
    isFound = true;
    yield rest;
  }
  if (!isFound) yield search(true) ?? "";
}
