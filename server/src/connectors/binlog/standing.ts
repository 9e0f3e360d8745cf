/** The state that a flow keeps: how far the log and each table's snapshot have come, and what family of server that belongs to. */
import { createHash } from "node:crypto";
import type { Json } from "../connector.ts";
import { stateRefused } from "../database/state.ts";
import { isObject } from "../json.ts";
import type { Place, Table } from "./server.store.ts";

export type Flavour = "mariadb" | "mysql";
export type TableStanding = { readonly shape: string; /** The last key read, null before the first; "done" when the snapshot is whole. */ readonly snapshot: "done" | readonly string[] | null };
/** `place.gtid` is what is gone on from; file and offset only tell how far along this server's log that is. */
export type Standing = { readonly flavour: Flavour; readonly place: Place; readonly tables: ReadonlyMap<string, TableStanding> };

export const writtenStanding = ({ flavour, place, tables }: Standing): Json => ({ v: 1, flavour, gtid: place.gtid, file: place.file, offset: place.offset, tables: Object.fromEntries(tables) });

const gtids: Readonly<Record<Flavour, RegExp>> = {
  mariadb: /^$|^\d+-\d+-\d+(,\d+-\d+-\d+)*$/,
  mysql: /^$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:[\w-]+)+(,[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:[\w-]+)+)*$/i,
};

/** Throws FlowFault: source.state. What cannot be used is never read as "from the beginning". */
export function readStanding(stored: Json): Standing {
  const no = (causeZh: string, causeEn: string): never => {
    throw stateRefused("", causeZh, causeEn);
  };
  if (!isObject(stored) || stored.v !== 1) return no("版本不认识", "its version is not known");
  const { flavour, gtid, file, offset, tables } = stored;
  if ((flavour !== "mariadb" && flavour !== "mysql") || typeof gtid !== "string" || !gtids[flavour].test(gtid) || typeof file !== "string" || typeof offset !== "number" || !isObject(tables)) return no("内容不完整", "its content is not whole");
  const standings = Object.entries(tables).map(([stream, table]): [string, TableStanding] => {
    if (!isObject(table) || typeof table.shape !== "string") return no("内容不完整", "its content is not whole");
    const { snapshot, shape } = table;
    if (snapshot !== "done" && snapshot !== null && !isTexts(snapshot)) return no("内容不完整", "its content is not whole");
    return [stream, { shape, snapshot }];
  });
  return { flavour, place: { gtid, file, offset }, tables: new Map(standings) };
}

const isTexts = (value: Json | undefined): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === "string");

/** Tells shapes apart: names, types and key, as both the catalog and the log know them. */
export const shapeMark = ({ columns, key }: Pick<Table, "columns" | "key">): string => createHash("sha256").update(JSON.stringify([columns.map(({ name, type }) => [name, type]), key])).digest("base64url").slice(0, 12);

/** Whether the first place is as far along this server's log as the second. Files are numbered. */
export function hasReached(place: Place, goal: Place): boolean {
  const number = ({ file }: Place): number => Number(file.slice(file.lastIndexOf(".") + 1));
  return number(place) > number(goal) || (number(place) === number(goal) && place.offset >= goal.offset);
}
