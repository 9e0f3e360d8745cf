import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import fc from "fast-check";
import { Type } from "typebox";
import { createBook, loadBook } from "../../books/index.ts";
import { type Flow, flows as store, FlowFault, inbox, land, type Landing, LeaseLost, type Message, type Row, takeLease, type WaysIn } from "../../connectors/index.ts";
import type { Delivery, Target } from "../../delivery/index.ts";
import { type Ctx, fixedClock, type Problem, silentLog, sleep, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { postDocuments } from "../../vouchers/index.ts";
import { registerAll } from "../registry.ts";
import { applyFlow } from "./apply.ts";
import { acceptStream, pauseFlow, resumeFlow } from "./act.ts";
import { findFlow } from "./find.ts";
import { type Flows, openFlows } from "./flows.ts";
import { decideLetters, listLetters, showLetter } from "./letters.ts";
import { findTransfers } from "./log.ts";
import { replayFlow } from "./replay.ts";
import { gather, runFlow } from "./run.ts";
import { nextRun } from "./run-out.ts";
import { viewFlows } from "./view.ts";
import { record, type Scripted, scriptedSource, state } from "./scripted-source.ts";

registerAll();
const db = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-flows-"));
const ctx: Ctx = { db, actor: { id: "chen" }, now: systemClock, log: silentLog, dataDir };
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(db, "B1");
await postDocuments(ctx, "B1", [{ schema: "tieout/item@1", source: "wms", sourceId: "STEEL", category: "rawMaterial" }, { schema: "tieout/supplier@1", source: "wms", sourceId: "S01" }]);
after(async () => {
  await db.close();
  await rm(dataDir, { recursive: true });
});

const receipt = (id: string, price = "20.00"): Row => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date: "2026-03-05", supplier: "S01", warehouse: "W1", lines: [{ lineId: "1", item: "STEEL", quantity: "10", price }] });
const item: Row = { schema: "tieout/item@1", source: "wms", sourceId: "STEEL", category: "rawMaterial" };
const supplier: Row = { schema: "tieout/supplier@1", source: "wms", sourceId: "S01" };

const apply = (flow: string, more = "", ways: WaysIn) => applyFlow(ctx, { yaml: `flow: ${flow}\nbook: B1\nfrom:\n  connector: scripted\n${more}` }, ways);
const counts = async (flow: string): Promise<Record<string, number>> => Object.fromEntries((await db.query<{ state: string; n: bigint }>("select state, count(*) as n from connectors.inbox where flow = $1 group by 1 order by 1", [flow])).map(({ state: one, n }) => [one, Number(n)]));
/** A process that runs flows; the other tests' flows stay out of it. */
async function serve(t: TestContext, flow: string, ways: WaysIn): Promise<Flows> {
  await db.query("update connectors.flow set wanted = 'paused' where flow <> $1", [flow]);
  const flows = openFlows(ctx, { ways, lookMs: 20 });
  t.after(() => flows.close());
  return flows;
}
async function once(flow: Flow, scripted: Scripted): Promise<Problem | undefined> {
  const lease = await takeLease(db, book.bookId, flow.flow);
  assert.ok(lease);
  return runFlow({ ctx, flow: await findFlow(ctx, book, flow.flow), bookCode: "B1", way: scripted.source, lease, once: true }).done;
}
async function until(holds: () => Promise<boolean> | boolean, ms = 5_000): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 10) {
    assert.ok(waited < ms, "it did not come about in time");
    await sleep(10);
  }
}

test("what a live source commits stands in the books, and only then is it acknowledged", async (t) => {
  const scripted = scriptedSource("live");
  const ways = { scripted: async () => scripted.source };
  await apply("live", "", ways);
  const flows = await serve(t, "live", ways);
  scripted.send(record("i1", item), record("s1", supplier), record("r1", receipt("GR-1")), state(4, 3));
  await until(async () => (await counts("live")).done === 3);
  assert.deepEqual(scripted.acked, [{ v: 1, at: 4 }]);
  const documents = await db.query<{ source_id: string; state: string }>("select source_id, state from documents.document");
  assert.deepEqual(documents, [{ source_id: "GR-1", state: "posted" }]);
  scripted.send(record("r1", receipt("GR-1", "21.00")), state(6, 1));
  await until(async () => (await counts("live")).done === 4);
  assert.deepEqual(await db.query("select source_version, state from documents.document order by 1"), [{ source_version: 1n, state: "superseded" }, { source_version: 2n, state: "posted" }]);
  await flows.close();
  const status = await store.readStatus(db, book.bookId, "live");
  assert.deepEqual([status.landedSeq, status.processedSeq, status.problem], [4n, 4n, null]);
});

