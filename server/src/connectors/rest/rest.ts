/** Any system that answers JSON over HTTP, described by configuration: REST with its several ways of paging, and OData. */
import Type, { type Static } from "typebox";
import type { Problem } from "../../platform/index.ts";
import { failuresOf, FlowFault, type CheckFailure, type ConnectorCtx, type Source } from "../connector.ts";
import { CursorFormat, pointOf } from "./cursor.ts";
import { readFeeds, type Feed } from "./feed.ts";
import { Auth, authSecrets } from "../http-login.ts";
import { httpFields, openHttp } from "./http.ts";
import { at, keyOf } from "../json.ts";
import { firstRows, listPages } from "./listing.ts";

const strict = { additionalProperties: false };
const Path = Type.String({ maxLength: 500 });
const Size = Type.Integer({ minimum: 1, maximum: 100_000 });

/** "{since}", "{page}", "{offset}", "{size}" and "{next}" stand for what is asked for; an entry whose figure is not known yet is left out. */
const Query = Type.Record(Type.String(), Type.String());

export const Paging = Type.Union([
  Type.Object({ is: Type.Literal("none") }, strict),
  Type.Object({ is: Type.Literal("page"), size: Type.Optional(Size), first: Type.Optional(Type.Integer({ minimum: 0 })), total: Type.Optional(Path) }, strict),
  Type.Object({ is: Type.Literal("offset"), size: Type.Optional(Size), total: Type.Optional(Path) }, strict),
  /** `next`: where the answer holds the token for the next page, put in at {next}. */
  Type.Object({ is: Type.Literal("cursor"), next: Path, size: Type.Optional(Size) }, strict),
  /** The Link header's rel="next". */
  Type.Object({ is: Type.Literal("link"), size: Type.Optional(Size) }, strict),
  /** @odata.nextLink, odata.nextLink or d.__next; `size` is asked for by Prefer: odata.maxpagesize. */
  Type.Object({ is: Type.Literal("odata"), size: Type.Optional(Size) }, strict),
]);

export const RestStream = Type.Object({
  path: Path,
  method: Type.Optional(Type.Union([Type.Literal("GET"), Type.Literal("POST")])),
  query: Type.Optional(Query),
  /** The body of a POST, with the same figures put in. */
  body: Type.Optional(Type.Unknown()),
  /** Where in the answer the array of records is; by default the answer itself, for OData "value". */
  records: Type.Optional(Path),
  key: Type.Array(Path, { minItems: 1, maxItems: 8 }),
  cursor: Type.Optional(Type.Object({
    field: Path,
    format: CursorFormat,
    /** How far back each reading goes: seconds (by default 300), or steps of an integer (by default 0). */
    overlap: Type.Optional(Type.Integer({ minimum: 0, maximum: 31_536_000 })),
    /** Where the first reading begins; by default at the beginning. */
    start: Type.Optional(Type.String()),
    /** The request makes the source sort by this field, ascending. */
    isOrdered: Type.Optional(Type.Boolean()),
  }, strict)),
  paging: Type.Optional(Paging),
  /** Fetches the whole document of each new record, as in "/orders/{id}". */
  detail: Type.Optional(Path),
  /** Where in that answer the document is. */
  detailRecord: Type.Optional(Path),
  deletes: Type.Optional(Type.Union([
    /** A record says itself that it is deleted. */
    Type.Object({ is: Type.Literal("flag"), field: Path, value: Type.String() }, strict),
    /** Another list names what was deleted; its `field` says when. */
    Type.Object({ is: Type.Literal("list"), path: Path, query: Type.Optional(Query), records: Type.Optional(Path), key: Type.Array(Path, { minItems: 1 }), field: Type.Optional(Path) }, strict),
    /** What is missing in two complete readings is deleted; for small lists that are read whole. */
    Type.Object({ is: Type.Literal("absence") }, strict),
  ])),
}, strict);
export type RestStream = Static<typeof RestStream>;

export const RestConfig = Type.Object({
  baseUrl: Type.String(),
  auth: Type.Optional(Auth),
  ...httpFields,
  streams: Type.Record(Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_.-]{0,60}$" }), RestStream, { minProperties: 1 }),
}, strict);
export type RestConfig = Static<typeof RestConfig>;

