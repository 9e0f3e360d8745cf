/** A file that a person hands over, read at once: its records in order, what is wrong with it, and its columns. Nothing is kept of it here. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Problem } from "../../platform/index.ts";
import type { Row } from "../connector.ts";
import { readFileItems, type StreamConfig } from "./format.ts";
import { Broken, identify } from "./local-file.ts";

export const wholeFormats = { csv: "csv", txt: "csv", xlsx: "xlsx", xls: "xls", json: "json", jsonl: "jsonl", ndjson: "jsonl" } as const;
export type WholeFile = { readonly format: (typeof wholeFormats)[keyof typeof wholeFormats]; readonly encoding: string; readonly fields: readonly string[]; readonly rows: readonly { readonly row: Row; readonly place: string }[]; readonly problems: readonly Problem[]; /** There are more records than were asked for. */ readonly isCut: boolean };

/** undefined: no format goes by the name's end. A break in the file is a problem of its place; what stands before it is read. */
export async function readWhole(name: string, bytes: Uint8Array, options: { readonly rowsMax: number; readonly delimiter?: string | undefined; readonly sheet?: string | undefined }): Promise<WholeFile | undefined> {
  const format = wholeFormats[(/\.([a-z]+)$/i.exec(name)?.[1] ?? "").toLowerCase() as keyof typeof wholeFormats];
  if (format === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "tieout-file-"));
  try {
    const path = join(folder, "file");
    await writeFile(path, bytes, { mode: 0o600 });
    const file = await identify(path, name);
    const stream: StreamConfig = format === "csv" ? { pattern: "*", format, delimiter: options.delimiter ?? delimiterOf(bytes, file.encoding), trim: true } : format === "xlsx" || format === "xls" ? { pattern: "*", format, trim: true, ...(options.sheet === undefined ? {} : { sheet: options.sheet }) } : { pattern: "*", format };
    let fields: readonly string[] = [];
    const rows: { row: Row; place: string }[] = [];
    const problems: Problem[] = [];
    let isCut = false;
    try {
      for await (const item of readFileItems(file, stream)) {
        if (item.is === "fields") fields = item.fields;
        else if (rows.length >= options.rowsMax || problems.length >= 1_000) {
          isCut = true;
          break;
        } else if (item.is === "bad") problems.push({ ...item.problem, where: item.problem.where ?? item.place });
        else rows.push({ row: item.row, place: item.place });
      }
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      problems.push({ ...error.problem, where: error.problem.where ?? error.place });
    }
    return { format, encoding: file.encoding, fields: fields.length > 0 ? fields : [...new Set(rows.slice(0, 100).flatMap(({ row }) => Object.keys(row)))], rows, problems, isCut };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The separator that the first line has most of, outside of quotes. */
function delimiterOf(bytes: Uint8Array, encoding: string): string {
  const line = new TextDecoder(encoding).decode(bytes.subarray(0, 65_536)).split(/\r?\n/).find((one) => one.trim() !== "") ?? "";
  const bare = line.replace(/"[^"]*"/g, "");
  const counts = [",", "\t", ";", "|"].map((one) => ({ one, n: bare.split(one).length - 1 }));
  return counts.reduce((best, next) => (next.n > best.n ? next : best)).one;
}
