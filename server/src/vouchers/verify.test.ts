import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createBook } from "../books/index.ts";
import { type Ctx, type Db, fixedClock, registerRefusals, renderProblem, silentLog } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { anchorPath } from "./anchor.ts";
import { blockHash, merkleRoot } from "./chain.ts";
import { rebuildBalances } from "./rebuild-balances.ts";
import { reportRefusals } from "./report-refusals.ts";
import { leaves, type PlainVoucher, postPlainly } from "./testing.ts";
import { verify, type Verification } from "./verify.ts";
import { findBlocks } from "./verify.store.ts";

const store = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-verify-"));
after(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});
registerRefusals([reportRefusals]);
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: fixedClock("2026-03-31T08:00:00Z"), log: silentLog, dataDir };
const book = await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });

const sale = (n: number, date: string, net: bigint): PlainVoucher => ({
  document: `erp:salesInvoice/SI-${n}`, date, party: "C01", summary: `销售 SI-${n}\t\\ "制表符"`,
  lines: [
    { account: "1122.01", debit: net + net / 10n, dimensions: { counterparty: `C0${n % 3}` }, ...(n % 2 === 0 ? { summary: `应收\n第二行 ${n}` } : {}) },
    { account: "6001", credit: net, dimensions: { item: "PUMP" }, quantity: 1_000_000n },
    { account: "2221.01.02", credit: net / 10n },
  ],
});
for (let batch = 0; batch < 4; batch++) {
  await postPlainly(ctx, book, Array.from({ length: 5 }, (_, index) => sale(batch * 5 + index, index % 2 === 0 ? "2026-03-10" : "2026-04-02", BigInt(1000 + batch * 100 + index) * 10n)));
}

const codes = (verification: Verification): string[] => [...new Set(verification.findings.map(({ code }) => code.replace("verify.", "")))].sort();

/** Changes the database as its owner could, with the triggers off, looks, and puts it back. */
async function tampered(change: (db: Db) => Promise<unknown>): Promise<string[]> {
  const transaction = await store.owner.begin();
  try {
    await transaction.exec("set local session_replication_role = replica");
    await change(transaction);
    await transaction.commit();
    return codes(await verify(ctx, book));
  } finally {
    await restore();
  }
}

const tables = ["vouchers.voucher", "vouchers.line", "vouchers.block", "vouchers.head", "vouchers.event", "vouchers.counter", "vouchers.balance_cache", "documents.document"];
for (const table of tables) await store.owner.exec(`create table public.kept_${table.replace(".", "_")} as select * from ${table}`);
async function restore(): Promise<void> {
  await store.owner.transaction(async (db) => {
    await db.exec("set local session_replication_role = replica");
    for (const table of tables) await db.exec(`delete from ${table}; insert into ${table} select * from public.kept_${table.replace(".", "_")}`);
  });
}

test("books that nobody touched are whole", async () => {
  const verification = await verify(ctx, book);
  assert.deepEqual(verification.findings, []);
  assert.deepEqual([verification.isWhole, verification.vouchers, verification.lines, verification.blocks, verification.anchors, verification.anchoredBlock], [true, 20, 60, 4, 4, 4]);
});

test("the application's own role cannot change, delete or empty what is posted", async () => {
  for (const table of ["voucher", "line", "block", "event"]) {
    await assert.rejects(store.exec(`update vouchers.${table} set book_id = book_id`), /permission denied/, table);
    await assert.rejects(store.exec(`delete from vouchers.${table}`), /permission denied/, table);
    await assert.rejects(store.exec(`truncate vouchers.${table}`), /permission denied|cannot truncate/, table);
  }
});

test("the owner meets the triggers", async () => {
  for (const table of ["voucher", "line", "block", "event"]) {
    await assert.rejects(store.owner.exec(`update vouchers.${table} set book_id = book_id`), /posted rows never change/, table);
    await assert.rejects(store.owner.exec(`delete from vouchers.${table}`), /posted rows never change/, table);
  }
});

