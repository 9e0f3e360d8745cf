import assert from "node:assert/strict";
import { after, test } from "node:test";
import { monthEndTaskNames, type MonthEndOptions, runMonthEnd } from "../../app/month-end.ts";
import { registerAll } from "../../app/registry.ts";
import { changeSetting, createBook, loadBook } from "../../books/index.ts";
import { type Ctx, openPool, silentLog, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { closeModule, findDrafts, forgetWriter, postDocuments, readModules, reopenModule, reverseVoucher, reviewDraft } from "../../vouchers/index.ts";
import { endAmortisation, listAmortisations, listCloseRuns, readCloseGates, runAmortisation, runClose, setAmortisation } from "../index.ts";

registerAll();
const store = await testStore();
after(() => store.close());
const as = (id: string): Ctx => ({ db: store, actor: { id }, now: systemClock, log: silentLog });
const chen = as("chen");
const invoice = (id: string, date: string, net = "100.00") => ({ schema: "tieout/salesInvoice@1", source: "erp", sourceId: id, date, customer: "C1", invoiceNumber: id, lines: [{ lineId: "1", description: "服务", category: "service", quantity: "1", amountNet: net, taxRate: "0.06" }] });
const payment = (id: string, date: string) => ({ schema: "tieout/supplierPayment@1", source: "erp", sourceId: id, date, supplier: "S1", bankAccount: "BA1", amount: "10.00", purpose: "prepayment" });
const begin = async (code: string) => {
  await createBook(chen, { code, pack: "cas-general", currency: "CNY", from: "2026-03" });
  const { results } = await postDocuments(chen, code, [
    { schema: "tieout/customer@1", source: "erp", sourceId: "C1", name: { zh: "客户" } }, { schema: "tieout/supplier@1", source: "erp", sourceId: "S1", name: { zh: "供应商" } }, { schema: "tieout/department@1", source: "erp", sourceId: "D1", name: { zh: "行政" }, use: "administration" },
    { schema: "tieout/openingBalance@1", source: "fin", sourceId: "OB", date: "2026-02-28", lines: [{ lineId: "1", account: "1801", debit: "50000.00" }, { lineId: "2", account: "4001", credit: "50000.00" }] },
  ]);
  assert.deepEqual(results.filter(({ state }) => state !== "posted").map(({ document, reasons }) => [document, reasons]), []);
  return loadBook(store, code);
};
const runTask = (ctx: Ctx, book: Awaited<ReturnType<typeof begin>>, task: string, period: string, options: MonthEndOptions = {}) => runMonthEnd(ctx, book, monthEndTaskNames.find((name) => name === task) ?? "vat", period, options);

test("a closed module takes none of its documents of that period, and the others go on", async () => {
  const book = await begin("M1");
  await postDocuments(chen, "M1", [{ schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", name: { zh: "工行" }, currency: "CNY", account: "1002", number: "6222000000000000011" }]);
  await postDocuments(chen, "M1", [invoice("A1", "2026-03-05")]);
  await closeModule(chen, "M1", "2026-03", "receivable");
  const { results: [late, other] } = await postDocuments(chen, "M1", [invoice("A2", "2026-03-06"), payment("P1", "2026-03-07")]);
  assert.deepEqual([late?.state, late?.period, other?.state, other?.period], ["posted", "2026-04", "posted", "2026-03"]);
  await changeSetting(chen, "M1", "lateDocuments", "park", "严格截止");
  forgetWriter(store, "M1");
  const { results: [parked] } = await postDocuments(chen, "M1", [invoice("A3", "2026-03-06")]);
  assert.deepEqual([parked?.state, parked?.reasons[0]?.code], ["parked", "module.closed_park"]);
  await assert.rejects(closeModule(chen, "M1", "2026-03", "receivable"), { code: "module.not_ready" });
  await assert.rejects(reopenModule(chen, "M1", "2026-03", "receivable", " "), { code: "reopen.reason" });
  await reopenModule(chen, "M1", "2026-03", "receivable", "漏开一张");
  assert.deepEqual((await postDocuments(chen, "M1", [invoice("A4", "2026-03-06")])).results.map(({ state, period }) => [state, period]), [["posted", "2026-03"]]);
  assert.deepEqual(await readModules(chen, book.bookId), []);
});

test("closing a module and posting never cross, also when another process posts", async () => {
  await begin("M2");
  await changeSetting(chen, "M2", "lateDocuments", "park", "严格截止");
  forgetWriter(store, "M2");
  // A second pool is what another process has: its own writer, with its own memory of what is closed.
  const elsewhere = openPool(store.url, { max: 3, role: "tieout_app" });
  const there: Ctx = { ...chen, db: elsewhere };
  try {
    for (let round = 0; round < 20; round++) {
      const results = await Promise.all([
        postDocuments(there, "M2", Array.from({ length: 8 }, (_, i) => invoice(`R${round}-${i}`, "2026-03-06")), { batchSize: 2 }).then(({ results: got }) => got),
        closeModule(chen, "M2", "2026-03", "receivable").then(() => store.one<{ n: bigint }>("select count(*) as n from documents.document where source_id like $1 and state = 'posted'", [`R${round}-%`])),
      ]);
      const [posted, atClose] = results;
      // Nothing is posted into the period that was not there when closing committed.
      assert.equal(posted.filter(({ state, period }) => state === "posted" && period === "2026-03").length, Number(atClose.n));
      await store.owner.query("update documents.document set state = 'superseded' where state = 'parked'");
      await reopenModule(chen, "M2", "2026-03", "receivable", "下一轮");
    }
  } finally {
    await elsewhere.close();
  }
});

test("an amortisation makes one document a month, however often and by how many it is run, and its parts are the whole", async () => {
  const book = await begin("M3");
  const template = { code: "RENT", name: "房租摊销", total: "1000.00", months: 3, firstPeriod: "2026-03", debit: { account: "6602", dimensions: { department: "D1" } }, credit: { account: "1801", dimensions: {} } };
  await assert.rejects(setAmortisation(chen, book, { ...template, total: "0" }), { code: "amortisation.invalid" });
  await assert.rejects(setAmortisation(chen, book, { ...template, debit: { account: "9999", dimensions: {} } }), { code: "amortisation.invalid" });
  await setAmortisation(chen, book, template);
  await assert.rejects(setAmortisation(chen, book, template), { code: "amortisation.taken" });
  const ran = await Promise.all([runAmortisation(chen, book, "2026-03"), runAmortisation(chen, book, "2026-03")]);
  assert.ok(ran.flat().every(({ document }) => document === "tieout:manualVoucher/amortise-RENT-2026-03"));
  assert.deepEqual(await runAmortisation(chen, book, "2026-03"), []);
  for (const period of ["2026-04", "2026-05", "2026-06"]) await runAmortisation(chen, book, period);
  const drafts = await findDrafts(chen, book);
  assert.equal((await listAmortisations(chen, book))[0]?.left, "0.00");
  assert.deepEqual(drafts.map(({ debitTotal }) => debitTotal).sort(), ["333.33", "333.33", "333.34"]);
  await setAmortisation(chen, book, { ...template, code: "RENT.2" });
  await endAmortisation(chen, book, "RENT.2", "2026-03");
  assert.deepEqual((await listAmortisations(chen, book)).map(({ code, lastPeriod, done }) => [code, lastPeriod, done.length]), [["RENT", "2026-05", 3], ["RENT.2", "2026-03", 0]]);
  await closeModule(as("li"), "M3", "2026-07", "general");
  await assert.rejects(runAmortisation(chen, book, "2026-07"), { code: "amortisation.period_closed" });
});

test("one run does what is missing, says what a person has to do, and goes on from there the next time", async () => {
  const book = await begin("M4");
  await postDocuments(chen, "M4", [invoice("D1", "2026-03-05", "1000.00")]);
  await setAmortisation(chen, book, { code: "INS", name: "保险摊销", total: "120.00", months: 12, firstPeriod: "2026-03", debit: { account: "6602", dimensions: { department: "D1" } }, credit: { account: "1801", dimensions: {} } });
  const first = await runClose(chen, book, "2026-03", { runTask });
  assert.deepEqual([first.outcome, first.open.map(({ gate }) => gate)], ["stopped", ["complete", "drafts"]]);
  assert.deepEqual(first.steps.map(({ step, outcome }) => [step, outcome]), [["amortisation", "done"], ["estimates", "skipped"], ["cost", "skipped"], ["fx", "skipped"], ["vat", "done"], ["surtax", "done"], ["profit-and-loss", "done"], ["verify", "done"]]);
  for (const { draft } of await findDrafts(chen, book)) await reviewDraft(as("li"), "M4", draft);
  await assert.rejects(runClose(chen, book, "2026-03", { runTask, accepted: ["profitAndLoss"], reason: "x" }), { code: "close.accept_hard" });
  const second = await runClose(chen, book, "2026-03", { runTask });
  assert.deepEqual([second.outcome, second.open.map(({ gate, evidence }) => [gate, evidence.en])], ["closed", []]);
  assert.deepEqual(second.steps.filter(({ outcome }) => outcome === "done").map(({ step }) => step), ["profit-and-loss", "verify", "close"]);
  assert.ok((await readCloseGates(chen, book, "2026-03")).every(({ state }) => state === "done" || state === "notNeeded"));
  assert.deepEqual((await listCloseRuns(chen, book, "2026-03")).map(({ outcome, startedBy, steps }) => [outcome, startedBy, steps.length]), [["closed", "chen", 9], ["stopped", "chen", 8]]);
});

test("a month-end step run again changes nothing, runs what came since, and what was taken back is made again", async () => {
  const book = await begin("M5");
  const usd = (id: string, date: string, rate: string) => ({ schema: "tieout/exchangeRate@1", source: "fin", sourceId: id, date, from: "USD", to: "CNY", rate });
  const foreign = { ...invoice("F1", "2026-03-10", "1000.00"), currency: "USD" };
  const { results } = await postDocuments(chen, "M5", [usd("R1", "2026-03-10", "7.00"), usd("R2", "2026-03-31", "7.10"), foreign, invoice("E1", "2026-03-05", "1000.00")]);
  assert.deepEqual(results.filter(({ state }) => state !== "posted").map(({ document, reasons }) => [document, reasons]), []);
  const settle = async (): Promise<void> => { for (const { draft } of await findDrafts(chen, book)) await reviewDraft(as("li"), "M5", draft); };
  const balances = (): Promise<readonly object[]> => store.query("select account, sum(debit - credit)::text as balance from vouchers.line where book_id = $1 group by 1 having sum(debit - credit) <> 0 order by 1", [book.bookId]);
  const run = async (task: string): Promise<readonly string[]> => {
    const { vouchers, state, reasons } = await runTask(chen, book, task, "2026-03");
    assert.notEqual(state, "parked", JSON.stringify(reasons));
    const waiting = await findDrafts(chen, book);
    await settle();
    return [...vouchers, ...waiting.map(({ draft }) => draft)];
  };
  const tasks = ["fx", "vat", "surtax", "profit-and-loss"];
  const made = new Map<string, readonly string[]>();
  for (const task of tasks) made.set(task, await run(task));
  assert.deepEqual([...made].filter(([, vouchers]) => vouchers.length === 0), [], "each of them has something to do");
  const once = await balances();
  for (const task of tasks) assert.deepEqual(await run(task), [], `${task} again`);
  assert.deepEqual(await balances(), once);
  // Undone: the voucher in red. Redone: the same figures again.
  const [closing] = await store.query<{ number: string }>("select v.period || '/' || v.series || '-' || v.number as number from vouchers.voucher v join documents.document d on d.book_id = v.book_id and d.document_id = v.document_id where v.book_id = $1 and d.source_id = 'profit-and-loss-2026-03-1'", [book.bookId]);
  await reverseVoucher(chen, "M5", closing?.number ?? "", "2026-03-31", "重做结转");
  await settle();
  assert.notDeepEqual(await balances(), once);
  assert.equal((await run("profit-and-loss")).length > 0, true);
  assert.deepEqual(await balances(), once);
  // What came since is all that another run posts, and in the end it stands as if it had been run once.
  await postDocuments(chen, "M5", [invoice("E2", "2026-03-12", "500.00")]);
  for (const task of tasks) await run(task);
  const late = await balances();
  for (const task of tasks) assert.deepEqual(await run(task), [], `${task} at last`);
  assert.deepEqual(await balances(), late);
});

test("income tax is what the period owes in all: the same again posts nothing, more or less posts the difference", async () => {
  const book = await begin("M7");
  const run = async (amount: string): Promise<string> => {
    await runTask(chen, book, "income-tax", "2026-03", { amount });
    for (const { draft } of await findDrafts(chen, book)) await reviewDraft(as("li"), "M7", draft);
    return (await store.query<{ told: string }>("select account || ' ' || sum(debit - credit) as told from vouchers.line where book_id = $1 and account in ('6801', '2221.17') group by account order by account", [book.bookId])).map(({ told }) => told).join(", ");
  };
  assert.equal(await run("875.00"), "2221.17 -87500, 6801 87500");
  assert.equal(await run("875.00"), "2221.17 -87500, 6801 87500");
  assert.equal(await run("900.00"), "2221.17 -90000, 6801 90000");
  assert.equal(await run("800.00"), "2221.17 -80000, 6801 80000");
});

test("overhead and the year end run again change nothing, and taken back they are made again", async () => {
  const book = await begin("M8");
  const month = "2026-12";
  const { results } = await postDocuments(chen, "M8", [
    { schema: "tieout/manualVoucher@1", source: "fin", sourceId: "OH", date: "2026-12-10", series: "记", summary: "车间水电", lines: [{ lineId: "1", account: "5101", department: "D1", debit: "300.00" }, { lineId: "2", account: "2241", counterparty: "S1", credit: "300.00" }] },
    invoice("Y1", "2026-12-12", "1000.00"),
  ]);
  assert.deepEqual(results.filter(({ state }) => state === "parked" || state === "refused").map(({ document, reasons }) => [document, reasons]), []);
  const settle = async (): Promise<void> => { for (const { draft } of await findDrafts(chen, book)) await reviewDraft(as("li"), "M8", draft); };
  const balances = (): Promise<readonly object[]> => store.query("select account, sum(debit - credit)::text as balance from vouchers.line where book_id = $1 group by 1 having sum(debit - credit) <> 0 order by 1", [book.bookId]);
  const run = async (task: string): Promise<number> => {
    const { vouchers, state, reasons } = await runTask(chen, book, task, month);
    assert.notEqual(state, "parked", JSON.stringify(reasons));
    const waiting = await findDrafts(chen, book);
    await settle();
    return vouchers.length + waiting.length;
  };
  await settle();
  const tasks = ["overhead", "profit-and-loss", "year-end"];
  for (const task of tasks) assert.ok((await run(task)) > 0, `${task} has something to do`);
  const once = await balances();
  for (const task of tasks) assert.equal(await run(task), 0, `${task} again`);
  assert.deepEqual(await balances(), once);
  for (const task of tasks.toReversed()) {
    for (const { number } of await store.query<{ number: string }>("select v.period || '/' || v.series || '-' || v.number as number from vouchers.voucher v join documents.document d on d.book_id = v.book_id and d.document_id = v.document_id where v.book_id = $1 and d.source_id = $2 order by v.voucher_id", [book.bookId, `${task}-${month}-1`])) await reverseVoucher(chen, "M8", number, "2026-12-31", "重做");
    await settle();
  }
  for (const task of tasks) assert.ok((await run(task)) > 0, `${task} made again`);
  assert.deepEqual(await balances(), once);
});

test("estimates and the cost run of a month made again change nothing; a receipt that came since is all that is estimated; taken back, they are made again", async () => {
  await createBook(chen, { code: "M6", pack: "cas-general", currency: "CNY", from: "2026-03", settings: { estimateMode: "monthEnd", costing: "monthEndAverage" } });
  const book = await loadBook(store, "M6");
  const receipt = (id: string, quantity: string, price: string) => [
    { schema: "tieout/purchaseOrder@1", source: "erp", sourceId: `PO-${id}`, date: "2026-03-02", supplier: "S1", lines: [{ lineId: "1", item: "I1", quantity, price, taxRate: "0.13" }] },
    { schema: "tieout/goodsReceipt@1", source: "erp", sourceId: `GR-${id}`, date: "2026-03-10", supplier: "S1", warehouse: "W1", lines: [{ lineId: "1", item: "I1", quantity, links: [{ to: `purchaseOrder/PO-${id}/1` }] }] },
  ];
  const { results } = await postDocuments(chen, "M6", [
    { schema: "tieout/supplier@1", source: "erp", sourceId: "S1", name: { zh: "供应商" } }, { schema: "tieout/item@1", source: "erp", sourceId: "I1", name: { zh: "钢板" }, category: "rawMaterial", unit: "kg" }, { schema: "tieout/warehouse@1", source: "erp", sourceId: "W1", name: { zh: "主仓" } },
    ...receipt("1", "10", "20.00"), ...receipt("2", "30", "22.00"),
  ]);
  assert.deepEqual(results.filter(({ state }) => state === "parked" || state === "refused" || state === "waiting").map(({ document, reasons }) => [document, reasons]), []);
  const settle = async (): Promise<void> => { for (const { draft } of await findDrafts(chen, book)) await reviewDraft(as("li"), "M6", draft); };
  const balances = async (period: string): Promise<string> => (await store.query<{ told: string }>("select account || ' ' || sum(debit - credit) as told from vouchers.line where book_id = $1 and period = $2 group by account having sum(debit - credit) <> 0 order by account", [book.bookId, period])).map(({ told }) => told).join(", ");
  const run = async (task: string): Promise<number> => {
    const { vouchers } = await runTask(chen, book, task, "2026-03");
    await settle();
    return vouchers.length;
  };
  const both = async (): Promise<string> => `${await balances("2026-03")} | ${await balances("2026-04")}`;
  await run("estimates");
  await run("cost");
  const once = await both();
  assert.ok(once.includes("2202.02 -86000") && once.includes("2202.02 86000"), once);
  assert.deepEqual([await run("estimates"), await run("cost")], [0, 0]);
  assert.equal(await both(), once);
  await postDocuments(chen, "M6", receipt("3", "5", "20.00"));
  await run("estimates");
  const more = await both();
  assert.ok(more.includes("2202.02 -96000") && more.includes("2202.02 96000"), more);
  const made = await store.query<{ number: string; date: string }>("select period || '/' || series || '-' || number as number, date from vouchers.voucher v where book_id = $1 and rule like 'P3m%' order by voucher_id", [book.bookId]);
  for (const { number, date } of made) await reverseVoucher(chen, "M6", number, date, "重做暂估");
  await settle();
  assert.ok(!(await both()).includes("2202.02"), await both());
  await run("estimates");
  assert.equal(await both(), more);
});
