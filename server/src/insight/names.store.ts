/** SQL of names: what codes in figures are called. */
import type { Db } from "../platform/index.ts";

export type NameRow = { readonly kind: string; readonly code: string; readonly zh: string; readonly en: string };

export const findNames = (db: Db, bookId: number, kinds: readonly string[], codes: readonly string[]): Promise<NameRow[]> =>
  db.query(`select distinct on (r.kind, r.code) r.kind, r.code, coalesce(body -> 'name' ->> 'zh', r.code) as zh, coalesce(body -> 'name' ->> 'en', r.code) as en
              from masterdata.record r where book_id = $1 and kind = any($2) and code = any($3) order by r.kind, r.code, changed_at desc, source`, [bookId, kinds, codes]);

export const findAccountNames = (db: Db, bookId: number, codes: readonly string[]): Promise<{ readonly code: string; readonly zh: string; readonly en: string }[]> =>
  db.query("select code, zh, en from books.account where book_id = $1 and code = any($2)", [bookId, codes]);

export type DocumentRow = { readonly documentId: bigint; readonly source: string; readonly kind: string; readonly sourceId: string; readonly party: string; readonly date: string };
export const findDocuments = (db: Db, bookId: number, ids: readonly string[]): Promise<DocumentRow[]> =>
  db.query(`select distinct on (document_id) document_id as "documentId", source, kind, source_id as "sourceId", party, date from documents.document
             where book_id = $1 and document_id = any($2::bigint[]) order by document_id, source_version desc`, [bookId, ids]);

export const findVouchers = (db: Db, bookId: number, ids: readonly string[]): Promise<{ readonly voucherId: bigint; readonly period: string; readonly series: string; readonly number: number }[]> =>
  db.query(`select voucher_id as "voucherId", period, series, number from vouchers.voucher where book_id = $1 and voucher_id = any($2::bigint[])`, [bookId, ids]);

/** What else a bank account's record says: its number and its currency. */
export const findBankAccounts = (db: Db, bookId: number): Promise<{ readonly code: string; readonly number: string; readonly currency: string }[]> =>
  db.query(`select distinct on (code) code, coalesce(body -> 'fields' ->> 'number', '') as number, coalesce(body -> 'fields' ->> 'currency', '') as currency
              from masterdata.record where book_id = $1 and kind = 'bankAccount' order by code, changed_at desc, source`, [bookId]);
