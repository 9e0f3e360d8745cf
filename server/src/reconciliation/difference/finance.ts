/**
 * 账簿 ↔ 财务系统: 15 edited, voided or gone there, 16 twice there, 17 mapped differently, 18 on its way. What was read back is compared by the stage that
 * delivers; here it gets its cause.
 */
import type { Book } from "../../books/index.ts";
import { type Ctx, type Problem, renderProblem } from "../../platform/index.ts";
import { exponentOf, parseDecimal } from "../../values/index.ts";
import type { Finding } from "../causes.ts";
import * as store from "./findings.store.ts";
import * as sides from "./sides.store.ts";

type Line = { readonly account: string; readonly amount: string };
/** One side of a drift: the date, and lines in the finance system's codes. `isMapChanged`: with today's code map it is not what was delivered. */
export type Shown = { readonly date?: string; readonly lines?: readonly Line[]; readonly isMapChanged?: boolean } | null | undefined;

/** Lines that only one side has; a line that stands twice here and once there is left once. */
export function linesApart(ours: Shown, theirs: Shown): { readonly ours: readonly Line[]; readonly theirs: readonly Line[] } {
  const key = ({ account, amount }: Line): string => `${account}|${amount}`;
  const without = (own: readonly Line[], other: readonly Line[]): Line[] => {
    const left = new Map<string, number>();
    for (const line of other) left.set(key(line), (left.get(key(line)) ?? 0) + 1);
    return own.filter((line) => {
      const count = left.get(key(line)) ?? 0;
      left.set(key(line), count - 1);
      return count <= 0;
    });
  };
  const [left, right] = [ours?.lines ?? [], theirs?.lines ?? []];
  return { ours: without(left, right), theirs: without(right, left) };
}

export async function searchFinance(ctx: Ctx, book: Book, graceMinutes: number): Promise<Finding[]> {
  const at = ctx.now().toISOString();
  const [drifts, open, behind] = [await store.findDrifts(ctx.db, book.bookId), await store.findUndelivered(ctx.db, book.bookId, at, graceMinutes), await store.findBehind(ctx.db, book.bookId, at, graceMinutes)];
  const ids = [...new Set([...drifts, ...open].flatMap(({ documentId }) => documentId ?? []))];
  const documents = new Map((ids.length === 0 ? [] : await sides.findDocuments(ctx.db, book.bookId, ids)).map(({ documentId, document }) => [documentId, document]));
  const mapped = await mappedOf(ctx, book, drifts);
  const minor = (amount: string): bigint => parseDecimal(amount, exponentOf(book.currency)) ?? 0n;
  const common = (row: store.DeliveryRow) => {
    const document = row.documentId === null ? undefined : documents.get(row.documentId);
    return { subject: row.subject, period: row.period, vouchers: row.subject.includes("/") ? [row.subject] : [], documents: document === undefined ? [] : [document], owner: "", business: row.total };
  };
  const drifted = new Set(drifts.map(({ deliveryNo }) => deliveryNo));
  return [
    ...drifts.map((row): Finding => ({
      ...common(row), cause: row.kind === "several" ? "twiceThere" : mapped.has(row.driftNo) ? "mappedDifferently" : "changedThere", fingerprint: `drift|${row.deliveryNo}`, books: row.kind === "several" ? row.total * BigInt(Math.max(2, (row.theirs as readonly unknown[] | null)?.length ?? 2)) : row.kind === "changed" ? debitOf(row.theirs as Shown, minor) : 0n,
      amount: amountOf(row, minor), since: row.foundAt.slice(0, 10), facts: { delivery: String(row.deliveryNo), drift: String(row.driftNo), flow: row.flow, reference: row.reference, what: row.kind, ours: row.ours, theirs: row.theirs },
    })),
    ...open.filter(({ deliveryNo }) => !drifted.has(deliveryNo)).map((row): Finding => ({
      ...common(row), cause: row.state === "held" ? "mappedDifferently" : "inTransit", fingerprint: `delivery|${row.deliveryNo}`, books: 0n, amount: row.total, since: row.madeAt.slice(0, 10),
      facts: { delivery: String(row.deliveryNo), flow: row.flow, reference: row.reference, what: row.state, reasons: problemsOf(row.problem).map((problem) => renderProblem(problem)) },
    })),
    ...behind.map((row): Finding => ({ cause: "inTransit", fingerprint: `behind|${row.flow}`, subject: row.flow, business: row.total, books: 0n, amount: row.total, since: row.oldest.slice(0, 10), facts: { flow: row.flow, what: "behind", vouchers: String(row.vouchers) } })),
  ];
}

/**
 * Equal date and amounts on other accounts are two maps, not an edit, when our map is not the one it was delivered with, or when the account has another
 * code there in every voucher that was read. One voucher alone on another account was edited.
 */
async function mappedOf(ctx: Ctx, book: Book, drifts: readonly store.DriftRow[]): Promise<ReadonlySet<bigint>> {
  const mapped = new Set<bigint>();
  const candidates = drifts.flatMap((row) => {
    const [ours, theirs] = [row.ours as Shown, row.theirs as Shown];
    if (row.kind !== "changed" || ours?.lines === undefined || theirs?.lines === undefined || ours.date !== theirs.date) return [];
    const apart = linesApart(ours, theirs);
    const amounts = (lines: readonly Line[]): string[] => lines.map(({ amount }) => amount).sort();
    if (amounts(apart.ours).join() !== amounts(apart.theirs).join()) return [];
    if (ours.isMapChanged === true) mapped.add(row.driftNo);
    return [{ row, amounts: amounts(apart.ours), moved: `${row.flow}|${[...new Set(apart.ours.map(({ account }) => account))].sort()}|${[...new Set(apart.theirs.map(({ account }) => account))].sort()}` }];
  });
  for (const alike of Map.groupBy(candidates.filter(({ row }) => !mapped.has(row.driftNo)), ({ moved }) => moved).values()) {
    const [first] = alike;
    if (first === undefined || alike.length < 2) continue;
    const minors = first.amounts.map((amount) => { const value = parseDecimal(amount, exponentOf(book.currency)) ?? 0n; return value < 0n ? -value : value; });
    if (!(await store.hasStanding(ctx.db, book.bookId, first.row.flow, first.row.deliveryNo, minors)).has) for (const { row } of alike) mapped.add(row.driftNo);
  }
  return mapped;
}

/** What it is about: what is missing or too much on the debit side, else what moved between accounts, else, of a date, all of it. */
function amountOf(row: store.DriftRow, minor: (amount: string) => bigint): bigint {
  if (row.kind === "several") return -row.total * BigInt(Math.max(1, ((row.theirs as readonly unknown[] | null)?.length ?? 2) - 1));
  if (row.kind !== "changed" || (row.ours as Shown)?.lines === undefined) return row.total;
  const off = debitOf(row.ours as Shown, minor) - debitOf(row.theirs as Shown, minor);
  if (off !== 0n) return off;
  const moved = linesApart(row.ours as Shown, row.theirs as Shown).ours.reduce((sum, { amount }) => { const value = minor(amount); return sum + (value < 0n ? -value : value); }, 0n);
  return moved === 0n ? row.total : moved;
}
const debitOf = (shown: Shown, minor: (amount: string) => bigint): bigint => (shown?.lines ?? []).reduce((sum, { amount }) => { const value = minor(amount); return value > 0n ? sum + value : sum; }, 0n);

const problemsOf = (stored: unknown): Problem[] => (stored === null || stored === undefined ? [] : ((Array.isArray(stored) ? stored : [stored]) as Problem[]));
