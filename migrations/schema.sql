-- What the migrations make, written from the catalog by `npm run schema`. Read it; do not run or edit it.


-- ─── access ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema access;
grant usage on schema access to tieout_app;

create table access.call (
  call_no bigint not null generated always as identity,
  key_id text collate "C",
  at timestamp with time zone not null,
  method text not null,
  path text not null,
  query text not null,
  address text not null,
  status integer not null,
  rows integer,
  ms integer not null,
  code text,
  constraint call_pkey PRIMARY KEY (call_no)
);
CREATE INDEX call_key ON access.call USING btree (key_id, call_no);
grant delete, insert, select on access.call to tieout_app;

create table access.key (
  key_id text collate "C" not null,
  name text not null,
  hash bytea not null,
  book text collate "C" not null,
  scopes text[] not null,
  per_minute integer not null,
  tokens double precision not null,
  tokens_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  made_at timestamp with time zone not null,
  made_by text not null,
  revoked_at timestamp with time zone,
  revoked_by text,
  reason text,
  constraint key_pkey PRIMARY KEY (key_id),
  constraint key_hash_check CHECK ((length(hash) = 32)),
  constraint key_per_minute_check CHECK ((per_minute > 0)),
  constraint key_scopes_check CHECK ((cardinality(scopes) > 0))
);
grant delete, insert, select, update on access.key to tieout_app;


-- ─── books ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema books;
grant usage on schema books to tieout_app;

create table books.account (
  book_id integer not null,
  code text collate "C" not null,
  zh text not null,
  en text not null,
  type text not null,
  side text not null,
  postable boolean not null,
  carries jsonb not null default '{}'::jsonb,
  constraint account_pkey PRIMARY KEY (book_id, code),
  constraint account_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint account_side_check CHECK ((side = ANY (ARRAY['debit'::text, 'credit'::text]))),
  constraint account_type_check CHECK ((type = ANY (ARRAY['asset'::text, 'liability'::text, 'common'::text, 'equity'::text, 'cost'::text, 'income'::text, 'expense'::text])))
);
grant delete, insert, select, update on books.account to tieout_app;

