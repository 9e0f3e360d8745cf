import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demoBook, generateMix } from "../../app/demo/index.ts";
import { registerAll } from "../../app/registry.ts";
import { type Book, createBook, loadBook } from "../../books/index.ts";
import { type Ctx, fixedClock, silentLog } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { listDrafts, postDocuments, reverseVoucher, reviewDraft, withdrawDraft } from "../../vouchers/index.ts";
import { acceptDifference, assignDifference, type CauseId, correctDifference, listDifferences, readBoard, readSides, reconcileBook, reopenDifference, showDifference } from "../index.ts";
import { openingLines, type Planted, plantDefects } from "./defect-set.ts";

registerAll();
const store = await testStore();
after(() => store.close());
const now = fixedClock("2026-07-01T02:00:00Z");
const ctx: Ctx = { db: store, actor: { id: "chen" }, now, log: silentLog };
const other: Ctx = { ...ctx, actor: { id: "li" } };
const each = 3;
const sees = { cost: true };
let book: Book;
let clean: ReadonlyMap<string, string>;
let planted: readonly Planted[];
const all = async (): Promise<Awaited<ReturnType<typeof listDifferences>>> => listDifferences(ctx, book, { limit: 1_000 }, sees);

before(async () => {
  await createBook(ctx, { code: "B1", pack: demoBook.pack, currency: "CNY", from: "2025-12", settings: { ...demoBook.settings, lateDocuments: "nextOpenPeriod" } });
  book = await loadBook(store, "B1");
  await postDocuments(ctx, "B1", [...generateMix({ seed: 3, documents: 2_000, book: "B1", monthEnd: false })].map((record) => (record.schema === "tieout/openingBalance@1" ? withOpenings(record) : record)));
});

/** The set's own customers owe something from before; capital stands against it. */
function withOpenings(record: Readonly<Record<string, unknown>>): object {
  const lines = record.lines as readonly Readonly<Record<string, string>>[];
  const extra = openingLines(each, lines.length + 1);
  return { ...record, date: "2025-11-30", lines: [...lines, ...extra, { lineId: String(lines.length + extra.length + 1), account: "4001", credit: `${each * 1000}.00` }] };
}

test("in a whole book both sides of every account agree, and only drafts that wait for review are differences", async () => {
  const done = await reconcileBook(ctx, book);
  clean = new Map((await all()).map(({ cause, subject }) => [`${cause} ${subject}`, cause]));
  const causes = new Set(clean.values());
  for (const chain of ["notInvoiced", "quantityDiffers", "paidShort"]) causes.delete(chain as CauseId); // of a business that goes on
  assert.deepEqual([...causes], done.found === 0 ? [] : ["notPosted"]);
  assert.deepEqual((await readSides(ctx, book, { from: "2025-12", to: "2026-12" }, sees)).filter(({ difference }) => difference !== "0.00"), []);
});

test("every defect of each of the eighteen causes is found, with its cause, and nothing else is reported", async () => {
  planted = await plantDefects({ ctx, other, owner: store.owner, book: "B1", early: "2025-12", date: "2026-06-28", each });
  await reconcileBook(ctx, book);
  const found = (await all()).map(({ cause, subject }) => `${cause} ${subject}`).filter((one) => !clean.has(one)).sort();
  assert.deepEqual(found, planted.map(({ cause, subject }) => `${cause} ${subject}`).sort());
  assert.equal(new Set(planted.map(({ cause }) => cause)).size, 18);
});

test("comparing again without a change opens and closes nothing", async () => {
  const again = await reconcileBook(ctx, book);
  assert.deepEqual([again.opened, again.closed], [0, 0]);
});

test("what is proposed ends in a draft that another person reviews; then the difference is gone, and its history says how", async () => {
  const [manual] = (await all()).filter(({ cause, vouchers }) => cause === "manualOnControlled" && vouchers.length > 0);
  assert.ok(manual);
  await assert.rejects(correctDifference(ctx, book, manual.difference, { reason: " " }), { code: "difference.reason" });
  const done = await correctDifference(ctx, book, manual.difference, { reason: "重复入账", date: "2026-06-30" });
  assert.equal(done.did, "reverse");
  const draft = (await listDrafts(ctx, "B1")).find(({ summary }) => summary.includes("注销"));
  await reviewDraft(other, "B1", draft?.draft ?? "");
  await reconcileBook(ctx, book);
  const shown = await showDifference(ctx, book, manual.difference, sees);
  assert.deepEqual([shown.state, shown.history.map(({ what }) => what)], ["closed", ["found", "corrected", "closed"]]);
  await assert.rejects(correctDifference(ctx, book, manual.difference, { reason: "again" }), { code: "difference.closed" });
});

