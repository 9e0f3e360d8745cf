import assert from "node:assert/strict";
import { test } from "node:test";
import { type Engine, formatResults, lintStory, type Posted, parseStory, runStory, StoryError, type StoryBalance, type StoryVoucher, type StoryVoucherLine } from "./story.ts";

const head = "book   B1  pack cas-general  currency CNY  from 2026-03\n";

const example = `# 货先到、票后到,价格不同。The estimate is reversed in red; the invoice posts at its own price.
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  purchaseOrder PO-1  2026-03-01  supplier S01
         line 1  item STEEL  quantity 10  price 20.00  taxRate 0.13
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 10  of purchaseOrder/PO-1/1
then   voucher 记-1  2026-03-05
         1403 原材料  借   200.00
         2202.02   贷   200.00  supplier S01
then   balance 1403  借 200.00
then   parked nothing
`;

const line = (account: string, debit: string, credit: string, dimensions: Readonly<Record<string, string>> = {}, more: Partial<StoryVoucherLine> = {}): StoryVoucherLine =>
  ({ account, summary: "", debit, credit, currency: "CNY", amountOriginal: debit === "0.00" ? credit : debit, rate: "1", dimensions, ...more });
const voucher = (number: string, date: string, lines: readonly StoryVoucherLine[], more: Partial<StoryVoucher> = {}): StoryVoucher =>
  ({ number, series: "记", period: date.slice(0, 7), date, summary: "", attachments: 1, lines, ...more });
const balance = (account: string, closingDebit: string, closingCredit: string, dimensions: Readonly<Record<string, string>> = {}): StoryBalance =>
  ({ account, dimensions, openingDebit: "0.00", openingCredit: "0.00", debit: "0.00", credit: "0.00", closingDebit, closingCredit });

/** An engine that keeps no books: it says what the test tells it to say, and remembers what it was asked. */
function saying(answers: { vouchers?: readonly StoryVoucher[]; balances?: readonly StoryBalance[]; posted?: Readonly<Record<string, Posted>>; completeness?: Readonly<Record<string, string>>; closing?: Awaited<ReturnType<Engine["close"]>>; open?: { quantity: string; amount: string } }): { engine: Engine; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const fine: Posted = { state: "posted", vouchers: [], reasons: [] };
  const answer = (id: string): Posted => answers.posted?.[id] ?? fine;
  return {
    calls,
    engine: {
      createBook: async (book) => void calls.push(["createBook", book]),
      post: async (book, documents) => {
        calls.push(["post", book, documents]);
        return documents.map((document) => answer((document as { sourceId: string }).sourceId));
      },
      close: async (book, period) => (calls.push(["close", book, period]), answers.closing ?? []),
      reopen: async (book, period) => (calls.push(["reopen", book, period]), []),
      vouchers: async () => answers.vouchers ?? [],
      balances: async (book, period) => (calls.push(["balances", book, period]), answers.balances ?? []),
      documentState: async (_, ref) => answer(ref.split("/")[1] as string),
      open: async () => answers.open ?? { quantity: "0", amount: "0.00" },
      completeness: async () => answers.completeness ?? { posted: "100" },
      accounts: async () => [{ code: "1403", zh: "原材料", en: "Raw materials" }],
    },
  };
}

const play = (text: string, answers: Parameters<typeof saying>[0]): Promise<string> => runStory(parseStory(text, "a.story"), saying(answers).engine).then((result) => formatResults([result]).join("\n"));
const problemsOf = (text: string): readonly { readonly line: number; readonly code: string }[] => {
  try {
    parseStory(text, "stories/a.story");
  } catch (error) {
    assert.ok(error instanceof StoryError);
    return error.problems.map(({ line: at, code }) => ({ line: at, code }));
  }
  return [];
};

