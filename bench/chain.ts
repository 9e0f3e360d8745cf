/**
 * Order chains. From scratch: the vectors of so many document lines (orders, goods, returns, invoices, payments) in one pass, beside a plain hash join of
 * the same tables in the same engine in the same run. Kept: what one posted document costs, from the document to the vectors of its orders in the
 * database. Prints one line of JSON:
 * node bench/chain.ts [--lines 10000000] [--documents 20000]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { demoBook, generateMix } from "../server/src/app/demo/index.ts";
import { registerAll } from "../server/src/app/registry.ts";
import { createBook, loadBook } from "../server/src/books/index.ts";
import { config, type Ctx, openStore, silentLog, systemClock } from "../server/src/platform/index.ts";
import { chainTables, chainVectors, openJoin } from "../server/src/reconciliation/chain/chain-join.ts";
import { rebuildChain, touchChain } from "../server/src/reconciliation/index.ts";
import { postDocuments } from "../server/src/vouchers/index.ts";

const { values } = parseArgs({ options: { lines: { type: "string", default: "10000000" }, documents: { type: "string", default: "20000" } } });
registerAll();

process.stdout.write(`${JSON.stringify({ ...(await fromScratch(Number(values.lines))), ...(await kept(Number(values.documents))) })}\n`);

/** Of ten lines three are of orders, three of goods, three of invoices, and one is a payment; every twentieth line of goods comes back in part and is credited. */
async function fromScratch(lines: number) {
  const { connection, close } = await openJoin(6_144);
  const orders = Math.trunc((lines * 3) / 10 / 3);
  for (const [name, columns] of Object.entries(chainTables)) await connection.run(`create table ${name} (${columns})`);
  const each = `from range(${orders}) o (i), range(3) l (j)`;
  await connection.run(`insert into order_line select i, (j + 1)::varchar, if(i % 3 = 0, 'purchase', 'sale'), 'erp:salesOrder/' || i, date '2026-01-01' + (i % 360)::integer, strftime(date '2026-01-01' + (i % 360)::integer, '%Y-%m'), 'C' || i % 5000, 'E' || i % 50, 'I' || i % 10000, '', 10000000 + j * 1000000, (10000000 + j * 1000000) * 226, 10000000000 ${each}`);
  await connection.run(`insert into link select i, (j + 1)::varchar, 100000000 + i, (j + 1)::varchar, 1, 10000000 + j * 1000000, date '2026-01-10' + (i % 340)::integer ${each}`);
  await connection.run(`insert into link select 100000000 + i, (j + 1)::varchar, 200000000 + i, (j + 1)::varchar, 2, 1000000, date '2026-01-12' + (i % 340)::integer ${each} where i % 20 = 0`);
  await connection.run(`insert into link select 100000000 + i, (j + 1)::varchar, 300000000 + i, (j + 1)::varchar, 3, 10000000 + j * 1000000, date '2026-01-14' + (i % 340)::integer ${each}`);
  await connection.run(`insert into link select 200000000 + i, (j + 1)::varchar, 400000000 + i, (j + 1)::varchar, 3, 1000000, date '2026-01-16' + (i % 340)::integer ${each} where i % 20 = 0`);
  await connection.run(`insert into invoice_line select 300000000 + i, (j + 1)::varchar, 10000000 + j * 1000000, (10000000 + j * 1000000) * 226, 0, false ${each}`);
  await connection.run(`insert into invoice_line select 400000000 + i, (j + 1)::varchar, 1000000, 226000000, 0, true ${each} where i % 20 = 0`);
  await connection.run(`insert into open_item select 300000000 + i, 7458, if(i % 4 = 0, 3000, 7458), if(i % 4 = 0, date '2026-12-31', null), 0, 0 from range(${orders}) o (i)`);
  const timed = async (sql: string): Promise<number> => {
    const started = performance.now();
    await connection.run(sql);
    return performance.now() - started;
  };
  // All five tables, as many figures of each order line, no rule: what a join of this much costs at all.
  const plain = `select o.order_id, o.line, any_value(o.side) as side, any_value(o.order_key) as order_key, any_value(o.party) as party, any_value(o.salesperson) as salesperson, any_value(o.item) as item, any_value(o.date) as date, any_value(o.ordered) as ordered, any_value(o.gross) as gross, sum(g.quantity) as moved, sum(b.quantity) as returned,
        sum(n.quantity) as invoiced, sum(r.quantity) as credited, sum(l.gross) as invoiced_gross, sum(i.taken) as taken, sum(i.written_off) as written_off, min(g.date) as first_on, max(g.date) as last_on, max(b.date) as returned_on, max(n.date) as invoiced_on, min(i.due_on) as pay_by
      from order_line o left join link g on g.step = 1 and g.target_id = o.order_id and g.target_line = o.line left join link b on b.step = 2 and b.target_id = g.document_id and b.target_line = g.line
      left join link n on n.step = 3 and n.target_id = g.document_id and n.target_line = g.line left join link r on r.step = 3 and r.target_id = b.document_id and r.target_line = b.line
      left join invoice_line l on l.document_id = n.document_id and l.line = n.line left join open_item i on i.document_id = n.document_id group by 1, 2`;
  const runs: { vectors: number; join: number }[] = [];
  for (let i = 0; i < 3; i++) {
    const join = await timed(`create or replace table joined as ${plain}`);
    runs.push({ join, vectors: await timed(`create or replace table vector as ${chainVectors}`) });
  }
  const sums = (await connection.runAndReadAll("select (select count(*) from order_line) as orders, (select count(*) from vector) as vectors, (select count(*) from order_line) + (select count(*) from link) + (select count(*) from open_item) as lines, (select count(*) from vector where moved - returned = invoiced - credited) as even")).getRowObjects()[0] ?? {};
  close();
  const best = (of: (run: (typeof runs)[number]) => number): number => Math.min(...runs.map(of));
  return { lines: Number(sums.lines), orderLines: Number(sums.orders), vectors: Number(sums.vectors), even: Number(sums.even), vectorsSeconds: hundredths(best(({ vectors }) => vectors) / 1000), plainJoinSeconds: hundredths(best(({ join }) => join) / 1000), ratio: hundredths(best(({ vectors }) => vectors) / best(({ join }) => join)) };
}

