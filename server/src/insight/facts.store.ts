/** SQL that keeps the facts: it follows the vouchers of a book and adds lines and sales as they come. */
import type { Db } from "../platform/index.ts";

export type Head = { readonly head: string; readonly lastVoucher: bigint; readonly lastDocument: bigint };
/** The version of the head's row changes with every batch of postings, whatever it posted. */
export const readHead = (db: Db, bookId: number): Promise<Head | undefined> =>
  db.maybe(`select xmin::text || '/' || ctid::text as head, next_voucher - 1 as "lastVoucher", next_document - 1 as "lastDocument" from vouchers.head where book_id = $1`, [bookId]);

export type Mark = { readonly bookId: number; readonly head: string; readonly voucherId: bigint; readonly orderVoucherId: bigint; readonly orderDocumentId: bigint; readonly sweptOrderId: bigint; readonly version: bigint; readonly generation: bigint; readonly at: string };
const mark = `book_id as "bookId", head, voucher_id as "voucherId", order_voucher_id as "orderVoucherId", order_document_id as "orderDocumentId", swept_order_id as "sweptOrderId", version, generation, at`;
export const readMark = (db: Db, bookId: number): Promise<Mark | undefined> => db.maybe(`select ${mark} from insight.mark where book_id = $1`, [bookId]);

/** Every book that has postings, with how far its facts are, and whether its head moved since. */
export type Followed = { readonly bookId: number; readonly code: string; readonly isBehind: boolean; readonly version: bigint; readonly generation: bigint; readonly voucherId: bigint; /** All that was ever posted, vouchers and documents. */ readonly posted: bigint };
export const readFollowed = (db: Db): Promise<Followed[]> =>
  db.query(`select b.book_id as "bookId", b.code, m.head is distinct from h.xmin::text || '/' || h.ctid::text as "isBehind", coalesce(m.version, 0) as version, coalesce(m.generation, 0) as generation,
                   coalesce(m.voucher_id, 0) as "voucherId", h.next_voucher + h.next_document as posted
              from vouchers.head h join books.book b on b.book_id = h.book_id left join insight.mark m on m.book_id = h.book_id order by b.book_id`);

export type ReceiptRow = { readonly documentId: bigint; readonly source: string; readonly sourceId: string; readonly date: string; readonly party: string; readonly bankAccount: string; readonly amount: bigint; readonly at: string };
/** The last cash receipt that came into the books, after a voucher. Walks the lines backwards. */
export const findLastReceipt = (db: Db, bookId: number, after: bigint): Promise<ReceiptRow | undefined> =>
  db.maybe(`select l.document_id as "documentId", d.source, d.source_id as "sourceId", l.date, l.party, l.bank_account as "bankAccount", l.amount, d.state_at as at
              from (select * from insight.line_cache where book_id = $1 and voucher_id > $2 and kind = 'cashReceipt' and class = 'cash' and amount > 0 order by book_id desc, voucher_id desc, line_no desc limit 1) l
              join lateral (select source, source_id, state_at from documents.document where book_id = $1 and document_id = l.document_id order by source_version desc limit 1) d on true`, [bookId, after]);

/** The last month up to a day in which anything was sold. */
export const findLastPeriod = (db: Db, bookId: number, upTo: string): Promise<{ readonly period: string | null }> =>
  db.one("select max(period) as period from (select period from insight.sale_cache where book_id = $1 and date <= $2::date order by date desc limit 1) x", [bookId, upTo]);

export const saveMark = (db: Db, bookId: number, to: Pick<Mark, "head" | "voucherId" | "orderVoucherId" | "orderDocumentId">, at: string): Promise<Mark> =>
  db.one(`insert into insight.mark (book_id, head, voucher_id, order_voucher_id, order_document_id, version, generation, at) values ($1, $2, $3, $4, $5, 1, 1, $6)
          on conflict (book_id) do update set head = $2, voucher_id = $3, order_voucher_id = $4, order_document_id = $5, version = insight.mark.version + 1, at = $6 returning ${mark}`,
    [bookId, to.head, to.voucherId, to.orderVoucherId, to.orderDocumentId, at]);

