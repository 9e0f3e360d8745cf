/** SQL of posting: what a writer reads when it begins and per batch, and how a batch is written. Reports are in report.store.ts. */
import type { Db, Statement } from "../platform/index.ts";

export type HeadRow = { block_no: bigint; hash: Buffer; next_document: bigint; next_voucher: bigint; next_dimension_set: number; modules: number };

export const readHead = (db: Db, bookId: number): Promise<HeadRow> =>
  db.one<HeadRow>("select block_no, hash, next_document, next_voucher, next_dimension_set, modules from vouchers.head where book_id = $1", [bookId]);

/** Ends the transaction with a division by zero unless exactly the one row was there: nobody waits for a count, so the database has to say no. */
const isOne = "select 1 / count(*)";

/** Moves the head from what this writer worked on; refused by the database if another writer was faster: this batch must not be. */
export const moveHead = (bookId: number, from: { blockNo: number; nextDocument: number; nextVoucher: number; modules: number }, to: { blockNo: number; hash: Buffer; nextDocument: number; nextVoucher: number; nextDimensionSet: number }): Statement => ({
  text: `with moved as (update vouchers.head set block_no = $5, hash = $6, next_document = $7, next_voucher = $8, next_dimension_set = $9
     where book_id = $1 and block_no = $2 and next_document = $3 and next_voucher = $4 and modules = $10 returning 1) ${isOne} from moved`,
  values: [bookId, from.blockNo, from.nextDocument, from.nextVoucher, to.blockNo, to.hash, to.nextDocument, to.nextVoucher, to.nextDimensionSet, from.modules] });

export const readPeriodStates = (db: Db, bookId: number): Promise<{ period: string; state: "open" | "closed" }[]> =>
  db.query("select period, state from books.period where book_id = $1 order by period", [bookId]);

export const readClosedModules = (db: Db, bookId: number): Promise<{ period: string; module: string; closedAt: string; closedBy: string }[]> =>
  db.query(`select period, module, closed_at as "closedAt", closed_by as "closedBy" from books.module_close where book_id = $1 order by period, module`, [bookId]);
/** Every writer's memory of what is closed is old from here on: none of them commits before it has read anew. */
export const touchModules = (db: Db, bookId: number): Promise<unknown> => db.query("update vouchers.head set modules = modules + 1 where book_id = $1", [bookId]);
export const addModuleClose = async (db: Db, bookId: number, period: string, module: string, at: string, by: string): Promise<boolean> =>
  (await db.query("insert into books.module_close (book_id, period, module, closed_at, closed_by) values ($1, $2, $3, $4, $5) on conflict do nothing returning 1", [bookId, period, module, at, by])).length > 0;
export const removeModuleClose = async (db: Db, bookId: number, period: string, module: string): Promise<boolean> =>
  (await db.query("delete from books.module_close where book_id = $1 and period = $2 and module = $3 returning 1", [bookId, period, module])).length > 0;
/** Documents of these kinds and days that are not in the books yet, and vouchers of theirs that nobody reviewed. */
export const countOpenOfKinds = (db: Db, bookId: number, from: string, to: string, kinds: readonly string[]): Promise<{ waiting: bigint; parked: bigint; drafts: bigint }> =>
  db.one(`select (select count(*) from documents.document where book_id = $1 and date between $2 and $3 and state = 'waiting' and kind = any($4)) as waiting,
           (select count(*) from documents.document where book_id = $1 and date between $2 and $3 and state = 'parked' and kind = any($4)) as parked,
           (select count(*) from vouchers.draft v where v.book_id = $1 and v.state = 'draft' and (v.body ->> 'date')::date between $2 and $3 and exists (select from documents.document d where d.book_id = $1 and d.document_id = v.document_id and d.kind = any($4))) as drafts`, [bookId, from, to, kinds]);

export const readCounters = (db: Db, bookId: number): Promise<{ period: string; series: string; last: number }[]> =>
  db.query("select period, series, last from vouchers.counter where book_id = $1", [bookId]);

export const readDimensionSets = (db: Db, bookId: number): Promise<{ dimension_set_id: number; dimensions: Record<string, string> }[]> =>
  db.query("select dimension_set_id, dimensions from vouchers.dimension_set where book_id = $1", [bookId]);

