import type { Db, Statement } from "../platform/index.ts";
import type { MasterKind } from "../documents/index.ts";
import type { MasterRecord } from "./master.ts";

type Row = { kind: string; code: string; source: string; body: { name: MasterRecord["name"]; fields: Record<string, string>; units: Record<string, string> } };

/** All master data of a book. */
export async function readMasters(db: Db, bookId: number): Promise<MasterRecord[]> {
  const rows = await db.query<Row>("select kind, code, source, body from masterdata.record where book_id = $1 order by kind, code, source", [bookId]);
  return rows.map((row) => ({ kind: row.kind as MasterKind, code: row.code, source: row.source, name: row.body.name, fields: row.body.fields,
    units: Object.fromEntries(Object.entries(row.body.units).map(([unit, quantity]) => [unit, BigInt(quantity)])) }));
}

/** Adds or replaces records; a replaced one counts a version up. */
export function saveMasters(bookId: number, records: readonly MasterRecord[], at: string): Statement {
  const body = (record: MasterRecord): string => JSON.stringify({ name: record.name, fields: record.fields, units: record.units }, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  return { text: `
    insert into masterdata.record as r (book_id, kind, code, source, body, changed_at)
    select $1, k, c, s, b::jsonb, $6 from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as new (k, c, s, b)
    on conflict (book_id, kind, code, source) do update set body = excluded.body, version = r.version + 1, changed_at = excluded.changed_at`,
    values: [bookId, records.map((r) => r.kind), records.map((r) => r.code), records.map((r) => r.source), records.map(body), at] };
}
