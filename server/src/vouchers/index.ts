/** The door of 凭证: the balanced, numbered, unchangeable result, and the balances. */
import { reportRefusals } from "./report-refusals.ts";
import { refusals as postingRefusals } from "./refusals.ts";

export * from "./report.ts";
export { type DocumentResult, forgetWriter, forgetWriters, postDocuments, type PostOptions, type PostSummary } from "./post.ts";
export { clearOpenItems, type Ticked } from "./clear.ts";
export { closePeriod, reopenPeriod } from "./close.ts";
export { closeModule, type ModuleState, readModules, reopenModule } from "./close-module.ts";
export { kindsOfModule, type Module, modules } from "./module.ts";
export { correctVoucher, listDrafts, reverseVoucher, reviewDraft } from "./review.ts";
export { type DraftListed, type DraftShown, findDrafts, reviewDrafts, type Reviewed, sendBackDraft, showDraft } from "./drafts.ts";
export { checkEntry, type Entered, type Entry, enterVoucher, withdrawDraft } from "./enter.ts";
export { type FindFilter, findVouchers, type Found, type FoundVoucher, streamFound } from "./find.ts";
export { accountPath, kindsOfDimension, readRecentSummaries, readStanding, readVoucherFacets, showVoucher, type VoucherShown } from "./show.ts";
export { dimensionsAsked } from "./compose.ts";
export { type Why, whyVoucher } from "./why.ts";
export { openOf } from "./open-of.ts";
export { explainVoucher } from "./explain.ts";
export const refusals = { ...reportRefusals, ...postingRefusals };
