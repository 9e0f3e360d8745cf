-- What the migrations make, written from the catalog by `npm run schema`. Read it; do not run or edit it.

create extension btree_gist;
create extension pg_trgm;


-- ─── access ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema access;
grant usage on schema access to tieout_app;
grant usage on schema access to tieout_restricted;

CREATE OR REPLACE FUNCTION access.visible_book()
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select nullif(current_setting('tieout.book_id', true), '')::integer
$function$;
grant execute on function access.visible_book() to tieout_restricted;

CREATE OR REPLACE FUNCTION access.visible_parties()
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select r.code
    from masterdata.record r
   where r.book_id = nullif(current_setting('tieout.book_id', true), '')::integer and r.kind in ('customer', 'supplier', 'employee')
   group by r.code
  having bool_and(r.kind <> 'employee' and exists (
    select from jsonb_array_elements(coalesce(nullif(current_setting('tieout.scopes', true), ''), '[]')::jsonb) as s
     where (s -> 'employees' = 'null' or coalesce(s -> 'employees' ? (r.body -> 'fields' ->> case r.kind when 'customer' then 'salesperson' else 'buyer' end), false))
       and (s -> 'departments' = 'null' or coalesce(s -> 'departments' ? (r.body -> 'fields' ->> 'department'), false))
       and (s -> 'regions' = 'null' or coalesce(s -> 'regions' ? (r.body -> 'fields' ->> 'region'), false))))
$function$;
grant execute on function access.visible_parties() to tieout_restricted;

create table access.attempt (
  key text collate "C" not null,
  failures integer not null,
  at timestamp with time zone not null,
  locked_until timestamp with time zone,
  turn text not null,
  constraint attempt_pkey PRIMARY KEY (key)
);
grant delete, insert, select, update on access.attempt to tieout_app;

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

create table access."grant" (
  login text collate "C" not null,
  role text collate "C" not null,
  book text collate "C" not null,
  scope jsonb,
  constraint grant_pkey PRIMARY KEY (login, role, book),
  constraint grant_login_fkey FOREIGN KEY (login) REFERENCES access."user"(login),
  constraint grant_role_fkey FOREIGN KEY (role) REFERENCES access.role(role)
);
grant delete, insert, select, update on access."grant" to tieout_app;

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

create table access.link (
  hash bytea not null,
  purpose text not null,
  login text collate "C",
  made_at timestamp with time zone not null,
  made_by text not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint link_pkey PRIMARY KEY (hash),
  constraint link_login_fkey FOREIGN KEY (login) REFERENCES access."user"(login),
  constraint link_check CHECK (((purpose = 'first-owner'::text) = (login IS NULL))),
  constraint link_hash_check CHECK ((length(hash) = 32)),
  constraint link_purpose_check CHECK ((purpose = ANY (ARRAY['first-owner'::text, 'invite'::text, 'reset'::text])))
);
grant delete, insert, select, update on access.link to tieout_app;

create table access.role (
  role text collate "C" not null,
  zh text not null,
  en text not null,
  duties text[] not null,
  columns text[] not null,
  needs_scope boolean not null default false,
  is_standard boolean not null default false,
  constraint role_pkey PRIMARY KEY (role),
  constraint role_role_check CHECK ((role ~ '^[a-z][a-zA-Z0-9-]{1,39}$'::text))
);
grant delete, insert, select, update on access.role to tieout_app;

create table access.session (
  hash bytea not null,
  session text collate "C" not null,
  login text collate "C" not null,
  made_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  expires timestamp with time zone not null,
  address text not null,
  agent text not null,
  ended_at timestamp with time zone,
  constraint session_pkey PRIMARY KEY (hash),
  constraint session_session_key UNIQUE (session),
  constraint session_login_fkey FOREIGN KEY (login) REFERENCES access."user"(login),
  constraint session_hash_check CHECK ((length(hash) = 32))
);
CREATE INDEX session_login ON access.session USING btree (login, made_at);
grant delete, insert, select, update on access.session to tieout_app;

create table access."user" (
  login text collate "C" not null,
  name text not null,
  password_hash text,
  oidc_issuer text,
  oidc_subject text,
  employee text collate "C",
  state text not null default 'active'::text,
  language text,
  created_at timestamp with time zone not null,
  created_by text not null,
  seen_at timestamp with time zone,
  constraint user_pkey PRIMARY KEY (login),
  constraint user_oidc_issuer_oidc_subject_key UNIQUE (oidc_issuer, oidc_subject),
  constraint user_check CHECK ((num_nulls(oidc_issuer, oidc_subject) = ANY (ARRAY[0, 2]))),
  constraint user_language_check CHECK ((language = ANY (ARRAY['zh'::text, 'en'::text]))),
  constraint user_login_check CHECK ((login ~ '^[a-z0-9_.@-]{2,60}$'::text)),
  constraint user_state_check CHECK ((state = ANY (ARRAY['active'::text, 'disabled'::text])))
);
grant delete, insert, select, update on access."user" to tieout_app;


-- ─── audit ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema audit;
grant usage on schema audit to tieout_app;

create sequence audit.process as integer start 1 increment 1;

CREATE OR REPLACE FUNCTION audit.entries_must_follow_on()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION audit.head_must_be_an_entry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.entry_no <= old.entry_no or not exists (select from audit.entry where entry_no = new.entry_no and hash = new.hash) then
    raise exception 'the head of the audit trail moves only onto a later entry' using errcode = 'check_violation', constraint = 'head_is_an_entry';
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION audit.never_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% of %.% is refused: the audit trail never changes', tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $function$;

CREATE OR REPLACE FUNCTION audit.pairs(words text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select coalesce(array_agg(distinct one || next), '{}')
    from (select one, lead(one) over (order by place) as next from unnest(string_to_array(lower(words), null)) with ordinality as letter (one, place)) as letters
   where next is not null
$function$;

CREATE OR REPLACE FUNCTION audit.words(act text, kind text, id text, actor text, name text, reason text, code text, before jsonb, after jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select lower(act || ' ' || coalesce(kind, '') || ' ' || coalesce(id, '') || ' ' || actor || ' ' || name || ' ' || reason || ' ' || coalesce(code, '') || ' ' || coalesce(before::text, '') || ' ' || coalesce(after::text, ''))
$function$;

create table audit.entry (
  entry_no bigint not null,
  at timestamp with time zone not null,
  actor_kind text not null,
  actor text collate "C" not null,
  actor_name text not null,
  address text not null,
  session text,
  act text collate "C" not null,
  object_kind text,
  object_id text,
  book text collate "C",
  before jsonb,
  after jsonb,
  reason text not null,
  outcome text not null,
  code text,
  request text not null,
  previous bytea not null,
  hash bytea not null,
  constraint entry_pkey PRIMARY KEY (entry_no),
  constraint entry_hash_key UNIQUE (hash),
  constraint entry_act_check CHECK ((act ~ '^[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+$'::text)),
  constraint entry_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['user'::text, 'key'::text, 'cli'::text, 'system'::text, 'flow'::text]))),
  constraint entry_entry_no_check CHECK ((entry_no > 0)),
  constraint entry_hash_check CHECK ((length(hash) = 32)),
  constraint entry_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'refused'::text, 'failed'::text, 'unknown'::text]))),
  constraint entry_previous_check CHECK ((length(previous) = 32))
);
CREATE INDEX entry_act ON audit.entry USING btree (act, entry_no);
CREATE INDEX entry_actor ON audit.entry USING btree (actor, entry_no);
CREATE INDEX entry_at ON audit.entry USING btree (at);
CREATE INDEX entry_book ON audit.entry USING btree (book, entry_no);
CREATE INDEX entry_object ON audit.entry USING btree (object_kind, object_id, entry_no);
CREATE INDEX entry_words ON audit.entry USING gin (audit.pairs(audit.words(act, object_kind, object_id, actor, actor_name, reason, code, before, after)));
CREATE TRIGGER entry_follows_on AFTER INSERT ON audit.entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION audit.entries_must_follow_on();
CREATE TRIGGER never_changes BEFORE DELETE OR UPDATE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.never_changes();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit.entry FOR EACH STATEMENT EXECUTE FUNCTION audit.never_changes();
grant insert, select on audit.entry to tieout_app;

create table audit.head (
  only_row boolean not null default true,
  entry_no bigint not null,
  hash bytea not null,
  constraint head_pkey PRIMARY KEY (only_row),
  constraint head_hash_check CHECK ((length(hash) = 32)),
  constraint head_only_row_check CHECK (only_row)
);
CREATE TRIGGER head_is_an_entry BEFORE UPDATE ON audit.head FOR EACH ROW EXECUTE FUNCTION audit.head_must_be_an_entry();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit.head FOR EACH STATEMENT EXECUTE FUNCTION audit.never_changes();
CREATE TRIGGER never_goes BEFORE DELETE ON audit.head FOR EACH ROW EXECUTE FUNCTION audit.never_changes();
grant select, update on audit.head to tieout_app;

create table audit.intent (
  intent_no bigint not null generated always as identity,
  process_no integer not null,
  at timestamp with time zone not null,
  entry jsonb not null,
  constraint intent_pkey PRIMARY KEY (intent_no)
);
CREATE INDEX intent_process ON audit.intent USING btree (process_no);
grant delete, insert, select on audit.intent to tieout_app;


-- ─── books ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema books;
grant usage on schema books to tieout_app;
grant usage on schema books to tieout_restricted;

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
alter table books.account enable row level security;
create policy application on books.account for all to tieout_app using (true) with check (true);
create policy visible on books.account for select to tieout_restricted using ((book_id = ( SELECT access.visible_book() AS visible_book)));
grant delete, insert, select, update on books.account to tieout_app;
grant select on books.account to tieout_restricted;

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
alter table books.book enable row level security;
create policy application on books.book for all to tieout_app using (true) with check (true);
create policy visible on books.book for select to tieout_restricted using ((book_id = ( SELECT access.visible_book() AS visible_book)));
grant delete, insert, select, update on books.book to tieout_app;
grant select on books.book to tieout_restricted;

