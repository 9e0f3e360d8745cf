import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { createBook, loadBook } from "../books/index.ts";
import { type Ctx, registerRefusals, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { takeRecord } from "./arrive.ts";
import { showGolden } from "./golden.ts";
import { previewMerge, previewUnmerge } from "./preview.ts";
import { listQueue } from "./queue.ts";
import { refusals } from "./refusals.ts";
import { approveRequest, listRequests, rejectRequest, setPolicy, submitAct } from "./request.ts";
import { decide, type StewardAct } from "./steward.ts";

registerRefusals([refusals]);
const store = await testStore();
after(() => store.close());
const as = (id: string): Ctx => ({ db: store, actor: { id }, now: systemClock, log: silentLog });
const ctx = as("li");
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(store, "B1");
let next = 0;
/** Projects under other codes and names have nothing alike: each stands alone until a person decides. */
const project = async (system: string, payload: Record<string, string>, code = `P${++next}`): Promise<{ golden: string; record: string }> => {
  const { golden, record } = await takeRecord(ctx, book, { domain: "project", system, company: "", code, payload });
  return { golden: `G${golden.padStart(6, "0")}`, record };
};
const act = (one: StewardAct, who: Ctx = ctx) => decide(who, book, one, "核对过合同");

test("a merge points the one at the other, keeps both ids, and says whom it touched and why", async () => {
  const [a, b] = [await project("erp", { name: "一期厂房" }), await project("crm", { name: "厂房（一期）", manager: "王芳" })];
  const preview = await previewMerge(ctx, book, a.golden, b.golden);
  assert.deepEqual(preview.after[0]?.fields.map(({ field, isChanged }) => [field, isChanged]), [["manager", true], ["name", true]]);
  await act({ act: "merge", into: a.golden, from: b.golden });
  const shown = await showGolden(ctx, book, b.golden);
  assert.deepEqual([shown.golden, shown.redirectedFrom, shown.merged.map(({ golden }) => golden), shown.members.length], [a.golden, b.golden, [b.golden], 2]);
  assert.deepEqual([shown.decisions[0]?.act, shown.decisions[0]?.by, shown.decisions[0]?.reason], ["merged", "li", "核对过合同"]);
  await assert.rejects(act({ act: "merge", into: a.golden, from: b.golden }), { code: "masterdata.merged_already" });
  await assert.rejects(act({ act: "merge", into: a.golden, from: a.golden }), { code: "masterdata.same_record" });
  assert.equal((await previewUnmerge(ctx, book, b.golden)).after.length, 2);
  await act({ act: "unmerge", golden: b.golden, keepApart: true });
  await assert.rejects(act({ act: "unmerge", golden: b.golden }), { code: "masterdata.not_merged" });
  await assert.rejects(act({ act: "merge", into: a.golden, from: b.golden }), { code: "masterdata.kept_apart" });
  await assert.rejects(previewMerge(ctx, book, a.golden, b.golden), { code: "masterdata.kept_apart" }, "said before anybody writes a reason");
});

test("whatever is merged, pinned and merged again: taking the merges back in turn restores every value and every code byte for byte", async () => {
  const values = fc.record({ name: fc.constantFrom("甲", "乙项目", "丙 project"), manager: fc.constantFrom("", "王", "李四"), note: fc.constantFrom("", "x", "yy") });
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom("erp", "crm", "wms"), values), { minLength: 2, maxLength: 6 }), fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { minLength: 1, maxLength: 6 }), async (made, merges) => {
    const ids: string[] = [];
    for (const [system, payload] of made) ids.push((await project(system, { ...payload, name: `${payload.name}${++next}` })).golden);
    await act({ act: "pin", golden: ids[0] as string, field: "manager", value: "固定" });
    const before = await bytesOf(ids);
    const done: string[] = [];
    const states: string[] = [before];
    for (const [x, y] of merges) {
      const into = ids[x % ids.length] as string, from = ids[y % ids.length] as string;
      const isDone = await act({ act: "merge", into, from }).then(() => true, () => false);
      if (!isDone) continue;
      done.push(from);
      states.push(await bytesOf(ids));
    }
    while (done.length > 0) {
      states.pop();
      await act({ act: "unmerge", golden: done.pop() as string });
      assert.equal(await bytesOf(ids), states.at(-1));
    }
    assert.equal(await bytesOf(ids), before);
  }), { numRuns: 12, seed: 7 });
});

