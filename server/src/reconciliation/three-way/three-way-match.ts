/**
 * 三单匹配: what was ordered, what came, what is invoiced, line by line. A line is matched when quantity, price and tax agree within what is
 * tolerated for this supplier and kind of goods; otherwise it says what differs and how much money is at stake. Integers only.
 */

/** Quantities in millionths, prices in millionths of a minor unit's currency unit as documents carry them, rates in millionths, money in minor units. */
export type InvoicedLine = {
  readonly line: string;
  readonly item: string;
  readonly itemGroup: string;
  readonly quantity: bigint;
  readonly net: bigint;
  readonly tax: bigint;
  readonly taxRate: bigint | null;
  /** The order lines that it is for, by its links or through its receipts. Services are ordered without coming in. */
  readonly ordered: readonly OrderedLine[];
};
export type OrderedLine = {
  readonly order: string;
  readonly line: string;
  readonly price: bigint | null;
  readonly taxRate: bigint | null;
  readonly quantity: bigint;
  /** Came in less what went back. */
  readonly received: bigint;
  /** By other invoices less credits. */
  readonly invoicedElsewhere: bigint;
  readonly comesIn: boolean;
};
export type InvoiceToMatch = { readonly document: string; readonly supplier: string; readonly gross: bigint; readonly lines: readonly InvoicedLine[]; readonly duplicates: readonly Duplicate[] };
export type Duplicate = { readonly document: string; readonly why: "number" | "eInvoice" | "amount" };

export const matchStates = ["duplicateInvoice", "noOrder", "invoiceFirst", "quantityVariance", "priceVariance", "matched"] as const;
export type MatchState = (typeof matchStates)[number];
export type Finding = { readonly state: Exclude<MatchState, "matched">; readonly line: string; readonly what: "quantity" | "price" | "tax" | "order" | "receipt" | "invoice"; readonly expected: bigint | null; readonly actual: bigint | null; /** Minor units; what would be paid beyond what was agreed or came. */ readonly atStake: bigint; readonly with: readonly string[] };
export type ThreeWayMatch = { readonly document: string; readonly state: MatchState; readonly findings: readonly Finding[]; readonly atStake: bigint };

/** What is let pass: the larger of an amount and a share in ten-thousandths. Supplier and group "" stand for all; the most particular counts. */
export type MatchTolerance = { readonly supplier: string; readonly itemGroup: string; readonly quantityAbsolute: bigint; readonly quantityBasisPoints: bigint; readonly priceAbsolute: bigint; readonly priceBasisPoints: bigint; readonly taxAbsolute: bigint };
export const strict: MatchTolerance = { supplier: "", itemGroup: "", quantityAbsolute: 0n, quantityBasisPoints: 0n, priceAbsolute: 0n, priceBasisPoints: 50n, taxAbsolute: 5n };

/** The worst first: whoever pays a duplicate has lost all of it. */
const order: readonly MatchState[] = matchStates;

export function matchThreeWay(invoice: InvoiceToMatch, tolerances: readonly MatchTolerance[]): ThreeWayMatch {
  const findings: Finding[] = invoice.duplicates.length > 0
    ? [{ state: "duplicateInvoice", line: "", what: "invoice", expected: null, actual: null, atStake: invoice.gross, with: invoice.duplicates.map(({ document }) => document) }]
    : invoice.lines.flatMap((line) => matchLine(line, toleranceOf(tolerances, invoice.supplier, line.itemGroup)));
  const state = order.find((one) => one === "matched" || findings.some((finding) => finding.state === one)) ?? "matched";
  return { document: invoice.document, state, findings, atStake: findings.reduce((sum, { atStake }) => sum + atStake, 0n) };
}

export const toleranceOf = (tolerances: readonly MatchTolerance[], supplier: string, itemGroup: string): MatchTolerance =>
  tolerances.find((one) => one.supplier === supplier && one.itemGroup === itemGroup) ?? tolerances.find((one) => one.supplier === supplier && one.itemGroup === "") ?? tolerances.find((one) => one.supplier === "" && one.itemGroup === itemGroup) ?? tolerances.find((one) => one.supplier === "" && one.itemGroup === "") ?? strict;

function matchLine(line: InvoicedLine, tolerance: MatchTolerance): Finding[] {
  const gross = line.net + line.tax;
  if (line.ordered.length === 0) return [{ state: "noOrder", line: line.line, what: "order", expected: null, actual: null, atStake: gross, with: [] }];
  const found: Finding[] = [];
  const names = line.ordered.map((one) => `${one.order}/${one.line}`);
  // What may still be invoiced: what came in, or, of what does not come in, what was ordered.
  const open = line.ordered.reduce((sum, one) => sum + atLeastZero((one.comesIn ? one.received : one.quantity) - one.invoicedElsewhere), 0n);
  const over = line.quantity - open;
  if (over > allowed(open, tolerance.quantityAbsolute, tolerance.quantityBasisPoints)) {
    const isNothingThere = line.ordered.every((one) => one.comesIn && one.received === 0n);
    found.push({ state: isNothingThere ? "invoiceFirst" : "quantityVariance", line: line.line, what: isNothingThere ? "receipt" : "quantity", expected: open, actual: line.quantity, atStake: line.quantity === 0n ? 0n : (gross * over) / line.quantity, with: names });
  }
  // The price agreed, over all order lines by their quantities; an order without prices agrees to any.
  const priced = line.ordered.filter((one) => one.price !== null && one.quantity > 0n);
  if (priced.length > 0 && line.quantity > 0n) {
    const quantities = priced.reduce((sum, { quantity }) => sum + quantity, 0n);
    const agreed = priced.reduce((sum, one) => sum + (one.price as bigint) * one.quantity, 0n) / quantities;
    // net (minor units, two of them a unit) · 10^4 · 10^6 / quantity (10^-6) is the price in millionths of a unit.
    const actual = (line.net * 10_000n * 1_000_000n + line.quantity / 2n) / line.quantity;
    const dearer = actual - agreed;
    // A cent of rounding on the whole line is no difference of price.
    const rounding = (10_000n * 1_000_000n) / line.quantity + 1n;
    if (abs(dearer) > allowed(agreed, tolerance.priceAbsolute, tolerance.priceBasisPoints) && abs(dearer) > rounding)
      found.push({ state: "priceVariance", line: line.line, what: "price", expected: agreed, actual, atStake: dearer > 0n ? line.net - (agreed * line.quantity) / (10_000n * 1_000_000n) : 0n, with: names });
  }
  const rate = line.ordered.find((one) => one.taxRate !== null)?.taxRate ?? line.taxRate;
  if (rate !== null && rate !== undefined) {
    const tax = (line.net * rate + 500_000n) / 1_000_000n;
    if (abs(line.tax - tax) > tolerance.taxAbsolute) found.push({ state: "priceVariance", line: line.line, what: "tax", expected: tax, actual: line.tax, atStake: atLeastZero(line.tax - tax), with: names });
  }
  return found;
}

const allowed = (of: bigint, absolute: bigint, basisPoints: bigint): bigint => { const share = (abs(of) * basisPoints) / 10_000n; return share > absolute ? share : absolute; };
const abs = (n: bigint): bigint => (n < 0n ? -n : n);
const atLeastZero = (n: bigint): bigint => (n > 0n ? n : 0n);
