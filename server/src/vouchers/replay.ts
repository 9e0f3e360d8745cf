/**
 * 规则重放: what other rules would have made of past documents, by account and period, before anyone approves them. It works on the figures that were
 * stored with each voucher, so it posts nothing and needs no sub-ledger. Between documents it gives way, so that posting goes on.
 */
import { setImmediate } from "node:timers/promises";
import { type Book, loadAccounts } from "../books/index.ts";
import { type Document, readDocument } from "../documents/index.ts";
import { emptyMasters, learn } from "../masterdata/index.ts";
import { type Ctx, type Db, elapsedMs, refuse } from "../platform/index.ts";
import { chooseRule, type CompiledRule, type CompiledRuleSet, compileRuleSet, interpretEntries, loadRuleVersion, markApproved, readRows, readRuleSet, type Row, type Settings } from "../rules/index.ts";
import { formatMoney, isPeriod, periodOf } from "../values/index.ts";
import { compose } from "./compose.ts";
import { loadRules } from "./memory.ts";
import { forgetWriter } from "./post.ts";
import { countWantedEvents, findRelatedParties } from "./replay.store.ts";
import * as store from "./report.store.ts";
import type { State } from "./state.ts";

/** Debit less credit, as decimal strings. */
export type AccountDifference = { readonly period: string; readonly account: string; readonly before: string; readonly after: string; readonly difference: string };

export type ReplayProblem = "" | "rule.none" | "rule.no_account" | "rule.account_unknown" | "rule.unbalanced" | "dimension.missing";
/** An event that the rules make other entries of. */
export type ReplayChange = {
  readonly document: string; readonly event: string; readonly period: string; readonly ruleBefore: string; readonly ruleAfter: string; readonly problem: ReplayProblem;
  /** Accounts that get another figure, and how much moves between them (half of all differences). "" where the asker may not see it. */
  readonly accounts: readonly string[]; readonly moved: string;
};

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
  /** How many changed events each account is in. */
  readonly touched: Readonly<Record<string, number>>;
  /** The first of them, and events that it has no rule or no account for. */
  readonly examples: readonly ReplayChange[];
  /** Changed events by what is wrong with them. */
  readonly problems: Readonly<Record<string, number>>;
  /** Periods with a changed event. */
  readonly periods: readonly string[];
  /** Events whose rule was run both ways, compiled and interpreted, and of those the ones that differ: always 0. */
  readonly compared: number;
  readonly comparedDifferent: number;
  /** Changed events whose amounts the asker may not see; their figures are in no sum. */
  readonly hidden: number;
  readonly seconds: number;
};

export type ReplayFilter = {
  /** The version, or a text that is no version yet. */
  readonly version?: number | undefined; readonly text?: string | undefined;
  readonly from?: string | undefined; readonly to?: string | undefined; /** Also events whose rules are the same. */ readonly all?: boolean | undefined; /** These periods alone. */ readonly periods?: ReadonlySet<string> | undefined;
  /** Whether amounts of this document may be shown; default all. */ readonly sees?: ((document: string) => boolean) | undefined;
  readonly onProgress?: ((evaluated: number, total: number) => void) | undefined; readonly onChange?: ((change: ReplayChange) => void) | undefined; readonly isCancelled?: (() => boolean) | undefined;
};

const examplesMax = 100, comparedMax = 10_000, sliceMs = 8;

