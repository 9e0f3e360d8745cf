-- Where each source of a book stands: what the last pull ended with. New table only, locks nothing.
create schema connectors;

create table connectors.cursor (
  book_id   integer     not null,
  source    text        not null,
  cursor    jsonb       not null,
  pulled_at timestamptz not null,
  primary key (book_id, source)
);

grant usage on schema connectors to tieout_app;
grant select, insert, update on connectors.cursor to tieout_app;
