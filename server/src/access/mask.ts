/** Columns that are hidden unless granted, in the bodies of documents and master records: their values become null, and where they stood is said. */
import type { Column } from "./policy.ts";

export type Masked = { readonly body: unknown; /** Paths such as "/lines/0/price". */ readonly hidden: readonly string[] };

/** What a field of any kind gives away. */
const everywhere: Readonly<Record<string, Column>> = {
  cost: "cost", unitCost: "cost", returnCost: "cost", costOriginal: "cost", depreciated: "cost", residual: "cost", standardCost: "cost",
  bankAccount: "bank", paidFrom: "bank", paidTo: "bank", accountNumber: "bank", iban: "bank", bankNumber: "bank",
};
/** What things cost us stands in these as price and amount. */
const costKinds = new Set([
  "purchaseRequisition", "purchaseOrder", "goodsReceipt", "goodsReturn", "supplierInvoice", "costInvoice", "freightBill", "subcontractIssue", "subcontractReceipt", "transfer", "stockCount", "stockCountApproval", "claim", "costAdjustment", "costRun",
  "productionIssue", "finishedReceipt", "assetAcquisition", "depreciation", "assetDisposal", "provision", "openingBalance",
]);
const costFields = new Set(["price", "amountNet", "tax", "amountGross", "amount", "debit", "credit", "required", "inputTax"]);
/** Of these every amount is somebody's pay. */
const salaryKinds = new Set(["payrollSummary"]);
const salaryFields = new Set(["gross", "withheldInsurance", "withheldTax", "employerInsurance", "amount", "amountNet", "amountGross", "debit", "credit", "price"]);

/** The column that hides a field of a kind, if one does. */
export function columnOf(kind: string, field: string): Column | undefined {
  if (salaryKinds.has(kind) && salaryFields.has(field)) return "salary";
  if (kind === "bankAccount" && (field === "number" || field === "accountNumber")) return "bank";
  return Object.hasOwn(everywhere, field) ? everywhere[field] : costKinds.has(kind) && costFields.has(field) ? "cost" : undefined;
}

/** What somebody with these columns may see of a body. `extra`, which is the sender's own, is hidden whole where any column is: nobody knows what it holds. */
export function maskBody(kind: string, body: unknown, columns: ReadonlySet<Column>): Masked {
  const hidden: string[] = [];
  const seesAll = columns.has("cost") && columns.has("bank") && columns.has("salary");
  const masked = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((one, index) => masked(one, `${path}/${index}`));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([field, held]) => {
      const column = columnOf(kind, field);
      const place = `${path}/${field.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      const isHidden = held !== null && ((column !== undefined && !columns.has(column) && typeof held !== "boolean") || (field === "extra" && !seesAll));
      if (!isHidden) return [field, masked(held, place)];
      hidden.push(place);
      return [field, null];
    }));
  };
  return { body: masked(body, ""), hidden };
}
