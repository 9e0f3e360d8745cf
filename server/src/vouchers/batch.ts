/** A batch of documents on its way into the database: rows gathered while they are worked on, written in one transaction. */
import type { Statement, Store } from "../platform/index.ts";
import { saveMasters, type MasterRecord } from "../masterdata/index.ts";
import { dimensionsOf } from "./compose.ts";
import { blockHash, leafOf, merkleRoot } from "./chain.ts";
import { flightKey, type Fact, type Held, type PoolHeld, type State } from "./state.ts";
import { addBalances, addBlock, addDrafts, addRefusals, addWaits, copyTargets, dropWaits, finishDraft, moveHead, savePools, setStates, supersedeBefore, updateHoldings, voidDrafts } from "./store.ts";
import type { Line, Voucher } from "./voucher.ts";
import { debitTotal } from "./voucher.ts";

export type Batch = {
  readonly no: number;
  readonly at: string;
  readonly by: string;
  documents: Map<string, { fact: Fact; version: number; state: string; reasons: string | null; body: string; date: string; period: string; party: string }>;
  states: { id: number; version: number; state: string; reasons: string | null }[];
  links: string[];
  events: string[];
  vouchers: Voucher[];
  moves: string[];
  held: Set<Held>;
  pools: Set<PoolHeld>;
  facts: Set<Fact>;
  masters: MasterRecord[];
  dropWaits: Set<number>;
  waits: { wanted: string; id: number; version: number }[];
  refusals: { body: string; reasons: string }[];
  drafts: { documentId: number; version: number; eventNo: number; body: string; why: string }[];
  voided: string[];
  finished: { draftId: string; reviewer: string; voucher: Voucher; /** The version that is posted with it, once no draft of it is left: those before it are superseded. */ state: { id: number; version: number } | undefined } | undefined;
  dimensionsFrom: number;
  /** Merged vouchers still open in this batch, by what they merge on. */
  merging: Map<string, Voucher>;
  head: { blockNo: number; hash: Buffer; nextDocument: number; nextVoucher: number; modules: number };
};

/** Another writer moved the head first, or a period was closed meanwhile: the batch is worked on again from the database. */
export class Stale extends Error {}

/** Text as COPY wants it. */
export const copyText = (text: string): string => (/[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (c) => (c === "\\" ? "\\\\" : c === "\t" ? "\\t" : c === "\n" ? "\\n" : "\\r")) : text);

/** Rows of the batch as text, built at once so that the next batch may go on changing what they were taken from. */
export type Written = {
  readonly batch: Batch;
  readonly copies: readonly (readonly [target: string, text: string])[];
  readonly heldChanges: Parameters<typeof updateHoldings>[1] | undefined;
  readonly poolChanges: Parameters<typeof savePools>[1] | undefined;
  readonly balanceChanges: Parameters<typeof addBalances>[1] | undefined;
  readonly block: Parameters<typeof addBlock>[1] | undefined;
  readonly to: { blockNo: number; hash: Buffer; nextDocument: number; nextVoucher: number; nextDimensionSet: number };
};

