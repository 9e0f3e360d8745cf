/**
 * A web service of ours, for systems that push and speak only SOAP. Its WSDL is made from the streams; what does not keep to it is
 * answered with a fault in both languages and nothing of the call is kept. The reply goes out after the records are committed.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import Type, { type Static } from "typebox";
import { refuse, Refusal, renderProblem, type Problem } from "../../platform/index.ts";
import type { ConnectorCtx, Inbound, Json, Outbound, Receiver, RecordMessage } from "../connector.ts";
import { momentAt, pointOf } from "../rest/cursor.ts";
import { keyOf, textAt } from "../json.ts";
import { soapRefusals } from "./refusals.ts";
import { xmlDanger, xmlText } from "./xml.ts";

const strict = { additionalProperties: false };
const Name = Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_.-]{0,60}$" });
const Kind = Type.Union([Type.Literal("text"), Type.Literal("integer"), Type.Literal("decimal"), Type.Literal("boolean"), Type.Literal("date"), Type.Literal("moment")]);
type Kind = Static<typeof Kind>;
const common = { name: Name, isRequired: Type.Optional(Type.Boolean()), isList: Type.Optional(Type.Boolean()) };
const Leaf = Type.Object({ ...common, type: Type.Optional(Kind) }, strict);
const Part = Type.Object({ ...common, fields: Type.Array(Leaf, { minItems: 1 }) }, strict);
/** A field of a record; with `fields` of its own a part or, as a list, lines. Two levels are what documents have. */
const Field = Type.Union([Leaf, Type.Object({ ...common, fields: Type.Array(Type.Union([Leaf, Part]), { minItems: 1 }) }, strict)]);
type Field = { readonly name: string; readonly type?: Kind | undefined; readonly isRequired?: boolean | undefined; readonly isList?: boolean | undefined; readonly fields?: readonly Field[] | undefined };

export const SoapEndpointConfig = Type.Object({
  /** Default "urn:tieout:inbound". */
  namespace: Type.Optional(Type.String({ maxLength: 200 })),
  /** Where callers reach us, for the WSDL: only whoever set up the network knows. */
  address: Type.String(),
  auth: Type.Optional(Type.Union([
    Type.Object({ is: Type.Literal("none") }, strict),
    Type.Object({ is: Type.Literal("basic"), user: Type.String(), password: Type.String() }, strict),
    /** UsernameToken, password as text or as digest. */
    Type.Object({ is: Type.Literal("wsSecurity"), user: Type.String(), password: Type.String() }, strict),
  ])),
  bodyMegabytesMax: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100 })),
  /** A stream is one operation, "push" and its name; its elements come in the order of `fields`. */
  streams: Type.Record(Name, Type.Object({ key: Type.Array(Type.String(), { minItems: 1 }), /** The field that says when it changed. */ at: Type.Optional(Type.String()), fields: Type.Array(Field, { minItems: 1 }) }, strict), { minProperties: 1 }),
}, strict);
export type SoapEndpointConfig = Static<typeof SoapEndpointConfig>;

const namespaceOf = ({ namespace }: SoapEndpointConfig): string => namespace ?? "urn:tieout:inbound";
const operationOf = (stream: string): string => `push${stream.charAt(0).toUpperCase()}${stream.slice(1)}`;
const soap11 = "http://schemas.xmlsoap.org/soap/envelope/";
const soap12 = "http://www.w3.org/2003/05/soap-envelope";
const windowMs = 300_000;
const texts = new Map(Object.entries(soapRefusals));

export const soapEndpoint: Receiver<SoapEndpointConfig> = {
  name: "soap-endpoint",
  zh: "SOAP 接收端",
  en: "SOAP endpoint",
  config: SoapEndpointConfig,
  secrets: ["auth.password"],
  check: (config) =>
    Promise.resolve(Object.entries(config.streams).flatMap(([stream, { key, fields }]) =>
      key.filter((path) => fieldAt(fields, path)?.isRequired !== true).map((path) => ({ failure: "config" as const, problem: { code: "soap.key_optional", facts: { stream, field: path }, where: `/streams/${stream}/key` } })))),

  receive(config, request, ctx) {
    if (request.method === "GET") return Promise.resolve({ messages: [], reply: { status: 200, contentType: "text/xml; charset=utf-8", body: wsdlOf(config) } });
    const version = (request.headers["content-type"] ?? "").includes("application/soap+xml") ? soap12 : soap11;
    try {
      const { stream, messages, once } = read(config, request, ctx);
      const operation = operationOf(stream);
      return Promise.resolve({
        messages, once,
        reply: envelope(version, 200, `<t:${operation}Response xmlns:t="${xmlText(namespaceOf(config))}"><t:accepted>${messages.length}</t:accepted></t:${operation}Response>`),
        fault: { ...faultOf({ code: "soap.not_kept", facts: {} }, version, "Server"), status: 503, headers: { "retry-after": "30" } },
      });
    } catch (error) {
      // A caller that speaks SOAP gets its "no" as a fault.
      if (error instanceof Refusal) return Promise.resolve({ messages: [], reply: faultOf(error, version, "Client") });
      throw error;
    }
  },
};

