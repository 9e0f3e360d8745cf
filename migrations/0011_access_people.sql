-- Why: people sign in, have roles, and may be given a part of a book. `tieout_restricted` is the second wall behind the policy: queries for a person
-- with a part of a book run as this role, which can read little and of that only the rows of parties that the person's scopes show.
-- Locks: documents.document, documents.link, vouchers.holding, vouchers.event, vouchers.draft, masterdata.record and the tables of books, for a moment.

create table access.user (
  login         text collate "C" primary key check (login ~ '^[a-z0-9_.@-]{2,60}$'), -- for ever: it stands as the actor in what the person did
  name          text not null,
  password_hash text,                           -- argon2id with its parameters; null: none yet, or signs in elsewhere only
  oidc_issuer   text,
  oidc_subject  text,
  employee      text collate "C",               -- the code in master data
  state         text not null default 'active' check (state in ('active', 'disabled')),
  language      text check (language in ('zh', 'en')),
  created_at    timestamptz not null,
  created_by    text not null,
  seen_at       timestamptz,                    -- last signed in
  unique (oidc_issuer, oidc_subject),
  check (num_nulls(oidc_issuer, oidc_subject) in (0, 2))
);

create table access.role (
  role        text collate "C" primary key check (role ~ '^[a-z][a-zA-Z0-9-]{1,39}$'),
  zh          text not null,
  en          text not null,
  duties      text[] not null,
  columns     text[] not null,
  needs_scope boolean not null default false,
  is_standard boolean not null default false
);

create table access.grant (
  login text collate "C" not null references access.user,
  role  text collate "C" not null references access.role,
  book  text collate "C" not null,              -- a book's code, or * for all of them
  scope jsonb,                                  -- { employees, departments, regions }, each a list or null; null: the whole book
  primary key (login, role, book)
);

-- The cookie's token is kept as its hash; the token for x-tieout-csrf follows from the cookie's.
create table access.session (
  hash     bytea primary key check (length(hash) = 32),
  session  text collate "C" not null unique,    -- the part that may be shown
  login    text collate "C" not null references access.user,
  made_at  timestamptz not null,
  seen_at  timestamptz not null,
  expires  timestamptz not null,
  address  text not null,
  agent    text not null,
  ended_at timestamptz
);
create index session_login on access.session (login, made_at);

create table access.link (
  hash       bytea primary key check (length(hash) = 32),
  purpose    text not null check (purpose in ('first-owner', 'invite', 'reset')),
  login      text collate "C" references access.user,
  made_at    timestamptz not null,
  made_by    text not null,
  expires_at timestamptz not null,
  used_at    timestamptz,
  check ((purpose = 'first-owner') = (login is null))
);

-- Failed sign-ins of a login or from an address; also of logins that do not exist, so that nobody learns which do.
create table access.attempt (
  key          text collate "C" primary key,
  failures     integer not null,
  at           timestamptz not null,
  locked_until timestamptz,
  turn         text not null                    -- of the attempt that was let through last
);

insert into access.role (role, zh, en, duties, columns, needs_scope, is_standard) values
  ('owner', '所有者', 'Owner', '{documents.read,documents.post,documents.decide,masterdata.read,masterdata.edit,rules.read,rules.propose,rules.approve,vouchers.read,vouchers.enter,vouchers.review,vouchers.reverse,books.read,books.manage,periods.close,periods.reopen,flows.read,flows.manage,flows.send,deliveries.read,deliveries.decide,boards.read,audit.read,access.manage,keys.manage}', '{cost,bank,salary}', false, true),
  ('controller', '财务主管', 'Controller', '{documents.read,documents.post,documents.decide,masterdata.read,masterdata.edit,rules.read,rules.propose,rules.approve,vouchers.read,vouchers.enter,vouchers.review,vouchers.reverse,books.read,books.manage,periods.close,periods.reopen,flows.read,deliveries.read,deliveries.decide,boards.read,audit.read}', '{cost,bank,salary}', false, true),
  ('accountant', '会计', 'Accountant', '{documents.read,documents.post,documents.decide,masterdata.read,masterdata.edit,rules.read,rules.propose,vouchers.read,vouchers.enter,vouchers.reverse,books.read,periods.close,flows.read,deliveries.read,deliveries.decide,boards.read}', '{cost,bank,salary}', false, true),
  ('reviewer', '审核', 'Reviewer', '{documents.read,masterdata.read,rules.read,rules.approve,vouchers.read,vouchers.review,books.read,deliveries.read,boards.read}', '{cost,bank,salary}', false, true),
  ('cashier', '出纳', 'Cashier', '{documents.read,documents.post,vouchers.read,books.read,boards.read}', '{bank}', false, true),
  ('sales', '销售', 'Sales', '{documents.read,masterdata.read,boards.read}', '{}', true, true),
  ('buyer', '采购', 'Buyer', '{documents.read,masterdata.read,boards.read}', '{}', true, true),
  ('it', '信息', 'IT', '{masterdata.read,flows.read,flows.manage,flows.send,deliveries.read,deliveries.decide,keys.manage}', '{}', false, true),
  ('auditor', '审计(只读)', 'Auditor (reads only)', '{documents.read,masterdata.read,rules.read,vouchers.read,books.read,flows.read,deliveries.read,boards.read,audit.read}', '{cost,bank,salary}', false, true);

-- The second wall --------------------------------------------------------------------------------------------------------

do $$
begin
  if not exists (select from pg_roles where rolname = 'tieout_restricted') then
    create role tieout_restricted nologin;
  end if;
exception
  when duplicate_object or unique_violation then null;
end $$;
grant tieout_restricted to current_user;

