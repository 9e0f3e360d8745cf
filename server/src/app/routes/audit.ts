/** 留痕 over HTTP: read, export, verify. Whoever may read the trail of some books sees those; what is beyond books is for who may read all. */
import { Readable } from "node:stream";
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { maskBody, sightOf } from "../../access/index.ts";
import { actName, acts, eachEntry, type EntryListed, type ListFilter, listEntries, outcomes, verifyAudit } from "../../audit/index.ts";
import { type Ctx, renderProblem } from "../../platform/index.ts";
import { note } from "../audited.ts";
import { errors, ProblemView } from "../contract.ts";
import type { Http } from "../http.ts";
import { auditCsv } from "../audit-csv.ts";

const tags = ["system"];
const Text = Type.Optional(Type.String({ maxLength: 200 }));
const Maybe = Type.Union([Type.String(), Type.Null()]);
const Filter = {
  actor: Text, act: Text, object: Type.Optional(Type.String({ maxLength: 300, description: "种类,或 种类/名称 A kind, or kind/name", examples: ["voucher/2026-03/记-7"] })), book: Text,
  from: Type.Optional(Type.String({ description: "日期或时刻 A day or a moment" })), to: Type.Optional(Type.String({ description: "含当日 Included" })), text: Type.Optional(Type.String({ maxLength: 100, description: "动作、对象、人、理由、前后内容的任一部分 Any part of act, object, actor, reason, before, after" })),
  outcome: Type.Optional(Type.Union(outcomes.map((one) => Type.Literal(one)))),
};
const EntryView = Type.Object({
  entryNo: Type.String(), at: Type.String(), actorKind: Type.String(), actor: Type.String(), actorName: Type.String(), address: Type.String(), session: Maybe, act: Type.String(), objectKind: Maybe, objectId: Maybe, book: Maybe, before: Type.Unknown(), after: Type.Unknown(),
  reason: Type.String(), outcome: Type.String(), code: Maybe, request: Type.String(), hash: Type.String(), zh: Type.String({ description: "一句话 In a sentence" }), en: Type.String(), cursor: Type.String(),
});

export function auditRoutes(api: Http, ctx: Ctx): void {
  const more = (): Readonly<Record<string, { zh: string; en: string }>> => Object.fromEntries(api.actsOfRoutes);

  api.get("/audit", {
    config: { asks: "audit.read", ofAnyBook: true }, schema: {
      tags, summary: "留痕,最新在前 The audit trail, newest first", querystring: Type.Object({ ...Filter, after: Type.Optional(Type.String({ description: "从此编号之下继续 Go on below this number" })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })) }, { additionalProperties: false }),
      response: { 200: Type.Array(EntryView), ...errors },
    },
  }, async (request) => (await listEntries(ctx, { ...request.query, books: booksOf(request) }, more())).map((entry) => shown(entry, request)));

  api.get("/audit/acts", { config: { asks: "audit.read", ofAnyBook: true }, schema: { tags, summary: "动作的名称 Names of the acts", response: { 200: Type.Array(Type.Object({ act: Type.String(), zh: Type.String(), en: Type.String() })), ...errors } } },
    () => [...new Set([...Object.keys(acts), ...api.actsOfRoutes.keys()])].sort().map((act) => ({ act, ...actName(act, more()) })));

  api.get("/audit/export", {
    config: { asks: "audit.read", ofAnyBook: true, act: { name: "audit.exported", object: (request) => ({ kind: "audit", id: (request.query as { format?: string }).format ?? "csv" }), after: (request) => request.query } }, schema: {
      tags, summary: "导出留痕 Export the audit trail", querystring: Type.Object({ ...Filter, format: Type.Union([Type.Literal("csv"), Type.Literal("ndjson")], { default: "csv" }) }, { additionalProperties: false }), produces: ["text/csv", "application/x-ndjson"],
    },
  }, async (request, reply) => {
    const { format, ...filter } = request.query;
    const wanted: ListFilter = { ...filter, books: booksOf(request) };
    await listEntries(ctx, { ...wanted, limit: 1 }); // what is wrong with the filter is said before the stream begins
    let count = 0;
    const entries = async function* (): AsyncGenerator<ReturnType<typeof shown>, void, undefined> {
      for await (const entry of eachEntry(ctx, wanted, more())) {
        count += 1;
        yield shown(entry, request);
      }
    };
    const stream = Readable.from(format === "csv" ? auditCsv(entries()) : linesOf(entries()));
    const until = new Promise<void>((resolve) => stream.once("close", resolve)).then(() => note(request, { after: { ...request.query, entries: count, isWhole: stream.readableEnded } }));
    note(request, { until });
    return reply.type(format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8").header("content-disposition", `attachment; filename="audit.${format}"`).serializer((text: string) => text).send(stream);
  });

  api.get("/audit/verify", {
    config: { asks: "audit.read" }, schema: {
      tags, summary: "验证留痕的链与库外锚 Verify the chain and its anchors", response: {
        200: Type.Object({ isWhole: Type.Boolean(), entries: Type.String(), head: Type.String(), problems: Type.Array(ProblemView), anchors: Type.Union([Type.Object({ count: Type.Integer(), last: Maybe }), Type.Null()]), intents: Type.Integer() }), ...errors,
      },
    },
  }, async () => {
    const verified = await verifyAudit(ctx);
    return { ...verified, entries: String(verified.entries), problems: verified.problems.map((problem) => renderProblem(problem)) };
  });
}

/** Null: all, with what is beyond books. A part of a book is not enough: the trail does not say whose rows it speaks of. */
function booksOf({ principal }: FastifyRequest): readonly string[] | null {
  const granting = (principal?.grants ?? []).filter(({ duties, scope }) => scope === null && duties.includes("audit.read")).map(({ book }) => book);
  return granting.includes("*") ? null : granting;
}

/** As the reader may see it: what a hidden column holds is hidden here too. */
function shown({ entryNo, ...entry }: EntryListed, request: FastifyRequest) {
  const { columns } = entry.book === null || request.principal === null ? request.sight : sightOf(request.principal, entry.book, { duty: "audit.read" });
  const hide = (value: unknown): unknown => ["costRun", "payrollSummary"].reduce((left, kind) => maskBody(kind, left, columns).body, value);
  return { ...entry, entryNo: String(entryNo), before: hide(entry.before), after: hide(entry.after) };
}

async function* linesOf(rows: AsyncIterable<unknown>): AsyncGenerator<string, void, undefined> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}
