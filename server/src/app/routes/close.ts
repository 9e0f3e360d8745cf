/** 结账: gates with what shows them, the steps that clear them, one run over all of them, modules closed before their period, templates of amortisation. */
import { Type } from "@fastify/type-provider-typebox";
import { loadBook } from "../../books/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { doStep, endAmortisation, listAmortisations, listCloseRuns, readCloseGates, runClose, type RunTask, setAmortisation } from "../../reconciliation/index.ts";
import { closeModule, modules, readModules, reopenModule } from "../../vouchers/index.ts";
import { BookParams, errors, ProblemView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import { monthEndTaskNames, runMonthEnd } from "../month-end.ts";

const closed = { additionalProperties: false } as const;
const Maybe = Type.Union([Type.String(), Type.Null()]);
const Words = Type.Object({ zh: Type.String(), en: Type.String() });
const PeriodParams = Type.Object({ book: Type.String(), period: Type.String({ pattern: "^\\d{4}-\\d{2}$" }) });
const GateView = Type.Object({ gate: Type.String(), zh: Type.String(), en: Type.String(), state: Type.String(), evidence: Words, duty: Type.String(), run: Maybe, to: Type.String(), isHard: Type.Boolean() });
const StepView = Type.Object({ step: Type.String(), outcome: Type.String(), vouchers: Type.Array(Type.String()), problems: Type.Array(ProblemView), at: Type.String() });
const Module = Type.Union(modules.map((module) => Type.Literal(module)));
const ModuleParams = Type.Object({ book: Type.String(), period: Type.String({ pattern: "^\\d{4}-\\d{2}$" }), module: Module });
const Side = Type.Object({ account: Type.String({ maxLength: 40 }), dimensions: Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 100 })) }, closed);
const steps = ["amortisation", "estimates", "cost", "fx", "vat", "surtax", "profit-and-loss", "verify"] as const;

const runTask: RunTask = (ctx, book, task, period) => {
  const name = monthEndTaskNames.find((one) => one === task);
  if (name === undefined) throw new RangeError(`there is no month-end task ${task}`);
  return runMonthEnd(ctx, book, name, period);
};

export function closeRoutes(api: Http, ctx: Ctx): void {
  const tags = ["reconciliation"];
  const close = { asks: "periods.close" } as const;
  api.get("/books/:book/periods/:period/gates", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "结账条件 Gates of closing", params: PeriodParams,
      response: {
        200: Type.Object({
          gates: Type.Array(GateView), modules: Type.Array(Type.Object({ module: Type.String(), closedAt: Maybe, closedBy: Maybe })),
          runs: Type.Array(Type.Object({ run: Type.String(), startedAt: Type.String(), startedBy: Type.String(), endedAt: Maybe, outcome: Maybe, steps: Type.Array(StepView) })),
        }), ...errors,
      },
    },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    const book = await loadBook(ctx.db, request.params.book);
    const { period } = request.params;
    const gates = await readCloseGates(acting, book, period);
    const closedOnes = await readModules(acting, book.bookId, period);
    return { gates, modules: modules.map((module) => { const row = closedOnes.find((one) => one.module === module); return { module, closedAt: row?.closedAt ?? null, closedBy: row?.closedBy ?? null }; }), runs: await listCloseRuns(acting, book, period) };
  });
  api.post("/books/:book/periods/:period/steps/:step", {
    config: close, schema: { tags, summary: "做一个结账步骤 One step of closing", params: Type.Object({ book: Type.String(), period: Type.String({ pattern: "^\\d{4}-\\d{2}$" }), step: Type.Union(steps.map((step) => Type.Literal(step))) }), response: { 200: Type.Object({ vouchers: Type.Array(Type.String()), problems: Type.Array(ProblemView) }), ...errors } },
  }, async (request) => doStep(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.period, request.params.step, runTask));
  api.post("/books/:book/periods/:period/close-run", {
    config: close, schema: {
      tags, summary: "一次结账 Close in one run", description: "依次做完所有步骤后结账;停下时已过账的保留,再次运行从停处继续。Does every step and then closes; where it stops, what was posted stays, and the next run goes on from there.", params: PeriodParams,
      body: Type.Object({ accept: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 20 })), reason: Type.Optional(Type.String({ maxLength: 500 })) }, closed),
      response: { 200: Type.Object({ run: Type.String(), outcome: Type.String(), steps: Type.Array(StepView), open: Type.Array(GateView) }), ...errors },
    },
  }, async (request) => runClose(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.period, { runTask, accepted: request.body.accept ?? [], reason: request.body.reason ?? "" }));
  const ModuleAnswer = Type.Object({ period: Type.String(), module: Type.String() });
  api.post("/books/:book/periods/:period/modules/:module/close", { config: close, schema: { tags, summary: "模块关账 Close a module", params: ModuleParams, response: { 200: ModuleAnswer, ...errors } } },
    async (request) => closeModule(actorOf(ctx, request), request.params.book, request.params.period, request.params.module));
  api.post("/books/:book/periods/:period/modules/:module/reopen", { config: { asks: "periods.reopen" }, schema: { tags, summary: "重开模块 Reopen a module", params: ModuleParams, body: Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed), response: { 200: ModuleAnswer, ...errors } } },
    async (request) => reopenModule(actorOf(ctx, request), request.params.book, request.params.period, request.params.module, request.body.reason));

  api.get("/books/:book/amortisations", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "摊销模板 Templates of amortisation", params: BookParams,
      response: { 200: Type.Array(Type.Object({ code: Type.String(), name: Type.String(), total: Type.String(), taken: Type.String(), left: Type.String(), months: Type.Integer(), firstPeriod: Type.String(), lastPeriod: Type.String(), debit: Side, credit: Side, setAt: Type.String(), setBy: Type.String(), endedAfter: Maybe, done: Type.Array(Type.String()) })), ...errors },
    },
  }, async (request) => listAmortisations(actorOf(ctx, request), await loadBook(ctx.db, request.params.book)));
  api.post("/books/:book/amortisations", {
    config: close, schema: { tags, summary: "新建摊销模板 A new template", params: BookParams, body: Type.Object({ code: Type.String({ maxLength: 40 }), name: Type.String({ maxLength: 100 }), total: Type.String({ maxLength: 30 }), months: Type.Integer(), firstPeriod: Type.String({ maxLength: 7 }), debit: Side, credit: Side }, closed), response: { 200: Type.Object({ code: Type.String() }), ...errors } },
  }, async (request) => setAmortisation(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body));
  api.post("/books/:book/amortisations/:code/end", {
    config: close, schema: { tags, summary: "停用摊销模板 End a template", params: Type.Object({ book: Type.String(), code: Type.String() }), body: Type.Object({ after: Type.String({ maxLength: 7 }) }, closed), response: { 200: Type.Object({ code: Type.String() }), ...errors } },
  }, async (request) => endAmortisation(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.code, request.body.after));
}
