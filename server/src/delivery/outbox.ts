/**
 * The chain of posted blocks is the outbox. A flow's position moves over it in the transaction that writes what is to be
 * delivered, so that nothing is missed, nothing comes twice, and posting knows nothing of who reads.
 */
import { type Book, loadAccounts, openingPeriodOf } from "../books/index.ts";
import type { Ctx, Db } from "../platform/index.ts";
import { type Render } from "./code-map.ts";
import type { DeliveryFlow } from "./contract.ts";
import { deliveryIdOf, documentHash, referenceOf, voucherHash } from "./delivery.ts";
import * as store from "./store.ts";
import type { VoucherOut } from "./target.ts";

export type Enqueued = { readonly vouchers: number; readonly enqueued: number; readonly held: number };

/** Reads the next blocks, about so many vouchers. What could be rendered is kept in `rendered` for the sending that follows. */
export async function enqueueBlocks(ctx: Ctx, book: Book, flow: DeliveryFlow, render: Render, vouchersMax: number, rendered: Map<bigint, VoucherOut>): Promise<Enqueued> {
  const outbox = await store.findOutbox(ctx.db, book.bookId, flow.flow);
  const blocks = outbox && (await store.findBlocks(ctx.db, book.bookId, outbox.blockNo, vouchersMax));
  if (!blocks || blocks.lastBlock === null) return { vouchers: 0, enqueued: 0, held: 0 };
  const vouchers = await readPosted(ctx.db, book, blocks.first, blocks.last);
  if (BigInt(vouchers.length) !== blocks.count) throw new Error(`blocks after ${outbox.blockNo} hold ${blocks.count} vouchers and ${vouchers.length} were read`);

  const isWanted = filterOf(flow, book);
  const rows: store.NewDelivery[] = [];
  let held = 0;
  for (const voucher of vouchers) {
    if (!isWanted(voucher)) continue;
    const mapped = render(voucher);
    const row = newDelivery(book.code, flow.flow, voucher, 1);
    if (mapped.voucher === undefined) {
      held += 1;
      rows.push({ ...row, payloadHash: "", problem: mapped.problems });
      continue;
    }
    rendered.set(voucher.voucherId, mapped.voucher);
    rows.push({ ...row, payloadHash: voucherHash(mapped.voucher), ...(mapped.cut.length === 0 ? {} : { cut: mapped.cut }) });
  }
  await ctx.db.transaction(async (db) => {
    const moved = await store.moveOutbox(db, book.bookId, flow.flow, outbox.blockNo, blocks.lastBlock as bigint, rows.length, vouchers.length - rows.length);
    if (!moved) throw new Error(`the position of ${flow.flow} was moved by another worker`);
    if (rows.length > 0) await store.insertDeliveries(db, book.bookId, flow.flow, ctx.now().toISOString(), rows);
  });
  return { vouchers: vouchers.length, enqueued: rows.length, held };
}

/** Vouchers with all documents behind them. */
export async function readPosted(db: Db, book: Book, first: bigint, last: bigint, ids?: readonly bigint[]): Promise<store.PostedVoucher[]> {
  const vouchers = await store.findPosted(db, book.bookId, first, last, ids);
  if (vouchers.length === 0 || !(await store.mayShareVouchers(db, book.bookId)).may) return vouchers;
  const sources = Map.groupBy(await store.findSources(db, book.bookId, vouchers.map(({ voucherId }) => voucherId)), ({ voucherId }) => voucherId);
  return vouchers.map((voucher) => ({ ...voucher, sources: sources.get(voucher.voucherId)?.map(({ document }) => document) ?? voucher.sources }));
}

export function newDelivery(book: string, flow: string, voucher: Pick<store.PostedVoucher, "voucherId" | "period" | "series" | "no" | "number" | "reversalOf">, version: number): Omit<store.NewDelivery, "payloadHash"> {
  const deliveryId = deliveryIdOf(book, flow, `v${voucher.voucherId}`, version, "voucher");
  return { deliveryId, reference: referenceOf(deliveryId, book, voucher), purpose: "voucher", subject: `${voucher.period}/${voucher.number}`, version, period: voucher.period, voucherId: voucher.voucherId, reversalOf: voucher.reversalOf };
}

/** Opening balances are not vouchers of the target: it has its own. */
function filterOf(flow: DeliveryFlow, book: Book): (voucher: store.PostedVoucher) => boolean {
  const opening = openingPeriodOf(book.firstPeriod);
  const fromPeriod = flow.from !== undefined && "period" in flow.from ? flow.from.period : "";
  const { series, accounts, notFrom } = flow.where ?? {};
  return (voucher) => voucher.period > opening && voucher.period >= fromPeriod && (series === undefined || series.includes(voucher.series))
    && (notFrom === undefined || voucher.sources.length === 0 || voucher.sources.some((document) => !notFrom.includes(document.slice(0, document.indexOf(":")))))
    && (accounts === undefined || voucher.lines.some(({ account }) => accounts.some((wanted) => account === wanted || account.startsWith(`${wanted}.`))));
}

/** Where a flow that is new begins. */
export async function ensureOutbox(ctx: Ctx, book: Book, flow: DeliveryFlow): Promise<void> {
  if (await store.findOutbox(ctx.db, book.bookId, flow.flow)) return;
  const { from } = flow;
  const block = from === undefined ? 0n : "block" in from ? BigInt(from.block) - 1n : (await store.findBlockBefore(ctx.db, book.bookId, from.period)).block;
  await store.ensureOutbox(ctx.db, book.bookId, flow.flow, block);
}

export type DocumentOut = { readonly subject: string; readonly version: number; readonly purpose: "document" | "writeback"; readonly voucherId?: bigint; readonly body: Readonly<Record<string, unknown>> };

/** Documents and write-backs for a flow. The same subject and version again changes nothing. */
export async function enqueueDocuments(db: Db, book: Book, flow: string, at: string, documents: readonly DocumentOut[]): Promise<void> {
  if (documents.length === 0) return;
  await store.insertDocuments(db, book.bookId, flow, at, documents.map(({ subject, version, purpose, voucherId, body }) => {
    const deliveryId = deliveryIdOf(book.code, flow, subject, version, purpose);
    return { deliveryId, reference: referenceOf(deliveryId, book.code), purpose, subject, version, period: "", voucherId: voucherId ?? null, reversalOf: null, body, payloadHash: documentHash(body) };
  }));
}

export async function groundOf(ctx: Ctx, book: Book): Promise<{ accountNames: ReadonlyMap<string, string>; memberNames: ReadonlyMap<string, string> }> {
  const accountNames = new Map([...(await loadAccounts(ctx.db, book))].map(([code, { zh }]) => [code, zh]));
  const memberNames = new Map<string, string>();
  for (const { kind, code, name } of await store.findMemberNames(ctx.db, book.bookId)) memberNames.set(`${kind === "customer" || kind === "supplier" ? "counterparty" : kind}|${code}`, name);
  return { accountNames, memberNames };
}
