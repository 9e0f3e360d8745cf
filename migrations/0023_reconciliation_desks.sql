-- Why: links of statements of account are signed over what they show, tolerances of the three-way match and layouts of files are data, names that payers
-- were learned by can be taken back, and a match knows the document that was made for it. New tables and columns without defaults; locks each changed
-- table for a moment.

-- 对账单链接: signed with a key outside the database, over the statement's number, its end and the hash of what it says. Links of before end here.
update reconciliation.letter set withdrawn_at = now() where answered_at is null and withdrawn_at is null;
alter table reconciliation.letter drop column secret_hash, add column body_hash bytea check (length(body_hash) = 32), add column answered_hash bytea check (length(answered_hash) = 32);

-- 匹配容差: of a supplier and an item group; '' stands for all of them, the most particular counts.
create table reconciliation.match_tolerance (
  book_id               integer not null references books.book,
  supplier              text collate "C" not null default '',
  item_group            text collate "C" not null default '',
  quantity_absolute     bigint not null check (quantity_absolute >= 0),   -- millionths
  quantity_basis_points bigint not null check (quantity_basis_points between 0 and 10000),
  price_absolute        bigint not null check (price_absolute >= 0),      -- millionths
  price_basis_points    bigint not null check (price_basis_points between 0 and 10000),
  tax_absolute          bigint not null check (tax_absolute >= 0),        -- minor units
  reason                text not null check (reason <> ''),
  set_at                timestamptz not null,
  set_by                text not null,
  primary key (book_id, supplier, item_group)
);
grant delete on reconciliation.match_tolerance to tieout_app;

-- 文件版式: which column means what, of a bank's statement that no ready layout reads, or of a bank's template for payments.
create table reconciliation.file_layout (
  book_id integer not null references books.book,
  purpose text not null check (purpose in ('statement', 'payment')),
  name    text not null check (name <> ''),
  body    jsonb not null,
  set_at  timestamptz not null,
  set_by  text not null,
  primary key (book_id, purpose, name)
);
grant delete on reconciliation.file_layout to tieout_app;

-- 付款人别名: what was forgotten stays visible, and is learned again from the next confirmed match.
alter table reconciliation.payer add column forgotten_at timestamptz, add column forgotten_by text, add check ((forgotten_at is null) = (forgotten_by is null));

-- 补录的单据: the document that a match was completed with; undoing the match takes it back.
alter table reconciliation.bank_match add column document text collate "C";

-- 现金折扣: what of an item is kept back because it is paid in time; the item is cleared whole.
alter table reconciliation.payment_item add column discount bigint not null default 0 check (discount >= 0 and discount < amount);
