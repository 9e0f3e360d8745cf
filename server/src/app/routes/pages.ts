import { readFileSync } from "node:fs";
import { Type } from "@fastify/type-provider-typebox";
import { listBooks } from "../../books/index.ts";
import { schemaNames, schemaOf } from "../../documents/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { readCompleteness } from "../../vouchers/index.ts";
import { errors } from "../contract.ts";
import type { Http } from "../http.ts";
import { startPage } from "../start-page.ts";

const tags = ["system"];
const style = readFileSync(new URL("../start-page.css", import.meta.url), "utf8");

/** What people and machines read about the server itself. */
export function pageRoutes(server: Http, ctx: Ctx): void {
  server.get("/", { config: { asks: "anyone" }, schema: { hide: true } }, async (_request, reply) => {
    const books = await Promise.all((await listBooks(ctx.db)).map(async (book) => ({ book, completeness: await readCompleteness(ctx, book) })));
    return reply.type("text/html; charset=utf-8").send(startPage(books));
  });
  server.get("/start-page.css", { config: { asks: "anyone" }, schema: { hide: true } }, (_request, reply) => reply.type("text/css; charset=utf-8").send(style));
  server.get("/api", { config: { asks: "anyone" }, schema: { hide: true } }, (_request, reply) => reply.redirect("/api/docs"));
  server.get("/api/openapi.json", { config: { asks: "anyone" }, schema: { hide: true } }, () => server.swagger());

  server.get("/api/schemas", { config: { asks: "anyone" }, schema: { tags, summary: "全部单据与主数据种类 Every kind of document and master record", response: { 200: Type.Array(Type.Object({ kind: Type.String(), schema: Type.String(), zh: Type.String(), en: Type.String(), is: Type.String(), href: Type.String() })), ...errors } } },
    () => schemaNames().map((name) => ({ ...name, href: `/api/schemas/${name.kind}` })));
  server.get("/api/schemas/:kind", { config: { asks: "anyone" }, schema: { tags, summary: "一种单据的 JSON Schema The JSON Schema of one kind", params: Type.Object({ kind: Type.String() }) } },
    (request, reply) => reply.type("application/schema+json; charset=utf-8").send(JSON.stringify(schemaOf(request.params.kind) ?? refuse("schema.kind_unknown", { kind: request.params.kind }), null, 2)));

  server.get("/health/live", { config: { asks: "anyone" }, schema: { tags, summary: "进程在运行 The process runs", response: { 200: Type.Object({ live: Type.Boolean() }) } } }, () => ({ live: true }));
  server.get("/health/ready", { config: { asks: "anyone" }, schema: { tags, summary: "可以接收请求 It can work", response: { 200: Type.Object({ ready: Type.Boolean() }), ...errors } } }, async () => {
    await ctx.db.query("select 1");
    return { ready: true };
  });
}
