/** 付款: what is due, batches with a second pair of eyes, files for the bank, accounts of suppliers, and what all this leaves of the cash. */
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { loadBook } from "../../books/index.ts";
import { ask, forecastCash, valueOf } from "../../insight/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { approvePayable, approvePayments, decideSupplierAccount, exportPayments, listBankAccounts, listBatches, listPayables, listPaymentLayouts, listSupplierAccounts, paymentFields, type PaymentFormat, paymentFormats, proposePayments, removeLayout, savePaymentLayout, setSupplierAccount, settlePayments, showBatch, suggestPayer, withdrawPayments } from "../../reconciliation/index.ts";
import { addDays, exponentOf, parseDecimal } from "../../values/index.ts";
import { BookParams, errors, PageQuery, ProblemView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";

const closed = { additionalProperties: false } as const;
const Text = Type.String({ maxLength: 200 });
const Maybe = Type.Union([Type.String(), Type.Null()]);
const Day = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" });
const Item = Type.String({ pattern: "^\\d{1,18}/.{0,100}$" });
const PayableView = Type.Object({
  item: Type.String(), document: Type.String(), kind: Type.String(), supplier: Type.String(), supplierName: Type.String(), invoiceNumber: Type.String(), date: Type.String(), dueOn: Type.String(), currency: Type.String(), open: Type.String(), planned: Type.String(), left: Type.String(),
  discount: Type.Union([Type.Object({ until: Type.String(), amount: Type.String() }), Type.Null()], { description: "期限内整笔付清可少付 Kept back when it is paid whole by then" }),
  match: Type.String(), findings: Type.Array(Type.String()), atStake: Type.String(), approval: Type.Union([Type.Object({ by: Type.String(), at: Type.String(), reason: Type.String() }), Type.Null()]), isPayable: Type.Boolean(), account: Type.String(), against: Type.String(), cursor: Type.String(),
});
const BatchFields = {
  batch: Type.String(), bankAccount: Type.String(), currency: Type.String(), executeOn: Type.String(), messageId: Type.String(), state: Type.String(), note: Type.String(), proposedAt: Type.String(), proposedBy: Type.String(), approvedAt: Maybe, approvedBy: Maybe, exportedAt: Maybe, exportedBy: Maybe, endedAt: Maybe, endedBy: Maybe, endReason: Type.String(),
  payments: Type.Integer(), amount: Type.String(), paid: Type.String(), cursor: Type.String(),
};
const AccountFields = { accountNo: Type.String(), supplier: Type.String(), name: Type.String(), number: Type.String({ description: "无银行账号权限者只见末四位 Its last four digits for those who may not see bank accounts" }), bank: Type.String(), bankName: Type.String(), province: Type.String(), city: Type.String(), setAt: Type.String(), setBy: Type.String(), decidedAt: Maybe, decidedBy: Maybe };
const LineView = Type.Object({
  payment: Type.String(), supplier: Type.String(), supplierName: Type.String(), amount: Type.String(), endToEndId: Type.String(), paidOn: Maybe, paidBy: Maybe, isAccountChanged: Type.Boolean(), account: Type.Object(AccountFields), items: Type.Array(Type.Object({ document: Type.String(), dueOn: Type.String(), amount: Type.String({ description: "核销额,含折扣 Cleared, the discount with it" }), discount: Type.String() })),
});
const PayerView = Type.Object({ name: Type.String(), account: Type.String(), bank: Type.String(), bankName: Type.String() });

/** Refuses: layout.unknown. */
const formatOf = (text: string): PaymentFormat => paymentFormats.find((format) => format === text) ?? (text.startsWith("layout:") ? (text as `layout:${string}`) : refuse("layout.unknown", { name: text }));

export function paymentRoutes(api: Http, ctx: Ctx): void {
  const tags = ["reconciliation"];
  const read = { asks: "bank.read" } as const;
  const propose = { asks: "payments.propose" } as const;
  const approve = { asks: "payments.approve" } as const;
  const BatchParams = Type.Object({ book: Type.String(), batch: Type.String() });
  const masked = (request: FastifyRequest, number: string): string => (request.sight.columns.has("bank") ? number : `****${number.slice(-4)}`);

  api.get("/books/:book/payables", {
    config: read, schema: { tags, summary: "应付待付 What is due to suppliers", params: BookParams, querystring: Type.Object({ supplier: Type.Optional(Text), dueBy: Type.Optional(Day), ...PageQuery }, closed), response: { 200: Type.Array(PayableView), ...errors } },
  }, async (request) => listPayables(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.query));
  api.post("/books/:book/payables/approve", {
    config: approve, schema: { tags, summary: "批准例外付款 Approve an invoice that does not match", params: BookParams, body: Type.Object({ item: Item, reason: Type.String({ maxLength: 500 }) }, closed), response: { 200: Type.Object({ document: Type.String() }), ...errors } },
  }, async (request) => approvePayable(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body.item, request.body.reason));

  api.get("/books/:book/payment-outlook", {
    config: read, schema: { tags, summary: "付款前的资金预测 Cash of the coming weeks", params: BookParams, querystring: Type.Object({ day: Type.Optional(Day) }, closed), response: { 200: Type.Object({ from: Type.String(), opening: Type.String(), weeks: Type.Array(Type.Object({ week: Type.Integer(), from: Type.String(), to: Type.String(), in: Type.String(), out: Type.String(), balance: Type.String() })) }), ...errors } },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    const book = await loadBook(ctx.db, request.params.book);
    const day = request.query.day ?? ctx.now().toISOString().slice(0, 10);
    const asking = { ctx: acting, sight: request.sight, book };
    const cash = valueOf(await ask(asking, { metrics: ["cash"], time: { from: day, to: day } }), "cash");
    return forecastCash(asking, day, parseDecimal(cash ?? "0", exponentOf(book.currency)) ?? 0n);
  });

  api.get("/books/:book/payment-batches", {
    config: read, schema: { tags, summary: "付款批次 Batches of payments", params: BookParams, querystring: Type.Object({ open: Type.Optional(Type.Boolean()), ...PageQuery }, closed), response: { 200: Type.Array(Type.Object(BatchFields)), ...errors } },
  }, async (request) => listBatches(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), { ...request.query, isOpen: request.query.open }));
  api.get("/books/:book/payment-batches/:batch", { config: read, schema: { tags, summary: "一个批次 One batch", params: BatchParams, response: { 200: Type.Object({ ...BatchFields, payer: PayerView, lines: Type.Array(LineView) }), ...errors } } }, async (request) => {
    const acting = actorOf(ctx, request);
    const book = await loadBook(ctx.db, request.params.book);
    const shown = await showBatch(acting, book, request.params.batch);
    const payer = shown.payer ?? (await suggestPayer(acting, book, shown.bankAccount));
    return { ...shown, payer: { ...payer, account: masked(request, payer.account) }, lines: shown.lines.map((line) => ({ ...line, account: { ...line.account, number: masked(request, line.account.number) } })) };
  });
  api.post("/books/:book/payment-batches", {
    config: propose, schema: { tags, summary: "提出付款 Propose payments", params: BookParams, body: Type.Object({ bankAccount: Text, executeOn: Day, note: Type.Optional(Type.String({ maxLength: 500 })), items: Type.Array(Type.Object({ item: Item, amount: Type.Optional(Type.String({ maxLength: 30 })) }, closed), { minItems: 1, maxItems: 2_000 }) }, closed), response: { 200: Type.Object(BatchFields), ...errors } },
  }, async (request) => proposePayments(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body));
  api.post("/books/:book/payment-batches/:batch/approve", { config: approve, schema: { tags, summary: "批准付款 Approve a batch", params: BatchParams, response: { 200: Type.Object(BatchFields), ...errors } } },
    async (request) => approvePayments(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.batch));
  api.post("/books/:book/payment-batches/:batch/withdraw", {
    config: propose, schema: { tags, summary: "撤回批次 Withdraw a batch", params: BatchParams, body: Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed), response: { 200: Type.Object(BatchFields), ...errors } },
  }, async (request) => withdrawPayments(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.batch, request.body.reason));
  api.post("/books/:book/payment-batches/:batch/export", {
    config: propose, schema: {
      tags, summary: "导出银行文件 The file for the bank", description: "首次导出固定付款方与时间,再次导出字节相同。The first export fixes payer and time; every later one gives the same bytes.", params: BatchParams,
      body: Type.Object({ format: Type.String({ maxLength: 80, description: "pain.001.001.03, pain.001.001.09, icbc-csv, layout:<name>" }), payer: Type.Optional(Type.Object({ name: Type.Optional(Text), account: Type.Optional(Text), bank: Type.Optional(Text), bankName: Type.Optional(Text) }, closed)) }, closed),
      response: { 200: Type.Object({ name: Type.String(), type: Type.String(), body: Type.String() }), ...errors },
    },
  }, async (request) => {
    if (!request.sight.columns.has("bank")) refuse("payment.bank_hidden");
    return exportPayments(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.batch, formatOf(request.body.format), request.body.payer as never);
  });
  const Column = Type.Object({ head: Type.String({ maxLength: 100 }), field: Type.Union(paymentFields.map((field) => Type.Literal(field))), text: Type.Optional(Type.String({ maxLength: 200 })) }, closed);
  const Columns = Type.Array(Column, { minItems: 1, maxItems: 60 });
  const LayoutParams = Type.Object({ book: Type.String(), name: Type.String({ maxLength: 60 }) });
  api.get("/books/:book/payment-layouts", { config: read, schema: { tags, summary: "付款文件版式 Layouts of payment files", params: BookParams, response: { 200: Type.Array(Type.Object({ name: Type.String(), body: Columns, setAt: Type.String(), setBy: Type.String() })), ...errors } } },
    async (request) => (await listPaymentLayouts(actorOf(ctx, request), await loadBook(ctx.db, request.params.book))).map((layout) => ({ ...layout, body: [...layout.body] })));
  api.put("/books/:book/payment-layouts/:name", { config: propose, schema: { tags, summary: "保存付款文件版式 Keep a layout of payment files", params: LayoutParams, body: Type.Object({ columns: Columns }, closed), response: { 200: Type.Object({ name: Type.String() }), ...errors } } },
    async (request) => savePaymentLayout(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.name, request.body.columns));
  api.delete("/books/:book/payment-layouts/:name", { config: propose, schema: { tags, summary: "删除付款文件版式 Remove a layout of payment files", params: LayoutParams, response: { 200: Type.Object({ name: Type.String() }), ...errors } } },
    async (request) => removeLayout(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), "payment", request.params.name));

  api.post("/books/:book/payment-batches/settle", {
    config: propose, schema: { tags, summary: "按银行流水与付款单核销 Settle what was paid", params: BookParams, response: { 200: Type.Object({ paid: Type.Array(Type.Object({ endToEndId: Type.String(), document: Type.String(), paidOn: Type.String() })), problems: Type.Array(Type.Object({ endToEndId: Type.String(), reasons: Type.Array(ProblemView) })), open: Type.Integer() }), ...errors } },
  }, async (request) => settlePayments(actorOf(ctx, request), await loadBook(ctx.db, request.params.book)));

  const AccountView = Type.Object({ ...AccountFields, reason: Type.String(), state: Type.String(), sameAs: Type.Array(Type.String()) });
  api.get("/books/:book/supplier-accounts", { config: read, schema: { tags, summary: "供应商收款账户 Accounts of suppliers; without a supplier those that wait", params: BookParams, querystring: Type.Object({ supplier: Type.Optional(Text) }, closed), response: { 200: Type.Array(AccountView), ...errors } } },
    async (request) => (await listSupplierAccounts(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.query.supplier)).map((row) => ({ ...row, number: masked(request, row.number) })));
  api.post("/books/:book/supplier-accounts", {
    config: propose, schema: { tags, summary: "登记或变更收款账户 Enter or change an account", params: BookParams, body: Type.Object({ supplier: Text, name: Text, number: Type.String({ maxLength: 60 }), bank: Type.String({ maxLength: 20 }), bankName: Type.Optional(Text), province: Type.Optional(Text), city: Type.Optional(Text), reason: Type.String({ maxLength: 500 }) }, closed), response: { 200: Type.Object({ accountNo: Type.String() }), ...errors } },
  }, async (request) => setSupplierAccount(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body));
  api.post("/books/:book/supplier-accounts/:account/decide", {
    config: approve, schema: { tags, summary: "批准或拒绝账户变更 Approve or reject a changed account", params: Type.Object({ book: Type.String(), account: Type.String({ pattern: "^\\d{1,18}$" }) }), body: Type.Object({ approve: Type.Boolean() }, closed), response: { 200: Type.Object({ supplier: Type.String() }), ...errors } },
  }, async (request) => decideSupplierAccount(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.account, request.body.approve));

  /** What the desk needs to begin: accounts to pay from, and the days that one usually plans for. */
  api.get("/books/:book/payment-desk", { config: read, schema: { tags, summary: "付款台的选项 Options of the payment desk", params: BookParams, response: { 200: Type.Object({ banks: Type.Array(Type.Object({ bankAccount: Type.String(), zh: Type.String(), en: Type.String(), currency: Type.String() })), today: Type.String(), inTwoWeeks: Type.String() }), ...errors } } }, async (request) => {
    const today = ctx.now().toISOString().slice(0, 10);
    return { banks: (await listBankAccounts(actorOf(ctx, request), await loadBook(ctx.db, request.params.book))).map(({ bankAccount, zh, en, currency }) => ({ bankAccount, zh, en, currency })), today, inTwoWeeks: addDays(today, 14) };
  });
}
