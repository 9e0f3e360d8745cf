-- Why: the units of an item were planned anew at each look, which took ten times as long as looking. Replaces one function; no lock on any table.

create or replace function reconciliation.stock_units(book integer, item text, unit text) returns numeric language plpgsql stable set plan_cache_mode = 'force_generic_plan' as $$
begin
  if unit is null or item is null then return 1; end if;
  return coalesce((select (r.body -> 'units' ->> unit)::numeric from masterdata.record r where r.book_id = book and r.kind = 'item' and r.code = item and r.body -> 'units' ? unit order by changed_at desc, source limit 1) / 1000000, 1);
end $$;
