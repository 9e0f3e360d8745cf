/**
 * Workbooks, read as a stream: only the shared strings stay in memory. The stated dimension is ignored, because exporters write it wrong.
 * Numbers keep the text that stands in the file; dates are known by their style; a formula gives its stored result.
 */
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { dateOf } from "../../values/index.ts";
import { badBytesMax, Broken, type LocalFile } from "./local-file.ts";
import type { Line } from "./table.ts";
import { localName, scanXml, type XmlHandler, type XmlScanner } from "./xml-scanner.ts";

const limits = {
  fileBytes: 268_435_456,
  entries: 5_000,
  unpackedBytes: 1_610_612_736,
  /** Deflate reaches 1,032; a real sheet 10 to 60. */
  ratio: 300,
  ratioFromBytes: 16_777_216,
  sharedCharacters: 134_217_728,
  cellCharacters: 1_048_576,
  columns: 16_384,
  rows: 1_048_576,
};

export async function* xlsxLines(file: LocalFile, options: { readonly sheet?: string | undefined }): AsyncGenerator<Line> {
  const zip = await openZip(file);
  let place: string | undefined;
  try {
    const entries = await listEntries(zip, file);
    const part = (path: string): AsyncGenerator<string> => textOfEntry(zip, entries, path, file);
    const workbook = await readWorkbook(part);
    const sheet = options.sheet === undefined ? workbook.sheets.find(({ isHidden }) => !isHidden) : workbook.sheets.find(({ name }) => name === options.sheet);
    if (sheet === undefined) throw new Broken({ code: "xlsx.no_sheet", facts: { name: file.name, sheet: options.sheet ?? "" } });
    const strings = entries.has("xl/sharedStrings.xml") ? await readStrings(part("xl/sharedStrings.xml"), file) : [];
    const dates = entries.has("xl/styles.xml") ? await readDateStyles(part("xl/styles.xml")) : [];
    for await (const line of sheetLines(part(sheet.path), file, strings, dates, workbook.is1904)) {
      place = line.place;
      yield line;
    }
  } catch (error) {
    // What yauzl, zlib and the scanner throw about a torn or forged archive is the file's fault; a failing disk or our own mistake is not.
    if (error instanceof Broken || error instanceof TypeError || error instanceof RangeError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    const where = place === undefined ? undefined : `after ${place}`;
    throw new Broken({ code: "file.broken", facts: { name: file.name, cause: (error as Error).message }, where }, where);
  } finally {
    zip.close();
  }
}

const tooLarge = (file: LocalFile, what: string, limit: number): Broken => new Broken({ code: "file.too_large", facts: { name: file.name, what, limit } });

async function openZip(file: LocalFile): Promise<ZipFile> {
  if (file.size > limits.fileBytes) throw tooLarge(file, "bytes", limits.fileBytes);
  try {
    return await openPromise(file.path, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
  } catch (error) {
    throw new Broken({ code: "file.broken", facts: { name: file.name, cause: (error as Error).message } });
  }
}

/** Refuses before anything is unpacked. A size that is stated too small is caught by yauzl while unpacking. */
async function listEntries(zip: ZipFile, file: LocalFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > limits.entries) throw tooLarge(file, "entries", limits.entries);
  const entries = new Map<string, Entry>();
  let unpacked = 0;
  await new Promise<void>((resolve, reject) => {
    zip.on("entry", (entry: Entry) => {
      unpacked += entry.uncompressedSize;
      if (unpacked > limits.unpackedBytes) return reject(tooLarge(file, "unpacked bytes", limits.unpackedBytes));
      if (entry.uncompressedSize > limits.ratioFromBytes && entry.uncompressedSize > entry.compressedSize * limits.ratio) return reject(tooLarge(file, "packing ratio", limits.ratio));
      entries.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.once("end", resolve).once("error", reject);
    zip.readEntry();
  });
  return entries;
}

async function* textOfEntry(zip: ZipFile, entries: ReadonlyMap<string, Entry>, path: string, file: LocalFile): AsyncGenerator<string> {
  const entry = entries.get(path);
  if (entry === undefined) throw new Broken({ code: "file.broken", facts: { name: file.name, cause: `${path} is missing` } });
  const stream = await zip.openReadStreamPromise(entry);
  stream.setEncoding("utf8");
  for await (const text of stream as AsyncIterable<string>) yield text;
}

/** A part of a workbook as events; prefixes are dropped. */
const parser = ({ open, text, close }: XmlHandler): XmlScanner =>
  scanXml({ open: (name, attributes) => open?.(localName(name), attributes), text: (value) => text?.(value), close: (name) => close?.(localName(name)) });

async function feed(texts: AsyncIterable<string>, handler: XmlHandler): Promise<void> {
  const xml = parser(handler);
  for await (const text of texts) xml.write(text);
  xml.end();
}

type Workbook = { readonly sheets: readonly { readonly name: string; readonly path: string; readonly isHidden: boolean }[]; readonly is1904: boolean };

async function readWorkbook(part: (path: string) => AsyncGenerator<string>): Promise<Workbook> {
  const targets = new Map<string, string>();
  await feed(part("xl/_rels/workbook.xml.rels"), {
    open: (name, { Id, Target }) => {
      if (name === "Relationship" && Id !== undefined && Target !== undefined) targets.set(Id, Target.startsWith("/") ? Target.slice(1) : `xl/${Target}`);
    },
  });
  const sheets: { name: string; path: string; isHidden: boolean }[] = [];
  let is1904 = false;
  await feed(part("xl/workbook.xml"), {
    open: (name, attributes) => {
      if (name === "workbookPr") is1904 = ["1", "true"].includes(attributes["date1904"] ?? "");
      const path = targets.get(attributes["r:id"] ?? Object.entries(attributes).find(([key]) => key.endsWith(":id"))?.[1] ?? "");
      if (name === "sheet" && path !== undefined) sheets.push({ name: attributes["name"] ?? "", path, isHidden: (attributes["state"] ?? "visible") !== "visible" });
    },
  });
  return { sheets, is1904 };
}

async function readStrings(texts: AsyncIterable<string>, file: LocalFile): Promise<readonly string[]> {
  const strings: string[] = [];
  let total = 0;
  let value = "";
  let isText = false;
  let isPhonetic = false;
  await feed(texts, {
    open: (name) => {
      if (name === "si") value = "";
      if (name === "rPh") isPhonetic = true;
      isText = name === "t" && !isPhonetic;
    },
    text: (text) => {
      if (!isText) return;
      value += text;
      if ((total += text.length) > limits.sharedCharacters) throw tooLarge(file, "characters of shared text", limits.sharedCharacters);
    },
    close: (name) => {
      if (name === "t") isText = false;
      if (name === "rPh") isPhonetic = false;
      if (name === "si") strings.push(unescape(value));
    },
  });
  return strings;
}

/** Excel writes characters that XML cannot hold as _x000D_. */
const unescape = (text: string): string => (text.includes("_x") ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))) : text);