export function writeOut(state: State, batch: Batch): Written {
  const bookId = state.book.bookId;
  const copies: [string, string][] = [];
  const push = (target: string, text: string): void => void (text !== "" && copies.push([target, text]));

  let documents = "";
  for (const row of batch.documents.values()) {
    const { fact } = row;
    const at = batch.at;
    documents += `${bookId}\t${fact.id}\t${row.version}\t${copyText(fact.document.source)}\t${fact.document.kind}\t${copyText(fact.document.sourceId)}\t${row.date}\t${row.period}\t${copyText(row.party)}\t${row.state}\t${row.reasons === null ? "\\N" : copyText(row.reasons)}\t${copyText(row.body)}\t${at}\t${at}\n`;
  }
  let sets = "";
  if (state.head.nextDimensionSet > batch.dimensionsFrom) {
    for (const [key, id] of lastSets(state, batch.dimensionsFrom)) sets += `${bookId}\t${id}\t${copyText(JSON.stringify(dimensionsOf(key)))}\n`;
  }
  const { vouchers, lines, leaves, total, balances } = voucherRows(state, batch);
  const { fresh, changed } = heldRows(bookId, batch);
  push(copyTargets.documents, documents);
  push(copyTargets.dimensionSets, sets);
  push(copyTargets.links, batch.links.join(""));
  push(copyTargets.events, batch.events.join(""));
  push(copyTargets.vouchers, vouchers);
  push(copyTargets.lines, lines);
  push(copyTargets.moves, batch.moves.join(""));
  push(copyTargets.holdings, fresh);

  let block: Written["block"];
  const blockNo = batch.head.blockNo + (batch.vouchers.length > 0 ? 1 : 0);
  let hash = batch.head.hash;
  if (batch.vouchers.length > 0) {
    const first = (batch.vouchers[0] as Voucher).id, last = (batch.vouchers.at(-1) as Voucher).id;
    const root = merkleRoot(leaves);
    const sealed = { bookId, blockNo: BigInt(blockNo), first: BigInt(first), last: BigInt(last), count: batch.vouchers.length, debitTotal: total, root, previous: batch.head.hash, sealedAt: batch.at };
    hash = blockHash(sealed);
    block = { blockNo, first, last, count: batch.vouchers.length, debitTotal: total, root, previous: batch.head.hash, hash, sealedAt: batch.at };
  }
  state.head.blockNo = blockNo;
  state.head.hash = hash;
  return { batch, copies, heldChanges: changed, poolChanges: poolRows(batch), balanceChanges: balances, block,
    to: { blockNo, hash, nextDocument: state.head.nextDocument, nextVoucher: state.head.nextVoucher, nextDimensionSet: state.head.nextDimensionSet } };
}

/** Interned sets are kept in order of their ids: the new ones are the last. */
function lastSets(state: State, from: number): [string, number][] {
  const sets: [string, number][] = [];
  let at = state.dimensionSets.size;
  for (const entry of state.dimensionSets) if (at-- <= state.head.nextDimensionSet - from && entry[1] >= from) sets.push(entry);
  return sets;
}

/** A line as COPY writes it, from voucher_id on: what is hashed. */
export const lineText = (voucherId: number | bigint, lineNo: number, l: Line): string => {
  const isDebit = l.side === "debit";
  return `${voucherId}\t${lineNo}\t${l.account}\t${l.dimensionSetId}\t${isDebit ? l.amount : 0n}\t${isDebit ? 0n : l.amount}\t${l.currency}\t${l.original}\t${l.rate === 0n ? "\\N" : l.rate}\t${l.quantity === 0n ? "\\N" : l.quantity}\t${l.summary === "" ? "\\N" : copyText(l.summary)}\n`;
};

