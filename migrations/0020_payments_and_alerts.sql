-- Why: payment batches with a second pair of eyes, bank accounts of suppliers with who changed them, modules closed before their period, templates of
-- amortisation, alerts with their outbox. New tables and one new column with a constant default; locks vouchers.head for a moment.

-- 供应商收款账户: a change is a new row; the row in force is the last that a second person approved.
create table reconciliation.supplier_account (
  book_id     integer not null references books.book,
  account_no  bigint not null generated always as identity,
  supplier    text collate "C" not null,
  name        text not null,
  number      text collate "C" not null,
  bank        text not null,                       -- BIC, or the twelve digits of CNAPS
  bank_name   text not null default '',
  province    text not null default '',
  city        text not null default '',
  reason      text not null,
  set_at      timestamptz not null,
  set_by      text not null,
  decided_at  timestamptz,
  decided_by  text,
  is_approved boolean,
  primary key (book_id, account_no),
  check ((decided_at is null) = (is_approved is null) and (decided_at is null) = (decided_by is null)),
  check (decided_by <> set_by)
);
create index supplier_account_of on reconciliation.supplier_account (book_id, supplier, account_no desc);
create unique index supplier_account_pending on reconciliation.supplier_account (book_id, supplier) where decided_at is null;

-- An invoice that does not match may be paid when somebody takes responsibility for exactly what was found.
create table reconciliation.invoice_approval (
  book_id     integer not null references books.book,
  document_id bigint not null,
  findings    text not null,
  reason      text not null check (reason <> ''),
  approved_at timestamptz not null,
  approved_by text not null,
  primary key (book_id, document_id, approved_at)
);

-- 付款批次: proposed → approved → exported → paid, or withdrawn before the bank has it. The message id is made once.
create table reconciliation.payment_batch (
  book_id      integer not null references books.book,
  batch_no     bigint not null,
  bank_account text collate "C" not null,
  currency     text collate "C" not null,
  execute_on   date not null,
  message_id   text collate "C" not null check (length(message_id) between 1 and 35),
  state        text not null check (state in ('proposed', 'approved', 'exported', 'paid', 'withdrawn')),
  note         text not null default '',
  proposed_at  timestamptz not null,
  proposed_by  text not null,
  approved_at  timestamptz,
  approved_by  text,
  exported_at  timestamptz,
  exported_by  text,
  payer        jsonb,                              -- name, account and bank as they were at the first export
  ended_at     timestamptz,
  ended_by     text,
  end_reason   text not null default '',
  primary key (book_id, batch_no),
  unique (book_id, message_id),
  check (approved_by is null or approved_by <> proposed_by),
  check (state not in ('approved', 'exported', 'paid') or approved_by is not null),
  check (state not in ('exported', 'paid') or exported_at is not null)
);
create index payment_batch_open on reconciliation.payment_batch (book_id, batch_no) where state in ('proposed', 'approved', 'exported');

create table reconciliation.payment (
  book_id       integer not null,
  payment_no    bigint not null generated always as identity,
  batch_no      bigint not null,
  supplier      text collate "C" not null,
  account_no    bigint not null,                   -- whom the money goes to: the row itself never changes
  amount        bigint not null check (amount > 0),
  end_to_end_id text collate "C" not null,
  paid_on       date,
  paid_by       text collate "C",                  -- the document that cleared it
  primary key (book_id, payment_no),
  unique (book_id, end_to_end_id),
  foreign key (book_id, batch_no) references reconciliation.payment_batch,
  foreign key (book_id, account_no) references reconciliation.supplier_account,
  check ((paid_on is null) = (paid_by is null))
);
create index payment_of_batch on reconciliation.payment (book_id, batch_no);

create table reconciliation.payment_item (
  book_id     integer not null,
  payment_no  bigint not null,
  document_id bigint not null,
  line        text collate "C" not null default '', -- of an opening balance
  document    text collate "C" not null,
  due_on      date not null,
  amount      bigint not null check (amount > 0),
  primary key (book_id, payment_no, document_id, line),
  foreign key (book_id, payment_no) references reconciliation.payment
);
create index payment_item_of on reconciliation.payment_item (book_id, document_id);

-- 分模块关账. Posting keeps the set in memory; the counter in the head tells a writer elsewhere that its set is old.
create table books.module_close (
  book_id   integer not null references books.book,
  period    text collate "C" not null,
  module    text not null check (module in ('receivable', 'payable', 'stock', 'general')),
  closed_at timestamptz not null,
  closed_by text not null,
  primary key (book_id, period, module)
);
alter table vouchers.head add column modules integer not null default 0;

-- 摊销模板: spread over months, one document a month.
create table reconciliation.amortisation (
  book_id      integer not null references books.book,
  code         text collate "C" not null check (code ~ '^[A-Za-z0-9_.-]{1,40}$'),
  name         text not null,
  total        bigint not null check (total > 0),
  months       integer not null check (months between 1 and 600),
  first_period text collate "C" not null check (first_period ~ '^\d{4}-\d{2}$'),
  debit        jsonb not null,                     -- account and dimensions
  credit       jsonb not null,
  set_at       timestamptz not null,
  set_by       text not null,
  ended_after  text collate "C",
  primary key (book_id, code)
);

