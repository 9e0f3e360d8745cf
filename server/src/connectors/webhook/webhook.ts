/**
 * Systems that call when something happened. Who calls is told by an HMAC over the body as received; a call is accepted once, by its
 * delivery id, and where the signature covers a time only while it is fresh. The answer goes out after the records are committed.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import Type, { type Static } from "typebox";
import { refuse, type Problem } from "../../platform/index.ts";
import type { ConnectorCtx, Inbound, Json, Message, Receiver, RecordMessage, Row } from "../connector.ts";
import { momentAt, pointOf } from "../rest/cursor.ts";
import { at, digestOf, isObject, keyOf, parseExact, textAt, type JsonObject } from "../json.ts";

const strict = { additionalProperties: false };
const Path = Type.String({ maxLength: 200 });

const Signature = Type.Object({
  header: Type.String(),
  prefix: Type.Optional(Type.String()),
  encoding: Type.Union([Type.Literal("hex"), Type.Literal("base64")]),
  /** What is signed: "{body}" by default; "{timestamp}" and "{id}" as in "{timestamp}.{body}". */
  signed: Type.Optional(Type.String()),
  /** Seconds since 1970, or ISO. */
  timestampHeader: Type.Optional(Type.String()),
}, strict);
type Signature = Static<typeof Signature>;

export const WebhookConfig = Type.Object({
  /** Several while a secret is being changed: any of them may sign. */
  secrets: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 3 }),
  /** The habits of GitHub, Shopify or Stripe, which many systems share; or in detail. */
  signature: Type.Union([Type.Literal("github"), Type.Literal("shopify"), Type.Literal("stripe"), Signature]),
  /** Where a delivery names itself; the presets and CloudEvents know it. */
  id: Type.Optional(Type.Union([Type.Object({ header: Type.String() }, strict), Type.Object({ path: Path }, strict)])),
  windowSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
  bodyMegabytesMax: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100 })),
  cloudEvents: Type.Optional(Type.Boolean()),
  /** One stream for all; or told by a header or a place in the event, of which only those named in `map` are taken. */
  stream: Type.Union([Type.String(), Type.Object({ header: Type.Optional(Type.String()), path: Type.Optional(Path), map: Type.Record(Type.String(), Type.String()) }, strict)]),
  /** Where in the event the record is, or a list of them; by default the event itself, of a CloudEvent its data. */
  records: Type.Optional(Path),
  /** Looked for in the record, then in the event. */
  key: Type.Array(Path, { minItems: 1, maxItems: 8 }),
  /** Where the event says what happened, and the words for it; anything else is an update. */
  op: Type.Optional(Type.Object({ header: Type.Optional(Type.String()), path: Type.Optional(Path), create: Type.Optional(Type.Array(Type.String())), delete: Type.Optional(Type.Array(Type.String())) }, strict)),
  /** Where the record or the event says when it happened. */
  at: Type.Optional(Path),
}, strict);
export type WebhookConfig = Static<typeof WebhookConfig>;

const presets = {
  github: { header: "x-hub-signature-256", prefix: "sha256=", encoding: "hex", id: "x-github-delivery" },
  shopify: { header: "x-shopify-hmac-sha256", encoding: "base64", id: "x-shopify-webhook-id" },
  stripe: { header: "stripe-signature", encoding: "hex", signed: "{timestamp}.{body}", id: undefined },
} as const satisfies Record<string, Signature & { readonly id: string | undefined }>;

export const webhook: Receiver<WebhookConfig> = {
  name: "webhook",
  zh: "Webhook 接收",
  en: "Webhook",
  config: WebhookConfig,
  secrets: ["secrets.0", "secrets.1", "secrets.2"],

  check: ({ signature, id }) => {
    const signed = typeof signature === "object" ? (signature.signed ?? "{body}") : "{body}";
    const hasTime = typeof signature === "object" && signature.timestampHeader !== undefined;
    // A time that is not signed proves nothing.
    const missing = !signed.includes("{body}") ? "{body}" : signed.includes("{timestamp}") && !hasTime ? "timestampHeader" : hasTime && !signed.includes("{timestamp}") ? "{timestamp}" : signed.includes("{id}") && !(id && "header" in id) ? "id.header" : undefined;
    return Promise.resolve(missing === undefined ? [] : [{ failure: "config", problem: { code: "webhook.signature_incomplete", facts: { missing }, where: "/signature" } }]);
  },

  /** Refuses: webhook.method, webhook.too_large, webhook.unsigned, webhook.forged, webhook.stale, webhook.unreadable, webhook.stream, webhook.no_id. */
  receive(config, request, ctx) {
    const done = { status: 202, contentType: "application/json", body: '{"accepted":true}' };
    // CloudEvents' handshake: may you send here? docs: CloudEvents webhook 1.0.1, section 4.
    if (request.method === "OPTIONS" && config.cloudEvents === true) return Promise.resolve({ messages: [], reply: { status: 200, contentType: "text/plain", body: "", headers: { "webhook-allowed-origin": request.headers["webhook-request-origin"] ?? "*", allow: "POST" } } });
    if (request.method !== "POST") refuse("webhook.method", { method: request.method });
    const limit = config.bodyMegabytesMax ?? 5;
    if (request.body.length > limit * 1024 * 1024) refuse("webhook.too_large", { megabytes: limit });
    checkSignature(config, request, ctx);
    const events = eventsOf(config, request);
    return Promise.resolve({ messages: events.flatMap((event) => messagesOf(config, request, event)), once: idsOf(config, request, events), reply: done });
  },
};