export const rest: Source<RestConfig> = {
  name: "rest",
  zh: "REST / OData 接口",
  en: "REST or OData",
  config: RestConfig,
  secrets: authSecrets,
  mode: "batch",

  async check(config, ctx) {
    const failures = wrong(config);
    if (failures.length > 0) return failures;
    for (const [stream, definition] of Object.entries(config.streams)) {
      const where = `/streams/${stream}`;
      const [failure] = await failuresOf(async () => {
        const { rows } = await first(config, stream, definition, ctx);
        const row = rows[0];
        if (row === undefined) return;
        if (keyOf(definition.key, row) === undefined) throw new FlowFault("config", { code: "rest.no_key", facts: { stream, key: definition.key.join(", ") }, where });
        const { cursor } = definition;
        if (cursor && pointOf(cursor.format, at(row, cursor.field)) === undefined) throw new FlowFault("config", { code: "rest.no_cursor", facts: { stream, field: cursor.field, format: cursor.format }, where });
      }, where);
      if (failure) failures.push(failure);
      // What concerns the server or the log-in concerns every stream: one message, not thirty.
      if (failure && (failure.failure === "network" || failure.failure === "auth")) break;
    }
    return failures;
  },

  async discover(config, ctx) {
    const shapes = [];
    for (const [stream, definition] of Object.entries(config.streams)) shapes.push((await first(config, stream, definition, ctx)).shape);
    return shapes;
  },

  async open(config, states, ctx) {
    const [failure] = wrong(config);
    if (failure) throw new FlowFault(failure.failure, failure.problem);
    const http = openHttp(config, ctx);
    const feeds = Object.entries(config.streams).map(([stream, definition]): Feed => {
      const { cursor, deletes } = definition;
      return {
        stream,
        of: `${config.baseUrl} ${definition.path} ${definition.key.join("|")}${cursor ? ` ${cursor.field}` : ""}`,
        ...(cursor ? { cursor: { format: cursor.format, overlap: cursor.overlap ?? (cursor.format === "integer" ? 0 : 300), start: cursor.start, isOrdered: cursor.isOrdered === true } } : {}),
        tellsAbsence: deletes?.is === "absence",
        pages: (since) => listPages(http, stream, definition, since),
      };
    });
    return readFeeds(feeds, states, ctx, http.close);
  },
};

async function first(config: RestConfig, stream: string, definition: RestStream, ctx: ConnectorCtx): ReturnType<typeof firstRows> {
  const http = openHttp(config, ctx);
  try {
    return await firstRows(http, stream, definition);
  } finally {
    http.close();
  }
}

/** What no request is needed to see. */
function wrong(config: RestConfig): CheckFailure[] {
  const problems = Object.entries(config.streams).flatMap(([stream, { cursor, deletes, paging, query, body }]): Problem[] => {
    const asked = JSON.stringify([query ?? {}, body ?? {}]);
    const asks = (name: string): boolean => asked.includes(`{${name}}`);
    const needs = paging?.is === "page" ? "page" : paging?.is === "offset" ? "offset" : paging?.is === "cursor" ? "next" : undefined;
    return [
      ...(needs !== undefined && !asks(needs) ? [{ code: "rest.placeholder", facts: { stream, name: `{${needs}}` }, where: `/streams/${stream}/query` }] : []),
      ...(cursor?.isOrdered === true && !asks("since") ? [{ code: "rest.placeholder", facts: { stream, name: "{since}" }, where: `/streams/${stream}/query` }] : []),
      ...(cursor?.start !== undefined && pointOf(cursor.format, cursor.start) === undefined ? [{ code: "rest.no_cursor", facts: { stream, field: "start", format: cursor.format }, where: `/streams/${stream}/cursor/start` }] : []),
      ...(cursor && deletes?.is === "absence" ? [{ code: "rest.absence", facts: { stream }, where: `/streams/${stream}/deletes` }] : []),
    ];
  });
  return problems.map((problem) => ({ failure: "config", problem }));
}

