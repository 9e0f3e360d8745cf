import assert from "node:assert/strict";
import { after, test } from "node:test";
import pg from "pg";
import { silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import type { Json, Message, Row } from "./connector.ts";
import { type FakeRow, fakeLogin, long, startFakeTryton } from "./tryton-fake.ts";
import { pullTryton, readTouched } from "./tryton.ts";
import { trytonReplication, trytonRpc } from "./tryton-sources.ts";
import { compile, openTrytonTables } from "./tryton-sql.ts";
import type { Wire } from "./tryton-values.ts";

const store = await testStore();
const tryton = await startFakeTryton();
const client = new pg.Client({ connectionString: store.owner.url });
await client.connect();
after(async () => {
  await client.query("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()");
  await client.end();
  await tryton.close();
  await store.close();
});
const ctx = { now: systemClock, log: silentLog };
/** Models of which the recorded company has no record. */
const neverUsed: Readonly<Record<string, readonly string[]>> = { "party.identifier": ["id", "party", "code", "create_date", "write_date"], "account.statement.journal": ["id", "company", "account"] };

await makeTables();

test("read from its tables, Tryton's records become the same documents as over JSON-RPC, to the last character", async () => {
  const overRpc = new Map<string, string>();
  for await (const pulled of pullTryton({ url: tryton.url, ...fakeLogin, book: "", cursor: null, now: systemClock })) if (pulled.is === "document") overRpc.set(...named(pulled.document));
  const tables = await openTrytonTables(client, "erp", undefined);
  const everything = new Map(["party.party", "product.product", "stock.location", "purchase.purchase", "sale.sale", "stock.move", "account.invoice", "account.move"].map((model) => [model, new Set((tryton.rows[model] ?? []).map(({ id }) => id))]));
  const overTables = new Map<string, string>();
  for await (const fact of readTouched(tables, "", everything, { codes: new Map(), masters: new Set() }, systemClock)) if (fact.is === "document") overTables.set(...named(fact.document));
  assert.ok(overRpc.size > 30);
  assert.deepEqual([...overTables].sort(), [...overRpc].sort());
});

test("questions become SQL with links as joins and values as parameters", () => {
  const { text, values } = compile("sale.line", [["sale.company", "=", 1], ["id", "in", [3, 4]]], ["sale", "product.code", "taxes"]);
  assert.equal(text, 'select t."id", t."sale", j0."id", j0."code", array(select m."tax" from "sale_line_account_tax" m where m."line" = t.id order by 1) from "sale_line" t left join "product_product" j0 on j0.id = t."product" left join "sale_sale" j1 on j1.id = t."sale" where j1."company" = $1::int and t."id" = any($2::int[]) order by t.id');
  assert.deepEqual(values, [1, [3, 4]]);
  assert.throws(() => compile('sale"; drop', [], []), /no name in Tryton/);
});

test("a followed database gives every document first and then each change as it is committed, and goes on where it stood", async () => {
  const { hostname, port, username, password, pathname } = new URL(store.owner.url);
  const config = { host: hostname, port: Number(port), user: username, password: decodeURIComponent(password), database: pathname.slice(1), slot: `slot_${pathname.slice(6, 16)}` };
  assert.deepEqual(await trytonReplication.check(config as never, ctx), []);
  const first = await trytonReplication.open(config, new Map(), ctx);
  const documents = new Map<string, Row>();
  const states = new Map<string, Json>();
  const isLive = (message: Message): boolean => message.is === "status" && message.phase === "live";
  await take(first.messages, documents, states, isLive);
  const kinds = new Set([...documents.keys()].map((key) => key.slice(0, key.indexOf("/"))));
  for (const kind of ["customer", "supplier", "item", "purchaseOrder", "salesOrder", "goodsReceipt", "shipment", "supplierInvoice", "salesInvoice"]) assert.ok(kinds.has(kind), kind);
  await first.ack("", states.get("") as Json);
  await first.close();

  const [line] = (await client.query<{ sale: number; id: number }>("select l.id, l.sale from sale_line l join sale_sale s on s.id = l.sale where s.state in ('confirmed', 'processing', 'done') and l.quantity > 0 order by 1 limit 1")).rows;
  assert.ok(line);
  await client.query("update sale_line set unit_price = 77.77 where id = $1", [line.id]);
  const second = await trytonReplication.open(config, states, ctx);
  const changed = new Map<string, Row>();
  await take(second.messages, changed, states, (message) => message.is === "state" && message.scope === "" && changed.size > 0);
  assert.deepEqual([...changed.keys()], [`salesOrder/${line.sale}`]);
  assert.ok((changed.get(`salesOrder/${line.sale}`)?.lines as readonly Row[]).some(({ price }) => price === "77.77"));
  await client.query("update sale_sale set state = 'cancelled' where id = $1", [line.sale]);
  const gone = new Map<string, Row>();
  const [deleted] = await take(second.messages, gone, states, (message) => message.is === "record");
  assert.ok(deleted?.is === "record" && deleted.op === "d" && deleted.key === String(line.sale));
  await second.close();
});

test("a state of another version is refused, never read as empty", async () => {
  const config = { url: tryton.url, ...fakeLogin };
  await assert.rejects(trytonRpc.open(config, new Map([["", { v: 9 }]]), ctx), { name: "FlowFault" });
  const reading = await trytonRpc.open(config, new Map(), ctx);
  const documents = new Map<string, Row>(), states = new Map<string, Json>();
  await take(reading.messages, documents, states, (message) => message.is === "state");
  const again = await trytonRpc.open(config, states, ctx);
  const nothing = new Map<string, Row>();
  await take(again.messages, nothing, states, (message) => message.is === "state");
  assert.ok(documents.size > 30);
  assert.equal(nothing.size, 0);
});

const named = (document: object): [string, string] => {
  const { book: _, sourceVersion: __, ...content } = document as { book?: string; sourceVersion?: number; schema: string; sourceId: string };
  return [`${content.schema}/${content.sourceId}`, JSON.stringify(content)];
};

/** Reads until a message that ends it, which comes along. */
async function take(messages: AsyncIterable<Message>, documents: Map<string, Row>, states: Map<string, Json>, isEnd: (message: Message) => boolean): Promise<Message[]> {
  const source = messages[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await source.next();
    if (done === true) throw new Error("the source ended");
    const message = value as Message;
    if (message.is === "record" && message.row) documents.set(`${message.stream}/${message.key}`, message.row);
    if (message.is === "state") states.set(message.scope, message.state);
    if (isEnd(message)) return [message];
  }
}

/** The recorded rows as Tryton's tables. */
async function makeTables(): Promise<void> {
  const { rows } = tryton;
  const between: Readonly<Record<string, readonly [string, string, string]>> = {
    "account.invoice.payment_lines": ["account_invoice-account_move_line", "invoice", "line"], "account.invoice.line.taxes": ["account_invoice_line_account_tax", "line", "tax"],
    "account.invoice.line.stock_moves": ["account_invoice_line-stock_move", "invoice_line", "stock_move"], "sale.line.taxes": ["sale_line_account_tax", "line", "tax"], "purchase.line.taxes": ["purchase_line_account_tax", "line", "tax"],
  };
  for (const product of rows["product.product"] ?? []) Object.assign((rows["product.template"] ?? []).find(({ id }) => id === product.template) as FakeRow, { name: product.name ?? null });
  const own: Readonly<Record<string, readonly string[]>> = { "account.invoice": ["total_amount", "payment_lines"], "account.invoice.line": ["amount", "taxes", "stock_moves"], "product.product": ["name", "default_uom"], "sale.line": ["taxes"], "purchase.line": ["taxes"], "account.tax": ["childs"] };
  const active = new Set(["account.tax", "account.invoice.payment.method", "product.uom", "product.product", "product.template", "party.party", "stock.location", "account.journal"]);
  for (const [model, records] of Object.entries(rows)) {
    if (model === "ir.model") continue;
    const fields = records.length === 0 ? (neverUsed[model] ?? ["id"]) : [...new Set(records.flatMap((record) => Object.keys(record)))].filter((field) => !(own[model] ?? []).includes(field));
    const columns = fields.map((field) => `"${field}" ${field === "id" ? "int primary key" : typeOf(field, records.map((record) => long(record[field] ?? null)))}`);
    if (active.has(model) && !fields.includes("active")) columns.push("active bool default true");
    if (model === "account.tax") columns.push("parent int");
    if (model === "currency.currency") columns.push("digits int default 2");
    const table = `"${model.replaceAll(".", "_")}"`;
    await client.query(`create table ${table} (${columns.join(", ")})`);
    for (const record of records) await client.query(`insert into ${table} (${fields.map((field) => `"${field}"`).join(", ")}) values (${fields.map((_, i) => `$${i + 1}`).join(", ")})`, fields.map((field) => plain(long(record[field] ?? null))));
  }
  await client.query("create table ir_model (id serial primary key, model text)");
  await client.query("insert into ir_model (model) select unnest($1::text[])", [Object.keys(rows)]);
  for (const [path, [table, ours, theirs]] of Object.entries(between)) {
    await client.query(`create table "${table}" (id serial primary key, ${ours} int, ${theirs} int)`);
    const model = path.slice(0, path.lastIndexOf("."));
    for (const record of rows[model] ?? []) for (const id of (record[path.slice(model.length + 1)] ?? []) as number[]) await client.query(`insert into "${table}" (${ours}, ${theirs}) values ($1, $2)`, [record.id, id]);
  }
  for (const record of rows["account.tax"] ?? []) for (const child of (record.childs ?? []) as number[]) await client.query("update account_tax set parent = $1 where id = $2", [record.id, child]);
}

function typeOf(field: string, values: readonly Wire[]): string {
  if (["quantity", "factor", "rounding"].includes(field) || (field === "rate" && values.some((value) => typeof value === "number"))) return "float8";
  for (const value of values) {
    if (value === null) continue;
    if (typeof value === "boolean") return "bool";
    if (typeof value === "number") return "int";
    if (typeof value === "string") return "text";
    const kind = (value as { readonly __class__?: string }).__class__;
    if (kind !== undefined) return kind === "Decimal" ? "numeric" : kind === "date" ? "date" : "timestamp";
  }
  return /date/.test(field) ? (/create|write/.test(field) ? "timestamp" : "date") : /origin|reference|number|code|name|description|shipment|_type|type|state/.test(field) ? "text" : /amount|price|debit|credit/.test(field) ? "numeric" : "int";
}

function plain(value: Wire): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const { __class__, decimal, year, month, day, hour, minute, second, microsecond } = value as Readonly<Record<string, number | string>>;
  const two = (part: unknown): string => String(part).padStart(2, "0");
  if (__class__ === "Decimal") return decimal;
  return __class__ === "date" ? `${year}-${two(month)}-${two(day)}` : `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}.${String(microsecond).padStart(6, "0")}`;
}
