/**
 * 销售: shipments, returns, acceptance, invoices, consignment (S3–S7, S13, S15, S18). Goods and money move by their own
 * documents, so that a return and its red invoice may come in either order. What a shipment line holds: `cost` (1406, until
 * an invoice or acceptance takes it), and where revenue comes before the invoice `gross`, `outputTax`, `net`.
 */
import { share, taxOn } from "../../values/index.ts";
import type { DocumentLine } from "../../documents/index.ts";
import type { Row } from "../../rules/index.ts";
import type { Held } from "../state.ts";
import {
  amountLeft, bankRow, base, event, factById, type Linked, follow, foreign, headRow, heldOf, hold, isStock, lineRow, linkQuantity, netAt, netFromLinks, openItem, park, poolOf, pricedLine, priceLine, quantityLeft, stockIn, stockOut,
  takePart, use, type Work,
} from "../work.ts";
import { clearCredited } from "./purchase.ts";

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const revenueAt = (w: Work): string => w.state.book.settings.revenueAt;

/** S3a, S3b, S7c, S14, S18: goods leave. Their cost is shipped (1406), or sold where control passes with them. */
export function shipment(w: Work): void {
  const rows: Row[] = [];
  const isSale = (w.document.more.purpose ?? "sale") === "sale";
  const passes = isSale && revenueAt(w) === "shipment";
  for (const line of w.document.lines) {
    let invoiced = 0n;
    const pre: Linked[] = [];
    for (const link of line.links) {
      const linked = follow(w, link);
      use(w, linked, line, linkQuantity(line, link), 0n);
      if (linked.line && heldOf(linked.fact, linked.line.lineId, "pre")) pre.push(linked);
    }
    const isGoods = isStock(line);
    // An invoice that came first has the revenue already: the cost follows it at once.
    if (revenueAt(w) === "invoice" && isSale) for (const linked of pre) invoiced += takePre(w, linked, min(linkFor(line, linked), line.quantity - invoiced)).quantity;
    let cost = 0n;
    if (isGoods) {
      const kept = line.quantity - invoiced;
      const place = { line, item: line.item, warehouse: line.warehouse };
      const issue = stockOut(w, place, line.quantity, passes || kept === 0n ? "sold" : `s:${w.fact.id}/${line.lineId}`);
      cost = issue.amount;
      const sold = passes ? 0n : share(cost, invoiced, line.quantity);
      if (passes) hold(w, w.fact, line.lineId, "issued", line.quantity, cost).item = line.item;
      if (!passes && kept > 0n) {
        const held = hold(w, w.fact, line.lineId, "cost", kept, cost - sold);
        held.item = line.item;
        held.counted = cost;
      }
      if (sold !== 0n) rows.push(issueRow(w, line, sold, "sold", invoiced));
      if (cost - sold !== 0n && !passes) rows.push(issueRow(w, line, cost - sold, "shipped", kept));
    }
    if (passes) rows.push(...controlPasses(w, line, pre, cost));
  }
  event(w, "shipment", rows);
}

const linkFor = (line: DocumentLine, linked: Linked): bigint => linkQuantity(line, linked.link);

const issueRow = (w: Work, line: DocumentLine, amount: bigint, useOf: string, quantity: bigint): Row => {
  const one = lineRow(w, "issue", amount, line);
  one.use = useOf;
  one.quantity = quantity;
  return one;
};

/** Takes what was invoiced ahead on an invoice, order or shipment line. */
function takePre(w: Work, linked: Linked, quantity: bigint): { quantity: bigint; net: bigint } {
  const held = heldOf(linked.fact, (linked.line as DocumentLine).lineId, "pre");
  const part = held ? min(quantityLeft(held), quantity) : 0n;
  return part > 0n ? { quantity: part, net: takePart(w, held as Held, part) } : { quantity: 0n, net: 0n };
}

