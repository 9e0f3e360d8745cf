import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createBook } from "../books/index.ts";
import { FlowFault } from "../connectors/index.ts";
import { type Ctx, openPool, registerRefusals, silentLog, sleep, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { type PlainVoucher, postPlainly } from "../vouchers/testing.ts";
import { Type } from "typebox";
import { acceptDrift, checkDefinition, type Delivery, deliveryCounts, type DeliveryFlow, deliverOnce, listDeliveries, listDrifts, openDelivery, type Outcome, refusals, resolveDelivery, showDelivery, sweepOnce, type Target, targets } from "./index.ts";
import * as sql from "./store.ts";

const store = await testStore();
const finance = await testStore();
after(async () => {
  await store.close();
  await finance.close();
});
registerRefusals([refusals]);
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: systemClock, log: silentLog };
const bookOf = (code: string) => createBook(ctx, { code, pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });

let n = 0;
const sale = (date = "2026-03-10", more: Partial<PlainVoucher> = {}): PlainVoucher => ({
  document: `erp:salesInvoice/SI-${++n}`, date, party: "C01", summary: `销售 ${n}`,
  lines: [{ account: "1122.01", debit: 1130n, dimensions: { counterparty: "C01" } }, { account: "6001", credit: 1000n, dimensions: { item: "PUMP" } }, { account: "2221.01.02", credit: 130n }], ...more,
});
const flowTo = (flow: string, more: Partial<DeliveryFlow> = {}): DeliveryFlow => ({ flow, book: "B1", deliver: "vouchers", to: { connector: "database", url: finance.owner.url }, batch: 10, ...more });

test("vouchers of new blocks are delivered once, in order, and confirmed", async () => {
  await postPlainly(ctx, book, Array.from({ length: 25 }, () => sale()));
  await postPlainly(ctx, book, [sale("2026-04-02")]);
  const done = await deliverOnce(ctx, flowTo("gl"), { targets });
  assert.deepEqual({ enqueued: done.enqueued, sent: done.sent, confirmed: done.confirmed, fault: done.fault }, { enqueued: 26, sent: 26, confirmed: 26, fault: undefined });
  const { count } = await finance.owner.one<{ count: bigint }>("select count(*) as count from tieout_voucher_line");
  assert.equal(count, 78n);
  const again = await deliverOnce(ctx, flowTo("gl"), { targets });
  assert.deepEqual([again.enqueued, again.sent], [0, 0]);
  assert.deepEqual((await sql.countStates(store, book.bookId, "gl")).map(({ state, count: many }) => [state, many]), [["confirmed", 26n]]);
});

const states = async (flow: string, of = book): Promise<Record<string, number>> => Object.fromEntries((await sql.countStates(store, of.bookId, flow)).map(({ state, count }) => [state, Number(count)]));

/** A system at the company's edge that keeps what it was sent and does what it is told. */
function scripted(dedupe: Target<unknown>["dedupe"], behave: (deliveries: readonly Delivery[], standing: Map<string, Delivery[]>) => Promise<readonly Outcome[]>) {
  const standing = new Map<string, Delivery[]>();
  const sizes: number[] = [];
  const target: Target<unknown> = {
    name: "scripted", zh: "脚本", en: "scripted", config: Type.Object({}, { additionalProperties: true }), secrets: [], dedupe, red: "negative", check: async () => [],
    open: async () => ({
      deliver: (deliveries) => {
        sizes.push(deliveries.length);
        return behave(deliveries, standing);
      },
      probe: async (deliveries) => deliveries.map((one) => (standing.has(one.reference) ? { is: "found", deliveryId: one.deliveryId, acknowledgement: { targetId: one.reference, targetNumber: "1", targetState: "posted", at: "" } } : { is: "absent", deliveryId: one.deliveryId })),
      close: async () => {},
    }),
  };
  return { standing, sizes, targets: new Map([...targets, ["scripted", target as Target<never>]]) };
}
const apply = (delivery: Delivery, standing: Map<string, Delivery[]>): Outcome => {
  standing.set(delivery.reference, [...(standing.get(delivery.reference) ?? []), delivery]);
  return { is: "applied", deliveryId: delivery.deliveryId, acknowledgement: { targetId: delivery.reference, targetNumber: "1", targetState: "posted", at: "" } };
};

