/** 对账: what ties and what does not, with its cause; what is done about it. */
import { Type } from "@fastify/type-provider-typebox";
import { type Book, loadBook } from "../../books/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { acceptDifference, answerLetter, assignDifference, type ChainFilter, correctDifference, listCauses, listChain, listDifferences, listLetters, listRuns, makeLetter, openLetter, readBoard, readSides, reconcileBook, reopenDifference, showDifference, showLetter, showLink, sumChain, withdrawLetter } from "../../reconciliation/index.ts";
import { BookParams, errors, PageQuery } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import { letterPaper, PaperQuery, sendPaper } from "../papers.ts";
import { writeSheet } from "../sheet.ts";

const tags = ["reconciliation"];
const Text = Type.Union([Type.String(), Type.Null()]);
const Words = Type.Object({ zh: Type.String(), en: Type.String() });
const Period = Type.String({ pattern: "^\\d{4}-\\d{2}$" });
const RangeQuery = { from: Type.Optional(Period), to: Type.Optional(Period) };
const Owner = Type.Object({ kind: Type.String({ description: "person 责任人,duty 有此职责者 A person, or whoever has the duty" }), id: Type.String(), name: Type.String() });
const Figures = Type.Union([Type.Object({ opening: Type.String(), increase: Type.String(), decrease: Type.String(), closing: Type.String() }), Type.Null()], { description: "null:无权查看成本 null: costs may not be seen" });
const Side = Type.Object({ ledger: Type.String(), account: Type.String(), name: Words, of: Type.String({ description: "往来单位或物料 Party or item" }), ofName: Type.String(), business: Figures, books: Figures, difference: Text, causes: Type.Array(Type.Object({ cause: Type.String(), zh: Type.String(), en: Type.String(), count: Type.Integer() })) });
const Difference = {
  difference: Type.String(), no: Type.Union([Type.Integer(), Type.Null()], { description: "十八种原因的编号 The number of the cause" }), part: Type.String(), cause: Type.String(), causeZh: Type.String(), causeEn: Type.String(), subject: Type.String(), why: Words, account: Type.String(), accountName: Words, party: Type.String(), partyName: Type.String(), item: Type.String(), itemName: Type.String(), period: Type.String(),
  documents: Type.Array(Type.String()), vouchers: Type.Array(Type.String()), business: Text, books: Text, amount: Text, since: Type.String(), days: Type.Integer(), owner: Owner, assignedTo: Type.String(), dueOn: Text, state: Type.String(), foundAt: Type.String(), changedAt: Type.String(), closedAt: Text, proposed: Type.String(), cursor: Type.String(),
};
const Shown = Type.Object({
  ...Difference, parts: Type.Array(Type.Object({ ledger: Type.String(), account: Type.String(), accountName: Words, of: Type.String(), ofName: Type.String(), business: Text, books: Text })), facts: Type.Unknown(), counter: { ...Text, description: "调整凭证须由人给出对方科目的金额 What an adjusting voucher leaves to a counter account" },
  history: Type.Array(Type.Object({ at: Type.String(), by: Type.String(), what: Type.String(), amount: Text, reason: Type.String(), facts: Type.Unknown() })),
});
const Reason = { reason: Type.String({ maxLength: 500 }) };
const NumberParams = Type.Object({ book: Type.String(), no: Type.String({ description: "差异编号 The difference's number" }) });
const ChainQuery = {
  side: Type.Union([Type.Literal("sale"), Type.Literal("purchase")]), state: Type.Optional(Type.Union(["open", "overdue", "over", "notInvoiced", "notPaid", "late"].map((state) => Type.Literal(state as "open")), { description: "open 未交完,overdue 逾期未交,over 超交,notInvoiced 未开票,notPaid 未收付,late 逾期未收付 still to move, overdue, moved too much, not invoiced, not paid, paid late" })),
  party: Type.Optional(Type.String()), salesperson: Type.Optional(Type.String()), item: Type.Optional(Type.String()), ...RangeQuery, find: Type.Optional(Type.String({ maxLength: 100 })),
};
const ChainLine = Type.Object({
  order: Type.String(), line: Type.String(), side: Type.String(), date: Type.String(), party: Type.String(), partyName: Type.String(), salesperson: Type.String(), salespersonName: Type.String(), item: Type.String(), itemName: Type.String(), dueOn: Text, ordered: Type.String(), moved: Type.String(), returned: Type.String(), invoiced: Type.String(), credited: Type.String(),
  orderedAmount: Type.String(), movedAmount: Type.String(), returnedAmount: Type.String(), invoicedAmount: Type.String(), creditedAmount: Type.String(), paidAmount: Type.String(), writtenOffAmount: Type.String(), toMove: Type.String(), toInvoice: Type.String(), toPay: Type.String(), lastMovedOn: Text, lastInvoicedOn: Text, payBy: Text, cursor: Type.String(),
});
const ChainSum = Type.Object({ key: Type.String(), name: Type.String(), lines: Type.Integer(), ordered: Type.String(), moved: Type.String(), returned: Type.String(), invoiced: Type.String(), credited: Type.String(), paid: Type.String(), writtenOff: Type.String(), toPay: Type.String(), payBy: Text });
const Letter = { letter: Type.String(), party: Type.String(), partyName: Type.String(), kind: Type.String(), currency: Type.String(), at: Type.String(), balance: Type.String(), madeAt: Type.String(), madeBy: Type.String(), expiresAt: Type.String(), state: Type.String(), answeredAt: Text, answeredBy: Text, theirBalance: Text, remark: Text, hash: Type.String({ description: "内容的 SHA-256 SHA-256 of what it says" }), answeredHash: Text, cursor: Type.String() };
const LetterView = Type.Object({ party: Type.String(), partyName: Type.String(), kind: Type.String(), company: Type.String(), currency: Type.String(), at: Type.String(), lines: Type.Array(Type.Object({ document: Type.String(), date: Type.String(), dueOn: Type.String(), currency: Type.String(), amount: Type.String(), cleared: Type.String(), open: Type.String(), openBase: Type.String() })), balance: Type.String() });
const TokenParams = Type.Object({ token: Type.String({ minLength: 20, maxLength: 100, description: "签名链接 The signed link" }) });

