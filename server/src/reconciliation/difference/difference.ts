/** 差异 as people see them: with names, a sentence, whose turn it is, what is proposed, and both sides beside each other. */
import { type Book, loadAccounts } from "../../books/index.ts";
import { acceptDrift, resolveDelivery } from "../../delivery/index.ts";
import { kindOf } from "../../documents/index.ts";
import { type Ctx, refuse, type RenderedProblem } from "../../platform/index.ts";
import { addDays, dayNumber, formatMoney, isDate, periodOf } from "../../values/index.ts";
import { reverseVoucher } from "../../vouchers/index.ts";
import { type CauseId, causeIds, causeOf, type Correction, type Part } from "../causes.ts";
import { enterAdjustment, movesOf, restOf } from "./adjust.ts";
import * as store from "./difference.store.ts";
import { linesApart, type Shown } from "./finance.ts";
import { headOf } from "./reconcile.ts";
import * as sides from "./sides.store.ts";

type Words = { readonly zh: string; readonly en: string };
export type Owner = { readonly kind: "person" | "duty"; readonly id: string; readonly name: string };

export type DifferenceListed = {
  readonly difference: string; readonly no: number | null; readonly part: Part; readonly cause: string; readonly causeZh: string; readonly causeEn: string; readonly subject: string; readonly why: Words; readonly account: string; readonly accountName: Words; readonly party: string; readonly partyName: string; readonly item: string; readonly itemName: string; readonly period: string;
  readonly documents: readonly string[]; readonly vouchers: readonly string[];
  /** Decimal strings in the book's currency; null where that side has nothing, or the asker may not see what goods cost. */
  readonly business: string | null; readonly books: string | null; readonly amount: string | null; readonly since: string; readonly days: number; readonly owner: Owner; readonly assignedTo: string; readonly dueOn: string | null; readonly state: store.State;
  readonly foundAt: string; readonly changedAt: string; readonly closedAt: string | null; readonly proposed: Correction; readonly cursor: string;
};

/** Who asks sees costs or not; what goods cost can be worked out from differences in stock. */
export type Sees = { readonly cost: boolean };

const kindName = (kind: unknown): Words => { const known = kindOf(String(kind ?? "")); return known === undefined ? { zh: "单据", en: "Document" } : { zh: known.zh, en: known.en }; };