create table books.module_close (
  book_id integer not null,
  period text collate "C" not null,
  module text not null,
  closed_at timestamp with time zone not null,
  closed_by text not null,
  constraint module_close_pkey PRIMARY KEY (book_id, period, module),
  constraint module_close_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint module_close_module_check CHECK ((module = ANY (ARRAY['receivable'::text, 'payable'::text, 'stock'::text, 'general'::text])))
);
grant delete, insert, select, update on books.module_close to tieout_app;

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
alter table books.period enable row level security;
create policy application on books.period for all to tieout_app using (true) with check (true);
create policy visible on books.period for select to tieout_restricted using ((book_id = ( SELECT access.visible_book() AS visible_book)));
grant delete, insert, select, update on books.period to tieout_app;
grant select on books.period to tieout_restricted;

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
alter table books.setting enable row level security;
create policy application on books.setting for all to tieout_app using (true) with check (true);
create policy visible on books.setting for select to tieout_restricted using ((book_id = ( SELECT access.visible_book() AS visible_book)));
grant insert, select on books.setting to tieout_app;
grant select on books.setting to tieout_restricted;


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
  ended_at timestamp with time zone,
  constraint drift_pkey PRIMARY KEY (book_id, drift_no),
  constraint drift_kind_check CHECK ((kind = ANY (ARRAY['missing'::text, 'voided'::text, 'changed'::text, 'several'::text])))
);
CREATE UNIQUE INDEX drift_once ON delivery.drift USING btree (book_id, delivery_no, fingerprint) WHERE (ended_at IS NULL);
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
grant usage on schema documents to tieout_restricted;

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
CREATE INDEX document_party ON documents.document USING btree (book_id, party, document_id) WHERE (party <> ''::text);
CREATE INDEX document_period ON documents.document USING btree (book_id, period, document_id);
alter table documents.document enable row level security;
create policy application on documents.document for all to tieout_app using (true) with check (true);
create policy visible on documents.document for select to tieout_restricted using (((book_id = ( SELECT access.visible_book() AS visible_book)) AND (party IN ( SELECT access.visible_parties() AS visible_parties)) AND ((kind <> 'settlement'::text) OR (((body)::jsonb ->> 'toParty'::text) IS NULL) OR (((body)::jsonb ->> 'toParty'::text) IN ( SELECT access.visible_parties() AS visible_parties)))));
grant delete, insert, select, update on documents.document to tieout_app;
grant select on documents.document to tieout_restricted;

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
alter table documents.link enable row level security;
create policy application on documents.link for all to tieout_app using (true) with check (true);
create policy visible on documents.link for select to tieout_restricted using (((book_id = ( SELECT access.visible_book() AS visible_book)) AND (EXISTS ( SELECT
   FROM documents.document d
  WHERE ((d.book_id = link.book_id) AND (d.document_id = link.document_id)))) AND (EXISTS ( SELECT
   FROM documents.document d
  WHERE ((d.book_id = link.book_id) AND (d.document_id = link.target_id))))));
grant delete, insert, select, update on documents.link to tieout_app;
grant select on documents.link to tieout_restricted;

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


-- ─── insight ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema insight;
grant usage on schema insight to tieout_app;
grant usage on schema insight to tieout_restricted;

CREATE OR REPLACE FUNCTION insight.unit_of(book integer, item text, unit text)
 RETURNS numeric
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if unit is null or item is null then return 1; end if;
  return coalesce((select (r.body -> 'units' ->> unit)::numeric from masterdata.record r where r.book_id = book and r.kind = 'item' and r.code = item and r.body -> 'units' ? unit order by changed_at desc, source limit 1) / 1000000, 1);
end $function$;

create table insight.account_class (
  book_id integer not null,
  account text collate "C" not null,
  class text collate "C" not null,
  constraint account_class_pkey PRIMARY KEY (book_id, account)
);
grant delete, insert, select, update on insight.account_class to tieout_app;
grant select on insight.account_class to tieout_restricted;

create table insight.line_cache (
  book_id integer not null,
  voucher_id bigint not null,
  line_no integer not null,
  date date not null,
  period text collate "C" not null,
  account text collate "C" not null,
  class text collate "C" not null,
  is_result boolean not null,
  kind text collate "C" not null,
  document_id bigint not null,
  party text collate "C" not null,
  employee text collate "C" not null,
  item text collate "C" not null,
  warehouse text collate "C" not null,
  department text collate "C" not null,
  bank_account text collate "C" not null,
  project text collate "C" not null,
  region text collate "C" not null,
  salesperson text collate "C" not null,
  currency text collate "C" not null,
  debit bigint not null,
  credit bigint not null,
  amount bigint not null,
  original bigint not null,
  quantity bigint not null,
  constraint line_cache_pkey PRIMARY KEY (book_id, voucher_id, line_no)
);
CREATE INDEX line_class ON insight.line_cache USING btree (book_id, class, date) WHERE (class <> ''::text);
CREATE INDEX line_result ON insight.line_cache USING btree (book_id, date) WHERE is_result;
alter table insight.line_cache enable row level security;
create policy application on insight.line_cache for all to tieout_app using (true) with check (true);
create policy visible on insight.line_cache for select to tieout_restricted using (((book_id = ( SELECT access.visible_book() AS visible_book)) AND (party IN ( SELECT access.visible_parties() AS visible_parties))));
grant delete, insert, select, update on insight.line_cache to tieout_app;
grant select on insight.line_cache to tieout_restricted;

create table insight.mark (
  book_id integer not null,
  head text not null,
  voucher_id bigint not null,
  order_voucher_id bigint not null,
  order_document_id bigint not null,
  swept_order_id bigint not null default 0,
  version bigint not null,
  generation bigint not null,
  at timestamp with time zone not null,
  constraint mark_pkey PRIMARY KEY (book_id)
);
grant delete, insert, select, update on insight.mark to tieout_app;

create table insight.order_cache (
  book_id integer not null,
  document_id bigint not null,
  side text collate "C" not null,
  source text collate "C" not null,
  kind text collate "C" not null,
  source_id text collate "C" not null,
  date date not null,
  period text collate "C" not null,
  party text collate "C" not null,
  salesperson text collate "C" not null,
  region text collate "C" not null,
  department text collate "C" not null,
  ordered bigint not null,
  ordered_amount bigint not null,
  shipped bigint not null,
  shipped_amount bigint not null,
  returned bigint not null,
  returned_amount bigint not null,
  invoiced bigint not null,
  invoiced_amount bigint not null,
  collected_amount bigint not null,
  open_amount bigint not null,
  due_on date,
  is_gone boolean not null default false,
  version bigint not null,
  constraint order_cache_pkey PRIMARY KEY (book_id, document_id)
) with (fillfactor=80);
CREATE INDEX order_date ON insight.order_cache USING btree (book_id, date);
CREATE INDEX order_version ON insight.order_cache USING btree (book_id, version);
alter table insight.order_cache enable row level security;
create policy application on insight.order_cache for all to tieout_app using (true) with check (true);
create policy visible on insight.order_cache for select to tieout_restricted using (((book_id = ( SELECT access.visible_book() AS visible_book)) AND (party IN ( SELECT access.visible_parties() AS visible_parties))));
grant delete, insert, select, update on insight.order_cache to tieout_app;
grant select on insight.order_cache to tieout_restricted;

create table insight.sale_cache (
  book_id integer not null,
  voucher_id bigint not null,
  part_no integer not null,
  date date not null,
  period text collate "C" not null,
  kind text collate "C" not null,
  document_id bigint not null,
  party text collate "C" not null,
  item text collate "C" not null,
  region text collate "C" not null,
  salesperson text collate "C" not null,
  department text collate "C" not null,
  project text collate "C" not null,
  revenue bigint not null,
  cost bigint not null,
  quantity bigint not null,
  constraint sale_cache_pkey PRIMARY KEY (book_id, voucher_id, part_no)
);
CREATE INDEX sale_date ON insight.sale_cache USING btree (book_id, date);
alter table insight.sale_cache enable row level security;
create policy application on insight.sale_cache for all to tieout_app using (true) with check (true);
create policy visible on insight.sale_cache for select to tieout_restricted using (((book_id = ( SELECT access.visible_book() AS visible_book)) AND (party IN ( SELECT access.visible_parties() AS visible_parties))));
grant delete, insert, select, update on insight.sale_cache to tieout_app;
grant select on insight.sale_cache to tieout_restricted;

create view insight.fact_budget as
 SELECT d.book_id,
    d.document_id,
    d.body::jsonb ->> 'period'::text AS period,
    ((d.body::jsonb ->> 'period'::text) || '-01'::text)::date AS date,
    l.account,
    COALESCE(c.class, ''::text) AS class,
    COALESCE(a.type, ''::text) AS type,
    COALESCE(l.department, ''::text) AS department,
    COALESCE(l.project, ''::text) AS project,
    round(l.amount *
        CASE
            WHEN b.currency = ANY (ARRAY['JPY'::text, 'KRW'::text, 'VND'::text]) THEN 1
            ELSE 100
        END::numeric)::bigint AS amount
   FROM documents.document d
     JOIN books.book b ON b.book_id = d.book_id
     CROSS JOIN LATERAL jsonb_to_recordset(COALESCE(d.body::jsonb -> 'lines'::text, '[]'::jsonb)) l(account text, department text, project text, amount numeric)
     LEFT JOIN insight.account_class c ON c.book_id = d.book_id AND c.account = l.account
     LEFT JOIN books.account a ON a.book_id = d.book_id AND a.code = l.account
  WHERE d.kind = 'budget'::text AND (d.state = ANY (ARRAY['posted'::text, 'exempt'::text])) AND NOT (EXISTS ( SELECT
           FROM documents.document n
          WHERE n.book_id = d.book_id AND n.document_id = d.document_id AND n.source_version > d.source_version AND (n.state = ANY (ARRAY['posted'::text, 'exempt'::text]))));
grant delete, insert, select, update on insight.fact_budget to tieout_app;
grant select on insight.fact_budget to tieout_restricted;

create view insight.fact_line as
 SELECT book_id,
    voucher_id,
    line_no,
    date,
    period,
    account,
    class,
    is_result,
    kind,
    document_id,
    party,
    employee,
    item,
    warehouse,
    department,
    bank_account,
    project,
    region,
    salesperson,
    currency,
    debit,
    credit,
    amount,
    original,
    quantity
   FROM insight.line_cache;
grant delete, insert, select, update on insight.fact_line to tieout_app;
grant select on insight.fact_line to tieout_restricted;

create view insight.fact_open as
 SELECT h.book_id,
    h.document_id,
    h.line,
    d.kind,
    h.date,
    COALESCE(h.due_on, h.date) AS due_on,
    h.account,
    COALESCE(c.class, ''::text) AS class,
    h.party,
    h.currency,
    COALESCE(d.salesperson, ''::text) AS salesperson,
    COALESCE(d.region, ''::text) AS region,
    COALESCE(d.department, ''::text) AS department,
    h.whole_amount - h.taken_amount AS amount,
    h.whole_quantity - h.taken_quantity AS original
   FROM vouchers.holding h
     LEFT JOIN insight.account_class c ON c.book_id = h.book_id AND c.account = h.account
     LEFT JOIN LATERAL ( SELECT document.kind,
                CASE
                    WHEN document.kind <> 'openingBalance'::text THEN COALESCE(document.body::jsonb ->> 'salesperson'::text, document.body::jsonb ->> 'buyer'::text)
                    ELSE NULL::text
                END AS salesperson,
                CASE
                    WHEN document.kind <> 'openingBalance'::text THEN document.body::jsonb ->> 'region'::text
                    ELSE NULL::text
                END AS region,
                CASE
                    WHEN document.kind <> 'openingBalance'::text THEN document.body::jsonb ->> 'department'::text
                    ELSE NULL::text
                END AS department
           FROM documents.document
          WHERE document.book_id = h.book_id AND document.document_id = h.document_id
          ORDER BY document.source_version DESC
         LIMIT 1) d ON true
  WHERE h.what = 'open'::text AND (h.what = ANY (ARRAY['estimate'::text, 'open'::text])) AND h.whole_quantity <> h.taken_quantity;
