/**
 * 分模块关账: receivables, payables, stock or the general ledger stop taking their documents of a period while the others go on. A document that comes
 * too late goes where late documents go (setting `lateDocuments`). Runs of the month end belong to no module: they are what is still to be done.
 */
export const modules = ["receivable", "payable", "stock", "general"] as const;
export type Module = (typeof modules)[number];

const moduleOf: Readonly<Record<string, Module>> = {
  salesInvoice: "receivable", cashReceipt: "receivable", customerAcceptance: "receivable", provision: "receivable",
  supplierInvoice: "payable", supplierPayment: "payable", costInvoice: "payable", freightBill: "payable", expenseClaim: "payable", vatConfirmation: "payable", assetAcquisition: "payable",
  goodsReceipt: "stock", goodsReturn: "stock", shipment: "stock", shipmentReturn: "stock", transfer: "stock", stockCount: "stock", stockCountApproval: "stock", costAdjustment: "stock", productionIssue: "stock", finishedReceipt: "stock", subcontractIssue: "stock", subcontractReceipt: "stock", consignmentList: "stock",
  manualVoucher: "general", payrollSummary: "general", depreciation: "general", assetDisposal: "general", taxPayment: "general", bankStatementLine: "general", adjustment: "general", bill: "general",
};
export const kindsOfModule = (module: Module): string[] => Object.keys(moduleOf).filter((kind) => moduleOf[kind] === module);

/** A document of the month end itself passes: its vouchers are what the close waits for. */
export function isModuleClosed(closed: ReadonlySet<string>, kind: string, period: string): boolean {
  if (closed.size === 0) return false;
  const module = moduleOf[kind];
  return module !== undefined && closed.has(`${period}|${module}`);
}
