/** One document through facts, rules and numbers, in memory. It either changes all it has to, or nothing. */
import { firstDay, lastDay, nextPeriod, parseMoney, periodOf } from "../values/index.ts";
import type { Problem } from "../platform/index.ts";
import { openingPeriodOf } from "../books/index.ts";
import { type Document, documentKey, linkKey } from "../documents/index.ts";
import { type CompiledRuleSet, readRows, type Row, writeRows } from "../rules/index.ts";
import type { Batch } from "./batch.ts";
import { copyText } from "./batch.ts";
import { compose } from "./compose.ts";
import { factsOf } from "./facts/index.ts";
import { type RuleVersions, rulesOn } from "./memory.ts";
import { isModuleClosed } from "./module.ts";
import { effectList, type Fact, keep, NeedLoad, type PostedEvent, rebase, rowsOfEffects, type State, takeBack, undo, untouched } from "./state.ts";
import { correctionSummary, debitTotal, joinLines, type Line, numberText, reversed, type Voucher } from "./voucher.ts";
import { applyMasters, checkOwnLinks, decimal, Park, park, type StockMove, Wait, type Work } from "./work.ts";

export type Outcome =
  | { readonly state: "posted"; readonly vouchers: readonly Voucher[]; readonly exempt: string | undefined; readonly brings: readonly string[] }
  | { readonly state: "waiting" | "parked"; readonly problems: readonly Problem[]; readonly wanted: readonly string[] };

type Planned = { event: string; rule: string; ruleVersion: number; rows: Row[]; vouchers: PlannedVoucher[]; draft: string | undefined };
type PlannedVoucher = { date: string; period: string; series: string; summary: string; lines: Line[]; reversalOf: number | undefined; merge: string; rule: string; ruleVersion: number };

/** What is known of a run besides its document. */
export type RunFacts = (w: Work) => void;

/** Throws NeedLoad where memory lacks something: load it and call again. */
export function workOn(state: State, versions: RuleVersions, batch: Batch, fact: Fact, document: Document, previous: { posted: readonly PostedEvent[]; document: Document } | undefined, run: RunFacts | undefined): Outcome {
  const touched = untouched();
  const w: Work = { state, fact, document, touched, events: [], moves: [], remembers: new Map(), links: [], brings: [], sign: document.credit ? -1n : 1n, rate: undefined };
  let planned: Planned[];
  const inverse: string[] = [];
  try {
    if (document.status !== "cancelled") applyMasters(w);
    if (previous) {
      takeBackVersion(state, w, previous.posted, inverse);
      rebase(touched);
    }
    if (document.status !== "cancelled") {
      checkOwnLinks(w);
      const facts = run ?? factsOf[document.kind];
      if (!facts) park("rule.none", { event: document.kind, kind: document.kind, number: document.number }, fact.key);
      else facts(w);
      planned = planAll(state, versions, w, fact);
    } else planned = [];
    if (previous) {
      // Drafts were in nobody's books: the new version takes their place as a whole, and one that is cancelled leaves its events without vouchers.
      const isDrafted = previous.posted.some((event) => event.drafts.length > 0);
      if (isDrafted && document.status === "cancelled") planned = previous.posted.map(({ event, rule, ruleVersion }) => ({ event, rule, ruleVersion, rows: [], vouchers: [], draft: undefined }));
      planned = isDrafted ? planned : differences(state, versions, w, previous, planned, fact);
      checkStillCovered(w, fact);
    }
  } catch (error) {
    takeBack(touched);
    if (error instanceof Wait) return { state: "waiting", problems: [error.problem], wanted: [error.wanted] };
    if (error instanceof Park) return { state: "parked", problems: error.problems, wanted: error.wanted === undefined ? [] : [error.wanted] };
    throw error;
  }
  return commit(state, batch, w, planned, previous, inverse);
}

// Earlier versions ----------------------------------------------------------------------------------------------------

