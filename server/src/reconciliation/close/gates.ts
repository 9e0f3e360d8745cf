/**
 * 结账条件: each is a sentence that is true or not, with what shows it, whose turn it is, and the one act that makes it true. All of them are worked out
 * from the books each time they are asked: nothing is ticked by hand.
 */
import { type Book, loadAccounts } from "../../books/index.ts";
import type { Duty } from "../../access/index.ts";
import { type Ctx, type Problem, refuse } from "../../platform/index.ts";
import { formatMoney, isPeriod, lastDay } from "../../values/index.ts";
import { checkStock, kindsOfModule, type MonthEndRun, readCloseBoard, readMonthEndRuns, verify } from "../../vouchers/index.ts";
import { listBankAccounts, reconcileBalance } from "../bank/desk.ts";
import { readAmortisationDue } from "./amortisation.ts";
import * as store from "./close.store.ts";

export type GateState = "done" | "open" | "stale" | "notNeeded";
/** `run` is a step that this program does; `to` is where a person does it. */
export type Gate = {
  readonly gate: string; readonly zh: string; readonly en: string; readonly state: GateState; readonly evidence: { readonly zh: string; readonly en: string }; readonly duty: Duty; readonly run: string | null; readonly to: string;
  /** Without it the period does not close, whoever asks; the others may be accepted with a reason. */
  readonly isHard: boolean;
};

const goods = kindsOfModule("stock");
const taxed = [...kindsOfModule("payable"), ...kindsOfModule("receivable"), "manualVoucher", "costInvoice", "adjustment"];
const posted = (runs: readonly MonthEndRun[], kind: string, task = ""): MonthEndRun | undefined => runs.findLast((run) => run.kind === kind && run.task === task && (run.state === "posted" || run.state === "exempt"));
const keyParts = (document: string): { source: string; kind: string; sourceId: string } => { const [, source = "", kind = "", sourceId = ""] = /^([^:]*):([^/]*)\/(.*)$/.exec(document) ?? []; return { source, kind, sourceId }; };