-- Which steps of closing run themselves, and what became of each run: a run that was killed goes on where it stopped.
create table reconciliation.close_run (
  book_id    integer not null references books.book,
  run_no     bigint not null generated always as identity,
  period     text collate "C" not null,
  started_at timestamptz not null,
  started_by text not null,
  ended_at   timestamptz,
  outcome    text check (outcome in ('closed', 'stopped')),
  steps      jsonb not null default '[]',
  primary key (book_id, run_no)
);

-- Proofs of the whole book, so that the board can say which postings the last one has seen.
create table reconciliation.proof (
  book_id   integer not null references books.book,
  proof_no  bigint not null generated always as identity,
  at        timestamptz not null,
  by        text not null,
  block_no  bigint not null,
  anchored  bigint not null,
  vouchers  bigint not null,
  findings  integer not null,
  primary key (book_id, proof_no)
);

-- 预警 -------------------------------------------------------------------------------------------------------------------

create table reconciliation.alert_rule (
  book_id    integer not null references books.book,
  rule       text collate "C" not null check (rule ~ '^[a-z][a-z0-9-]{1,59}$'),
  body       jsonb not null,
  is_on      boolean not null,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (book_id, rule)
);

create table reconciliation.alert_channel (
  book_id    integer not null references books.book,
  channel    text collate "C" not null check (channel ~ '^[a-z][a-z0-9-]{1,59}$'),
  kind       text not null check (kind in ('smtp', 'webhook', 'wecom', 'dingtalk', 'feishu')),
  config     jsonb not null,
  sealed     bytea,                                -- address and secret of a robot, password of a mail server
  is_on      boolean not null default true,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (book_id, channel)
);

create table reconciliation.alert (
  book_id         integer not null references books.book,
  alert_no        bigint not null generated always as identity,
  rule            text collate "C" not null,
  subject         text collate "C" not null,
  state           text not null check (state in ('pending', 'open', 'acknowledged', 'closed')),
  value           bigint not null,
  worst           bigint not null,
  since           timestamptz not null,
  opened_at       timestamptz,
  rang_at         timestamptz,
  rang_to         text not null default '',
  step            integer not null default 0,
  acknowledged_by text,
  snoozed_until   timestamptz,
  closed_at       timestamptz,
  snapshot        jsonb not null,                  -- the figures at the last ring
  primary key (book_id, alert_no)
);
create unique index alert_standing on reconciliation.alert (book_id, rule, subject) where state <> 'closed';
create index alert_list on reconciliation.alert (book_id, state, alert_no desc);

-- What happened to it, in order; append only.
create table reconciliation.alert_event (
  book_id  integer not null,
  event_no bigint not null generated always as identity,
  alert_no bigint not null,
  at       timestamptz not null,
  by       text not null,
  what     text not null check (what in ('opened', 'repeated', 'escalated', 'closed', 'acknowledged', 'snoozed', 'noted')),
  "to"     text not null default '',
  value    bigint not null,
  note     text not null default '',
  snapshot jsonb not null,
  primary key (book_id, event_no),
  foreign key (book_id, alert_no) references reconciliation.alert
);
create index alert_event_of on reconciliation.alert_event (book_id, alert_no, event_no);
revoke update, delete, truncate on reconciliation.alert_event from tieout_app;

-- The outbox: written with the ring in one transaction, sent afterwards until somebody took it or it is given up.
create table reconciliation.alert_send (
  book_id   integer not null,
  send_no   bigint not null generated always as identity,
  event_no  bigint,                                -- null: a test
  channel   text collate "C" not null,             -- or inApp
  recipient text collate "C" not null,             -- a login; '' where the channel is a group
  message   jsonb not null,
  state     text not null check (state in ('waiting', 'sent', 'failed')),
  tries     integer not null default 0,
  next_at   timestamptz not null,
  held_until timestamptz,                          -- a sender has it; who dies with it lets it go
  sent_at   timestamptz,
  read_at   timestamptz,
  problem   text not null default '',
  primary key (book_id, send_no),
  foreign key (book_id, event_no) references reconciliation.alert_event
);
create unique index alert_send_once on reconciliation.alert_send (book_id, event_no, channel, recipient) where event_no is not null;
create index alert_send_waiting on reconciliation.alert_send (next_at) where state = 'waiting';
create index alert_send_inbox on reconciliation.alert_send (book_id, recipient, send_no desc) where channel = 'inApp';

-- A movement is found by the id of our payment.
create index movement_reference on reconciliation.movement (book_id, reference) where reference <> '';

-- Who may.
update access.role set duties = duties || '{payments.propose}' where role in ('owner', 'controller', 'accountant', 'cashier');
update access.role set duties = duties || '{payments.approve}' where role in ('owner', 'controller', 'reviewer');
update access.role set duties = duties || '{alerts.read}' where role in ('owner', 'controller', 'accountant', 'reviewer', 'cashier', 'auditor');
update access.role set duties = duties || '{alerts.manage}' where role in ('owner', 'controller');