test("a voucher with a code that the map lacks is held with every missing code, and goes out when the map is completed", async () => {
  const own = await bookOf("HELD");
  await postPlainly(ctx, own, [sale()]);
  const flow: DeliveryFlow = { ...flowTo("held"), book: "HELD", accounts: { "1122.01": "112201", "*": "refuse" }, dimensions: { counterparty: { as: "party", codes: { C01: "10" } }, item: false } };
  assert.equal((await deliverOnce(ctx, flow, { targets })).held, 1);
  const [held] = await listDeliveries(ctx, own, { flow: "held" });
  assert.deepEqual(held?.problem.map(({ code, where }) => [code, where]), [["delivery.account_unmapped", "2026-03/记-1 line 2"], ["delivery.account_unmapped", "2026-03/记-1 line 3"]]);
  const done = await deliverOnce(ctx, { ...flow, accounts: { "1122.01": "112201", 6001: { code: "600101", name: "主营" }, "*": "same" } }, { targets });
  assert.deepEqual([done.sent, done.confirmed], [1, 1]);
  const rows = await finance.owner.query<{ account: string; dimensions: string }>("select account, dimensions from tieout_voucher_line where reference = $1 order by line_no", [held?.reference]);
  assert.deepEqual(rows, [{ account: "112201", dimensions: '{"party":"10"}' }, { account: "600101", dimensions: "{}" }, { account: "2221.01.02", dimensions: "{}" }]);
});

test("a code table is pasted as it stands in a spreadsheet, and a line that cannot be meant is refused with its number", async () => {
  const own = await bookOf("TABLE");
  await postPlainly(ctx, own, [sale()]);
  const flow: DeliveryFlow = { ...flowTo("table"), book: "TABLE", accounts: { csv: "本系统\t对方\t名称\n1122.01\t112201\t应收账款\n6001\t600101\n\n", "2221.01.02": "222101" } };
  assert.equal((await deliverOnce(ctx, flow, { targets })).confirmed, 1);
  const [delivered] = await listDeliveries(ctx, own, { flow: "table" });
  const rows = await finance.owner.query<{ account: string; name: string }>("select account, account_name as name from tieout_voucher_line where reference = $1 order by line_no", [delivered?.reference]);
  assert.deepEqual([rows.map(({ account }) => account), rows[0]?.name], [["112201", "600101", "222101"], "应收账款"]);
  assert.deepEqual(checkDefinition({ ...flow, accounts: { csv: "1122,1\n1122,2\n6001," } }, targets).map(({ code, facts, where }) => [code, facts.line, where]), [["delivery.table_line", 2, "accounts.csv"], ["delivery.table_line", 3, "accounts.csv"]]);
});

test("a rejected voucher holds its own reversal and nothing else", async () => {
  const own = await bookOf("REV");
  await postPlainly(ctx, own, [sale(), sale()]);
  await postPlainly(ctx, own, [sale("2026-03-11", { reversalOf: 1n, lines: [{ account: "1122.01", debit: -1130n, dimensions: { counterparty: "C01" } }, { account: "6001", credit: -1130n, dimensions: { item: "PUMP" } }] }), sale()]);
  let isStubborn = true;
  const { targets: some, standing } = scripted("none", async (deliveries, there) => deliveries.map((one) => (isStubborn && one.purpose === "voucher" && one.voucher.no === 1 ? { is: "rejected", deliveryId: one.deliveryId, problem: { code: "target.refused", facts: { system: "scripted", message: "no such party" } } } : apply(one, there))));
  const flow = { ...flowTo("rev"), book: "REV", to: { connector: "scripted" } };
  await deliverOnce(ctx, flow, { targets: some });
  assert.deepEqual(await states("rev", own), { rejected: 1, pending: 1, sent: 2 });
  isStubborn = false;
  const [rejected] = await listDeliveries(ctx, own, { flow: "rev", state: "rejected" });
  await assert.rejects(resolveDelivery(ctx, own, BigInt(rejected?.delivery ?? 0), "notSent", " "), { code: "delivery.reason_missing" });
  await resolveDelivery(ctx, own, BigInt(rejected?.delivery ?? 0), "notSent", "the party was created there");
  await deliverOnce(ctx, flow, { targets: some });
  assert.deepEqual(await states("rev", own), { sent: 4 });
  assert.ok([...standing.values()].every((times) => times.length === 1));
});

