/** 资产、薪酬、费用、税金、调整、手工凭证、期初: what needs little of the sub-ledgers (P14, P16, S10–S21, F1–F3, E1–E2, C3c, C5, O1). */
import type { DocumentLine } from "../../documents/index.ts";
import { row, type Row } from "../../rules/index.ts";
import { bankRow, base, event, follow, foreign, headRow, heldOf, hold, lineRow, openingHolder, openItem, park, poolOf, priceLine, quantityLeft, stockIn, takePart, use, type Work } from "../work.ts";
import { clearLinks } from "./cash.ts";
import { returnRightEnds } from "./sales.ts";

const money = (w: Work, name: string): bigint => (w.document.more[name] as bigint | undefined) ?? 0n;
const lineMoney = (line: DocumentLine, name: string): bigint => (line.more[name] as bigint | undefined) ?? 0n;

/** Kinds that commit to something and make no entry. */
export function commitment(w: Work): void {
  for (const line of w.document.lines) for (const link of line.links) use(w, follow(w, link), line, link.quantity ?? line.quantity, link.amount ?? 0n);
  event(w, w.document.kind, []);
}

/** E1: what employees spent. */
export function expenseClaim(w: Work): void {
  const { document } = w;
  const rows: Row[] = [];
  const type = String(document.more.type ?? "claim");
  if (type === "advance") {
    const amount = money(w, "amount");
    const one = foreign(w, headRow(w, "advance", base(w, amount)), amount);
    rows.push(one, bankRow(w, document.more.bankAccount, base(w, amount), amount));
    openItem(w, one, amount);
    event(w, "expenseClaim", rows);
    return;
  }
  let total = 0n, totalBase = 0n;
  for (const line of document.lines) {
    priceLine(w, line);
    const tax = line.tax as bigint;
    const credited = line.more.deductible === false || w.state.book.settings.taxpayer !== "general" ? 0n : tax;
    const cost = base(w, (line.amountNet as bigint) + tax - credited);
    total += (line.amountNet as bigint) + tax;
    totalBase += cost + base(w, credited);
    rows.push(lineRow(w, "expense", cost, line));
    if (credited !== 0n) rows.push({ ...lineRow(w, "tax", base(w, credited), line), account: "" });
  }
  let left = total;
  if (type === "settle") {
    for (const link of document.links) {
      const advance = follow(w, link);
      const held = heldOf(advance.fact, "", "open");
      if (!held || quantityLeft(held) === 0n) {
        park("clearing.nothing_open", { target: link.sourceId }, w.fact.key);
        continue;
      }
      // The claim settles it; what the employee kept comes back, what he laid out is paid.
      const part = quantityLeft(held);
      rows.push(foreign(w, headRow(w, "advanceSettled", takePart(w, held, part)), part));
      use(w, { ...advance, line: undefined }, undefined, 0n, part);
      left -= part;
    }
    if (left !== 0n) rows.push(bankRow(w, document.more.bankAccount, base(w, left), left));
  } else if (type === "paid") rows.push(bankRow(w, document.more.bankAccount, totalBase, total));
  else {
    const one = foreign(w, headRow(w, "owed", totalBase), total);
    rows.push(one);
    openItem(w, one, total);
  }
  event(w, "expenseClaim", rows);
}