export const saveSwept = (db: Db, bookId: number, sweptOrderId: bigint, hasChanged: boolean): Promise<unknown> =>
  db.query("update insight.mark set swept_order_id = $2, version = version + $3 where book_id = $1", [bookId, sweptOrderId, hasChanged ? 1 : 0]);

export const newGeneration = (db: Db, bookId: number): Promise<unknown> =>
  db.query("update insight.mark set generation = generation + 1, head = '', voucher_id = 0, order_voucher_id = 0, order_document_id = 0, swept_order_id = 0 where book_id = $1", [bookId]);

/** One at a time a book; whoever comes second finds the work done. */
export const lockFacts = (db: Db, bookId: number): Promise<unknown> => db.query("select pg_advisory_xact_lock(hashtext('insight.facts'), $1)", [bookId]);

/** The steps of a large statement have no statistics, and a new database has none at all: rows of one are then not looked for one by one in the other. Until the transaction ends. */
export const joinByHash = (db: Db, isWanted: boolean): Promise<unknown> => db.query("select set_config('enable_nestloop', $1, true)", [isWanted ? "off" : "on"]);

export const findUnclassed = (db: Db, bookId: number): Promise<{ readonly code: string }[]> =>
  db.query("select code from books.account a where book_id = $1 and not exists (select from insight.account_class c where c.book_id = a.book_id and c.account = a.code) order by code", [bookId]);

export const addClasses = (db: Db, bookId: number, accounts: readonly string[], classes: readonly string[]): Promise<unknown> =>
  db.query("insert into insight.account_class (book_id, account, class) select $1, a, c from unnest($2::text[], $3::text[]) as x (a, c) on conflict do nothing", [bookId, accounts, classes]);

/**
 * Vouchers with the version of the document that caused them; a reversal with that of the voucher it takes back, so that the two have the same party,
 * region and salesperson and leave nothing.
 */
const vouchers = `v as materialized (
    select v.voucher_id, v.period, v.date, o.voucher_id as basis, o.document_id, coalesce(d.kind, '') as kind, coalesce(d.party, '') as party, d.content
      from vouchers.voucher v
      left join lateral (select r.document_id from vouchers.voucher r where r.book_id = v.book_id and r.voucher_id = v.reversal_of limit 1) r on true
      cross join lateral (select coalesce(v.reversal_of, v.voucher_id) as voucher_id, coalesce(r.document_id, v.document_id) as document_id) o
      left join lateral (
        select e.source_version from vouchers.event e where e.book_id = v.book_id and e.document_id = o.document_id and o.voucher_id = any (e.voucher_ids) order by e.source_version desc limit 1) e on true
      left join lateral (
        select d.kind, d.party, case when d.kind <> 'openingBalance' then d.body::jsonb end as content from documents.document d
         where d.book_id = v.book_id and d.document_id = o.document_id and d.source_version <= coalesce(e.source_version, d.source_version) order by d.source_version desc limit 1) d on true
     where v.book_id = $1 and v.voucher_id > $2 and v.voucher_id <= $3)`;

/**
 * Lines of vouchers after one and up to another, and of the same vouchers revenue and cost by item. What closing moves out of income and expense is no
 * result of the period. Revenue is given to the lines of the source document by their net amounts, cost to the stock lines of the voucher where they are
 * just what the cost is; shares are cut from the running total, so that they add up to the cent. The rest has no item. A voucher that several documents
 * share is given to the lines of all of them; that is looked for where the document alone does not explain the sum.
 */