grant delete, insert, select, update on insight.fact_open to tieout_app;
grant select on insight.fact_open to tieout_restricted;

create view insight.fact_order as
 SELECT book_id,
    document_id,
    side,
    source,
    kind,
    source_id,
    date,
    period,
    party,
    salesperson,
    region,
    department,
    ordered,
    ordered_amount,
    shipped,
    shipped_amount,
    returned,
    returned_amount,
    invoiced,
    invoiced_amount,
    collected_amount,
    open_amount,
    due_on
   FROM insight.order_cache
  WHERE NOT is_gone;
grant delete, insert, select, update on insight.fact_order to tieout_app;
grant select on insight.fact_order to tieout_restricted;

create view insight.fact_sale as
 SELECT book_id,
    voucher_id,
    part_no,
    date,
    period,
    kind,
    document_id,
    party,
    item,
    region,
    salesperson,
    department,
    project,
    revenue,
    cost,
    quantity
   FROM insight.sale_cache;
grant delete, insert, select, update on insight.fact_sale to tieout_app;
grant select on insight.fact_sale to tieout_restricted;

create view insight.item as
 SELECT DISTINCT ON (book_id, code) book_id,
    code,
    COALESCE((body -> 'fields'::text) ->> 'category'::text, ''::text) AS category
   FROM masterdata.record
  WHERE kind = 'item'::text
  ORDER BY book_id, code, changed_at DESC, source;
grant delete, insert, select, update on insight.item to tieout_app;
grant select on insight.item to tieout_restricted;

create view insight.order_now as
 SELECT o.book_id,
    o.document_id,
        CASE o.kind
            WHEN 'salesOrder'::text THEN 'sale'::text
            ELSE 'purchase'::text
        END AS side,
    o.source,
    o.kind,
    o.source_id,
    o.date,
    o.period,
    o.party,
    COALESCE(o.content ->> 'salesperson'::text, o.content ->> 'buyer'::text, ''::text) AS salesperson,
    COALESCE(o.content ->> 'region'::text, ''::text) AS region,
    COALESCE(o.content ->> 'department'::text, ''::text) AS department,
    w.ordered::bigint AS ordered,
    w.ordered_amount::bigint AS ordered_amount,
    g.shipped::bigint AS shipped,
    g.shipped_amount::bigint AS shipped_amount,
    g.returned::bigint AS returned,
    g.returned_amount::bigint AS returned_amount,
    i.invoiced::bigint AS invoiced,
    i.invoiced_amount::bigint AS invoiced_amount,
    (i.collected_amount + a.advance_amount)::bigint AS collected_amount,
    i.open_amount::bigint AS open_amount,
    i.due_on
   FROM ( SELECT d.book_id,
            d.document_id,
            d.source_version,
            d.source,
            d.kind,
            d.source_id,
            d.date,
            d.period,
            d.party,
            d.state,
            d.reasons,
            d.body,
            d.received_at,
            d.state_at,
            d.body::jsonb AS content,
                CASE
                    WHEN (d.body::jsonb ->> 'currency'::text) IS NULL OR (d.body::jsonb ->> 'currency'::text) = b.currency THEN 1::numeric
                    ELSE COALESCE((d.body::jsonb ->> 'rate'::text)::numeric, ( SELECT ((r.body -> 'fields'::text) ->> 'rate'::text)::numeric AS "numeric"
                       FROM masterdata.record r
                      WHERE r.book_id = d.book_id AND r.kind = 'exchangeRate'::text AND ((r.body -> 'fields'::text) ->> 'from'::text) = (d.body::jsonb ->> 'currency'::text) AND ((r.body -> 'fields'::text) ->> 'to'::text) = b.currency AND ((r.body -> 'fields'::text) ->> 'date'::text) <= d.date::text
                      ORDER BY ((r.body -> 'fields'::text) ->> 'date'::text) DESC
                     LIMIT 1), 1::numeric)
                END AS rate,
            power(10::numeric,
                CASE
                    WHEN b.currency = ANY (ARRAY['JPY'::text, 'KRW'::text, 'VND'::text]) THEN 0
                    ELSE 2
                END::numeric) AS minor
           FROM documents.document d
             JOIN books.book b ON b.book_id = d.book_id
          WHERE (d.kind = ANY (ARRAY['salesOrder'::text, 'purchaseOrder'::text])) AND (d.state = ANY (ARRAY['posted'::text, 'exempt'::text])) AND NOT (EXISTS ( SELECT
                   FROM documents.document n
                  WHERE n.book_id = d.book_id AND n.document_id = d.document_id AND n.source_version > d.source_version AND (n.state = ANY (ARRAY['posted'::text, 'exempt'::text]))))) o
     CROSS JOIN LATERAL ( SELECT COALESCE(round(sum(l.quantity) * 1000000::numeric), 0::numeric) AS ordered,
            COALESCE(sum(round(l.gross * o.rate * o.minor)), 0::numeric) AS ordered_amount,
            jsonb_object_agg(l."lineId",
                CASE
                    WHEN l.quantity = 0::numeric THEN 0::numeric
                    ELSE l.gross / l.quantity
                END) AS prices
           FROM ( SELECT l_1."lineId",
                    COALESCE(l_1.quantity, 1::numeric) * insight.unit_of(o.book_id, l_1.item, l_1.unit) AS quantity,
                    COALESCE(l_1."amountNet" + COALESCE(l_1.tax, l_1."amountNet" * COALESCE(l_1."taxRate", 0::numeric)), COALESCE(l_1.quantity, 1::numeric) * l_1.price * (1::numeric + COALESCE(l_1."taxRate", 0::numeric)), 0::numeric) AS gross
                   FROM jsonb_to_recordset(COALESCE(o.content -> 'lines'::text, '[]'::jsonb)) l_1("lineId" text, item text, unit text, quantity numeric, price numeric, "taxRate" numeric, "amountNet" numeric, tax numeric)) l) w
     CROSS JOIN LATERAL ( SELECT COALESCE(sum(k.quantity), 0::numeric) AS shipped,
            COALESCE(round(sum(k.quantity * p.price)), 0::numeric) AS shipped_amount,
            COALESCE(sum(b.quantity), 0::numeric) AS returned,
            COALESCE(round(sum(b.quantity * p.price)), 0::numeric) AS returned_amount
           FROM ( SELECT link.document_id,
                    link.line,
                    link.target_line,
                    sum(link.quantity) AS quantity
                   FROM documents.link
                  WHERE link.book_id = o.book_id AND link.target_id = o.document_id AND link.kind =
                        CASE o.kind
                            WHEN 'salesOrder'::text THEN 'shipment'::text
                            ELSE 'goodsReceipt'::text
                        END
                  GROUP BY link.document_id, link.line, link.target_line) k
             CROSS JOIN LATERAL ( SELECT COALESCE((w.prices ->> k.target_line)::numeric, 0::numeric) * o.rate * o.minor / 1000000::numeric AS price) p
             LEFT JOIN LATERAL ( SELECT sum(link.quantity) AS quantity
                   FROM documents.link
                  WHERE link.book_id = o.book_id AND link.target_id = k.document_id AND link.target_line = k.line AND link.kind =
                        CASE o.kind
                            WHEN 'salesOrder'::text THEN 'shipmentReturn'::text
                            ELSE 'goodsReturn'::text
                        END) b ON true) g
     CROSS JOIN LATERAL ( WITH goods AS (
                 SELECT link.document_id,
                    link.line
                   FROM documents.link
                  WHERE link.book_id = o.book_id AND link.target_id = o.document_id AND link.kind =
                        CASE o.kind
                            WHEN 'salesOrder'::text THEN 'shipment'::text
                            ELSE 'goodsReceipt'::text
                        END
                  GROUP BY link.document_id, link.line
                ), node AS (
                 SELECT goods.document_id,
                    goods.line
                   FROM goods
                UNION
                 SELECT k.document_id,
                    k.line
                   FROM goods g_1
                     JOIN documents.link k ON k.book_id = o.book_id AND k.target_id = g_1.document_id AND k.target_line = g_1.line
                  WHERE k.kind =
                        CASE o.kind
                            WHEN 'salesOrder'::text THEN 'shipmentReturn'::text
                            ELSE 'goodsReturn'::text
                        END
                ), taken AS (
                 SELECT x.document_id,
                    x.line,
                    sum(x.quantity) AS quantity
                   FROM ( SELECT k.document_id,
                            k.line,
                            k.quantity
                           FROM node n
                             JOIN documents.link k ON k.book_id = o.book_id AND k.target_id = n.document_id AND k.target_line = n.line
                          WHERE k.kind = ANY (ARRAY[
                                CASE o.kind
                                    WHEN 'salesOrder'::text THEN 'salesInvoice'::text
                                    ELSE 'supplierInvoice'::text
                                END,
                                CASE o.kind
                                    WHEN 'salesOrder'::text THEN 'salesInvoice-'::text
                                    ELSE 'supplierInvoice-'::text
                                END])
                        UNION ALL
                         SELECT link.document_id,
                            link.line,
                            link.quantity
                           FROM documents.link
                          WHERE link.book_id = o.book_id AND link.target_id = o.document_id AND link.kind =
                                CASE o.kind
                                    WHEN 'salesOrder'::text THEN 'salesInvoice'::text
                                    ELSE 'supplierInvoice'::text
                                END) x
                  GROUP BY x.document_id, x.line
                 HAVING sum(x.quantity) <> 0::numeric
                ), share AS (
                 SELECT t.document_id,
                        CASE
                            WHEN (v.content ->> 'credit'::text) = 'true'::text THEN '-1'::integer
                            ELSE 1
                        END AS sign,
                    sum(t.quantity) AS quantity,
                    sum(COALESCE(((l.value ->> 'amountNet'::text)::numeric) + COALESCE((l.value ->> 'tax'::text)::numeric, 0::numeric), ((l.value ->> 'quantity'::text)::numeric) * ((l.value ->> 'price'::text)::numeric) * (1::numeric + COALESCE((l.value ->> 'taxRate'::text)::numeric, 0::numeric)), 0::numeric) *
                        CASE
                            WHEN COALESCE((l.value ->> 'quantity'::text)::numeric, 0::numeric) = 0::numeric THEN 1::numeric
                            ELSE t.quantity / 1000000.0 / (((l.value ->> 'quantity'::text)::numeric) * insight.unit_of(o.book_id, l.value ->> 'item'::text, l.value ->> 'unit'::text))
                        END) * COALESCE((v.content ->> 'rate'::text)::numeric, o.rate) * o.minor AS gross
                   FROM taken t
                     JOIN LATERAL ( SELECT document.body::jsonb AS content
                           FROM documents.document
                          WHERE document.book_id = o.book_id AND document.document_id = t.document_id AND (document.state = ANY (ARRAY['posted'::text, 'exempt'::text]))
                          ORDER BY document.source_version DESC
                         LIMIT 1) v ON true
                     JOIN LATERAL jsonb_array_elements(v.content -> 'lines'::text) l(value) ON (l.value ->> 'lineId'::text) = t.line
                  GROUP BY t.document_id, (
                        CASE
                            WHEN (v.content ->> 'credit'::text) = 'true'::text THEN '-1'::integer
                            ELSE 1
                        END), v.content
                )
         SELECT COALESCE(sum(s.sign::numeric * s.quantity), 0::numeric) AS invoiced,
            COALESCE(sum(s.sign::numeric * round(s.gross)), 0::numeric) AS invoiced_amount,
            COALESCE(sum(
                CASE
                    WHEN s.sign < 0 THEN 0::numeric
                    WHEN h.whole_quantity IS NULL THEN round(s.gross)
                    WHEN h.whole_quantity = 0::numeric THEN 0::numeric
                    ELSE round(s.gross * (h.taken_quantity - COALESCE(r.amount, 0::numeric)) / h.whole_quantity)
                END), 0::numeric) AS collected_amount,
            COALESCE(sum(
                CASE
                    WHEN s.sign < 0 OR COALESCE(h.whole_quantity, 0::numeric) = 0::numeric THEN 0::numeric
                    ELSE round(s.gross * (h.whole_quantity - h.taken_quantity) / h.whole_quantity)
                END), 0::numeric) AS open_amount,
            min(h.due_on) FILTER (WHERE s.sign > 0 AND h.whole_quantity <> h.taken_quantity) AS due_on
           FROM share s
             LEFT JOIN LATERAL ( SELECT sum(holding.whole_quantity) AS whole_quantity,
                    sum(holding.taken_quantity) AS taken_quantity,
                    min(holding.due_on) AS due_on
                   FROM vouchers.holding
                  WHERE holding.book_id = o.book_id AND holding.document_id = s.document_id AND holding.what = 'open'::text) h ON true
             LEFT JOIN LATERAL ( SELECT sum(link.amount) AS amount
                   FROM documents.link
                  WHERE link.book_id = o.book_id AND link.target_id = s.document_id AND (link.kind = ANY (ARRAY['salesInvoice-'::text, 'supplierInvoice-'::text, 'writeOff'::text]))) r ON true) i
     CROSS JOIN LATERAL ( SELECT COALESCE(sum(round(k.amount * (h.whole_amount - h.taken_amount)::numeric / h.whole_quantity::numeric)), 0::numeric) AS advance_amount
           FROM ( SELECT link.document_id,
                    sum(link.amount) AS amount
                   FROM documents.link
                  WHERE link.book_id = o.book_id AND link.target_id = o.document_id AND (link.kind = ANY (ARRAY['cashReceipt'::text, 'supplierPayment'::text]))
                  GROUP BY link.document_id) k
             JOIN vouchers.holding h ON h.book_id = o.book_id AND h.document_id = k.document_id AND h.what = 'open'::text AND h.whole_quantity <> 0) a;
