-- Why: one meaning for every code. What each system says of a code, versioned; golden records and which codes mean them; keys by which a new
-- record is matched; what people decided; aliases, hierarchies, unit conversions, code standards, change requests and the quality of it all.
-- New tables, an append-only trigger on masterdata.record that notes what arrived (posting never waits for what follows), and every record once
-- as arrived. Locks: masterdata.record while the triggers are made.
create extension if not exists btree_gist;
create extension if not exists pg_trgm;

-- What posting has learned and this stage has not taken in yet. Rows are only appended and later deleted by number, so that no writer waits.
create table masterdata.arrival (
  book_id    integer not null,
  arrival_no bigint not null generated always as identity,
  kind       text collate "C" not null,
  code       text collate "C" not null,
  source     text collate "C" not null,
  primary key (book_id, arrival_no)
);
create function masterdata.note_arrival() returns trigger language plpgsql as $$
begin
  insert into masterdata.arrival (book_id, kind, code, source) select book_id, kind, code, source from fresh where kind <> 'exchangeRate';
  return null;
end $$;
create trigger arrives after insert on masterdata.record referencing new table as fresh for each statement execute function masterdata.note_arrival();
create trigger changes after update on masterdata.record referencing new table as fresh for each statement execute function masterdata.note_arrival();
insert into masterdata.arrival (book_id, kind, code, source) select book_id, kind, code, source from masterdata.record where kind <> 'exchangeRate';

-- 黄金记录. Ids are never used again; a merged one points at the one it went into, `root_id` at the last of that chain.
create table masterdata.golden (
  book_id     integer not null references books.book,
  golden_id   bigint not null generated always as identity,
  domain      text collate "C" not null,
  state       text not null default 'active' check (state in ('active', 'suspended', 'merged', 'retired')),
  redirect_to bigint,
  root_id     bigint not null,
  code        text collate "C" not null,           -- under which the books know it
  name        text collate "C" not null,
  initials    text collate "C" not null,           -- of its pinyin
  words       text not null,                       -- all it is searched by: names, aliases, pinyin, codes, 统一社会信用代码
  body        jsonb not null,                      -- field: { value, record, system, rule }, recomputed and never edited in place
  sources     integer not null default 0,
  version     integer not null default 1,
  made_at     timestamptz not null,
  changed_at  timestamptz not null,
  primary key (book_id, golden_id),
  foreign key (book_id, redirect_to) references masterdata.golden,
  foreign key (book_id, root_id) references masterdata.golden,
  check ((state = 'merged') = (redirect_to is not null)),
  check (redirect_to is null or redirect_to <> golden_id)
) with (fillfactor = 90);
create index golden_root on masterdata.golden (book_id, root_id) where state = 'merged';
create index golden_suspended on masterdata.golden (book_id) where state = 'suspended';
create index golden_code on masterdata.golden (book_id, domain, code);
create index golden_name on masterdata.golden (book_id, name);
create index golden_changed on masterdata.golden (book_id, domain, changed_at, golden_id);
create index golden_initials on masterdata.golden (book_id, initials);
create index golden_words on masterdata.golden using gin (words gin_trgm_ops);

-- What one system says of one of its codes. The current version is kept here too, so that matching reads one row a candidate.
create table masterdata.source_record (
  book_id    integer not null references books.book,
  record_id  bigint not null generated always as identity,
  domain     text collate "C" not null,
  system     text collate "C" not null,
  company    text collate "C" not null default '', -- within the book; '' where codes are the same for all
  code       text collate "C" not null,
  version    integer not null,
  payload    jsonb not null,                       -- field: text
  hash       text not null,
  valid_from timestamptz not null,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (book_id, record_id),
  unique (book_id, domain, code, system, company)
) with (fillfactor = 90);

create table masterdata.source_version (
  book_id     integer not null,
  record_id   bigint not null,
  version     integer not null,
  payload     jsonb not null,
  valid       tstzrange not null check (not isempty(valid)),
  recorded_at timestamptz not null,
  recorded_by text not null,
  primary key (book_id, record_id, version),
  foreign key (book_id, record_id) references masterdata.source_record,
  exclude using gist (book_id with =, record_id with =, valid with &&)
);

