/**
 * Tryton 6.0 by JSON-RPC: account moves, posted. Our reference begins the description of the move and is searched before anything is
 * made. A move is made by one call and posted by another; one that was made and not posted counts as absent, and sending it again
 * completes it. A write-back becomes a note on the source record, so that no field of the user's is touched.
 */
import { type Static, Type } from "typebox";
import { type CheckFailure, FlowFault, type Json } from "../../connectors/index.ts";
import { parseDecimal } from "../../values/index.ts";
import type { Acknowledgement, Delivery, Outcome, Probe, Standing, Target, VoucherOut } from "../target.ts";

const Config = Type.Object({
  url: Type.String({ pattern: "^https?://", description: "http://host:8000/database/" }),
  user: Type.String({ minLength: 1 }),
  password: Type.String(),
  company: Type.Optional(Type.Integer()),
  /** Code of the journal; needed for vouchers. */
  journal: Type.Optional(Type.String()),
  /** The dimension whose code is that of a Tryton party. */
  partyDimension: Type.Optional(Type.String()),
  /** Kind of a source document → model that it came from, beside the usual ones. */
  models: Type.Optional(Type.Record(Type.String(), Type.String())),
}, { additionalProperties: false });
export type TrytonConfig = Static<typeof Config>;

const usualModels: Readonly<Record<string, string>> = {
  purchaseOrder: "purchase.purchase", salesOrder: "sale.sale", supplierInvoice: "account.invoice", salesInvoice: "account.invoice",
  goodsReceipt: "stock.shipment.in", goodsReturn: "stock.shipment.in.return", shipment: "stock.shipment.out", shipmentReturn: "stock.shipment.out.return", cashReceipt: "account.move", supplierPayment: "account.move",
};

type Row = { readonly id: number; readonly [field: string]: Json };

/** Tryton refused it and has rolled the call back. */
class Refused extends Error {
  override readonly name = "Refused";
}

/** It asked for patience and did nothing. */
class TooMany extends FlowFault {
  constructor(retryAfterMs: number) {
    super("network", { code: "target.rate_limited", facts: { system: "Tryton" } }, { retryAfterMs });
  }
}