grant delete, insert, select, update on insight.order_now to tieout_app;

create view insight.party as
 SELECT DISTINCT ON (book_id, code) book_id,
    code,
    kind,
    COALESCE((body -> 'fields'::text) ->>
        CASE kind
            WHEN 'supplier'::text THEN 'buyer'::text
            ELSE 'salesperson'::text
        END, ''::text) AS owner,
    COALESCE((body -> 'fields'::text) ->> 'region'::text, ''::text) AS region,
    COALESCE((body -> 'fields'::text) ->> 'group'::text, ''::text) AS party_group
   FROM masterdata.record
  WHERE kind = ANY (ARRAY['customer'::text, 'supplier'::text, 'employee'::text])
  ORDER BY book_id, code, kind, changed_at DESC, source;
grant delete, insert, select, update on insight.party to tieout_app;
grant select on insight.party to tieout_restricted;

create view insight.party_record as
 SELECT book_id,
    kind,
    code,
    source,
    COALESCE((body -> 'fields'::text) ->>
        CASE kind
            WHEN 'supplier'::text THEN 'buyer'::text
            ELSE 'salesperson'::text
        END, ''::text) AS owner,
    COALESCE((body -> 'fields'::text) ->> 'department'::text, ''::text) AS department,
    COALESCE((body -> 'fields'::text) ->> 'region'::text, ''::text) AS region
   FROM masterdata.record
  WHERE kind = ANY (ARRAY['customer'::text, 'supplier'::text, 'employee'::text]);
grant delete, insert, select, update on insight.party_record to tieout_app;
grant select on insight.party_record to tieout_restricted;


-- ─── masterdata ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema masterdata;
grant usage on schema masterdata to tieout_app;
grant usage on schema masterdata to tieout_restricted;

CREATE OR REPLACE FUNCTION masterdata.must_be_tree()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (
    with recursive above as (
      select new.parent collate "C" as node, new.valid as valid
      union
      select n.parent, a.valid * n.valid from above a join masterdata.node n on n.book_id = new.book_id and n.tree = new.tree and n.node = a.node and n.valid && a.valid where n.parent is not null
    ) select from above where node = new.node) then
    raise exception 'node % of % would be above itself', new.node, new.tree using errcode = 'check_violation', constraint = 'tree_has_no_circle';
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION masterdata.note_arrival()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into masterdata.arrival (book_id, kind, code, source) select book_id, kind, code, source from fresh where kind <> 'exchangeRate';
  return null;
end $function$;

CREATE OR REPLACE FUNCTION masterdata.sharing(of_book integer, keys bigint[], one bigint[], two bigint[], own bigint, most integer, few integer)
 RETURNS TABLE(generic bigint[], record_id bigint, system text, company text, code text, payload jsonb, root_id bigint, golden_id bigint)
 LANGUAGE plpgsql
 STABLE
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
    with wanted as materialized (select k.key, k.one, k.two from unnest(keys, one, two) as k (key, one, two)),
         first as materialized (select w.key, array(select m.record_id from masterdata.match_key m where m.key = w.key limit most + 1) as found from wanted w where w.one is null and w.two is null),
         wide as materialized (select f.key from first f where cardinality(f.found) > most),
         second as materialized (
           select w.key, array(select m.record_id from masterdata.match_key m where m.key = w.key limit most + 1) as found from wanted w
            where (w.one is not null or w.two is not null) and (w.one is null or w.one in (select key from wide)) and (w.two is null or w.two in (select key from wide))),
         hits as materialized (select key, found from first union all select key, found from second),
         best as materialized (
           select r.id, sum(1000000 / cardinality(h.found)) as worth from hits h cross join lateral unnest(h.found) as r (id)
            where cardinality(h.found) <= most and r.id is distinct from own group by r.id order by worth desc, r.id limit few)
    select o.generic, f.record_id, f.system, f.company, f.code, f.payload, f.root_id, f.golden_id
      from (select array(select h.key from hits h where cardinality(h.found) > most order by h.key) as generic) o
      left join lateral (
        select r.record_id, r.system, r.company, r.code, r.payload, g.root_id, c.golden_id, b.worth
          from best b join masterdata.source_record r on r.book_id = of_book and r.record_id = b.id
          join masterdata.crosswalk c on c.book_id = of_book and c.record_id = b.id join masterdata.golden g on g.book_id = of_book and g.golden_id = c.golden_id) f on true
     order by f.worth desc, f.record_id;
end $function$;

create table masterdata.alias (
  book_id integer not null,
  alias_no bigint not null generated always as identity,
  golden_id bigint not null,
  kind text not null,
  text text collate "C" not null,
  valid daterange not null,
  by text not null,
  at timestamp with time zone not null,
  constraint alias_pkey PRIMARY KEY (book_id, alias_no),
  constraint alias_book_id_golden_id_fkey FOREIGN KEY (book_id, golden_id) REFERENCES masterdata.golden(book_id, golden_id),
  constraint alias_kind_check CHECK ((kind = ANY (ARRAY['legal'::text, 'short'::text, 'former'::text, 'english'::text, 'pinyin'::text]))),
  constraint alias_valid_check CHECK ((NOT isempty(valid))),
  constraint one_alias EXCLUDE USING gist (book_id WITH =, golden_id WITH =, kind WITH =, text WITH =, valid WITH &&)
);
grant delete, insert, select, update on masterdata.alias to tieout_app;

create table masterdata.arrival (
  book_id integer not null,
  arrival_no bigint not null generated always as identity,
  kind text collate "C" not null,
  code text collate "C" not null,
  source text collate "C" not null,
  constraint arrival_pkey PRIMARY KEY (book_id, arrival_no)
);
grant delete, insert, select, update on masterdata.arrival to tieout_app;