test("after a landing that was cut off before its commit, the source sends the same again and nothing is twice", async () => {
  const scripted = scriptedSource("batch");
  const ways = { scripted: async () => scripted.source };
  await apply("cut", "", ways);
  scripted.send(record("c1", receipt("CUT-1")), record("c2", receipt("CUT-2")), state(3, 2));
  const flow = await findFlow(ctx, book, "cut");
  const lease = await takeLease(db, book.bookId, "cut");
  assert.ok(lease);
  // The process dies after the rows were copied and before the commit.
  await assert.rejects(land({ ...ctx, db: { ...db, transaction: (work) => db.transaction(async (inner) => (await work(inner), assert.fail("killed"))) } }, { bookId: book.bookId, flow: "cut", flowVersion: 1, lease }, [record("c1", receipt("CUT-1")), record("c2", receipt("CUT-2")), state(3, 2)] as Landing), /killed/);
  assert.deepEqual([await counts("cut"), await inbox.readCheckpoints(db, book.bookId, "cut")], [{}, []]);
  // Half of a run lands, without its state: it is a draft that the next run sends again.
  await land(ctx, { bookId: book.bookId, flow: "cut", flowVersion: 1, lease }, [record("c1", receipt("CUT-1"))] as Landing);
  assert.deepEqual(await counts("cut"), { draft: 1 });
  await lease.release();
  const ran = await once(flow, scripted);
  assert.equal(ran, undefined);
  assert.deepEqual(await counts("cut"), { again: 1, done: 2 });
  assert.deepEqual(scripted.acked, [{ v: 1, at: 3 }]);
  assert.deepEqual((await db.query<{ n: bigint }>("select count(*) as n from documents.document where source_id like 'CUT-%'"))[0]?.n, 2n);
});

test("a state completes the rows before it, of this landing and of earlier ones, and none after it", async () => {
  await apply("drafts", "", { scripted: async () => scriptedSource("batch").source });
  const lease = await takeLease(db, book.bookId, "drafts");
  assert.ok(lease);
  const into = { bookId: book.bookId, flow: "drafts", flowVersion: 1, lease };
  const states = async (): Promise<string> => (await db.query<{ state: string }>("select state from connectors.inbox where flow = 'drafts' order by seq")).map((row) => row.state[0]).join("");
  const first = await land(ctx, into, [record("a", { n: 1 }), state(1, 1), record("b", { n: 2 })] as Landing);
  assert.deepEqual([await states(), first.hasDrafts], ["ld", true]);
  const second = await land(ctx, into, [record("c", { n: 3 }), state(2, 2), record("d", { n: 4 })] as Landing, first);
  assert.deepEqual([await states(), second.hasDrafts], ["llld", true]);
  const third = await land(ctx, into, [record("e", { n: 5 }, { stream: "others" }), state(3, { others: 1 }, "others")] as Landing, second);
  assert.deepEqual([await states(), third.hasDrafts], ["llldl", true]);
  const fourth = await land(ctx, into, [state(4, 1)] as Landing, third);
  assert.deepEqual([await states(), fourth.hasDrafts], ["lllll", false]);
  await lease.release();
});

test("a record that says what its newest row says already is counted and not landed again", async () => {
  const scripted = scriptedSource("batch");
  await apply("overlap", "", { scripted: async () => scripted.source });
  scripted.send(record("o1", receipt("OV-1")), state(2, 1), record("o1", receipt("OV-1")), record("o1", receipt("OV-1", "22.00")), state(5, 2));
  await once(await findFlow(ctx, book, "overlap"), scripted);
  const [checkpoint] = await inbox.readCheckpoints(db, book.bookId, "overlap");
  assert.deepEqual([checkpoint?.landed, checkpoint?.repeated, checkpoint?.bad, await counts("overlap")], [2n, 1n, 0n, { done: 2 }]);
});

