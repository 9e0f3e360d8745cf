-- Why: a rule version is immutable (财会〔2024〕11号 16-17). It may be approved once; nothing else of it ever changes.
-- Locks: rules.version, for a moment.
create function rules.version_never_changes() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.approved_by is null and new.approved_by is not null
     and (old.book_id, old.version, old.body, old.hash, old.effective_on, old.proposed_by, old.proposed_at, old.note)
       = (new.book_id, new.version, new.body, new.hash, new.effective_on, new.proposed_by, new.proposed_at, new.note) then
    return new;
  end if;
  raise exception '% of a rule version is refused: a version never changes', tg_op using errcode = 'insufficient_privilege';
end $$;
create trigger never_changes before update or delete on rules.version for each row execute function rules.version_never_changes();

revoke update, delete, truncate on rules.version from tieout_app;
grant update (approved_by, approved_at) on rules.version to tieout_app;
