import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createBook, loadBook } from "../books/index.ts";
import { type Ctx, registerRefusals, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { takeArrivals, takeRecord } from "./arrive.ts";
import { searchGolden, showGolden, suggestMeanings } from "./golden.ts";
import { findMeaning } from "./golden.store.ts";
import { resolveCode } from "./meaning.ts";
import { listGenericKeys, listQueue } from "./queue.ts";
import { completeUscc } from "./code-standard.ts";
import { refusals } from "./refusals.ts";
import { decide } from "./steward.ts";

registerRefusals([refusals]);
const store = await testStore();
after(() => store.close());
const ctx: Ctx = { db: store, actor: { id: "li" }, now: systemClock, log: silentLog };
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(store, "B1");
const customer = (system: string, code: string, payload: Record<string, string>, more: { company?: string; validFrom?: string } = {}) => takeRecord(ctx, book, { domain: "customer", system, company: more.company ?? "", code, payload, validFrom: more.validFrom });
const uscc = { huaxin: "91350100M000100Y43", other: "9144030071526726XG" };

test("a record that surely is a known firm joins it, and says by which weights", async () => {
  const first = await customer("erp", "1001", { name: "上海华新科技有限公司", uscc: uscc.huaxin, phone: "021-68888888" });
  const second = await customer("crm", "C-7", { name: "華新科技（上海）有限責任公司", uscc: uscc.huaxin });
  assert.deepEqual([first.what, second.what, second.golden], ["made", "linked", first.golden]);
  const shown = await showGolden(ctx, book, `G${first.golden}`);
  assert.deepEqual([shown.members.map(({ system, code }) => `${system}:${code}`), shown.decisions.map(({ act }) => act)], [["crm:C-7", "erp:1001"], ["linked", "made"]]);
  assert.equal(shown.decisions[0]?.waterfall?.hard, "mustLink");
  assert.ok((shown.decisions[0]?.waterfall?.byField.length ?? 0) > 3);
  assert.equal((await resolveCode(ctx, book, { domain: "customer", system: "crm", code: "C-7" })).code, "1001");
});

test("two right and different credit codes never join, whatever else agrees", async () => {
  const other = await customer("crm", "C-8", { name: "上海华新科技有限公司", uscc: uscc.other, phone: "021-68888888" });
  assert.deepEqual([other.what, other.candidates], ["made", 0]);
});

test("a record that may be a known firm stands alone and is put before a person, with what every field says", async () => {
  const before = (await listQueue(ctx, book, {})).length;
  const maybe = await customer("wms", "W-1", { name: "上海华新科技", phone: "" });
  assert.equal(maybe.what === "made" ? maybe.candidates > 0 : maybe.what, maybe.what === "made" ? true : "linked");
  const queue = await listQueue(ctx, book, {});
  assert.ok(maybe.what === "linked" || queue.length > before);
  for (const pair of queue) assert.ok(pair.byField.length > 0 && pair.one.golden !== pair.other.golden);
});

test("the same thing twice changes nothing; a new version ends the one before, and a name that was is kept as an alias", async () => {
  const fields = { name: "北京远泰钢铁有限公司", uscc: "" };
  await customer("erp", "2001", fields);
  assert.equal((await customer("erp", "2001", fields)).what, "same");
  const changed = await customer("erp", "2001", { name: "北京远泰特钢有限公司" });
  assert.equal(changed.what, "changed");
  const shown = await showGolden(ctx, book, `G${changed.golden}`);
  assert.deepEqual(shown.aliases.map(({ kind, text }) => [kind, text]), [["former", "北京远泰钢铁有限公司"]]);
  assert.equal(shown.name, "北京远泰特钢有限公司");
  const versions = await store.query<{ version: number; open: boolean }>("select v.version, upper_inf(v.valid) as open from masterdata.source_version v join masterdata.source_record r using (book_id, record_id) where r.code = '2001' order by v.version");
  assert.deepEqual(versions, [{ version: 1, open: false }, { version: 2, open: true }]);
  await assert.rejects(customer("erp", "2001", { name: "别的" }, { validFrom: "2020-01-01T00:00:00Z" }), { code: "masterdata.validity_overlaps" });
});

test("records are found by code, name, former name, pinyin, initials and credit code, also by two letters", async () => {
  for (const text of ["2001", "远泰特钢", "远泰钢铁", "yuantaite", "bjyttg", "北京", "bj"]) assert.ok((await searchGolden(ctx, book, { text })).some(({ code }) => code === "2001"), text);
  assert.ok((await searchGolden(ctx, book, { text: uscc.huaxin })).some(({ code }) => code === "1001"));
  assert.deepEqual(await searchGolden(ctx, book, { text: "%_%" }), []);
});

test("what a code that nobody mapped may mean: the same letters with other signs first, then the same number, and nothing for what resembles nothing", async () => {
  for (const [code, name] of [["K00417", "扬州甲器材有限公司"], ["K00418", "泰州乙器材有限公司"], ["M-417", "镇江丙器材有限公司"]] as const) await takeRecord(ctx, book, { domain: "supplier", system: "erp", company: "", code, payload: { name } });
  const likely = async (code: string): Promise<string[]> => (await suggestMeanings(ctx, book, { domain: "supplier", code })).map((one) => one.code);
  assert.deepEqual(await likely("k-00417"), ["K00417", "M-417"]);
  assert.equal((await likely("WMS-K00418"))[0], "K00418");
  for (const odd of ["", "%_%", "ZZZZZ", "🙂", "华".repeat(500)]) assert.deepEqual(await likely(odd), [], odd.slice(0, 9));
  await assert.rejects(suggestMeanings(ctx, book, { domain: "nothing", code: "1" }), { code: "masterdata.domain_unknown" });
});

test("the same code may mean different things in two systems and in two companies, each on its own days", async () => {
  const one = await customer("fin", "88", { name: "南京甲有限公司" }), two = await customer("pos", "88", { name: "成都乙食品有限公司" }), three = await customer("fin", "88", { name: "武汉丙物流有限公司" }, { company: "wh" });
  assert.equal(new Set([one.golden, two.golden, three.golden]).size, 3);
  assert.equal((await resolveCode(ctx, book, { domain: "customer", system: "fin", company: "wh", code: "88" })).name, "武汉丙物流有限公司");
  assert.equal((await resolveCode(ctx, book, { domain: "customer", system: "fin", company: "bj", code: "88" })).name, "南京甲有限公司");
  await decide(ctx, book, { act: "map", domain: "customer", system: "pos", code: "88", golden: `G${one.golden}`, from: "2026-06-01" }, "代码改指");
  const at = async (on: string): Promise<string> => (await resolveCode(ctx, book, { domain: "customer", system: "pos", code: "88", on })).name;
  assert.deepEqual([await at("2026-05-31"), await at("2026-06-01")], ["成都乙食品有限公司", "南京甲有限公司"]);
  await assert.rejects(resolveCode(ctx, book, { domain: "customer", system: "pos", code: "99" }), { code: "masterdata.unmapped" });
  await assert.rejects(decide(ctx, book, { act: "map", domain: "customer", system: "pos", code: "88", golden: `G${two.golden}`, from: "2026-06-01" }, "重叠"), { code: "masterdata.validity_overlaps" });
});

test("the database itself refuses two meanings of one code on one day", async () => {
  const row = await findMeaning(store, book.bookId, { domain: "customer", system: "fin", company: "", code: "88" }, "2026-03-01");
  await assert.rejects(store.query("insert into masterdata.crosswalk (book_id, domain, system, code, golden_id, valid, made_at, made_by) values ($1, 'customer', 'fin', '88', $2, daterange('2026-01-01', '2026-02-01'), now(), 'x')", [book.bookId, row?.goldenId]), { constraint: "one_meaning" });
});

test("bad text is taken as far as it can be kept: empty, ten thousand letters, emoji, mixed scripts, control characters", async () => {
  const names = ["", "华".repeat(10_000), "🙂🙂🙂", "АБВ株式会社한국شركة", "甲\u0000\u0007\u200b\ud800乙有限公司", "\u202e反向公司", "   "];
  for (const [at, name] of names.entries()) {
    const taken = await customer("bad", `X${at}`, { name });
    const shown = await showGolden(ctx, book, `G${taken.golden}`);
    assert.ok(shown.name.length <= 1_000 && shown.name.length > 0, JSON.stringify(shown.name.slice(0, 20)));
  }
  await assert.rejects(customer("bad", " ", { name: "无编码" }), { code: "masterdata.code_empty" });
  await assert.rejects(takeRecord(ctx, book, { domain: "nothing", system: "x", company: "", code: "1", payload: {} }), { code: "masterdata.domain_unknown" });
});

test("a credit code with a wrong digit is kept as text and is no evidence", async () => {
  const right = await customer("erp", "3001", { name: "苏州明达包装有限公司", uscc: "91320500MA1234567X" });
  const wrong = await customer("crm", "C-31", { name: "大连海味水产有限公司", uscc: "91320500MA1234567X" });
  assert.notEqual(wrong.golden, right.golden);
  assert.equal((await showGolden(ctx, book, `G${wrong.golden}`)).fields.find(({ field }) => field === "uscc")?.value, "91320500MA1234567X");
});

test("a key that 100,000 records share is not followed, and is told", async () => {
  const first = await customer("mass", "M0", { name: "合肥群星商贸有限公司", phone: "0551-60000000" });
  // Some of its keys under as many other records as a call centre has customers.
  await store.query("insert into masterdata.match_key (book_id, key, record_id) select $1, k.key, 10000000 + n from (select distinct key from masterdata.match_key where book_id = $1 and record_id = $2 order by key limit 3) k, generate_series(1, 100000) n", [book.bookId, BigInt(first.record)]);
  const second = await customer("crm", "M1", { name: "合肥群星商贸有限公司", phone: "0551-60000000" });
  assert.notEqual(second.what, "same");
  const keys = await listGenericKeys(ctx, book);
  assert.ok(keys.length > 0 && keys.every(({ rows }) => rows > 400));
  await store.query("delete from masterdata.match_key where book_id = $1 and record_id > 10000000", [book.bookId]);
});

test("what posting learned is taken in from its queue, once, in order of arrival", async () => {
  await store.query("insert into masterdata.record (book_id, kind, code, source, body, changed_at) select $1, 'item', 'I' || n, 'erp', jsonb_build_object('name', jsonb_build_object('zh', '圆钢 ' || n, 'en', '圆钢 ' || n), 'fields', jsonb_build_object('unit', 'kg'), 'units', jsonb_build_object('t', '1000000000')), now() from generate_series(1, 3) n", [book.bookId]);
  assert.equal(await takeArrivals(ctx, book), 3);
  assert.equal(await takeArrivals(ctx, book), 0);
  const [item] = await searchGolden(ctx, book, { domain: "item" });
  const shown = await showGolden(ctx, book, item?.golden ?? "");
  assert.deepEqual(shown.members[0]?.payload, { name: "圆钢 1", unit: "kg", "unit.t": "1000" });
  await store.query("update masterdata.record set body = jsonb_set(body, '{fields,category}', '\"rawMaterial\"'), version = 2 where book_id = $1 and code = 'I1'", [book.bookId]);
  assert.equal(await takeArrivals(ctx, book), 1);
  assert.equal((await showGolden(ctx, book, item?.golden ?? "")).fields.find(({ field }) => field === "category")?.value, "rawMaterial");
});

const change = async (system: string, code: string, payload: Record<string, string>) => customer(system, code, payload);
test("a record that changes is weighed anew: what it surely is now it joins, and the id that it had leads there", async () => {
  const known = await customer("erp", "3001", { name: "宁波海天精工股份有限公司", uscc: "91330200148300000K" });
  const alone = await customer("crm", "C-3001", { name: "海天" });
  assert.equal(alone.what, "made");
  const right = await customer("erp", "3002", { name: "温州长江电气有限公司", phone: "0577-62890001", bankAccount: "1203281009200012345" });
  const vague = await customer("crm", "C-3002", { name: "长江" });
  assert.notEqual(vague.golden, right.golden);
  const joined = await change("crm", "C-3002", { name: "温州长江电气有限公司", phone: "0577-62890001", bankAccount: "1203281009200012345" });
  assert.deepEqual([joined.what, joined.golden], ["linked", right.golden]);
  const shown = await showGolden(ctx, book, `G${vague.golden}`);
  assert.deepEqual([shown.redirectedFrom, shown.decisions[0]?.act, shown.decisions[0]?.by], [`G${vague.golden.padStart(6, "0")}`, "merged", "engine"]);
  assert.ok((await listQueue(ctx, book, { domain: "customer" })).every(({ one, other }) => ![one.code, other.code].includes("C-3002")), "its old questions are settled");
  // What a person decided of it is theirs: it is asked, not moved.
  await decide(ctx, book, { act: "alias", golden: `G${alone.golden}`, kind: "short", text: "海天" }, "简称");
  const asked = await change("crm", "C-3001", { name: "宁波海天精工股份有限公司", uscc: "91330200148300000K" });
  assert.deepEqual([asked.what, asked.golden, known.golden === alone.golden], ["changed", alone.golden, false]);
  assert.ok(asked.candidates > 0);
});

test("a record that the engine joined and that contradicts it now stands alone again; one that a person joined is doubted, and the person answers", async () => {
  const base = await customer("erp", "4100", { name: "嘉兴麒盛科技有限公司", phone: "0573-82110002", bankAccount: "1204068009200098765", uscc: usccOf("91330411MA2B00001") });
  const linked = await customer("wms", "W-4100", { name: "嘉兴麒盛科技有限公司", phone: "0573-82110002", bankAccount: "1204068009200098765" });
  assert.deepEqual([linked.what, linked.golden], ["linked", base.golden]);
  const parted = await change("wms", "W-4100", { name: "嘉兴麒盛科技有限公司", phone: "0573-82110002", bankAccount: "1204068009200098765", uscc: usccOf("91330411MA2B00002") });
  assert.equal(parted.what, "parted");
  assert.notEqual(parted.golden, base.golden);
  assert.deepEqual((await showGolden(ctx, book, `G${base.golden}`)).decisions.slice(0, 1).map(({ act, by, waterfall }) => [act, by, waterfall?.hard]), [["split", "engine", "cannotLink"]]);
  // The same where a person had joined the two.
  const third = await customer("oa", "O-4100", { name: "麒盛" });
  await decide(ctx, book, { act: "merge", into: `G${base.golden}`, from: `G${third.golden}` }, "电话核实");
  const doubted = await change("oa", "O-4100", { name: "嘉兴麒盛科技有限公司", uscc: usccOf("91330411MA2B00003") });
  assert.deepEqual([doubted.what, doubted.golden], ["changed", base.golden]);
  const doubt = (await listQueue(ctx, book, { domain: "customer" })).find(({ isDoubt }) => isDoubt);
  assert.deepEqual([doubt?.one.code, doubt?.one.golden, doubt?.hard], ["O-4100", doubt?.other.golden, "cannotLink"]);
  await decide(ctx, book, { act: "different", candidate: doubt?.no ?? "" }, "是另一家");
  assert.deepEqual((await showGolden(ctx, book, `G${base.golden}`)).members.map(({ code }) => code), ["4100"]);
  assert.ok((await listQueue(ctx, book, { domain: "customer" })).every(({ isDoubt }) => !isDoubt));
  // What a person holds together is not doubted again.
  const kept = await customer("oa", "O-4200", { name: "麒盛乙" });
  await decide(ctx, book, { act: "keepTogether", record: base.record, other: kept.record }, "同一集团，财务要求");
  const still = await change("oa", "O-4200", { name: "麒盛乙公司", uscc: usccOf("91330411MA2B00004") });
  assert.deepEqual([still.what, still.golden, still.candidates], ["changed", base.golden, 0]);
});

test("a rule sees every member of a golden record, also those that share no key with what arrives", async () => {
  const base = await customer("erp", "5001", { name: "台州银座饰品有限公司", uscc: usccOf("91331000MA2D00001") });
  const bare = await customer("crm", "C-5001", { name: "银座饰品台州", phone: "0576-88880001", bankAccount: "1207011009200011111" });
  if (bare.golden !== base.golden) await decide(ctx, book, { act: "merge", into: `G${base.golden}`, from: `G${bare.golden}` }, "同一家");
  await change("erp", "5001", { name: "Zhejiang Sunrise Jewelry Holding", uscc: usccOf("91331000MA2D00001") });
  const other = await customer("wms", "W-5001", { name: "台州银座饰品有限公司", phone: "0576-88880001", bankAccount: "1207011009200011111", uscc: usccOf("91331000MA2D00002") });
  assert.notEqual(other.golden, base.golden);
});
/** 16 characters and the two check characters: the last of those given counts the firms. */
const usccOf = (first: string): string => completeUscc(first.slice(0, 10) + first.slice(-6));
