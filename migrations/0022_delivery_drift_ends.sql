-- Why: what differed in the finance system and was put right there ends by itself, and is told again when it comes again. Until now a drift stood once
-- for a delivery and a finding, for ever.
-- Locks: delivery.drift while the index is built; it holds what people have to look at, so it is small.
alter table delivery.drift add column ended_at timestamptz;
drop index delivery.drift_once;
create unique index drift_once on delivery.drift (book_id, delivery_no, fingerprint) where ended_at is null;