test("red is shown with its sides swapped where the target has no negative amounts", async () => {
  const own = await bookOf("RED");
  await postPlainly(ctx, own, [sale("2026-03-11", { lines: [{ account: "1122.01", debit: -1130n, dimensions: { counterparty: "C01" } }, { account: "6001", credit: -1130n, dimensions: { item: "PUMP" } }] })]);
  const { targets: some, standing } = scripted("none", async (deliveries, there) => deliveries.map((one) => apply(one, there)));
  await deliverOnce(ctx, { ...flowTo("red"), book: "RED", to: { connector: "scripted" }, red: "swappedSides" }, { targets: some });
  const [[one]] = [...standing.values()] as [[Delivery & { purpose: "voucher" }]];
  assert.equal(one.voucher.isRed, true);
  assert.deepEqual(one.voucher.lines.map(({ debit, credit, amountOriginal }) => [debit, credit, amountOriginal]), [["0.00", "11.30", "11.30"], ["11.30", "0.00", "11.30"]]);
});

test("what was under way when the process died is looked for in the target before anything is repeated", async () => {
  const own = await bookOf("KILL");
  await postPlainly(ctx, own, [sale(), sale(), sale()]);
  const flow = { ...flowTo("kill"), book: "KILL" };
  // As a process leaves it that was killed: two written down as being sent, of which the target committed one.
  const stopped = scripted("none", async (deliveries) => {
    const real = await targets.get("database")?.open({ url: finance.owner.url } as never, 50n, { ...ctx, flow: "KILL/kill" });
    await real?.deliver(deliveries.slice(0, 1), 5_000);
    await real?.close();
    throw new Error("the process dies here");
  });
  await deliverOnce(ctx, { ...flow, to: { connector: "scripted" }, batch: 2 }, { targets: stopped.targets });
  await store.owner.exec("update delivery.delivery set state = 'sending' where state = 'unknown'; update delivery.outbox set epoch = 50, paused_until = null where flow = 'kill'");
  const done = await deliverOnce(ctx, flow, { targets });
  assert.deepEqual({ unknown: done.unknown, settled: done.settled, confirmed: done.confirmed }, { unknown: 2, settled: 2, confirmed: 3 });
  assert.deepEqual(await states("kill", own), { confirmed: 3 });
  const { count } = await finance.owner.one<{ count: bigint }>("select count(*) as count from tieout_voucher where book = 'KILL'");
  assert.equal(count, 3n);
  const [first] = await listDeliveries(ctx, own, { flow: "kill" });
  const { log } = await showDelivery(ctx, own, BigInt(first?.delivery ?? 0));
  assert.deepEqual(log.map(({ act, outcome }) => `${act} ${outcome}`), ["send unknown", "send unknown", "probe found"]);
});

test("a worker that another has replaced is refused before it sends, and by the target's fence if it is already past that", async () => {
  const own = await bookOf("ZOMBIE");
  await postPlainly(ctx, own, [sale()]);
  const flow = { ...flowTo("zombie"), book: "ZOMBIE" };
  const elsewhere = openPool(store.url, { max: 3, role: "tieout_app" });
  const taken = await openDelivery(ctx, flow, { targets });
  const zombie = await openDelivery({ ...ctx, db: elsewhere }, flow, { targets });
  try {
    await zombie.once();
    const session = await zombie.session();
    await store.owner.exec("update delivery.outbox set held_until = now() where flow = 'zombie'");
    assert.equal((await deliverOnce(ctx, flow, { targets })).isElsewhere, false, "its time is over");
    await postPlainly(ctx, own, [sale()]);
    await taken.session();
    const [pending] = await sql.findInState(store, own.bookId, "zombie", ["confirmed"], 1);
    const { deliveries } = await zombie.deliveriesOf([pending as sql.DeliveryRow]);
    const [outcome] = (await session?.deliver([...deliveries.values()].map((one) => ({ ...one, deliveryId: "0".repeat(64), reference: "TO-ZOMBIE" })), 1_000)) ?? [];
    assert.equal(outcome?.is === "notSent" && outcome.problem.code, "delivery.fenced");
    assert.equal((await zombie.once()).isElsewhere, true, "the live worker's time is not over");
    assert.equal((await taken.once()).sent, 1);
  } finally {
    await taken.close();
    await zombie.close();
    await elsewhere.close();
  }
});