/** An element without its prefix. */
type Node = { readonly name: string; readonly attributes: Readonly<Record<string, string>>; readonly children: readonly Node[]; readonly text: string };
type Values = { [name: string]: Json };

/** Refuses: soap.too_large, soap.denied, soap.stale, soap.not_soap, soap.doctype, soap.too_deep, soap.no_operation, soap.element_*, soap.value. */
function read(config: SoapEndpointConfig, request: Inbound, ctx: ConnectorCtx): { readonly stream: string; readonly messages: readonly RecordMessage[]; readonly once: readonly string[] } {
  const { auth, bodyMegabytesMax = 8 } = config;
  if (request.body.length > bodyMegabytesMax * 1024 * 1024) refuse("soap.too_large", { megabytes: bodyMegabytesMax });
  // The log-in in the HTTP header comes before anything costly.
  if (auth?.is === "basic" && !isSame(request.headers.authorization ?? "", `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString("base64")}`)) refuse("soap.denied");
  const text = decoded(request.body);
  const danger = xmlDanger(text);
  if (danger === "doctype") refuse("soap.doctype", { url: request.path });
  if (danger !== undefined) refuse("soap.too_deep", { url: request.path });
  const well = XMLValidator.validate(text);
  if (well !== true) refuse("soap.not_soap", { cause: `${well.err.msg} (${well.err.line}:${well.err.col})`.slice(0, 200) });

  const root = nodesOf(parser.parse(text))[0];
  const [header, body] = ["Header", "Body"].map((part) => (root?.name === "Envelope" ? root.children.find(({ name }) => name === part) : undefined));
  const call = body?.children[0] ?? refuse("soap.not_soap", { cause: "Envelope/Body" });
  const nonce = auth?.is === "wsSecurity" ? checkToken(auth, header, ctx) : "";
  const messageId = header?.children.find(({ name }) => name === "MessageID")?.text.trim() ?? "";

  const stream = Object.keys(config.streams).find((name) => operationOf(name) === call.name)
    ?? refuse("soap.no_operation", { operation: call.name.slice(0, 100), known: Object.keys(config.streams).map(operationOf).join(", ") });
  const definition = config.streams[stream] as SoapEndpointConfig["streams"][string];
  const position = messageId || createHash("sha256").update(request.body).digest("hex").slice(0, 16);
  const messages = call.children.map((record, index): RecordMessage => {
    const place = `record ${index + 1}`;
    if (record.name !== "record") refuse("soap.element_unknown", { element: record.name, known: "record" }, place);
    const row = valuesOf(record, definition.fields, place);
    const key = keyOf(definition.key, row) ?? refuse("soap.element_missing", { element: definition.key.join(", ") }, place);
    return { is: "record", stream, key, op: "u", row, position: `${position}#${index + 1}`, at: zoned(definition.at === undefined ? undefined : textAt(row, definition.at)) };
  });
  return { stream, messages, once: [...(nonce === "" ? [] : [`nonce ${nonce}`]), ...(messageId === "" ? [] : [`message ${messageId}`])] };
}

/** A moment that names its zone; another one could be any of 26 hours. */
const zoned = (moment: string | undefined): string | null => {
  const point = moment !== undefined && /(Z|[+-]\d\d:\d\d)$/.test(moment) ? pointOf("moment", moment) : undefined;
  return point === undefined ? null : momentAt(point / 1000n);
};

/** XML in the encoding that it declares: GBK and UTF-16 are still sent. */
function decoded(body: Buffer): string {
  const start = body.subarray(0, 200).toString("latin1");
  const utf16 = body[0] === 0xff && body[1] === 0xfe ? "utf-16le" : body[0] === 0xfe && body[1] === 0xff ? "utf-16be" : undefined;
  const encoding = utf16 ?? /^[^<]*<\?xml[^>]*encoding=["']([A-Za-z0-9_-]+)["']/.exec(start)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body);
  } catch {
    return refuse("soap.not_soap", { cause: `encoding ${encoding}` });
  }
}

const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: "", parseTagValue: false, parseAttributeValue: false, trimValues: false, removeNSPrefix: true, htmlEntities: true, ignoreDeclaration: true, ignorePiTags: true });

