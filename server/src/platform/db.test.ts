import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { copyField } from "./copy.ts";
import { openPool, isConnectionFault } from "./db.ts";
import { testStore } from "./testing.ts";

const store = await testStore();
after(() => store.close());
await store.owner.exec("create table platform.trial (id int8 primary key, word text)");

const ids = async (): Promise<bigint[]> => (await store.query<{ id: bigint }>("select id from platform.trial order by id")).map(({ id }) => id);
const emptied = (): Promise<void> => store.exec("delete from platform.trial");

test("figures and moments arrive without passing through a float", async () => {
  const row = await store.one(`select 9007199254740993::int8 as whole, 0.10::numeric as decimal, date '2026-03-05' as day,
    timestamptz '2026-03-05 08:00:00.123456+08' as moment, array[1::int8, null] as wholes, array[1.10, 2.00] as decimals,
    array[date '2026-03-05'] as days, array[timestamptz '2026-03-05 08:00+08'] as moments, '{}'::int8[] as none, 7 as small,
    '{"a": [1]}'::jsonb as json, null::int8 as missing, array['a,b', null, '"'] as words`);
  assert.deepEqual(row, {
    whole: 9007199254740993n, decimal: "0.10", day: "2026-03-05", moment: "2026-03-05T00:00:00.123456Z", wholes: [1n, null],
    decimals: ["1.10", "2.00"], days: ["2026-03-05"], moments: ["2026-03-05T00:00:00Z"], none: [], small: 7,
    json: { a: [1] }, missing: null, words: ["a,b", null, '"'],
  });
});

test("bigints go in as they come out", async () => {
  const { sent } = await store.one<{ sent: bigint[] }>("select $1::int8[] as sent", [[9007199254740993n, -1n]]);
  assert.deepEqual(sent, [9007199254740993n, -1n]);
});

test("one row is one row, and maybe a row is at most one", async () => {
  await assert.rejects(store.one("select 1 where false"), /expected one row and got 0/);
  await assert.rejects(store.one("select generate_series(1, 2)"), /expected one row and got 2/);
  await assert.rejects(store.maybe("select generate_series(1, 2)"), /at most one row and got 2/);
  assert.equal(await store.maybe("select 1 where false"), undefined);
});

test("a transaction whose work throws leaves nothing behind", async () => {
  await emptied();
  await assert.rejects(
    store.transaction(async (db) => {
      await db.query("insert into platform.trial values (1, 'a')");
      throw new Error("changed my mind");
    }),
    /changed my mind/,
  );
  assert.deepEqual(await ids(), []);
});

test("a transaction inside a transaction fails alone", async () => {
  await emptied();
  await store.transaction(async (db) => {
    await db.query("insert into platform.trial values (1, 'a')");
    await assert.rejects(db.transaction((inner) => inner.query("insert into platform.trial values (2, 'b'), (1, 'again')")));
    await db.transaction((inner) => inner.transaction((innermost) => innermost.query("insert into platform.trial values (3, 'c')")));
  });
  assert.deepEqual(await ids(), [1n, 3n]);
});

test("a commit of a transaction that had failed is reported, not taken for done", async () => {
  const transaction = await store.begin();
  await assert.rejects(transaction.query("select 1/0"));
  await assert.rejects(transaction.commit(), /rolled back/);
});

test("a prepared statement answers like a plain one", async () => {
  for (const word of ["a", "b"]) {
    assert.deepEqual(await store.query("select $1::text as word", [word], { name: "platform.test.word" }), [{ word }]);
  }
});

test("what is copied in is copied out, whatever characters it holds", async () => {
  const words = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("\\N", "\t", "\\.", "a\r\nb", "摘要")).filter((word) => !word.includes("\0")), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(words, async (sent) => {
      await emptied();
      assert.equal(await store.copyIn("platform.trial (id, word)", sent.map((word, at) => `${at}\t${copyField(word)}\n`).join("")), sent.length);
      const rows = await store.query<{ word: string }>("select word from platform.trial order by id");
      assert.deepEqual(rows.map(({ word }) => word), sent);
    }),
    { numRuns: 50 },
  );
});

