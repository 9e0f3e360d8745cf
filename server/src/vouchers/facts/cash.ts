/**
 * 收付款与核销: payments, receipts, advances, settlements, notes, bank lines (P2, P8–P11, S2, S8, S9, S12, C1). An open item
 * is cleared at its booked rate, base balance ÷ foreign balance, so that the last part takes both to zero.
 */
import { convert, formatMoney } from "../../values/index.ts";
import { linkText, netOf } from "../../documents/index.ts";
import type { Row } from "../../rules/index.ts";
import { type Held, touch } from "../state.ts";
import { bankRow, base, baseCurrency, dayRate, event, follow, foreign, headRow, heldOf, hold, type Linked, openItem, openLine, park, quantityLeft, rateOf, takePart, use, type Work } from "../work.ts";

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const abs = (a: bigint): bigint => (a < 0n ? -a : a);
const money = (w: Work, name: string): bigint => (w.document.more[name] as bigint | undefined) ?? 0n;

type Cleared = { readonly held: Held; readonly original: bigint; readonly base: bigint; readonly linked: Linked };

/** Clears a part of a linked open item. `original` is unsigned. Parks: clearing.nothing_open, clearing.over. */
function clear(w: Work, linked: Linked, wanted: bigint | null, most: bigint): Cleared {
  const held = heldOf(linked.fact, openLine(linked), "open");
  const left = held ? quantityLeft(held) : 0n;
  if (!held || left === 0n) return park("clearing.nothing_open", { target: linkText(linked.link) }, w.fact.key);
  const part = wanted ?? min(abs(left), most);
  if (part > abs(left)) park("clearing.over", { target: linkText(linked.link), wanted: formatMoney(part, w.document.currency), open: formatMoney(abs(left), held.currency) }, w.fact.key);
  if (held.currency !== w.document.currency) park("clearing.currency", { target: linkText(linked.link), open: held.currency, paid: w.document.currency }, w.fact.key);
  const original = left < 0n ? -part : part;
  const worth = takePart(w, held, original);
  use(w, { ...linked, line: undefined }, undefined, 0n, part);
  return { held, original: abs(original), base: abs(worth), linked };
}

/** The row that takes a cleared part off its account, with the item's own party. */
function clearedRow(w: Work, cleared: Cleared, role: string): Row {
  const one = foreign(w, headRow(w, role, cleared.base), cleared.original);
  one.account = cleared.held.account;
  const { document } = cleared.linked.fact;
  if (cleared.held.party !== "") {
    one.party = document.partyKind === "employee" ? "" : cleared.held.party;
    if (document.partyKind === "employee") one.employee = cleared.held.party;
  }
  if (document.more.note !== undefined) one.note = String(document.more.note);
  return one;
}

/** Clears what the header links to; answers what is left of the money and what the cleared parts were booked at. */
function clearLinks(w: Work, amount: bigint, role: string, rows: Row[]): { left: bigint; booked: bigint; cleared: bigint } {
  let left = amount, booked = 0n, cleared = 0n;
  for (const link of w.document.links) {
    const linked = follow(w, link);
    if (["purchaseOrder", "salesOrder", "shipment"].includes(linked.fact.document.kind)) {
      use(w, { ...linked, line: undefined }, undefined, 0n, link.amount ?? 0n);
      continue;
    }
    if (left <= 0n && link.amount === null) continue;
    const one = clear(w, linked, link.amount, left);
    if (one.original > left) park("clearing.more_than_paid", { amount: String(amount), linked: String(amount - left + one.original) }, w.fact.key);
    left -= one.original;
    booked += one.base;
    cleared += one.original;
    rows.push(clearedRow(w, one, role));
  }
  return { left, booked, cleared };
}

