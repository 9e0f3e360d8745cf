/** SQL of replaying and trying rules: it reads, nothing else. */
import type { Db } from "../platform/index.ts";
import type { MasterRecord } from "../masterdata/index.ts";

/** How many events a replay will look at. The period is the document's; those few whose voucher went to another one do not matter for progress. */
export const countWantedEvents = (db: Db, bookId: number, from: string, to: string, events: readonly string[] | null) =>
  db.one<{ events: bigint }>(
    `select count(*) as events from vouchers.event e
       join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
      where e.book_id = $1 and d.state in ('posted', 'exempt') and d.period between $2 and $3 and ($4::text[] is null or e.event = any($4))`, [bookId, from, to, events]);

export type EventRow = { version: bigint; eventNo: number; event: string; rule: string; ruleVersion: number; facts: string; body: string; period: string; date: string; vouchers: string[] };

/** What the version of a document that counts caused, with what the rules were given. */
export const findEventsOfDocument = (db: Db, bookId: number, documentId: bigint) =>
  db.query<EventRow>(
    `select e.source_version as version, e.event_no as "eventNo", e.event, e.rule, e.rule_version as "ruleVersion", e.facts, d.body, coalesce(v.period, d.period) as period, coalesce(v.date, d.date) as date,
            array(select o.period || '/' || o.series || '-' || o.number from vouchers.voucher o where o.book_id = e.book_id and o.voucher_id = any(e.voucher_ids) order by o.voucher_id) as vouchers
       from vouchers.event e
       join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
       left join vouchers.voucher v on v.book_id = e.book_id and v.voucher_id = e.voucher_ids[1]
      where e.book_id = $1 and e.document_id = $2
        and e.source_version = (select max(l.source_version) from vouchers.event l where l.book_id = $1 and l.document_id = $2)
      order by e.event_no`, [bookId, documentId]);

/** Customers and suppliers that are another book of the group in any source, with what the other sources say of them. */
export async function findRelatedParties(db: Db, bookId: number): Promise<MasterRecord[]> {
  const rows = await db.query<{ kind: MasterRecord["kind"]; code: string; source: string; body: { name: MasterRecord["name"]; fields: Record<string, string> } }>(
    `select kind, code, source, body from masterdata.record r
      where book_id = $1 and kind in ('customer', 'supplier')
        and exists (select from masterdata.record o where o.book_id = $1 and o.kind = r.kind and o.code = r.code and o.body -> 'fields' ? 'relatedBook')`, [bookId]);
  return rows.map(({ kind, code, source, body }) => ({ kind, code, source, name: body.name, fields: body.fields, units: {} }));
}

/** The newest block: a replay that was done at it needs no doing again. */
export const findHead = (db: Db, bookId: number) => db.one<{ blockNo: bigint }>(`select block_no as "blockNo" from vouchers.head where book_id = $1`, [bookId]);
