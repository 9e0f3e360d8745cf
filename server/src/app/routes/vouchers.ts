/** 凭证 over HTTP: lists, one voucher, why, drafts, entry by hand, and the searches that an entry needs. */
import { Readable } from "node:stream";
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { listUsers } from "../../access/index.ts";
import { type Account, type Book, loadAccounts, loadBook } from "../../books/index.ts";
import { deliveriesOfMany } from "../../delivery/index.ts";
import { type Ctx, refuse, renderProblem } from "../../platform/index.ts";
import {
  accountPath, checkEntry, correctVoucher, enterVoucher, findDrafts, findVouchers, kindsOfDimension, readRecentSummaries, readStanding, readVouchers, reverseVoucher, reviewDraft, reviewDrafts, sendBackDraft, showDraft, showVoucher, streamVouchers, whyVoucher, withdrawDraft,
  dimensionsAsked, readVoucherFacets,
} from "../../vouchers/index.ts";
import { BookParams, Decimal, DimensionQuery, dimensionsOf, errors, PageQuery, PeriodQuery, ProblemView, ResultView, VoucherView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import { indexNames, type NameIndex, searchNames } from "../name-search.ts";
import * as shell from "../shell.store.ts";
import { hideAmounts, hidesKind, seesAll } from "../voucher-columns.ts";
import { exportVouchers } from "../voucher-export.ts";

const tags = ["vouchers"];
const VoucherParams = Type.Object({ book: Type.String(), period: Type.String(), number: Type.String({ examples: ["记-7"] }) });
const DraftParams = Type.Object({ book: Type.String(), draft: Type.String() });
const Correction = { date: Type.String({ description: "新凭证的日期 The date of the new voucher" }), reason: Type.String() };
const Text = Type.Optional(Type.String({ maxLength: 200 }));
const Period = Type.Optional(Type.String({ pattern: "^\\d{4}-\\d{2}$" }));
const FindQuery = {
  from: Period, to: Period, series: Text, number: Type.Optional(Type.String({ maxLength: 30, description: "记-7,或 7 or 7 in every series", examples: ["记-7"] })), account: Type.Optional(Type.String({ maxLength: 40, description: "含下级 With all below it" })), amount: Type.Optional(Type.String({ maxLength: 40, description: "凭证合计或任一行 The total, or one line" })),
  text: Type.Optional(Type.String({ maxLength: 100, description: "摘要 Part of the summary" })), party: Text, rule: Text, preparedBy: Text, reviewedBy: Text, document: Type.Optional(Type.String({ maxLength: 300, description: "[source:]kind/sourceId" })),
};
const Nullable = (type: ReturnType<typeof Type.String>) => Type.Union([type, Type.Null()]);
const DeliveryMark = Type.Object({ flow: Type.String(), state: Type.String(), targetNumber: Nullable(Type.String()), targetState: Nullable(Type.String()), at: Type.String() });
const FoundRow = Type.Object({
  cursor: Type.String(), id: Type.String(), number: Type.String(), period: Type.String(), date: Type.String(), summary: Type.String(), attachments: Type.Integer(), debitTotal: Type.Union([Decimal("借方合计 Debits"), Type.Null()]), rule: Type.String(), ruleVersion: Type.Integer(),
  preparedBy: Type.String(), reviewedBy: Type.String(), postedBy: Type.String(), postedAt: Type.String(), document: Nullable(Type.String()), reversalOf: Nullable(Type.String()), deliveries: Type.Array(DeliveryMark),
});
const EntryBody = Type.Object({
  entry: Type.String({ pattern: "^[A-Za-z0-9-]{6,60}$", description: "制单人自取的唯一名,重发不重复 The sender's own name: sent again it stays one voucher" }), date: Type.String({ maxLength: 20 }), series: Text, attachments: Type.Optional(Type.Integer({ minimum: 0, maximum: 9999 })),
  lines: Type.Array(Type.Object({ summary: Type.String({ maxLength: 1000 }), account: Type.String({ maxLength: 40 }), debit: Text, credit: Text, quantity: Text, dimensions: Type.Optional(Type.Record(Type.String({ maxLength: 30 }), Type.String({ maxLength: 200 }))) }, { additionalProperties: false }), { maxItems: 2_000 }),
}, { additionalProperties: false });
const EnteredView = Type.Object({ document: Type.String(), version: Type.Integer(), draft: Nullable(Type.String()), problems: Type.Array(ProblemView) });
const found = 20;

export function voucherRoutes(api: Http, ctx: Ctx): void {
  const bookOf = (request: { params: { book: string } }): Promise<Book> => loadBook(ctx.db, request.params.book);
  const numberOf = (request: { params: { period: string; number: string } }): string => `${request.params.period}/${request.params.number}`;
  /** Vouchers are of the book as a whole: whoever sees a part of it sees documents, not vouchers. */
  const wholeBook = (request: FastifyRequest): Ctx => (request.sight.scopes === null ? actorOf(ctx, request) : refuse("access.denied", { duty: "vouchers.read", dutyZh: "查看凭证(限全账簿权限)", dutyEn: "see vouchers, which needs sight of the whole book" }));

  api.get("/books/:book/vouchers", {
    config: { asks: "vouchers.read" }, schema: {
      tags, summary: "凭证 Vouchers", params: BookParams, description: "Accept: application/x-ndjson 逐行输出全部,不分页 answers all of them, one a line.",
      querystring: Type.Object({
        ...PeriodQuery, number: Type.Optional(Type.String({ examples: ["记-7"] })), series: Type.Optional(Type.String()), document: Type.Optional(Type.String({ description: "[source:]kind/sourceId" })), account: Type.Optional(Type.String()),
        rule: Type.Optional(Type.String()), text: Type.Optional(Type.String()), block: Type.Optional(Type.Integer()), ...PageQuery,
      }, { additionalProperties: false }),
      response: { 200: Type.Array(VoucherView), ...errors },
    },
  }, async (request, reply) => {
    const acting = wholeBook(request);
    const book = await bookOf(request);
    if (!seesAll(request.sight)) refuse("access.denied", { duty: "vouchers.read", dutyZh: "以数据方式取全部凭证(限成本、薪酬、银行账号可见者)", dutyEn: "take vouchers as data, which needs sight of costs, salaries and bank accounts" });
    if (!(request.headers.accept ?? "").includes("application/x-ndjson")) return readVouchers(acting, book, { limit: 1_000, ...request.query });
    return reply.type("application/x-ndjson; charset=utf-8").serializer((text: string) => text).send(Readable.from(linesOf(streamVouchers(acting, book, request.query))));
  });

  // Lists --------------------------------------------------------------------------------------------------------------

  api.get("/books/:book/voucher-list", {
    config: { asks: "vouchers.read" }, schema: {
      tags, summary: "凭证列表,最新在前 Vouchers, newest first", params: BookParams,
      querystring: Type.Object({ ...FindQuery, after: Type.Optional(Type.String({ description: "较早的一页 Older than this" })), before: Type.Optional(Type.String({ description: "较新的一页 Newer than this" })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) }, { additionalProperties: false }),
      response: { 200: Type.Object({ rows: Type.Array(FoundRow), older: Nullable(Type.String()), newer: Nullable(Type.String()), searchedTo: Nullable(Type.String({ description: "查找至此期间为止,可继续 The search came this far; go on with `older`" })) }), ...errors },
    },
  }, async (request) => {
    const acting = wholeBook(request);
    const book = await bookOf(request);
    if (request.query.amount !== undefined && !seesAll(request.sight)) refuse("access.denied", { duty: "vouchers.read", dutyZh: "按金额查找凭证", dutyEn: "find vouchers by their amount" });
    const page = await findVouchers(acting, book, request.query);
    return { ...page, rows: await withDeliveries(acting, book, page.rows.map((row) => (hidesKind(request.sight, row.document) ? { ...row, debitTotal: null } : row))) };
  });

  api.get("/books/:book/voucher-list/facets", {
    config: { asks: "vouchers.read" }, schema: { tags, summary: "筛选项 What vouchers may be filtered by", params: BookParams, response: { 200: Type.Object({ series: Type.Array(Type.String()), periods: Type.Array(Type.String()), rules: Type.Array(Type.Object({ rule: Type.String(), zh: Type.String(), en: Type.String() })) }), ...errors } },
  }, async (request) => readVoucherFacets(wholeBook(request), await bookOf(request)));

  api.get("/books/:book/voucher-list/export", {
    config: { asks: "vouchers.read" }, schema: { tags, summary: "导出所选凭证,每行一条分录 Export the selection, one line a row", params: BookParams, querystring: Type.Object({ ...FindQuery, format: Type.Union([Type.Literal("csv"), Type.Literal("xlsx")]), language: Type.Optional(Type.Union([Type.Literal("zh"), Type.Literal("en")])) }, { additionalProperties: false }) },
  }, async (request, reply) => {
    const acting = wholeBook(request);
    const book = await bookOf(request);
    const { format, language, ...filter } = request.query;
    if (filter.amount !== undefined && !seesAll(request.sight)) refuse("access.denied", { duty: "vouchers.read", dutyZh: "按金额查找凭证", dutyEn: "find vouchers by their amount" });
    const file = await exportVouchers(acting, book, filter, { format, language: language ?? "zh", sight: request.sight });
    return reply.type(file.type).header("content-disposition", `attachment; filename="vouchers-${book.code}.${format}"; filename*=UTF-8''${encodeURIComponent(`凭证-${book.code}.${format}`)}`).serializer((body: unknown) => body as string).send(file.body);
  });

  const withDeliveries = async <R extends { readonly id: string }>(acting: Ctx, book: Book, rows: readonly R[]): Promise<(R & { deliveries: object[] })[]> => {
    const marks = Map.groupBy(await deliveriesOfMany(acting, book, rows.map(({ id }) => BigInt(id.slice(1)))), ({ voucher }) => voucher);
    return rows.map((row) => ({ ...row, deliveries: (marks.get(row.id) ?? []).map((one) => ({ flow: one.flow, state: one.state, targetNumber: one.targetNumber, targetState: one.targetState, at: one.stateAt })) }));
  };

  api.get("/books/:book/people", {
    config: { asks: "vouchers.read" }, schema: { tags, summary: "签章人姓名 Names of those who sign vouchers", params: BookParams, response: { 200: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })), ...errors } },
  }, async (request) => (await listUsers(wholeBook(request))).map(({ login, name }) => ({ id: login, name })));

  // One voucher --------------------------------------------------------------------------------------------------------

  api.get("/books/:book/vouchers/:period/:number", { config: { asks: "vouchers.read" }, schema: { tags, summary: "一张凭证 One voucher", params: VoucherParams, response: { 200: Type.Unknown(), ...errors } } }, async (request) => {
    const acting = wholeBook(request);
    const book = await bookOf(request);
    const shown = await showVoucher(acting, book, request.params.period, request.params.number);
    const [voucher] = await withDeliveries(acting, book, [hideAmounts(request.sight, shown, await loadAccounts(acting.db, book))]);
    return voucher;
  });

  api.get("/books/:book/vouchers/:period/:number/why", { config: { asks: "vouchers.read" }, schema: { tags, summary: "为什么 Why each line is as it is", params: VoucherParams, response: { 200: Type.Unknown(), ...errors } } }, async (request) => {
    const acting = wholeBook(request);
    const book = await bookOf(request);
    const accounts = await loadAccounts(acting.db, book);
    if (!seesAll(request.sight) && hideAmounts(request.sight, await showVoucher(acting, book, request.params.period, request.params.number), accounts).isHidden) refuse("access.denied", { duty: "vouchers.read", dutyZh: "查看此凭证的计算", dutyEn: "see how this voucher was worked out" });
    return whyVoucher(acting, book, numberOf(request));
  });

  api.post("/books/:book/vouchers/:period/:number/reverse", { config: { asks: "vouchers.reverse" }, schema: { tags, summary: "红冲 Reverse in red", params: VoucherParams, body: Type.Object(Correction, { additionalProperties: false }), response: { 200: ResultView, ...errors } } },
    (request) => reverseVoucher(wholeBook(request), request.params.book, numberOf(request), request.body.date, request.body.reason));

  api.post("/books/:book/vouchers/:period/:number/correct", { config: { asks: "vouchers.reverse" }, schema: { tags, summary: "更正 Correct", params: VoucherParams, body: Type.Object({ ...Correction, lines: Type.Array(Type.Object({}, { additionalProperties: true })) }, { additionalProperties: false }), response: { 200: Type.Array(ResultView), ...errors } } },
    (request) => correctVoucher(wholeBook(request), request.params.book, numberOf(request), request.body.date, request.body.lines, request.body.reason));

  // Entry by hand ------------------------------------------------------------------------------------------------------

  api.post("/books/:book/vouchers/check", { config: { asks: "vouchers.enter" }, schema: { tags, summary: "查手工凭证,不保存 Check an entry without keeping it", params: BookParams, body: EntryBody, response: { 200: Type.Array(ProblemView), ...errors } } },
    async (request) => (await checkEntry(wholeBook(request), await bookOf(request), request.body)).map((problem) => renderProblem(problem)));

  api.post("/books/:book/vouchers", { config: { asks: "vouchers.enter" }, schema: { tags, summary: "手工制单,交他人审核 Enter a voucher by hand; another person reviews it", params: BookParams, body: EntryBody, response: { 200: EnteredView, ...errors } } },
    (request) => enterVoucher(wholeBook(request), request.params.book, request.body));

  api.get("/books/:book/vouchers/summaries", { config: { asks: "vouchers.enter" }, schema: { tags, summary: "最近用过的摘要 Recent summaries", params: BookParams, querystring: Type.Object({ text: Text }, { additionalProperties: false }), response: { 200: Type.Array(Type.String()), ...errors } } },
    async (request) => readRecentSummaries(wholeBook(request), await bookOf(request), request.query.text ?? "", 8));

  api.get("/books/:book/standing", {
    config: { asks: "vouchers.read" }, schema: { tags, summary: "科目(加辅助核算)当前余额 Where an account stands now", params: BookParams, querystring: Type.Object({ account: Type.String(), ...DimensionQuery }, { additionalProperties: false }), response: { 200: Type.Object({ balance: Type.String(), side: Type.String() }), ...errors } },
  }, async (request) => {
    if (!seesAll(request.sight)) refuse("access.denied", { duty: "books.read", dutyZh: "查看科目余额", dutyEn: "see what an account holds" });
    return readStanding(wholeBook(request), await bookOf(request), request.query.account, dimensionsOf(request.query.dimension));
  });

  api.get("/books/:book/accounts/search", {
    config: { asks: "signedIn" }, schema: {
      tags, summary: "按代码、名称、拼音找科目 Accounts by code, name or pinyin", params: BookParams, querystring: Type.Object({ text: Type.Optional(Type.String({ maxLength: 60 })), all: Type.Optional(Type.Boolean({ description: "含非末级 Those above others too" })) }, { additionalProperties: false }),
      response: { 200: Type.Array(Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String(), side: Type.String(), postable: Type.Boolean(), quantity: Type.Boolean(), asks: Type.Object({ must: Type.Array(Type.String()), anyOf: Type.Array(Type.String()), may: Type.Array(Type.String()) }) })), ...errors },
    },
  }, async (request) => {
    if (request.sight.duties.size === 0) return [];
    const book = await bookOf(request);
    const accounts = await loadAccounts(ctx.db, book);
    const wanted = [...accounts.values()].filter(({ postable }) => postable || request.query.all === true);
    const text = (request.query.text ?? "").trim();
    const codes = text === "" ? wanted.slice(0, found).map(({ code }) => code) : searchNames(accountIndex(book, accounts, wanted), text, found).map(({ code }) => code);
    return codes.flatMap((code) => {
      const account = accounts.get(code);
      return account ? [{ code, ...accountPath(accounts, code), side: account.side, postable: account.postable, quantity: account.carries.quantity === true, asks: dimensionsAsked(account) }] : [];
    });
  });

  api.get("/books/:book/masterdata/search", {
    config: { asks: "signedIn" }, schema: {
      tags, summary: "按代码、名称、拼音找主数据 Master data by code, name or pinyin", params: BookParams, querystring: Type.Object({ kind: Type.String({ maxLength: 40, description: "物料等类别,或辅助核算名 A kind, or a dimension's name", examples: ["counterparty"] }), text: Type.Optional(Type.String({ maxLength: 60 })) }, { additionalProperties: false }),
      response: { 200: Type.Array(Type.Object({ kind: Type.String(), code: Type.String(), zh: Type.String(), en: Type.String() })), ...errors },
    },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    if (request.sight.duties.size === 0) return [];
    const book = await bookOf(request);
    const kinds = kindsOfDimension[request.query.kind] ?? [request.query.kind];
    // A part of the book is read anew for each: the restricted store shows its own parties only.
    const names = request.sight.scopes === null ? await namesOf(book.bookId) : indexNames(await shell.findNames(acting.db, book.bookId));
    const text = (request.query.text ?? "").trim();
    const own = names.filter(({ kind }) => kinds.includes(kind));
    return text === "" ? own.slice(0, found).map(({ kind, code, zh, en }) => ({ kind, code, zh, en })) : searchNames(own, text, found);
  });

  /** Prepared names by what they were prepared from. */
  const indexes = new Map<number, { readonly stamp: string; readonly index: NameIndex }>();
  const namesOf = async (bookId: number): Promise<NameIndex> => {
    const stamp = await shell.stampOfNames(ctx.db, bookId);
    const kept = indexes.get(bookId);
    if (kept?.stamp === stamp) return kept.index;
    const index = indexNames(await shell.findNames(ctx.db, bookId));
    indexes.set(bookId, { stamp, index });
    return index;
  };
  const charts = new Map<string, NameIndex>();
  const accountIndex = (book: Book, accounts: ReadonlyMap<string, Account>, wanted: readonly Account[]): NameIndex => {
    const key = `${book.bookId} ${wanted.map(({ code, zh }) => code + zh).join(" ")}`;
    let index = charts.get(key);
    if (!index) {
      charts.clear();
      charts.set(key, (index = indexNames(wanted.map(({ code, zh, en }) => ({ kind: accountPath(accounts, code).zh, code, zh, en })))));
    }
    return index;
  };

  // Drafts -------------------------------------------------------------------------------------------------------------

  const DraftRow = Type.Object({
    draft: Type.String(), document: Type.String(), kind: Type.String(), date: Type.String(), period: Type.String(), series: Type.String(), summary: Type.String(), debitTotal: Type.Union([Type.String(), Type.Null()]), attachments: Type.Integer(), lines: Type.Integer(), rule: Type.String(), ruleVersion: Type.Integer(),
    why: Type.String(), preparedBy: Type.String(), preparedAt: Type.String(), isOwn: Type.Boolean(), sentBack: Type.Union([Type.Object({ by: Type.String(), at: Type.String(), reason: Type.String() }), Type.Null()]), total: Type.Union([Type.String(), Type.Null()]),
  });
  const draftShown = <D extends { readonly document: string; readonly debitTotal: string }>(request: FastifyRequest, draft: D): D & { total: string | null } =>
    (hidesKind(request.sight, draft.document) ? { ...draft, debitTotal: null as unknown as string, total: null } : { ...draft, total: draft.debitTotal });

  api.get("/books/:book/drafts", { config: { asks: "vouchers.read" }, schema: { tags, summary: "待审核凭证 Vouchers that wait for review", params: BookParams, response: { 200: Type.Array(DraftRow), ...errors } } },
    async (request) => (await findDrafts(wholeBook(request), await bookOf(request))).map((draft) => draftShown(request, draft)));

  api.get("/books/:book/drafts/:draft", { config: { asks: "vouchers.read" }, schema: { tags, summary: "一张待审核凭证 One of them", params: DraftParams, response: { 200: Type.Unknown(), ...errors } } }, async (request) => {
    const book = await bookOf(request);
    return hideAmounts(request.sight, await showDraft(wholeBook(request), book, request.params.draft), await loadAccounts(ctx.db, book));
  });

  api.post("/books/:book/drafts/:draft/review", { config: { asks: "vouchers.review" }, schema: { tags, summary: "审核并记账 Review and post", params: DraftParams, response: { 200: Type.Object({ number: Type.String(), period: Type.String() }), ...errors } } },
    (request) => reviewDraft(wholeBook(request), request.params.book, request.params.draft));

  api.post("/books/:book/drafts/review", {
    config: { asks: "vouchers.review" }, schema: {
      tags, summary: "批量审核并记账,各自成败 Review many; each has its own result", params: BookParams, body: Type.Object({ drafts: Type.Array(Type.String(), { minItems: 1, maxItems: 500 }) }, { additionalProperties: false }),
      response: { 200: Type.Array(Type.Object({ draft: Type.String(), number: Nullable(Type.String()), period: Nullable(Type.String()), problem: Type.Union([ProblemView, Type.Null()]) })), ...errors },
    },
  }, (request) => reviewDrafts(wholeBook(request), request.params.book, request.body.drafts));

  api.post("/books/:book/drafts/:draft/send-back", { config: { asks: "vouchers.review" }, schema: { tags, summary: "退回制单人 Send back to its preparer", params: DraftParams, body: Type.Object({ reason: Type.String({ maxLength: 500 }) }, { additionalProperties: false }), response: { 200: DraftRow, ...errors } } },
    async (request) => draftShown(request, await sendBackDraft(wholeBook(request), request.params.book, request.params.draft, request.body.reason)));

  api.post("/books/:book/drafts/:draft/withdraw", { config: { asks: "vouchers.enter" }, schema: { tags, summary: "制单人撤回 Withdraw an own draft", params: DraftParams, response: { 200: Type.Object({ document: Type.String() }), ...errors } } },
    (request) => withdrawDraft(wholeBook(request), request.params.book, request.params.draft));
}

async function* linesOf(rows: AsyncIterable<unknown>): AsyncGenerator<string, void, undefined> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}
