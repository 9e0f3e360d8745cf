/**
 * 验证: proves from the tables alone that the books are whole. Every voucher and line is read once, in one snapshot, and all
 * that is wrong is reported, not the first thing only. What the database's owner could rewrite is held against the anchors
 * outside of it.
 */
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, elapsedMs, type OpenTransaction, type Problem } from "../platform/index.ts";
import { formatMoney, formatTrimmed, QUANTITY_SCALE } from "../values/index.ts";
import { type AnchorsRead, readAnchors } from "./anchor.ts";
import { blockHash, leafOf, merkleRoot, noBlock } from "./chain.ts";
import { findOverdrawn, findOverlinked } from "./verify-links.ts";
import * as store from "./verify.store.ts";

export type Check = "balance" | "balances" | "stock" | "numbers" | "chain" | "anchors" | "links" | "events" | "completeness";

export type Verification = {
  readonly book: string;
  readonly isWhole: boolean;
  readonly vouchers: number;
  readonly lines: number;
  readonly blocks: number;
  readonly anchors: number;
  /** The newest block that an anchor outside the database proves; 0 without one. */
  readonly anchoredBlock: number;
  readonly checks: readonly { readonly check: Check; readonly findings: number }[];
  readonly findings: readonly (Problem & { readonly check: Check })[];
  readonly seconds: number;
};

/** What each check proves, for people. */
export const checkNames: Readonly<Record<Check, { readonly zh: string; readonly en: string }>> = {
  balance: { zh: "每张凭证借贷相等,全部合计为零", en: "each voucher balances, and all of them sum to zero" },
  balances: { zh: "余额等于分录之和", en: "balances equal the lines" },
  stock: { zh: "结存等于收发之和", en: "stock equals its moves" },
  numbers: { zh: "凭证号连续无缺", en: "numbers run without a gap" },
  chain: { zh: "每张凭证在链中,链未断未改", en: "each voucher is in the chain, and the chain is whole" },
  anchors: { zh: "与库外锚一致", en: "the chain agrees with the anchors outside the database" },
  links: { zh: "关联数量金额守恒", en: "links conserve quantity and amount" },
  events: { zh: "单据、事件、凭证一一对应", en: "documents, events and vouchers answer each other" },
  completeness: { zh: "到达的单据 100% 有着落", en: "all that arrived is accounted for" },
};

export type VerifyOptions = { readonly onProgress?: ((done: number, total: number) => void) | undefined };

type Findings = (Problem & { readonly check: Check })[];
type Report = (check: Check, code: string, facts: Problem["facts"], where?: string) => void;

export async function verify(ctx: Ctx, book: Book, options: VerifyOptions = {}): Promise<Verification> {
  const since = elapsedMs();
  const findings: Findings = [];
  const report: Report = (check, code, facts, where) => void findings.push({ check, code, facts, where });
  // Anchors first: one that is written while we read must not look like a block that was cut off.
  const anchors = ctx.dataDir === undefined ? undefined : await readAnchors(ctx.dataDir, book.code);
  const streaming = await ctx.db.begin();
  const asking = await ctx.db.begin();
  try {
    await shareSnapshot(streaming, asking);
    const anchored = new Set(anchors?.anchors.map(({ block }) => block));
    const open = [...questions];
    const reading = readVouchers(streaming, book, anchored, report, options).then((done) => ask(streaming, open, book, report).then(() => done));
    const [read] = await Promise.all([reading, ask(asking, open, book, report)]);
    checkAnchors(book, anchors, ctx.dataDir !== undefined, read, report);
    return {
      book: book.code, isWhole: findings.length === 0, vouchers: read.vouchers, lines: read.lines, blocks: read.blocks, anchors: anchors?.anchors.filter(({ block }) => block > 0n).length ?? 0,
      anchoredBlock: Number(anchors?.anchors.reduce((most, { block }) => (block > most ? block : most), 0n) ?? 0n),
      checks: (Object.keys(checkNames) as Check[]).map((check) => ({ check, findings: findings.filter((finding) => finding.check === check).length })),
      findings, seconds: (elapsedMs() - since) / 1000,
    };
  } finally {
    await Promise.allSettled([streaming.rollback(), asking.rollback()]);
  }
}

