/**
 * The flows that can be run, as a colleague would use them: each definition is applied to a fresh book and refused nowhere, each mapping of
 * its own passes its golden tests, and those that need no foreign server run from their source to posted documents.
 */
import assert from "node:assert/strict";
import { glob, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkFlow, runOnce, type RanOnce } from "../server/src/app/flows/act.ts";
import { applyFlow, mappingOf } from "../server/src/app/flows/apply.ts";
import { listLetters } from "../server/src/app/flows/letters.ts";
import { receiveCall } from "../server/src/app/flows/receive.ts";
import { registerAll } from "../server/src/app/registry.ts";
import { type Book, createBook, loadBook } from "../server/src/books/index.ts";
import { parseFlow, secretNames, setSecret } from "../server/src/connectors/index.ts";
import { compileMapping, goldenPathOf, readDocument, readGolden, readMappingText, testMapping } from "../server/src/documents/index.ts";
import { masterKindOf, readMaster } from "../server/src/masterdata/index.ts";
import { type Ctx, silentLog, systemClock } from "../server/src/platform/index.ts";
import { testStore } from "../server/src/platform/testing.ts";
import { startCrm } from "./flows/crm/serve.ts";
import { signedEvent } from "./flows/webhook/send.ts";
import { makeWms } from "./flows/wms/make.ts";

registerAll();
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "examples/flows");
const db = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-examples-"));
const ctx: Ctx = { db, actor: { id: "chen" }, now: systemClock, log: silentLog, dataDir };
let book: Book;
before(async () => {
  await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
  book = await loadBook(db, "B1");
});
after(async () => {
  await db.close();
  await rm(dataDir, { recursive: true });
});

/** With this machine's places in place of those of the example. */
const yamlOf = async (file: string, places: Readonly<Record<string, string>> = {}): Promise<string> =>
  Object.entries({ "examples/flows": folder, ...places }).reduce((text, [written, here]) => text.replaceAll(written, here), await readFile(join(folder, file), "utf8"));

async function run(file: string, places: Readonly<Record<string, string>> = {}): Promise<RanOnce> {
  const yaml = await yamlOf(file, places);
  const { flow } = await applyFlow(ctx, { yaml, folder: dirname(join(folder, file)) });
  const ran = await runOnce(ctx, book, flow);
  assert.equal(ran.problem, null);
  return ran;
}

async function countsOf({ flow, view }: RanOnce): Promise<unknown> {
  const { received, posted, ignored, waiting } = view.counts;
  return { received, posted, ignored, waiting, letters: (await listLetters(ctx, book, { flow })).map(({ key, problems }) => `${key} ${problems.map(({ en }) => en).join("; ")}`) };
}
const documents = async (source: string): Promise<readonly string[]> => (await db.query<{ shown: string }>("select kind || ' ' || source_id || ' ' || state as shown from documents.document where source = $1 order by source_id", [source])).map(({ shown }) => shown);

const flowFiles: string[] = [];
for await (const file of glob("*/*.yaml", { cwd: folder })) if (!/\.(mapping|golden)\.yaml$/.test(file)) flowFiles.push(file);

test("every flow of the examples is taken as it is written", async () => {
  assert.ok(flowFiles.length >= 16);
  for (const file of flowFiles.sort()) {
    const text = await yamlOf(file);
    const definition = parseFlow(text);
    for (const name of secretNames((definition.out ?? definition.config) as never)) await setSecret(ctx, book.bookId, name, "a-secret-that-is-long-enough");
    const applied = await applyFlow(ctx, { yaml: text, folder: dirname(join(folder, file)) });
    assert.deepEqual([applied.flow, applied.isNew], [definition.flow, true], file);
  }
});

test("a check says what is wrong on the way, and finds nothing wrong in a definition", async () => {
  for (const file of flowFiles) {
    const definition = parseFlow(await yamlOf(file, { "/tmp/tieout-v800": join(dataDir, "v800"), "/tmp/tieout-finance.db": join(dataDir, "none.db"), "/tmp/tieout-wms.db": join(dataDir, "no-wms.db"), "https://erp.example.com": "http://127.0.0.1:1", "http://127.0.0.1:8000": "http://127.0.0.1:1" }));
    if (["to-u8", "to-sqlite"].includes(definition.flow)) continue; // one is far away, the other makes its file
    await mkdir(join(dataDir, "v800"), { recursive: true });
    const { failures } = await checkFlow(ctx, book, definition, await mappingOf(definition, dirname(join(folder, file))));
    // `config` is left for a file that is not made yet, never for the definition.
    assert.deepEqual(failures.filter(({ failure, problem }) => failure === "config" && /^(flow|mapping|target|field|delivery)\./.test(problem.code)), [], file);
  }
});

test("the mappings that stand beside the flows pass their golden tests", async () => {
  let count = 0;
  for await (const file of glob("*/*.mapping.yaml", { cwd: folder })) {
    const { text, files, path } = await readMappingText(join(folder, file));
    const results = testMapping(compileMapping(text, files), readGolden(await readFile(goldenPathOf(path), "utf8")), (document) => {
      const master = masterKindOf(document);
      return (master ? readMaster(document, master) : readDocument(document, "", "CNY")).problems ?? [];
    });
    for (const { title, differences } of results) assert.deepEqual(differences, [], `${file}: ${title}`);
    count += results.length;
  }
  assert.ok(count >= 7);
});