function tell(row: store.DifferenceRow, name: (code: string) => string): Words {
  const { facts } = row;
  const f = (fact: string): string => String(facts[fact] ?? "");
  const kind = kindName(facts.kind);
  const reason = (facts.reasons as readonly RenderedProblem[] | undefined)?.[0];
  const because = reason === undefined ? { zh: "", en: "" } : { zh: `：${reason.zh}`, en: `: ${reason.en}` };
  const texts: Partial<Record<CauseId, Words>> = {
    noVoucher: f("state") === "posted" ? { zh: `${kind.zh}已入账，没有产生凭证`, en: `${kind.en} is called posted and caused no voucher` } : { zh: `${kind.zh}${f("state") === "waiting" ? "在等待" : "被挂起"}${because.zh}`, en: `${kind.en} ${f("state") === "waiting" ? "waits" : "is parked"}${because.en}` },
    notPosted: { zh: `${f("preparedBy")} 制单，等待审核`, en: `Prepared by ${f("preparedBy")}, waits for review` },
    manualOnControlled: { zh: `${f("preparedBy")} 手工记入 ${row.account}，没有业务单据`, en: `${f("preparedBy")} wrote it to ${row.account} by hand; no document is behind it` },
    voucherEdited: { zh: "凭证与封存时不同，与规则重新推导的结果不一致", en: "The voucher is not as it was sealed, nor as its rule makes it" },
    templateAccount: { zh: `主数据为 ${f("expected")}，凭证记入 ${row.account}，${f("lines")} 行`, en: `The master record says ${f("expected")}; ${f("lines")} lines stand on ${row.account}` },
    masterChanged: { zh: `主数据已改为 ${f("expected")}，此前 ${f("lines")} 行在 ${row.account}`, en: `The master record was changed to ${f("expected")}; ${f("lines")} earlier lines stand on ${row.account}` },
    otherPeriod: { zh: `${kind.zh}属于 ${f("period")}，凭证在 ${f("postedIn") || "另一期间"}`, en: `${kind.en} of ${f("period")}, voucher in ${f("postedIn") || "another period"}` },
    datedAhead: { zh: `${kind.zh}在 ${f("cameIn")} 传来，日期却在 ${row.period}`, en: `${kind.en} came in ${f("cameIn")} and is dated in ${row.period}` },
    openingDiffers: { zh: `期初余额与实际不符${because.zh}`, en: `The opening balance is not what is owed${because.en}` },
    freightFirst: { zh: "费用发票已入应付和存货科目，存货账没有对应的分摊", en: "The invoice is in payables and in the stock account; the stock ledger has no share of it" },
    amountWithoutQuantity: { zh: "存货账数量为零，金额不为零", en: "Nothing on hand, and an amount left" },
    estimateOpen: { zh: `暂估${f("corrects") !== "" ? `凭证 ${f("corrects")} 已冲回` : "已冲回"}，没有重新暂估`, en: `The estimate${f("corrects") !== "" ? ` ${f("corrects")}` : ""} was reversed and not made again` },
    changedThere: f("what") === "missing" ? { zh: "财务系统中没有这张凭证", en: "The finance system has no such voucher" } : f("what") === "voided" ? { zh: "财务系统中已作废", en: "It was voided in the finance system" } : editTold(facts),
    twiceThere: { zh: "同一凭证在财务系统中有多张", en: "The same voucher stands there more than once" },
    mappedDifferently: f("what") === "held" ? { zh: `对照表缺少代码${because.zh}`, en: `The code map lacks a code${because.en}` } : { zh: `金额相同，科目不同：两边的对照不一样${movedTold(facts)}`, en: `Equal amounts on other accounts: the two sides map differently${movedTold(facts)}` },
    inTransit: f("what") === "behind" ? { zh: `${f("vouchers")} 张凭证还没有进入送达`, en: `${f("vouchers")} vouchers have not begun their delivery` } : { zh: `送达状态 ${f("what")}${because.zh}`, en: `Delivery is ${f("what")}${because.en}` },
    notInvoiced: { zh: `${f("side") === "sale" ? "发货" : "到货"} ${name(row.party)}，一直没有发票`, en: `${f("side") === "sale" ? "Shipped to" : "Received from"} ${name(row.party)} and never invoiced` },
    returnNotCredited: { zh: `退货 ${name(row.party)}，没有红字发票`, en: `Returned, ${name(row.party)}, and no red invoice` },
    quantityDiffers: { zh: `发票数量与${f("side") === "sale" ? "出库" : "入库"}数量不一致，${name(row.party)}`, en: `Invoiced and ${f("side") === "sale" ? "shipped" : "received"} quantity differ, ${name(row.party)}` },
    priceDiffers: linesTold(facts, "单价", "price", name(row.party)), taxRateDiffers: linesTold(facts, "税率", "tax rate", name(row.party)),
    otherParty: { zh: `记在 ${name(row.party)}，${othersOf(facts, name)} 有同额欠款未清`, en: `Booked to ${name(row.party)}; ${othersOf(facts, name)} owes just as much` },
    paidShort: { zh: `${name(row.party)} 部分付清，余款已过期`, en: `${name(row.party)} paid a part; the rest is overdue` },
    paidTwice: { zh: `与 ${row.documents[1] ?? ""} 同额，付给 ${name(row.party)}`, en: `As much as ${row.documents[1] ?? ""}, to ${name(row.party)}` },
    rateDiffers: { zh: `${f("currency")} 汇率 ${plain(f("rate"))}，当日 ${plain(f("dayRate"))}`, en: `${f("currency")} at ${plain(f("rate"))}; the day's rate is ${plain(f("dayRate"))}` },
    duplicateInvoice: { zh: `号码 ${f("number")} 与 ${row.documents[1] ?? ""} 是同一张发票，${name(row.party)}`, en: `Number ${f("number")} is the invoice ${row.documents[1] ?? ""} again, ${name(row.party)}` },
    taxRounded: { zh: "税额与逐行计算相差分位", en: "Tax is cents off the figure by line" },
    amountDiffers: { zh: `${kind.zh}与凭证金额不一致`, en: `${kind.en} and its voucher differ in amount` },
  };
  return texts[row.cause as CauseId] ?? (row.cause === "returnWithoutVoucher" || row.cause === "adjustmentWithoutVoucher" ? (texts.noVoucher as Words) : { zh: causeOf(row.cause).zh, en: causeOf(row.cause).en });
}
/** What was edited there: the date, or lines, which have gone from here to there. */
function editTold(f: Readonly<Record<string, unknown>>): Words {
  const [ours, theirs] = [f.ours, f.theirs] as [Shown, Shown];
  if (ours?.date !== undefined && theirs?.date !== undefined && ours.date !== theirs.date) return { zh: `财务系统中日期改为 ${theirs.date}，送出时为 ${ours.date}`, en: `Its date there is ${theirs.date}; it was delivered with ${ours.date}` };
  const moved = movedTold(f);
  return { zh: `财务系统中的分录被改动${moved}。请在对方改回，或作废后重新送达`, en: `Lines were edited in the finance system${moved}. Put them right there, or void it there and deliver it anew` };
}
function movedTold(f: Readonly<Record<string, unknown>>): string {
  const { ours, theirs } = linesApart(f.ours as Shown, f.theirs as Shown);
  const shown = (lines: readonly { readonly account: string; readonly amount: string }[]): string => lines.slice(0, 3).map(({ account, amount }) => `${account} ${amount}`).join(", ");
  return ours.length + theirs.length === 0 ? "" : ` (${shown(ours) || "–"} → ${shown(theirs) || "–"})`;
}
const plain = (rate: string): string => rate.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
const othersOf = (f: Readonly<Record<string, unknown>>, name: (code: string) => string): string => ((f.others as readonly { readonly party: string }[] | undefined) ?? []).map(({ party }) => name(party)).slice(0, 2).join("、");
function linesTold(f: Readonly<Record<string, unknown>>, zh: string, en: string, party: string): Words {
  const line = (f.lines as readonly { readonly line: string; readonly invoiced: string; readonly ordered: string }[] | undefined)?.[0];
  return line?.invoiced === undefined ? { zh, en } : { zh: `${party} 第 ${line.line} 行${zh} ${line.invoiced}，订单 ${line.ordered}`, en: `${party}: line ${line.line} has ${en} ${line.invoiced}, the order ${line.ordered}` };
}

