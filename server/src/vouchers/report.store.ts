/** SQL of the reports: it reads, nothing else. */
import type { Db } from "../platform/index.ts";
import { readCopy } from "./copy-rows.ts";

// Vouchers ---------------------------------------------------------------------------------------------------------------

export type VoucherRow = {
  voucherId: bigint; period: string; series: string; number: number; date: string; summary: string; attachments: number; rule: string; ruleVersion: number;
  blockNo: bigint; preparedBy: string; reviewedBy: string; postedBy: string; postedAt: string; reversalOf: string | null; debitTotal: bigint; documentId: bigint;
};

export type VoucherConditions = {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly series?: string | undefined;
  readonly number?: number | undefined;
  readonly voucherIds?: readonly bigint[] | undefined;
  readonly documentId?: bigint | undefined;
  readonly account?: string | undefined;
  readonly rule?: string | undefined;
  readonly text?: string | undefined;
  readonly block?: bigint | undefined;
};

/** Vouchers in the order of posting, after the one of this id. */
export function findVouchers(db: Db, bookId: number, wanted: VoucherConditions, after: bigint, limit: number) {
  const values: unknown[] = [bookId, after, limit];
  const p = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    wanted.from === undefined ? "" : `v.period >= ${p(wanted.from)}`,
    wanted.to === undefined ? "" : `v.period <= ${p(wanted.to)}`,
    wanted.series === undefined ? "" : `v.series = ${p(wanted.series)}`,
    wanted.number === undefined ? "" : `v.number = ${p(wanted.number)}`,
    wanted.voucherIds === undefined ? "" : `v.voucher_id = any(${p(wanted.voucherIds)})`,
    wanted.rule === undefined ? "" : `v.rule = ${p(wanted.rule)}`,
    wanted.block === undefined ? "" : `v.block_no = ${p(wanted.block)}`,
    wanted.text === undefined ? "" : `position(lower(${p(wanted.text)}) in lower(v.summary)) > 0`,
    wanted.documentId === undefined ? "" : `v.voucher_id in (select unnest(voucher_ids) from vouchers.event where book_id = $1 and document_id = ${p(wanted.documentId)} union all select voucher_id from vouchers.draft where book_id = $1 and document_id = ${p(wanted.documentId)})`,
    wanted.account === undefined ? "" : `exists (select from vouchers.line l where l.book_id = $1 and l.period = v.period and l.voucher_id = v.voucher_id and ${isBelow("l.account", p(wanted.account))})`,
  ].filter((condition) => condition !== "").map((condition) => `\n        and ${condition}`).join("");
  return db.query<VoucherRow>(
    `select v.voucher_id as "voucherId", v.period, v.series, v.number, v.date, v.summary, v.attachments, v.rule, v.rule_version as "ruleVersion", v.block_no as "blockNo",
            v.prepared_by as "preparedBy", v.reviewed_by as "reviewedBy", v.posted_by as "postedBy", v.posted_at as "postedAt", v.debit_total as "debitTotal", v.document_id as "documentId",
            (select r.period || '/' || r.series || '-' || r.number from vouchers.voucher r where r.book_id = v.book_id and r.voucher_id = v.reversal_of) as "reversalOf"
       from vouchers.voucher v
      where v.book_id = $1 and v.voucher_id > $2${conditions}
      order by v.voucher_id limit $3`, values);
}

/** The account itself and all below it. */
export const isBelow = (column: string, account: string): string => `(${column} = ${account} or starts_with(${column}, ${account} || '.'))`;

export type LineRow = {
  voucherId: bigint; lineNo: number; account: string; dimensionSet: number; debit: bigint; credit: bigint; currency: string; amountOriginal: bigint; rate: bigint | null; quantity: bigint | null; summary: string | null;
};

export const findLines = (db: Db, bookId: number, periods: readonly string[], voucherIds: readonly bigint[]) =>
  db.query<LineRow>(
    `select voucher_id as "voucherId", line_no as "lineNo", account, dimension_set_id as "dimensionSet", debit, credit, currency, amount_original as "amountOriginal", rate, quantity, summary
       from vouchers.line where book_id = $1 and period = any($2) and voucher_id = any($3) order by voucher_id, line_no`, [bookId, periods, voucherIds]);