test("company: documents in the standard form need no mapping", async () => {
  assert.deepEqual(await countsOf(await run("company/flow.yaml")), { received: 12, posted: 12, ignored: 0, waiting: 0, letters: [] });
});

test("crm: won opportunities over REST are sales orders, and only what changed comes again", async (t) => {
  const crm = await startCrm(0, "crm-token");
  t.after(crm.close);
  await setSecret(ctx, book.bookId, "CRM_TOKEN", "crm-token");
  const places = { "http://127.0.0.1:8801/api": crm.url };
  assert.deepEqual(await countsOf(await run("crm/flow.yaml", places)), { received: 5, posted: 4, ignored: 1, waiting: 0, letters: [] });
  assert.deepEqual(await documents("crm"), ["salesOrder OP-1 exempt", "salesOrder OP-3 exempt"]);
  assert.equal((await run("crm/flow.yaml", places)).view.counts.received, 5);
});

test("wms: receipts, shipments, returns and counts of a database are posted with their lines", async () => {
  const file = join(dataDir, "wms.db");
  makeWms(file);
  const places = { "/tmp/tieout-wms.db": file };
  assert.deepEqual(await countsOf(await run("wms/flow.yaml", places)), { received: 7, posted: 4, ignored: 3, waiting: 0, letters: [] });
  assert.deepEqual(await documents("wms"), ["goodsReceipt GR-1 posted", "stockCount SC-1 posted", "shipment SH-1 posted", "shipmentReturn SR-1 posted"]);

  const database = new DatabaseSync(file);
  database.exec("update receipt set status = 'CLOSED', received_at = '2026-03-12 09:00:00', row_version = 8 where receipt_no = 'GR-2'");
  database.close();
  await run("wms/flow.yaml", places);
  assert.ok((await documents("wms")).includes("goodsReceipt GR-2 posted"));
});

test("csv: the rows of one order are one order", async () => {
  assert.deepEqual(await countsOf(await run("csv-folder/flow.yaml")), { received: 3, posted: 2, ignored: 1, waiting: 0, letters: [] });
  assert.deepEqual(await documents("excel"), ["salesOrder SO-1 exempt", "salesOrder SO-2 exempt"]);
});

test("e-invoices: an invoice and the red one that takes it back are posted", async () => {
  assert.deepEqual(await countsOf(await run("einvoice-folder/flow.yaml")), { received: 2, posted: 2, ignored: 0, waiting: 0, letters: [] });
});

test("bank: fees are posted; a movement that nobody has explained waits for a person", async () => {
  const { view: camt } = await run("bank/camt053.yaml");
  const { view: icbc } = await run("bank/icbc.yaml");
  assert.deepEqual([camt.counts.received, icbc.counts.received], [1, 3]);
  assert.deepEqual(await documents("bank"), ["bankStatementLine 32001000000000000001|AS0001 parked", "bankStatementLine 32001000000000000001|AS0002 posted"]);
  assert.deepEqual((await documents("icbc")).map((shown) => shown.split(" ").at(-1)), ["parked", "parked", "posted"]);
});

test("webhook: a signed event is answered after it was kept, and becomes a receipt", async () => {
  const secret = "a-secret-that-is-long-enough";
  await applyFlow(ctx, { yaml: await yamlOf("webhook/flow.yaml"), folder: join(folder, "webhook") });
  const call = (from: ReturnType<typeof signedEvent>) => receiveCall(ctx, book, "pay", { method: "POST", path: "", query: {}, headers: from.headers, body: Buffer.from(from.body) });
  const event = signedEvent(secret, "evt_1", { id: "p_1", customer: "C01", amountFen: 113_005, currency: "CNY", paidAt: "2026-03-05T23:30:00+08:00", status: "succeeded", seq: 1 });
  assert.equal((await call(event)).status, 202);
  assert.equal((await call(event)).status, 202); // taken once
  await assert.rejects(call(signedEvent("another secret", "evt_2", { id: "p_2" })), { code: "webhook.forged" });
  assert.deepEqual(await countsOf(await runOnce(ctx, book, "pay")), { received: 1, posted: 1, ignored: 0, waiting: 0, letters: [] });
  assert.deepEqual(await documents("pay"), ["cashReceipt p_1 posted"]);
});

test("the vouchers of all this are delivered to a database once, however often the flow runs", async () => {
  const file = join(dataDir, "finance.db");
  const [{ n: posted } = { n: 0n }] = await db.query<{ n: bigint }>("select count(*) as n from vouchers.voucher where book_id = $1", [book.bookId]);
  assert.ok(posted >= 6n);
  for (let pass = 0; pass < 2; pass += 1) {
    await run("deliver/sqlite.yaml", { "/tmp/tieout-finance.db": file });
    const finance = new DatabaseSync(file, { readOnly: true });
    assert.deepEqual({ ...finance.prepare("select count(*) as n, count(distinct reference) as own from tieout_voucher").get() }, { n: Number(posted), own: Number(posted) });
    finance.close();
  }
});
