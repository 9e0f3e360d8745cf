-- Why: whoever may approve a version of the rules may also say no, with a reason that its author reads; an author takes a proposal back the same
-- way. The version itself never changes, so the answer stands beside it. Locks: a new table only.
create table rules.rejection (
  book_id     integer not null,
  version     integer not null,
  rejected_by text not null,
  rejected_at timestamptz not null,
  reason      text not null check (reason <> ''),
  primary key (book_id, version),
  foreign key (book_id, version) references rules.version
);
grant select, insert on rules.rejection to tieout_app;
