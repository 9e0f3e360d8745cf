import type { Document } from "../documents/index.ts";
import type { Type } from "./expression.ts";

/**
 * What a rule is given. The sub-ledgers have worked out the figures (what an issue cost, which part of a price difference
 * is still on hand, which open item is cleared); the rule says which account each belongs on.
 */
export type Row = {
  /** What it is: goods, issued, estimate, tax, payable, bank … Entry lines pick rows by it. */
  role: string;
  /** The document line it comes from; "" for the header. */
  line: string;
  /** Minor units of the base currency, signed: minus is red. */
  amount: bigint;
  /** Minor units of `currency`; 0 where there is none. */
  original: bigint;
  /** "" is the base currency. */
  currency: string;
  /** Ten decimals; 0 in base currency. */
  rate: bigint;
  /** Six decimals. */
  quantity: bigint;
  /** Known already: the account of an open item, or the one written on the line. */
  account: string;
  category: string;
  /** Where goods went, or what an expense is for: sold, shipped, production, administration … */
  use: string;
  charge: string;
  item: string;
  warehouse: string;
  department: string;
  project: string;
  employee: string;
  party: string;
  bankAccount: string;
  note: string;
  asset: string;
  region: string;
  custom1: string;
  custom2: string;
  custom3: string;
  summary: string;
};

/** One accounting event of a document: at most one rule answers it, with at most one voucher. */
export type EventFacts = {
  readonly event: string;
  rows: Row[];
  /** Where the voucher is not dated as its document (a reversal on day 1 of the next month). */
  readonly date?: string;
};

export const row = (role: string, amount: bigint): Row => ({
  role, line: "", amount, original: 0n, currency: "", rate: 0n, quantity: 0n, account: "", category: "", use: "", charge: "", item: "", warehouse: "",
  department: "", project: "", employee: "", party: "", bankAccount: "", note: "", asset: "", region: "", custom1: "", custom2: "", custom3: "", summary: "",
});

const rowFields: Readonly<Record<keyof Row, Type>> = {
  role: "text", line: "text", amount: "number", original: "number", currency: "text", rate: "number", quantity: "number", account: "text", category: "text", use: "text", charge: "text",
  item: "text", warehouse: "text", department: "text", project: "text", employee: "text", party: "text", bankAccount: "text", note: "text", asset: "text", region: "text",
  custom1: "text", custom2: "text", custom3: "text", summary: "text",
};

/** Fields of the document's own; any other name is looked up among the fields of its kind, as text or a flag. */
const documentFields: Readonly<Record<string, Type>> = {
  kind: "text", source: "text", sourceId: "text", number: "text", date: "text", party: "text", partyKind: "text", currency: "text", department: "text", project: "text", region: "text",
  salesperson: "text", status: "text", credit: "truth", summary: "text", dueDate: "text",
};
const moreFlags = new Set(["deductible", "recourse"]);
const moreNumbers = new Set(["amount", "tax", "fee", "commission", "discount", "gain", "interest", "deposit", "expectedReturnRate"]);
const moreTexts = new Set(["purpose", "type", "task", "action", "outcome", "use", "invoiceType", "invoiceNumber", "period", "workOrder", "note", "bankAccount", "paidFrom", "paidTo", "toParty", "fromWarehouse", "toWarehouse", "warehouse", "series", "direction", "allocateBy"]);

/** The scope of rules: see `row` above and documents/kinds.ts. Settings of the book are text. */
export const scope = (of: "doc" | "row" | "book", name: string): Type | undefined => {
  if (of === "book") return "text";
  if (of === "row") return Object.hasOwn(rowFields, name) ? rowFields[name as keyof Row] : undefined;
  return (Object.hasOwn(documentFields, name) ? documentFields[name] : undefined) ?? (moreFlags.has(name) ? "truth" : moreNumbers.has(name) ? "number" : moreTexts.has(name) ? "text" : undefined);
};

export const isOwnField = (name: string): boolean => Object.hasOwn(documentFields, name);

/** Reads a field of the document, its own or its kind's. */
export const readDocumentField = (document: Document, name: string): unknown =>
  isOwnField(name) ? (document as unknown as Readonly<Record<string, unknown>>)[name] : document.more[name];

const textNames = (Object.keys(rowFields) as (keyof Row)[]).filter((name) => rowFields[name] === "text" && name !== "role" && name !== "line");

/**
 * Rows as text, to be kept with the voucher: role|line|amount, then the figures that are not zero, then the texts that differ from
 * those of the row before (name=value); lines of a document have much in common. The law asks for the inputs of an automatic
 * decision (财会〔2024〕12号 21(1)); this is them.
 */
export function writeRows(rows: readonly Row[]): string {
  let text = "";
  let before: Row = blank;
  for (const one of rows) {
    text += `${text === "" ? "~" : ";"}${one.role}|${escape(one.line)}|${one.amount}`;
    if (one.original !== 0n) text += `|original=${one.original}`;
    if (one.rate !== 0n) text += `|rate=${one.rate}`;
    if (one.quantity !== 0n) text += `|quantity=${one.quantity}`;
    for (const name of textNames) {
      const value = one[name] as string;
      if (value !== before[name]) text += `|${name}=${escape(value)}`;
    }
    before = one;
  }
  return text;
}

const blank: Row = row("", 0n);

const escape = (text: string): string => (/[|\\;]/.test(text) ? text.replace(/\\/g, "\\\\").replace(/\|/g, "\\p").replace(/;/g, "\\s") : text);
const unescape = (text: string): string => (text.includes("\\") ? text.replace(/\\(.)/g, (_, code: string) => (code === "p" ? "|" : code === "s" ? ";" : code)) : text);

/** The inverse of writeRows; also reads rows kept without "~", each of which names all its texts. */
export function readRows(text: string): Row[] {
  if (text === "") return [];
  const carries = text.startsWith("~");
  let before = blank;
  return (carries ? text.slice(1) : text).split(";").map((written) => {
    const parts = written.split("|");
    const one: Row = carries ? { ...before, original: 0n, rate: 0n, quantity: 0n } : row("", 0n);
    one.role = parts[0] as string;
    one.line = unescape(parts[1] as string);
    one.amount = BigInt(parts[2] as string);
    for (let i = 3; i < parts.length; i++) {
      const part = parts[i] as string;
      const cut = part.indexOf("=");
      const name = part.slice(0, cut) as keyof Row;
      const value = part.slice(cut + 1);
      if (rowFields[name] === "number") (one[name] as bigint) = BigInt(value);
      else (one[name] as string) = unescape(value);
    }
    return (before = one);
  });
}