/** Refuses: rule.version_unknown, rule.malformed, period.malformed. */
export async function replayRules(ctx: Ctx, book: Book, filter: ReplayFilter): Promise<Replay> {
  const since = elapsedMs();
  for (const period of [filter.from, filter.to]) if (period !== undefined && !isPeriod(period)) refuse("period.malformed", { period });
  const version = filter.version ?? 0;
  const after = compiled(filter.text ?? (await loadRuleVersion(ctx.db, book, version)).body, version);
  const { byVersion } = await loadRules(ctx.db, book.bookId);
  const state = await deriveState(ctx.db, book);
  const sums = new Map<string, { before: bigint; after: bigint }>();
  const touched: Record<string, number> = {}, problems: Record<string, number> = {};
  const examples: ReplayChange[] = [], periods = new Set<string>();
  const [from, to] = [filter.from ?? "0000-00", filter.to ?? "9999-99"];
  const wanted = filter.all === true ? null : changedEvents(after, [...byVersion.values()]);
  let evaluated = 0, changed = 0, compared = 0, comparedDifferent = 0, hidden = 0;
  let last = "", slice = elapsedMs();
  let document: Document | undefined;
  const total = filter.onProgress ? Number((await countWantedEvents(ctx.db, book.bookId, from, to, wanted)).events) : 0;
  const counted = await ctx.db.transaction(async (db) => {
    for await (const row of store.streamEventsForReplay(db, book.bookId, from, to, wanted)) {
      const { period } = row;
      if (filter.isCancelled?.()) continue; // a copy is read to its end, or its connection is lost
      if (filter.periods && !filter.periods.has(period)) continue;
      if (row.document !== last || document === undefined) {
        document = readDocument(JSON.parse(row.body), book.code, book.currency, "header").document; // rules read rows and the header
        last = row.document;
      }
      if (document === undefined) continue;
      evaluated++;
      if (elapsedMs() - slice > sliceMs) {
        await setImmediate();
        slice = elapsedMs();
        filter.onProgress?.(evaluated, Math.max(total, evaluated));
      }
      const rows = readRows(row.facts);
      const old = byVersion.get(Number(row.ruleVersion))?.byId.get(row.rule);
      const chosen = chooseRule(after, row.event, document, book.settings);
      const was = entriesOf(old, document, rows, book.settings);
      const will = entriesOf(chosen, document, rows, book.settings);
      if (chosen && !chosen.rule.exempt && compared < comparedMax) {
        compared++;
        if (!isSame(will, sumOf(interpretEntries(chosen.rule, document, rows, book.settings)))) comparedDifferent++;
      }
      if (chosen && isSame(was, will)) continue;
      changed++;
      periods.add(period);
      const sees = filter.sees?.(row.document) ?? true;
      if (!sees) hidden++;
      const accounts: string[] = [];
      let moved = 0n;
      for (const account of new Set([...was.keys(), ...will.keys()])) {
        const [b, a] = [was.get(account) ?? 0n, will.get(account) ?? 0n];
        if (a === b) continue;
        moved += a > b ? a - b : b - a;
        accounts.push(account);
        if (!sees) continue;
        touched[account] = (touched[account] ?? 0) + 1;
        const key = `${period} ${account}`;
        const sum = sums.get(key) ?? { before: 0n, after: 0n };
        sums.set(key, { before: sum.before + b, after: sum.after + a });
      }
      const problem = problemOf(state, after, row.event, document, rows);
      if (problem !== "") problems[problem] = (problems[problem] ?? 0) + 1;
      const change: ReplayChange = {
        document: row.document, event: row.event, period, ruleBefore: `${row.rule}@${row.ruleVersion}`, ruleAfter: chosen ? `${chosen.rule.id}${version === 0 ? "" : `@${version}`}` : "", problem,
        accounts: sees ? accounts.sort() : [], moved: sees ? formatMoney((moved + 1n) / 2n, book.currency) : "",
      };
      filter.onChange?.(change);
      if (examples.length < examplesMax) examples.push(change);
    }
    return store.countEventsForReplay(db, book.bookId, from, to);
  });
  const money = (amount: bigint): string => formatMoney(amount, book.currency);
  return {
    version, from: filter.from ?? book.firstPeriod, to: filter.to ?? "", documents: Number(counted.documents), events: Number(counted.events), evaluated, changed, touched, examples, problems, periods: [...periods].sort(), compared, comparedDifferent, hidden, seconds: (elapsedMs() - since) / 1000,
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

/** Rules that are no approved version, made ready to run. Refuses: rule.malformed. */
export function compiled(text: string, version: number): CompiledRuleSet {
  const { ruleSet, problems } = readRuleSet(text);
  const [problem] = problems;
  if (problem) refuse(problem.code, problem.facts, problem.where);
  return compileRuleSet(ruleSet, version);
}

/** As much of a writer's memory as deriving vouchers needs; dimension sets are numbered for this run alone. */
export async function deriveState(db: Db, book: Book): Promise<State> {
  const masters = emptyMasters();
  for (const record of await findRelatedParties(db, book.bookId)) learn(masters, record);
  return { book, accounts: await loadAccounts(db, book), masters, dimensionSets: new Map(), head: { blockNo: 0, hash: Buffer.alloc(32), modules: 0, nextDocument: 0, nextVoucher: 0, nextDimensionSet: 1 } } as unknown as State;
}

function problemOf(state: State, rules: CompiledRuleSet, event: string, document: Document, rows: readonly Row[]): ReplayProblem {
  const composed = compose(state, rules, event, document, rows, "", () => {});
  return composed.kind === "problem" ? ((composed.problems[0]?.code ?? "") as ReplayProblem) : "";
}

const isSame = (a: ReadonlyMap<string, bigint>, b: ReadonlyMap<string, bigint>): boolean => {
  if (a.size !== b.size) return false;
  for (const [account, amount] of a) if (b.get(account) !== amount) return false;
  return true;
};

/** Debit less credit by account; accounts that come to nothing are left out. "" stands for an account that no table gave. */
const entriesOf = (rule: CompiledRule | undefined, document: Document, rows: readonly Row[], settings: Settings): Map<string, bigint> => (!rule || rule.rule.exempt ? new Map<string, bigint>() : sumOf(rule.entries(document, rows, settings)));

function sumOf(entries: ReturnType<CompiledRule["entries"]>): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { side, account, amount } of entries) sums.set(account, (sums.get(account) ?? 0n) + (side === "debit" ? amount : -amount));
  for (const [account, amount] of sums) if (amount === 0n) sums.delete(account);
  return sums;
}

/**
 * 批准规则版本: by another than its author, and only if it changes nothing that is closed.
 * Refuses: rule.version_unknown, rule.author_approves, rule.approved_before, rule.rejected_before, rule.closed_difference.
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
