/** Everything that reads the books and changes nothing: lists, balances, statements, sub-ledgers, trace, proof. */
export { anchor } from "./anchor.ts";
export { type AccountBalance, type BalanceFilter, rangeOf, readBalances } from "./balances.ts";
export { type Completeness, completenessStates, readCompleteness } from "./completeness.ts";
export { type Estimate, readEstimates } from "./estimates.ts";
export { type LedgerLine, type LedgerPeriod, readLedger, readLedgerLines, streamLedgerLines } from "./ledger.ts";
export { type OnHand, readStock, readStockMoves, type StockMoveListed } from "./on-hand.ts";
export { ageingBuckets, type OpenItem, readOpenItems } from "./open-items.ts";
export { rebuildBalances } from "./rebuild-balances.ts";
export { approveRules, type Replay, replayRules } from "./replay.ts";
export { readStatement, statementKinds, type StatementShown } from "./statements.ts";
export { type Trace, trace, type TracedEdge } from "./trace.ts";
export { type Check, checkNames, type Verification, verify } from "./verify.ts";
export { openingSeries, readVouchers, streamVouchers, type Voucher, type VoucherFilter, type VoucherLine, type VoucherSource } from "./voucher-list.ts";
