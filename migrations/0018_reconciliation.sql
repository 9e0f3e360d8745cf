-- Why: differences between business, books and finance system with their cause, what was done about each until it closed; both sides of the last
-- comparison; how far each order line is; statements of account and their confirmation. New tables only, locks nothing.

-- One row a comparison of a whole book. The board shows the last one; `head` says which postings it has seen.
create table reconciliation.run (
  book_id    integer not null references books.book,
  run_no     bigint not null generated always as identity,
  at         timestamptz not null,
  by         text not null,
  head       text not null,
  found      integer not null,                     -- open after it
  opened     integer not null,
  closed     integer not null,
  vouchers   bigint not null,                      -- read and held against their seals
  ms         integer not null,
  primary key (book_id, run_no)
);

create table reconciliation.difference (
  book_id       integer not null references books.book,
  difference_no bigint not null generated always as identity,
  part          text not null check (part in ('chain', 'books', 'finance')),
  cause         text collate "C" not null,
  fingerprint   text collate "C" not null,         -- what makes it the same at the next comparison
  subject       text not null,                     -- the document, voucher, item or account that people know it by
  account       text collate "C" not null default '',
  party         text collate "C" not null default '',
  item          text collate "C" not null default '',
  period        text collate "C" not null default '',
  documents     text[] not null default '{}',
  vouchers      text[] not null default '{}',
  business      bigint,                            -- minor units in base currency; null where that side has nothing
  books         bigint,
  amount        bigint not null,                   -- what is at stake
  since         date not null,                     -- what it ages from
  owner         text collate "C" not null default '', -- an employee from the data, else empty: the duty of the cause
  facts         jsonb not null default '{}',       -- for the sentence that tells it
  state         text not null default 'open' check (state in ('open', 'accepted', 'closed')),
  found_at      timestamptz not null,
  changed_at    timestamptz not null,
  closed_at     timestamptz,
  assigned_to   text collate "C" not null default '',
  due_on        date,
  primary key (book_id, difference_no),
  check ((state = 'closed') = (closed_at is not null))
);
create unique index difference_standing on reconciliation.difference (book_id, fingerprint) where state <> 'closed';
create index difference_list on reconciliation.difference (book_id, state, cause, difference_no);

-- What happened to it, in order; append only.
create table reconciliation.difference_event (
  book_id       integer not null,
  difference_no bigint not null,
  event_no      bigint not null generated always as identity,
  at            timestamptz not null,
  by            text not null,
  what          text not null check (what in ('found', 'changed', 'corrected', 'assigned', 'accepted', 'reopened', 'closed', 'noted')),
  amount        bigint not null,
  reason        text not null default '',
  facts         jsonb not null default '{}',
  primary key (book_id, difference_no, event_no),
  foreign key (book_id, difference_no) references reconciliation.difference
);
revoke update, delete, truncate on reconciliation.difference_event from tieout_app;

-- Both sides of the last comparison: what moved in a period, by account and by party or item. Openings and closings are sums over periods.
create table reconciliation.side_cache (
  book_id      integer not null,
  account      text collate "C" not null,
  of           text collate "C" not null,          -- party or item; '' where the account has neither
  period       text collate "C" not null,
  ledger       text collate "C" not null,          -- stock, receivable, payable, prepayment, advance, estimate, revenue, cost, outputTax, inputTax
  business_in  bigint not null,
  business_out bigint not null,
  books_in     bigint not null,
  books_out    bigint not null,
  primary key (book_id, account, of, period, ledger)
);

-- One vector an order line, kept from the links. Quantities in millionths of the stock unit, amounts with tax in minor units of base currency.
create table reconciliation.chain_cache (
  book_id       integer not null,
  order_id      bigint not null,
  line          text collate "C" not null,
  side          text not null check (side in ('sale', 'purchase')),
  order_key     text collate "C" not null,
  date          date not null,
  period        text collate "C" not null,
  party         text collate "C" not null,
  salesperson   text collate "C" not null,
  item          text collate "C" not null,
  due_on        date,                              -- the order's promise
  ordered       bigint not null,
  moved         bigint not null,
  returned      bigint not null,
  invoiced      bigint not null,
  credited      bigint not null,
  ordered_amount  bigint not null,
  moved_amount    bigint not null,
  returned_amount bigint not null,
  invoiced_amount bigint not null,
  credited_amount bigint not null,
  paid_amount     bigint not null,
  written_off_amount bigint not null,
  first_moved_on date,
  last_moved_on  date,
  last_returned_on date,
  last_invoiced_on date,
  pay_by         date,                             -- earliest due date of an invoice that is not paid
  primary key (book_id, order_id, line)
) with (fillfactor = 80);
create index chain_party on reconciliation.chain_cache (book_id, side, party, order_id);
create index chain_salesperson on reconciliation.chain_cache (book_id, side, salesperson, order_id);
create index chain_open on reconciliation.chain_cache (book_id, side, order_id, line) where moved - returned <> invoiced - credited or invoiced_amount - credited_amount <> paid_amount + written_off_amount or moved < ordered;

create table reconciliation.chain_mark (
  book_id     integer primary key references books.book,
  document_id bigint not null,
  head        text not null,                       -- the postings that were seen
  at          timestamptz not null
);

-- 对账单: a statement of account as it was sent. The link to confirm it works once; only the hash of its secret is kept.
create table reconciliation.letter (
  book_id     integer not null references books.book,
  letter_no   bigint not null generated always as identity,
  party       text collate "C" not null,
  kind        text not null check (kind in ('customer', 'supplier')),
  at          date not null,
  balance     bigint not null,
  body        jsonb not null,                      -- as it was shown, whole
  secret_hash bytea not null check (length(secret_hash) = 32),
  made_at     timestamptz not null,
  made_by     text not null,
  expires_at  timestamptz not null,
  answered_at timestamptz,
  answer      text check (answer in ('agrees', 'differs')),
  answered_by text,
  their_balance bigint,
  remark      text,
  withdrawn_at timestamptz,
  primary key (book_id, letter_no),
  unique (secret_hash)
);
create index letter_party on reconciliation.letter (book_id, party, letter_no desc);

grant delete on reconciliation.side_cache, reconciliation.chain_cache, reconciliation.chain_mark to tieout_app;

-- Who may: reading with the books, deciding by those who keep them.
update access.role set duties = duties || '{reconciliation.read}' where role in ('owner', 'controller', 'accountant', 'reviewer', 'cashier', 'auditor');
update access.role set duties = duties || '{reconciliation.decide}' where role in ('owner', 'controller', 'accountant');

-- How many stock units one unit of a document line is; links count in stock units.
create function reconciliation.stock_units(book integer, item text, unit text) returns numeric language plpgsql stable as $$
begin
  if unit is null or item is null then return 1; end if;
  return coalesce((select (r.body -> 'units' ->> unit)::numeric from masterdata.record r where r.book_id = book and r.kind = 'item' and r.code = item and r.body -> 'units' ? unit order by changed_at desc, source limit 1) / 1000000, 1);
end $$;