-- 编码对照: what a code of a system means on a day. A code means one thing at a time.
create table masterdata.crosswalk (
  book_id      integer not null,
  crosswalk_id bigint not null generated always as identity,
  domain       text collate "C" not null,
  system       text collate "C" not null,
  company      text collate "C" not null default '',
  code         text collate "C" not null,
  golden_id    bigint not null,
  record_id    bigint,                             -- null where a person mapped a code that no system has sent
  is_mapped    boolean not null default false,     -- by a person: documents that carry the code are booked under the golden record's own code
  is_suspended boolean not null default false,     -- documents that carry it are parked
  valid        daterange not null check (not isempty(valid)),
  made_at      timestamptz not null,
  made_by      text not null,
  primary key (book_id, crosswalk_id),
  foreign key (book_id, golden_id) references masterdata.golden,
  foreign key (book_id, record_id) references masterdata.source_record,
  constraint one_meaning exclude using gist (book_id with =, domain with =, system with =, company with =, code with =, valid with &&)
);
create index crosswalk_golden on masterdata.crosswalk (book_id, golden_id);
create index crosswalk_record on masterdata.crosswalk (book_id, record_id) where record_id is not null;
create index crosswalk_code on masterdata.crosswalk (book_id, domain, code);
create index crosswalk_special on masterdata.crosswalk (book_id, domain, code) where is_mapped or is_suspended;

-- Keys by which a record can be found. `key` is a hash of book, domain, name of the key and value.
create table masterdata.match_key (
  book_id   integer not null,
  key       bigint not null,
  record_id bigint not null
);
create index match_key_found on masterdata.match_key (key, record_id);
create index match_key_record on masterdata.match_key (book_id, record_id);

-- Keys that too many records share: they are not followed, and are told.
create table masterdata.generic_key (
  book_id integer not null,
  domain  text collate "C" not null,
  name    text collate "C" not null,
  key     bigint not null,
  example text not null,
  seen_at timestamptz not null,
  primary key (book_id, domain, name, key)
);

-- How much each level of agreement is worth, as learned. A version is never changed.
create table masterdata.model (
  book_id    integer not null references books.book,
  domain     text collate "C" not null,
  version    integer not null,
  body       jsonb not null,
  learned_on text not null,
  learned_at timestamptz not null,
  primary key (book_id, domain, version)
);

-- The ledger: everything that was decided, by whom and why, with the weight of each field. Nothing is changed; an undoing is a row of its own.
create table masterdata.decision (
  book_id     integer not null,
  decision_no bigint not null generated always as identity,
  act         text not null,                       -- made, linked, merged, unmerged, split, rejected, kept-apart, kept-together, mapped, suspended, resumed, pinned …
  domain      text collate "C" not null,
  golden_id   bigint,
  other_id    bigint,
  record_id   bigint,
  weight      numeric,
  waterfall   jsonb,
  model       integer,
  body        jsonb not null default '{}',
  undoes      bigint,
  reason      text not null default '',
  by          text not null,
  at          timestamptz not null,
  primary key (book_id, decision_no)
);
create index decision_golden on masterdata.decision (book_id, golden_id, decision_no);
create index decision_other on masterdata.decision (book_id, other_id, decision_no) where other_id is not null;
create unique index decision_undone_once on masterdata.decision (book_id, undoes) where undoes is not null;
revoke update, delete, truncate on masterdata.decision from tieout_app;

-- What a person said is absolute: these two records are one thing, or never are.
create table masterdata.edge (
  book_id     integer not null,
  a           bigint not null,
  b           bigint not null check (a < b),
  kind        text not null check (kind in ('must', 'cannot')),
  decision_no bigint not null,
  primary key (book_id, a, b),
  foreign key (book_id, a) references masterdata.source_record,
  foreign key (book_id, b) references masterdata.source_record
);
create index edge_b on masterdata.edge (book_id, b);

