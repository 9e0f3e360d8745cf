/** 待审核: vouchers that wait for a person other than their preparer. They are reviewed one by one or many at once, or sent back with a reason. */
import { exponentOf, formatDecimal, formatMoney, formatTrimmed, amountInWords, RATE_SCALE } from "../values/index.ts";
import { type Book, loadBook } from "../books/index.ts";
import { type Ctx, Refusal, refuse, renderProblem, type RenderedProblem } from "../platform/index.ts";
import { type Attached, attachedTo, nameLines, type ShownLine, totalsOf } from "./show.ts";
import * as store from "./show.store.ts";
import { reviewDraft } from "./review.ts";
import { dimensionsOf, type VoucherLine } from "./voucher-list.ts";
import { readDraftBody } from "./work-on.ts";

export type DraftListed = {
  readonly draft: string; readonly document: string; readonly kind: string; readonly date: string; readonly period: string; readonly series: string; readonly summary: string; readonly debitTotal: string; readonly attachments: number; readonly lines: number;
  readonly rule: string; readonly ruleVersion: number; readonly why: string; readonly preparedBy: string; readonly preparedAt: string;
  /** Prepared by whoever asks: they may change or withdraw it, and never review it. */
  readonly isOwn: boolean;
  readonly sentBack: { readonly by: string; readonly at: string; readonly reason: string } | null;
};
export type DraftShown = Omit<DraftListed, "lines"> & {
  readonly lines: readonly ShownLine[]; readonly creditTotal: string; readonly inWords: string; readonly attached: readonly Attached[];
  /** The reason that a reversal or correction gives, and the voucher it concerns. */
  readonly corrects: string | null; readonly correction: string | null; readonly reason: string | null;
  readonly version: number;
};

/** Most that are shown at once; the rest follow when these are done. */
const draftsMax = 500;

export async function findDrafts(ctx: Ctx, book: Book): Promise<DraftListed[]> {
  return (await store.findOpenDrafts(ctx.db, book.bookId, draftsMax)).map((row) => listed(ctx, book, row));
}

function listed(ctx: Ctx, book: Book, row: store.DraftRow): DraftListed {
  const body = readDraftBody(row.body);
  const total = body.lines.reduce((sum, line) => (line.side === "debit" ? sum + line.amount : sum), 0n);
  return {
    draft: String(row.draftId), document: row.document, kind: row.kind, date: body.date, period: body.period, series: body.series, summary: body.summary, debitTotal: formatMoney(total, book.currency), attachments: body.attachments, lines: body.lines.length,
    rule: body.rule, ruleVersion: body.ruleVersion, why: row.why, preparedBy: row.preparedBy, preparedAt: row.preparedAt, isOwn: row.preparedBy === ctx.actor.id,
    sentBack: row.sentBackBy === null || row.sentBackAt === null ? null : { by: row.sentBackBy, at: row.sentBackAt, reason: row.sentBackReason ?? "" },
  };
}

/** Refuses: draft.unknown. */
export async function showDraft(ctx: Ctx, book: Book, draft: string): Promise<DraftShown> {
  const row = await draftRow(ctx, book, draft);
  const body = readDraftBody(row.body);
  const dimensions = await dimensionsOf(ctx.db, book, body.lines.map(({ dimensionSetId }) => dimensionSetId));
  const lines = body.lines.map((line): VoucherLine => ({
    account: line.account, summary: line.summary || body.summary, debit: formatMoney(line.side === "debit" ? line.amount : 0n, book.currency), credit: formatMoney(line.side === "credit" ? line.amount : 0n, book.currency), currency: line.currency,
    amountOriginal: formatDecimal(line.original, exponentOf(line.currency)), rate: line.rate === 0n ? "1" : formatTrimmed(line.rate, RATE_SCALE), dimensions: dimensions.get(line.dimensionSetId) ?? {},
  }));
  const sent = JSON.parse(row.docBody) as { correction?: string; corrects?: string; extra?: { reason?: string } };
  const totals = totalsOf(lines, book);
  return {
    ...listed(ctx, book, row), lines: await nameLines(ctx.db, book, lines), ...totals, inWords: book.currency === "CNY" ? amountInWords(totals.debitTotal) : "", attached: await attachedTo(ctx.db, book, [row.document]),
    corrects: sent.corrects ?? null, correction: sent.correction ?? null, reason: sent.extra?.reason ?? null, version: Number(row.version),
  };
}

/** Refuses: draft.unknown. */
async function draftRow(ctx: Ctx, book: Book, draft: string): Promise<store.DraftRow> {
  if (!/^\d{1,18}$/.test(draft)) refuse("draft.unknown", { draft });
  return (await store.findDraft(ctx.db, book.bookId, draft)) ?? refuse("draft.unknown", { draft });
}

export type Reviewed = { readonly draft: string; readonly number: string | null; readonly period: string | null; readonly problem: RenderedProblem | null };

/** 批量审核: each by itself; one that is refused does not stop the others. */
export async function reviewDrafts(ctx: Ctx, bookCode: string, drafts: readonly string[]): Promise<Reviewed[]> {
  const results: Reviewed[] = [];
  for (const draft of new Set(drafts)) {
    try {
      results.push({ draft, ...(await reviewDraft(ctx, bookCode, draft)), problem: null });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      results.push({ draft, number: null, period: null, problem: renderProblem(error) });
    }
  }
  return results;
}

/**
 * 退回: the draft goes back to its preparer with the reason. It keeps its place and is posted by nobody until the preparer sends it again.
 * Refuses: draft.unknown, draft.reason, voucher.same_person, draft.sent_back.
 */
export async function sendBackDraft(ctx: Ctx, bookCode: string, draft: string, reason: string): Promise<DraftListed> {
  const book = await loadBook(ctx.db, bookCode);
  const row = await draftRow(ctx, book, draft);
  if (reason.trim() === "") refuse("draft.reason", { draft });
  if (row.preparedBy === ctx.actor.id) refuse("voucher.same_person", { person: ctx.actor.id });
  if (!(await store.sendDraftBack(ctx.db, book.bookId, draft, ctx.actor.id, ctx.now().toISOString(), reason.trim()))) refuse("draft.sent_back", { draft, by: row.sentBackBy ?? "", reason: row.sentBackReason ?? "" });
  return listed(ctx, book, await draftRow(ctx, book, draft));
}
