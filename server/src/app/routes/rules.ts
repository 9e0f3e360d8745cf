import { Type } from "@fastify/type-provider-typebox";
import { loadAccounts, loadBook } from "../../books/index.ts";
import { type Ctx, renderProblem } from "../../platform/index.ts";
import { lintRules, listRuleVersions, loadRuleVersion, proposeRules } from "../../rules/index.ts";
import { approveRules, replayRules } from "../../vouchers/index.ts";
import { BookParams, errors, ProblemView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";

const tags = ["rules"];
const VersionParams = Type.Object({ book: Type.String(), version: Type.Integer({ minimum: 1 }) });
const Nullable = Type.Union([Type.String(), Type.Null()]);
const Version = { version: Type.Integer(), hash: Type.String(), effectiveOn: Type.String(), proposedBy: Type.String(), proposedAt: Type.String(), approvedBy: Nullable, approvedAt: Nullable, note: Type.String() };

export function rulesRoutes(api: Http, ctx: Ctx): void {
  api.get("/books/:book/rules", { config: { asks: "rules.read" }, schema: { tags, summary: "规则版本 Versions of the rules", params: BookParams, response: { 200: Type.Array(Type.Object({ ...Version, rules: Type.Integer() })), ...errors } } },
    async (request) => listRuleVersions(ctx.db, await loadBook(ctx.db, request.params.book)));

  api.get("/books/:book/rules/:version", { config: { asks: "rules.read" }, schema: { tags, summary: "一个版本的原文 One version with its text", params: VersionParams, response: { 200: Type.Object({ ...Version, body: Type.String() }), ...errors } } },
    async (request) => loadRuleVersion(ctx.db, await loadBook(ctx.db, request.params.book), request.params.version));

  api.post("/books/:book/rules/lint", { config: { asks: "rules.read" }, schema: { tags, summary: "检查规则 Check rules", params: BookParams, body: Type.Object({ text: Type.String() }, { additionalProperties: false }), response: { 200: Type.Array(ProblemView), ...errors } } },
    async (request) => lintRules(request.body.text, await loadAccounts(ctx.db, await loadBook(ctx.db, request.params.book))).map((problem) => renderProblem(problem)));

  api.post("/books/:book/rules", {
    config: { asks: "rules.propose" }, schema: { tags, summary: "提出新版本 Propose a version", params: BookParams, body: Type.Object({ text: Type.String(), effectiveOn: Type.String(), note: Type.Optional(Type.String()) }, { additionalProperties: false }), response: { 201: Type.Object({ version: Type.Integer() }), ...errors } },
  }, async (request, reply) => {
    const book = await loadBook(ctx.db, request.params.book);
    return reply.code(201).send({ version: await proposeRules(actorOf(ctx, request), book, await loadAccounts(ctx.db, book), request.body) });
  });

  api.get("/books/:book/rules/:version/replay", {
    config: { asks: "rules.read" }, schema: { tags, summary: "重放 Replay a version over past documents", params: VersionParams, querystring: Type.Object({ from: Type.Optional(Type.String()), to: Type.Optional(Type.String()) }, { additionalProperties: false }), response: { 200: Type.Unknown(), ...errors } },
  }, async (request) => replayRules(ctx, await loadBook(ctx.db, request.params.book), { version: request.params.version, ...request.query }));

  api.post("/books/:book/rules/:version/approve", { config: { asks: "rules.approve" }, schema: { tags, summary: "批准 Approve a version", params: VersionParams, response: { 200: Type.Object({ version: Type.Integer(), effectiveOn: Type.String(), approvedBy: Type.String() }), ...errors } } },
    async (request) => approveRules(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.version));
}