async function kept(documents: number) {
  const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
  const app = await openStore({ ...config(), dataDir, databaseUrl: undefined }, { log: silentLog });
  const ctx: Ctx = { db: app, actor: { id: "bench" }, now: systemClock, log: silentLog };
  try {
    await createBook(ctx, { code: "B1", pack: demoBook.pack, currency: "CNY", from: "2026-01", settings: demoBook.settings });
    await postDocuments(ctx, "B1", generateMix({ seed: 1, documents, book: "B1", monthEnd: false }), { batchSize: 1_000 });
    const book = await loadBook(app, "B1");
    const started = performance.now();
    const lines = await rebuildChain(ctx, book);
    const rebuild = performance.now() - started;
    const times: number[] = [];
    let touched = 0;
    for (let i = 0; i < 600; i++) {
      const since = performance.now();
      touched += await touchChain(ctx, book, [BigInt(documents - 2_000 + i * 3)]);
      if (i >= 100) times.push(performance.now() - since);
    }
    times.sort((a, b) => a - b);
    return { keptOrderLines: lines, rebuildSeconds: hundredths(rebuild / 1000), touchedLines: touched, touchP50Ms: hundredths(times[Math.trunc(times.length / 2)] as number), touchP95Ms: hundredths(times[Math.trunc(times.length * 0.95)] as number) };
  } finally {
    await app.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function hundredths(value: number): number {
  return Math.trunc(value * 100) / 100;
}
