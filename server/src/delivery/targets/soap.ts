/**
 * Any SOAP service, by configuration. With `operation` the envelope is written from the WSDL, elements in the order of its sequences,
 * whatever order the template has; `xml` is the way out for services whose WSDL says less than they want.
 */
import { XMLParser } from "fast-xml-parser";
import type { Client } from "soap";
import { Type, type Static } from "typebox";
import { Auth, authSecrets, failuresOf, type ConnectorCtx, type Json, textAt } from "../../connectors/index.ts";
import { elapsedMs } from "../../platform/index.ts";
import type { Dedupe, Delivery, Target } from "../target.ts";
import { addressOf, type Answer, authorized, callOnce, type Call, faultOf, readOnce } from "./http.ts";
import { formOf, inTurn, Unfit, type Verdict } from "./outcome.ts";
import { FoundRules, foundIn, ReplyRules, verdictOf } from "./reply.ts";
import { compileJson, compileText, scopeOf } from "./template.ts";

const Message = Type.Object({
  /** The operation of the WSDL and its message, a template in JSON. */
  operation: Type.Optional(Type.String()),
  message: Type.Optional(Type.Unknown()),
  /** In place of both: the whole envelope, a template in XML; values are escaped. */
  xml: Type.Optional(Type.String()),
  soapAction: Type.Optional(Type.String()),
}, { additionalProperties: false });
type Message = Static<typeof Message>;

const base = {
  /** A file or an address; not needed where all is `xml`. */
  wsdl: Type.Optional(Type.String()),
  /** Where to send; the WSDL's own address otherwise. */
  url: Type.Optional(Type.String()),
  system: Type.Optional(Type.String()),
  auth: Type.Optional(Auth),
  soap12: Type.Optional(Type.Boolean()),
  write: Message,
  reply: ReplyRules,
};
const Plain = Type.Object(base, { additionalProperties: false });
const Searchable = Type.Object({ ...base, search: Message, found: FoundRules }, { additionalProperties: false });

export type SoapConfig = Static<typeof Plain> & { readonly search?: Message | undefined; readonly found?: FoundRules | undefined };

export const soapTarget = soap("soap", "none", Plain, "SOAP 服务(不能查重)", "SOAP, without a search or a key");
/** The key stands in the message, as {delivery.id}. */
export const soapIdempotentTarget = soap("soap-idempotent", "idempotency-key", Plain, "SOAP 服务(认幂等键)", "SOAP with an idempotency key in its message");
export const soapSearchableTarget = soap("soap-searchable", "natural-key", Searchable, "SOAP 服务(可按我方编号查询)", "SOAP that can be searched for our reference");

const readMs = 60_000;

function soap(name: string, dedupe: Dedupe, config: Target<SoapConfig>["config"], zh: string, en: string): Target<SoapConfig> {
  return {
    name, zh, en, config, dedupe, red: "negative", secrets: authSecrets,
    check: (config, ctx) => failuresOf(() => openService(config, ctx)),
    async open(config, _epoch, ctx) {
      const service = await openService(config, ctx);
      const { system, auth } = service;
      const one = async (delivery: Delivery, leftMs: number): Promise<Verdict> => {
        const until = elapsedMs() + leftMs;
        const { form, verdict } = formOf(() => service.write(delivery));
        if (form === undefined) return verdict;
        const ready = await authorized(system, auth, await form, leftMs, ctx);
        if (ready.call === undefined) return ready.verdict;
        const reached = await callOnce(system, ready.call, until - elapsedMs());
        return reached.is === "answer" ? faultVerdict(system, reached.answer, delivery, ctx) ?? verdictOf(system, config.reply, reached.answer, soapBodyOf, delivery, ctx) : reached;
      };
      return {
        deliver: (deliveries, timeoutMs) => inTurn(system, deliveries, timeoutMs, one),
        async probe(deliveries) {
          const { found } = config;
          if (found === undefined || service.search === undefined) throw faultOf({ code: "target.setting_missing", facts: { system, kind: "search", code: name } });
          const probes = [];
          for (const delivery of deliveries) {
            const ready = await authorized(system, auth, await service.search(delivery), readMs, ctx);
            if (ready.call === undefined) throw faultOf(ready.verdict.problem, ready.verdict.retryAfterMs);
            const answer = await readOnce(system, ready.call, readMs, ctx);
            probes.push(foundIn(system, found, soapBodyOf(answer), answer, delivery, ctx, true));
          }
          return probes;
        },
        close: async () => {},
      };
    },
  };
}

