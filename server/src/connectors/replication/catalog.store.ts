/** All SQL that is asked of the source beside the stream itself. */
import pg from "pg";
import type { StreamShape } from "../connector.ts";
import { kindOf, sizeOf } from "./values.ts";

export type Column = { readonly name: string; readonly typeOid: number; readonly modifier: number; readonly baseOid: number; readonly native: string; readonly isNullable: boolean };
export type Table = {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly identity: "d" | "n" | "f" | "i";
  readonly columns: readonly Column[];
  /** Of the replica identity, or the primary key where that is "full"; in the order of the index. */
  readonly key: readonly string[];
  readonly maySelect: boolean;
  readonly isOwned: boolean;
  readonly isPublished: boolean;
  readonly rowFilter: string | null;
};

export type Server = {
  readonly walLevel: string;
  readonly mayReplicate: boolean;
  readonly user: string;
  readonly database: string;
  readonly slotsFree: boolean;
  /** After so long without a word from us the server ends the connection; 0: never. */
  readonly patienceMs: number;
  readonly mayCreate: boolean;
  readonly publication: { readonly isOwned: boolean; readonly isWhole: boolean; readonly allTables: boolean } | null;
  readonly slot: { readonly plugin: string | null; readonly database: string | null; readonly isActive: boolean; readonly walStatus: string | null; readonly confirmed: string | null } | null;
};

/** Values arrive as PostgreSQL's text, whatever their type: what reads the stream reads them too. */
export function connectControl(config: pg.ClientConfig): pg.Client {
  return new pg.Client({ ...config, types: { getTypeParser: () => (text: string) => text } as pg.CustomTypesConfig });
}

const yes = (text: unknown): boolean => text === "t";

export async function describeServer(client: pg.Client, slot: string, publication: string): Promise<Server> {
  const { rows } = await client.query<Record<string, string | null>>(
    `select current_setting('wal_level') as wal_level, current_user as "user", current_database() as database,
            (select rolsuper or rolreplication or exists (select from pg_roles g where g.rolname in ('rds_replication', 'cloudsqlreplica') and pg_has_role(g.oid, 'member'))
               from pg_roles where rolname = current_user) as may_replicate,
            (select count(*) from pg_replication_slots) < current_setting('max_replication_slots')::int as slots_free,
            (select setting from pg_settings where name = 'wal_sender_timeout') as patience,
            has_database_privilege(current_database(), 'create') as may_create,
            p.oid as publication, pg_has_role(p.pubowner, 'member') as publication_owned, p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate as publication_whole, p.puballtables as all_tables,
            s.slot_name, s.plugin, s.database as slot_database, s.active, to_jsonb(s) ->> 'wal_status' as wal_status, s.confirmed_flush_lsn as confirmed
       from (select) as one
       left join pg_publication p on p.pubname = $2
       left join pg_replication_slots s on s.slot_name = $1`,
    [slot, publication],
  );
  const row = rows[0] as Record<string, string | null>;
  return {
    walLevel: row.wal_level ?? "", mayReplicate: yes(row.may_replicate), user: row.user ?? "", database: row.database ?? "", slotsFree: yes(row.slots_free), patienceMs: Number(row.patience ?? 0), mayCreate: yes(row.may_create),
    publication: row.publication === null ? null : { isOwned: yes(row.publication_owned), isWhole: yes(row.publication_whole), allTables: yes(row.all_tables) },
    slot: row.slot_name === null ? null : { plugin: row.plugin ?? null, database: row.slot_database ?? null, isActive: yes(row.active), walStatus: row.wal_status ?? null, confirmed: row.confirmed ?? null },
  };
}