const isOfCost = ({ item, facts }: store.DifferenceRow): boolean => item !== "" || ((facts.parts as readonly { readonly ledger: string }[] | undefined) ?? []).some(({ ledger }) => ledger === "stock" || ledger === "cost");

async function listed(ctx: Ctx, book: Book, rows: readonly store.DifferenceRow[], sees: Sees): Promise<DifferenceListed[]> {
  const accounts = await loadAccounts(ctx.db, book);
  const codes = [...new Set(rows.flatMap((row) => [row.party, row.item, row.owner, row.assignedTo, ...((row.facts.others as readonly { readonly party: string }[] | undefined) ?? []).map(({ party }) => party)]))].filter((code) => code !== "");
  const names = new Map((codes.length === 0 ? [] : await store.findNames(ctx.db, book.bookId, codes)).map(({ code, zh, en }) => [code, zh ?? en ?? code]));
  const name = (code: string): string => names.get(code) ?? code;
  const today = dayNumber(ctx.now().toISOString().slice(0, 10));
  return rows.map((row) => {
    const cause = causeOf(row.cause);
    const money = (minor: bigint | null): string | null => (minor === null || (!sees.cost && isOfCost(row)) ? null : formatMoney(minor, book.currency));
    const account = accounts.get(row.account);
    const owner = row.assignedTo || row.owner;
    return {
      difference: String(row.difference), no: cause.no, part: row.part, cause: row.cause, causeZh: cause.zh, causeEn: cause.en, subject: row.subject, why: tell(row, name), account: row.account, accountName: { zh: account?.zh ?? "", en: account?.en ?? "" }, party: row.party, partyName: name(row.party), item: row.item, itemName: name(row.item), period: row.period, documents: row.documents, vouchers: row.vouchers,
      business: money(row.business), books: money(row.books), amount: money(row.amount), since: row.since, days: Math.max(0, today - dayNumber(row.since)), owner: owner === "" ? { kind: "duty", id: cause.duty, name: "" } : { kind: "person", id: owner, name: name(owner) }, assignedTo: row.assignedTo, dueOn: row.dueOn,
      state: row.state, foundAt: row.foundAt, changedAt: row.changedAt, closedAt: row.closedAt, proposed: proposedFor(row), cursor: `${row.amount < 0n ? -row.amount : row.amount}-${row.difference}`,
    };
  });
}

