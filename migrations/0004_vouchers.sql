-- Rules in force, vouchers, balances, sub-ledgers, the chain. New tables only, locks nothing.
create schema rules;

-- A version is immutable once approved; its author is never its approver (财会〔2024〕11号 16-17).
create table rules.version (
  book_id      integer not null,
  version      integer not null,
  body         text not null,            -- the rule set as YAML, whole
  hash         text not null,
  effective_on date not null,
  proposed_by  text not null,
  proposed_at  timestamptz not null,
  approved_by  text check (approved_by <> proposed_by),
  approved_at  timestamptz,
  note         text not null default '',
  primary key (book_id, version)
);

create schema vouchers;

-- The head of a book's chain. Whoever posts moves it from the block it worked on to the next in the same transaction:
-- a writer that worked on an older head changes no row here and rolls back. That is the fence between two writers.
create table vouchers.head (
  book_id          integer primary key,
  block_no         bigint not null default 0,
  hash             bytea not null default decode(repeat('00', 32), 'hex'),
  next_document    bigint not null default 1,
  next_voucher     bigint not null default 1,
  next_dimension_set integer not null default 1
);

create table vouchers.block (
  book_id       integer not null,
  block_no      bigint not null,
  first_voucher bigint not null,
  last_voucher  bigint not null,
  count         integer not null,
  debit_total   bigint not null,
  root          bytea not null,
  previous      bytea not null,
  hash          bytea not null,
  sealed_at     text not null,
  primary key (book_id, block_no)
);

create table vouchers.voucher (
  book_id        integer not null,
  voucher_id     bigint not null,
  period         text collate "C" not null,
  series         text collate "C" not null,
  number         integer not null check (number > 0),
  date           date not null,
  summary        text not null,
  attachments    integer not null,
  rule           text collate "C" not null,
  rule_version   integer not null,
  document_id    bigint not null,      -- the main source document; all of them stand in vouchers.event
  reversal_of    bigint,               -- the voucher that this one takes back (红冲)
  debit_total    bigint not null,
  block_no       bigint not null,
  prepared_by    text not null,
  reviewed_by    text not null,
  posted_by      text not null,
  posted_at      text not null,        -- ISO 8601, UTC; text, so that it is hashed as it stands
  primary key (book_id, voucher_id),
  unique (book_id, period, series, number)
);

create table vouchers.line (
  book_id          integer not null,
  period           text collate "C" not null,
  voucher_id       bigint not null,
  line_no          integer not null,
  account          text collate "C" not null,
  dimension_set_id integer not null,
  debit            bigint not null,
  credit           bigint not null,
  currency         text collate "C" not null,
  amount_original  bigint not null,    -- minor units of currency, signed as the side that is not zero
  rate             bigint,             -- ten decimals; null in base currency
  quantity         bigint,             -- six decimals, where the account counts
  summary          text,               -- null: the voucher's
  primary key (book_id, period, voucher_id, line_no),
  check (debit = 0 or credit = 0)
) partition by range (period);

-- One partition a period, made when the period is first posted to. The application may not create tables; it may call this.
create function vouchers.ensure_partition(wanted text) returns void language plpgsql security definer set search_path = pg_catalog as $$
declare name text := 'line_' || replace(wanted, '-', '_');
begin
  if wanted !~ '^\d{4}-\d{2}$' then raise exception 'not a period: %', wanted; end if;
  perform pg_advisory_xact_lock(hashtext('vouchers.line'), hashtext(wanted));
  if to_regclass('vouchers.' || name) is not null then return; end if;
  execute format('create table vouchers.%I (like vouchers.line including defaults including constraints)', name);
  execute format('alter table vouchers.line attach partition vouchers.%I for values from (%L) to (%L)', name, wanted, wanted || '~');
end $$;

create table vouchers.dimension_set (
  book_id          integer not null,
  dimension_set_id integer not null,
  dimensions       jsonb not null,
  primary key (book_id, dimension_set_id)
);