export const addFacts = (db: Db, bookId: number, after: bigint, upTo: bigint, minor: bigint): Promise<unknown> =>
  db.query(`with ${vouchers},
    added as (
      insert into insight.line_cache (book_id, voucher_id, line_no, date, period, account, class, is_result, kind, document_id, party, employee, item, warehouse, department, bank_account, project, region, salesperson,
             currency, debit, credit, amount, original, quantity)
      select $1, l.voucher_id, l.line_no, v.date, l.period, l.account, case when r.is_closing then '' else coalesce(c.class, '') end, coalesce(a.type in ('income', 'expense'), false) and not r.is_closing,
             v.kind, v.document_id, coalesce(s.dimensions ->> 'counterparty', v.party), coalesce(s.dimensions ->> 'employee', ''), coalesce(s.dimensions ->> 'item', ''), coalesce(s.dimensions ->> 'warehouse', ''),
             coalesce(s.dimensions ->> 'department', ''), coalesce(s.dimensions ->> 'bankAccount', ''), coalesce(s.dimensions ->> 'project', ''), coalesce(s.dimensions ->> 'region', v.content ->> 'region', ''),
             coalesce(v.content ->> 'salesperson', v.content ->> 'buyer', ''), l.currency, l.debit, l.credit, l.debit - l.credit,
             case when l.credit <> 0 then -l.amount_original else l.amount_original end, case when l.credit <> 0 then -coalesce(l.quantity, 0) else coalesce(l.quantity, 0) end
        from v
        join vouchers.line l on l.book_id = $1 and l.period = v.period and l.voucher_id = v.voucher_id and l.voucher_id > $2 and l.voucher_id <= $3 and l.period = any (array(select distinct period from v))
        left join vouchers.dimension_set s on s.book_id = $1 and s.dimension_set_id = l.dimension_set_id
        left join books.account a on a.book_id = $1 and a.code = l.account
        left join insight.account_class c on c.book_id = $1 and c.account = l.account
        cross join lateral (select v.kind = 'periodClose' and coalesce(v.content ->> 'task', '') in ('profitAndLoss', 'yearEnd') and coalesce(a.type in ('income', 'expense'), false) as is_closing) r
      returning voucher_id, class, item, department, project, amount),
    part as materialized (
      select voucher_id, department, project, coalesce(-sum(amount) filter (where class = 'revenue'), 0) as revenue, coalesce(sum(amount) filter (where class = 'cost'), 0) as cost
        from added where class in ('revenue', 'cost') group by 1, 2, 3),
    whole as materialized (select voucher_id, sum(revenue) as revenue, sum(cost) as cost from part group by 1),
    own as materialized (
      select w.voucher_id, l.value as line, v.content ->> 'currency' as currency, coalesce((l.value ->> 'amountNet')::numeric, (l.value ->> 'quantity')::numeric * (l.value ->> 'price')::numeric, 0) as net
        from whole w join v using (voucher_id) cross join lateral jsonb_array_elements(case jsonb_typeof(v.content -> 'lines') when 'array' then v.content -> 'lines' else '[]' end) l where w.revenue <> 0),
    unexplained as materialized (
      select w.voucher_id, v.basis, v.document_id from whole w join v using (voucher_id) left join (select voucher_id, sum(net) as net from own where currency is null group by 1) o using (voucher_id)
       where w.revenue <> 0 and abs(w.revenue) <> round($4::bigint * coalesce(o.net, 0))),
    shared as (
      select w.voucher_id, l.value as line
        from unexplained w
        cross join lateral (select document_id, source_version from vouchers.event where book_id = $1 and voucher_ids @> array[w.basis] and document_id <> w.document_id) e
        join documents.document d on d.book_id = $1 and d.document_id = e.document_id and d.source_version = e.source_version
        cross join lateral jsonb_array_elements(case jsonb_typeof(d.body::jsonb -> 'lines') when 'array' then d.body::jsonb -> 'lines' else '[]' end) l),
    sold as materialized (
      select voucher_id, coalesce(line ->> 'item', '') as item, sum(coalesce((line ->> 'amountNet')::numeric, (line ->> 'quantity')::numeric * (line ->> 'price')::numeric, 0)) as net,
             sum(coalesce((line ->> 'quantity')::numeric, 0) * insight.unit_of($1, line ->> 'item', line ->> 'unit')) as quantity
        from (select voucher_id, line from own union all select voucher_id, line from shared) x group by 1, 2),
    issued as materialized (
      select l.voucher_id, l.item, -sum(l.amount) as cost from added l join whole w using (voucher_id) where l.item <> '' and l.class not in ('revenue', 'cost') and w.cost <> 0 group by 1, 2),
    explained as materialized (select i.voucher_id from issued i join whole w using (voucher_id) group by i.voucher_id, w.cost having sum(i.cost) = w.cost),
    weight as materialized (
      select voucher_id, item, sum(net) as net, sum(cost) as cost, sum(quantity) as quantity
        from (select voucher_id, item, net, 0 as cost, quantity from sold
              union all select i.voucher_id, i.item, 0, i.cost, 0 from issued i join explained using (voucher_id)) x
       group by 1, 2),
    running as (
      select p.voucher_id, p.department, p.project, w.item, p.revenue, p.cost, w.net, w.cost as item_cost,
             w.quantity * sign(sum(p.revenue) over item * sum(w.net) over whole) * p.revenue / nullif(sum(p.revenue) over item, 0) as quantity,
             sum(w.net) over whole as net_total, sum(w.net) over so_far as net_so_far, sum(w.cost) over whole as cost_total, sum(w.cost) over so_far as cost_so_far
        from part p join weight w using (voucher_id)
      window item as (partition by p.voucher_id, w.item), whole as (partition by p.voucher_id, p.department, p.project),
             so_far as (partition by p.voucher_id, p.department, p.project order by w.item collate "C")),
    shares as materialized (
      select voucher_id, department, project, item, coalesce(round(quantity * 1000000), 0) as quantity,
             case when net_total = 0 then 0 else trunc(revenue * net_so_far / net_total) - trunc(revenue * (net_so_far - net) / net_total) end as revenue,
             case when cost_total = 0 then 0 else trunc(cost * cost_so_far / cost_total) - trunc(cost * (cost_so_far - item_cost) / cost_total) end as cost
        from running),
    given as (
      select voucher_id, department, project, item, quantity, revenue, cost from shares
      union all
      select p.voucher_id, p.department, p.project, '', 0, p.revenue - coalesce(s.revenue, 0), p.cost - coalesce(s.cost, 0)
        from part p left join (select voucher_id, department, project, sum(revenue) as revenue, sum(cost) as cost from shares group by 1, 2, 3) s using (voucher_id, department, project))
    insert into insight.sale_cache (book_id, voucher_id, part_no, date, period, kind, document_id, party, item, region, salesperson, department, project, revenue, cost, quantity)
    select $1, g.voucher_id, row_number() over (partition by g.voucher_id order by g.department, g.project, g.item), v.date, v.period, v.kind, v.document_id, case when v.content ? 'customer' then v.party else '' end, g.item,
           coalesce(v.content ->> 'region', ''), coalesce(v.content ->> 'salesperson', ''), g.department, g.project, g.revenue, g.cost, g.quantity
      from (select voucher_id, department, project, item, sum(quantity)::bigint as quantity, sum(revenue)::bigint as revenue, sum(cost)::bigint as cost from given group by 1, 2, 3, 4) g
      join v using (voucher_id) where g.revenue <> 0 or g.cost <> 0 or g.quantity <> 0`, [bookId, after, upTo, minor]);

