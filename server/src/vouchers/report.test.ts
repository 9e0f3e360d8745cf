import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createBook } from "../books/index.ts";
import { findDocument, listDocuments, listRefused, showDocument } from "../documents/index.ts";
import { type Ctx, fixedClock, Refusal, silentLog } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import {
  postDocuments, readBalances, readCompleteness, readEstimates, readLedger, readLedgerLines, readOpenItems, readStatement, readStock, readStockMoves, readVouchers, rebuildBalances, reverseVoucher, reviewDraft, trace, type TracedEdge, verify,
} from "./index.ts";

const store = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-report-"));
after(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: fixedClock("2026-04-05T08:00:00Z"), log: silentLog, dataDir };
const book = await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03", settings: { costing: "fifo" } });
const refused = (code: string) => (error: unknown): boolean => error instanceof Refusal && error.code === code;

// The worked scenario of the design, with an opening balance before and a foreign invoice after it.
const line = (more: object) => ({ lineId: "1", item: "PUMP", ...more });
const documents = [
  { schema: "tieout/item@1", source: "erp", sourceId: "PUMP", name: { zh: "水泵", en: "Pump" }, category: "finishedGoods" },
  { schema: "tieout/supplier@1", source: "erp", sourceId: "S01", name: { zh: "宝钢股份有限公司" } }, { schema: "tieout/supplier@1", source: "erp", sourceId: "CARRIER" }, { schema: "tieout/customer@1", source: "erp", sourceId: "C01", name: "客户一" },
  { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", currency: "CNY" }, { schema: "tieout/exchangeRate@1", source: "fin", sourceId: "USD1", from: "USD", to: "CNY", date: "2026-03-01", rate: "7.10" },
  { schema: "tieout/openingBalance@1", source: "fin", sourceId: "OB", date: "2026-02-28", lines: [
    { lineId: "1", account: "1002", debit: "5000.00", bankAccount: "BA1" }, { lineId: "2", account: "1122.01", debit: "300.00", counterparty: "C01", document: "salesInvoice/OLD-1", date: "2026-01-10", dueDate: "2026-02-10" }, { lineId: "3", account: "4001", credit: "5300.00" }] },
  { schema: "tieout/purchaseOrder@1", source: "erp", sourceId: "PO-1", date: "2026-03-01", supplier: "S01", lines: [line({ quantity: "100", price: "10.00", taxRate: "0.13" })] },
  { schema: "tieout/goodsReceipt@1", source: "wms", sourceId: "GR-1", date: "2026-03-05", supplier: "S01", warehouse: "W1", lines: [line({ quantity: "60", links: [{ to: "erp:purchaseOrder/PO-1/1", quantity: "60" }] })] },
  { schema: "tieout/goodsReceipt@1", source: "wms", sourceId: "GR-2", date: "2026-03-08", supplier: "S01", warehouse: "W1", lines: [line({ quantity: "40", links: [{ to: "erp:purchaseOrder/PO-1/1", quantity: "40" }] })] },
  { schema: "tieout/salesOrder@1", source: "crm", sourceId: "SO-1", date: "2026-03-08", customer: "C01", lines: [line({ quantity: "30", price: "20.00", taxRate: "0.13" })] },
  { schema: "tieout/shipment@1", source: "wms", sourceId: "SH-1", date: "2026-03-10", customer: "C01", warehouse: "W1", lines: [line({ quantity: "30", links: [{ to: "crm:salesOrder/SO-1/1" }] })] },
  { schema: "tieout/salesInvoice@1", source: "erp", sourceId: "SI-1", date: "2026-03-12", customer: "C01", dueDate: "2026-03-31", lines: [line({ quantity: "30", price: "20.00", taxRate: "0.13", links: [{ to: "wms:shipment/SH-1/1" }] })] },
  { schema: "tieout/supplierInvoice@1", source: "erp", sourceId: "INV-A", invoiceNumber: "26332000000012345678", date: "2026-03-18", supplier: "S01", lines: [line({ quantity: "80", price: "10.50", taxRate: "0.13", links: [{ to: "wms:goodsReceipt/GR-1/1", quantity: "60" }, { to: "wms:goodsReceipt/GR-2/1", quantity: "20" }] })] },
  { schema: "tieout/goodsReturn@1", source: "wms", sourceId: "RT-1", date: "2026-03-20", supplier: "S01", warehouse: "W1", lines: [line({ quantity: "10", links: [{ to: "goodsReceipt/GR-2/1" }] })] },
  { schema: "tieout/cashReceipt@1", source: "fin", sourceId: "CR-1", date: "2026-03-30", customer: "C01", bankAccount: "BA1", amount: "500.00", fee: "1.00", links: [{ to: "erp:salesInvoice/SI-1", amount: "500.00" }] },
  { schema: "tieout/supplierInvoice@1", source: "erp", sourceId: "INV-USD", date: "2026-04-02", supplier: "CARRIER", currency: "USD", invoiceType: "foreign", lines: [{ lineId: "1", category: "service", account: "6601", department: "HQ", amountNet: "100.00" }] },
  { schema: "tieout/supplierInvoice@1", source: "erp", sourceId: "INV-B", date: "2026-04-03", supplier: "S01", lines: [line({ quantity: "5", price: "10.00", taxRate: "0.13", links: [{ to: "wms:goodsReceipt/GR-9/1" }] })] },
  { schema: "tieout/shipment@1", source: "wms", sourceId: "SH-2", date: "2026-04-03", customer: "C99", warehouse: "W1", lines: [line({ quantity: "1" })] },
  { schema: "tieout/shipment@1", source: "wms", sourceId: "SH-3", date: "2026-04-03", customer: "C01", lines: [line({ quantity: 1 })] },
];
const { summary } = await postDocuments(ctx, "B1", documents);
assert.deepEqual(summary, { received: 20, posted: 17, waiting: 1, parked: 1, duplicate: 0, refused: 1, vouchers: 10, released: 0 });

test("a voucher is shown as the law and the API ask, with where it came from", async () => {
  const [voucher, ...more] = await readVouchers(ctx, book, { document: "wms:goodsReceipt/GR-2" });
  assert.deepEqual(more, []);
  const { postedAt, id, block, ...shown } = voucher as NonNullable<typeof voucher>;
  assert.match(`${id} ${block} ${postedAt}`, /^v\d+ \d+ 2026-04-05T08:00:00/);
  assert.deepEqual(shown, {
    number: "记-2", series: "记", period: "2026-03", date: "2026-03-08", summary: "暂估入库 GR-2", attachments: 1,
    lines: [
      { account: "1405", summary: "暂估入库 GR-2", debit: "400.00", credit: "0.00", currency: "CNY", amountOriginal: "400.00", rate: "1", dimensions: { item: "PUMP", warehouse: "W1" } },
      { account: "2202.02", summary: "暂估入库 GR-2", debit: "0.00", credit: "400.00", currency: "CNY", amountOriginal: "400.00", rate: "1", dimensions: { counterparty: "S01" } },
    ],
    sources: [{ document: "wms:goodsReceipt/GR-2", lineId: "1", quantity: "40", amount: "400.00" }],
    rule: "P3@1", preparedBy: "chen", reviewedBy: "rule:P3@1", postedBy: "chen", reversalOf: null,
  });
});

test("a foreign line carries its currency, original amount and rate", async () => {
  const [voucher] = await readVouchers(ctx, book, { document: "supplierInvoice/INV-USD" });
  assert.deepEqual(voucher?.lines.map(({ account, debit, credit, currency, amountOriginal, rate }) => [account, debit, credit, currency, amountOriginal, rate]), [
    ["6601", "710.00", "0.00", "CNY", "710.00", "1"], ["2202.01", "0.00", "710.00", "USD", "100.00", "7.1"],
  ]);
  assert.deepEqual((await readBalances(ctx, book, { currency: "USD" })).map(({ account, credit, closingCredit }) => [account, credit, closingCredit]), [["2202.01", "100.00", "100.00"]]);
});

test("an opening voucher has no number and stands before the first period", async () => {
  const [opening] = await readVouchers(ctx, book, { period: "2026-02" });
  assert.deepEqual([opening?.number, opening?.series, opening?.period], ["", "期初", "2026-02"]);
});

test("vouchers are found by period, number, account, rule, text and page", async () => {
  const numbers = async (filter: Parameters<typeof readVouchers>[2]): Promise<string[]> => (await readVouchers(ctx, book, filter)).map(({ number }) => number);
  assert.deepEqual(await numbers({ period: "2026-03" }), ["记-1", "记-2", "记-3", "记-4", "记-5", "记-6", "记-7", "记-8"]);
  assert.deepEqual(await numbers({ period: "2026-03", number: "记-3" }), ["记-3"]);
  assert.deepEqual(await numbers({ from: "2026-03", to: "2026-03", account: "1002" }), ["记-8"]);
  assert.deepEqual(await numbers({ rule: "P3", period: "2026-03" }), ["记-1", "记-2"]);
  assert.deepEqual(await numbers({ text: "gr-1" }), ["记-1"]);
  const page = await readVouchers(ctx, book, { period: "2026-03", limit: 2 });
  assert.deepEqual((await readVouchers(ctx, book, { period: "2026-03", limit: 2, after: page[1]?.id })).map(({ number }) => number), ["记-3", "记-4"]);
  await assert.rejects(readVouchers(ctx, book, { period: "2026-3" }), refused("period.malformed"));
  await assert.rejects(readVouchers(ctx, book, { number: "7" }), refused("reference.malformed"));
  await assert.rejects(readVouchers(ctx, book, { document: "wms:goodsReceipt/NONE" }), refused("reference.unknown"));
});

test("balances carry dimensions, add up on both sides, and opening plus movement is closing", async () => {
  const rows = await readBalances(ctx, book, { period: "2026-03" });
  assert.deepEqual(rows.find(({ account }) => account === "2202.02"), {
    account: "2202.02", dimensions: { counterparty: "S01" }, openingDebit: "0.00", openingCredit: "0.00", debit: "0.00", credit: "100.00", closingDebit: "0.00", closingCredit: "100.00",
  });
  assert.deepEqual(rows.find(({ account }) => account === "1122.01"), {
    account: "1122.01", dimensions: { counterparty: "C01" }, openingDebit: "300.00", openingCredit: "0.00", debit: "678.00", credit: "500.00", closingDebit: "478.00", closingCredit: "0.00",
  });
  const cents = (text: string): bigint => BigInt(text.replace(".", ""));
  for (const [left, right] of [["openingDebit", "openingCredit"], ["debit", "credit"], ["closingDebit", "closingCredit"]] as const) {
    assert.equal(rows.reduce((sum, row) => sum + cents(row[left]) - cents(row[right]), 0n), 0n, left);
  }
  const tree = await readBalances(ctx, book, { period: "2026-03", by: "tree", account: "2221" });
  assert.deepEqual(tree.map(({ account, debit, credit, closingDebit }) => [account, debit, credit, closingDebit]), [["2221", "109.20", "78.00", "31.20"], ["2221.01", "109.20", "78.00", "31.20"], ["2221.01.01", "109.20", "0.00", "109.20"], ["2221.01.02", "0.00", "78.00", "0.00"]]);
  assert.deepEqual((await readBalances(ctx, book, { from: "2026-03", to: "2026-04", dimensions: { counterparty: "CARRIER" } })).map(({ account, closingCredit }) => [account, closingCredit]), [["2202.01", "710.00"]]);
  await assert.rejects(readBalances(ctx, book, { account: "9999" }), refused("account.unknown"));
});

test("a ledger runs from period to period and from line to line", async () => {
  assert.deepEqual(await readLedger(ctx, book, { account: "1002", to: "2026-04" }), [
    { period: "2026-03", opening: "5000.00", openingSide: "debit", debit: "499.00", credit: "0.00", closing: "5499.00", closingSide: "debit" },
    { period: "2026-04", opening: "5499.00", openingSide: "debit", debit: "0.00", credit: "0.00", closing: "5499.00", closingSide: "debit" },
  ]);
  const lines = await readLedgerLines(ctx, book, { account: "2202", period: "2026-03", dimensions: { counterparty: "S01" } });
  assert.deepEqual(lines.map(({ voucher, account, debit, credit, balance, balanceSide, counterAccounts }) => [voucher, account, debit, credit, balance, balanceSide, counterAccounts.join(" ")]), [
    ["记-1", "2202.02", "0.00", "600.00", "600.00", "credit", "1405"],
    ["记-2", "2202.02", "0.00", "400.00", "1000.00", "credit", "1405"],
    ["记-5", "2202.02", "0.00", "-800.00", "200.00", "credit", "1405"],
    ["记-6", "2202.01", "0.00", "949.20", "1149.20", "credit", "1405 2221.01.01 6401"],
    ["记-7", "2202.02", "0.00", "-100.00", "1049.20", "credit", "1405"],
  ]);
});

test("open items show what is owed to whom since when, opening ones by their old names", async () => {
  const items = await readOpenItems(ctx, book, { at: "2026-04-05" });
  assert.deepEqual(items.map((item) => [item.original || item.document, item.party, item.side, item.currency, item.amount, item.cleared, item.open, item.openBase, item.ageDays, item.bucket]), [
    ["salesInvoice/OLD-1", "C01", "receivable", "CNY", "300.00", "0.00", "300.00", "300.00", 54, "days60"],
    ["erp:supplierInvoice/INV-A", "S01", "payable", "CNY", "949.20", "0.00", "949.20", "949.20", 18, "days30"],
    ["erp:salesInvoice/SI-1", "C01", "receivable", "CNY", "678.00", "500.00", "178.00", "178.00", 5, "days30"],
    ["erp:supplierInvoice/INV-USD", "CARRIER", "payable", "USD", "100.00", "0.00", "100.00", "710.00", 3, "days30"],
  ]);
  assert.deepEqual((await readOpenItems(ctx, book, { side: "payable", party: "S01" })).map(({ document, partyName }) => [document, partyName]), [["erp:supplierInvoice/INV-A", "宝钢股份有限公司"]]);
});

test("estimates are kept by receipt line, and returns count against them", async () => {
  assert.deepEqual(await readEstimates(ctx, book, { at: "2026-04-05" }), [{
    document: "wms:goodsReceipt/GR-2", line: "1", original: "", item: "PUMP", party: "S01", partyName: "宝钢股份有限公司", date: "2026-03-08", ageDays: 28,
    estimatedQuantity: "40", estimatedAmount: "400.00", reversedQuantity: "20", reversedAmount: "200.00", returnedQuantity: "10", returnedAmount: "100.00", openQuantity: "10", openAmount: "100.00",
  }]);
});

test("stock is shown at any day, and its ledger runs to the same figures as the books", async () => {
  assert.deepEqual(await readStock(ctx, book, { at: "2026-03-09" }), [{ item: "PUMP", itemName: "水泵", warehouse: "W1", quantity: "100", amount: "1000.00", unitCost: "10" }]);
  const [now] = await readStock(ctx, book);
  const [onBooks] = await readBalances(ctx, book, { account: "1405" });
  assert.deepEqual([now?.quantity, now?.amount], ["60", onBooks?.closingDebit]);
  const moves = await readStockMoves(ctx, book, { item: "PUMP" });
  assert.deepEqual([moves.length, moves.at(-1)?.balanceQuantity, moves.at(-1)?.balanceAmount], [6, "60", now?.amount]);
});

test("the three statements agree with each other and with the balances", async () => {
  const amounts = async (kind: string, ids: readonly string[]): Promise<(string | null | undefined)[]> => {
    const { rows, problems } = await readStatement(ctx, book, kind, { from: "2026-03", to: "2026-04" });
    assert.deepEqual(problems, []);
    return ids.map((id) => rows.find((row) => row.id === id)?.amount);
  };
  const [assets, funded, cash] = await amounts("balance-sheet", ["totalAssets", "totalLiabilitiesAndEquity", "cash"]);
  assert.equal(assets, funded);
  assert.equal(cash, "5499.00");
  assert.deepEqual(await amounts("income", ["netProfit"]), ["-426.00"]);
  const flow = (await readStatement(ctx, book, "cash-flow", { from: "2026-03", to: "2026-04" })).rows;
  assert.deepEqual(flow.at(-1)?.amount, "5499.00");
  await assert.rejects(readStatement(ctx, book, "statement-of-art"), refused("statement.unknown"));
});

test("a trace leads from any document or voucher to the same graph, in both directions", async () => {
  const graph = await trace(ctx, book, "wms:goodsReceipt/GR-2");
  const text = ({ edge, from, fromLine, to, toLine, quantity, amount }: TracedEdge): string => `${edge} ${from}${fromLine && `/${fromLine}`} → ${to}${toLine && `/${toLine}`} ${quantity} ${amount}`;
  assert.deepEqual(graph.nodes.filter(({ node }) => node === "document").map(({ id }) => id).sort(), ["erp:purchaseOrder/PO-1", "erp:supplierInvoice/INV-A", "wms:goodsReceipt/GR-1", "wms:goodsReceipt/GR-2", "wms:goodsReturn/RT-1"]);
  assert.deepEqual(graph.edges.filter(({ edge }) => edge === "link").map(text).sort(), [
    "link erp:supplierInvoice/INV-A/1 → wms:goodsReceipt/GR-1/1 60 0.00", "link erp:supplierInvoice/INV-A/1 → wms:goodsReceipt/GR-2/1 20 0.00", "link wms:goodsReceipt/GR-1/1 → erp:purchaseOrder/PO-1/1 60 0.00",
    "link wms:goodsReceipt/GR-2/1 → erp:purchaseOrder/PO-1/1 40 0.00", "link wms:goodsReturn/RT-1/1 → wms:goodsReceipt/GR-2/1 10 0.00",
  ]);
  assert.ok(graph.edges.map(text).includes("caused erp:supplierInvoice/INV-A/1 → 2026-03/记-5 -80 -800.00"), graph.edges.map(text).join("\n"));
  const names = (one: { nodes: readonly { id: string }[] }): string[] => one.nodes.map(({ id }) => id).sort();
  for (const reference of ["purchaseOrder/PO-1", "2026-03/记-6", "voucher/2026-03/记-7", "supplierInvoice/INV-A/1"]) assert.deepEqual(names(await trace(ctx, book, reference)), names(graph), reference);
  const sales = await trace(ctx, book, "cashReceipt/CR-1");
  assert.ok(sales.edges.map(text).includes("link fin:cashReceipt/CR-1 → erp:salesInvoice/SI-1 0 500.00"), sales.edges.map(text).join("\n"));
  assert.ok(names(sales).includes("crm:salesOrder/SO-1"));
  assert.equal((await trace(ctx, book, "purchaseOrder/PO-1", { documentsMax: 2 })).isCut, true);
  await assert.rejects(trace(ctx, book, "2026-03/记-99"), refused("reference.unknown"));
  await assert.rejects(trace(ctx, book, "nonsense"), refused("reference.malformed"));
});

test("what has arrived is listed with its state and why, and makes a hundred percent", async () => {
  const whole = await readCompleteness(ctx, book);
  assert.deepEqual([whole.arrived, whole.posted, whole.exempt, whole.waiting, whole.parked, whole.refused], [13, 9, 2, 1, 1, 1]);
  assert.equal(whole.percent.total, "100.000000");
  assert.equal(whole.rows.reduce((sum, row) => sum + row.arrived, 0), whole.arrived);
  assert.deepEqual((await listDocuments(ctx, book, { state: "waiting" })).map(({ document, reasons }) => [document, reasons[0]?.code]), [["erp:supplierInvoice/INV-B", "link.waiting"]]);
  assert.deepEqual((await listDocuments(ctx, book, { state: "parked" })).map(({ document, reasons }) => [document, reasons[0]?.code]), [["wms:shipment/SH-2", "masterdata.unknown"]]);
  const [bad] = await listRefused(ctx, book);
  assert.equal(bad?.reasons[0]?.code, "field.number");
  const shown = await showDocument(ctx, book, "erp:supplierInvoice/INV-A");
  assert.deepEqual([shown.versions.length, (shown.body as { invoiceNumber: string }).invoiceNumber], [1, "26332000000012345678"]);
  assert.deepEqual((await findDocument(store, book, "goodsReceipt/GR-1/1")).lineId, "1");
});

test("a voucher that a person reviewed is shown, traced and verified like any other", async () => {
  const reversal = await reverseVoucher(ctx, "B1", "2026-03/记-8", "2026-04-04", "wrong customer");
  assert.equal(reversal.reasons[0]?.code, "voucher.review_needed");
  assert.deepEqual((await verify(ctx, book)).findings, []);
  const { draft_id: draft } = await store.one<{ draft_id: bigint }>("select draft_id from vouchers.draft where book_id = $1", [book.bookId]);
  const { period, number } = await reviewDraft({ ...ctx, actor: { id: "li" } }, "B1", String(draft));
  const [voucher] = await readVouchers(ctx, book, { period, number });
  assert.deepEqual([voucher?.summary, voucher?.preparedBy, voucher?.reviewedBy, voucher?.reversalOf, voucher?.sources[0]?.document], ["注销3月30日记-8号凭证", "chen", "li", "2026-03/记-8", "tieout:manualVoucher/reverse-2026-03-记-8"]);
  assert.equal((await readVouchers(ctx, book, { document: "manualVoucher/reverse-2026-03-记-8" })).length, 1);
  assert.ok((await trace(ctx, book, `${period}/${number}`)).nodes.some(({ id }) => id === `${period}/${number}`));
});

test("the engine's books are whole, and balances rebuilt from the lines are those it kept", async () => {
  const verification = await verify(ctx, book);
  assert.deepEqual(verification.findings, []);
  assert.ok(verification.anchoredBlock === verification.blocks && verification.blocks > 0);
  const kept = await store.query("select * from vouchers.balance_cache where book_id = $1 order by period, account, dimension_set_id, currency", [book.bookId]);
  await rebuildBalances(ctx, book);
  assert.deepEqual(await store.query("select * from vouchers.balance_cache where book_id = $1 order by period, account, dimension_set_id, currency", [book.bookId]), kept.filter((row) => Object.values(row as object).some((value) => typeof value === "bigint" && value !== 0n)));
});

test("documents that share a voucher are all named as its sources, line by line", async () => {
  const merged = await createBook(ctx, { code: "B2", pack: "cas-general", currency: "CNY", from: "2026-03", group: "other", settings: { merge: "perDay" } });
  const receipt = (id: string, quantity: string) => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date: "2026-03-05", supplier: "S01", warehouse: "W1", lines: [line({ quantity, price: "2.00" })] });
  await postDocuments(ctx, "B2", [...documents.slice(0, 2), receipt("GR-1", "5"), receipt("GR-2", "7")]);
  const vouchers = await readVouchers(ctx, merged);
  assert.deepEqual(vouchers.map(({ number, sources, attachments }) => [number, attachments, sources.map(({ document, quantity, amount }) => `${document} ${quantity} ${amount}`)]), [["记-1", 2, ["wms:goodsReceipt/GR-1 5 10.00", "wms:goodsReceipt/GR-2 7 14.00"]]]);
  for (const id of ["GR-1", "GR-2"]) {
    assert.equal((await readVouchers(ctx, merged, { document: `goodsReceipt/${id}` })).length, 1, id);
    assert.ok((await trace(ctx, merged, `goodsReceipt/${id}`)).edges.some(({ edge, from, to }) => edge === "caused" && from === `wms:goodsReceipt/${id}` && to === "2026-03/记-1"), id);
  }
  assert.deepEqual((await verify(ctx, merged)).findings, []);
});

test("a changed document is traced to the difference voucher too", async () => {
  const [changed] = documents.filter((one) => "sourceId" in one && one.sourceId === "INV-USD") as Record<string, unknown>[];
  await postDocuments(ctx, "B1", [{ ...changed, sourceVersion: 2, lines: [{ lineId: "1", category: "service", account: "6601", department: "HQ", amountNet: "120.00" }] }]);
  const vouchers = await readVouchers(ctx, book, { document: "supplierInvoice/INV-USD" });
  assert.deepEqual(vouchers.map(({ lines }) => lines.map(({ account, debit, credit }) => `${account} ${debit} ${credit}`).join("; ")), ["6601 710.00 0.00; 2202.01 0.00 710.00", "6601 142.00 0.00; 2202.01 0.00 142.00"]);
  const shown = await showDocument(ctx, book, "erp:supplierInvoice/INV-USD");
  assert.deepEqual(shown.versions.map(({ version, state }) => [version, state]), [[1, "superseded"], [2, "posted"]]);
  assert.deepEqual((await readOpenItems(ctx, book, { party: "CARRIER" })).map(({ open, openBase }) => [open, openBase]), [["120.00", "852.00"]]);
  assert.deepEqual((await verify(ctx, book)).findings, []);
});