/** What a person is offered: the act of the cause, as far as this difference allows it. */
function proposedFor(row: store.DifferenceRow): Correction {
  const { correction } = causeOf(row.cause);
  if (row.cause === "manualOnControlled" && row.facts.state === "draft") return "review";
  if (row.cause === "estimateOpen" && row.facts.corrects) return "reverse";
  // Worked out from both sides where those are known; else it takes a person.
  if (correction === "adjust" && !isKnown(row)) return "chase";
  if (row.cause === "openingDiffers" && row.facts.state === undefined) return isKnown(row) ? "adjust" : "chase";
  // What still stands there in another form would be booked twice if it were delivered anew.
  if (correction === "redeliver" && !["missing", "voided", "rejected", "unknown"].includes(String(row.facts.what))) return "chase";
  return correction;
}

const isKnown = ({ facts, vouchers, books }: store.DifferenceRow): boolean => (facts.expected !== undefined ? facts.isForeign !== true && (books ?? 0n) !== 0n : facts.parts !== undefined && vouchers.length > 0);

export type ListFilter = { readonly state?: store.State | undefined; readonly part?: string | undefined; readonly cause?: string | undefined; readonly account?: string | undefined; readonly party?: string | undefined; readonly owner?: string | undefined; readonly find?: string | undefined; readonly olderThan?: number | undefined; readonly after?: string | undefined; readonly limit?: number | undefined };

const conditions = (ctx: Ctx, filter: ListFilter): store.DifferenceFilter => ({
  state: filter.state ?? "open", part: filter.part ?? null, cause: filter.cause ?? null, account: filter.account ?? null, party: filter.party ?? null, owner: filter.owner ?? null, text: filter.find ?? null,
  before: filter.olderThan === undefined ? null : daysBefore(ctx, filter.olderThan),
});
const daysBefore = (ctx: Ctx, days: number): string => { const today = ctx.now().toISOString().slice(0, 10); return days <= 0 ? today : addDays(today, -days); };

/** The largest amounts first. */
export async function listDifferences(ctx: Ctx, book: Book, filter: ListFilter, sees: Sees): Promise<DifferenceListed[]> {
  const cursor = /^(\d{1,18})-(\d{1,18})$/.exec(filter.after ?? "");
  const rows = await store.listDifferences(ctx.db, book.bookId, conditions(ctx, filter), cursor ? { size: BigInt(cursor[1] as string), difference: BigInt(cursor[2] as string) } : null, Math.min(filter.limit ?? 100, 1_000));
  return listed(ctx, book, rows, sees);
}

export type DifferenceShown = DifferenceListed & {
  readonly parts: readonly { readonly ledger: string; readonly account: string; readonly accountName: Words; readonly of: string; readonly ofName: string; readonly business: string | null; readonly books: string | null }[];
  readonly facts: Readonly<Record<string, unknown>>;
  /** Of an adjusting voucher: what is left for a counter account that a person names; null where nothing is or nothing is proposed. */
  readonly counter: string | null;
  readonly history: readonly { readonly at: string; readonly by: string; readonly what: string; readonly amount: string | null; readonly reason: string; readonly facts: Readonly<Record<string, unknown>> }[];
};

/** Refuses: difference.unknown. */
export async function showDifference(ctx: Ctx, book: Book, difference: string, sees: Sees): Promise<DifferenceShown> {
  const row = await find(ctx, book, difference);
  const [shown] = await listed(ctx, book, [row], sees);
  const accounts = await loadAccounts(ctx.db, book);
  const parts = ((row.facts.parts as readonly { readonly ledger: string; readonly account: string; readonly of: string; readonly business: string; readonly books: string }[] | undefined) ?? []);
  const names = new Map((parts.length === 0 ? [] : await store.findNames(ctx.db, book.bookId, parts.map(({ of }) => of))).map(({ code, zh, en }) => [code, zh ?? en ?? code]));
  const money = (minor: string, ledger: string): string | null => (!sees.cost && (ledger === "stock" || ledger === "cost") ? null : formatMoney(BigInt(minor), book.currency));
  const isHidden = !sees.cost && isOfCost(row);
  const { parts: _, ...facts } = row.facts;
  const moves = shown?.proposed === "adjust" && !isHidden ? await movesOf(ctx, book, row) : [];
  return {
    ...(shown as DifferenceListed), facts: isHidden ? {} : facts, counter: restOf(moves) === 0n ? null : formatMoney(restOf(moves), book.currency),
    parts: parts.map((part) => ({ ledger: part.ledger, account: part.account, accountName: { zh: accounts.get(part.account)?.zh ?? "", en: accounts.get(part.account)?.en ?? "" }, of: part.of, ofName: names.get(part.of) ?? part.of, business: money(part.business, part.ledger), books: money(part.books, part.ledger) })),
    history: (await store.findEvents(ctx.db, book.bookId, row.difference)).map((event) => ({ ...event, amount: isHidden ? null : formatMoney(event.amount, book.currency) })),
  };
}