/**
 * Orders that documents belong to: those that are new, and those whose vouchers are. What a document links to is read from itself, up to four steps:
 * a receipt, its invoice, the goods, the order.
 */
export const findTouchedOrders = (db: Db, bookId: number, afterDocument: bigint, upToDocument: bigint, afterVoucher: bigint, upToVoucher: bigint): Promise<{ readonly id: bigint }[]> =>
  db.query(`with recursive touched as (
      select document_id, 0 as step from documents.document where book_id = $1 and document_id > $2 and document_id <= $3
      union select document_id, 0 from vouchers.voucher where book_id = $1 and voucher_id > $4 and voucher_id <= $5
      union
      select t.document_id, u.step + 1
        from touched u
        join documents.document d on d.book_id = $1 and d.document_id = u.document_id and d.kind not in ('salesOrder', 'purchaseOrder', 'openingBalance')
        cross join lateral (select distinct l #>> '{}' as key from jsonb_path_query(d.body::jsonb, 'lax $.**.links[*].to') l) k
        join documents.document t on t.book_id = $1 and t.source_id = split_part(substr(k.key, position(':' in k.key) + 1), '/', 2) and t.kind = split_part(substr(k.key, position(':' in k.key) + 1), '/', 1)
       where u.step < 4)
    select distinct d.document_id as id from touched u join documents.document d on d.book_id = $1 and d.document_id = u.document_id and d.kind in ('salesOrder', 'purchaseOrder')`,
    [bookId, afterDocument, upToDocument, afterVoucher, upToVoucher]);

