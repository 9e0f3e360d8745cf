/**
 * Odoo by its external API. A row's write_date is when its transaction began, so a row can appear behind one that was read: every
 * reading goes back by an overlap. Lines have a write_date of their own, so they are watched too, and a document whose line changed is
 * read again. Deletions are not visible there.
 */
import Type, { type Static, type TSchema } from "typebox";
import { failuresOf, FlowFault, type ConnectorCtx, type FieldShape, type Json, type Row, type Source, type StreamShape } from "../connector.ts";
import { momentAt, pointOf, writtenPoint } from "../rest/cursor.ts";
import { readFeeds, type Feed, type Item, type Page } from "../rest/feed.ts";
import { httpFields } from "../rest/http.ts";
import { isObject } from "../json.ts";
import { openOdoo, type Odoo } from "./rpc.ts";
import { odooStreams } from "./streams.ts";

const strict = { additionalProperties: false };
/** "fapiao?": read where the version and the modules there have it. Lines have the mark too: "order_line?". */
const Names = Type.Array(Type.String({ pattern: "^[a-z][a-z0-9_]{0,62}\\??$" }), { minItems: 1, maxItems: 200 });
const Model = Type.String({ pattern: "^[a-z][a-z0-9_.]{0,62}$" });
const linesOf = <T extends TSchema>(line: T) => Type.Optional(Type.Record(Type.String({ pattern: "^[a-z][a-z0-9_]{0,62}\\??$" }), line));

export const OdooStream = Type.Object({
  model: Model,
  fields: Names,
  /** Odoo's own filter, as in [["state", "in", ["sale", "done"]]]. */
  domain: Type.Optional(Type.Array(Type.Unknown())),
  /** A one2many field, with the model behind it, the field there that leads back, and the fields to read; what a line names may be expanded too. */
  lines: linesOf(Type.Object({ model: Model, parent: Type.String(), fields: Names, lines: linesOf(Type.Object({ model: Model, fields: Names }, strict)) }, strict)),
}, strict);
export type OdooStream = Static<typeof OdooStream>;
type Lines = Readonly<Record<string, { readonly model: string; readonly parent?: string; readonly fields: readonly string[]; readonly lines?: Lines }>>;

export const OdooConfig = Type.Object({
  url: Type.String(),
  database: Type.String(),
  /** "json-rpc" logs `user` in; "json-2", from 19 on, takes the API key alone. */
  api: Type.Optional(Type.Union([Type.Literal("json-rpc"), Type.Literal("json-2")])),
  user: Type.Optional(Type.String()),
  /** An API key; over JSON-RPC a password does too. */
  key: Type.String(),
  /** Seconds that each reading goes back; longer than the longest transaction. 300 by default. */
  overlap: Type.Optional(Type.Integer({ minimum: 0, maximum: 604_800 })),
  pageSize: Type.Optional(Type.Integer({ minimum: 2, maximum: 1000 })),
  ...httpFields,
  /** "ready": the stream of this name that is shipped, with what the mapping odoo needs. */
  streams: Type.Record(Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_.-]{0,60}$" }), Type.Union([Type.Literal("ready"), OdooStream]), { minProperties: 1 }),
}, strict);
export type OdooConfig = Static<typeof OdooConfig>;