test("a source whose own count is another than what was landed stops, and its state does not move", async () => {
  const scripted = scriptedSource("batch");
  await apply("count", "", { scripted: async () => scripted.source });
  scripted.send(record("n1", receipt("N-1")), state(2, 2));
  const problem = await once(await findFlow(ctx, book, "count"), scripted);
  assert.deepEqual([problem?.code, problem?.facts.sent, problem?.facts.landed], ["flow.count", 2, 1]);
  assert.deepEqual([await counts("count"), await inbox.readCheckpoints(db, book.bookId, "count"), scripted.acked], [{}, [], []]);
  assert.notEqual((await store.readStatus(db, book.bookId, "count")).stoppedAt, null);
});

test("a flow has one runner; the one that comes back from the dead is refused", async () => {
  const scripted = scriptedSource("live");
  await apply("lease", "", { scripted: async () => scripted.source });
  const first = await takeLease(db, book.bookId, "lease");
  assert.ok(first);
  const other = { ...db }; // another process, as far as leases can tell
  assert.equal(await takeLease(other, book.bookId, "lease"), undefined);
  await db.query("update connectors.lease set expires_at = now() where flow = 'lease'"); // the first sleeps past its time
  const second = await takeLease(other, book.bookId, "lease");
  assert.equal(second?.epoch, first.epoch + 1n);
  await assert.rejects(land(ctx, { bookId: book.bookId, flow: "lease", flowVersion: 1, lease: first }, [record("z1", receipt("Z-1")), state(2, 1)] as Landing), LeaseLost);
  assert.equal(first.lost.aborted, true);
  assert.deepEqual(await counts("lease"), {});
  await first.release();
  // The second's process is killed: its connection ends, and nobody waits for its time to run out.
  await db.owner.query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = (select presence from connectors.lease where flow = 'lease')");
  await until(async () => !(await store.readLeases(db)).some(({ flow, isHeld }) => flow === "lease" && isHeld));
  const third = await takeLease(db, book.bookId, "lease");
  assert.equal(third?.epoch, first.epoch + 2n);
  await third?.release();
  await second?.release();
});

test("a bad record parks its own key only; a good one after it makes up for it", async () => {
  const scripted = scriptedSource("batch");
  await apply("poison", "", { scripted: async () => scripted.source });
  scripted.send(record("p1", receipt("P-1")), record("p2", { ...receipt("P-2"), date: "soon" }), record("p3", receipt("P-3")), { is: "bad", stream: "orders", key: "", bytes: Buffer.from([0xff, 0xfe, 0x00]), problem: { code: "record.no_object", facts: {} }, position: "line 4" }, state(5, 4));
  const flow = await findFlow(ctx, book, "poison");
  await once(flow, scripted);
  assert.deepEqual(await counts("poison"), { done: 2, parked: 2 });
  const letters = await listLetters(ctx, book, { flow: "poison" });
  assert.deepEqual(letters.map(({ key, stage, status }) => [key, stage, status]), [["p2", "validate", "open"], ["@line 4", "decode", "open"]]);
  assert.equal((await showLetter(ctx, book, "poison/4")).bytes, "//4A");
  await assert.rejects(decideLetters(ctx, book, { ids: ["poison/4"] }, { act: "retry" }), { code: "dead_letter.undecoded" });
  scripted.send(record("p2", receipt("P-2")), state(7, 1));
  await once(flow, scripted);
  assert.deepEqual(await counts("poison"), { done: 3, parked: 1, superseded: 1 });
  assert.equal((await showLetter(ctx, book, "poison/2")).status, "superseded");
});

test("where a record does not stand for itself, later ones of its key wait behind a bad one, in order", async () => {
  const scripted = scriptedSource("batch");
  await apply("events", "supersedes: false\n", { scripted: async () => scripted.source });
  scripted.send(record("e1", { ...receipt("E-1"), date: "soon" }), record("e1", receipt("E-2")), record("e1", receipt("E-3")), record("e2", receipt("E-4")), state(5, 4));
  const flow = await findFlow(ctx, book, "events");
  await once(flow, scripted);
  assert.deepEqual(await counts("events"), { behind: 2, done: 1, parked: 1 });
  await assert.rejects(decideLetters(ctx, book, { ids: ["events/1"] }, { act: "fix", patch: [{ op: "replace", path: "/dat", value: "x" }] }), { code: "dead_letter.patch" });
  await decideLetters(ctx, book, { ids: ["events/1"] }, { act: "fix", patch: [{ op: "replace", path: "/date", value: "2026-03-06" }], reason: "the clerk's typing" });
  await once(flow, scripted);
  assert.deepEqual(await counts("events"), { done: 4 });
  const order = await db.query<{ source_id: string; date: string }>("select source_id, date from documents.document where source_id in ('E-1', 'E-2', 'E-3') order by document_id");
  assert.deepEqual(order, [{ source_id: "E-1", date: "2026-03-06" }, { source_id: "E-2", date: "2026-03-05" }, { source_id: "E-3", date: "2026-03-05" }]);
  const letter = await showLetter(ctx, book, "events/1");
  assert.deepEqual([letter.status, letter.actor, letter.reason, JSON.parse(letter.record ?? "").date], ["fixed", "chen", "the clerk's typing", "soon"]);
});

