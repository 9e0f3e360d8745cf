/** What flows are asked about across stages: from a record to its documents, vouchers and deliveries as they stand now. Read only. */
import type { Db, RenderedProblem } from "../../platform/index.ts";

export type Latest = { readonly document: string; readonly version: bigint; readonly state: string; readonly body: string };
/** The newest version of each document. */
export const readLatest = (db: Db, bookId: number, documents: readonly { readonly source: string; readonly kind: string; readonly sourceId: string }[]): Promise<Latest[]> =>
  db.query<Latest>(`select d.source || ':' || d.kind || '/' || d.source_id as document, d.source_version as version, d.state, d.body
      from unnest($2::text[], $3::text[], $4::text[]) as wanted (source, kind, source_id)
     cross join lateral (select * from documents.document where book_id = $1 and source_id = wanted.source_id collate "C" and kind = wanted.kind collate "C" and source = wanted.source collate "C" order by source_version desc limit 1) d`,
    [bookId, documents.map(({ source }) => source), documents.map(({ kind }) => kind), documents.map(({ sourceId }) => sourceId)], { name: "flows_latest" });

/** Rows that are not simply done, by flow and state. */
export const countStates = (db: Db, bookId: number): Promise<{ flow: string; state: string; n: bigint }[]> =>
  db.query("select flow, state, count(*) as n from connectors.inbox where book_id = $1 and state <> 'done' group by flow, state", [bookId]);

/** Of the rows that are done, those of which a document waits or is parked. */
export const countOpenDocuments = (db: Db, bookId: number): Promise<{ flow: string; waiting: bigint; parked: bigint }[]> =>
  db.query(`select flow, count(*) filter (where not is_parked) as waiting, count(*) filter (where is_parked) as parked
      from (select p.flow, p.seq, bool_or(d.state = 'parked') as is_parked
              from documents.document d
              join connectors.produced p on p.book_id = d.book_id and p.document = d.source || ':' || d.kind || '/' || d.source_id and p.version = d.source_version
              join connectors.inbox i on i.book_id = p.book_id and i.flow = p.flow and i.seq = p.seq and i.state = 'done'
             where d.book_id = $1 and d.state in ('waiting', 'parked') group by p.flow, p.seq) rows group by flow`, [bookId]);

export type Pace = { readonly flow: string; readonly oldestAt: string | null; readonly lastMinute: bigint; readonly sinceAt: string | null; readonly sampled: bigint };
/** How old the oldest row is that waits, and how many of the newest thousand landed within a minute. */
export const readPaces = (db: Db, bookId: number, minuteAgo: string): Promise<Pace[]> =>
  db.query<Pace>(`select s.flow, (select landed_at from connectors.inbox where book_id = s.book_id and flow = s.flow and state = 'landed' order by seq limit 1) as "oldestAt",
      newest.n as "lastMinute", newest.since as "sinceAt", newest.sampled
    from connectors.flow_status s
   cross join lateral (select count(*) filter (where landed_at > $2) as n, min(landed_at) as since, count(*) as sampled from (select landed_at from connectors.inbox where book_id = s.book_id and flow = s.flow order by seq desc limit 1000) as last) newest
   where s.book_id = $1`, [bookId, minuteAgo]);

export const countDeadLetters = (db: Db, bookId: number): Promise<{ flow: string; n: bigint }[]> =>
  db.query("select flow, count(*) as n from connectors.dead_letter where book_id = $1 and status = 'open' group by flow", [bookId]);

export type Cause = { readonly flow: string; readonly fingerprint: string; readonly stage: string; readonly code: string; readonly problem: RenderedProblem; readonly letters: bigint; readonly firstAt: string; readonly lastAt: string };
/** Open letters by what they have in common, most first. */
export const findCauses = (db: Db, bookId: number): Promise<Cause[]> =>
  db.query(`select flow, fingerprint, min(stage) as stage, min(code) as code, (array_agg(problems -> 0 order by last_at desc))[1] as problem, count(*) as letters, min(first_at) as "firstAt", max(last_at) as "lastAt"
      from connectors.dead_letter where book_id = $1 and status = 'open' group by flow, fingerprint order by letters desc, flow, fingerprint limit 200`, [bookId]);

// The log ----------------------------------------------------------------------------------------------------------------