async function shareSnapshot(first: OpenTransaction, second: OpenTransaction): Promise<void> {
  await first.exec("set transaction isolation level repeatable read, read only");
  const { id } = await first.one<{ id: string }>("select pg_export_snapshot() as id");
  await second.exec(`set transaction isolation level repeatable read, read only; set transaction snapshot '${id.replaceAll("'", "")}'`);
}

// Vouchers, lines, chain -----------------------------------------------------------------------------------------------

/** Vouchers that one pass reads: a few megabytes. */
const vouchersAtOnce = 20_000n;
const blocksAtOnce = 2_000;

type Reading = {
  vouchers: number;
  lines: number;
  blocks: number;
  sum: bigint;
  last: store.BlockRow | undefined;
  /** Hashes of the blocks that an anchor names. */
  readonly hashes: Map<bigint, Buffer>;
};

async function readVouchers(db: Db, book: Book, anchored: ReadonlySet<bigint>, report: Report, options: VerifyOptions): Promise<Reading> {
  const { bookId } = book;
  // Books that were filled a moment ago have no statistics yet, and a planner that thinks them empty would scan them for each range; below, it would loop.
  await db.exec("set local enable_seqscan = off");
  const read: Reading = { vouchers: 0, lines: 0, blocks: 0, sum: 0n, last: undefined, hashes: new Map() };
  const counted = await store.countVouchers(db, bookId);
  let waiting: store.BlockRow[] = [];
  let upTo = 0n;

  const flush = async (wanted: bigint): Promise<void> => {
    const last = wanted < counted.last ? wanted : counted.last;
    const [vouchers, lines] = last > upTo ? [await bytesOf(db, store.voucherLeaves(bookId, upTo + 1n, last)), await bytesOf(db, store.lineLeaves(bookId, upTo + 1n, last))] : [nothing, nothing];
    checkRange(book, waiting, vouchers, lines, read, report);
    waiting = [];
    if (last > upTo) upTo = last;
    options.onProgress?.(read.vouchers, Number(counted.vouchers));
  };
  for (let page = await store.findBlocks(db, bookId, 0n, blocksAtOnce); page.length > 0; page = await store.findBlocks(db, bookId, read.last?.blockNo ?? 0n, blocksAtOnce)) {
    for (const block of page) {
      checkBlock(bookId, block, read.last, report);
      read.last = block;
      read.blocks++;
      if (anchored.has(block.blockNo)) read.hashes.set(block.blockNo, block.hash);
      waiting.push(block);
      if (block.last - upTo >= vouchersAtOnce) await flush(block.last);
    }
  }
  if (waiting.length > 0) await flush(read.last?.last ?? 0n);
  while (upTo < counted.last) await flush(upTo + vouchersAtOnce); // vouchers that no block sealed

  // Only when not every line was met with its voucher are the others looked for.
  if (BigInt(read.lines) !== (await store.countLines(db, bookId)).lines) {
    for (const { voucherId, period, lines } of await store.findStrayLines(db, bookId)) report("chain", "verify.lines_stray", { voucher: voucherId, period, lines });
  }
  if (read.sum !== 0n) report("balance", "verify.books_unbalanced", { off: formatMoney(read.sum, book.currency) });
  const head = await store.findHead(db, bookId);
  if (head.blockNo !== (read.last?.blockNo ?? 0n) || !head.hash.equals(read.last?.hash ?? noBlock))
    report("chain", "verify.head_apart", { head: head.blockNo, last: read.last?.blockNo ?? 0n });
  return read;
}

const nothing = Buffer.alloc(0);