test("dead letters with one cause are decided together, and ignoring them needs a reason", async () => {
  const scripted = scriptedSource("batch");
  await apply("bulk", "", { scripted: async () => scripted.source });
  scripted.send(...Array.from({ length: 20 }, (_, n) => record(`b${n}`, { ...receipt(`B-${n}`), date: "soon" })), record("bx", { schema: "tieout/nothing@1" }), state(22, 21));
  const flow = await findFlow(ctx, book, "bulk");
  await once(flow, scripted);
  const letters = await listLetters(ctx, book, { flow: "bulk" });
  assert.equal(new Set(letters.map(({ fingerprint }) => fingerprint)).size, 2);
  const fingerprint = letters[0]?.fingerprint;
  await assert.rejects(decideLetters(ctx, book, { flow: "bulk", fingerprint }, { act: "ignore", reason: " " }), { code: "dead_letter.no_reason" });
  assert.equal(await decideLetters(ctx, book, { flow: "bulk", fingerprint }, { act: "ignore", reason: "test data" }), 20);
  assert.deepEqual(await counts("bulk"), { ignored: 20, parked: 1 });
  await assert.rejects(decideLetters(ctx, book, { ids: ["bulk/1"] }, { act: "retry" }), { code: "dead_letter.settled" });
  const last = letters.at(-1)?.id ?? "";
  await decideLetters(ctx, book, { ids: [last] }, { act: "retry" });
  await once(flow, scripted);
  assert.deepEqual((await listLetters(ctx, book, { flow: "bulk" })).map(({ id, attempts }) => [id, attempts]), [[last, 2]]);
});

test("an outage opens the breaker and marks nothing bad; afterwards it goes on by itself", async (t) => {
  const scripted = scriptedSource("live");
  const ways = { scripted: async () => scripted.source };
  await apply("outage", "", ways);
  scripted.outage = new FlowFault("network", { code: "flow.unreachable", facts: { connector: "scripted", detail: "down" } });
  await serve(t, "outage", ways);
  await until(async () => (await store.readStatus(db, book.bookId, "outage")).failures >= 1);
  const view = (await viewFlows(ctx, book)).find(({ flow }) => flow === "outage");
  assert.deepEqual([view?.state, view?.breaker.isOpen, view?.problem?.code, view?.deadLetters], ["retrying", true, "flow.unreachable", 0]);
  scripted.outage = undefined;
  scripted.send(record("x1", receipt("X-1")), state(2, 1));
  await until(async () => (await counts("outage")).done === 1);
  await until(async () => (await store.readStatus(db, book.bookId, "outage")).failures === 0);
});

test("what is wrong with a configuration stops the flow with one message until somebody resumes it", async (t) => {
  const scripted = scriptedSource("live");
  const ways = { scripted: async () => scripted.source };
  await apply("wrong", "", ways);
  scripted.outage = new FlowFault("auth", { code: "secret.unknown", facts: { name: "PG" } });
  await serve(t, "wrong", ways);
  await until(async () => (await store.readStatus(db, book.bookId, "wrong")).stoppedAt !== null);
  scripted.outage = undefined;
  await sleep(100);
  assert.equal(scripted.opened, 0);
  await resumeFlow(ctx, book, "wrong");
  await until(() => scripted.opened === 1);
  await pauseFlow(ctx, book, "wrong");
  await until(async () => (await viewFlows(ctx, book)).find(({ flow }) => flow === "wrong")?.state === "paused");
});

