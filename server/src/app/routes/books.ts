import { Type } from "@fastify/type-provider-typebox";
import { sightOf } from "../../access/index.ts";
import { changeSetting, createBook, listBooks, loadAccounts, loadBook, readPeriods, type Setting, settings, settingKeys, showBook } from "../../books/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { closePeriod, readCloseBoard, readMonthEndRuns, reopenPeriod } from "../../vouchers/index.ts";
import { AccountView, BookParams, BookView, errors, PeriodView, ResultView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import { monthEndBoard, monthEndTaskNames, runMonthEnd } from "../month-end.ts";

const tags = ["books"];
const PeriodParams = Type.Object({ book: Type.String(), period: Type.String({ pattern: "^\\d{4}-\\d{2}$" }) });
const PeriodState = Type.Object({ period: Type.String(), state: Type.String() });

export function bookRoutes(api: Http, ctx: Ctx): void {
  api.get("/books", { config: { asks: "signedIn" }, schema: { tags, summary: "账簿 Books", response: { 200: Type.Array(BookView), ...errors } } }, async (request) => (await listBooks(ctx.db)).filter(({ code }) => request.principal !== null && sightOf(request.principal, code).duties.size > 0));

  api.post("/books", {
    config: { asks: "books.manage" }, schema: {
      tags, summary: "建账 Create a book",
      body: Type.Object({
        code: Type.String(), name: Type.Optional(Type.String()), pack: Type.String({ examples: ["cas-general"] }), currency: Type.String({ default: "CNY" }), from: Type.String({ examples: ["2026-01"] }), group: Type.Optional(Type.String()),
        settings: Type.Optional(Type.Record(Type.String(), Type.String())),
      }, { additionalProperties: false }),
      response: { 201: BookView, ...errors },
    },
  }, async (request, reply) => reply.code(201).send(await createBook(actorOf(ctx, request), request.body)));

  api.get("/books/:book", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "一本账簿 One book", params: BookParams,
      response: {
        200: Type.Intersect([BookView, Type.Object({
          periods: Type.Array(PeriodView), accounts: Type.Integer(), history: Type.Array(Type.Object({ key: Type.String(), version: Type.Integer(), value: Type.String(), setAt: Type.String(), setBy: Type.String() })),
          acts: Type.Array(Type.Object({ what: Type.String(), facts: Type.Unknown(), at: Type.String(), by: Type.String(), reason: Type.String() })),
        })]), ...errors,
      },
    },
  }, (request) => showBook(ctx, request.params.book));

  api.get("/settings", { config: { asks: "signedIn" }, schema: { tags, summary: "设置项与取值 Settings and their values", response: { 200: Type.Array(Type.Unknown()), ...errors } } }, () => settingKeys.map((key) => {
    const setting: Setting = settings[key];
    return { key, zh: setting.zh, en: setting.en, ..."values" in setting ? { values: Object.entries(setting.values).map(([value, words]) => ({ value, ...words })) } : { default: setting.default } };
  }));

  api.put("/books/:book/settings/:key", {
    config: { asks: "books.manage" }, schema: { tags, summary: "更改设置(留痕)Change a setting; the change is recorded", params: Type.Object({ book: Type.String(), key: Type.String() }), body: Type.Object({ value: Type.String(), reason: Type.Optional(Type.String()) }, { additionalProperties: false }), response: { 200: BookView, ...errors } },
  }, (request) => changeSetting(actorOf(ctx, request), request.params.book, request.params.key, request.body.value, request.body.reason));

  api.get("/books/:book/accounts", { config: { asks: "boards.read" }, schema: { tags, summary: "科目表 Chart of accounts", params: BookParams, response: { 200: Type.Array(AccountView), ...errors } } },
    async (request) => {
      const { db } = actorOf(ctx, request);
      return [...(await loadAccounts(db, await loadBook(db, request.params.book))).values()];
    });

  api.get("/books/:book/periods", { config: { asks: "boards.read" }, schema: { tags, summary: "会计期间 Periods", params: BookParams, response: { 200: Type.Array(PeriodView), ...errors } } },
    async (request) => {
      const { db } = actorOf(ctx, request);
      return readPeriods(db, await loadBook(db, request.params.book));
    });

  const act = Type.Object({ what: Type.String(), period: Type.String(), at: Type.String(), by: Type.String(), reason: Type.String() });
  api.get("/books/:book/close-board", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "结账台:各期间的状态与结账条件 Close board: periods and what stands in their way", params: BookParams,
      response: {
        200: Type.Object({
          periods: Type.Array(Type.Intersect([PeriodView, Type.Object({ vouchers: Type.Integer(), turnover: Type.String(), waiting: Type.Integer(), parked: Type.Integer(), drafts: Type.Integer(), off: Type.String(), isNext: Type.Boolean() })])), acts: Type.Array(act),
        }), ...errors,
      },
    },
  }, async (request) => readCloseBoard(actorOf(ctx, request), await loadBook(ctx.db, request.params.book)));

  const run = Type.Object({ document: Type.String(), kind: Type.String(), task: Type.String(), date: Type.String(), state: Type.String(), at: Type.String(), by: Type.String(), vouchers: Type.Array(Type.String()) });
  api.get("/books/:book/periods/:period/tasks", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "期末任务的状态 Month-end tasks and what they have run", params: PeriodParams,
      response: { 200: Type.Array(Type.Object({ task: Type.String(), zh: Type.String(), en: Type.String(), isUsual: Type.Boolean(), runs: Type.Array(run) })), ...errors },
    },
  }, async (request) => {
    const book = await loadBook(ctx.db, request.params.book);
    return monthEndBoard(book, request.params.period, await readMonthEndRuns(actorOf(ctx, request), book, request.params.period));
  });

  api.post("/books/:book/periods/:period/close", { config: { asks: "periods.close" }, schema: { tags, summary: "结账 Close a period", params: PeriodParams, response: { 200: PeriodState, ...errors } } },
    (request) => closePeriod(actorOf(ctx, request), request.params.book, request.params.period));

  api.post("/books/:book/periods/:period/reopen", { config: { asks: "periods.reopen" }, schema: { tags, summary: "反结账 Reopen a period", params: PeriodParams, body: Type.Object({ reason: Type.String() }, { additionalProperties: false }), response: { 200: PeriodState, ...errors } } },
    (request) => reopenPeriod(actorOf(ctx, request), request.params.book, request.params.period, request.body.reason));

  api.post("/books/:book/periods/:period/run/:task", {
    config: { asks: "periods.close" }, schema: {
      tags, summary: "期末任务 A month-end task", params: Type.Object({ book: Type.String(), period: Type.String({ pattern: "^\\d{4}-\\d{2}$" }), task: Type.Union(monthEndTaskNames.map((name) => Type.Literal(name))) }),
      body: Type.Union([Type.Null(), Type.Object({ cityRate: Type.Optional(Type.String()), reserveRate: Type.Optional(Type.String()), amount: Type.Optional(Type.String()), foreignCurrency: Type.Optional(Type.String()), closingRate: Type.Optional(Type.String()) }, { additionalProperties: false })]),
      response: { 200: ResultView, ...errors },
    },
  }, async (request) => runMonthEnd(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.task, request.params.period, request.body ?? {}));
}
