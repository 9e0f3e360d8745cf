/** The door of `books`: what an accounting stage needs to know about the set of books it works on. */
export * from "./book.ts";
export { checkChart, loadPack, type Account, type AccountType, type Carries, type CashFlow, type Chart, type Names, type Pack, type Side } from "./chart.ts";
export { checkLayout, type BalanceSheet, type CashFlowStatement, type IncomeStatement, type Layout } from "./layout.ts";
export { checkBalanceSheet, statement, statementParts, type Balance, type StatementParts, type StatementRow } from "./statement.ts";
export { cashFlow, cashFlowParts, type CashVoucher } from "./cash-flow.ts";
export * from "./period.ts";
export * from "./read.ts";
export { createBook, type NewBook } from "./create.ts";
export { changeSetting } from "./change-setting.ts";
export { joinRules, packIds, packRules, packsFolder, type PackRules } from "./packs.ts";
export { refusals } from "./refusals.ts";
