/**
 * Stands in for Tryton 6.0's JSON-RPC: sessions, search_read with domains, and account moves with their rules. Each call is one
 * transaction; create makes drafts, post posts them all or none; what is posted cannot be deleted; a description may repeat.
 * The real one is met by e2e/delivery-real.ts.
 */
import type { Json } from "../../../connectors/index.ts";
import { parseDecimal } from "../../../values/index.ts";
import { type Answered, type Asked, openStandIn, type StandIn } from "./stand-in.ts";

type Fields = { readonly [field: string]: Json };
type Row = { readonly id: number } & Fields;
export type TrytonMove = { readonly id: number; readonly description: string; state: "draft" | "posted"; postNumber: string | null; readonly date: Json; readonly lines: readonly { readonly account: number; readonly party: number | null; readonly debit: string; readonly credit: string }[] };
export type TrytonStandIn = StandIn & { readonly moves: TrytonMove[]; readonly notes: { readonly id: number; readonly resource: string; readonly message: string }[]; readonly login: { readonly user: string; readonly password: string } };

class UserError extends Error {
  override readonly name = "UserError";
}

export async function trytonStandIn(known: { readonly accounts: readonly { readonly code: string; readonly party_required?: boolean }[]; readonly parties: readonly string[]; readonly year: number }): Promise<TrytonStandIn> {
  const login = { user: "interface", password: "secret-1" };
  const moves: TrytonMove[] = [];
  const notes: TrytonStandIn["notes"] = [];
  const accounts = known.accounts.map(({ code, party_required = false }, at): Row => ({ id: 10 + at, code, party_required, company: 1, type: 1 }));
  const parties = known.parties.map((code, at): Row => ({ id: 30 + at, code }));
  const periods = [{ id: 1, start_date: `${known.year}-01-01`, end_date: `${known.year}-12-31`, type: "standard", state: "open", company: 1 }];
  let lastId = 100;

  const rowsOf = (model: string): readonly Row[] => {
    switch (model) {
      case "account.account": return accounts;
      case "party.party": return parties;
      case "account.period": return periods;
      case "account.journal": return [{ id: 4, code: "GEN" }];
      case "ir.note": return notes;
      case "account.move": return moves.map(({ id, description, state, postNumber, date }) => ({ id, description, state, post_number: postNumber, number: String(id), date, post_date: state === "posted" ? date : null, company: 1 }));
      case "account.move.line": return moves.flatMap((move) => move.lines.map((line, at) => ({ id: move.id * 1_000 + at, move: move.id, "account.": { code: accounts.find(({ id }) => id === line.account)?.code ?? "" }, debit: { __class__: "Decimal", decimal: line.debit }, credit: { __class__: "Decimal", decimal: line.credit } })));
      default: throw new UserError(`no model ${model}`);
    }
  };

  function create(values: Fields): TrytonMove {
    if (values.journal !== 4 || values.period !== 1) throw new UserError("A value is required for field \"Journal\" in \"Account Move\".");
    const [command] = values.lines as readonly Json[];
    const lines = ((command as readonly Json[])[1] as readonly Fields[]).map((line) => {
      const account = accounts.find(({ id }) => id === line.account) ?? fail("The account does not exist.");
      if (account.party_required === true && typeof line.party !== "number") fail("To post or save the line, the party must be set.");
      if (account.party_required !== true && typeof line.party === "number") fail("The party must not be set on this account.");
      const [debit, credit] = [line.debit, line.credit].map((value) => String((value as Fields).decimal)) as [string, string];
      if (parseDecimal(debit, 2) !== 0n && parseDecimal(credit, 2) !== 0n) fail("A line can not have both a debit and a credit.");
      return { account: account.id, party: typeof line.party === "number" ? line.party : null, debit, credit };
    });
    return { id: ++lastId, description: String(values.description), state: "draft", postNumber: null, date: values.date ?? null, lines };
  }

  function post(ids: readonly number[]): void {
    const wanted = ids.map((id) => moves.find((move) => move.id === id) ?? fail("You are not allowed to read records."));
    for (const { lines, id } of wanted) if (lines.reduce((sum, { debit, credit }) => sum + (parseDecimal(debit, 2) ?? 0n) - (parseDecimal(credit, 2) ?? 0n), 0n) !== 0n) throw new UserError(`You can not post move "${id}" because it is not balanced.`);
    for (const move of wanted) if (move.state === "draft") Object.assign(move, { state: "posted", postNumber: `${known.year}-${String(move.id).padStart(7, "0")}` });
  }

  function call(method: string, params: readonly Json[]): Json {
    if (method === "model.res.user.get_preferences") return { company: 1, language: "en" };
    const [, model = "", act = ""] = /^model\.(.+)\.(\w+)$/.exec(method) ?? [];
    if (act === "search_read") return rowsOf(model).filter((row) => matches(row, params[0] as readonly Json[]));
    if (model === "ir.note" && act === "create") return (params[0] as readonly Fields[]).map((values) => (notes.push({ id: ++lastId, resource: String(values.resource), message: String(values.message) }), lastId));
    if (model !== "account.move") throw new UserError(`${method} is not allowed`);
    if (act === "create") {
      const made = (params[0] as readonly Fields[]).map(create);
      moves.push(...made);
      return made.map(({ id }) => id);
    }
    if (act === "post") return post(params[0] as readonly number[]), null;
    if (act === "delete") {
      for (const id of params[0] as readonly number[]) {
        const at = moves.findIndex((move) => move.id === id);
        if (moves[at]?.state === "posted") fail("You can not delete posted move.");
        if (at >= 0) moves.splice(at, 1);
      }
      return null;
    }
    throw new UserError(`${method} is not allowed`);
  }

  const answer = ({ body, headers }: Asked): Answered => {
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: readonly Json[] };
    if (method === "common.db.login") return (params[1] as Fields).password === login.password && params[0] === login.user ? { json: { id, result: [1, "token"] } } : { status: 401, text: "" };
    if (headers.authorization !== `Session ${Buffer.from(`${login.user}:1:token`).toString("base64")}`) return { status: 401, text: "" };
    try {
      return { json: { id, result: call(method, params.slice(0, -1)) } };
    } catch (error) {
      if (error instanceof UserError) return { json: { id, error: ["UserError", [error.message, "", null]] } };
      throw error;
    }
  };
  const standIn = await openStandIn(answer, ({ body }) => /"method":"model\.[\w.]+\.(?:create|post)"/.test(body));
  return { ...standIn, moves, notes, login };
}

function fail(message: string): never {
  throw new UserError(message);
}

/** A domain: clauses that all hold, or one of them behind "OR". */
function matches(row: Row, domain: readonly Json[]): boolean {
  const [first, ...rest] = domain;
  if (first === "OR") return rest.some((clause) => matches(row, [clause as Json]));
  return domain.every((clause) => {
    const [field, operator, wanted] = clause as readonly Json[];
    if (Array.isArray(field) || field === "OR") return matches(row, clause as readonly Json[]);
    const value = row[String(field)] ?? null;
    const day = wanted !== null && typeof wanted === "object" && "year" in wanted ? `${String(wanted.year)}-${String(wanted.month).padStart(2, "0")}-${String(wanted.day).padStart(2, "0")}` : wanted;
    switch (operator) {
      case "=": return value === day;
      case "!=": return value !== day;
      case "<=": return String(value) <= String(day);
      case ">=": return String(value) >= String(day);
      case "in": return (wanted as readonly Json[]).includes(value);
      case "like": return new RegExp(`^${String(wanted).replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("%", ".*")}$`, "s").test(String(value));
      default: throw new UserError(`no operator ${String(operator)}`);
    }
  });
}
