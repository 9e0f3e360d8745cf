/**
 * migrations/schema.sql: what all migrations together have made, written from the catalog, so that it can be read in one place and
 * a change shows in review. (PostgreSQL's own pg_dump is not among the embedded programs.) It is for reading and comparing, not for restoring.
 */
import type pg from "pg";

type Client = pg.ClientBase;

export async function dumpSchema(owner: Client): Promise<string> {
  const heading = "-- What the migrations make, written from the catalog by `npm run schema`. Read it; do not run or edit it.";
  const extensions = await textsOf(owner, "select format('create extension %I;', extname) from pg_extension where extname <> 'plpgsql' order by extname");
  const parts: string[] = [heading, ...(extensions.length > 0 ? [extensions.join("\n")] : [])];
  for (const schema of await textsOf(owner, schemas)) {
    parts.push(`\n-- ${"─".repeat(3)} ${schema} ${"─".repeat(Math.max(0, 120 - schema.length))}`, await schemaHead(owner, schema));
    for (const statement of [types, sequences, functions]) parts.push(...(await textsOf(owner, statement, schema)));
    for (const table of await tablesOf(owner, schema)) parts.push(await tableText(owner, table));
    parts.push(...(await textsOf(owner, views, schema)));
  }
  return `${parts.filter((part) => part !== "").join("\n\n").replace(/[ \t]+$/gm, "")}\n`;
}

async function textsOf(owner: Client, statement: string, ...values: unknown[]): Promise<string[]> {
  const { rows } = await owner.query<[string]>({ text: statement, values, rowMode: "array" });
  return rows.map(([text]) => text);
}

/** A schema of an extension belongs to that extension. */
const schemas = `
  select nspname from pg_namespace n
   where nspname !~ '^pg_' and nspname <> 'information_schema'
     and (nspname <> 'public' or exists (select from pg_class c where c.relnamespace = n.oid and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')))
   order by nspname collate "C"`;

async function schemaHead(owner: Client, schema: string): Promise<string> {
  const grants = await textsOf(owner, `
    select format('grant %s on schema %I to %s;', lower(string_agg(privilege_type, ', ' order by privilege_type)), nspname, ${grantee})
      from pg_namespace n, aclexplode(nspacl) acl where nspname = $1 and acl.grantee <> nspowner and nspname <> 'public'
     group by nspname, acl.grantee order by 1`, schema);
  return [...(schema === "public" ? [] : [`create schema ${schema};`]), ...grants].join("\n");
}

const grantee = "case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end";
const notOfAnExtension = (oid: string): string => `not exists (select from pg_depend d where d.objid = ${oid} and d.deptype = 'e')`;

const types = `
  select case t.typtype
           when 'e' then format('create type %I.%I as enum (%s);', nspname, typname, (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid))
           when 'd' then format('create domain %I.%I as %s%s%s;', nspname, typname, format_type(typbasetype, typtypmod), case when typnotnull then ' not null' else '' end,
                                (select string_agg(' constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid), '' order by conname) from pg_constraint where contypid = t.oid and contype = 'c'))
           else format('create type %I.%I as (%s);', nspname, typname, (select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum) from pg_attribute where attrelid = typrelid and attnum > 0 and not attisdropped))
         end
    from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
   where nspname = $1 and (typtype in ('e', 'd') or (typtype = 'c' and c.relkind = 'c')) and ${notOfAnExtension("t.oid")}
   order by typname collate "C"`;

/** Sequences that stand alone; those of identity and serial columns belong to their tables. */
const sequences = `
  select format('create sequence %I.%I as %s start %s increment %s;', nspname, relname, format_type(seqtypid, null), seqstart, seqincrement)
    from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
   where nspname = $1 and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i', 'e'))
   order by relname collate "C"`;

const functions = `
  select trim(trailing E'\\n' from pg_get_functiondef(p.oid)) || ';'
         || coalesce((select string_agg(format(E'\\ngrant %s on function %I.%I(%s) to %s;', lower(privilege_type), nspname, proname, pg_get_function_identity_arguments(p.oid), ${grantee}), '' order by acl.grantee)
                        from aclexplode(proacl) acl where acl.grantee <> proowner), '')
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where nspname = $1 and prokind <> 'a' and ${notOfAnExtension("p.oid")}
   order by proname collate "C", pg_get_function_identity_arguments(p.oid)`;

const views = `
  select format(E'create %s %I.%I as\\n%s', case relkind when 'm' then 'materialized view' else 'view' end, nspname, relname, trim(trailing from pg_get_viewdef(c.oid, true)))
         || coalesce((select string_agg(format(E'\\ngrant %s on %I.%I to %s;', rights, nspname, relname, role), '' order by role)
                        from (select lower(string_agg(privilege_type, ', ' order by privilege_type)) as rights, ${grantee} as role from aclexplode(relacl) acl where acl.grantee <> relowner group by acl.grantee) g), '')
         || coalesce((select string_agg(E'\\n' || pg_get_indexdef(indexrelid) || ';', '' order by indexrelid::regclass::text) from pg_index where indrelid = c.oid), '')
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where nspname = $1 and relkind in ('v', 'm') and ${notOfAnExtension("c.oid")}
   order by relname collate "C"`;