create table books.act (
  book_id integer not null,
  act_no bigint not null generated always as identity,
  what text not null,
  facts jsonb not null,
  at timestamp with time zone not null,
  by text not null,
  reason text not null default ''::text,
  constraint act_pkey PRIMARY KEY (book_id, act_no),
  constraint act_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant insert, select on books.act to tieout_app;

create table books.book (
  book_id integer not null,
  code text not null,
  name text not null,
  pack text not null,
  currency text not null,
  first_period text not null,
  group_code text not null default 'default'::text,
  created_at timestamp with time zone not null,
  created_by text not null,
  constraint book_pkey PRIMARY KEY (book_id),
  constraint book_code_key UNIQUE (code),
  constraint book_code_check CHECK ((code ~ '^[A-Za-z0-9_.-]{1,40}$'::text)),
  constraint book_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint book_first_period_check CHECK ((first_period ~ '^\d{4}-\d{2}$'::text))
);
grant delete, insert, select, update on books.book to tieout_app;

create table books.period (
  book_id integer not null,
  period text collate "C" not null,
  state text not null default 'open'::text,
  closed_at timestamp with time zone,
  closed_by text,
  constraint period_pkey PRIMARY KEY (book_id, period),
  constraint period_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint period_period_check CHECK ((period ~ '^\d{4}-\d{2}$'::text)),
  constraint period_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);
grant delete, insert, select, update on books.period to tieout_app;

create table books.setting (
  book_id integer not null,
  key text not null,
  version integer not null,
  value text not null,
  set_at timestamp with time zone not null,
  set_by text not null,
  constraint setting_pkey PRIMARY KEY (book_id, key, version),
  constraint setting_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant insert, select on books.setting to tieout_app;


-- ─── connectors ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema connectors;
grant usage on schema connectors to tieout_app;

CREATE OR REPLACE FUNCTION connectors.newest_rows(in_book integer, in_flow text, streams text[], keys text[])
 RETURNS TABLE(stream text, key text, seq bigint, hash bytea)
 LANGUAGE sql
 STABLE
 SET enable_sort TO 'off'
 SET enable_bitmapscan TO 'off'
AS $function$
  select wanted.stream, wanted.key, i.seq, i.hash
    from unnest(streams, keys) as wanted (stream, key)
   cross join lateral (
     select n.seq, n.hash from connectors.inbox n
      where n.book_id = in_book and n.flow = in_flow collate "C" and n.stream = wanted.stream collate "C" and n.state <> 'again'
        and n.key >= wanted.key collate "C" and (n.key, n.seq) <= (wanted.key collate "C", 9223372036854775807)
      order by n.key desc, n.seq desc limit 1) i
$function$;

create table connectors.checkpoint (
  book_id integer not null,
  flow text collate "C" not null,
  scope text collate "C" not null,
  state jsonb not null,
  epoch bigint not null,
  seq bigint not null,
  landed bigint not null,
  repeated bigint not null,
  bad bigint not null,
  at timestamp with time zone not null,
  constraint checkpoint_pkey PRIMARY KEY (book_id, flow, scope)
) with (fillfactor=20);
grant insert, select, update on connectors.checkpoint to tieout_app;

create table connectors.cursor (
  book_id integer not null,
  source text not null,
  cursor jsonb not null,
  pulled_at timestamp with time zone not null,
  constraint cursor_pkey PRIMARY KEY (book_id, source)
);
grant delete, insert, select, update on connectors.cursor to tieout_app;

create table connectors.dead_letter (
  book_id integer not null,
  flow text collate "C" not null,
  seq bigint not null,
  stream text collate "C" not null,
  key text collate "C" not null,
  stage text not null,
  code text not null,
  problems jsonb not null,
  fingerprint text not null,
  flow_version integer not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  attempts integer not null,
  status text not null,
  actor text,
  reason text,
  patch jsonb,
  constraint dead_letter_pkey PRIMARY KEY (book_id, flow, seq),
  constraint dead_letter_check CHECK (((status <> 'ignored'::text) OR (reason <> ''::text))),
  constraint dead_letter_stage_check CHECK ((stage = ANY (ARRAY['decode'::text, 'validate'::text, 'map'::text, 'deliver'::text]))),
  constraint dead_letter_status_check CHECK ((status = ANY (ARRAY['open'::text, 'fixed'::text, 'retried'::text, 'ignored'::text, 'superseded'::text])))
);
CREATE INDEX dead_letter_open ON connectors.dead_letter USING btree (book_id, flow, stream, key, seq) WHERE (status = 'open'::text);
grant insert, select, update on connectors.dead_letter to tieout_app;

create table connectors.flow (
  book_id integer not null,
  flow text collate "C" not null,
  direction text not null,
  version integer not null,
  wanted text not null,
  changed_by text not null,
  changed_at timestamp with time zone not null,
  constraint flow_pkey PRIMARY KEY (book_id, flow),
  constraint flow_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text]))),
  constraint flow_wanted_check CHECK ((wanted = ANY (ARRAY['running'::text, 'paused'::text])))
);
grant delete, insert, select, update on connectors.flow to tieout_app;

create table connectors.flow_status (
  book_id integer not null,
  flow text collate "C" not null,
  landed_seq bigint not null default 0,
  epoch bigint not null default 0,
  processed_seq bigint not null default 0,
  landed_at timestamp with time zone,
  record_at timestamp with time zone,
  phase text not null default ''::text,
  next_run_at timestamp with time zone,
  run_asked_at timestamp with time zone,
  failures integer not null default 0,
  retry_at timestamp with time zone,
  stopped_at timestamp with time zone,
  problem jsonb,
  constraint flow_status_pkey PRIMARY KEY (book_id, flow)
) with (fillfactor=20);
grant delete, insert, select, update on connectors.flow_status to tieout_app;

create table connectors.flow_version (
  book_id integer not null,
  flow text collate "C" not null,
  version integer not null,
  definition jsonb not null,
  yaml text not null,
  mapping_name text,
  mapping jsonb,
  hash text not null,
  applied_by text not null,
  applied_at timestamp with time zone not null,
  constraint flow_version_pkey PRIMARY KEY (book_id, flow, version)
);
grant insert, select on connectors.flow_version to tieout_app;

