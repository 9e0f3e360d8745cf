/**
 * Any bank statement as movements of one form, whatever the bank: camt.053, MT940, and the downloads of Chinese banks and payment companies.
 * Which it is is told by what stands in it. Amounts are decimal strings, out is negative.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Problem } from "../../platform/index.ts";
import { formatDecimal, isDate, parseDecimal } from "../../values/index.ts";
import type { Json, Row } from "../connector.ts";
import { isRow, textAt, valueAt } from "./json.ts";
import { Broken, identify } from "./local-file.ts";
import { bankExports } from "./bank-exports.ts";
import { csvLines } from "./csv.ts";
import { readFileItems } from "./format.ts";
import { columnName } from "./table.ts";
import { xlsLines } from "./xls.ts";
import { xlsxLines } from "./xlsx.ts";

export type BankMovement = { /** The bank's own key, or everything that tells it apart. */ readonly key: string; readonly bookedOn: string; readonly amount: string; readonly balance: string; readonly reference: string; readonly text: string; readonly name: string; readonly counterAccount: string };
export type BankStatementFile = { readonly format: string; readonly statement: string; /** As the file names it; "" where it does not. */ readonly account: string; readonly currency: string; readonly opening: string | null; readonly closing: string | null; readonly movements: readonly BankMovement[] };
export type BankFile = { readonly statements: readonly BankStatementFile[]; readonly problems: readonly Problem[] };

type Layout = { readonly day: readonly string[]; readonly inward?: readonly string[]; readonly outward?: readonly string[]; readonly signed?: readonly string[]; readonly balance: readonly string[]; readonly name: readonly string[]; readonly account: readonly string[]; readonly text: readonly string[]; readonly reference: readonly string[] };
const layouts: Readonly<Record<string, Layout>> = {
  icbc: { day: ["交易时间"], inward: ["转入金额"], outward: ["转出金额"], balance: ["余额"], name: ["对方单位"], account: ["对方账号"], text: ["用途", "摘要", "附言"], reference: [] },
  ccb: { day: ["交易时间"], inward: ["贷方发生额(收入)"], outward: ["借方发生额(支取)"], balance: ["余额"], name: ["对方户名"], account: ["对方账号"], text: ["摘要", "备注"], reference: [] },
  boc: { day: ["交易日期"], signed: ["交易金额"], balance: ["交易后余额"], name: ["付款人名称", "收款人名称"], account: ["付款人账号", "收款人账号"], text: ["摘要", "用途", "交易附言", "备注"], reference: ["客户业务编号"] },
  cmb: { day: ["交易日"], inward: ["贷方金额"], outward: ["借方金额"], balance: ["余额"], name: ["收(付)方名称"], account: ["收(付)方账号"], text: ["摘要", "用途", "业务摘要", "其他摘要", "扩展摘要"], reference: ["业务参考号"] },
  abc: { day: ["交易时间"], inward: ["收入金额"], outward: ["支出金额"], balance: ["账户余额", "本次余额"], name: ["对方户名"], account: ["对方账号"], text: ["交易用途", "交易说明", "交易摘要", "交易附言"], reference: [] },
  "alipay-merchant": { day: ["发生时间"], inward: ["收入金额(+元)"], outward: ["支出金额(-元)"], balance: ["账户余额(元)"], name: ["对方账号"], account: ["对方账号"], text: ["商品名称", "业务类型", "备注"], reference: ["商户订单号"] },
  "wechat-merchant": { day: ["交易时间"], signed: ["应结订单金额"], balance: [], name: [], account: [], text: ["商品名称", "商户数据包"], reference: ["商户订单号"] },
};

/** Which column of a table means what; either one signed amount, or money in and out. */
export type StatementColumns = { readonly day: string; readonly inward?: string | undefined; readonly outward?: string | undefined; readonly signed?: string | undefined; readonly balance?: string | undefined; readonly name?: string | undefined; readonly account?: string | undefined; readonly text?: string | undefined; readonly reference?: string | undefined };

