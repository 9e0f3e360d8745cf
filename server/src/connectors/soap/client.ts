/**
 * A web service as its WSDL describes it. The library keeps neither digits nor order by itself: numbers are taken as text here, and
 * the elements of a request are put into the sequence of the WSDL, which strict servers insist on. Everything goes over our own HTTP.
 */
import { type Client, createClientAsync, type IHttpClient, WSSecurity } from "soap";
import Type, { type Static } from "typebox";
import { FlowFault, type ConnectorCtx, type Json } from "../connector.ts";
import { excerptOf, faultOf, httpFields, openHttp, type Http } from "../rest/http.ts";
import { isObject, textAt, type JsonObject } from "../json.ts";
import { xmlDanger } from "./xml.ts";

const strict = { additionalProperties: false };
export const SoapAuth = Type.Union([
  Type.Object({ is: Type.Literal("none") }, strict),
  Type.Object({ is: Type.Literal("basic"), user: Type.String(), password: Type.String() }, strict),
  /** WS-Security UsernameToken; with `digest` the password itself is not sent. */
  Type.Object({ is: Type.Literal("wsSecurity"), user: Type.String(), password: Type.String(), digest: Type.Optional(Type.Boolean()) }, strict),
]);
export const soapFields = {
  wsdl: Type.String(),
  /** Where to call, if the WSDL names an address that is right only inside their network. */
  endpoint: Type.Optional(Type.String()),
  soap12: Type.Optional(Type.Boolean()),
  auth: Type.Optional(SoapAuth),
  ...httpFields,
};
const SoapSystem = Type.Object(soapFields);
export type SoapSystem = Static<typeof SoapSystem>;

/** The input of an operation: fields in any order, or ready XML for what fields cannot say. */
export type SoapRequest = { readonly fields: JsonObject } | { readonly xml: string };
export type Soap = {
  readonly call: (operation: string, request: SoapRequest) => Promise<Json>;
  /** Operation → its input and output as the WSDL has them; lists end in "[]". */
  readonly operations: Readonly<Record<string, Description>>;
  readonly close: () => void;
};
export type Description = { readonly input: Shape; readonly output: Shape };
export type Shape = { readonly [element: string]: string | Shape };

const asText = (text: string): string => text;
const numbers = ["decimal", "integer", "long", "unsignedLong", "positiveInteger", "nonNegativeInteger", "nonPositiveInteger", "negativeInteger", "unsignedInt", "double", "float", "dateTime", "date"];
const customDeserializer = Object.fromEntries(numbers.map((type) => [type, asText]));

/** Throws FlowFault with soap.wsdl, soap.doctype, soap.too_deep, soap.no_operation, soap.no_element, soap.fault, soap.fault_server, soap.login_refused, and what HTTP throws. */
export async function openSoap(config: SoapSystem, ctx: ConnectorCtx): Promise<Soap> {
  const { auth = { is: "none" }, wsdl, endpoint, ...limits } = config;
  const http = new Map<string, Http>();
  for (const address of [wsdl, endpoint ?? wsdl]) {
    const origin = URL.parse(address)?.origin ?? address;
    if (!http.has(origin)) http.set(origin, openHttp({ baseUrl: address, auth: auth.is === "basic" ? auth : undefined, headers: limits.headers, ratePerSecond: limits.ratePerSecond, timeoutSeconds: limits.timeoutSeconds, bodyMegabytesMax: limits.bodyMegabytesMax }, ctx));
  }
  const main = http.values().next().value as Http;

  async function exchange(url: string, body: string | null, headers: Readonly<Record<string, string>>): Promise<{ status: number; text: string }> {
    const sender = http.get(URL.parse(url)?.origin ?? "") ?? main;
    // A fault comes with 500, by SOAP 1.2 also with 400.
    const answer = await sender.send(body === null ? { path: url, headers: { accept: "text/xml, application/wsdl+xml, */*" } } : { method: "POST", path: url, body, headers: { accept: "text/xml, application/soap+xml", ...headers }, accept: [400, 500] });
    const text = answer.body.toString("utf8");
    if (answer.status > 299 && !/:?Envelope[\s>]/.test(text)) throw faultOf(answer, ctx);
    const danger = xmlDanger(text);
    if (danger === "doctype") throw new FlowFault("config", { code: "soap.doctype", facts: { url: answer.place } });
    if (danger !== undefined) throw new FlowFault("config", { code: "soap.too_deep", facts: { url: answer.place } });
    if (body === null && !/definitions|schema/.test(text)) throw new FlowFault("config", { code: "soap.wsdl", facts: { url: answer.place, cause: excerptOf(answer.body).slice(0, 80) } });
    return { status: answer.status, text };
  }
  const httpClient: IHttpClient = {
    request(url: string, data: unknown, callback: (error: unknown, response?: object, body?: string) => void, headers?: Readonly<Record<string, string>>) {
      const done = exchange(url, typeof data === "string" ? data : null, headers ?? {}).then(({ status, text }) => callback(null, { status, headers: {}, data: text }, text), (error: unknown) => callback(error));
      return done as never;
    },
  };

  let client: Client;
  try {
    client = await createClientAsync(wsdl, { httpClient, customDeserializer, handleNilAsNull: true, forceSoap12Headers: config.soap12 === true, disableCache: true, ...(endpoint === undefined ? {} : { endpoint }) });
  } catch (error) {
    if (error instanceof FlowFault) throw error;
    throw new FlowFault("config", { code: "soap.wsdl", facts: { url: URL.parse(wsdl)?.origin ?? wsdl, cause: messageOf(error) } }, { cause: error });
  }
  if (auth.is === "wsSecurity") client.setSecurity(new WSSecurity(auth.user, auth.password, { passwordType: auth.digest === true ? "PasswordDigest" : "PasswordText", hasNonce: true }));
  const services = client.describe() as Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Description>>>>>>;
  const operations: Record<string, Description> = {};
  for (const port of Object.values(services).flatMap((ports) => Object.values(ports))) Object.assign(operations, port);

  return {
    operations,
    close: () => [...http.values()].forEach((one) => one.close()),
    async call(operation, request) {
      const description = operations[operation];
      if (description === undefined) throw new FlowFault("config", { code: "soap.no_operation", facts: { operation, known: Object.keys(operations).join(", ").slice(0, 500) } });
      const input = "xml" in request ? { _xml: request.xml } : inOrder(description.input, request.fields, operation, "");
      const invoke = (client as unknown as Readonly<Record<string, (input: object) => Promise<readonly [Json]>>>)[`${operation}Async`];
      if (invoke === undefined) throw new FlowFault("config", { code: "soap.no_operation", facts: { operation, known: Object.keys(operations).join(", ").slice(0, 500) } });
      try {
        const [result] = await invoke.call(client, input as object);
        // Plain data only: what the library adds to it is of no record.
        return JSON.parse(JSON.stringify(result ?? null)) as Json;
      } catch (error) {
        throw error instanceof FlowFault ? error : soapFault(operation, error);
      }
    },
  };
}

