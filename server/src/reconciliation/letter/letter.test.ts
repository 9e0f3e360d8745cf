import assert from "node:assert/strict";
import { after, test } from "node:test";
import { registerAll } from "../../app/registry.ts";
import { createBook, loadBook } from "../../books/index.ts";
import { type Ctx, fixedClock, silentLog } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { postDocuments } from "../../vouchers/index.ts";
import { answerLetter, listLetters, makeLetter, openLetter, withdrawLetter } from "../index.ts";

registerAll();
const store = await testStore();
after(() => store.close());
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: fixedClock("2026-04-01T02:00:00Z"), log: silentLog };
await createBook(ctx, { code: "B1", name: "澄江泵业", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(store, "B1");
const invoice = (id: string, net: string) => ({ schema: "tieout/salesInvoice@1", source: "erp", sourceId: id, date: "2026-03-05", customer: "C1", invoiceNumber: id, lines: [{ lineId: "1", description: "服务", category: "service", quantity: "1", amountNet: net, taxRate: "0.06" }] });
await postDocuments(ctx, "B1", [
  { schema: "tieout/customer@1", source: "erp", sourceId: "C1", name: { zh: "白榆商贸" } }, { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", name: { zh: "户" }, currency: "CNY", account: "1002" }, invoice("SI-1", "1000.00"), invoice("SI-2", "2000.00"),
  { schema: "tieout/cashReceipt@1", source: "fin", sourceId: "CR-1", date: "2026-03-20", customer: "C1", bankAccount: "BA1", amount: "60.00", links: [{ to: "erp:salesInvoice/SI-1", amount: "60.00" }] },
]);

test("a statement lists what is open and is shown to whoever holds its link", async () => {
  const letter = await makeLetter(ctx, book, { party: "C1", kind: "customer" });
  assert.deepEqual([letter.balance, letter.state, letter.at], ["3120.00", "sent", "2026-04-01"]);
  const shown = await openLetter(ctx, letter.secret);
  assert.deepEqual([shown.company, shown.partyName, shown.lines.map(({ document, open }) => [document, open])], ["澄江泵业", "白榆商贸", [["erp:salesInvoice/SI-1", "1000.00"], ["erp:salesInvoice/SI-2", "2120.00"]]]);
});

test("it is answered once; then its link is worth nothing", async () => {
  const { secret, letter } = await makeLetter(ctx, book, { party: "C1", kind: "customer" });
  await assert.rejects(answerLetter(ctx, secret, { agrees: false, by: "李会计", theirBalance: "three" }), { code: "letter.amount" });
  const outcomes = await Promise.allSettled([answerLetter(ctx, secret, { agrees: false, by: "李会计", theirBalance: "3000.00", remark: "少一笔" }), answerLetter(ctx, secret, { agrees: true, by: "another" })]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  await assert.rejects(openLetter(ctx, secret), { code: "letter.link" });
  const [row] = (await listLetters(ctx, book)).filter((one) => one.letter === letter);
  assert.ok(row?.state === "differs" ? row.theirBalance === "3000.00" && row.remark === "少一笔" : row?.theirBalance === "3120.00");
});

test("a link that was withdrawn, is past its time or was made up opens nothing; a party without open items gets no statement", async () => {
  const { secret, letter } = await makeLetter(ctx, book, { party: "C1", kind: "customer" });
  assert.equal((await withdrawLetter(ctx, book, letter)).state, "withdrawn");
  await assert.rejects(openLetter(ctx, secret), { code: "letter.link" });
  const old = await makeLetter(ctx, book, { party: "C1", kind: "customer" });
  await assert.rejects(openLetter({ ...ctx, now: fixedClock("2026-05-02T02:00:00Z") }, old.secret), { code: "letter.link" });
  await assert.rejects(openLetter(ctx, "x".repeat(43)), { code: "letter.link" });
  await assert.rejects(makeLetter(ctx, book, { party: "C9", kind: "customer" }), { code: "letter.party" });
});