function checkSignature(config: WebhookConfig, request: Inbound, ctx: ConnectorCtx): void {
  const rule: Signature = typeof config.signature === "string" ? presets[config.signature] : config.signature;
  const given = request.headers[rule.header.toLowerCase()] ?? refuse("webhook.unsigned", { header: rule.header });
  // Stripe writes all in one header: t=1700000000,v1=…,v1=…
  const parts = config.signature === "stripe" ? given.split(",").map((part) => part.trim().split("=", 2)) : [];
  const timestamp = config.signature === "stripe" ? (parts.find(([name]) => name === "t")?.[1] ?? "") : rule.timestampHeader === undefined ? "" : (request.headers[rule.timestampHeader.toLowerCase()] ?? "");
  const prefix = rule.prefix ?? "";
  const signatures = config.signature === "stripe" ? parts.filter(([name]) => name === "v1").map(([, value]) => value ?? "") : given.startsWith(prefix) ? [given.slice(prefix.length)] : [];

  const signed = (rule.signed ?? "{body}").split(/(\{body\}|\{timestamp\}|\{id\})/);
  const idHeader = config.id && "header" in config.id ? config.id.header.toLowerCase() : "";
  const isGenuine = config.secrets.map((secret) => {
    const hmac = createHmac("sha256", secret);
    for (const part of signed) hmac.update(part === "{body}" ? request.body : part === "{timestamp}" ? timestamp : part === "{id}" ? (request.headers[idHeader] ?? "") : part);
    const expected = hmac.digest();
    return signatures.map((signature) => isSame(Buffer.from(signature, rule.encoding), expected)).includes(true);
  }).includes(true);
  if (!isGenuine) refuse("webhook.forged", { header: rule.header });

  if (config.signature !== "stripe" && rule.timestampHeader === undefined) return;
  const point = pointOf("seconds", timestamp) ?? pointOf("moment", timestamp);
  const seconds = config.windowSeconds ?? 300;
  if (point === undefined || Math.abs(Number(point / 1000n) - ctx.now().getTime()) > seconds * 1000) refuse("webhook.stale", { timestamp: timestamp.slice(0, 40) || "–", seconds });
}

const isSame = (given: Buffer, expected: Buffer): boolean => given.length === expected.length && timingSafeEqual(given, expected);

/** The events of a call: one, or a batch. A CloudEvent is brought into its structured form, whichever way it came. */
function eventsOf(config: WebhookConfig, request: Inbound): readonly JsonObject[] {
  const type = (request.headers["content-type"] ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
  if (config.cloudEvents === true && !type.startsWith("application/cloudevents")) {
    const attributes = Object.fromEntries(Object.entries(request.headers).flatMap(([name, value]) => (name.startsWith("ce-") ? [[name.slice(3), percentDecoded(value)]] : [])));
    return [known({ ...attributes, data: request.body.length === 0 ? null : bodyOf(type, request.body) })];
  }
  const body = bodyOf(type, request.body);
  const events = (Array.isArray(body) ? (body as readonly Json[]) : [body]).map((event) => (isObject(event) ? event : refuse("webhook.unreadable", { cause: "no object" })));
  return config.cloudEvents === true ? events.map(known) : events;
}

/** A CloudEvent has id, source, type and specversion; binary data comes as text in base64. */
function known(event: JsonObject): JsonObject {
  const missing = ["id", "source", "type", "specversion"].find((name) => typeof event[name] !== "string" || event[name] === "");
  if (missing !== undefined) refuse("webhook.unreadable", { cause: `CloudEvents ${missing}` });
  return typeof event.data_base64 === "string" ? { ...event, data: bodyOf(textAt(event, "datacontenttype") ?? "application/json", Buffer.from(event.data_base64, "base64")) } : event;
}

function bodyOf(type: string, body: Buffer): Json {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    if (type !== "application/x-www-form-urlencoded") return parseExact(text);
    const form: Record<string, Json> = {};
    for (const [name, value] of new URLSearchParams(text)) {
      const before = Object.hasOwn(form, name) ? form[name] : undefined;
      Object.defineProperty(form, name, { value: before === undefined ? value : [...(Array.isArray(before) ? (before as readonly Json[]) : [before]), value], enumerable: true, writable: true, configurable: true });
    }
    // Some put their JSON into one field of a form.
    return typeof form.payload === "string" && form.payload.startsWith("{") ? parseExact(form.payload) : form;
  } catch (error) {
    return refuse("webhook.unreadable", { cause: error instanceof Error ? (error.message.split("\n")[0] ?? "").slice(0, 100) : "" });
  }
}