/** P2, P8, P8r, P10: money to a supplier, or back from one (credit). */
export function supplierPayment(w: Work): void {
  const { document, sign } = w;
  const rows: Row[] = [];
  const fee = money(w, "fee"), discount = money(w, "discount");
  const isRefund = document.credit || document.more.purpose === "refund";
  const way = isRefund ? -1n : sign;
  // As with receipts: `amount` is what is cleared; with a discount it may be written as the money that went.
  let amount = money(w, "amount");
  if (discount !== 0n && document.links.reduce((sum, link) => sum + (link.amount ?? 0n), 0n) !== amount) amount += discount;
  const { left, booked, cleared } = clearLinks(w, amount, "cleared", rows);
  const paid = base(w, amount - discount), kept = base(w, discount);
  const rest = base(w, left);
  let exchange = paid + kept - rest - booked;
  if (cleared === 0n) exchange = 0n;
  if (way < 0n) for (const one of rows) flip(one);
  if (left > 0n) unlinked(w, rows, way * left, way * rest, document.more.purpose === "prepayment" ? "prepayment" : "payableOnAccount");
  if (exchange !== 0n) rows.push(headRow(w, "exchange", way * exchange));
  if (discount !== 0n) rows.push(headRow(w, "discount", way * kept));
  if (fee !== 0n) rows.push(headRow(w, "fee", base(w, fee)));
  rows.push(bankRow(w, document.more.bankAccount, way * paid + base(w, fee), way * (amount - discount) + fee));
  event(w, "supplierPayment", rows);
}

const flip = (one: Row): void => {
  one.amount = -one.amount;
  one.original = -one.original;
};

/** Money without an invoice: an advance, or on account until it is settled. Our own open item, with the opposite sign of an invoice. */
function unlinked(w: Work, rows: Row[], original: bigint, amount: bigint, role: string): void {
  const one = foreign(w, headRow(w, role, amount), original);
  rows.push(one);
  const held = openItem(w, one, original);
  if (role.endsWith("OnAccount")) {
    // It stands on the invoices' own account, against them.
    held.wholeQuantity = -held.wholeQuantity;
    held.wholeAmount = -held.wholeAmount;
  }
}

/** S2, S8, S13c, S16: money from a customer, or back to one (credit). */
export function cashReceipt(w: Work): void {
  const { document } = w;
  const rows: Row[] = [];
  const fee = money(w, "fee"), commission = money(w, "commission"), commissionTax = money(w, "commissionTax"), discount = money(w, "discount");
  const isRefund = document.credit || document.more.purpose === "refund";
  const way = isRefund ? -1n : 1n;
  // `amount` is what is cleared; with a discount it may be written as the money that came: the links tell which.
  let amount = money(w, "amount");
  const linkedAmount = document.links.reduce((sum, link) => sum + (link.amount ?? 0n), 0n);
  if (discount !== 0n && linkedAmount !== amount) amount += discount;
  const { left, booked, cleared } = clearLinks(w, amount, "cleared", rows);
  const kept = fee + commission + commissionTax + discount;
  const received = base(w, amount - kept), keptBase = base(w, fee) + base(w, commission) + base(w, commissionTax) + base(w, discount);
  const rest = base(w, left);
  const exchange = cleared === 0n ? 0n : booked + rest - received - keptBase;
  if (way < 0n) for (const one of rows) flip(one);
  if (left > 0n) {
    if (document.more.purpose === "advance" || (isRefund && document.links.length === 0 && document.more.purpose !== "settlement" && document.more.taxRate !== undefined)) advance(w, rows, way * left, way * rest);
    else unlinked(w, rows, way * left, way * rest, "receivableOnAccount");
  }
  if (fee !== 0n) rows.push(headRow(w, "fee", way * base(w, fee)));
  if (commission !== 0n) rows.push(headRow(w, "commission", way * base(w, commission)));
  if (commissionTax !== 0n) rows.push(headRow(w, "tax", way * base(w, commissionTax)));
  if (discount !== 0n) rows.push(headRow(w, "discount", way * base(w, discount)));
  if (exchange !== 0n) rows.push(headRow(w, "exchange", way * exchange));
  if (document.more.note !== undefined) {
    const one = foreign(w, headRow(w, "note", way * received), way * (amount - kept));
    one.note = String(document.more.note);
    rows.push(one);
    hold(w, w.fact, "note", "open", way * (amount - kept), way * received).party = document.party;
  } else rows.push(bankRow(w, document.more.bankAccount, way * received, way * (amount - kept)));
  event(w, "cashReceipt", rows);
}