export type EventRow = { document: string; documentId: bigint; version: bigint; kind: string; event: string; rule: string; ruleVersion: number; voucherIds: bigint[]; facts: string };

/**
 * What caused these vouchers, whichever documents share them. A voucher that a person reviewed stands with its draft, because
 * the event was there before it. The index takes keys times hits, so ids are looked up sixteen at a time.
 */
export const findEventsOf = (db: Db, bookId: number, voucherIds: readonly bigint[]) =>
  db.query<EventRow>(
    `select d.source || ':' || d.kind || '/' || d.source_id as document, e.document_id as "documentId", e.source_version as version, d.kind, e.event, e.rule, e.rule_version as "ruleVersion",
            e.voucher_ids || e.reviewed as "voucherIds", e.facts
       from (select v.*, '{}'::bigint[] as reviewed
               from (select array_agg(id) as ids from unnest($2::bigint[]) with ordinality as given (id, place) group by place / 16) w
               join vouchers.event v on v.book_id = $1 and v.voucher_ids && w.ids
             union all
             select v.*, array[f.voucher_id] from vouchers.draft f
               join vouchers.event v on v.book_id = f.book_id and v.document_id = f.document_id and v.source_version = f.source_version and v.event_no = f.event_no
              where f.book_id = $1 and f.voucher_id = any($2::bigint[])) e
       join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
      order by e.document_id, e.source_version, e.event_no`, [bookId, voucherIds]);

/** All events of these documents: the same, by the primary key, where no vouchers are shared. */
export const findEventsOfDocuments = (db: Db, bookId: number, documentIds: readonly bigint[]) =>
  db.query<EventRow>(
    `select d.source || ':' || d.kind || '/' || d.source_id as document, e.document_id as "documentId", e.source_version as version, d.kind, e.event, e.rule, e.rule_version as "ruleVersion",
            e.voucher_ids || array(select f.voucher_id from vouchers.draft f
                                    where f.book_id = e.book_id and f.document_id = e.document_id and f.source_version = e.source_version and f.event_no = e.event_no and f.voucher_id is not null) as "voucherIds", e.facts
       from vouchers.event e
       join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
      where e.book_id = $1 and e.document_id = any($2::bigint[])
      order by e.document_id, e.source_version, e.event_no`, [bookId, documentIds]);

/** True where documents ever shared a voucher, or may: by setting, or by a rule of any version. */
export const mayShareVouchers = (db: Db, bookId: number) =>
  db.one<{ may: boolean }>(
    `select exists (select from books.setting where book_id = $1 and key = 'merge' and value in ('perDay', 'perCounterparty'))
         or exists (select from rules.version where book_id = $1 and body ~ 'merge: *"?(perDay|perCounterparty)') as may`, [bookId]);

export type Dimensions = Readonly<Record<string, string>>;

export const findDimensionSets = (db: Db, bookId: number, ids: readonly number[]) =>
  db.query<{ id: number; dimensions: Dimensions }>("select dimension_set_id as id, dimensions from vouchers.dimension_set where book_id = $1 and dimension_set_id = any($2)", [bookId, ids]);

// Balances and ledgers ---------------------------------------------------------------------------------------------------

export type BalanceRow = { account: string; dimensionSet: number; opening: bigint; debit: bigint; credit: bigint };

/** Signed opening (debit positive) and the movements of the periods, by account and dimension set, in base currency. */
export const findBalances = (db: Db, bookId: number, from: string, to: string) =>
  db.query<BalanceRow>(
    `select account, dimension_set_id as "dimensionSet", coalesce(sum(debit - credit) filter (where period < $2), 0)::bigint as opening,
            coalesce(sum(debit) filter (where period >= $2), 0)::bigint as debit, coalesce(sum(credit) filter (where period >= $2), 0)::bigint as credit
       from vouchers.balance_cache where book_id = $1 and period <= $3
      group by account, dimension_set_id order by account, dimension_set_id`, [bookId, from, to]);

