import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import fc from "fast-check";
import { masterKindOf, readMaster } from "../../masterdata/index.ts";
import { Refusal } from "../../platform/index.ts";
import { readDocument } from "../read.ts";
import { checkMapping, compileMapping, type MapRecord, positionNumber } from "./compile.ts";
import { lookupsOf, readGolden, testMapping } from "./golden.ts";
import { goldenPathOf, readMappingText, shippedMappings } from "./read-mapping.ts";

const shipped = await Promise.all(shippedMappings().map(async (name) => {
  const { path, text, files } = await readMappingText(name);
  return { name, mapping: compileMapping(text, files), cases: readGolden(await readFile(goldenPathOf(path), "utf8")) };
}));
const problemsOf = (document: Readonly<Record<string, unknown>>) => {
  const master = masterKindOf(document);
  if (master) return readMaster(document, master).problems ?? [];
  const reading = readDocument(document, "B1", "CNY");
  return reading.problems ?? reading.doubts;
};

for (const { name, mapping, cases } of shipped) {
  test(`the mapping ${name} makes of its golden records what stands beside them, and the reader of documents takes all of it`, () => {
    for (const { title, differences } of testMapping(mapping, cases, problemsOf)) assert.deepEqual(differences, [], title);
  });
}

test("every stream and every kind of document of a shipped mapping has a golden case", () => {
  const missing = shipped.flatMap(({ name, mapping, cases }) => [...mapping.streams].flatMap(([stream, rules]) => {
    const made = new Set(cases.filter(({ record }) => stream === "*" || record.stream === stream).flatMap(({ documents = [] }) => documents.map(({ schema }) => String(schema))));
    return rules.filter(({ kind }) => kind !== "" && !made.has(`tieout/${kind}@1`)).map(({ kind }) => `${name}/${stream}/${kind}`);
  }));
  assert.deepEqual(missing, []);
});

/** A mapping of one stream whose orders have one free field. */
const orderWith = (field: string, spec: unknown, more: object = {}): object => ({
  mapping: "m", version: 1, source: "s", ...more,
  streams: { orders: [{ kind: "salesOrder", id: "no", fields: { date: { const: "2026-03-01" }, customer: { const: "C1" }, [field]: spec }, lines: { from: "row", fields: { item: { const: "X" } } } }] },
});
const one = (mapping: object, row: unknown, more: Partial<MapRecord> = {}) => {
  const { documents, problems, cut } = compileMapping(mapping).map({ stream: "orders", key: "1", op: "c", row: { no: "1", ...(row as object) }, ...more });
  return { document: documents[0], codes: problems.map(({ code }) => code), problems, cut };
};
const field = (name: string, spec: unknown, row: unknown, more: object = {}) => one(orderWith(name, spec, more), row).document?.[name];
const codes = (name: string, spec: unknown, row: unknown, more: object = {}) => one(orderWith(name, spec, more), row).codes;
/** The quantity of a line, mapped by the spec. */
const quantity = (spec: unknown, row: unknown, more: object = {}) => {
  const made = compileMapping({ mapping: "m", version: 1, source: "s", ...more, streams: { orders: [{ kind: "salesOrder", fields: { date: { const: "2026-03-01" }, customer: { const: "C1" } }, lines: { from: "row", fields: { quantity: spec } } }] } }).map({ stream: "orders", key: "1", op: "c", row });
  return made.problems[0]?.code ?? (made.documents[0]?.lines as { quantity?: string }[])[0]?.quantity;
};

test("a decimal keeps every digit, and one figure is always written in one way", () => {
  for (const [written, wanted] of [["12345678901234567.891234", "12345678901234567.891234"], ["60.000000", "60"], ["007.50", "7.5"], ["-0.00", "0"], ["+3", "3"], [".5", "0.5"], ["1.2E3", "1200"], [5, "5"], ["0", "0"]]) assert.equal(quantity("q", { q: written }), wanted, String(written));
});

test("a JavaScript number that is not a safe whole number is refused as a figure", () => {
  for (const q of [1.5, 0.1 + 0.2, 2 ** 53, 1e300]) assert.equal(quantity("q", { q }), "mapping.float");
  assert.equal(quantity({ expr: "row.q * 2" }, { q: 1.5 }), "mapping.float");
});