async function find(ctx: Ctx, book: Book, difference: string): Promise<store.DifferenceRow> {
  return (/^\d{1,18}$/.test(difference) ? await store.findDifference(ctx.db, book.bookId, BigInt(difference)) : undefined) ?? refuse("difference.unknown", { difference });
}

// What people do -------------------------------------------------------------------------------------------------------

export type Corrected = { readonly did: Correction; readonly document: string | null; readonly delivery: string | null };

/**
 * Carries out what is proposed: a reversal that waits for review, a delivery anew, a drift accepted, or else a task with a day for whose turn it is.
 * Refuses: difference.unknown, difference.closed, difference.no_correction, difference.reason, and what the act itself refuses.
 */
export async function correctDifference(ctx: Ctx, book: Book, difference: string, asked: { readonly reason: string; readonly date?: string | undefined; readonly counterAccount?: string | undefined; readonly department?: string | undefined }): Promise<Corrected> {
  const row = await find(ctx, book, difference);
  if (row.state === "closed") refuse("difference.closed", { difference });
  const reason = asked.reason.trim();
  if (reason === "") refuse("difference.reason");
  const date = asked.date !== undefined && isDate(asked.date) ? asked.date : ctx.now().toISOString().slice(0, 10);
  const did = proposedFor(row);
  const done = await act(ctx, book, row, did, { ...asked, reason, date });
  await store.addEvents(ctx.db, book.bookId, [row.difference], { at: ctx.now().toISOString(), by: ctx.actor.id, what: "corrected", reason, facts: { did, document: done.document, delivery: done.delivery } });
  return done;
}

/** A task is to be settled in so many days. */
const taskDays = 3;

async function act(ctx: Ctx, book: Book, row: store.DifferenceRow, did: Correction, asked: Parameters<typeof enterAdjustment>[3]): Promise<Corrected> {
  const { facts } = row, { reason, date } = asked;
  if (did === "reverse") {
    const number = row.vouchers[0] ?? refuse("difference.no_correction", { difference: row.difference });
    const result = await reverseVoucher(ctx, book.code, number, date, reason);
    return { did, document: result.document, delivery: null };
  }
  if (did === "redeliver") {
    await resolveDelivery(ctx, book, BigInt(String(facts.delivery)), "notSent", reason);
    return { did, document: null, delivery: String(facts.delivery) };
  }
  if (did === "acceptThere") {
    await acceptDrift(ctx, book, BigInt(String(facts.drift)), reason);
    return { did, document: null, delivery: String(facts.delivery) };
  }
  if (did === "adjust") return { did, document: (await enterAdjustment(ctx, book, row, asked)).document, delivery: null };
  if (did === "none") return refuse("difference.no_correction", { difference: row.difference });
  // What takes a person's judgement becomes that person's task: the owner in the data, else whoever has the duty of the cause.
  const [assignedTo, dueOn] = [row.assignedTo || row.owner, addDays(ctx.now().toISOString().slice(0, 10), taskDays)];
  await change(ctx, book, row, "assigned", { assignedTo, dueOn }, reason, { assignedTo, dueOn, duty: causeOf(row.cause).duty });
  return { did, document: null, delivery: null };
}

/** Asks somebody to look after it until a day. Refuses: difference.unknown, difference.closed. */
export async function assignDifference(ctx: Ctx, book: Book, difference: string, to: { readonly assignedTo: string; readonly dueOn?: string | undefined; readonly reason: string }): Promise<void> {
  const row = await find(ctx, book, difference);
  if (row.state === "closed") refuse("difference.closed", { difference });
  await change(ctx, book, row, "assigned", { assignedTo: to.assignedTo.trim(), dueOn: to.dueOn ?? null }, to.reason, { assignedTo: to.assignedTo.trim(), dueOn: to.dueOn ?? "" });
}

