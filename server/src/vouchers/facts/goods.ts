/** 存货: counts, transfers, issues, production, adjustments of cost (I1–I6, P4f, P13–P15, S14). */
import { extend, formatMoney, share, taxOn } from "../../values/index.ts";
import type { DocumentLine } from "../../documents/index.ts";
import type { Row } from "../../rules/index.ts";
import { type Held, touch } from "../state.ts";
import { base, event, follow, headRow, heldOf, hold, lineRow, linkQuantity, park, poolKey, poolOf, priceLine, quantityLeft, stockAdjust, stockIn, stockOut, takePart, use, type Work } from "../work.ts";

const placeOf = (line: DocumentLine, warehouse = line.warehouse): { line: DocumentLine; item: string; warehouse: string } => ({ line, item: line.item, warehouse });

/** What goods are worth that come in without a price: the cost given, else today's average, else the last price. */
function worthIn(w: Work, line: DocumentLine): bigint {
  if (line.amountNet !== null) return base(w, line.amountNet);
  if (line.cost !== null) return extend(line.quantity, line.cost, w.state.book.currency);
  const pool = poolOf(w, line.item, line.warehouse);
  if (pool.quantity > 0n) return share(pool.amount, line.quantity, pool.quantity);
  if (pool.lastPrice > 0n) return share(pool.lastPrice, line.quantity, 1_000_000_000_000n);
  return park("line.no_price", { line: line.lineId }, `${w.fact.key}/${line.lineId}`);
}

/** I1, I2: what a count found too many or too few waits on 1901; tax comes out where goods were lost by mismanagement. */
export function stockCount(w: Work): void {
  const gains: Row[] = [], losses: Row[] = [];
  for (const line of w.document.lines) {
    if (line.quantity === 0n) continue;
    if (line.more.difference === "gain") {
      const amount = worthIn(w, line);
      stockIn(w, placeOf(line), line.quantity, amount, "in");
      hold(w, w.fact, line.lineId, "counted", line.quantity, amount);
      gains.push(quantified(lineRow(w, "goods", amount, line), line.quantity), lineRow(w, "gain", amount, line));
      continue;
    }
    const { amount } = stockOut(w, placeOf(line), line.quantity, "count");
    const rate = (line.more.inputTaxRate as bigint | undefined) ?? line.taxRate ?? 0n;
    const tax = line.more.reason === "mismanagement" ? taxOn(amount, rate) : 0n;
    hold(w, w.fact, line.lineId, "counted", line.quantity, amount + tax);
    losses.push(quantified(lineRow(w, "issue", amount, line), line.quantity), lineRow(w, "loss", amount + tax, line));
    if (tax !== 0n) losses.push({ ...lineRow(w, "inputTaxOut", tax, line), account: "" });
  }
  if (losses.length > 0) event(w, "stockCount.loss", losses);
  if (gains.length > 0) event(w, "stockCount.gain", gains);
}

const quantified = (one: Row, quantity: bigint): Row => {
  one.quantity = quantity;
  return one;
};

/** I1, I2 then: what the approval makes of it. One voucher for the losses, one for the gains. */
export function stockCountApproval(w: Work): void {
  const rows: Record<"gain" | "loss", Row[]> = { gain: [], loss: [] };
  for (const line of w.document.lines) {
    const link = line.links[0];
    if (!link) {
      park("field.missing", { field: "links" }, `${w.fact.key}/${line.lineId}`);
      continue;
    }
    const counted = follow(w, link);
    const held = counted.line && heldOf(counted.fact, counted.line.lineId, "counted");
    if (!counted.line || !held) {
      park("link.no_line", { target: link.sourceId }, w.fact.key);
      continue;
    }
    const left = held.wholeAmount - held.takenAmount;
    const given = line.more.amount as bigint | undefined;
    const amount = given === undefined ? left : given;
    if (amount > left) park("clearing.over", { target: link.sourceId, wanted: formatMoney(amount, w.state.book.currency), open: formatMoney(left, w.state.book.currency) }, w.fact.key);
    takeAmount(w, held, amount, left);
    use(w, { ...counted, line: undefined }, line, 0n, amount);
    const side = counted.line.more.difference === "gain" ? "gain" : "loss";
    const outcome = lineRow(w, "outcome", amount, line);
    outcome.use = String(line.more.outcome);
    if (typeof line.more.counterparty === "string") outcome.party = line.more.counterparty;
    rows[side].push(outcome, lineRow(w, "pending", amount, { ...line, account: "" }));
  }
  if (rows.loss.length > 0) event(w, "stockCountApproval.loss", rows.loss);
  if (rows.gain.length > 0) event(w, "stockCountApproval.gain", rows.gain);
}

/** Takes an amount; the quantity goes with the last of it. */
function takeAmount(w: Work, held: Held, amount: bigint, left: bigint): void {
  touch(w.touched, held);
  held.takenAmount += amount;
  if (amount === left) held.takenQuantity = held.wholeQuantity;
}