/** What the earlier version did to the sub-ledgers is taken back; the new version then does its own. */
function takeBackVersion(state: State, w: Work, posted: readonly PostedEvent[], inverse: string[]): void {
  const effects = posted.map((event) => event.effects).filter((text) => text !== "");
  const ids = new Set<number>(), pools = new Set<string>();
  for (const text of effects) {
    const need = rowsOfEffects(text);
    for (const id of need.ids) if (!state.byId.has(id)) ids.add(id);
    for (const pool of need.pools) if (!state.pools.has(pool)) pools.add(pool);
  }
  if (ids.size + pools.size > 0) throw new NeedLoad({ ids: [...ids], pools: [...pools] });
  for (const event of posted) inverse.push(...event.moves.map(invertMove));
  for (const text of effects) {
    undo(state, w.touched, text);
    for (const parts of effectList(text)) {
      if (parts[0] === "l") {
        const target = state.byId.get(Number(parts[1])) as Fact;
        const [, , quantity = "0", amount = "0", targetLine = "", line = ""] = parts;
        const kind = target.linkers.find((linker) => linker.documentId === w.fact.id)?.kind ?? w.document.kind;
        const linker = { line: targetLine, documentId: w.fact.id, byLine: line, kind, quantity: -BigInt(quantity), amount: -BigInt(amount) };
        target.linkers.push(linker);
        w.touched.linked.push({ linker, fact: target });
        w.links.push({ target, targetLine, line, quantity: -BigInt(quantity), amount: -BigInt(amount), isInverse: true });
      }
    }
  }
}

/** Fewer goods than later documents already use: they have to change first. Parks: version.used. */
function checkStillCovered(w: Work, fact: Fact): void {
  const sums = new Map<string, bigint>();
  for (const linker of fact.linkers) if (linker.line !== "" && linker.documentId !== fact.id) sums.set(`${linker.line}|${linker.kind}`, (sums.get(`${linker.line}|${linker.kind}`) ?? 0n) + linker.quantity);
  for (const [key, used] of sums) {
    const line = w.document.status === "cancelled" ? undefined : w.document.lines.find((one) => one.lineId === key.slice(0, key.lastIndexOf("|")));
    const quantity = line?.quantity ?? 0n;
    if (used > quantity) park("version.used", { document: fact.key, used: decimal(used), quantity: decimal(quantity) }, fact.key);
  }
}

/**
 * Wanted entries of the new version minus posted ones, event by event: all zero, nothing; only amounts differ, one
 * difference voucher; an account or dimension differs, the old in red and the new in blue (会计基础工作规范 art. 51(5)).
 */
function differences(state: State, versions: RuleVersions, w: Work, previous: { posted: readonly PostedEvent[]; document: Document }, planned: Planned[], fact: Fact): Planned[] {
  const out: Planned[] = [];
  const unmatched = [...planned];
  for (const old of previous.posted) {
    const at = unmatched.findIndex((plan) => plan.event === old.event);
    const plan: Planned = at >= 0 ? (unmatched.splice(at, 1)[0] as Planned) : { event: old.event, rule: old.rule, ruleVersion: old.ruleVersion, rows: [], vouchers: [], draft: undefined };
    const before = linesOf(state, versions, old, previous.document, fact.key);
    const blue = plan.vouchers[0];
    const after = blue?.lines ?? [];
    const change = new Map<string, Line>();
    joinLines(change, after, 1n);
    joinLines(change, before, -1n);
    const left = [...change.values()].filter((line) => line.amount !== 0n || line.original !== 0n);
    const first = old.vouchers[0];
    const number = first?.number ?? "";
    const made = (lines: Line[], summary: string, reversalOf: number | undefined): PlannedVoucher => {
      const when = blue ?? { ...placeInTime(state, w.document, w.document.date, fact.key), series: number.slice(0, number.lastIndexOf("-")) || "记", rule: old.rule, ruleVersion: old.ruleVersion };
      const late = when.period !== periodOf(w.document.date) && !summary.includes(w.document.date) ? `(${w.document.date})` : "";
      return { date: when.date, period: when.period, series: when.series, rule: when.rule, ruleVersion: when.ruleVersion, summary: summary + late, lines, reversalOf, merge: "" };
    };
    if (left.length === 0) plan.vouchers = [];
    else if (before.length === 0) plan.vouchers = blue ? [blue] : [];
    else if (sameKeys(before, after)) plan.vouchers = [made(left, number === "" ? (blue?.summary ?? "") : correctionSummary("订正", first?.date ?? w.document.date, number), undefined)];
    else {
      plan.vouchers = [made(reversed(before), correctionSummary("注销", first?.date ?? w.document.date, number), first?.id)];
      if (after.length > 0) plan.vouchers.push(made(after, correctionSummary("订正", first?.date ?? w.document.date, number), undefined));
    }
    out.push(plan);
  }
  return [...out, ...unmatched];
}