/** E2: wages by use; paid; insurance and tax remitted. */
export function payrollSummary(w: Work): void {
  const { document } = w;
  const type = String(document.more.type);
  const rows: Row[] = [];
  if (type === "accrue") {
    let gross = 0n, insurance = 0n;
    for (const line of document.lines) {
      const own = lineMoney(line, "gross"), employer = lineMoney(line, "employerInsurance");
      rows.push(lineRow(w, "wages", base(w, own + employer), line));
      gross += own;
      insurance += employer;
    }
    rows.push(headRow(w, "gross", base(w, gross)));
    if (insurance !== 0n) rows.push(headRow(w, "employerInsurance", base(w, insurance)));
  } else if (type === "pay") {
    const gross = money(w, "gross"), insurance = money(w, "withheldInsurance"), tax = money(w, "withheldTax");
    rows.push(headRow(w, "gross", base(w, gross)));
    if (insurance !== 0n) rows.push({ ...headRow(w, "withheldInsurance", base(w, insurance)), party: "社保" });
    if (tax !== 0n) rows.push(headRow(w, "withheldTax", base(w, tax)));
    rows.push(bankRow(w, document.more.bankAccount, base(w, gross - insurance - tax), gross - insurance - tax));
  } else {
    const employer = money(w, "employerInsurance"), insurance = money(w, "withheldInsurance"), tax = money(w, "withheldTax");
    if (employer !== 0n) rows.push(headRow(w, "employerInsurance", base(w, employer)));
    if (insurance !== 0n) rows.push({ ...headRow(w, "withheldInsurance", base(w, insurance)), party: "社保" });
    if (tax !== 0n) rows.push(headRow(w, "withheldTax", base(w, tax)));
    rows.push(bankRow(w, document.more.bankAccount, base(w, employer + insurance + tax), employer + insurance + tax));
  }
  event(w, `payroll.${type}`, rows);
}

/** F1: bought, under construction, completed. */
export function assetAcquisition(w: Work): void {
  const { document, sign } = w;
  const rows: Row[] = [];
  const type = String(document.more.type ?? "bought");
  const deductible = w.state.book.settings.taxpayer === "general" && (document.more.invoiceType ?? "special") === "special" && type !== "completed";
  let owed = 0n, owedBase = 0n;
  for (const line of document.lines) {
    priceLine(w, line);
    for (const link of line.links) use(w, follow(w, link), line, 0n, 0n);
    const tax = type === "completed" ? 0n : (line.tax as bigint);
    const credited = deductible ? sign * base(w, tax) : 0n;
    const cost = sign * (base(w, line.amountNet as bigint) + (deductible ? 0n : base(w, tax)));
    const one = lineRow(w, type === "construction" ? "construction" : "asset", cost, line);
    rows.push(one);
    if (credited !== 0n) rows.push({ ...lineRow(w, "tax", credited, line), account: "" });
    if (type === "completed") rows.push(lineRow(w, "constructionDone", cost, { ...line, account: "" }));
    owed += sign * ((line.amountNet as bigint) + tax);
    owedBase += cost + credited;
  }
  if (type !== "completed") {
    if (document.more.paidFrom !== undefined) rows.push(bankRow(w, document.more.paidFrom, owedBase, owed));
    else {
      const one = foreign(w, headRow(w, "payable", owedBase), owed);
      rows.push(one);
      openItem(w, one, owed);
    }
    if (w.state.book.settings.inputVat === "onConfirmation") {
      const pending = rows.reduce((sum, one) => (one.role === "tax" ? sum + one.amount : sum), 0n);
      if (pending !== 0n) hold(w, w.fact, "", "pendingTax", 1_000_000n, pending);
    }
  }
  event(w, "assetAcquisition", rows);
}

/** F2. */
export function depreciation(w: Work): void {
  const rows: Row[] = [];
  for (const line of w.document.lines) {
    const amount = base(w, lineMoney(line, "amount"));
    const expense = lineRow(w, "depreciation", amount, line);
    if (expense.use === "") expense.use = "administration";
    rows.push(expense, lineRow(w, "depreciated", amount, { ...line, account: "" }));
  }
  event(w, "depreciation", rows);
}