-- Pairs that a person has to decide: a record and the golden record that it may be.
create table masterdata.candidate (
  book_id      integer not null,
  candidate_no bigint not null generated always as identity,
  domain       text collate "C" not null,
  record_id    bigint not null,
  golden_id    bigint not null,
  other_record bigint not null,                    -- the member that is likest
  weight       numeric not null,
  waterfall    jsonb not null,
  model        integer not null,
  uncertainty  numeric not null,                   -- 1 at even odds, 0 where it is certain
  open_value   bigint not null default 0,          -- minor units of documents that are open with either of them
  priority     numeric not null,
  state        text not null default 'open' check (state in ('open', 'same', 'different', 'settled')),
  found_at     timestamptz not null,
  decided_at   timestamptz,
  decided_by   text,
  primary key (book_id, candidate_no),
  foreign key (book_id, record_id) references masterdata.source_record,
  foreign key (book_id, golden_id) references masterdata.golden
);
create unique index candidate_once on masterdata.candidate (book_id, record_id, golden_id) where state = 'open';
create index candidate_queue on masterdata.candidate (book_id, priority desc, candidate_no) where state = 'open';
create index candidate_golden on masterdata.candidate (book_id, golden_id) where state = 'open';

-- A value that a person fixed stands above what systems say.
create table masterdata.pin (
  book_id   integer not null,
  golden_id bigint not null,
  field     text collate "C" not null,
  value     text not null,
  reason    text not null,
  by        text not null,
  at        timestamptz not null,
  primary key (book_id, golden_id, field),
  foreign key (book_id, golden_id) references masterdata.golden
);

create table masterdata.alias (
  book_id   integer not null,
  alias_no  bigint not null generated always as identity,
  golden_id bigint not null,
  kind      text not null check (kind in ('legal', 'short', 'former', 'english', 'pinyin')),
  text      text collate "C" not null,
  valid     daterange not null check (not isempty(valid)),
  by        text not null,
  at        timestamptz not null,
  primary key (book_id, alias_no),
  foreign key (book_id, golden_id) references masterdata.golden,
  constraint one_alias exclude using gist (book_id with =, golden_id with =, kind with =, text with =, valid with &&)
);

-- Trees of customers, items, departments, regions. A node has one parent at a time; a tree has no circle.
create table masterdata.node (
  book_id   integer not null,
  node_no   bigint not null generated always as identity,
  tree      text collate "C" not null,
  node      text collate "C" not null,
  zh        text not null,
  en        text not null,
  golden_id bigint,
  parent    text collate "C",
  valid     daterange not null check (not isempty(valid)),
  by        text not null,
  at        timestamptz not null,
  primary key (book_id, node_no),
  foreign key (book_id, golden_id) references masterdata.golden,
  check (parent is null or parent <> node),
  constraint one_parent exclude using gist (book_id with =, tree with =, node with =, valid with &&)
);
create index node_parent on masterdata.node (book_id, tree, parent);
-- The verb asks first; the database asks again, whoever wrote the row.
create function masterdata.must_be_tree() returns trigger language plpgsql as $$
begin
  if exists (
    with recursive above as (
      select new.parent collate "C" as node, new.valid as valid
      union
      select n.parent, a.valid * n.valid from above a join masterdata.node n on n.book_id = new.book_id and n.tree = new.tree and n.node = a.node and n.valid && a.valid where n.parent is not null
    ) select from above where node = new.node) then
    raise exception 'node % of % would be above itself', new.node, new.tree using errcode = 'check_violation', constraint = 'tree_has_no_circle';
  end if;
  return null;
end $$;
create constraint trigger tree_has_no_circle after insert or update on masterdata.node for each row execute function masterdata.must_be_tree();

-- 1 from_unit = num / den to_unit. Of one item, or of all where golden_id is null.
create table masterdata.unit_factor (
  book_id   integer not null,
  factor_no bigint not null generated always as identity,
  golden_id bigint,
  from_unit text collate "C" not null,
  to_unit   text collate "C" not null check (to_unit <> from_unit),
  num       numeric not null check (num > 0 and num = trunc(num)),
  den       numeric not null check (den > 0 and den = trunc(den)),
  valid     daterange not null check (not isempty(valid)),
  by        text not null,
  at        timestamptz not null,
  primary key (book_id, factor_no),
  foreign key (book_id, golden_id) references masterdata.golden,
  constraint one_factor exclude using gist (book_id with =, (coalesce(golden_id, 0)) with =, from_unit with =, to_unit with =, valid with &&)
);

