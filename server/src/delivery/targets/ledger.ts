/**
 * Our own two tables in a target's database. The ledger holds every delivery that was committed there, in the transaction that
 * wrote its rows: what it names has happened, once, and nothing else has. The fence holds the epoch of the one who may write.
 */
import { FlowFault } from "../../connectors/index.ts";
import type { Acknowledgement, Delivery, Outcome, Probe } from "../target.ts";
import { asFault, CommitUnclear, detailOf, type Engine, type EngineDb, kindOfError } from "./database-engine.ts";

export const ledgerTables = (dialect: "postgres" | "mysql" | "sqlite", prefix: string): string[] => {
  const text = dialect === "mysql" ? "varchar(191) character set utf8mb4 collate utf8mb4_bin" : "text";
  return [
    `create table if not exists ${prefix}tieout_ledger (delivery_id ${text} not null primary key, reference ${text} not null, hash ${text} not null, target_id ${text} not null, epoch bigint not null, txid ${text} not null, delivered_at ${text} not null)`,
    `create table if not exists ${prefix}tieout_fence (flow ${text} not null primary key, epoch bigint not null)`,
  ];
};

/** The new worker's epoch goes up; a worker with a lower one finds its next commit refused. */
export async function raiseFence(db: EngineDb, prefix: string, flow: string, epoch: bigint): Promise<void> {
  const [row] = await db.query(`select epoch from ${prefix}tieout_fence where flow = ?${db.forUpdate}`, [flow]);
  if (row === undefined) await db.insert(`${prefix}tieout_fence`, ["flow", "epoch"], [[flow, epoch]]);
  else if (BigInt(row.epoch ?? "0") > epoch) throw fenced(epoch, row.epoch ?? "");
  else await db.query(`update ${prefix}tieout_fence set epoch = ? where flow = ?`, [epoch, flow]);
}

/** Locks the fence until the transaction ends, so that the deliveries of a flow are committed one after another. */
export async function standBehindFence(db: EngineDb, prefix: string, flow: string, epoch: bigint): Promise<void> {
  const [row] = await db.query(`select epoch from ${prefix}tieout_fence where flow = ?${db.forUpdate}`, [flow]);
  if (BigInt(row?.epoch ?? "0") !== epoch) throw fenced(epoch, row?.epoch ?? "");
}

const fenced = (epoch: bigint, newer: string): FlowFault => new FlowFault("network", { code: "delivery.fenced", facts: { epoch: String(epoch), newer } });

export type Entry = { readonly deliveryId: string; readonly hash: string; readonly acknowledgement: Acknowledgement };

export async function readLedger(db: EngineDb, prefix: string, deliveries: readonly Delivery[]): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for (let from = 0; from < deliveries.length; from += 1_000) {
    const part = deliveries.slice(from, from + 1_000);
    const rows = await db.query(`select delivery_id, reference, hash, target_id, delivered_at from ${prefix}tieout_ledger where delivery_id in (${part.map(() => "?").join(", ")})`, part.map(({ deliveryId }) => deliveryId));
    for (const row of rows) {
      const deliveryId = row.delivery_id ?? "";
      entries.set(deliveryId, { deliveryId, hash: row.hash ?? "", acknowledgement: { targetId: row.target_id ?? "", targetNumber: row.reference ?? "", targetState: "posted", at: row.delivered_at ?? "" } });
    }
  }
  return entries;
}

export const writeLedger = (db: EngineDb, prefix: string, epoch: bigint, txid: string, at: string, rows: readonly { delivery: Delivery; targetId: string }[]): Promise<void> =>
  db.insert(`${prefix}tieout_ledger`, ["delivery_id", "reference", "hash", "target_id", "epoch", "txid", "delivered_at"],
    rows.map(({ delivery, targetId }) => [delivery.deliveryId, delivery.reference, delivery.payloadHash, targetId, epoch, txid, at]));

export const probeOf = (delivery: Delivery, entry: Entry | undefined): Probe =>
  entry === undefined ? { is: "absent", deliveryId: delivery.deliveryId } : { is: "found", deliveryId: delivery.deliveryId, acknowledgement: entry.acknowledgement, hash: entry.hash };

/** What stands in the ledger already: the same content is done, other content under one key is never written. */
export const repeatedOf = (delivery: Delivery, entry: Entry): Outcome =>
  entry.hash === delivery.payloadHash ? { is: "duplicate", deliveryId: delivery.deliveryId, acknowledgement: entry.acknowledgement }
    : { is: "rejected", deliveryId: delivery.deliveryId, problem: { code: "delivery.key_conflict", facts: { reference: delivery.reference } } };

/** All of them in one transaction; where the data of one is refused, in halves, until that one is found. */
export async function deliverInTransaction(engine: Engine, url: string, deliveries: readonly Delivery[], write: (db: EngineDb, deliveries: readonly Delivery[]) => Promise<Outcome[]>): Promise<Outcome[]> {
  try {
    return await engine.transaction((db) => write(db, deliveries));
  } catch (error) {
    if (error instanceof CommitUnclear) return deliveries.map(({ deliveryId }) => ({ is: "unknown", deliveryId, problem: { code: "database.commit_unclear", facts: { detail: detailOf(error.cause) } } }));
    if (!(error instanceof FlowFault) && kindOfError(error) === "data") {
      const [one] = deliveries;
      if (deliveries.length === 1 && one !== undefined) return [{ is: "rejected", deliveryId: one.deliveryId, problem: { code: "database.refused", facts: { reference: one.reference, detail: detailOf(error) } } }];
      const middle = Math.ceil(deliveries.length / 2);
      return [...(await deliverInTransaction(engine, url, deliveries.slice(0, middle), write)), ...(await deliverInTransaction(engine, url, deliveries.slice(middle), write))];
    }
    const fault = asFault(error, url);
    if (fault.failure !== "network") throw fault;
    return deliveries.map(({ deliveryId }) => ({ is: "notSent", deliveryId, problem: fault.problem })); // rolled back, or never begun
  }
}
