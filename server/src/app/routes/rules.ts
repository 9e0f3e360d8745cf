/** 规则 over HTTP: versions, a text in words, one change of it, one document tried, replays, and what decides about a proposal. */
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { requireDuty } from "../../access/index.ts";
import { type Book, loadAccounts, loadBook } from "../../books/index.ts";
import { type Ctx, refuse, renderProblem } from "../../platform/index.ts";
import { type Change, changeRules, columnOf, lintRules, listRuleVersions, loadCurrentRules, loadRuleVersion, proposeRules, rejectRules, ruleFields, sayRole, showRuleSet } from "../../rules/index.ts";
import { approveRules, cancelReplay, listReplayChanges, replayRules, showReplay, startReplay, tryRules } from "../../vouchers/index.ts";
import { BookParams, errors, ProblemView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import { hidesKind } from "../voucher-columns.ts";

const tags = ["rules"];
const VersionParams = Type.Object({ book: Type.String(), version: Type.Integer({ minimum: 1 }) });
const ReplayParams = Type.Object({ book: Type.String(), replay: Type.String({ maxLength: 64 }) });
const Nullable = Type.Union([Type.String(), Type.Null()]);
const Version = {
  version: Type.Integer(), hash: Type.String(), effectiveOn: Type.String(), proposedBy: Type.String(), proposedAt: Type.String(), approvedBy: Nullable, approvedAt: Nullable, note: Type.String(),
  rejectedBy: Nullable, rejectedAt: Nullable, rejectedReason: Nullable,
};
const state = Type.Union(["proposed", "rejected", "coming", "inForce", "past"].map((one) => Type.Literal(one)), { description: "待批准、已驳回、待生效、现行、历史" });
const RuleText = Type.String({ maxLength: 2_000_000, description: "规则集 YAML The rule set as YAML" });
/** Either a version or a text that is none yet. */
const OfRules = { version: Type.Optional(Type.Integer({ minimum: 1 })), text: Type.Optional(RuleText) };
const Period = Type.Optional(Type.String({ pattern: "^\\d{4}-\\d{2}$" }));
const Place = Type.Integer({ minimum: 0, maximum: 10_000 });
const Short = Type.String({ maxLength: 1_000 });
const strict = { additionalProperties: false } as const;
const Terms = Type.Array(Type.Object({ field: Type.String({ pattern: "^(doc|row|book)\\.[A-Za-z][A-Za-z0-9]*$" }), op: Type.Union(["==", "!=", "in", "<", "<=", ">", ">=", "is", "not"].map((op) => Type.Literal(op))), values: Type.Array(Short, { maxItems: 100 }) }, strict), { maxItems: 20 });
const Side = Type.Union([Type.Literal("debit"), Type.Literal("credit")]);
const act = <A extends string>(name: A) => Type.Literal(name);
const ChangeView = Type.Union([
  Type.Object({ act: act("table.row.set"), table: Short, row: Place, terms: Type.Optional(Terms), rest: Type.Optional(Type.Array(Short)), account: Type.Optional(Short), from: Type.Optional(Short) }, strict),
  Type.Object({ act: act("table.row.add"), table: Short, row: Place, terms: Type.Optional(Terms), account: Short }, strict),
  Type.Object({ act: act("table.row.remove"), table: Short, row: Place }, strict),
  Type.Object({ act: act("table.row.move"), table: Short, row: Place, to: Place }, strict),
  Type.Object({ act: act("rule.set"), rule: Short, field: Type.Union(ruleFields.map((name) => Type.Literal(name))), value: Type.String({ maxLength: 4_000 }) }, strict),
  Type.Object({ act: act("rule.move"), rule: Short, by: Type.Union([Type.Literal(-1), Type.Literal(1)]) }, strict),
  Type.Object({ act: act("rule.copy"), rule: Short, id: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$" }) }, strict),
  Type.Object({ act: act("rule.remove"), rule: Short }, strict),
  Type.Object({ act: act("entry.set"), rule: Short, entry: Place, side: Type.Optional(Side), account: Type.Optional(Short), role: Type.Optional(Short), when: Type.Optional(Short), amount: Type.Optional(Short) }, strict),
  Type.Object({ act: act("entry.add"), rule: Short, entry: Place, side: Side, account: Short, role: Short }, strict),
  Type.Object({ act: act("entry.remove"), rule: Short, entry: Place }, strict),
  Type.Object({ act: act("entry.move"), rule: Short, entry: Place, to: Place }, strict),
]);

export function rulesRoutes(api: Http, ctx: Ctx): void {
  const bookOf = (request: { readonly params: { readonly book: string } }): Promise<Book> => loadBook(ctx.db, request.params.book);
  const today = (): string => ctx.now().toISOString().slice(0, 10);
  /** Rules and what they did are of the book as a whole. */
  const wholeBook = (request: FastifyRequest): Ctx => (request.sight.scopes === null ? actorOf(ctx, request) : refuse("access.denied", { duty: "rules.read", dutyZh: "查看会计规则(限全账簿权限)", dutyEn: "see accounting rules, which needs sight of the whole book" }));
  const sightOf = ({ sight }: FastifyRequest): { readonly sees: (document: string) => boolean; readonly sight: string } => ({ sees: (document) => !hidesKind(sight, document), sight: [...sight.columns].sort().join(" ") });

  api.get("/books/:book/rules", { config: { asks: "rules.read" }, schema: { tags, summary: "规则版本 Versions of the rules", params: BookParams, response: { 200: Type.Array(Type.Object({ ...Version, rules: Type.Integer(), state })), ...errors } } },
    async (request) => listRuleVersions(wholeBook(request).db, await bookOf(request), today()));

  api.get("/books/:book/rules/:version", { config: { asks: "rules.read" }, schema: { tags, summary: "一个版本的原文 One version with its text", params: VersionParams, response: { 200: Type.Object({ ...Version, body: Type.String() }), ...errors } } },
    async (request) => loadRuleVersion(wholeBook(request).db, await bookOf(request), request.params.version));

  api.post("/books/:book/rules/lint", { config: { asks: "rules.read" }, schema: { tags, summary: "检查规则 Check rules", params: BookParams, body: Type.Object({ text: RuleText }, strict), response: { 200: Type.Array(ProblemView), ...errors } } }, async (request) => {
    const { db } = wholeBook(request);
    return lintRules(request.body.text, await loadAccounts(db, await bookOf(request))).map((problem) => renderProblem(problem));
  });

  // In words, and one change -------------------------------------------------------------------------------------------

  /** The text in words, marked against the version in force or another. */
  const view = async (book: Book, text: string, against: number | undefined) => {
    const accounts = await loadAccounts(ctx.db, book);
    const current = against === undefined ? await loadCurrentRules(ctx.db, book, today()) : await loadRuleVersion(ctx.db, book, against);
    const { shown } = showRuleSet(text, accounts, book.currency, current.body);
    return { text, against: current.version, problems: lintRules(text, accounts).map((problem) => renderProblem(problem)), ...shown };
  };
  api.post("/books/:book/rules/view", {
    config: { asks: "rules.read" }, schema: {
      tags, summary: "以文字读规则,标出与现行版本的差别 The rules in words, with what differs from the version in force", params: BookParams, response: { 200: Type.Unknown(), ...errors },
      body: Type.Object({ ...OfRules, against: Type.Optional(Type.Integer({ minimum: 1, description: "与哪个版本比,缺省现行 Compared with this version; default the one in force" })) }, strict),
    },
  }, async (request) => {
    const { db } = wholeBook(request);
    const book = await bookOf(request);
    const { text, version, against } = request.body;
    return view(book, text ?? (version === undefined ? await loadCurrentRules(db, book, today()) : await loadRuleVersion(db, book, version)).body, against);
  });

  api.post("/books/:book/rules/edit", {
    config: { asks: "rules.propose" }, schema: { tags, summary: "改一处,不保存 Make one change to a text; nothing is kept", params: BookParams, body: Type.Object({ text: RuleText, change: ChangeView, against: Type.Optional(Type.Integer({ minimum: 1 })) }, strict), response: { 200: Type.Unknown(), ...errors } },
  }, async (request) => {
    wholeBook(request);
    const book = await bookOf(request);
    return view(book, changeRules(request.body.text, request.body.change as Change, book.currency), request.body.against);
  });

  api.get("/books/:book/rules/words", {
    config: { asks: "rules.read" }, schema: { tags, summary: "字段与金额行的名称 Names of fields and of rows", params: BookParams, querystring: Type.Object({ field: Type.Array(Type.String({ maxLength: 60 }), { maxItems: 100 }), role: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { maxItems: 300 })) }, strict), response: { 200: Type.Unknown(), ...errors } },
  }, async (request) => ({ fields: request.query.field.map((field) => columnOf(field)), roles: (request.query.role ?? []).map((role) => ({ role, ...sayRole(role) })) }));

  // Tried and replayed -------------------------------------------------------------------------------------------------

  api.post("/books/:book/rules/try", {
    config: { asks: "rules.read" }, schema: {
      tags, summary: "试一张单据:结果前后、命中的规则与行 One document tried: before, after, the rule and row that hit", params: BookParams,
      body: Type.Object({ ...OfRules, of: Type.String({ maxLength: 300, description: "[source:]kind/sourceId" }) }, strict), response: { 200: Type.Unknown(), ...errors },
    },
  }, async (request) => {
    const acting = wholeBook(request);
    const book = await bookOf(request);
    if (!sightOf(request).sees(request.body.of.includes(":") ? request.body.of : `:${request.body.of}`)) refuse("access.denied", { duty: "rules.read", dutyZh: "查看此类单据的金额", dutyEn: "see amounts of such documents" });
    const { version, text, of } = request.body;
    return tryRules(acting, book, { of, ...(text === undefined ? { version: version ?? (await loadCurrentRules(acting.db, book, today())).version } : { text }) });
  });

  api.get("/books/:book/rules/:version/replay", {
    config: { asks: "rules.read" }, schema: { tags, summary: "重放 Replay a version over past documents", params: VersionParams, querystring: Type.Object({ from: Type.Optional(Type.String()), to: Type.Optional(Type.String()) }, strict), response: { 200: Type.Unknown(), ...errors } },
  }, async (request) => replayRules(wholeBook(request), await bookOf(request), { version: request.params.version, ...request.query, sees: sightOf(request).sees }));

  api.post("/books/:book/rules/replays", {
    config: { asks: "rules.read", act: "none" }, schema: { tags, summary: "在后台重放一个版本或一份草案 Replay a version or a draft in the background", params: BookParams, body: Type.Object({ ...OfRules, from: Period, to: Period }, strict), response: { 202: Type.Unknown(), ...errors } },
  }, async (request, reply) => {
    const acting = wholeBook(request);
    const book = await bookOf(request);
    const { version, text, ...span } = request.body;
    const of = text === undefined ? { version: version ?? (await loadCurrentRules(acting.db, book, today())).version } : { text };
    return reply.code(202).send(await startReplay(acting, ctx.db, book, { ...of, ...span, ...sightOf(request) }));
  });

  api.get("/books/:book/rules/replays/:replay", { config: { asks: "rules.read" }, schema: { tags, summary: "重放的进度或结果 How far a replay is, or what it found", params: ReplayParams, response: { 200: Type.Unknown(), ...errors } } },
    async (request) => { wholeBook(request); return showReplay(ctx.db, await bookOf(request), request.params.replay, sightOf(request).sight); });

  api.delete("/books/:book/rules/replays/:replay", { config: { asks: "rules.read", act: "none" }, schema: { tags, summary: "停止重放 Stop a replay", params: ReplayParams, response: { 200: Type.Unknown(), ...errors } } },
    async (request) => { wholeBook(request); return cancelReplay(ctx.db, await bookOf(request), request.params.replay, sightOf(request).sight); });

  api.get("/books/:book/rules/replays/:replay/changes", {
    config: { asks: "rules.read" }, schema: {
      tags, summary: "重放中变化的单据 Documents that a replay found changed", params: ReplayParams, response: { 200: Type.Array(Type.Unknown()), ...errors },
      querystring: Type.Object({ account: Type.Optional(Type.String({ maxLength: 40 })), period: Period, problems: Type.Optional(Type.Boolean()), after: Type.Optional(Type.String({ pattern: "^\\d{1,9}$" })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) }, strict),
    },
  }, async (request) => { wholeBook(request); return listReplayChanges(ctx.db, await bookOf(request), request.params.replay, sightOf(request).sight, request.query); });

  // Decided ------------------------------------------------------------------------------------------------------------

  api.post("/books/:book/rules", {
    config: { asks: "rules.propose" }, schema: { tags, summary: "提出新版本 Propose a version", params: BookParams, body: Type.Object({ text: RuleText, effectiveOn: Type.String(), note: Type.Optional(Type.String({ maxLength: 4_000 })) }, strict), response: { 201: Type.Object({ version: Type.Integer() }), ...errors } },
  }, async (request, reply) => {
    const acting = wholeBook(request);
    const book = await bookOf(request);
    return reply.code(201).send({ version: await proposeRules(acting, book, await loadAccounts(acting.db, book), request.body) });
  });

  api.post("/books/:book/rules/:version/approve", { config: { asks: "rules.approve" }, schema: { tags, summary: "批准 Approve a version", params: VersionParams, response: { 200: Type.Object({ version: Type.Integer(), effectiveOn: Type.String(), approvedBy: Type.String() }), ...errors } } },
    async (request) => approveRules(wholeBook(request), await bookOf(request), request.params.version));

  api.post("/books/:book/rules/:version/reject", {
    config: { asks: "rules.read" }, schema: { tags, summary: "驳回;提出人可撤回自己的 Reject a version; its author may take it back", params: VersionParams, body: Type.Object({ reason: Type.String({ maxLength: 2_000 }) }, strict), response: { 200: Type.Object(Version), ...errors } },
  }, async (request) => {
    const acting = wholeBook(request);
    const book = await bookOf(request);
    const { proposedBy } = await loadRuleVersion(acting.db, book, request.params.version);
    requireDuty(request.sight, proposedBy === acting.actor.id ? "rules.propose" : "rules.approve");
    return rejectRules(acting, book, request.params.version, request.body.reason);
  });
}