/** S2: the tax part of an advance is gross × rate ÷ (1 + rate), kept apart where the book splits it. */
function advance(w: Work, rows: Row[], original: bigint, amount: bigint): void {
  const rate = w.document.more.taxRate as bigint | undefined;
  const tax = rate !== undefined && w.state.book.settings.advanceTax === "split" ? amount - (amount < 0n ? -netOf(-amount, rate) : netOf(amount, rate)) : 0n;
  const one = foreign(w, headRow(w, "advance", amount - tax), original);
  rows.push(one);
  const held = openItem(w, one, original);
  held.wholeAmount = amount;
  if (tax !== 0n) {
    rows.push(headRow(w, "advanceTax", tax));
    hold(w, w.fact, "", "advanceTax", original, tax);
  }
}

/** P9, S9 and the other set-offs: two entry lines each. */
export function settlement(w: Work): void {
  const { document } = w;
  const rows: Row[] = [];
  const amount = money(w, "amount");
  const type = String(document.more.type);
  const isTransfer = type === "receivableToReceivable" || type === "payableToPayable";
  const linked = document.links.map((link) => follow(w, link));
  if (linked.length < (isTransfer ? 1 : 2)) park("settlement.links", { type, links: String(linked.length) }, w.fact.key);
  const isSource = (one: Linked): boolean => {
    const kind = one.fact.document.kind;
    if (type === "prepaymentToPayable") return kind === "supplierPayment" || (kind === "openingBalance" && heldOf(one.fact, openLine(one), "open")?.account.startsWith("1123") === true);
    if (type === "advanceToReceivable") return kind === "cashReceipt" || (kind === "openingBalance" && /^220[34]/.test(heldOf(one.fact, openLine(one), "open")?.account ?? ""));
    if (type === "receivableToPayable") return kind === "salesInvoice" || kind === "consignmentList" || (kind === "openingBalance" && (heldOf(one.fact, openLine(one), "open")?.account ?? "").startsWith("1122"));
    return true;
  };
  let sourceLeft = amount, targetLeft = amount, sourceBase = 0n, targetBase = 0n;
  for (const one of linked) {
    const source = isSource(one);
    const room = source ? sourceLeft : targetLeft;
    if (room <= 0n) continue;
    const open = heldOf(one.fact, openLine(one), "open");
    const before = open ? abs(quantityLeft(open)) : 0n;
    const cleared = clear(w, one, one.link.amount === null ? null : min(one.link.amount, room), room);
    if (source) sourceLeft -= cleared.original;
    else targetLeft -= cleared.original;
    if (type === "advanceToReceivable" && source) {
      // The tax part goes with it: round(tax × applied ÷ advance), the last application takes what is left.
      const held = heldOf(one.fact, openLine(one), "advanceTax");
      const tax = held && before > 0n ? takePart(w, held, cleared.original) : 0n;
      rows.push({ ...clearedRow(w, cleared, "from"), amount: cleared.base - tax });
      if (tax !== 0n) rows.push(headRow(w, "advanceTax", tax));
    } else rows.push(clearedRow(w, cleared, source ? "from" : "to"));
    if (source) sourceBase += cleared.base;
    else targetBase += cleared.base;
  }
  if (isTransfer) {
    const one = foreign(w, headRow(w, "to", sourceBase), amount - sourceLeft);
    const first = linked[0] as Linked;
    one.account = heldOf(first.fact, openLine(first), "open")?.account ?? "";
    const toParty = document.more.toParty;
    if (typeof toParty !== "string") park("field.missing", { field: "toParty" }, w.fact.key);
    else one.party = toParty;
    rows.push(one);
    openItem(w, one, amount - sourceLeft);
  } else {
    if (sourceLeft !== targetLeft) park("settlement.uneven", { from: String(amount - sourceLeft), to: String(amount - targetLeft) }, w.fact.key);
    const exchange = type === "prepaymentToPayable" || type === "receivableToPayable" ? sourceBase - targetBase : targetBase - sourceBase;
    if (exchange !== 0n) rows.push(headRow(w, "exchange", exchange));
  }
  event(w, "settlement", rows);
}

