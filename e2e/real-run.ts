/**
 * Everything real at once: a running Tryton followed by logical replication, a running LedgerSMB that takes every voucher, Tieout between.
 *   node e2e/real-run.ts --erp FOLDER [--flows 20] [--kill-flows 6] [--kills 2] [--seed 41] [--keep]
 * FOLDER holds start.sh, env.sh and seed_tryton.py, which start both systems and do business in Tryton. First an undisturbed part,
 * measured: commit in Tryton → document in Tieout, and → voucher approved in LedgerSMB. Then a part in which Tieout and its database
 * are killed with -9 twice, and then Tryton, LedgerSMB and their database twice. At the end every voucher of the book stands in
 * LedgerSMB once, approved, with equal lines, and the figures of Tryton, Tieout and LedgerSMB are equal or explained. Then vouchers are edited,
 * voided, deleted and doubled in LedgerSMB: each is named with its cause within a minute. Exit code 1 otherwise.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import { systemClock } from "../server/src/platform/index.ts";
import { formatMoney } from "../server/src/values/index.ts";
import { driftInLedgersmb } from "./ledgersmb-drift.ts";
import { type BalanceRow, compareBooks, readTrytonBooks, type StockRow } from "./tryton-figures.ts";

const { values } = parseArgs({ options: { erp: { type: "string" }, flows: { type: "string", default: "20" }, "kill-flows": { type: "string", default: "6" }, kills: { type: "string", default: "2" }, seed: { type: "string", default: "41" }, keep: { type: "boolean", default: false } } });
if (values.erp === undefined) throw new Error("say where the scripts are that start the two systems: --erp FOLDER");
const erp = resolve(values.erp);
const tieoutFile = fileURLToPath(new URL("../server/bin/tieout.js", import.meta.url));
/** Its vouchers carry it into LedgerSMB, where those of earlier runs stay. */
const BOOK = `R${systemClock().toISOString().slice(5, 16).replace(/\D/g, "")}`;
const flowOut = `ledgersmb-${BOOK.toLowerCase()}`;
const note = (text: string): void => void process.stderr.write(`${systemClock().toISOString().slice(11, 19)} ${text}\n`);
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const folder = await mkdtemp(join(tmpdir(), "tieout-real-"));
const port = await freePort();
const environment = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", HOME: folder, TIEOUT_DATA: folder, TIEOUT_PORT: String(port), TIEOUT_LOG: "warn", TIEOUT_LOG_FILE: join(folder, "serve.log") };
const settings = await erpSettings();
let server: ChildProcess | undefined;

try {
  note("starting Tryton and LedgerSMB");
  startErp();
  await seed(1, Number(values.seed)); // the company and its master data; also what the first reading finds
  const today = systemClock().toISOString().slice(0, 10);
  await tieout(["book", "create", BOOK, "--pack", "cas-general", "--currency", "CNY", "--from", `${today.slice(0, 4)}-01`, "--set", "estimateMode=differenceOnInvoice"]);
  await defineFlows();
  server = await serve();
  note("first reading");
  await settled();
  await settled();

  note(`undisturbed: ${values.flows} flows`);
  const quietFrom = systemClock().toISOString();
  await seed(Number(values.flows), Number(values.seed) + 1);
  await settled();
  const latency = await measure(quietFrom);
  note(JSON.stringify(latency));

  let kills = 0;
  const rounds = Number(values.kills);
  if (rounds > 0) {
    note("killing Tieout and its database while Tryton works");
    const busy = seed(Number(values["kill-flows"]), Number(values.seed) + 2);
    for (let i = 0; i < rounds; i++) {
      await sleep(6_000);
      await killTieout(i === 1);
      kills++;
      server = await serve();
    }
    await busy;
    note("killing Tryton, LedgerSMB and their database while Tieout works");
    for (let i = 0; i < rounds; i++) {
      const broken = seed(Number(values["kill-flows"]), Number(values.seed) + 3 + i, false);
      await sleep(5_000);
      killErp();
      kills++;
      await broken;
      startErp();
    }
    await seed(2, Number(values.seed) + 5);
    await settled();
    await settled();
  }

  const { result, isExact } = await compare(today);
  note("people work in LedgerSMB");
  const drift = await driftInLedgersmb({ ours, lsmb: (text, parameters) => theirs(settings.ERP_LSMB_DB ?? "", text, parameters), book: BOOK, flow: flowOut, erp, tieout, note });
  await settled();
  const after = await compare(today);
  process.stdout.write(`${JSON.stringify({ latency, kills, ...result, isExact, drift, isExactAfterDrift: after.isExact }, null, 2)}\n`);
  process.exitCode = isExact && drift.isRight && after.isExact ? 0 : 1;
} finally {
  server?.kill("SIGTERM");
  await sleep(2_000);
  if (values.keep || process.exitCode !== 0) note(`kept: ${folder}`);
  else await rm(folder, { recursive: true, force: true });
}