/** Values with where they come from, the codes and what they mean, as the database has them. */
async function bytesOf(ids: readonly string[]): Promise<string> {
  const numbers = ids.map((id) => BigInt(id.slice(1)));
  const goldens = await store.query("select golden_id::text as id, state, redirect_to::text as redirect, root_id::text as root, code, name, initials, words, body::text as body, sources from masterdata.golden where book_id = $1 and golden_id = any($2) and state <> 'merged' union all select golden_id::text, state, redirect_to::text, root_id::text, code, '', '', '', '', 0 from masterdata.golden where book_id = $1 and golden_id = any($2) and state = 'merged' order by 1", [book.bookId, numbers]);
  const crosswalk = await store.query("select crosswalk_id::text as id, system, company, code, golden_id::text as golden, record_id::text as record, is_mapped, is_suspended, valid::text, made_at::text, made_by from masterdata.crosswalk where book_id = $1 and golden_id = any($2) order by 1", [book.bookId, numbers]);
  return JSON.stringify([goldens, crosswalk]);
}

test("a record that is taken out gets an id that nothing had before, and is not put back by the engine", async () => {
  const [a, b] = [await project("erp", { name: "二期" }), await project("crm", { name: "二期工程" })];
  await act({ act: "merge", into: a.golden, from: b.golden });
  const { golden } = await act({ act: "split", record: b.record });
  assert.ok(golden !== a.golden && golden !== b.golden);
  assert.deepEqual((await showGolden(ctx, book, golden)).members.map(({ system }) => system), ["crm"]);
  await assert.rejects(act({ act: "split", record: b.record }), { code: "masterdata.only_record" });
  await assert.rejects(act({ act: "merge", into: a.golden, from: golden }), { code: "masterdata.kept_apart" });
  await act({ act: "keepTogether", record: a.record, other: b.record });
  assert.equal((await showGolden(ctx, book, golden)).golden, a.golden);
});

test("what was kept together cannot be taken apart, and what was kept apart is kept together by a decision that replaces the first", async () => {
  const [a, b] = [await project("erp", { name: "三期" }), await project("crm", { name: "三期工程" })];
  await act({ act: "keepTogether", record: a.record, other: b.record });
  await assert.rejects(act({ act: "split", record: b.record }), { code: "masterdata.kept_together" });
  await assert.rejects(act({ act: "unmerge", golden: b.golden }), { code: "masterdata.kept_together" });
  await assert.rejects(act({ act: "keepApart", record: a.record, other: b.record }), { code: "masterdata.one_golden" });
});

