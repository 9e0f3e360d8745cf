/** JSON and JSON lines. Numbers become their own text, because 12345678901234567.89 is another number as a float. */
import type { Json, Row } from "../connector.ts";
import { Broken, type FileItem, type LocalFile, textOf } from "./local-file.ts";

const recordCharactersMax = 16_777_216;

/** Refuses by SyntaxError. */
export const parseAsWritten = (text: string): Json => JSON.parse(text, (_, value: Json, context?: { readonly source?: string }) => (typeof value === "number" ? (context?.source ?? String(value)) : value)) as Json;

export const isRow = (value: Json | undefined): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands at a path such as "Header.ID" in a tree. */
export const valueAt = (row: Json | undefined, path: string): Json | undefined =>
  isRow(row) && Object.hasOwn(row, path) ? row[path] : path.split(".").reduce<Json | undefined>((value, name) => (isRow(value) && Object.hasOwn(value, name) ? value[name] : undefined), row);

/** The text there; of an element with attributes its "#text". */
export function textAt(row: Row, path: string): string {
  const value = valueAt(row, path);
  if (isRow(value)) return textAt(value, "#text");
  return value === undefined || value === null || Array.isArray(value) ? "" : String(value);
}

export async function* jsonLines(file: LocalFile): AsyncGenerator<FileItem> {
  let rest = "";
  let line = 0;
  const item = (text: string, isLast: boolean): FileItem | undefined => {
    line += 1;
    if (text.trim() === "") return undefined;
    return itemOf(text, file, `line ${line}`, isLast);
  };
  try {
    for await (const piece of textOf(file)) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const text of lines) {
        const found = item(text, false);
        if (found !== undefined) yield found;
      }
      if (rest.length > recordCharactersMax) throw tooLong(file, `line ${line + 1}`);
    }
  } catch (error) {
    throw error instanceof Broken && error.place === undefined ? new Broken({ ...error.problem, where: `line ${line + 1}` }, `line ${line + 1}`) : error;
  }
  const found = item(rest, true);
  if (found !== undefined) yield found;
}

/** The elements of an array, one at a time; `record` names the array inside an object. Any other document is one record. */
export async function* jsonRows(file: LocalFile, record: string | undefined): AsyncGenerator<FileItem> {
  const path = record === undefined ? [] : record.split(".");
  let count = 0;
  const where = (): string => `record ${count + 1}`;
  const scan = scanArray(path);
  let isTorn = true;
  try {
    for await (const piece of textOf(file)) {
      for (const text of scan.write(piece)) {
        yield itemOf(text, file, where(), false);
        count += 1;
      }
      if (scan.held() > recordCharactersMax) throw tooLong(file, where());
    }
    isTorn = scan.isOpen();
  } catch (error) {
    throw error instanceof Broken && error.place === undefined ? new Broken({ ...error.problem, where: where() }, where()) : error;
  }
  if (isTorn) throw new Broken({ code: "file.unfinished", facts: { name: file.name }, where: where() }, where(), Buffer.from(scan.rest()).subarray(0, 1_048_576));
  if (scan.isFound()) return;
  if (record !== undefined) throw new Broken({ code: "file.no_record", facts: { name: file.name, record } });
  yield itemOf(scan.rest(), file, where(), true);
}

const tooLong = (file: LocalFile, place: string): Broken => new Broken({ code: "file.too_large", facts: { name: file.name, what: "characters of a record", limit: recordCharactersMax }, where: place }, place);

function itemOf(text: string, file: LocalFile, place: string, isLast: boolean): FileItem {
  let cause = "an object is expected";
  try {
    const row = parseAsWritten(text);
    if (isRow(row)) return { is: "row", row, place };
  } catch (error) {
    cause = (error as Error).message;
    if (isLast) throw new Broken({ code: "file.unfinished", facts: { name: file.name }, where: place }, place, Buffer.from(text).subarray(0, 1_048_576));
  }
  return { is: "bad", problem: { code: "file.broken", facts: { name: file.name, cause }, where: place }, bytes: Buffer.from(text), place };
}

type ArrayScan = { readonly write: (piece: string) => string[]; readonly held: () => number; readonly rest: () => string; readonly isFound: () => boolean; readonly isOpen: () => boolean };

/** Cuts the elements out of one array without reading the whole file. It counts brackets outside of strings; each element is then parsed by itself. */
function scanArray(path: readonly string[]): ArrayScan {
  let buffer = "";
  let at = 0;
  let start = -1;
  let depth = 0;
  let isString = false;
  let arrayDepth = -1;
  let isDone = false;
  let text = "";
  const keys: string[] = [];
  const cut = (elements: string[]): void => {
    const element = buffer.slice(start, at);
    if (start >= 0 && element.trim() !== "") elements.push(element);
    start = at + 1;
  };
  return {
    write: (piece) => {
      buffer += piece;
      const elements: string[] = [];
      for (; at < buffer.length; at += 1) {
        const code = buffer.charCodeAt(at);
        if (isString) {
          if (code === 92) {
            if (at + 1 >= buffer.length) break;
            at += 1;
          } else if (code === 34) isString = false;
          else if (arrayDepth < 0) text += buffer[at];
          continue;
        }
        if (code === 34) {
          isString = true;
          text = "";
        } else if (code === 58 && arrayDepth < 0) {
          keys.length = depth - 1;
          keys.push(text);
        } else if (code === 91 || code === 123) {
          depth += 1;
          const isWanted = !isDone && arrayDepth < 0 && code === 91 && keys.length === path.length && depth === path.length + 1 && path.every((key, index) => keys[index] === key);
          if (isWanted) {
            arrayDepth = depth;
            start = at + 1;
          }
        } else if (code === 93 || code === 125) {
          if (depth === arrayDepth) {
            cut(elements);
            arrayDepth = -1;
            isDone = true;
            start = -1;
          }
          depth -= 1;
        } else if (code === 44 && depth === arrayDepth) cut(elements);
      }
      // Before the array is found the text is kept: without a path it may be one record.
      const keep = start >= 0 ? start : isDone || path.length > 0 ? at : 0;
      buffer = buffer.slice(keep);
      at -= keep;
      if (start >= 0) start = 0;
      return elements;
    },
    held: () => buffer.length,
    rest: () => buffer,
    isFound: () => isDone,
    isOpen: () => depth > 0 || isString,
  };
}