create table connectors.inbox (
  book_id integer not null,
  flow text collate "C" not null,
  seq bigint not null,
  stream text collate "C" not null,
  key text collate "C" not null,
  op text not null,
  body text,
  before text,
  unset text[],
  bytes bytea,
  "position" text not null,
  transaction text,
  hash bytea not null,
  happened_at timestamp with time zone,
  landed_at timestamp with time zone not null,
  replays bigint,
  state text not null,
  flow_version integer,
  settled_at timestamp with time zone,
  constraint inbox_pkey PRIMARY KEY (book_id, flow, seq),
  constraint inbox_op_check CHECK ((op = ANY (ARRAY['r'::text, 'c'::text, 'u'::text, 'd'::text]))),
  constraint inbox_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'again'::text, 'landed'::text, 'done'::text, 'parked'::text, 'behind'::text, 'ignored'::text, 'superseded'::text])))
);
CREATE INDEX inbox_key ON connectors.inbox USING btree (book_id, flow, stream, key, seq);
CREATE INDEX inbox_open ON connectors.inbox USING btree (book_id, flow, state, seq) WHERE (state <> 'done'::text);
grant insert, select on connectors.inbox to tieout_app;
grant update (state, flow_version, settled_at) on connectors.inbox to tieout_app;

create table connectors.lease (
  book_id integer not null,
  flow text collate "C" not null,
  epoch bigint not null,
  presence integer not null,
  expires_at timestamp with time zone not null,
  constraint lease_pkey PRIMARY KEY (book_id, flow)
) with (fillfactor=50);
grant delete, insert, select, update on connectors.lease to tieout_app;

create table connectors.produced (
  book_id integer not null,
  flow text collate "C" not null,
  seq bigint not null,
  document text collate "C" not null,
  version bigint not null,
  constraint produced_pkey PRIMARY KEY (book_id, flow, seq, document, version)
);
CREATE INDEX produced_document ON connectors.produced USING btree (book_id, document, version);
grant insert, select on connectors.produced to tieout_app;

create table connectors.received_once (
  book_id integer not null,
  flow text collate "C" not null,
  id text collate "C" not null,
  at timestamp with time zone not null,
  constraint received_once_pkey PRIMARY KEY (book_id, flow, id)
);
CREATE INDEX received_once_at ON connectors.received_once USING btree (book_id, flow, at);
grant delete, insert, select, update on connectors.received_once to tieout_app;

create table connectors.secret (
  book_id integer not null,
  name text collate "C" not null,
  sealed bytea not null,
  set_by text not null,
  set_at timestamp with time zone not null,
  constraint secret_pkey PRIMARY KEY (book_id, name)
);
grant delete, insert, select, update on connectors.secret to tieout_app;

create table connectors.stream_shape (
  book_id integer not null,
  flow text collate "C" not null,
  stream text collate "C" not null,
  shape jsonb not null,
  accepted_at timestamp with time zone not null,
  accepted_by text not null,
  pending jsonb,
  changes jsonb,
  constraint stream_shape_pkey PRIMARY KEY (book_id, flow, stream)
);
grant delete, insert, select, update on connectors.stream_shape to tieout_app;


-- ─── delivery ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema delivery;
grant usage on schema delivery to tieout_app;

CREATE OR REPLACE FUNCTION delivery.never_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% of %.% is refused: the log of deliveries never changes', tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $function$;

create table delivery.attempt (
  book_id integer not null,
  delivery_no bigint not null,
  entry_no bigint not null generated always as identity,
  act text not null,
  attempt integer not null,
  epoch bigint not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  outcome text not null,
  problem jsonb,
  target_id text,
  by_whom text not null default ''::text,
  reason text not null default ''::text,
  constraint attempt_pkey PRIMARY KEY (book_id, delivery_no, entry_no),
  constraint attempt_act_check CHECK ((act = ANY (ARRAY['send'::text, 'probe'::text, 'readBack'::text, 'decide'::text])))
);
CREATE TRIGGER attempt_never_changes BEFORE DELETE OR UPDATE ON delivery.attempt FOR EACH ROW EXECUTE FUNCTION delivery.never_changes();
grant delete, insert, select, update on delivery.attempt to tieout_app;

