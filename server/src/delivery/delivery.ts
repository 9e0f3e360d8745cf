/**
 * 送达: one effect that a target shall have exactly once. What it is called there, what it holds, which states it goes through.
 */
import { createHash, hash } from "node:crypto";
import type { Problem } from "../platform/index.ts";
import { parseDecimal } from "../values/index.ts";
import type { Standing, VoucherOut } from "./target.ts";

/**
 * pending → sending (written down before the call) → sent → confirmed (read back). rejected, held and unknown wait: for a person, for the
 * code map, for a search. drifted and voided: the target no longer holds what was delivered. replaced: delivered anew under a new id.
 */
export type DeliveryState = "pending" | "sending" | "sent" | "confirmed" | "rejected" | "unknown" | "held" | "drifted" | "voided" | "ignored" | "replaced";
export type Purpose = "voucher" | "document" | "writeback";

/** A separator that no part can hold, so that two different deliveries never share an id. */
export const deliveryIdOf = (book: string, flow: string, subject: string, version: number, purpose: Purpose): string =>
  hash("sha256", [book, flow, subject, version, purpose].join("\u0000"), "hex");

const seriesLetters: Readonly<Record<string, string>> = { 记: "J", 收: "S", 付: "F", 转: "Z", 现: "X", 银: "Y" };

/** At most 30 characters of ASCII: TO-B1-202603-J12-1a2b3c4d. The digits at the end make it unique; a document, which has no number, gets as many as there is room for. */
export function referenceOf(deliveryId: string, book: string, voucher?: { readonly period: string; readonly series: string; readonly no: number }): string {
  const head = `TO-${book.replace(/[^A-Za-z0-9]/g, "")}`;
  if (voucher === undefined) return `${head.slice(0, 9)}-${deliveryId}`.slice(0, 30);
  const tail = `-${voucher.period.replace("-", "")}-${seriesLetters[voucher.series] ?? voucher.series.replace(/[^A-Za-z0-9]/g, "").slice(0, 2)}${voucher.no}-${deliveryId.slice(0, 8)}`;
  return head.slice(0, 30 - tail.length) + tail;
}

/** The business content in the target's codes. Two vouchers with this in common are the same voucher. */
export function voucherHash(voucher: VoucherOut): string {
  const sha = createHash("sha256").update(`${voucher.number}|${voucher.date}|${voucher.currency}|${voucher.summary}\n`);
  for (const line of voucher.lines) {
    const dimensions = Object.entries(line.dimensions).sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, code]) => `${kind}=${code}`).join(",");
    sha.update(`${line.account}|${line.debit}|${line.credit}|${line.currency}|${line.amountOriginal}|${dimensions}|${line.summary}\n`);
  }
  return sha.digest("hex");
}

/** Of documents and write-backs: the same whatever the order of their fields. */
export const documentHash = (document: unknown): string => hash("sha256", stableJson(document), "hex");

const stableJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (part !== null && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part));

export type Difference = { readonly kind: "voided" | "changed"; readonly ours: Shown; readonly theirs: Shown };
/** Date and lines as account → signed amounts; what a comparison looks at and a person is shown. `isMapChanged`: our codes are not those that it was delivered with. */
export type Shown = { readonly date: string; readonly state: string; readonly lines: readonly { readonly account: string; readonly amount: string }[]; readonly isMapChanged?: boolean };

/**
 * Compares what was delivered with what stands there. A line is its account and its signed amount: many systems keep red on the
 * other side, or debits as negative numbers, and mean the same. The order of lines is theirs to choose.
 */
export function compareStanding(ours: VoucherOut, theirs: Standing): Difference | undefined {
  const left: Shown = { date: ours.date, state: "", lines: shownLines(ours.lines) };
  const right: Shown = { date: theirs.date, state: theirs.acknowledgement.targetState, lines: shownLines(theirs.lines) };
  if (theirs.isVoid) return { kind: "voided", ours: left, theirs: right };
  const isSame = left.date === right.date && left.lines.length === right.lines.length && left.lines.every((line, at) => line.account === right.lines[at]?.account && line.amount === right.lines[at]?.amount);
  return isSame ? undefined : { kind: "changed", ours: left, theirs: right };
}

export type Finding = { readonly kind: "missing" | "voided" | "changed" | "several"; readonly fingerprint: string; readonly ours: Shown | null; readonly theirs: unknown };

/** What is wrong with the vouchers that stand there under our reference; undefined when it is one, and ours. */
export function findingOf(ours: VoucherOut, theirs: readonly Standing[]): Finding | undefined {
  const [first] = theirs;
  if (first === undefined) return { kind: "missing", fingerprint: "missing", ours: null, theirs: null };
  if (theirs.length > 1) {
    const ids = theirs.map(({ acknowledgement }) => acknowledgement.targetId).sort();
    return { kind: "several", fingerprint: `several|${ids.join(",")}`, ours: null, theirs: ids };
  }
  const difference = compareStanding(ours, first);
  return difference && { ...difference, fingerprint: documentHash(difference) };
}

export const problemOf = (finding: Finding, reference: string, target: string, count: number): Problem =>
  finding.kind === "several" ? { code: "delivery.several", facts: { reference, count } } : { code: `delivery.${finding.kind}`, facts: { reference, target } };

const shownLines = (lines: readonly { readonly account: string; readonly debit: string; readonly credit: string }[]): { account: string; amount: string }[] =>
  lines.map(({ account, debit, credit }) => ({ account, amount: signed(debit, credit) })).filter(({ amount }) => amount !== "0")
    .sort((a, b) => (a.account < b.account ? -1 : a.account > b.account ? 1 : a.amount < b.amount ? -1 : 1));

/** Debit less credit without trailing zeros, so that 100.00 and 100.0000 are one. What is no number stays as it is, and differs. */
function signed(debit: string, credit: string): string {
  const value = [debit, credit].map((text) => parseDecimal(text === "" ? "0" : text, 10));
  if (value[0] === undefined || value[1] === undefined) return `${debit}/${credit}`;
  const difference = value[0] - value[1];
  const digits = String(difference < 0n ? -difference : difference).padStart(11, "0");
  const text = `${digits.slice(0, -10)}.${digits.slice(-10)}`.replace(/\.?0+$/, "");
  return `${difference < 0n ? "-" : ""}${text}`;
}
