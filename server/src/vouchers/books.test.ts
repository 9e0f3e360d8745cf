import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createBook } from "../books/index.ts";
import { type Ctx, fixedClock, Refusal, silentLog } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import {
  checkStock, clearOpenItems, closePeriod, dimensionsInUse, listDrafts, postDocuments, readBalances, readBalancesBy, readClearings, readCloseBoard, readLedgerLines, readLedgerPage, readMonthEndRuns, readOpenParties, readPartyItems, readStatement, readStatementRow, readTraceGraph, reopenPeriod,
  reviewDraft, sumBalancesBy,
} from "./index.ts";

const store = await testStore();
after(() => store.close());
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: fixedClock("2026-05-10T08:00:00Z"), log: silentLog };
const book = await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03", settings: { costing: "fifo" } });
const refused = (code: string) => (error: unknown): boolean => error instanceof Refusal && error.code === code;
const cents = (text: string): bigint => BigInt(text.replace(".", ""));
const sum = (texts: readonly (string | null | undefined)[]): bigint => texts.reduce((total, text) => total + cents(text ?? "0.00"), 0n);

const line = (more: object) => ({ lineId: "1", item: "PUMP", ...more });
const sale = (n: number, date: string, customer: string, quantity: string) => [
  { schema: "tieout/salesOrder@1", source: "crm", sourceId: `SO-${n}`, date, customer, salesperson: "E07", lines: [line({ quantity, price: "20.00", taxRate: "0.13" })] },
  { schema: "tieout/shipment@1", source: "wms", sourceId: `SH-${n}`, date, customer, warehouse: "W1", lines: [line({ quantity, links: [{ to: `crm:salesOrder/SO-${n}/1` }] })] },
  { schema: "tieout/salesInvoice@1", source: "erp", sourceId: `SI-${n}`, date, customer, salesperson: "E07", dueDate: `${date.slice(0, 7)}-28`, lines: [line({ quantity, price: "20.00", taxRate: "0.13", links: [{ to: `wms:shipment/SH-${n}/1` }] })] },
];
const { summary } = await postDocuments(ctx, "B1", [
  { schema: "tieout/item@1", source: "erp", sourceId: "PUMP", name: { zh: "水泵" }, category: "finishedGoods" }, { schema: "tieout/supplier@1", source: "erp", sourceId: "S01", name: { zh: "宝钢股份" } }, { schema: "tieout/employee@1", source: "hr", sourceId: "E07", name: { zh: "何俊" } },
  { schema: "tieout/customer@1", source: "erp", sourceId: "C01", name: { zh: "客户一" } }, { schema: "tieout/customer@1", source: "erp", sourceId: "C02", name: { zh: "客户二" } }, { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", currency: "CNY" },
  { schema: "tieout/openingBalance@1", source: "fin", sourceId: "OB", date: "2026-02-28", lines: [
    { lineId: "1", account: "1002", debit: "5000.00", bankAccount: "BA1" }, { lineId: "2", account: "1122.01", debit: "300.00", counterparty: "C01", document: "salesInvoice/OLD-1", date: "2026-01-10", dueDate: "2026-02-10" }, { lineId: "3", account: "4001", credit: "5300.00" }] },
  { schema: "tieout/goodsReceipt@1", source: "wms", sourceId: "GR-1", date: "2026-03-02", supplier: "S01", warehouse: "W1", lines: [line({ quantity: "200", price: "10.00" })] },
  ...sale(1, "2026-03-10", "C01", "30"), ...sale(2, "2026-03-12", "C02", "10"), ...sale(3, "2026-04-08", "C01", "20"),
  { schema: "tieout/shipmentReturn@1", source: "wms", sourceId: "SR-3", date: "2026-04-10", customer: "C01", warehouse: "W1", lines: [line({ quantity: "5", links: [{ to: "wms:shipment/SH-3/1" }] })] },
  { schema: "tieout/salesOrder@1", source: "crm", sourceId: "SO-4", date: "2026-04-12", customer: "C02", salesperson: "E07", lines: [line({ quantity: "40", price: "20.00", taxRate: "0.13" })] },
  { schema: "tieout/shipment@1", source: "wms", sourceId: "SH-4", date: "2026-04-13", customer: "C02", warehouse: "W1", lines: [line({ quantity: "25", links: [{ to: "crm:salesOrder/SO-4/1" }] })] },
  { schema: "tieout/cashReceipt@1", source: "fin", sourceId: "CR-1", date: "2026-04-20", customer: "C01", bankAccount: "BA1", amount: "900.00" },
  { schema: "tieout/cashReceipt@1", source: "fin", sourceId: "CR-2", date: "2026-04-21", customer: "C02", bankAccount: "BA1", amount: "226.00", links: [{ to: "erp:salesInvoice/SI-2", amount: "226.00" }] },
]);
assert.deepEqual([summary.refused, summary.waiting, summary.parked], [0, 0, 0]);

test("balances added up in the database are those added up line by line", async () => {
  const whole = await readBalances(ctx, book, { from: "2026-03", to: "2026-04", by: "dimension" });
  const accounts = await readBalances(ctx, book, { from: "2026-03", to: "2026-04", by: "account" });
  for (const row of accounts) assert.equal(sum(whole.filter(({ account }) => account === row.account).map(({ debit }) => debit)), cents(row.debit), row.account);
  const tree = await readBalances(ctx, book, { from: "2026-03", to: "2026-04", by: "tree", dimensions: { counterparty: "C01" } });
  assert.deepEqual(tree.find(({ account }) => account === "1122")?.debit, tree.find(({ account }) => account === "1122.01")?.debit);
});

test("balances by a dimension are paged, named, and add up to their total", async () => {
  assert.deepEqual((await dimensionsInUse(ctx, book)).toSorted().slice(0, 2), ["bankAccount", "counterparty"]);
  const filter = { dimension: "counterparty", from: "2026-03", to: "2026-04", account: "1122.01" };
  const first = await readBalancesBy(ctx, book, { ...filter, limit: 1 });
  const second = await readBalancesBy(ctx, book, { ...filter, limit: 1, after: first[0]?.cursor });
  assert.deepEqual([...first, ...second].map(({ value, name, openingDebit, debit, credit, closingDebit, closingCredit }) => [value, name, openingDebit, debit, credit, closingDebit, closingCredit]), [["C01", "客户一", "300.00", "1130.00", "900.00", "530.00", "0.00"], ["C02", "客户二", "0.00", "226.00", "226.00", "0.00", "0.00"]]);
  const total = await sumBalancesBy(ctx, book, filter);
  assert.deepEqual([total.values, total.openingDebit, total.debit, total.credit, total.closingDebit], [2, "300.00", "1356.00", "1126.00", "530.00"]);
  assert.deepEqual((await readBalancesBy(ctx, book, { ...filter, text: "客户二" })).map(({ value }) => value), ["C02"]);
  const perAccount = await readBalancesBy(ctx, book, { dimension: "counterparty", value: "S01", from: "2026-03", to: "2026-04", perAccount: true });
  assert.deepEqual(perAccount.map(({ account, closingCredit }) => [account, closingCredit]), [["2202.02", "2000.00"]]);
  await assert.rejects(readBalancesBy(ctx, book, { dimension: "counterparty", account: "9999" }), refused("account.unknown"));
});

test("a ledger read in pages of any size is the ledger read at once, with totals of the month and the year", async () => {
  const filter = { account: "1122.01", from: "2026-03", to: "2026-04" };
  const whole = await readLedgerPage(ctx, book, filter, { limit: 1_000 });
  assert.equal(whole.cursor, null);
  for (const limit of [1, 2, 3]) {
    const entries: unknown[] = [];
    for (let after: string | undefined; ;) {
      const page = await readLedgerPage(ctx, book, filter, { limit, after });
      entries.push(...page.entries);
      if (page.cursor === null) break;
      after = page.cursor;
    }
    assert.deepEqual(entries, whole.entries, `pages of ${limit}`);
  }
  const lines = await readLedgerLines(ctx, book, filter);
  assert.deepEqual(whole.entries.flatMap((entry) => (entry.entry === "line" ? [[entry.voucher, entry.debit, entry.credit, entry.balance]] : [])), lines.map(({ voucher, debit, credit, balance }) => [voucher, debit, credit, balance]));
  assert.deepEqual(whole.entries.filter(({ entry }) => entry !== "line").map(({ entry, period, debit, credit, balance, balanceSide }) => [entry, period, debit, credit, balance, balanceSide]), [
    ["opening", "2026-03", "0.00", "0.00", "300.00", "debit"], ["month", "2026-03", "904.00", "0.00", "1204.00", "debit"], ["year", "2026-03", "904.00", "0.00", "1204.00", "debit"],
    ["month", "2026-04", "452.00", "1126.00", "530.00", "debit"], ["year", "2026-04", "1356.00", "1126.00", "530.00", "debit"],
  ]);
  const april = await readLedgerPage(ctx, book, { account: "1122.01", period: "2026-04" });
  assert.deepEqual(april.entries.at(-1), whole.entries.at(-1));
  await assert.rejects(readLedgerPage(ctx, book, filter, { after: "page 2" }), refused("ledger.cursor"));
});

test("each row of a statement is the sum of the rows and accounts behind it, in both columns", async () => {
  for (const kind of ["balance-sheet", "income", "cash-flow"]) {
    const { rows } = await readStatement(ctx, book, kind, { from: "2026-03", to: "2026-04" });
    for (const { id, amount, comparative } of rows.filter((row) => /[1-9]/.test(`${row.amount ?? ""}${row.comparative ?? ""}`))) {
      const parts = await readStatementRow(ctx, book, kind, id, { from: "2026-03", to: "2026-04" });
      assert.deepEqual([parts.amount, parts.comparative], [amount, comparative], id);
      if (kind === "cash-flow" && parts.rows.length + parts.accounts.length === 0) continue; // the cash of the beginning
      for (const column of ["amount", "comparative"] as const) {
        const made = parts.rows.reduce((total, row) => total + (row.sign === "+" ? 1n : -1n) * cents(row[column] ?? "0.00"), 0n) + sum(parts.accounts.map((account) => account[column]));
        assert.equal(made, cents(parts[column] ?? "0.00"), `${kind} ${id} ${column}`);
      }
    }
  }
  const receivable = await readStatementRow(ctx, book, "balance-sheet", "accountsReceivable", { period: "2026-04" });
  const [ledger] = (await readBalances(ctx, book, { to: "2026-04", account: "1122", by: "account" })).filter(({ account }) => account === "1122.01");
  assert.deepEqual(receivable.accounts.map(({ account, balance }) => [account, balance]), [["1122.01", ledger?.closingDebit]]);
  await assert.rejects(readStatementRow(ctx, book, "income", "no-such-row"), refused("statement.no_row"));
});

test("parties are listed by what they owe, with money that has not cleared anything beside it", async () => {
  const parties = await readOpenParties(ctx, book, { kind: "customer", at: "2026-05-10" });
  assert.deepEqual(parties.map(({ party, name, total, overdue, against, net, oldest, buckets }) => [party, name, total, overdue, against, net, oldest, buckets.days30, buckets.days60, buckets.days90]), [
    ["C01", "客户一", "1430.00", "1430.00", "900.00", "530.00", "2026-02-10", "452.00", "678.00", "300.00"],
  ]);
  assert.deepEqual((await readOpenParties(ctx, book, { kind: "supplier", at: "2026-05-10" })).map(({ party }) => party), []);
});

test("money is set against what it pays, oldest first, by a settlement that posts to the items' own accounts", async () => {
  const items = await readPartyItems(ctx, book, { party: "C01", kind: "customer", at: "2026-05-10" });
  assert.deepEqual(items.map(({ link, original, open, isAgainst, clears, ageDays, ownerName }) => [link, original, open, isAgainst, clears, ageDays, ownerName]), [
    ["salesInvoice/OLD-1", "salesInvoice/OLD-1", "300.00", false, false, 89, ""], ["erp:salesInvoice/SI-1", "", "678.00", false, false, 43, "何俊"], ["fin:cashReceipt/CR-1", "", "900.00", true, true, 20, ""], ["erp:salesInvoice/SI-3", "", "452.00", false, false, 12, "何俊"],
  ]);
  const wanted = { party: "C01", kind: "customer" as const, date: "2026-04-30" };
  const money = [{ link: "fin:cashReceipt/CR-1" }];
  await assert.rejects(clearOpenItems(ctx, book, { ...wanted, from: [{ link: "erp:salesInvoice/SI-1" }], to: [{ link: "erp:salesInvoice/SI-3" }] }), refused("clear.not_money"));
  await assert.rejects(clearOpenItems(ctx, book, { ...wanted, from: money, to: money }), refused("clear.same_side"));
  await assert.rejects(clearOpenItems(ctx, book, { ...wanted, from: money, to: [{ link: "erp:salesInvoice/SI-2" }] }), refused("clear.item_unknown"));
  await assert.rejects(clearOpenItems(ctx, book, { ...wanted, from: money, to: [{ link: "erp:salesInvoice/SI-1", amount: "678.01" }] }), refused("clear.amount"));
  await assert.rejects(clearOpenItems(ctx, book, { ...wanted, from: [{ link: "fin:cashReceipt/CR-1", amount: "100.00" }], to: [{ link: "erp:salesInvoice/SI-1", amount: "200.00" }] }), refused("clear.uneven"));
  const before = await readBalances(ctx, book, { account: "1122.01", by: "account" });
  const result = await clearOpenItems(ctx, book, { ...wanted, from: money, to: [{ link: "salesInvoice/OLD-1" }, { link: "erp:salesInvoice/SI-1" }] });
  assert.deepEqual([result.state, result.vouchers.length, result.reasons], ["posted", 1, []]);
  assert.equal((await readBalances(ctx, book, { account: "1122.01", by: "account" }))[0]?.closingDebit, before[0]?.closingDebit);
  assert.deepEqual((await readPartyItems(ctx, book, { party: "C01", kind: "customer" })).map(({ link, open, cleared }) => [link, open, cleared]), [["erp:salesInvoice/SI-1", "78.00", "600.00"], ["erp:salesInvoice/SI-3", "452.00", "0.00"]]);
  assert.deepEqual((await readClearings(ctx, book, "erp:salesInvoice/SI-1")).map(({ document, kind, amount }) => [document, kind, amount]), [[result.document, "settlement", "600.00"]]);
});

test("the stock ledger is held against the stock accounts, and what a person posts past it is found", async () => {
  const even = await checkStock(ctx, book);
  assert.deepEqual([even.difference, even.items, even.stock === even.books], ["0.00", [], true]);
  await postDocuments(ctx, "B1", [{ schema: "tieout/manualVoucher@1", source: "fin", sourceId: "MV-1", date: "2026-04-28", summary: "漏记", lines: [{ lineId: "1", account: "1405", debit: "7.00", item: "PUMP" }, { lineId: "2", account: "1002", credit: "7.00", bankAccount: "BA1" }] }]);
  const [draft] = await listDrafts(ctx, "B1");
  await reviewDraft({ ...ctx, actor: { id: "li" } }, "B1", draft?.draft ?? "");
  const off = await checkStock(ctx, book);
  assert.deepEqual([off.difference, off.items.map(({ item, difference }) => [item, difference])], ["7.00", [["PUMP", "7.00"]]]);
});

test("a traced order shows its documents with value, people and time, its vouchers, its account and the invoice that is still to come", async () => {
  const graph = await readTraceGraph(ctx, book, "crm:salesOrder/SO-4", { vouchers: true, costs: true });
  const order = graph.nodes.find(({ id }) => id === "crm:salesOrder/SO-4");
  assert.ok(order?.node === "document");
  assert.deepEqual([order.zh, order.quantity, order.amount, order.ownerName, order.partyName, order.hidden], ["销售订单", "40", "904.00", "何俊", "客户二", 0]);
  const shipment = graph.nodes.find(({ id }) => id === "wms:shipment/SH-4");
  assert.ok(shipment?.node === "document");
  assert.deepEqual([shipment.quantity, shipment.amount], ["25", "565.00"], "a shipment is worth what its order says");
  const awaited = graph.nodes.find(({ node }) => node === "awaited");
  assert.ok(awaited?.node === "awaited");
  assert.deepEqual([awaited.what, awaited.kind, awaited.quantity, awaited.amount, awaited.since], ["invoice", "salesInvoice", "25", "565.00", "2026-04-13"]);
  assert.deepEqual(graph.edges.filter(({ edge }) => edge === "link").map(({ from, to, quantity, amount }) => [from, to, quantity, amount]), [["crm:salesOrder/SO-4", "wms:shipment/SH-4", "25", "565.00"]]);
  assert.ok(graph.nodes.some((node) => node.node === "voucher" && node.postedBy === "chen" && node.postedAt !== ""));
  assert.deepEqual(graph.accounts.map(({ side, steps, uninvoiced }) => [side, uninvoiced, steps.map(({ step, quantity, amount }) => `${step} ${quantity} ${amount}`.trim())]), [
    ["sales", "565.00", ["ordered 40 904.00", "moved 25 565.00", "returned 0 0.00", "net 25 565.00", "invoiced 0 0.00", "paid  0.00", "open  565.00"]],
  ]);
});

test("a trace follows its own way: what a shared payment also paid stays out and is counted", async () => {
  const flow = await readTraceGraph(ctx, book, "crm:salesOrder/SO-1", { vouchers: false, costs: true });
  const ids = flow.nodes.map(({ id }) => id);
  assert.ok(ids.includes("wms:shipment/SH-1") && ids.includes("erp:salesInvoice/SI-1") && !ids.includes("fin:openingBalance/OB"));
  assert.ok(flow.nodes.some((node) => node.node === "document" && node.kind === "settlement" && node.hidden > 0));
  const [account] = flow.accounts;
  assert.deepEqual(account?.steps.map(({ step, amount }) => `${step} ${amount}`), ["ordered 678.00", "moved 678.00", "returned 0.00", "net 678.00", "invoiced 678.00", "paid 600.00", "open 78.00"]);
  const whole = await readTraceGraph(ctx, book, "crm:salesOrder/SO-1", { vouchers: false, costs: true, reach: "whole" });
  assert.ok(whole.nodes.length > flow.nodes.length && whole.nodes.some(({ id }) => id === "fin:openingBalance/OB"));
});

test("returns are negative, and who may not see vouchers or costs gets neither", async () => {
  const graph = await readTraceGraph(ctx, book, "crm:salesOrder/SO-3", { vouchers: false, costs: true });
  const back = graph.nodes.find(({ id }) => id === "wms:shipmentReturn/SR-3");
  assert.ok(back?.node === "document");
  assert.deepEqual([back.quantity, back.amount], ["-5", "-113.00"]);
  assert.ok(graph.nodes.every(({ node }) => node !== "voucher"));
  const receipt = await readTraceGraph(ctx, book, "wms:goodsReceipt/GR-1", { vouchers: false, costs: false });
  assert.deepEqual(receipt.nodes.map((node) => (node.node === "voucher" ? "" : node.amount)).filter((amount) => amount !== null), []);
  await assert.rejects(readTraceGraph(ctx, book, "salesOrder/NONE", { vouchers: true, costs: true }), refused("reference.unknown"));
  assert.equal((await readTraceGraph(ctx, book, "crm:salesOrder/SO-1", { vouchers: true, costs: true, most: 2 })).isCut, true);
});

test("the close board says whose turn it is, what stands in the way, who closed and why it was reopened", async () => {
  await postDocuments(ctx, "B1", [{ schema: "tieout/shipment@1", source: "wms", sourceId: "SH-9", date: "2026-03-30", customer: "C77", warehouse: "W1", lines: [line({ quantity: "1" })] }]);
  const blocked = await readCloseBoard(ctx, book);
  const [march, april] = blocked.periods;
  assert.deepEqual([march?.period, march?.state, march?.isNext, march?.parked, march?.waiting, march?.off, april?.isNext], ["2026-03", "open", true, 1, 0, "0.00", false]);
  assert.ok((march?.vouchers ?? 0) > 0 && march?.turnover !== "0.00");
  await assert.rejects(closePeriod(ctx, "B1", "2026-03"), refused("close.not_ready"));
  await postDocuments(ctx, "B1", [{ schema: "tieout/customer@1", source: "erp", sourceId: "C77" }]);
  await closePeriod(ctx, "B1", "2026-03");
  await reopenPeriod(ctx, "B1", "2026-03", "漏记运费");
  await closePeriod(ctx, "B1", "2026-03");
  const { periods, acts } = await readCloseBoard(ctx, book);
  assert.deepEqual(periods.slice(0, 2).map(({ period, state, closedBy, isNext }) => [period, state, closedBy, isNext]), [["2026-03", "closed", "chen", false], ["2026-04", "open", null, true]]);
  assert.deepEqual(acts.map(({ what, period, by, reason }) => [what, period, by, reason]), [["period.closed", "2026-03", "chen", ""], ["period.reopened", "2026-03", "chen", "漏记运费"], ["period.closed", "2026-03", "chen", ""]]);
});

test("tasks of a month end are listed with what they posted", async () => {
  assert.deepEqual(await readMonthEndRuns(ctx, book, "2026-04"), []);
  const { summary: ran } = await postDocuments(ctx, "B1", [{ schema: "tieout/periodClose@1", source: "tieout", sourceId: "profit-and-loss-2026-04-1", date: "2026-04-30", period: "2026-04", task: "profitAndLoss" }]);
  assert.equal(ran.posted, 1);
  const runs = await readMonthEndRuns(ctx, book, "2026-04");
  assert.deepEqual(runs.map(({ document, kind, task, state, by, vouchers }) => [document, kind, task, state, by, vouchers.length > 0]), [["tieout:periodClose/profit-and-loss-2026-04-1", "periodClose", "profitAndLoss", "posted", "chen", true]]);
  await assert.rejects(readMonthEndRuns(ctx, book, "April"), refused("period.malformed"));
});