const sameKeys = (a: readonly Line[], b: readonly Line[]): boolean => {
  const key = (line: Line): string => `${line.account}|${line.side}|${line.dimensionSetId}|${line.currency}`;
  const keys = new Set(a.map(key));
  return b.length > 0 && keys.size === new Set(b.map(key)).size && b.every((line) => keys.has(key(line)));
};

/** The lines of a posted event, derived again from its facts and its rule version. */
export function linesOf(state: State, versions: RuleVersions, old: Pick<PostedEvent, "event" | "rule" | "ruleVersion" | "facts">, document: Document, where: string): Line[] {
  const rules = versions.byVersion.get(old.ruleVersion);
  if (!rules) throw new Error(`rule version ${old.ruleVersion} is missing`);
  const composed = compose(state, rules, old.event, document, readRows(old.facts), where, () => {});
  return composed.kind === "voucher" ? composed.lines : [];
}

// Rules and dates -----------------------------------------------------------------------------------------------------

function planAll(state: State, versions: RuleVersions, w: Work, fact: Fact): Planned[] {
  const problems: Problem[] = [];
  const planned: Planned[] = [];
  for (const event of w.events) {
    const date = event.date ?? w.document.date;
    const rules: CompiledRuleSet = rulesOn(versions, date);
    const composed = compose(state, rules, event.event, w.document, event.rows, fact.key, (row, account) => {
      const held = w.remembers.get(row);
      if (held) held.account = account;
    });
    if (composed.kind === "problem") {
      problems.push(...composed.problems);
      continue;
    }
    const { rule } = composed.rule;
    const plan: Planned = { event: event.event, rule: rule.id, ruleVersion: rules.version, rows: event.rows, vouchers: [], draft: undefined };
    if (composed.kind === "voucher") {
      const when = placeInTime(state, w.document, date, fact.key);
      const late = when.period !== periodOf(date) && w.document.kind !== "openingBalance" ? `(${date})` : "";
      const setting = state.book.settings.merge;
      const merge = setting === "byRule" ? rule.merge : setting;
      const series = typeof w.document.more.series === "string" ? w.document.more.series : w.document.kind === "openingBalance" ? "期初" : rule.series;
      plan.vouchers.push({ ...when, series, summary: composed.summary + late, lines: composed.lines, reversalOf: undefined, rule: rule.id, ruleVersion: rules.version,
        merge: merge === "none" ? "" : `${rule.id}|${when.date}|${w.document.kind}${merge === "perCounterparty" ? `|${w.document.party}` : ""}` });
      plan.draft = reviewReason(state, rule.autoReview, rule.reviewAbove, composed.lines, rule.zh);
    }
    planned.push(plan);
  }
  if (problems.length > 0) throw new Park(problems);
  return planned;
}

/** Automatic review only where the rule is authorised for it and inside its limits (财会〔2024〕11号 16–17). */
function reviewReason(state: State, autoReview: boolean, above: bigint, lines: readonly Line[], rule: string): string | undefined {
  if (!autoReview) return `规则「${rule}」须人工审核`;
  const total = debitTotal(lines);
  const limit = state.book.settings.autoReviewLimit;
  const most = limit === "" ? 0n : minor(limit, state.book.currency);
  if ((above > 0n && total > above) || (most > 0n && total > most)) return `金额超过自动审核上限`;
  return undefined;
}

