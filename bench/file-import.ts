/**
 * How fast a file of 100,000 rows and ten columns is read through the folder source, as CSV in GB 18030, as CSV in UTF-8 and as a workbook,
 * beside a plain read of the same bytes. Each runs in a process of its own, so that its memory is its own. Prints one line of JSON:
 * node bench/file-import.ts [--rows 100000]
 */
import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import iconv from "iconv-lite";
import { ZipFile } from "yazl";
import { folderSource } from "../server/src/connectors/files/index.ts";
import { silentLog, systemClock } from "../server/src/platform/index.ts";

const { values } = parseArgs({ options: { rows: { type: "string", default: "100000" }, read: { type: "string" } } });
const columns = ["单号", "行号", "日期", "客户", "物料", "规格", "数量", "单价", "金额", "备注"];
function cellsOf(row: number): readonly string[] {
  return [`SO-${String(Math.floor(row / 4)).padStart(8, "0")}`, String((row % 4) + 1), "2025-03-31", `客户${row % 997}有限公司`, `M-${row % 4_999}`, `规格 ${row % 31} 号`, `${row % 90}.5`, `${row % 700}.25`, `${row % 90_000}.125`, `第${row}行`];
}

async function measureAll(rows: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tieout-import-"));
  try {
    const csv = [columns, ...Array.from({ length: rows }, (_, row) => cellsOf(row))].map((cells) => `${cells.join(",")}\r\n`).join("");
    await writeFile(join(folder, "gbk.csv"), iconv.encode(csv, "gb18030"));
    await writeFile(join(folder, "utf8.csv"), csv);
    await writeWorkbook(join(folder, "book.xlsx"), rows);
    const runs: Record<string, unknown> = {};
    for (const name of ["gbk.csv", "utf8.csv", "book.xlsx"]) runs[name] = JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), "--read", join(folder, name)], { encoding: "utf8" }));
    process.stdout.write(`${JSON.stringify({ rows, columns: columns.length, ...runs })}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeWorkbook(path: string, rows: number): Promise<void> {
  const shared = new Map<string, number>();
  const share = (text: string): number => shared.get(text) ?? (shared.set(text, shared.size), shared.size - 1);
  const cell = (text: string, column: number): string => (column === 2 ? '<c s="1"><v>45747</v></c>' : /^\d+(\.\d+)?$/.test(text) ? `<c><v>${text}</v></c>` : `<c t="s"><v>${share(text)}</v></c>`);
  const line = (cells: readonly string[], row: number): string => `<row r="${row}">${cells.map((text, column) => cell(text, row === 1 && column === 2 ? 99 : column)).join("")}</row>`;
  function* sheet(): Generator<string> {
    yield '<worksheet><dimension ref="A1:A1"/><sheetData>';
    yield line(columns, 1);
    for (let row = 0; row < rows; row += 1) yield line(cellsOf(row), row + 2);
    yield "</sheetData></worksheet>";
  }
  const text = [...sheet()].join("");
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('<workbook xmlns:r="r"><sheets><sheet name="数据" r:id="rId1"/></sheets></workbook>'), "xl/workbook.xml");
  zip.addBuffer(Buffer.from('<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>'), "xl/_rels/workbook.xml.rels");
  zip.addBuffer(Buffer.from('<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'), "xl/styles.xml");
  zip.addReadStream(Readable.from([text]), "xl/worksheets/sheet1.xml");
  zip.addReadStream(Readable.from([`<sst>${[...shared.keys()].map((one) => `<si><t>${one}</t></si>`).join("")}</sst>`]), "xl/sharedStrings.xml");
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

/** In its own process: the file read plainly, then through the source. */
async function measureOne(path: string): Promise<void> {
  const { size } = await stat(path);
  const plainStarted = performance.now();
  for await (const _ of createReadStream(path));
  const plainMs = performance.now() - plainStarted;

  const format = path.endsWith(".xlsx") ? "xlsx" as const : "csv" as const;
  const started = performance.now();
  const cpu = process.cpuUsage();
  const reading = await folderSource.open({ directory: join(path, ".."), settled: "0s", after: "keep", streams: { rows: { pattern: path.slice(path.lastIndexOf("/") + 1), format, key: ["单号", "行号"] } } }, new Map(), { now: systemClock, log: silentLog });
  let records = 0;
  let rssMax = 0;
  for await (const message of reading.messages) {
    if (message.is === "bad") throw new Error(message.problem.code);
    if (message.is === "record" && ++records % 2_000 === 0) rssMax = Math.max(rssMax, process.memoryUsage().rss);
    if (message.is === "state") await reading.ack(message.scope, message.state);
  }
  await reading.close();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(JSON.stringify({ records, megabytes: Math.trunc(size / 10_485.76) / 100, seconds: Math.trunc(seconds * 100) / 100, rowsPerSecond: Math.trunc(records / seconds), cpuSeconds: Math.trunc((user + system) / 10_000) / 100, rssMaxMb: Math.trunc(Math.max(rssMax, process.memoryUsage().rss) / 1_048_576), plainReadMs: Math.trunc(plainMs) }));
}

if (values.read === undefined) await measureAll(Number(values.rows));
else await measureOne(values.read);
