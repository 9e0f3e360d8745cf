/**
 * 采购: receipts, returns, supplier and cost invoices (P3–P7, P12, P13). The figures only; accounts are the rules'.
 * An estimate is held by its receipt line in base currency, at the order's net price and the receipt day's rate.
 */
import { allocate, convert, share } from "../../values/index.ts";
import { type DocumentLine, linkText } from "../../documents/index.ts";
import type { Row } from "../../rules/index.ts";
import type { Held } from "../state.ts";
import {
  addValue, amountLeft, bankRow, base, baseCurrency, dayRate, decimal, event, factById, follow, foreign, headRow, heldOf, hold, isStock, issuedRows, type Linked, lineRow, linkQuantity, netAt, netFromLinks,
  openItem, openLine, park, pricedLine, priceLine, quantityLeft, rateOf, stockAdjust, stockIn, stockOutAt, stockReprice, takePart, use, type Work,
} from "../work.ts";

/** P3, P3s, P4d: goods (or a service) come before, or after, their invoice. */
export function goodsReceipt(w: Work): void {
  const rows: Row[] = [];
  for (const line of w.document.lines) {
    if (line.links.some((link) => link.kind === "subcontractIssue")) {
      rows.push(...processed(w, line));
      continue;
    }
    let inTransit = 0n, transitAmount = 0n, missingAmount = 0n;
    for (const link of line.links) {
      const linked = follow(w, link);
      const quantity = linkQuantity(line, link);
      use(w, linked, line, quantity, link.amount ?? 0n);
      // Goods that an earlier invoice found missing and the supplier sends later (P12).
      const missing = linked.line && heldOf(linked.fact, linked.line.lineId, "missing");
      if (missing && quantityLeft(missing) > 0n) {
        const part = min(quantityLeft(missing), min(quantity, line.quantity - inTransit));
        inTransit += part;
        missingAmount += takePart(w, missing, part);
        takePart(w, heldOf(linked.fact, (linked.line as DocumentLine).lineId, "missingTax") as Held, part);
        continue;
      }
      // An invoice that came first holds its goods as in transit, itself or on the order line.
      const transit = linked.line && heldOf(linked.fact, linked.line.lineId, "transit");
      if (!transit) continue;
      const part = min(quantityLeft(transit), min(quantity, line.quantity - inTransit));
      if (part <= 0n) continue;
      inTransit += part;
      transitAmount += takePart(w, transit, part);
    }
    const estimated = line.quantity - inTransit;
    let amount = 0n, original = 0n, currency = baseCurrency(w);
    if (estimated > 0n) {
      const priced = netFromLinks(w, w.document, line, estimated) ?? (line.cost !== null ? netFromLinks(w, w.document, { ...line, price: line.cost }, estimated) : undefined);
      if (!priced) park("line.no_price", { line: line.lineId }, `${w.fact.key}/${line.lineId}`);
      else {
        currency = priced.currency;
        original = priced.net;
        const rate = currency === baseCurrency(w) ? 0n : (w.document.currency === currency ? rateOf(w) : dayRate(w, currency, w.document.date));
        amount = currency === baseCurrency(w) ? original : convert(original, currency, baseCurrency(w), rate);
        hold(w, w.fact, line.lineId, "estimate", estimated, amount).party = w.document.party;
        if (currency !== baseCurrency(w)) {
          const foreignPart = hold(w, w.fact, line.lineId, "estimateOriginal", estimated, original);
          foreignPart.currency = currency;
          foreignPart.counted = rate;
        }
      }
    }
    if (isStock(line)) stockIn(w, { line, item: line.item, warehouse: line.warehouse }, line.quantity, amount + transitAmount + missingAmount, "in");
    const kind = isStock(line) ? "goods" : "service";
    const push = (role: string, value: bigint, quantity: bigint): void => {
      if (value === 0n) return;
      const one = lineRow(w, role, value, line);
      one.quantity = quantity;
      rows.push(one);
    };
    push(kind, amount, estimated);
    push(`${kind}FromTransit`, transitAmount, inTransit);
    push("estimate", amount, estimated);
    push("transit", transitAmount, inTransit);
    push("goodsFromMissing", missingAmount, inTransit);
    push("missing", missingAmount, inTransit);
  }
  event(w, "goodsReceipt", rows);
}