export const readWaits = (db: Db, bookId: number): Promise<{ wanted: string; key: string }[]> =>
  db.query(`select w.wanted, d.source || ':' || d.kind || '/' || d.source_id as key from documents.wait w
      join documents.document d using (book_id, document_id, source_version) where w.book_id = $1 and d.state in ('waiting', 'parked')`, [bookId]);

export const readRuleVersions = (db: Db, bookId: number): Promise<{ version: number; body: string; effective_on: string }[]> =>
  db.query("select version, body, effective_on from rules.version where book_id = $1 and approved_by is not null order by effective_on, version", [bookId]);

export type DocumentRow = { document_id: bigint; source_version: bigint; source: string; kind: string; source_id: string; state: string; body: string; reasons: { code: string }[] | null };

/**
 * Documents by identity, newest version last. "offset 0" keeps the look-up a look-up: flattened into a join, the planner, who
 * knows nothing of tables that grow this fast, reads all documents for the thousand that are wanted.
 */
export const readDocuments = (db: Db, bookId: number, sources: string[], kinds: string[], ids: string[]): Promise<DocumentRow[]> =>
  db.query(`select d.* from unnest($2::text[], $3::text[], $4::text[]) as k (source, kind, source_id) cross join lateral (
      select document_id, source_version, source, kind, source_id, state, body, reasons from documents.document
       where book_id = $1 and source_id = k.source_id and kind = k.kind and source = k.source offset 0) as d
     order by d.document_id, d.source_version`, [bookId, sources, kinds, ids], { name: "documents" });

export const readDocumentsById = (db: Db, bookId: number, ids: number[]): Promise<DocumentRow[]> =>
  db.query(`select document_id, source_version, source, kind, source_id, state, body, reasons from documents.document
     where book_id = $1 and document_id = any($2::bigint[]) order by document_id, source_version`, [bookId, ids], { name: "documents by id" });

export const readOpenings = (db: Db, bookId: number): Promise<DocumentRow[]> =>
  db.query("select document_id, source_version, source, kind, source_id, state, body, reasons from documents.document where book_id = $1 and kind = 'openingBalance' and state in ('posted', 'exempt') order by document_id", [bookId]);

export type HoldingRow = { document_id: bigint; line: string; what: string; whole_quantity: bigint; whole_amount: bigint; taken_quantity: bigint; taken_amount: bigint; item: string; account: string; party: string; currency: string; date: string; due_on: string | null; more: string };
const holdingColumns = "document_id, line, what, whole_quantity, whole_amount, taken_quantity, taken_amount, item, account, party, currency, date, due_on, more";

export const readHoldings = (db: Db, bookId: number, ids: number[]): Promise<HoldingRow[]> =>
  db.query(`select ${holdingColumns} from vouchers.holding where book_id = $1 and document_id = any($2::bigint[])`, [bookId, ids], { name: "holdings" });

/** Open layers of these pools, oldest receipt first. */
export const readLayers = (db: Db, bookId: number, pools: string[]): Promise<HoldingRow[]> =>
  db.query(`select ${holdingColumns} from vouchers.holding where book_id = $1 and item = any($2::text[]) and what = 'layer' and whole_quantity <> taken_quantity order by document_id, line`, [bookId, pools], { name: "layers" });

/** Every open item in a foreign currency. */
export const readForeignOpen = (db: Db, bookId: number, currency: string): Promise<HoldingRow[]> =>
  db.query(`select ${holdingColumns} from vouchers.holding where book_id = $1 and what = 'open' and whole_quantity <> taken_quantity and currency <> $2 and currency <> '' order by document_id, line`, [bookId, currency]);

export const readLinkers = (db: Db, bookId: number, ids: number[]): Promise<{ target_id: bigint; target_line: string; document_id: bigint; line: string; kind: string; quantity: bigint; amount: bigint }[]> =>
  db.query("select target_id, target_line, document_id, line, kind, quantity, amount from documents.link where book_id = $1 and target_id = any($2::bigint[]) order by target_id, document_id, source_version, link_no", [bookId, ids], { name: "linkers" });

