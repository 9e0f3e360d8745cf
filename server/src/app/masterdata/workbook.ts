/** 导入、导出: master data as a sheet. What is exported can be changed and imported again; a file is read whole and judged before any of it is kept. */
import { Readable } from "node:stream";
import type { Book } from "../../books/index.ts";
import { readWhole } from "../../connectors/index.ts";
import { isMasterKind, masterKinds } from "../../documents/index.ts";
import { breachesOf, type Domain, domainOf, fieldWords, findExportPage, rulesOf, takeArrivals, takeRecord } from "../../masterdata/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { forgetWriters, postDocuments } from "../../vouchers/index.ts";
import { writeSheet } from "../sheet.ts";
import { csvLine } from "../text.ts";

export type Exported = { readonly type: string; readonly body: Readable };

/** Source records of a domain with the golden record that each belongs to. `hidden` fields are left empty for whoever may not see them. */
export function exportMasters(ctx: Ctx, book: Book, domainName: string, { format, language, hidden }: { readonly format: "csv" | "xlsx"; readonly language: "zh" | "en"; readonly hidden: (field: string) => boolean }): Exported {
  const domain = domainOf(domainName) ?? refuse("masterdata.domain_unknown", { domain: domainName });
  const rows = rowsOf(ctx, book, domain, language, hidden);
  if (format === "xlsx") return { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body: writeSheet(domain[language], rows, new Set()) };
  return { type: "text/csv; charset=utf-8", body: Readable.from(csvOf(rows)) };
}

async function* csvOf(rows: AsyncIterable<readonly string[]>): AsyncGenerator<string, void, undefined> {
  yield "\uFEFF"; // spreadsheets take the file for UTF-8 by this
  for await (const row of rows) yield `${csvLine(row)}\r\n`;
}

async function* rowsOf(ctx: Ctx, book: Book, domain: Domain, language: "zh" | "en", hidden: (field: string) => boolean): AsyncGenerator<readonly string[], void, undefined> {
  const fields = columnsOf(domain);
  yield [...heads.map(({ zh, en }) => (language === "zh" ? zh : en)), ...fields.map((field) => fieldWords(domain.name, field)[language])];
  for (let after = 0n, isMore = true; isMore; ) {
    const page = await findExportPage(ctx.db, book.bookId, domain.name, after, 1_000);
    isMore = page.length === 1_000;
    after = page.at(-1)?.recordId ?? after;
    for (const row of page) yield [row.code, row.system, row.company, `G${String(row.rootId).padStart(6, "0")}`, row.goldenCode, ...fields.map((field) => (hidden(field) ? "" : (row.payload[field] ?? "")))];
  }
}
const heads = [{ name: "code", zh: "编码", en: "Code" }, { name: "system", zh: "系统", en: "System" }, { name: "company", zh: "公司", en: "Company" }, { name: "golden", zh: "黄金记录", en: "Golden record" }, { name: "goldenCode", zh: "统一编码", en: "Code in the books" }] as const;
const columnsOf = (domain: Domain): string[] => [...new Set([...domain.fields.map(({ name }) => name), ...(isMasterKind(domain.name) ? Object.keys(masterKinds[domain.name].fields).filter((field) => field !== "units") : [])])];

// Import -------------------------------------------------------------------------------------------------------------------------

export type ImportRow = { readonly row: number; readonly code: string; readonly system: string; readonly company: string; readonly fields: Readonly<Record<string, string>> };
export type ImportProblem = { readonly row: number; readonly code: string; readonly zh: string; readonly en: string };
export type Imported = { readonly rows: number; readonly columns: readonly { readonly column: string; readonly field: string | null }[]; readonly problems: readonly ImportProblem[]; readonly taken: number; readonly same: number; readonly released: number };
export type ImportFile = { readonly name: string; /** base64 */ readonly content: string; readonly domain: string; /** For rows that name no system. */ readonly system: string };
export type Take = "all" | "right";

const rowsMax = 20_000, megabytesMax = 20;

/** Reads and judges; keeps nothing. Refuses: masterdata.file, masterdata.domain_unknown. */
export async function previewMasters(ctx: Ctx, book: Book, file: ImportFile): Promise<Imported> {
  const { rows, columns, problems } = await readRows(ctx, book, file);
  return { rows: rows.length, columns, problems: problems.slice(0, 500), taken: 0, same: 0, released: 0 };
}