test("what does not fit the scale is a problem until a rounding is stated", () => {
  assert.equal(quantity("q", { q: "1.0000005" }), "mapping.scale");
  const round = (rounding: string, q: string) => quantity({ from: "q", scale: 1, rounding }, { q });
  assert.deepEqual(["halfUp", "halfEven", "down", "up"].map((rounding) => round(rounding, "2.25")), ["2.3", "2.2", "2.2", "2.3"]);
  assert.deepEqual(["halfUp", "halfEven", "down", "up"].map((rounding) => round(rounding, "-2.25")), ["-2.3", "-2.2", "-2.2", "-2.3"]);
  assert.equal(quantity({ from: "q", cast: "decimal", precision: 4 }, { q: "123.45" }), "mapping.precision");
});

test("arithmetic is exact until its scale: a third of one, three times, is one", () => {
  assert.equal(quantity({ expr: "row.q / 3 * 3" }, { q: "1" }), "1");
  assert.equal(quantity({ expr: "row.q / 3" }, { q: "1" }), "mapping.scale");
  assert.equal(quantity({ expr: "row.q / 3", scale: 4, rounding: "halfUp" }, { q: "2" }), "0.6667");
  assert.equal(quantity({ expr: "0.1 + 0.2" }, {}), "0.3");
  assert.equal(quantity({ expr: "row.q / row.zero" }, { q: "1", zero: "0.00" }), "mapping.zero_division");
  assert.equal(quantity({ expr: "row.missing * 2", default: "7" }, {}), "7");
  assert.equal(quantity({ expr: "max(abs(row.a), min(row.b, 10))" }, { a: "-3", b: "25" }), "10");
});

test("a unit is converted exactly, by a fixed factor or by one of the record's", () => {
  assert.equal(quantity({ from: "q", convert: "1/12", scale: 6, rounding: "error" }, { q: "30" }), "2.5");
  assert.equal(quantity({ from: "q", convert: { from: "perBox" } }, { q: "2.5", perBox: 12 }), "30");
  assert.equal(quantity({ from: "q", convert: { from: "uom", lookup: "grams" } }, { q: "3", uom: "t" }, { tables: { grams: { kg: "1000", t: 1000000 } } }), "3000000");
});

test("money has the decimals of its currency, also where it has none or three", () => {
  const paid = (currency: string | undefined, amount: string) => compileMapping({ mapping: "m", version: 1, source: "s", streams: { orders: [{ kind: "cashReceipt", fields: { date: { const: "2026-03-01" }, customer: { const: "C" }, amount: "a", currency: { from: "c" } } }] } }).map({ stream: "orders", key: "1", op: "c", row: { a: amount, c: currency } });
  assert.equal(paid("CNY", "5").documents[0]?.amount, "5.00");
  assert.equal(paid("JPY", "500.000").documents[0]?.amount, "500");
  assert.equal(paid("KWD", "1.234").documents[0]?.amount, "1.234");
  assert.equal(paid("JPY", "5.5").problems[0]?.code, "mapping.scale");
  assert.equal(paid(undefined, "5.5").documents[0]?.amount, "5.50");
});

test("grouped and comma decimals are read where the mapping says so, and only there", () => {
  assert.equal(quantity({ from: "q", format: "1,234.56" }, { q: "1,234,567.50" }), "1234567.5");
  assert.equal(quantity({ from: "q", format: "1.234,56" }, { q: "1.234,5" }), "1234.5");
  assert.equal(quantity("q", { q: "1,234" }), "mapping.type");
});