type Parsed = readonly Readonly<Record<string, unknown>>[];

function nodesOf(parsed: unknown): Node[] {
  return (parsed as Parsed).flatMap((one): Node[] => {
    const name = Object.keys(one).find((key) => key !== ":@" && key !== "#text");
    if (name === undefined) return [];
    const inner = one[name] as Parsed;
    return [{ name, attributes: (one[":@"] ?? {}) as Readonly<Record<string, string>>, children: nodesOf(inner), text: inner.map((part) => String(part["#text"] ?? "")).join("") }];
  });
}

/** A sequence as the WSDL has it: every element in its place, required ones there, nothing else. */
function valuesOf(node: Node, fields: readonly Field[], place: string): Values {
  const values: Values = {};
  let reached = 0;
  for (const child of node.children) {
    const where = `${place}/${child.name}`;
    const position = fields.findIndex(({ name }) => name === child.name);
    const field = fields[position] ?? refuse("soap.element_unknown", { element: child.name, known: fields.map(({ name }) => name).join(", ") }, where);
    if (position < reached) refuse("soap.element_order", { element: child.name, expected: fields.slice(reached).map(({ name }) => name).join(", ") }, where);
    const before = values[field.name];
    if (before !== undefined && field.isList !== true) refuse("soap.element_repeated", { element: child.name }, where);
    requireAll(fields.slice(reached, position), values, place);
    reached = position;
    const isNil = ["true", "1"].includes(child.attributes.nil ?? "");
    if (isNil && field.isRequired === true) refuse("soap.element_missing", { element: field.name }, where);
    const value = isNil ? null : field.fields ? valuesOf(child, field.fields, where) : valueOf(field.type ?? "text", child, where);
    values[field.name] = field.isList === true ? [...((before ?? []) as readonly Json[]), value] : value;
  }
  requireAll(fields.slice(reached), values, place);
  return values;
}

function requireAll(fields: readonly Field[], values: Values, place: string): void {
  const missing = fields.find(({ name, isRequired }) => isRequired === true && !Object.hasOwn(values, name));
  if (missing) refuse("soap.element_missing", { element: missing.name }, place);
}

const written: Readonly<Record<Kind, RegExp>> = {
  text: /^[^]*$/, integer: /^[+-]?\d{1,40}$/, decimal: /^[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})$/, boolean: /^(true|false|0|1)$/,
  date: /^\d{4}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?$/, moment: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/,
};

/** Figures stay text, so that no digit is lost. */
function valueOf(type: Kind, { text, children }: Node, where: string): Json {
  const value = type === "text" ? text : text.trim();
  if (children.length > 0 || !written[type].test(value)) refuse("soap.value", { type: xsdOf[type], got: (children[0]?.name ?? value).slice(0, 60) }, where);
  return type === "boolean" ? value === "true" || value === "1" : value;
}

/** UsernameToken, password as text or digest. Gives back the nonce, which must not come twice. Refuses: soap.denied, soap.stale. */
function checkToken(auth: { readonly user: string; readonly password: string }, header: Node | undefined, ctx: ConnectorCtx): string {
  const token = header?.children.find(({ name }) => name === "Security")?.children.find(({ name }) => name === "UsernameToken");
  const part = (name: string): Node | undefined => token?.children.find((child) => child.name === name);
  const [user, password, nonce, created] = ["Username", "Password", "Nonce", "Created"].map((name) => part(name)?.text.trim() ?? "") as [string, string, string, string];
  const isDigest = (part("Password")?.attributes.Type ?? "").endsWith("#PasswordDigest");
  const expected = isDigest ? createHash("sha1").update(Buffer.concat([Buffer.from(nonce, "base64"), Buffer.from(created + auth.password)])).digest("base64") : auth.password;
  // Both are compared whatever the first says: the time taken tells nothing.
  const isUser = isSame(user, auth.user);
  if (!isSame(password, expected) || !isUser || (isDigest && (nonce === "" || created === ""))) refuse("soap.denied");
  if (created === "") return nonce;
  const point = pointOf("moment", created);
  if (point === undefined || Math.abs(Number(point / 1000n) - ctx.now().getTime()) > windowMs) refuse("soap.stale", { created: created.slice(0, 40), minutes: windowMs / 60_000 });
  return nonce;
}

/** In constant time, whatever the lengths. */
const isSame = (given: string, expected: string): boolean => timingSafeEqual(createHash("sha256").update(given).digest(), createHash("sha256").update(expected).digest());