/** Control passes with the goods or services: revenue now, VAT when it is invoiced or was before (CAS 14 art. 4, 13). */
function controlPasses(w: Work, line: DocumentLine, pre: readonly Linked[], cost: bigint): Row[] {
  const rows: Row[] = [];
  let left = line.quantity;
  for (const linked of pre) {
    const taken = takePre(w, linked, min(linkFor(line, linked) || left, left));
    if (taken.quantity === 0n) continue;
    // S4c: the invoice booked the tax alone; the receivable gets its net part now.
    rows.push(lineRow(w, "receivableNet", taken.net, line), lineRow(w, "revenue", taken.net, line));
    left -= taken.quantity;
  }
  let soldCost = cost;
  if (left > 0n) {
    const priced = netFromLinks(w, w.document, line, left);
    if (!priced) park("line.no_price", { line: line.lineId }, `${w.fact.key}/${line.lineId}`);
    else {
      const { net } = priced;
      const rate = priced.taxRate ?? 0n;
      const tax = taxOn(net, rate);
      const netBase = base(w, net), taxBase = base(w, tax);
      hold(w, w.fact, line.lineId, "gross", left, netBase + taxBase);
      hold(w, w.fact, line.lineId, "outputTax", left, taxBase);
      hold(w, w.fact, line.lineId, "net", left, netBase);
      rows.push(foreign(w, lineRow(w, "uninvoiced", netBase + taxBase, line), net + tax), lineRow(w, "pendingOutputTax", taxBase, line));
      const expected = w.document.more.expectedReturnRate as bigint | undefined;
      if (expected !== undefined && expected > 0n) {
        // S7c: what is expected back is no revenue but a refund liability, and its cost no cost but an asset (CAS 14 art. 32).
        const quantity = share(left, expected, 1_000_000n);
        const liability = share(netBase, expected, 1_000_000n);
        const asset = share(cost, expected, 1_000_000n) - ((w.document.more.returnCost as bigint | undefined) ?? 0n);
        hold(w, w.fact, line.lineId, "refund", quantity, liability);
        hold(w, w.fact, line.lineId, "returnAsset", quantity, asset);
        rows.push(lineRow(w, "revenue", netBase - liability, line), lineRow(w, "refundLiability", liability, line), lineRow(w, "returnAsset", asset, line));
        soldCost = cost - asset;
      } else rows.push(lineRow(w, "revenue", netBase, line));
    }
  }
  if (soldCost !== 0n) rows.push(issueRow(w, line, soldCost, "sold", line.quantity));
  if (cost - soldCost !== 0n) rows.push(issueRow(w, line, cost - soldCost, "expectedBack", 0n));
  return rows;
}

/** S7a: goods come back at what they cost when they left. */
export function shipmentReturn(w: Work): void {
  const rows: Row[] = [];
  for (const line of w.document.lines) {
    let left = line.quantity, amount = 0n;
    for (const link of line.links) {
      const linked = follow(w, link);
      const quantity = linkQuantity(line, link);
      if (linked.fact.document.kind !== "shipment" || !linked.line) {
        use(w, linked, line, quantity, 0n);
        continue;
      }
      const before = returnedBefore(linked);
      use(w, linked, line, quantity, 0n);
      amount += takeBackGoods(w, line, linked, quantity, before, rows);
      left -= quantity;
    }
    if (left > 0n && isStock(line)) {
      // Nobody says which shipment: the cost that the source gives, else today's average.
      const pool = line.cost === null ? poolAverage(w, line, left) : undefined;
      const cost = line.cost !== null ? netAt({ document: { ...w.document, currency: w.state.book.currency }, line: { ...line, price: line.cost } }, left) : pool;
      if (cost === undefined) park("return.no_cost", { line: line.lineId }, `${w.fact.key}/${line.lineId}`);
      else {
        amount += cost;
        if (revenueAt(w) !== "shipment") {
          const held = hold(w, w.fact, line.lineId, "cost", left, cost);
          held.item = line.item;
        }
        rows.push(issueRow(w, line, -cost, revenueAt(w) === "shipment" ? "sold" : "shipped", -left));
        if (revenueAt(w) === "shipment") rows.push(...revenueBack(w, line, left));
      }
    }
    if (isStock(line)) stockIn(w, { line, item: line.item, warehouse: line.warehouse }, line.quantity, amount, "back", backOf(w, line));
  }
  event(w, "shipmentReturn", rows);
}

