/** The formats of files, as a stream's definition names them, and how each is read. */
import Type, { type Static } from "typebox";
import type { Row } from "../connector.ts";
import { bankExports, type BankExport, sumRows } from "./bank-exports.ts";
import { csvLines } from "./csv.ts";
import { gathered, type Group } from "./group.ts";
import { isRow, jsonLines, jsonRows, textAt } from "./json.ts";
import type { FileItem, LocalFile } from "./local-file.ts";
import { camtStatements, mt940Statements, statementKey } from "./statement.ts";
import { type Line, rowsOf, type TableOptions } from "./table.ts";
import { xbrlReports } from "./xbrl.ts";
import { xlsLines } from "./xls.ts";
import { xlsxLines } from "./xlsx.ts";
import { xmlRows } from "./xml.ts";

const strict = { additionalProperties: false };
const names = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 });
const common = {
  /** Glob over file names, such as "orders-*.csv". */
  pattern: Type.String({ minLength: 1 }),
  /** What identifies a record: columns, paths such as "Header.ID", "@file" and "@record". */
  key: Type.Optional(names),
};
const table = {
  header: Type.Optional(names), stopAt: Type.Optional(names), trim: Type.Optional(Type.Boolean()),
  /** Adjacent rows with the same values in these columns are one record with `lines`. */
  group: Type.Optional(Type.Object({ by: names }, strict)),
};
const encoding = Type.Optional(Type.Union([Type.Literal("auto"), Type.Literal("utf-8"), Type.Literal("gb18030")]));
const ready = ["einvoice", "ubl", "xbrl", "camt053", "mt940", "icbc", "ccb", "boc", "cmb", "abc", "alipay-personal", "alipay-merchant", "wechat-personal", "wechat-merchant"] as const;

export const streamConfig = Type.Union([
  Type.Object({ ...common, ...table, format: Type.Literal("csv"), delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 1 })), encoding }, strict),
  Type.Object({ ...common, ...table, format: Type.Union([Type.Literal("xlsx"), Type.Literal("xls")]), sheet: Type.Optional(Type.String({ minLength: 1 })) }, strict),
  Type.Object({ ...common, format: Type.Literal("xml"), record: Type.Optional(Type.Union([Type.String({ minLength: 1 }), names])), lists: Type.Optional(names) }, strict),
  Type.Object({ ...common, format: Type.Literal("jsonl") }, strict),
  Type.Object({ ...common, format: Type.Literal("json"), record: Type.Optional(Type.String({ minLength: 1 })) }, strict),
  Type.Object({ ...common, format: Type.Enum(ready) }, strict),
]);
export type StreamConfig = Static<typeof streamConfig>;

type Ready = (typeof ready)[number];
const isReady = (format: string): format is Ready => (ready as readonly string[]).includes(format);
const isTable = (format: string): format is keyof typeof bankExports => Object.hasOwn(bankExports, format);

const ublDocuments = ["Invoice", "CreditNote", "Order", "DespatchAdvice"];
const ublSupplier: Readonly<Record<string, string>> = { Invoice: "AccountingSupplierParty", CreditNote: "AccountingSupplierParty", Order: "SellerSupplierParty", DespatchAdvice: "DespatchSupplierParty" };

/** The records of a file, in the order in which they stand there, every time the same. Throws Broken where nothing behind can be read. */
export function readFileItems(file: LocalFile, stream: StreamConfig): AsyncGenerator<FileItem> {
  switch (stream.format) {
    case "csv": return tableItems(file, csvLines(file, stream), stream);
    case "xlsx": return tableItems(file, xlsxLines(file, stream), stream);
    case "xls": return tableItems(file, xlsLines(file, stream), stream);
    case "xml": return xmlRows(file, stream);
    case "jsonl": return jsonLines(file);
    case "json": return jsonRows(file, stream.record);
    case "einvoice": return xmlRows(file, { record: "EInvoice", lists: ["IssuItemInformation", "Additional"] });
    case "ubl": return xmlRows(file, { record: ublDocuments, lists: ["InvoiceLine", "CreditNoteLine", "OrderLine", "DespatchLine", "TaxTotal", "TaxSubtotal", "AllowanceCharge", "Note"] });
    case "xbrl": return xbrlReports(file);
    case "camt053": return camtStatements(file);
    case "mt940": return mt940Statements(file);
    default: return bankRows(file, bankExports[stream.format]);
  }
}

