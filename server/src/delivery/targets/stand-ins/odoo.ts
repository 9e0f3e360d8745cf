/**
 * Stands in for Odoo's external API, JSON-RPC and JSON-2: account.move with its rules. Each call is one transaction; create makes a
 * draft, action_post posts it; what is posted cannot be deleted; `ref` may repeat.
 */
import { at, type Json, parseExact, textAt } from "../../../connectors/index.ts";
import { parseDecimal } from "../../../values/index.ts";
import { type Answered, type Asked, figureOf, openStandIn, type StandIn } from "./stand-in.ts";

type Record_ = { readonly id: number; readonly [field: string]: unknown };
export type OdooMove = { readonly id: number; name: string; ref: string; state: "draft" | "posted" | "cancel"; date: string; readonly journalId: number; readonly lines: { readonly id: number; readonly accountId: number; readonly partnerId: number | false; debit: string; credit: string; readonly name: string }[] };
export type OdooStandIn = StandIn & {
  readonly moves: OdooMove[];
  readonly login: { readonly database: string; readonly user: string; readonly apiKey: string };
  /** Posting on or before this day is refused. */
  lockedUpTo: string;
};

class OdooError extends Error {
  readonly exception: string;
  constructor(exception: string, message: string) {
    super(message);
    this.exception = exception;
  }
}
const userError = (message: string): never => {
  throw new OdooError("odoo.exceptions.UserError", message);
};