/** In the order in which they are cleared; `steps` leaves out what no step of this program clears and takes long to work out. Refuses: period.malformed. */
export async function readCloseGates(ctx: Ctx, book: Book, period: string, part: "all" | "steps" = "all"): Promise<Gate[]> {
  if (!isPeriod(period)) refuse("period.malformed", { period });
  const { db } = ctx;
  const { bookId, settings } = book;
  const [board, runs, letters] = [(await readCloseBoard(ctx, book)).periods.find((one) => one.period === period), await readMonthEndRuns(ctx, book, period), await store.countLetters(db, bookId)];
  const { waiting = 0, parked = 0, drafts = 0, off = "0.00" } = board ?? {};
  const gates: Gate[] = [];
  const add = (gate: string, words: { zh: string; en: string }, state: GateState, evidence: { zh: string; en: string }, duty: Duty, more: { run?: string; to?: string; isHard?: boolean } = {}): void =>
    void gates.push({ gate, ...words, state, evidence, duty, run: more.run ?? null, to: more.to ?? "", isHard: more.isHard ?? false });
  const isOpen = (n: number): GateState => (n === 0 ? "done" : "open");

  add("arrived", { zh: "接入没有死信", en: "Nothing that arrived was left behind" }, isOpen(letters), { zh: letters === 0 ? "没有死信" : `${letters} 条死信`, en: letters === 0 ? "no dead letters" : `${letters} dead letters` }, "flows.manage", { to: "connectors/dead-letters" });
  add("complete", { zh: "单据 100% 入账", en: "Every document is in the books" }, isOpen(waiting + parked), { zh: waiting + parked === 0 ? "没有等待、挂起" : `等待 ${waiting}，挂起 ${parked}`, en: waiting + parked === 0 ? "none waiting or parked" : `${waiting} waiting, ${parked} parked` }, "documents.decide", { to: parked > 0 ? `documents/parked?period=${period}` : `documents?state=waiting&period=${period}`, isHard: true });
  const { due, active } = await readAmortisationDue(ctx, book, period);
  add("amortisation", { zh: "摊销已做", en: "Amortisation is done" }, active === 0 ? "notNeeded" : isOpen(due.length), { zh: active === 0 ? "没有生效的模板" : due.length === 0 ? `${active} 个模板已做` : `缺 ${due.join("、")}`, en: active === 0 ? "no template of this period" : due.length === 0 ? `${active} templates done` : `missing: ${due.join(", ")}` }, "periods.close", { run: "amortisation", to: "books/amortisation" });

  /** A run is current while nothing came after it that it would have seen. */
  const ranState = async (run: MonthEndRun | undefined, kinds: readonly string[]): Promise<{ state: GateState; evidence: { zh: string; en: string } }> => {
    if (run === undefined) return { state: "open", evidence: { zh: "还没有做", en: "not run yet" } };
    const later = await store.countAfter(db, bookId, period, kinds, keyParts(run.document));
    const vouchers = { zh: run.vouchers.length === 0 ? "没有要记的" : run.vouchers.slice(0, 3).join(" "), en: run.vouchers.length === 0 ? "nothing to post" : run.vouchers.slice(0, 3).join(" ") };
    return later === 0 ? { state: "done", evidence: vouchers } : { state: "stale", evidence: { zh: `其后又来了 ${later} 张单据`, en: `${later} documents came after it` } };
  };
  const ran = async (gate: string, words: { zh: string; en: string }, isNeeded: boolean, run: MonthEndRun | undefined, kinds: readonly string[], task: string, whyNot: { zh: string; en: string }, isHard = true): Promise<void> => {
    const { state, evidence } = isNeeded || run !== undefined ? await ranState(run, kinds) : { state: "notNeeded" as const, evidence: whyNot };
    add(gate, words, state, evidence, "periods.close", { run: task, isHard: isHard && isNeeded });
  };
  await ran("estimates", { zh: "暂估已冲回并重估", en: "Estimates are reversed and made again" }, settings.estimateMode === "monthEnd", posted(runs, "periodClose", "estimates"), goods, "estimates", { zh: "入库即暂估，到票即冲回", en: "made with each receipt, reversed with each invoice" });
  await ran("cost", { zh: "存货已核算", en: "The month's costs are run" }, settings.costing === "monthEndAverage", posted(runs, "costRun"), goods, "cost", { zh: "出库时即结转成本", en: "costed with each issue" });
  const foreign = await store.countForeign(db, bookId, period, book.currency);
  await ran("fx", { zh: "外币已调汇", en: "Foreign currency is revalued" }, foreign > 0, runs.findLast((run) => run.kind === "fxRevaluation" && run.date === lastDay(period) && run.state === "posted"), ["cashReceipt", "supplierPayment", "salesInvoice", "supplierInvoice"], "fx", { zh: "没有外币余额", en: "no balance in a foreign currency" });
  await ran("vat", { zh: "增值税已结转", en: "VAT is moved" }, true, posted(runs, "periodClose", "vat"), taxed, "vat", { zh: "", en: "" });
  await ran("surtax", { zh: "附加税已计提", en: "Surtaxes are accrued" }, true, posted(runs, "periodClose", "surtax"), [], "surtax", { zh: "", en: "" }, false);

  if (part === "all") {
    const stock = await checkStock(ctx, book);
    const sides = (await store.findOpenAgainstBooks(db, bookId)).filter(({ items, books }) => items !== books);
    const stands = await store.findDifferences(db, bookId, period);
    const isTied = stock.difference === formatMoney(0n, book.currency) && Number(stands.open) === 0;
    add("subledgers", { zh: "业务与账簿相符", en: "Sub-ledgers tie to the books" }, isTied ? "done" : "open", isTied
      ? { zh: `存货 ${stock.books} = ${stock.stock}${sides.length === 0 ? "，往来相符" : ""}`, en: `stock ${stock.books} = ${stock.stock}${sides.length === 0 ? ", open items tie" : ""}` }
      : { zh: `存货差 ${stock.difference}，另有 ${stands.open} 条差异 ${formatMoney(stands.amount, book.currency)}`, en: `stock off by ${stock.difference}, ${stands.open} differences of ${formatMoney(stands.amount, book.currency)}` }, "bank.read", { to: "reconciliation/board" });
    const banks = await readBanks(ctx, book, period);
    add("bank", { zh: "银行已对账", en: "Bank accounts are reconciled" }, banks.all === 0 ? "notNeeded" : isOpen(banks.off.length), { zh: banks.all === 0 ? "没有银行账户" : banks.off.length === 0 ? `${banks.all} 个账户调节后相符` : banks.off.map(({ account, zh }) => `${account} ${zh}`).join("；"), en: banks.all === 0 ? "no bank account" : banks.off.length === 0 ? `${banks.all} accounts come out even` : banks.off.map(({ account, en }) => `${account}: ${en}`).join("; ") }, "bank.match", { to: "reconciliation" });
  }
  add("drafts", { zh: "凭证都已审核", en: "Every voucher is reviewed" }, isOpen(drafts), { zh: drafts === 0 ? "没有待审核" : `${drafts} 张待审核`, en: drafts === 0 ? "none to review" : `${drafts} to review` }, "vouchers.review", { to: "vouchers/review", isHard: true });

  const result = [...(await loadAccounts(db, book)).values()].filter(({ type }) => type === "income" || type === "expense").map(({ code }) => code);
  const left = await store.sumAccounts(db, bookId, period, result);
  const closing = posted(runs, "periodClose", "profitAndLoss");
  add("profitAndLoss", { zh: "损益已结转", en: "Income and expense are closed" }, left.length === 0 ? (closing === undefined ? "notNeeded" : "done") : closing === undefined ? "open" : "stale", left.length === 0 ? { zh: "损益科目余额为零", en: "accounts of income and expense stand at zero" } : { zh: `${left.length} 个损益科目还有余额`, en: `${left.length} accounts of income and expense have a balance` }, "periods.close", { run: "profit-and-loss", isHard: true });
  const sent = await store.countDeliveries(db, bookId, period);
  const undelivered = Number(sent.open + sent.bad + sent.drifts);
  add("delivered", { zh: "凭证已送达并回读", en: "Vouchers are delivered and read back" }, sent.flows === 0n ? "notNeeded" : isOpen(undelivered), sent.flows === 0n ? { zh: "没有送达流", en: "no flow out" } : undelivered === 0 ? { zh: `${sent.all} 张有回执`, en: `${sent.all} acknowledged` } : { zh: `在途 ${sent.open}，被拒或不明 ${sent.bad}，被改 ${sent.drifts}`, en: `${sent.open} under way, ${sent.bad} refused or unknown, ${sent.drifts} changed there` }, "deliveries.decide", { to: "delivery" });
  const [proof, head] = [await store.findProof(db, bookId), await store.findHeadBlock(db, bookId)];
  const isAnchored = proof !== undefined && (ctx.dataDir === undefined || proof.anchored >= proof.block);
  add("chain", { zh: "链已验证并锚定", en: "The chain is verified and anchored" }, proof === undefined ? "open" : proof.findings > 0 || !isAnchored ? "open" : proof.block === head ? "done" : "stale", proof === undefined ? { zh: "还没有验证", en: "not proved yet" } : proof.findings > 0 ? { zh: `${proof.findings} 项问题`, en: `${proof.findings} findings` } : { zh: `验证到第 ${proof.block} 块，现为第 ${head} 块`, en: `proved up to block ${proof.block}, now ${head}` }, "periods.close", { run: "verify", to: "books/verify" });
  add("balance", { zh: "借贷相等", en: "Debits equal credits" }, /^-?0(\.0*)?$/.test(off) ? "done" : "open", { zh: /^-?0(\.0*)?$/.test(off) ? "差额为零" : `差 ${off}`, en: /^-?0(\.0*)?$/.test(off) ? "no difference" : `off by ${off}` }, "periods.close", { to: "books/verify", isHard: true });
  return gates;
}

