/** Rows of a CSV (any usual separator, UTF-8 or GB 18030) or Parquet file, one after another; nothing but the row at hand is held. */
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { parse } from "csv-parse";
import iconv from "iconv-lite";
import { refuse } from "../../platform/index.ts";

export type TableFile = { readonly path: string; readonly header: readonly string[]; rows(): AsyncIterable<readonly string[]> };

/** Refuses: matching.file, matching.unreadable. */
export async function openTableFile(path: string): Promise<TableFile> {
  const isFile = await stat(path).then((found) => found.isFile(), () => false);
  if (!isFile) refuse("matching.file", { path });
  return /\.parquet$/i.test(path) ? openParquet(path) : openCsv(path);
}

async function openCsv(path: string): Promise<TableFile> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(65_536), position: 0 }).finally(() => file.close());
  const start = buffer.subarray(0, bytesRead);
  const isUtf8 = !iconv.decode(start.subarray(0, Math.max(0, bytesRead - 4)), "utf8").includes("\ufffd");
  const firstLine = (iconv.decode(start, isUtf8 ? "utf8" : "gb18030").split(/\r?\n/)[0] ?? "").replace(/^\ufeff/, "");
  const delimiter = separatorOf(firstLine);
  async function* records(): AsyncGenerator<string[]> {
    const stream = createReadStream(path, { highWaterMark: 1 << 18 });
    try {
      const parser = parse({ delimiter, bom: true, trim: true, relax_quotes: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 10_000_000 });
      const text = isUtf8 ? stream : stream.pipe(iconv.decodeStream("gb18030"));
      stream.on("error", (error) => parser.destroy(error));
      yield* text.pipe(parser) as AsyncIterable<string[]>;
    } finally {
      stream.destroy();
    }
  }
  let header: string[] = [];
  try {
    for await (const record of records()) {
      header = record;
      break;
    }
  } catch (error) {
    refuse("matching.unreadable", { path, reason: (error instanceof Error ? error.message : String(error)).slice(0, 200) });
  }
  return {
    path, header,
    async *rows() {
      let isFirst = true;
      for await (const record of records()) {
        if (isFirst) isFirst = false;
        else yield record;
      }
    },
  };
}

/** The separator that parts the header into most cells; quotes hide theirs. */
function separatorOf(line: string): string {
  const bare = line.replace(/"[^"]*"/g, "");
  const counted = [",", "\t", ";", "|", "%"].map((mark) => ({ mark, count: bare.split(mark).length - 1 }));
  return counted.reduce((best, one) => (one.count > best.count ? one : best)).mark;
}

async function openParquet(path: string): Promise<TableFile> {
  const from = `read_parquet('${path.replace(/'/g, "''")}')`;
  // A native library of some size: loaded for the first Parquet file only. Its settings keep it from fetching extensions.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const connect = async () => {
    const instance = await DuckDBInstance.create(":memory:", { autoload_known_extensions: "false", autoinstall_known_extensions: "false", threads: "1", memory_limit: "512MB" });
    return instance.connect();
  };
  const first = await connect();
  const header = await first.run(`select * from ${from} limit 0`).then((result) => result.columnNames(), (error: unknown) => refuse("matching.unreadable", { path, reason: (error instanceof Error ? error.message : String(error)).slice(0, 200) })).finally(() => first.closeSync());
  const columns = header.map((name) => `cast("${name.replace(/"/g, '""')}" as varchar)`).join(", ");
  return {
    path, header,
    async *rows() {
      const connection = await connect();
      try {
        const result = await connection.stream(`select ${columns} from ${from}`);
        for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) for (const row of chunk.getRows()) yield row.map((value) => (value === null ? "" : String(value)));
      } finally {
        connection.closeSync();
      }
    },
  };
}