create table delivery.delivery (
  book_id integer not null,
  delivery_no bigint not null generated always as identity,
  flow text collate "C" not null,
  delivery_id text collate "C" not null,
  reference text collate "C" not null,
  purpose text not null,
  subject text collate "C" not null,
  version integer not null default 1,
  period text collate "C" not null default ''::text,
  voucher_id bigint,
  reversal_of bigint,
  body jsonb,
  payload_hash text collate "C" not null default ''::text,
  cut jsonb,
  state text not null,
  is_ambiguous boolean not null default false,
  attempt integer not null default 0,
  epoch bigint not null default 0,
  started_at timestamp with time zone,
  problem jsonb,
  target_id text,
  target_number text,
  target_state text,
  target_at text,
  made_at timestamp with time zone not null,
  state_at timestamp with time zone not null,
  constraint delivery_pkey PRIMARY KEY (book_id, delivery_no),
  constraint delivery_purpose_check CHECK ((purpose = ANY (ARRAY['voucher'::text, 'document'::text, 'writeback'::text]))),
  constraint delivery_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'confirmed'::text, 'rejected'::text, 'unknown'::text, 'held'::text, 'drifted'::text, 'voided'::text, 'ignored'::text, 'replaced'::text])))
) with (fillfactor=50);
CREATE UNIQUE INDEX delivery_reference ON delivery.delivery USING btree (book_id, flow, reference);
CREATE INDEX delivery_state ON delivery.delivery USING btree (book_id, flow, state, delivery_no);
CREATE INDEX delivery_voucher ON delivery.delivery USING btree (book_id, voucher_id) WHERE (voucher_id IS NOT NULL);
grant delete, insert, select, update on delivery.delivery to tieout_app;

create table delivery.drift (
  book_id integer not null,
  drift_no bigint not null generated always as identity,
  delivery_no bigint not null,
  kind text not null,
  fingerprint text not null,
  ours jsonb not null,
  theirs jsonb not null,
  found_at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  resolved_by text,
  reason text,
  constraint drift_pkey PRIMARY KEY (book_id, drift_no),
  constraint drift_kind_check CHECK ((kind = ANY (ARRAY['missing'::text, 'voided'::text, 'changed'::text, 'several'::text])))
);
CREATE UNIQUE INDEX drift_once ON delivery.drift USING btree (book_id, delivery_no, fingerprint);
CREATE INDEX drift_open ON delivery.drift USING btree (book_id, drift_no) WHERE (resolved_at IS NULL);
grant delete, insert, select, update on delivery.drift to tieout_app;

create table delivery.outbox (
  book_id integer not null,
  flow text collate "C" not null,
  block_no bigint not null default 0,
  enqueued bigint not null default 0,
  left_out bigint not null default 0,
  epoch bigint not null default 0,
  holder text not null default ''::text,
  held_until timestamp with time zone,
  at_once integer not null default 0,
  failures integer not null default 0,
  paused_until timestamp with time zone,
  fault jsonb,
  swept_to bigint not null default 0,
  swept_at timestamp with time zone,
  constraint outbox_pkey PRIMARY KEY (book_id, flow)
);
grant delete, insert, select, update on delivery.outbox to tieout_app;


-- ─── documents ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema documents;
grant usage on schema documents to tieout_app;

create table documents.document (
  book_id integer not null,
  document_id bigint not null,
  source_version bigint not null,
  source text collate "C" not null,
  kind text collate "C" not null,
  source_id text collate "C" not null,
  date date not null,
  period text collate "C" not null,
  party text collate "C" not null,
  state text collate "C" not null,
  reasons jsonb,
  body text not null,
  received_at timestamp with time zone not null,
  state_at timestamp with time zone not null,
  constraint document_pkey PRIMARY KEY (book_id, document_id, source_version),
  constraint document_book_id_source_id_kind_source_source_version_key UNIQUE (book_id, source_id, kind, source, source_version)
) with (fillfactor=90);
CREATE INDEX document_open ON documents.document USING btree (book_id, state, document_id) WHERE (state = ANY (ARRAY['waiting'::text, 'parked'::text]));
grant delete, insert, select, update on documents.document to tieout_app;

create table documents.invoice_claim (
  group_code text collate "C" not null,
  direction text not null,
  number text collate "C" not null,
  book text not null,
  document text not null,
  claimed_at timestamp with time zone not null,
  constraint invoice_claim_pkey PRIMARY KEY (group_code, direction, number),
  constraint invoice_claim_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text])))
);
grant delete, insert, select, update on documents.invoice_claim to tieout_app;

