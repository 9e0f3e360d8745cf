import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BrokenRecord, parseNdjson } from "./stream.ts";

const collect = async (chunks: readonly (Buffer | string)[]): Promise<unknown[]> => {
  const records: unknown[] = [];
  for await (const record of parseNdjson(chunks.map((chunk) => Buffer.from(chunk)))) records.push(record);
  return records;
};
const shapes = (records: readonly unknown[]): unknown[] => records.map((record) => (record instanceof BrokenRecord ? `broken ${record.row}` : record));

test("one object, an array and NDJSON are told apart by what arrives", async () => {
  assert.deepEqual(await collect(['{"a":1}']), [{ a: 1 }]);
  assert.deepEqual(await collect(["\ufeff [ {\"a\":1}, {\"b\":[2,\"],\"]} ]\n"]), [{ a: 1 }, { b: [2, "],"] }]);
  assert.deepEqual(await collect(['{"a":1}\r\n\n{"b":2}\n']), [{ a: 1 }, { b: 2 }]);
  assert.deepEqual(await collect(["[]"]), []);
  assert.deepEqual(await collect([" \n", ""]), []);
});

test("an object may stand on several lines", async () => {
  assert.deepEqual(await collect([JSON.stringify({ a: 1, lines: [{ b: "x" }] }, null, 2)]), [{ a: 1, lines: [{ b: "x" }] }]);
  assert.deepEqual(await collect([[{ a: 1 }, { b: { c: 2 } }].map((one) => JSON.stringify(one, null, 2)).join("\n")]), [{ a: 1 }, { b: { c: 2 } }]);
});

test("a broken line is handed on as broken, and the lines around it as they are", async () => {
  const lines = ['{"a":1}', '{"a":2', '{"a":"3}', '{"a":4}', "nonsense", '{"a":5,}', '{"a":6}', '{"a":[7'];
  assert.deepEqual(shapes(await collect([lines.join("\n")])), [{ a: 1 }, "broken 2", "broken 3", { a: 4 }, "broken 5", "broken 6", { a: 6 }, "broken 8"]);
});

test("a broken element of an array is handed on as broken, and the others as they are", async () => {
  assert.deepEqual(shapes(await collect(['[{"a":1},{"a":2,},{"a":3}]'])), [{ a: 1 }, "broken 2", { a: 3 }]);
  assert.deepEqual(shapes(await collect(['[{"a":1},{"a":2'])), [{ a: 1 }, "broken 2"]);
  assert.deepEqual(shapes(await collect(['[{"a":1}] tail'])), [{ a: 1 }, "broken 2"]);
});

test("text that is not UTF-8 is broken, never silently changed", async () => {
  const records = await collect([Buffer.from('{"a":1}\n{"name":"'), Buffer.from([0xb8, 0xd6]), Buffer.from('"}\n{"a":3}')]);
  assert.deepEqual(shapes(records), [{ a: 1 }, "broken 2", { a: 3 }]);
  assert.equal((records[1] as BrokenRecord).detail, "not UTF-8");
});

test("where the chunks are cut makes no difference", () =>
  fc.assert(fc.asyncProperty(fc.array(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.array(fc.string()))), { maxLength: 6 }), fc.boolean(), fc.integer({ min: 1, max: 7 }), async (records, isArray, size) => {
    const bytes = Buffer.from(isArray ? JSON.stringify(records) : records.map((record) => JSON.stringify(record)).join("\n"));
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
    assert.deepEqual(await collect(chunks), JSON.parse(JSON.stringify(records)));
  })));

test("a hundred megabytes pass through without being held", async () => {
  const line = Buffer.from(`${JSON.stringify({ text: "x".repeat(1000) })}\n`);
  const chunk = Buffer.concat(Array.from({ length: 100 }, () => line));
  function* chunks(): Iterable<Buffer> {
    for (let sent = 0; sent < 100 * 1024 * 1024; sent += chunk.length) yield chunk;
  }
  let count = 0;
  let peak = 0;
  const before = process.memoryUsage().rss;
  for await (const record of parseNdjson(chunks())) {
    assert.ok(!(record instanceof BrokenRecord));
    if (++count % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().rss - before);
  }
  assert.ok(count > 100_000);
  assert.ok(peak < 200 * 1024 * 1024, `${peak} bytes`);
});

test("a record beyond the limit is broken, and the next one is read", async () => {
  const records = await collect(['{"a":"', "x".repeat(33 * 1024 * 1024), '"}\n{"a":2}']);
  assert.deepEqual(shapes(records), ["broken 1", { a: 2 }]);
  assert.ok((records[0] as BrokenRecord).text.length <= 100_000);
});
