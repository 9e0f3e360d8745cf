/** 审核、红冲、更正: what people do to vouchers. A posted voucher never changes; every correction is another voucher. */
import { formatMoney } from "../values/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { type Book, loadBook } from "../books/index.ts";
import { type DocumentResult, postDocuments, writerOf } from "./post.ts";
import * as store from "./store.ts";
import { correctionSummary, numberText, type Voucher } from "./voucher.ts";
import { readDraftBody } from "./work-on.ts";

export type Draft = { readonly draft: string; readonly why: string; readonly preparedBy: string; readonly preparedAt: string; readonly date: string; readonly summary: string; readonly total: string };

/** Vouchers that wait for a person. Refuses: book.unknown. */
export async function listDrafts(ctx: Ctx, bookCode: string): Promise<Draft[]> {
  const book = await loadBook(ctx.db, bookCode);
  return (await store.readDrafts(ctx.db, book.bookId)).map((row) => {
    const body = readDraftBody(row.body);
    const total = body.lines.reduce((sum, line) => (line.side === "debit" ? sum + line.amount : sum), 0n);
    return { draft: String(row.draft_id), why: row.why, preparedBy: row.prepared_by, preparedAt: row.prepared_at, date: body.date, summary: body.summary, total: formatMoney(total, book.currency) };
  });
}

/** 审核并记账: somebody other than the preparer. Refuses: draft.unknown, voucher.same_person, draft.sent_back, posting.busy. */
export async function reviewDraft(ctx: Ctx, bookCode: string, draft: string): Promise<{ number: string; period: string }> {
  if (!/^\d{1,18}$/.test(draft)) refuse("draft.unknown", { draft });
  const { bookId } = await loadBook(ctx.db, bookCode);
  const sent = await store.readSentBack(ctx.db, bookId, draft);
  if (sent) refuse("draft.sent_back", { draft, by: sent.by, reason: sent.reason });
  const writer = await writerOf(ctx, bookCode);
  const voucher: Voucher = await writer.exclusively(() => writer.postDraft(ctx, draft));
  return { number: numberText(voucher.series, voucher.number), period: voucher.period };
}

/**
 * 红冲: the same lines in red, with the legal summary 注销某月某日某号凭证 (会计基础工作规范 art. 51(5)). `number` is
 * "2026-03/记-7". The result waits for review. Refuses: voucher.unknown, voucher.reversed_before.
 */
export async function reverseVoucher(ctx: Ctx, bookCode: string, number: string, date: string, reason: string): Promise<DocumentResult> {
  const book = await loadBook(ctx.db, bookCode);
  const { found, lines } = await find(ctx, book, number);
  const reversal = await store.findReversal(ctx.db, book.bookId, found.voucher_id);
  if (reversal) refuse("voucher.reversed_before", { number, by: `${reversal.period}/${numberText(reversal.series, reversal.number)}` });
  return send(ctx, book, {
    schema: "tieout/manualVoucher@1", source: "tieout", sourceId: `reverse-${number.replace("/", "-")}`, date, number: number.split("/")[1], correction: "reverse", corrects: number,
    summary: correctionSummary("注销", found.date, number.split("/")[1] ?? number), attachments: 0, lines: lines.map((line, i) => written(book, line, i, -1n)), extra: { reason },
  });
}

/**
 * 更正: for an error of this year the red voucher and a blue one with the right lines; for an earlier year the blue one only
 * (the accounts of C5 are the caller's). `lines` as in a manualVoucher.
 */
export async function correctVoucher(ctx: Ctx, bookCode: string, number: string, date: string, lines: readonly object[], reason: string): Promise<DocumentResult[]> {
  const book = await loadBook(ctx.db, bookCode);
  const { found } = await find(ctx, book, number);
  const results: DocumentResult[] = [];
  const isEarlierYear = found.date.slice(0, 4) < date.slice(0, 4);
  if (!isEarlierYear) results.push(await reverseVoucher(ctx, bookCode, number, date, reason));
  results.push(await send(ctx, book, {
    schema: "tieout/manualVoucher@1", source: "tieout", sourceId: `correct-${number.replace("/", "-")}`, date, number: number.split("/")[1], correction: isEarlierYear ? "earlierYear" : "correct", corrects: number,
    summary: correctionSummary("订正", found.date, number.split("/")[1] ?? number), attachments: 0, lines, extra: { reason },
  }));
  return results;
}

async function find(ctx: Ctx, book: Book, number: string): Promise<{ found: NonNullable<Awaited<ReturnType<typeof store.findVoucher>>>; lines: Awaited<ReturnType<typeof store.readLines>> }> {
  const match = /^(\d{4}-\d{2})\/(.+)-(\d{1,9})$/.exec(number);
  const found = match ? await store.findVoucher(ctx.db, book.bookId, match[1] as string, match[2] as string, Number(match[3])) : undefined;
  if (!match || !found) return refuse("voucher.unknown", { number });
  return { found, lines: await store.readLines(ctx.db, book.bookId, match[1] as string, found.voucher_id) };
}

function written(book: Book, line: Awaited<ReturnType<typeof store.readLines>>[number], i: number, sign: bigint): object {
  const side = line.debit !== 0n ? "debit" : "credit";
  return { lineId: String(i + 1), account: line.account, [side]: formatMoney(sign * (side === "debit" ? line.debit : line.credit), book.currency), ...line.dimensions };
}

/** A correction that was withdrawn may be sent again: as the next version of the same document. */
async function send(ctx: Ctx, book: Book, document: Readonly<Record<string, unknown>> & { readonly source: string; readonly sourceId: string }): Promise<DocumentResult> {
  const last = await store.findLastVersion(ctx.db, book.bookId, document.source, "manualVoucher", document.sourceId);
  const { results } = await postDocuments(ctx, book.code, [last?.isCancelled ? { ...document, sourceVersion: Number(last.version) + 1 } : document]);
  const [result] = results;
  if (!result) throw new Error("posting a correction answered nothing");
  return result;
}
