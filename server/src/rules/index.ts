/** The door of 规则: which entries a document causes, and why. */
export { chooseAccount, chooseRule, type CompiledRule, type CompiledRuleSet, compileRuleSet, type Entry, interpretApplies, interpretEntries, interpretSummary, type Settings, whyRules } from "./compile.ts";
export { type EventFacts, readRows, type Row, row, writeRows } from "./facts.ts";
export { fieldsOf, show } from "./expression.ts";
export { readRuleSet, type Rule, type RuleSet } from "./rule-set.ts";
export { currentOf, lintRules, listRuleVersions, loadCurrentRules, loadRuleVersion, markApproved, proposeRules, rejectRules, type RuleVersion, type VersionState } from "./versions.ts";
export { columnOf, type RuleSetShown, showRuleSet } from "./view.ts";
export { type Change, changeRules, ruleFields } from "./edit.ts";
export { say, sayEvent, sayField, sayRole, sayValue, type Term, valuesOf, type Words } from "./words.ts";
export { refusals } from "./refusals.ts";