/** Formats are tried by what the bytes look like; the first that finds its own header is it; then layouts that people made. `undefined`: none does. */
export async function readBankFile(name: string, bytes: Uint8Array, own: readonly { readonly name: string; readonly columns: StatementColumns }[] = []): Promise<BankFile | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "tieout-bank-"));
  try {
    const path = join(folder, "file");
    await writeFile(path, bytes, { mode: 0o600 });
    const start = Buffer.from(bytes.subarray(0, 2_000)).toString("latin1");
    if (/<(?:\w+:)?BkToCstmrStmt|camt\.053/.test(start)) return await read(path, name, "camt053");
    if (/^(?:\{1:|:20:|\s*:20:)/.test(start) || /\r?\n:60[FM]:/.test(start)) return await read(path, name, "mt940");
    for (const format of Object.keys(layouts)) {
      const found = await read(path, name, format as keyof typeof bankExports);
      if (found !== undefined) return found;
    }
    for (const layout of own) {
      const found = await readOwn(path, name, bytes, layout);
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function read(path: string, name: string, format: keyof typeof bankExports | "camt053" | "mt940"): Promise<BankFile | undefined> {
  const file = await identify(path, name);
  const read = await readRows(file, { pattern: "*", format });
  if (read === undefined) return undefined;
  const { rows, problems } = read;
  if (format === "camt053" || format === "mt940") return { statements: rows.map((row) => statementOf(row, format)), problems };
  // Banks share names of columns: it is this one's only if every column that decides is there.
  const { day, inward = [], outward = [], signed = [], name: names, account } = layouts[format] as Layout;
  const [first] = rows;
  return first === undefined || [day[0], inward[0], outward[0], signed[0], names[0], account[0]].some((column) => column !== undefined && !(column in first)) ? undefined : { statements: [ofRows(rows, format)], problems };
}

/** The rows of a file and what is wrong with it. Undefined where not even the header can be read: it is of another format. What was begun and cannot be read to its end is a problem of the file. */
async function readRows(file: Parameters<typeof readFileItems>[0], options: Parameters<typeof readFileItems>[1]): Promise<{ readonly rows: Row[]; readonly problems: Problem[] } | undefined> {
  const problems: Problem[] = [];
  const rows: Row[] = [];
  try {
    for await (const item of readFileItems(file, options)) {
      if (item.is === "row") rows.push(item.row);
      else if (item.is === "bad") problems.push({ ...item.problem, where: item.problem.where ?? item.place });
    }
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    if (rows.length === 0) return undefined;
    problems.push({ ...error.problem, where: error.problem.where ?? error.place });
  }
  return { rows, problems };
}

/** A table by columns that somebody named. Every named column must be there; a row's key is everything that tells it apart. */
async function readOwn(path: string, name: string, bytes: Uint8Array, { name: format, columns }: { readonly name: string; readonly columns: StatementColumns }): Promise<BankFile | undefined> {
  const named = Object.values(columns).flatMap((column) => (column === undefined || column === "" ? [] : [column]));
  const file = await identify(path, name);
  const read = await readRows(file, { pattern: "*", format: tableFormat(bytes), header: named, trim: true, stopAt: ["合计", "总计", "Total"] });
  if (read === undefined) return undefined;
  const { rows, problems } = read;
  const [first] = rows;
  if (first === undefined || named.some((column) => !(column in first))) return undefined;
  const at = (row: Row, column: string | undefined): string => (column === undefined || column === "" ? "" : String(row[column] ?? "").trim());
  const seen = new Map<string, number>();
  const movements = rows.flatMap((row, index): BankMovement[] => {
    const bad = (what: string, got: string): never[] => { problems.push({ code: "statement.value", facts: { statement: name, what, got }, where: String(index + 1) }); return []; };
    const bookedOn = dayOf(at(row, columns.day));
    if (!isDate(bookedOn)) return at(row, columns.day) === "" ? [] : bad(columns.day, at(row, columns.day));
    const figures = [columns.signed, columns.inward, columns.outward].map((column) => ({ column: column ?? "", minor: parseDecimal(plainFigure(at(row, column)), 2) }));
    const unread = figures.find(({ minor }) => minor === undefined);
    if (unread !== undefined) return bad(unread.column, at(row, unread.column));
    const [signed = 0n, inward = 0n, outward = 0n] = figures.map(({ minor }) => minor ?? 0n);
    const whole = named.map((column) => at(row, column)).join("|");
    const times = (seen.get(whole) ?? 0) + 1;
    seen.set(whole, times);
    return [{
      key: times === 1 ? whole : `${whole}|${times}`, bookedOn, amount: formatDecimal(columns.signed ? signed : abs(inward) - abs(outward), 2), balance: at(row, columns.balance) === "" ? "" : formatDecimal(exact(at(row, columns.balance)), 2),
      reference: at(row, columns.reference), text: at(row, columns.text), name: at(row, columns.name), counterAccount: at(row, columns.account),
    }];
  });
  return { statements: [{ format, statement: "", account: "", currency: "", ...balancesOf(movements), movements }], problems };
}
const tableFormat = (bytes: Uint8Array): "csv" | "xlsx" | "xls" => (bytes[0] === 0x50 && bytes[1] === 0x4b ? "xlsx" : bytes[0] === 0xd0 && bytes[1] === 0xcf ? "xls" : "csv");

export type TableStart = { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
/** The header of a table and its first rows, for whoever says what its columns mean: of the first forty lines the one with the most names. Undefined where it is no table. */
export async function startOfTable(name: string, bytes: Uint8Array): Promise<TableStart | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "tieout-bank-"));
  try {
    const path = join(folder, "file");
    await writeFile(path, bytes, { mode: 0o600 });
    const file = await identify(path, name);
    const lines: string[][] = [];
    try {
      const format = tableFormat(bytes);
      for await (const { cells } of format === "xlsx" ? xlsxLines(file, {}) : format === "xls" ? xlsLines(file, {}) : csvLines(file, {})) if (lines.push([...cells]) >= 60) break;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
    }
    const names = (cells: readonly string[]): number => cells.filter((cell) => cell.trim() !== "" && !/^[-+¥\d.,:/\s]+$/.test(cell)).length;
    const head = lines.slice(0, 40).reduce((best, cells, at) => (names(cells) > names(lines[best] ?? []) ? at : best), 0);
    const columns = (lines[head] ?? []).map(columnName);
    return names(columns) < 2 ? undefined : { columns: columns.filter((cell) => cell !== ""), rows: lines.slice(head + 1, head + 6).map((cells) => columns.flatMap((column, at) => (column === "" ? [] : [(cells[at] ?? "").trim()]))) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const statementOf = (row: Row, format: string): BankStatementFile => ({
  format, statement: textAt(row, "statement"), account: textAt(row, "bankAccount"), currency: textAt(row, "currency"), opening: textAt(row, "opening"), closing: textAt(row, "closing"),
  movements: ((valueAt(row, "entries") as readonly Json[] | undefined) ?? []).filter(isRow).map((entry) => ({ key: textAt(entry, "key"), bookedOn: textAt(entry, "bookedOn"), amount: textAt(entry, "amount"), balance: "", reference: textAt(entry, "reference"), text: textAt(entry, "summary"), name: textAt(entry, "counterparty"), counterAccount: textAt(entry, "counterpartyAccount") })),
});

const plainFigure = (written: string): string => written.replace(/[,，¥￥`+\s]/g, "").replace(/^-+$/, "") || "0";
const exact = (written: string): bigint => parseDecimal(plainFigure(written), 2) ?? 0n;

function ofRows(rows: readonly Row[], format: keyof typeof bankExports): BankStatementFile {
  const layout = layouts[format] as Layout;
  const text = (row: Row, columns: readonly string[]): string => { for (const column of columns) { const value = String(row[column] ?? "").trim(); if (value !== "") return value; } return ""; };
  const movements = rows.map((row): BankMovement => {
    const refund = format === "wechat-merchant" ? exact(text(row, ["退款金额"])) + exact(text(row, ["手续费"])) : 0n;
    const amount = layout.signed ? exact(text(row, layout.signed)) - refund : abs(exact(text(row, layout.inward ?? []))) - abs(exact(text(row, layout.outward ?? [])));
    // 中国银行 names both sides: the other one is the payer of what comes in and the payee of what goes out.
    const side = layout.name.length > 1 ? [layout.name[amount < 0n ? 1 : 0] as string, layout.account[amount < 0n ? 1 : 0] as string] : [layout.name[0] ?? "", layout.account[0] ?? ""];
    return {
      key: bankExports[format].key(row), bookedOn: dayOf(text(row, layout.day)), amount: formatDecimal(amount, 2), balance: layout.balance.length === 0 || text(row, layout.balance) === "" ? "" : formatDecimal(exact(text(row, layout.balance)), 2), reference: text(row, layout.reference),
      text: [...new Set(layout.text.map((column) => String(row[column] ?? "").trim()).filter((part) => part !== ""))].join(" "), name: text(row, [side[0] as string]), counterAccount: text(row, [side[1] as string]),
    };
  });
  return { format, statement: "", account: text(rows[0] ?? {}, ["账号", "商户号"]), currency: "CNY", ...balancesOf(movements), movements };
}

/** From the balance after each movement, whichever way round the file is sorted: the order in which they follow on. */
function balancesOf(movements: readonly BankMovement[]): { readonly opening: string | null; readonly closing: string | null } {
  const of = (list: readonly BankMovement[]): { readonly opening: string; readonly closing: string } | undefined => {
    let last: bigint | undefined;
    let opening = 0n;
    for (const { amount, balance } of list) {
      const after = parseDecimal(balance, 2);
      const moved = parseDecimal(amount, 2);
      if (after === undefined || moved === undefined || (last !== undefined && last + moved !== after)) return undefined;
      if (last === undefined) opening = after - moved;
      last = after;
    }
    return last === undefined ? undefined : { opening: formatDecimal(opening, 2), closing: formatDecimal(last, 2) };
  };
  return of(movements) ?? of([...movements].reverse()) ?? { opening: null, closing: null };
}

const abs = (n: bigint): bigint => (n < 0n ? -n : n);
/** 20260318, 2026/3/18 10:11:12, 2026年03月18日 → 2026-03-18 */
function dayOf(text: string): string {
  const [, year, month, day] = /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})/.exec(text.replace(/^(\d{4})(\d{2})(\d{2}).*/, "$1-$2-$3")) ?? [];
  return year === undefined ? "" : `${year}-${(month ?? "").padStart(2, "0")}-${(day ?? "").padStart(2, "0")}`;
}
