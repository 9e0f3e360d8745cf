/** A web service that can be asked: one operation a stream, with the position of the last reading put into its request. */
import Type, { type Static } from "typebox";
import { failuresOf, FlowFault, type ConnectorCtx, type FieldShape, type Json, type Source, type StreamShape } from "../connector.ts";
import { CursorFormat, momentAt, pointOf, writtenPoint } from "../rest/cursor.ts";
import { readFeeds, type Feed, type Item, type Page } from "../rest/feed.ts";
import { at, isObject, keyOf, textAt, type JsonObject } from "../json.ts";
import { filled, type Figures } from "../rest/listing.ts";
import { openSoap, soapFields, type Shape, type Soap } from "./client.ts";
import { xmlText } from "./xml.ts";

const strict = { additionalProperties: false };
const Path = Type.String({ maxLength: 500 });

export const SoapStream = Type.Object({
  operation: Path,
  /** The input's fields, in any order; "{since}", "{page}" and "{size}" stand for what is asked for. */
  request: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  /** The whole body as XML instead, for what a WSDL describes wrongly or not at all. */
  xml: Type.Optional(Type.String({ maxLength: 100_000 })),
  /** Where in the output the records are. */
  records: Path,
  key: Type.Array(Path, { minItems: 1, maxItems: 8 }),
  cursor: Type.Optional(Type.Object({ field: Path, format: CursorFormat, overlap: Type.Optional(Type.Integer({ minimum: 0 })), start: Type.Optional(Type.String()) }, strict)),
  paging: Type.Optional(Type.Object({ is: Type.Literal("page"), size: Type.Optional(Type.Integer({ minimum: 1 })), first: Type.Optional(Type.Integer({ minimum: 0 })) }, strict)),
}, strict);
export type SoapStream = Static<typeof SoapStream>;