/** It differs, and is known why. It comes back when its amount changes. Refuses: difference.unknown, difference.closed, difference.reason. */
export async function acceptDifference(ctx: Ctx, book: Book, difference: string, reason: string): Promise<void> {
  const row = await find(ctx, book, difference);
  if (row.state !== "open") refuse("difference.closed", { difference });
  if (reason.trim() === "") refuse("difference.reason");
  await change(ctx, book, row, "accepted", { state: "accepted" }, reason);
}

/** Refuses: difference.unknown, difference.closed, difference.reason. */
export async function reopenDifference(ctx: Ctx, book: Book, difference: string, reason: string): Promise<void> {
  const row = await find(ctx, book, difference);
  if (row.state !== "accepted") refuse("difference.closed", { difference });
  if (reason.trim() === "") refuse("difference.reason");
  await change(ctx, book, row, "reopened", { state: "open" }, reason);
}

async function change(ctx: Ctx, book: Book, row: store.DifferenceRow, what: string, to: Parameters<typeof store.setState>[3], reason: string, facts: object = {}): Promise<void> {
  await ctx.db.transaction(async (db) => {
    await store.lockDifference(db, book.bookId, row.difference);
    const at = ctx.now().toISOString();
    await store.setState(db, book.bookId, row.difference, to, at);
    await store.addEvents(db, book.bookId, [row.difference], { at, by: ctx.actor.id, what, reason: reason.trim(), facts });
  });
}

// The board --------------------------------------------------------------------------------------------------------------

export type SideShown = { readonly ledger: string; readonly account: string; readonly name: Words; readonly of: string; readonly ofName: string; readonly business: Figures | null; readonly books: Figures | null; readonly difference: string | null; readonly causes: readonly { readonly cause: string; readonly zh: string; readonly en: string; readonly count: number }[] };
type Figures = { readonly opening: string; readonly increase: string; readonly decrease: string; readonly closing: string };

export type Board = {
  readonly from: string; readonly to: string;
  readonly run: { readonly at: string; readonly by: string; readonly opened: number; readonly closed: number; readonly ms: number; /** Something was posted or delivered since. */ readonly isStale: boolean } | null;
  readonly parts: readonly { readonly part: Part | "bank"; readonly differences: number; readonly amount: string; readonly extent: string; readonly extentMore: string }[];
  readonly sides: readonly SideShown[];
  readonly causes: readonly { readonly part: Part; readonly cause: string; readonly no: number | null; readonly zh: string; readonly en: string; readonly count: number; readonly documents: number; readonly amount: string; readonly oldest: string; readonly owner: Owner }[];
  readonly ages: readonly { readonly age: "week" | "month" | "quarter" | "older"; readonly count: number; readonly amount: string }[];
  readonly total: string;
};