/** S12b, S12c, P11. */
export function writeOff(w: Work): void {
  const rows: Row[] = [];
  const amount = money(w, "amount");
  if (w.document.more.type === "recovered") {
    const value = base(w, amount);
    event(w, "writeOffRecovered", [headRow(w, "receivable", value)]);
    event(w, "writeOffPaid", [headRow(w, "receivable", value), bankRow(w, w.document.more.bankAccount, value, amount)]);
    return;
  }
  const { left } = clearLinks(w, amount, "cleared", rows);
  if (left > 0n) rows.push(headRow(w, "unlinked", base(w, left)));
  event(w, w.document.more.type === "payable" ? "payableWrittenOff" : "badDebt", rows);
}

/** C1a, C1b, deposits and loans, and what has no document of its own. */
export function bankStatementLine(w: Work): void {
  const { document } = w;
  const amount = money(w, "amount"), tax = money(w, "tax");
  const type = String(document.more.type);
  const isIn = type === "interest" || type === "depositBack" || type === "loan" || (type === "other" && document.more.direction === "in");
  const bank = bankRow(w, document.more.bankAccount, isIn ? base(w, amount) : -base(w, amount), isIn ? amount : -amount);
  const rows = [bank, headRow(w, type, base(w, amount - tax))];
  (rows[1] as Row).account = typeof document.more.account === "string" ? document.more.account : "";
  (rows[1] as Row).use = isIn ? "in" : "out";
  if (tax !== 0n) rows.push(headRow(w, "tax", base(w, tax)));
  if (type === "other" && (rows[1] as Row).account === "") park("field.missing", { field: "account" }, w.fact.key);
  event(w, "bankStatementLine", rows);
}

/** S8n, S8d, P8e, P8n: the life of a note. */
export function bill(w: Work): void {
  const { document } = w;
  const action = String(document.more.action);
  const amount = money(w, "amount"), interest = money(w, "interest"), fee = money(w, "fee"), deposit = money(w, "deposit");
  const value = base(w, amount);
  const rows: Row[] = [];
  const note = headRow(w, "note", value);
  note.note = String(document.more.note);
  const bank = (role: string, original: bigint): void => {
    if (original !== 0n) rows.push(bankRow(w, document.more.bankAccount, base(w, original), original, role));
  };
  const clearing = (): void => {
    const { left } = clearLinks(w, amount, "cleared", rows);
    if (left > 0n) unlinkedParty(w, rows, base(w, left), left, action);
  };
  note.use = document.more.recourse === true || (document.more.recourse === undefined && w.state.book.settings.bills === "recourse") ? "recourse" : "";
  switch (action) {
    case "received": case "endorsed": case "issued":
      rows.push(note);
      clearing();
      if (fee !== 0n) {
        event(w, `bill.${action}`, rows.splice(0));
        rows.push(headRow(w, "fee", base(w, fee)));
        bank("bank", fee);
        event(w, "bill.fee", rows);
        return;
      }
      break;
    case "discounted":
      rows.push(note, headRow(w, "interest", base(w, interest + fee)));
      bank("bank", amount - interest - fee);
      break;
    case "deposit":
      rows.push(headRow(w, "deposit", base(w, deposit || amount)));
      bank("bank", deposit || amount);
      break;
    case "paid":
      rows.push(note);
      if (deposit !== 0n) rows.push(headRow(w, "deposit", base(w, deposit)));
      bank("bank", amount - deposit);
      break;
    case "collected":
      rows.push(note);
      bank("bank", amount);
      break;
    case "advanced":
      rows.push(note);
      if (deposit !== 0n) rows.push(headRow(w, "deposit", base(w, deposit)));
      rows.push(headRow(w, "loan", base(w, amount - deposit)));
      break;
    default: {
      // dishonoured, unpaid, recourseEnded: the note becomes a receivable or payable again, or the loan beside it ends.
      rows.push(note);
      if (action !== "recourseEnded") unlinkedParty(w, rows, value, amount, action);
    }
  }
  event(w, `bill.${action}`, rows);
}