test("a moment becomes the day it is in the company's zone, across midnight and clock changes", () => {
  const zones = { zone: "Asia/Shanghai", sourceZone: "UTC" };
  const date = (text: unknown, more: object = zones, spec: object = {}) => {
    const made = compileMapping({ mapping: "m", version: 1, source: "s", ...more, streams: { orders: [{ kind: "costRun", fields: { date: { from: "d", ...spec } } }] } }).map({ stream: "orders", key: "1", op: "c", row: { d: text } });
    return made.problems[0]?.code ?? made.documents[0]?.date;
  };
  assert.equal(date("2026-03-31 17:30:00"), "2026-04-01");
  assert.equal(date("2026-03-31T15:59:59.999999Z"), "2026-03-31");
  assert.equal(date("2026-03-31T23:30:00-05:00"), "2026-04-01");
  assert.equal(date("2026-03-31"), "2026-03-31");
  assert.equal(date("2026-03-31T00:00:00", {}), "2026-03-31");
  assert.equal(date("2026-03-31T10:00:00", {}), "mapping.zone");
  assert.equal(date("2026-03-31T10:00:00", { zone: "Asia/Shanghai" }), "mapping.zone");
  assert.equal(date("2026-02-30"), "mapping.date");
  // Berlin leaves winter time on 29 March 2026 at 01:00 UTC: 22:30 UTC is 23:30 before and 00:30 after.
  assert.deepEqual(["2026-03-28T22:30:00Z", "2026-03-29T22:30:00Z"].map((text) => date(text, { zone: "Europe/Berlin" })), ["2026-03-28", "2026-03-30"]);
  assert.equal(date("2026-03-29 23:30", { zone: "UTC", sourceZone: "Europe/Berlin" }), "2026-03-29");
  assert.equal(date("20260331", {}, { format: "yyyyMMdd" }), "2026-03-31");
  assert.equal(date(20260331, {}, { format: "yyyyMMdd" }), "2026-03-31");
  assert.equal(date("2026年3月8日", {}, { format: "yyyy年M月d日" }), "2026-03-08");
  assert.equal(date("31.03.26 08:15", { zone: "UTC", sourceZone: "UTC" }, { format: "dd.MM.yy HH:mm" }), "2026-03-31");
  assert.equal(date("2026-03-31 23:15:02", { zone: "Asia/Shanghai", sourceZone: "Asia/Shanghai" }, { format: "yyyy-MM-dd HH:mm:ss" }), "2026-03-31");
});

