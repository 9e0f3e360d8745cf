/** 规则版本: proposed by one person, approved by another, in force from a day, never changed (财会〔2024〕11号 16–17). */
import { createHash } from "node:crypto";
import type { Account, Book } from "../books/index.ts";
import { type Ctx, type Db, type Problem, Refusal, refuse } from "../platform/index.ts";
import { isDate } from "../values/index.ts";
import { readRuleSet, type RuleSet } from "./rule-set.ts";
import * as store from "./version.store.ts";

/** proposed → approved or rejected; of the approved ones the last that has begun is in force, those before it are past, those after it are coming. */
export type VersionState = "proposed" | "rejected" | "coming" | "inForce" | "past";
export type RuleVersion = Omit<store.VersionRow, "body"> & { readonly rules: number; readonly state: VersionState };

/** States are those of `today`; without a day every approved version counts as begun. */
export async function listRuleVersions(db: Db, book: Book, today = "9999-12-31"): Promise<RuleVersion[]> {
  const rows = await store.findVersions(db, book.bookId);
  const begun = currentOf(rows, today);
  return rows.map((row) => {
    const { body, ...rest } = row;
    return { ...rest, rules: countRules(row.hash, body), state: stateOf(row, begun, today) };
  });
}

/** A version never changes, so its rules are counted once. */
const counted = new Map<string, number>();
function countRules(hash: string, body: string): number {
  const known = counted.get(hash);
  if (known !== undefined) return known;
  const rules = readRuleSet(body).ruleSet.rules.length;
  if (counted.size > 1_000) counted.clear();
  counted.set(hash, rules);
  return rules;
}

/** The approved version in force on a day; before the first begins, the first. */
export function currentOf<Row extends Pick<store.VersionRow, "version" | "effectiveOn" | "approvedBy">>(rows: readonly Row[], day: string): Row | undefined {
  const approved = rows.filter(({ approvedBy }) => approvedBy !== null).sort((a, b) => (a.effectiveOn < b.effectiveOn ? -1 : a.effectiveOn > b.effectiveOn ? 1 : a.version - b.version));
  return approved.findLast(({ effectiveOn }) => effectiveOn <= day) ?? approved[0];
}

function stateOf(row: store.VersionRow, current: store.VersionRow | undefined, today: string): VersionState {
  if (row.approvedBy === null) return row.rejectedBy === null ? "proposed" : "rejected";
  if (current === undefined) return "past";
  return row.version === current.version ? "inForce" : row.effectiveOn > today ? "coming" : "past";
}

/** The text in force on a day: what a draft begins from and is compared with. Refuses: rule.version_unknown. */
export const loadCurrentRules = async (db: Db, book: Book, day: string): Promise<store.VersionRow> => currentOf(await store.findVersions(db, book.bookId), day) ?? refuse("rule.version_unknown", { version: 1 });

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

/**
 * 驳回规则版本: with a reason that its author reads. An author takes an own proposal back the same way.
 * Refuses: rule.version_unknown, rule.approved_before, rule.rejected_before, rule.reason_missing.
 */
export async function rejectRules(ctx: Ctx, book: Book, version: number, reason: string): Promise<store.VersionRow> {
  refuseDecided(await loadRuleVersion(ctx.db, book, version));
  if (reason.trim() === "") refuse("rule.reason_missing", { version });
  const rejected = await ctx.db.transaction((db) => store.insertRejection(db, book.bookId, version, ctx.actor.id, ctx.now().toISOString(), reason.trim()));
  const row = await loadRuleVersion(ctx.db, book, version);
  if (!rejected) refuseDecided(row);
  return row;
}

function refuseDecided({ version, approvedBy, rejectedBy, rejectedReason }: store.VersionRow): void {
  if (approvedBy !== null) refuse("rule.approved_before", { version, by: approvedBy });
  if (rejectedBy !== null) refuse("rule.rejected_before", { version, by: rejectedBy, reason: rejectedReason ?? "" });
}

/** The approval alone; what a version would change is asked before, in `vouchers`. Refuses: rule.version_unknown, rule.author_approves, rule.approved_before, rule.rejected_before. */
export async function markApproved(ctx: Ctx, book: Book, version: number): Promise<store.VersionRow> {
  const row = await loadRuleVersion(ctx.db, book, version);
  refuseDecided(row);
  if (row.proposedBy === ctx.actor.id) refuse("rule.author_approves", { version, author: row.proposedBy });
  const approved = await store.approveVersion(ctx.db, book.bookId, version, ctx.actor.id, ctx.now().toISOString());
  const decided = await loadRuleVersion(ctx.db, book, version);
  if (!approved) refuseDecided(decided);
  return decided;
}