/** A table as it is now, found by its name or its oid. Columns are those that the publication sends: no dropped and no generated ones, and of a column list only its columns. */
export async function describeTable(client: pg.Client, table: { readonly schema: string; readonly name: string } | { readonly oid: number }, publication: string): Promise<Table | undefined> {
  const [where, values] = "oid" in table ? ["c.oid = $2", [table.oid]] : ["n.nspname = $2 and c.relname = $3", [table.schema, table.name]];
  const { rows } = await client.query<Record<string, string | null>>(
    `select c.oid, n.nspname, c.relname, c.relreplident, has_table_privilege(c.oid, 'select') as may_select, pg_has_role(c.relowner, 'member') as owned,
            pt.tablename is not null as published, to_jsonb(pt) ->> 'rowfilter' as rowfilter,
            (select jsonb_agg(k.attname order by u.place) from pg_index i, unnest(i.indkey) with ordinality u(attnum, place), pg_attribute k
              where i.indrelid = c.oid and case when c.relreplident = 'i' then i.indisreplident else i.indisprimary end
                and u.place <= i.indnkeyatts and k.attrelid = c.oid and k.attnum = u.attnum) as key,
            (with recursive base as (select a.attnum, a.atttypid as oid from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
                union all select b.attnum, t.typbasetype from base b join pg_type t on t.oid = b.oid and t.typtype = 'd')
             select jsonb_agg(jsonb_build_array(a.attname, a.atttypid::bigint, a.atttypmod, b.oid::bigint, format_type(a.atttypid, a.atttypmod), not a.attnotnull) order by a.attnum)
               from pg_attribute a join base b on b.attnum = a.attnum join pg_type t on t.oid = b.oid and t.typtype <> 'd'
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                and coalesce(to_jsonb(pt) -> 'attnames' ? a.attname::text, true)) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       left join pg_publication_tables pt on pt.pubname = $1 and pt.schemaname = n.nspname and pt.tablename = c.relname
      where ${where} and c.relkind = 'r'`,
    [publication, ...values],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const columns = JSON.parse(row.columns ?? "[]") as [string, number, number, number, string, boolean][];
  return {
    oid: Number(row.oid), schema: row.nspname ?? "", name: row.relname ?? "", identity: row.relreplident as Table["identity"], key: JSON.parse(row.key ?? "[]") as string[],
    maySelect: yes(row.may_select), isOwned: yes(row.owned), isPublished: yes(row.published), rowFilter: row.rowfilter ?? null,
    columns: columns.map(([name, typeOid, modifier, baseOid, native, isNullable]) => ({ name, typeOid, modifier, baseOid, native, isNullable })),
  };
}

export function shapeOf(stream: string, table: Table): StreamShape {
  return {
    stream, key: table.key,
    fields: table.columns.map(({ name, baseOid, modifier, native, isNullable }) => ({ field: name, type: kindOf(baseOid).type, native, ...sizeOf(baseOid, modifier), isNullable })),
  };
}

/** Names of types and the types below domains, for columns that are no longer in the catalog as the stream has them. */
export async function describeTypes(client: pg.Client, columns: readonly { readonly typeOid: number; readonly modifier: number }[]): Promise<readonly { readonly native: string; readonly baseOid: number }[]> {
  const { rows } = await client.query<{ native: string; base: string }>(
    `with recursive asked as (select o as oid, m, place from unnest($1::oid[], $2::int[]) with ordinality u(o, m, place)),
            base as (select place, oid from asked union all select b.place, t.typbasetype from base b join pg_type t on t.oid = b.oid and t.typtype = 'd')
     select format_type(a.oid, a.m) as native, b.oid as base
       from asked a join base b on b.place = a.place left join pg_type t on t.oid = b.oid where t.typtype is distinct from 'd' order by a.place`,
    [columns.map(({ typeOid }) => typeOid), columns.map(({ modifier }) => modifier)],
  );
  return rows.map(({ native, base }) => ({ native, baseOid: Number(base) }));
}

export async function createPublication(client: pg.Client, publication: string, tables: readonly Table[]): Promise<void> {
  await client.query(publicationSql(publication, tables, false));
}

export async function extendPublication(client: pg.Client, publication: string, tables: readonly Table[]): Promise<void> {
  await client.query(publicationSql(publication, tables, true));
}

/** Also what a refusal tells the administrator to run. */
export const publicationSql = (publication: string, tables: readonly Pick<Table, "schema" | "name">[], exists: boolean): string =>
  `${exists ? "alter" : "create"} publication ${quoted(publication)} ${exists ? "add" : "for"} table ${tables.map(tableSql).join(", ")};`;

export async function createSlot(client: pg.Client, slot: string): Promise<string> {
  const { rows } = await client.query<{ lsn: string }>("select lsn from pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  return rows[0]?.lsn ?? "";
}

export async function dropSlot(client: pg.Client, slot: string): Promise<void> {
  await client.query("select pg_drop_replication_slot($1)", [slot]);
}

/** Transactions that this snapshot does not see: those that ran, and those that began later. Ids are compared by their last 32 bits, as the stream has them. */
export type Snapshot = { readonly xmin: bigint; readonly xmax: bigint; readonly running: ReadonlySet<number> };

export function snapshotOf(text: string): Snapshot {
  const [xmin = "0", xmax = "0", running = ""] = text.split(":");
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), running: new Set(running.split(",").filter(Boolean).map((xid) => low(BigInt(xid)))) };
}

const low = (xid: bigint): number => Number(xid & 0xffffffffn);

export const isVisible = (xid: number, { xmax, running }: Snapshot): boolean => !running.has(xid) && ((xid - low(xmax)) | 0) < 0;

export async function currentSnapshot(client: pg.Client): Promise<Snapshot> {
  const { rows } = await client.query<{ snapshot: string }>("select txid_current_snapshot()::text as snapshot");
  return snapshotOf(rows[0]?.snapshot ?? "");
}

