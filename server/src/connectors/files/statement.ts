/**
 * A bank statement as one record, the same whether it came as camt.053 or MT940: balances, and booked entries with signed amounts.
 * It is taken in only if opening + entries = closing, and if the parts of each batch make its entry.
 */
import type { Problem } from "../../platform/index.ts";
import { formatDecimal, parseDecimal } from "../../values/index.ts";
import type { Json, Row } from "../connector.ts";
import { Broken, type FileItem, type LocalFile, textOf } from "./local-file.ts";
import { isRow, textAt, valueAt } from "./json.ts";
import { rawBytes, xmlRecords } from "./xml.ts";

type Entry = {
  /** Bank account and the bank's own reference; without one, the statement and the entry's place. */
  readonly key: string;
  /** Out is negative. */
  readonly amount: string;
  readonly bookedOn: string;
  readonly valuedOn: string;
  readonly isReversal: boolean;
  readonly bankReference: string;
  readonly reference: string;
  readonly code: string;
  readonly counterparty: string;
  readonly counterpartyAccount: string;
  readonly summary: string;
  /** The parts of a batch entry. */
  readonly parts: readonly Row[];
};
type Statement = {
  readonly statement: string;
  readonly sequence: string;
  readonly bankAccount: string;
  readonly currency: string;
  readonly opening: string;
  readonly closing: string;
  readonly openedOn: string;
  readonly closedOn: string;
  readonly entries: readonly Entry[];
  /** Entries that are announced and do not count. */
  readonly notBooked: readonly Json[];
};

const scale = 6;
class Wrong extends Error {
  readonly problem: Problem;
  constructor(code: string, facts: Problem["facts"]) {
    super(code);
    this.problem = { code, facts };
  }
}

export const statementKey = (row: Row): string => `${textAt(row, "bankAccount")}|${textAt(row, "statement")}|${textAt(row, "sequence")}`;

// ---- camt.053 ---------------------------------------------------------------------------------------------------------

export async function* camtStatements(file: LocalFile): AsyncGenerator<FileItem> {
  for await (const { row, place, raw } of xmlRecords(file, { record: "Stmt", lists: ["Bal", "Ntry", "TxDtls", "NtryDtls", "Ustrd"] })) {
    const item = checked(() => camtStatement(row));
    yield item instanceof Wrong ? { is: "bad", problem: { ...item.problem, where: place }, bytes: rawBytes(raw), place } : { is: "row", row: item, place };
  }
}

function camtStatement(row: Row): Statement {
  const statement = textAt(row, "Id");
  const bankAccount = textAt(row, "Acct.Id.IBAN") || textAt(row, "Acct.Id.Othr.Id");
  const balance = (code: string): { readonly amount: string; readonly on: string } => {
    const found = listAt(row, "Bal").find((one) => textAt(one, "Tp.CdOrPrtry.Cd") === code);
    if (found === undefined) throw new Wrong("statement.value", { statement, what: code, got: "–" });
    return { amount: signed(found, statement, code), on: textAt(found, "Dt.Dt") || textAt(found, "Dt.DtTm").slice(0, 10) };
  };
  // Banks that continue a day name the balance before PRCD.
  const opening = listAt(row, "Bal").some((one) => textAt(one, "Tp.CdOrPrtry.Cd") === "OPBD") ? balance("OPBD") : balance("PRCD");
  const closing = balance("CLBD");
  const all = listAt(row, "Ntry");
  const isBooked = (entry: Row): boolean => (textAt(entry, "Sts.Cd") || textAt(entry, "Sts")) === "BOOK";
  const result: Statement = {
    statement, sequence: textAt(row, "ElctrncSeqNb"), bankAccount, currency: textAt(row, "Acct.Ccy") || textAt(listAt(row, "Bal")[0] ?? {}, "Amt.@Ccy"),
    opening: opening.amount, openedOn: opening.on, closing: closing.amount, closedOn: closing.on,
    entries: all.flatMap((entry, at) => (isBooked(entry) ? [camtEntry(entry, at + 1, statement, bankAccount)] : [])),
    notBooked: all.filter((entry) => !isBooked(entry)),
  };
  checkBalance(result);
  return result;
}