export const tryton: Target<TrytonConfig> = {
  name: "tryton", zh: "Tryton", en: "Tryton", config: Config, secrets: ["password"], dedupe: "natural-key", red: "negative",

  async check(config) {
    try {
      const rpc = await logIn(config, 10_000);
      if (config.journal !== undefined && (await rpc.find("account.journal", [["code", "=", config.journal]], ["id"])).length !== 1) {
        return [{ failure: "config", problem: { code: "target.code_missing", facts: { system: "Tryton", kind: "日记账 journal", code: config.journal }, where: "journal" } } satisfies CheckFailure];
      }
      return [];
    } catch (error) {
      const fault = faultOf(error);
      return [{ failure: fault.failure, problem: fault.problem }];
    }
  },

  async open(config, _epoch, ctx) {
    const rpc = await logIn(config, 30_000).catch((error: unknown) => Promise.reject(faultOf(error)));
    const accounts = new Map<string, { readonly id: number; readonly needsParty: boolean }>();
    const parties = new Map<string, number>();
    const periods = new Map<string, number | undefined>();
    const journal = config.journal === undefined ? undefined : (await rpc.find("account.journal", [["code", "=", config.journal]], ["id"]))[0]?.id;

    // Making and posting ---------------------------------------------------------------------------------------------------

    async function deliver(deliveries: readonly Delivery[], timeoutMs: number): Promise<Outcome[]> {
      rpc.setDeadline(timeoutMs);
      try {
        return await deliverBy(deliveries);
      } finally {
        rpc.setDeadline(undefined);
      }
    }

    async function deliverBy(deliveries: readonly Delivery[]): Promise<Outcome[]> {
      const outcomes = new Map<string, Outcome>();
      const drafts: { delivery: Delivery; id: number }[] = [];
      const fresh: { delivery: Delivery; values: Json }[] = [];
      try {
        const standing = await findMoves(deliveries.filter(isVoucher));
        await learn(deliveries.filter(isVoucher).map(({ voucher }) => voucher));
        for (const delivery of deliveries) {
          const { deliveryId } = delivery;
          if (!isVoucher(delivery)) {
            outcomes.set(deliveryId, await writeNote(delivery));
            continue;
          }
          const there = standing.get(delivery.reference) ?? [];
          const posted = there.find(({ state }) => state === "posted");
          const problem = posted ? undefined : problemOf(delivery.voucher);
          if (posted) outcomes.set(deliveryId, { is: "duplicate", deliveryId, acknowledgement: acknowledgementOf(posted) });
          else if (problem) outcomes.set(deliveryId, { is: "rejected", deliveryId, problem: { ...problem, where: delivery.reference } });
          else if (there[0]) drafts.push({ delivery, id: there[0].id });
          else fresh.push({ delivery, values: valuesOf(delivery.reference, delivery.voucher) });
        }
      } catch (error) {
        // Nothing of the vouchers was sent: only searched.
        const { problem, retryAfterMs } = faultOf(error);
        for (const { deliveryId } of deliveries) if (!outcomes.has(deliveryId)) outcomes.set(deliveryId, { is: "notSent", deliveryId, problem, retryAfterMs });
        return [...outcomes.values()];
      }
      for (const made of await make(fresh, outcomes)) drafts.push(made);
      await post(drafts, outcomes);
      return [...outcomes.values()];
    }

    /** One call makes all or none. Where Tryton refuses one, in halves. */
    async function make(fresh: readonly { delivery: Delivery; values: Json }[], outcomes: Map<string, Outcome>): Promise<{ delivery: Delivery; id: number }[]> {
      if (fresh.length === 0) return [];
      try {
        const ids = (await rpc.call("model.account.move.create", [fresh.map(({ values }) => values)])) as readonly number[];
        return fresh.map(({ delivery }, at) => ({ delivery, id: ids[at] as number }));
      } catch (error) {
        if (!(error instanceof Refused)) {
          settleAll(fresh.map(({ delivery }) => delivery), error, outcomes);
          return [];
        }
        const [one] = fresh;
        if (fresh.length === 1 && one) {
          outcomes.set(one.delivery.deliveryId, { is: "rejected", deliveryId: one.delivery.deliveryId, problem: { code: "target.refused", facts: { system: "Tryton", message: error.message } } });
          return [];
        }
        const middle = Math.ceil(fresh.length / 2);
        return [...(await make(fresh.slice(0, middle), outcomes)), ...(await make(fresh.slice(middle), outcomes))];
      }
    }

    async function post(drafts: readonly { delivery: Delivery; id: number }[], outcomes: Map<string, Outcome>): Promise<void> {
      if (drafts.length === 0) return;
      try {
        await rpc.call("model.account.move.post", [drafts.map(({ id }) => id)]);
        const rows = new Map((await rpc.find("account.move", [["id", "in", drafts.map(({ id }) => id)]], moveFields)).map((row) => [row.id, row]));
        for (const { delivery, id } of drafts) {
          const row = rows.get(id);
          if (row) outcomes.set(delivery.deliveryId, { is: "applied", deliveryId: delivery.deliveryId, acknowledgement: acknowledgementOf(row) });
        }
      } catch (error) {
        if (!(error instanceof Refused)) return settleAll(drafts.map(({ delivery }) => delivery), error, outcomes);
        const [one] = drafts;
        if (drafts.length > 1 || !one) {
          const middle = Math.ceil(drafts.length / 2);
          await post(drafts.slice(0, middle), outcomes);
          return post(drafts.slice(middle), outcomes);
        }
        await rpc.call("model.account.move.delete", [[one.id]]).catch(() => {}); // a refused voucher leaves no draft behind; if it does, the next sending finds it
        outcomes.set(one.delivery.deliveryId, { is: "rejected", deliveryId: one.delivery.deliveryId, problem: { code: "target.refused", facts: { system: "Tryton", message: error.message } } });
      }
    }

    function settleAll(deliveries: readonly Delivery[], error: unknown, outcomes: Map<string, Outcome>): void {
      const { problem, retryAfterMs } = faultOf(error);
      for (const { deliveryId } of deliveries) outcomes.set(deliveryId, isUnsent(error) ? { is: "notSent", deliveryId, problem, retryAfterMs } : { is: "unknown", deliveryId, problem });
    }

    // Codes ----------------------------------------------------------------------------------------------------------------

    async function learn(vouchers: readonly VoucherOut[]): Promise<void> {
      const codes = new Set(vouchers.flatMap(({ lines }) => lines.map(({ account }) => account)).filter((code) => !accounts.has(code)));
      if (codes.size > 0) {
        for (const row of await rpc.find("account.account", [["code", "in", [...codes]], ["company", "=", rpc.company], ["type", "!=", null]], ["code", "party_required"])) accounts.set(String(row.code), { id: row.id, needsParty: row.party_required === true });
      }
      const partyCodes = new Set(vouchers.flatMap(({ lines }) => lines.flatMap(({ dimensions }) => dimensions[partyDimension] ?? [])).filter((code) => !parties.has(code)));
      if (partyCodes.size > 0) for (const row of await rpc.find("party.party", [["code", "in", [...partyCodes]]], ["code"])) parties.set(String(row.code), row.id);
      for (const date of new Set(vouchers.map((voucher) => voucher.date))) {
        if (periods.get(date) !== undefined) continue;
        const [row] = await rpc.find("account.period", [["start_date", "<=", dateOf(date)], ["end_date", ">=", dateOf(date)], ["type", "=", "standard"], ["state", "=", "open"], ["company", "=", rpc.company]], ["id"]);
        periods.set(date, row?.id);
      }
    }
    const partyDimension = config.partyDimension ?? "counterparty";

    const missing = (kind: string, code: string) => ({ code: "target.code_missing", facts: { system: "Tryton", kind, code } });
    function problemOf(voucher: VoucherOut): { code: string; facts: Readonly<Record<string, string>> } | undefined {
      if (journal === undefined) return missing("日记账 journal", config.journal ?? "");
      if (periods.get(voucher.date) === undefined) return missing("开放的会计期间 open period", voucher.date);
      for (const { account, dimensions } of voucher.lines) {
        const there = accounts.get(account);
        if (there === undefined) return missing("科目 account", account);
        const party = dimensions[partyDimension];
        if (there.needsParty && (party === undefined || !parties.has(party))) return missing("往来单位 party", party ?? "");
      }
      return undefined;
    }

    function valuesOf(reference: string, voucher: VoucherOut): Json {
      return {
        company: rpc.company, journal: journal as number, period: periods.get(voucher.date) as number, date: dateOf(voucher.date), description: `${reference} ${voucher.summary}`,
        lines: [["create", voucher.lines.map((line): Json => {
          const account = accounts.get(line.account) as { id: number; needsParty: boolean };
          const party = account.needsParty ? parties.get(line.dimensions[partyDimension] ?? "") : undefined;
          return { account: account.id, debit: decimal(line.debit), credit: decimal(line.credit), description: line.summary, ...(party === undefined ? {} : { party }) };
        })]],
      };
    }

    // Searching ------------------------------------------------------------------------------------------------------------

    async function findMoves(deliveries: readonly (Delivery & { readonly purpose: "voucher" })[], fields: readonly string[] = moveFields): Promise<Map<string, Row[]>> {
      const found = new Map<string, Row[]>();
      for (let from = 0; from < deliveries.length; from += 50) {
        const part = deliveries.slice(from, from + 50);
        for (const row of await rpc.find("account.move", [["OR", ...part.map(({ reference }): Json => ["description", "like", `${reference}%`])], ["company", "=", rpc.company]], fields)) {
          const reference = String(row.description).split(" ")[0] ?? "";
          found.set(reference, [...(found.get(reference) ?? []), row]);
        }
      }
      return found;
    }

    async function writeNote(delivery: Delivery & { readonly document: Readonly<Record<string, Json>> }): Promise<Outcome> {
      const { deliveryId, reference, document } = delivery;
      const note = noteOf(delivery, config.models ?? {});
      if (note === undefined) return { is: "rejected", deliveryId, problem: { code: "target.code_missing", facts: { system: "Tryton", kind: "来源记录 source record", code: `${String(document.kind)}/${String(document.sourceId)}` } } };
      const [there] = await rpc.find("ir.note", [["resource", "=", note.resource], ["message", "like", `%${reference}%`]], ["id"]);
      if (there) return { is: "duplicate", deliveryId, acknowledgement: { targetId: String(there.id), targetNumber: note.resource, targetState: "noted", at: ctx.now().toISOString() } };
      try {
        const [id] = (await rpc.call("model.ir.note.create", [[{ resource: note.resource, message: note.message }]])) as readonly number[];
        return { is: "applied", deliveryId, acknowledgement: { targetId: String(id), targetNumber: note.resource, targetState: "noted", at: ctx.now().toISOString() } };
      } catch (error) {
        if (error instanceof Refused) return { is: "rejected", deliveryId, problem: { code: "target.refused", facts: { system: "Tryton", message: error.message } } };
        const { problem, retryAfterMs } = faultOf(error);
        return isUnsent(error) ? { is: "notSent", deliveryId, problem, retryAfterMs } : { is: "unknown", deliveryId, problem };
      }
    }

    async function probe(deliveries: readonly Delivery[]): Promise<Probe[]> {
      const moves = await findMoves(deliveries.filter(isVoucher));
      const probes: Probe[] = [];
      for (const delivery of deliveries) {
        const { deliveryId } = delivery;
        const acknowledgements = isVoucher(delivery) ? (moves.get(delivery.reference) ?? []).filter(({ state }) => state === "posted").map(acknowledgementOf) : await notesOf(delivery);
        const [first] = acknowledgements;
        probes.push(first === undefined ? { is: "absent", deliveryId } : acknowledgements.length > 1 ? { is: "several", deliveryId, acknowledgements } : { is: "found", deliveryId, acknowledgement: first });
      }
      return probes;
    }

    async function notesOf(delivery: Delivery & { readonly document: Readonly<Record<string, Json>> }): Promise<Acknowledgement[]> {
      const note = noteOf(delivery, config.models ?? {});
      if (note === undefined) return [];
      return (await rpc.find("ir.note", [["resource", "=", note.resource], ["message", "like", `%${delivery.reference}%`]], ["id"])).map(({ id }) => ({ targetId: String(id), targetNumber: note.resource, targetState: "noted", at: "" }));
    }

    async function readBack(deliveries: readonly Delivery[]): Promise<Standing[]> {
      const moves = [...(await findMoves(deliveries.filter(isVoucher)))].flatMap(([reference, rows]) => rows.map((row) => ({ reference, row })));
      const lines = Map.groupBy(moves.length === 0 ? [] : await rpc.find("account.move.line", [["move", "in", moves.map(({ row }) => row.id)]], ["move", "account.code", "debit", "credit"]), (line) => line.move as number);
      return moves.map(({ reference, row }): Standing => ({
        reference, acknowledgement: acknowledgementOf(row), isVoid: row.state !== "posted", date: dayOf(row.date),
        lines: (lines.get(row.id) ?? []).map((line) => ({ account: String((line["account."] as { readonly code?: Json } | null)?.code ?? ""), debit: figureOf(line.debit), credit: figureOf(line.credit) })),
      }));
    }

    const asking = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        throw faultOf(error);
      }
    };
    return { deliver, probe: (deliveries) => asking(probe(deliveries)), readBack: (deliveries) => asking(readBack(deliveries)), close: async () => {} };
  },
};