test("a version comes from a moment to the microsecond, a number, a place in the source, or the caller", () => {
  const versioned = (version: unknown, row: object, more: Partial<MapRecord> = {}) => {
    const mapping = structuredClone(orderWith("number", "no")) as { streams: { orders: { version?: unknown }[] } };
    if (version !== undefined && mapping.streams.orders[0]) mapping.streams.orders[0].version = version;
    return one(mapping, row, more).document?.sourceVersion;
  };
  assert.equal(versioned("at", { at: "1970-01-02 00:00:00.000001" }), 86_400_000_001);
  assert.equal(versioned("at", { at: "42" }), 42);
  assert.equal(versioned("position", {}, { position: "0/16B3748" }), 0x16b3748);
  assert.equal(versioned(undefined, {}, { version: 7 }), 7);
  assert.equal(versioned(undefined, {}), undefined);
  assert.deepEqual(["16/B374D848", "0-1-77", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5", "binlog.000003:154", "12", "x"].map(positionNumber), [0x16 * 2 ** 32 + 0xb374d848, 77, 5, 3 * 2 ** 32 + 154, 12, undefined]);
});

test("a delete cancels the document that the record last made, with a version after its last; without that it is told, not dropped", () => {
  const mapping = structuredClone(orderWith("number", "no")) as { streams: { orders: Record<string, unknown>[] } };
  const [rule = {}] = mapping.streams.orders;
  rule.version = "v";
  const gone = compileMapping(mapping).map({ stream: "orders", key: "9", op: "d", row: null, before: { no: "9", v: 3 } });
  assert.deepEqual([gone.documents[0]?.status, gone.documents[0]?.sourceId, gone.documents[0]?.sourceVersion], ["cancelled", "9", 4]);
  rule.when = "has(row.no)";
  assert.deepEqual(compileMapping(mapping).map({ stream: "orders", key: "9", op: "d", row: null }).problems.map(({ code }) => code), ["mapping.delete_blind"]);
  rule.onDelete = "ignore";
  assert.match(compileMapping(mapping).map({ stream: "orders", key: "9", op: "d", row: null, before: { no: "9", v: 3 } }).ignored ?? "", /not followed/);
});

test("text that is too long is a problem, unless the mapping cuts it; what is cut is told and no character is split", () => {
  assert.deepEqual(codes("summary", { from: "t", length: 5 }, { t: "abcdef" }), ["mapping.length"]);
  const cut = one(orderWith("summary", { from: "t", length: { max: 5, policy: "truncate" } }), { t: "abcd𠮷ef" });
  assert.equal(cut.document?.summary, "abcd");
  assert.deepEqual(cut.cut, [{ path: "summary", kept: "abcd", cutOff: "𠮷ef" }]);
  assert.deepEqual(codes("summary", "t", { t: "x".repeat(501) }), ["mapping.length"]);
  assert.equal(field("summary", { from: "t", trim: "fold" }, { t: "  a\n\tb  " }), "a b");
  assert.equal(field("project", { from: "t", pad: { to: 6, with: "0" } }, { t: 42 }), "000042");
});

test("a code that is not in the table is a problem, kept, dropped or replaced, as the mapping says", () => {
  const tables = { tables: { codes: { A: "alpha", "1|x": "both", rich: { zh: "甲" } }, ours: "given" } };
  const looked = (spec: object, row: object) => field("project", { from: "t", lookup: "codes", ...spec }, row, tables);
  assert.equal(looked({}, { t: "A" }), "alpha");
  assert.deepEqual(codes("project", { from: "t", lookup: "codes" }, { t: "toString" }, tables), ["mapping.lookup"]);
  assert.equal(looked({ onMiss: "keep" }, { t: "B" }), "B");
  assert.equal(looked({ onMiss: null }, { t: "B" }), undefined);
  assert.equal(looked({ onMiss: { value: "none" } }, { t: "B" }), "none");
  assert.equal(looked({ take: "zh" }, { t: "rich" }), "甲");
  assert.equal(field("project", { lookup: "codes", key: ["a", "b"] }, { a: 1, b: "x" }, tables), "both");
  const given = compileMapping(orderWith("project", { from: "t", lookup: "ours" }, tables)).map({ stream: "orders", key: "1", op: "c", row: { no: "1", t: "7" } }, lookupsOf({ ours: { "7": "seven" } }));
  assert.equal(given.documents[0]?.project, "seven");
  assert.deepEqual(compileMapping(orderWith("project", { from: "t", lookup: "ours" }, tables)).givenTables, ["ours"]);
});

test("a CSV beside the mapping is a table; its quoted cells and BOM are read", () => {
  const mapping = orderWith("project", { from: "t", lookup: "codes" }, { tables: { codes: { file: "codes.csv", key: "code", value: "name" } } });
  const files = new Map([["codes.csv", "\ufeffcode,name\r\nA,\"x, y\"\r\n"]]);
  assert.equal(compileMapping(mapping, files).map({ stream: "orders", key: "1", op: "c", row: { no: "1", t: "A" } }).documents[0]?.project, "x, y");
  assert.deepEqual(checkMapping(mapping).map(({ code }) => code), ["mapping.file"]);
});

test("conditions compare text as text, numbers as numbers however they are written, and never fail on what is missing", () => {
  const holds = (when: string, row: object) => field("project", { when, then: { const: "yes" }, else: { const: "no" } }, row) === "yes";
  const row = { s: "done", n: "12.50", z: "007", list: ["a", "b"], flag: true, nested: { "odd.name": [{ v: 3 }] }, 状态: "已审" };
  for (const condition of ["row.s == 'done'", "row.n == 12.5", "row.n > 9", "row.z != '7'", "row.z == 7", "'a' in row.list", "row.s in ['open', 'done']", "row.flag", "!row.missing", "row.missing == null", "row.nested['odd.name'][0].v >= 3", "row.状态 == '已审'",
    "size(row.list) == 2", "row.s.startsWith('do') && !row.s.endsWith('x')", "part('sale.line,3', ',', 1) == '3'", "upper(row.s) == 'DONE'", "row.n * 2 == 25 ? true : false", "record.op == 'c'"]) assert.ok(holds(condition, row), condition);
  for (const condition of ["row.missing > 0", "row.missing < 0", "row.s > 3", "row.list == 'a'", "row.nested.odd.deeper.still == 1", "row.constructor != null", "row.s.length == 4"]) assert.ok(!holds(condition, row), condition);
});

test("one or many: a list of one is its element, several where one was asked for is a problem, never the first", () => {
  assert.equal(field("project", "a.b", { a: [{ b: ["x"] }] }), "x");
  assert.deepEqual(codes("project", "a.b", { a: [{ b: "x" }, { b: "y" }] }), ["mapping.many"]);
  assert.equal(field("project", "a.1.b", { a: [{ b: "x" }, { b: "y" }] }), "y");
  assert.equal(field("project", { concat: ["a.b"], with: "+" }, { a: [{ b: "x" }, { b: "y" }] }), "x+y");
  assert.equal(field("project", "a", { a: { "#text": "x", "@unit": "kg" } }), "x");
  assert.deepEqual(codes("project", "a", { a: { b: 1 } }), ["mapping.type"]);
});

test("lines are grouped and summed exactly, sums go over any list, and a line keeps its place as its id", () => {
  const mapping = compileMapping({ mapping: "m", version: 1, source: "s", streams: { orders: [{ kind: "salesOrder", fields: { date: { const: "2026-03-01" }, customer: { const: "C" }, summary: { sum: "tax", over: "items", only: "element.kind == 'goods'" } },
    lines: { from: "items", when: "line.kind == 'goods'", group: ["sku"], fields: { item: "sku", quantity: { sum: "qty" }, amountNet: { sum: { expr: "line.qty * line.price" } } } } }] } });
  const { documents, problems } = mapping.map({ stream: "orders", key: "1", op: "c", row: { items: [{ kind: "note" }, { kind: "goods", sku: "A", qty: "0.1", price: "3", tax: "0.1" }, { kind: "goods", sku: "B", qty: "1", price: "2", tax: "0.2" }, { kind: "goods", sku: "A", qty: "0.2", price: "3", tax: "0.3" }] } });
  assert.deepEqual(problems, []);
  assert.equal(documents[0]?.summary, "0.6");
  assert.deepEqual(documents[0]?.lines, [{ lineId: "2", item: "A", quantity: "0.3", amountNet: "0.90" }, { lineId: "3", item: "B", quantity: "1", amountNet: "2.00" }]);
});

test("a record that no rule fits, or of a stream that nobody mapped, is a problem; one that is ignored has a reason", () => {
  const mapping = compileMapping({ mapping: "m", version: 1, source: "s", streams: { a: [{ when: "row.x == 1", ignore: { zh: "不要", en: "unwanted" } }] } });
  const map = (stream: string, row: unknown) => mapping.map({ stream, key: "k", op: "c", row });
  assert.equal(map("a", { x: 1 }).ignored, "不要 · unwanted");
  assert.deepEqual(map("a", { x: 2 }).problems.map(({ code }) => code), ["mapping.no_rule"]);
  assert.deepEqual(map("b", {}).problems.map(({ code }) => code), ["mapping.stream"]);
});

test("every problem of a record is told, each with its path in the source and its field in the document", () => {
  const odoo = shipped.find(({ name }) => name === "odoo")?.mapping;
  const problems = odoo?.map({ stream: "salesOrders", key: "7", op: "u", row: { id: 7, state: "sale", write_date: "2026-03-31 00:00:00", date_order: "soon", partner_id: false, order_line: [{ id: 1, product_uom_qty: "2", price_subtotal: "a" }, { id: 2, product_uom_qty: 1.5, price_subtotal: "1" }] } }).problems ?? [];
  const told = problems.map(({ code, facts }) => `${code} ${facts.field} ${facts.from}`);
  for (const wanted of ["mapping.date date date_order", "mapping.missing customer partner_id[0]", "mapping.type lines[0].amountNet order_line[0].price_subtotal", "mapping.float lines[1].quantity order_line[1].product_uom_qty"]) assert.ok(told.includes(wanted), `${wanted} in ${told.join("; ")}`);
});

test("the lineage names for every value its path in the source and its rule, and changes nothing", () => {
  for (const { name, mapping, cases } of shipped) for (const { title, record, lookups } of cases) {
    const plain = mapping.map(record, lookupsOf(lookups)), explained = mapping.mapWithLineage(record, lookupsOf(lookups));
    assert.deepEqual({ ...explained, lineage: undefined }, { ...plain, lineage: undefined }, `${name}: ${title}`);
    const leaves = explained.documents.reduce((sum, { schema, source, status, ...rest }) => sum + leavesOf(rest), 0);
    if (explained.problems.length === 0) assert.ok(explained.lineage.length >= leaves - explained.documents.length * 3, `${name}: ${title}`);
  }
  const { lineage } = compileMapping(orderWith("project", { from: ["a.b", "c"] })).mapWithLineage({ stream: "orders", key: "1", op: "c", row: { no: "1", a: [{ b: "x" }] } });
  assert.deepEqual(lineage.find(({ target }) => target === "project"), { target: "project", value: "x", from: ["a.b", "c"], rule: "streams.orders[0].fields.project" });
});
/** Values of a document, links and places of lines aside, which are put together of several. */
const leavesOf = (value: unknown, name = ""): number =>
  value !== null && typeof value === "object" ? Object.entries(value).reduce((sum, [key, inner]) => sum + (key === "links" || key === "lineId" ? 0 : leavesOf(inner, Array.isArray(value) ? name : key)), 0) : 1;

test("usedFields are the columns that a change of the source must not take away", () => {
  const crm = shipped.find(({ name }) => name === "crm")?.mapping;
  assert.deepEqual(crm?.usedFields("accounts"), ["code", "group", "name", "region", "taxId", "updatedAt"]);
});

test("a mapping's hash changes with what it says and with its tables, not with blanks and comments", () => {
  const text = "mapping: m\nversion: 1\nsource: s\nstreams:\n  a: [{ ignore: no }]\n";
  const hash = compileMapping(text).hash;
  assert.equal(compileMapping(`# a comment\n${text}`).hash, hash);
  assert.notEqual(compileMapping(text.replace("ignore: no", "ignore: yes")).hash, hash);
  assert.notEqual(compileMapping(`${text}tables: { t: { a: b } }\n`).hash, hash);
});

test("a wrong mapping is refused with everything that is wrong, and where", () => {
  const wrong = `
mapping: m
version: one
source: s
colour: red
tables: { t: { file: gone.csv, key: a } }
streams:
  a:
    - kind: salesOrder
      fields: { date: d, custmer: c, summary: { from: x, const: y }, rate: { const: 0.5 }, project: { from: p, lookup: nowhere }, region: { when: "row.x ==", then: { const: a } } }
      links: [{ to: shipment, id: x }]
    - { kind: unicorn, fields: {} }
`;
  const told = checkMapping(wrong).map(({ code, facts }) => `${code} ${facts.at ?? facts.field}`);
  assert.deepEqual(told.sort(), [
    "mapping.expression streams.a[0].fields.region.when", "mapping.field streams.a[0]", "mapping.field streams.a[0].fields", "mapping.field streams.a[0].fields", "mapping.file tables.t", "mapping.float streams.a[0].fields.rate",
    "mapping.kind streams.a[1]", "mapping.link streams.a[0].links[0]", "mapping.table streams.a[0].fields.project", "mapping.word ", "mapping.wrong streams.a[0].fields.summary", "mapping.wrong version",
  ]);
  assert.throws(() => compileMapping(wrong), Refusal);
  assert.throws(() => compileMapping("mapping: [unclosed"), Refusal);
});

test("no record makes a mapping throw, whatever it holds", () => {
  const records = shipped.flatMap(({ mapping, cases }) => cases.map((one) => ({ mapping, ...one })));
  const noise = fc.oneof(fc.jsonValue({ depthSize: "small" }), fc.constantFrom<unknown>("", " ", "9".repeat(400), "1e999", "-", "NaN", 1e308, -0, { "#text": {} }, [[[[]]]], { toString: 1 }, "\u0000", "__proto__"));
  fc.assert(fc.property(fc.constantFrom(...records), fc.array(fc.tuple(fc.nat(), noise), { maxLength: 6 }), fc.constantFrom<MapRecord["op"]>("r", "c", "u", "d"), ({ mapping, record, lookups }, changes, op) => {
    let row: unknown = structuredClone(record.row);
    for (const [at, value] of changes) row = replaced(row, at, value);
    const before = JSON.stringify(row);
    const mapped = mapping.map({ ...record, op, row, before: row }, lookupsOf(lookups));
    assert.equal(JSON.stringify(row), before, "the record is left as it is");
    assert.ok(mapped.documents.length > 0 || mapped.problems.length > 0 || mapped.ignored !== undefined, "a record is never lost in silence");
  }), { numRuns: 2000 });
});

/** The tree with its n-th node (counted through, round and round) replaced. */
function replaced(tree: unknown, n: number, value: unknown): unknown {
  const places: { readonly in: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (node: unknown): void => {
    if (node !== null && typeof node === "object") for (const key of Object.keys(node)) {
      places.push({ in: node as Record<string, unknown>, key });
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(tree);
  const place = places[n % (places.length + 1)];
  if (!place) return structuredClone(value);
  place.in[place.key] = structuredClone(value);
  return tree;
}

test("depth and length of a record or an expression cannot break it", () => {
  let deep: unknown = "x";
  for (let n = 0; n < 20_000; n++) deep = [deep];
  let tree: unknown = "x";
  for (let n = 0; n < 20_000; n++) tree = { a: tree };
  for (const { mapping } of shipped) for (const stream of mapping.streams.keys()) for (const row of [deep, tree, { order_line: deep, lines: tree, items: deep, EInvoice: tree }]) mapping.map({ stream, key: "1", op: "c", row });
  assert.deepEqual(codes("project", "a", { a: tree }), ["mapping.type"]);
  assert.deepEqual(checkMapping(orderWith("project", { expr: `${"(".repeat(5000)}1` })).map(({ code }) => code), ["mapping.expression"]);
  assert.deepEqual(checkMapping(orderWith("project", { expr: `${"(".repeat(500)}1` })).map(({ code }) => code), ["mapping.expression"]);
});
