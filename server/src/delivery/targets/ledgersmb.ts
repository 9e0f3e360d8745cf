/**
 * LedgerSMB by SQL: gl and acc_trans, approved in the same transaction, so that a voucher stands approved and once, or not at
 * all. LedgerSMB itself accepts a reference twice. Where our login may make tables, our ledger decides; where it may not,
 * deliveries of a flow are put in a row by a lock and the reference decides.
 */
import { type Static, Type } from "typebox";
import { type CheckFailure, FlowFault } from "../../connectors/index.ts";
import { formatMoney, parseMoney } from "../../values/index.ts";
import type { Acknowledgement, Delivery, Outcome, Probe, Standing, Target, VoucherOut } from "../target.ts";
import { within } from "../within.ts";
import { asFault, type Engine, type EngineDb, kindOfError, openEngine } from "./database-engine.ts";
import { deliverInTransaction, type Entry, ledgerTables, probeOf, raiseFence, readLedger, repeatedOf, standBehindFence, writeLedger } from "./ledger.ts";

const Config = Type.Object({
  url: Type.String({ pattern: "^postgres(ql)?://", description: "postgres://user@host:5432/company" }),
  password: Type.Optional(Type.String()),
  /** Makes accounts that are missing there: the first digits of a code → A, L, Q, I or E. Without it such vouchers are refused. */
  createAccounts: Type.Optional(Type.Record(Type.String({ pattern: "^\\d{1,6}$" }), Type.Union([Type.Literal("A"), Type.Literal("L"), Type.Literal("Q"), Type.Literal("I"), Type.Literal("E")]))),
}, { additionalProperties: false });
export type LedgersmbConfig = Static<typeof Config>;

const prefix = "tieout.";

export const ledgersmb: Target<LedgersmbConfig> = {
  name: "ledgersmb", zh: "LedgerSMB", en: "LedgerSMB", config: Config, secrets: ["password"], dedupe: "transactional", red: "negative",

  async check(config) {
    try {
      const engine = await openEngine(config, 10_000);
      try {
        const [row] = await engine.transaction((db) => db.query(
          `select to_regclass('gl') is not null and to_regclass('acc_trans') is not null and to_regproc('draft_approve') is not null as is_lsmb,
                  coalesce(has_table_privilege('gl', 'insert') and has_table_privilege('acc_trans', 'insert'), false) as may`));
        if (row?.is_lsmb !== "true") throw new FlowFault("config", { code: "ledgersmb.not_ledgersmb", facts: {}, where: "url" });
        if (row.may !== "true") throw new FlowFault("permission", { code: "ledgersmb.may_not_post", facts: {}, where: "url" });
        return [];
      } finally {
        await engine.close();
      }
    } catch (error) {
      const fault = asFault(error, config.url);
      return [{ failure: fault.failure, problem: fault.problem } satisfies CheckFailure];
    }
  },

  async open(config, epoch, ctx) {
    const flow = ctx.flow ?? "";
    const engine = await openEngine(config, 30_000);
    let hasLedger: boolean;
    try {
      hasLedger = await ensureLedger(engine);
      if (hasLedger) await engine.transaction((db) => raiseFence(db, prefix, flow, epoch));
    } catch (error) {
      await engine.close();
      throw asFault(error, config.url);
    }
    const accounts = new Map<string, string>();

    /** Alone among the writers of this flow until the transaction ends. */
    const alone = async (db: EngineDb): Promise<void> => {
      if (hasLedger) await standBehindFence(db, prefix, flow, epoch);
      else await db.query("select pg_advisory_xact_lock(hashtext('tieout'), hashtext(?))", [flow]);
    };

    async function write(db: EngineDb, deliveries: readonly Delivery[]): Promise<Outcome[]> {
      await alone(db);
      const known = hasLedger ? await readLedger(db, prefix, deliveries) : entriesOf(deliveries, await findByReference(db, deliveries));
      const outcomes = new Map<string, Outcome>();
      const fresh: { delivery: Delivery; voucher: VoucherOut }[] = [];
      await learnAccounts(db, accounts, deliveries, config.createAccounts);
      for (const delivery of deliveries) {
        const { deliveryId, reference } = delivery;
        const entry = known.get(deliveryId);
        const missing = delivery.purpose === "voucher" ? delivery.voucher.lines.find(({ account }) => !accounts.has(account)) : undefined;
        if (entry !== undefined) outcomes.set(deliveryId, repeatedOf(delivery, entry));
        else if (delivery.purpose !== "voucher") outcomes.set(deliveryId, { is: "rejected", deliveryId, problem: { code: "target.only_vouchers", facts: { system: "LedgerSMB" } } });
        else if (missing !== undefined) outcomes.set(deliveryId, { is: "rejected", deliveryId, problem: { code: "target.code_missing", facts: { system: "LedgerSMB", kind: "科目 account", code: missing.account }, where: reference } });
        else fresh.push({ delivery, voucher: delivery.voucher });
      }
      if (fresh.length > 0) {
        const ids = await insertVouchers(db, accounts, fresh);
        const at = ctx.now().toISOString();
        if (hasLedger) await writeLedger(db, prefix, epoch, await db.transactionId(), at, fresh.map(({ delivery }) => ({ delivery, targetId: ids.get(delivery.reference) ?? "" })));
        for (const { delivery } of fresh) outcomes.set(delivery.deliveryId, { is: "applied", deliveryId: delivery.deliveryId, acknowledgement: { targetId: ids.get(delivery.reference) ?? "", targetNumber: delivery.reference, targetState: "approved", at } });
      }
      return [...outcomes.values()];
    }

    const asking = async <T>(work: (db: EngineDb) => Promise<T>): Promise<T> => {
      try {
        return await engine.transaction(work);
      } catch (error) {
        throw asFault(error, config.url);
      }
    };
    return {
      deliver: (deliveries, timeoutMs) => within(timeoutMs, deliverInTransaction(engine, config.url, deliveries, write)),
      probe: (deliveries) => asking(async (db) => {
        await alone(db);
        if (hasLedger) {
          const known = await readLedger(db, prefix, deliveries);
          return deliveries.map((delivery) => probeOf(delivery, known.get(delivery.deliveryId)));
        }
        const found = await findByReference(db, deliveries);
        return deliveries.map(({ deliveryId, reference }): Probe => {
          const acknowledgements = found.get(reference) ?? [];
          const [first] = acknowledgements;
          return first === undefined ? { is: "absent", deliveryId } : acknowledgements.length > 1 ? { is: "several", deliveryId, acknowledgements } : { is: "found", deliveryId, acknowledgement: first };
        });
      }),
      readBack: (deliveries) => asking((db) => readStanding(db, deliveries)),
      close: () => engine.close(),
    };
  },
};