create table documents.link (
  book_id integer not null,
  target_id bigint not null,
  target_line text collate "C" not null,
  document_id bigint not null,
  source_version bigint not null,
  line text collate "C" not null,
  link_no integer not null,
  kind text collate "C" not null,
  quantity bigint not null,
  amount bigint not null,
  constraint link_pkey PRIMARY KEY (book_id, target_id, target_line, document_id, source_version, line, link_no)
);
grant delete, insert, select, update on documents.link to tieout_app;

create table documents.refusal (
  book_id integer not null,
  refusal_no bigint not null generated always as identity,
  body text not null,
  reasons jsonb not null,
  received_at timestamp with time zone not null,
  constraint refusal_pkey PRIMARY KEY (book_id, refusal_no)
);
grant delete, insert, select, update on documents.refusal to tieout_app;

create table documents.wait (
  book_id integer not null,
  wanted text collate "C" not null,
  document_id bigint not null,
  source_version bigint not null,
  constraint wait_pkey PRIMARY KEY (book_id, wanted, document_id, source_version)
);
grant delete, insert, select, update on documents.wait to tieout_app;


-- ─── masterdata ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema masterdata;
grant usage on schema masterdata to tieout_app;

create table masterdata.record (
  book_id integer not null,
  kind text not null,
  code text collate "C" not null,
  source text not null,
  version integer not null default 1,
  body jsonb not null,
  changed_at timestamp with time zone not null,
  constraint record_pkey PRIMARY KEY (book_id, kind, code, source),
  constraint record_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant delete, insert, select, update on masterdata.record to tieout_app;


-- ─── platform ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema platform;
grant usage on schema platform to tieout_app;

create table platform.migration (
  number integer not null,
  name text not null,
  checksum text not null,
  happened_at timestamp with time zone not null default now(),
  constraint migration_pkey PRIMARY KEY (number),
  constraint migration_name_key UNIQUE (name),
  constraint migration_number_check CHECK ((number > 0))
);
grant select on platform.migration to tieout_app;


-- ─── rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema rules;
grant usage on schema rules to tieout_app;

CREATE OR REPLACE FUNCTION rules.version_never_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'UPDATE' and old.approved_by is null and new.approved_by is not null
     and (old.book_id, old.version, old.body, old.hash, old.effective_on, old.proposed_by, old.proposed_at, old.note)
       = (new.book_id, new.version, new.body, new.hash, new.effective_on, new.proposed_by, new.proposed_at, new.note) then
    return new;
  end if;
  raise exception '% of a rule version is refused: a version never changes', tg_op using errcode = 'insufficient_privilege';
end $function$;

create table rules.version (
  book_id integer not null,
  version integer not null,
  body text not null,
  hash text not null,
  effective_on date not null,
  proposed_by text not null,
  proposed_at timestamp with time zone not null,
  approved_by text,
  approved_at timestamp with time zone,
  note text not null default ''::text,
  constraint version_pkey PRIMARY KEY (book_id, version),
  constraint version_check CHECK ((approved_by <> proposed_by))
);
CREATE TRIGGER never_changes BEFORE DELETE OR UPDATE ON rules.version FOR EACH ROW EXECUTE FUNCTION rules.version_never_changes();
grant insert, select on rules.version to tieout_app;
grant update (approved_by, approved_at) on rules.version to tieout_app;


-- ─── vouchers ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema vouchers;
grant usage on schema vouchers to tieout_app;

CREATE OR REPLACE FUNCTION vouchers.ensure_partition(wanted text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare name text := 'line_' || replace(wanted, '-', '_');
begin
  if wanted !~ '^\d{4}-\d{2}$' then raise exception 'not a period: %', wanted; end if;
  perform pg_advisory_xact_lock(hashtext('vouchers.line'), hashtext(wanted));
  if to_regclass('vouchers.' || name) is not null then return; end if;
  execute format('create table vouchers.%I (like vouchers.line including defaults including constraints)', name);
  execute format('alter table vouchers.line attach partition vouchers.%I for values from (%L) to (%L)', name, wanted, wanted || '~');
end $function$;

CREATE OR REPLACE FUNCTION vouchers.lines_must_balance()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare off record;
begin
  select voucher_id, sum(debit - credit) as difference into off from added group by book_id, voucher_id having sum(debit - credit) <> 0 limit 1;
  if found then
    raise exception 'voucher % is off by %', off.voucher_id, off.difference using errcode = 'check_violation', constraint = 'voucher_balances';
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION vouchers.never_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% of %.% is refused: posted rows never change', tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $function$;

CREATE OR REPLACE FUNCTION vouchers.vouchers_must_follow_on()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

create table vouchers.balance_cache (
  book_id integer not null,
  period text collate "C" not null,
  account text collate "C" not null,
  dimension_set_id integer not null,
  currency text collate "C" not null,
  debit bigint not null,
  credit bigint not null,
  debit_original bigint not null,
  credit_original bigint not null,
  constraint balance_cache_pkey PRIMARY KEY (book_id, period, account, dimension_set_id, currency)
) with (fillfactor=50);
grant delete, insert, select, update on vouchers.balance_cache to tieout_app;

create table vouchers.block (
  book_id integer not null,
  block_no bigint not null,
  first_voucher bigint not null,
  last_voucher bigint not null,
  count integer not null,
  debit_total bigint not null,
  root bytea not null,
  previous bytea not null,
  hash bytea not null,
  sealed_at text not null,
  constraint block_pkey PRIMARY KEY (book_id, block_no)
);
CREATE TRIGGER never_changes BEFORE DELETE OR UPDATE ON vouchers.block FOR EACH ROW EXECUTE FUNCTION vouchers.never_changes();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON vouchers.block FOR EACH STATEMENT EXECUTE FUNCTION vouchers.never_changes();
grant insert, select on vouchers.block to tieout_app;

create table vouchers.counter (
  book_id integer not null,
  period text collate "C" not null,
  series text collate "C" not null,
  last integer not null,
  constraint counter_pkey PRIMARY KEY (book_id, period, series)
);
grant delete, insert, select, update on vouchers.counter to tieout_app;

create table vouchers.dimension_set (
  book_id integer not null,
  dimension_set_id integer not null,
  dimensions jsonb not null,
  constraint dimension_set_pkey PRIMARY KEY (book_id, dimension_set_id)
);
grant insert, select on vouchers.dimension_set to tieout_app;

create table vouchers.draft (
  book_id integer not null,
  draft_id bigint not null generated always as identity,
  document_id bigint not null,
  source_version bigint not null,
  event_no integer not null,
  body jsonb not null,
  state text not null default 'draft'::text,
  why text not null,
  prepared_by text not null,
  prepared_at timestamp with time zone not null,
  reviewed_by text,
  reviewed_at timestamp with time zone,
  voucher_id bigint,
  constraint draft_pkey PRIMARY KEY (book_id, draft_id),
  constraint draft_check CHECK ((reviewed_by <> prepared_by)),
  constraint draft_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'reviewed'::text, 'posted'::text, 'void'::text])))
);
grant delete, insert, select, update on vouchers.draft to tieout_app;

