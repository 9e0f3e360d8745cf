import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { registerAll } from "../../app/registry.ts";
import { createBook, loadBook } from "../../books/index.ts";
import { type Ctx, fixedClock, silentLog } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { postDocuments } from "../../vouchers/index.ts";
import { answerLetter, listLetters, makeLetter, openLetter, showLink, withdrawLetter } from "../index.ts";

registerAll();
const store = await testStore();
after(() => store.close());
const dataDir = await mkdtemp(join(tmpdir(), "tieout-letter-"));
after(() => rm(dataDir, { recursive: true, force: true }));
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: fixedClock("2026-04-01T02:00:00Z"), log: silentLog, dataDir };
await createBook(ctx, { code: "B1", name: "澄江泵业", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(store, "B1");
const invoice = (id: string, net: string) => ({ schema: "tieout/salesInvoice@1", source: "erp", sourceId: id, date: "2026-03-05", customer: "C1", invoiceNumber: id, lines: [{ lineId: "1", description: "服务", category: "service", quantity: "1", amountNet: net, taxRate: "0.06" }] });
await postDocuments(ctx, "B1", [
  { schema: "tieout/customer@1", source: "erp", sourceId: "C1", name: { zh: "白榆商贸" } }, { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", name: { zh: "户" }, currency: "CNY", account: "1002" }, invoice("SI-1", "1000.00"), invoice("SI-2", "2000.00"),
  { schema: "tieout/cashReceipt@1", source: "fin", sourceId: "CR-1", date: "2026-03-20", customer: "C1", bankAccount: "BA1", amount: "60.00", links: [{ to: "erp:salesInvoice/SI-1", amount: "60.00" }] },
]);

test("a statement lists what is open and is shown to whoever holds its link, which can be had again", async () => {
  const letter = await makeLetter(ctx, book, { party: "C1", kind: "customer" });
  assert.deepEqual([letter.balance, letter.state, letter.at], ["3120.00", "sent", "2026-04-01"]);
  const shown = await openLetter(ctx, letter.token);
  assert.deepEqual([shown.company, shown.partyName, shown.lines.map(({ document, open }) => [document, open])], ["澄江泵业", "白榆商贸", [["erp:salesInvoice/SI-1", "1000.00"], ["erp:salesInvoice/SI-2", "2120.00"]]]);
  assert.equal(shown.hash, letter.hash);
  assert.equal(await showLink(ctx, book, letter.letter), letter.token);
});

test("it is answered once, about exactly what was sent; then its link is worth nothing", async () => {
  const { token, letter, hash } = await makeLetter(ctx, book, { party: "C1", kind: "customer" });
  await assert.rejects(answerLetter(ctx, token, { agrees: false, by: "李会计", theirBalance: "three", hash }), { code: "letter.amount" });
  await assert.rejects(answerLetter(ctx, token, { agrees: true, by: "李会计", hash: "0".repeat(64) }), { code: "letter.other_statement" });
  const outcomes = await Promise.allSettled([answerLetter(ctx, token, { agrees: false, by: "李会计", theirBalance: "3000.00", remark: "少一笔", hash }), answerLetter(ctx, token, { agrees: true, by: "another", hash })]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  await assert.rejects(openLetter(ctx, token), { code: "letter.link" });
  await assert.rejects(showLink(ctx, book, letter), { code: "letter.closed" });
  const [row] = (await listLetters(ctx, book)).filter((one) => one.letter === letter);
  assert.equal(row?.answeredHash, hash);
  assert.ok(row?.state === "differs" ? row.theirBalance === "3000.00" && row.remark === "少一笔" : row?.theirBalance === "3120.00");
});

test("a link that was withdrawn, is past its time, is another's or was made up opens nothing; a party without open items gets no statement", async () => {
  const { token, letter } = await makeLetter(ctx, book, { party: "C1", kind: "customer" });
  assert.equal((await withdrawLetter(ctx, book, letter)).state, "withdrawn");
  await assert.rejects(openLetter(ctx, token), { code: "letter.link" });
  const old = await makeLetter(ctx, book, { party: "C1", kind: "customer" });
  await assert.rejects(openLetter({ ...ctx, now: fixedClock("2026-05-02T02:00:00Z") }, old.token), { code: "letter.link" });
  // The number of one with the signature of another, and forms that are none.
  const other = await makeLetter(ctx, book, { party: "C1", kind: "customer" });
  const signature = (link: string): string => link.split(".")[2] as string;
  for (const forged of [old.token.replace(signature(old.token), signature(other.token)), "x".repeat(43), `1.1.${"A".repeat(43)}`, `zzzzzz.1.${"A".repeat(43)}`]) await assert.rejects(openLetter(ctx, forged), { code: "letter.link" });
  await assert.rejects(makeLetter(ctx, book, { party: "C9", kind: "customer" }), { code: "letter.party" });
});

test("a statement or an end that somebody changes in the database does not open any more, nor under another key", async () => {
  const { token, letter } = await makeLetter(ctx, book, { party: "C1", kind: "customer" });
  await assert.rejects(openLetter({ ...ctx, dataDir: join(dataDir, "elsewhere") }, token), { code: "letter.link" });
  await store.owner.query("update reconciliation.letter set expires_at = expires_at + interval '1 year' where letter_no = $1", [letter]);
  await assert.rejects(openLetter(ctx, token), { code: "letter.link" });
  await store.owner.query("update reconciliation.letter set expires_at = expires_at - interval '1 year' where letter_no = $1", [letter]);
  assert.equal((await openLetter(ctx, token)).balance, "3120.00");
  await store.owner.query("update reconciliation.letter set body = jsonb_set(body, '{balance}', '\"9999.00\"') where letter_no = $1", [letter]);
  await assert.rejects(openLetter(ctx, token), { code: "letter.link" });
});