async function openService(config: SoapConfig, ctx: ConnectorCtx) {
  const system = config.system ?? URL.parse(config.url ?? config.wsdl ?? "")?.host ?? "SOAP";
  const auth = config.auth ?? ({ is: "none" } as const);
  const client = config.wsdl === undefined ? undefined : await clientOf(system, config.wsdl, auth, config.soap12 === true, ctx);
  try {
    return { system, auth, write: callOf(system, config, config.write, client), search: config.search === undefined ? undefined : callOf(system, config, config.search, client) };
  } catch (error) {
    if (error instanceof Unfit) throw faultOf(error.problem);
    throw error;
  }
}

async function clientOf(system: string, wsdl: string, auth: Auth, isSoap12: boolean, ctx: ConnectorCtx): Promise<Client> {
  try {
    const address = URL.parse(wsdl);
    const isRemote = address !== null && /^https?:$/.test(address.protocol);
    const ready = isRemote ? await authorized(system, auth, { url: address, method: "GET" }, readMs, ctx) : undefined;
    if (ready !== undefined && ready.call === undefined) throw faultOf(ready.verdict.problem);
    const { createClientAsync } = await import("soap"); // only flows over SOAP pay for it
    return await createClientAsync(isRemote ? String(ready?.call?.url) : wsdl, { forceSoap12Headers: isSoap12, disableCache: true, ...(ready?.call?.headers ? { wsdl_headers: { ...ready.call.headers } } : {}) });
  } catch (error) {
    if (error instanceof Error && error.name === "FlowFault") throw error;
    throw faultOf({ code: "target.not_found", facts: { system, message: `WSDL: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}` } });
  }
}

function callOf(system: string, config: SoapConfig, message: Message, client: Client | undefined): (delivery: Delivery) => Call | Promise<Call> {
  const contentType = (action: string | undefined): Record<string, string> =>
    config.soap12 === true ? { "content-type": `application/soap+xml; charset=utf-8${action === undefined ? "" : `; action="${action}"`}` } : { "content-type": "text/xml; charset=utf-8", soapaction: `"${action ?? ""}"` };
  if (message.xml !== undefined) {
    const xml = compileText(message.xml);
    if (config.url === undefined) throw new Unfit("target.template", { why: "url" });
    const url = addressOf(config.url);
    return (delivery) => ({ url, headers: contentType(message.soapAction), body: xml(scopeOf(delivery), escapeXml) });
  }
  const operation = message.operation ?? "";
  const method = client?.[operation] as unknown;
  if (client === undefined || typeof method !== "function") throw faultOf({ code: "target.not_found", facts: { system, message: `operation ${operation}` } });
  const form = compileJson((message.message ?? {}) as Json);
  const shape = shapeOf(client, operation);
  return (delivery) => {
    const filled = JSON.parse(JSON.stringify(form(scopeOf(delivery)) ?? {}), (_, value: unknown, { source }: { source?: string } = {}) => (typeof value === "number" ? source : value)) as Json;
    client.setEndpoint(config.url ?? endpointOf(client));
    const call = envelopeOf(client, method as Method, inSequence(filled, shape) as object);
    if (call === undefined) throw new Unfit("target.template", { why: operation });
    const headers = Object.fromEntries(Object.entries(call.headers).filter(([name]) => !/^(?:connection|host|content-length)$/i.test(name)).map(([name, value]) => [name.toLowerCase(), value]));
    return { url: addressOf(call.url), headers, body: call.body };
  };
}

type Method = (args: object, callback: () => void) => void;
type Envelope = { readonly url: string; readonly body: string; readonly headers: Readonly<Record<string, string>> };

/** What the library would send. It only writes the envelope: the sending must tell before from after, which it does not. */
function envelopeOf(client: Client, method: Method, args: object): Envelope | undefined {
  let envelope: Envelope | undefined;
  const httpClient = {
    request(url: string, body: string, callback: (error: Error) => void, headers?: Record<string, string>): void {
      envelope = { url, body, headers: headers ?? {} };
      callback(new Error("written, not sent"));
    },
  };
  Object.assign(client, { httpClient });
  method.call(client, args, () => {});
  return envelope;
}