create table vouchers.event (
  book_id integer not null,
  document_id bigint not null,
  source_version bigint not null,
  event_no integer not null,
  event text collate "C" not null,
  rule text collate "C" not null,
  rule_version integer not null,
  voucher_ids bigint[] not null,
  facts text not null,
  effects text not null,
  constraint event_pkey PRIMARY KEY (book_id, document_id, source_version, event_no)
);
CREATE INDEX event_voucher ON vouchers.event USING gin (voucher_ids) WITH (fastupdate='on');
CREATE TRIGGER never_changes BEFORE DELETE OR UPDATE ON vouchers.event FOR EACH ROW EXECUTE FUNCTION vouchers.never_changes();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON vouchers.event FOR EACH STATEMENT EXECUTE FUNCTION vouchers.never_changes();
grant insert, select on vouchers.event to tieout_app;

create table vouchers.head (
  book_id integer not null,
  block_no bigint not null default 0,
  hash bytea not null default decode(repeat('00'::text, 32), 'hex'::text),
  next_document bigint not null default 1,
  next_voucher bigint not null default 1,
  next_dimension_set integer not null default 1,
  constraint head_pkey PRIMARY KEY (book_id)
);
grant delete, insert, select, update on vouchers.head to tieout_app;

create table vouchers.holding (
  book_id integer not null,
  document_id bigint not null,
  line text collate "C" not null,
  what text collate "C" not null,
  whole_quantity bigint not null,
  whole_amount bigint not null,
  taken_quantity bigint not null,
  taken_amount bigint not null,
  item text collate "C" not null,
  account text collate "C" not null,
  party text collate "C" not null,
  currency text collate "C" not null,
  date date not null,
  due_on date,
  more text not null default ''::text,
  constraint holding_pkey PRIMARY KEY (book_id, document_id, line, what)
) with (fillfactor=70);
CREATE INDEX holding_layer ON vouchers.holding USING btree (book_id, item, date, document_id) WHERE ((what = 'layer'::text) AND (whole_quantity <> taken_quantity));
CREATE INDEX holding_open ON vouchers.holding USING btree (book_id, what, party) WHERE ((what = ANY (ARRAY['estimate'::text, 'open'::text])) AND (whole_quantity <> taken_quantity));
grant delete, insert, select, update on vouchers.holding to tieout_app;