/** Which issue the goods are of, for the cost run. */
function backOf(w: Work, line: DocumentLine): string {
  for (const link of line.links) {
    if (link.kind !== "shipment") continue;
    const { fact, line: target } = follow(w, link);
    if (target) return `s:${fact.id}/${target.lineId}`;
  }
  return "";
}

const returnedBefore = (shipped: Linked): bigint =>
  shipped.fact.linkers.reduce((sum, linker) => (linker.line === shipped.line?.lineId && linker.kind === "shipmentReturn" ? sum + linker.quantity : sum), 0n);

function poolAverage(w: Work, line: DocumentLine, quantity: bigint): bigint | undefined {
  const pool = poolOf(w, line.item, line.warehouse);
  return pool.quantity > 0n ? share(pool.amount, quantity, pool.quantity) : pool.lastPrice > 0n ? share(pool.lastPrice, quantity, 1_000_000_000_000n) : undefined;
}

function takeBackGoods(w: Work, line: DocumentLine, shipped: Linked, quantity: bigint, before: bigint, rows: Row[]): bigint {
  const target = shipped.line as DocumentLine;
  const { fact } = shipped;
  if (line.item === "") {
    line.item = target.item;
    line.category = target.category;
  }
  const expected = heldOf(fact, target.lineId, "returnAsset");
  if (expected && quantityLeft(expected) > 0n) {
    const part = min(quantityLeft(expected), quantity);
    const asset = takePart(w, expected, part);
    rows.push(lineRow(w, "returnAsset", -asset, line), issueRow(w, line, -asset, "expectedBack", -part));
    return part === quantity ? asset : asset + takeBackCost(w, line, shipped, quantity - part, before + part, rows);
  }
  return takeBackCost(w, line, shipped, quantity, before, rows);
}

function takeBackCost(w: Work, line: DocumentLine, shipped: Linked, quantity: bigint, before: bigint, rows: Row[]): bigint {
  const target = shipped.line as DocumentLine;
  const { fact } = shipped;
  const passes = revenueAt(w) === "shipment" && (fact.document.more.purpose ?? "sale") === "sale";
  const cost = heldOf(fact, target.lineId, "cost");
  if (passes) {
    const amount = costAtIssue(w, shipped, quantity, before);
    rows.push(issueRow(w, line, -amount, "sold", -quantity), ...revenueBackOf(w, line, shipped, quantity, before));
    return amount;
  }
  // Not invoiced yet: the goods leave 1406 as they came to it. Invoiced: 1406 is owed until the red invoice comes.
  let amount: bigint;
  if (cost && quantityLeft(cost) >= quantity) amount = takePart(w, cost, quantity);
  else {
    amount = cost && target.quantity > 0n ? share(cost.counted, before + quantity, target.quantity) - share(cost.counted, before, target.quantity) : costAtIssue(w, shipped, quantity, before);
    hold(w, w.fact, line.lineId, "cost", quantity, amount).item = line.item;
  }
  rows.push(issueRow(w, line, -amount, "shipped", -quantity));
  return amount;
}

/** What the shipment line cost when it left, sliced; kept on the line where control passed with it. */
function costAtIssue(w: Work, shipped: Linked, quantity: bigint, before: bigint): bigint {
  const target = shipped.line as DocumentLine;
  const held = heldOf(shipped.fact, target.lineId, "issued") ?? heldOf(shipped.fact, target.lineId, "cost");
  void w;
  const whole = held ? (held.what === "issued" ? held.wholeAmount : held.counted) : 0n;
  return target.quantity > 0n ? share(whole, before + quantity, target.quantity) - share(whole, before, target.quantity) : 0n;
}