test("a copy of many parts and megabytes keeps every row and every character", async () => {
  await emptied();
  const count = 60_000;
  function* parts(): Iterable<string> {
    for (let id = 0; id < count; id++) yield `${id}\t钢板 ${"长".repeat(20)} ${id}\n`;
  }
  assert.equal(await store.copyIn("platform.trial (id, word)", parts()), count);
  let bytes = 0;
  for await (const part of store.copyOut("select * from platform.trial order by id")) bytes += part.length;
  assert.equal(bytes, Buffer.byteLength([...parts()].join("")));
});

test("a copy with a bad row is refused whole, and the connection lives on", async () => {
  await emptied();
  await store.transaction(async (db) => {
    await assert.rejects(db.transaction((inner) => inner.copyIn("platform.trial (id, word)", "1\ta\nx\tb\n")), /invalid input syntax/);
    await db.copyIn("platform.trial (id, word)", "2\tb\n");
  });
  assert.deepEqual(await ids(), [2n]);
});

test("a source that breaks in the middle of a copy leaves nothing, and its own error is thrown", async () => {
  await emptied();
  async function* broken(): AsyncIterable<string> {
    yield "1\ta\n";
    throw new Error("the file ended early");
  }
  await assert.rejects(store.copyIn("platform.trial (id, word)", broken()), /the file ended early/);
  assert.deepEqual(await ids(), []);
});

test("a copy out that is left half read does not spoil the next query", async () => {
  for await (const _part of store.copyOut("select generate_series(1, 100000)")) break;
  assert.deepEqual(await store.query("select 1 as one"), [{ one: 1 }]);
});

test("the application's role owns nothing and may not rewrite the list of migrations", async () => {
  assert.deepEqual(await store.query("select relname from pg_class where pg_get_userbyid(relowner) = 'tieout_app'"), []);
  await assert.rejects(store.exec("delete from platform.migration"), /permission denied/);
});

test("a connection that the server ends is a connection fault, a bad statement is not", async () => {
  const own = openPool(store.url, { max: 1 });
  const connection = await own.connect();
  const { pid } = await connection.one<{ pid: number }>("select pg_backend_pid() as pid");
  const wait = connection.query("select pg_sleep(20)").then(() => undefined, (error: Error) => error);
  await store.owner.query("select pg_terminate_backend($1)", [pid]);
  const fault = await wait;
  assert.ok(isConnectionFault(fault));
  connection.release(fault);
  assert.deepEqual(await own.query("select 1 as one"), [{ one: 1 }]);
  const mistake = await own.query("select no_such_column").then(() => undefined, (error: Error) => error);
  assert.ok(!isConnectionFault(mistake));
  await own.close();
});

test("statements sent together commit together, in their order, with values of every kind", async () => {
  await emptied();
  await store.sendAll([
    { text: "insert into platform.trial values ($1, $2)", values: [1, "it's \"quoted\" \\ and 中文"] },
    { copy: "platform.trial (id, word)", rows: `2\t${copyField("tab\tand\\n")}\n3\t\\N\n` },
    { text: "insert into platform.trial select n, w from unnest($1::int8[], $2::text[]) as u (n, w)", values: [[4n, 5n], ['a,b"', null]] },
    { text: "update platform.trial set word = 'changed' where id = any($1::int8[]) and word is null", values: [[3, 5]] },
  ]);
  assert.deepEqual(await store.query("select id, word from platform.trial order by id"), [
    { id: 1n, word: "it's \"quoted\" \\ and 中文" }, { id: 2n, word: "tab\tand\\n" }, { id: 3n, word: "changed" }, { id: 4n, word: 'a,b"' }, { id: 5n, word: "changed" },
  ]);
});

test("of statements sent together none stays when one of them fails, a copy in the middle included", async () => {
  await emptied();
  const big = Array.from({ length: 20_000 }, (_, i) => `${i + 10}\tword\n`).join("");
  for (const failing of [{ text: "insert into platform.trial values ($1, 'again')", values: [10] }, { copy: "platform.trial (id, word)", rows: `77777777\tx\nnot a number\ty\n${big}` }, { copy: "platform.missing (id)", rows: "1\n" }]) {
    await assert.rejects(store.sendAll([{ copy: "platform.trial (id, word)", rows: big }, failing, { text: "insert into platform.trial values ($1, 'last')", values: [1] }]), { name: "error" });
    assert.deepEqual(await ids(), []);
  }
  await store.sendAll([{ text: "insert into platform.trial values ($1, 'after')", values: [7] }]);
  assert.deepEqual(await ids(), [7n]);
});
