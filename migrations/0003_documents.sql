-- Business documents as received and their links. New tables only, locks nothing.
create schema documents;

-- One row a version. document_id names the business fact (source, kind, source_id), whatever its version.
create table documents.document (
  book_id         integer not null,
  document_id     bigint not null,
  source_version  bigint not null,
  source          text collate "C" not null,
  kind            text collate "C" not null,
  source_id       text collate "C" not null,
  date            date not null,
  period          text collate "C" not null,
  party           text collate "C" not null,
  -- posted | exempt (no entries by rule) | waiting | parked | superseded (a newer version took its place)
  state           text collate "C" not null,
  reasons         jsonb,
  body            text not null,
  received_at     timestamptz not null,
  state_at        timestamptz not null,
  primary key (book_id, document_id, source_version),
  unique (book_id, source_id, kind, source, source_version)
) with (fillfactor = 90);

create index document_open on documents.document (book_id, state, document_id) where state in ('waiting', 'parked');

-- Links, kept by what they point at: a line's later life is one range of this key.
create table documents.link (
  book_id        integer not null,
  target_id      bigint not null,
  target_line    text collate "C" not null,
  document_id    bigint not null,
  source_version bigint not null,
  line           text collate "C" not null,
  link_no        integer not null,
  kind           text collate "C" not null,
  quantity       bigint not null,   -- six decimals; negative takes back what an earlier version linked
  amount         bigint not null,   -- minor units of the linking document's currency
  primary key (book_id, target_id, target_line, document_id, source_version, line, link_no)
);

-- What a waiting document waits for; when that arrives, the document is tried again.
create table documents.wait (
  book_id        integer not null,
  wanted         text collate "C" not null,   -- a document key, or stock:ITEM
  document_id    bigint not null,
  source_version bigint not null,
  primary key (book_id, wanted, document_id, source_version)
);

-- What was refused, with its bytes: the sender keeps the document, we keep the proof.
create table documents.refusal (
  book_id     integer not null,
  refusal_no  bigint generated always as identity,
  body        text not null,
  reasons     jsonb not null,
  received_at timestamptz not null,
  primary key (book_id, refusal_no)
);

-- Invoice numbers of a group of books, claimed before the document is posted; no transaction spans books.
create table documents.invoice_claim (
  group_code  text collate "C" not null,
  direction   text not null check (direction in ('in', 'out')),
  number      text collate "C" not null,
  book        text not null,
  document    text not null,
  claimed_at  timestamptz not null,
  primary key (group_code, direction, number)
);
