-- Why: what was handed to which finance system, and what became of it. The blocks of vouchers are the outbox: a flow's position
-- moves over them in the transaction that writes one row a voucher here, so that none is missed and none comes twice.
-- Locks: nothing, new tables only.
create schema delivery;

-- One row a flow: how far it has read, who works on it (the epoch grows with each new worker), how fast it may go.
create table delivery.outbox (
  book_id      integer not null,
  flow         text collate "C" not null,
  block_no     bigint not null default 0,   -- every voucher up to this block has its row, or was left out by the flow's filter
  enqueued     bigint not null default 0,
  left_out     bigint not null default 0,
  epoch        bigint not null default 0,
  holder       text not null default '',
  held_until   timestamptz,
  at_once      integer not null default 0,  -- how many deliveries go in one call at the moment; 0: as many as the flow says
  failures     integer not null default 0,  -- in a row
  paused_until timestamptz,
  fault        jsonb,                       -- why it stands still
  swept_to     bigint not null default 0,
  swept_at     timestamptz,
  primary key (book_id, flow)
);

create table delivery.delivery (
  book_id       integer not null,
  delivery_no   bigint generated always as identity,
  flow          text collate "C" not null,
  delivery_id   text collate "C" not null,  -- what makes it the same on every retry
  reference     text collate "C" not null,  -- the same for people
  purpose       text not null check (purpose in ('voucher', 'document', 'writeback')),
  subject       text collate "C" not null,  -- 2026-03/记-12, or a document
  version       integer not null default 1, -- grows when a person has it delivered anew
  period        text collate "C" not null default '',
  voucher_id    bigint,
  reversal_of   bigint,
  body          jsonb,                      -- of documents and write-backs; vouchers stand in their own tables
  payload_hash  text collate "C" not null default '',
  cut           jsonb,                      -- what the target's limits cut off
  state         text not null check (state in ('pending', 'sending', 'sent', 'confirmed', 'rejected', 'unknown', 'held', 'drifted', 'voided', 'ignored', 'replaced')),
  is_ambiguous  boolean not null default false, -- sent again under the same key without knowing: must carry the same content
  attempt       integer not null default 0,
  epoch         bigint not null default 0,
  started_at    timestamptz,
  problem       jsonb,
  target_id     text,
  target_number text,
  target_state  text,
  target_at     text,
  made_at       timestamptz not null,
  state_at      timestamptz not null,
  primary key (book_id, delivery_no)
) with (fillfactor = 50);
create unique index delivery_id on delivery.delivery (book_id, delivery_id);
create unique index delivery_reference on delivery.delivery (book_id, flow, reference);
create index delivery_voucher on delivery.delivery (book_id, voucher_id) where voucher_id is not null;
create index delivery_open on delivery.delivery (book_id, flow, delivery_no) where state not in ('confirmed', 'ignored', 'replaced');

-- Every call, search and decision of a person, with what came of it. Append only.
create table delivery.attempt (
  book_id     integer not null,
  delivery_no bigint not null,
  entry_no    bigint generated always as identity,
  act         text not null check (act in ('send', 'probe', 'readBack', 'decide')),
  attempt     integer not null,
  epoch       bigint not null,
  started_at  timestamptz not null,
  ended_at    timestamptz not null,
  outcome     text not null,
  problem     jsonb,
  target_id   text,
  by_whom     text not null default '',
  reason      text not null default '',
  primary key (book_id, delivery_no, entry_no)
);

-- Where the target no longer holds what was delivered. The same finding is told once; closing it is a person's act.
create table delivery.drift (
  book_id     integer not null,
  drift_no    bigint generated always as identity,
  delivery_no bigint not null,
  kind        text not null check (kind in ('missing', 'voided', 'changed', 'several')),
  fingerprint text not null,
  ours        jsonb not null,
  theirs      jsonb not null,
  found_at    timestamptz not null,
  resolved_at timestamptz,
  resolved_by text,
  reason      text,
  primary key (book_id, drift_no)
);
create unique index drift_once on delivery.drift (book_id, delivery_no, fingerprint);
create index drift_open on delivery.drift (book_id, drift_no) where resolved_at is null;

create function delivery.never_changes() returns trigger language plpgsql as $$
begin
  raise exception '% of %.% is refused: the log of deliveries never changes', tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger attempt_never_changes before update or delete on delivery.attempt for each row execute function delivery.never_changes();

grant usage on schema delivery to tieout_app;
grant select, insert, update on delivery.outbox, delivery.delivery, delivery.drift to tieout_app;
grant select, insert on delivery.attempt to tieout_app;
