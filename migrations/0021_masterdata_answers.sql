-- Why: what people answered corrects the thresholds of matching; a record that changed may contradict what it was joined with, which is asked as a
-- doubt; and the look-up of one record by its keys is one round trip with a plan that is made once.
-- New table, one column with a constant default, one function. Locks: masterdata.candidate for a moment.

-- How often pairs of a weight were one thing, by the answers of people. A row is never changed; the newest of a model counts.
create table masterdata.calibration (
  book_id        integer not null references books.book,
  domain         text collate "C" not null,
  calibration_no bigint not null generated always as identity,
  model          integer not null,                 -- the version whose weights were answered
  answers        integer not null,
  body           jsonb not null,                   -- blocks of weights with their answers and what follows from them
  made_at        timestamptz not null,
  primary key (book_id, domain, calibration_no)
);
revoke update, delete, truncate on masterdata.calibration from tieout_app;

-- A doubt asks of a record and of the golden record that it is in already whether it still belongs there.
alter table masterdata.candidate add column is_doubt boolean not null default false;

-- Records that share keys, those with the rarest first. A key of more than `most` rows says nothing; one that is made of two parts (`one`, `two`: the keys
-- of the parts, null for a part that is no key by itself) is followed only where both of them say nothing, since else it finds nothing new.
create function masterdata.sharing(of_book integer, keys bigint[], one bigint[], two bigint[], own bigint, most integer, few integer)
returns table (generic bigint[], record_id bigint, system text, company text, code text, payload jsonb, root_id bigint, golden_id bigint)
language plpgsql stable set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
#variable_conflict use_column
begin
  return query
    with wanted as materialized (select k.key, k.one, k.two from unnest(keys, one, two) as k (key, one, two)),
         first as materialized (select w.key, array(select m.record_id from masterdata.match_key m where m.key = w.key limit most + 1) as found from wanted w where w.one is null and w.two is null),
         wide as materialized (select f.key from first f where cardinality(f.found) > most),
         second as materialized (
           select w.key, array(select m.record_id from masterdata.match_key m where m.key = w.key limit most + 1) as found from wanted w
            where (w.one is not null or w.two is not null) and (w.one is null or w.one in (select key from wide)) and (w.two is null or w.two in (select key from wide))),
         hits as materialized (select key, found from first union all select key, found from second),
         best as materialized (
           select r.id, sum(1000000 / cardinality(h.found)) as worth from hits h cross join lateral unnest(h.found) as r (id)
            where cardinality(h.found) <= most and r.id is distinct from own group by r.id order by worth desc, r.id limit few)
    select o.generic, f.record_id, f.system, f.company, f.code, f.payload, f.root_id, f.golden_id
      from (select array(select h.key from hits h where cardinality(h.found) > most order by h.key) as generic) o
      left join lateral (
        select r.record_id, r.system, r.company, r.code, r.payload, g.root_id, c.golden_id, b.worth
          from best b join masterdata.source_record r on r.book_id = of_book and r.record_id = b.id
          join masterdata.crosswalk c on c.book_id = of_book and c.record_id = b.id join masterdata.golden g on g.book_id = of_book and g.golden_id = c.golden_id) f on true
     order by f.worth desc, f.record_id;
end $$;
