-- Why: a list of documents of one period or of one party, newest first, is one range of an index, also where a million others stand between.
-- Neither column changes once the row is written, so that a change of state stays as cheap as it was.
-- Locks: documents.document while the indexes are built.
create index document_period on documents.document (book_id, period, document_id);
create index document_party on documents.document (book_id, party, document_id) where party <> '';
