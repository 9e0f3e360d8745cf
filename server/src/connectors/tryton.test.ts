import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { fixedClock, Refusal } from "../platform/index.ts";
import { extend, formatMoney, parseDecimal, parseMoney } from "../values/index.ts";
import type { CanonicalLine, CanonicalLink } from "./tryton-mapping.ts";
import { type FakeTryton, fakeLogin, long, startFakeTryton } from "./tryton-fake.ts";
import { openTryton } from "./tryton-rpc.ts";
import { type Pulled, pullTryton, type TrytonCursor, type TrytonPull } from "./tryton.ts";
import { numberAt } from "./tryton-values.ts";

/** The fields that these tests look at. */
type Sent = {
  readonly schema: string; readonly sourceId: string; readonly sourceVersion: number; readonly date?: string; readonly status?: string; readonly credit?: boolean; readonly amount?: string;
  readonly customer?: string; readonly supplier?: string; readonly warehouse?: string; readonly bankAccount?: string; readonly currency?: string; readonly name?: { readonly zh: string };
  readonly lines?: readonly CanonicalLine[]; readonly links?: readonly CanonicalLink[]; readonly units?: readonly object[];
};
type Answer = { readonly sent: readonly Sent[]; readonly unmapped: readonly (Pulled & { readonly is: "unmapped" })[]; readonly cursor: TrytonCursor };

let fake: FakeTryton;
before(async () => void (fake = await startFakeTryton()));
beforeEach(async () => {
  await fake.close();
  fake = await startFakeTryton();
});
after(() => fake.close());

async function pull(cursor: TrytonCursor | null = null, more: Partial<TrytonPull> = {}): Promise<Answer> {
  const sent: Sent[] = [];
  const unmapped: Answer["unmapped"][number][] = [];
  let next: TrytonCursor | undefined;
  for await (const item of pullTryton({ url: fake.url, ...fakeLogin, book: "B1", cursor, now: fixedClock("2026-11-24T12:00:00Z"), retryDelayMs: 1, ...more })) {
    if (item.is === "document") sent.push(item.document as unknown as Sent);
    else if (item.is === "unmapped") unmapped.push(item);
    else next = JSON.parse(JSON.stringify(item.cursor)) as TrytonCursor;
  }
  assert.ok(next, "a pull ends with a cursor");
  return { sent, unmapped, cursor: next };
}

const kindOf = (document: Sent): string => document.schema.slice("tieout/".length, -"@1".length);
const keyOf = (document: Sent): string => `${kindOf(document)}/${document.sourceId}`;
const of = (answer: Answer, kind: string): Sent[] => answer.sent.filter((document) => kindOf(document) === kind);
const one = (answer: Answer, key: string | undefined): Sent => answer.sent.find((document) => keyOf(document) === key) ?? assert.fail(`${String(key)} was not sent`);
const money = (text: string | undefined): bigint => parseMoney(text ?? "0", "CNY") ?? assert.fail(`${text} is no amount`);
const touch = (model: string, id: number, moment: string): void => void (fake.row(model, id).write_date = long(`t ${moment}`));
const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

test("a first pull sends every kind, and nothing is left unmapped", async () => {
  const answer = await pull();
  const counts: Record<string, number> = {};
  for (const document of answer.sent) counts[kindOf(document)] = (counts[kindOf(document)] ?? 0) + 1;
  assert.deepEqual(counts, {
    bankAccount: 1, warehouse: 1, customer: 2, supplier: 2, item: 6, purchaseOrder: 6, salesOrder: 5, goodsReceipt: 6, goodsReturn: 1, supplierInvoice: 6,
    shipment: 6, shipmentReturn: 1, salesInvoice: 7, supplierPayment: 2, cashReceipt: 5,
  });
  assert.deepEqual(answer.unmapped, []);
});

test("what a document names or points at was sent before it", async () => {
  const before = new Set<string>();
  for (const document of (await pull()).sent) {
    const lines = document.lines ?? [];
    const named = [["customer", document.customer], ["supplier", document.supplier], ["warehouse", document.warehouse], ["bankAccount", document.bankAccount], ...lines.map((line) => ["item", line.item])];
    for (const [master, code] of named) if (code !== undefined) assert.ok(before.has(`${master}/${code}`), `${keyOf(document)} names ${master}/${code}`);
    for (const link of [...(document.links ?? []), ...lines.flatMap((line) => line.links ?? [])]) assert.ok(before.has(link.to) || before.has(link.to.replace(/\/[^/]+$/, "")), `${keyOf(document)} points at ${link.to}`);
    before.add(keyOf(document));
    for (const line of lines) before.add(`${keyOf(document)}/${line.lineId}`);
  }
});

