/** The door of 对账. */
export { type BankLine, type BankMatch, type BankResult, type Expected, matchBank, type Party, type Step, type Suggestion, type Tolerance, usualTolerance } from "./bank/match.ts";
