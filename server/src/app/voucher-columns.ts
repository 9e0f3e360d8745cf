/** Which figures of a voucher a principal without costs, salaries or bank accounts may see. What gives a hidden figure away is hidden too: the totals. */
import type { Sight } from "../access/index.ts";
import type { Account } from "../books/index.ts";

/** Kinds of documents whose vouchers are about what goods cost, or what people earn. */
const costKinds: ReadonlySet<string> = new Set(["goodsReceipt", "goodsReturn", "shipment", "shipmentReturn", "transfer", "stockCount", "stockCountApproval", "costAdjustment", "productionIssue", "finishedReceipt", "subcontractIssue", "subcontractReceipt", "consignmentList", "costRun", "supplierInvoice", "freightBill"]);
const salaryKinds: ReadonlySet<string> = new Set(["payrollSummary"]);

export const seesAll = ({ columns }: Pick<Sight, "columns">): boolean => columns.has("cost") && columns.has("salary") && columns.has("bank");

const kindOf = (document: string | null): string => (document === null ? "" : document.slice(document.indexOf(":") + 1, document.indexOf("/")));

/** The total of a voucher of this document is hidden. */
export const hidesKind = ({ columns }: Pick<Sight, "columns">, document: string | null): boolean => (!columns.has("cost") && costKinds.has(kindOf(document))) || (!columns.has("salary") && salaryKinds.has(kindOf(document)));

type Line = { readonly account: string; readonly debit: string; readonly credit: string; readonly amountOriginal: string; readonly dimensions: Readonly<Record<string, string>>; readonly named: readonly { readonly name: string }[] };
type Shown = { readonly lines: readonly Line[]; readonly debitTotal: string; readonly creditTotal: string; readonly inWords: string; readonly attached: readonly { readonly document: string; readonly amount: string | null }[] };

/** The voucher with what may not be seen as null. */
export function hideAmounts<V extends Shown>(sight: Pick<Sight, "columns">, voucher: V, accounts: ReadonlyMap<string, Account>): V & { readonly isHidden: boolean } {
  if (seesAll(sight)) return { ...voucher, isHidden: false };
  const hasHiddenKind = voucher.attached.some(({ document }) => hidesKind(sight, document));
  const isHidden = (line: Line): boolean => hasHiddenKind || (!sight.columns.has("cost") && isCost(accounts.get(line.account))) || (!sight.columns.has("salary") && line.account.split(".")[0] === "2211");
  const isAnyHidden = voucher.lines.some(isHidden);
  const hidden = null as unknown as string;
  const lines = voucher.lines.map((line) => {
    const masked = !sight.columns.has("bank") && line.dimensions.bankAccount !== undefined ? { ...line, dimensions: { ...line.dimensions, bankAccount: "***" }, named: line.named.filter(({ name }) => name !== "bankAccount") } : line;
    return isAnyHidden ? { ...masked, debit: hidden, credit: hidden, amountOriginal: hidden } : masked;
  });
  return { ...voucher, lines, isHidden: isAnyHidden, ...(isAnyHidden ? { debitTotal: hidden, creditTotal: hidden, inWords: "", attached: voucher.attached.map((one) => ({ ...one, amount: null })) } : {}) };
}

/** Stock, production and the cost of what was sold. */
const isCost = (account: Account | undefined): boolean => account !== undefined && (account.carries.quantity === true || account.type === "cost" || /^640[12]/.test(account.code));
