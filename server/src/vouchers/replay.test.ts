import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createBook, loadAccounts, loadBook } from "../books/index.ts";
import { type Ctx, fixedClock, Refusal, silentLog } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { lintRules, listRuleVersions, loadRuleVersion, proposeRules } from "../rules/index.ts";
import { closePeriod } from "./close.ts";
import { postDocuments } from "./post.ts";
import { approveRules, replayRules } from "./replay.ts";
import { readVouchers } from "./voucher-list.ts";

const store = await testStore();
after(() => store.close());
const ctxAs = (id: string): Ctx => ({ db: store, actor: { id }, now: fixedClock("2026-04-05T08:00:00Z"), log: silentLog });
const chen = ctxAs("chen");
const li = ctxAs("li");
const book = await createBook(chen, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const accounts = await loadAccounts(store, book);
const refused = (code: string) => (error: unknown): boolean => error instanceof Refusal && error.code === code;

const receipt = (id: string, date: string) => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date, supplier: "S01", lines: [{ lineId: "1", item: "STEEL", quantity: "10", price: "20.00" }] });
await postDocuments(chen, "B1", [
  { schema: "tieout/item@1", source: "wms", sourceId: "STEEL", category: "rawMaterial" }, { schema: "tieout/supplier@1", source: "wms", sourceId: "S01" },
  receipt("GR-1", "2026-03-05"), receipt("GR-2", "2026-04-02"),
]);
const first = (await loadRuleVersion(store, book, 1)).body;
/** Receipts go to goods in transit: wrong, and easy to see. */
const second = first.replace(/(- id: P3\n[\s\S]*?\{ debit: )stock(, for: goods \})/, '$1"1402"$2');

test("a version that is malformed or names accounts the chart does not have is refused, with every problem listed", async () => {
  assert.deepEqual(lintRules(first, accounts), []);
  const problems = lintRules(first.replace(/(- id: P3\n[\s\S]*?\{ debit: )stock(, for: goods \})/, '$1"1499"$2').replace("event: goodsReceipt", "eventt: goodsReceipt"), accounts);
  assert.deepEqual([...new Set(problems.map(({ code }) => code))].sort(), ["rule.account_unknown", "rule.malformed"]);
  await assert.rejects(proposeRules(chen, book, accounts, { text: "rules: [", effectiveOn: "2026-04-01" }), refused("rule.malformed"));
  await assert.rejects(proposeRules(chen, book, accounts, { text: first, effectiveOn: "2026-02-30" }), refused("date.invalid"));
});

test("a proposed version changes nothing; its replay shows the difference by account and period", async () => {
  assert.notEqual(second, first);
  assert.equal(await proposeRules(chen, book, accounts, { text: second, effectiveOn: "2026-04-01", note: "in transit" }), 2);
  const replay = await replayRules(li, book, { version: 2 });
  assert.deepEqual(replay.differences, [
    { period: "2026-03", account: "1402", before: "0.00", after: "200.00", difference: "200.00" }, { period: "2026-03", account: "1403", before: "200.00", after: "0.00", difference: "-200.00" },
    { period: "2026-04", account: "1402", before: "0.00", after: "200.00", difference: "200.00" }, { period: "2026-04", account: "1403", before: "200.00", after: "0.00", difference: "-200.00" },
  ]);
  assert.deepEqual([replay.documents, replay.changed, replay.examples[0]?.ruleBefore, replay.examples[0]?.ruleAfter], [2, 2, "P3@1", "P3@2"]);
  assert.deepEqual((await replayRules(li, book, { version: 2, from: "2026-04", to: "2026-04" })).differences.map(({ period }) => period), ["2026-04", "2026-04"]);
  assert.equal((await listRuleVersions(store, book)).at(-1)?.approvedBy, null);
});

test("a version replayed over what it made itself changes nothing, word for word or worked out again", async () => {
  const same = await replayRules(li, book, { version: 1 });
  assert.deepEqual([same.changed, same.evaluated, same.documents], [0, 0, 2]);
  const all = await replayRules(li, book, { version: 1, all: true });
  assert.deepEqual([all.changed, all.evaluated, all.differences], [0, 2, []]);
});

test("an event without a rule, or without an account, is named before anyone approves it", async () => {
  const version = await proposeRules(chen, book, accounts, { text: first.replaceAll(/event: goodsReceipt$/gm, "event: somethingElse"), effectiveOn: "2026-05-01" });
  assert.deepEqual((await replayRules(li, book, { version })).examples.map(({ document, problem }) => [document, problem]), [["wms:goodsReceipt/GR-1", "rule.none"], ["wms:goodsReceipt/GR-2", "rule.none"]]);
});

test("nobody approves what they proposed, and nothing is approved twice or without being there", async () => {
  await assert.rejects(approveRules(chen, book, 2), refused("rule.author_approves"));
  await assert.rejects(approveRules(li, book, 99), refused("rule.version_unknown"));
  assert.deepEqual(await approveRules(li, book, 2), { version: 2, effectiveOn: "2026-04-01", approvedBy: "li" });
  await assert.rejects(approveRules(li, book, 2), refused("rule.approved_before"));
});

test("an approved version makes the vouchers of documents from its day on, and those before keep theirs", async () => {
  await postDocuments(chen, "B1", [receipt("GR-3", "2026-03-20"), receipt("GR-4", "2026-04-20")]);
  const accountsOf = async (id: string): Promise<string[]> => (await readVouchers(chen, book, { document: `wms:goodsReceipt/${id}` })).flatMap(({ rule, lines }) => [rule, lines[0]?.account ?? ""]);
  assert.deepEqual([await accountsOf("GR-3"), await accountsOf("GR-4")], [["P3@1", "1403"], ["P3@2", "1402"]]);
});

test("a version that would change a closed period cannot be approved", async () => {
  const version = await proposeRules(chen, book, accounts, { text: second.replace('"1402"', '"1405"'), effectiveOn: "2026-03-01" });
  await closePeriod(chen, "B1", "2026-03");
  await assert.rejects(approveRules(li, await loadBook(store, "B1"), version), refused("rule.closed_difference"));
  const later = await proposeRules(chen, book, accounts, { text: second.replace('"1402"', '"1405"'), effectiveOn: "2026-05-01" });
  assert.equal((await approveRules(li, book, later)).version, later);
});

test("the database keeps a version as it was proposed", async () => {
  await assert.rejects(store.exec("update rules.version set body = '' where version = 3"), /permission denied/);
  await assert.rejects(store.exec("delete from rules.version"), /permission denied/);
  await assert.rejects(store.owner.exec("update rules.version set body = '' where version = 3"), /never changes/);
  await assert.rejects(store.owner.exec("update rules.version set approved_by = 'wang' where version = 2"), /never changes/);
});