/** True when our tables stand in the company's database; they are made there if our login may. */
async function ensureLedger(engine: Engine): Promise<boolean> {
  const [row] = await engine.transaction((db) => db.query("select to_regclass('tieout.tieout_ledger') is not null as has, has_database_privilege(current_database(), 'create') as may"));
  if (row?.has === "true") return true;
  if (row?.may !== "true") return false;
  try {
    await engine.transaction(async (db) => {
      await db.query("create schema if not exists tieout");
      for (const statement of ledgerTables("postgres", prefix)) await db.query(statement);
    });
    return true;
  } catch (error) {
    if (kindOfError(error) === "permission") return false;
    throw error;
  }
}

/** Ids of the accounts that these vouchers need, and accounts that the flow lets us make. */
async function learnAccounts(db: EngineDb, accounts: Map<string, string>, deliveries: readonly Delivery[], create: LedgersmbConfig["createAccounts"]): Promise<void> {
  const wanted = new Map<string, string>();
  for (const delivery of deliveries) if (delivery.purpose === "voucher") for (const { account, accountName } of delivery.voucher.lines) if (!accounts.has(account)) wanted.set(account, accountName);
  if (wanted.size === 0) return;
  const learn = async (): Promise<void> => {
    for (const row of await db.query("select id, accno from account where not obsolete and accno = any(string_to_array(?, ','))", [[...wanted.keys()].join(",")])) accounts.set(row.accno ?? "", row.id ?? "");
  };
  await learn();
  const categories = Object.entries(create ?? {}).sort(([a], [b]) => b.length - a.length);
  const missing = [...wanted].flatMap(([account, name]): [string, string, string][] => {
    const category = accounts.has(account) ? undefined : categories.find(([digits]) => account.startsWith(digits))?.[1];
    return category === undefined ? [] : [[account, name, category]];
  });
  for (const [account, name, category] of missing) {
    await db.query("insert into account (accno, description, category, heading, is_temp) select ?, ?, ?, (select id from account_heading order by accno limit 1), ?::bool where not exists (select from account where accno = ?)",
      [account, name === "" ? account : name, category, String(category === "I" || category === "E"), account]);
  }
  if (missing.length > 0) await learn();
}