const flips: Record<string, string> = {
  "date of a voucher": "update vouchers.voucher set date = date + 1 where voucher_id = 7",
  "summary of a voucher": "update vouchers.voucher set summary = summary || ' ' where voucher_id = 7",
  "attachments of a voucher": "update vouchers.voucher set attachments = 2 where voucher_id = 7",
  "rule of a voucher": "update vouchers.voucher set rule = 'other' where voucher_id = 7",
  "rule version of a voucher": "update vouchers.voucher set rule_version = 2 where voucher_id = 7",
  "document of a voucher": "update vouchers.voucher set document_id = 1 where voucher_id = 7",
  "what a voucher reverses": "update vouchers.voucher set reversal_of = 1 where voucher_id = 7",
  "who prepared a voucher": "update vouchers.voucher set prepared_by = 'li' where voucher_id = 7",
  "who reviewed a voucher": "update vouchers.voucher set reviewed_by = 'li' where voucher_id = 7",
  "who posted a voucher": "update vouchers.voucher set posted_by = 'li' where voucher_id = 7",
  "when a voucher was posted": "update vouchers.voucher set posted_at = '2026-03-31T08:00:01.000Z' where voucher_id = 7",
  "account of a line": "update vouchers.line set account = '6051' where voucher_id = 7 and line_no = 2",
  "dimensions of a line": "update vouchers.line set dimension_set_id = 1 where voucher_id = 7 and line_no = 3",
  "currency of a line": "update vouchers.line set currency = 'USD' where voucher_id = 7 and line_no = 2",
  "original amount of a line": "update vouchers.line set amount_original = amount_original + 1 where voucher_id = 7 and line_no = 2",
  "rate of a line": "update vouchers.line set rate = 71000000000 where voucher_id = 7 and line_no = 2",
  "quantity of a line": "update vouchers.line set quantity = 2000000 where voucher_id = 7 and line_no = 2",
  "summary of a line": "update vouchers.line set summary = 'x' where voucher_id = 7 and line_no = 2",
  "order of lines": "update vouchers.line set line_no = case line_no when 2 then 30 else line_no end where voucher_id = 7",
};
for (const [name, statement] of Object.entries(flips)) {
  test(`a change of the ${name} is found`, async () => {
    assert.ok((await tampered((db) => db.exec(statement))).includes("block_vouchers_changed"));
  });
}

test("a changed amount is found as a voucher off balance, a balance that differs and a broken seal", async () => {
  assert.deepEqual(await tampered((db) => db.exec("update vouchers.line set debit = debit + 1 where voucher_id = 7 and line_no = 1")),
    ["balance_differs", "block_vouchers_changed", "books_unbalanced", "voucher_total", "voucher_unbalanced"]);
});

test("amounts that were changed on both sides, with total and balances made to fit, still break the seal", async () => {
  const found = await tampered(async (db) => {
    await db.exec(`update vouchers.line set debit = debit + 100, amount_original = amount_original + 100 where voucher_id = 7 and line_no = 1;
      update vouchers.line set credit = credit + 100, amount_original = amount_original + 100 where voucher_id = 7 and line_no = 2;
      update vouchers.voucher set debit_total = debit_total + 100 where voucher_id = 7`);
    await db.exec("delete from vouchers.balance_cache");
    await db.exec(`insert into vouchers.balance_cache select 1, period, account, dimension_set_id, currency, sum(debit), sum(credit), sum(amount_original) filter (where credit = 0), sum(amount_original) filter (where credit <> 0)
      from vouchers.line group by 1, 2, 3, 4, 5`.replaceAll("sum(amount_original) filter (where credit", "coalesce(sum(amount_original) filter (where credit").replaceAll("= 0)", "= 0), 0)").replaceAll("<> 0)", "<> 0), 0)"));
  });
  assert.deepEqual(found, ["block_total", "block_vouchers_changed"]);
});