const minor = (text: string, currency: string): bigint => parseMoney(text, currency) ?? 0n;

/** The voucher takes the document's date if that period is open, else the first day of the next open one (by setting). */
export function placeInTime(state: State, document: Document, date: string, where: string): { date: string; period: string } {
  const { book } = state;
  if (document.kind === "openingBalance") {
    const period = openingPeriodOf(book.firstPeriod);
    return { date: lastDay(period), period };
  }
  const period = periodOf(date);
  if (period < book.firstPeriod) park("period.before_book", { date, book: book.code, first: book.firstPeriod }, where);
  const known = state.periods.get(period);
  const isOpen = (one: string): boolean => state.periods.get(one) === "open" && !isModuleClosed(state.closedModules, document.kind, one);
  if (isOpen(period)) return { date, period };
  if (known === undefined) {
    // The calendar grows by itself, one year at a time.
    throw new NeedPeriod(period);
  }
  if (book.settings.lateDocuments === "park") park(known === "open" ? "module.closed_park" : "period.closed_park", { period }, where);
  for (let next = nextPeriod(period); ; next = nextPeriod(next)) {
    const found = state.periods.get(next);
    if (isOpen(next)) return { date: firstDay(next), period: next };
    if (found === undefined) return park("period.no_open", { period }, where);
  }
}

/** The calendar does not reach this period yet. */
export class NeedPeriod extends Error {
  readonly period: string;
  constructor(period: string) {
    super(period);
    this.period = period;
  }
}

// Into the batch ------------------------------------------------------------------------------------------------------

/** The columns of a move from `pool` on, apart by tabs. */
const moveText = (move: StockMove): string => `${move.pool}\t${move.item}\t${move.warehouse}\t${move.date}\t${move.type}\t${move.line}\t${move.quantity}\t${move.amount}\t${move.ofQuantity}\t${move.ofAmount}\t${move.layer}\t${move.detail}`;

/** The same move with the signs turned. */
function invertMove(text: string): string {
  const fields = text.split("\t");
  for (const i of [6, 7, 8, 9]) fields[i] = String(-BigInt(fields[i] as string));
  fields[11] = (fields[11] as string).split(",").map((part) => part.replace(/=(-?\d+)$/, (_, n: string) => `=${-BigInt(n)}`)).join(",");
  return fields.join("\t");
}