export type PoolRow = { pool: string; quantity: bigint; amount: bigint; opening_period: string; opening_quantity: bigint; opening_amount: bigint; last_price: bigint; more: string };
export const readPools = (db: Db, bookId: number, pools: string[]): Promise<PoolRow[]> =>
  db.query("select pool, quantity, amount, opening_period, opening_quantity, opening_amount, last_price, more from vouchers.pool where book_id = $1 and pool = any($2::text[])", [bookId, pools], { name: "pools" });

export type EventRow = { document_id: bigint; event_no: number; event: string; rule: string; rule_version: number; facts: string; effects: string; vouchers: { id: string; number: string; date: string; period: string }[] | null; drafts: string[] | null };
/** What the newest posted version of a document caused, with its vouchers. */
export const readEvents = (db: Db, bookId: number, documentId: number, version: number): Promise<EventRow[]> =>
  db.query(`select e.document_id, e.event_no, e.event, e.rule, e.rule_version, e.facts, e.effects,
           (select json_agg(json_build_object('id', v.voucher_id::text, 'number', v.series || '-' || v.number, 'date', v.date, 'period', v.period) order by v.voucher_id)
              from vouchers.voucher v where v.book_id = e.book_id and v.voucher_id = any(e.voucher_ids || array(select dr.voucher_id from vouchers.draft dr where dr.book_id = e.book_id and dr.document_id = e.document_id and dr.source_version = e.source_version and dr.event_no = e.event_no and dr.voucher_id is not null))) as vouchers,
           (select json_agg(d.draft_id::text) from vouchers.draft d where d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version and d.event_no = e.event_no and d.state in ('draft', 'reviewed')) as drafts
      from vouchers.event e where e.book_id = $1 and e.document_id = $2 and e.source_version = $3 order by e.event_no`, [bookId, documentId, version]);

/** Stock moves of a version in the form of moveText. */
export const readVersionMoves = (db: Db, bookId: number, documentId: number, version: number): Promise<{ move: string }[]> =>
  db.query(`select concat_ws(e'\t', pool, item, warehouse, date, type, line, quantity, amount, of_quantity, of_amount, layer, detail) as move
      from vouchers.stock_move where book_id = $1 and document_id = $2 and source_version = $3 order by move_no`, [bookId, documentId, version]);

/** Vouchers of documents that were sent again. */
export const readNumbers = (db: Db, bookId: number, ids: number[]): Promise<{ document_id: bigint; number: string; period: string }[]> =>
  db.query(`select distinct e.document_id, v.series || '-' || v.number as number, v.period, v.voucher_id from vouchers.event e
      join vouchers.voucher v on v.book_id = e.book_id and v.voucher_id = any(e.voucher_ids) where e.book_id = $1 and e.document_id = any($2::bigint[]) order by v.voucher_id`, [bookId, ids]);

/** Claims invoice numbers; answers who holds each of them now. Runs on its own, before the documents post. */
export async function claimInvoices(db: Db, group: string, book: string, at: string, claims: readonly { direction: "in" | "out"; number: string; document: string }[]): Promise<Map<string, { book: string; document: string }>> {
  const values = [group, claims.map((c) => c.direction), claims.map((c) => c.number), book, claims.map((c) => c.document), at];
  await db.query(`insert into documents.invoice_claim (group_code, direction, number, book, document, claimed_at)
    select $1, d, n, $4, k, $6 from unnest($2::text[], $3::text[], $5::text[]) as c (d, n, k) order by d, n on conflict do nothing`, values);
  const rows = await db.query<{ direction: string; number: string; book: string; document: string }>(`select c.* from unnest($2::text[], $3::text[]) as w (d, n) cross join lateral (
      select direction, number, book, document from documents.invoice_claim where group_code = $1 and direction = w.d and number = w.n offset 0) as c`, values.slice(0, 3));
  return new Map(rows.map((row) => [`${row.direction}|${row.number}`, { book: row.book, document: row.document }]));
}