function camtEntry(entry: Row, number: number, statement: string, bankAccount: string): Entry {
  const isOut = textAt(entry, "CdtDbtInd") === "DBIT";
  const amount = signed(entry, statement, `Ntry ${number}`);
  const parts = listAt(entry, "NtryDtls").flatMap((details) => listAt(details, "TxDtls")).map((part) => camtPart(part, isOut));
  const amounts = parts.map((part) => textAt(part, "amount"));
  if (parts.length > 1 && amounts.every((one) => one !== "")) {
    const sum = amounts.reduce((total, one) => total + exact(one, statement, `Ntry ${number}`), 0n);
    if (sum !== exact(amount, statement, `Ntry ${number}`)) throw new Wrong("statement.batch", { statement, entry: number, sum: short(sum), total: amount });
  }
  const only = parts.length === 1 ? parts[0] : undefined;
  const bankReference = textAt(entry, "AcctSvcrRef");
  return {
    key: bankReference === "" ? `${bankAccount}|${statement}|${number}` : `${bankAccount}|${bankReference}`,
    amount, bookedOn: dateAt(entry, "BookgDt"), valuedOn: dateAt(entry, "ValDt"), isReversal: ["true", "1"].includes(textAt(entry, "RvslInd")), bankReference,
    reference: textAt(only ?? {}, "reference") || textAt(entry, "NtryRef"),
    code: [textAt(entry, "BkTxCd.Domn.Cd"), textAt(entry, "BkTxCd.Domn.Fmly.Cd"), textAt(entry, "BkTxCd.Domn.Fmly.SubFmlyCd")].filter((code) => code !== "").join("/") || textAt(entry, "BkTxCd.Prtry.Cd"),
    counterparty: textAt(only ?? {}, "counterparty"), counterpartyAccount: textAt(only ?? {}, "counterpartyAccount"),
    summary: textAt(only ?? {}, "summary") || textAt(entry, "AddtlNtryInf"),
    parts,
  };
}

/** Version 8 writes the party one element deeper and allows the amount on the part itself. */
function camtPart(part: Row, isEntryOut: boolean): Row {
  const isOut = textAt(part, "CdtDbtInd") === "" ? isEntryOut : textAt(part, "CdtDbtInd") === "DBIT";
  const side = isOut ? "Cdtr" : "Dbtr";
  const amount = amountAt(part, "Amt") || amountAt(part, "AmtDtls.TxAmt.Amt");
  const end = textAt(part, "Refs.EndToEndId");
  return {
    amount: amount === "" ? "" : isOut ? `-${amount}` : amount,
    reference: end === "NOTPROVIDED" ? "" : end,
    counterparty: textAt(part, `RltdPties.${side}.Nm`) || textAt(part, `RltdPties.${side}.Pty.Nm`),
    counterpartyAccount: textAt(part, `RltdPties.${side}Acct.Id.IBAN`) || textAt(part, `RltdPties.${side}Acct.Id.Othr.Id`),
    summary: (valueAt(part, "RmtInf.Ustrd") as readonly Json[] | undefined ?? []).map(String).join(" "),
  };
}

const amountAt = (row: Row, path: string): string => textAt(row, `${path}.#text`) || textAt(row, path);
const dateAt = (row: Row, path: string): string => textAt(row, `${path}.Dt`) || textAt(row, `${path}.DtTm`).slice(0, 10);

function signed(row: Row, statement: string, what: string): string {
  const amount = amountAt(row, "Amt");
  const sign = textAt(row, "CdtDbtInd");
  if (sign !== "CRDT" && sign !== "DBIT") throw new Wrong("statement.value", { statement, what: `${what} CdtDbtInd`, got: sign || "–" });
  exact(amount, statement, what);
  return sign === "DBIT" && /[1-9]/.test(amount) ? `-${amount}` : amount;
}

// ---- MT940 ------------------------------------------------------------------------------------------------------------

type Field = { readonly tag: string; readonly text: string };

/** Pages of one statement (:60M:, :62M:) are put together. */
export async function* mt940Statements(file: LocalFile): AsyncGenerator<FileItem> {
  let pages: Field[] = [];
  let first = 1;
  let line = 0;
  let rest = "";
  const fields: Field[] = [];
  const take = function* (text: string): Generator<FileItem> {
    line += 1;
    const content = text.replace(/\r$/, "");
    const tag = /^:(\d\d[A-Z]?):(.*)$/.exec(content);
    if (tag?.[1] === "20") yield* close();
    if (tag !== null) fields.push({ tag: tag[1] as string, text: tag[2] as string });
    else if (content === "-" || content.startsWith("-}")) yield* close();
    else if (content !== "" && !content.startsWith("{")) {
      const before = fields.pop();
      if (before !== undefined) fields.push({ ...before, text: `${before.text}\n${content}` });
    }
  };
  const close = function* (): Generator<FileItem> {
    pages = [...pages, ...fields];
    fields.length = 0;
    if (pages.length === 0 || !pages.some(({ tag }) => tag === "62F")) return;
    const own = pages;
    const place = `line ${first}`;
    pages = [];
    first = line + 1;
    const item = checked(() => mt940Statement(own));
    const raw = own.map(({ tag, text }) => `:${tag}:${text}`).join("\r\n");
    yield item instanceof Wrong ? { is: "bad", problem: { ...item.problem, where: place }, bytes: rawBytes(raw), place } : { is: "row", row: item, place };
  };
  for await (const piece of textOf(file)) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) yield* take(text);
  }
  if (rest !== "") yield* take(rest);
  yield* close();
  if (pages.length > 0) throw new Broken({ code: "file.unfinished", facts: { name: file.name }, where: `line ${first}` }, `line ${first}`, rawBytes(pages.map(({ tag, text }) => `:${tag}:${text}`).join("\r\n")));
  if (line <= 1) throw new Broken({ code: "file.no_record", facts: { name: file.name, record: ":20:" } });
}

