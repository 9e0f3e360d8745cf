-- Why: a list of vouchers, newest first, is one range of an index a page; so are the lines of an account (its ledger, and vouchers filtered
-- by account or party), and the voucher that took another back. A draft that was sent back keeps who did it, when and why.
-- Locks: vouchers.voucher and vouchers.line while the indexes are built.
create index voucher_newest on vouchers.voucher (book_id, period, voucher_id);
create index voucher_reversal on vouchers.voucher (book_id, reversal_of) where reversal_of is not null;
create index line_account on vouchers.line (book_id, account, dimension_set_id, voucher_id);

alter table vouchers.draft add column sent_back_by text, add column sent_back_at timestamptz, add column sent_back_reason text;
alter table vouchers.draft add constraint draft_sent_back check (num_nulls(sent_back_by, sent_back_at, sent_back_reason) in (0, 3) and sent_back_by <> prepared_by);
create index draft_open on vouchers.draft (book_id, draft_id) where state = 'draft';