/** The transaction id that is given out next: all that run now are below it. A snapshot's xmax would not tell; it lies behind what has ended only. */
export async function readNextXid(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ next: string }>("select age('3'::xid)::bigint + 3 as next"); // age counts back from it
  return low(BigInt(rows[0]?.next ?? "0"));
}

/** All transactions below this id have ended. */
export const hasEnded = (next: number, { xmin }: Snapshot): boolean => ((low(xmin) - next) | 0) >= 0;

export type Chunk = { readonly table: Table; readonly rows: readonly (readonly (string | null)[])[]; readonly snapshot: Snapshot; readonly high: string };

/** The next rows in the order of the key. `high`: no transaction that these rows contain was committed behind it. Undefined: the table is gone. */
export async function readChunk(client: pg.Client, oid: number, publication: string, after: readonly string[] | null, limit: number): Promise<Chunk | undefined> {
  await client.query("begin isolation level repeatable read read only");
  try {
    const table = await describeTable(client, { oid }, publication);
    if (table === undefined) return undefined;
    const { rows: now } = await client.query<{ snapshot: string; high: string }>("select txid_current_snapshot()::text as snapshot, pg_current_wal_insert_lsn() as high");
    const key = table.key.map(quoted).join(", ");
    const wheres = [...(after === null ? [] : [`(${key}) > (${after.map((_, i) => `$${i + 1}`).join(", ")})`]), ...(table.rowFilter === null ? [] : [`(${table.rowFilter})`])];
    const { rows } = await client.query<(string | null)[]>({
      text: `select ${table.columns.map(({ name }) => quoted(name)).join(", ")} from ${tableSql(table)}${wheres.length === 0 ? "" : ` where ${wheres.join(" and ")}`} order by ${key} limit ${limit}`,
      values: after === null ? [] : [...after], rowMode: "array",
    });
    return { table, rows, snapshot: snapshotOf(now[0]?.snapshot ?? ""), high: now[0]?.high ?? "" };
  } finally {
    await client.query("rollback");
  }
}

/** Only what is flushed is sent. Behind it may lie what reading itself has written, such as tidied pages, and nothing would flush that for half a second. */
export async function flushLog(client: pg.Client, upTo: string): Promise<void> {
  await client.query("select pg_logical_emit_message(true, 'tieout', '') where pg_current_wal_flush_lsn() < $1::pg_lsn", [upTo]).catch(() => {}); // who may not do this waits
}

/** These fields of the row that has this key now, undefined if there is none. */
export async function readFields(client: pg.Client, table: Table, fields: readonly string[], key: readonly string[]): Promise<readonly (string | null)[] | undefined> {
  const { rows } = await client.query<(string | null)[]>({
    text: `select ${fields.map(quoted).join(", ")} from ${tableSql(table)} where ${table.key.map((name, i) => `${quoted(name)} = $${i + 1}`).join(" and ")}`,
    values: [...key], rowMode: "array",
  });
  return rows[0];
}

/** Bytes of log that may still be written before the server drops the slot, of so many that it keeps in all; null where it keeps everything. */
export async function readSlotRoom(client: pg.Client, slot: string): Promise<{ readonly walStatus: string | null; readonly safeMegabytes: number | null; readonly keptMegabytes: number | null } | undefined> {
  const { rows } = await client.query<{ wal_status: string | null; safe: string | null; kept: string | null }>(
    `select to_jsonb(s) ->> 'wal_status' as wal_status, ((to_jsonb(s) ->> 'safe_wal_size')::numeric / 1048576)::bigint as safe, nullif(current_setting('max_slot_wal_keep_size', true), '-1') as kept
       from pg_replication_slots s where slot_name = $1`,
    [slot],
  );
  const row = rows[0];
  return row && { walStatus: row.wal_status, safeMegabytes: row.safe === null ? null : Number(row.safe), keptMegabytes: row.kept === null ? null : megabytes(row.kept) };
}

const megabytes = (setting: string): number | null => {
  const match = /^(\d+)(MB|GB|TB)$/.exec(setting);
  return match ? Number(match[1]) * ({ MB: 1, GB: 1_024, TB: 1_048_576 }[match[2] as "MB" | "GB" | "TB"]) : null;
};

export type Place = { readonly system: string; readonly timeline: number; readonly flushed: string };

/** Which cluster this is, on which timeline, and where its log ends. Asked over a replication connection, which `config` must make. */
export async function identifySystem(client: pg.Client): Promise<Place> {
  const { rows } = await client.query<{ systemid: string; timeline: string; xlogpos: string }>("IDENTIFY_SYSTEM");
  const row = rows[0] as { systemid: string; timeline: string; xlogpos: string };
  return { system: row.systemid, timeline: Number(row.timeline), flushed: row.xlogpos };
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const tableSql = ({ schema, name }: { readonly schema: string; readonly name: string }): string => `${quoted(schema)}.${quoted(name)}`;