export async function odooStandIn(known: { readonly accounts: readonly string[]; readonly journals: readonly string[]; readonly partners: readonly string[] }): Promise<OdooStandIn> {
  const login = { database: "tieout", user: "interface@example.com", apiKey: "0123456789abcdef" };
  const moves: OdooMove[] = [];
  const tables: Readonly<Record<string, readonly Record_[]>> = {
    "account.account": known.accounts.map((code, at) => ({ id: 11 + at, code })),
    "account.journal": known.journals.map((code, at) => ({ id: 3 + at, code })),
    "res.partner": known.partners.map((ref, at) => ({ id: 7 + at, ref })),
    "res.currency": [{ id: 1, name: "EUR" }, { id: 2, name: "USD" }, { id: 6, name: "CNY" }],
  };
  let lastId = 430;
  let lastLineId = 9000;
  const standIn = { lockedUpTo: "0000-00-00" };

  const rowsOf = (model: string): readonly Record_[] => {
    if (model === "account.move") return moves.map(({ id, name, ref, state, date, journalId, lines }) => ({ id, name, ref, state, date, move_type: "entry", journal_id: [journalId, ""], line_ids: lines.map((line) => line.id) }));
    if (model === "account.move.line") return moves.flatMap((move) => move.lines.map((line) => ({ id: line.id, move_id: [move.id, move.name], account_id: [line.accountId, ""], partner_id: line.partnerId === false ? false : [line.partnerId, ""], name: line.name, debit: Number(line.debit), credit: Number(line.credit) })));
    const rows = tables[model];
    if (rows === undefined) throw new OdooError("odoo.exceptions.UserError", `Object ${model} doesn't exist`);
    return rows;
  };

  function create(values: Json): number {
    if (textAt(values, "move_type") !== "entry") userError("Only entries here");
    if (!tables["account.journal"]?.some(({ id }) => String(id) === textAt(values, "journal_id"))) throw new OdooError("odoo.exceptions.MissingError", "Record does not exist or has been deleted. (Record: account.journal)");
    let off = 0n;
    const lines = ((at(values, "line_ids") ?? []) as readonly Json[]).map((command) => {
      const line = at(command, "2");
      if (textAt(command, "0") !== "0") userError("Only new lines");
      const debit = figureOf(at(line, "debit")) ?? "0";
      const credit = figureOf(at(line, "credit")) ?? "0";
      const [d, c] = [parseDecimal(debit, 10) ?? 0n, parseDecimal(credit, 10) ?? 0n];
      if (d < 0n || c < 0n || (d !== 0n && c !== 0n)) throw new OdooError("psycopg2.errors.CheckViolation", "Wrong credit or debit value in accounting entry!");
      const accountId = Number(textAt(line, "account_id"));
      if (!tables["account.account"]?.some(({ id }) => id === accountId)) throw new OdooError("odoo.exceptions.MissingError", "Record does not exist or has been deleted. (Record: account.account)");
      off += d - c;
      return { id: ++lastLineId, accountId, partnerId: textAt(line, "partner_id") === undefined ? (false as const) : Number(textAt(line, "partner_id")), debit, credit, name: textAt(line, "name") ?? "" };
    });
    if (off !== 0n) userError("The entry is not balanced.");
    const id = ++lastId;
    moves.push({ id, name: "/", ref: textAt(values, "ref") ?? "", state: "draft", date: textAt(values, "date") ?? "", journalId: Number(textAt(values, "journal_id")), lines });
    return id;
  }

  function post(id: number): void {
    const move = moves.find((one) => one.id === id) ?? userError("Record does not exist");
    if (move.state !== "draft") userError("The entry must be in draft to be posted.");
    if (move.lines.length === 0) userError("You need to add a line before posting.");
    if (move.date <= standIn.lockedUpTo) userError(`You cannot add/modify entries prior to and inclusive of: ${standIn.lockedUpTo}.`);
    move.state = "posted";
    move.name = `MISC/${move.date.slice(0, 4)}/${move.date.slice(5, 7)}/${String(move.id).padStart(4, "0")}`;
  }

  function unlink(id: number): void {
    const at = moves.findIndex((one) => one.id === id);
    if (at < 0) throw new OdooError("odoo.exceptions.MissingError", "Record does not exist or has been deleted.");
    if (moves[at]?.state === "posted") userError("You cannot delete a posted journal entry.");
    moves.splice(at, 1);
  }

  /** One call, one transaction: what throws has changed nothing, for checks come before changes. */
  function call(model: string, method: string, named: Json): unknown {
    const ids = ((at(named, "ids") ?? []) as readonly Json[]).map(Number);
    if (method === "search_read") {
      const fields = (at(named, "fields") ?? []) as readonly string[];
      return rowsOf(model).filter((row) => ((at(named, "domain") ?? []) as readonly Json[]).every((term) => holds(row, term as readonly Json[]))).map((row) => Object.fromEntries(["id", ...fields].map((field) => [field, row[field] ?? false])));
    }
    if (model !== "account.move") throw new OdooError("odoo.exceptions.AccessError", `You are not allowed to modify '${model}'`);
    if (method === "create") return ((at(named, "vals_list") ?? []) as readonly Json[]).map(create);
    if (method === "action_post") return ids.forEach(post), false;
    if (method === "unlink") return ids.forEach(unlink), true;
    throw new OdooError("AttributeError", `The method '${method}' does not exist`);
  }

  function answerRpc(body: string): Answered {
    const request = parseExact(body);
    const args = at(request, "params.args") as readonly Json[];
    const reply = (part: object): Answered => ({ json: { jsonrpc: "2.0", id: at(request, "id"), ...part } });
    try {
      if (textAt(request, "params.service") === "common") return reply({ result: args[0] === login.database && args[1] === login.user && args[2] === login.apiKey ? 2 : false });
      const [database, uid, key, model, method, positional, options] = args;
      if (database !== login.database || uid !== 2 || key !== login.apiKey) throw new OdooError("odoo.exceptions.AccessDenied", "Access Denied");
      const [first] = positional as readonly Json[];
      const named = method === "search_read" ? { domain: first } : method === "create" ? { vals_list: first } : { ids: first };
      return reply({ result: call(String(model), String(method), { ...named, ...(options as object) } as unknown as Json) });
    } catch (error) {
      if (!(error instanceof OdooError)) throw error;
      return reply({ error: { code: 200, message: "Odoo Server Error", data: { name: error.exception, message: error.message, debug: "", arguments: [error.message] } } });
    }
  }

  function answerJson2({ path, headers, body }: Asked): Answered {
    const [, , , model = "", method = ""] = path.split("/");
    if (headers.authorization !== `bearer ${login.apiKey}`) return { status: 401, json: { name: "werkzeug.exceptions.Unauthorized", message: "Invalid apikey", arguments: [], context: {}, debug: "" } };
    if (headers["x-odoo-database"] !== login.database) return { status: 404, json: { name: "werkzeug.exceptions.NotFound", message: "Database not found" } };
    try {
      return { json: call(model, method, parseExact(body)) };
    } catch (error) {
      if (!(error instanceof OdooError)) throw error;
      return { status: error.exception.endsWith("AccessError") ? 403 : 422, json: { name: error.exception, message: error.message, arguments: [error.message], context: {}, debug: "" } };
    }
  }

  const isWrite = ({ path, body }: Asked): boolean => path.endsWith("/account.move/create") || (path === "/jsonrpc" && /"account\.move","create"/.test(body));
  const server = await openStandIn((asked) => (asked.path === "/jsonrpc" ? answerRpc(asked.body) : asked.path.startsWith("/json/2/") ? answerJson2(asked) : { status: 404, text: "" }), isWrite);
  return Object.assign(standIn, { ...server, moves, login });
}

function holds(row: Record_, [field, operator, value]: readonly Json[]): boolean {
  const here = row[String(field)];
  const own = Array.isArray(here) ? (here[0] as unknown) : here;
  if (operator === "=") return own === value;
  if (operator === "in") return (value as readonly Json[]).some((one) => one === own);
  if (operator === ">=") return String(own) >= String(value);
  throw new OdooError("ValueError", `Invalid operator ${String(operator)}`);
}