/** A slice of all orders, to look at them again. */
export const findOrdersAfter = (db: Db, bookId: number, after: bigint, limit: number): Promise<{ readonly id: bigint }[]> =>
  db.query("select distinct document_id as id from documents.document where book_id = $1 and document_id > $2 and kind in ('salesOrder', 'purchaseOrder') order by document_id limit $3", [bookId, after, limit]);

const orderColumns = "side, source, kind, source_id, date, period, party, salesperson, region, department, ordered, ordered_amount, shipped, shipped_amount, returned, returned_amount, invoiced, invoiced_amount, collected_amount, open_amount, due_on";
const orderRow = (of: string): string => orderColumns.split(", ").map((column) => `${of}.${column}`).join(", ");

/** Works orders out anew, all of a book without ids. Those that are as they were stay untouched; answers how many were not. */
export const replaceOrders = async (db: Db, bookId: number, ids: readonly bigint[] | null, version: bigint): Promise<number> =>
  Number((await db.one<{ changed: bigint }>(`with fresh as materialized (select document_id, ${orderColumns} from insight.order_now where book_id = $1${ids === null ? "" : " and document_id = any($3::bigint[])"}),
    gone as (update insight.order_cache c set is_gone = true, version = $2 where book_id = $1 and not is_gone${ids === null ? "" : " and document_id = any($3::bigint[])"} and not exists (select from fresh f where f.document_id = c.document_id) returning 1),
    come as (
      insert into insight.order_cache as c (book_id, document_id, ${orderColumns}, is_gone, version) select $1, document_id, ${orderColumns}, false, $2 from fresh
      on conflict (book_id, document_id) do update set (${orderColumns}, is_gone, version) = row(${orderRow("excluded")}, false, excluded.version)
       where (${orderRow("c")}, c.is_gone) is distinct from (${orderRow("excluded")}, false) returning 1)
    select (select count(*) from gone) + (select count(*) from come) as changed`, [bookId, version, ...(ids === null ? [] : [ids])])).changed);

export const dropFacts = async (db: Db, bookId: number): Promise<void> => {
  for (const table of ["insight.line_cache", "insight.sale_cache", "insight.order_cache", "insight.account_class"]) await db.query(`delete from ${table} where book_id = $1`, [bookId]);
};

export type FactCheck = { readonly account: string; readonly ledger: bigint; readonly facts: bigint };
/** Accounts whose facts differ from the lines of the books, and revenue and cost that were not given away to the cent. */
export const findDifferences = (db: Db, bookId: number, upTo: bigint): Promise<FactCheck[]> =>
  db.query(`with l as (select account, sum(debit - credit) as ledger from vouchers.line where book_id = $1 and voucher_id <= $2 group by 1), f as (select account, sum(amount) as facts from insight.line_cache where book_id = $1 group by 1),
         s as (select sum(revenue) as revenue, sum(cost) as cost from insight.sale_cache where book_id = $1), g as (select -sum(amount) filter (where class = 'revenue') as revenue, sum(amount) filter (where class = 'cost') as cost from insight.line_cache where book_id = $1)
    select coalesce(l.account, f.account) as account, coalesce(ledger, 0)::bigint as ledger, coalesce(facts, 0)::bigint as facts from l full join f on f.account = l.account where coalesce(ledger, 0) <> coalesce(facts, 0)
    union all select 'revenue', coalesce(g.revenue, 0)::bigint, coalesce(s.revenue, 0)::bigint from s, g where coalesce(g.revenue, 0) <> coalesce(s.revenue, 0)
    union all select 'cost', coalesce(g.cost, 0)::bigint, coalesce(s.cost, 0)::bigint from s, g where coalesce(g.cost, 0) <> coalesce(s.cost, 0)`, [bookId, upTo]);