/** The same in one currency, in its own units. */
export const findBalancesIn = (db: Db, bookId: number, from: string, to: string, currency: string) =>
  db.query<BalanceRow>(
    `select account, dimension_set_id as "dimensionSet", coalesce(sum(debit_original - credit_original) filter (where period < $2), 0)::bigint as opening,
            coalesce(sum(debit_original) filter (where period >= $2), 0)::bigint as debit, coalesce(sum(credit_original) filter (where period >= $2), 0)::bigint as credit
       from vouchers.balance_cache where book_id = $1 and period <= $3 and currency = $4
      group by account, dimension_set_id order by account, dimension_set_id`, [bookId, from, to, currency]);

/** First and last period with vouchers; null without any. */
export const findPeriodsUsed = (db: Db, bookId: number) =>
  db.one<{ first: string | null; last: string | null }>("select min(period) as first, max(period) as last from vouchers.balance_cache where book_id = $1", [bookId]);

/** Movements of an account and all below it, period by period. */
export const findMovements = (db: Db, bookId: number, account: string, from: string, to: string, sets: readonly number[] | null) =>
  db.query<{ period: string; debit: bigint; credit: bigint }>(
    `select period, sum(debit)::bigint as debit, sum(credit)::bigint as credit from vouchers.balance_cache
      where book_id = $1 and ${isBelow("account", "$2")} and period between $3 and $4 and ($5::int[] is null or dimension_set_id = any($5))
      group by period order by period`, [bookId, account, from, to, sets]);

export const findOpening = (db: Db, bookId: number, account: string, before: string, sets: readonly number[] | null) =>
  db.one<{ opening: bigint }>(
    `select coalesce(sum(debit - credit), 0)::bigint as opening from vouchers.balance_cache
      where book_id = $1 and ${isBelow("account", "$2")} and period < $3 and ($4::int[] is null or dimension_set_id = any($4))`, [bookId, account, before, sets]);

/** Dimension sets that hold all of these values. */
export const findSetsWith = (db: Db, bookId: number, dimensions: Dimensions) =>
  db.query<{ id: number }>("select dimension_set_id as id from vouchers.dimension_set where book_id = $1 and dimensions @> $2::jsonb", [bookId, JSON.stringify(dimensions)]);

export type LedgerRow = LineRow & { period: string; date: string; series: string; number: number; voucherSummary: string; counter: string[] };

/** Lines of an account and all below it in one period, in the order of posting, with the accounts on the other side. */
export const findLedgerLines = (db: Db, bookId: number, account: string, period: string, sets: readonly number[] | null) =>
  db.query<LedgerRow>(
    `select l.voucher_id as "voucherId", l.line_no as "lineNo", l.account, l.dimension_set_id as "dimensionSet", l.debit, l.credit, l.currency, l.amount_original as "amountOriginal", l.rate, l.quantity, l.summary,
            v.period, v.date, v.series, v.number, v.summary as "voucherSummary",
            (select coalesce(array_agg(distinct o.account), '{}') from vouchers.line o
              where o.book_id = l.book_id and o.period = l.period and o.voucher_id = l.voucher_id and (o.credit <> 0) <> (l.credit <> 0)) as counter
       from vouchers.line l
       join vouchers.voucher v on v.book_id = l.book_id and v.voucher_id = l.voucher_id
      where l.book_id = $1 and l.period = $2 and ${isBelow("l.account", "$3")} and ($4::int[] is null or l.dimension_set_id = any($4))
      order by v.date, l.voucher_id, l.line_no`, [bookId, period, account, sets]);

// Statements ---------------------------------------------------------------------------------------------------------------

/** What closing vouchers (损益结转, 年末结转) moved, debit positive: an income statement leaves it out. */
export const findTransferred = (db: Db, bookId: number, from: string, to: string) =>
  db.query<{ account: string; dimensionSet: number; amount: bigint }>(
    `select l.account, l.dimension_set_id as "dimensionSet", sum(l.debit - l.credit)::bigint as amount
       from vouchers.voucher v
       join vouchers.line l on l.book_id = v.book_id and l.period = v.period and l.voucher_id = v.voucher_id
      where v.book_id = $1 and v.period between $2 and $3
        and v.document_id in (select document_id from documents.document where book_id = $1 and kind = 'periodClose' and body::jsonb ->> 'task' in ('profitAndLoss', 'yearEnd'))
      group by 1, 2`, [bookId, from, to]);