create table masterdata.calibration (
  book_id integer not null,
  domain text collate "C" not null,
  calibration_no bigint not null generated always as identity,
  model integer not null,
  answers integer not null,
  body jsonb not null,
  made_at timestamp with time zone not null,
  constraint calibration_pkey PRIMARY KEY (book_id, domain, calibration_no),
  constraint calibration_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant insert, select on masterdata.calibration to tieout_app;

create table masterdata.candidate (
  book_id integer not null,
  candidate_no bigint not null generated always as identity,
  domain text collate "C" not null,
  record_id bigint not null,
  golden_id bigint not null,
  other_record bigint not null,
  weight numeric not null,
  waterfall jsonb not null,
  model integer not null,
  uncertainty numeric not null,
  open_value bigint not null default 0,
  priority numeric not null,
  state text not null default 'open'::text,
  found_at timestamp with time zone not null,
  decided_at timestamp with time zone,
  decided_by text,
  is_doubt boolean not null default false,
  constraint candidate_pkey PRIMARY KEY (book_id, candidate_no),
  constraint candidate_book_id_golden_id_fkey FOREIGN KEY (book_id, golden_id) REFERENCES masterdata.golden(book_id, golden_id),
  constraint candidate_book_id_record_id_fkey FOREIGN KEY (book_id, record_id) REFERENCES masterdata.source_record(book_id, record_id),
  constraint candidate_state_check CHECK ((state = ANY (ARRAY['open'::text, 'same'::text, 'different'::text, 'settled'::text])))
);
CREATE INDEX candidate_golden ON masterdata.candidate USING btree (book_id, golden_id) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX candidate_once ON masterdata.candidate USING btree (book_id, record_id, golden_id) WHERE (state = 'open'::text);
CREATE INDEX candidate_queue ON masterdata.candidate USING btree (book_id, priority DESC, candidate_no) WHERE (state = 'open'::text);
grant delete, insert, select, update on masterdata.candidate to tieout_app;

create table masterdata.code_standard (
  book_id integer not null,
  standard_no bigint not null generated always as identity,
  domain text collate "C" not null,
  system text collate "C" not null default ''::text,
  field text collate "C" not null,
  pattern text not null default ''::text,
  check_name text not null default ''::text,
  is_required boolean not null default false,
  zh text not null,
  en text not null,
  by text not null,
  at timestamp with time zone not null,
  constraint code_standard_pkey PRIMARY KEY (book_id, standard_no),
  constraint code_standard_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint code_standard_check CHECK (((pattern <> ''::text) OR (check_name <> ''::text) OR is_required))
);
CREATE UNIQUE INDEX code_standard_once ON masterdata.code_standard USING btree (book_id, domain, system, field, check_name, pattern);
grant delete, insert, select, update on masterdata.code_standard to tieout_app;

create table masterdata.crosswalk (
  book_id integer not null,
  crosswalk_id bigint not null generated always as identity,
  domain text collate "C" not null,
  system text collate "C" not null,
  company text collate "C" not null default ''::text,
  code text collate "C" not null,
  golden_id bigint not null,
  record_id bigint,
  is_mapped boolean not null default false,
  is_suspended boolean not null default false,
  valid daterange not null,
  made_at timestamp with time zone not null,
  made_by text not null,
  constraint crosswalk_pkey PRIMARY KEY (book_id, crosswalk_id),
  constraint crosswalk_book_id_golden_id_fkey FOREIGN KEY (book_id, golden_id) REFERENCES masterdata.golden(book_id, golden_id),
  constraint crosswalk_book_id_record_id_fkey FOREIGN KEY (book_id, record_id) REFERENCES masterdata.source_record(book_id, record_id),
  constraint crosswalk_valid_check CHECK ((NOT isempty(valid))),
  constraint one_meaning EXCLUDE USING gist (book_id WITH =, domain WITH =, system WITH =, company WITH =, code WITH =, valid WITH &&)
);
CREATE INDEX crosswalk_code ON masterdata.crosswalk USING btree (book_id, domain, code);
CREATE INDEX crosswalk_golden ON masterdata.crosswalk USING btree (book_id, golden_id);
CREATE INDEX crosswalk_record ON masterdata.crosswalk USING btree (book_id, record_id) WHERE (record_id IS NOT NULL);
CREATE INDEX crosswalk_special ON masterdata.crosswalk USING btree (book_id, domain, code) WHERE (is_mapped OR is_suspended);
grant delete, insert, select, update on masterdata.crosswalk to tieout_app;

create table masterdata.decision (
  book_id integer not null,
  decision_no bigint not null generated always as identity,
  act text not null,
  domain text collate "C" not null,
  golden_id bigint,
  other_id bigint,
  record_id bigint,
  weight numeric,
  waterfall jsonb,
  model integer,
  body jsonb not null default '{}'::jsonb,
  undoes bigint,
  reason text not null default ''::text,
  by text not null,
  at timestamp with time zone not null,
  constraint decision_pkey PRIMARY KEY (book_id, decision_no)
);
CREATE INDEX decision_golden ON masterdata.decision USING btree (book_id, golden_id, decision_no);
CREATE INDEX decision_other ON masterdata.decision USING btree (book_id, other_id, decision_no) WHERE (other_id IS NOT NULL);
CREATE UNIQUE INDEX decision_undone_once ON masterdata.decision USING btree (book_id, undoes) WHERE (undoes IS NOT NULL);
grant insert, select on masterdata.decision to tieout_app;

create table masterdata.edge (
  book_id integer not null,
  a bigint not null,
  b bigint not null,
  kind text not null,
  decision_no bigint not null,
  constraint edge_pkey PRIMARY KEY (book_id, a, b),
  constraint edge_book_id_a_fkey FOREIGN KEY (book_id, a) REFERENCES masterdata.source_record(book_id, record_id),
  constraint edge_book_id_b_fkey FOREIGN KEY (book_id, b) REFERENCES masterdata.source_record(book_id, record_id),
  constraint edge_check CHECK ((a < b)),
  constraint edge_kind_check CHECK ((kind = ANY (ARRAY['must'::text, 'cannot'::text])))
);
CREATE INDEX edge_b ON masterdata.edge USING btree (book_id, b);
grant delete, insert, select, update on masterdata.edge to tieout_app;

create table masterdata.generic_key (
  book_id integer not null,
  domain text collate "C" not null,
  name text collate "C" not null,
  key bigint not null,
  example text not null,
  seen_at timestamp with time zone not null,
  constraint generic_key_pkey PRIMARY KEY (book_id, domain, name, key)
);
grant delete, insert, select, update on masterdata.generic_key to tieout_app;

create table masterdata.golden (
  book_id integer not null,
  golden_id bigint not null generated always as identity,
  domain text collate "C" not null,
  state text not null default 'active'::text,
  redirect_to bigint,
  root_id bigint not null,
  code text collate "C" not null,
  name text collate "C" not null,
  initials text collate "C" not null,
  words text not null,
  body jsonb not null,
  sources integer not null default 0,
  version integer not null default 1,
  made_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  constraint golden_pkey PRIMARY KEY (book_id, golden_id),
  constraint golden_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint golden_book_id_redirect_to_fkey FOREIGN KEY (book_id, redirect_to) REFERENCES masterdata.golden(book_id, golden_id),
  constraint golden_book_id_root_id_fkey FOREIGN KEY (book_id, root_id) REFERENCES masterdata.golden(book_id, golden_id),
  constraint golden_check CHECK (((state = 'merged'::text) = (redirect_to IS NOT NULL))),
  constraint golden_check1 CHECK (((redirect_to IS NULL) OR (redirect_to <> golden_id))),
  constraint golden_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'merged'::text, 'retired'::text])))
) with (fillfactor=90);
CREATE INDEX golden_changed ON masterdata.golden USING btree (book_id, domain, changed_at, golden_id);
CREATE INDEX golden_code ON masterdata.golden USING btree (book_id, domain, code);
CREATE INDEX golden_initials ON masterdata.golden USING btree (book_id, initials);
CREATE INDEX golden_name ON masterdata.golden USING btree (book_id, name);
CREATE INDEX golden_root ON masterdata.golden USING btree (book_id, root_id) WHERE (state = 'merged'::text);
CREATE INDEX golden_suspended ON masterdata.golden USING btree (book_id) WHERE (state = 'suspended'::text);
CREATE INDEX golden_words ON masterdata.golden USING gin (words gin_trgm_ops);
grant delete, insert, select, update on masterdata.golden to tieout_app;

create table masterdata.match_key (
  book_id integer not null,
  key bigint not null,
  record_id bigint not null
);
CREATE INDEX match_key_found ON masterdata.match_key USING btree (key, record_id);
CREATE INDEX match_key_record ON masterdata.match_key USING btree (book_id, record_id);
grant delete, insert, select, update on masterdata.match_key to tieout_app;

create table masterdata.model (
  book_id integer not null,
  domain text collate "C" not null,
  version integer not null,
  body jsonb not null,
  learned_on text not null,
  learned_at timestamp with time zone not null,
  constraint model_pkey PRIMARY KEY (book_id, domain, version),
  constraint model_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant delete, insert, select, update on masterdata.model to tieout_app;

create table masterdata.node (
  book_id integer not null,
  node_no bigint not null generated always as identity,
  tree text collate "C" not null,
  node text collate "C" not null,
  zh text not null,
  en text not null,
  golden_id bigint,
  parent text collate "C",
  valid daterange not null,
  by text not null,
  at timestamp with time zone not null,
  constraint node_pkey PRIMARY KEY (book_id, node_no),
  constraint node_book_id_golden_id_fkey FOREIGN KEY (book_id, golden_id) REFERENCES masterdata.golden(book_id, golden_id),
  constraint node_check CHECK (((parent IS NULL) OR (parent <> node))),
  constraint node_valid_check CHECK ((NOT isempty(valid))),
  constraint one_parent EXCLUDE USING gist (book_id WITH =, tree WITH =, node WITH =, valid WITH &&)
);
CREATE INDEX node_parent ON masterdata.node USING btree (book_id, tree, parent);
CREATE CONSTRAINT TRIGGER tree_has_no_circle AFTER INSERT OR UPDATE ON masterdata.node NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION masterdata.must_be_tree();
grant delete, insert, select, update on masterdata.node to tieout_app;

create table masterdata.pin (
  book_id integer not null,
  golden_id bigint not null,
  field text collate "C" not null,
  value text not null,
  reason text not null,
  by text not null,
  at timestamp with time zone not null,
  constraint pin_pkey PRIMARY KEY (book_id, golden_id, field),
  constraint pin_book_id_golden_id_fkey FOREIGN KEY (book_id, golden_id) REFERENCES masterdata.golden(book_id, golden_id)
);
grant delete, insert, select, update on masterdata.pin to tieout_app;

create table masterdata.policy (
  book_id integer not null,
  domain text collate "C" not null,
  trust text[] not null default '{}'::text[],
  fields jsonb not null default '{}'::jsonb,
  auto_merge boolean not null default true,
  four_eyes boolean not null default false,
  strict boolean not null default false,
  by text not null,
  at timestamp with time zone not null,
  constraint policy_pkey PRIMARY KEY (book_id, domain),
  constraint policy_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant delete, insert, select, update on masterdata.policy to tieout_app;

create table masterdata.publication (
  book_id integer not null,
  publication_no bigint not null generated always as identity,
  target text collate "C" not null,
  domain text collate "C" not null,
  golden_id bigint not null,
  wants text not null,
  hash text not null,
  body jsonb not null,
  state text not null default 'pending'::text,
  made_at timestamp with time zone not null,
  sent_at timestamp with time zone,
  answer text not null default ''::text,
  attempts integer not null default 0,
  constraint publication_pkey PRIMARY KEY (book_id, publication_no),
  constraint publication_book_id_golden_id_fkey FOREIGN KEY (book_id, golden_id) REFERENCES masterdata.golden(book_id, golden_id),
  constraint publication_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'refused'::text])))
);
CREATE UNIQUE INDEX publication_once ON masterdata.publication USING btree (book_id, target, domain, golden_id, wants, hash);
CREATE INDEX publication_pending ON masterdata.publication USING btree (book_id, target, publication_no) WHERE (state = 'pending'::text);
grant delete, insert, select, update on masterdata.publication to tieout_app;

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
CREATE TRIGGER arrives AFTER INSERT ON masterdata.record REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION masterdata.note_arrival();
CREATE TRIGGER changes AFTER UPDATE ON masterdata.record REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION masterdata.note_arrival();
alter table masterdata.record enable row level security;
create policy application on masterdata.record for all to tieout_app using (true) with check (true);
create policy visible on masterdata.record for select to tieout_restricted using (((book_id = ( SELECT access.visible_book() AS visible_book)) AND (kind <> 'bankAccount'::text) AND ((kind <> ALL (ARRAY['customer'::text, 'supplier'::text])) OR (code IN ( SELECT access.visible_parties() AS visible_parties)))));
grant delete, insert, select, update on masterdata.record to tieout_app;
grant select on masterdata.record to tieout_restricted;