test("where the target can do nothing against repetition, an unclear outcome waits for a person", async () => {
  const own = await bookOf("NONE");
  await postPlainly(ctx, own, [sale(), sale()]);
  let calls = 0;
  const { targets: some, standing } = scripted("none", async (deliveries, there) => {
    calls += 1;
    if (calls > 1) return deliveries.map((one) => apply(one, there));
    apply(deliveries[0] as Delivery, there);
    throw new FlowFault("network", { code: "target.broken_off", facts: { system: "scripted", cause: "ECONNRESET" } });
  });
  const flow = { ...flowTo("none"), book: "NONE", to: { connector: "scripted" }, batch: 1 };
  for (let pass = 0; pass < 3; pass++) {
    await deliverOnce(ctx, flow, { targets: some, firstPauseMs: 1 });
    await sleep(5);
  }
  assert.deepEqual(await states("none", own), { unknown: 1, sent: 1 });
  const [unknown] = await listDeliveries(ctx, own, { flow: "none", state: "unknown" });
  await resolveDelivery(ctx, own, BigInt(unknown?.delivery ?? 0), "sent", "found there as 15", "记-15");
  assert.deepEqual((await listDeliveries(ctx, own, { flow: "none" })).map(({ state, targetNumber }) => [state, targetNumber]), [["confirmed", "记-15"], ["sent", "1"]]);
  assert.ok([...standing.values()].every((times) => times.length === 1));
});

test("under an idempotency key it is sent again with the same content, and never with other content", async () => {
  const own = await bookOf("KEY");
  await postPlainly(ctx, own, [sale(), sale()]);
  let isBroken = true;
  const { targets: some, standing } = scripted("idempotency-key", async (deliveries, there) => {
    if (isBroken) throw new Error("reset");
    return deliveries.map((one) => (there.has(one.reference) ? { ...apply(one, new Map()), is: "duplicate" } as Outcome : apply(one, there)));
  });
  const flow = { ...flowTo("key"), book: "KEY", to: { connector: "scripted" }, batch: 1 };
  await deliverOnce(ctx, flow, { targets: some, firstPauseMs: 1 });
  await sleep(5);
  isBroken = false;
  await deliverOnce(ctx, { ...flow, accounts: { "1122.01": "1122", "*": "same" } }, { targets: some, firstPauseMs: 1 });
  assert.deepEqual(await states("key", own), { rejected: 1, sent: 1 });
  assert.equal((await listDeliveries(ctx, own, { flow: "key", state: "rejected" }))[0]?.problem[0]?.code, "delivery.payload_changed");
  assert.equal(standing.size, 1);
});

test("a target that asks to slow down is asked for less at a time, and nothing is marked bad", async () => {
  const own = await bookOf("SLOW");
  await postPlainly(ctx, own, Array.from({ length: 16 }, () => sale()));
  let refusals429 = 2;
  const { targets: some, sizes } = scripted("none", async (deliveries, there) => (refusals429-- > 0
    ? deliveries.map(({ deliveryId }) => ({ is: "notSent", deliveryId, problem: { code: "target.rate_limited", facts: { system: "scripted" } }, retryAfterMs: 5 }))
    : deliveries.map((one) => apply(one, there))));
  const flow = { ...flowTo("slow"), book: "SLOW", to: { connector: "scripted" }, batch: 8 };
  const first = await deliverOnce(ctx, flow, { targets: some });
  assert.deepEqual([first.notSent, first.pausedMs], [8, 5]);
  for (let pass = 0; pass < 2; pass++) {
    await sleep(10);
    await deliverOnce(ctx, flow, { targets: some });
  }
  assert.deepEqual(sizes, [8, 4, 2, 3, 4, 5, 2]);
  assert.deepEqual(await states("slow", own), { sent: 16 });
});

test("an outage pauses the flow for longer and longer, and marks nothing bad", async () => {
  const own = await bookOf("OUT");
  await postPlainly(ctx, own, [sale()]);
  const flow = { ...flowTo("out"), book: "OUT", to: { connector: "database", url: "postgres://nobody@127.0.0.1:1/none" } };
  const first = await deliverOnce(ctx, flow, { targets, firstPauseMs: 4 });
  assert.deepEqual([first.fault?.failure, first.fault?.problem.code, first.pausedMs], ["network", "database.unreachable", 4]);
  await sleep(10);
  assert.equal((await deliverOnce(ctx, flow, { targets, firstPauseMs: 4 })).pausedMs, 8);
  const counts = await deliveryCounts(store, own, "out");
  assert.deepEqual([counts.behind, counts.failures, counts.rejected, counts.unknown], [1, 2, 0, 0]);
});

