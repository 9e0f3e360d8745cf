/**
 * 规则重放: what another rule version would have made of past documents, by account and period, before anyone approves it.
 * It works on the figures that were stored with each voucher, so it posts nothing and needs no sub-ledger.
 */
import type { Book } from "../books/index.ts";
import { type Document, readDocument } from "../documents/index.ts";
import { type Ctx, type Db, elapsedMs, refuse } from "../platform/index.ts";
import { chooseRule, type CompiledRule, type CompiledRuleSet, compileRuleSet, loadRuleVersion, markApproved, readRows, readRuleSet, type Settings } from "../rules/index.ts";
import { formatMoney, isPeriod, periodOf } from "../values/index.ts";
import { loadRules } from "./memory.ts";
import { forgetWriter } from "./post.ts";
import * as store from "./report.store.ts";

/** Debit less credit, as decimal strings. */
export type AccountDifference = { readonly period: string; readonly account: string; readonly before: string; readonly after: string; readonly difference: string };

export type Replay = {
  readonly version: number;
  readonly from: string;
  readonly to: string;
  readonly documents: number;
  readonly events: number;
  /** Events that were worked out again: those whose rules or tables are not the same word for word. */
  readonly evaluated: number;
  /** Events that the version makes other entries of. */
  readonly changed: number;
  readonly differences: readonly AccountDifference[];
  /** The first of them, and events that it has no rule or no account for. */
  readonly examples: readonly { readonly document: string; readonly event: string; readonly ruleBefore: string; readonly ruleAfter: string; readonly problem: "" | "rule.none" | "rule.no_account" }[];
  readonly seconds: number;
};

export type ReplayFilter = { readonly version: number; readonly from?: string | undefined; readonly to?: string | undefined; /** Also events whose rules are the same. */ readonly all?: boolean | undefined; /** These periods alone. */ readonly periods?: ReadonlySet<string> | undefined };

const examplesMax = 100;

/** Refuses: rule.version_unknown, rule.malformed, period.malformed. */
export async function replayRules(ctx: Ctx, book: Book, filter: ReplayFilter): Promise<Replay> {
  const since = elapsedMs();
  for (const period of [filter.from, filter.to]) if (period !== undefined && !isPeriod(period)) refuse("period.malformed", { period });
  const after = await compiledVersion(ctx.db, book, filter.version);
  const { byVersion } = await loadRules(ctx.db, book.bookId);
  const sums = new Map<string, { before: bigint; after: bigint }>();
  const examples: Replay["examples"][number][] = [];
  const [from, to] = [filter.from ?? "0000-00", filter.to ?? "9999-99"];
  const wanted = filter.all === true ? null : changedEvents(after, [...byVersion.values()]);
  let evaluated = 0;
  let changed = 0;
  let last = "";
  let document: Document | undefined;
  const counted = await ctx.db.transaction(async (db) => {
    for await (const row of store.streamEventsForReplay(db, book.bookId, from, to, wanted)) {
      const { period } = row;
      if (filter.periods && !filter.periods.has(period)) continue;
      if (row.document !== last || document === undefined) {
        document = readDocument(JSON.parse(row.body), book.code, book.currency, "header").document; // rules read rows and the header
        last = row.document;
      }
      if (document === undefined) continue;
      evaluated++;
      const rows = readRows(row.facts);
      const old = byVersion.get(Number(row.ruleVersion))?.byId.get(row.rule);
      const chosen = chooseRule(after, row.event, document, book.settings);
      const was = entriesOf(old, document, rows, book.settings);
      const will = entriesOf(chosen, document, rows, book.settings);
      if (chosen && isSame(was, will)) continue;
      changed++;
      for (const account of new Set([...was.keys(), ...will.keys()])) {
        const key = `${period} ${account}`;
        const sum = sums.get(key) ?? { before: 0n, after: 0n };
        sums.set(key, { before: sum.before + (was.get(account) ?? 0n), after: sum.after + (will.get(account) ?? 0n) });
      }
      if (examples.length < examplesMax) {
        examples.push({ document: row.document, event: row.event, ruleBefore: `${row.rule}@${row.ruleVersion}`, ruleAfter: chosen ? `${chosen.rule.id}@${filter.version}` : "", problem: !chosen ? "rule.none" : will.has("") ? "rule.no_account" : "" });
      }
    }
    return store.countEventsForReplay(db, book.bookId, from, to);
  });
  const money = (amount: bigint): string => formatMoney(amount, book.currency);
  return {
    version: filter.version, from: filter.from ?? book.firstPeriod, to: filter.to ?? "", documents: Number(counted.documents), events: Number(counted.events), evaluated, changed, examples, seconds: (elapsedMs() - since) / 1000,
    differences: [...sums].filter(([, sum]) => sum.before !== sum.after).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, sum]) => {
      const [period = "", account = ""] = key.split(" ");
      return { period, account, before: money(sum.before), after: money(sum.after), difference: money(sum.after - sum.before) };
    }),
  };
}