create table masterdata.request (
  book_id integer not null,
  request_no bigint not null generated always as identity,
  act text not null,
  domain text collate "C" not null,
  body jsonb not null,
  reason text not null,
  state text not null default 'open'::text,
  asked_at timestamp with time zone not null,
  asked_by text not null,
  decided_at timestamp with time zone,
  decided_by text,
  note text not null default ''::text,
  constraint request_pkey PRIMARY KEY (book_id, request_no),
  constraint request_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint request_check CHECK (((state <> 'approved'::text) OR (decided_by <> asked_by))),
  constraint request_state_check CHECK ((state = ANY (ARRAY['open'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text])))
);
CREATE INDEX request_open ON masterdata.request USING btree (book_id, request_no) WHERE (state = 'open'::text);
grant delete, insert, select, update on masterdata.request to tieout_app;

create table masterdata.score_cache (
  book_id integer not null,
  domain text collate "C" not null,
  system text collate "C" not null,
  records bigint not null,
  fields bigint not null,
  fields_filled bigint not null,
  checked bigint not null,
  checked_right bigint not null,
  alone bigint not null,
  recent bigint not null,
  mapped bigint not null,
  worst jsonb not null default '[]'::jsonb,
  counted_at timestamp with time zone not null,
  constraint score_cache_pkey PRIMARY KEY (book_id, domain, system),
  constraint score_cache_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant delete, insert, select, update on masterdata.score_cache to tieout_app;

create table masterdata.source_record (
  book_id integer not null,
  record_id bigint not null generated always as identity,
  domain text collate "C" not null,
  system text collate "C" not null,
  company text collate "C" not null default ''::text,
  code text collate "C" not null,
  version integer not null,
  payload jsonb not null,
  hash text not null,
  valid_from timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  constraint source_record_pkey PRIMARY KEY (book_id, record_id),
  constraint source_record_book_id_domain_code_system_company_key UNIQUE (book_id, domain, code, system, company),
  constraint source_record_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
) with (fillfactor=90);
grant delete, insert, select, update on masterdata.source_record to tieout_app;

create table masterdata.source_version (
  book_id integer not null,
  record_id bigint not null,
  version integer not null,
  payload jsonb not null,
  valid tstzrange not null,
  recorded_at timestamp with time zone not null,
  recorded_by text not null,
  constraint source_version_pkey PRIMARY KEY (book_id, record_id, version),
  constraint source_version_book_id_record_id_fkey FOREIGN KEY (book_id, record_id) REFERENCES masterdata.source_record(book_id, record_id),
  constraint source_version_valid_check CHECK ((NOT isempty(valid))),
  constraint source_version_book_id_record_id_valid_excl EXCLUDE USING gist (book_id WITH =, record_id WITH =, valid WITH &&)
);
grant delete, insert, select, update on masterdata.source_version to tieout_app;

create table masterdata.subscription (
  book_id integer not null,
  target text collate "C" not null,
  domain text collate "C" not null,
  wants text not null,
  definition jsonb not null default '{}'::jsonb,
  by text not null,
  at timestamp with time zone not null,
  constraint subscription_pkey PRIMARY KEY (book_id, target, domain, wants),
  constraint subscription_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint subscription_wants_check CHECK ((wants = ANY (ARRAY['golden'::text, 'mapping'::text])))
);
grant delete, insert, select, update on masterdata.subscription to tieout_app;

create table masterdata.unit_factor (
  book_id integer not null,
  factor_no bigint not null generated always as identity,
  golden_id bigint,
  from_unit text collate "C" not null,
  to_unit text collate "C" not null,
  num numeric not null,
  den numeric not null,
  valid daterange not null,
  by text not null,
  at timestamp with time zone not null,
  constraint unit_factor_pkey PRIMARY KEY (book_id, factor_no),
  constraint unit_factor_book_id_golden_id_fkey FOREIGN KEY (book_id, golden_id) REFERENCES masterdata.golden(book_id, golden_id),
  constraint unit_factor_check CHECK ((to_unit <> from_unit)),
  constraint unit_factor_den_check CHECK (((den > (0)::numeric) AND (den = trunc(den)))),
  constraint unit_factor_num_check CHECK (((num > (0)::numeric) AND (num = trunc(num)))),
  constraint unit_factor_valid_check CHECK ((NOT isempty(valid))),
  constraint one_factor EXCLUDE USING gist (book_id WITH =, COALESCE(golden_id, (0)::bigint) WITH =, from_unit WITH =, to_unit WITH =, valid WITH &&)
);
grant delete, insert, select, update on masterdata.unit_factor to tieout_app;


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


-- ─── reconciliation ──────────────────────────────────────────────────────────────────────────────────────────────────────────

create schema reconciliation;
grant usage on schema reconciliation to tieout_app;

CREATE OR REPLACE FUNCTION reconciliation.stock_units(book integer, item text, unit text)
 RETURNS numeric
 LANGUAGE plpgsql
 STABLE
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
begin
  if unit is null or item is null then return 1; end if;
  return coalesce((select (r.body -> 'units' ->> unit)::numeric from masterdata.record r where r.book_id = book and r.kind = 'item' and r.code = item and r.body -> 'units' ? unit order by changed_at desc, source limit 1) / 1000000, 1);
end $function$;

create table reconciliation.alert (
  book_id integer not null,
  alert_no bigint not null generated always as identity,
  rule text collate "C" not null,
  subject text collate "C" not null,
  state text not null,
  value bigint not null,
  worst bigint not null,
  since timestamp with time zone not null,
  opened_at timestamp with time zone,
  rang_at timestamp with time zone,
  rang_to text not null default ''::text,
  step integer not null default 0,
  acknowledged_by text,
  snoozed_until timestamp with time zone,
  closed_at timestamp with time zone,
  snapshot jsonb not null,
  constraint alert_pkey PRIMARY KEY (book_id, alert_no),
  constraint alert_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint alert_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'open'::text, 'acknowledged'::text, 'closed'::text])))
);
CREATE INDEX alert_list ON reconciliation.alert USING btree (book_id, state, alert_no DESC);
CREATE UNIQUE INDEX alert_standing ON reconciliation.alert USING btree (book_id, rule, subject) WHERE (state <> 'closed'::text);
grant delete, insert, select, update on reconciliation.alert to tieout_app;

create table reconciliation.alert_channel (
  book_id integer not null,
  channel text collate "C" not null,
  kind text not null,
  config jsonb not null,
  sealed bytea,
  is_on boolean not null default true,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  constraint alert_channel_pkey PRIMARY KEY (book_id, channel),
  constraint alert_channel_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint alert_channel_channel_check CHECK ((channel ~ '^[a-z][a-z0-9-]{1,59}$'::text)),
  constraint alert_channel_kind_check CHECK ((kind = ANY (ARRAY['smtp'::text, 'webhook'::text, 'wecom'::text, 'dingtalk'::text, 'feishu'::text])))
);
grant delete, insert, select, update on reconciliation.alert_channel to tieout_app;

create table reconciliation.alert_event (
  book_id integer not null,
  event_no bigint not null generated always as identity,
  alert_no bigint not null,
  at timestamp with time zone not null,
  by text not null,
  what text not null,
  "to" text not null default ''::text,
  value bigint not null,
  note text not null default ''::text,
  snapshot jsonb not null,
  constraint alert_event_pkey PRIMARY KEY (book_id, event_no),
  constraint alert_event_book_id_alert_no_fkey FOREIGN KEY (book_id, alert_no) REFERENCES reconciliation.alert(book_id, alert_no),
  constraint alert_event_what_check CHECK ((what = ANY (ARRAY['opened'::text, 'repeated'::text, 'escalated'::text, 'closed'::text, 'acknowledged'::text, 'snoozed'::text, 'noted'::text])))
);
CREATE INDEX alert_event_of ON reconciliation.alert_event USING btree (book_id, alert_no, event_no);
grant insert, select on reconciliation.alert_event to tieout_app;

create table reconciliation.alert_rule (
  book_id integer not null,
  rule text collate "C" not null,
  body jsonb not null,
  is_on boolean not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  constraint alert_rule_pkey PRIMARY KEY (book_id, rule),
  constraint alert_rule_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint alert_rule_rule_check CHECK ((rule ~ '^[a-z][a-z0-9-]{1,59}$'::text))
);
grant delete, insert, select, update on reconciliation.alert_rule to tieout_app;

create table reconciliation.alert_send (
  book_id integer not null,
  send_no bigint not null generated always as identity,
  event_no bigint,
  channel text collate "C" not null,
  recipient text collate "C" not null,
  message jsonb not null,
  state text not null,
  tries integer not null default 0,
  next_at timestamp with time zone not null,
  held_until timestamp with time zone,
  sent_at timestamp with time zone,
  read_at timestamp with time zone,
  problem text not null default ''::text,
  constraint alert_send_pkey PRIMARY KEY (book_id, send_no),
  constraint alert_send_book_id_event_no_fkey FOREIGN KEY (book_id, event_no) REFERENCES reconciliation.alert_event(book_id, event_no),
  constraint alert_send_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text])))
);
CREATE INDEX alert_send_inbox ON reconciliation.alert_send USING btree (book_id, recipient, send_no DESC) WHERE (channel = 'inApp'::text);
CREATE UNIQUE INDEX alert_send_once ON reconciliation.alert_send USING btree (book_id, event_no, channel, recipient) WHERE (event_no IS NOT NULL);
CREATE INDEX alert_send_waiting ON reconciliation.alert_send USING btree (next_at) WHERE (state = 'waiting'::text);
grant delete, insert, select, update on reconciliation.alert_send to tieout_app;

create table reconciliation.amortisation (
  book_id integer not null,
  code text collate "C" not null,
  name text not null,
  total bigint not null,
  months integer not null,
  first_period text collate "C" not null,
  debit jsonb not null,
  credit jsonb not null,
  set_at timestamp with time zone not null,
  set_by text not null,
  ended_after text collate "C",
  constraint amortisation_pkey PRIMARY KEY (book_id, code),
  constraint amortisation_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint amortisation_code_check CHECK ((code ~ '^[A-Za-z0-9_.-]{1,40}$'::text)),
  constraint amortisation_first_period_check CHECK ((first_period ~ '^\d{4}-\d{2}$'::text)),
  constraint amortisation_months_check CHECK (((months >= 1) AND (months <= 600))),
  constraint amortisation_total_check CHECK ((total > 0))
);
grant delete, insert, select, update on reconciliation.amortisation to tieout_app;

create table reconciliation.bank_match (
  book_id integer not null,
  match_no bigint not null generated always as identity,
  step text not null,
  difference bigint not null,
  made_at timestamp with time zone not null,
  made_by text not null,
  reason text not null default ''::text,
  undone_at timestamp with time zone,
  undone_by text,
  document text collate "C",
  constraint bank_match_pkey PRIMARY KEY (book_id, match_no)
);
grant delete, insert, select, update on reconciliation.bank_match to tieout_app;

