-- Why: the system records here which migrations made the database, and creates the role that all its queries run as.
-- Locks: nothing; the database is new.
--
-- Tables belong to the role that migrates. `tieout_app` owns none of them: it may read and write what is granted below by
-- default, and a migration that protects a table takes rights away, as in
--   revoke update, delete, truncate on vouchers.line from tieout_app;
-- Triggers are the second wall, never the first.

create schema platform;

create table platform.migration (
  number      integer     not null primary key check (number > 0),
  name        text        not null unique,
  checksum    text        not null,
  happened_at timestamptz not null default now()
);

do $$
begin
  -- Roles belong to the whole server; another database of it may have made this one already.
  if not exists (select from pg_roles where rolname = 'tieout_app') then
    create role tieout_app nologin;
  end if;
exception
  when duplicate_object or unique_violation then null;
end $$;

grant tieout_app to current_user;

alter default privileges grant usage on schemas to tieout_app;
alter default privileges grant select, insert, update, delete on tables to tieout_app;
alter default privileges grant usage, select on sequences to tieout_app;

grant usage on schema platform to tieout_app;
grant select on platform.migration to tieout_app;
