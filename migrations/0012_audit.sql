-- 留痕: who did what to what, when, from where, with which outcome, each entry chained to the one before. New tables only, locks nothing.
create schema audit;

-- The last link. Whoever appends locks this row, so that numbers have no gap and the chain no fork.
create table audit.head (
  only_row boolean primary key default true check (only_row),
  entry_no bigint not null,
  hash     bytea not null check (length(hash) = 32)
);
insert into audit.head (entry_no, hash) values (0, decode(repeat('00', 32), 'hex'));

create table audit.entry (
  entry_no    bigint primary key check (entry_no > 0),
  at          timestamptz not null,          -- when the act began
  actor_kind  text not null check (actor_kind in ('user', 'key', 'cli', 'system', 'flow')),
  actor       text collate "C" not null,
  actor_name  text not null,
  address     text not null,                 -- of the network, or the machine of a command
  session     text,                          -- the part of a session or key that may be shown
  act         text collate "C" not null check (act ~ '^[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+$'),
  object_kind text,
  object_id   text,
  book        text collate "C",              -- null: beyond a book
  before      jsonb,
  after       jsonb,
  reason      text not null,
  outcome     text not null check (outcome in ('done', 'refused', 'failed', 'unknown')),
  code        text,                          -- why it was refused, or the number of the fault
  request     text not null,                 -- method and path, or the command; secrets are masked
  previous    bytea not null check (length(previous) = 32),
  hash        bytea not null unique check (length(hash) = 32)
);

-- What is about to happen. It becomes an entry when it has happened, and one of unknown outcome when its process died before.
create table audit.intent (
  intent_no  bigint generated always as identity primary key,
  process_no integer not null,
  at         timestamptz not null,
  entry      jsonb not null
);
create index intent_process on audit.intent (process_no);

-- Processes that write intents. Each holds the advisory lock of its number as long as it lives.
create sequence audit.process as integer;

-- Search finds any part of a text, in Chinese too, where words have no spaces between them: every two characters that stand together are a key.
create function audit.pairs(words text) returns text[] language sql immutable strict parallel safe as $$
  select coalesce(array_agg(distinct one || next), '{}')
    from (select one, lead(one) over (order by place) as next from unnest(string_to_array(lower(words), null)) with ordinality as letter (one, place)) as letters
   where next is not null
$$;
create function audit.words(act text, kind text, id text, actor text, name text, reason text, code text, before jsonb, after jsonb) returns text language sql immutable parallel safe as $$
  select lower(act || ' ' || coalesce(kind, '') || ' ' || coalesce(id, '') || ' ' || actor || ' ' || name || ' ' || reason || ' ' || coalesce(code, '') || ' ' || coalesce(before::text, '') || ' ' || coalesce(after::text, ''))
$$;
create index entry_words on audit.entry using gin (audit.pairs(audit.words(act, object_kind, object_id, actor, actor_name, reason, code, before, after)));
create index entry_actor on audit.entry (actor, entry_no);
create index entry_act on audit.entry (act, entry_no);
create index entry_object on audit.entry (object_kind, object_id, entry_no);
create index entry_book on audit.entry (book, entry_no);
create index entry_at on audit.entry (at);

-- Entries never change and never vanish. Rights are revoked below; this is the second wall.
create function audit.never_changes() returns trigger language plpgsql as $$
begin
  raise exception '% of %.% is refused: the audit trail never changes', tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger never_changes before update or delete on audit.entry for each row execute function audit.never_changes();
create trigger never_emptied before truncate on audit.entry for each statement execute function audit.never_changes();
create trigger never_goes before delete on audit.head for each row execute function audit.never_changes();
create trigger never_emptied before truncate on audit.head for each statement execute function audit.never_changes();

-- Whoever writes an entry continues the chain; the head moves only onto an entry that is there.
create function audit.entries_must_follow_on() returns trigger language plpgsql as $$
declare head audit.head;
begin
  select * into head from audit.head for update;
  if exists (
    select from (select entry_no, previous, lag(entry_no, 1, head.entry_no) over chain as no_before, lag(hash, 1, head.hash) over chain as hash_before from added window chain as (order by entry_no)) as link
     where entry_no <> no_before + 1 or previous <> hash_before
  ) then
    raise exception 'audit entries do not follow on entry %', head.entry_no using errcode = 'check_violation', constraint = 'entry_follows_on';
  end if;
  update audit.head set entry_no = last.entry_no, hash = last.hash from (select entry_no, hash from added order by entry_no desc limit 1) as last;
  return null;
end $$;
create trigger entry_follows_on after insert on audit.entry referencing new table as added for each statement execute function audit.entries_must_follow_on();

create function audit.head_must_be_an_entry() returns trigger language plpgsql as $$
begin
  if new.entry_no <= old.entry_no or not exists (select from audit.entry where entry_no = new.entry_no and hash = new.hash) then
    raise exception 'the head of the audit trail moves only onto a later entry' using errcode = 'check_violation', constraint = 'head_is_an_entry';
  end if;
  return new;
end $$;
create trigger head_is_an_entry before update on audit.head for each row execute function audit.head_must_be_an_entry();

revoke update, delete, truncate on audit.entry from tieout_app;
revoke insert, delete, truncate on audit.head from tieout_app;
revoke update, truncate on audit.intent from tieout_app;
