/** SQL of the explanation of one voucher. */
import type { Db } from "../platform/index.ts";
import type { MasterRecord } from "../masterdata/index.ts";
import { lineLeaves, voucherLeaves } from "./verify.store.ts";

export type EventRow = { document_id: bigint; source_version: bigint; event_no: number; event: string; rule: string; rule_version: number; facts: string; body: string };

/** The events of a voucher, in the order in which they were posted. */
export const readEventsOf = (db: Db, bookId: number, voucherId: bigint): Promise<EventRow[]> =>
  db.query(
    `select e.document_id, e.source_version, e.event_no, e.event, e.rule, e.rule_version, e.facts, d.body
       from (select v.* from vouchers.event v where v.book_id = $1 and v.voucher_ids @> array[$2::bigint]
              union all
             select v.* from vouchers.draft f join vouchers.event v on v.book_id = f.book_id and v.document_id = f.document_id and v.source_version = f.source_version and v.event_no = f.event_no
              where f.book_id = $1 and f.voucher_id = $2) e
       join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
      order by e.document_id, e.source_version, e.event_no`, [bookId, voucherId]);

/** The same event of the version before. */
export const readEventBefore = (db: Db, bookId: number, documentId: bigint, version: bigint, event: string): Promise<EventRow | undefined> =>
  db.maybe(
    `select e.document_id, e.source_version, e.event_no, e.event, e.rule, e.rule_version, e.facts, d.body
       from vouchers.event e join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
      where e.book_id = $1 and e.document_id = $2 and e.source_version < $3 and e.event = $4 order by e.source_version desc limit 1`, [bookId, documentId, version, event]);

/** The row of a voucher and those of its lines, byte for byte as they were hashed. */
export async function readLeaf(db: Db, bookId: number, voucherId: bigint): Promise<{ readonly voucher: string; readonly lines: readonly string[] }> {
  const rowsOf = async (select: string): Promise<string[]> => {
    let text = "";
    for await (const chunk of db.copyOut(select)) text += chunk.toString("utf8");
    return text.split("\n").slice(0, -1);
  };
  const [voucher = ""] = await rowsOf(voucherLeaves(bookId, voucherId, voucherId));
  return { voucher: voucher.slice(0, voucher.lastIndexOf("\t")), lines: await rowsOf(lineLeaves(bookId, voucherId, voucherId)) };
}

/** Customers and suppliers of these codes: whether they are another book of the group. */
export async function readParties(db: Db, bookId: number, codes: readonly string[]): Promise<MasterRecord[]> {
  const rows = await db.query<{ kind: MasterRecord["kind"]; code: string; source: string; body: { name: MasterRecord["name"]; fields: Record<string, string> } }>(
    "select kind, code, source, body from masterdata.record where book_id = $1 and kind in ('customer', 'supplier') and code = any($2)", [bookId, codes]);
  return rows.map(({ kind, code, source, body }) => ({ kind, code, source, name: body.name, fields: body.fields, units: {} }));
}
