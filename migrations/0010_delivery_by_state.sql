-- Why: what is next to send, and how many stand in which state, is one range of an index, also where a million deliveries stay `sent`
-- because their target cannot be read. The reference carries the id's digits, so that one unique key keeps both.
-- Locks: delivery.delivery while the index is built.
drop index delivery.delivery_open;
drop index delivery.delivery_id;
create index delivery_state on delivery.delivery (book_id, flow, state, delivery_no);