/** With anything wrong nothing is kept, so that the corrected file can be sent whole; or, asked for, the rows that are right arrive and the others are told by their rows. Refuses: masterdata.file, masterdata.standard. */
export async function importMasters(ctx: Ctx, book: Book, { take = "all", ...file }: ImportFile & { readonly take?: Take | undefined }): Promise<Imported> {
  const { rows: all, columns, problems, wrong, domain } = await readRows(ctx, book, file);
  const rows = all.filter((row) => !wrong.has(keyOf(row)));
  if (problems.length > 0 && (take === "all" || rows.length === 0)) refuse("masterdata.standard", { problems: problems.slice(0, 5).map(({ row, zh }) => `第 ${row} 行 ${zh}`).join("；"), problemsEn: problems.slice(0, 5).map(({ row, en }) => `row ${row}: ${en}`).join("; ") });
  let taken = 0, same = 0, released = 0;
  // What posting can use arrives on the same road as from a system; codes of one company, and kinds that posting does not ask for, are taken in beside it.
  const fields = isMasterKind(domain.name) ? (masterKinds[domain.name].fields as Readonly<Record<string, unknown>>) : undefined;
  const byPosting = fields === undefined ? [] : rows.filter(({ company }) => company === "");
  if (byPosting.length > 0) {
    const { summary } = await postDocuments(ctx, book.code, byPosting.map((row) => ({
      schema: `tieout/${domain.name}@1`, source: row.system, sourceId: row.code, name: { zh: row.fields.name ?? row.code, en: row.fields.english ?? row.fields.name ?? row.code }, ...Object.fromEntries(Object.entries(row.fields).filter(([field]) => fields !== undefined && Object.hasOwn(fields, field) && field !== "name" && field !== "units")),
    })), { onResult: () => {} });
    taken += summary.posted;
    same += summary.duplicate;
    released += summary.released;
    while ((await takeArrivals(ctx, book)) > 0);
  }
  const beyond = rows.filter((row) => row.company !== "" || fields === undefined || Object.keys(row.fields).some((field) => field !== "name" && field !== "english" && !Object.hasOwn(fields, field)));
  for (const row of beyond) {
    const done = await takeRecord(ctx, book, { domain: domain.name, system: row.system, company: row.company, code: row.code, payload: row.fields });
    if (byPosting.includes(row)) continue;
    if (done.what === "same") same++;
    else taken++;
  }
  await forgetWriters(ctx.db, book);
  return { rows: all.length, columns, problems: problems.slice(0, 500), taken, same, released };
}

async function readRows(ctx: Ctx, book: Book, file: ImportFile): Promise<{ rows: ImportRow[]; columns: Imported["columns"]; problems: ImportProblem[]; /** Keys of rows that are not right; of two that contradict each other both are. */ wrong: ReadonlySet<string>; domain: Domain }> {
  const domain = domainOf(file.domain) ?? refuse("masterdata.domain_unknown", { domain: file.domain });
  const wrong = (zh: string, en: string): never => refuse("masterdata.file", { reason: zh, reasonEn: en });
  const bytes = Buffer.from(file.content, "base64");
  if (bytes.length === 0) wrong("文件是空的", "the file is empty");
  if (bytes.length > megabytesMax * 1_048_576) wrong(`超过 ${megabytesMax} MB`, `it is larger than ${megabytesMax} MB`);
  const whole = (await readWhole(file.name, bytes, { rowsMax })) ?? wrong("不是 xlsx 或 csv", "it is neither xlsx nor csv");
  if (whole.isCut) wrong(`超过 ${rowsMax} 行`, `it has more than ${rowsMax} rows`);
  const known = columnsOf(domain);
  const meant = whole.fields.map((column) => ({ column, field: fieldOf(domain.name, known, column) }));
  if (!meant.some(({ field }) => field === "code")) wrong("没有「编码」列", "there is no column “Code”");
  const rules = await rulesOf(ctx.db, book.bookId, domain.name);
  const rows: ImportRow[] = [], problems: ImportProblem[] = [], seen = new Map<string, ImportRow>(), bad = new Set<string>();
  for (const [at, { row: cells }] of whole.rows.entries()) {
    const row = at + 2;
    const text = (field: string): string => meant.filter((one) => one.field === field).map(({ column }) => textOf(cells[column])).find((value) => value !== "") ?? "";
    const code = text("code"), fields = Object.fromEntries(known.map((field) => [field, text(field)] as const).filter(([, value]) => value !== ""));
    if (code === "" && Object.keys(fields).length === 0) continue;
    const one: ImportRow = { row, code, system: text("system") || file.system, company: text("company"), fields };
    const before = problems.length;
    if (code === "") problems.push({ row, code, zh: "编码为空", en: "the code is empty" });
    if (one.system === "") problems.push({ row, code, zh: "系统为空", en: "the system is empty" });
    problems.push(...breachesOf(rules, { domain: domain.name, system: one.system, code, fields }).map(({ zh, en }) => ({ row, code, zh, en })));
    const key = keyOf(one), twin = seen.get(key);
    if (twin && JSON.stringify(twin.fields) !== JSON.stringify(fields)) problems.push({ row, code, zh: `编码 ${code} 与第 ${twin.row} 行重复，内容不同`, en: `the code ${code} stands in row ${twin.row} too, with other content` });
    if (problems.length > before) bad.add(key);
    if (!twin) {
      seen.set(key, one);
      rows.push(one);
    }
  }
  return { rows, columns: meant, problems, wrong: bad, domain };
}
const keyOf = ({ system, company, code }: ImportRow): string => `${system}|${company}|${code}`;

function fieldOf(domain: string, known: readonly string[], column: string): string | null {
  const said = column.trim().toLowerCase();
  const head = heads.find(({ name, zh, en }) => [name, zh, en.toLowerCase()].includes(said));
  if (head) return head.name;
  return known.find((field) => { const { zh, en } = fieldWords(domain, field); return [field.toLowerCase(), zh, en.toLowerCase()].includes(said); }) ?? null;
}
const textOf = (value: unknown): string => (value === null || value === undefined ? "" : typeof value === "object" ? "" : String(value).trim());