function tableItems(file: LocalFile, lines: AsyncIterable<Line>, stream: TableOptions & { readonly group?: Group }): AsyncGenerator<FileItem> {
  const rows = rowsOf(file.name, lines, stream);
  return stream.group === undefined ? rows : gathered(file.name, rows, stream.group);
}

/** As CSV or as a workbook, told apart by the end of its name. */
async function* bankRows(file: LocalFile, bank: BankExport): AsyncGenerator<FileItem> {
  const lines = /\.xlsx$/i.test(file.name) ? xlsxLines(file, {}) : /\.xls$/i.test(file.name) ? xlsLines(file, {}) : csvLines(file, bank);
  const sums = bank.totals === undefined ? undefined : sumRows(bank.totals);
  const footer: (readonly string[])[] = [];
  for await (const item of rowsOf(file.name, lines, bank, (cells) => footer.push(cells))) {
    if (item.is === "row") {
      if (bank.skip?.(item.row) === true) continue;
      sums?.add(item.row);
    }
    yield item;
  }
  for (const problem of sums?.check(file.name, footer) ?? []) yield { is: "bad", problem, bytes: Buffer.from(footer.map((cells) => cells.join(",")).join("\n")), place: `totals ${String(problem.facts.what)}` };
}

/** False: the stream must say its key itself. */
export const hasKey = (stream: StreamConfig): boolean => keyPaths(stream) !== undefined || isReady(stream.format);

/** What a stream says of its key; rows that are gathered are known by what they are gathered by. */
export const keyPaths = (stream: StreamConfig): readonly string[] | undefined => stream.key ?? ("group" in stream ? stream.group?.by : undefined);

/** The record's key; undefined where a part of it is missing. */
export function keyOf(stream: StreamConfig, row: Row, file: { readonly name: string }, record: number): string | undefined {
  const paths = keyPaths(stream);
  if (paths !== undefined) {
    const parts = paths.map((path) => (path === "@file" ? file.name : path === "@record" ? String(record) : textAt(row, path)));
    return parts.includes("") ? undefined : parts.join("|");
  }
  const key = readyKey(stream.format as Ready, row);
  return key === "" || key.split("|").every((part) => part === "") ? undefined : key;
}

function readyKey(format: Ready, row: Row): string {
  if (isTable(format)) return bankExports[format].key(row);
  if (format === "einvoice") return textAt(row, "TaxSupervisionInfo.InvoiceNumber");
  if (format === "ubl") return ublKey(row);
  if (format === "xbrl") return textAt(row, "InvoiceNumber") || textAt(row, "ElectronicInvoiceRailwayETicketNumber") || ["CustomerSettlementBankAccount", "YearOfBankReconciliationStatement", "MonthOfBankReconciliationStatement"].map((name) => textAt(row, name)).filter((part) => part !== "").join("|");
  return statementKey(row);
}

/** Two suppliers may give one number to two documents. */
function ublKey(row: Row): string {
  const id = textAt(row, "ID");
  if (id === "") return "";
  const document = textAt(row, "@element");
  const party = row[ublSupplier[document] ?? ""];
  const scheme = isRow(party) && isRow(party["Party"]) ? party["Party"] : {};
  const taxScheme = scheme["PartyTaxScheme"];
  const supplier = textAt(isRow(taxScheme) ? taxScheme : {}, "CompanyID") || textAt(scheme, "PartyLegalEntity.CompanyID") || textAt(scheme, "PartyIdentification.ID") || textAt(scheme, "PartyName.Name");
  return `${supplier}|${document}|${id}`;
}