test("two stewards decide the same pair at once: one decision stands, the other person is told who was first", async () => {
  const firm = { name: "无锡恒泰机械有限公司", phone: "0510-81234567" };
  await takeRecord(ctx, book, { domain: "customer", system: "erp", company: "", code: "C1", payload: firm });
  await takeRecord(ctx, book, { domain: "customer", system: "erp", company: "", code: "C2", payload: firm });
  const [pair] = await listQueue(ctx, book, { domain: "customer" });
  assert.ok(pair);
  const results = await Promise.allSettled([act({ act: "merge", into: pair.other.golden, from: pair.one.golden, candidate: pair.no }, as("chen")), act({ act: "different", candidate: pair.no }, as("wang"))]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.equal((results.find((one): one is PromiseRejectedResult => one.status === "rejected")?.reason as { code: string }).code, "masterdata.decided");
});

test("a pair that was judged different is not asked again, also when its record changes", async () => {
  const firm = { name: "常州恒通物流有限公司", phone: "0519-81234567" };
  await takeRecord(ctx, book, { domain: "supplier", system: "erp", company: "", code: "S1", payload: firm });
  await takeRecord(ctx, book, { domain: "supplier", system: "erp", company: "", code: "S2", payload: firm });
  const [pair] = await listQueue(ctx, book, { domain: "supplier" });
  await act({ act: "different", candidate: pair?.no ?? "" });
  await takeRecord(ctx, book, { domain: "supplier", system: "erp", company: "", code: "S2", payload: { ...firm, address: "新北区" } });
  assert.deepEqual(await listQueue(ctx, book, { domain: "supplier" }), []);
});

test("an answer that was a slip is taken back once: what was merged parts, what was kept apart is asked again, and the pair stands in the queue as before", async () => {
  const firm = { name: "徐州大恒机械有限公司", phone: "0516-81234567" };
  await takeRecord(ctx, book, { domain: "supplier", system: "erp", company: "", code: "T1", payload: firm });
  await takeRecord(ctx, book, { domain: "supplier", system: "erp", company: "", code: "T2", payload: firm });
  const queued = async () => (await listQueue(ctx, book, { domain: "supplier" })).map(({ no, one, other }) => [no, one.code, other.code]);
  const before = await queued();
  const [pair] = await listQueue(ctx, book, { domain: "supplier" });
  assert.ok(pair);
  const ids = [pair.one.golden, pair.other.golden], bytes = await bytesOf(ids);
  const merged = await act({ act: "merge", into: pair.other.golden, from: pair.one.golden, candidate: pair.no });
  assert.deepEqual(await queued(), []);
  await act({ act: "takeBack", decision: merged.decision });
  assert.deepEqual([await queued(), await bytesOf(ids)], [before, bytes]);
  await assert.rejects(act({ act: "takeBack", decision: merged.decision }, as("chen")), { code: "masterdata.taken_back" });
  const parted = await act({ act: "different", candidate: pair.no });
  await assert.rejects(act({ act: "merge", into: pair.other.golden, from: pair.one.golden }), { code: "masterdata.kept_apart" });
  await act({ act: "takeBack", decision: parted.decision });
  assert.deepEqual(await queued(), before);
  assert.equal((await showGolden(ctx, book, pair.one.golden)).edges.length, 0);
  await act({ act: "merge", into: pair.other.golden, from: pair.one.golden, candidate: pair.no });
  const made = (await showGolden(ctx, book, pair.other.golden)).decisions.find((one) => one.act === "made");
  await assert.rejects(act({ act: "takeBack", decision: made?.no ?? "" }), { code: "masterdata.not_an_answer" });
  await assert.rejects(act({ act: "takeBack", decision: "99999999" }), { code: "masterdata.decision_unknown" });
});

test("where four eyes are asked for an act waits, its author cannot agree, and somebody else's yes does it once", async () => {
  await setPolicy(ctx, book, { domain: "project", trust: [], fields: {}, autoMerge: true, fourEyes: true, strict: false });
  const [a, b] = [await project("erp", { name: "四期" }), await project("crm", { name: "四期工程" })];
  const { request, done } = await submitAct(ctx, book, { act: "merge", into: a.golden, from: b.golden }, "同一项目");
  assert.ok(request !== null && done === null);
  assert.equal((await showGolden(ctx, book, b.golden)).redirectedFrom, null);
  await assert.rejects(approveRequest(ctx, book, request), { code: "masterdata.own_request" });
  assert.deepEqual((await listRequests(ctx, book, "open")).find(({ no }) => no === request)?.about.map(({ golden, text }) => [golden, text.replace(/^P\d+ /, "")]), [[b.golden, "四期工程"], [a.golden, "四期"]], "whoever agrees reads names");
  const both = await Promise.allSettled([approveRequest(as("chen"), book, request), approveRequest(as("wang"), book, request)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.equal((await showGolden(ctx, book, b.golden)).golden, a.golden);
  await assert.rejects(rejectRequest(as("wang"), book, request, "不"), { code: "masterdata.request_decided" });
  // What is refused takes the yes back with it.
  const again = await submitAct(ctx, book, { act: "merge", into: a.golden, from: b.golden }, "再并一次");
  await assert.rejects(approveRequest(as("chen"), book, again.request ?? ""), { code: "masterdata.merged_already" });
  assert.deepEqual((await listRequests(ctx, book, "open")).filter(({ act: one }) => one === "merge").map(({ no }) => no), [again.request]);
  await setPolicy(ctx, book, { domain: "project", trust: [], fields: {}, autoMerge: true, fourEyes: false, strict: false });
});

test("a fixed value stands above what systems say and is told as such; a reason is always asked for", async () => {
  const one = await project("erp", { name: "五期" });
  await act({ act: "pin", golden: one.golden, field: "name", value: "五期（正式名）" });
  const shown = await showGolden(ctx, book, one.golden);
  assert.deepEqual(shown.fields.map(({ field, value, rule, said }) => [field, value, rule, said.length]), [["name", "五期（正式名）", "pin", 1]]);
  await act({ act: "unpin", golden: one.golden, field: "name" });
  assert.equal((await showGolden(ctx, book, one.golden)).name, "五期");
  await assert.rejects(decide(ctx, book, { act: "pin", golden: one.golden, field: "name", value: "x" }, " "), { code: "masterdata.reason_missing" });
  await assert.rejects(act({ act: "pin", golden: "G999999", field: "name", value: "x" }), { code: "masterdata.golden_unknown" });
});