/** Two statements and the approvals, whatever their number. A debit is negative there. */
async function insertVouchers(db: EngineDb, accounts: ReadonlyMap<string, string>, fresh: readonly { delivery: Delivery; voucher: VoucherOut }[]): Promise<ReadonlyMap<string, string>> {
  const heads = fresh.map(({ delivery, voucher }) => ({ reference: delivery.reference, description: voucher.summary, date: voucher.date, notes: [`${voucher.period}/${voucher.number}`, ...voucher.sources].join(" · ") }));
  const made = await db.query(
    `insert into gl (reference, description, transdate, notes, approved) select reference, description, date, notes, false from json_to_recordset(?::json) as v (reference text, description text, date date, notes text) returning id, reference`, [JSON.stringify(heads)]);
  const ids = new Map(made.map((row) => [row.reference ?? "", row.id ?? ""]));
  const lines = fresh.flatMap(({ delivery, voucher }) => voucher.lines.map((line) => ({ trans: ids.get(delivery.reference), chart: accounts.get(line.account), amount: signed(line.credit, line.debit, voucher.currency), date: voucher.date, memo: line.summary })));
  await db.query("insert into acc_trans (trans_id, chart_id, amount, transdate, memo) select trans, chart, amount, date, memo from json_to_recordset(?::json) as l (trans int, chart int, amount numeric, date date, memo text)", [JSON.stringify(lines)]);
  const approved = await db.query("select draft_approve(id::int) as ok from json_array_elements_text(?::json) as id", [JSON.stringify([...ids.values()])]);
  if (approved.some(({ ok }) => ok !== "true")) throw new FlowFault("permission", { code: "ledgersmb.may_not_post", facts: {} });
  return ids;
}

const signed = (plus: string, minus: string, currency: string): string => formatMoney((parseMoney(plus, currency) ?? 0n) - (parseMoney(minus, currency) ?? 0n), currency);

const acknowledgementOf = (row: Readonly<Record<string, string | null>>): Acknowledgement =>
  ({ targetId: row.id ?? "", targetNumber: row.reference ?? "", targetState: row.approved === "true" ? "approved" : "draft", at: row.at ?? "" });

async function findByReference(db: EngineDb, deliveries: readonly Delivery[]): Promise<Map<string, Acknowledgement[]>> {
  const rows = await db.query(
    `select g.id, g.reference, g.approved, to_char(t.approved_at, 'YYYY-MM-DD"T"HH24:MI:SS') as at from gl g join transactions t on t.id = g.id where g.reference in (select json_array_elements_text(?::json)) order by g.id`, [JSON.stringify(deliveries.map(({ reference }) => reference))]);
  const found = new Map<string, Acknowledgement[]>();
  for (const row of rows) found.set(row.reference ?? "", [...(found.get(row.reference ?? "") ?? []), acknowledgementOf(row)]);
  return found;
}

/** Without a ledger there is no hash to compare: the read-back that follows compares date and lines. */
const entriesOf = (deliveries: readonly Delivery[], found: ReadonlyMap<string, readonly Acknowledgement[]>): Map<string, Entry> =>
  new Map(deliveries.flatMap(({ deliveryId, reference, payloadHash }) => {
    const [acknowledgement] = found.get(reference) ?? [];
    return acknowledgement === undefined ? [] : [[deliveryId, { deliveryId, hash: payloadHash, acknowledgement }] as const];
  }));

async function readStanding(db: EngineDb, deliveries: readonly Delivery[]): Promise<Standing[]> {
  const rows = await db.query(
    `select g.id, g.reference, g.approved, g.transdate::text as date, to_char(t.approved_at, 'YYYY-MM-DD"T"HH24:MI:SS') as at,
            (select json_agg(json_build_array(c.accno, l.amount::text)) from acc_trans l join account c on c.id = l.chart_id where l.trans_id = g.id)::text as lines
       from gl g join transactions t on t.id = g.id where g.reference in (select json_array_elements_text(?::json)) order by g.id`, [JSON.stringify(deliveries.map(({ reference }) => reference))]);
  return rows.map((row): Standing => ({
    reference: row.reference ?? "", acknowledgement: acknowledgementOf(row), isVoid: row.approved !== "true", date: row.date ?? "",
    lines: (JSON.parse(row.lines ?? "[]") as [string, string][]).map(([account, amount]) => ({ account, debit: "0", credit: amount })),
  }));
}