test("so many bad records that the configuration must be wrong stop the flow", async () => {
  const scripted = scriptedSource("batch");
  await apply("many", "limits: { deadLetters: 5 }\n", { scripted: async () => scripted.source });
  scripted.send(...Array.from({ length: 8 }, (_, n) => record(`m${n}`, { ...receipt(`M-${n}`), date: "soon" })), state(9, 8));
  const problem = await once(await findFlow(ctx, book, "many"), scripted);
  assert.deepEqual([problem?.code, problem?.facts.open], ["flow.too_many_bad", 8]);
});

test("received = posted + waiting + parked + ignored + pending, whatever happens", async () => {
  const shipment = (id: string): Row => ({ schema: "tieout/salesShipment@1", source: "wms", sourceId: id, date: "2026-03-07", customer: "C01", warehouse: "W1", lines: [{ lineId: "1", item: "NOWHERE", quantity: "1" }] });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), fc.array(fc.constantFrom("good", "bad", "ignored", "unknown"), { minLength: 1, maxLength: 30 }), async (seed, kinds) => {
    const flow = `counts-${seed}`;
    const scripted = scriptedSource("batch");
    await apply(flow, "", { scripted: async () => scripted.source });
    scripted.send(...kinds.map((kind, n) => record(`k${n % 7}`, kind === "good" ? receipt(`${flow}-${n}`) : kind === "bad" ? { schema: "tieout/goodsReceipt@1", n } : kind === "ignored" ? null : shipment(`${flow}-${n}`))), state(kinds.length + 1, kinds.length));
    await once(await findFlow(ctx, book, flow), scripted);
    const view = (await viewFlows(ctx, book)).find((one) => one.flow === flow);
    assert.ok(view);
    const { received, posted, waiting, parked, ignored, pending, arriving } = view.counts;
    assert.equal(received, posted + waiting + parked + ignored + pending + arriving);
    // Counted the other way, row by row.
    const rows = await db.query<{ is: string; n: bigint }>(`select case when i.state in ('parked', 'behind') or bool_or(coalesce(d.state, '') = 'parked') then 'parked' when bool_or(coalesce(d.state, '') = 'waiting') then 'waiting' when i.state = 'done' then 'posted' else 'ignored' end as is, 1::bigint as n
      from connectors.inbox i left join connectors.produced p using (book_id, flow, seq) left join documents.document d on d.book_id = i.book_id and d.source || ':' || d.kind || '/' || d.source_id = p.document and d.source_version = p.version
      where i.flow = $1 group by i.flow, i.seq, i.state`, [flow]);
    const sum = (is: string): number => rows.filter((row) => row.is === is).length;
    assert.deepEqual({ posted, waiting, parked, ignored }, { posted: sum("posted"), waiting: sum("waiting"), parked: sum("parked"), ignored: sum("ignored") });
  }), { numRuns: 8 });
});

test("a replay reports what would differ before it rebuilds it", async () => {
  const scripted = scriptedSource("batch");
  const ways = { scripted: async () => scripted.source };
  const mapping = (price: string) => ({ text: `mapping: orders\nversion: 1\nsource: erp\nzh: 订单\nen: orders\nstreams:\n  orders:\n    - kind: goodsReceipt\n      id: no\n      fields: { date: day, supplier: { const: S01 }, warehouse: { const: W1 } }\n      lines:\n        fields: { item: { const: STEEL }, quantity: { const: "1" }, price: ${price} }\n`, files: {} });
  const yaml = "flow: mapped\nbook: B1\nfrom: { connector: scripted }\nmapping: orders\n";
  await applyFlow(ctx, { yaml, mapping: mapping("price") }, ways);
  scripted.send(record("1", { no: "R-1", day: "2026-03-05", price: "10.00", other: "11.00" }), record("2", { no: "R-2", day: "2026-03-05", price: "10.00", other: "10.00" }), state(3, 2));
  await once(await findFlow(ctx, book, "mapped"), scripted);
  const applied = await applyFlow(ctx, { yaml, mapping: mapping("other") }, ways);
  assert.deepEqual([applied.version, applied.isNew], [2, true]);
  const flow = await findFlow(ctx, book, "mapped");
  const dry = await replayFlow(ctx, book, flow, { selection: {}, mode: "dry-run", ways });
  assert.deepEqual([dry.counts.changed, dry.counts.same, dry.landed, dry.differences[0]?.fields], [1, 1, 0, [{ path: "/lines/0/price", before: "10", after: "11" }]]);
  const rebuilt = await replayFlow(ctx, book, flow, { selection: {}, mode: "rebuild", ways });
  assert.equal(rebuilt.landed, 1);
  await once(flow, scripted);
  const versions = await db.query<{ source_id: string; source_version: bigint; state: string }>("select source_id, source_version, state from documents.document where source = 'erp' order by 1, 2");
  assert.deepEqual(versions.map((row) => [row.source_id, row.source_version, row.state]), [["R-1", 1n, "superseded"], ["R-1", 2n, "posted"], ["R-2", 1n, "posted"]]);
  assert.equal((await replayFlow(ctx, book, flow, { selection: {}, mode: "dry-run", ways })).counts.changed, 0);
  const [first] = await findTransfers(ctx, book, "R-1");
  assert.deepEqual([first?.flow, first?.key, first?.document, first?.voucher !== null], ["mapped", "1", "erp:goodsReceipt/R-1", true]);
  assert.deepEqual((await findTransfers(ctx, book, first?.voucher ?? "")).map(({ key }) => key).includes("1"), true);
});