export type BalanceRow = { account: string; dimensions: Record<string, string> | null; currency: string; balance: bigint; original: bigint; debit: bigint; credit: bigint };
/** Closing balances at the end of a period, and what moved in it, per account, dimensions and currency. */
export const readBalancesAt = (db: Db, bookId: number, period: string): Promise<BalanceRow[]> =>
  db.query(`select b.account, d.dimensions, b.currency, sum(b.debit - b.credit)::bigint as balance, sum(b.debit_original - b.credit_original)::bigint as original,
           coalesce(sum(b.debit) filter (where b.period = $2), 0)::bigint as debit, coalesce(sum(b.credit) filter (where b.period = $2), 0)::bigint as credit
      from vouchers.balance_cache b left join vouchers.dimension_set d using (book_id, dimension_set_id)
     where b.book_id = $1 and b.period <= $2 group by b.account, d.dimensions, b.currency order by b.account, d.dimensions::text, b.currency`, [bookId, period]);

export type EstimateRow = { document_id: bigint; line: string; quantity: bigint; amount: bigint; party: string };
/** Receipt lines as far as no invoice dated on or before the day has come for them. */
export const readOpenEstimates = (db: Db, bookId: number, day: string): Promise<EstimateRow[]> =>
  db.query(`with sliced as (
      select h.document_id, h.line, h.party, h.whole_quantity, h.whole_amount,
             coalesce((select sum(l.quantity) from documents.link l join documents.document d on d.book_id = l.book_id and d.document_id = l.document_id and d.source_version = l.source_version
                        where l.book_id = h.book_id and l.target_id = h.document_id and l.target_line = h.line and l.kind in ('supplierInvoice', 'supplierInvoice-', 'goodsReturn') and d.date <= $2), 0) as used
        from vouchers.holding h join documents.document r on r.book_id = h.book_id and r.document_id = h.document_id and r.state in ('posted', 'exempt')
       where h.book_id = $1 and h.what = 'estimate' and h.date <= $2 and r.kind <> 'goodsReturn')
    select document_id, line, party, (whole_quantity - used)::bigint as quantity,
           (whole_amount - sign(whole_amount) * floor((abs(whole_amount) * used + whole_quantity / 2) / whole_quantity))::bigint as amount
      from sliced where whole_quantity > used and whole_quantity > 0 order by document_id, line`, [bookId, day]);

/** What earlier runs of the month-end estimate made in a period, save of vouchers that were taken back in red. */
export const readEstimatesMade = (db: Db, bookId: number, from: string, to: string): Promise<{ event: string; facts: string }[]> =>
  db.query(`select e.event, e.facts from vouchers.event e join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
     where e.book_id = $1 and e.event in ('monthEndEstimate', 'monthEndEstimateReversed') and d.kind = 'periodClose' and d.state = 'posted' and d.date between $2 and $3
       and not exists (select from vouchers.voucher r where r.book_id = e.book_id and r.reversal_of = any(e.voucher_ids))
     order by e.document_id, e.event_no`, [bookId, from, to]);

export type MoveRow = { pool: string; item: string; warehouse: string; key: string; type: string; date: string; line: string; document_id: bigint; quantity: bigint; amount: bigint; of_quantity: bigint; of_amount: bigint; layer: string; detail: string };
/** All moves up to a day of the pools that moved in its period; a version that was taken back has left nothing. */
export const readMoves = (db: Db, bookId: number, from: string, to: string): Promise<MoveRow[]> =>
  db.query(`select m.pool, min(m.item) as item, min(m.warehouse) as warehouse, min(d.source || ':' || d.kind || '/' || d.source_id) as key, m.type, m.date, m.line, m.document_id,
           sum(m.quantity)::bigint as quantity, sum(m.amount)::bigint as amount, sum(m.of_quantity)::bigint as of_quantity, sum(m.of_amount)::bigint as of_amount, m.layer, m.detail
      from vouchers.stock_move m join lateral (select source, kind, source_id from documents.document d where d.book_id = m.book_id and d.document_id = m.document_id limit 1) d on true
     where m.book_id = $1 and m.date <= $3 and m.pool in (select pool from vouchers.stock_move where book_id = $1 and date between $2 and $3)
     group by m.pool, m.type, m.date, m.line, m.document_id, m.layer, m.detail
    having sum(m.quantity) <> 0 or sum(m.amount) <> 0 or sum(m.of_amount) <> 0 or sum(m.of_quantity) <> 0
     order by m.pool, m.date, m.document_id`, [bookId, from, to]);