test("an estimate that was taken back is made good by taking that back", async () => {
  const [estimate] = (await all()).filter(({ cause }) => cause === "estimateOpen");
  const voucher = estimate?.vouchers[0] ?? "";
  await reverseVoucher(ctx, "B1", voucher, "2026-06-30", "恢复暂估");
  for (const { draft } of (await listDrafts(ctx, "B1")).filter(({ summary }) => summary.includes("注销"))) await reviewDraft(other, "B1", draft);
  await reconcileBook(ctx, book);
  assert.equal((await showDifference(ctx, book, estimate?.difference ?? "", sees)).state, "closed");
});

test("each thing that is proposed is carried out: a delivery anew, what stands there accepted, and what takes judgement is a task with a day", async () => {
  const open = (await all()).filter(({ state }) => state === "open");
  const gone = open.find(({ cause, proposed }) => cause === "changedThere" && proposed === "redeliver");
  const twice = open.find(({ proposed }) => proposed === "acceptThere");
  assert.ok(gone && twice);
  const again = await correctDifference(ctx, book, gone.difference, { reason: "对方误删" });
  assert.deepEqual([again.did, (await correctDifference(ctx, book, twice.difference, { reason: "对方已删除多出的一张" })).did], ["redeliver", "acceptThere"]);
  const [old] = await store.query<{ state: string }>("select state from delivery.delivery where book_id = $1 and delivery_no = $2", [book.bookId, again.delivery]);
  assert.equal(old?.state, "replaced");
  await reconcileBook(ctx, book);
  for (const { difference } of [gone, twice]) assert.equal((await showDifference(ctx, book, difference, sees)).state, "closed");
  const kinds = new Set(open.map(({ proposed }) => proposed));
  for (const kind of [...kinds].filter((one) => !["reverse", "redeliver", "acceptThere", "adjust", "none"].includes(one))) {
    const one = open.find(({ proposed }) => proposed === kind);
    const done = await correctDifference(ctx, book, one?.difference ?? "", { reason: "请处理" });
    const shown = await showDifference(ctx, book, one?.difference ?? "", sees);
    assert.deepEqual([done.did, shown.dueOn, shown.history.slice(-2).map(({ what }) => what), shown.owner.id === ""], [kind, "2026-07-04", ["assigned", "corrected"], false], kind);
  }
  assert.ok(kinds.size >= 6, [...kinds].join());
  const none = open.find(({ proposed }) => proposed === "none");
  await assert.rejects(correctDifference(ctx, book, none?.difference ?? "", { reason: "x" }), { code: "difference.no_correction" });
});