function voucherRows(state: State, batch: Batch): { vouchers: string; lines: string; leaves: Buffer[]; total: bigint; balances: Written["balanceChanges"] } {
  const bookId = state.book.bookId;
  const blockNo = batch.head.blockNo + 1;
  let vouchers = "", lines = "", total = 0n;
  const leaves: Buffer[] = [];
  const sums = new Map<string, { period: string; account: string; set: number; currency: string; d: bigint; c: bigint; od: bigint; oc: bigint }>();
  for (const v of batch.vouchers) {
    const debit = debitTotal(v.lines);
    total += debit;
    const leaf = `${v.id}\t${v.period}\t${v.series}\t${v.number}\t${v.date}\t${copyText(v.summary)}\t${v.attachments}\t${v.rule}\t${v.ruleVersion}\t${v.documentId}\t${v.reversalOf ?? "\\N"}\t${debit}\t${copyText(v.preparedBy)}\t${copyText(v.reviewedBy)}\t${copyText(batch.by)}\t${batch.at}\n`;
    vouchers += `${bookId}\t${blockNo}\t${leaf}`;
    let hashed = leaf;
    const prefix = `${bookId}\t${v.period}\t`;
    for (let i = 0; i < v.lines.length; i++) {
      const l = v.lines[i] as Voucher["lines"][number];
      const isDebit = l.side === "debit";
      const row = lineText(v.id, i + 1, l);
      hashed += row;
      lines += prefix + row;
      const key = `${v.period}${l.account}|${l.dimensionSetId}|${l.currency}`;
      let sum = sums.get(key);
      if (!sum) sums.set(key, (sum = { period: v.period, account: l.account, set: l.dimensionSetId, currency: l.currency, d: 0n, c: 0n, od: 0n, oc: 0n }));
      if (isDebit) {
        sum.d += l.amount;
        sum.od += l.original;
      } else {
        sum.c += l.amount;
        sum.oc += l.original;
      }
    }
    leaves.push(leafOf(hashed));
  }
  if (sums.size === 0) return { vouchers, lines, leaves, total, balances: undefined };
  // Sorted, so that two books' batches never wait for each other in a circle, and neighbours share pages.
  const keys = [...sums.keys()].sort();
  const column = (of: (sum: NonNullable<ReturnType<typeof sums.get>>) => string | bigint | number): string => `{${keys.map((key) => of(sums.get(key) as never)).join(",")}}`;
  return { vouchers, lines, leaves, total, balances: {
    periods: column((s) => s.period), accounts: column((s) => s.account), dimensionSets: column((s) => s.set), currencies: column((s) => s.currency),
    debit: column((s) => s.d), credit: column((s) => s.c), debitOriginal: column((s) => s.od), creditOriginal: column((s) => s.oc) } };
}

const heldMore = (h: Held): string => {
  if (h.counted === 0n && h.destinations.length === 0) return "";
  return `${h.counted}${h.destinations.map((d) => `;${d.quantity}>${d.to}`).join("")}`;
};

/** The inverse of heldMore. */
export function readMore(text: string): { counted: bigint; destinations: { to: string; quantity: bigint }[] } {
  if (text === "") return { counted: 0n, destinations: [] };
  const [counted, ...rest] = text.split(";");
  return { counted: BigInt(counted as string), destinations: rest.map((part) => ({ quantity: BigInt(part.slice(0, part.indexOf(">"))), to: part.slice(part.indexOf(">") + 1) })) };
}

function heldRows(bookId: number, batch: Batch): { fresh: string; changed: Written["heldChanges"] } {
  let fresh = "";
  const ids: number[] = [], lines: string[] = [], whats: string[] = [], wq: bigint[] = [], wa: bigint[] = [], tq: bigint[] = [], ta: bigint[] = [], items: string[] = [], accounts: string[] = [], parties: string[] = [], currencies: string[] = [], dates: string[] = [], more: string[] = [];
  for (const h of batch.held) {
    h.isDirty = false;
    if (h.isNew) {
      h.isNew = false;
      fresh += `${bookId}\t${h.documentId}\t${copyText(h.line)}\t${h.what}\t${h.wholeQuantity}\t${h.wholeAmount}\t${h.takenQuantity}\t${h.takenAmount}\t${copyText(h.item)}\t${h.account}\t${copyText(h.party)}\t${h.currency}\t${h.date}\t${h.dueOn === "" ? "\\N" : h.dueOn}\t${copyText(heldMore(h))}\n`;
      continue;
    }
    ids.push(h.documentId);
    lines.push(h.line);
    whats.push(h.what);
    wq.push(h.wholeQuantity);
    wa.push(h.wholeAmount);
    tq.push(h.takenQuantity);
    ta.push(h.takenAmount);
    items.push(h.item);
    accounts.push(h.account);
    parties.push(h.party);
    currencies.push(h.currency);
    dates.push(h.date);
    more.push(heldMore(h));
  }
  const list = (values: readonly (bigint | number)[]): string => `{${values.join(",")}}`;
  return { fresh, changed: ids.length === 0 ? undefined : { ids: list(ids), lines, whats, wholeQuantity: list(wq), wholeAmount: list(wa), takenQuantity: list(tq), takenAmount: list(ta), items, accounts, parties, currencies, dates, more } };
}