test("what was edited, deleted or voided there is told once, with both sides, and closing it is a person's act", async () => {
  const own = await bookOf("DRIFT");
  await postPlainly(ctx, own, [sale(), sale(), sale()]);
  await finance.owner.exec("create table gl_head (id serial primary key, ref text unique, day date, is_void int default 0); create table gl_row (head int references gl_head, acct text, amt numeric(12, 2), note text)");
  const flow: DeliveryFlow = { ...flowTo("drift"), book: "DRIFT", to: { connector: "database", url: finance.owner.url, header: { table: "gl_head", id: "id", columns: { ref: "reference", day: "date" }, void: { column: "is_void", value: "1" } }, lines: { table: "gl_row", columns: { head: "headerId", acct: "account", amt: "amount", note: { value: "from Tieout" } } } } };
  assert.equal((await deliverOnce(ctx, flow, { targets })).confirmed, 3);
  await finance.owner.exec("update gl_row set amt = amt + 1 where head = 1 and acct = '6001'; delete from gl_row where head = 2; delete from gl_head where id = 2; update gl_head set is_void = 1 where id = 3");
  assert.deepEqual(await sweepOnce(ctx, { ...flow, sweep: { periods: 600 } }, { targets }), { compared: 3, drifted: 3, mended: 0, isSkipped: false, next: undefined });
  assert.equal((await sweepOnce(ctx, { ...flow, sweep: { periods: 600 } }, { targets })).drifted, 0);
  const drifts = await listDrifts(ctx, own, { isOpen: true });
  assert.deepEqual(drifts.map(({ kind }) => kind), ["changed", "missing", "voided"]);
  assert.deepEqual((drifts[0]?.theirs as { lines: unknown[] }).lines, [{ account: "1122.01", amount: "11.3" }, { account: "2221.01.02", amount: "-1.3" }, { account: "6001", amount: "-9" }]);
  assert.deepEqual(await states("drift", own), { drifted: 2, voided: 1 });
  await acceptDrift(ctx, own, BigInt(drifts[0]?.drift ?? 0), "agreed with finance");
  await resolveDelivery(ctx, own, BigInt(drifts[1]?.delivery ?? 0), "notSent", "deleted by mistake");
  assert.equal((await deliverOnce(ctx, flow, { targets })).confirmed, 1);
  assert.deepEqual(await states("drift", own), { confirmed: 2, replaced: 1, voided: 1 });
  assert.equal((await sweepOnce(ctx, { ...flow, sweep: { periods: 600 } }, { targets })).drifted, 0);
});

test("what was put right there is over by itself, what differs again is told again, and what still stands there is not delivered twice", async () => {
  const own = await bookOf("MEND");
  await postPlainly(ctx, own, [sale(), sale()]);
  await finance.owner.exec("create table me_head (id serial primary key, ref text, day date); create table me_row (head int, acct text, amt numeric(12, 2))");
  const flow: DeliveryFlow = { ...flowTo("mend"), book: "MEND", accounts: { "*": "same" }, sweep: { periods: 600 }, to: { connector: "database", url: finance.owner.url, header: { table: "me_head", id: "id", columns: { ref: "reference", day: "date" } }, lines: { table: "me_row", columns: { head: "headerId", acct: "account", amt: "amount" } } } };
  assert.equal((await deliverOnce(ctx, flow, { targets })).confirmed, 2);
  const swept = async (change: string, by: DeliveryFlow = flow) => {
    await finance.owner.exec(change);
    const { drifted, mended } = await sweepOnce(ctx, by, { targets });
    return [drifted, mended, (await listDrifts(ctx, own, { isOpen: true })).map(({ kind }) => kind).join(), JSON.stringify(await states("mend", own))];
  };
  const edit = "update me_row set amt = amt + 1 where head = 1 and acct = '6001'";
  assert.deepEqual(await swept(edit), [1, 0, "changed", '{"confirmed":1,"drifted":1}']);
  const [edited] = await listDrifts(ctx, own, { isOpen: true });
  await assert.rejects(resolveDelivery(ctx, own, BigInt(edited?.delivery ?? 0), "notSent", "again"), { code: "delivery.stands_there" });
  assert.deepEqual(await swept("update me_row set amt = amt + 1 where head = 1 and acct = '6001'"), [1, 0, "changed", '{"confirmed":1,"drifted":1}'], "edited further, only the newest finding is open");
  assert.deepEqual(await swept("update me_row set amt = amt - 2 where head = 1 and acct = '6001'"), [0, 1, "", '{"confirmed":2}']);
  assert.deepEqual(await swept(edit), [1, 0, "changed", '{"confirmed":1,"drifted":1}'], "the first edit again is told again");
  assert.deepEqual(await swept("insert into me_head (ref, day) select ref, day from me_head where id = 2; insert into me_row select 3, acct, amt from me_row where head = 2"), [1, 0, "changed,several", '{"drifted":2}']);
  assert.deepEqual(await swept("delete from me_row where head in (1, 3); delete from me_head where id in (1, 3)"), [1, 1, "missing", '{"confirmed":1,"drifted":1}']);
  await resolveDelivery(ctx, own, BigInt(edited?.delivery ?? 0), "notSent", "it was deleted there");
  assert.equal((await deliverOnce(ctx, flow, { targets })).confirmed, 1);
  assert.deepEqual(await swept("select 1"), [0, 0, "", '{"confirmed":2,"replaced":1}']);
  // Another map afterwards: the same amounts on another account, which nobody edited there.
  const remapped: DeliveryFlow = { ...flow, accounts: { "6001": "4020", "*": "same" } };
  assert.equal((await swept("select 1", remapped))[0], 2);
  assert.ok((await listDrifts(ctx, own, { isOpen: true })).every(({ ours }) => (ours as { isMapChanged?: boolean }).isMapChanged === true));
  assert.deepEqual(await swept("select 1"), [0, 2, "", '{"confirmed":2,"replaced":1}']);
});

