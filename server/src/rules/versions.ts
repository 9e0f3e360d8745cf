/** 规则版本: proposed by one person, approved by another, in force from a day, never changed (财会〔2024〕11号 16–17). */
import { createHash } from "node:crypto";
import type { Account, Book } from "../books/index.ts";
import { type Ctx, type Db, type Problem, Refusal, refuse } from "../platform/index.ts";
import { isDate } from "../values/index.ts";
import { readRuleSet, type RuleSet } from "./rule-set.ts";
import * as store from "./version.store.ts";

export type RuleVersion = Omit<store.VersionRow, "body"> & { readonly rules: number };

export const listRuleVersions = async (db: Db, book: Book): Promise<RuleVersion[]> =>
  (await store.findVersions(db, book.bookId)).map(({ body, ...row }) => ({ ...row, rules: readRuleSet(body).ruleSet.rules.length }));

/** One version with its text. Refuses: rule.version_unknown. */
export const loadRuleVersion = async (db: Db, book: Book, version: number): Promise<store.VersionRow> =>
  (await store.findVersion(db, book.bookId, version)) ?? refuse("rule.version_unknown", { version });

/** Every problem of a rule set: how it is written, and accounts that the chart does not have or that take no entries. */
export function lintRules(text: string, accounts: ReadonlyMap<string, Account>): Problem[] {
  const { ruleSet, problems } = readRuleSet(text);
  return [...problems, ...unknownAccounts(ruleSet, accounts)];
}

function unknownAccounts({ rules, tables }: RuleSet, accounts: ReadonlyMap<string, Account>): Problem[] {
  const bad = (account: string | undefined): account is string => account !== undefined && accounts.get(account)?.postable !== true;
  const problem = (rule: string, account: string, where: string): Problem => ({ code: "rule.account_unknown", facts: { rule, account }, where });
  const ofTables = [...tables.values()].flatMap((table) => table.choices.flatMap((choice, index) => (bad(choice.account) ? [problem(table.name, choice.account, `tables.${table.name}[${index + 1}]`)] : [])));
  const ofRules = rules.flatMap((rule) => rule.entries.flatMap((entry, index) => {
    const [only] = entry.table.choices; // an account written in place of a table
    return !tables.has(entry.table.name) && bad(only?.account) ? [problem(rule.id, only.account, `rules.${rule.id}.entries[${index + 1}]`)] : [];
  }));
  return [...ofTables, ...ofRules];
}

/** Puts a new version up for approval; it changes nothing yet. Refuses the first problem of `lintRules`, and: date.invalid. */
export async function proposeRules(ctx: Ctx, book: Book, accounts: ReadonlyMap<string, Account>, proposal: { readonly text: string; readonly effectiveOn: string; readonly note?: string | undefined }): Promise<number> {
  const { text, effectiveOn, note = "" } = proposal;
  if (!isDate(effectiveOn)) refuse("date.invalid", { field: "effectiveOn", got: effectiveOn });
  const [problem] = lintRules(text, accounts);
  if (problem) throw new Refusal(problem);
  const hash = createHash("sha256").update(text).digest("hex");
  return (await store.insertVersion(ctx.db, book.bookId, { body: text, hash, effectiveOn, by: ctx.actor.id, at: ctx.now().toISOString(), note })).version;
}

/** The approval alone; what a version would change is asked before, in `vouchers`. Refuses: rule.version_unknown, rule.author_approves, rule.approved_before. */
export async function markApproved(ctx: Ctx, book: Book, version: number): Promise<store.VersionRow> {
  const row = await loadRuleVersion(ctx.db, book, version);
  if (row.approvedBy !== null) refuse("rule.approved_before", { version, by: row.approvedBy });
  if (row.proposedBy === ctx.actor.id) refuse("rule.author_approves", { version, author: row.proposedBy });
  const approved = await store.approveVersion(ctx.db, book.bookId, version, ctx.actor.id, ctx.now().toISOString());
  if (!approved) refuse("rule.approved_before", { version, by: "?" });
  return loadRuleVersion(ctx.db, book, version);
}