function poolRows(batch: Batch): Written["poolChanges"] {
  if (batch.pools.size === 0) return undefined;
  const pools = [...batch.pools];
  for (const pool of pools) pool.isDirty = false;
  const list = (of: (pool: PoolHeld) => bigint): string => `{${pools.map(of).join(",")}}`;
  return { pools: pools.map((p) => p.key), quantity: list((p) => p.quantity), amount: list((p) => p.amount), openingPeriod: pools.map((p) => p.openingPeriod), openingQuantity: list((p) => p.openingQuantity),
    openingAmount: list((p) => p.openingAmount), lastPrice: list((p) => p.lastPrice), more: pools.map((p) => p.destinations.map((d) => `${d.quantity}>${d.to}`).join(";")) };
}

export const readPoolMore = (text: string): { to: string; quantity: bigint }[] =>
  text === "" ? [] : text.split(";").map((part) => ({ quantity: BigInt(part.slice(0, part.indexOf(">"))), to: part.slice(part.indexOf(">") + 1) }));

/** One transaction in one round trip; it commits or leaves nothing. Throws Stale when somebody else was faster. */
export async function write(db: Store, state: State, written: Written): Promise<void> {
  const { batch } = written;
  const bookId = state.book.bookId;
  // The head first: it is the fence, and its row lock lets one writer of a book through at a time.
  const statements: Statement[] = [moveHead(bookId, batch.head, written.to)];
  if (batch.masters.length > 0) statements.push(saveMasters(bookId, batch.masters, batch.at));
  for (const [target, rows] of written.copies) statements.push({ copy: target, rows });
  if (written.heldChanges) statements.push(updateHoldings(bookId, written.heldChanges));
  if (written.poolChanges) statements.push(savePools(bookId, written.poolChanges));
  if (written.balanceChanges) statements.push(addBalances(bookId, written.balanceChanges));
  if (batch.states.length > 0) statements.push(setStates(bookId, batch.states.map((s) => s.id), batch.states.map((s) => s.version), batch.states.map((s) => s.state), batch.states.map((s) => s.reasons), batch.at));
  if (batch.dropWaits.size > 0) statements.push(dropWaits(bookId, [...batch.dropWaits]));
  if (batch.waits.length > 0) statements.push(addWaits(bookId, batch.waits.map((w) => w.wanted), batch.waits.map((w) => w.id), batch.waits.map((w) => w.version)));
  if (batch.refusals.length > 0) statements.push(addRefusals(bookId, batch.refusals.map((r) => r.body), batch.refusals.map((r) => r.reasons), batch.at));
  if (batch.drafts.length > 0) statements.push(addDrafts(bookId, batch.drafts, batch.by, batch.at));
  if (batch.voided.length > 0) statements.push(voidDrafts(bookId, batch.voided));
  if (batch.finished) statements.push(finishDraft(bookId, batch.finished.draftId, batch.finished.reviewer, batch.at, batch.finished.voucher.id));
  if (batch.finished?.state) statements.push(supersedeBefore(bookId, batch.finished.state.id, batch.finished.state.version, batch.at));
  if (written.block) statements.push(addBlock(bookId, written.block));
  await db.sendAll(statements).catch((error: unknown) => {
    throw isStale(error) ? new Stale("another writer was faster", { cause: error }) : error;
  });
}

/** What the database refuses when a second writer was there, or when a period was closed in between. */
function isStale(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  const constraint = (error as { constraint?: unknown }).constraint;
  return code === "22012" || code === "23505" || code === "40001" || code === "40P01" || (code === "23514" && (constraint === "period_open" || constraint === "number_follows_on"));
}

export const inFlightOf = (state: State, batch: Batch): void => {
  for (const held of batch.held) state.inFlight.set(flightKey(held), { held, batch: batch.no });
};