export const odoo: Source<OdooConfig> = {
  name: "odoo",
  zh: "Odoo 接口",
  en: "Odoo",
  config: OdooConfig,
  secrets: ["key"],
  mode: "batch",

  async check(config, ctx) {
    const failures = await failuresOf(() => withOdoo(config, ctx, async (api) => void (await api.call("res.users", "fields_get", { attributes: ["type"] }))), "/url");
    if (failures.length > 0) return failures;
    for (const [stream, definition] of Object.entries(config.streams)) {
      failures.push(...(await failuresOf(() => withOdoo(config, ctx, async (api) => {
        const known = await knownStream(api, stream, definition);
        // Reading fails where the access rights do not allow it, which fields_get does not tell.
        for (const { model, fields, lines = {} } of partsOf(known)) await api.read(model, [], [...fields, ...Object.keys(lines)], { limit: 1, offset: 0, order: "id asc" });
      }), `/streams/${stream}`)));
    }
    return failures;
  },

  discover: (config, ctx) =>
    withOdoo(config, ctx, async (api) => {
      const shapes = [];
      for (const [stream, definition] of Object.entries(config.streams)) shapes.push(await shapeOfStream(api, stream, await knownStream(api, stream, definition)));
      return shapes;
    }),

  async open(config, states, ctx) {
    const api = await openOdoo(config, ctx);
    const feeds: Feed[] = [];
    try {
      for (const [stream, written] of Object.entries(config.streams)) {
        const definition = await knownStream(api, stream, written);
        feeds.push({
          stream,
          of: `odoo ${config.url} ${config.database} ${definition.model}`,
          cursor: { format: "datetime", overlap: config.overlap ?? 300, isOrdered: true, isUtc: true },
          shape: () => shapeOfStream(api, stream, definition),
          pages: (since) => changedDocuments(api, definition, since === undefined ? undefined : writtenPoint("datetime", since).slice(0, 19), config.pageSize ?? 200),
        });
      }
    } catch (error) {
      api.close();
      throw error;
    }
    return readFeeds(feeds, states, ctx, api.close);
  },
};

const kinds: Readonly<Record<string, FieldShape["type"]>> = { integer: "integer", float: "decimal", monetary: "decimal", boolean: "boolean", date: "date", datetime: "moment", binary: "bytes", many2one: "json", one2many: "json", many2many: "json", json: "json" };

async function withOdoo<T>(config: OdooConfig, ctx: ConnectorCtx, work: (api: Odoo) => Promise<T>): Promise<T> {
  const api = await openOdoo(config, ctx);
  try {
    return await work(api);
  } finally {
    api.close();
  }
}

async function fieldsOf(api: Odoo, model: string): Promise<Row> {
  const fields = await api.call(model, "fields_get", { attributes: ["type", "string"] });
  return isObject(fields) ? fields : {};
}

/** The stream with the fields that are there. Throws FlowFault with odoo.no_stream, odoo.no_field. */
async function knownStream(api: Odoo, name: string, written: OdooStream | "ready"): Promise<OdooStream> {
  const stream = written === "ready" ? odooStreams[name] : written;
  if (!stream) throw new FlowFault("config", { code: "odoo.no_stream", facts: { stream: name, known: Object.keys(odooStreams).join(", ") } });
  return withKnownFields(api, stream);
}

async function withKnownFields<T extends { readonly model: string; readonly fields: readonly string[]; readonly parent?: string; readonly lines?: Lines }>(api: Odoo, part: T): Promise<T> {
  const known = await fieldsOf(api, part.model);
  const kept = (written: string): string | undefined => {
    const field = written.replace("?", "");
    if (Object.hasOwn(known, field)) return field;
    if (written === field) throw new FlowFault("config", { code: "odoo.no_field", facts: { model: part.model, field } });
    return undefined;
  };
  if (part.parent !== undefined) kept(part.parent);
  const lines: Record<string, Lines[string]> = {};
  for (const [written, line] of Object.entries(part.lines ?? {})) {
    const field = kept(written);
    if (field !== undefined) lines[field] = await withKnownFields(api, line);
  }
  return { ...part, fields: part.fields.flatMap((field) => kept(field) ?? []), lines };
}

function partsOf(part: { readonly model: string; readonly fields: readonly string[]; readonly lines?: Lines }): readonly { readonly model: string; readonly fields: readonly string[]; readonly lines?: Lines }[] {
  return [part, ...Object.values(part.lines ?? {}).flatMap(partsOf)];
}

async function shapeOfStream(api: Odoo, stream: string, { model, fields, lines = {} }: OdooStream): Promise<StreamShape> {
  const known = await fieldsOf(api, model);
  return {
    stream, key: ["id"],
    fields: [...new Set(["id", "write_date", ...fields, ...Object.keys(lines)])].map((field) => {
      const native = String((known[field] as Row | undefined)?.type ?? (field === "id" ? "integer" : "datetime"));
      return { field, type: kinds[native] ?? "text", native, isNullable: field !== "id" };
    }),
  };
}

