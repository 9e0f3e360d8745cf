/**
 * The voucher list on a book of a million vouchers: pages and filters over HTTP as the screen asks them, and beside them in the same run the
 * bare index scan of a page. Rows are made by SQL straight into a throw-away database; nothing is posted.
 * node bench/lists.ts [--vouchers 1000000] [--runs 60] [--json]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { principalOfAll } from "../server/src/access/index.ts";
import { buildHttp } from "../server/src/app/http.ts";
import { registerAll } from "../server/src/app/registry.ts";
import { createBook } from "../server/src/books/index.ts";
import { config, type Ctx, openStore, silentLog, type Store, systemClock } from "../server/src/platform/index.ts";

const { values } = parseArgs({ options: { vouchers: { type: "string", default: "1000000" }, runs: { type: "string", default: "60" }, json: { type: "boolean", default: true } } });
const vouchers = Number(values.vouchers);
const runs = Number(values.runs);
registerAll();

const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
const settings = { ...config(), dataDir, databaseUrl: undefined };
const app = await openStore(settings, { log: silentLog });
const owner = await openStore(settings, { log: silentLog, role: "owner" });
const ctx: Ctx = { db: app, actor: { id: "bench" }, now: systemClock, log: silentLog, dataDir };
try {
  const book = await createBook(ctx, { code: "LIST", pack: "cas-general", currency: "CNY", from: "2026-01" });
  const since = performance.now();
  await fill(owner, book.bookId);
  const filledSeconds = Math.trunc((performance.now() - since) / 100) / 10;
  const server = await buildHttp(ctx, { principal: principalOfAll("bench") });
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const period = (): string => `2026-${String(1 + random(12)).padStart(2, "0")}`;
  const voucherId = (): number => 1 + random(vouchers);
  const periodOf = (id: number): string => `2026-${String(Math.min(12, 1 + Math.trunc(((id - 1) * 12) / vouchers))).padStart(2, "0")}`;
  const ask = async (query: string): Promise<{ ms: number; rows: number }> => {
    const started = performance.now();
    const answer = await server.inject({ method: "GET", url: `/api/v1/books/LIST/voucher-list?limit=50&${query}`, headers: { host: "localhost" } });
    const ms = performance.now() - started;
    if (answer.statusCode !== 200) throw new Error(answer.body);
    return { ms, rows: (answer.json() as { rows: unknown[] }).rows.length };
  };
  const cursor = (): string => { const id = voucherId(); return `${periodOf(id)}.${id}`; };
  const asked: Readonly<Record<string, () => string>> = {
    "first page": () => "", "older page": () => `after=${cursor()}`, "newer page": () => `before=${cursor()}`, "period": () => { const one = period(); return `from=${one}&to=${one}`; }, "series": () => `series=${encodeURIComponent("付")}`,
    "number": () => `number=${encodeURIComponent(`记-${1 + random(1_000)}`)}`, "account, busy": () => "account=1002", "account with below": () => "account=2221", "account, rare": () => "account=6711", "party": () => `party=C${random(2_000)}`, "party and account": () => `party=C${random(2_000)}&account=1122`,
    "amount": () => `amount=${1_000 + random(90_000)}.${10 + random(89)}`, "summary, common": () => `text=${encodeURIComponent("收款")}`, "summary, rare": () => `text=${encodeURIComponent("罕见")}`, "summary, none": () => `text=${encodeURIComponent("没有此文")}`,
    "rule, rare": () => "rule=X9", "prepared by, rare": () => "preparedBy=sun", "document": () => `document=${encodeURIComponent(`erp:salesInvoice/SI-${voucherId()}`)}`,
  };
  const figures: Record<string, object> = {};
  for (const [name, query] of Object.entries(asked)) {
    await ask(query());
    const times: number[] = [];
    let rows = 0;
    for (let i = 0; i < runs; i++) {
      const one = await ask(query());
      times.push(one.ms);
      rows += one.rows;
    }
    figures[name] = { ...percentiles(times), rows: Math.trunc(rows / runs) };
  }
  const bare: number[] = [];
  for (let i = 0; i < runs + 5; i++) {
    const id = voucherId();
    const started = performance.now();
    await app.query("select voucher_id from vouchers.voucher where book_id = $1 and period = $2 and voucher_id < $3 order by voucher_id desc limit 50", [book.bookId, periodOf(id), id]);
    if (i >= 5) bare.push(performance.now() - started);
  }
  const worst = Object.entries(figures).map(([name, figure]) => ({ name, p95Ms: (figure as { p95Ms: number }).p95Ms })).sort((a, b) => b.p95Ms - a.p95Ms)[0];
  process.stdout.write(`${JSON.stringify({ vouchers, runs, filledSeconds, bareIndexScan: percentiles(bare), worst, figures })}\n`);
  await server.close();
} finally {
  await app.close();
  await owner.close();
  await rm(dataDir, { recursive: true, force: true });
}

function percentiles(times: number[]): { p50Ms: number; p95Ms: number; p99Ms: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.trunc((sorted[Math.min(sorted.length - 1, Math.trunc(sorted.length * share))] ?? 0) * 100) / 100;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

/** Twelve even months; four lines a voucher; 2,000 customers; a few rare words, rules and people. Triggers rest meanwhile: nothing here is posted. */
async function fill(db: Store, bookId: number): Promise<void> {
  for (let month = 1; month <= 12; month++) await db.query("select vouchers.ensure_partition($1)", [`2026-${String(month).padStart(2, "0")}`]);
  await db.exec(`set session_replication_role = replica; set synchronous_commit = off; set work_mem = '256MB';
    create temp table made as select i as id, to_char(date '2026-01-01' + make_interval(months => ((i - 1) * 12 / ${vouchers})::int), 'YYYY-MM') as period, 100000 + (hashint8(i)::bigint & 8388607) as amount, i % 2000 as customer from generate_series(1, ${vouchers}) as i;
    insert into vouchers.dimension_set select ${bookId}, 1 + c, jsonb_build_object('counterparty', 'C' || c) from generate_series(0, 1999) as c;
    insert into vouchers.voucher (book_id, voucher_id, period, series, number, date, summary, attachments, rule, rule_version, document_id, reversal_of, debit_total, block_no, prepared_by, reviewed_by, posted_by, posted_at)
      select ${bookId}, id, period, case when id % 500 = 0 then '付' else '记' end, row_number() over (partition by period, id % 500 = 0 order by id), (period || '-15')::date,
             case when id % 90001 = 0 then '罕见的业务 ' when id % 3 = 0 then '收款 CR-' else '销售发票 SI-' end || id || ' 客户' || customer, 1, case when id % 100003 = 0 then 'X9' else 'S3a' end, 1, id, null, amount, 1 + id / 1000,
             case when id % 50021 = 0 then 'sun' else 'api' end, 'rule:S3a@1', 'api', '2026-12-31T00:00:00Z' from made;
    insert into vouchers.line (book_id, period, voucher_id, line_no, account, dimension_set_id, debit, credit, currency, amount_original)
      select ${bookId}, m.period, m.id, l.no, case when l.no = 4 and m.id % 20011 = 0 then '6711' else l.account end, case when l.no = 1 then 1 + m.customer else 0 end, case when l.debit then m.amount * l.share / 100 else 0 end, case when l.debit then 0 else m.amount * l.share / 100 end, 'CNY', m.amount * l.share / 100
        from made m cross join (values (1, '1122.01', true, 60), (2, '1002', true, 40), (3, '6001', false, 90), (4, '2221.01.02', false, 10)) as l (no, account, debit, share);
    insert into vouchers.balance_cache select ${bookId}, period, account, dimension_set_id, currency, sum(debit), sum(credit), 0, 0 from vouchers.line where book_id = ${bookId} group by 2, 3, 4, 5;
    insert into vouchers.counter select ${bookId}, period, series, max(number) from vouchers.voucher where book_id = ${bookId} group by 2, 3;
    insert into documents.document (book_id, document_id, source_version, source, kind, source_id, date, period, party, state, body, received_at, state_at)
      select ${bookId}, id, 1, 'erp', 'salesInvoice', 'SI-' || id, (period || '-15')::date, period, 'C' || customer, 'posted', '{}', '2026-12-31T00:00:00Z', '2026-12-31T00:00:00Z' from made;
    insert into vouchers.event (book_id, document_id, source_version, event_no, event, rule, rule_version, voucher_ids, facts, effects) select ${bookId}, id, 1, 1, 'salesInvoice', 'S3a', 1, array[id], '', '' from made;
    insert into masterdata.record (book_id, kind, code, source, body, changed_at) select ${bookId}, 'customer', 'C' || c, 'erp', jsonb_build_object('name', jsonb_build_object('zh', '客户' || c, 'en', 'Customer ' || c), 'fields', '{}'::jsonb, 'units', '{}'::jsonb), '2026-12-31T00:00:00Z' from generate_series(0, 1999) as c;
    drop table made;
    set session_replication_role = default`);
  await db.exec("vacuum analyze vouchers.voucher"); // as autovacuum does for tables that grow
  await db.exec("vacuum analyze vouchers.line");
  await db.exec("analyze documents.document");
  await db.exec("analyze vouchers.balance_cache");
}