test("no figure is a float and no quantity is negative", async () => {
  const figures = ["quantity", "price", "cost", "taxRate", "amountNet", "tax"] as const;
  for (const document of (await pull()).sent)
    for (const line of document.lines ?? [])
      for (const name of figures) if (line[name] !== undefined) assert.match(line[name], /^\d+(\.\d{1,6})?$/, `${keyOf(document)}/${line.lineId} ${name}`);
});

test("the lines of an invoice add up to Tryton's total, and no line's tax is more than a cent off", async () => {
  for (const document of (await pull()).sent.filter((each) => kindOf(each).endsWith("Invoice"))) {
    const lines = document.lines ?? [];
    const total = numberAt(fake.row("account.invoice", Number(document.sourceId)), "total_amount", 2) ?? 0n;
    assert.equal(lines.reduce((sum, line) => sum + money(line.amountNet) + money(line.tax), 0n), total < 0n ? -total : total, keyOf(document));
    for (const line of lines) {
      const exact = money(line.amountNet) * (parseDecimal(line.taxRate ?? "0", 6) ?? 0n);
      const off = money(line.tax) * 1_000_000n - exact;
      assert.ok(off < 1_500_000n && off > -1_500_000n, `${keyOf(document)}/${line.lineId}`);
    }
  }
});

test("an issue's quantity times cost is what Tryton booked for it", async () => {
  for (const document of of(await pull(), "shipment")) {
    for (const line of document.lines ?? []) {
      const move = fake.rows["account.move"]?.find((each) => each.origin === `stock.move,${line.lineId}`);
      const booked = (fake.rows["account.move.line"] ?? []).filter((each) => each.move === move?.id).reduce((sum, each) => sum + (numberAt(each, "debit", 2) ?? 0n), 0n);
      const made = extend(parseDecimal(line.quantity, 6) as bigint, parseDecimal(line.cost ?? "", 6) as bigint, "CNY");
      assert.equal(formatMoney(made, "CNY"), formatMoney(booked, "CNY"), `${keyOf(document)}/${line.lineId}`);
    }
  }
});

test("an issue keeps the amount that was booked when Tryton recalculates cost prices afterwards", async () => {
  const first = of(await pull(), "shipment")[0]?.lines?.[0] as CanonicalLine;
  fake.row("stock.move", Number(first.lineId)).cost_price = long("D 999.9999");
  const later = of(await pull(), "shipment")[0]?.lines?.[0] as CanonicalLine;
  const amount = ({ quantity, cost }: CanonicalLine): bigint => extend(parseDecimal(quantity, 6) as bigint, parseDecimal(cost ?? "", 6) as bigint, "CNY");
  assert.equal(amount(later), amount(first));
});

test("a receipt leaves its price to the order, and says its amount only where Tryton rounded the other way", async () => {
  const answer = await pull();
  const receipts = of(answer, "goodsReceipt").flatMap((document) => document.lines ?? []);
  assert.deepEqual(receipts.filter((line) => line.amountNet !== undefined).map(({ quantity, price, amountNet }) => ({ quantity, price, amountNet })), [{ quantity: "1", price: "12.345", amountNet: "12.34" }]);
  assert.ok(receipts.every((line) => line.links?.length === 1 && line.links[0]?.to.startsWith("purchaseOrder/") && line.links[0].quantity === line.quantity));
});

test("goods bought by the dozen say their unit, and the item says how many that is", async () => {
  const answer = await pull();
  const line = of(answer, "goodsReceipt").flatMap((document) => document.lines ?? []).find((each) => each.unit !== undefined);
  assert.deepEqual([line?.quantity, line?.unit], ["2", "dz"]);
  assert.deepEqual(of(answer, "item")[0]?.units, [{ unit: "dz", quantity: "12" }]);
});

test("a partial delivery is invoiced by what was shipped, link by link", async () => {
  const answer = await pull();
  const shipped = new Map<string, string>(of(answer, "shipment").flatMap((document) => (document.lines ?? []).map((line) => [`${keyOf(document)}/${line.lineId}`, line.quantity] as const)));
  const invoiced = of(answer, "salesInvoice").filter((document) => !document.credit).flatMap((document) => document.lines ?? []);
  for (const line of invoiced) assert.deepEqual(line.links?.map(({ to, quantity }) => [shipped.get(to), quantity]), [[line.quantity, line.quantity]]);
});

