/**
 * Odoo: journal entries (account.move). Each call is a transaction of its own, so creating and posting are two: a draft that was left
 * behind between them is found by `ref` and posted, never made again. `ref` is not unique there, so it is searched before repeating.
 * JSON-RPC up to version 18, JSON-2 from version 19.
 */
import { Type, type Static } from "typebox";
import { failuresOf, at, type ConnectorCtx, figure, FlowFault, type Json, textAt } from "../../connectors/index.ts";
import { elapsedMs } from "../../platform/index.ts";
import type { Acknowledgement, Delivery, Probe, Standing, Target, TargetSession, VoucherOut } from "../target.ts";
import { below, callOnce, excerptOf, faultOf, jsonOf, statusVerdict } from "./http.ts";
import { inTurn, rejected, Unfit, type Verdict, voucherOf } from "./outcome.ts";
import { portions } from "./kingdee-cloud.ts";
import { probeOf } from "./reply.ts";
import { isZero } from "./template.ts";

export const OdooTargetConfig = Type.Object({
  url: Type.String(),
  database: Type.String(),
  protocol: Type.Optional(Type.Union([Type.Literal("jsonrpc"), Type.Literal("json2")])),
  /** The log-in, for JSON-RPC. */
  user: Type.Optional(Type.String()),
  /** An API key, or for JSON-RPC a password. */
  apiKey: Type.String(),
  /** Our 凭证字 → code of the journal; "*" is for all others. */
  journals: Type.Record(Type.String(), Type.String()),
  /** The dimensions, as the flow names them, whose code is the partner's `ref`. */
  partners: Type.Optional(Type.Array(Type.String())),
  /** False leaves entries as drafts for somebody to post. */
  post: Type.Optional(Type.Boolean()),
  company: Type.Optional(Type.Integer()),
}, { additionalProperties: false });
export type OdooTargetConfig = Static<typeof OdooTargetConfig>;

export const odooTarget: Target<OdooTargetConfig> = {
  name: "odoo", zh: "Odoo", en: "Odoo", config: OdooTargetConfig, secrets: ["apiKey"],
  dedupe: "natural-key", red: "swappedSides",
  check: (config, ctx) => failuresOf(() => clientOf(config, ctx).read("account.move", [["ref", "=", "TO-CHECK"]], ["id"])),
  open: async (config, _epoch, ctx) => sessionOf(config, ctx),
};

const system = "Odoo";
const readMs = 60_000;
/** Raised before anything is committed: Odoo rolls the transaction of the call back. */
const isBusiness = (name: string): boolean => /UserError|ValidationError|AccessError|MissingError|RedirectWarning|IntegrityError|ValueError|KeyError|TypeError|NotNullViolation|CheckViolation|UniqueViolation/.test(name);

type Called = { readonly is: "value"; readonly value: Json } | Verdict;

