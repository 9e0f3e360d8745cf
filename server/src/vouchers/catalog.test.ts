import assert from "node:assert/strict";
import { after, test } from "node:test";
import { testStore } from "../platform/testing.ts";

const store = await testStore();
after(() => store.close());
const ofBooks = ["books", "masterdata", "documents", "rules", "vouchers"];

test("book_id leads every primary, unique and foreign key of the books' tables, so that they can be distributed by book", async () => {
  const keys = await store.owner.query<{ table: string; key: string; first: string }>(`
    select c.conrelid::regclass::text as table, c.conname as key, (select attname from pg_attribute where attrelid = c.conrelid and attnum = c.conkey[1]) as first
      from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace where c.contype in ('p', 'u', 'f') and n.nspname = any($1::text[])
    union all
    select i.indrelid::regclass::text, i.indexrelid::regclass::text, (select attname from pg_attribute where attrelid = i.indrelid and attnum = i.indkey[0])
      from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace where i.indisunique and n.nspname = any($1::text[])`, [ofBooks]);
  assert.ok(keys.length > 20);
  // Two tables are small and shared by all books: the codes of books, and invoice numbers of a group.
  const shared = new Set(["books.book code", "documents.invoice_claim group_code"]);
  assert.deepEqual(keys.filter(({ table, first }) => first !== "book_id" && !shared.has(`${table} ${first}`)), []);
});

test("the application may neither change, delete nor empty what is posted", async () => {
  for (const table of ["vouchers.voucher", "vouchers.line", "vouchers.block", "vouchers.event", "books.setting", "books.act"]) {
    for (const right of ["UPDATE", "DELETE", "TRUNCATE"]) {
      const { may } = await store.owner.one<{ may: boolean }>("select has_table_privilege('tieout_app', $1, $2) as may", [table, right]);
      assert.equal(may, false, `${right} on ${table}`);
    }
  }
});

test("the owner of the tables is held back by triggers as well", async () => {
  const triggers = await store.owner.query<{ table: string }>("select tgrelid::regclass::text as table from pg_trigger where tgname = 'never_changes' and not tgisinternal and tgparentid = 0 order by 1");
  assert.deepEqual(triggers.map(({ table }) => table), ["audit.entry", "rules.version", "vouchers.block", "vouchers.event", "vouchers.line", "vouchers.voucher"]);
});