test("goods sent back from their sale point at the shipment, and their credit note at the return", async () => {
  const answer = await pull();
  const [back] = of(answer, "shipmentReturn");
  const line = back?.lines?.[0];
  assert.equal(line?.quantity, "2");
  assert.match(line?.links?.[0]?.to ?? "", /^shipment\/\d+\/\d+$/);
  const note = of(answer, "salesInvoice").find((document) => document.lines?.some((each) => each.links?.some(({ to }) => to === `shipmentReturn/${back?.sourceId}/${line?.lineId}`)));
  assert.equal(note?.credit, true);
  assert.deepEqual(note?.lines?.map(({ quantity, amountNet }) => [quantity, amountNet]), [["2", "177.78"]]);
});

test("an invoice credited as a whole is still sent, and its credit note points at it", async () => {
  const answer = await pull();
  const note = of(answer, "salesInvoice").find((document) => document.lines?.[0]?.links?.[0]?.to.startsWith("salesInvoice/"));
  const [, credited] = note?.lines?.[0]?.links?.[0]?.to.split("/") as string[];
  assert.equal(note?.credit, true);
  assert.equal(fake.row("account.invoice", Number(credited)).state, "cancelled");
  assert.equal(one(answer, `salesInvoice/${String(credited)}`).credit, undefined);
});

test("an invoice that its own counter-move cancelled is taken back, on the day of that move", async () => {
  const first = await pull();
  const [invoice] = of(first, "supplierInvoice") as [Sent];
  const row = fake.row("account.invoice", Number(invoice.sourceId));
  const moves = fake.rows["account.move"] as FakeTryton["rows"][string];
  moves.push({ ...fake.row("account.move", row.move as number), id: 900, origin: `account.move,${String(row.move)}`, date: long("d 2026-12-01") });
  Object.assign(row, { state: "cancelled", cancel_move: 900 });
  touch("account.invoice", row.id, "2026-12-01T08:00:00.000000");
  const { sent } = await pull(first.cursor);
  assert.deepEqual(sent.map((document) => [keyOf(document), document.status, document.date]), [[keyOf(invoice), "cancelled", "2026-12-01"]]);
});

test("payments clear the invoices that they pay, in part or whole, and a refund is a credit", async () => {
  const answer = await pull();
  const receipts = of(answer, "cashReceipt");
  for (const document of [...receipts, ...of(answer, "supplierPayment")]) assert.deepEqual(document.links?.map(({ amount }) => amount), [document.amount]);
  const parts = receipts.filter((document) => document.amount === "100.00" || document.amount === "23.45");
  assert.equal(new Set(parts.map((document) => document.links?.[0]?.to)).size, 1);
  assert.deepEqual(receipts.filter((document) => document.credit).map(({ amount }) => amount), ["200.89"]);
});

test("a credit on a receivable account that pays no invoice stays without a link", async () => {
  const paid = fake.rows["account.invoice"]?.find((row) => (row.payment_lines as number[]).length === 1) as FakeTryton["rows"][string][number];
  const [line] = paid.payment_lines as number[];
  paid.payment_lines = [];
  const payment = one(await pull(), `${paid.type === "out" ? "cashReceipt" : "supplierPayment"}/${String(fake.row("account.move.line", line as number).move)}`);
  assert.equal(payment.links, undefined);
});

test("a payment whose other side is no money account is not guessed at", async () => {
  const other = fake.rows["account.account"]?.find((row) => row.code === "6602");
  const line = fake.rows["account.move.line"]?.find((row) => row.account === fake.rows["account.account"]?.find((each) => each.code === "1002")?.id) as FakeTryton["rows"][string][number];
  fake.rows["account.move.line"]?.push({ ...line, id: 9001, account: other?.id as number });
  const { unmapped } = await pull();
  assert.deepEqual(unmapped.map(({ problems }) => problems[0]?.code), ["record.not_cash"]);
});

test("a pull with nothing changed sends nothing and keeps the cursor", async () => {
  const first = await pull();
  const second = await pull(first.cursor);
  assert.deepEqual(second.sent, []);
  assert.deepEqual(second.cursor.sent, first.cursor.sent);
  assert.deepEqual((await pull(second.cursor)).cursor, second.cursor);
});

