/** Odoo's two external interfaces, told apart only here: JSON-RPC to every version before 20, JSON-2 from 19 on. Both only read. */
import { FlowFault, type ConnectorCtx, type Json, type Row } from "../connector.ts";
import { faultOf, jsonOf, openHttp, type HttpConfig } from "../rest/http.ts";
import { at, isObject, textAt } from "../json.ts";

export type OdooLogin = Omit<HttpConfig, "baseUrl" | "auth"> & { readonly url: string; readonly database: string; readonly api?: "json-rpc" | "json-2" | undefined; readonly user?: string | undefined; readonly key: string };
export type Paged = { readonly limit: number; readonly offset: number; readonly order: string };
export type Odoo = {
  /** A method of a model with named arguments. */
  readonly call: (model: string, method: string, args: Row) => Promise<Json>;
  readonly read: (model: string, domain: readonly Json[], fields: readonly string[], page: Paged) => Promise<readonly Row[]>;
  readonly close: () => void;
};

/** Throws FlowFault with odoo.login_refused, odoo.no_user, odoo.forbidden, odoo.refused, odoo.not_odoo, and what HTTP throws. */
export async function openOdoo(login: OdooLogin, ctx: ConnectorCtx): Promise<Odoo> {
  const { url, database, key, api = "json-rpc", user } = login;
  const limits = { headers: login.headers, ratePerSecond: login.ratePerSecond, timeoutSeconds: login.timeoutSeconds, bodyMegabytesMax: login.bodyMegabytesMax };
  const http = openHttp({ baseUrl: url, ...limits, auth: api === "json-2" ? { is: "bearer", token: key } : { is: "none" } }, ctx);
  let calls = 0;

  /** Errors come with HTTP 200 here. */
  async function rpc(service: "common" | "object", method: string, args: readonly Json[]): Promise<Json> {
    const body = JSON.stringify({ jsonrpc: "2.0", method: "call", id: ++calls, params: { service, method, args } });
    const answer = await http.send({ method: "POST", path: "jsonrpc", readsOnly: true, body, headers: { "content-type": "application/json" } });
    const document = jsonOf(answer);
    const error = at(document, "error");
    if (isObject(error)) throw refusal(textAt(error, "data.name") ?? "", textAt(error, "data.message") ?? textAt(error, "message") ?? "", args[3]);
    const result = at(document, "result");
    if (result === undefined) throw new FlowFault("config", { code: "odoo.not_odoo", facts: { url: answer.place } });
    return result;
  }

  /** Errors are HTTP statuses with a name and a message. */
  async function json2(model: string, method: string, args: Row): Promise<Json> {
    const answer = await http.send({ method: "POST", path: `json/2/${model}/${method}`, readsOnly: true, body: JSON.stringify(args), accept: [400, 401, 403, 404, 409, 422, 500], headers: { "content-type": "application/json", "x-odoo-database": database } });
    if (answer.status <= 299) return jsonOf(answer);
    const error = answer.headers.get("content-type")?.includes("json") === true ? jsonOf(answer) : null;
    const name = textAt(error, "name");
    if (name === undefined) throw faultOf(answer, ctx);
    if (answer.status === 401) throw new FlowFault("auth", { code: "odoo.login_refused", facts: { user: user ?? "API key", database } });
    throw refusal(name, textAt(error, "message") ?? "", model);
  }

  /** Odoo names what went wrong by its Python class. */
  function refusal(name: string, text: string, model: Json | undefined): FlowFault {
    const message = text.replaceAll(key, "***").slice(0, 300);
    const facts = { model: typeof model === "string" ? model : "–", message };
    if (/AccessDenied|SessionExpired/.test(name)) return new FlowFault("auth", { code: "odoo.login_refused", facts: { user: user ?? "API key", database } });
    if (/AccessError|Forbidden/.test(name)) return new FlowFault("permission", { code: "odoo.forbidden", facts });
    // A serialization failure or a full pool passes; the rest is the same on every repetition.
    if (/OperationalError|SerializationFailure|PoolError|LockNotAvailable/.test(name)) return new FlowFault("network", { code: "odoo.refused", facts });
    return new FlowFault("config", { code: "odoo.refused", facts });
  }

  let call: Odoo["call"] = json2;
  if (api === "json-rpc") {
    if (user === undefined) throw new FlowFault("config", { code: "odoo.no_user", facts: { url } });
    const uid = await rpc("common", "login", [database, user, key]);
    if (typeof uid !== "number") throw new FlowFault("auth", { code: "odoo.login_refused", facts: { user, database } });
    call = (model, method, args) => rpc("object", "execute_kw", [database, uid, key, model, method, [], args]);
  }
  return {
    call,
    close: http.close,
    async read(model, domain, fields, page) {
      const rows = await call(model, "search_read", { domain: [...domain], fields: [...fields], limit: page.limit, offset: page.offset, order: page.order });
      if (!Array.isArray(rows)) throw new FlowFault("config", { code: "odoo.not_odoo", facts: { url } });
      return rows as readonly Row[];
    },
  };
}