-- Balances are a cache in the strict sense: `verify` compares them with the lines, `rebuildBalances` makes them anew.
create table vouchers.balance_cache (
  book_id          integer not null,
  period           text collate "C" not null,
  account          text collate "C" not null,
  dimension_set_id integer not null,
  currency         text collate "C" not null,
  debit            bigint not null,
  credit           bigint not null,
  debit_original   bigint not null,
  credit_original  bigint not null,
  primary key (book_id, period, account, dimension_set_id, currency)
) with (fillfactor = 50);

create table vouchers.counter (
  book_id integer not null,
  period  text collate "C" not null,
  series  text collate "C" not null,
  last    integer not null,
  primary key (book_id, period, series)
);

-- What a document version caused: one row an event. The primary key is the exactly-once gate.
create table vouchers.event (
  book_id        integer not null,
  document_id    bigint not null,
  source_version bigint not null,
  event_no       integer not null,
  event          text collate "C" not null,
  rule           text collate "C" not null,
  rule_version   integer not null,
  voucher_ids    bigint[] not null,
  facts          text not null,        -- what the rule was given: with the rule version it derives the entries again, byte for byte
  effects        text not null,        -- what it did to the sub-ledgers, so that a later version can take it back
  primary key (book_id, document_id, source_version, event_no)
);
create index event_voucher on vouchers.event using gin (voucher_ids) with (fastupdate = on);

-- What a document line holds for later documents to take in parts: estimates, stock layers, goods shipped, open items.
create table vouchers.holding (
  book_id         integer not null,
  document_id     bigint not null,
  line            text collate "C" not null,
  what            text collate "C" not null,
  whole_quantity  bigint not null,
  whole_amount    bigint not null,
  taken_quantity  bigint not null,
  taken_amount    bigint not null,
  item            text collate "C" not null,
  account         text collate "C" not null,
  party           text collate "C" not null,
  currency        text collate "C" not null,
  date            date not null,
  due_on          date,
  more            text not null default '',
  primary key (book_id, document_id, line, what)
) with (fillfactor = 70);
create index holding_layer on vouchers.holding (book_id, item, date, document_id) where what = 'layer' and whole_quantity <> taken_quantity;
create index holding_open on vouchers.holding (book_id, what, party) where what in ('estimate', 'open') and whole_quantity <> taken_quantity;

-- One pool an item (or item and warehouse): what is on hand and what it cost.
create table vouchers.pool (
  book_id          integer not null,
  pool             text collate "C" not null,
  quantity         bigint not null,
  amount           bigint not null,
  opening_period   text collate "C" not null,
  opening_quantity bigint not null,
  opening_amount   bigint not null,
  last_price       bigint not null,    -- minor units for one unit, six more decimals
  more             text not null default '',
  primary key (book_id, pool)
) with (fillfactor = 50);

-- The stock ledger: every move with what it needs to be costed again in business-date order.
create table vouchers.stock_move (
  book_id        integer not null,
  document_id    bigint not null,
  source_version bigint not null,
  move_no        integer not null,
  pool           text collate "C" not null,
  item           text collate "C" not null,
  warehouse      text collate "C" not null,
  date           date not null,
  type           text collate "C" not null,
  line           text collate "C" not null,
  quantity       bigint not null,      -- signed: in +, out −; zero for moves of value only
  amount         bigint not null,      -- signed effect on the stock value
  of_quantity    bigint not null,      -- the quantity that a price difference or a charge concerns
  of_amount      bigint not null,      -- the whole of it, of which `amount` stayed in stock
  layer          text collate "C" not null,  -- the receipt line it concerns, document/line
  detail         text not null,          -- where issued goods (or the issued share of a difference) went
  primary key (book_id, document_id, source_version, move_no)
);
create index stock_move_pool on vouchers.stock_move (book_id, pool, date);

-- Vouchers that a person has to review first; a work table, what is posted goes to vouchers.voucher.
create table vouchers.draft (
  book_id      integer not null,
  draft_id     bigint generated always as identity,
  document_id  bigint not null,
  source_version bigint not null,
  event_no     integer not null,
  body         jsonb not null,
  state        text not null default 'draft' check (state in ('draft', 'reviewed', 'posted', 'void')),
  why          text not null,
  prepared_by  text not null,
  prepared_at  timestamptz not null,
  reviewed_by  text check (reviewed_by <> prepared_by),
  reviewed_at  timestamptz,
  voucher_id   bigint,
  primary key (book_id, draft_id)
);