test("a record that was written without effect on its document is not sent again", async () => {
  const first = await pull();
  const [order] = of(first, "salesOrder") as [Sent];
  touch("sale.sale", Number(order.sourceId), "2026-11-25T09:00:00.000000");
  fake.row("sale.sale", Number(order.sourceId)).state = "done";
  const second = await pull(first.cursor);
  assert.deepEqual(second.sent, []);
  assert.equal(second.cursor.since.salesOrder, "2026-11-25T09:00:00.000000");
});

test("a changed line brings its document again, with a higher version", async () => {
  const first = await pull();
  const [order] = of(first, "salesOrder") as [Sent];
  const line = Number(order.lines?.[0]?.lineId);
  fake.row("sale.line", line).unit_price = long("D 77.7700");
  touch("sale.line", line, "2026-11-25T09:00:00.000000");
  const { sent } = await pull(first.cursor);
  assert.deepEqual(sent.map(keyOf), [keyOf(order)]);
  assert.equal(sent[0]?.lines?.[0]?.price, "77.77");
  assert.ok((sent[0]?.sourceVersion ?? 0) > order.sourceVersion);
});

test("the version rises even when the newest part of a document goes away", async () => {
  const first = await pull();
  const order = of(first, "salesOrder").find((document) => (document.lines?.length ?? 0) > 1) as Sent;
  const gone = Number(order.lines?.at(-1)?.lineId);
  fake.rows["sale.line"] = (fake.rows["sale.line"] ?? []).filter((row) => row.id !== gone);
  assert.ok(one(await pull(first.cursor), keyOf(order)).sourceVersion > order.sourceVersion);
});

test("a record that was committed late, behind the cursor, is found within the overlap", async () => {
  const late = (fake.rows["sale.sale"] as FakeTryton["rows"][string]).splice(0, 1);
  const first = await pull(null, { overlapSeconds: 60 });
  fake.rows["sale.sale"]?.push(...late);
  Object.assign(late[0] as object, { write_date: null, create_date: long(`t ${(first.cursor.since.salesOrder ?? "").replace(/\d\d\.\d{6}$/, "00.000000")}`) });
  const { sent } = await pull(first.cursor, { overlapSeconds: 60 });
  assert.ok(sent.map(keyOf).includes(`salesOrder/${late[0]?.id}`));
});

test("an invoice that is posted later follows its goods", async () => {
  const [invoice] = (fake.rows["account.invoice"] ?? []).filter((row) => row.state === "draft");
  const first = await pull();
  Object.assign(invoice as object, { state: "posted", number: "SI-LATE", invoice_date: long("d 2026-11-26"), move: fake.rows["account.move"]?.[0]?.id });
  touch("account.invoice", invoice?.id as number, "2026-11-26T09:00:00.000000");
  const { sent } = await pull(first.cursor);
  assert.deepEqual(sent.map((document) => document.sourceId), [String(invoice?.id)]);
});

test("an order taken back to draft is cancelled in the book; a draft that was never sent is not mentioned", async () => {
  const first = await pull();
  const [order] = of(first, "salesOrder") as [Sent];
  for (const [id, state] of [[Number(order.sourceId), "draft"], [500, "cancelled"]] as const) {
    if (id === 500) fake.rows["sale.sale"]?.push({ ...fake.row("sale.sale", Number(order.sourceId)), id });
    fake.row("sale.sale", id).state = state;
    touch("sale.sale", id, "2026-11-25T09:00:00.000000");
  }
  const second = await pull(first.cursor);
  assert.deepEqual(second.sent.map((document) => [keyOf(document), document.status]), [[keyOf(order), "cancelled"]]);
  assert.deepEqual((await pull(second.cursor)).sent, []);
});

test("a party keeps the code under which it was first sent, and its new name follows", async () => {
  const first = await pull();
  const customer = of(first, "customer")[0] as Sent;
  const party = fake.rows["party.party"]?.find((row) => row.code === customer.sourceId) as FakeTryton["rows"][string][number];
  Object.assign(party, { code: "RENAMED", name: "新名称有限公司" });
  touch("party.party", party.id, "2026-11-25T09:00:00.000000");
  const { sent } = await pull(first.cursor);
  assert.deepEqual(sent.map((document) => [keyOf(document), document.name?.zh]), [[`customer/${customer.sourceId}`, "新名称有限公司"]]);
});

