/** What each kind of document causes, as figures. One entry a kind; runs that read balances are in runs.ts. */
import type { Work } from "../work.ts";
import { bankStatementLine, bill, cashReceipt, settlement, supplierPayment, writeOff } from "./cash.ts";
import { costAdjustment, finishedReceipt, productionIssue, stockCount, stockCountApproval, subcontractIssue, transfer } from "./goods.ts";
import { adjustment, assetAcquisition, assetDisposal, commitment, depreciation, expenseClaim, manualVoucher, openingBalance, payrollSummary, taxPayment } from "./other.ts";
import { claim, costInvoice, freightBill, goodsReceipt, goodsReturn, subcontractReceipt, supplierInvoice, vatConfirmation } from "./purchase.ts";
import { consignmentList, customerAcceptance, salesInvoice, shipment, shipmentReturn } from "./sales.ts";

/** Kinds whose facts come from balances; they are worked on alone, after all that came before them is committed. */
export const runKinds: ReadonlySet<string> = new Set(["costRun", "fxRevaluation", "periodClose", "provision"]);

export const factsOf: Readonly<Record<string, (w: Work) => void>> = {
  purchaseRequisition: commitment, purchaseOrder: commitment, salesOrder: commitment, creditLimit: commitment, budget: commitment,
  goodsReceipt, goodsReturn, supplierInvoice, supplierPayment, costInvoice, shipment, shipmentReturn, freightBill, customerAcceptance, salesInvoice, cashReceipt, settlement, transfer,
  stockCount, stockCountApproval, claim, costAdjustment, productionIssue, finishedReceipt, subcontractIssue, subcontractReceipt, consignmentList, writeOff, bankStatementLine, expenseClaim, payrollSummary,
  assetAcquisition, depreciation, assetDisposal, bill, vatConfirmation, adjustment, manualVoucher, taxPayment, openingBalance,
};