create table reconciliation.chain_cache (
  book_id integer not null,
  order_id bigint not null,
  line text collate "C" not null,
  side text not null,
  order_key text collate "C" not null,
  date date not null,
  period text collate "C" not null,
  party text collate "C" not null,
  salesperson text collate "C" not null,
  item text collate "C" not null,
  due_on date,
  ordered bigint not null,
  moved bigint not null,
  returned bigint not null,
  invoiced bigint not null,
  credited bigint not null,
  ordered_amount bigint not null,
  moved_amount bigint not null,
  returned_amount bigint not null,
  invoiced_amount bigint not null,
  credited_amount bigint not null,
  paid_amount bigint not null,
  written_off_amount bigint not null,
  first_moved_on date,
  last_moved_on date,
  last_returned_on date,
  last_invoiced_on date,
  pay_by date,
  constraint chain_cache_pkey PRIMARY KEY (book_id, order_id, line),
  constraint chain_cache_side_check CHECK ((side = ANY (ARRAY['sale'::text, 'purchase'::text])))
) with (fillfactor=80);
CREATE INDEX chain_open ON reconciliation.chain_cache USING btree (book_id, side, order_id, line) WHERE (((moved - returned) <> (invoiced - credited)) OR ((invoiced_amount - credited_amount) <> (paid_amount + written_off_amount)) OR (moved < ordered));
CREATE INDEX chain_party ON reconciliation.chain_cache USING btree (book_id, side, party, order_id);
CREATE INDEX chain_salesperson ON reconciliation.chain_cache USING btree (book_id, side, salesperson, order_id);
grant delete, insert, select, update on reconciliation.chain_cache to tieout_app;

create table reconciliation.chain_mark (
  book_id integer not null,
  document_id bigint not null,
  head text not null,
  at timestamp with time zone not null,
  constraint chain_mark_pkey PRIMARY KEY (book_id),
  constraint chain_mark_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant delete, insert, select, update on reconciliation.chain_mark to tieout_app;

create table reconciliation.close_run (
  book_id integer not null,
  run_no bigint not null generated always as identity,
  period text collate "C" not null,
  started_at timestamp with time zone not null,
  started_by text not null,
  ended_at timestamp with time zone,
  outcome text,
  steps jsonb not null default '[]'::jsonb,
  constraint close_run_pkey PRIMARY KEY (book_id, run_no),
  constraint close_run_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint close_run_outcome_check CHECK ((outcome = ANY (ARRAY['closed'::text, 'stopped'::text])))
);
grant delete, insert, select, update on reconciliation.close_run to tieout_app;

create table reconciliation.difference (
  book_id integer not null,
  difference_no bigint not null generated always as identity,
  part text not null,
  cause text collate "C" not null,
  fingerprint text collate "C" not null,
  subject text not null,
  account text collate "C" not null default ''::text,
  party text collate "C" not null default ''::text,
  item text collate "C" not null default ''::text,
  period text collate "C" not null default ''::text,
  documents text[] not null default '{}'::text[],
  vouchers text[] not null default '{}'::text[],
  business bigint,
  books bigint,
  amount bigint not null,
  since date not null,
  owner text collate "C" not null default ''::text,
  facts jsonb not null default '{}'::jsonb,
  state text not null default 'open'::text,
  found_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  assigned_to text collate "C" not null default ''::text,
  due_on date,
  constraint difference_pkey PRIMARY KEY (book_id, difference_no),
  constraint difference_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint difference_check CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
  constraint difference_part_check CHECK ((part = ANY (ARRAY['chain'::text, 'books'::text, 'finance'::text]))),
  constraint difference_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'closed'::text])))
);
CREATE INDEX difference_list ON reconciliation.difference USING btree (book_id, state, cause, difference_no);
CREATE UNIQUE INDEX difference_standing ON reconciliation.difference USING btree (book_id, fingerprint) WHERE (state <> 'closed'::text);
grant delete, insert, select, update on reconciliation.difference to tieout_app;

create table reconciliation.difference_event (
  book_id integer not null,
  difference_no bigint not null,
  event_no bigint not null generated always as identity,
  at timestamp with time zone not null,
  by text not null,
  what text not null,
  amount bigint not null,
  reason text not null default ''::text,
  facts jsonb not null default '{}'::jsonb,
  constraint difference_event_pkey PRIMARY KEY (book_id, difference_no, event_no),
  constraint difference_event_book_id_difference_no_fkey FOREIGN KEY (book_id, difference_no) REFERENCES reconciliation.difference(book_id, difference_no),
  constraint difference_event_what_check CHECK ((what = ANY (ARRAY['found'::text, 'changed'::text, 'corrected'::text, 'assigned'::text, 'accepted'::text, 'reopened'::text, 'closed'::text, 'noted'::text])))
);
grant insert, select on reconciliation.difference_event to tieout_app;

create table reconciliation.file_layout (
  book_id integer not null,
  purpose text not null,
  name text not null,
  body jsonb not null,
  set_at timestamp with time zone not null,
  set_by text not null,
  constraint file_layout_pkey PRIMARY KEY (book_id, purpose, name),
  constraint file_layout_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint file_layout_name_check CHECK ((name <> ''::text)),
  constraint file_layout_purpose_check CHECK ((purpose = ANY (ARRAY['statement'::text, 'payment'::text])))
);
grant delete, insert, select, update on reconciliation.file_layout to tieout_app;

create table reconciliation.invoice_approval (
  book_id integer not null,
  document_id bigint not null,
  findings text not null,
  reason text not null,
  approved_at timestamp with time zone not null,
  approved_by text not null,
  constraint invoice_approval_pkey PRIMARY KEY (book_id, document_id, approved_at),
  constraint invoice_approval_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint invoice_approval_reason_check CHECK ((reason <> ''::text))
);
grant delete, insert, select, update on reconciliation.invoice_approval to tieout_app;

create table reconciliation.letter (
  book_id integer not null,
  letter_no bigint not null generated always as identity,
  party text collate "C" not null,
  kind text not null,
  at date not null,
  balance bigint not null,
  body jsonb not null,
  made_at timestamp with time zone not null,
  made_by text not null,
  expires_at timestamp with time zone not null,
  answered_at timestamp with time zone,
  answer text,
  answered_by text,
  their_balance bigint,
  remark text,
  withdrawn_at timestamp with time zone,
  body_hash bytea,
  answered_hash bytea,
  constraint letter_pkey PRIMARY KEY (book_id, letter_no),
  constraint letter_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint letter_answer_check CHECK ((answer = ANY (ARRAY['agrees'::text, 'differs'::text]))),
  constraint letter_answered_hash_check CHECK ((length(answered_hash) = 32)),
  constraint letter_body_hash_check CHECK ((length(body_hash) = 32)),
  constraint letter_kind_check CHECK ((kind = ANY (ARRAY['customer'::text, 'supplier'::text])))
);
CREATE INDEX letter_party ON reconciliation.letter USING btree (book_id, party, letter_no DESC);
grant delete, insert, select, update on reconciliation.letter to tieout_app;

create table reconciliation.match_tolerance (
  book_id integer not null,
  supplier text collate "C" not null default ''::text,
  item_group text collate "C" not null default ''::text,
  quantity_absolute bigint not null,
  quantity_basis_points bigint not null,
  price_absolute bigint not null,
  price_basis_points bigint not null,
  tax_absolute bigint not null,
  reason text not null,
  set_at timestamp with time zone not null,
  set_by text not null,
  constraint match_tolerance_pkey PRIMARY KEY (book_id, supplier, item_group),
  constraint match_tolerance_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint match_tolerance_price_absolute_check CHECK ((price_absolute >= 0)),
  constraint match_tolerance_price_basis_points_check CHECK (((price_basis_points >= 0) AND (price_basis_points <= 10000))),
  constraint match_tolerance_quantity_absolute_check CHECK ((quantity_absolute >= 0)),
  constraint match_tolerance_quantity_basis_points_check CHECK (((quantity_basis_points >= 0) AND (quantity_basis_points <= 10000))),
  constraint match_tolerance_reason_check CHECK ((reason <> ''::text)),
  constraint match_tolerance_tax_absolute_check CHECK ((tax_absolute >= 0))
);
grant delete, insert, select, update on reconciliation.match_tolerance to tieout_app;

create table reconciliation.matched_line (
  book_id integer not null,
  match_no bigint not null,
  period text collate "C" not null,
  voucher_id bigint not null,
  line_no integer not null,
  constraint matched_line_pkey PRIMARY KEY (book_id, match_no, period, voucher_id, line_no),
  constraint matched_line_book_id_match_no_fkey FOREIGN KEY (book_id, match_no) REFERENCES reconciliation.bank_match(book_id, match_no)
);
CREATE INDEX matched_by_line ON reconciliation.matched_line USING btree (book_id, period, voucher_id, line_no);
grant delete, insert, select, update on reconciliation.matched_line to tieout_app;

create table reconciliation.matched_movement (
  book_id integer not null,
  match_no bigint not null,
  movement_no bigint not null,
  constraint matched_movement_pkey PRIMARY KEY (book_id, match_no, movement_no),
  constraint matched_movement_book_id_match_no_fkey FOREIGN KEY (book_id, match_no) REFERENCES reconciliation.bank_match(book_id, match_no),
  constraint matched_movement_book_id_movement_no_fkey FOREIGN KEY (book_id, movement_no) REFERENCES reconciliation.movement(book_id, movement_no)
);
CREATE INDEX matched_by_movement ON reconciliation.matched_movement USING btree (book_id, movement_no);
grant delete, insert, select, update on reconciliation.matched_movement to tieout_app;

create table reconciliation.movement (
  book_id integer not null,
  movement_no bigint not null generated always as identity,
  statement_no bigint not null,
  bank_account text collate "C" not null,
  key text collate "C" not null,
  booked_on date not null,
  amount bigint not null,
  currency text collate "C" not null,
  reference text not null,
  text text not null,
  name text not null,
  counter_account text not null,
  state text not null default 'open'::text,
  reason text not null default ''::text,
  constraint movement_pkey PRIMARY KEY (book_id, movement_no),
  constraint movement_book_id_bank_account_key_key UNIQUE (book_id, bank_account, key),
  constraint movement_book_id_statement_no_fkey FOREIGN KEY (book_id, statement_no) REFERENCES reconciliation.statement(book_id, statement_no),
  constraint movement_amount_check CHECK ((amount <> 0)),
  constraint movement_state_check CHECK ((state = ANY (ARRAY['open'::text, 'matched'::text, 'duplicate'::text, 'ignored'::text])))
);
CREATE INDEX movement_open ON reconciliation.movement USING btree (book_id, bank_account, booked_on) WHERE (state = 'open'::text);
CREATE INDEX movement_reference ON reconciliation.movement USING btree (book_id, reference) WHERE (reference <> ''::text);
grant delete, insert, select, update on reconciliation.movement to tieout_app;