export const countLaterMoves = (db: Db, bookId: number, after: string): Promise<{ pool: string }[]> =>
  db.query("select distinct pool from vouchers.stock_move where book_id = $1 and date > $2", [bookId, after]);

// Writing a batch -----------------------------------------------------------------------------------------------------

export const copyTargets = {
  documents: "documents.document (book_id, document_id, source_version, source, kind, source_id, date, period, party, state, reasons, body, received_at, state_at)",
  links: "documents.link (book_id, target_id, target_line, document_id, source_version, line, link_no, kind, quantity, amount)",
  events: "vouchers.event (book_id, document_id, source_version, event_no, event, rule, rule_version, voucher_ids, facts, effects)",
  vouchers: "vouchers.voucher (book_id, block_no, voucher_id, period, series, number, date, summary, attachments, rule, rule_version, document_id, reversal_of, debit_total, prepared_by, reviewed_by, posted_by, posted_at)",
  lines: "vouchers.line (book_id, period, voucher_id, line_no, account, dimension_set_id, debit, credit, currency, amount_original, rate, quantity, summary)",
  moves: "vouchers.stock_move (book_id, document_id, source_version, move_no, pool, item, warehouse, date, type, line, quantity, amount, of_quantity, of_amount, layer, detail)",
  holdings: "vouchers.holding (book_id, document_id, line, what, whole_quantity, whole_amount, taken_quantity, taken_amount, item, account, party, currency, date, due_on, more)",
  dimensionSets: "vouchers.dimension_set (book_id, dimension_set_id, dimensions)",
} as const;

/** Arrays as PostgreSQL text literals: {1,2,3}. They are built while the batch is worked on. */
export type HeldChanges = { ids: string; lines: string[]; whats: string[]; wholeQuantity: string; wholeAmount: string; takenQuantity: string; takenAmount: string; items: string[]; accounts: string[]; parties: string[]; currencies: string[]; dates: string[]; more: string[] };

/** All rows are there; written as an upsert they are found by their key, whatever the planner believes. */
export const updateHoldings = (bookId: number, c: HeldChanges): Statement => ({
  text: `insert into vouchers.holding (book_id, document_id, line, what, whole_quantity, whole_amount, taken_quantity, taken_amount, item, account, party, currency, date, more)
    select $1, * from unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[], $13::date[], $14::text[])
    on conflict (book_id, document_id, line, what) do update set whole_quantity = excluded.whole_quantity, whole_amount = excluded.whole_amount, taken_quantity = excluded.taken_quantity,
      taken_amount = excluded.taken_amount, account = excluded.account, more = excluded.more`,
  values: [bookId, c.ids, c.lines, c.whats, c.wholeQuantity, c.wholeAmount, c.takenQuantity, c.takenAmount, c.items, c.accounts, c.parties, c.currencies, c.dates, c.more] });

export type PoolChanges = { pools: string[]; quantity: string; amount: string; openingPeriod: string[]; openingQuantity: string; openingAmount: string; lastPrice: string; more: string[] };

export const savePools = (bookId: number, c: PoolChanges): Statement => ({
  text: `insert into vouchers.pool (book_id, pool, quantity, amount, opening_period, opening_quantity, opening_amount, last_price, more)
    select $1, p, q, a, op, oq, oa, lp, m from unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[]) as n (p, q, a, op, oq, oa, lp, m) order by p
    on conflict (book_id, pool) do update set quantity = excluded.quantity, amount = excluded.amount, opening_period = excluded.opening_period, opening_quantity = excluded.opening_quantity,
      opening_amount = excluded.opening_amount, last_price = excluded.last_price, more = excluded.more`,
  values: [bookId, c.pools, c.quantity, c.amount, c.openingPeriod, c.openingQuantity, c.openingAmount, c.lastPrice, c.more] });

export type BalanceChanges = { periods: string; accounts: string; dimensionSets: string; currencies: string; debit: string; credit: string; debitOriginal: string; creditOriginal: string };

