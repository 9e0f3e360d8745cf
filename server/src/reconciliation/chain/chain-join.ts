/**
 * All vectors of a book in one pass: flat rows go into a column store of this process, are joined there by hash, and come back finished. The statements
 * say what chain.store.ts says for a few orders, in integers only, so that both give the same to the last cent.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Db } from "../../platform/index.ts";
import * as flat from "./chain-export.store.ts";
import { chainColumns } from "./chain.store.ts";

const tables = {
  order_line: { columns: "order_id bigint, line varchar, side varchar, order_key varchar, date date, period varchar, party varchar, salesperson varchar, item varchar, due_on varchar, ordered bigint, gross bigint, rate bigint", select: flat.orderLines },
  // step: 1 goods, 2 what came back, 3 invoices; date is the linking document's.
  link: { columns: "target_id bigint, target_line varchar, document_id bigint, line varchar, step tinyint, quantity bigint, date date", select: flat.links },
  invoice_line: { columns: "document_id bigint, line varchar, units bigint, gross bigint, rate bigint, is_red boolean", select: flat.invoiceLines },
  open_item: { columns: "document_id bigint, whole bigint, taken bigint, due_on date, red bigint, written_off bigint", select: flat.openItems },
} as const;
export const chainTables = Object.fromEntries(Object.entries(tables).map(([name, { columns }]) => [name, columns])) as Readonly<Record<keyof typeof tables, string>>;

/** Rounds half away from zero. Wide integers cost ten times as much as narrow ones; whole shares, which are most, go without. */
const rounding = "create or replace macro half(a, b) as (case when (a < 0) <> (b < 0) then -((2 * abs(a::hugeint) + abs(b::hugeint)) // (2 * abs(b::hugeint))) else (2 * abs(a::hugeint) + abs(b::hugeint)) // (2 * abs(b::hugeint)) end)";
const ONE = "10000000000";