/** I3: between two warehouses of one company. */
export function transfer(w: Work): void {
  const rows: Row[] = [];
  const from = String(w.document.more.fromWarehouse), to = String(w.document.more.toWarehouse);
  for (const line of w.document.lines) {
    let amount: bigint;
    if (poolKey(w, line.item, from) === poolKey(w, line.item, to)) {
      // One pool for both: the goods move, the cost does not.
      const pool = poolOf(w, line.item, from);
      amount = pool.quantity > 0n ? share(pool.amount, line.quantity, pool.quantity) : 0n;
      const move = { pool: pool.key, item: line.item, date: w.document.date, type: "move" as const, line: line.lineId, ofQuantity: 0n, ofAmount: 0n, layer: "", detail: "" };
      w.moves.push({ ...move, warehouse: from, quantity: -line.quantity, amount: -amount }, { ...move, warehouse: to, quantity: line.quantity, amount });
    } else {
      amount = stockOut(w, placeOf(line, from), line.quantity, "moved").amount;
      stockIn(w, placeOf(line, to), line.quantity, amount, "in");
    }
    rows.push(quantified({ ...lineRow(w, "goods", amount, line), warehouse: to }, line.quantity), quantified({ ...lineRow(w, "issue", amount, line), warehouse: from }, line.quantity));
  }
  event(w, "transfer", rows);
}

/** I4a, P4f, S14, S14b: goods leave for a use other than a sale; unused ones come back (credit). */
export function productionIssue(w: Work): void {
  const rows: Row[] = [];
  const isBack = w.document.credit;
  const headUse = String(w.document.more.use ?? "production");
  let gross = 0n;
  for (const line of w.document.lines) {
    const useOf = typeof line.more.use === "string" ? line.more.use : headUse;
    let amount: bigint;
    if (isBack) {
      amount = backAmount(w, line);
      stockIn(w, placeOf(line), line.quantity, amount, "back");
      amount = -amount;
    } else {
      amount = stockOut(w, placeOf(line), line.quantity, useOf).amount;
      hold(w, w.fact, line.lineId, "issued", line.quantity, amount).item = line.item;
    }
    const push = (role: string, value: bigint): void => {
      const one = lineRow(w, role, value, { ...line, account: role === "use" ? line.account : "" });
      one.use = useOf;
      if (role === "issue") one.quantity = isBack ? -line.quantity : line.quantity;
      rows.push(one);
    };
    push("issue", amount);
    push("use", amount);
    if (useOf === "welfare" || useOf === "staffGift" || useOf === "construction") {
      const tax = taxOn(amount, (line.more.inputTaxRate as bigint | undefined) ?? 0n);
      if (tax !== 0n) push("inputTaxOut", tax);
      push("benefit", amount + tax);
      gross += amount + tax;
    }
    if (useOf === "sample" || useOf === "ownProductToStaff") {
      // Deemed sale: output tax on the fair price (VAT Law art. 5).
      priceLine(w, line);
      push("outputTax", w.sign * base(w, line.tax as bigint));
      push("fairNet", w.sign * base(w, line.amountNet as bigint));
      push("benefit", w.sign * base(w, line.amountGross as bigint));
      gross += w.sign * base(w, line.amountGross as bigint);
    }
  }
  const benefit = (): Row[] => [{ ...headRow(w, "benefit", gross), use: headUse }];
  if (headUse === "staffGift" || headUse === "ownProductToStaff") event(w, "benefitAccrued", benefit());
  event(w, "productionIssue", rows);
  if (headUse === "welfare") event(w, "benefitExpensed", benefit());
}

function backAmount(w: Work, line: DocumentLine): bigint {
  const link = line.links[0];
  if (!link) return worthIn(w, line);
  const issued = follow(w, link);
  const held = issued.line && heldOf(issued.fact, issued.line.lineId, "issued");
  const quantity = linkQuantity(line, link) || line.quantity;
  use(w, issued, line, quantity, 0n);
  return held && quantityLeft(held) >= quantity ? takePart(w, held, quantity) : worthIn(w, line);
}

/** I4b: finished goods at the cost that the work order says. */
export function finishedReceipt(w: Work): void {
  const rows: Row[] = [];
  for (const line of w.document.lines) {
    for (const link of line.links) use(w, follow(w, link), line, 0n, 0n);
    if (w.document.credit) {
      const { amount } = stockOut(w, placeOf(line), line.quantity, "production");
      rows.push(quantified(lineRow(w, "goods", -amount, { ...line, account: "" }), -line.quantity), lineRow(w, "production", -amount, line));
      continue;
    }
    const amount = worthIn(w, line);
    stockIn(w, placeOf(line), line.quantity, amount, "in");
    rows.push(quantified(lineRow(w, "goods", amount, { ...line, account: "" }), line.quantity), lineRow(w, "production", amount, line));
  }
  event(w, "finishedReceipt", rows);
}

/** P13: material goes to the processor and stays ours. */
export function subcontractIssue(w: Work): void {
  const rows: Row[] = [];
  for (const line of w.document.lines) {
    const { amount } = stockOut(w, placeOf(line), line.quantity, "processing");
    hold(w, w.fact, line.lineId, "processing", line.quantity, amount).item = line.item;
    rows.push(quantified(lineRow(w, "issue", amount, line), line.quantity), lineRow(w, "processing", amount, { ...line, account: "" }));
  }
  event(w, "subcontractIssue", rows);
}

/** 15: the value of goods on hand is corrected by a person. */
export function costAdjustment(w: Work): void {
  const rows: Row[] = [];
  for (const line of w.document.lines) {
    const amount = line.more.amount as bigint;
    stockAdjust(w, placeOf(line), undefined, amount);
    rows.push(lineRow(w, "goods", amount, { ...line, account: "" }), lineRow(w, "counter", amount, line));
  }
  event(w, "costAdjustment", rows);
}
