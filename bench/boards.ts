/**
 * Boards on ten million facts: fifteen tiles asked at once, as a board asks them, from DuckDB and from PostgreSQL in the same run, cold and warm, and
 * whether the two said the same. Facts are made by SQL straight into a throw-away database; nothing is posted. The mart copies them as it always does.
 * node bench/boards.ts [--facts 10000000] [--runs 5]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { columnNames, dutyNames } from "../server/src/access/index.ts";
import { createBook } from "../server/src/books/index.ts";
import { ask, type Asking, type Query } from "../server/src/insight/index.ts";
import { stateOf } from "../server/src/insight/engine.ts";
import { type Mart, openMart } from "../server/src/insight/mart.ts";
import { config, type Ctx, elapsedMs, fixedClock, openStore, silentLog, type Store } from "../server/src/platform/index.ts";

const { values } = parseArgs({ options: { facts: { type: "string", default: "10000000" }, runs: { type: "string", default: "5" } } });
const facts = Number(values.facts);
const runs = Number(values.runs);

const month = { from: "2026-12-01", to: "2026-12-31" }, year = { from: "2026-01-01", to: "2026-12-31" };
const tiles: readonly Query[] = [
  { metrics: ["cash"], time: month },
  { metrics: ["cash"], rows: ["bankAccount"], time: month, totals: true },
  { metrics: ["cash_in", "cash_out"], rows: ["month"], time: year },
  { metrics: ["open_receivable", "overdue_receivable", "overdue_ratio"] },
  { metrics: ["open_receivable"], rows: ["ageBucket"], totals: true },
  { metrics: ["open_payable", "payable_due_7"] },
  { metrics: ["revenue", "gross_profit", "gross_margin"], time: month, compare: ["previous", "lastYear"] },
  { metrics: ["net_profit", "expense"], time: month, compare: ["previous", "lastYear"] },
  { metrics: ["revenue", "cost"], rows: ["month"], time: year },
  { metrics: ["revenue", "gross_margin"], rows: ["region"], time: year, totals: true },
  { metrics: ["revenue", "gross_margin"], rows: ["salesperson"], cols: ["itemCategory"], time: year, totals: true },
  { metrics: ["revenue", "gross_profit"], rows: ["customer"], time: year, sort: [{ by: "revenue", desc: true }], limit: 10, totals: true },
  { metrics: ["orders_amount", "shipped_amount", "order_collected"], rows: ["orderState"], time: year, totals: true },
  { metrics: ["receivable", "invoiced_amount", "collected_amount", "dso"], time: month },
  { metrics: ["receivable"], rows: ["month"], time: year },
];

const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
const settings = { ...config(), dataDir, databaseUrl: undefined };
const app = await openStore(settings, { log: silentLog });
const owner = await openStore(settings, { log: silentLog, role: "owner" });
const ctx: Ctx = { db: app, actor: { id: "bench" }, now: fixedClock("2026-12-31T08:00:00.000Z"), log: silentLog, dataDir };
const seconds = (since: number): number => Math.trunc((elapsedMs() - since) / 100) / 10;
try {
  const book = await createBook(ctx, { code: "BENCH", pack: "cas-general", currency: "CNY", from: "2025-01" });
  const asking: Asking = { ctx, book, sight: { user: "bench", duties: new Set(dutyNames), columns: new Set(columnNames), scopes: null } };
  const fillingMs = elapsedMs();
  const made = await fill(owner, book.bookId, facts);
  const filledSeconds = seconds(fillingMs);

  const open = async (): Promise<Mart> => {
    const mart = openMart(ctx, join(dataDir, "mart"));
    await mart.sync(book.bookId);
    return mart;
  };
  const copyingMs = elapsedMs();
  let mart = await open();
  const copiedSeconds = seconds(copyingMs);
  await mart.close();

  const state = stateOf(app);
  const board = async (): Promise<{ readonly ms: number; readonly slowestMs: number; readonly said: string }> => {
    const since = elapsedMs();
    const answers = await Promise.all(tiles.map((query) => ask(asking, query)));
    const ms = elapsedMs() - since;
    return { ms: Math.trunc(ms), slowestMs: Math.trunc(Math.max(...answers.map((answer) => answer.ms))), said: JSON.stringify(answers.map(({ rows, totals }) => [rows, totals])) };
  };
  const figures: Record<string, object> = {};
  const said = new Set<string>();
  for (const engine of ["duckdb", "postgres"] as const) {
    if (engine === "duckdb") mart = await open();
    state.mart = engine === "duckdb" ? mart : undefined;
    state.kept.clear();
    const cold = await board();
    said.add(cold.said);
    const again: number[] = [], kept: number[] = [];
    for (let run = 0; run < runs; run++) {
      state.kept.clear();
      again.push((await board()).ms);
    }
    for (let run = 0; run < runs; run++) kept.push((await board()).ms);
    const singles: Record<string, number> = {};
    for (const query of tiles) {
      state.kept.clear();
      singles[`${query.metrics.join("+")} ${[...(query.rows ?? []), ...(query.cols ?? [])].join("×")}`.trim()] = Math.trunc((await ask(asking, query)).ms);
    }
    const middle = (times: number[]): number | undefined => times.sort((a, b) => a - b)[Math.trunc(times.length / 2)];
    figures[engine] = { coldMs: cold.ms, coldSlowestTileMs: cold.slowestMs, workedOutAgainMs: middle(again), warmMs: middle(kept), singleTileMs: singles };
    if (engine === "duckdb") await mart.close();
  }
  process.stdout.write(`${JSON.stringify({ bench: "boards", facts: made, filledSeconds, copiedSeconds, tiles: tiles.length, same: said.size === 1, figures }, null, 2)}\n`);
  if (said.size !== 1) process.exitCode = 1;
} finally {
  await app.close();
  await owner.close();
  await rm(dataDir, { recursive: true, force: true });
}

/** Half of the facts are lines, a third sales, the rest orders and open items: two years, 2,000 customers, 1,000 items. */
async function fill(db: Store, bookId: number, wanted: number): Promise<number> {
  const lines = Math.trunc(wanted * 0.6), sales = Math.trunc(wanted * 0.33), orders = Math.trunc(wanted * 0.05), open = wanted - lines - sales - orders;
  await db.query(`insert into masterdata.record (book_id, kind, code, source, body, changed_at)
    select $1::int, 'customer', 'C' || lpad(n::text, 4, '0'), 'crm', jsonb_build_object('name', jsonb_build_object('zh', '客户' || n, 'en', 'Customer ' || n), 'units', '{}'::jsonb, 'fields', jsonb_build_object('region', 'R' || n % 8, 'salesperson', 'E' || n % 40, 'group', 'G' || n % 5)), now() from generate_series(1, 2000) n
    union all
    select $1::int, 'item', 'I' || lpad(n::text, 4, '0'), 'wms', jsonb_build_object('name', jsonb_build_object('zh', '物料' || n, 'en', 'Item ' || n), 'units', '{}'::jsonb, 'fields', jsonb_build_object('category', (array['merchandise', 'finishedGoods', 'rawMaterial'])[1 + n % 3])), now() from generate_series(1, 1000) n`, [bookId]);
  await db.query("insert into insight.account_class (book_id, account, class) values ($1, '1002', 'cash'), ($1, '1122.01', 'receivable'), ($1, '2202.01', 'payable'), ($1, '1405', 'stock'), ($1, '6001', 'revenue'), ($1, '6401', 'cost'), ($1, '6602', ''), ($1, '2221', '')", [bookId]);
  const step = 500_000;
  for (let from = 0; from < lines; from += step) {
    await db.query(`insert into insight.line_cache
      select $1::int, n / 5 + 1, n % 5 + 1, d, to_char(d, 'YYYY-MM'), a.account, a.class, a.account like '6%', a.kind, n / 5 + 1, 'C' || lpad((1 + x % 2000)::text, 4, '0'), '', case when a.class = 'stock' then 'I' || lpad((1 + y % 1000)::text, 4, '0') else '' end, case when a.class = 'stock' then 'W' || x % 5 else '' end,
             'D0' || x % 8, case when a.class = 'cash' then 'BA' || x % 6 else '' end, '', '', '', 'CNY', case when m > 0 then m else 0 end, case when m < 0 then -m else 0 end, m, m, case when a.class = 'stock' then m * 100 else 0 end
        from generate_series($2::bigint, $3::bigint - 1) n
        cross join lateral (select (n * 7919 % 1000003)::int as x, (n * 104729 % 999983)::int as y) r
        cross join lateral (select date '2025-01-01' + (n / 5 * 730 / $4::bigint)::int as d,
          (array['1002', '1122.01', '2202.01', '1405', '6001', '6401', '6602', '2221'])[1 + x % 8] as account) w
        cross join lateral (select w.account, (array['cash', 'receivable', 'payable', 'stock', 'revenue', 'cost', '', ''])[1 + x % 8] as class, (array['cashReceipt', 'salesInvoice', 'supplierInvoice', 'goodsReceipt', 'salesInvoice', 'salesInvoice', 'expenseClaim', 'salesInvoice'])[1 + x % 8] as kind) a
        cross join lateral (select case when x % 8 in (2, 4) then -1 else 1 end * (1000 + y)::bigint as m) v`, [bookId, from, Math.min(lines, from + step), Math.trunc(lines / 5) + 1]);
  }
  for (let from = 0; from < sales; from += step) {
    await db.query(`insert into insight.sale_cache
      select $1::int, n / 3 + 1, n % 3 + 1, d, to_char(d, 'YYYY-MM'), 'salesInvoice', n / 3 + 1, 'C' || lpad((1 + x % 2000)::text, 4, '0'), 'I' || lpad((1 + y % 1000)::text, 4, '0'), case when x % 3 = 0 then '' else 'R' || x % 8 end, case when x % 3 = 0 then '' else 'E' || x % 40 end, 'D0' || x % 8, '', 1000 + y, (1000 + y) * 7 / 10, 1000000 * (1 + x % 20)
        from generate_series($2::bigint, $3::bigint - 1) n
        cross join lateral (select (n * 7919 % 1000003)::int as x, (n * 104729 % 999983)::int as y) r
        cross join lateral (select date '2025-01-01' + (n / 3 * 730 / $4::bigint)::int as d) w`, [bookId, from, Math.min(sales, from + step), Math.trunc(sales / 3) + 1]);
  }
  await db.query(`insert into insight.order_cache
      select $1::int, 100000000 + n, 'sale', 'crm', 'salesOrder', 'SO-' || n, d, to_char(d, 'YYYY-MM'), 'C' || lpad((1 + x % 2000)::text, 4, '0'), 'E' || x % 40, 'R' || x % 8, 'D04', 10000000, 100000 + y, 1000000 * (x % 11), (100000 + y) / 10 * (x % 11), 0, 0, 1000000 * (x % 11), (100000 + y) / 10 * (x % 11), (100000 + y) / 20 * (x % 11), (100000 + y) / 20 * (x % 11), d + 30, false, 1
        from generate_series(1, $2::bigint) n
        cross join lateral (select (n * 7919 % 1000003)::int as x, (n * 104729 % 999983)::int as y) r
        cross join lateral (select date '2025-01-01' + (n * 729 / $2::bigint)::int as d) w`, [bookId, orders]);
  await db.query(`insert into vouchers.holding (book_id, document_id, line, what, whole_quantity, whole_amount, taken_quantity, taken_amount, item, account, party, currency, date, due_on)
      select $1::int, 200000000 + n, '', 'open', 1000 + y, 1000 + y, y / 2, y / 2, '', case when x % 3 = 0 then '2202.01' else '1122.01' end, 'C' || lpad((1 + x % 2000)::text, 4, '0'), 'CNY', date '2026-12-31' - x % 200, date '2026-12-31' - x % 200 + 60
        from generate_series(1, $2::bigint) n cross join lateral (select (n * 7919 % 1000003)::int as x, (n * 104729 % 999983)::int as y) r`, [bookId, open]);
  await db.query("insert into insight.mark (book_id, head, voucher_id, order_voucher_id, order_document_id, version, generation, at) values ($1, coalesce((select xmin::text || '/' || ctid::text from vouchers.head where book_id = $1), ''), $2, $2, 0, 1, 1, now())", [bookId, lines]);
  for (const table of ["insight.line_cache", "insight.sale_cache", "insight.order_cache", "vouchers.holding", "masterdata.record"]) await db.exec(`vacuum analyze ${table}`);
  return lines + sales + orders + open;
}