/** F3: book value out, proceeds in, the result on 6115 (sold) or 6711 (scrapped, destroyed). */
export function assetDisposal(w: Work): void {
  const out: Row[] = [], proceeds: Row[] = [], result: Row[] = [];
  for (const line of w.document.lines) {
    const cost = base(w, lineMoney(line, "costOriginal")), depreciated = base(w, lineMoney(line, "depreciated"));
    const net = base(w, line.amountNet ?? 0n), tax = base(w, line.tax ?? 0n);
    out.push(lineRow(w, "bookValue", cost - depreciated, line), lineRow(w, "depreciated", depreciated, line), lineRow(w, "asset", cost, line));
    if (net + tax !== 0n) proceeds.push(bankRow(w, w.document.more.bankAccount, net + tax, (line.amountNet ?? 0n) + (line.tax ?? 0n)), lineRow(w, "proceeds", net, line), lineRow(w, "outputTax", tax, line));
    const loss = cost - depreciated - net;
    if (loss !== 0n) result.push({ ...lineRow(w, "loss", loss, line), use: String(w.document.more.type) });
  }
  event(w, "assetDisposal.out", out);
  if (proceeds.length > 0) event(w, "assetDisposal.proceeds", proceeds);
  if (result.length > 0) event(w, "assetDisposal.result", result);
}

/** C3c: what was paid to the tax office. */
export function taxPayment(w: Work): void {
  const rows = w.document.lines.map((line) => ({ ...lineRow(w, "tax", base(w, line.tax ?? 0n), line), use: String(w.document.more.type ?? "lastMonth") }));
  const total = w.document.lines.reduce((sum, line) => sum + (line.tax ?? 0n), 0n);
  event(w, "taxPayment", [...rows, bankRow(w, w.document.more.bankAccount, base(w, total), total)]);
}

/** Acts without a document of their own; the type names the row of the table. */
export function adjustment(w: Work): void {
  const { document } = w;
  const type = String(document.more.type);
  const rows: Row[] = [];
  const amount = money(w, "amount"), tax = money(w, "tax"), gain = money(w, "gain");
  switch (type) {
    case "returnRightEnds": {
      const { refunds, costs } = returnRightEnds(w);
      event(w, "adjustment.returnRightEnds", refunds);
      event(w, "adjustment.returnAssetEnds", costs);
      return;
    }
    case "rebateAccrual":
      for (const link of document.links) use(w, { ...follow(w, link), line: undefined }, undefined, 0n, link.amount ?? amount);
      rows.push(headRow(w, "amount", base(w, amount)));
      hold(w, w.fact, "", "rebate", amount, base(w, amount)).party = document.party;
      break;
    case "debtRestructuringDebtor": case "debtRestructuringCreditor": case "factoring": {
      // Open items go, money or a new value comes, the rest is gain or loss.
      const linked = document.links.reduce((sum, link) => sum + (link.amount ?? 0n), 0n) || amount + gain;
      const { left } = clearLinks(w, linked, "cleared", rows);
      if (left > 0n) rows.push(headRow(w, "unlinked", base(w, left)));
      if (document.more.bankAccount !== undefined && amount !== 0n) rows.push(bankRow(w, document.more.bankAccount, base(w, amount), amount));
      if (gain !== 0n) rows.push(headRow(w, "gain", base(w, gain)));
      break;
    }
    case "principalSettlement": {
      // S18b: we are the agent; what is collected is owed to the principal, less the commission.
      rows.push(headRow(w, "amount", base(w, amount)), headRow(w, "commission", base(w, gain)), headRow(w, "tax", base(w, tax)));
      break;
    }
    default:
      if (amount !== 0n) rows.push(headRow(w, "amount", base(w, amount)));
      if (tax !== 0n) rows.push(headRow(w, "tax", base(w, tax)));
      if (gain !== 0n) rows.push(headRow(w, "gain", base(w, gain)));
      if (document.more.bankAccount !== undefined) rows.push(bankRow(w, document.more.bankAccount, base(w, amount + tax), amount + tax));
  }
  if (document.more.note !== undefined) for (const one of rows) one.note = String(document.more.note);
  for (const line of document.lines) {
    const one = lineRow(w, "line", base(w, lineMoney(line, "amount")), line);
    rows.push(one);
  }
  event(w, `adjustment.${type}`, rows);
}

/** 手工凭证: the lines as written; a person other than the preparer reviews it. */
export function manualVoucher(w: Work): void {
  event(w, "manualVoucher", w.document.lines.map((line) => written(w, line)));
}