/** A bank account is reconciled when a statement reaches the end of the period and the two balances come out even. */
async function readBanks(ctx: Ctx, book: Book, period: string): Promise<{ readonly all: number; readonly off: readonly { readonly account: string; readonly zh: string; readonly en: string }[] }> {
  const accounts = await listBankAccounts(ctx, book);
  const off: { account: string; zh: string; en: string }[] = [];
  for (const { bankAccount } of accounts) {
    const { bankBalance, difference } = await reconcileBalance(ctx, book, bankAccount, lastDay(period));
    if (bankBalance === null) off.push({ account: bankAccount, zh: "没有对账单", en: "no statement" });
    else if (difference !== null && !/^-?0(\.0*)?$/.test(difference)) off.push({ account: bankAccount, zh: `差 ${difference}`, en: `off by ${difference}` });
  }
  return { all: accounts.length, off };
}

/** Proves the whole book and keeps what came out. */
export async function proveForClose(ctx: Ctx, book: Book): Promise<{ readonly isWhole: boolean; readonly findings: readonly Problem[] }> {
  const block = await store.findHeadBlock(ctx.db, book.bookId);
  const { isWhole, findings, vouchers, anchoredBlock } = await verify(ctx, book);
  await store.addProof(ctx.db, book.bookId, { at: ctx.now().toISOString(), by: ctx.actor.id, block, anchored: anchoredBlock, vouchers, findings: findings.length });
  return { isWhole, findings };
}