function commit(state: State, batch: Batch, w: Work, planned: readonly Planned[], previous: { posted: readonly PostedEvent[] } | undefined, inverse: readonly string[]): Outcome {
  const { fact, document, touched } = w;
  const bookId = state.book.bookId;
  const version = document.sourceVersion;
  const moves = w.moves.map(moveText);
  for (const held of touched.held) {
    batch.held.add(held);
    const owner = state.byId.get(held.documentId);
    if (owner && owner.batch < batch.no) owner.batch = batch.no;
  }
  for (const pool of touched.pools) batch.pools.add(pool);
  const effects = keep(touched, w.links.filter((link) => !link.isInverse), moves.length);

  // The same holdings may be put back by a version that takes an earlier one back and does the same again.
  w.links.forEach((link, i) => {
    if (link.target.batch < batch.no) link.target.batch = batch.no;
    const kind = link.target.linkers.find((linker) => linker.documentId === fact.id)?.kind ?? document.kind;
    batch.links.push(`${bookId}\t${link.target.id}\t${copyText(link.targetLine)}\t${fact.id}\t${version}\t${copyText(link.line)}\t${i + 1}\t${kind}\t${link.quantity}\t${link.amount}\n`);
  });
  [...inverse, ...moves].forEach((move, i) => {
    batch.moves.push(`${bookId}\t${fact.id}\t${version}\t${i + 1}\t${move.split("\t").map(copyText).join("\t")}\n`);
  });
  for (const event of previous?.posted ?? []) batch.voided.push(...event.drafts);

  const vouchers: Voucher[] = [];
  const posted: PostedEvent[] = [];
  let exempt: string | undefined;
  let drafted = false;
  planned.forEach((plan, i) => {
    const own: Voucher[] = [];
    if (plan.draft !== undefined && plan.vouchers.length > 0) {
      drafted = true;
      for (const voucher of plan.vouchers) batch.drafts.push({ documentId: fact.id, version, eventNo: i + 1, body: draftBody(voucher, document.attachments), why: plan.draft });
    } else for (const voucher of plan.vouchers) own.push(number(state, batch, voucher, fact.id, document.attachments));
    if (plan.vouchers.length === 0) exempt ??= plan.rule;
    vouchers.push(...own);
    const facts = writeRows(plan.rows);
    // Effects stand with the first event; they are the document's as a whole.
    const ownEffects = i === 0 ? effects : "";
    batch.events.push(`${bookId}\t${fact.id}\t${version}\t${i + 1}\t${plan.event}\t${plan.rule}\t${plan.ruleVersion}\t{${own.map((voucher) => voucher.id).join(",")}}\t${copyText(facts)}\t${copyText(ownEffects)}\n`);
    posted.push({ event: plan.event, rule: plan.rule, ruleVersion: plan.ruleVersion, facts, effects: ownEffects, moves: i === 0 ? moves : [], vouchers: own.map((voucher) => ({ id: voucher.id, number: numberText(voucher.series, voucher.number), date: voucher.date })), drafts: [] });
  });
  fact.posted = drafted ? undefined : posted;
  fact.isDrafted = drafted;
  if (drafted) return { state: "waiting", problems: [{ code: "voucher.review_needed", facts: { why: planned.find((plan) => plan.draft !== undefined)?.draft ?? "" }, where: fact.key }], wanted: [] };
  return { state: "posted", vouchers, exempt: vouchers.length === 0 ? (exempt ?? "cancelled") : undefined, brings: [fact.key, ...w.brings] };
}

/** Gives the next number of the series, or joins the voucher that it merges with. */
export function number(state: State, batch: Batch, planned: PlannedVoucher, documentId: number, attachments: number, reviewer?: string): Voucher {
  const open = planned.merge === "" ? undefined : batch.merging.get(planned.merge);
  if (open) {
    const joined = new Map<string, Line>();
    joinLines(joined, open.lines, 1n);
    joinLines(joined, planned.lines, 1n);
    open.lines.splice(0, open.lines.length, ...[...joined.values()].filter((line) => line.amount !== 0n || line.original !== 0n));
    open.attachments += attachments;
    return open;
  }
  const counter = `${planned.period}|${planned.series}`;
  const next = (state.counters.get(counter) ?? 0) + 1;
  state.counters.set(counter, next);
  const voucher: Voucher = { id: state.head.nextVoucher++, period: planned.period, series: planned.series, number: next, date: planned.date, summary: planned.summary, attachments, rule: planned.rule, ruleVersion: planned.ruleVersion,
    documentId, reversalOf: planned.reversalOf, lines: planned.merge === "" ? planned.lines : planned.lines.map((line) => ({ ...line })), preparedBy: batch.by, reviewedBy: reviewer ?? `rule:${planned.rule}@${planned.ruleVersion}` };
  batch.vouchers.push(voucher);
  if (planned.merge !== "") batch.merging.set(planned.merge, voucher);
  return voucher;
}

const draftBody = (voucher: PlannedVoucher, attachments: number): string => JSON.stringify({ ...voucher, attachments }, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));

/** The inverse of draftBody. */
export const readDraftBody = (body: unknown): PlannedVoucher & { attachments: number } =>
  JSON.parse(JSON.stringify(body), (_, value: unknown) => (typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value)) as PlannedVoucher & { attachments: number };

/** Keys that a document wants in memory before it is worked on. */
export function keysOf(document: Document): string[] {
  const keys = [documentKey(document)];
  for (const link of document.links) keys.push(linkKey(link));
  for (const line of document.lines) for (const link of line.links) keys.push(linkKey(link));
  return keys;
}