test("a change of structure that the mapping feels stops its stream only, until somebody accepts it", async () => {
  const scripted = scriptedSource("batch");
  const ways = { scripted: async () => scripted.source };
  await apply("drift", "", ways);
  const shape = (stream: string, ...fields: readonly string[]): Message => ({ is: "shape", cause: "poll", shape: { stream, key: ["id"], fields: fields.map((field) => ({ field, type: "text", native: "text", isNullable: true })) } });
  scripted.send(shape("orders", "id", "price"), record("d1", receipt("D-1")), state(3, 1));
  const flow = await findFlow(ctx, book, "drift");
  await once(flow, scripted);
  scripted.send(shape("orders", "id"), record("d2", receipt("D-2")), record("d3", receipt("D-3"), { stream: "others" }), state(7, { orders: 1, others: 1 }));
  await once(flow, scripted);
  assert.deepEqual(await counts("drift"), { behind: 1, done: 2 });
  assert.deepEqual((await viewFlows(ctx, book)).find((one) => one.flow === "drift")?.frozen, ["orders"]);
  await acceptStream(ctx, book, "drift", "orders");
  await once(flow, scripted);
  assert.deepEqual(await counts("drift"), { done: 3 });
  await assert.rejects(acceptStream(ctx, book, "drift", "orders"), { code: "drift.nothing" });
});

test("a record that breaks the posting itself is found among the others, and parks alone", async () => {
  const scripted = scriptedSource("batch");
  await apply("nul", "", { scripted: async () => scripted.source });
  scripted.send(record("u1", receipt("U-1")), record("u2", { ...item, sourceId: "NUL", name: { zh: "\u0000" } }), record("u3", receipt("U-3")), state(4, 3));
  await once(await findFlow(ctx, book, "nul"), scripted);
  assert.deepEqual(await counts("nul"), { done: 2, parked: 1 });
  assert.deepEqual((await listLetters(ctx, book, { flow: "nul" })).map(({ key, code }) => [key, code]), [["u2", "record.broke"]]);
});

test("two flows that bring the same document agree on its versions", async () => {
  const [one, two] = [scriptedSource("batch"), scriptedSource("batch")];
  for (const [flow, scripted] of [["twin-1", one], ["twin-2", two]] as const) {
    await apply(flow, "", { scripted: async () => scripted.source });
    scripted.send(...Array.from({ length: 50 }, (_, n) => record(`t${n % 10}`, receipt(`TWIN-${n % 10}`, `${n}.${flow === "twin-1" ? 1 : 2}0`))), state(51, 50));
  }
  const [first, second] = await Promise.all([once(await findFlow(ctx, book, "twin-1"), one), once(await findFlow(ctx, book, "twin-2"), two)]);
  assert.deepEqual([first, second], [undefined, undefined]);
  assert.deepEqual([await counts("twin-1"), await counts("twin-2")], [{ done: 50 }, { done: 50 }]);
  const last = await db.query<{ n: bigint }>("select count(*) as n from documents.document where source_id like 'TWIN-%' and state = 'posted'");
  assert.equal(last[0]?.n, 10n);
});

