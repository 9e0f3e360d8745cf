/**
 * ERPNext (Frappe) over its REST interface. Lists hold no child tables, so each document that changed is fetched whole. `modified` has
 * microseconds in the zone of the site; the list is asked for from the last row's on, and never by offset.
 */
import Type, { type Static } from "typebox";
import { failuresOf, FlowFault, type ConnectorCtx, type Json, type Row, type Source, type StreamShape } from "../connector.ts";
import { momentAt, pointOf, writtenPoint } from "../rest/cursor.ts";
import { readFeeds, shapeOf, type Feed, type Item, type Page } from "../rest/feed.ts";
import { faultOf, httpFields, jsonOf, openHttp, type Http, type HttpAnswer } from "../rest/http.ts";
import { at, isObject, parseExact, textAt } from "../json.ts";

const strict = { additionalProperties: false };

export const ErpnextStream = Type.Object({
  doctype: Type.String({ minLength: 1, maxLength: 140 }),
  /** Frappe's own filters, as in [["docstatus", "=", 1]]; all of them must hold. */
  filters: Type.Optional(Type.Array(Type.Array(Type.Unknown(), { minItems: 3, maxItems: 4 }))),
}, strict);

export const ErpnextConfig = Type.Object({
  url: Type.String(),
  key: Type.String(),
  secret: Type.String(),
  /** Of the site, as in "+08:00"; without it nobody knows when a document changed, only in which order. */
  utcOffset: Type.Optional(Type.String({ pattern: "^[+-]\\d\\d:\\d\\d$" })),
  overlap: Type.Optional(Type.Integer({ minimum: 0, maximum: 604_800 })),
  pageSize: Type.Optional(Type.Integer({ minimum: 2, maximum: 1000 })),
  ...httpFields,
  streams: Type.Record(Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_.-]{0,60}$" }), ErpnextStream, { minProperties: 1 }),
}, strict);
export type ErpnextConfig = Static<typeof ErpnextConfig>;
type Stream = Static<typeof ErpnextStream>;

/** What is usually read, ready for a flow's `streams`. Drafts (docstatus 0) are left out; what is cancelled (2) comes again. */
export const erpnextStreams: Readonly<Record<string, Stream>> = Object.fromEntries([
  ...[["customers", "Customer"], ["suppliers", "Supplier"], ["items", "Item"]].map(([stream, doctype]) => [stream, { doctype }]),
  ...[["salesOrders", "Sales Order"], ["deliveryNotes", "Delivery Note"], ["salesInvoices", "Sales Invoice"], ["purchaseOrders", "Purchase Order"], ["purchaseReceipts", "Purchase Receipt"], ["purchaseInvoices", "Purchase Invoice"], ["payments", "Payment Entry"], ["journalEntries", "Journal Entry"]]
    .map(([stream, doctype]) => [stream, { doctype, filters: [["docstatus", ">", 0]] }]),
]) as Record<string, Stream>;

export const erpnext: Source<ErpnextConfig> = {
  name: "erpnext",
  zh: "ERPNext 接口",
  en: "ERPNext",
  config: ErpnextConfig,
  secrets: ["key", "secret"],
  mode: "batch",

  async check(config, ctx) {
    const api = openErpnext(config, ctx);
    try {
      const failures = await failuresOf(async () => {
        // Whoever is not known is a guest, and a guest may not even ask who he is.
        const { status, place } = await api.get("api/method/frappe.auth.get_logged_user", {}, [403]);
        if (status === 403) throw new FlowFault("auth", { code: "rest.login_refused", facts: { url: place, status } });
      }, "/url");
      if (failures.length > 0) return failures;
      for (const [stream, { doctype, filters = [] }] of Object.entries(config.streams)) failures.push(...(await failuresOf(async () => void (await api.list(doctype, filters as Json[], 1)), `/streams/${stream}`)));
      return failures;
    } finally {
      api.close();
    }
  },

  async discover(config, ctx) {
    const api = openErpnext(config, ctx);
    try {
      const shapes = [];
      for (const [stream, definition] of Object.entries(config.streams)) shapes.push(await shapeOfStream(api, stream, definition));
      return shapes;
    } finally {
      api.close();
    }
  },

  open(config, states, ctx) {
    const api = openErpnext(config, ctx);
    const feeds = Object.entries(config.streams).map(([stream, definition]): Feed => ({
      stream,
      of: `erpnext ${config.url} ${definition.doctype}`,
      cursor: { format: "datetime", overlap: config.overlap ?? 300, isOrdered: true },
      shape: () => shapeOfStream(api, stream, definition),
      pages: (since) => changedDocuments(api, stream, definition, since === undefined ? undefined : writtenPoint("datetime", since), config),
    }));
    return Promise.resolve(readFeeds(feeds, states, ctx, api.close));
  },
};

/** By a few documents: what a list says of them is not all. */
async function shapeOfStream(api: Erpnext, stream: string, { doctype, filters = [] }: Stream): Promise<StreamShape> {
  const rows: Json[] = [];
  for (const { name } of await api.list(doctype, filters as Json[], 5)) {
    const { answer } = await api.document(doctype, String(name));
    rows.push(at(JSON.parse(answer.body.toString("utf8")) as Json, "data") ?? null);
  }
  return shapeOf(stream, ["name"], rows);
}

