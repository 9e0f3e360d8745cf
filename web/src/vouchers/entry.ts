/** An entry while it is written: lines with what is known of their accounts, and the sums under them. */
import { decimalOf, type Line, minorOf } from "./model.ts";

export type AccountInfo = { readonly code: string; readonly zh: string; readonly en: string; readonly side: string; readonly quantity: boolean; readonly asks: { readonly must: readonly string[]; readonly anyOf: readonly string[]; readonly may: readonly string[] } };
export type EntryLine = { readonly id: number; readonly summary: string; readonly account: AccountInfo | null; readonly debit: string; readonly credit: string; readonly quantity: string; readonly dimensions: Readonly<Record<string, { readonly code: string; readonly text: string }>> };
export type EntryDraft = { readonly date: string; readonly series: string; readonly attachments: string; readonly lines: readonly EntryLine[] };

let lastId = 0;
export const emptyLine = (): EntryLine => ({ id: (lastId += 1), summary: "", account: null, debit: "", credit: "", quantity: "", dimensions: {} });
export const isEmpty = (line: EntryLine): boolean => line.summary === "" && line.account === null && line.debit === "" && line.credit === "";

/** Dimensions to give for a line: those the account asks for, then those it may carry and has. */
export const dimensionsOf = (line: EntryLine): readonly { readonly name: string; readonly must: boolean }[] => {
  if (!line.account) return [];
  const { must, anyOf, may } = line.account.asks;
  return [...must.map((name) => ({ name, must: true })), ...anyOf.map((name) => ({ name, must: anyOf.every((one) => !line.dimensions[one]?.code) })), ...may.map((name) => ({ name, must: false }))];
};

export const totals = (lines: readonly EntryLine[]): { readonly debit: bigint; readonly credit: bigint } => ({
  debit: lines.reduce((sum, line) => sum + (minorOf(line.debit) ?? 0n), 0n), credit: lines.reduce((sum, line) => sum + (minorOf(line.credit) ?? 0n), 0n),
});

/** What the amount of this side has to be, so that the voucher balances with the line as it stands. */
export function balancing(lines: readonly EntryLine[], at: number, side: "debit" | "credit"): string {
  const others = totals(lines.filter((_, index) => index !== at));
  const off = others.debit - others.credit;
  return decimalOf(side === "debit" ? -off : off);
}

/** As the server takes it; lines with nothing in them are left out. */
export const bodyOf = (entry: string, draft: EntryDraft): object => ({
  entry, date: draft.date, series: draft.series, attachments: Number(draft.attachments) || 0,
  lines: draft.lines.filter((line) => !isEmpty(line)).map((line) => ({
    summary: line.summary, account: line.account?.code ?? "", debit: line.debit, credit: line.credit, ...(line.quantity === "" ? {} : { quantity: line.quantity }),
    dimensions: Object.fromEntries(Object.entries(line.dimensions).filter(([, value]) => value.code !== "").map(([name, value]) => [name, value.code])),
  })),
});

/** The same lines as a correction takes them. */
export const correctionLines = (draft: EntryDraft): readonly object[] => draft.lines.filter((line) => !isEmpty(line)).map((line, at) => ({
  lineId: String(at + 1), account: line.account?.code ?? "", ...(minorOf(line.debit) ? { debit: decimalOf(minorOf(line.debit) ?? 0n) } : { credit: decimalOf(minorOf(line.credit) ?? 0n) }), ...(line.summary === "" ? {} : { summary: line.summary }),
  ...(line.quantity === "" ? {} : { quantity: line.quantity }), ...Object.fromEntries(Object.entries(line.dimensions).filter(([, value]) => value.code !== "").map(([name, value]) => [name, value.code])),
}));

/** Lines of a voucher that is there, to begin from. */
export const lineFrom = (line: Line, account: AccountInfo | undefined, t: (zh: string, en: string) => string): EntryLine => ({
  id: (lastId += 1), summary: line.summary, account: account ?? { code: line.account, zh: line.accountZh, en: line.accountEn, side: "", quantity: false, asks: { must: Object.keys(line.dimensions), anyOf: [], may: [] } },
  debit: figure(line.debit), credit: figure(line.credit), quantity: "", dimensions: Object.fromEntries(line.named.map(({ name, value, zh, en }) => [name, { code: value, text: t(zh, en) }])),
});
const figure = (amount: string | null): string => (amount === null || !/[1-9]/.test(amount) ? "" : amount);
