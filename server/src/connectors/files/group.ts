/**
 * Rows of one document gathered into one record: the fields of its first row, and all of them as `lines`. Only adjacent rows are
 * gathered, so that memory holds one document. A row that could not be read may belong to the document before it or to the one after
 * it: they become one bad record together, because a document that lacks a line must not be taken for a whole one.
 */
import type { Row } from "../connector.ts";
import { badBytesMax, Broken, type FileItem } from "./local-file.ts";

export type Group = { readonly by: readonly string[] };
type Bad = FileItem & { readonly is: "bad" };

/** As many as a document may have lines. */
const linesMax = 20_000;

export async function* gathered(name: string, items: AsyncIterable<FileItem>, { by }: Group): AsyncGenerator<FileItem> {
  const seen = new Set<string>();
  let key: string | undefined;
  let rows: Row[] = [];
  let place = "";
  let problem: Bad["problem"] | undefined;
  /** What stands in the bad record that is being made. */
  let bytes: Buffer[] = [];
  let isTouched = false;

  const spoil = (cause: Bad["problem"]): void => {
    problem ??= cause;
    bytes.push(...rows.map(bytesOf));
    rows = [];
  };
  function* flush(): Generator<FileItem> {
    const [first] = rows;
    if (problem !== undefined) yield { is: "bad", problem, bytes: Buffer.concat(bytes).subarray(0, badBytesMax), place };
    else if (first !== undefined) yield { is: "row", row: { ...first, lines: rows }, place };
    [key, rows, place, problem, bytes, isTouched] = [undefined, [], "", undefined, [], false];
  }

  try {
    for await (const item of items) {
      if (item.is === "fields") {
        const missing = by.filter((column) => !item.fields.includes(column));
        if (missing.length > 0) throw new Broken({ code: "file.no_header", facts: { name, header: missing.join(", ") } });
        yield { is: "fields", fields: [...item.fields, "lines"] };
        continue;
      }
      if (place === "") place = item.place;
      if (item.is === "bad") {
        spoil(item.problem);
        bytes.push(item.bytes, lineFeed);
        isTouched = true;
        continue;
      }
      const own = JSON.stringify(by.map((column) => item.row[column]));
      if (key !== undefined && own !== key && !isTouched) {
        yield* flush();
        place = item.place;
      }
      if (own !== key) {
        if (seen.has(own)) spoil({ code: "file.apart", facts: { name, key: by.map((column) => String(item.row[column])).join(", ") }, where: item.place });
        seen.add(own);
      }
      key = own;
      isTouched = false;
      if (problem === undefined && rows.length >= linesMax) spoil({ code: "file.too_large", facts: { name, what: by.join(", "), limit: linesMax }, where: place });
      if (problem === undefined) rows.push(item.row);
      else if (bytes.length <= linesMax) bytes.push(bytesOf(item.row));
    }
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    // The document in which the file breaks off is not whole either.
    spoil(error.problem);
    throw new Broken(error.problem, place || error.place, Buffer.concat([...bytes, error.bytes ?? Buffer.alloc(0)]).subarray(0, badBytesMax));
  }
  yield* flush();
}

const lineFeed = Buffer.from("\n");
const bytesOf = (row: Row): Buffer => Buffer.from(`${JSON.stringify(row)}\n`);