export type CashRow = { kind: string; direction: string; accounts: string[]; account: string; amount: bigint };

/** Vouchers that touch these cash accounts, those of one kind, direction and set of accounts added together; debit positive. */
export const findCashVouchers = (db: Db, bookId: number, from: string, to: string, cash: readonly string[]) =>
  db.query<CashRow>(
    `with moved as (
       select distinct period, voucher_id from vouchers.line where book_id = $1 and period between $2 and $3 and account = any($4)
     ), parts as (
       select l.period, l.voucher_id, l.account, sum(l.debit - l.credit) as amount
         from moved m join vouchers.line l on l.book_id = $1 and l.period = m.period and l.voucher_id = m.voucher_id group by 1, 2, 3
     ), whole as (
       select p.voucher_id, array_agg(p.account order by p.account) as accounts,
              case sign(sum(p.amount) filter (where p.account = any($4))) when 1 then 'in' when -1 then 'out' else p.voucher_id::text end as direction
         from parts p group by p.voucher_id
     )
     select (select d.kind from documents.document d where d.book_id = $1 and d.document_id = v.document_id limit 1) as kind, w.direction, w.accounts, p.account, sum(p.amount)::bigint as amount
       from parts p
       join whole w on w.voucher_id = p.voucher_id
       join vouchers.voucher v on v.book_id = $1 and v.voucher_id = p.voucher_id
      group by 1, 2, 3, 4`, [bookId, from, to, cash]);

// Sub-ledgers ------------------------------------------------------------------------------------------------------------

export type HoldingRow = {
  documentId: bigint; source: string; kind: string; sourceId: string; line: string; wholeQuantity: bigint; wholeAmount: bigint; takenQuantity: bigint; takenAmount: bigint;
  item: string; account: string; party: string; currency: string; date: string; dueOn: string | null; /** Of the document's line as received: its item, and the old document that a line of an opening balance stands for. */ lineItem: string | null; original: string | null; originalDate: string | null;
};

const holdingColumns = `h.document_id as "documentId", d.source, d.kind, d.source_id as "sourceId", h.line, h.whole_quantity as "wholeQuantity", h.whole_amount as "wholeAmount",
            h.taken_quantity as "takenQuantity", h.taken_amount as "takenAmount", h.item, h.account, h.party, h.currency, h.date, h.due_on as "dueOn",
            l.line ->> 'item' as "lineItem", l.line ->> 'document' as original, l.line ->> 'date' as "originalDate"`;
/** The document of a holding in its newest version, and the line that holds, where a report shows what it says. */
const holdingDocument = `join lateral (select source, kind, source_id, body from documents.document where book_id = h.book_id and document_id = h.document_id order by source_version desc limit 1) d on true
       left join lateral (select one.value as line from jsonb_array_elements(case when h.what = 'estimate' or d.kind = 'openingBalance' then d.body::jsonb -> 'lines' end) as one where one.value ->> 'lineId' = h.line limit 1) l on true`;

/** What is still open of one sort, oldest first. */
export const findOpenHoldings = (db: Db, bookId: number, what: "open" | "estimate", party: string | null) =>
  db.query<HoldingRow>(
    `select ${holdingColumns} from vouchers.holding h ${holdingDocument}
      where h.book_id = $1 and h.what = $2 and h.what in ('estimate', 'open') and h.whole_quantity <> h.taken_quantity and ($3::text is null or h.party = $3)
      order by coalesce(h.due_on, h.date), h.document_id, h.line`, [bookId, what, party]);

export const findHoldingsOf = (db: Db, bookId: number, what: string, documentIds: readonly bigint[]) =>
  db.query<HoldingRow>(`select ${holdingColumns} from vouchers.holding h ${holdingDocument} where h.book_id = $1 and h.document_id = any($3) and h.what = $2 order by h.document_id, h.line`, [bookId, what, documentIds]);

