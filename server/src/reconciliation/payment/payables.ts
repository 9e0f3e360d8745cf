/** 应付待付: what is due to suppliers, by due date, with whether it may be paid at all: matched, or approved by somebody who took responsibility for what was found. */
import { type Book, loadAccounts } from "../../books/index.ts";
import { keyOf } from "../../documents/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { exponentOf, formatDecimal, formatMoney, parseDecimal } from "../../values/index.ts";
import { matchInvoices, type MatchShown } from "../three-way/three-way.ts";
import * as store from "./payment.store.ts";
import { standingOf } from "./supplier-account.ts";

/** `other`: no invoice for goods, so nothing to be matched with; a person answers for it. */
export type PayableMatch = MatchShown["state"] | "other";
export type Payable = {
  /** document/line, by which it is chosen. */
  readonly item: string; readonly document: string; readonly kind: string; readonly supplier: string; readonly supplierName: string; readonly invoiceNumber: string; readonly date: string; readonly dueOn: string; readonly currency: string;
  readonly open: string; /** In batches that have not been paid yet. */ readonly planned: string; /** What may still be proposed. */ readonly left: string;
  /** Paid whole by that day, so much is kept back. */ readonly discount: { readonly until: string; readonly amount: string } | null;
  readonly match: PayableMatch; readonly findings: readonly string[]; readonly atStake: string;
  readonly approval: { readonly by: string; readonly at: string; readonly reason: string } | null;
  readonly isPayable: boolean;
  readonly account: "inForce" | "pending" | "none"; /** Advances and red invoices that stand against this supplier, base currency. */ readonly against: string; readonly cursor: string;
};

type Read = { readonly row: store.PayableRow; readonly match: PayableMatch; readonly fingerprint: string; readonly findings: readonly string[]; readonly atStake: string; readonly approval: store.InvoiceApprovalRow | undefined };
const itemOf = (row: { readonly documentId: bigint; readonly line: string }): string => `${row.documentId}/${row.line}`;
const documentOf = (row: store.PayableRow): string => `${keyOf(row.source, row.kind, row.sourceId)}${row.line === "" ? "" : `/${row.line}`}`;

/** Open items with what the match says of each. An approval counts only while exactly what was approved is what is found. */
export async function readPayables(ctx: Ctx, book: Book, filter: Parameters<typeof store.findPayables>[3]): Promise<Read[]> {
  const accounts = [...(await loadAccounts(ctx.db, book)).values()].filter(({ side }) => side === "credit").map(({ code }) => code);
  const rows = await store.findPayables(ctx.db, book.bookId, accounts, filter);
  const invoices = rows.filter(({ kind }) => kind === "supplierInvoice").map(({ documentId }) => documentId);
  const matches = new Map((invoices.length === 0 ? [] : await matchInvoices(ctx, book, { among: invoices })).map((match) => [match.cursor, match]));
  const approvals = new Map((await store.findInvoiceApprovals(ctx.db, book.bookId, rows.map(({ documentId }) => documentId))).map((row) => [row.documentId, row]));
  return rows.map((row) => {
    const found = matches.get(String(row.documentId));
    const match: PayableMatch = found?.state ?? "other";
    const findings = found?.findings.map((one) => `${one.state} ${one.line} ${one.what} ${one.expected ?? ""} ${one.actual ?? ""} ${one.with.join(",")}`.trim()) ?? [];
    const fingerprint = `${match}\n${findings.join("\n")}\n${documentOf(row)}`;
    const approval = approvals.get(row.documentId);
    return { row, match, fingerprint, findings, atStake: found?.atStake ?? formatMoney(0n, row.currency || book.currency), approval: approval?.findings === fingerprint ? approval : undefined };
  });
}