/** P13: goods come back from a processor with all that was spent on them. */
function processed(w: Work, line: DocumentLine): Row[] {
  let amount = 0n;
  const rows: Row[] = [];
  for (const link of line.links) {
    const linked = follow(w, link);
    const held = linked.line && heldOf(linked.fact, linked.line.lineId, "processing");
    if (!held) continue;
    const part = link.quantity !== null && line.links.length > 1 ? min(link.quantity, quantityLeft(held)) : quantityLeft(held);
    const worth = takePart(w, held, part);
    use(w, { ...linked, line: undefined }, line, part, worth);
    amount += worth;
  }
  stockIn(w, { line, item: line.item, warehouse: line.warehouse }, line.quantity, amount, "in");
  const goods = lineRow(w, "goodsProcessed", amount, line);
  goods.quantity = line.quantity;
  rows.push(goods, lineRow(w, "processing", amount, line));
  return rows;
}

export function subcontractReceipt(w: Work): void {
  event(w, "subcontractReceipt", w.document.lines.flatMap((line) => processed(w, line)));
}

/** P7a: goods go back at the receipt line's estimate price, whether invoiced or not. */
export function goodsReturn(w: Work): void {
  const rows: Row[] = [];
  for (const line of w.document.lines) {
    let amount = 0n, left = line.quantity;
    let layer: Held | undefined, receipt: Linked | undefined;
    for (const link of line.links) {
      const linked = follow(w, link);
      const quantity = linkQuantity(line, link);
      use(w, linked, line, quantity, 0n);
      if (linked.fact.document.kind !== "goodsReceipt" || !linked.line) {
        if (linked.fact.document.kind !== "openingBalance") continue;
      }
      receipt = linked;
      const target = linked.line as DocumentLine;
      layer ??= heldOf(linked.fact, target.lineId, "layer");
      amount += estimateOf(w, linked, quantity);
      left -= quantity;
    }
    if (left > 0n) {
      const priced = pricedLine(w, w.document, { ...line, links: line.links.filter((link) => link.kind === "purchaseOrder") });
      if (!priced) park("line.no_price", { line: line.lineId }, `${w.fact.key}/${line.lineId}`);
      else amount += base(w, netAt(priced, left));
    }
    hold(w, w.fact, line.lineId, "estimate", line.quantity, amount).party = w.document.party;
    if (isStock(line)) {
      const { stranded } = stockOutAt(w, { line, item: line.item, warehouse: line.warehouse }, layer, line.quantity, amount);
      // Landed cost that has lost its goods goes to cost of sales; a price difference waits for the red invoice.
      const spare = stranded - (receipt ? owedDifference(w, receipt, line.quantity, amount) : 0n);
      if (stranded !== 0n && spare !== 0n && layer) {
        stockAdjust(w, { line, item: line.item, warehouse: line.warehouse }, layer, -spare);
        const one = lineRow(w, "issued", spare, line);
        one.use = "sold";
        one.account = "";
        rows.push(one);
        rows.push({ ...lineRow(w, "goods", -spare, line), account: "" });
      }
    }
    const goods = lineRow(w, isStock(line) ? "goods" : "service", -amount, line);
    goods.quantity = -line.quantity;
    rows.push(goods, lineRow(w, "estimate", -amount, line));
  }
  event(w, "goodsReturn", rows);
}

/** What `quantity` of a receipt line was estimated at, sliced over all that was returned of it before. */
function estimateOf(w: Work, receipt: Linked, quantity: bigint): bigint {
  const target = receipt.line as DocumentLine;
  const held = heldOf(receipt.fact, target.lineId, "estimate");
  if (!held || held.wholeQuantity === 0n) return 0n;
  let before = 0n;
  for (const other of receipt.fact.linkers) if (other.line === target.lineId && other.kind === "goodsReturn" && other.documentId !== w.fact.id) before += other.quantity;
  return share(held.wholeAmount, before + quantity, held.wholeQuantity) - share(held.wholeAmount, before, held.wholeQuantity);
}

