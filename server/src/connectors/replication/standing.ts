/** The state that a flow keeps: how far the stream and each table's snapshot have come, and which server, slot and shapes that belongs to. */
import { createHash } from "node:crypto";
import type { Problem } from "../../platform/index.ts";
import type { Json } from "../connector.ts";
import { stateRefused } from "../database/state.ts";
import { isObject } from "../json.ts";
import type { Place, Server } from "./catalog.store.ts";
import { lsnOf, lsnText } from "./pgoutput.ts";

export type TableStanding = { readonly oid: number; readonly shape: string; /** The last key read, null before the first; "done" when the snapshot is whole. */ readonly snapshot: "done" | readonly string[] | null };
export type Standing = { readonly slot: string; readonly system: string; readonly timeline: number; readonly lsn: bigint; readonly tables: ReadonlyMap<string, TableStanding> };

export const writtenStanding = ({ slot, system, timeline, lsn, tables }: Standing): Json => ({ v: 1, slot, system, timeline, lsn: lsnText(lsn), tables: Object.fromEntries(tables) });

/** Throws FlowFault: source.state. What cannot be used is never read as "from the beginning". */
export function readStanding(stored: Json): Standing {
  const no = (causeZh: string, causeEn: string): never => {
    throw stateRefused("", causeZh, causeEn);
  };
  if (!isObject(stored) || stored.v !== 1) return no("版本不认识", "its version is not known");
  const lsn = typeof stored.lsn === "string" ? lsnOf(stored.lsn) : undefined;
  const { slot, system, timeline, tables } = stored;
  if (lsn === undefined || typeof slot !== "string" || typeof system !== "string" || typeof timeline !== "number" || !isObject(tables)) return no("内容不完整", "its content is not whole");
  const standings = Object.entries(tables).map(([stream, table]): [string, TableStanding] => {
    if (!isObject(table) || typeof table.oid !== "number" || typeof table.shape !== "string") return no("内容不完整", "its content is not whole");
    const { snapshot } = table;
    if (snapshot !== "done" && snapshot !== null && !isTexts(snapshot)) return no("内容不完整", "its content is not whole");
    return [stream, { oid: table.oid, shape: table.shape, snapshot }];
  });
  return { slot, system, timeline, lsn, tables: new Map(standings) };
}

const isTexts = (value: Json | undefined): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === "string");

/** Why the stored position cannot be gone on from, undefined if it can. A slot that is behind it is sound: it was not told yet, and skips what we have. */
export function problemOf(standing: Standing, slot: string, server: Server, place: Place): Problem | undefined {
  const lsn = lsnText(standing.lsn);
  const unlike = (what: string, found: string | number, wanted: string | number): Problem => ({ code: "replication.slot_unlike", facts: { what, found, wanted } });
  if (standing.slot !== slot) return unlike("slot", slot, standing.slot);
  if (standing.system !== place.system) return unlike("system identifier", place.system, standing.system);
  if (server.slot === null || server.slot.walStatus === "lost") return { code: "replication.slot_lost", facts: { slot, lsn } };
  const confirmed = lsnOf(server.slot.confirmed ?? "") ?? 0n;
  const flushed = lsnOf(place.flushed) ?? 0n;
  if (confirmed > standing.lsn) return { code: "replication.slot_ahead", facts: { slot, at: lsnText(confirmed), lsn } };
  if (flushed < standing.lsn) return { code: "replication.slot_behind", facts: { at: lsnText(flushed), lsn } };
  return standing.timeline === place.timeline ? undefined : unlike("timeline", place.timeline, standing.timeline);
}

/** Tells shapes apart: names, types and key, as both the catalog and the stream know them. */
export const shapeMark = (columns: readonly { readonly name: string; readonly typeOid: number; readonly modifier: number }[], key: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify([columns.map(({ name, typeOid, modifier }) => [name, typeOid, modifier]), [...key].sort()])).digest("base64url").slice(0, 12);