/** For each style whether it shows a date: the built-in formats, those of Chinese Excel among them, and written ones with a letter for year, month, day, hour or second. */
async function readDateStyles(texts: AsyncIterable<string>): Promise<readonly boolean[]> {
  const written = new Map<string, boolean>();
  const styles: boolean[] = [];
  let isCellStyles = false;
  await feed(texts, {
    open: (name, attributes) => {
      if (name === "numFmt") written.set(attributes["numFmtId"] ?? "", isDateFormat(attributes["formatCode"] ?? ""));
      if (name === "cellXfs") isCellStyles = true;
      if (name === "xf" && isCellStyles) {
        const id = attributes["numFmtId"] ?? "0";
        styles.push(written.get(id) ?? isBuiltInDate(Number(id)));
      }
    },
    close: (name) => {
      if (name === "cellXfs") isCellStyles = false;
    },
  });
  return styles;
}

const isBuiltInDate = (id: number): boolean => (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
export const isDateFormat = (code: string): boolean => /[ymdhs]/i.test(code.split(";")[0]?.replace(/"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.|general|e[+-]/gi, "") ?? "");

async function* sheetLines(texts: AsyncIterable<string>, file: LocalFile, strings: readonly string[], dates: readonly boolean[], is1904: boolean): AsyncGenerator<Line> {
  let lines: Line[] = [];
  let cells: string[] = [];
  let rowNumber = 0;
  let column = 0;
  let kind = "";
  let isDate = false;
  let hasFormula = false;
  let hasValue = false;
  let isTaken = false;
  let isPhonetic = false;
  let value = "";
  let problem: Line["problem"];
  let lineSize = 0;
  let isData = false;

  const xml = parser({
    open: (name, attributes) => {
      if (name === "sheetData") isData = true;
      if (!isData) return;
      if (name === "row") {
        rowNumber = attributes["r"] === undefined ? rowNumber + 1 : Number(attributes["r"]);
        if (!(rowNumber <= limits.rows)) throw tooLarge(file, "rows", limits.rows);
        cells = [];
        column = 0;
        lineSize = 0;
        problem = undefined;
      } else if (name === "c") {
        if (attributes["r"] !== undefined) column = columnOf(attributes["r"]);
        if (!(column < limits.columns)) throw tooLarge(file, "columns", limits.columns);
        kind = attributes["t"] ?? "n";
        isDate = dates[Number(attributes["s"] ?? "0")] ?? false;
        hasFormula = hasValue = false;
        value = "";
      } else if (name === "f") hasFormula = true;
      else if (name === "rPh") isPhonetic = true;
      else if (name === "v" || (name === "t" && !isPhonetic)) isTaken = hasValue = true;
    },
    text: (text) => {
      if (!isTaken) return;
      value += text;
      if ((lineSize += text.length) > limits.cellCharacters * 4 || value.length > limits.cellCharacters) throw tooLarge(file, "characters of a cell", limits.cellCharacters);
    },
    close: (name) => {
      if (!isData) return;
      if (name === "v" || name === "t") isTaken = false;
      else if (name === "rPh") isPhonetic = false;
      else if (name === "sheetData") isData = false;
      else if (name === "c") {
        while (cells.length < column) cells.push("");
        if (hasFormula && !hasValue) problem = { code: "xlsx.not_calculated", facts: { name: file.name, cell: `${columnLetters(column)}${rowNumber}` }, where: `row ${rowNumber}` };
        cells[column] = hasValue ? cellText(kind, value, isDate, strings, is1904) : "";
        column += 1;
      } else if (name === "row") {
        const own = cells;
        lines.push({ cells: own, place: `row ${rowNumber}`, isSparse: true, problem, bytes: async () => Buffer.from(JSON.stringify(own)).subarray(0, badBytesMax) });
      }
    },
  });
  for await (const text of texts) {
    let fault: unknown;
    try {
      xml.write(text);
    } catch (error) {
      fault = error;
    }
    // What was complete before a break is given before the break is told.
    yield* lines;
    lines = [];
    if (fault !== undefined) throw fault;
  }
  xml.end();
}

function columnOf(reference: string): number {
  let column = 0;
  for (let at = 0; at < reference.length; at += 1) {
    const code = reference.charCodeAt(at);
    if (code < 65 || code > 90) break;
    column = column * 26 + code - 64;
  }
  return column - 1;
}

function columnLetters(column: number): string {
  const rest = Math.floor(column / 26);
  return (rest === 0 ? "" : columnLetters(rest - 1)) + String.fromCharCode(65 + (column % 26));
}

function cellText(kind: string, value: string, isDate: boolean, strings: readonly string[], is1904: boolean): string {
  if (kind === "s") return strings[Number(value)] ?? "";
  if (kind === "inlineStr" || kind === "str") return unescape(value);
  if (kind === "b") return value === "1" ? "true" : "false";
  if (kind === "n") return isDate ? dateText(value, is1904) : numberText(value);
  return value;
}

/**
 * A number as written. Excel stores 15 digits and writes up to 17, so that 0.1 stands as 0.10000000000000001: such text is shortened where the
 * same number has a form of 15 digits; longer text is no rest of a float and stays.
 */
export function numberText(text: string): string {
  const digits = text.replace(/e.*$/i, "").replace(/^-?0*\.?0*|\./g, "");
  if (digits.length > 15) {
    const short = String(Number(text));
    if (short.replace(/e.*$/i, "").replace(/^-?0*\.?0*|\./g, "").length <= 15) return plain(short);
  }
  return plain(text);
}

/** 1.2E-3 is 0.0012. */
function plain(text: string): string {
  const match = /^(-?)(\d*)\.?(\d*)e([+-]?\d+)$/i.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", decimals = "", exponent = "0"] = match;
  const digits = whole + decimals;
  const point = whole.length + Number(exponent);
  if (Math.abs(point) > 400) return text;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${"0".repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const secondsPerDay = 86_400;

/** A day number with its time: a date, a moment without a zone, or a time of day. Excel believes in 29 February 1900, so days before it are one off. */
export function dateText(text: string, is1904: boolean): string {
  const serial = Number(text);
  if (!Number.isFinite(serial) || serial < 0 || serial >= 2_958_466) return text;
  const seconds = Math.floor(serial * secondsPerDay + 0.5);
  const days = Math.floor(seconds / secondsPerDay);
  const rest = seconds % secondsPerDay;
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  if (days === 0 && !is1904) return time;
  const date = dateOf(days + (is1904 ? -24_107 : days < 61 ? -25_568 : -25_569));
  return rest === 0 ? date : `${date}T${time}`;
}