/** The fields in the sequence of the WSDL; what the WSDL does not know is refused, not sent along. */
function inOrder(shape: string | Shape | undefined, value: Json, operation: string, path: string): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => inOrder(shape, one, operation, path));
  if (!isObject(value) || typeof shape !== "object") return value;
  const order = Object.keys(shape).filter((element) => element !== "targetNSAlias" && element !== "targetNamespace").map((element) => element.replace(/\[\]$/, ""));
  const special = Object.keys(value).filter((name) => name === "attributes" || name.startsWith("$"));
  const unknown = Object.keys(value).find((name) => !order.includes(name) && !special.includes(name));
  if (unknown !== undefined) throw new FlowFault("config", { code: "soap.no_element", facts: { operation, element: `${path}${unknown}`, known: order.join(", ").slice(0, 500) } });
  return Object.fromEntries([...special, ...order].filter((name) => Object.hasOwn(value, name)).map((name) => [name, inOrder(shape[name] ?? shape[`${name}[]`], value[name] as Json, operation, `${path}${name}.`)]));
}

/** Client faults are definite: the same request fails again. A Server fault may pass. */
function soapFault(operation: string, error: unknown): FlowFault {
  const fault = ((error as { readonly root?: { readonly Envelope?: { readonly Body?: { readonly Fault?: Json } } } }).root ?? {}).Envelope?.Body?.Fault;
  const first = (...paths: readonly string[]): string => paths.map((path) => textAt(fault, path)).find((text) => text !== undefined) ?? "";
  const code = [first("faultcode", "faultcode.$value", "Code.Value"), first("Code.Subcode.Value")].filter((part) => part !== "").join(" ");
  const message = (first("faultstring", "faultstring.$value", "Reason.Text", "Reason.Text.$value", "Reason.Text.0.$value", "Reason.Text.0") || messageOf(error)).slice(0, 300);
  const facts = { operation, fault: code || "–", message };
  if (/FailedAuthentication|InvalidSecurityToken|InvalidSecurity|FailedCheck/i.test(code)) return new FlowFault("auth", { code: "soap.login_refused", facts }, { cause: error });
  if (/\b(Client|Sender|MustUnderstand|VersionMismatch|DataEncodingUnknown)\b/i.test(code)) return new FlowFault("config", { code: "soap.fault", facts }, { cause: error });
  if (fault !== undefined) return new FlowFault("network", { code: "soap.fault_server", facts }, { cause: error });
  return new FlowFault("config", { code: "soap.unreadable", facts: { operation, cause: message } }, { cause: error });
}

function messageOf(error: unknown): string {
  const fault = (error as { readonly Fault?: { readonly faultstring?: string; readonly detail?: string } }).Fault;
  if (fault) return `${fault.faultstring ?? ""} ${fault.detail ?? ""}`.trim().slice(0, 200);
  return (error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)).slice(0, 200);
}
