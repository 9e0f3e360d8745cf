/**
 * Vouchers for tests of reports and of `verify`, written by the shortest way: one batch of hand-made vouchers as one block,
 * sealed with the hashes that `verify` computes. The real way in is `postDocuments`.
 */
import type { Book } from "../books/index.ts";
import { periodOf } from "../values/index.ts";
import type { Ctx, Db } from "../platform/index.ts";
import { anchor, beginAnchors } from "./anchor.ts";
import { blockHash, leafOf, merkleRoot } from "./chain.ts";
import { findHead, lineLeaves, voucherLeaves } from "./verify.store.ts";

export type PlainLine = {
  readonly account: string;
  readonly debit?: bigint;
  readonly credit?: bigint;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly currency?: string;
  readonly original?: bigint;
  readonly rate?: bigint;
  readonly quantity?: bigint;
  readonly summary?: string;
};
export type PlainVoucher = {
  /** source:kind/sourceId, new with each voucher. */
  readonly document: string;
  readonly date: string;
  readonly period?: string;
  readonly series?: string;
  readonly summary?: string;
  readonly party?: string;
  readonly facts?: string;
  readonly body?: string;
  readonly reversalOf?: bigint;
  readonly lines: readonly PlainLine[];
};

export async function postPlainly(ctx: Ctx, book: Book, vouchers: readonly PlainVoucher[]): Promise<void> {
  const { blockNo, hash } = await findHead(ctx.db, book.bookId);
  await beginAnchors(ctx, book, { block: blockNo, hash });
  const head = await ctx.db.transaction(async (db) => write(db, ctx, book, vouchers));
  await anchor(ctx, book, head);
}