const moveFields = ["number", "post_number", "description", "state", "date", "post_date"];
const isVoucher = (delivery: Delivery): delivery is Delivery & { readonly purpose: "voucher" } => delivery.purpose === "voucher";
const decimal = (text: string): Json => ({ __class__: "Decimal", decimal: text });
const dateOf = (date: string): Json => ({ __class__: "date", year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)), day: Number(date.slice(8, 10)) });
const dayOf = (date: Json | undefined): string => {
  const { year, month, day } = (date ?? {}) as { readonly year?: Json; readonly month?: Json; readonly day?: Json };
  return `${String(year)}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
};
const figureOf = (value: Json | undefined): string => {
  const text = value !== null && typeof value === "object" && "decimal" in value ? String(value.decimal) : String(value ?? "0");
  return parseDecimal(text, 10) === undefined ? "0" : text;
};
const acknowledgementOf = (row: Row): Acknowledgement => ({ targetId: String(row.id), targetNumber: String(row.post_number ?? row.number ?? ""), targetState: String(row.state), at: row.post_date === null || row.post_date === undefined ? "" : dayOf(row.post_date) });

/** The note on the record that a document came from; undefined where the record cannot be told. */
function noteOf(delivery: Delivery & { readonly document: Readonly<Record<string, Json>> }, models: Readonly<Record<string, string>>): { readonly resource: string; readonly message: string } | undefined {
  const { kind, sourceId, voucher, targetNumber, targetState, at } = delivery.document;
  const move = /^move-(\d+)$/.exec(String(sourceId));
  const id = move?.[1] ?? /^(\d+)(?:-\d+)?$/.exec(String(sourceId))?.[1];
  const model = move === null ? (models[String(kind)] ?? usualModels[String(kind)]) : "stock.move";
  if (id === undefined || model === undefined) return undefined;
  return { resource: `${model},${id}`, message: `凭证 ${String(voucher)} → ${String(targetNumber)} (${String(targetState)}) ${String(at)} [${delivery.reference}]` };
}

// JSON-RPC ----------------------------------------------------------------------------------------------------------------

type Rpc = { readonly company: number; call(method: string, params: readonly Json[]): Promise<Json>; find(model: string, domain: Json, fields: readonly string[]): Promise<Row[]>; /** All calls together, from now on, within so long; undefined: each by itself. */ setDeadline(timeoutMs: number | undefined): void };

/** Unlike the reading of a source, nothing is repeated here: what was sent may have been done. */
async function logIn(config: TrytonConfig, timeoutMs: number): Promise<Rpc> {
  const address = config.url.endsWith("/") ? config.url : `${config.url}/`;
  let authorization = "";
  let calls = 0;
  let deadline: { readonly signal: AbortSignal; readonly timeoutMs: number } | undefined;

  async function raw(method: string, params: readonly Json[]): Promise<Json> {
    const within = deadline ?? { signal: AbortSignal.timeout(timeoutMs), timeoutMs };
    const answer = await fetch(address, {
      method: "POST", signal: within.signal, headers: { "content-type": "application/json", ...(authorization === "" ? {} : { authorization }) }, body: JSON.stringify({ id: ++calls, method, params }),
    }).catch((error: unknown) => Promise.reject(error instanceof Error && error.name === "TimeoutError" ? new FlowFault("network", { code: "delivery.timeout", facts: { timeoutMs: within.timeoutMs } }, { cause: error }) : error));
    if (answer.status === 429) throw new TooMany(Number(answer.headers.get("retry-after") ?? "1") * 1_000);
    if (answer.status === 401) throw new FlowFault("auth", { code: "target.login_refused", facts: { system: "Tryton", message: `HTTP 401 ${method}` } });
    if (answer.status === 403) throw new FlowFault("permission", { code: "target.forbidden", facts: { system: "Tryton", message: method } });
    if (answer.status === 404) throw new FlowFault("config", { code: "target.not_found", facts: { system: "Tryton", message: address } });
    if (answer.status !== 200) throw new FlowFault("network", { code: "target.server_error", facts: { system: "Tryton", status: answer.status, message: (await answer.text()).slice(0, 200) } });
    const body = JSON.parse(await answer.text(), (_, value: unknown, context?: { readonly source?: string }) => (typeof value === "number" && context?.source !== undefined && !Number.isSafeInteger(value) ? context.source : value)) as { readonly result?: Json; readonly error?: Json };
    if (body.error !== undefined && body.error !== null) throw new Refused((Array.isArray(body.error) ? body.error.flat(3).filter((part): part is string => typeof part === "string" && part !== "").slice(0, 2).join(": ") : String(body.error)).slice(0, 300));
    return body.result ?? null;
  }

  const session = await raw("common.db.login", [config.user, { password: config.password }, "en"]);
  if (!Array.isArray(session)) throw new FlowFault("auth", { code: "target.login_refused", facts: { system: "Tryton", message: config.user } });
  authorization = `Session ${Buffer.from(`${config.user}:${String(session[0])}:${String(session[1])}`).toString("base64")}`;
  const preferences = (await raw("model.res.user.get_preferences", [true, {}])) as { readonly [name: string]: Json };
  const company = config.company ?? preferences.company;
  if (typeof company !== "number") throw new FlowFault("config", { code: "target.code_missing", facts: { system: "Tryton", kind: "公司 company", code: config.user }, where: "company" });
  const context: Json = { ...preferences, company };
  const call = (method: string, params: readonly Json[]): Promise<Json> => raw(method, [...params, context]);
  return {
    company, call,
    find: async (model, domain, fields) => (await call(`model.${model}.search_read`, [domain, 0, null, [["id", "ASC"]], fields])) as unknown as Row[],
    setDeadline(allMs) {
      deadline = allMs === undefined ? undefined : { signal: AbortSignal.timeout(Math.max(20, allMs - 50)), timeoutMs: allMs };
    },
  };
}

function faultOf(error: unknown): FlowFault {
  if (error instanceof FlowFault) return error;
  if (error instanceof Refused) return new FlowFault("permission", { code: "target.refused", facts: { system: "Tryton", message: error.message } }, { cause: error });
  return new FlowFault("network", { code: "target.broken_off", facts: { system: "Tryton", cause: codeOf(error) } }, { cause: error });
}

const codeOf = (error: unknown): string => (error instanceof Error ? ((error.cause as { readonly code?: string } | undefined)?.code ?? error.message) : String(error));
const isUnsent = (error: unknown): boolean => error instanceof TooMany || ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"].includes(codeOf(error));