/** S7a under S3b: revenue and its pending tax go back with the goods. */
function revenueBackOf(w: Work, line: DocumentLine, shipped: Linked, quantity: bigint, before: bigint): Row[] {
  const target = shipped.line as DocumentLine;
  const held = (what: string): Held | undefined => heldOf(shipped.fact, target.lineId, what);
  const gross = held("gross"), tax = held("outputTax"), net = held("net");
  if (!gross || !tax || !net) return revenueBack(w, line, quantity);
  const isOpen = quantityLeft(gross) >= quantity;
  const part = (one: Held): bigint => (isOpen ? takePart(w, one, quantity) : share(one.wholeAmount, before + quantity, one.wholeQuantity) - share(one.wholeAmount, before, one.wholeQuantity));
  const grossPart = part(gross), taxPart = part(tax), netPart = part(net);
  if (!isOpen) {
    hold(w, w.fact, line.lineId, "gross", quantity, grossPart);
    hold(w, w.fact, line.lineId, "outputTax", quantity, taxPart);
    hold(w, w.fact, line.lineId, "net", quantity, netPart);
  }
  return [lineRow(w, "uninvoiced", -grossPart, line), lineRow(w, "pendingOutputTax", -taxPart, line), lineRow(w, "revenue", -netPart, line)];
}

function revenueBack(w: Work, line: DocumentLine, quantity: bigint): Row[] {
  const priced = pricedLine(w, w.document, line);
  if (!priced) return [];
  const net = base(w, netAt(priced, quantity));
  const tax = taxOn(net, line.taxRate ?? priced.line.taxRate ?? 0n);
  hold(w, w.fact, line.lineId, "gross", quantity, net + tax);
  hold(w, w.fact, line.lineId, "outputTax", quantity, tax);
  hold(w, w.fact, line.lineId, "net", quantity, net);
  return [lineRow(w, "uninvoiced", -(net + tax), line), lineRow(w, "pendingOutputTax", -tax, line), lineRow(w, "revenue", -net, line)];
}

/** Control passes when the customer signs (`revenueAt: acceptance`), or as a service is performed (S15). */
export function customerAcceptance(w: Work): void {
  const rows: Row[] = [];
  for (const line of w.document.lines) {
    const shipments = line.links.filter((link) => link.kind === "shipment");
    for (const link of line.links) if (link.kind === "salesOrder") use(w, follow(w, link), line, linkQuantity(line, link), 0n);
    if (shipments.length === 0) {
      rows.push(...performed(w, line));
      continue;
    }
    for (const link of shipments) {
      const shipped = follow(w, link);
      const target = shipped.line;
      if (!target) {
        park("link.no_line", { target: `${shipped.fact.key}` }, w.fact.key);
        continue;
      }
      const quantity = linkQuantity(line, link);
      use(w, shipped, line, quantity, 0n);
      // Where the invoice is the moment of revenue, a signature changes nothing in the books.
      if (revenueAt(w) === "invoice") continue;
      if (line.item === "") {
        line.item = target.item;
        line.category = target.category;
      }
      const cost = heldOf(shipped.fact, target.lineId, "cost");
      if (cost) {
        const amount = takePart(w, cost, min(quantity, quantityLeft(cost)));
        if (amount !== 0n) rows.push({ ...lineRow(w, "cost", amount, line), account: "" });
      }
      // The invoice may have come first: for the shipment itself, or for the line that it links to.
      const pre = [shipped, ...target.links.map((back) => follow(w, back))].filter((linked) => linked.line && heldOf(linked.fact, linked.line.lineId, "pre"));
      let left = quantity;
      for (const linked of pre) {
        const taken = takePre(w, linked, left);
        if (taken.quantity === 0n) continue;
        left -= taken.quantity;
        rows.push(lineRow(w, "receivableNet", taken.net, line), lineRow(w, "revenue", taken.net, line));
      }
      if (left > 0n) rows.push(...recognised(w, line, shipped, left));
    }
  }
  event(w, "customerAcceptance", rows);
}

