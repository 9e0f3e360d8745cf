/** 三单匹配 of the book's supplier invoices: what each agrees with, what differs, and what would be paid too much. Computed from the documents each time it is asked, so that it is never stale. */
import { type Book } from "../../books/index.ts";
import { findDocument, keyOf } from "../../documents/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { exponentOf, formatDecimal, formatTrimmed, parseDecimal, PRICE_SCALE, QUANTITY_SCALE } from "../../values/index.ts";
import { findSupplierNames } from "../payment/payment.store.ts";
import * as store from "./three-way.store.ts";
import { type InvoicedLine, matchThreeWay, type MatchState, type ThreeWayMatch } from "./three-way-match.ts";
import { readTolerances } from "./tolerance.ts";

/** Two invoices of one supplier over the same sum within so many days, one of them without a number, are taken for the same. */
const sameWithinDays = 10;
const onPage = 200;
/** So many are looked through for a page of those that differ. */
const lookedMax = 10_000;

export type MatchShown = {
  readonly document: string; readonly supplier: string; readonly supplierName: string; readonly date: string; readonly dueDate: string; readonly invoiceNumber: string; readonly state: MatchState; readonly documentState: string; readonly gross: string; readonly open: string; readonly atStake: string;
  readonly findings: readonly { readonly state: MatchState; readonly line: string; readonly what: string; readonly expected: string | null; readonly actual: string | null; readonly atStake: string; readonly with: readonly string[] }[]; readonly cursor: string;
};

/** Those in one of these states, the latest first, of the latest ten thousand after the cursor. */
export async function matchInvoicesIn(ctx: Ctx, book: Book, states: readonly MatchState[], filter: Parameters<typeof matchInvoices>[2]): Promise<MatchShown[]> {
  const wanted = Math.min(filter.limit ?? onPage, onPage);
  const found: MatchShown[] = [];
  let { after } = filter;
  for (let looked = 0; looked < lookedMax && found.length < wanted; looked += onPage) {
    const page = await matchInvoices(ctx, book, { ...filter, after, limit: onPage });
    found.push(...page.filter(({ state }) => states.includes(state)));
    if (page.length < onPage) break;
    after = page.at(-1)?.cursor;
  }
  return found.slice(0, wanted);
}

