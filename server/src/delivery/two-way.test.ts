/** Out and back: a voucher goes to LedgerSMB, finance enters the receipt there, and it returns as a document on the same invoice. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { createBook } from "../books/index.ts";
import { postgresSource } from "../connectors/database/index.ts";
import { readSource } from "../connectors/acceptance.ts";
import { compileMapping, lookupsOf, readDocument, readMappingText } from "../documents/index.ts";
import { type Ctx, registerRefusals, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { postPlainly } from "../vouchers/testing.ts";
import { deliveryCounts, type DeliveryFlow, deliverOnce, listDeliveries, refusals, targets } from "./index.ts";
import { openLedgersmbStandIn } from "./targets/stand-ins/ledgersmb.ts";

const store = await testStore();
const system = await openLedgersmbStandIn();
after(async () => {
  await system.close();
  await store.close();
});
registerRefusals([refusals]);
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: systemClock, log: silentLog };

test("what finance records in LedgerSMB returns as a document on the invoice it settles; our own vouchers do not return, and it is not sent back", async () => {
  const book = await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
  await postPlainly(ctx, book, [{ document: "tryton:salesInvoice/12", date: "2026-03-10", lines: [{ account: "1122.01", debit: 113_000n, dimensions: { counterparty: "C01" } }, { account: "6001", credit: 113_000n, dimensions: { item: "PUMP" } }] }]);
  const flow: DeliveryFlow = { flow: "gl", book: "B1", deliver: "vouchers", to: { connector: "ledgersmb", url: system.clerkUrl }, where: { notFrom: ["ledgersmbGl"] }, accounts: { "1122.01": "1122", 1002: "1002", 6001: "6001" } };
  assert.equal((await deliverOnce(ctx, flow, { targets })).confirmed, 1);
  const [delivered] = await listDeliveries(ctx, book);

  await system.owner.exec(`
    insert into gl (id, reference, description, transdate, approved) values (9000, 'BANK-7', '收 C01', '2026-03-20', false);
    insert into acc_trans (trans_id, chart_id, amount, transdate, source, memo) values
      (9000, (select id from account where accno = '1002'), -1130, '2026-03-20', null, null),
      (9000, (select id from account where accno = '1122'), 1130, '2026-03-20', 'C01', '${delivered?.reference}')`);
  const { hostname, port, username, password, pathname } = new URL(system.clerkUrl);
  const query = (await readFile(new URL("../../../packs/mappings/ledgersmb-returns.sql", import.meta.url), "utf8")).replace(/^--.*$/gm, "");
  const read = async () => (await readSource(postgresSource, { host: hostname, port: Number(port), user: username, password, database: pathname.slice(1), streams: { returned: { query, key: ["id"] } } }, new Map(), { ctx, quietMs: 100, acks: true })).records;
  assert.deepEqual(await read(), [], "a draft is not recorded yet");
  await system.owner.exec("select draft_approve(9000)");
  const [record, ...others] = await read();
  assert.deepEqual(others, []);

  const { text, files } = await readMappingText("ledgersmb-returns");
  const { documents, problems } = compileMapping(text, files).map({ stream: "returned", key: record?.key ?? "", op: "r", row: record?.row ?? {}, before: null }, lookupsOf(undefined));
  assert.deepEqual(problems, []);
  const [receipt] = documents as [Readonly<Record<string, unknown>>];
  assert.deepEqual([receipt.schema, receipt.customer, receipt.bankAccount, receipt.amount, receipt.links], ["tieout/cashReceipt@1", "C01", "1002", "1130.00", [{ to: "tryton:salesInvoice/12", amount: "1130.00" }]]);
  assert.equal(readDocument({ ...receipt, book: "B1" }, "B1", "CNY").problems, undefined);

  await postPlainly(ctx, book, [{ document: `ledgersmbGl:cashReceipt/${String(receipt.sourceId)}`, date: "2026-03-20", lines: [{ account: "1002", debit: 113_000n, dimensions: { bankAccount: "1002" } }, { account: "1122.01", credit: 113_000n, dimensions: { counterparty: "C01" } }] }]);
  await deliverOnce(ctx, flow, { targets });
  const { leftOut, confirmed } = await deliveryCounts(store, book, "gl");
  assert.deepEqual({ leftOut, confirmed }, { leftOut: 1, confirmed: 1 });
  assert.deepEqual(await system.owner.query("select sum(amount) = 0 as settled from acc_trans where chart_id = (select id from account where accno = '1122')"), [{ settled: true }]);
});