function faultOf(problem: Problem, version: string, side: "Client" | "Server"): Outbound {
  const { zh, en, todo, where, code } = renderProblem(problem, texts);
  const place = where === null ? "" : ` [${where}]`;
  const detail = `<problem xmlns="urn:tieout:problem"><code>${xmlText(code)}</code><where>${xmlText(where ?? "")}</where><zh>${xmlText(zh)}</zh><en>${xmlText(en)}</en><todoZh>${xmlText(todo.zh)}</todoZh><todoEn>${xmlText(todo.en)}</todoEn></problem>`;
  return version === soap12
    ? envelope(version, side === "Client" ? 400 : 500, `<s:Fault><s:Code><s:Value>s:${side === "Client" ? "Sender" : "Receiver"}</s:Value></s:Code><s:Reason><s:Text xml:lang="zh">${xmlText(zh + place)}</s:Text><s:Text xml:lang="en">${xmlText(en + place)}</s:Text></s:Reason><s:Detail>${detail}</s:Detail></s:Fault>`)
    : envelope(version, 500, `<s:Fault><faultcode>s:${side}</faultcode><faultstring>${xmlText(`${zh} / ${en}${place}`)}</faultstring><detail>${detail}</detail></s:Fault>`);
}

const envelope = (version: string, status: number, body: string): Outbound => ({
  status, contentType: version === soap12 ? "application/soap+xml; charset=utf-8" : "text/xml; charset=utf-8",
  body: `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${version}"><s:Body>${body}</s:Body></s:Envelope>`,
});

const xsdOf: Readonly<Record<Kind, string>> = { text: "xsd:string", integer: "xsd:integer", decimal: "xsd:decimal", boolean: "xsd:boolean", date: "xsd:date", moment: "xsd:dateTime" };

/** The WSDL 1.1 of the streams, document/literal: one operation each. */
export function wsdlOf(config: SoapEndpointConfig): string {
  const namespace = xmlText(namespaceOf(config));
  const operations = Object.entries(config.streams).map(([stream, { fields }]) => ({ operation: operationOf(stream), fields }));
  const each = (write: (operation: string, fields: readonly Field[]) => string): string => operations.map(({ operation, fields }) => write(operation, fields)).join("\n");
  return `<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions name="Tieout" targetNamespace="${namespace}" xmlns:tns="${namespace}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<wsdl:types><xsd:schema targetNamespace="${namespace}" elementFormDefault="qualified">
${each((operation, fields) => `<xsd:element name="${operation}"><xsd:complexType><xsd:sequence><xsd:element name="record" maxOccurs="unbounded">${typeOf(fields)}</xsd:element></xsd:sequence></xsd:complexType></xsd:element>
<xsd:element name="${operation}Response"><xsd:complexType><xsd:sequence><xsd:element name="accepted" type="xsd:int"/></xsd:sequence></xsd:complexType></xsd:element>`)}
</xsd:schema></wsdl:types>
${each((operation) => `<wsdl:message name="${operation}"><wsdl:part name="parameters" element="tns:${operation}"/></wsdl:message><wsdl:message name="${operation}Response"><wsdl:part name="parameters" element="tns:${operation}Response"/></wsdl:message>`)}
<wsdl:portType name="Inbound">
${each((operation) => `<wsdl:operation name="${operation}"><wsdl:input message="tns:${operation}"/><wsdl:output message="tns:${operation}Response"/></wsdl:operation>`)}
</wsdl:portType>
<wsdl:binding name="InboundSoap" type="tns:Inbound"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
${each((operation) => `<wsdl:operation name="${operation}"><soap:operation soapAction="${operation}"/><wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>`)}
</wsdl:binding>
<wsdl:service name="Tieout"><wsdl:port name="Inbound" binding="tns:InboundSoap"><soap:address location="${xmlText(config.address)}"/></wsdl:port></wsdl:service>
</wsdl:definitions>
`;
}

const typeOf = (fields: readonly Field[]): string =>
  `<xsd:complexType><xsd:sequence>${fields.map(({ name, type = "text", isRequired, isList, fields: inner }) => {
    const occurs = `${isRequired === true ? "" : ' minOccurs="0" nillable="true"'}${isList === true ? ' maxOccurs="unbounded"' : ""}`;
    return inner ? `<xsd:element name="${name}"${occurs}>${typeOf(inner)}</xsd:element>` : `<xsd:element name="${name}" type="${xsdOf[type]}"${occurs}/>`;
  }).join("")}</xsd:sequence></xsd:complexType>`;

function fieldAt(fields: readonly Field[], path: string): Field | undefined {
  const [name, ...rest] = path.split(".");
  const field = fields.find((one) => one.name === name);
  return rest.length === 0 || !field?.fields ? field : fieldAt(field.fields, rest.join("."));
}
