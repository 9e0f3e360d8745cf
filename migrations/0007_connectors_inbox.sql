-- Why: flows between systems. Every record is written as received, in one transaction with its source's checkpoint; everything
-- after that can be done again from here. Locks: nothing, new tables only.

-- What somebody wants: this flow, in this version, running or not.
create table connectors.flow (
  book_id    integer not null,
  flow       text collate "C" not null,
  direction  text not null check (direction in ('in', 'out')),
  version    integer not null,
  wanted     text not null check (wanted in ('running', 'paused')),
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (book_id, flow)
);

-- Each definition ever applied, with the text of its mapping: a result names the version that made it.
create table connectors.flow_version (
  book_id      integer not null,
  flow         text collate "C" not null,
  version      integer not null,
  definition   jsonb not null,
  yaml         text not null,
  mapping_name text,
  mapping      jsonb,                    -- its text and the tables beside it; null: the source sends the standard form itself
  hash         text not null,            -- of yaml and mapping: applying the same again makes no version
  applied_by   text not null,
  applied_at   timestamptz not null,
  primary key (book_id, flow, version)
);

-- How it goes. One row a flow; `landed_seq` is the number of the newest inbox row, and its lock puts landings in a row.
create table connectors.flow_status (
  book_id       integer not null,
  flow          text collate "C" not null,
  landed_seq    bigint not null default 0,
  -- Of the lease as last taken: what is committed under an older one is refused by this row, so that renewing never waits for it.
  epoch         bigint not null default 0,
  -- Rows up to here were processed, except those that are 'landed' again for a retry, which pull it back.
  processed_seq bigint not null default 0,
  landed_at     timestamptz,
  record_at     timestamptz,             -- when the newest record was made in its source
  phase         text not null default '',
  next_run_at   timestamptz,
  run_asked_at  timestamptz,
  -- Outage: the breaker is open until then. It marks nothing bad.
  failures      integer not null default 0,
  retry_at      timestamptz,
  -- Stopped until somebody changes something; its one message.
  stopped_at    timestamptz,
  problem       jsonb,
  primary key (book_id, flow)
) with (fillfactor = 20);

-- The right to run a flow. Each taker's epoch is higher; a commit under an older one is refused. `presence` is an advisory lock that
-- the holder's connection keeps: when its process dies the database lets go of it at once, and nobody waits for the time to run out.
create table connectors.lease (
  book_id    integer not null,
  flow       text collate "C" not null,
  epoch      bigint not null,
  presence   integer not null,
  expires_at timestamptz not null,
  primary key (book_id, flow)
) with (fillfactor = 50);

-- Where a source stands, by scope: '' for all of it, else a stream.
create table connectors.checkpoint (
  book_id    integer not null,
  flow       text collate "C" not null,
  scope      text collate "C" not null,
  state      jsonb not null,
  epoch      bigint not null,
  seq        bigint not null,
  landed     bigint not null,            -- since the first state; what was read = landed + repeated + bad
  repeated   bigint not null,
  bad        bigint not null,
  at         timestamptz not null,
  primary key (book_id, flow, scope)
) with (fillfactor = 20);

-- Records as received. `seq` has no gaps, so that the newest number is the count, and a missing row shows.
create table connectors.inbox (
  book_id         integer not null,
  flow            text collate "C" not null,
  seq             bigint not null,
  stream          text collate "C" not null,
  key             text collate "C" not null,
  op              text not null check (op in ('r', 'c', 'u', 'd')),
  -- The whole record as JSON; null for a delete and for what could not be decoded. Fields of `unset` were not sent: they are the record before's.
  body            text,
  before          text,
  unset           text[],
  bytes           bytea,
  position        text not null,
  transaction     text,
  hash            bytea not null,
  happened_at     timestamptz,
  landed_at       timestamptz not null,
  -- A row that a replay landed again: of which row.
  replays         bigint,
  -- draft: its source has not said yet that it is complete; never processed, and 'again' when the source sends it again.
  -- landed: to be processed. behind: waits behind a parked row of its key. superseded: parked, and a later row of its key was done.
  state           text not null check (state in ('draft', 'again', 'landed', 'done', 'parked', 'behind', 'ignored', 'superseded')),
  flow_version    integer,
  settled_at      timestamptz,
  primary key (book_id, flow, seq)
);
-- The newest row of a key.
create index inbox_key on connectors.inbox (book_id, flow, stream, key, seq);