create table reconciliation.payer (
  book_id integer not null,
  name text collate "C" not null,
  account text collate "C" not null,
  party text collate "C" not null,
  learned_at timestamp with time zone not null,
  learned_by text not null,
  forgotten_at timestamp with time zone,
  forgotten_by text,
  constraint payer_pkey PRIMARY KEY (book_id, name, account, party),
  constraint payer_check CHECK (((forgotten_at IS NULL) = (forgotten_by IS NULL)))
);
grant delete, insert, select, update on reconciliation.payer to tieout_app;

create table reconciliation.payment (
  book_id integer not null,
  payment_no bigint not null generated always as identity,
  batch_no bigint not null,
  supplier text collate "C" not null,
  account_no bigint not null,
  amount bigint not null,
  end_to_end_id text collate "C" not null,
  paid_on date,
  paid_by text collate "C",
  constraint payment_pkey PRIMARY KEY (book_id, payment_no),
  constraint payment_book_id_end_to_end_id_key UNIQUE (book_id, end_to_end_id),
  constraint payment_book_id_account_no_fkey FOREIGN KEY (book_id, account_no) REFERENCES reconciliation.supplier_account(book_id, account_no),
  constraint payment_book_id_batch_no_fkey FOREIGN KEY (book_id, batch_no) REFERENCES reconciliation.payment_batch(book_id, batch_no),
  constraint payment_amount_check CHECK ((amount > 0)),
  constraint payment_check CHECK (((paid_on IS NULL) = (paid_by IS NULL)))
);
CREATE INDEX payment_of_batch ON reconciliation.payment USING btree (book_id, batch_no);
grant delete, insert, select, update on reconciliation.payment to tieout_app;

create table reconciliation.payment_batch (
  book_id integer not null,
  batch_no bigint not null,
  bank_account text collate "C" not null,
  currency text collate "C" not null,
  execute_on date not null,
  message_id text collate "C" not null,
  state text not null,
  note text not null default ''::text,
  proposed_at timestamp with time zone not null,
  proposed_by text not null,
  approved_at timestamp with time zone,
  approved_by text,
  exported_at timestamp with time zone,
  exported_by text,
  payer jsonb,
  ended_at timestamp with time zone,
  ended_by text,
  end_reason text not null default ''::text,
  constraint payment_batch_pkey PRIMARY KEY (book_id, batch_no),
  constraint payment_batch_book_id_message_id_key UNIQUE (book_id, message_id),
  constraint payment_batch_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint payment_batch_check CHECK (((approved_by IS NULL) OR (approved_by <> proposed_by))),
  constraint payment_batch_check1 CHECK (((state <> ALL (ARRAY['approved'::text, 'exported'::text, 'paid'::text])) OR (approved_by IS NOT NULL))),
  constraint payment_batch_check2 CHECK (((state <> ALL (ARRAY['exported'::text, 'paid'::text])) OR (exported_at IS NOT NULL))),
  constraint payment_batch_message_id_check CHECK (((length(message_id) >= 1) AND (length(message_id) <= 35))),
  constraint payment_batch_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'exported'::text, 'paid'::text, 'withdrawn'::text])))
);
CREATE INDEX payment_batch_open ON reconciliation.payment_batch USING btree (book_id, batch_no) WHERE (state = ANY (ARRAY['proposed'::text, 'approved'::text, 'exported'::text]));
grant delete, insert, select, update on reconciliation.payment_batch to tieout_app;

create table reconciliation.payment_item (
  book_id integer not null,
  payment_no bigint not null,
  document_id bigint not null,
  line text collate "C" not null default ''::text,
  document text collate "C" not null,
  due_on date not null,
  amount bigint not null,
  discount bigint not null default 0,
  constraint payment_item_pkey PRIMARY KEY (book_id, payment_no, document_id, line),
  constraint payment_item_book_id_payment_no_fkey FOREIGN KEY (book_id, payment_no) REFERENCES reconciliation.payment(book_id, payment_no),
  constraint payment_item_amount_check CHECK ((amount > 0)),
  constraint payment_item_check CHECK (((discount >= 0) AND (discount < amount)))
);
CREATE INDEX payment_item_of ON reconciliation.payment_item USING btree (book_id, document_id);
grant delete, insert, select, update on reconciliation.payment_item to tieout_app;

create table reconciliation.proof (
  book_id integer not null,
  proof_no bigint not null generated always as identity,
  at timestamp with time zone not null,
  by text not null,
  block_no bigint not null,
  anchored bigint not null,
  vouchers bigint not null,
  findings integer not null,
  constraint proof_pkey PRIMARY KEY (book_id, proof_no),
  constraint proof_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant delete, insert, select, update on reconciliation.proof to tieout_app;

create table reconciliation.run (
  book_id integer not null,
  run_no bigint not null generated always as identity,
  at timestamp with time zone not null,
  by text not null,
  head text not null,
  found integer not null,
  opened integer not null,
  closed integer not null,
  vouchers bigint not null,
  ms integer not null,
  constraint run_pkey PRIMARY KEY (book_id, run_no),
  constraint run_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant delete, insert, select, update on reconciliation.run to tieout_app;

create table reconciliation.side_cache (
  book_id integer not null,
  account text collate "C" not null,
  of text collate "C" not null,
  period text collate "C" not null,
  ledger text collate "C" not null,
  business_in bigint not null,
  business_out bigint not null,
  books_in bigint not null,
  books_out bigint not null,
  constraint side_cache_pkey PRIMARY KEY (book_id, account, of, period, ledger)
);
grant delete, insert, select, update on reconciliation.side_cache to tieout_app;

create table reconciliation.statement (
  book_id integer not null,
  statement_no bigint not null generated always as identity,
  bank_account text collate "C" not null,
  format text not null,
  name text not null,
  currency text collate "C" not null,
  first_on date not null,
  last_on date not null,
  opening bigint,
  closing bigint,
  taken_at timestamp with time zone not null,
  taken_by text not null,
  constraint statement_pkey PRIMARY KEY (book_id, statement_no),
  constraint statement_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id)
);
grant delete, insert, select, update on reconciliation.statement to tieout_app;

create table reconciliation.supplier_account (
  book_id integer not null,
  account_no bigint not null generated always as identity,
  supplier text collate "C" not null,
  name text not null,
  number text collate "C" not null,
  bank text not null,
  bank_name text not null default ''::text,
  province text not null default ''::text,
  city text not null default ''::text,
  reason text not null,
  set_at timestamp with time zone not null,
  set_by text not null,
  decided_at timestamp with time zone,
  decided_by text,
  is_approved boolean,
  constraint supplier_account_pkey PRIMARY KEY (book_id, account_no),
  constraint supplier_account_book_id_fkey FOREIGN KEY (book_id) REFERENCES books.book(book_id),
  constraint supplier_account_check CHECK ((((decided_at IS NULL) = (is_approved IS NULL)) AND ((decided_at IS NULL) = (decided_by IS NULL)))),
  constraint supplier_account_check1 CHECK ((decided_by <> set_by))
);
CREATE INDEX supplier_account_of ON reconciliation.supplier_account USING btree (book_id, supplier, account_no DESC);
CREATE UNIQUE INDEX supplier_account_pending ON reconciliation.supplier_account USING btree (book_id, supplier) WHERE (decided_at IS NULL);
grant delete, insert, select, update on reconciliation.supplier_account to tieout_app;


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

create table rules.rejection (
  book_id integer not null,
  version integer not null,
  rejected_by text not null,
  rejected_at timestamp with time zone not null,
  reason text not null,
  constraint rejection_pkey PRIMARY KEY (book_id, version),
  constraint rejection_book_id_version_fkey FOREIGN KEY (book_id, version) REFERENCES rules.version(book_id, version),
  constraint rejection_reason_check CHECK ((reason <> ''::text))
);
grant delete, insert, select, update on rules.rejection to tieout_app;

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
grant usage on schema vouchers to tieout_restricted;

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
  sent_back_by text,
  sent_back_at timestamp with time zone,
  sent_back_reason text,
  constraint draft_pkey PRIMARY KEY (book_id, draft_id),
  constraint draft_check CHECK ((reviewed_by <> prepared_by)),
  constraint draft_sent_back CHECK (((num_nulls(sent_back_by, sent_back_at, sent_back_reason) = ANY (ARRAY[0, 3])) AND (sent_back_by <> prepared_by))),
  constraint draft_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'reviewed'::text, 'posted'::text, 'void'::text])))
);
CREATE INDEX draft_open ON vouchers.draft USING btree (book_id, draft_id) WHERE (state = 'draft'::text);
alter table vouchers.draft enable row level security;
create policy application on vouchers.draft for all to tieout_app using (true) with check (true);
create policy visible on vouchers.draft for select to tieout_restricted using (false);
grant delete, insert, select, update on vouchers.draft to tieout_app;
grant select on vouchers.draft to tieout_restricted;

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
alter table vouchers.event enable row level security;
create policy application on vouchers.event for all to tieout_app using (true) with check (true);
create policy visible on vouchers.event for select to tieout_restricted using (false);
grant insert, select on vouchers.event to tieout_app;
grant select on vouchers.event to tieout_restricted;

create table vouchers.head (
  book_id integer not null,
  block_no bigint not null default 0,
  hash bytea not null default decode(repeat('00'::text, 32), 'hex'::text),
  next_document bigint not null default 1,
  next_voucher bigint not null default 1,
  next_dimension_set integer not null default 1,
  modules integer not null default 0,
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
alter table vouchers.holding enable row level security;
create policy application on vouchers.holding for all to tieout_app using (true) with check (true);
create policy visible on vouchers.holding for select to tieout_restricted using (((book_id = ( SELECT access.visible_book() AS visible_book)) AND (party IN ( SELECT access.visible_parties() AS visible_parties))));
grant delete, insert, select, update on vouchers.holding to tieout_app;
grant select on vouchers.holding to tieout_restricted;

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
CREATE INDEX line_account ON ONLY vouchers.line USING btree (book_id, account, dimension_set_id, voucher_id);
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
CREATE INDEX voucher_newest ON vouchers.voucher USING btree (book_id, period, voucher_id);
CREATE INDEX voucher_reversal ON vouchers.voucher USING btree (book_id, reversal_of) WHERE (reversal_of IS NOT NULL);
CREATE TRIGGER never_changes BEFORE DELETE OR UPDATE ON vouchers.voucher FOR EACH ROW EXECUTE FUNCTION vouchers.never_changes();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON vouchers.voucher FOR EACH STATEMENT EXECUTE FUNCTION vouchers.never_changes();
CREATE TRIGGER voucher_follows_on AFTER INSERT ON vouchers.voucher REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION vouchers.vouchers_must_follow_on();
grant insert, select on vouchers.voucher to tieout_app;
