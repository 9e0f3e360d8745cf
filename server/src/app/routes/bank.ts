/** 银行对账: statements in, matching, decisions and their undoing, the reconciliation of the balance. */
import { Type } from "@fastify/type-provider-typebox";
import { requireDuty } from "../../access/index.ts";
import { loadBook } from "../../books/index.ts";
import { type Ctx, type Problem, refuse, renderProblem } from "../../platform/index.ts";
import { startOfTable } from "../../connectors/index.ts";
import { bookings, bookMovement, decideMatch, forgetPayer, ignoreMovements, listBankAccounts, listPayers, listStatementLayouts, matchAccount, readBankJournal, reconcileBalance, removeLayout, saveStatementLayout, showDesk, takeStatement, undoBankMatch } from "../../reconciliation/index.ts";
import { BookParams, errors, PageQuery, ProblemView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import { balancePaper, PaperQuery, sendPaper } from "../papers.ts";

const tags = ["reconciliation"];
const AccountParams = Type.Object({ book: Type.String(), account: Type.String({ description: "银行账户代码 The bank account's code" }) });
const Ids = Type.Array(Type.String({ maxLength: 60 }), { minItems: 1, maxItems: 2_000 });
const Text = Type.Union([Type.String(), Type.Null()]);
const Account = { bankAccount: Type.String(), zh: Type.String(), en: Type.String(), currency: Type.String(), number: Type.String(), open: Type.Integer({ description: "未达流水 Movements that are open" }) };
const Statement = Type.Object({ statement: Type.String(), bankAccount: Type.String(), format: Type.String(), name: Type.String(), currency: Type.String(), firstOn: Type.String(), lastOn: Type.String(), opening: Text, closing: Text, takenAt: Type.String(), takenBy: Type.String() });
const Outstanding = Type.Array(Type.Object({ date: Type.String(), amount: Type.String(), text: Type.String(), where: Type.String() }));
const STATEMENT_MAX = 32 * 1024 * 1024;

export function bankRoutes(api: Http, ctx: Ctx): void {
  const read = { asks: "bank.read" } as const;
  const match = { asks: "bank.match" } as const;
  api.get("/books/:book/bank-accounts", { config: read, schema: { tags, summary: "银行账户与未达笔数 Bank accounts and what is open", params: BookParams, response: { 200: Type.Array(Type.Object(Account)), ...errors } } }, async (request) => {
    const accounts = await listBankAccounts(actorOf(ctx, request), await loadBook(ctx.db, request.params.book));
    return request.sight.columns.has("bank") ? accounts : accounts.map((account) => ({ ...account, number: "" }));
  });
  api.get("/books/:book/bank-accounts/:account", {
    config: read, schema: {
      tags, summary: "两边未勾对的与建议 What is open on both sides, with suggestions", params: AccountParams,
      response: { 200: Type.Object({ account: Type.Object(Account), movements: Type.Array(Type.Object({ movement: Type.String(), bankAccount: Type.String(), bookedOn: Type.String(), amount: Type.String(), currency: Type.String(), reference: Type.String(), text: Type.String(), name: Type.String(), counterAccount: Type.String(), suggestion: Type.Union([Type.Object({ why: Type.String(), lines: Type.Array(Type.String()) }), Type.Null()]) })), lines: Type.Array(Type.Object({ line: Type.String(), voucher: Type.String(), date: Type.String(), amount: Type.String(), summary: Type.String(), document: Type.String(), party: Type.String(), partyName: Type.String(), pays: Type.Array(Type.String()) })), statements: Type.Array(Statement) }), ...errors },
    },
  }, async (request) => showDesk(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.account));
  api.get("/books/:book/bank-accounts/:account/journal", {
    config: read, schema: { tags, summary: "勾对记录 What was matched, and undone", params: AccountParams, querystring: Type.Object(PageQuery, { additionalProperties: false }), response: { 200: Type.Array(Type.Object({ match: Type.String(), step: Type.String(), difference: Type.String(), madeAt: Type.String(), madeBy: Type.String(), reason: Type.String(), undoneAt: Text, undoneBy: Text, document: Text, movements: Type.Array(Type.String()), lines: Type.Array(Type.String()), cursor: Type.String() })), ...errors } },
  }, async (request) => readBankJournal(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.account, request.query));
  api.get("/books/:book/bank-accounts/:account/reconciliation", {
    config: read, schema: {
      tags, summary: "银行存款余额调节表 Reconciliation of the balance", params: AccountParams, querystring: Type.Object({ at: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }) }, { additionalProperties: false }),
      response: { 200: Type.Object({ bankAccount: Type.String(), currency: Type.String(), at: Type.String(), bankBalance: Text, bookBalance: Type.String(), bankReceived: Outstanding, bankPaid: Outstanding, bookReceived: Outstanding, bookPaid: Outstanding, matchedDifference: Type.String(), adjustedBank: Text, adjustedBook: Type.String(), difference: Text }), ...errors },
    },
  }, async (request) => reconcileBalance(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.account, request.query.at));

  api.get("/books/:book/bank-accounts/:account/reconciliation/file", {
    config: read, schema: { tags, summary: "银行存款余额调节表文件 The reconciliation of the balance as a file", params: AccountParams, querystring: Type.Object({ at: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }), ...PaperQuery }, { additionalProperties: false }) },
  }, async (request, reply) => {
    const book = await loadBook(ctx.db, request.params.book);
    const acting = actorOf(ctx, request);
    const account = (await listBankAccounts(acting, book)).find(({ bankAccount }) => bankAccount === request.params.account);
    const balance = await reconcileBalance(acting, book, request.params.account, request.query.at);
    return sendPaper(reply, balancePaper(balance, { company: book.name, account: account?.zh ?? request.params.account, accountEn: account?.en ?? request.params.account, number: request.sight.columns.has("bank") ? (account?.number ?? "") : "" }, request.query.language !== "en"), request.query.format);
  });

  const Payer = { name: Type.String({ maxLength: 200 }), account: Type.String({ maxLength: 100 }), party: Type.String({ maxLength: 100 }) };
  api.get("/books/:book/bank-payers", { config: read, schema: { tags, summary: "学到的付款人别名 Names and accounts that parties pay from, as learned", params: BookParams, response: { 200: Type.Array(Type.Object({ ...Payer, partyName: Type.String(), learnedAt: Type.String(), learnedBy: Type.String() })), ...errors } } }, async (request) => {
    const payers = await listPayers(actorOf(ctx, request), await loadBook(ctx.db, request.params.book));
    return request.sight.columns.has("bank") ? payers : payers.map((payer) => ({ ...payer, account: payer.account === "" ? "" : `****${payer.account.slice(-4)}` }));
  });
  api.post("/books/:book/bank-payers/forget", { config: match, schema: { tags, summary: "忘记付款人别名 Forget a learned payer", params: BookParams, body: Type.Object(Payer, { additionalProperties: false }), response: { 200: Type.Object({ party: Type.String() }), ...errors } } },
    async (request) => forgetPayer(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body));

  const Column = Type.Optional(Type.String({ maxLength: 100 }));
  const Columns = Type.Object({ day: Type.String({ maxLength: 100 }), inward: Column, outward: Column, signed: Column, balance: Column, name: Column, account: Column, text: Column, reference: Column }, { additionalProperties: false });
  const Name = Type.Object({ book: Type.String(), name: Type.String({ maxLength: 60 }) });
  api.get("/books/:book/statement-layouts", { config: read, schema: { tags, summary: "对账单版式 Layouts of statements", params: BookParams, response: { 200: Type.Array(Type.Object({ name: Type.String(), body: Columns, setAt: Type.String(), setBy: Type.String() })), ...errors } } },
    async (request) => listStatementLayouts(actorOf(ctx, request), await loadBook(ctx.db, request.params.book)));
  api.put("/books/:book/statement-layouts/:name", { config: match, schema: { tags, summary: "保存对账单版式 Keep a layout of statements", params: Name, body: Columns, response: { 200: Type.Object({ name: Type.String() }), ...errors } } },
    async (request) => saveStatementLayout(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.name, request.body));
  api.delete("/books/:book/statement-layouts/:name", { config: match, schema: { tags, summary: "删除对账单版式 Remove a layout of statements", params: Name, response: { 200: Type.Object({ name: Type.String() }), ...errors } } },
    async (request) => removeLayout(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), "statement", request.params.name));

  const more = { party: Type.Optional(Type.String({ maxLength: 100 })), items: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 200 })), account: Type.Optional(Type.String({ maxLength: 40 })), summary: Type.Optional(Type.String({ maxLength: 200 })) };
  api.post("/books/:book/bank-accounts/:account/book", {
    config: match, schema: {
      tags, summary: "补记:由流水生成单据并勾对 Book what the bank shows and match it", description: "生成手续费、利息、收款、付款、退款或其他收付单据,按规则过账后勾对;已选分录抵减。Makes a document of the rest of the movements, posts it by the rules and matches it.", params: AccountParams,
      body: Type.Object({ movements: Ids, lines: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { maxItems: 2_000 })), as: Type.Union(bookings.map((one) => Type.Literal(one))), ...more }, { additionalProperties: false }),
      response: { 200: Type.Object({ match: Type.String(), document: Type.String(), amount: Type.String(), vouchers: Type.Array(Type.String()) }), ...errors },
    },
  }, async (request) => {
    // It makes a document: whoever may match but not enter documents may not.
    requireDuty(request.sight, "documents.post");
    return bookMovement(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.account, { ...request.body, lines: request.body.lines ?? [] });
  });

  api.post("/books/:book/bank-accounts/:account/match", { config: match, schema: { tags, summary: "自动勾对确定的 Match what is certain", params: AccountParams, response: { 200: Type.Object({ matched: Type.Integer(), movements: Type.Integer(), duplicates: Type.Integer(), left: Type.Integer() }), ...errors } } },
    async (request) => matchAccount(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.account));
  api.post("/books/:book/bank-accounts/:account/decide", {
    config: match, schema: { tags, summary: "人工勾对 A person says what belongs together", params: AccountParams, body: Type.Object({ movements: Ids, lines: Ids, reason: Type.Optional(Type.String({ maxLength: 500 })) }, { additionalProperties: false }), response: { 200: Type.Object({ match: Type.String(), difference: Type.String() }), ...errors } },
  }, async (request) => decideMatch(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.account, { ...request.body, reason: request.body.reason ?? "" }));
  api.post("/books/:book/bank-accounts/:account/ignore", {
    config: match, schema: { tags, summary: "不入账的流水 Movements that concern nothing in the books", params: AccountParams, body: Type.Object({ movements: Ids, reason: Type.String({ maxLength: 500 }) }, { additionalProperties: false }), response: { 200: Type.Object({ movements: Type.Integer() }), ...errors } },
  }, async (request) => ignoreMovements(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.account, request.body.movements, request.body.reason));
  api.post("/books/:book/bank-matches/:match/undo", { config: match, schema: { tags, summary: "撤销勾对 Undo a match", params: Type.Object({ book: Type.String(), match: Type.String() }), response: { 200: Type.Object({ movements: Type.Integer(), document: Text }), ...errors } } },
    async (request) => undoBankMatch(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.match));

  api.register(async (plain) => {
    const scope = plain as Http;
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: STATEMENT_MAX }, (_request, body, parsed) => parsed(null, body));
    scope.post("/books/:book/bank-accounts/:account/statement-columns", {
      config: { ...match, act: "none" }, bodyLimit: STATEMENT_MAX,
      schema: { tags, summary: "认不出的对账单有哪些列 The columns of a statement that no layout reads", params: AccountParams, querystring: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false }), response: { 200: Type.Object({ columns: Type.Array(Type.String()), rows: Type.Array(Type.Array(Type.String())) }), ...errors } },
    }, async (request) => (await startOfTable(request.query.name, Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0))) ?? refuse("bank.file_unknown", { name: request.query.name }));
    scope.post("/books/:book/bank-accounts/:account/statements", {
      config: match, bodyLimit: STATEMENT_MAX,
      schema: { tags, summary: "上传对账单 Take a statement in", description: "请求体为银行给的原文件,不超过 32 MB。The body is the file as the bank gave it, at most 32 MB.", params: AccountParams, querystring: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200, description: "文件名 The file's name" }) }, { additionalProperties: false }), response: { 200: Type.Array(Type.Object({ statement: Type.String(), format: Type.String(), movements: Type.Integer(), isNew: Type.Integer(), opening: Text, closing: Text, problems: Type.Array(ProblemView) })), ...errors } },
    }, async (request) => (await takeStatement(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.account, request.query.name, Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0))).map((one) => ({ ...one, problems: one.problems.map((problem) => renderProblem(problem as Problem)) })));
  });
}