function clientOf(config: OdooTargetConfig, ctx: ConnectorCtx) {
  const isJson2 = config.protocol === "json2";
  let uid: number | undefined;
  let calls = 0;

  async function rpc(service: string, method: string, args: readonly unknown[], timeoutMs: number): Promise<Called> {
    const body = JSON.stringify({ jsonrpc: "2.0", method: "call", id: ++calls, params: { service, method, args } });
    const reached = await callOnce(system, { url: below(config.url, "/jsonrpc"), headers: { "content-type": "application/json" }, body }, timeoutMs);
    if (reached.is !== "answer") return reached;
    const verdict = statusVerdict(system, reached.answer, ctx);
    if (verdict) return verdict;
    const reply = jsonOf(reached.answer.text);
    if (at(reply, "error") !== undefined) return errorVerdict(textAt(reply, "error.data.name") ?? "", textAt(reply, "error.data.message") ?? textAt(reply, "error.message") ?? "");
    const value = at(reply, "result");
    return value === undefined && textAt(reply, "jsonrpc") !== "2.0" ? { is: "unknown", problem: { code: "target.reply", facts: { system, why: excerptOf(reached.answer).slice(0, 80) } } } : { is: "value", value: value ?? null };
  }

  async function json2(model: string, method: string, named: object, timeoutMs: number): Promise<Called> {
    const headers = { "content-type": "application/json", authorization: `bearer ${config.apiKey}`, "x-odoo-database": config.database };
    const reached = await callOnce(system, { url: below(config.url, `/json/2/${model}/${method}`), headers, body: JSON.stringify(named) }, timeoutMs);
    if (reached.is !== "answer") return reached;
    const { answer } = reached;
    const reply = jsonOf(answer.text);
    const name = textAt(reply, "name");
    if (answer.status > 299 && answer.status !== 401 && answer.status !== 429 && name !== undefined && isBusiness(name)) return errorVerdict(name, textAt(reply, "message") ?? "");
    const verdict = statusVerdict(system, answer, ctx, (one) => textAt(jsonOf(one.text), "message") ?? excerptOf(one));
    if (verdict) return verdict;
    return reply === undefined ? { is: "unknown", problem: { code: "target.reply", facts: { system, why: excerptOf(answer).slice(0, 80) } } } : { is: "value", value: reply };
  }

  /** Positional for JSON-RPC, named for JSON-2: the two ways to call one method. */
  async function call(model: string, method: string, positional: readonly unknown[], named: Readonly<Record<string, unknown>>, options: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<Called> {
    const context = config.company === undefined ? {} : { context: { allowed_company_ids: [config.company] } };
    if (isJson2) return json2(model, method, { ...named, ...options, ...context }, timeoutMs);
    if (uid === undefined) {
      const logged = await rpc("common", "login", [config.database, config.user ?? "", config.apiKey], timeoutMs);
      // A log-in that is lost on the way wrote nothing.
      if (logged.is === "unknown") return { is: "notSent", stops: true, problem: { code: "target.unreachable", facts: { system, cause: logged.problem.code } } };
      if (logged.is === "value" && typeof logged.value === "number") uid = logged.value;
      else return logged.is === "value" || logged.is === "rejected" ? { is: "notSent", stops: true, problem: { code: "target.login_refused", facts: { system, message: config.user ?? "" } } } : logged;
    }
    return rpc("object", "execute_kw", [config.database, uid, config.apiKey, model, method, positional, { ...options, ...context }], timeoutMs);
  }

  return {
    call,
    /** Throws FlowFault. */
    async read(model: string, domain: readonly Json[], fields: readonly string[]): Promise<readonly Json[]> {
      const called = await call(model, "search_read", [domain], { domain }, { fields, order: "id asc" }, readMs);
      if (called.is === "value" && Array.isArray(called.value)) return called.value as readonly Json[];
      throw faultOf(called.is === "value" || called.is === "applied" || called.is === "duplicate" ? { code: "target.reply", facts: { system, why: model } } : called.problem, called.is === "notSent" ? called.retryAfterMs : undefined);
    },
  };
}

function errorVerdict(name: string, message: string): Verdict {
  if (/AccessDenied|SessionExpired/.test(name)) return { is: "notSent", stops: true, problem: { code: "target.login_refused", facts: { system, message: message.slice(0, 200) } } };
  // SerializationFailure and the like come after Odoo's own repetitions have been used up; the transaction was rolled back.
  if (isBusiness(name) || name === "") return rejected("target.refused", { system, message: message.trim().slice(0, 300) });
  return { is: "unknown", problem: { code: "target.server_error", facts: { system, status: 200, message: `${name}: ${message}`.slice(0, 300) } } };
}

type Move = { readonly id: number; readonly ref: string; readonly name: string; readonly state: string; readonly date: string };

async function sessionOf(config: OdooTargetConfig, ctx: ConnectorCtx): Promise<TargetSession> {
  const client = clientOf(config, ctx);
  const ids = new Map<string, number>();

  async function idsOf(model: string, field: string, codes: Iterable<string>): Promise<void> {
    const missing = [...new Set(codes)].filter((code) => !ids.has(`${model}|${code}`));
    if (missing.length === 0) return;
    for (const row of await client.read(model, [[field, "in", missing]], ["id", field])) ids.set(`${model}|${textAt(row, field) ?? ""}`, Number(textAt(row, "id")));
  }
  const idOf = (model: string, kind: string, code: string, where?: string): number => {
    const id = ids.get(`${model}|${code}`);
    if (id === undefined) throw new Unfit("target.code_missing", { system, kind, code }, where);
    return id;
  };
  const journalOf = (voucher: VoucherOut): string => {
    const code = config.journals[voucher.series] ?? config.journals["*"];
    if (code === undefined) throw new Unfit("target.setting_missing", { kind: "journals", code: voucher.series, system });
    return code;
  };
  const partnerOf = (line: VoucherOut["lines"][number]): string | undefined => (config.partners ?? ["customer", "supplier", "partner", "counterparty"]).map((kind) => line.dimensions[kind]).find((code) => code !== undefined);

  async function valuesOf(voucher: VoucherOut, reference: string): Promise<object> {
    await idsOf("account.account", "code", voucher.lines.map(({ account }) => account));
    await idsOf("account.journal", "code", [journalOf(voucher)]);
    await idsOf("res.partner", "ref", voucher.lines.flatMap((line) => partnerOf(line) ?? []));
    await idsOf("res.currency", "name", voucher.lines.map(({ currency }) => currency).filter((code) => code !== voucher.currency));
    const zero = (text: string): unknown => figure(isZero(text) ? "0.0" : text);
    return {
      move_type: "entry", date: voucher.date, ref: reference, journal_id: idOf("account.journal", "journal", journalOf(voucher)),
      line_ids: voucher.lines.map((line, index) => {
        const partner = partnerOf(line);
        const isForeign = line.currency !== voucher.currency;
        const original = line.amountOriginal.replace(/^-/, "");
        return [0, 0, {
          account_id: idOf("account.account", "account", line.account, `lines[${index}]`),
          ...(partner === undefined ? {} : { partner_id: idOf("res.partner", "partner", partner, `lines[${index}]`) }),
          name: line.summary, debit: zero(line.debit), credit: zero(line.credit),
          ...(isForeign ? { currency_id: idOf("res.currency", "currency", line.currency, `lines[${index}]`), amount_currency: figure(isZero(line.debit) ? `-${original}` : original) } : {}),
        }];
      }),
    };
  }

  const moves = async (domain: readonly Json[]): Promise<Move[]> =>
    (await client.read("account.move", [["move_type", "=", "entry"], ...domain], ["id", "ref", "name", "state", "date"])).map((row) => ({ id: Number(textAt(row, "id")), ref: textAt(row, "ref") ?? "", name: textAt(row, "name") ?? "", state: textAt(row, "state") ?? "", date: textAt(row, "date") ?? "" }));
  const acknowledge = ({ id, name, state }: Pick<Move, "id" | "name" | "state">): Acknowledgement => ({ targetId: String(id), targetNumber: name === "/" || name === "false" ? "" : name, targetState: state, at: ctx.now().toISOString() });

  /** Posts a draft. One that Odoo refuses to post is taken away again, so that a refusal leaves nothing. */
  async function post(id: number, timeoutMs: number): Promise<Verdict> {
    const until = elapsedMs() + timeoutMs;
    const posted = await client.call("account.move", "action_post", [[id]], { ids: [id] }, {}, timeoutMs);
    if (posted.is === "value") {
      const [move] = await moves([["id", "=", id]]).catch(() => []);
      return { is: "applied", acknowledgement: acknowledge(move ?? { id, name: "", state: "posted" }) };
    }
    if (posted.is !== "rejected") return { is: "unknown", problem: posted.is === "applied" || posted.is === "duplicate" ? { code: "target.reply", facts: { system, why: "action_post" } } : posted.problem };
    const removed = await client.call("account.move", "unlink", [[id]], { ids: [id] }, {}, Math.max(1, until - elapsedMs()));
    return removed.is === "value" ? posted : { is: "unknown", problem: posted.problem };
  }

  async function createOne(delivery: Delivery, leftMs: number): Promise<Verdict> {
    const until = elapsedMs() + leftMs;
    const voucher = voucherOf(delivery);
    if (voucher === undefined) return rejected("target.only_vouchers", { system });
    let values: object;
    try {
      values = await valuesOf(voucher, delivery.reference);
    } catch (error) {
      if (error instanceof Unfit) return { is: "rejected", problem: error.problem };
      if (!(error instanceof FlowFault)) throw error;
      return { is: "notSent", stops: true, problem: error.problem, retryAfterMs: error.retryAfterMs }; // only read so far
    }
    const created = await client.call("account.move", "create", [[values]], { vals_list: [values] }, {}, until - elapsedMs());
    if (created.is !== "value") return created;
    const id = Number(Array.isArray(created.value) ? (created.value as readonly Json[])[0] : created.value);
    if (!Number.isSafeInteger(id)) return { is: "unknown", problem: { code: "target.reply", facts: { system, why: "create" } } };
    return config.post === false ? { is: "applied", acknowledgement: acknowledge({ id, name: "", state: "draft" }) } : post(id, Math.max(1, until - elapsedMs()));
  }

  return {
    deliver: (deliveries, timeoutMs) => inTurn(system, deliveries, timeoutMs, createOne),
    async probe(deliveries) {
      const probes: Probe[] = [];
      for (const part of portions(deliveries, 100)) {
        const found = Map.groupBy(await moves([["ref", "in", part.map(({ reference }) => reference)]]), ({ ref }) => ref);
        for (const { deliveryId, reference } of part) {
          const here = found.get(reference) ?? [];
          const [only] = here;
          if (here.length === 1 && only?.state === "draft" && config.post !== false) {
            // Created, and the way broke before it was posted: finished now, instead of made again.
            const verdict = await post(only.id, readMs);
            if (verdict.is === "applied") probes.push({ is: "found", deliveryId, acknowledgement: verdict.acknowledgement });
            // Refused and taken away again: sending anew gets the same refusal, with its reason.
            else if (verdict.is === "rejected") probes.push({ is: "absent", deliveryId });
            else throw faultOf(verdict.is === "duplicate" ? { code: "target.reply", facts: { system, why: "action_post" } } : verdict.problem);
          } else probes.push(probeOf(deliveryId, here.map(acknowledge)));
        }
      }
      return probes;
    },
    async readBack(deliveries) {
      const standing: Standing[] = [];
      for (const part of portions(deliveries, 100)) {
        const here = await moves([["ref", "in", part.map(({ reference }) => reference)]]);
        if (here.length === 0) continue;
        const rows = await client.read("account.move.line", [["move_id", "in", here.map(({ id }) => id)]], ["move_id", "account_id", "debit", "credit"]);
        const accounts = new Map((await client.read("account.account", [["id", "in", [...new Set(rows.map((row) => Number(textAt(row, "account_id.0"))))]]], ["id", "code"])).map((row) => [textAt(row, "id") ?? "", textAt(row, "code") ?? ""]));
        const lines = Map.groupBy(rows, (row) => textAt(row, "move_id.0") ?? "");
        for (const move of here) standing.push({
          reference: move.ref, acknowledgement: acknowledge(move), isVoid: move.state === "cancel", date: move.date,
          lines: (lines.get(String(move.id)) ?? []).map((row) => ({ account: accounts.get(textAt(row, "account_id.0") ?? "") ?? "", debit: textAt(row, "debit") ?? "0", credit: textAt(row, "credit") ?? "0" })),
        });
      }
      return standing;
    },
    close: async () => {},
  };
}
