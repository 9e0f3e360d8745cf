/** 凭证: the balanced, numbered, unchangeable result. Plain data and what is true of it. */
import { hash } from "node:crypto";

export type Line = {
  readonly account: string;
  readonly dimensionSetId: number;
  readonly side: "debit" | "credit";
  /** Minor units of base currency; minus is red (红字). */
  amount: bigint;
  readonly currency: string;
  original: bigint;
  /** Ten decimals; 0 in base currency. */
  rate: bigint;
  quantity: bigint;
  /** "" is the voucher's. */
  readonly summary: string;
};

export type Voucher = {
  readonly id: number;
  readonly period: string;
  readonly series: string;
  readonly number: number;
  readonly date: string;
  readonly summary: string;
  attachments: number;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly documentId: number;
  readonly reversalOf: number | undefined;
  readonly lines: Line[];
  readonly preparedBy: string;
  readonly reviewedBy: string;
};

/** Debits minus credits; zero in every voucher. */
export const difference = (lines: readonly Line[]): bigint => lines.reduce((sum, line) => (line.side === "debit" ? sum + line.amount : sum - line.amount), 0n);

export const debitTotal = (lines: readonly Line[]): bigint => lines.reduce((sum, line) => (line.side === "debit" ? sum + line.amount : sum), 0n);

/** What makes two lines one: account, side, dimensions, currency, summary. */
export const lineKey = (line: Line): string => `${line.account}|${line.side}|${line.dimensionSetId}|${line.currency}|${line.summary}`;

/** Adds lines to those that are there; equal ones are joined. */
export function joinLines(into: Map<string, Line>, lines: readonly Line[], sign: bigint): void {
  for (const line of lines) {
    const key = lineKey(line);
    const same = into.get(key);
    if (same) {
      same.amount += sign * line.amount;
      same.original += sign * line.original;
      same.quantity += sign * line.quantity;
    } else into.set(key, { ...line, amount: sign * line.amount, original: sign * line.original, quantity: sign * line.quantity });
  }
}

/** 红冲: the same lines on the same sides, negative. A voucher and its reversal leave nothing. */
export const reversed = (lines: readonly Line[]): Line[] => lines.map((line) => ({ ...line, amount: -line.amount, original: -line.original, quantity: -line.quantity }));

/** "记-7" */
export const numberText = (series: string, number: number): string => `${series}-${number}`;

/** 注销某月某日某号凭证, 订正某月某日某号凭证 (会计基础工作规范 art. 51(5)). */
export const correctionSummary = (act: "注销" | "订正", date: string, number: string): string => `${act}${Number(date.slice(5, 7))}月${Number(date.slice(8, 10))}日${number}号凭证`;

export const textHash = (text: string): string => hash("sha256", text, "hex").slice(0, 32);