type Table = { readonly oid: string; readonly name: string; readonly tail: string; readonly isUnlogged: boolean; readonly partitionOf: string | null };

async function tablesOf(owner: Client, schema: string): Promise<Table[]> {
  const { rows } = await owner.query<Table>(`
    select c.oid::text, format('%I.%I', nspname, relname) as name, relpersistence = 'u' as "isUnlogged",
           case when relkind = 'p' then ' partition by ' || pg_get_partkeydef(c.oid) else '' end || coalesce(' with (' || array_to_string(reloptions, ', ') || ')', '') as tail,
           case when relispartition then format('partition of %s %s', (select inhparent::regclass from pg_inherits where inhrelid = c.oid), pg_get_expr(relpartbound, c.oid)) end as "partitionOf"
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where nspname = $1 and relkind in ('r', 'p') and ${notOfAnExtension("c.oid")}
     order by relname collate "C"`, [schema]);
  return rows;
}

async function tableText(owner: Client, table: Table): Promise<string> {
  const body = table.partitionOf ?? `(\n${[...(await textsOf(owner, columns, table.oid)), ...(await textsOf(owner, constraints, table.oid))].map((line) => `  ${line}`).join(",\n")}\n)`;
  const statements = [`create ${table.isUnlogged ? "unlogged " : ""}table ${table.name} ${body}${table.tail};`];
  for (const statement of [indexes, triggers, rowSecurity, policies, tableGrants, columnGrants, comments]) statements.push(...(await textsOf(owner, statement, table.oid)));
  return statements.join("\n");
}

const columns = `
  select concat(quote_ident(attname), ' ', format_type(atttypid, atttypmod),
                case when attcollation <> typcollation then ' collate ' || (select quote_ident(collname) from pg_collation where oid = attcollation) end,
                case when attnotnull then ' not null' end,
                case attidentity when 'a' then ' generated always as identity' when 'd' then ' generated by default as identity' end,
                case attgenerated when 's' then ' generated always as (' || pg_get_expr(adbin, adrelid) || ') stored' when 'v' then ' generated always as (' || pg_get_expr(adbin, adrelid) || ') virtual'
                  else ' default ' || pg_get_expr(adbin, adrelid) end)
    from pg_attribute a join pg_type t on t.oid = atttypid left join pg_attrdef on adrelid = attrelid and adnum = attnum
   where attrelid = $1::oid and attnum > 0 and not attisdropped
   order by attnum`;

/** Not-null constraints stand at their columns. */
const constraints = `
  select format('constraint %I %s', conname, pg_get_constraintdef(oid))
    from pg_constraint where conrelid = $1::oid and contype in ('p', 'u', 'f', 'c', 'x') and conparentid = 0
   order by position(contype::text in 'pufcx'), conname collate "C"`;

const indexes = `
  select pg_get_indexdef(indexrelid) || ';' from pg_index i join pg_class c on c.oid = indexrelid
   where indrelid = $1::oid and not relispartition and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
   order by relname collate "C"`;

const triggers = `select pg_get_triggerdef(oid) || ';' from pg_trigger where tgrelid = $1::oid and not tgisinternal and tgparentid = 0 order by tgname collate "C"`;

const rowSecurity = `
  select format('alter table %s %s row level security;', oid::regclass, case when relforcerowsecurity then 'force' else 'enable' end)
    from pg_class where oid = $1::oid and relrowsecurity`;

const policies = `
  select format('create policy %I on %s%s for %s to %s%s%s;', polname, polrelid::regclass, case when polpermissive then '' else ' as restrictive' end,
                case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
                (select string_agg(case when role = 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', ') from unnest(polroles) as role),
                ' using (' || pg_get_expr(polqual, polrelid) || ')', ' with check (' || pg_get_expr(polwithcheck, polrelid) || ')')
    from pg_policy where polrelid = $1::oid order by polname collate "C"`;

const tableGrants = `
  select format('grant %s on %s to %s;', lower(string_agg(privilege_type, ', ' order by privilege_type)), c.oid::regclass, ${grantee})
    from pg_class c, aclexplode(relacl) acl where c.oid = $1::oid and acl.grantee <> relowner
   group by c.oid, acl.grantee order by 1`;

const columnGrants = `
  select format('grant %s (%s) on %s to %s;', lower(privilege_type), string_agg(quote_ident(attname), ', ' order by attnum), attrelid::regclass, ${grantee})
    from pg_attribute join pg_class c on c.oid = attrelid, aclexplode(attacl) acl where attrelid = $1::oid and acl.grantee <> relowner
   group by attrelid, privilege_type, acl.grantee order by 1`;

const comments = `
  select format('comment on %s is %L;', case when objsubid = 0 then 'table ' || objoid::regclass
                else format('column %s.%I', objoid::regclass, (select attname from pg_attribute where attrelid = objoid and attnum = objsubid)) end, description)
    from pg_description where classoid = 'pg_class'::regclass and objoid = $1::oid order by objsubid`;