test("the books are brought to what the documents say by a voucher that is worked out from the difference; reviewed, the difference is gone, and taken back it is there again", async () => {
  const of = async (cause: CauseId): Promise<Awaited<ReturnType<typeof listDifferences>>[number]> => (await all()).find((one) => one.cause === cause && one.state === "open") ?? assert.fail(cause);
  const draftOf = async (document: string | null): Promise<string> => {
    const [row] = await store.query<{ draft: bigint }>("select draft_id as draft from vouchers.draft f join documents.document d using (book_id, document_id) where book_id = $1 and d.source || ':' || d.kind || '/' || d.source_id = $2 and f.state = 'draft'", [book.bookId, document]);
    return String(row?.draft);
  };
  const settled: { readonly difference: string; readonly document: string }[] = [];
  for (const [cause, counterAccount] of [["amountDiffers", "6401"], ["freightFirst", "6401"], ["templateAccount", undefined], ["masterChanged", undefined]] as const) {
    const one = await of(cause);
    assert.equal(one.proposed, "adjust", cause);
    const { counter } = await showDifference(ctx, book, one.difference, sees);
    assert.equal(counter !== null, counterAccount !== undefined, `${cause} ${counter}`);
    if (counterAccount !== undefined) {
      await assert.rejects(correctDifference(ctx, book, one.difference, { reason: "调整", date: "2026-06-30" }), { code: "difference.counter_account" });
      await assert.rejects(correctDifference(ctx, book, one.difference, { reason: "调整", date: "2026-06-30", counterAccount: "6602" }), { code: "difference.not_entered" });
    }
    const asked = { reason: "调整", date: "2026-06-30", counterAccount };
    const { did, document } = await correctDifference(ctx, book, one.difference, asked);
    assert.deepEqual([did, (await correctDifference(ctx, book, one.difference, asked)).document], ["adjust", document], "pressed twice it is one draft");
    await assert.rejects(reviewDraft(ctx, "B1", await draftOf(document)), { code: "voucher.same_person" });
    await withdrawDraft(ctx, "B1", await draftOf(document));
    const again = (await correctDifference(ctx, book, one.difference, asked)).document;
    assert.notEqual(again, document, "withdrawn, it is entered anew");
    await reviewDraft(other, "B1", await draftOf(again));
    settled.push({ difference: one.difference, document: again ?? "" });
  }
  const before = new Set((await all()).map(({ difference }) => difference));
  await reconcileBook(ctx, book);
  for (const { difference, document } of settled) assert.equal((await showDifference(ctx, book, difference, sees)).state, "closed", document);
  assert.deepEqual((await all()).filter(({ difference }) => !before.has(difference)).map(({ cause, subject }) => `${cause} ${subject}`), [], "the adjusting vouchers are no difference of their own");
  const [first] = settled;
  const [voucher] = await store.query<{ number: string }>("select v.period || '/' || v.series || '-' || v.number as number from vouchers.voucher v join documents.document d using (book_id, document_id) where v.book_id = $1 and d.source || ':' || d.kind || '/' || d.source_id = $2", [book.bookId, first?.document]);
  const { document } = await reverseVoucher(ctx, "B1", voucher?.number ?? "", "2026-06-30", "调整有误");
  await reviewDraft(other, "B1", await draftOf(document));
  await reconcileBook(ctx, book);
  assert.equal((await all()).filter(({ cause }) => cause === "amountDiffers").length, each);
});

test("a difference is assigned, accepted with a reason, and comes back when somebody takes that back", async () => {
  const [one] = (await all()).filter(({ cause }) => cause === "openingDiffers");
  const { difference } = one ?? { difference: "" };
  await assignDifference(ctx, book, difference, { assignedTo: "E01", dueOn: "2026-07-05", reason: "核对期初" });
  await assert.rejects(acceptDifference(ctx, book, difference, ""), { code: "difference.reason" });
  await acceptDifference(ctx, book, difference, "对方承担");
  assert.deepEqual((await listDifferences(ctx, book, { state: "accepted" }, sees)).map((row) => [row.difference, row.assignedTo, row.dueOn, row.owner.kind]), [[difference, "E01", "2026-07-05", "person"]]);
  await reconcileBook(ctx, book);
  assert.equal((await showDifference(ctx, book, difference, sees)).state, "accepted");
  await reopenDifference(ctx, book, difference, "尚未承担");
  assert.deepEqual((await showDifference(ctx, book, difference, sees)).history.map(({ what, reason }) => [what, reason]), [["found", ""], ["assigned", "核对期初"], ["accepted", "对方承担"], ["reopened", "尚未承担"]]);
  await assert.rejects(showDifference(ctx, book, "999999", sees), { code: "difference.unknown" });
});

test("the board says what ties and what does not; whoever may not see costs sees no figure of stock", async () => {
  const board = await readBoard(ctx, book, { from: "2025-12", to: "2026-06" }, sees);
  assert.deepEqual(board.parts.slice(1).map(({ part, differences }) => [part, differences > 0]), [["books", true], ["finance", true], ["bank", false]]);
  const stock = board.sides.filter(({ ledger, difference }) => ledger === "stock" && difference !== "0.00");
  assert.ok(stock.length > 0 && stock[0]?.causes.length !== 0);
  const hidden = await readBoard(ctx, book, { from: "2025-12", to: "2026-06" }, { cost: false });
  assert.ok(hidden.sides.filter(({ ledger }) => ledger === "stock" || ledger === "cost").every(({ business, books, difference }) => business === null && books === null && difference === null));
  assert.ok((await listDifferences(ctx, book, { cause: "amountWithoutQuantity" }, { cost: false })).every(({ amount }) => amount === null));
});