// ---- the two systems -------------------------------------------------------------------------------------------------

/** What env.sh says. */
async function erpSettings(): Promise<Readonly<Record<string, string>>> {
  const text = spawnSync("bash", ["-c", `. "${join(erp, "env.sh")}"; set`], { encoding: "utf8" }).stdout;
  return Object.fromEntries(text.split("\n").flatMap((line) => (/^(ERP_\w+|PGDATA_DIR)=/.test(line) ? [[line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1).replace(/^'|'$/g, "")] as const] : [])));
}

function startErp(): void {
  for (let tries = 0; ; tries++) {
    const { status, stderr } = spawnSync("bash", [join(erp, "start.sh")], { encoding: "utf8", timeout: 900_000 });
    if (status === 0) return;
    if (tries === 3) throw new Error(`start.sh ended with ${status}: ${stderr.slice(-500)}`);
    spawnSync("sleep", ["2"]);
  }
}

/** kill -9, Tryton's and LedgerSMB's servers with all their processes, and the database of both. */
function killErp(): void {
  const run = join(settings.ERP_HOME ?? "", "run");
  spawnSync("bash", ["-c", `for p in tryton lsmb; do pid=$(cat ${run}/$p.pid 2>/dev/null) && kill -9 -- -$pid 2>/dev/null; rm -f ${run}/$p.pid; done; kill -9 $(head -1 ${settings.PGDATA_DIR}/postmaster.pid); sleep 1; rm -f ${settings.PGDATA_DIR}/postmaster.pid`]);
}