/** The vectors, from the tables above: parts of goods, returns and invoices are put together and added up once by order line. */
export const chainVectors = `
  with goods as materialized (
    select o.order_id, o.line as order_line, o.rate, k.document_id, k.line, k.quantity, k.date from order_line o join link k on k.target_id = o.order_id and k.target_line = o.line where k.step = 1),
  back as materialized (
    select g.order_id, g.order_line, g.rate, k.document_id, k.line, k.quantity, k.date from goods g join link k on k.target_id = g.document_id and k.target_line = g.line where k.step = 2),
  -- What came back of two lines of one shipment is one line of a return: each of its invoices is met once.
  node as (select order_id, order_line, rate, document_id, line from goods union all select distinct order_id, order_line, rate, document_id, line from back),
  taken as (
    select order_id, order_line, any_value(rate) as rate, document_id, line, sum(quantity)::bigint as quantity, any_value(date) as date from (
      select n.order_id, n.order_line, n.rate, k.document_id, k.line, k.quantity, k.date from node n join link k on k.target_id = n.document_id and k.target_line = n.line where k.step = 3
      union all
      select o.order_id, k.target_line, o.rate, k.document_id, k.line, k.quantity, k.date from (select order_id, any_value(rate) as rate from order_line group by 1) o join link k on k.target_id = o.order_id where k.step = 3) x
     group by order_id, order_line, document_id, line having sum(quantity) <> 0),
  share as (
    select order_id, order_line, quantity, is_red, date, due_on, whole, taken, red, written_off,
           case when own_rate = ${ONE} and part = gross and gross >= 0 then (gross + 500000) // 1000000 else half(part::hugeint * own_rate, ${ONE}::hugeint * 1000000)::bigint end as gross
      from (select t.order_id, t.order_line, t.quantity, l.is_red, t.date, i.due_on, i.whole, i.taken, i.red, i.written_off, l.gross, case when l.rate = 0 then t.rate else l.rate end as own_rate,
                   case when l.units = 0 or l.units = t.quantity then l.gross else half(l.gross::hugeint * t.quantity, l.units)::bigint end as part
              from taken t join invoice_line l on l.document_id = t.document_id and l.line = t.line left join open_item i on i.document_id = t.document_id) s),
  parts as (
    select order_id, order_line, quantity as moved, 0::bigint as returned, 0::bigint as invoiced, 0::bigint as credited, 0::bigint as invoiced_amount, 0::bigint as credited_amount, 0::bigint as paid_amount, 0::bigint as written_off_amount, date as first_moved_on, date as last_moved_on, null::date as last_returned_on, null::date as last_invoiced_on, null::date as pay_by from goods
    union all
    select order_id, order_line, 0, quantity, 0, 0, 0, 0, 0, 0, null, null, date, null, null from back
    union all
    select order_id, order_line, 0, 0, case when is_red then 0 else quantity end, case when is_red then quantity else 0 end, case when is_red then 0 else gross end, case when is_red then gross else 0 end,
           case when is_red or whole = 0 then 0 when whole is null or (whole = taken and red = 0 and written_off = 0) then gross when taken = 0 then 0 else half(gross * (taken - red - written_off)::hugeint, whole)::bigint end,
           case when is_red or whole is null or whole = 0 or written_off = 0 then 0 else half(gross * written_off::hugeint, whole)::bigint end, null, null, null, date, case when is_red then null else due_on end from share),
  summed as (
    select order_id, order_line, sum(moved)::bigint as moved, sum(returned)::bigint as returned, sum(invoiced)::bigint as invoiced, sum(credited)::bigint as credited, sum(invoiced_amount)::bigint as invoiced_amount, sum(credited_amount)::bigint as credited_amount, sum(paid_amount)::bigint as paid_amount, sum(written_off_amount)::bigint as written_off_amount,
           min(first_moved_on) as first_moved_on, max(last_moved_on) as last_moved_on, max(last_returned_on) as last_returned_on, max(last_invoiced_on) as last_invoiced_on, min(pay_by) as pay_by from parts group by 1, 2)
  select order_id, line, side, order_key, date, period, party, salesperson, item, nullif(due_on, '') as due_on, ordered, coalesce(moved, 0) as moved, coalesce(returned, 0) as returned, coalesce(invoiced, 0) as invoiced, coalesce(credited, 0) as credited, ordered_amount,
         case when moved is null or moved = 0 or ordered = 0 then 0 when moved = ordered then ordered_amount else half(gross::hugeint * moved, ordered::hugeint * 1000000)::bigint end as moved_amount,
         case when returned is null or returned = 0 or ordered = 0 then 0 when returned = ordered then ordered_amount else half(gross::hugeint * returned, ordered::hugeint * 1000000)::bigint end as returned_amount,
         coalesce(invoiced_amount, 0) as invoiced_amount, coalesce(credited_amount, 0) as credited_amount, coalesce(paid_amount, 0) as paid_amount, coalesce(written_off_amount, 0) as written_off_amount, first_moved_on, last_moved_on, last_returned_on, last_invoiced_on, pay_by
    from (select o.*, case when o.gross >= 0 then (o.gross + 500000) // 1000000 else -((500000 - o.gross) // 1000000) end as ordered_amount, s.* exclude (order_id, order_line) from order_line o left join summed s on s.order_id = o.order_id and s.order_line = o.line)`;

export async function openJoin(memoryMb: number): Promise<{ readonly connection: DuckDBConnection; close(): void }> {
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: `${memoryMb}MB` });
  const connection = await instance.connect();
  await connection.run(rounding);
  return { connection, close: () => { connection.closeSync(); instance.closeSync(); } };
}

/** Makes all vectors of a book anew; what was kept before has to be gone. Answers how many. */
export async function joinChain(db: Db, bookId: number, memoryMb = 2_048): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "tieout-chain-"));
  const { connection, close } = await openJoin(memoryMb);
  try {
    for (const [name, { columns, select }] of Object.entries(tables)) {
      const file = join(folder, `${name}.tsv`);
      await pipeline(Readable.from(db.copyOut(select(bookId))), createWriteStream(file));
      await connection.run(`create table ${name} (${columns})`);
      await connection.run(`copy ${name} from '${file}' (format csv, auto_detect false, delimiter '\t', header false, quote '', escape '', nullstr '\\N')`);
      await rm(file);
    }
    const made = join(folder, "vector.tsv");
    await connection.run(`copy (select ${bookId}, ${chainColumns.join(", ")} from (${chainVectors})) to '${made}' (format csv, delimiter '\t', header false, quote '', escape '', nullstr '\\N')`);
    return await db.copyIn(`reconciliation.chain_cache (book_id, ${chainColumns.join(", ")})`, createReadStream(made) as never);
  } finally {
    close();
    await rm(folder, { recursive: true, force: true });
  }
}
