/** The door of 凭证: the balanced, numbered, unchangeable result, and the balances. */
import { reportRefusals } from "./report-refusals.ts";
import { refusals as postingRefusals } from "./refusals.ts";

export * from "./report.ts";
export { type DocumentResult, forgetWriter, postDocuments, type PostOptions, type PostSummary } from "./post.ts";
export { closePeriod, reopenPeriod } from "./close.ts";
export { correctVoucher, listDrafts, reverseVoucher, reviewDraft } from "./review.ts";
export { openOf } from "./open-of.ts";
export { explainVoucher } from "./explain.ts";
export const refusals = { ...reportRefusals, ...postingRefusals };