test("where the flow says so, the source document learns its voucher's number in the finance system", async () => {
  const own = await bookOf("BACK");
  await postPlainly(ctx, own, [sale()]);
  await finance.owner.exec(`create table bill (code text primary key, voucher text); insert into bill values ('SI-${n}', null)`);
  const flow: DeliveryFlow = { ...flowTo("back"), book: "BACK", writeBack: { to: { connector: "database", url: finance.owner.url, statement: "update bill set voucher = :targetNumber where code = :sourceId" } } };
  await deliverOnce(ctx, flow, { targets });
  const [delivered] = await listDeliveries(ctx, own, { flow: "back" });
  assert.deepEqual(await finance.owner.query("select voucher from bill"), [{ voucher: delivered?.targetNumber }]);
  assert.deepEqual(await states("back/writeback", own), { sent: 1 });
});

test("a filter leaves vouchers out and counts them: all vouchers = behind + left out + rows", async () => {
  const own = await bookOf("SOME");
  await postPlainly(ctx, own, [sale("2026-03-05"), sale("2026-04-05"), sale("2026-04-06", { lines: [{ account: "1002", debit: 5n, dimensions: { bankAccount: "B1" } }, { account: "6001", credit: 5n, dimensions: { item: "PUMP" } }] })]);
  await deliverOnce(ctx, { ...flowTo("some"), book: "SOME", from: { period: "2026-04" }, where: { accounts: ["1122"] } }, { targets });
  await postPlainly(ctx, own, [sale("2026-04-07")]);
  const { behind, leftOut, confirmed } = await deliveryCounts(store, own, "some");
  assert.deepEqual({ behind, leftOut, confirmed }, { behind: 1, leftOut: 2, confirmed: 1 });
});

test("one voucher that the database refuses is rejected alone; the others of its batch stand there", async () => {
  const own = await bookOf("BAD");
  await postPlainly(ctx, own, Array.from({ length: 9 }, (_, at) => sale("2026-03-10", { summary: at === 4 ? "x".repeat(60) : "short" })));
  await finance.owner.exec("create table short_row (ref text, day date, acct text, amt numeric(12, 2), note varchar(50))");
  const flow: DeliveryFlow = { ...flowTo("bad"), book: "BAD", to: { connector: "database", url: finance.owner.url, lines: { table: "short_row", columns: { ref: "reference", day: "date", acct: "account", amt: "amount", note: "summary" } } } };
  await deliverOnce(ctx, flow, { targets });
  assert.deepEqual(await states("bad", own), { confirmed: 8, rejected: 1 });
  assert.match((await listDeliveries(ctx, own, { flow: "bad", state: "rejected" }))[0]?.problem[0]?.en ?? "", /too long/);
});