function written(w: Work, line: DocumentLine): Row {
  const debit = lineMoney(line, "debit"), credit = lineMoney(line, "credit");
  const original = debit !== 0n ? debit : credit;
  const one = foreign(w, row(debit !== 0n || credit === 0n ? "debit" : "credit", base(w, original)), original);
  one.line = line.lineId;
  one.account = line.account;
  one.item = line.item;
  one.quantity = line.quantity;
  one.warehouse = line.warehouse;
  one.department = line.department;
  one.project = line.project;
  one.employee = line.employee;
  one.asset = line.asset;
  for (const name of ["bankAccount", "region", "note", "custom1", "custom2", "custom3", "summary"] as const) if (typeof line.more[name] === "string") one[name] = line.more[name];
  if (typeof line.more.counterparty === "string") one.party = line.more.counterparty;
  return one;
}

/**
 * O1: by open item, not as one sum, or later documents have nothing to clear: stock layers, estimates, invoices, advances.
 * It stands in the period before the first one, outside the numbers of vouchers.
 */
export function openingBalance(w: Work): void {
  const rows: Row[] = [];
  const advanceTaxes: { holder: DocumentLine; amount: bigint }[] = [];
  for (const line of w.document.lines) {
    const one = written(w, line);
    const original = line.more.amountOriginal as bigint | undefined;
    if (typeof line.more.currency === "string" && line.more.currency !== w.state.book.currency && original !== undefined) {
      // Money in a foreign currency keeps it, or its revaluation starts from nothing.
      one.currency = line.more.currency;
      one.original = one.amount < 0n ? -original : original;
    }
    rows.push(one);
    const reference = typeof line.more.document === "string" ? line.more.document : "";
    const holder = reference === "" ? line : (openingHolder(w.document, reference) ?? line);
    const isDebit = one.role === "debit";
    const account = w.state.accounts.get(line.account);
    const first = line.account.slice(0, 4);
    if (line.item !== "" && line.quantity > 0n && isDebit && ["1403", "1405", "1411"].includes(first) && line.account !== "1405.06") {
      const place = { line: holder, item: line.item, warehouse: line.warehouse };
      stockIn(w, place, line.quantity, one.amount, "in");
      const pool = poolOf(w, line.item, line.warehouse);
      // What was here before the first period is the opening stock of it.
      pool.openingPeriod = w.state.book.firstPeriod;
      pool.openingQuantity = pool.quantity;
      pool.openingAmount = pool.amount;
    } else if (reference.startsWith("goodsReceipt/")) {
      const held = hold(w, w.fact, holder.lineId, "estimate", line.quantity || holder.quantity, isDebit ? -one.amount : one.amount);
      held.party = one.party;
    } else if (reference.startsWith("cashReceipt/") && first === "2221") {
      // The tax part of an advance goes with the line that holds it.
      advanceTaxes.push({ holder: w.document.lines.find((other) => other.more.document === reference && !other.account.startsWith("2221")) ?? line, amount: isDebit ? -one.amount : one.amount });
    } else if (one.party !== "" || one.employee !== "" || one.note !== "") {
      // Positive as the document that made it: an invoice on the account's own side, an advance on its own.
      const onOwnSide = (account?.side === "debit") === isDebit;
      const original = (line.more.amountOriginal as bigint | undefined) ?? one.amount;
      const sign = onOwnSide ? 1n : -1n;
      const held = hold(w, w.fact, line.lineId, "open", sign * original, sign * one.amount);
      held.party = one.party || one.employee || one.note;
      held.account = line.account;
      held.currency = typeof line.more.currency === "string" ? line.more.currency : w.document.currency;
      held.dueOn = typeof line.more.dueDate === "string" ? line.more.dueDate : "";
    }
  }
  for (const { holder, amount } of advanceTaxes) {
    const held = hold(w, w.fact, holder.lineId, "open", amount, amount);
    hold(w, w.fact, holder.lineId, "advanceTax", held.wholeQuantity, amount);
  }
  event(w, "openingBalance", rows);
}