/** Names in the order of the WSDL's sequences; lists are called "name[]". */
type Shape = { readonly [name: string]: Shape | string };
function shapeOf(client: Client, operation: string): Shape {
  const services = client.describe() as { readonly [service: string]: { readonly [port: string]: { readonly [operation: string]: { readonly input?: Shape } } } };
  for (const ports of Object.values(services)) for (const operations of Object.values(ports)) if (operations[operation]?.input) return operations[operation].input;
  return {};
}

/** The library keeps the order in which it is given the outermost elements. What the WSDL does not name comes last and is left to the service to refuse. */
function inSequence(value: Json, shape: Shape | string | undefined): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => inSequence(one, shape));
  if (value === null || typeof value !== "object" || typeof shape !== "object") return value;
  const fields = value as { readonly [name: string]: Json };
  const known = Object.entries(shape).map(([name, inner]) => [name.replace(/\[\]$/, ""), inner] as const).filter(([name]) => Object.hasOwn(fields, name));
  const rest = Object.keys(fields).filter((name) => !known.some(([one]) => one === name));
  return Object.fromEntries([...known.map(([name, inner]) => [name, inSequence(fields[name] as Json, inner)] as const), ...rest.map((name) => [name, fields[name] as Json] as const)]);
}

function endpointOf(client: Client): string {
  const services = (client as unknown as { wsdl: { definitions: { services: Record<string, { ports: Record<string, { location: string }> }> } } }).wsdl.definitions.services;
  return Object.values(Object.values(services)[0]?.ports ?? {})[0]?.location ?? "";
}

const parser = new XMLParser({ ignoreAttributes: true, removeNSPrefix: true, parseTagValue: false, processEntities: true, trimValues: true });
const depthMax = 64;

/** The SOAP body as names and texts. Undefined for what is no SOAP, or has a DTD. */
export function soapBodyOf({ text }: Answer): Json | undefined {
  if (/<!DOCTYPE|<!ENTITY/i.test(text) || depthOf(text) > depthMax) return undefined;
  try {
    const envelope = (parser.parse(text) as { readonly Envelope?: { readonly Body?: Json } }).Envelope;
    return envelope === undefined ? undefined : envelope.Body ?? {};
  } catch {
    return undefined;
  }
}

function depthOf(xml: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [tag] of xml.matchAll(/<\/?[A-Za-z][^>]*>/g)) {
    depth += tag.startsWith("</") ? -1 : tag.endsWith("/>") ? 0 : 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** SOAP 1.1 Client and 1.2 Sender: the message was wrong, nothing was done. Server and Receiver: something may have been done. */
function faultVerdict(system: string, answer: Answer, delivery: Delivery, ctx: ConnectorCtx): Verdict | undefined {
  const fault = soapBodyOf(answer);
  const code = textAt(fault, "Fault.faultcode") ?? textAt(fault, "Fault.Code.Value");
  if (code === undefined) return undefined;
  const message = (textAt(fault, "Fault.faultstring") ?? textAt(fault, "Fault.Reason.Text") ?? code).slice(0, 300);
  if (/(?:^|:)(?:Client|Sender)(?:$|\.)/.test(code)) {
    // A repetition that is refused for being one has found its first sending.
    const isDuplicate = /duplicate|already exists|重复|已存在/i.test(message) && (message.includes(delivery.reference) || message.includes(delivery.deliveryId));
    return isDuplicate ? { is: "duplicate", acknowledgement: { targetId: "", targetNumber: "", targetState: "", at: ctx.now().toISOString() } } : { is: "rejected", problem: { code: "target.refused", facts: { system, message } } };
  }
  if (/(?:VersionMismatch|MustUnderstand)$/.test(code)) return { is: "rejected", problem: { code: "target.refused", facts: { system, message } } };
  return { is: "unknown", problem: { code: "target.server_error", facts: { system, status: answer.status, message } } };
}

/** Refuses (Unfit) what XML 1.0 cannot hold. */
export function escapeXml(text: string): string {
  const foreign = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.exec(text);
  if (foreign) throw new Unfit("target.unmappable", { field: "XML", text: `U+${(foreign[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`, encoding: "XML 1.0" });
  return text.replace(/[&<>"']/g, (letter) => `&${{ "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" }[letter] as string};`);
}