/** Revenue before the invoice, held on the shipment line for it. */
function recognised(w: Work, line: DocumentLine, shipped: Linked, quantity: bigint): Row[] {
  const target = shipped.line as DocumentLine;
  const priced = pricedLine(w, w.document, line) ?? pricedLine(w, shipped.fact.document, target);
  if (!priced) return park("line.no_price", { line: line.lineId }, `${w.fact.key}/${line.lineId}`);
  const net = netAt(priced, quantity);
  const tax = taxOn(net, line.taxRate ?? priced.line.taxRate ?? 0n);
  const netBase = base(w, net), taxBase = base(w, tax);
  hold(w, shipped.fact, target.lineId, "gross", quantity, netBase + taxBase);
  hold(w, shipped.fact, target.lineId, "outputTax", quantity, taxBase);
  hold(w, shipped.fact, target.lineId, "net", quantity, netBase);
  return [lineRow(w, "uninvoiced", netBase + taxBase, line), lineRow(w, "pendingOutputTax", taxBase, line), lineRow(w, "revenue", netBase, line)];
}

/** S15: a service over time, by progress so far of the order line; its cost leaves 1475. */
function performed(w: Work, line: DocumentLine): Row[] {
  const quantity = line.quantity || 1_000_000n;
  const progress = line.more.progress as bigint | undefined;
  const order = line.links.filter((link) => link.kind === "salesOrder").map((link) => follow(w, link)).find((linked) => linked.line);
  if (progress !== undefined && line.amountNet === null && order?.line) {
    const priced = pricedLine(w, order.fact.document, order.line);
    if (!priced) return park("line.no_price", { line: line.lineId }, `${w.fact.key}/${line.lineId}`);
    const before = heldOf(order.fact, order.line.lineId, "performed")?.wholeAmount ?? 0n;
    line.amountNet = share(netAt(priced, order.line.quantity), progress, 1_000_000n) - before;
    line.taxRate ??= order.line.taxRate;
    hold(w, order.fact, order.line.lineId, "performed", 0n, line.amountNet);
  }
  priceLine(w, line);
  const net = base(w, line.amountNet as bigint), tax = base(w, line.tax as bigint);
  hold(w, w.fact, line.lineId, "gross", quantity, net + tax);
  hold(w, w.fact, line.lineId, "outputTax", quantity, tax);
  hold(w, w.fact, line.lineId, "net", quantity, net);
  const rows = [lineRow(w, "contractAsset", net + tax, line), lineRow(w, "pendingOutputTax", tax, line), lineRow(w, "revenue", net, line)];
  if (line.cost !== null) rows.push({ ...lineRow(w, "contractCost", netAt({ document: { ...w.document, currency: w.state.book.currency }, line: { ...line, price: line.cost } }, quantity), line), account: "" });
  return rows;
}

/** S4a–S4c, S7b, S11, S13, T2: the invoice to the customer, blue or red. */
export function salesInvoice(w: Work): void {
  const rows: Row[] = [];
  invoice(w, rows);
  event(w, "salesInvoice", rows);
}

/** S18: what an agent sold is revenue; his fee is kept back. */
export function consignmentList(w: Work): void {
  const rows: Row[] = [];
  invoice(w, rows);
  event(w, "consignmentList", rows);
  const fee = (w.document.more.fee as bigint | undefined) ?? 0n, tax = (w.document.more.feeTax as bigint | undefined) ?? 0n;
  if (fee + tax === 0n) return;
  const open = heldOf(w.fact, "", "open");
  if (open) takePart(w, open, fee + tax);
  event(w, "consignmentFee", [headRow(w, "fee", base(w, fee)), headRow(w, "tax", base(w, tax)), foreign(w, headRow(w, "receivable", base(w, fee + tax)), fee + tax)]);
}

