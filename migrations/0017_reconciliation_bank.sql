-- Why: bank statements, which movement pays what, every decision about it, and names that payers were found to use. New tables only, locks nothing.
create schema if not exists reconciliation;
grant usage on schema reconciliation to tieout_app;

create table reconciliation.statement (
  book_id      integer not null references books.book,
  statement_no bigint not null generated always as identity,
  bank_account text collate "C" not null,          -- the master record's code
  format       text not null,
  name         text not null,                      -- of the file, or the statement's own number
  currency     text collate "C" not null,
  first_on     date not null,
  last_on      date not null,
  opening      bigint,                             -- minor units; null where the file does not say
  closing      bigint,
  taken_at     timestamptz not null,
  taken_by     text not null,
  primary key (book_id, statement_no)
);

create table reconciliation.movement (
  book_id         integer not null,
  movement_no     bigint not null generated always as identity,
  statement_no    bigint not null,
  bank_account    text collate "C" not null,
  key             text collate "C" not null,       -- the bank's own: the same movement in a second file is the same row
  booked_on       date not null,
  amount          bigint not null check (amount <> 0), -- minor units, out is negative
  currency        text collate "C" not null,
  reference       text not null,
  text            text not null,
  name            text not null,
  counter_account text not null,
  state           text not null default 'open' check (state in ('open', 'matched', 'duplicate', 'ignored')),
  reason          text not null default '',
  primary key (book_id, movement_no),
  unique (book_id, bank_account, key),
  foreign key (book_id, statement_no) references reconciliation.statement
);
create index movement_open on reconciliation.movement (book_id, bank_account, booked_on) where state = 'open';

-- A match is never changed: undoing one writes when and by whom, and its movements are open again.
create table reconciliation.bank_match (
  book_id    integer not null,
  match_no   bigint not null generated always as identity,
  step       text not null,                        -- of the cascade, or person
  difference bigint not null,
  made_at    timestamptz not null,
  made_by    text not null,
  reason     text not null default '',
  undone_at  timestamptz,
  undone_by  text,
  primary key (book_id, match_no)
);
create table reconciliation.matched_movement (
  book_id integer not null, match_no bigint not null, movement_no bigint not null,
  primary key (book_id, match_no, movement_no),
  foreign key (book_id, match_no) references reconciliation.bank_match,
  foreign key (book_id, movement_no) references reconciliation.movement
);
create index matched_by_movement on reconciliation.matched_movement (book_id, movement_no);
-- The other side: a line of a voucher on the bank's account.
create table reconciliation.matched_line (
  book_id integer not null, match_no bigint not null, period text collate "C" not null, voucher_id bigint not null, line_no integer not null,
  primary key (book_id, match_no, period, voucher_id, line_no),
  foreign key (book_id, match_no) references reconciliation.bank_match
);
create index matched_by_line on reconciliation.matched_line (book_id, period, voucher_id, line_no);

-- Names and accounts that a party was found to pay under, by what people decided.
create table reconciliation.payer (
  book_id integer not null, name text collate "C" not null, account text collate "C" not null, party text collate "C" not null, learned_at timestamptz not null, learned_by text not null,
  primary key (book_id, name, account, party)
);

-- Who may: reading with the books, matching by those who keep them and the cashier.
update access.role set duties = duties || '{bank.read}' where role in ('owner', 'controller', 'accountant', 'reviewer', 'cashier', 'auditor');
update access.role set duties = duties || '{bank.match}' where role in ('owner', 'controller', 'accountant', 'cashier');