create table vouchers.line (
  book_id integer not null,
  period text collate "C" not null,
  voucher_id bigint not null,
  line_no integer not null,
  account text collate "C" not null,
  dimension_set_id integer not null,
  debit bigint not null,
  credit bigint not null,
  currency text collate "C" not null,
  amount_original bigint not null,
  rate bigint,
  quantity bigint,
  summary text,
  constraint line_pkey PRIMARY KEY (book_id, period, voucher_id, line_no),
  constraint line_check CHECK (((debit = 0) OR (credit = 0)))
) partition by RANGE (period);
CREATE TRIGGER never_changes BEFORE DELETE OR UPDATE ON vouchers.line FOR EACH ROW EXECUTE FUNCTION vouchers.never_changes();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON vouchers.line FOR EACH STATEMENT EXECUTE FUNCTION vouchers.never_changes();
CREATE TRIGGER voucher_balances AFTER INSERT ON vouchers.line REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION vouchers.lines_must_balance();
grant insert, select on vouchers.line to tieout_app;

create table vouchers.pool (
  book_id integer not null,
  pool text collate "C" not null,
  quantity bigint not null,
  amount bigint not null,
  opening_period text collate "C" not null,
  opening_quantity bigint not null,
  opening_amount bigint not null,
  last_price bigint not null,
  more text not null default ''::text,
  constraint pool_pkey PRIMARY KEY (book_id, pool)
) with (fillfactor=50);
grant delete, insert, select, update on vouchers.pool to tieout_app;

create table vouchers.stock_move (
  book_id integer not null,
  document_id bigint not null,
  source_version bigint not null,
  move_no integer not null,
  pool text collate "C" not null,
  item text collate "C" not null,
  warehouse text collate "C" not null,
  date date not null,
  type text collate "C" not null,
  line text collate "C" not null,
  quantity bigint not null,
  amount bigint not null,
  of_quantity bigint not null,
  of_amount bigint not null,
  layer text collate "C" not null,
  detail text not null,
  constraint stock_move_pkey PRIMARY KEY (book_id, document_id, source_version, move_no)
);
CREATE INDEX stock_move_pool ON vouchers.stock_move USING btree (book_id, pool, date);
grant delete, insert, select, update on vouchers.stock_move to tieout_app;

create table vouchers.voucher (
  book_id integer not null,
  voucher_id bigint not null,
  period text collate "C" not null,
  series text collate "C" not null,
  number integer not null,
  date date not null,
  summary text not null,
  attachments integer not null,
  rule text collate "C" not null,
  rule_version integer not null,
  document_id bigint not null,
  reversal_of bigint,
  debit_total bigint not null,
  block_no bigint not null,
  prepared_by text not null,
  reviewed_by text not null,
  posted_by text not null,
  posted_at text not null,
  constraint voucher_pkey PRIMARY KEY (book_id, voucher_id),
  constraint voucher_book_id_period_series_number_key UNIQUE (book_id, period, series, number),
  constraint voucher_number_check CHECK ((number > 0))
);
CREATE TRIGGER never_changes BEFORE DELETE OR UPDATE ON vouchers.voucher FOR EACH ROW EXECUTE FUNCTION vouchers.never_changes();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON vouchers.voucher FOR EACH STATEMENT EXECUTE FUNCTION vouchers.never_changes();
CREATE TRIGGER voucher_follows_on AFTER INSERT ON vouchers.voucher REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION vouchers.vouchers_must_follow_on();
grant insert, select on vouchers.voucher to tieout_app;
