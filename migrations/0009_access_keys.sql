-- Keys of programs that read published data (数据服务), and a line for each of their calls. New tables only, locks nothing.
create schema access;

create table access.key (
  key_id     text collate "C" primary key,      -- the part of the key that may be shown
  name       text not null,
  hash       bytea not null check (length(hash) = 32), -- sha256 of the whole key; the key itself is kept nowhere
  book       text collate "C" not null,
  scopes     text[] not null check (cardinality(scopes) > 0),
  per_minute integer not null check (per_minute > 0),
  tokens     double precision not null,         -- what is left of the rate at `tokens_at`
  tokens_at  timestamptz not null,
  expires_at timestamptz,
  made_at    timestamptz not null,
  made_by    text not null,
  revoked_at timestamptz,
  revoked_by text,
  reason     text
);

create table access.call (
  call_no bigint generated always as identity primary key,
  key_id  text collate "C",                     -- null: no key, or one that nobody knows
  at      timestamptz not null,
  method  text not null,
  path    text not null,
  query   text not null,
  address text not null,
  status  integer not null,
  rows    integer,
  ms      integer not null,
  code    text                                  -- why it was refused
);
create index call_key on access.call (key_id, call_no);
revoke update, truncate on access.call from tieout_app;