test("two products with one code stay two items", async () => {
  const [first, second] = fake.rows["product.product"] as [FakeTryton["rows"][string][number], FakeTryton["rows"][string][number]];
  second.code = first.code as string;
  const codes = of(await pull(), "item").map(({ sourceId }) => sourceId);
  assert.equal(new Set(codes).size, codes.length);
  assert.ok(codes.includes(`#${second.id}`) || codes.includes(`#${first.id}`));
});

test("an invoice with positive and negative lines is reported, not guessed, and tried again by the next pull", async () => {
  const invoice = fake.rows["account.invoice"]?.find((row) => row.state === "paid" && (fake.rows["account.invoice.line"] ?? []).filter((line) => line.invoice === row.id).length > 1) as FakeTryton["rows"][string][number];
  const line = fake.rows["account.invoice.line"]?.find((row) => row.invoice === invoice.id) as FakeTryton["rows"][string][number];
  const { quantity, amount } = line;
  Object.assign(line, { quantity: -1, amount: long("D -5.00") });
  const first = await pull(null, { overlapSeconds: 0 });
  assert.deepEqual(first.unmapped.map(({ kind, sourceId, problems }) => [kind, sourceId, problems.map(({ code }) => code)]), [[invoice.type === "in" ? "supplierInvoice" : "salesInvoice", String(invoice.id), ["record.mixed_signs"]]]);
  Object.assign(line, { quantity, amount });
  for (const other of fake.rows["account.invoice"] ?? []) if (other.id !== invoice.id) touch("account.invoice", other.id, "2026-11-25T00:00:00.000000");
  const second = await pull({ ...first.cursor, since: { ...first.cursor.since, invoice: "2026-11-26T00:00:00.000000" } }, { overlapSeconds: 0 });
  assert.deepEqual(second.sent.map(({ sourceId }) => sourceId), [String(invoice.id)]);
  assert.deepEqual(second.cursor.unmapped, {});
});

test("a session that expires in the middle is renewed and nothing is lost", async () => {
  const whole = await pull();
  const { logIns } = fake;
  fake.sessionCalls = 7;
  assert.deepEqual((await pull()).sent, whole.sent);
  assert.ok(fake.logIns > logIns + 2, "the session was renewed");
});

test("a session that never holds ends the pull instead of turning in circles", async () => {
  fake.sessionCalls = 0;
  await assert.rejects(pull(), refused("tryton.session_lost"));
});

test("dropped connections and busy answers are tried again; a server that stays away is named", async () => {
  fake.misbehave("drop", 503, 429);
  assert.equal((await pull()).sent.length, 57);
  fake.misbehave(502, 502, 502, 502);
  await assert.rejects(pull(), refused("tryton.unreachable"));
  await assert.rejects(pull(null, { url: "http://127.0.0.1:1/erp/" }), refused("tryton.unreachable"));
});

test("a wrong password, a wrong database and a server that is not Tryton are told apart", async () => {
  await assert.rejects(pull(null, { password: "wrong" }), refused("tryton.login_refused"));
  await assert.rejects(pull(null, { url: fake.url.replace("/erp/", "/other/") }), refused("tryton.no_database"));
  fake.misbehave(200);
  await assert.rejects(pull(), refused("tryton.not_tryton"));
});

test("what Tryton refuses to read is said in its own words", async () => {
  delete fake.rows["sale.line"];
  await assert.rejects(pull(), (error: unknown) => error instanceof Refusal && error.code === "tryton.refused" && /sale\.line/.test(String(error.facts.what)));
});

test("a cursor of another company, of another version or damaged is refused, never read as empty", async () => {
  const { cursor } = await pull();
  for (const wrong of [{ ...cursor, of: `${fake.url}#2` }, { ...cursor, v: 2 as unknown as 1 }, { ...cursor, since: { salesOrder: "yesterday" } }, { ...cursor, sent: null as unknown as TrytonCursor["sent"] }])
    await assert.rejects(pull(wrong), refused("tryton.cursor"));
});

test("records come in pages by id, each exactly once", async () => {
  const template = fake.row("party.party", 1);
  fake.rows["party.party"] = Array.from({ length: 1203 }, (_, i) => ({ ...template, id: i + 1 }));
  const tryton = await openTryton({ url: fake.url, ...fakeLogin });
  const rows = await tryton.find("party.party", [], ["code"]);
  assert.deepEqual(rows.map(({ id }) => id), Array.from({ length: 1203 }, (_, i) => i + 1));
  assert.equal(fake.calls.filter((method) => method === "model.party.party.search_read").length, 3);
});
