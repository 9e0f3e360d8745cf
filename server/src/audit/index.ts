/** The door of 留痕: what happened, by whom, to what, and that nobody has changed the record of it. */
export { type Act, actName, acts, type ActWords, type MoreActs, type Named, sentenceOf } from "./acts.ts";
export { type ActorKind, actorKinds, type AuditObject, type Concluded, type Doer, type Intended, type Outcome, outcomes } from "./entry.ts";
export { eachEntry, type EntryListed, type ListFilter, listEntries } from "./list.ts";
export { maskJson, maskText } from "./mask.ts";
export { closeAudit, conclude, failureOf, intend, type Intent, record, recorded, settleIntents } from "./record.ts";
export { refusals } from "./refusals.ts";
export { type AuditVerified, verifyAudit } from "./verify.ts";