async function write(db: Db, ctx: Ctx, book: Book, vouchers: readonly PlainVoucher[]): Promise<{ block: bigint; hash: Buffer }> {
  const { bookId } = book;
  const before = await db.one<{ document: bigint; voucher: bigint; set: number }>(
    "select next_document as document, next_voucher as voucher, next_dimension_set as set from vouchers.head where book_id = $1 for update", [bookId]);
  const { blockNo, hash: previous } = await findHead(db, bookId);
  const sets = new Map((await db.query<{ id: number; dimensions: unknown }>("select dimension_set_id as id, dimensions from vouchers.dimension_set where book_id = $1", [bookId])).map(({ id, dimensions }) => [JSON.stringify(dimensions), id]));
  let nextSet = before.set;
  const at = ctx.now().toISOString();
  const block = blockNo + 1n;
  let debitTotal = 0n;

  for (const [index, voucher] of vouchers.entries()) {
    const [, source, kind, sourceId] = /^(\w+):(\w+)\/(.+)$/.exec(voucher.document) as unknown as [string, string, string, string];
    const documentId = before.document + BigInt(index);
    const id = before.voucher + BigInt(index);
    const period = voucher.period ?? periodOf(voucher.date);
    const series = voucher.series ?? "记";
    const total = voucher.lines.reduce((sum, { debit = 0n }) => sum + debit, 0n);
    debitTotal += total;
    await db.query(
      `insert into documents.document (book_id, document_id, source_version, source, kind, source_id, date, period, party, state, body, received_at, state_at)
       values ($1, $2, 1, $3, $4, $5, $6, $7, $8, 'posted', $9, $10, $10)`, [bookId, documentId, source, kind, sourceId, voucher.date, period, voucher.party ?? "", voucher.body ?? "{}", at]);
    await db.query(
      `insert into vouchers.voucher (book_id, voucher_id, period, series, number, date, summary, attachments, rule, rule_version, document_id, reversal_of, debit_total, block_no, prepared_by, reviewed_by, posted_by, posted_at)
       select $1, $2, $3, $4, coalesce(max(number), 0) + 1, $5, $6, 1, 'plain', 1, $7, $8, $9, $10, 'chen', 'rule', 'tieout', $11 from vouchers.voucher where book_id = $1 and period = $3 and series = $4`,
      [bookId, id, period, series, voucher.date, voucher.summary ?? `${kind} ${sourceId}`, documentId, voucher.reversalOf ?? null, total, block, at]);
    const rows: unknown[] = [];
    for (const [lineIndex, line] of voucher.lines.entries()) {
      const key = JSON.stringify(line.dimensions ?? {});
      let set = key === "{}" ? 0 : sets.get(key); // 0 is the empty set and has no row
      if (set === undefined) {
        sets.set(key, (set = nextSet++));
        await db.query("insert into vouchers.dimension_set (book_id, dimension_set_id, dimensions) values ($1, $2, $3)", [bookId, set, key]);
      }
      const { debit = 0n, credit = 0n } = line;
      rows.push({ line_no: lineIndex + 1, account: line.account, set, debit: String(debit), credit: String(credit), currency: line.currency ?? book.currency,
        original: String(line.original ?? (credit === 0n ? debit : credit)), rate: line.rate === undefined ? null : String(line.rate), quantity: line.quantity === undefined ? null : String(line.quantity), summary: line.summary ?? null });
    }
    await db.query("select vouchers.ensure_partition($1)", [period]);
    await db.query(
      `insert into vouchers.line (book_id, period, voucher_id, line_no, account, dimension_set_id, debit, credit, currency, amount_original, rate, quantity, summary)
       select $1, $2, $3, l.line_no, l.account, l.set, l.debit, l.credit, l.currency, l.original, l.rate, l.quantity, l.summary
         from jsonb_to_recordset($4::jsonb) as l (line_no int, account text, set int, debit bigint, credit bigint, currency text, original bigint, rate bigint, quantity bigint, summary text)`,
      [bookId, period, id, JSON.stringify(rows)]);
    await db.query("insert into vouchers.event (book_id, document_id, source_version, event_no, event, rule, rule_version, voucher_ids, facts, effects) values ($1, $2, 1, 1, 'PLAIN', 'plain', 1, $3, $4, '')",
      [bookId, documentId, [id], voucher.facts ?? ""]);
  }

  const first = before.voucher;
  const last = before.voucher + BigInt(vouchers.length) - 1n;
  await db.query(
    `insert into vouchers.balance_cache as b (book_id, period, account, dimension_set_id, currency, debit, credit, debit_original, credit_original)
     select book_id, period, account, dimension_set_id, currency, sum(debit), sum(credit), coalesce(sum(amount_original) filter (where credit = 0), 0), coalesce(sum(amount_original) filter (where credit <> 0), 0)
       from vouchers.line where book_id = $1 and voucher_id between $2 and $3 group by 1, 2, 3, 4, 5
     on conflict (book_id, period, account, dimension_set_id, currency) do update
        set debit = b.debit + excluded.debit, credit = b.credit + excluded.credit, debit_original = b.debit_original + excluded.debit_original, credit_original = b.credit_original + excluded.credit_original`,
    [bookId, first, last]);
  const root = merkleRoot(await leaves(db, bookId, first, last));
  const hash = blockHash({ bookId, blockNo: block, first, last, count: vouchers.length, debitTotal, root, previous, sealedAt: at });
  await db.query("insert into vouchers.block (book_id, block_no, first_voucher, last_voucher, count, debit_total, root, previous, hash, sealed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    [bookId, block, first, last, vouchers.length, debitTotal, root, previous, hash, at]);
  await db.query("update vouchers.head set block_no = $2, hash = $3, next_document = next_document + $4, next_voucher = next_voucher + $4, next_dimension_set = $5 where book_id = $1", [bookId, block, hash, vouchers.length, nextSet]);
  return { block, hash };
}

/** The leaves of a range, by the plainest way: every row as text, lines sought for each voucher. */
export async function leaves(db: Db, bookId: number, first: bigint, last: bigint): Promise<Buffer[]> {
  const rowsOf = async (select: string): Promise<string[]> => {
    let text = "";
    for await (const chunk of db.copyOut(select)) text += chunk.toString("utf8");
    return text.split("\n").slice(0, -1);
  };
  const lines = await rowsOf(lineLeaves(bookId, first, last));
  return (await rowsOf(voucherLeaves(bookId, first, last))).map((row) => {
    const own = row.slice(0, row.lastIndexOf("\t")); // without block_no
    const id = own.slice(0, own.indexOf("\t") + 1);
    return leafOf([own, ...lines.filter((line) => line.startsWith(id))].map((text) => `${text}\n`).join(""));
  });
}