function invoice(w: Work, rows: Row[]): void {
  const { document, sign } = w;
  let owed = 0n, owedBase = 0n, taxOnly = 0n;
  const clears: { linked: Linked; original: bigint }[] = [];
  for (const line of document.lines) {
    priceLine(w, line);
    const net = line.amountNet as bigint, tax = line.tax as bigint;
    const netBase = sign * base(w, net), taxBase = sign * base(w, tax);
    owed += sign * (net + tax);
    const linked = line.links.map((link) => ({ ...follow(w, link), quantity: linkQuantity(line, link) }));
    for (const one of linked) {
      use(w, one, line, one.quantity, one.link.amount ?? 0n);
      if (line.item === "" && one.line && one.line.item !== "") {
        line.item = one.line.item;
        line.category = one.line.category;
      }
      if (one.fact.document.kind === "salesInvoice" && document.credit) clears.push({ linked: one, original: one.link.amount ?? net + tax });
    }
    if (taxBase !== 0n) rows.push({ ...lineRow(w, "tax", taxBase, line), account: "" });
    const goods = linked.filter((one) => ["shipment", "shipmentReturn", "customerAcceptance"].includes(one.fact.document.kind) && one.line);
    for (const one of goods) takeCost(w, line, one, sign, rows);

    const before = linked.filter((one) => one.line && heldOf(one.fact, one.line.lineId, "gross"));
    const refunds = document.credit ? goods.map((one) => refundOf(w, one, line)).find((held) => held !== undefined) : undefined;
    const accrued = document.credit ? linked.map((one) => accruedFor(w, one)).find((held) => held !== undefined) : undefined;
    if (accrued) {
      // S13: the rebate was expected and accrued; the red invoice releases it.
      const part = min(quantityLeft(accrued), net);
      const released = part > 0n ? takePart(w, accrued, part) : 0n;
      rows.push(lineRow(w, "rebate", -released, line));
      if (netBase + released !== 0n) rows.push(lineRow(w, "revenue", netBase + released, line));
      owedBase += netBase + taxBase;
    } else if (refunds) {
      const part = min(quantityLeft(refunds), line.quantity);
      const released = takePart(w, refunds, part);
      rows.push(lineRow(w, "refundLiability", -released, line));
      if (netBase + released !== 0n) rows.push(lineRow(w, "revenue", netBase + released, line));
      owedBase += netBase + taxBase;
    } else if (before.length > 0) {
      // S4b: revenue was there before; the invoice moves the receivable and the tax, a price change alone is revenue.
      let netBefore = 0n;
      for (const one of before) netBefore += sign * moveUninvoiced(w, line, one, one.quantity || line.quantity, sign, rows);
      if (netBase - netBefore !== 0n) rows.push(lineRow(w, "priceChange", netBase - netBefore, line));
      owedBase += netBase + taxBase;
    } else if (revenueAt(w) !== "invoice" && isStock(line) && !document.credit && document.kind === "salesInvoice") {
      // S4c: control has not passed; only the tax is due (VAT Law art. 28).
      const target = goods[0] ?? linked.find((one) => one.fact.document.kind === "salesOrder" && one.line);
      if (target?.line && target.fact.document.kind !== "customerAcceptance") hold(w, target.fact, target.line.lineId, "pre", line.quantity, netBase);
      else hold(w, w.fact, line.lineId, "pre", line.quantity, netBase);
      taxOnly += taxBase;
    } else {
      const one = lineRow(w, "revenue", netBase, line);
      one.quantity = sign * line.quantity;
      rows.push(one);
      owedBase += netBase + taxBase;
      if (goods.length === 0 && isStock(line) && !document.credit) hold(w, w.fact, line.lineId, "pre", line.quantity, 0n);
    }
  }
  if (taxOnly !== 0n) rows.push(headRow(w, "receivableTax", taxOnly));
  if (document.more.paidTo !== undefined) {
    rows.push(bankRow(w, document.more.paidTo, owedBase + taxOnly, owed));
    return;
  }
  const one = foreign(w, headRow(w, "receivable", owedBase), owed);
  rows.push(one);
  if (owed !== 0n) {
    const open = openItem(w, one, owed);
    // What the invoice is owed includes the net part that the books add when control passes.
    if (taxOnly !== 0n) open.wholeAmount = base(w, owed);
  }
  clearCredited(w, clears);
}