grant usage on schema access, books, masterdata, documents, vouchers to tieout_restricted;
grant select on documents.document, documents.link, masterdata.record, vouchers.holding, vouchers.event, vouchers.draft to tieout_restricted;
grant select on books.book, books.account, books.period, books.setting to tieout_restricted;

-- The parties that the scopes of this transaction show: every master record of the code must match one of them, so that a code that is also
-- somebody else's customer stays hidden. Employees are no parties of a scope. Runs as its owner, which the wall does not stop.
create function access.visible_parties() returns setof text language sql stable security definer set search_path = pg_catalog, pg_temp rows 100 as $$
  select r.code
    from masterdata.record r
   where r.book_id = nullif(current_setting('tieout.book_id', true), '')::integer and r.kind in ('customer', 'supplier', 'employee')
   group by r.code
  having bool_and(r.kind <> 'employee' and exists (
    select from jsonb_array_elements(coalesce(nullif(current_setting('tieout.scopes', true), ''), '[]')::jsonb) as s
     where (s -> 'employees' = 'null' or coalesce(s -> 'employees' ? (r.body -> 'fields' ->> case r.kind when 'customer' then 'salesperson' else 'buyer' end), false))
       and (s -> 'departments' = 'null' or coalesce(s -> 'departments' ? (r.body -> 'fields' ->> 'department'), false))
       and (s -> 'regions' = 'null' or coalesce(s -> 'regions' ? (r.body -> 'fields' ->> 'region'), false))))
$$;
create function access.visible_book() returns integer language sql stable set search_path = pg_catalog, pg_temp as $$
  select nullif(current_setting('tieout.book_id', true), '')::integer
$$;
revoke execute on function access.visible_parties(), access.visible_book() from public;
grant execute on function access.visible_parties(), access.visible_book() to tieout_restricted;

create policy application on documents.document to tieout_app using (true) with check (true);
create policy application on documents.link to tieout_app using (true) with check (true);
create policy application on vouchers.holding to tieout_app using (true) with check (true);
create policy application on vouchers.event to tieout_app using (true) with check (true);
create policy application on vouchers.draft to tieout_app using (true) with check (true);
create policy application on masterdata.record to tieout_app using (true) with check (true);
create policy application on books.book to tieout_app using (true) with check (true);
create policy application on books.account to tieout_app using (true) with check (true);
create policy application on books.period to tieout_app using (true) with check (true);
create policy application on books.setting to tieout_app using (true) with check (true);

-- What a document says of a second party counts too. A document of nobody is not visible.
create policy visible on documents.document for select to tieout_restricted using (
  book_id = (select access.visible_book()) and party in (select access.visible_parties())
  and (kind <> 'settlement' or body::jsonb ->> 'toParty' is null or body::jsonb ->> 'toParty' in (select access.visible_parties())));
create policy visible on documents.link for select to tieout_restricted using (
  book_id = (select access.visible_book())
  and exists (select from documents.document d where d.book_id = link.book_id and d.document_id = link.document_id)
  and exists (select from documents.document d where d.book_id = link.book_id and d.document_id = link.target_id));
create policy visible on vouchers.holding for select to tieout_restricted using (
  book_id = (select access.visible_book()) and party in (select access.visible_parties()));
-- Events and drafts carry costs and name vouchers: none is shown, and what follows documents (trace) goes on without them.
create policy visible on vouchers.event for select to tieout_restricted using (false);
create policy visible on vouchers.draft for select to tieout_restricted using (false);
create policy visible on masterdata.record for select to tieout_restricted using (
  book_id = (select access.visible_book()) and kind <> 'bankAccount' and (kind not in ('customer', 'supplier') or code in (select access.visible_parties())));
create policy visible on books.book for select to tieout_restricted using (book_id = (select access.visible_book()));
create policy visible on books.account for select to tieout_restricted using (book_id = (select access.visible_book()));
create policy visible on books.period for select to tieout_restricted using (book_id = (select access.visible_book()));
create policy visible on books.setting for select to tieout_restricted using (book_id = (select access.visible_book()));

-- The application writes by COPY, which PostgreSQL does not do for a role that row level security applies to, whatever its policies say. It is let
-- past; that also keeps its plans as they were. Where the server does not let us say so (some hosted ones), it becomes a member of the owner of the
-- tables that it copies into and may change of old, and of no other.
do $$
declare
  copied regclass;
begin
  if not (select rolbypassrls or rolsuper from pg_roles where rolname = 'tieout_app') then
    begin
      alter role tieout_app bypassrls;
    exception when insufficient_privilege then
      if not exists (select from pg_roles where rolname = 'tieout_keeper') then
        create role tieout_keeper nologin;
      end if;
      grant tieout_keeper to current_user;
      grant tieout_keeper to tieout_app;
      grant usage, create on schema documents, vouchers to tieout_keeper;
      foreach copied in array array['documents.document', 'documents.link', 'vouchers.holding']::regclass[] loop
        execute format('alter table %s owner to tieout_keeper', copied);
      end loop;
      revoke create on schema documents, vouchers from tieout_keeper;
      -- Events never change, so that the application must not own them; those with a part of a book then trace nothing.
      revoke select on vouchers.event, vouchers.draft from tieout_restricted;
    end;
  end if;
end $$;

alter table documents.document enable row level security;
alter table documents.link enable row level security;
alter table vouchers.holding enable row level security;
alter table masterdata.record enable row level security;
alter table books.book enable row level security;
alter table books.account enable row level security;
alter table books.period enable row level security;
alter table books.setting enable row level security;
do $$
begin
  if has_table_privilege('tieout_restricted', 'vouchers.event', 'select') then
    alter table vouchers.event enable row level security;
    alter table vouchers.draft enable row level security;
  end if;
end $$;