test("a changed number or series is found in the numbers and in the seal", async () => {
  assert.deepEqual(await tampered((db) => db.exec("update vouchers.voucher set number = 99 where voucher_id = 7")), ["block_vouchers_changed", "numbers_gap"]);
  assert.deepEqual(await tampered((db) => db.exec("update vouchers.voucher set series = '转' where voucher_id = 7")), ["block_vouchers_changed", "numbers_gap"]);
});

test("a voucher that was moved to another period, lines and all, is found", async () => {
  assert.deepEqual(await tampered((db) => db.exec("select vouchers.ensure_partition('2026-05'); update vouchers.voucher set period = '2026-05', number = 1 where voucher_id = 7; update vouchers.line set period = '2026-05' where voucher_id = 7")),
    ["balance_differs", "block_vouchers_changed", "numbers_gap"]);
});

test("a voucher that was deleted is found, with or without its lines", async () => {
  assert.deepEqual(await tampered((db) => db.exec("delete from vouchers.voucher where voucher_id = 7")), ["block_count", "block_total", "block_vouchers_changed", "event_without_voucher", "lines_stray", "numbers_gap"]);
  assert.deepEqual(await tampered((db) => db.exec("delete from vouchers.voucher where voucher_id = 7; delete from vouchers.line where voucher_id = 7; delete from vouchers.event where document_id = 7")),
    ["balance_differs", "block_count", "block_total", "block_vouchers_changed", "document_unexplained", "numbers_gap"]);
});

test("a voucher that was slipped in is found", async () => {
  assert.deepEqual(await tampered((db) => db.exec(`
    insert into vouchers.voucher select 1, 21, period, series, 11, date, summary, attachments, rule, rule_version, document_id, reversal_of, debit_total, 4, prepared_by, reviewed_by, posted_by, posted_at from vouchers.voucher where voucher_id = 7;
    insert into vouchers.line select 1, period, 21, line_no, account, dimension_set_id, debit, credit, currency, amount_original, rate, quantity, summary from vouchers.line where voucher_id = 7`)),
    ["balance_differs", "numbers_gap", "voucher_unsealed", "voucher_without_event"]);
});

test("each changed byte of a block is found", async () => {
  for (const change of ["first_voucher = first_voucher + 1", "last_voucher = last_voucher - 1", "count = count + 1", "debit_total = debit_total + 1", "root = set_byte(root, 0, get_byte(root, 0) # 1)",
    "previous = set_byte(previous, 31, get_byte(previous, 31) # 1)", "hash = set_byte(hash, 5, get_byte(hash, 5) # 1)", "sealed_at = '2026-03-31T08:00:00.001Z'"]) {
    const found = await tampered((db) => db.exec(`update vouchers.block set ${change} where block_no = 2`));
    assert.ok(found.includes("block_changed"), `${change}: ${found.join(", ")}`);
  }
});

test("the last block cannot vanish: the head and the anchor still know it", async () => {
  assert.deepEqual(await tampered((db) => db.exec("delete from vouchers.block where block_no = 4")), ["chain_cut", "head_apart", "voucher_unsealed"]);
});

test("the last block cannot vanish with everything in it: the anchor outside still knows it", async () => {
  const found = await tampered((db) => db.exec(`
    delete from vouchers.block where block_no = 4; delete from vouchers.line where voucher_id > 15; delete from vouchers.voucher where voucher_id > 15;
    delete from vouchers.event where document_id > 15; delete from documents.document where document_id > 15;
    update vouchers.counter c set last = (select max(number) from vouchers.voucher v where v.period = c.period);
    update vouchers.head set block_no = 3, hash = (select hash from vouchers.block where block_no = 3);
    delete from vouchers.balance_cache;
    insert into vouchers.balance_cache select 1, period, account, dimension_set_id, currency, sum(debit), sum(credit), coalesce(sum(amount_original) filter (where credit = 0), 0), coalesce(sum(amount_original) filter (where credit <> 0), 0) from vouchers.line group by 1, 2, 3, 4, 5`));
  assert.deepEqual(found, ["chain_cut"]);
});