/** Events that the version answers by other rules, or through other tables, than any approved version did. */
function changedEvents(after: CompiledRuleSet, before: readonly CompiledRuleSet[]): string[] {
  const written = (rules: CompiledRuleSet, event: string): string => JSON.stringify(rules.ruleSet.byEvent.get(event) ?? [], (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  const events = new Set([after, ...before].flatMap(({ ruleSet }) => [...ruleSet.byEvent.keys()]));
  return [...events].filter((event) => before.some((rules) => written(rules, event) !== written(after, event)));
}

async function compiledVersion(db: Db, book: Book, version: number): Promise<CompiledRuleSet> {
  const { ruleSet, problems } = readRuleSet((await loadRuleVersion(db, book, version)).body);
  const [problem] = problems;
  if (problem) refuse(problem.code, problem.facts, problem.where);
  return compileRuleSet(ruleSet, version);
}

const isSame = (a: ReadonlyMap<string, bigint>, b: ReadonlyMap<string, bigint>): boolean => {
  if (a.size !== b.size) return false;
  for (const [account, amount] of a) if (b.get(account) !== amount) return false;
  return true;
};

/** Debit less credit by account; accounts that come to nothing are left out. "" stands for an account that no table gave. */
function entriesOf(rule: CompiledRule | undefined, document: Document, rows: Parameters<CompiledRule["entries"]>[1], settings: Settings): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  if (!rule || rule.rule.exempt) return sums;
  for (const { side, account, amount } of rule.entries(document, rows, settings)) sums.set(account, (sums.get(account) ?? 0n) + (side === "debit" ? amount : -amount));
  for (const [account, amount] of sums) if (amount === 0n) sums.delete(account);
  return sums;
}

/**
 * 批准规则版本: by another than its author, and only if it changes nothing that is closed.
 * Refuses: rule.version_unknown, rule.author_approves, rule.approved_before, rule.closed_difference.
 */
export async function approveRules(ctx: Ctx, book: Book, version: number): Promise<{ version: number; effectiveOn: string; approvedBy: string }> {
  const { effectiveOn } = await loadRuleVersion(ctx.db, book, version);
  const closed = new Set((await store.findClosedPeriods(ctx.db, book.bookId, periodOf(effectiveOn))).map(({ period }) => period));
  if (closed.size > 0) {
    const { differences, examples } = await replayRules(ctx, book, { version, from: periodOf(effectiveOn), periods: closed });
    const first = differences[0]?.period ?? (examples.length > 0 ? [...closed].sort()[0] : undefined);
    if (first !== undefined) refuse("rule.closed_difference", { version, period: first });
  }
  const row = await markApproved(ctx, book, version);
  forgetWriter(ctx.db, book.code);
  return { version, effectiveOn: row.effectiveOn, approvedBy: ctx.actor.id };
}
