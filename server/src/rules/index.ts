/** The door of 规则: which entries a document causes, and why. */
export { chooseAccount, chooseRule, type CompiledRule, type CompiledRuleSet, compileRuleSet, type Entry, interpretApplies, interpretEntries, interpretSummary, type Settings, whyRules } from "./compile.ts";
export { type EventFacts, readRows, type Row, row, writeRows } from "./facts.ts";
export { fieldsOf, show } from "./expression.ts";
export { readRuleSet, type Rule, type RuleSet } from "./rule-set.ts";
export { lintRules, listRuleVersions, loadRuleVersion, markApproved, proposeRules, type RuleVersion } from "./versions.ts";
export { refusals } from "./refusals.ts";
