import fastifyStatic from "@fastify/static";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Type } from "@fastify/type-provider-typebox";
import { schemaNames, schemaOf } from "../../documents/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { errors } from "../contract.ts";
import type { Http } from "../http.ts";
import { webDist } from "../web-files.ts";

const tags = ["system"];
/** What people and machines read about the server itself. */
export function pageRoutes(server: Http, ctx: Ctx): void {
  // Files are named for their content, so that a browser keeps them; the page itself is asked for each time.
  server.register(fastifyStatic, { root: webDist, serve: false, preCompressed: true, cacheControl: false });
  server.get("/assets/*", { config: { asks: "anyone" }, schema: { hide: true } }, (request, reply) => reply.header("cache-control", "public, max-age=31536000, immutable").sendFile(`assets/${(request.params as { "*": string })["*"]}`));
  server.get("/icon.svg", { config: { asks: "anyone" }, schema: { hide: true } }, (_request, reply) => reply.header("cache-control", "public, max-age=86400").sendFile("icon.svg"));
  // Pages of the app: the address is the app's own, what they show comes from the API.
  for (const path of ["/", "/signin", "/welcome", "/nobook", "/letter", "/b/*", "/print/*"]) {
    server.get(path, { config: { asks: "anyone" }, schema: { hide: true } }, (_request, reply) => {
      if (!existsSync(join(webDist, "index.html"))) refuse("web.not_built");
      return reply.header("cache-control", "no-cache").sendFile("index.html");
    });
  }
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
