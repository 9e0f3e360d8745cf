-- Books (账簿), their charts, periods and settings; master data as posted to a book. New tables only, locks nothing.
-- book_id leads every key, so that the same schema can be distributed by book.
create schema books;

create table books.book (
  book_id            integer primary key,
  code               text not null unique check (code ~ '^[A-Za-z0-9_.-]{1,40}$'),
  name               text not null,
  pack               text not null,
  currency           text not null check (currency ~ '^[A-Z]{3}$'),
  first_period       text not null check (first_period ~ '^\d{4}-\d{2}$'),
  -- Books of one group share one space of invoice numbers (no e-voucher is entered twice, 财会〔2024〕12号 21(2)).
  group_code         text not null default 'default',
  created_at         timestamptz not null,
  created_by         text not null
);

create table books.account (
  book_id    integer not null references books.book,
  code       text collate "C" not null,
  zh         text not null,
  en         text not null,
  type       text not null check (type in ('asset', 'liability', 'common', 'equity', 'cost', 'income', 'expense')),
  side       text not null check (side in ('debit', 'credit')),
  postable   boolean not null,
  -- { "dimensions": [...], "anyOf": [...], "optional": [...], "cashFlow": ..., "currency": ... }
  carries    jsonb not null default '{}',
  primary key (book_id, code)
);

create table books.period (
  book_id   integer not null references books.book,
  period    text collate "C" not null check (period ~ '^\d{4}-\d{2}$'),
  state     text not null default 'open' check (state in ('open', 'closed')),
  closed_at timestamptz,
  closed_by text,
  primary key (book_id, period)
);

-- A setting is never overwritten: each change of method is recorded with who and when (财会〔2024〕12号 20).
create table books.setting (
  book_id  integer not null references books.book,
  key      text not null,
  version  integer not null,
  value    text not null,
  set_at   timestamptz not null,
  set_by   text not null,
  primary key (book_id, key, version)
);

-- Closing, reopening and changes of method, in order; append only.
create table books.act (
  book_id  integer not null references books.book,
  act_no   bigint generated always as identity,
  what     text not null,
  facts    jsonb not null,
  at       timestamptz not null,
  by       text not null,
  reason   text not null default '',
  primary key (book_id, act_no)
);

create schema masterdata;

create table masterdata.record (
  book_id  integer not null references books.book,
  kind     text not null,
  code     text collate "C" not null,
  source   text not null,
  version  integer not null default 1,
  body     jsonb not null,
  changed_at timestamptz not null,
  primary key (book_id, kind, code, source)
);