export function reconciliationRoutes(api: Http, ctx: Ctx): void {
  const read = { asks: "reconciliation.read" } as const;
  const decide = { asks: "reconciliation.decide" } as const;
  const sees = (request: { readonly sight: { readonly columns: ReadonlySet<string> } }) => ({ cost: request.sight.columns.has("cost") });

  api.get("/books/:book/reconciliation", {
    config: read, schema: {
      tags, summary: "对账总览 The reconciliation board", params: BookParams, querystring: Type.Object(RangeQuery, { additionalProperties: false }),
      response: { 200: Type.Object({
        from: Type.String(), to: Type.String(), run: Type.Union([Type.Object({ at: Type.String(), by: Type.String(), opened: Type.Integer(), closed: Type.Integer(), ms: Type.Integer(), isStale: Type.Boolean() }), Type.Null()]),
        parts: Type.Array(Type.Object({ part: Type.String(), differences: Type.Integer(), amount: Type.String(), extent: Type.String(), extentMore: Type.String() })), sides: Type.Array(Side),
        causes: Type.Array(Type.Object({ part: Type.String(), cause: Type.String(), no: Type.Union([Type.Integer(), Type.Null()]), zh: Type.String(), en: Type.String(), count: Type.Integer(), documents: Type.Integer(), amount: Type.String(), oldest: Type.String(), owner: Owner })),
        ages: Type.Array(Type.Object({ age: Type.String(), count: Type.Integer(), amount: Type.String() })), total: Type.String(),
      }), ...errors },
    },
  }, async (request) => readBoard(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.query, sees(request)));

  api.get("/books/:book/reconciliation/sides", {
    config: read, schema: { tags, summary: "一个科目的两侧,按往来单位或物料 Both sides of an account by party or item", params: BookParams, querystring: Type.Object({ from: Period, to: Period, account: Type.String({ minLength: 1 }) }, { additionalProperties: false }), response: { 200: Type.Array(Side), ...errors } },
  }, async (request) => readSides(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.query, sees(request)));

  api.get("/books/:book/reconciliation/runs", {
    config: read, schema: { tags, summary: "历次对账 Past comparisons", params: BookParams, response: { 200: Type.Array(Type.Object({ run: Type.String(), at: Type.String(), by: Type.String(), found: Type.Integer(), opened: Type.Integer(), closed: Type.Integer(), vouchers: Type.String(), ms: Type.Integer() })), ...errors } },
  }, async (request) => listRuns(actorOf(ctx, request), await loadBook(ctx.db, request.params.book)));

  api.get("/books/:book/reconciliation/causes", { config: read, schema: { tags, summary: "差异原因 Causes", params: BookParams, response: { 200: Type.Array(Type.Object({ cause: Type.String(), no: Type.Union([Type.Integer(), Type.Null()]), part: Type.String(), zh: Type.String(), en: Type.String() })), ...errors } } },
    async () => listCauses());

  api.post("/books/:book/reconciliation/run", {
    config: read, schema: {
      tags, summary: "现在对账 Compare now", params: BookParams, body: Type.Optional(Type.Object({ seals: Type.Optional(Type.Boolean({ description: "逐张核对封存,缺省是 Hold every voucher against its seal; default true" })) }, { additionalProperties: false })),
      response: { 200: Type.Object({ run: Type.String(), at: Type.String(), found: Type.Integer(), opened: Type.Integer(), closed: Type.Integer(), vouchers: Type.Integer(), seconds: Type.String(), milliseconds: Type.Record(Type.String(), Type.Integer()) }), ...errors },
    },
  }, async (request) => reconcileBook(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), { seals: request.body?.seals }));

  api.get("/books/:book/differences", {
    config: read, schema: {
      tags, summary: "差异清单 Differences, the largest first", params: BookParams,
      querystring: Type.Object({
        ...PageQuery, state: Type.Optional(Type.Union([Type.Literal("open"), Type.Literal("accepted"), Type.Literal("closed")])), part: Type.Optional(Type.String()), cause: Type.Optional(Type.String()), account: Type.Optional(Type.String()), party: Type.Optional(Type.String()), owner: Type.Optional(Type.String()),
        find: Type.Optional(Type.String({ maxLength: 100 })), olderThan: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, description: "已有多少天 At least so many days old" })),
      }, { additionalProperties: false }),
      response: { 200: Type.Array(Type.Object(Difference)), ...errors },
    },
  }, async (request) => listDifferences(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.query, sees(request)));

  api.get("/books/:book/differences/:no", { config: read, schema: { tags, summary: "一处差异:两侧、原因、历史 One difference with both sides, its cause and its history", params: NumberParams, response: { 200: Shown, ...errors } } },
    async (request) => showDifference(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.no, sees(request)));

  api.post("/books/:book/differences/:no/correct", {
    config: decide, schema: {
      tags, summary: "执行建议的更正 Carry out what is proposed", description: "红冲凭证、调整凭证成为待审核草稿,调整凭证两边已知的分录由差异算出,余额记入 counterAccount;重新送达;接受对方的样子;其余成为责任人的任务,三天内办结。A reversal or an adjusting voucher becomes a draft to review, the adjusting one worked out from both sides, with the rest on counterAccount; a delivery is made anew; what stands there is accepted; anything else becomes a task of whose turn it is, for three days.", params: NumberParams,
      body: Type.Object({ ...Reason, date: Type.Optional(Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" })), counterAccount: Type.Optional(Type.String({ maxLength: 60 })), department: Type.Optional(Type.String({ maxLength: 60 })) }, { additionalProperties: false }), response: { 200: Type.Object({ did: Type.String(), document: Text, delivery: Text }), ...errors },
    },
  }, async (request) => correctDifference(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.no, request.body));

  const answer = async (request: Parameters<typeof actorOf>[1] & { readonly params: { readonly book: string; readonly no: string } }) => showDifference(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.no, sees(request));
  api.post("/books/:book/differences/:no/assign", {
    config: decide, schema: { tags, summary: "交办 Ask somebody to look after it", params: NumberParams, body: Type.Object({ to: Type.String({ maxLength: 100 }), dueOn: Type.Optional(Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" })), reason: Type.Optional(Type.String({ maxLength: 500 })) }, { additionalProperties: false }), response: { 200: Shown, ...errors } },
  }, async (request) => {
    await assignDifference(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.no, { assignedTo: request.body.to, dueOn: request.body.dueOn, reason: request.body.reason ?? "" });
    return answer(request);
  });
  api.post("/books/:book/differences/:no/accept", { config: decide, schema: { tags, summary: "认可差异 Accept a difference", params: NumberParams, body: Type.Object(Reason, { additionalProperties: false }), response: { 200: Shown, ...errors } } }, async (request) => {
    await acceptDifference(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.no, request.body.reason);
    return answer(request);
  });
  api.post("/books/:book/differences/:no/reopen", { config: decide, schema: { tags, summary: "撤销认可 Take back an acceptance", params: NumberParams, body: Type.Object(Reason, { additionalProperties: false }), response: { 200: Shown, ...errors } } }, async (request) => {
    await reopenDifference(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.no, request.body.reason);
    return answer(request);
  });

  // Order chains --------------------------------------------------------------------------------------------------------

  api.get("/books/:book/chains", { config: read, schema: { tags, summary: "订单行:交、退、开票、收付 Order lines and how far each is", params: BookParams, querystring: Type.Object({ ...PageQuery, ...ChainQuery }, { additionalProperties: false }), response: { 200: Type.Array(ChainLine), ...errors } } },
    async (request) => listChain(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.query));
  api.get("/books/:book/chains/sums", {
    config: read, schema: {
      tags, summary: "订单、收发货、开票、收付对照表 The statement of orders, goods, invoices and money", params: BookParams,
      querystring: Type.Object({ ...ChainQuery, by: Type.Union(["party", "salesperson", "order", "period", "item"].map((by) => Type.Literal(by as "party"))), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })) }, { additionalProperties: false }), response: { 200: Type.Array(ChainSum), ...errors },
    },
  }, async (request) => { const { by, ...filter } = request.query; return sumChain(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), filter, by); });

  api.get("/books/:book/chains/file", {
    config: read, schema: { tags, summary: "订单链导出 xlsx The chain as a spreadsheet", params: BookParams, querystring: Type.Object({ ...ChainQuery, by: Type.Union(["line", "party", "salesperson", "order", "period", "item"].map((by) => Type.Literal(by as "line" | "party"))), language: Type.Optional(Type.Union([Type.Literal("zh"), Type.Literal("en")])) }, { additionalProperties: false }) },
  }, async (request, reply) => {
    const { by, language, ...filter } = request.query;
    const [acting, book, isZh] = [actorOf(ctx, request), await loadBook(ctx.db, request.params.book), language !== "en"];
    const name = isZh ? "订单链" : "Order chain";
    reply.type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet").header("content-disposition", `attachment; filename="chain.xlsx"; filename*=UTF-8''${encodeURIComponent(`${name} ${book.code}.xlsx`)}`).serializer((file: unknown) => file as string);
    return reply.send(by === "line" ? writeSheet(name, chainLines(acting, book, filter, isZh), new Set(Array.from({ length: 15 }, (_, at) => at + 8))) : writeSheet(name, chainSums(acting, book, filter, by, isZh), new Set([2, 3, 4, 5, 6, 7, 8, 9, 10])));
  });

  // Statements of account --------------------------------------------------------------------------------------------------

  const LetterParams = Type.Object({ book: Type.String(), letter: Type.String() });
  api.get("/books/:book/letters", { config: read, schema: { tags, summary: "对账单 Statements of account", params: BookParams, querystring: Type.Object({ ...PageQuery, party: Type.Optional(Type.String()) }, { additionalProperties: false }), response: { 200: Type.Array(Type.Object(Letter)), ...errors } } },
    async (request) => listLetters(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.query));
  api.post("/books/:book/letters", {
    config: decide, schema: { tags, summary: "出具对账单,得到签名的确认链接 Draw up a statement; its signed link takes one answer", params: BookParams, body: Type.Object({ party: Type.String({ minLength: 1, maxLength: 100 }), kind: Type.Union([Type.Literal("customer"), Type.Literal("supplier")]) }, { additionalProperties: false }), response: { 200: Type.Object({ ...Letter, path: Type.String() }), ...errors } },
  }, async (request) => { const { token, ...letter } = await makeLetter(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body); return { ...letter, path: `/letter?token=${token}` }; });
  api.get("/books/:book/letters/:letter", { config: read, schema: { tags, summary: "一份对账单 One statement as it was sent", params: LetterParams, response: { 200: Type.Object({ ...Letter, body: LetterView }), ...errors } } },
    async (request) => showLetter(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.letter));
  api.post("/books/:book/letters/:letter/withdraw", { config: decide, schema: { tags, summary: "作废对账单链接 Withdraw the link", params: LetterParams, response: { 200: Type.Object(Letter), ...errors } } },
    async (request) => withdrawLetter(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.letter));
  api.get("/books/:book/letters/:letter/link", { config: decide, schema: { tags, summary: "再次取得确认链接 The link again", params: LetterParams, response: { 200: Type.Object({ path: Type.String() }), ...errors } } },
    async (request) => ({ path: `/letter?token=${await showLink(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.letter)}` }));
  api.get("/books/:book/letters/:letter/file", { config: read, schema: { tags, summary: "对账单 PDF 或 xlsx The statement as PDF or spreadsheet", params: LetterParams, querystring: Type.Object(PaperQuery, { additionalProperties: false }) } }, async (request, reply) => {
    const { body, hash } = await showLetter(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.letter);
    return sendPaper(reply, letterPaper(body, hash, request.query.language !== "en"), request.query.format);
  });

  // Whoever holds the link, without signing in: its signature is the proof.
  api.get("/letters/:token", { config: { asks: "anyone" }, schema: { tags, summary: "凭链接查看对账单 A statement by its link", params: TokenParams, response: { 200: Type.Intersect([LetterView, Type.Object({ expiresAt: Type.String(), hash: Type.String() })]), ...errors } } },
    async (request) => openLetter(ctx, request.params.token));
  api.get("/letters/:token/file", { config: { asks: "anyone" }, schema: { tags, summary: "凭链接下载对账单 The statement as a file by its link", params: TokenParams, querystring: Type.Object(PaperQuery, { additionalProperties: false }) } }, async (request, reply) => {
    const { hash, ...body } = await openLetter(ctx, request.params.token);
    return sendPaper(reply, letterPaper(body, hash, request.query.language !== "en"), request.query.format);
  });
  api.post("/letters/:token/answer", {
    config: { asks: "anyone" }, schema: { tags, summary: "确认或提出不符,一次有效 Confirm it or say what differs, once", params: TokenParams, body: Type.Object({ agrees: Type.Boolean(), by: Type.String({ minLength: 1, maxLength: 100 }), hash: Type.String({ pattern: "^[0-9a-f]{64}$", description: "所核对的对账单的 hash The hash of the statement that was checked" }), theirBalance: Type.Optional(Type.String({ maxLength: 30 })), remark: Type.Optional(Type.String({ maxLength: 1_000 })) }, { additionalProperties: false }), response: { 200: Type.Object({ letter: Type.String(), hash: Type.String() }), ...errors } },
  }, async (request) => answerLetter(ctx, request.params.token, request.body));
}

/** Order lines for a spreadsheet, page by page: what a worksheet holds at most is not kept in memory. */
async function* chainLines(ctx: Ctx, book: Book, filter: ChainFilter, isZh: boolean): AsyncGenerator<readonly string[], void, undefined> {
  yield isZh
    ? ["订单", "行", "日期", "往来单位", "名称", "业务员", "物料", "物料名称", "订货数量", "收发数量", "退货数量", "开票数量", "红字数量", "未交", "未开票", "订货金额", "收发金额", "退货金额", "开票金额", "红字金额", "收付金额", "核销金额", "未收付", "最早到期"]
    : ["Order", "Line", "Date", "Party", "Name", "Salesperson", "Item", "Item name", "Ordered", "Moved", "Returned", "Invoiced", "Credited", "To move", "To invoice", "Ordered amount", "Moved amount", "Returned amount", "Invoiced amount", "Credited amount", "Paid amount", "Written off", "To pay", "First due"];
  let after: string | undefined;
  for (let left = 1_000_000; left > 0;) {
    const lines = await listChain(ctx, book, { ...filter, after, limit: 1_000 });
    for (const row of lines) yield [row.order, row.line, row.date, row.party, row.partyName, row.salespersonName, row.item, row.itemName, row.ordered, row.moved, row.returned, row.invoiced, row.credited, row.toMove, row.toInvoice, row.orderedAmount, row.movedAmount, row.returnedAmount, row.invoicedAmount, row.creditedAmount, row.paidAmount, row.writtenOffAmount, row.toPay, row.payBy ?? ""];
    after = lines.at(-1)?.cursor;
    left -= 1_000;
    if (after === undefined || lines.length < 1_000) return;
  }
}

async function* chainSums(ctx: Ctx, book: Book, filter: ChainFilter, by: Parameters<typeof sumChain>[3], isZh: boolean): AsyncGenerator<readonly string[], void, undefined> {
  yield isZh ? ["代码", "名称", "行数", "订货", "收发", "退货", "开票", "红字", "收付", "核销", "未收付", "最早到期"] : ["Code", "Name", "Lines", "Ordered", "Moved", "Returned", "Invoiced", "Credited", "Paid", "Written off", "To pay", "First due"];
  for (const row of await sumChain(ctx, book, { ...filter, limit: 1_000_000 }, by)) yield [row.key, row.name, String(row.lines), row.ordered, row.moved, row.returned, row.invoiced, row.credited, row.paid, row.writtenOff, row.toPay, row.payBy ?? ""];
}