test("swapped blocks are found", async () => {
  const found = await tampered((db) => db.exec(`
    update vouchers.block set block_no = 20 where block_no = 2; update vouchers.block set block_no = 2 where block_no = 3; update vouchers.block set block_no = 3 where block_no = 20`));
  assert.ok(found.includes("block_changed") && found.includes("block_unlinked"), found.join(", "));
});

test("whoever rewrites a voucher and hashes the whole chain anew is found by the anchors alone", async () => {
  const found = await tampered(async (db) => {
    await db.exec("update vouchers.voucher set summary = 'nothing to see here' where voucher_id = 2");
    let previous: Buffer = Buffer.alloc(32);
    for (const block of await findBlocks(db, book.bookId, 0n, 100)) {
      const root = merkleRoot(await leaves(db, book.bookId, block.first, block.last));
      const hash = blockHash({ bookId: book.bookId, ...block, root, previous });
      await db.query("update vouchers.block set root = $2, previous = $3, hash = $4 where block_no = $1", [block.blockNo, root, previous, hash]);
      previous = hash;
    }
    await db.query("update vouchers.head set hash = $1", [previous]);
  });
  assert.deepEqual(found, ["chain_rewritten"]);
});

test("a balance that differs from its lines is found, and rebuilding puts it right", async () => {
  assert.deepEqual(await tampered((db) => db.exec("update vouchers.balance_cache set credit = credit + 1 where account = '6001' and period = '2026-03'")), ["balance_differs"]);
  await store.owner.exec("update vouchers.balance_cache set debit_original = 1 where account = '6001'; delete from vouchers.balance_cache where account = '1122.01'");
  assert.deepEqual(codes(await verify(ctx, book)), ["balance_differs"]);
  const kept = await store.query("select * from public.kept_vouchers_balance_cache order by period, account, dimension_set_id").catch(() => store.owner.query("select * from public.kept_vouchers_balance_cache order by period, account, dimension_set_id"));
  assert.equal(await rebuildBalances(ctx, book), kept.length);
  assert.deepEqual(await store.query("select * from vouchers.balance_cache order by period, account, dimension_set_id"), kept);
  assert.deepEqual(codes(await verify(ctx, book)), []);
});

test("a document that is called posted and caused nothing is found", async () => {
  assert.deepEqual(await tampered((db) => db.exec("delete from vouchers.event where document_id = 3")), ["document_unexplained", "voucher_without_event"]);
  assert.deepEqual(await tampered((db) => db.exec("update documents.document set state = 'lost' where document_id = 3")), ["document_unexplained"]);
});

test("an anchor file that was forged or taken away is found", async () => {
  const path = anchorPath(dataDir, "B1");
  const whole = await readFile(path, "utf8");
  await appendFile(path, `${whole.split("\n")[1]?.replace('"block":1', '"block":2')}\n`);
  assert.deepEqual(codes(await verify(ctx, book)), ["anchor_forged"]);
  await unlink(path);
  assert.deepEqual(codes(await verify(ctx, book)), ["anchors_absent"]);
  await writeFile(path, whole);
  assert.deepEqual(codes(await verify(ctx, book)), []);
});

test("all that is wrong is reported at once, and each finding says what to do", async () => {
  const transaction = await store.owner.begin();
  await transaction.exec("set local session_replication_role = replica");
  await transaction.exec("update vouchers.line set debit = debit + 1 where voucher_id in (3, 8, 12) and line_no = 1; delete from vouchers.event where document_id = 5; update vouchers.balance_cache set credit = credit + 1 where account = '6001'");
  await transaction.commit();
  const { findings, checks, isWhole } = await verify(ctx, book);
  await restore();
  assert.equal(isWhole, false);
  assert.equal(findings.filter(({ code }) => code === "verify.voucher_unbalanced").length, 3);
  assert.deepEqual(checks.filter((check) => check.findings > 0).map(({ check }) => check), ["balance", "balances", "chain", "events", "completeness"]);
  for (const finding of findings) {
    const { zh, en, todo } = renderProblem(finding);
    assert.doesNotMatch(`${zh} ${en} ${todo.zh} ${todo.en}`, /[{}]/);
  }
});