test("a source that does not end when it is told to is left after a while", { timeout: 15_000 }, async () => {
  const over = new AbortController();
  async function* stubborn(): AsyncGenerator<Message> {
    yield record("s1", receipt("S-1"));
    await new Promise(() => {});
  }
  const parts: number[] = [];
  setTimeout(() => over.abort(), 50);
  const keepAlive = setInterval(() => {}, 1_000);
  for await (const part of gather(stubborn(), { over: over.signal })) parts.push(part.messages.length);
  clearInterval(keepAlive);
  assert.deepEqual(parts, [1]);
});

test("messages come in parts: with their state after a moment, or when there are enough of them", async () => {
  async function* messages(): AsyncGenerator<Message> {
    for (let n = 0; n < 5; n++) yield record(`g${n}`, { n });
    yield state(5, 5);
    await sleep(60);
    yield record("g5", { text: "x".repeat(500) });
    yield record("g6", { text: "x".repeat(500) });
    yield state(7, 2);
  }
  const parts: string[] = [];
  for await (const part of gather(messages(), { rows: 4, bytes: 900, lingerMs: 10 })) parts.push(part.messages.map(({ is }) => is[0]).join(""));
  assert.deepEqual(parts, ["rrrr", "rs", "rr", "s"]);
});

test("a flow out delivers what a flow in has posted, and says how far it is", async (t) => {
  const delivered: Delivery[] = [];
  const acknowledgement = (delivery: Delivery) => ({ targetId: delivery.reference, targetNumber: `F-${delivered.length}`, targetState: "posted", at: ctx.now().toISOString() });
  const target: Target<never> = {
    name: "ledger", zh: "账", en: "ledger", config: Type.Object({}, { additionalProperties: false }), secrets: [], check: async () => [], dedupe: "idempotency-key", red: "negative",
    open: async () => ({
      deliver: async (deliveries) => deliveries.map((delivery) => (delivered.push(delivery), { is: "applied", deliveryId: delivery.deliveryId, acknowledgement: acknowledgement(delivery) })),
      probe: async (deliveries) => deliveries.map(({ deliveryId }) => ({ is: "absent", deliveryId })),
      close: async () => {},
    }),
  };
  const targets = new Map([["ledger", target]]);
  await createBook(ctx, { code: "B2", pack: "cas-general", currency: "CNY", from: "2026-03" });
  await assert.rejects(applyFlow(ctx, { yaml: "flow: out\nbook: B2\nto: { connector: nowhere }\ndeliver: vouchers\n" }, {}, targets), { code: "flow.connector" });
  await assert.rejects(applyFlow(ctx, { yaml: "flow: out\nbook: B2\nto: { connector: ledger, extra: 1 }\ndeliver: vouchers\n" }, {}, targets), { code: "flow.unknown_field" });
  await applyFlow(ctx, { yaml: "flow: out\nbook: B2\nto: { connector: ledger }\ndeliver: vouchers\naccounts: { \"*\": same }\ndimensions: {}\n" }, {}, targets);
  const scripted = scriptedSource("live");
  const ways = { scripted: async () => scripted.source };
  await applyFlow(ctx, { yaml: "flow: in\nbook: B2\nfrom: { connector: scripted }\n" }, ways);
  await db.query("update connectors.flow set wanted = 'paused' where flow not in ('in', 'out')");
  const flows = openFlows(ctx, { ways, targets, lookMs: 20 });
  t.after(() => flows.close());
  scripted.send(record("i", item), record("s", supplier), record("r", receipt("OUT-1")), state(4, 3));
  await until(() => delivered.length === 1);
  const second = await loadBook(db, "B2");
  await until(async () => (await viewFlows(ctx, second)).find(({ flow }) => flow === "out")?.deliveries.sent === 1);
  const [transfer] = await findTransfers(ctx, second, "r");
  assert.deepEqual([transfer?.flow, transfer?.documentState, transfer?.deliveryFlow, transfer?.targetNumber], ["in", "posted", "out", "F-1"]);
});

test("a flow out that delivers at times of the day waits for the next of them", () => {
  const now = fixedClock("2026-03-05T08:00:00Z");
  const hour = (at: number): string => `${String(at).padStart(2, "0")}:00`;
  const local = now().getHours();
  assert.equal(nextRun({ now }, { at: [hour((local + 2) % 24), hour((local + 23) % 24)] }), now().getTime() + 2 * 3_600_000);
  assert.equal(nextRun({ now }, { every: "15m" }), now().getTime() + 900_000);
  assert.equal(nextRun({ now }, "atOnce"), 0);
});