/** Documents of which a line changed, then those that changed themselves: in this order, so that the position may move with the latter. */
async function* changedDocuments(api: Odoo, stream: OdooStream, since: string | undefined, size: number): AsyncGenerator<Page> {
  const { model, lines = {} } = stream;
  const domain = (stream.domain ?? []) as readonly Json[];
  const fields = [...new Set(["write_date", ...stream.fields, ...Object.keys(lines)])];
  for (const line of since === undefined ? [] : Object.values(lines)) {
    for await (const rows of changed(api, line.model, [], ["write_date", line.parent], since, size)) {
      const moments = new Map(rows.flatMap((row) => (idOf(row[line.parent]) === undefined ? [] : [[idOf(row[line.parent]), row.write_date ?? null] as const])));
      const found = moments.size === 0 ? [] : await api.read(model, [["id", "in", [...moments.keys()] as number[]], ...domain], fields, { limit: moments.size, offset: 0, order: "id asc" });
      // Placed where its line stands: the document itself may be older than the question.
      yield { items: (await itemsOf(api, stream, found)).map((item) => placed(item, moments.get(Number(item.key)) ?? null)), isAside: true };
    }
  }
  for await (const rows of changed(api, model, domain, fields, since, size)) yield { items: await itemsOf(api, stream, rows) };
}

/**
 * Rows from a moment on, in order, each page asked for from the last row's second. write_date is kept finer than it is shown, so a
 * second that fills more than a page is read through by id: no page can shift.
 */
async function* changed(api: Odoo, model: string, domain: readonly Json[], fields: readonly string[], since: string | undefined, size: number): AsyncGenerator<readonly Row[]> {
  let from = since;
  for (;;) {
    const rows = await api.read(model, [...(from === undefined ? [] : [["write_date", ">=", from]]), ...domain], fields, { limit: size, offset: 0, order: "write_date asc, id asc" });
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    const end = String(rows.at(-1)?.write_date);
    if (end !== from) {
      from = end;
      continue;
    }
    const next = writtenPoint("datetime", (pointOf("datetime", end) ?? 0n) + 1_000_000n);
    for (let after = 0; ; ) {
      const same = await api.read(model, [["write_date", ">=", end], ["write_date", "<", next], ["id", ">", after], ...domain], fields, { limit: size, offset: 0, order: "id asc" });
      if (same.length > 0) yield same;
      if (same.length < size) break;
      after = Number(same.at(-1)?.id);
    }
    from = next;
  }
}

async function itemsOf(api: Odoo, { lines = {} }: OdooStream, rows: readonly Row[]): Promise<RowItem[]> {
  return (await expanded(api, lines, rows)).map((row) => placed({ is: "row", key: String(row.id), row, mark: row, position: "", point: undefined, at: null }, row.write_date ?? null));
}

/** Rows with their lines in place of the ids. A line deleted since the document was read is left out; the document's next version says so itself. */
async function expanded(api: Odoo, lines: Lines, rows: readonly Row[]): Promise<readonly Row[]> {
  let whole = rows;
  for (const [field, line] of Object.entries(lines)) {
    const ids = [...new Set(rows.flatMap((row) => idsOf(row[field])))];
    const found: Row[] = [];
    const fields = [...new Set([...line.fields, ...Object.keys(line.lines ?? {})])];
    for (let at = 0; at < ids.length; at += 500) found.push(...(await api.read(line.model, [["id", "in", ids.slice(at, at + 500)]], fields, { limit: 500, offset: 0, order: "id asc" })));
    const byId = new Map((await expanded(api, line.lines ?? {}, found)).map((row) => [Number(row.id), row]));
    whole = whole.map((row) => ({ ...row, [field]: idsOf(row[field]).flatMap((id) => byId.get(id) ?? []) }));
  }
  return whole;
}

type RowItem = Extract<Item, { readonly is: "row" }>;

function placed(item: RowItem, writeDate: Json): RowItem {
  const point = pointOf("datetime", writeDate);
  return { ...item, position: String(writeDate), point, at: point === undefined ? null : momentAt(point / 1000n) };
}

/** A many2one is [id, name], or false. */
const idOf = (value: Json | undefined): number | undefined => (Array.isArray(value) && typeof value[0] === "number" ? value[0] : typeof value === "number" ? value : undefined);
const idsOf = (value: Json | undefined): number[] => (Array.isArray(value) ? (value as readonly Json[]).filter((id) => typeof id === "number") : []);