/** The latest first; `onlyOpen` those still to be paid. A page of 200 at most. */
export async function matchInvoices(ctx: Ctx, book: Book, filter: { readonly onlyOpen?: boolean | undefined; readonly party?: string | undefined; readonly of?: string | undefined; /** These alone, all of them. */ readonly among?: readonly bigint[] | undefined; readonly after?: string | undefined; readonly limit?: number | undefined }): Promise<MatchShown[]> {
  const tolerances = await readTolerances(ctx, book);
  const documentId = filter.of === undefined ? null : (await findDocument(ctx.db, book, filter.of)).documentId;
  const invoices = await store.findInvoices(ctx.db, book.bookId, { onlyOpen: filter.onlyOpen ?? false, party: filter.party ?? null, documentId, among: filter.among ?? null, before: filter.after === undefined ? 2n ** 62n : BigInt(filter.after), limit: filter.among?.length ?? Math.min(filter.limit ?? onPage, onPage) });
  if (invoices.length === 0) return documentId === null ? [] : refuse("match.not_invoice", { document: filter.of ?? "" });
  const ids = invoices.map((row) => row.documentId);
  const orderedBy = await store.findOrderedBy(ctx.db, book.bookId, ids);
  const alike = Map.groupBy(await store.findAlike(ctx.db, book.bookId, ids, sameWithinDays), (row) => row.documentId);
  const keyed = (row: { readonly orderId: bigint; readonly orderLine: string }): string => `${row.orderId}/${row.orderLine}`;
  const all = new Map((await store.findOrderLines(ctx.db, book.bookId, orderedBy)).map((row) => [keyed(row), row]));
  const names = new Map((await findSupplierNames(ctx.db, book.bookId, [...new Set(invoices.map(({ party }) => party))])).map((row) => [row.supplier, row.zh ?? row.en ?? ""]));
  const shown: MatchShown[] = [];
  for (const invoice of invoices) {
    const currency = invoice.body.currency ?? book.currency;
    const own = orderedBy.filter(({ invoiceId }) => invoiceId === invoice.documentId);
    const money = (text: string | undefined): bigint => parseDecimal(text ?? "0", exponentOf(currency)) ?? 0n;
    const lines = (invoice.body.lines ?? []).map((line): InvoicedLine => {
      const quantity = parseDecimal(line.quantity ?? "1", QUANTITY_SCALE) ?? 0n;
      const net = line.amountNet !== undefined ? money(line.amountNet) : netOf(quantity, line.price, currency);
      const rate = line.taxRate === undefined ? null : (parseDecimal(line.taxRate, QUANTITY_SCALE) ?? null);
      const ordered = own.filter((one) => one.line === line.lineId).flatMap((one) => { const row = all.get(keyed(one)); return row === undefined ? [] : [row]; });
      return {
        line: line.lineId ?? "", item: line.item ?? line.description ?? "", itemGroup: ordered[0]?.category ?? "", quantity, net, tax: line.tax !== undefined ? money(line.tax) : (net * (rate ?? 0n) + 500_000n) / 1_000_000n, taxRate: rate,
        ordered: ordered.map((row) => ({
          order: row.order, line: row.orderLine, price: row.body?.price === undefined ? null : (parseDecimal(row.body.price, PRICE_SCALE) ?? null), taxRate: row.body?.taxRate === undefined ? null : (parseDecimal(row.body.taxRate, QUANTITY_SCALE) ?? null),
          quantity: parseDecimal(row.body?.quantity ?? "0", QUANTITY_SCALE) ?? 0n, received: row.received - row.returned,
          // What this invoice itself has taken of its orders does not count against it.
          invoicedElsewhere: Object.entries(row.invoiced).reduce((sum, [by, taken]) => (by === String(invoice.documentId) ? sum : sum + BigInt(taken)), 0n), comesIn: !["service", "expense", "processing"].includes(row.category),
        })),
      };
    });
    const gross = lines.reduce((sum, { net, tax }) => sum + net + tax, 0n);
    const duplicates = (alike.get(invoice.documentId) ?? []).map(({ otherKey, why }) => ({ document: otherKey, why }));
    shown.push(show(matchThreeWay({ document: keyOf(invoice.source, "supplierInvoice", invoice.sourceId), supplier: invoice.party, gross, lines, duplicates }, tolerances), invoice, gross, currency, names.get(invoice.party) ?? ""));
  }
  return shown;
}

const netOf = (quantity: bigint, price: string | undefined, currency: string): bigint => {
  const scale = 10n ** BigInt(QUANTITY_SCALE + PRICE_SCALE - exponentOf(currency));
  return (quantity * (parseDecimal(price ?? "0", PRICE_SCALE) ?? 0n) + scale / 2n) / scale;
};

function show(match: ThreeWayMatch, invoice: store.InvoiceRow, gross: bigint, currency: string, supplierName: string): MatchShown {
  const money = (minor: bigint): string => formatDecimal(minor, exponentOf(currency));
  const figure = (what: string, value: bigint | null): string | null => (value === null ? null : what === "tax" ? money(value) : what === "price" ? formatTrimmed(value, PRICE_SCALE) : formatTrimmed(value, QUANTITY_SCALE));
  return {
    document: match.document, supplier: invoice.party, supplierName, date: invoice.date, dueDate: invoice.body.dueDate ?? "", invoiceNumber: invoice.body.invoiceNumber ?? "", state: match.state, documentState: invoice.state, gross: money(gross), open: money(invoice.openAmount), atStake: money(match.atStake),
    findings: match.findings.map((one) => ({ state: one.state, line: one.line, what: one.what, expected: figure(one.what, one.expected), actual: figure(one.what, one.actual), atStake: money(one.atStake), with: one.with })), cursor: String(invoice.documentId),
  };
}