/** The receipt lines that these returns took goods from. */
export const findReceiptsOfReturns = (db: Db, bookId: number, documentIds: readonly bigint[]) =>
  db.query<{ documentId: bigint; line: string; targetId: bigint; targetLine: string; quantity: bigint }>(
    `select l.document_id as "documentId", l.line, l.target_id as "targetId", l.target_line as "targetLine", sum(l.quantity)::bigint as quantity
       from documents.link l
      where l.book_id = $1 and l.kind = 'goodsReturn' and l.document_id = any($2)
        and exists (select from documents.document t where t.book_id = l.book_id and t.document_id = l.target_id and t.kind in ('goodsReceipt', 'openingBalance'))
      group by 1, 2, 3, 4 having sum(l.quantity) > 0 order by 1, 2, 3, 4`, [bookId, documentIds]);

export const findNames = (db: Db, bookId: number, kinds: readonly string[], codes: readonly string[]) =>
  db.query<{ code: string; zh: string; en: string }>(
    `select distinct on (code) code, body -> 'name' ->> 'zh' as zh, body -> 'name' ->> 'en' as en from masterdata.record where book_id = $1 and kind = any($2) and code = any($3) order by code, version desc`, [bookId, kinds, codes]);

// Stock ------------------------------------------------------------------------------------------------------------------

export const findStock = (db: Db, bookId: number, at: string, item: string | null, warehouse: string | null) =>
  db.query<{ item: string; warehouse: string; quantity: bigint; amount: bigint }>(
    `select item, warehouse, sum(quantity)::bigint as quantity, sum(amount)::bigint as amount from vouchers.stock_move
      where book_id = $1 and date <= $2 and ($3::text is null or item = $3) and ($4::text is null or warehouse = $4)
      group by item, warehouse having sum(quantity) <> 0 or sum(amount) <> 0 order by item, warehouse`, [bookId, at, item, warehouse]);

export type MoveRow = { document: string; date: string; type: string; line: string; warehouse: string; quantity: bigint; amount: bigint };

export const findMoves = (db: Db, bookId: number, item: string, warehouse: string | null) =>
  db.query<MoveRow>(
    `select d.source || ':' || d.kind || '/' || d.source_id as document, m.date, m.type, m.line, m.warehouse, m.quantity, m.amount
       from vouchers.stock_move m
       join documents.document d on d.book_id = m.book_id and d.document_id = m.document_id and d.source_version = m.source_version
      where m.book_id = $1 and m.pool in ($2, $2 || '@' || m.warehouse) and m.item = $2 and ($3::text is null or m.warehouse = $3)
      order by m.date, m.document_id, m.source_version, m.move_no`, [bookId, item, warehouse]);

// Completeness -----------------------------------------------------------------------------------------------------------

export const countStates = (db: Db, bookId: number) =>
  db.query<{ source: string; kind: string; period: string; state: string; documents: bigint }>(
    `select source, kind, period, state, count(*) as documents from documents.document where book_id = $1 and state <> 'superseded' group by 1, 2, 3, 4 order by 1, 2, 3`, [bookId]);

export const countRefused = (db: Db, bookId: number) => db.one<{ refused: bigint }>("select count(*) as refused from documents.refusal where book_id = $1", [bookId]);

// Trace ------------------------------------------------------------------------------------------------------------------

export type TracedRow = { documentId: bigint; version: bigint; source: string; kind: string; sourceId: string; date: string; period: string; party: string; state: string; body: string };

/** The version that counts of each document. */
export const findTraced = (db: Db, bookId: number, documentIds: readonly bigint[]) =>
  db.query<TracedRow>(
    `select distinct on (document_id) document_id as "documentId", source_version as version, source, kind, source_id as "sourceId", date, period, party, state, body
       from documents.document where book_id = $1 and document_id = any($2) order by document_id, (state = 'superseded'), source_version desc`, [bookId, documentIds]);

export type LinkRow = { targetId: bigint; targetLine: string; documentId: bigint; line: string; quantity: bigint; amount: bigint };