function unlinkedParty(w: Work, rows: Row[], amount: bigint, original: bigint, action: string): void {
  const one = foreign(w, headRow(w, "party", amount), original);
  rows.push(one);
  const held = openItem(w, one, original);
  if (action === "received" || action === "endorsed" || action === "issued") {
    held.wholeQuantity = -held.wholeQuantity;
    held.wholeAmount = -held.wholeAmount;
  }
}

/** C2, P10, S16: open monetary items and bank balances at the closing rate. Reads what the run has loaded. */
export function fxRevaluation(w: Work, balances: readonly { account: string; bankAccount: string; currency: string; original: bigint; base: bigint }[], open: readonly Held[]): void {
  const rows: Row[] = [];
  const wanted = w.document.more.foreignCurrency;
  const rate = (currency: string): bigint => (w.document.more.closingRate as bigint | undefined) ?? closing(w, currency);
  for (const one of balances) {
    if (one.currency === baseCurrency(w) || (wanted !== undefined && wanted !== one.currency)) continue;
    const difference = convert(one.original, one.currency, baseCurrency(w), rate(one.currency)) - one.base;
    if (difference === 0n) continue;
    const made = headRow(w, "bankGain", difference);
    made.account = one.account;
    made.bankAccount = one.bankAccount;
    made.currency = one.currency;
    rows.push(made);
  }
  for (const held of open) {
    if (held.currency === baseCurrency(w) || held.currency === "" || (wanted !== undefined && wanted !== held.currency) || isNotMonetary(w, held)) continue;
    const left = quantityLeft(held);
    const booked = held.wholeAmount - held.takenAmount;
    const difference = convert(left, held.currency, baseCurrency(w), rate(held.currency)) - booked;
    if (left === 0n || difference === 0n) continue;
    const fact = w.state.byId.get(held.documentId);
    const isAsset = w.state.accounts.get(held.account)?.side === "debit";
    const made = headRow(w, isAsset ? "assetGain" : "liabilityLoss", difference);
    made.account = held.account;
    made.party = held.party;
    made.currency = held.currency;
    if (fact?.document.partyKind === "employee") {
      made.party = "";
      made.employee = held.party;
    }
    rows.push(made);
    touch(w.touched, held);
    // What is left begins a new whole at the closing rate.
    held.wholeQuantity = left;
    held.wholeAmount = booked + difference;
    held.takenQuantity = 0n;
    held.takenAmount = 0n;
  }
  event(w, "fxRevaluation", rows);
}

const closing = (w: Work, currency: string): bigint => (w.document.currency === currency ? rateOf(w) : dayRate(w, currency, w.document.date));
/** Never 1123, 2203, 2204: they are settled in goods, not in money (CAS 19). */
const isNotMonetary = (w: Work, held: Held): boolean => w.state.accounts.get(held.account)?.carries.revalue !== true;

/** Other facts clear by link too (S8f, P16, S21). */
export { clearLinks };