function mt940Statement(fields: readonly Field[]): Statement {
  const field = (tag: string): string => fields.find((one) => one.tag === tag)?.text ?? "";
  const statement = field("20");
  const bankAccount = field("25");
  const balance = (tag: string): { readonly amount: string; readonly currency: string; readonly on: string } => {
    const match = /^([CD])(\d{6})([A-Z]{3})([\d,]+)$/.exec(field(tag));
    if (match === null) throw new Wrong("statement.value", { statement, what: `:${tag}:`, got: field(tag) || "–" });
    const [, sign, date = "", currency = "", figure = ""] = match;
    return { amount: point(figure, sign === "D", statement, tag), currency, on: dateOf6(date) };
  };
  const opening = balance("60F");
  const closing = balance("62F");
  const entries: Entry[] = [];
  fields.forEach(({ tag, text }, at) => {
    if (tag !== "61") return;
    const next = fields[at + 1];
    entries.push(mt940Entry(text, next?.tag === "86" ? next.text : "", entries.length + 1, statement, bankAccount));
  });
  const result: Statement = { statement, sequence: field("28C"), bankAccount, currency: opening.currency, opening: opening.amount, openedOn: opening.on, closing: closing.amount, closedOn: closing.on, entries, notBooked: [] };
  checkBalance(result);
  return result;
}

function mt940Entry(text: string, information: string, number: number, statement: string, bankAccount: string): Entry {
  const [head = "", ...more] = text.split("\n");
  const match = /^(\d{6})(\d{4})?(R?[CD])([A-Z])?([\d,]+)([A-Z][A-Z0-9]{3})(.*?)(?:\/\/(.*))?$/.exec(head);
  if (match === null) throw new Wrong("statement.value", { statement, what: `:61: ${number}`, got: head });
  const [, valued = "", booked, mark = "", , figure = "", code = "", reference = "", bankReference = ""] = match;
  const valuedOn = dateOf6(valued);
  return {
    key: bankReference === "" ? `${bankAccount}|${statement}|${number}` : `${bankAccount}|${bankReference}`,
    // RC takes a credit back and is money out; RD brings a debit back.
    amount: point(figure, mark === "D" || mark === "RC", statement, `61 ${number}`),
    bookedOn: booked === undefined ? valuedOn : bookedNear(booked, valuedOn), valuedOn, isReversal: mark.startsWith("R"), bankReference,
    reference: reference === "NONREF" ? "" : reference, code, counterparty: more.join(" ").trim(), counterpartyAccount: "", summary: information.replaceAll("\n", ""), parts: [],
  };
}

/** The booking date has no year: the one nearest to the value date, so that January follows December. */
function bookedNear(monthDay: string, valuedOn: string): string {
  const year = Number(valuedOn.slice(0, 4));
  const distance = Number(monthDay.slice(0, 2)) - Number(valuedOn.slice(5, 7));
  return `${distance > 6 ? year - 1 : distance < -6 ? year + 1 : year}-${monthDay.slice(0, 2)}-${monthDay.slice(2)}`;
}

const dateOf6 = (text: string): string => `20${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4)}`;

function point(figure: string, isOut: boolean, statement: string, tag: string): string {
  const amount = figure.replace(/,$/, "").replace(",", ".");
  exact(amount, statement, `:${tag}:`);
  return isOut && /[1-9]/.test(amount) ? `-${amount}` : amount;
}

// ---- both -------------------------------------------------------------------------------------------------------------

function checkBalance({ statement, opening, closing, entries }: Statement): void {
  const sum = entries.reduce((total, { amount }) => total + exact(amount, statement, "amount"), 0n);
  if (exact(opening, statement, "opening") + sum !== exact(closing, statement, "closing")) throw new Wrong("statement.balance", { statement, opening, sum: short(sum), closing });
}

function exact(text: string, statement: string, what: string): bigint {
  const value = parseDecimal(text, scale);
  if (value === undefined) throw new Wrong("statement.value", { statement, what, got: text || "–" });
  return value;
}

const short = (value: bigint): string => formatDecimal(value, scale).replace(/(\.\d\d)0+$/, "$1");

function checked(work: () => Statement): Row | Wrong {
  try {
    return work();
  } catch (error) {
    if (error instanceof Wrong) return error;
    throw error;
  }
}

const listAt = (row: Row, path: string): readonly Row[] => {
  const value = valueAt(row, path);
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).filter(isRow);
};