/** The price difference that the red invoice of returned goods will take out of the stock again. */
function owedDifference(w: Work, receipt: Linked, quantity: bigint, estimate: bigint): bigint {
  const invoiced = heldOf(receipt.fact, (receipt.line as DocumentLine).lineId, "invoiced");
  void w;
  return invoiced && invoiced.wholeQuantity > 0n ? share(invoiced.wholeAmount, quantity, invoiced.wholeQuantity) - estimate : 0n;
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

type Part = { linked: Linked; quantity: bigint };

/** True where the input tax of an invoice is deducted (VAT Law art. 22: not on ordinary invoices, nor for uses that bar it). */
const isDeductible = (w: Work): boolean =>
  w.state.book.settings.taxpayer === "general" && w.document.more.deductible !== false && !["ordinary", "foreign", "none"].includes((w.document.more.invoiceType as string | undefined) ?? "special");

/** P4a–P4g, P5, P7b, P7c, P10, P12, P13, F1: the supplier's invoice against the estimates of its receipts. */
export function supplierInvoice(w: Work): void {
  const { document, sign } = w;
  const rows: Row[] = [], reversal: Row[] = [];
  const deductible = isDeductible(w);
  const isAgricultural = document.more.invoiceType === "agricultural";
  let owed = 0n, owedBase = 0n;
  const clears: { linked: Linked; original: bigint }[] = [];

  for (const line of document.lines) {
    priceLine(w, line);
    const tax = line.tax as bigint;
    const net = isAgricultural ? (line.amountNet as bigint) - tax : (line.amountNet as bigint);
    const gross = net + tax;
    const credited = deductible ? tax : 0n;
    const taxBase = sign * base(w, credited);
    const costBase = sign * (base(w, net) + (deductible ? 0n : base(w, tax)));
    owed += sign * gross;
    owedBase += costBase + taxBase;
    if (credited !== 0n) {
      const one = lineRow(w, "tax", taxBase, line);
      one.account = "";
      rows.push(one);
    }
    const parts = receiptParts(w, line, clears, gross);
    if (line.category === "processing") rows.push(...processingFee(w, line, costBase));
    else if (parts.length > 0) matched(w, line, parts, costBase, taxBase, rows, reversal);
    else if (isStock(line) && !document.credit) rows.push(...goodsUnderWay(w, line, costBase));
    else if (isStock(line) && document.credit) rows.push(...allowance(w, line, costBase));
    else rows.push(lineRow(w, line.category === "fixedAsset" || line.asset !== "" ? "asset" : "expense", costBase, line));
  }
  if (w.state.book.settings.inputVat === "onConfirmation") holdPendingTax(w, rows);
  owe(w, rows, owed, owedBase, "payable", document.more.paidFrom);
  clearCredited(w, clears);
  if (reversal.length > 0) event(w, "estimateReversal", reversal);
  event(w, "supplierInvoice", rows);
}

/** The receipt lines that an invoice line is for: linked, or found through the order line. Links are counted here. */
function receiptParts(w: Work, line: DocumentLine, clears: { linked: Linked; original: bigint }[], gross: bigint): Part[] {
  const parts: Part[] = [];
  let wanted = line.quantity;
  const invoices = line.links.filter((link) => link.kind === "supplierInvoice");
  for (const link of line.links) {
    // By setting, an invoice does not wait for its goods: they are in transit until they come.
    if (link.kind === "goodsReceipt" && w.state.book.settings.invoiceBeforeGoods === "inTransit" && !w.state.facts.has(`${link.source}:${link.kind}/${link.sourceId}`) && w.state.absent.has(`${link.source}:${link.kind}/${link.sourceId}`)) continue;
    const linked = follow(w, link);
    const quantity = linkQuantity(line, link);
    use(w, linked, line, quantity, link.amount ?? 0n);
    const kind = linked.fact.document.kind;
    if (line.item === "" && linked.line && kind !== "supplierInvoice") {
      line.item = linked.line.item;
      if (line.category === "") line.category = linked.line.category;
    }
    if (kind === "supplierInvoice" && w.document.credit) clears.push({ linked, original: link.amount ?? share(gross, 1n, BigInt(invoices.length)) });
    if ((kind === "goodsReceipt" || kind === "goodsReturn" || kind === "openingBalance") && linked.line && heldOf(linked.fact, linked.line.lineId, "estimate")) {
      parts.push({ linked, quantity });
      wanted -= quantity;
    }
  }
  if (w.document.credit || wanted <= 0n || parts.length > 0) return parts;
  for (const link of line.links) {
    if (link.kind !== "purchaseOrder") continue;
    const order = follow(w, link);
    for (const linker of order.fact.linkers) {
      if (linker.kind !== "goodsReceipt" || linker.line !== order.line?.lineId || wanted <= 0n) continue;
      const fact = factById(w, linker.documentId);
      const estimate = heldOf(fact, linker.byLine, "estimate");
      const free = estimate ? quantityLeft(estimate) : 0n;
      if (free <= 0n) continue;
      const quantity = min(free, wanted);
      const target: Linked = { fact, line: fact.document.lines.find((one) => one.lineId === linker.byLine), link: { source: fact.document.source, kind: "goodsReceipt", sourceId: fact.document.sourceId, lineId: linker.byLine, quantity, amount: null } };
      use(w, target, line, quantity, 0n);
      parts.push({ linked: target, quantity });
      wanted -= quantity;
    }
  }
  return parts;
}

/** P4a/P4b with P5: each part at its estimate, the rest of its net is price variance that follows the goods. */
function matched(w: Work, line: DocumentLine, parts: readonly Part[], costBase: bigint, taxBase: bigint, rows: Row[], reversal: Row[]): void {
  const { sign } = w;
  let linkedQuantity = 0n;
  for (const part of parts) linkedQuantity += part.quantity;
  const isAllowance = w.document.credit && parts.every((part) => part.linked.fact.document.kind !== "goodsReturn") && line.quantity === 0n;
  let missing = isAllowance ? 0n : line.quantity - linkedQuantity;
  if (missing < 0n) missing = 0n;
  const isService = !isStock(line);
  if (missing > 0n && !w.document.credit && w.state.book.settings.shortReceipt === "hold")
    park("invoice.short_receipt", { line: line.lineId, invoiced: decimal(line.quantity), received: decimal(linkedQuantity) }, `${w.fact.key}/${line.lineId}`);
  const weights = [...parts.map((part) => (isAllowance ? ((part.linked.line as DocumentLine).quantity) : part.quantity)), ...(missing > 0n ? [missing] : [])];
  const shares = allocate(costBase, weights.some((weight) => weight !== 0n) ? weights : weights.map(() => 1n));

  parts.forEach((part, i) => {
    const target = part.linked.line as DocumentLine;
    const { fact } = part.linked;
    const isReturn = fact.document.kind === "goodsReturn";
    const cost = shares[i] as bigint;
    const layer = layerOf(w, part.linked, isReturn);
    const item = line.item || target.item || String(target.more.item ?? "");
    const place = { line, item, warehouse: target.warehouse || line.warehouse };
    if (isAllowance) {
      // P7c: without goods, the reduction follows the goods that were received.
      const kept = target.quantity - returned(part.linked);
      const split = stockReprice(w, place, layer, kept, cost, "charge");
      pushGoods(w, rows, place, split.stock, split.stock);
      rows.push(...issuedRows(w, split.issued, line));
      return;
    }
    const estimate = heldOf(fact, target.lineId, "estimate") as Held;
    const estimated = sign * takePart(w, estimate, part.quantity);
    const fx = sign * exchangeDifference(w, part, target);
    const difference = cost - estimated - fx;
    if (!isReturn) hold(w, fact, target.lineId, "invoiced", sign * part.quantity, cost);
    for (const [role, amount] of [[isService ? "service" : "goods", -estimated], ["estimate", -estimated]] as const) {
      const one = at(lineRow(w, role, amount, line), place, target);
      one.quantity = -sign * part.quantity;
      reversal.push(one);
    }
    const estimatedRow = at(lineRow(w, "estimated", estimated, line), place, target);
    rows.push(estimatedRow);
    if (fx !== 0n) rows.push(lineRow(w, "exchange", fx, line));
    if (isService) {
      rows.push(at(lineRow(w, "service", estimated + difference, line), place, target));
      if (difference !== 0n) rows.push(at(lineRow(w, "serviceVariance", difference, line), place, target));
      return;
    }
    if (isReturn || sign < 0n) {
      // What a red invoice takes back beyond the estimate was in the stock.
      if (difference !== 0n) stockAdjust(w, place, layer, difference);
      pushGoods(w, rows, place, estimated + difference, difference);
      return;
    }
    const split = stockReprice(w, place, layer, part.quantity, difference, "reprice");
    pushGoods(w, rows, place, estimated + split.stock, split.stock);
    rows.push(...issuedRows(w, split.issued, line));
  });
  if (missing > 0n && !w.document.credit) {
    // P12 claim: what did not arrive waits on 1901, net; its input tax is known for the outcome.
    const amount = shares[parts.length] as bigint;
    rows.push(lineRow(w, "missing", amount, line));
    hold(w, w.fact, line.lineId, "missing", missing, amount);
    hold(w, w.fact, line.lineId, "missingTax", missing, share(taxBase, missing, line.quantity));
  }

  function pushGoods(work: Work, to: Row[], place: { item: string; warehouse: string }, amount: bigint, variance: bigint): void {
    to.push(at(lineRow(work, "goods", amount, line), place, undefined));
    if (variance !== 0n) to.push(at(lineRow(work, "variance", variance, line), place, undefined));
  }
}

/** A row stands where the goods do, not where the invoice says. */
function at(one: Row, place: { item: string; warehouse: string }, target: DocumentLine | undefined): Row {
  one.item = place.item;
  one.warehouse = place.warehouse;
  if (target) {
    if (one.department === "") one.department = target.department;
    if (one.account === "") one.account = target.account;
    if (one.category === "") one.category = target.category;
    if (one.project === "") one.project = target.project;
    if (one.use === "" && typeof target.more.use === "string") one.use = target.more.use;
  }
  return one;
}

function layerOf(w: Work, linked: Linked, isReturn: boolean): Held | undefined {
  if (!isReturn) return heldOf(linked.fact, (linked.line as DocumentLine).lineId, "layer");
  for (const link of (linked.line as DocumentLine).links) {
    if (link.kind !== "goodsReceipt") continue;
    const receipt = follow(w, link);
    if (receipt.line) return heldOf(receipt.fact, receipt.line.lineId, "layer");
  }
  return undefined;
}

const returned = (receipt: Linked): bigint =>
  receipt.fact.linkers.reduce((sum, linker) => (linker.line === receipt.line?.lineId && linker.kind === "goodsReturn" ? sum + linker.quantity : sum), 0n);

/** An estimate in foreign currency: quantity × order price × (invoice rate − receipt rate), which is no price variance. */
function exchangeDifference(w: Work, part: Part, target: DocumentLine): bigint {
  const held = heldOf(part.linked.fact, target.lineId, "estimateOriginal");
  if (!held || held.currency !== w.document.currency) return 0n;
  const original = takePart(w, held, part.quantity);
  return convert(original, held.currency, baseCurrency(w), rateOf(w)) - convert(original, held.currency, baseCurrency(w), held.counted);
}

/** P4d: invoiced, not yet here. The order line, or the invoice line itself, holds the goods in transit. */
function goodsUnderWay(w: Work, line: DocumentLine, amount: bigint): Row[] {
  const order = line.links.map((link) => (link.kind === "purchaseOrder" ? follow(w, link) : undefined)).find((linked) => linked?.line);
  if (order?.line) hold(w, order.fact, order.line.lineId, "transit", line.quantity, amount);
  else hold(w, w.fact, line.lineId, "transit", line.quantity, amount);
  return [lineRow(w, "transit", amount, line)];
}

/** P7c on an invoice without goods: spread over the receipts of the invoice that it reduces. */
function allowance(w: Work, line: DocumentLine, amount: bigint): Row[] {
  const rows: Row[] = [];
  const targets: Linked[] = [];
  for (const link of line.links) {
    if (link.kind !== "supplierInvoice") continue;
    const invoice = follow(w, link);
    for (const other of invoice.line ? [invoice.line] : invoice.fact.document.lines) {
      if (other.item !== "" && line.item !== "" && other.item !== line.item) continue;
      for (const back of other.links) {
        if (back.kind !== "goodsReceipt") continue;
        const receipt = follow(w, back);
        if (receipt.line) targets.push(receipt);
      }
    }
  }
  if (targets.length === 0) {
    // Goods that are still in transit bear it; else it is a cost of the goods sold long ago.
    const one = lineRow(w, "issued", amount, line);
    one.use = "sold";
    one.account = "";
    return [one];
  }
  const kept = targets.map((target) => (target.line as DocumentLine).quantity - returned(target));
  const shares = allocate(amount, kept.some((quantity) => quantity > 0n) ? kept : kept.map(() => 1n));
  targets.forEach((target, i) => {
    const goods = target.line as DocumentLine;
    const place = { line, item: goods.item, warehouse: goods.warehouse };
    const split = stockReprice(w, place, heldOf(target.fact, goods.lineId, "layer"), kept[i] as bigint, shares[i] as bigint, "charge");
    rows.push(at(lineRow(w, "goods", split.stock, line), place, goods), at(lineRow(w, "variance", split.stock, line), place, goods), ...issuedRows(w, split.issued, line));
  });
  return rows;
}

/** P13: the processor's fee joins the material on 1408. */
function processingFee(w: Work, line: DocumentLine, amount: bigint): Row[] {
  for (const link of line.links) {
    if (link.kind !== "subcontractIssue") continue;
    const issued = follow(w, link);
    const held = issued.line ? heldOf(issued.fact, issued.line.lineId, "processing") : [...issued.fact.held.values()].find((one) => one.what === "processing");
    if (held) addValue(w, held, amount);
  }
  return [lineRow(w, "processing", amount, line)];
}

/** P4c: tax that still has to be confirmed waits on the invoice. */
function holdPendingTax(w: Work, rows: readonly Row[]): void {
  const sum = rows.reduce((total, one) => (one.role === "tax" ? total + one.amount : total), 0n);
  if (sum !== 0n) hold(w, w.fact, "", "pendingTax", 1_000_000n, sum);
}

/** The invoice is owed, or was paid at once. */
function owe(w: Work, rows: Row[], owed: bigint, owedBase: bigint, role: string, paidFrom: unknown): void {
  if (paidFrom !== undefined) {
    rows.push(bankRow(w, paidFrom, owedBase, owed));
    return;
  }
  const one = foreign(w, headRow(w, role, owedBase), owed);
  rows.push(one);
  if (owed !== 0n) openItem(w, one, owed);
}

/** A credit linked to an invoice clears that much of it, as far as that is still open. */
export function clearCredited(w: Work, clears: readonly { linked: Linked; original: bigint }[]): void {
  const own = heldOf(w.fact, "", "open");
  if (!own) return;
  for (const { linked, original } of clears) {
    const open = heldOf(linked.fact, openLine(linked), "open");
    if (!open) continue;
    const part = min(min(original, quantityLeft(open)), -quantityLeft(own));
    if (part <= 0n) continue;
    takePart(w, open, part);
    takePart(w, own, -part);
  }
}

/** P6, P6i, and services that are no goods: freight, duty, agency, delivery. */
export function costInvoice(w: Work): void {
  const { document, sign } = w;
  const rows: Row[] = [];
  const deductible = isDeductible(w) || document.more.invoiceType === "customs";
  let owed = 0n, owedBase = 0n;
  for (const line of document.lines) {
    if (line.amountNet === null && line.tax !== null) line.amountNet = 0n;
    priceLine(w, line);
    const tax = line.tax as bigint;
    const credited = deductible ? tax : 0n;
    const taxBase = sign * base(w, credited);
    const cost = sign * (base(w, line.amountNet as bigint) + (deductible ? 0n : base(w, tax)));
    owed += sign * ((line.amountNet as bigint) + tax);
    owedBase += cost + taxBase;
    if (taxBase !== 0n) rows.push({ ...lineRow(w, "tax", taxBase, line), account: "" });
    const receipts = line.links.filter((link) => link.kind === "goodsReceipt").map((link) => follow(w, link));
    for (const linked of receipts) use(w, linked, line, 0n, 0n);
    for (const link of line.links) if (link.kind === "shipment" || link.kind === "costInvoice") use(w, follow(w, link), line, 0n, 0n);
    if (receipts.length === 0) {
      if (cost !== 0n) rows.push(lineRow(w, "expense", cost, line));
      continue;
    }
    rows.push(...landed(w, line, receipts, cost));
  }
  if (w.state.book.settings.inputVat === "onConfirmation" && document.more.invoiceType !== "customs") holdPendingTax(w, rows);
  owe(w, rows, owed, owedBase, "payable", document.more.paidFrom);
  event(w, "costInvoice", rows);
}

/** Landed cost is spread over the receipts by quantity or amount less returns, then each share follows its goods. */
function landed(w: Work, line: DocumentLine, receipts: readonly Linked[], cost: bigint): Row[] {
  const targets = receipts.flatMap((linked) => (linked.line ? [linked] : linked.fact.document.lines.map((one) => ({ ...linked, line: one })))).filter((linked) => isStock(linked.line as DocumentLine));
  const kept = targets.map((target) => (target.line as DocumentLine).quantity - returned(target));
  const weights = w.document.more.allocateBy === "amount" ? targets.map((target, i) => valueOf(target, kept[i] as bigint)) : kept;
  if (!weights.some((weight) => weight > 0n)) {
    const one = lineRow(w, "issued", cost, line);
    one.use = "sold";
    one.account = "";
    return [one];
  }
  const shares = allocate(cost, weights);
  return targets.flatMap((target, i) => {
    const goods = target.line as DocumentLine;
    const place = { line, item: goods.item, warehouse: goods.warehouse };
    const split = stockReprice(w, place, heldOf(target.fact, goods.lineId, "layer"), kept[i] as bigint, shares[i] as bigint, "charge");
    const one = at(lineRow(w, "goods", split.stock, line), place, undefined);
    one.account = "";
    one.category = goods.category;
    return [one, ...issuedRows(w, split.issued, line)];
  });
}

function valueOf(receipt: Linked, kept: bigint): bigint {
  const line = receipt.line as DocumentLine;
  const held = heldOf(receipt.fact, line.lineId, "estimate");
  return held && line.quantity > 0n ? share(held.wholeAmount, kept, line.quantity) : kept;
}

/** S10: outbound freight, our own cost. */
export function freightBill(w: Work): void {
  const rows: Row[] = [];
  let owed = 0n, owedBase = 0n;
  for (const line of w.document.lines) {
    priceLine(w, line);
    const deductible = w.state.book.settings.taxpayer === "general";
    const tax = line.tax as bigint;
    const taxBase = deductible ? w.sign * base(w, tax) : 0n;
    const cost = w.sign * (base(w, line.amountNet as bigint) + (deductible ? 0n : base(w, tax)));
    owed += w.sign * ((line.amountNet as bigint) + tax);
    owedBase += cost + taxBase;
    if (taxBase !== 0n) rows.push({ ...lineRow(w, "tax", taxBase, line), account: "" });
    rows.push(...freightRows(w, line, cost));
  }
  owe(w, rows, owed, owedBase, "payable", undefined);
  event(w, "freightBill", rows);
}

/** Freight on goods whose revenue still waits is a cost of fulfilling the contract (1475) until the invoice takes it along. */
function freightRows(w: Work, line: DocumentLine, cost: bigint): Row[] {
  const targets: Linked[] = [];
  for (const link of line.links) {
    const shipped = follow(w, link);
    use(w, shipped, line, 0n, 0n);
    if (shipped.fact.document.kind !== "shipment") continue;
    for (const goods of shipped.line ? [shipped.line] : shipped.fact.document.lines) targets.push({ ...shipped, line: goods });
  }
  const waits = targets.map((target) => {
    const held = heldOf(target.fact, (target.line as DocumentLine).lineId, "cost");
    return held ? quantityLeft(held) : 0n;
  });
  const whole = targets.reduce((sum, target) => sum + (target.line as DocumentLine).quantity, 0n);
  if (whole === 0n) return [lineRow(w, "freight", cost, line)];
  let waiting = 0n;
  const shares = allocate(cost, targets.map((target) => (target.line as DocumentLine).quantity));
  targets.forEach((target, i) => {
    const goods = target.line as DocumentLine;
    if ((waits[i] as bigint) <= 0n || goods.quantity === 0n) return;
    const part = share(shares[i] as bigint, waits[i] as bigint, goods.quantity);
    hold(w, target.fact, goods.lineId, "freight", waits[i] as bigint, part);
    waiting += part;
  });
  const held = lineRow(w, "freight", waiting, line), now = lineRow(w, "freight", cost - waiting, line);
  held.use = "waiting";
  return [held, now];
}

/** P4c: the input tax of these invoices may now be deducted. */
export function vatConfirmation(w: Work): void {
  const rows: Row[] = [];
  for (const link of w.document.links) {
    const linked = follow(w, link);
    const held = heldOf(linked.fact, "", "pendingTax");
    use(w, linked, undefined, 0n, 0n);
    if (!held || amountLeft(held) === 0n) park("vat.nothing_pending", { target: linkText(link) }, w.fact.key);
    else rows.push(headRow(w, "tax", takePart(w, held, quantityLeft(held))));
  }
  event(w, "vatConfirmation", rows);
}

/** P12: what became of goods that were invoiced and did not arrive. */
export function claim(w: Work): void {
  const rows: Row[] = [];
  for (const line of w.document.lines) {
    for (const link of line.links) {
      const linked = follow(w, link);
      const held = linked.line && heldOf(linked.fact, linked.line.lineId, "missing");
      if (!held || !linked.line) {
        park("claim.nothing_missing", { target: linkText(link) }, w.fact.key);
        continue;
      }
      const quantity = line.quantity > 0n ? line.quantity : quantityLeft(held);
      const amount = takePart(w, held, quantity);
      const tax = takePart(w, heldOf(linked.fact, linked.line.lineId, "missingTax") as Held, quantity);
      use(w, { ...linked, line: undefined }, line, quantity, amount);
      const goods = linked.line;
      rows.push(lineRow(w, "missing", amount, line), lineRow(w, "missingTax", tax, line));
      if (w.document.more.outcome === "normalLoss") {
        const receipt = goods.links.find((back) => back.kind === "goodsReceipt");
        const target = receipt ? follow(w, receipt) : undefined;
        const place = { line, item: goods.item, warehouse: target?.line?.warehouse ?? goods.warehouse };
        stockAdjust(w, place, target?.line ? heldOf(target.fact, target.line.lineId, "layer") : undefined, amount);
        const one = at(lineRow(w, "goods", amount, line), place, goods);
        one.category = goods.category;
        rows.push(one);
      }
    }
  }
  event(w, "claim", rows);
}
