/** SQL of publishing. How far a target has been told stands with its subscription, as the moment and the record of the last change. */
import type { Db } from "../platform/index.ts";
import type { GoldenBody } from "./survivorship.ts";

export type SubscriptionRow = { target: string; domain: string; wants: "golden" | "mapping"; toldUntil: string; by: string; at: string };
export const findSubscriptions = (db: Db, bookId: number) => db.query<SubscriptionRow>(`select target, domain, wants, coalesce(definition ->> 'toldUntil', '') as "toldUntil", by, at from masterdata.subscription where book_id = $1 order by target, domain, wants`, [bookId]);
export const addSubscription = (db: Db, bookId: number, target: string, domain: string, wants: string, by: string, at: string) =>
  db.query("insert into masterdata.subscription (book_id, target, domain, wants, by, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing", [bookId, target, domain, wants, by, at]);
export const dropSubscription = (db: Db, bookId: number, target: string, domain: string, wants: string) => db.query("delete from masterdata.subscription where book_id = $1 and target = $2 and domain = $3 and wants = $4 returning target", [bookId, target, domain, wants]);
export const setToldUntil = (db: Db, bookId: number, target: string, domain: string, wants: string, told: string) =>
  db.query("update masterdata.subscription set definition = jsonb_set(definition, '{toldUntil}', to_jsonb($5::text)) where book_id = $1 and target = $2 and domain = $3 and wants = $4", [bookId, target, domain, wants, told]);

export type ChangedRow = { goldenId: bigint; domain: string; code: string; state: string; redirectTo: bigint | null; body: GoldenBody; changedText: string };
/** Golden records of a domain in order of their last change. One that waits for somebody to agree, or that nobody agreed to, is left out: agreeing changes it. */
export const findChangedSince = (db: Db, bookId: number, domain: string, told: string, limit: number) => {
  const [at = "", id = "0"] = told === "" ? ["-infinity", "0"] : told.split("|");
  return db.query<ChangedRow>(
    `select golden_id as "goldenId", domain, code, state, redirect_to as "redirectTo", body, changed_at::text as "changedText" from masterdata.golden where book_id = $1 and domain = $2 and (changed_at, golden_id) > ($3::timestamptz, $4::bigint)
        and coalesce((select bool_or(q.state = 'approved') from masterdata.request q where q.book_id = $1 and q.act = 'introduce' and q.domain = $2 and q.body ->> 'golden' = 'G' || lpad(golden_id::text, greatest(6, length(golden_id::text)), '0')), true) order by changed_at, golden_id limit $5`, [bookId, domain, at, id, limit]);
};
export const addPublication = (db: Db, bookId: number, one: { readonly target: string; readonly domain: string; readonly goldenId: bigint; readonly wants: string; readonly body: unknown; readonly hash: string }, at: string) =>
  db.query("insert into masterdata.publication (book_id, target, domain, golden_id, wants, hash, body, made_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing", [bookId, one.target, one.domain, one.goldenId, one.wants, one.hash, JSON.stringify(one.body), at]);
/** The last version that a target was told, and the hash of the one before, which the hash of the last is made with. */
export const findLastPublication = (db: Db, bookId: number, target: string, domain: string, goldenId: bigint, wants: string) =>
  db.maybe<{ hash: string; before: string }>(
    `select hash, coalesce(lead(hash) over (order by publication_no desc), '') as before from masterdata.publication where book_id = $1 and target = $2 and domain = $3 and golden_id = $4 and wants = $5 order by publication_no desc limit 1`, [bookId, target, domain, goldenId, wants]);
export const findPending = (db: Db, bookId: number, limit: number) =>
  db.query<{ publicationNo: bigint; target: string; domain: string; goldenId: bigint; wants: string; version: bigint; body: Record<string, unknown> }>(
    `select p.publication_no as "publicationNo", p.target, p.domain, p.golden_id as "goldenId", p.wants, p.body, (select count(*) from masterdata.publication e where e.book_id = $1 and e.target = p.target and e.domain = p.domain and e.golden_id = p.golden_id and e.wants = p.wants and e.publication_no <= p.publication_no) as version
       from masterdata.publication p where p.book_id = $1 and p.state = 'pending' order by p.publication_no limit $2`, [bookId, limit]);
export const markPublished = (db: Db, bookId: number, no: bigint, state: string, answer: string, at: string) => db.query("update masterdata.publication set state = $3, answer = $4, sent_at = $5, attempts = attempts + 1 where book_id = $1 and publication_no = $2", [bookId, no, state, answer, at]);
export const findPublications = (db: Db, bookId: number, limit: number) =>
  db.query<{ publicationNo: bigint; target: string; domain: string; goldenId: bigint; wants: string; state: string; madeAt: string; sentAt: string | null; answer: string; body: unknown }>(
    `select publication_no as "publicationNo", target, domain, golden_id as "goldenId", wants, state, made_at as "madeAt", sent_at as "sentAt", answer, body from masterdata.publication where book_id = $1 order by publication_no desc limit $2`, [bookId, limit]);