/** What ties and what does not, from the last comparison. Without a period, the newest that the book has moved in. */
export async function readBoard(ctx: Ctx, book: Book, filter: { readonly from?: string | undefined; readonly to?: string | undefined }, sees: Sees): Promise<Board> {
  const to = filter.to ?? periodOf(ctx.now().toISOString().slice(0, 10));
  const from = filter.from ?? to;
  const open = conditions(ctx, {});
  const [[run], head, extent, parts, causes, ages] = [await store.findRuns(ctx.db, book.bookId, 1), await headOf(ctx, book), await store.readExtent(ctx.db, book.bookId), await store.sumByPart(ctx.db, book.bookId), await store.sumByCause(ctx.db, book.bookId, open), await store.sumByAge(ctx.db, book.bookId, open, ctx.now().toISOString().slice(0, 10))];
  const money = (minor: bigint): string => formatMoney(minor, book.currency);
  const names = new Map((await store.findNames(ctx.db, book.bookId, causes.map(({ owner }) => owner).filter((code) => code !== ""))).map(({ code, zh, en }) => [code, zh ?? en ?? code]));
  const part = (id: Part): { count: number; amount: bigint } => parts.find((one) => one.part === id) ?? { count: 0, amount: 0n };
  return {
    from, to, run: run === undefined ? null : { at: run.at, by: run.by, opened: run.opened, closed: run.closed, ms: run.ms, isStale: run.head !== head },
    parts: [
      { part: "chain", differences: part("chain").count, amount: money(part("chain").amount), extent: String(extent.orders), extentMore: "" }, { part: "books", differences: part("books").count, amount: money(part("books").amount), extent: String(extent.vouchers), extentMore: "" },
      { part: "finance", differences: part("finance").count, amount: money(part("finance").amount), extent: String(extent.deliveries), extentMore: "" }, { part: "bank", differences: Number(extent.bankOpen), amount: money(extent.bankAmount), extent: String(extent.bank), extentMore: "" },
    ],
    sides: await readSides(ctx, book, { from, to }, sees),
    causes: causes.map((one) => ({
      part: one.part, cause: one.cause, no: causeOf(one.cause).no, zh: causeOf(one.cause).zh, en: causeOf(one.cause).en, count: one.count, documents: one.documents, amount: money(one.amount), oldest: one.oldest,
      owner: one.owners === 1 && one.owner !== "" ? { kind: "person", id: one.owner, name: names.get(one.owner) ?? one.owner } : { kind: "duty", id: causeOf(one.cause).duty, name: "" },
    })),
    ages: (["week", "month", "quarter", "older"] as const).map((age, at) => { const one = ages.find((row) => row.age === at); return { age, count: one?.count ?? 0, amount: money(one?.amount ?? 0n) }; }),
    total: money(causes.reduce((sum, { amount }) => sum + amount, 0n)),
  };
}

/** Both sides by account; of one account, by party or item. */
export async function readSides(ctx: Ctx, book: Book, filter: { readonly from: string; readonly to: string; readonly account?: string | undefined }, sees: Sees): Promise<SideShown[]> {
  const accounts = await loadAccounts(ctx.db, book);
  const rows = await sides.sumSides(ctx.db, book.bookId, filter.from, filter.to, filter.account ?? null, 500);
  const names = new Map((filter.account === undefined ? [] : await store.findNames(ctx.db, book.bookId, rows.map(({ of }) => of))).map(({ code, zh, en }) => [code, zh ?? en ?? code]));
  const causesOf = filter.account === undefined ? Map.groupBy(await store.findCausesOfAccounts(ctx.db, book.bookId), ({ account }) => account) : new Map<string, store.AccountCause[]>();
  const money = (minor: bigint): string => formatMoney(minor, book.currency);
  return rows.map((row) => {
    const account = accounts.get(row.account);
    const isHidden = !sees.cost && (row.ledger === "stock" || row.ledger === "cost");
    const closing = { business: row.businessOpening + row.businessIn - row.businessOut, books: row.booksOpening + row.booksIn - row.booksOut };
    const figures = (opening: bigint, increase: bigint, decrease: bigint): Figures => ({ opening: money(opening), increase: money(increase), decrease: money(decrease), closing: money(opening + increase - decrease) });
    return {
      ledger: row.ledger, account: row.account, name: { zh: account?.zh ?? "", en: account?.en ?? "" }, of: row.of, ofName: names.get(row.of) ?? row.of, business: isHidden ? null : figures(row.businessOpening, row.businessIn, row.businessOut), books: isHidden ? null : figures(row.booksOpening, row.booksIn, row.booksOut),
      difference: isHidden ? null : money(closing.business - closing.books), causes: closing.business === closing.books ? [] : (causesOf.get(row.account) ?? []).slice(0, 2).map(({ cause, count }) => ({ cause, zh: causeOf(cause).zh, en: causeOf(cause).en, count })),
    };
  });
}

export const listRuns = async (ctx: Ctx, book: Book, limit = 50): Promise<readonly { readonly run: string; readonly at: string; readonly by: string; readonly found: number; readonly opened: number; readonly closed: number; readonly vouchers: string; readonly ms: number }[]> =>
  (await store.findRuns(ctx.db, book.bookId, limit)).map((row) => ({ run: String(row.run), at: row.at, by: row.by, found: row.found, opened: row.opened, closed: row.closed, vouchers: String(row.vouchers), ms: row.ms }));

export const listCauses = (): readonly { readonly cause: string; readonly no: number | null; readonly part: Part; readonly zh: string; readonly en: string }[] => causeIds.map((id) => ({ cause: id, no: causeOf(id).no, part: causeOf(id).part, zh: causeOf(id).zh, en: causeOf(id).en }));