-- The database keeps the promises itself ------------------------------------------------------------------------------

-- Each voucher of a statement balances in base currency. One pass over the statement's rows, not one sum a row.
create function vouchers.lines_must_balance() returns trigger language plpgsql as $$
declare off record;
begin
  select voucher_id, sum(debit - credit) as difference into off from added group by book_id, voucher_id having sum(debit - credit) <> 0 limit 1;
  if found then
    raise exception 'voucher % is off by %', off.voucher_id, off.difference using errcode = 'check_violation', constraint = 'voucher_balances';
  end if;
  return null;
end $$;
create trigger voucher_balances after insert on vouchers.line referencing new table as added
  for each statement execute function vouchers.lines_must_balance();

-- Numbers follow on without a gap, in open periods only. The counter moves with the rows or not at all.
create function vouchers.vouchers_must_follow_on() returns trigger language plpgsql as $$
declare run record; before integer;
begin
  for run in select book_id, period, series, min(number) as low, max(number) as high, count(*) as n from added group by book_id, period, series loop
    -- The share lock lets postings pass each other and makes closing wait for them, and them for closing.
    perform 1 from books.period p where p.book_id = run.book_id and p.period = run.period and p.state = 'open' for share;
    if not found then
      raise exception 'period % is not open', run.period using errcode = 'check_violation', constraint = 'period_open';
    end if;
    insert into vouchers.counter as c (book_id, period, series, last) values (run.book_id, run.period, run.series, 0) on conflict do nothing;
    select last into before from vouchers.counter where book_id = run.book_id and period = run.period and series = run.series for update;
    if run.low <> before + 1 or run.high - run.low + 1 <> run.n then
      raise exception 'numbers of % % would have a gap after %', run.period, run.series, before using errcode = 'check_violation', constraint = 'number_follows_on';
    end if;
    update vouchers.counter set last = run.high where book_id = run.book_id and period = run.period and series = run.series;
  end loop;
  return null;
end $$;
create trigger voucher_follows_on after insert on vouchers.voucher referencing new table as added
  for each statement execute function vouchers.vouchers_must_follow_on();

-- Posted rows never change and never vanish (财会〔2024〕12号 21(3)). Rights are revoked below; this is the second wall.
create function vouchers.never_changes() returns trigger language plpgsql as $$
begin
  raise exception '% of %.% is refused: posted rows never change', tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger never_changes before update or delete on vouchers.voucher for each row execute function vouchers.never_changes();
create trigger never_changes before update or delete on vouchers.line for each row execute function vouchers.never_changes();
create trigger never_changes before update or delete on vouchers.block for each row execute function vouchers.never_changes();
create trigger never_changes before update or delete on vouchers.event for each row execute function vouchers.never_changes();
create trigger never_emptied before truncate on vouchers.voucher for each statement execute function vouchers.never_changes();
create trigger never_emptied before truncate on vouchers.line for each statement execute function vouchers.never_changes();
create trigger never_emptied before truncate on vouchers.block for each statement execute function vouchers.never_changes();
create trigger never_emptied before truncate on vouchers.event for each statement execute function vouchers.never_changes();

-- The application works as this role: it owns nothing and may add to the books, not change them.
do $$ begin
  if not exists (select from pg_roles where rolname = 'tieout_app') then create role tieout_app nologin; end if;
  execute format('grant tieout_app to %I', current_user);
end $$;
grant usage on schema books, masterdata, documents, rules, vouchers to tieout_app;
grant select, insert, update on all tables in schema books, masterdata, documents, rules, vouchers to tieout_app;
grant usage on all sequences in schema books, documents, vouchers to tieout_app;
grant delete on documents.wait, vouchers.balance_cache, vouchers.holding to tieout_app;
revoke update, delete, truncate on vouchers.voucher, vouchers.line, vouchers.block, vouchers.event, vouchers.dimension_set, books.act, books.setting from tieout_app;