/** What may be proposed, soonest due first; a page of 200 at most. */
export async function listPayables(ctx: Ctx, book: Book, filter: { readonly supplier?: string | undefined; readonly dueBy?: string | undefined; readonly after?: string | undefined; readonly limit?: number | undefined } = {}): Promise<Payable[]> {
  const after = filter.after === undefined ? null : (filter.after.split("|") as [string, string, string]);
  const read = await readPayables(ctx, book, { supplier: filter.supplier ?? null, dueBy: filter.dueBy ?? null, of: null, after: after?.length === 3 && /^\d{4}-\d\d-\d\d$/.test(after[0]) && /^\d{1,18}$/.test(after[1]) ? after : null, limit: Math.min(filter.limit ?? 200, 200) });
  const suppliers = [...new Set(read.map(({ row }) => row.supplier))];
  const names = new Map((await store.findSupplierNames(ctx.db, book.bookId, suppliers)).map((row) => [row.supplier, row.zh ?? row.en ?? ""]));
  const accounts = Map.groupBy(await store.findSupplierAccounts(ctx.db, book.bookId, suppliers), ({ supplier }) => supplier);
  const against = new Map((await store.sumAgainst(ctx.db, book.bookId, suppliers)).map((row) => [row.supplier, row.amount]));
  return read.map(({ row, match, findings, atStake, approval }) => {
    const currency = row.currency || book.currency;
    const money = (minor: bigint): string => formatDecimal(minor, exponentOf(currency));
    const { inForce, pending } = standingOf(accounts.get(row.supplier) ?? []);
    return {
      item: itemOf(row), document: documentOf(row), kind: row.kind, supplier: row.supplier, supplierName: names.get(row.supplier) ?? "", invoiceNumber: row.invoiceNumber, date: row.date, dueOn: row.dueOn, currency,
      open: money(row.open), planned: money(row.planned), left: money(row.open - row.planned), discount: discountShown(row, currency), match, findings, atStake, approval: approval === undefined ? null : { by: approval.approvedBy, at: approval.approvedAt, reason: approval.reason },
      isPayable: row.open > row.planned && (match === "matched" || approval !== undefined) && inForce !== undefined && pending === undefined,
      account: pending !== undefined ? "pending" : inForce === undefined ? "none" : "inForce", against: formatMoney(against.get(row.supplier) ?? 0n, book.currency), cursor: `${row.dueOn}|${row.documentId}|${row.line}`,
    };
  });
}

/** What may be kept back of an item that is paid whole on a day; zero after its term, and where a part was paid before. An amount on the invoice goes before a rate. */
function discountOf(row: store.PayableRow, currency: string, on: string): bigint {
  if (row.discountUntil === null || on > row.discountUntil || !row.isWhole) return 0n;
  const rate = parseDecimal(row.discountRate ?? "0", 6) ?? 0n;
  const discount = row.discountAmount !== null ? (parseDecimal(row.discountAmount, exponentOf(currency)) ?? 0n) : (row.open * rate + 500_000n) / 1_000_000n;
  return discount > 0n && discount < row.open ? discount : 0n;
}
function discountShown(row: store.PayableRow, currency: string): Payable["discount"] {
  const discount = row.discountUntil === null ? 0n : discountOf(row, currency, row.discountUntil);
  return discount === 0n ? null : { until: row.discountUntil as string, amount: formatDecimal(discount, exponentOf(currency)) };
}

/** Takes responsibility for what does not match, with a reason. Refuses: payment.item_unknown, payment.matched, payment.reason. */
export async function approvePayable(ctx: Ctx, book: Book, item: string, reason: string): Promise<{ readonly document: string }> {
  if (reason.trim() === "") refuse("payment.reason");
  const [read] = await readPayables(ctx, book, { supplier: null, dueBy: null, of: [item], after: null, limit: 1 });
  if (read === undefined) return refuse("payment.item_unknown", { item });
  if (read.match === "matched") refuse("payment.matched", { document: documentOf(read.row) });
  await store.addInvoiceApproval(ctx.db, book.bookId, { documentId: read.row.documentId, findings: read.fingerprint, reason: reason.trim(), approvedAt: ctx.now().toISOString(), approvedBy: ctx.actor.id });
  return { document: documentOf(read.row) };
}

export const payableKeys = { itemOf, documentOf, discountOf };