test("a story becomes documents in the public form", () => {
  const story = parseStory(example, "examples/46-x-例.story");
  assert.equal(story.name, "46-x-例.story");
  assert.deepEqual(story.about, ["货先到、票后到,价格不同。The estimate is reversed in red; the invoice posts at its own price."]);
  assert.deepEqual(story.books.map(({ at: _, ...book }) => book), [{ code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03", settings: { costing: "fifo", estimateMode: "reverseOnInvoice" } }]);
  const documents = story.steps.flatMap((step) => (step.do === "give" ? [step.document] : []));
  assert.deepEqual(documents, [
    { schema: "tieout/item@1", source: "story", sourceId: "STEEL", category: "rawMaterial", unit: "kg" },
    { schema: "tieout/supplier@1", source: "story", sourceId: "S01" },
    { schema: "tieout/purchaseOrder@1", source: "story", sourceId: "PO-1", date: "2026-03-01", supplier: "S01", lines: [{ lineId: "1", item: "STEEL", quantity: "10", price: "20.00", taxRate: "0.13" }] },
    { schema: "tieout/goodsReceipt@1", source: "story", sourceId: "GR-1", date: "2026-03-05", supplier: "S01", lines: [{ lineId: "1", item: "STEEL", quantity: "10", links: [{ to: "purchaseOrder/PO-1/1", quantity: "10" }] }] },
  ]);
});

test("links, bare flags, quoted values, counts and continued lines are read", () => {
  const story = parseStory(`${head}given  supplierInvoice INV-1  2026-03-05  supplier S01  credit  attachments 3  summary "红字 发票"
         line 1  item A  quantity 8  price 1.00  of goodsReceipt/GR-1/1 quantity 5
                 of wms:goodsReceipt/GR-2/1 quantity 3  taxRate 0.13
given  supplierPayment PAY-1  2026-03-06  supplier S01  bankAccount BA1  amount 9.04  pays supplierInvoice/INV-1
given  openingBalance OB-1  2026-02-28
         line 1  account 2202.02  credit 400.00  supplier S01  document goodsReceipt/GR-OLD/1
`, "a.story");
  const [invoice, payment, opening] = story.steps.map((step) => step.do === "give" && step.document) as Record<string, unknown>[];
  assert.deepEqual(invoice, { schema: "tieout/supplierInvoice@1", source: "story", sourceId: "INV-1", date: "2026-03-05", supplier: "S01", credit: true, attachments: 3, summary: "红字 发票",
    lines: [{ lineId: "1", item: "A", quantity: "8", price: "1.00", taxRate: "0.13", links: [{ to: "goodsReceipt/GR-1/1", quantity: "5" }, { to: "wms:goodsReceipt/GR-2/1", quantity: "3" }] }] });
  assert.deepEqual(payment?.links, [{ to: "supplierInvoice/INV-1", amount: "9.04" }]);
  assert.deepEqual(opening?.lines, [{ lineId: "1", account: "2202.02", credit: "400.00", counterparty: "S01", document: "goodsReceipt/GR-OLD/1" }]);
});

test("a version is the next sourceVersion, a cancellation the last one with its status", () => {
  const story = parseStory(`${head}given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item A  quantity 60  price 10.00
given  version goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item A  quantity 58  price 10.00
given  goodsReceipt GR-1  2026-03-05  supplier S01  sourceVersion 2
         line 1  item A  quantity 58  price 10.00
given  cancel goodsReceipt GR-1  2026-03-20
`, "a.story");
  const documents = story.steps.map((step) => step.do === "give" && step.document) as Record<string, unknown>[];
  assert.deepEqual(documents.map((document) => [document.sourceVersion, document.date, document.status]), [[undefined, "2026-03-05", undefined], [2, "2026-03-05", undefined], [2, "2026-03-05", undefined], [3, "2026-03-20", "cancelled"]]);
  assert.deepEqual(documents[3]?.lines, documents[2]?.lines);
});

test("every problem of a story is named with its line, in both languages", () => {
  const text = `${head}set    costing fifo
given  itm STEEL
given  goodsReceipt GR-1  2026-02-30  supplier S01
given  goodsReceipt GR-2  2026-03-05  supplier S01
         line 1  itme STEEL  quantity 10
given  goodsReceipt GR-2  2026-03-06  supplier S01
given  cancel shipment SH-9
when   something
then   voucher 1  2026-03-05
then   balance 1403  5.00
then   parked GR-9
then   nothing
then   voucher 记-1  2026-03-05
         1403  5.00
`;
  assert.deepEqual(problemsOf(text), [
    { line: 3, code: "story.kind" }, { line: 4, code: "story.value" }, { line: 6, code: "story.field" }, { line: 7, code: "story.twice" },
    { line: 8, code: "story.unknown_document" }, { line: 9, code: "story.statement" }, { line: 10, code: "story.value" }, { line: 11, code: "story.side" },
    { line: 12, code: "story.unknown_document" }, { line: 13, code: "story.then" }, { line: 15, code: "story.line" },
  ]);
  assert.throws(() => parseStory(`${head}given  itm STEEL\n`, "stories/a.story"), /stories\/a\.story:2 {2}没有 "itm" 这种单据或主数据。There is no kind of document or master record called "itm"\./);
});

test("a story without a book, or with a setting too late, is refused", () => {
  assert.deepEqual(problemsOf("given item A\n"), [{ line: 1, code: "story.no_book" }]);
  assert.deepEqual(problemsOf(""), [{ line: 1, code: "story.no_book" }]);
  assert.deepEqual(problemsOf(`${head}given  item A\nset    costing fifo\n`), [{ line: 3, code: "story.set" }]);
});

test("neighbouring documents are posted together, before what is expected of them", async () => {
  const { engine, calls } = saying({});
  await runStory(parseStory(`${head}given  item A
given  goodsReceipt GR-1  2026-03-05  supplier S01
given  version goodsReceipt GR-1  2026-03-05  supplier S01
then   parked nothing
given  close 2026-03
given  reopen 2026-03
given  item B
`, "a.story"), engine);
  assert.deepEqual(calls.map(([call, , documents]) => (call === "post" ? (documents as { sourceId: string }[]).map((document) => document.sourceId) : call)),
    ["createBook", ["A", "GR-1"], ["GR-1"], "close", "reopen", ["B"]]);
});

test("documents go to the book they name, master records to every book", async () => {
  const { engine, calls } = saying({});
  await runStory(parseStory(`book A pack cas-general from 2026-03\nset costing fifo\nbook B pack cas-general from 2026-03
given  item X
given  shipment SH-1  2026-03-05  customer C
given  goodsReceipt GR-1  2026-03-05  supplier S  book B
`, "a.story"), engine);
  assert.deepEqual(calls.filter(([call]) => call === "post").map(([, book, documents]) => [book, (documents as { sourceId: string }[]).map((document) => document.sourceId)]),
    [["A", ["X"]], ["B", ["X"]], ["A", ["SH-1"]], ["B", ["GR-1"]]]);
  assert.deepEqual(calls.filter(([call]) => call === "createBook").map(([, book]) => (book as { settings: unknown }).settings), [{ costing: "fifo" }, {}]);
});

const receipt = voucher("记-1", "2026-03-05", [line("1403", "150.00", "0.00", { item: "STEEL", warehouse: "W1" }), line("1403", "50.00", "0.00", { item: "STEEL", warehouse: "W2" }), line("2202.02", "0.00", "200.00", { counterparty: "S01" })]);

test("lines are summed over the dimensions that the story does not write", async () => {
  assert.equal(await play(example, { vouchers: [receipt], balances: [balance("1403", "200.00", "0.00", { item: "STEEL" })] }), "ok a.story\n1 passed, 0 failed");
});

test("a dimension that is written must agree", async () => {
  const text = `${head}then   voucher 记-1  2026-03-05
         1403  借  150.00  warehouse W1
         1403  借   50.00  warehouse W2
         2202.02  贷  200.00  supplier S01
`;
  assert.equal(await play(text, { vouchers: [receipt] }), "ok a.story\n1 passed, 0 failed");
  assert.match(await play(text.replace("W2", "W3"), { vouchers: [receipt] }), /1403 .*warehouse W3 +50\.00 +– +←\n.*\n.*1403 .*warehouse W2 +– +50\.00 +←/);
});

test("the first difference shows expected beside actual with the account's name, aligned", async () => {
  const wrong = voucher("记-1", "2026-03-05", [line("1403", "210.00", "0.00"), line("2202.02", "0.00", "210.00", { counterparty: "S01" })]);
  assert.equal(await play(example, { vouchers: [wrong] }), [
    "not ok a.story:13",
    "  凭证 记-1 2026-03-05 的分录不同 · the lines of voucher 记-1 2026-03-05 differ",
    "                                                       应为 expected  实为 actual",
    "  1403     原材料 Raw materials  借                           200.00       210.00  ←",
    "  2202.02                        贷  counterparty S01         200.00       210.00  ←",
    "",
    "0 passed, 1 failed",
  ].join("\n"));
});

test("a voucher that is missing shows what was posted instead, as a story would write it, and what was not posted", async () => {
  const output = await play(example.replace("记-1", "记-2"), { vouchers: [receipt], posted: { "GR-1": { state: "parked", vouchers: [], reasons: [{ code: "item.unknown", zh: "没有物料", en: "no such item" }] } } });
  assert.match(output, /2026-03 没有凭证 记-2 · there is no voucher 记-2 in 2026-03/);
  assert.match(output, /then {3}voucher 记-1 {2}2026-03-05/);
  assert.match(output, /1403 +借 +150\.00 +item STEEL warehouse W1/);
  assert.match(output, /goodsReceipt\/GR-1 挂起 parked: item\.unknown 没有物料 no such item/);
});

test("a parent account stands for its children that the story does not list", async () => {
  const text = `${head}then   voucher 记-1  2026-03-05
         6602  借  118.00
         2211.01  贷  100.00
         2211  贷  18.00
`;
  const payroll = voucher("记-1", "2026-03-05", [line("6602.01", "100.00", "0.00"), line("6602.02", "18.00", "0.00"), line("2211.01", "0.00", "100.00"), line("2211.03", "0.00", "18.00")]);
  assert.equal(await play(text, { vouchers: [payroll] }), "ok a.story\n1 passed, 0 failed");
});

test("red on the same side is not the other side", async () => {
  const text = `${head}then   voucher 记-1  2026-03-05  reverses 2026-02/记-9
         1403  借  -5.00
         2202.02  贷  -5.00
`;
  const red = voucher("记-1", "2026-03-05", [line("1403", "-5.00", "0.00"), line("2202.02", "0.00", "-5.00")], { reversalOf: "2026-02/记-9" });
  assert.equal(await play(text, { vouchers: [red] }), "ok a.story\n1 passed, 0 failed");
  assert.match(await play(text, { vouchers: [voucher("记-1", "2026-03-05", [line("1403", "0.00", "5.00"), line("2202.02", "5.00", "0.00")], { reversalOf: "2026-02/记-9" })] }), /^not ok a\.story:3/);
  assert.match(await play(text, { vouchers: [{ ...red, reversalOf: null }] }), /冲销的凭证不同/);
});

test("currency, original amount and rate are compared where they are written", async () => {
  const text = `${head}then   voucher 记-1  2026-03-05
         1405  借  71000.00
         2202.01  贷  71000.00  currency USD  amountOriginal 10000.00  rate 7.10
`;
  const foreign = (rate: string): StoryVoucher => voucher("记-1", "2026-03-05", [line("1405", "71000.00", "0.00"), line("2202.01", "0.00", "71000.00", {}, { currency: "USD", amountOriginal: "10000.00", rate })]);
  assert.equal(await play(text, { vouchers: [foreign("7.1000000000")] }), "ok a.story\n1 passed, 0 failed");
  assert.match(await play(text, { vouchers: [foreign("7.2")] }), /rate 7\.1000000000/);
});

test("vouchers says that nothing else was posted", async () => {
  const text = `${example}then   vouchers\n`;
  const balances = [balance("1403", "200.00", "0.00")];
  assert.equal(await play(text, { vouchers: [receipt], balances }), "ok a.story\n1 passed, 0 failed");
  assert.match(await play(text, { vouchers: [receipt, voucher("记-1", "2026-04-01", [line("6603", "1.00", "0.00"), line("1002", "0.00", "1.00")])], balances }), /1 more voucher\(s\) were posted[\s\S]*记-1 {2}2026-04-01/);
});

test("a balance sums the account's children and the dimensions that match", async () => {
  const balances = [balance("2202.01", "0.00", "30.00", { counterparty: "S01" }), balance("2202.02", "10.00", "0.00", { counterparty: "S01" }), balance("2202.01", "0.00", "7.00", { counterparty: "S02" }), balance("22020", "5.00", "0.00")];
  const text = `${head}then   balance 2202 应付账款  supplier S01  贷 20.00  at 2026-03
then   balance 2202  贷 27.00
then   balance 1403  0.00
`;
  assert.equal(await play(text, { balances }), "ok a.story\n1 passed, 0 failed");
  assert.match(await play(`${head}then   balance 2202  借 27.00\n`, { balances }), /应为 expected +借 27\.00\n.*实为 actual +贷 27\.00/);
});

test("parked, waiting, refused and duplicate documents are asked for with their reason", async () => {
  const answers = { posted: {
    "GR-1": { state: "parked", vouchers: [], reasons: [{ code: "item.unknown", zh: "", en: "" }] }, "GR-2": { state: "refused", vouchers: [], reasons: [{ code: "invoice.duplicate", zh: "发票重复", en: "" }] },
    "GR-3": { state: "duplicate", vouchers: [], reasons: [] }, "GR-4": { state: "waiting", vouchers: [], reasons: [{ code: "link.waiting", zh: "", en: "" }] } } } as const;
  const given = [1, 2, 3, 4].map((n) => `given  goodsReceipt GR-${n}  2026-03-05  supplier S01\n`).join("");
  const states = "then   parked GR-1  because item.unknown\nthen   refused goodsReceipt/GR-2  because invoice.duplicate\nthen   duplicate GR-3\nthen   waiting GR-4\n";
  assert.equal(await play(head + given + states, answers), "ok a.story\n1 passed, 0 failed");
  assert.match(await play(head + given, answers), /goodsReceipt\/GR-2 被拒收/);
  assert.match(await play(head + given + states.replace("item.unknown", "item.wrong"), answers), /应为 expected +挂起 parked +item\.wrong/);
  assert.match(await play(`${head + given + states}then   parked nothing\n`, answers), /goodsReceipt\/GR-1: item\.unknown/);
  assert.match(await play(`${head + given + states}then   waiting nothing\n`, answers), /goodsReceipt\/GR-4: link\.waiting/);
});

test("a period that cannot be closed fails the story unless it says so", async () => {
  const closing = [{ code: "close.waiting", zh: "有等待的单据", en: "documents are waiting" }];
  assert.match(await play(`${head}given  close 2026-03\n`, { closing }), /2026-03 不能结账[\s\S]*close\.waiting/);
  assert.equal(await play(`${head}given  close 2026-03\nthen   refused close/2026-03  because close.waiting\n`, { closing }), "ok a.story\n1 passed, 0 failed");
});

test("open quantities, completeness, attachments and summaries are compared", async () => {
  const answers = { vouchers: [voucher("记-1", "2026-03-05", [line("1403", "1.00", "0.00"), line("1405", "0.00", "1.00")], { attachments: 3, summary: "注销3月1日记-1号凭证" })], open: { quantity: "10.000000", amount: "100.00" }, completeness: { posted: "75.5", parked: "24.5" } };
  const text = `${head}then   voucher 记-1  2026-03-05  summary "注销3月1日记-1号凭证"
         1403  借  1.00
         1405  贷  1.00
then   attachments 3
then   summary "记-1号"
then   open goodsReceipt/GR-2/1  quantity 10  amount 100.00
then   completeness 100%
`;
  assert.equal(await play(text, answers), "ok a.story\n1 passed, 0 failed");
  assert.match(await play(text.replace("attachments 3", "attachments 2"), answers), /附件数不同/);
  assert.match(await play(text.replace('summary "记-1号"', 'summary "订正"'), answers), /摘要不同/);
  assert.match(await play(text.replace("quantity 10", "quantity 9"), answers), /未清数不同/);
  assert.match(await play(text, { ...answers, completeness: { posted: "99" } }), /99\.000000%/);
});

test("lint finds vouchers that do not balance, numbers with gaps and balances that are not their sum", () => {
  const problems = lintStory(parseStory(`${head}given  openingBalance OB-1  2026-02-28
         line 1  account 1405  item A  quantity 1  debit 5.00
         line 2  account 4001  credit 5.00
then   voucher 记-1  2026-03-05
         1405  借  7.00
         2202.01  贷  7.00  supplier S01
then   voucher 记-3  2026-03-06
         1405  借  1.00
         2202.01  贷  2.00  supplier S02
then   balance 1405  借 13.00
then   balance 2202  supplier S01  贷 8.00
`, "a.story"));
  assert.deepEqual(problems.map((problem) => [problem.line, problem.en]), [
    [8, "voucher 记-3 2026-03-06 is off by -1.00"], [8, "the number should be 记-2"], [12, "the vouchers of 2202 make -7.00, the balance says -8.00 (debit above zero)"],
  ]);
});