/** S4a: the cost that the shipment line (or, in red, the return line) holds follows the invoice. */
function takeCost(w: Work, line: DocumentLine, one: Linked & { quantity: bigint }, sign: bigint, rows: Row[]): void {
  const target = one.line as DocumentLine;
  const held = heldOf(one.fact, target.lineId, "cost");
  if (!held || revenueAt(w) === "acceptance" && one.fact.document.kind === "shipment" && one.fact.document.more.purpose !== "consignment") return;
  const isReturn = one.fact.document.kind === "shipmentReturn";
  if (w.document.credit !== isReturn) return;
  const part = min(one.quantity || line.quantity, quantityLeft(held));
  if (part <= 0n) return;
  const amount = takePart(w, held, part);
  if (amount !== 0n) rows.push({ ...lineRow(w, "cost", sign * amount, line), account: "", item: target.item, category: target.category });
  const freight = heldOf(one.fact, target.lineId, "freight");
  if (freight && quantityLeft(freight) > 0n) rows.push({ ...lineRow(w, "freightCost", sign * takePart(w, freight, min(part, quantityLeft(freight))), line), account: "" });
}

function moveUninvoiced(w: Work, line: DocumentLine, one: Linked, wanted: bigint, sign: bigint, rows: Row[]): bigint {
  const target = one.line as DocumentLine;
  const [gross, tax, net] = ["gross", "outputTax", "net"].map((what) => heldOf(one.fact, target.lineId, what) as Held) as [Held, Held, Held];
  const part = wanted === 0n ? quantityLeft(gross) : min(wanted, quantityLeft(gross));
  if (part <= 0n) return 0n;
  const grossPart = takePart(w, gross, part), taxPart = takePart(w, tax, part), netPart = takePart(w, net, part);
  const uninvoiced = lineRow(w, one.fact.document.kind === "customerAcceptance" ? "contractAsset" : "uninvoiced", -sign * grossPart, line);
  rows.push(uninvoiced, lineRow(w, "pendingOutputTax", -sign * taxPart, line));
  return netPart;
}

/** A rebate accrued for the invoice that a red one reduces, or linked itself. */
function accruedFor(w: Work, one: Linked): Held | undefined {
  const own = heldOf(one.fact, "", "rebate");
  if (own && quantityLeft(own) > 0n) return own;
  for (const linker of one.fact.linkers) {
    if (linker.kind !== "adjustment") continue;
    const held = heldOf(factById(w, linker.documentId), "", "rebate");
    if (held && quantityLeft(held) > 0n) return held;
  }
  return undefined;
}

/** The refund liability of the shipment that a returned line belongs to. */
function refundOf(w: Work, one: Linked, line: DocumentLine): Held | undefined {
  if (one.fact.document.kind !== "shipmentReturn") return undefined;
  for (const link of (one.line as DocumentLine).links) {
    if (link.kind !== "shipment") continue;
    const shipped = follow(w, link);
    const held = shipped.line && heldOf(shipped.fact, shipped.line.lineId, "refund");
    if (held && quantityLeft(held) > 0n) return held;
  }
  void line;
  return undefined;
}

/** S7c: the right of return has ended; what did not come back is sold. */
export function returnRightEnds(w: Work): { refunds: Row[]; costs: Row[] } {
  const refunds: Row[] = [], costs: Row[] = [];
  for (const link of w.document.links) {
    const shipped = follow(w, link);
    for (const line of shipped.fact.document.lines) {
      for (const [what, role] of [["refund", "refundLiability"], ["returnAsset", "returnAsset"]] as const) {
        const held = heldOf(shipped.fact, line.lineId, what);
        if (!held || amountLeft(held) === 0n) continue;
        const one = lineRow(w, role, takePart(w, held, quantityLeft(held)), { ...line, account: "" });
        one.party = shipped.fact.document.party;
        (what === "refund" ? refunds : costs).push(one);
      }
    }
  }
  return { refunds, costs };
}