async function bytesOf(db: Db, select: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of db.copyOut(select)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What a block says of itself and of the one before it. */
function checkBlock(bookId: number, block: store.BlockRow, before: store.BlockRow | undefined, report: Report): void {
  const where = `block ${block.blockNo}`;
  if (block.blockNo !== (before?.blockNo ?? 0n) + 1n) report("chain", "verify.block_missing", { after: before?.blockNo ?? 0n, next: block.blockNo }, where);
  if (!block.previous.equals(before?.hash ?? noBlock)) report("chain", "verify.block_unlinked", { block: block.blockNo }, where);
  if (before !== undefined && block.first <= before.last) report("chain", "verify.block_overlaps", { block: block.blockNo, before: before.blockNo }, where);
  if (!blockHash({ bookId, ...block }).equals(block.hash)) report("chain", "verify.block_changed", { block: block.blockNo }, where);
}

/** Holds the vouchers of a range against the blocks that sealed them. */
function checkRange(book: Book, blocks: readonly store.BlockRow[], vouchers: Buffer, lines: Buffer, read: Reading, report: Report): void {
  const members = blocks.map((block) => ({ block, leaves: [] as Buffer[], debit: 0n }));
  let at = 0; // of members
  let line = 0; // offset of the next line's row
  for (let from = 0, end = vouchers.indexOf(10); end >= 0; from = end + 1, end = vouchers.indexOf(10, from)) {
    const row = readVoucherRow(vouchers, from, end);
    read.vouchers++;
    while (line < lines.length && idAt(lines, line) < row.id) line = lines.indexOf(10, line) + 1; // strays, found by themselves
    const firstLine = line;
    let debit = 0n;
    let credit = 0n;
    while (line < lines.length && idAt(lines, line) === row.id) {
      const sums = amountsAt(lines, line);
      debit += sums.debit;
      credit += sums.credit;
      read.lines++;
      line = sums.end;
    }
    const voucher = `${row.period}/${row.series}-${row.number}`;
    read.sum += debit - credit;
    if (debit !== credit) report("balance", "verify.voucher_unbalanced", { voucher, off: formatMoney(debit - credit, book.currency) }, voucher);
    if (debit !== row.debitTotal) report("balance", "verify.voucher_total", { voucher, total: formatMoney(row.debitTotal, book.currency), lines: formatMoney(debit, book.currency) }, voucher);

    while (at < members.length && (members[at] as (typeof members)[number]).block.last < row.id) at++;
    const member = members[at];
    if (member === undefined || row.id < member.block.first) {
      report("chain", "verify.voucher_unsealed", { voucher }, voucher);
      continue;
    }
    if (member.block.blockNo !== row.blockNo) report("chain", "verify.voucher_block", { voucher, block: row.blockNo, sealed: member.block.blockNo }, voucher);
    member.debit += row.debitTotal;
    member.leaves.push(leafOf(Buffer.concat([vouchers.subarray(from, row.leafEnd), newline, lines.subarray(firstLine, line)])));
  }
  for (const { block, leaves, debit } of members) {
    const where = `block ${block.blockNo}`;
    if (leaves.length !== block.count) report("chain", "verify.block_count", { block: block.blockNo, count: block.count, found: leaves.length }, where);
    if (debit !== block.debitTotal) report("chain", "verify.block_total", { block: block.blockNo, total: formatMoney(block.debitTotal, book.currency), found: formatMoney(debit, book.currency) }, where);
    if (!merkleRoot(leaves).equals(block.root)) report("chain", "verify.block_vouchers_changed", { block: block.blockNo, first: block.first, last: block.last }, where);
  }
}

const newline = Buffer.from("\n");
const TAB = 9;

/** The number that stands at the beginning of a row, up to its tab. */
function idAt(bytes: Buffer, at: number): number {
  let id = 0;
  for (let i = at; bytes[i] !== TAB; i++) id = id * 10 + (bytes[i] as number) - 48;
  return id;
}

/** voucher_id, period, series, number … debit_total … block_no, as verify.store.ts selects them. */
function readVoucherRow(bytes: Buffer, from: number, end: number) {
  const leafEnd = bytes.lastIndexOf(TAB, end - 1);
  const fields = bytes.toString("utf8", from, leafEnd).split("\t");
  return {
    id: Number(fields[0]), period: fields[1] as string, series: fields[2] as string, number: fields[3] as string, debitTotal: BigInt(fields[11] as string),
    blockNo: BigInt(bytes.toString("latin1", leafEnd + 1, end)), leafEnd,
  };
}

/** Debit and credit of the line's row at this offset, and where the next row begins. */
function amountsAt(bytes: Buffer, at: number): { debit: bigint; credit: bigint; end: number } {
  let from = at;
  for (let tabs = 0; tabs < 4; from++) if (bytes[from] === TAB) tabs++;
  const middle = bytes.indexOf(TAB, from);
  const end = bytes.indexOf(TAB, middle + 1);
  return { debit: amount(bytes, from, middle), credit: amount(bytes, middle + 1, end), end: bytes.indexOf(10, end) + 1 };
}

const amount = (bytes: Buffer, from: number, to: number): bigint => (to - from === 1 && bytes[from] === 48 ? 0n : BigInt(bytes.toString("latin1", from, to)));

// Anchors ---------------------------------------------------------------------------------------------------------------

function checkAnchors(book: Book, anchors: AnchorsRead | undefined, isExpected: boolean, read: Reading, report: Report): void {
  if (!isExpected) return;
  if (anchors === undefined) {
    if (read.blocks > 0) report("anchors", "verify.anchors_absent", { book: book.code });
    return;
  }
  for (const line of anchors.forged) report("anchors", "verify.anchor_forged", { line }, `line ${line}`);
  for (const { block, hash, at } of anchors.anchors) {
    const now = block === 0n ? noBlock : read.hashes.get(block);
    if (now === undefined) report("anchors", "verify.chain_cut", { block, at, last: read.last?.blockNo ?? 0n }, `block ${block}`);
    else if (now.toString("hex") !== hash) report("anchors", "verify.chain_rewritten", { block, at }, `block ${block}`);
  }
}

// The other tables --------------------------------------------------------------------------------------------------------

type Question = (db: Db, book: Book, report: Report) => Promise<void>;

/** The longest first: two connections take them in turn. */
const questions: readonly Question[] = [
  async (db, book, report) => {
    for (const { code, facts, where } of await findOverlinked(db, book)) report("links", code, facts, where);
  },
  async (db, { bookId }, report) => {
    for (const { document, version, state } of await store.findUnexplained(db, bookId)) report("completeness", "verify.document_unexplained", { document, version, state }, document);
  },
  async (db, { bookId, currency }, report) => {
    for (const row of await store.findBalanceDifferences(db, bookId)) {
      report("balances", "verify.balance_differs", {
        period: row.period, account: row.account, dimensions: row.dimensionSet,
        lines: formatMoney(row.linesDebit - row.linesCredit, currency), cached: formatMoney(row.cacheDebit - row.cacheCredit, currency),
      }, `${row.period} ${row.account}`);
    }
  },
  async (db, { bookId }, report) => {
    for (const { document, event, voucherId } of await store.findEventsWithoutVoucher(db, bookId)) report("events", "verify.event_without_voucher", { document: document ?? "?", event, voucher: voucherId }, document ?? "?");
  },
  async (db, book, report) => {
    for (const { code, facts, where } of await findOverdrawn(db, book)) report("links", code, facts, where);
  },
  async (db, { bookId, currency }, report) => {
    for (const { pool, quantity, amount, movedQuantity, movedAmount } of await store.findStockDifferences(db, bookId)) {
      report("stock", "verify.stock_differs", {
        pool, quantity: formatTrimmed(quantity, QUANTITY_SCALE), amount: formatMoney(amount, currency), movedQuantity: formatTrimmed(movedQuantity, QUANTITY_SCALE), movedAmount: formatMoney(movedAmount, currency),
      }, pool);
    }
  },
  async (db, { bookId }, report) => {
    for (const { period, number } of await store.findVouchersWithoutEvent(db, bookId)) report("events", "verify.voucher_without_event", { voucher: `${period}/${number}` }, `${period}/${number}`);
  },
  async (db, { bookId }, report) => {
    for (const { period, series, count, high, counter } of await store.findNumberGaps(db, bookId)) report("numbers", "verify.numbers_gap", { period, series, count, high, counter }, `${period}/${series}`);
  },
];

/** Asks what nobody has asked yet. */
async function ask(db: Db, open: Question[], book: Book, report: Report): Promise<void> {
  await db.exec("set local enable_seqscan = on; set local enable_nestloop = off; set local enable_mergejoin = off; set local work_mem = '64MB'; set local max_parallel_workers_per_gather = 0");
  for (let question = open.shift(); question; question = open.shift()) await question(db, book, report);
}