export const SoapConfig = Type.Object({ ...soapFields, streams: Type.Record(Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_.-]{0,60}$" }), SoapStream, { minProperties: 1 }) }, strict);
export type SoapConfig = Static<typeof SoapConfig>;

export const soap: Source<SoapConfig> = {
  name: "soap",
  zh: "SOAP / Web Service 接口",
  en: "SOAP web service",
  config: SoapConfig,
  secrets: ["auth.password"],
  mode: "batch",

  check: (config, ctx) =>
    failuresOf(() => withSoap(config, ctx, async (client) => {
      for (const [stream, definition] of Object.entries(config.streams)) {
        const rows = await ask(client, definition, { since: definition.cursor?.start, page: String(definition.paging?.first ?? 1), size: String(definition.paging?.size ?? 100) }, stream);
        const row = rows[0];
        if (row !== undefined && keyOf(definition.key, row) === undefined) throw new FlowFault("config", { code: "rest.no_key", facts: { stream, key: definition.key.join(", ") }, where: `/streams/${stream}/key` });
      }
    }), "/wsdl"),

  discover: (config, ctx) =>
    withSoap(config, ctx, (client) => Promise.all(Object.entries(config.streams).map(([stream, definition]) => shapeOfStream(client, stream, definition)))),

  async open(config, states, ctx) {
    const client = await openSoap(config, ctx);
    const feeds = Object.entries(config.streams).map(([stream, definition]): Feed => {
      const { cursor, operation, key } = definition;
      return {
        stream,
        of: `${config.wsdl} ${operation} ${key.join("|")}${cursor ? ` ${cursor.field}` : ""}`,
        ...(cursor ? { cursor: { format: cursor.format, overlap: cursor.overlap ?? (cursor.format === "integer" ? 0 : 300), start: cursor.start, isOrdered: false } } : {}),
        shape: () => shapeOfStream(client, stream, definition),
        pages: (since) => pagesOf(client, stream, definition, since),
      };
    });
    return readFeeds(feeds, states, ctx, client.close);
  },
};

async function withSoap<T>(config: SoapConfig, ctx: ConnectorCtx, work: (client: Soap) => Promise<T>): Promise<T> {
  const client = await openSoap(config, ctx);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

async function* pagesOf(client: Soap, stream: string, definition: SoapStream, since: bigint | undefined): AsyncGenerator<Page> {
  const { cursor, paging } = definition;
  const keys = new Set<string>();
  const start = cursor && since !== undefined ? writtenPoint(cursor.format, since) : undefined;
  for (let page = paging?.first ?? 1; ; page++) {
    const rows = await ask(client, definition, { since: start, page: String(page), size: String(paging?.size ?? 100) }, stream);
    const items = rows.map((row, index) => itemOf(stream, definition, row, `${definition.operation}#${page}.${index}`));
    const known = items.filter(({ key }) => key !== "" && keys.has(key)).length;
    // The end is an empty page, or the last one given again.
    if (rows.length === 0 || (known > 0 && known === items.length)) return;
    for (const { key } of items) keys.add(key);
    yield { items, isShifted: known > 0 };
    if (!paging) return;
  }
}

async function ask(client: Soap, { operation, request = {}, xml, records }: SoapStream, figures: Figures, stream: string): Promise<readonly Json[]> {
  const escaped = Object.fromEntries(Object.entries(figures).map(([name, text]) => [name, text === undefined ? undefined : xmlText(text)])) as Figures;
  const output = await client.call(operation, xml === undefined ? { fields: filled(request as JsonObject, figures) as JsonObject } : { xml: rawXml(xml, escaped, stream) });
  const found = at(output, records);
  // No element at all is how XML writes an empty list, and one alone is no list.
  if (found === undefined || found === null || found === "") return [];
  if (Array.isArray(found)) return found as readonly Json[];
  if (isObject(found)) return [found];
  throw new FlowFault("config", { code: "rest.no_records", facts: { stream, path: records, url: operation }, where: `/streams/${stream}/records` });
}

function rawXml(template: string, figures: Figures, stream: string): string {
  return template.replace(/\{(since|page|size)\}/g, (_, name: keyof Figures) => {
    const figure = figures[name];
    if (figure === undefined) throw new FlowFault("config", { code: "soap.no_start", facts: { stream }, where: `/streams/${stream}/cursor/start` });
    return figure;
  });
}

function itemOf(stream: string, { key: paths, cursor }: SoapStream, row: Json, position: string): Item {
  const key = keyOf(paths, row);
  if (key === undefined || !isObject(row)) return { is: "bad", key: "", bytes: Buffer.from(JSON.stringify(row)), position, problem: { code: "rest.no_key", facts: { stream, key: paths.join(", ") }, where: position } };
  const told = cursor ? textAt(row, cursor.field) : undefined;
  const point = cursor ? pointOf(cursor.format, told) : undefined;
  return { is: "row", key, row, mark: row, position: told ?? position, point, at: cursor?.format === "moment" && point !== undefined ? momentAt(point / 1000n) : null };
}

function shapeOfStream(client: Soap, stream: string, { operation, records, key }: SoapStream): Promise<StreamShape> {
  const described = client.operations[operation];
  if (described === undefined) throw new FlowFault("config", { code: "soap.no_operation", facts: { operation, known: Object.keys(client.operations).join(", ") } });
  const elements = Object.entries(shapeAt(described.output, records)).filter(([name]) => name !== "targetNSAlias" && name !== "targetNamespace");
  return Promise.resolve({ stream, key, fields: elements.map(([name, type]) => fieldOf(name, type, key)) });
}

function shapeAt(shape: string | Shape, path: string): Shape {
  let inner: string | Shape | undefined = shape;
  for (const name of path.split(".").filter((part) => part !== "" && !/^\d+$/.test(part))) inner = typeof inner === "object" ? (inner[name] ?? inner[`${name}[]`]) : undefined;
  return typeof inner === "object" ? inner : {};
}

const kinds: Readonly<Record<string, FieldShape["type"]>> = { decimal: "decimal", double: "decimal", float: "decimal", boolean: "boolean", date: "date", dateTime: "moment", base64Binary: "bytes", integer: "integer", int: "integer", long: "integer", short: "integer", byte: "integer", unsignedInt: "integer", unsignedLong: "integer", positiveInteger: "integer", nonNegativeInteger: "integer" };

function fieldOf(name: string, type: string | Shape, key: readonly string[]): FieldShape {
  const field = name.replace(/\[\]$/, "");
  if (typeof type === "object" || name.endsWith("[]")) return { field, type: "json", native: typeof type === "object" ? "complexType" : type, isNullable: true };
  const bases = type.split("|").map((part) => part.replace(/^.*:/, ""));
  return { field, type: bases.map((base) => kinds[base]).find((kind) => kind !== undefined) ?? "text", native: type, isNullable: !key.includes(field) };
}