/** One upsert a batch, added up and sorted beforehand. */
export const addBalances = (bookId: number, c: BalanceChanges): Statement => ({
  text: `insert into vouchers.balance_cache as b (book_id, period, account, dimension_set_id, currency, debit, credit, debit_original, credit_original)
    select $1, p, a, s, c, d, k, od, ok from unnest($2::text[], $3::text[], $4::integer[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) as n (p, a, s, c, d, k, od, ok)
    on conflict (book_id, period, account, dimension_set_id, currency) do update set debit = b.debit + excluded.debit, credit = b.credit + excluded.credit,
      debit_original = b.debit_original + excluded.debit_original, credit_original = b.credit_original + excluded.credit_original`,
  values: [bookId, c.periods, c.accounts, c.dimensionSets, c.currencies, c.debit, c.credit, c.debitOriginal, c.creditOriginal] });

/** A document that waits may be tried several times in a batch: its last state counts. */
export const setStates = (bookId: number, ids: number[], versions: number[], states: string[], reasons: (string | null)[], at: string): Statement => ({
  text: `update documents.document d set state = n.state, reasons = n.reasons::jsonb, state_at = $6
      from (select distinct on (document_id, source_version) * from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[]) with ordinality as given (document_id, source_version, state, reasons, place)
             order by document_id, source_version, place desc) as n
     where d.book_id = $1 and d.document_id = n.document_id and d.source_version = n.source_version`,
  values: [bookId, ids, versions, states, reasons, at] });

export const dropWaits = (bookId: number, ids: number[]): Statement => ({
  text: "delete from documents.wait where book_id = $1 and document_id = any($2::bigint[])",
  values: [bookId, ids] });

export const addWaits = (bookId: number, wanted: string[], ids: number[], versions: number[]): Statement => ({
  text: "insert into documents.wait (book_id, wanted, document_id, source_version) select $1, w, i, v from unnest($2::text[], $3::bigint[], $4::bigint[]) as n (w, i, v) on conflict do nothing",
  values: [bookId, wanted, ids, versions] });

export const addRefusals = (bookId: number, bodies: string[], reasons: string[], at: string): Statement => ({
  text: "insert into documents.refusal (book_id, body, reasons, received_at) select $1, b, r::jsonb, $4 from unnest($2::text[], $3::text[]) as n (b, r)",
  values: [bookId, bodies, reasons, at] });

export type NewBlock = { blockNo: number; first: number; last: number; count: number; debitTotal: bigint; root: Buffer; previous: Buffer; hash: Buffer; sealedAt: string };
export const addBlock = (bookId: number, b: NewBlock): Statement => ({
  text: "insert into vouchers.block (book_id, block_no, first_voucher, last_voucher, count, debit_total, root, previous, hash, sealed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
  values: [bookId, b.blockNo, b.first, b.last, b.count, b.debitTotal, b.root, b.previous, b.hash, b.sealedAt] });

export const addDrafts = (bookId: number, drafts: readonly { documentId: number; version: number; eventNo: number; body: string; why: string }[], by: string, at: string): Statement => ({
  text: `insert into vouchers.draft (book_id, document_id, source_version, event_no, body, why, prepared_by, prepared_at)
    select $1, d, v, e, b::jsonb, w, $7, $8 from unnest($2::bigint[], $3::bigint[], $4::integer[], $5::text[], $6::text[]) as n (d, v, e, b, w)`,
  values: [bookId, drafts.map((d) => d.documentId), drafts.map((d) => d.version), drafts.map((d) => d.eventNo), drafts.map((d) => d.body), drafts.map((d) => d.why), by, at] });

export const voidDrafts = (bookId: number, ids: string[]): Statement => ({
  text: "update vouchers.draft set state = 'void' where book_id = $1 and draft_id = any($2::bigint[]) and state in ('draft', 'reviewed')",
  values: [bookId, ids] });

export type DraftRow = { draft_id: bigint; document_id: bigint; source_version: bigint; event_no: number; body: unknown; state: string; why: string; prepared_by: string; prepared_at: string };
export const readDraft = (db: Db, bookId: number, draftId: string): Promise<DraftRow | undefined> =>
  db.maybe("select draft_id, document_id, source_version, event_no, body, state, why, prepared_by, prepared_at from vouchers.draft where book_id = $1 and draft_id = $2 and state = 'draft' and sent_back_at is null", [bookId, draftId]);