/** Business in Tryton. With `must`, it has to end well; where the server is killed under it, it cannot. */
function seed(flows: number, number: number, must = true): Promise<void> {
  const child = spawn("/usr/bin/python3", [join(erp, "seed_tryton.py"), "-n", String(flows), "--seed", String(number)], { cwd: erp, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  if (!must) setTimeout(() => child.kill("SIGKILL"), 20_000).unref();
  return new Promise((done, fail) => child.on("close", (code) => (code === 0 || !must ? done() : fail(new Error(`seed_tryton.py ended with ${code}: ${errors.slice(-500)}`)))));
}

function trytonDb(): pg.ClientConfig {
  return { host: "127.0.0.1", port: Number(settings.ERP_PG_PORT), database: settings.ERP_TRYTON_DB ?? "", user: settings.ERP_PG_ADMIN ?? "", password: settings.ERP_PG_PASSWORD ?? "" };
}

// ---- Tieout ----------------------------------------------------------------------------------------------------------

async function defineFlows(): Promise<void> {
  const { host, port: dbPort, database, user, password } = trytonDb();
  await writeFile(join(folder, "password"), String(password), { mode: 0o600 });
  await tieout(["flow", "secret", "set", "erp-db", "--book", BOOK, "--file", join(folder, "password")]);
  await writeFile(join(folder, "in.yaml"), `flow: tryton\nbook: ${BOOK}\nfrom:\n  connector: tryton-replication\n  host: ${host}\n  port: ${dbPort}\n  database: ${database}\n  user: ${user}\n  password: { secret: erp-db }\n  slot: tieout_real_${process.pid}\n  publication: tieout_real\n`);
  await writeFile(join(folder, "out.yaml"), [
    `flow: ${flowOut}`, `book: ${BOOK}`, "to:", "  connector: ledgersmb", `  url: postgres://${user}@${host}:${dbPort}/${settings.ERP_LSMB_DB}`, "  password: { secret: erp-db }",
    "  createAccounts: { \"1\": A, \"2\": L, \"4\": Q, \"5\": E, \"60\": I, \"61\": I, \"63\": I, \"64\": E, \"66\": E, \"67\": E, \"68\": E }", "deliver: vouchers", "mode: atOnce", "accounts: { \"*\": same }", "dimensions: { counterparty: false, item: false, department: false, bankAccount: false, warehouse: false }", "readBack: true", ""].join("\n"));
  await tieout(["flow", "apply", join(folder, "in.yaml"), join(folder, "out.yaml")]);
  for (const flow of ["tryton", flowOut]) await tieout(["flow", "check", flow, "--book", BOOK]);
}

async function serve(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [tieoutFile, "serve", "--no-demo"], { cwd: folder, env: environment, stdio: "ignore" });
  for (let tries = 0; tries < 1_800; tries++) {
    await sleep(100);
    if (await fetch(`http://127.0.0.1:${port}/health/ready`).then((answer) => answer.ok, () => false)) return child;
  }
  child.kill("SIGTERM");
  throw new Error("tieout serve did not answer");
}

async function killTieout(withDatabase: boolean): Promise<void> {
  server?.kill("SIGKILL");
  if (withDatabase) {
    const pid = Number((await readFile(join(folder, "postgres", "postmaster.pid"), "utf8").catch(() => "")).split("\n")[0]);
    if (pid > 0) process.kill(pid, "SIGKILL");
  }
  note(`killed Tieout${withDatabase ? " and its database" : ""}`);
}

async function tieout(words: readonly string[], fine: readonly number[] = [0]): Promise<string> {
  const child = spawn(process.execPath, [tieoutFile, ...words], { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let output = "", errors = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  const code = await new Promise<number>((done, fail) => child.on("error", fail).on("close", (exit) => done(exit ?? 70)));
  if (!fine.includes(code)) throw new Error(`tieout ${words.join(" ")} ended with ${code}: ${errors || output}`);
  return output;
}

/** The store itself, for figures that no command gives. */
async function ours<T extends object>(text: string, parameters: readonly unknown[] = []): Promise<T[]> {
  const password = (await readFile(join(folder, "postgres.password"), "utf8")).trim();
  const dbPort = (await readFile(join(folder, "postgres.port"), "utf8")).trim();
  const client = new pg.Client({ host: "127.0.0.1", port: Number(dbPort), user: "postgres", password, database: "tieout" });
  await client.connect();
  try {
    return (await client.query<T>(text, [...parameters])).rows;
  } finally {
    await client.end();
  }
}

async function theirs<T extends object>(database: string, text: string, parameters: readonly unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ ...trytonDb(), database });
  await client.connect();
  try {
    return (await client.query<T>(text, [...parameters])).rows;
  } finally {
    await client.end();
  }
}

/** Nothing lands, waits to be processed or to be delivered any more, and the log of the source has been read to its end. */
async function settled(): Promise<void> {
  let before = "";
  for (let same = 0, tries = 0; same < 4; tries++) {
    if (tries > 240) throw new Error(`it does not settle: ${before}`);
    await sleep(1_000);
    const [row] = await ours<{ now: string }>(`select concat_ws(' ', (select count(*) from connectors.inbox), (select count(*) from connectors.inbox where state in ('landed', 'draft')), (select count(*) from vouchers.voucher),
      (select count(*) from delivery.delivery where state = 'confirmed'), (select string_agg(state || '=' || n, ',') from (select state, count(*) n from delivery.delivery where state <> 'confirmed' group by 1) s)) as now`).catch(() => []);
    const now = row?.now ?? `away ${tries}`;
    const [, open, vouchers, confirmed] = now.split(" ");
    same = now === before && open === "0" && vouchers === confirmed ? same + 1 : 0;
    before = now;
  }
}

// ---- what came of it -------------------------------------------------------------------------------------------------

/** Milliseconds from the commit in Tryton, as its log states it, of every record that changed a document. All clocks are this machine's. */
async function measure(from: string) {
  const documents = await ours<{ ms: string }>(`select extract(epoch from i.settled_at - i.happened_at) * 1000 as ms from connectors.inbox i
    where i.happened_at >= $1 and i.state = 'done' and exists (select from connectors.produced p where p.book_id = i.book_id and p.flow = i.flow and p.seq = i.seq)`, [from]);
  // A voucher's document was made by the newest record before it.
  const vouchers = await ours<{ reference: string; happened: string }>(`select d.reference, (select max(i.happened_at) from connectors.produced p join connectors.inbox i on i.book_id = p.book_id and i.flow = p.flow and i.seq = p.seq
      where p.book_id = v.book_id and p.document = x.source || ':' || x.kind || '/' || x.source_id and i.happened_at <= v.posted_at::timestamptz)::text as happened
    from delivery.delivery d join vouchers.voucher v on v.book_id = d.book_id and v.voucher_id = d.voucher_id join lateral (select source, kind, source_id from documents.document x where x.book_id = v.book_id and x.document_id = v.document_id limit 1) x on true
    where v.posted_at::timestamptz >= $1`, [from]);
  const approved = new Map((await theirs<{ reference: string; at: string }>(settings.ERP_LSMB_DB ?? "", "select g.reference, t.approved_at::text as at from gl g join transactions t on t.id = g.id where g.reference like 'TO-%'")).map(({ reference, at }) => [reference, at]));
  const ends = await ours<{ reference: string; at: string }>("select d.reference, max(a.ended_at)::text as at from delivery.delivery d join delivery.attempt a on a.book_id = d.book_id and a.delivery_no = d.delivery_no and a.act = 'send' group by 1");
  const sent = new Map(ends.map(({ reference, at }) => [reference, at]));
  const waits = vouchers.flatMap(({ reference, happened }) => {
    const end = sent.get(reference);
    return happened && end && approved.has(reference) ? [systemMs(end) - systemMs(happened)] : [];
  });
  return { documents: spread(documents.map(({ ms }) => Number(ms))), vouchersApprovedInLedgerSMB: spread(waits) };
}

function systemMs(moment: string): number {
  return Date.parse(moment.replace(" ", "T").replace(/\+00$/, "Z"));
}

function spread(all: readonly number[]) {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (share: number): number => Math.trunc(sorted[Math.min(sorted.length - 1, Math.trunc(sorted.length * share))] ?? 0);
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

async function compare(today: string) {
  const vouchers = await ours<{ reference: string | null; state: string | null; lines: string; date: string }>(`select d.reference, d.state, v.date::text as date,
      (select string_agg(account || '=' || amount, ' ' order by account, amount) from (select account, (credit - debit)::text as amount from vouchers.line l where l.book_id = v.book_id and l.period = v.period and l.voucher_id = v.voucher_id) s) as lines
    from vouchers.voucher v left join delivery.delivery d on d.book_id = v.book_id and d.voucher_id = v.voucher_id and d.purpose = 'voucher' and d.state <> 'replaced' order by v.voucher_id`);
  const stand = new Map<string, { lines: string; approved: boolean; date: string }[]>();
  for (const row of await theirs<{ reference: string; approved: boolean; lines: string; date: string }>(settings.ERP_LSMB_DB ?? "", `select g.reference, g.approved, g.transdate::text as date,
      (select string_agg(accno || '=' || amount, ' ' order by accno collate "C", amount collate "C") from (select c.accno, (round(l.amount * 100))::bigint::text as amount from acc_trans l join account c on c.id = l.chart_id where l.trans_id = g.id) s) as lines
    from gl g where g.reference = any($1)`, [vouchers.map(({ reference }) => reference)])) stand.set(row.reference, [...(stand.get(row.reference) ?? []), row]);
  const wanted = (lines: string): string => lines.split(" ").sort().join(" ");
  const faults = { undelivered: 0, missing: 0, several: 0, unapproved: 0, unequal: 0 };
  const seen = new Set<string>();
  for (const { reference, state, lines, date } of vouchers) {
    if (reference === null || state !== "confirmed") {
      faults.undelivered++;
      continue;
    }
    seen.add(reference);
    const [first, ...more] = stand.get(reference) ?? [];
    if (!first) faults.missing++;
    else if (more.length > 0) faults.several++;
    else if (!first.approved) faults.unapproved++;
    else if (wanted(first.lines) !== wanted(lines) || first.date !== date) faults.unequal++;
  }
  const inbox = await ours<{ state: string; n: string }>("select state, count(*) as n from connectors.inbox group by 1 order by 1");
  const states = await ours<{ state: string; n: string }>("select state, count(*) as n from documents.document where state <> 'superseded' group by 1 order by 1");
  const letters = await ours<{ n: string }>("select count(*) as n from connectors.dead_letter where status = 'open'");
  const verified = JSON.parse(await tieout(["verify", "--book", BOOK, "--json"], [0, 1])) as { readonly isWhole: boolean };
  const from = `${today.slice(0, 4)}-01`;
  const balances = JSON.parse(await tieout(["balances", "--book", BOOK, "--from", from, "--to", today.slice(0, 7), "--json"])) as BalanceRow[];
  const stock = JSON.parse(await tieout(["stock", "--book", BOOK, "--json"])) as StockRow[];
  const books = await readTrytonBooks({ url: `http://127.0.0.1:${settings.ERP_TRYTON_PORT}/${settings.ERP_TRYTON_DB}/`, user: "admin", password: settings.ERP_TRYTON_PASSWORD ?? "" });
  const comparison = compareBooks(books, balances, stock);
  const there = await theirs<{ accno: string; amount: string }>(settings.ERP_LSMB_DB ?? "", "select c.accno, (round(-sum(l.amount) * 100))::bigint::text as amount from gl g join acc_trans l on l.trans_id = g.id join account c on c.id = l.chart_id where g.approved and g.reference = any($1) group by 1", [[...seen]]);
  const inLedgersmb = (accounts: readonly string[], side: "debit" | "credit"): string =>
    formatMoney(there.filter(({ accno }) => accounts.some((above) => accno === above || accno.startsWith(`${above}.`))).reduce((sum, { amount }) => sum + BigInt(amount), 0n) * (side === "debit" ? 1n : -1n), books.currency);
  const figures = comparison.figures.map(({ figure, tryton, tieout: own, difference, unexplained }) => ({ figure: figure.en, tryton, tieout: own, ledgersmb: inLedgersmb(figure.tieout, figure.side), difference, unexplained }));
  const isExact = figures.every(({ tieout: own, ledgersmb }) => own === ledgersmb) && Object.values(faults).every((count) => count === 0) && vouchers.length > 0 && verified.isWhole && comparison.isExplained && letters[0]?.n === "0";
  return { isExact, result: { vouchers: vouchers.length, inLedgerSMB: seen.size, faults, inbox: Object.fromEntries(inbox.map(({ state, n }) => [state, Number(n)])), documents: Object.fromEntries(states.map(({ state, n }) => [state, Number(n)])), openDeadLetters: Number(letters[0]?.n ?? 0), isWhole: verified.isWhole, isExplained: comparison.isExplained, figures } };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return free;
}