const percentDecoded = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

/** One id for the call. A batch is known again as a whole: one of its events may have come before, and the others must not be lost for it. */
function idsOf({ cloudEvents, id, signature }: WebhookConfig, { headers }: Inbound, events: readonly JsonObject[]): string[] {
  const inEvents = (read: (event: JsonObject) => string): string[] => (events.length === 1 ? events.map(read) : [`batch ${digestOf(events.map(read))}`]);
  if (cloudEvents === true) return inEvents((event) => `${textAt(event, "source")} ${textAt(event, "id")}`);
  if (id && "path" in id) return inEvents((event) => textAt(event, id.path) ?? refuse("webhook.no_id", { place: id.path }));
  const preset = typeof signature === "string" ? presets[signature].id : undefined;
  const header = id?.header.toLowerCase() ?? preset;
  if (header !== undefined) return [headers[header] ?? refuse("webhook.no_id", { place: header })];
  return signature === "stripe" ? inEvents((event) => textAt(event, "id") ?? refuse("webhook.no_id", { place: "id" })) : [];
}

function messagesOf(config: WebhookConfig, request: Inbound, event: JsonObject): Message[] {
  const told = (place: { readonly header?: string | undefined; readonly path?: string | undefined }): string | undefined => (place.header === undefined ? undefined : request.headers[place.header.toLowerCase()]) ?? (place.path === undefined ? undefined : textAt(event, place.path));
  const name = typeof config.stream === "string" ? config.stream : told(config.stream);
  const stream = typeof config.stream === "string" ? config.stream : Object.hasOwn(config.stream.map, name ?? "") ? config.stream.map[name as string] : undefined;
  // What was not asked for is accepted and let go, or its sender would repeat it for days and then stop sending anything.
  if (stream === undefined) return name === undefined ? refuse("webhook.stream", { place: typeof config.stream === "string" ? "" : (config.stream.header ?? config.stream.path ?? "") }) : [];
  const found = at(event, config.records ?? (config.cloudEvents === true ? "data" : ""));
  const word = config.op === undefined ? undefined : told(config.op);
  const op = word === undefined ? "u" : config.op?.delete?.includes(word) ? "d" : config.op?.create?.includes(word) ? "c" : "u";
  const records: readonly Json[] = Array.isArray(found) ? (found as readonly Json[]) : [found ?? null];
  return records.map((record, index): Message => {
    const position = `${textAt(event, "id") ?? digestOf(event)}#${index + 1}`;
    const key = keyOf(config.key, record, event);
    const moment = config.at === undefined ? (config.cloudEvents === true ? textAt(event, "time") : undefined) : (textAt(record, config.at) ?? textAt(event, config.at));
    // A deletion may come with no more than its key.
    if (key === undefined || (!isObject(record) && op !== "d")) return bad(stream, key ?? "", record, event, position, config.key);
    const row = isObject(record) ? record : null;
    const base = { is: "record", stream, key, position, at: momentOfText(moment) } as const;
    return op === "d" ? ({ ...base, op, row: null, ...(row === null ? {} : { before: row as Row }) } satisfies RecordMessage) : ({ ...base, op, row: row as Row } satisfies RecordMessage);
  });
}

function bad(stream: string, key: string, record: Json, event: JsonObject, position: string, paths: readonly string[]): Message {
  const problem: Problem = { code: "webhook.no_record", facts: { stream, key: paths.join(", ") } };
  return { is: "bad", stream, key, bytes: Buffer.from(JSON.stringify(record ?? event)), problem, position };
}

function momentOfText(text: string | undefined): string | null {
  const point = text === undefined ? undefined : (pointOf("seconds", text) ?? (/(Z|[+-]\d\d:?\d\d)$/.test(text) ? pointOf("moment", text) : undefined));
  return point === undefined ? null : momentAt(point / 1000n);
}