export const readDrafts = (db: Db, bookId: number): Promise<DraftRow[]> =>
  db.query("select draft_id, document_id, source_version, event_no, body, state, why, prepared_by, prepared_at from vouchers.draft where book_id = $1 and state = 'draft' order by draft_id", [bookId]);
/** Who sent an open draft back, and why. */
export const readSentBack = (db: Db, bookId: number, draftId: string): Promise<{ by: string; reason: string } | undefined> =>
  db.maybe(`select sent_back_by as by, sent_back_reason as reason from vouchers.draft where book_id = $1 and draft_id = $2 and state = 'draft' and sent_back_at is not null`, [bookId, draftId]);
/** Refused by the database if somebody else has posted the draft meanwhile, or sent it back. */
export const finishDraft = (bookId: number, draftId: string, reviewer: string, at: string, voucherId: number): Statement => ({
  text: `with finished as (update vouchers.draft set state = 'posted', reviewed_by = $3, reviewed_at = $4, voucher_id = $5 where book_id = $1 and draft_id = $2 and state = 'draft' and sent_back_at is null returning 1) ${isOne} from finished`,
  values: [bookId, draftId, reviewer, at, voucherId] });
export const supersedeBefore = (bookId: number, documentId: number, version: number, at: string): Statement => ({
  text: "update documents.document set state = 'superseded', reasons = null, state_at = $4 where book_id = $1 and document_id = $2 and source_version < $3 and state <> 'superseded'",
  values: [bookId, documentId, version, at] });
export const openDraftsOf = (db: Db, bookId: number, documentId: bigint): Promise<{ n: bigint }> =>
  db.one("select count(*) as n from vouchers.draft where book_id = $1 and document_id = $2 and state = 'draft'", [bookId, documentId]);

export const findVoucher = (db: Db, bookId: number, period: string, series: string, number: number): Promise<{ voucher_id: bigint; date: string; summary: string; document_id: bigint } | undefined> =>
  db.maybe("select voucher_id, date, summary, document_id from vouchers.voucher where book_id = $1 and period = $2 and series = $3 and number = $4", [bookId, period, series, number]);
/** The newest version of a document that was sent, and whether it was taken back. */
export const findLastVersion = (db: Db, bookId: number, source: string, kind: string, sourceId: string): Promise<{ version: bigint; isCancelled: boolean } | undefined> =>
  db.maybe(`select source_version as version, body::jsonb ->> 'status' = 'cancelled' as "isCancelled" from documents.document where book_id = $1 and source_id = $4 and kind = $3 and source = $2 order by source_version desc limit 1`, [bookId, source, kind, sourceId]);
export const findReversal = (db: Db, bookId: number, voucherId: bigint): Promise<{ series: string; number: number; period: string } | undefined> =>
  db.maybe("select series, number, period from vouchers.voucher where book_id = $1 and reversal_of = $2 limit 1", [bookId, voucherId]);
export const readLines = (db: Db, bookId: number, period: string, voucherId: bigint): Promise<{ account: string; dimensions: Record<string, string> | null; debit: bigint; credit: bigint; currency: string; amount_original: bigint; rate: bigint | null; quantity: bigint | null }[]> =>
  db.query(`select l.account, d.dimensions, l.debit, l.credit, l.currency, l.amount_original, l.rate, l.quantity from vouchers.line l left join vouchers.dimension_set d using (book_id, dimension_set_id)
     where l.book_id = $1 and l.period = $2 and l.voucher_id = $3 order by l.line_no`, [bookId, period, voucherId]);

// Closing -------------------------------------------------------------------------------------------------------------

/** The period row, locked: closing waits for postings that are under way, and they for it. */
export const lockPeriod = (db: Db, bookId: number, period: string): Promise<{ state: "open" | "closed" } | undefined> =>
  db.maybe("select state from books.period where book_id = $1 and period = $2 for update", [bookId, period]);