-- The newest row of each of these keys. A function for its setting: without sorting there is one way only, one probe of inbox_key a
-- key. While the table is so young that nothing is known of it, the planner would rather sort all rows of the flow.
create function connectors.newest_rows(in_book integer, in_flow text, streams text[], keys text[]) returns table (stream text, key text, seq bigint, hash bytea)
language sql stable set enable_sort = off set enable_bitmapscan = off as $$
  select wanted.stream, wanted.key, i.seq, i.hash
    from unnest(streams, keys) as wanted (stream, key)
   cross join lateral (
     select n.seq, n.hash from connectors.inbox n
      where n.book_id = in_book and n.flow = in_flow collate "C" and n.stream = wanted.stream collate "C" and n.state <> 'again'
        and n.key >= wanted.key collate "C" and (n.key, n.seq) <= (wanted.key collate "C", 9223372036854775807)
      order by n.key desc, n.seq desc limit 1) i
$$;

-- All that is not simply done: the next to process, and the counts (done = newest number less these).
create index inbox_open on connectors.inbox (book_id, flow, state, seq) where state <> 'done';

-- Which document a row became. Written with the row's outcome; the document's own state says how it stands now.
create table connectors.produced (
  book_id  integer not null,
  flow     text collate "C" not null,
  seq      bigint not null,
  document text collate "C" not null,    -- source:kind/sourceId
  version  bigint not null,              -- 0 for a master record
  primary key (book_id, flow, seq, document, version)
);
create index produced_document on connectors.produced (book_id, document, version);

-- What needs a person. The record itself stays in the inbox; the number of its row is the dead letter's.
create table connectors.dead_letter (
  book_id      integer not null,
  flow         text collate "C" not null,
  seq          bigint not null,
  stream       text collate "C" not null,
  key          text collate "C" not null,
  stage        text not null check (stage in ('decode', 'validate', 'map', 'deliver')),
  code         text not null,
  problems     jsonb not null,
  fingerprint  text not null,            -- the same for the same fault in the same place: for acting on many at once
  flow_version integer not null,
  first_at     timestamptz not null,
  last_at      timestamptz not null,
  attempts     integer not null,
  status       text not null check (status in ('open', 'fixed', 'retried', 'ignored', 'superseded')),
  actor        text,
  reason       text,
  patch        jsonb,                    -- RFC 6902; applied to the record when it is processed, the record stays as it is
  primary key (book_id, flow, seq),
  check (status <> 'ignored' or reason <> '')
);
create index dead_letter_open on connectors.dead_letter (book_id, flow, stream, key, seq) where status = 'open';

-- Ids of calls that must not count twice, such as a webhook's delivery id.
create table connectors.received_once (
  book_id integer not null,
  flow    text collate "C" not null,
  id      text collate "C" not null,
  at      timestamptz not null,
  primary key (book_id, flow, id)
);
create index received_once_at on connectors.received_once (book_id, flow, at);

-- The structure of a stream as last accepted, and one that waits for somebody's decision: until then the stream stands still.
create table connectors.stream_shape (
  book_id     integer not null,
  flow        text collate "C" not null,
  stream      text collate "C" not null,
  shape       jsonb not null,
  accepted_at timestamptz not null,
  accepted_by text not null,
  pending     jsonb,
  changes     jsonb,
  primary key (book_id, flow, stream)
);

-- Passwords and keys, sealed with AES-256-GCM by a key that is not in the database.
create table connectors.secret (
  book_id integer not null,
  name    text collate "C" not null,
  sealed  bytea not null,
  set_by  text not null,
  set_at  timestamptz not null,
  primary key (book_id, name)
);

-- A version never changes, and a record as received is never rewritten or removed: only how it stands may be noted.
revoke update, delete, truncate on connectors.flow_version, connectors.produced from tieout_app;
revoke update, delete, truncate on connectors.inbox from tieout_app;
grant update (state, flow_version, settled_at) on connectors.inbox to tieout_app;
revoke delete, truncate on connectors.dead_letter, connectors.checkpoint from tieout_app;
