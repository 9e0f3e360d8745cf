/**
 * A logged-in session with Tryton 6.0 over JSON-RPC. It only reads, so every call may be repeated: a dropped connection or an
 * overloaded server is tried again, and an expired session (401) is renewed once per call.
 */
import { refuse, sleep } from "../platform/index.ts";
import type { Row, Wire } from "./tryton-values.ts";

export type TrytonLogin = {
  /** Up to the database, "http://erp:8000/tryton/", or only the server, with `database` apart. */
  readonly url: string;
  readonly database?: string | undefined;
  readonly user: string;
  readonly password: string;
  /** Id of the company to read; default the one in the user's preferences. */
  readonly company?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** How long to wait before the first repetition; each further wait is twice as long. */
  readonly retryDelayMs?: number | undefined;
};

export type Domain = readonly Wire[];

export type Tryton = {
  /** The address including the database: names the source in cursors. */
  readonly address: string;
  readonly company: number;
  /** ISO code of the company's currency. */
  readonly currency: string;
  /** All records of the domain in order of their id, page by page. */
  readonly find: (model: string, domain: Domain, fields: readonly string[]) => Promise<Row[]>;
  /** The records whose `field` is one of many ids (or references), asked for in portions. */
  readonly findWhere: (model: string, field: string, values: Iterable<number | string>, fields: readonly string[], also?: Domain) => Promise<Row[]>;
};

const pageRows = 500;
const portionIds = 200;
const attemptsMax = 4;

/**
 * Refuses: tryton.unreachable, tryton.not_tryton, tryton.no_database, tryton.login_refused, tryton.no_company; later calls also
 * tryton.session_lost, tryton.forbidden, tryton.refused.
 */
export async function openTryton(login: TrytonLogin): Promise<Tryton> {
  const address = addressOf(login);
  const timeoutMs = login.timeoutMs ?? 120_000;
  const retryDelayMs = login.retryDelayMs ?? 500;
  let authorization = "";
  let callCount = 0;

  async function send(method: string, params: readonly Wire[]): Promise<{ readonly status: number; readonly body: string }> {
    const body = JSON.stringify({ id: ++callCount, method, params });
    let cause = "";
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      if (attempt > 1) await sleep(retryDelayMs * 2 ** (attempt - 2));
      try {
        const answer = await fetch(address, {
          method: "POST", body, signal: AbortSignal.timeout(timeoutMs),
          headers: { "content-type": "application/json", ...(authorization === "" ? {} : { authorization }) },
        });
        if (answer.status !== 429 && answer.status < 500) return { status: answer.status, body: await answer.text() };
        await answer.body?.cancel();
        cause = `HTTP ${answer.status}`;
      } catch (error) {
        cause = reasonOf(error);
      }
    }
    refuse("tryton.unreachable", { url: address, cause });
  }

  function read(method: string, status: number, body: string): Wire {
    const what = method.replace(/^model\.|\.[a-z_]+$/g, "");
    if (status === 403) refuse("tryton.forbidden", { user: login.user, what });
    if (status === 404) refuse("tryton.no_database", { url: address });
    const answer = parsed(body);
    if (status !== 200 || answer === undefined) refuse("tryton.not_tryton", { url: address });
    if (answer.error !== undefined && answer.error !== null) refuse("tryton.refused", { what, message: messageOf(answer.error) });
    return answer.result ?? null;
  }

  async function logIn(): Promise<void> {
    authorization = "";
    const { status, body } = await send("common.db.login", [login.user, { password: login.password }, "en"]);
    if (status === 401) refuse("tryton.login_refused", { user: login.user });
    const session = read("common.db.login", status, body);
    if (!Array.isArray(session) || typeof session[0] !== "number" || typeof session[1] !== "string") refuse("tryton.login_refused", { user: login.user });
    authorization = `Session ${Buffer.from(`${login.user}:${session[0]}:${session[1]}`).toString("base64")}`;
  }

  async function call(method: string, params: readonly Wire[]): Promise<Wire> {
    let { status, body } = await send(method, params);
    if (status === 401) {
      await logIn();
      ({ status, body } = await send(method, params));
      if (status === 401) refuse("tryton.session_lost");
    }
    return read(method, status, body);
  }

  await logIn();
  const preferences = await call("model.res.user.get_preferences", [true, {}]);
  const company = login.company ?? companyOf(preferences);
  if (company === undefined) refuse("tryton.no_company", { user: login.user });
  const context: Wire = { ...(preferences as { readonly [name: string]: Wire }), company };

  async function page(model: string, domain: Domain, fields: readonly string[], limit: number | null): Promise<Row[]> {
    const rows = await call(`model.${model}.search_read`, [domain, 0, limit, [["id", "ASC"]], fields, context]);
    if (!Array.isArray(rows)) refuse("tryton.not_tryton", { url: address });
    return rows as Row[];
  }

  async function find(model: string, domain: Domain, fields: readonly string[]): Promise<Row[]> {
    const found: Row[] = [];
    for (let after = -1; ; ) {
      // By id, not by offset: what is created or deleted meanwhile shifts no page.
      const rows = await page(model, [...domain, ["id", ">", after]], fields, pageRows);
      for (const row of rows) found.push(row);
      const last = rows.at(-1);
      if (!last || rows.length < pageRows) return found;
      after = last.id;
    }
  }

  async function findWhere(model: string, field: string, values: Iterable<number | string>, fields: readonly string[], also: Domain = []): Promise<Row[]> {
    const wanted = [...new Set(values)];
    const found: Row[] = [];
    for (let from = 0; from < wanted.length; from += portionIds)
      for (const row of await find(model, [[field, "in", wanted.slice(from, from + portionIds)], ...also], fields)) found.push(row);
    return found;
  }

  const [own] = await find("company.company", [["id", "=", company]], ["currency.code"]);
  const currency = own?.["currency."] as { readonly code?: Wire } | null | undefined;
  if (typeof currency?.code !== "string") refuse("tryton.no_company", { user: login.user });
  return { address, company, currency: currency.code, find, findWhere };
}

function addressOf({ url, database }: TrytonLogin): string {
  const base = url.endsWith("/") ? url : `${url}/`;
  const address = database ? `${base}${encodeURIComponent(database)}/` : base;
  if (!URL.canParse(address) || !/^https?:/.test(address)) refuse("tryton.unreachable", { url, cause: "not an http address" });
  return address;
}

function companyOf(preferences: Wire): number | undefined {
  const company = preferences !== null && typeof preferences === "object" && !Array.isArray(preferences) ? (preferences as { readonly company?: Wire }).company : undefined;
  return typeof company === "number" ? company : undefined;
}

function parsed(body: string): { readonly result?: Wire; readonly error?: Wire } | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return answer !== null && typeof answer === "object" ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** Tryton's own words: ["UserError", ["You are not allowed …", "", null]] or ["'field'", "traceback"]. */
function messageOf(error: Wire): string {
  const words = Array.isArray(error) ? error.flat().filter((part): part is string => typeof part === "string" && part !== "") : [String(error)];
  return words.slice(0, 2).join(": ").slice(0, 300);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause as { readonly code?: string; readonly message?: string } | undefined;
  return inner?.code ?? inner?.message ?? error.message;
}