-- 编码规范: how a field of a domain has to look, in one system or in all ('').
create table masterdata.code_standard (
  book_id     integer not null references books.book,
  standard_no bigint not null generated always as identity,
  domain      text collate "C" not null,
  system      text collate "C" not null default '',
  field       text collate "C" not null,
  pattern     text not null default '',            -- # a digit, @ a letter, ? either, * anything; all else stands for itself
  check_name  text not null default '',            -- uscc, gtin, bankAccount, phone, taxNumber, region …
  is_required boolean not null default false,
  zh          text not null,
  en          text not null,
  by          text not null,
  at          timestamptz not null,
  primary key (book_id, standard_no),
  check (pattern <> '' or check_name <> '' or is_required)
);
create unique index code_standard_once on masterdata.code_standard (book_id, domain, system, field, check_name, pattern);

-- How a domain is kept: which systems are trusted, in their order; what merges by itself; whether a second person must agree.
create table masterdata.policy (
  book_id    integer not null references books.book,
  domain     text collate "C" not null,
  trust      text[] not null default '{}',
  fields     jsonb not null default '{}',          -- field: { rule, trust }
  auto_merge boolean not null default true,
  four_eyes  boolean not null default false,
  strict     boolean not null default false,       -- a code of a system that has not sent it is parked, even where another system uses the same letters
  by         text not null,
  at         timestamptz not null,
  primary key (book_id, domain)
);

create table masterdata.request (
  book_id    integer not null references books.book,
  request_no bigint not null generated always as identity,
  act        text not null,
  domain     text collate "C" not null,
  body       jsonb not null,
  reason     text not null,
  state      text not null default 'open' check (state in ('open', 'approved', 'rejected', 'withdrawn')),
  asked_at   timestamptz not null,
  asked_by   text not null,
  decided_at timestamptz,
  decided_by text,
  note       text not null default '',
  primary key (book_id, request_no),
  check (state <> 'approved' or decided_by <> asked_by)
);
create index request_open on masterdata.request (book_id, request_no) where state = 'open';

-- Systems that want golden records or mappings, and what they were sent.
create table masterdata.subscription (
  book_id    integer not null references books.book,
  target     text collate "C" not null,
  domain     text collate "C" not null,
  wants      text not null check (wants in ('golden', 'mapping')),
  definition jsonb not null default '{}',
  by         text not null,
  at         timestamptz not null,
  primary key (book_id, target, domain, wants)
);
create table masterdata.publication (
  book_id        integer not null,
  publication_no bigint not null generated always as identity,
  target         text collate "C" not null,
  domain         text collate "C" not null,
  golden_id      bigint not null,
  wants          text not null,
  hash           text not null,
  body           jsonb not null,
  state          text not null default 'pending' check (state in ('pending', 'sent', 'refused')),
  made_at        timestamptz not null,
  sent_at        timestamptz,
  answer         text not null default '',
  attempts       integer not null default 0,
  primary key (book_id, publication_no),
  foreign key (book_id, golden_id) references masterdata.golden
);
create unique index publication_once on masterdata.publication (book_id, target, domain, golden_id, wants, hash);
create index publication_pending on masterdata.publication (book_id, target, publication_no) where state = 'pending';

-- 数据质量: worked out by the verb that is named for it; compared with the records by a test.
create table masterdata.score_cache (
  book_id     integer not null references books.book,
  domain      text collate "C" not null,
  system      text collate "C" not null,
  records     bigint not null,
  fields      bigint not null, fields_filled bigint not null,
  checked     bigint not null, checked_right bigint not null,
  alone       bigint not null,                     -- records that no other of the same system repeats
  recent      bigint not null,                     -- changed or confirmed within a year
  mapped      bigint not null,                     -- records whose meaning is shared with another system or was fixed by a person
  worst       jsonb not null default '[]',
  counted_at  timestamptz not null,
  primary key (book_id, domain, system)
);