export const findLinksTo = (db: Db, bookId: number, targetIds: readonly bigint[]) =>
  db.query<LinkRow>(
    `select target_id as "targetId", target_line as "targetLine", document_id as "documentId", line, sum(quantity)::bigint as quantity, sum(amount)::bigint as amount
       from documents.link where book_id = $1 and target_id = any($2) group by 1, 2, 3, 4 having sum(quantity) <> 0 or sum(amount) <> 0 order by 1, 2, 3, 4`, [bookId, targetIds]);

export const findIdsByKey = (db: Db, bookId: number, sources: readonly string[], kinds: readonly string[], sourceIds: readonly string[]) =>
  db.query<{ documentId: bigint; source: string; kind: string; sourceId: string }>(
    `select distinct d.document_id as "documentId", d.source, d.kind, d.source_id as "sourceId"
       from unnest($2::text[], $3::text[], $4::text[]) as w (source, kind, source_id)
       join documents.document d on d.book_id = $1 and d.source_id = w.source_id and d.kind = w.kind and d.source = w.source`, [bookId, sources, kinds, sourceIds]);

export const findEventsByDocument = (db: Db, bookId: number, documentIds: readonly bigint[]) =>
  db.query<{ documentId: bigint; event: string; voucherIds: bigint[]; effects: string }>(
    `select e.document_id as "documentId", e.event, e.effects,
            e.voucher_ids || array(select f.voucher_id from vouchers.draft f
                                    where f.book_id = e.book_id and f.document_id = e.document_id and f.source_version = e.source_version and f.event_no = e.event_no and f.voucher_id is not null) as "voucherIds"
       from vouchers.event e where e.book_id = $1 and e.document_id = any($2) order by e.document_id, e.source_version, e.event_no`, [bookId, documentIds]);

export const findVoucherByNumber = (db: Db, bookId: number, period: string, series: string, number: number) =>
  db.maybe<{ voucherId: bigint }>(`select voucher_id as "voucherId" from vouchers.voucher where book_id = $1 and period = $2 and series = $3 and number = $4`, [bookId, period, series, number]);

// Replay -----------------------------------------------------------------------------------------------------------------

export type ReplayRow = { readonly document: string; readonly version: string; readonly eventNo: string; readonly period: string; readonly event: string; readonly rule: string; readonly ruleVersion: string; readonly facts: string; readonly body: string };

/** Events of versions that count, as they lie in the table: one pass, no order; only these events, or all. The period is the voucher's, or the document's where it made none. */
export async function* streamEventsForReplay(db: Db, bookId: number, from: string, to: string, events: readonly string[] | null): AsyncGenerator<ReplayRow, void, undefined> {
  await db.exec("set local enable_nestloop = off; set local enable_mergejoin = off; set local work_mem = '64MB'");
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const wanted = events === null ? "" : `\n        and e.event = any(array[${events.map(quoted).join(", ")}]::text[])`;
  const rows = db.copyOut(
    `select d.source || ':' || d.kind || '/' || d.source_id, e.source_version, e.event_no, coalesce(v.period, d.period), e.event, e.rule, e.rule_version, e.facts, d.body
       from vouchers.event e
       join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
       left join vouchers.voucher v on v.book_id = ${bookId} and v.voucher_id = e.voucher_ids[1]
      where e.book_id = ${bookId} and d.book_id = ${bookId} and d.state in ('posted', 'exempt') and coalesce(v.period, d.period) between ${quoted(from)} and ${quoted(to)}${wanted}`);
  for await (const [document = "", version = "", eventNo = "", own = "", event = "", rule = "", ruleVersion = "", facts = "", body = ""] of readCopy(rows)) yield { document, version, eventNo, period: own, event, rule, ruleVersion, facts, body };
}

export const countEventsForReplay = (db: Db, bookId: number, from: string, to: string) =>
  db.one<{ documents: bigint; events: bigint }>(
    `select count(*) filter (where e.event_no = 1) as documents, count(*) as events
       from vouchers.event e
       join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
      where e.book_id = $1 and d.state in ('posted', 'exempt') and d.period between $2 and $3`, [bookId, from, to]);

export const findClosedPeriods = (db: Db, bookId: number, from: string) =>
  db.query<{ period: string }>("select period from books.period where book_id = $1 and state = 'closed' and period >= $2 order by period", [bookId, from]);