export type Place = { readonly flow: string; readonly seq: bigint };
/** Rows that a text names: a record's key, a document's id or reference, or a voucher as 2026-03/记-7. */
export const findPlaces = (db: Db, bookId: number, text: string, voucher: { readonly period: string; readonly series: string; readonly number: number } | null, limit: number): Promise<Place[]> =>
  db.query<Place>(`with wanted as (
      select source || ':' || kind || '/' || source_id as document, source_version as version from documents.document where book_id = $1 and source_id = $2
      union select document, version from connectors.produced where book_id = $1 and document = $2
      union select d.source || ':' || d.kind || '/' || d.source_id, d.source_version
        from vouchers.voucher v join vouchers.event e on e.book_id = v.book_id and e.voucher_ids @> array[v.voucher_id] join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
       where v.book_id = $1 and v.period = $3 and v.series = $4 and v.number = $5)
    select flow, seq from (
      select p.flow, p.seq from connectors.produced p join wanted using (document, version) where p.book_id = $1
      union select f.flow, i.seq from connectors.flow f cross join lateral (select seq from connectors.inbox where book_id = $1 and flow = f.flow and key = $2 order by seq desc limit $6) i where f.book_id = $1) found
    order by flow, seq desc limit $6`, [bookId, text, voucher?.period ?? null, voucher?.series ?? null, voucher?.number ?? null, limit]);

/** When nothing is called exactly that: keys that contain it. */
export const searchPlaces = (db: Db, bookId: number, text: string, limit: number): Promise<Place[]> =>
  db.query<Place>("select flow, seq from connectors.inbox where book_id = $1 and strpos(lower(key), lower($2)) > 0 order by flow, seq desc limit $3", [bookId, text, limit]);

export type Step = {
  readonly flow: string; readonly seq: bigint; readonly stream: string; readonly key: string; readonly op: string; readonly position: string; readonly landedAt: string; readonly happenedAt: string | null; readonly state: string; readonly code: string | null;
  readonly document: string | null; readonly version: bigint | null; readonly documentState: string | null; readonly voucherId: bigint | null; readonly voucher: string | null; readonly postedAt: string | null;
  readonly deliveryFlow: string | null; readonly deliveryState: string | null; readonly targetNumber: string | null; readonly targetId: string | null; readonly deliveredAt: string | null;
};
/** Each transfer from record to acknowledgement: one row for each way that a record went. */
export const readSteps = (db: Db, bookId: number, places: readonly Place[]): Promise<Step[]> =>
  db.query<Step>(`select i.flow, i.seq, i.stream, i.key, i.op, i.position, i.landed_at as "landedAt", i.happened_at as "happenedAt", i.state, l.code, p.document, p.version, d.state as "documentState",
      v.voucher_id as "voucherId", v.period || '/' || v.series || '-' || v.number as voucher, v.posted_at as "postedAt", o.flow as "deliveryFlow", o.state as "deliveryState", o.target_number as "targetNumber", o.target_id as "targetId", o.target_at as "deliveredAt"
    from unnest($2::text[], $3::bigint[]) as wanted (flow, seq)
    join connectors.inbox i on i.book_id = $1 and i.flow = wanted.flow collate "C" and i.seq = wanted.seq
    left join connectors.dead_letter l on l.book_id = i.book_id and l.flow = i.flow and l.seq = i.seq and l.status = 'open'
    left join connectors.produced p on p.book_id = i.book_id and p.flow = i.flow and p.seq = i.seq
    left join documents.document d on d.book_id = i.book_id and d.source = split_part(p.document, ':', 1) collate "C" and d.kind = split_part(substr(p.document, strpos(p.document, ':') + 1), '/', 1) collate "C"
      and d.source_id = substr(p.document, strpos(p.document, '/') + 1) collate "C" and d.source_version = p.version
    left join vouchers.event e on e.book_id = d.book_id and e.document_id = d.document_id and e.source_version = d.source_version
    left join vouchers.voucher v on v.book_id = e.book_id and v.voucher_id = any(e.voucher_ids)
    left join delivery.delivery o on o.book_id = v.book_id and o.voucher_id = v.voucher_id and o.state <> 'replaced'
   order by i.flow, i.seq, p.document, p.version, v.voucher_id, o.delivery_no`, [bookId, places.map(({ flow }) => flow), places.map(({ seq }) => seq)]);