async function* changedDocuments(api: Erpnext, stream: string, { doctype, filters = [] }: Stream, since: string | undefined, { pageSize = 100, utcOffset }: ErpnextConfig): AsyncGenerator<Page> {
  const items = (rows: readonly Row[]): Page => ({ items: rows.map((row) => itemOf(api, stream, doctype, row, utcOffset)) });
  const given = filters as Json[];
  let after: Json[] = since === undefined ? [] : [["modified", ">=", since]];
  for (;;) {
    const rows = await api.list(doctype, [...after, ...given], pageSize);
    yield items(rows);
    if (rows.length < pageSize) return;
    // The last instant may hold more than this page showed: it is read through by name, then the time goes on.
    const last = rows.at(-1) as Row;
    const instant = String(last.modified);
    for (let name = String(last.name); ; ) {
      const same = await api.list(doctype, [["modified", "=", instant], ["name", ">", name], ...given], pageSize);
      if (same.length > 0) yield items(same);
      if (same.length < pageSize) break;
      name = String(same.at(-1)?.name);
    }
    after = [["modified", ">", instant]];
  }
}

function itemOf(api: Erpnext, stream: string, doctype: string, listed: Row, utcOffset: string | undefined): Item {
  const key = String(listed.name);
  const modified = String(listed.modified);
  const point = pointOf("datetime", modified);
  const moment = utcOffset === undefined ? undefined : pointOf("moment", `${modified}${utcOffset}`);
  const item = { is: "row", key, row: listed, mark: listed, position: modified, point, at: moment === undefined ? null : momentAt(moment / 1000n) } as const;
  return {
    ...item,
    async whole() {
      const { answer, row } = await api.document(doctype, key);
      // Deleted or renamed since it was listed; a rename is listed again under its new name.
      return row === undefined ? { is: "bad", key, bytes: Buffer.from(JSON.stringify(listed)), position: modified, problem: { code: "rest.no_detail", facts: { stream, key, url: answer.place, status: answer.status } } } : { ...item, row };
    },
  };
}

type Erpnext = {
  readonly get: (path: string, query: Readonly<Record<string, string>>, accept?: readonly number[]) => Promise<HttpAnswer>;
  readonly list: (doctype: string, filters: readonly Json[], size: number) => Promise<readonly Row[]>;
  readonly document: (doctype: string, name: string) => Promise<{ readonly answer: HttpAnswer; readonly row: Row | undefined }>;
  readonly close: () => void;
};

/** Throws FlowFault with erpnext.refused, erpnext.forbidden, erpnext.not_erpnext, and what HTTP throws. */
function openErpnext(config: ErpnextConfig, ctx: ConnectorCtx): Erpnext {
  const http: Http = openHttp({ baseUrl: config.url, auth: { is: "apiKey", header: "authorization", prefix: "token ", key: `${config.key}:${config.secret}` }, headers: config.headers, ratePerSecond: config.ratePerSecond, timeoutSeconds: config.timeoutSeconds, bodyMegabytesMax: config.bodyMegabytesMax }, ctx);
  const get: Erpnext["get"] = async (path, query, accept = []) => {
    const answer = await http.send({ path, query, accept: [...accept, 403, 404, 409, 417, 500] });
    if (answer.status <= 299 || accept.includes(answer.status)) return answer;
    throw refusal(answer, ctx, config);
  };
  return {
    get,
    close: http.close,
    async list(doctype, filters, size) {
      const answer = await get(`api/resource/${encodeURIComponent(doctype)}`, { fields: '["name","modified"]', filters: JSON.stringify(filters), order_by: "modified asc,name asc", limit_start: "0", limit_page_length: String(size) });
      const rows = at(jsonOf(answer), "data");
      if (!Array.isArray(rows)) throw new FlowFault("config", { code: "erpnext.not_erpnext", facts: { url: answer.place } });
      return rows as readonly Row[];
    },
    async document(doctype, name) {
      const answer = await get(`api/resource/${encodeURIComponent(doctype)}/${encodeURIComponent(name)}`, {}, [404]);
      const row = answer.status === 404 ? undefined : at(jsonOf(answer), "data");
      return { answer, row: isObject(row) ? row : undefined };
    },
  };
}

/** Frappe says what went wrong in exc_type and, in words, in _server_messages: JSON in JSON in JSON. 403 stands for a wrong key too. */
function refusal(answer: HttpAnswer, ctx: ConnectorCtx, { key, secret }: ErpnextConfig): FlowFault {
  let document: Json;
  try {
    document = parseExact(answer.body.toString("utf8"));
  } catch {
    return faultOf(answer, ctx);
  }
  const kind = textAt(document, "exc_type") ?? textAt(document, "exception")?.split(":")[0] ?? "";
  const message = [secret, key].reduce((text, hidden) => text.replaceAll(hidden, "***"), messageOf(document)).slice(0, 300);
  const facts = { url: answer.place, message: message || kind };
  if (kind === "" && message === "") return faultOf(answer, ctx);
  if (/AuthenticationError|InvalidAuthorizationToken|InvalidAuthorizationHeader/.test(kind)) return new FlowFault("auth", { code: "rest.login_refused", facts: { url: answer.place, status: answer.status } });
  if (answer.status === 403) return new FlowFault("permission", { code: "erpnext.forbidden", facts });
  // A lock or a deadlock passes; so does an unknown failure of the server.
  if (/QueryTimeout|Deadlock|TimestampMismatch/.test(kind) || (answer.status === 500 && !/DataError|ValidationError|OperationalError/.test(kind))) return new FlowFault("network", { code: "erpnext.refused", facts });
  return new FlowFault("config", { code: "erpnext.refused", facts });
}

function messageOf(document: Json): string {
  const plain = textAt(document, "exception") ?? textAt(document, "message") ?? "";
  try {
    const messages = parseExact(textAt(document, "_server_messages") ?? "[]");
    const words = (Array.isArray(messages) ? (messages as readonly Json[]) : []).map((message) => textAt(typeof message === "string" ? parseExact(message) : message, "message") ?? "");
    return words.filter((text) => text !== "").join("; ").replace(/<[^>]*>/g, "") || plain;
  } catch {
    return plain;
  }
}