export const setPeriod = (db: Db, bookId: number, period: string, state: "open" | "closed", at: string, by: string): Promise<unknown> =>
  db.query("update books.period set state = $3, closed_at = case when $3 = 'closed' then $4::timestamptz end, closed_by = case when $3 = 'closed' then $5 end where book_id = $1 and period = $2", [bookId, period, state, at, by]);

export const earlierOpen = (db: Db, bookId: number, first: string, period: string): Promise<{ period: string }[]> =>
  db.query("select period from books.period where book_id = $1 and period >= $2 and period < $3 and state = 'open' order by period", [bookId, first, period]);

export const laterClosed = (db: Db, bookId: number, period: string): Promise<{ period: string }[]> =>
  db.query("select period from books.period where book_id = $1 and period > $2 and state = 'closed' order by period desc", [bookId, period]);

/** What stands in the way of closing a period: documents of it that are not in the books, and vouchers that nobody reviewed. */
export const closeGates = (db: Db, bookId: number, from: string, to: string): Promise<{ waiting: bigint; parked: bigint; drafts: bigint; off: bigint }> =>
  db.one(`select (select count(*) from documents.document where book_id = $1 and date between $2 and $3 and state = 'waiting') as waiting,
           (select count(*) from documents.document where book_id = $1 and date between $2 and $3 and state = 'parked') as parked,
           (select count(*) from vouchers.draft where book_id = $1 and state = 'draft' and body ->> 'date' between $2::text and $3::text) as drafts,
           (select coalesce(sum(debit - credit), 0)::bigint from vouchers.balance_cache where book_id = $1 and period = left($2::text, 7)) as off`, [bookId, from, to]);

export const recordAct = (db: Db, bookId: number, what: string, facts: object, at: string, by: string, reason: string): Promise<unknown> =>
  db.query("insert into books.act (book_id, what, facts, at, by, reason) values ($1, $2, $3, $4, $5, $6)", [bookId, what, JSON.stringify(facts), at, by, reason]);

/** Runs of a task for a period that were posted, whoever sent them. */
export const countRuns = (db: Db, bookId: number, kind: string, from: string, to: string): Promise<{ n: bigint }> =>
  db.one("select count(*) as n from documents.document where book_id = $1 and kind = $2 and date between $3 and $4 and state in ('posted', 'exempt') and ($2 <> 'periodClose' or body like '%\"estimates\"%')", [bookId, kind, from, to]);

export const nextRunNo = (db: Db, bookId: number, stem: string): Promise<{ n: bigint }> =>
  db.one("select count(*) + 1 as n from documents.document where book_id = $1 and source = 'tieout' and source_id like $2 || '%'", [bookId, stem]);

/** An event of a voucher with its document, to explain it. */
export const readVoucherEvents = (db: Db, bookId: number, voucherId: bigint): Promise<{ document_id: bigint; source_version: bigint; event: string; rule: string; rule_version: number; facts: string; body: string }[]> =>
  db.query(`select e.document_id, e.source_version, e.event, e.rule, e.rule_version, e.facts, d.body from vouchers.event e
      join documents.document d using (book_id, document_id, source_version)
     where e.book_id = $1 and (e.voucher_ids @> array[$2::bigint] or exists (select from vouchers.draft dr where dr.book_id = e.book_id and dr.document_id = e.document_id and dr.source_version = e.source_version and dr.event_no = e.event_no and dr.voucher_id = $2))
     order by e.document_id, e.event_no`, [bookId, voucherId]);

/** Ordered and not yet delivered, of one line or all; six decimals. */
export async function openOrder(db: Db, bookId: number, documentId: bigint, line: string, kinds: string[]): Promise<bigint> {
  const row = await db.one<{ open: bigint }>(`
    select coalesce(sum((l ->> 'quantity')::numeric * 1000000), 0)::bigint
           - coalesce((select sum(k.quantity) from documents.link k where k.book_id = $1 and k.target_id = $2 and ($3 = '' or k.target_line = $3) and k.kind = any($4::text[])), 0)::bigint as open
      from documents.document d cross join jsonb_array_elements(d.body::jsonb -> 'lines') l
     where d.book_id = $1 and d.document_id = $2 and d.state in ('posted', 'exempt') and ($3 = '' or l ->> 'lineId' = $3)`, [bookId, documentId, line, kinds]);
  return row.open;
}
