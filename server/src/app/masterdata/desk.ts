/**
 * What follows a decision about master data: posting is told, documents that waited for the code go on in the order in which they came, and
 * what the decision touches is shown. Posted vouchers stay as they are.
 */
import { type Book, loadAccounts } from "../../books/index.ts";
import { amountOf, readDocument } from "../../documents/index.ts";
import { addUnitFactor, approveRequest, type Decided, domainWords, listPolicies, type OpenValue, type PolicyShown, setPolicy, showGolden, type StewardAct, submitAct, type Submitted } from "../../masterdata/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { loadCurrentRules, readRuleSet } from "../../rules/index.ts";
import { formatMoney } from "../../values/index.ts";
import { forgetWriters, postDocuments, type PostSummary } from "../../vouchers/index.ts";
import { countDocumentsOfParty, findAccountsOf } from "../masterdata-use.store.ts";
import * as store from "./desk.store.ts";

export type Acted = Submitted & { readonly released: PostSummary | null };

/** Refuses: what the act refuses. */
export async function actOnMaster(ctx: Ctx, book: Book, act: StewardAct, reason: string): Promise<Acted> {
  const submitted = await submitAct(ctx, book, act, reason);
  return { ...submitted, released: submitted.done === null ? null : await goOn(ctx, book, submitted.done) };
}
export async function approveOnMaster(ctx: Ctx, book: Book, no: string, note: string): Promise<Acted> {
  const done = await approveRequest(ctx, book, no, note);
  return { done, request: null, released: await goOn(ctx, book, done) };
}

async function goOn(ctx: Ctx, book: Book, { released }: Decided): Promise<PostSummary | null> {
  await forgetWriters(ctx.db, book);
  let sum: PostSummary | null = null;
  for (const { domain, code } of released) sum = added(sum, await releaseCode(ctx, book, domain, code));
  return sum;
}

/** 1 `from` = `factor` `to`: documents that waited for the conversion go on. Refuses: what addUnitFactor refuses. */
export async function addUnitOnMaster(ctx: Ctx, book: Book, factor: Parameters<typeof addUnitFactor>[2]): Promise<{ readonly no: string; readonly released: PostSummary | null }> {
  const { no } = await addUnitFactor(ctx, book, factor);
  await forgetWriters(ctx.db, book);
  const waiting = await store.findCodesParkedFor(ctx.db, book.bookId, "masterdata.unit_unknown");
  const own = factor.golden === undefined ? undefined : await showGolden(ctx, book, factor.golden);
  const codes = own === undefined ? undefined : new Set([own.code, ...own.crosswalk.map(({ code }) => code)]);
  let sum: PostSummary | null = null;
  for (const wanted of waiting) {
    const code = wanted.slice(wanted.indexOf(":") + 1);
    if (codes === undefined || codes.has(code)) sum = added(sum, await releaseCode(ctx, book, "item", code));
  }
  return { no, released: sum };
}

/** Refuses: what setPolicy refuses. What was held back only because the kind was kept strictly goes on where it no longer is. */
export async function keepByPolicy(ctx: Ctx, book: Book, policy: Parameters<typeof setPolicy>[2]): Promise<{ readonly policy: PolicyShown | undefined; readonly released: PostSummary | null }> {
  const wasStrict = (await listPolicies(ctx, book, [policy.domain]))[0]?.strict ?? false;
  await setPolicy(ctx, book, policy);
  await forgetWriters(ctx.db, book);
  let sum: PostSummary | null = null;
  if (wasStrict && !policy.strict) for (const wanted of await store.findCodesParkedFor(ctx.db, book.bookId, "masterdata.unknown")) if (wanted.startsWith(`${policy.domain}:`)) sum = added(sum, await releaseCode(ctx, book, policy.domain, wanted.slice(policy.domain.length + 1)));
  return { policy: (await listPolicies(ctx, book, [policy.domain]))[0], released: sum };
}

const added = (sum: PostSummary | null, more: PostSummary | null): PostSummary | null =>
  sum === null || more === null ? (sum ?? more) : (Object.fromEntries(Object.entries(more).map(([name, count]) => [name, count + sum[name as keyof PostSummary]])) as PostSummary);

/** Documents that waited for the code are tried again in order of arrival. Doing it twice does nothing the second time: what has posted no longer waits. */
export async function releaseCode(ctx: Ctx, book: Book, domain: string, code: string): Promise<PostSummary | null> {
  let sum: PostSummary | null = null;
  const seen = new Set<bigint>();
  for (;;) {
    const waiting = (await store.findWaiting(ctx.db, book.bookId, `${domain}:${code}`, pageSize)).filter(({ documentId }) => !seen.has(documentId));
    if (waiting.length === 0) return sum;
    for (const { documentId } of waiting) seen.add(documentId);
    const { summary } = await postDocuments(ctx, book.code, waiting.map(({ body }) => JSON.parse(body) as unknown), { onResult: () => {} });
    sum = added(sum, summary);
  }
}
const pageSize = 500;

/** Units in which items, accounts and the rest are measured: what is open with a party, what lies on hand of an item, what waits for either. */
export const openValueIn = (ctx: Ctx): OpenValue => async (book, domain, codes) => {
  const open = domain === "customer" || domain === "supplier" ? await store.sumOpenOfParties(ctx.db, book.bookId, codes) : domain === "item" ? await store.sumStockOf(ctx.db, book.bookId, codes) : 0n;
  let parked = 0n;
  for (const code of codes) for (const { body } of await store.findWaiting(ctx.db, book.bookId, `${domain}:${code}`, 50)) {
    const { document } = readDocument(JSON.parse(body), book.code, book.currency);
    const amount = document ? amountOf(document) : null;
    if (amount !== null) parked += amount < 0n ? -amount : amount;
  }
  return open + parked;
};

const dimensionOf: Readonly<Record<string, string>> = { customer: "counterparty", supplier: "counterparty", employee: "counterparty", item: "item", department: "department", project: "project", warehouse: "warehouse", region: "region", bankAccount: "bankAccount" };

export type Effect = {
  readonly codes: readonly string[]; readonly openValue: string; readonly openItems: number; readonly documents: number; readonly waiting: readonly string[]; readonly waitingMore: boolean;
  readonly accounts: readonly { readonly account: string; readonly zh: string; readonly en: string; readonly balance: string }[]; readonly rules: readonly { readonly rule: string; readonly zh: string; readonly en: string; readonly why: string }[];
};

/** Which open documents, accounts and rules a golden record stands in. Nothing posted changes with it. */
export async function effectOf(ctx: Ctx, book: Book, golden: string): Promise<Effect> {
  const shown = await showGolden(ctx, book, golden);
  const codes = [...new Set([shown.code, ...shown.crosswalk.map(({ code }) => code)])].slice(0, 50);
  const isParty = shown.domain === "customer" || shown.domain === "supplier";
  const dimension = dimensionOf[shown.domain];
  const balances = new Map<string, bigint>();
  if (dimension) for (const code of codes) for (const { account, debit, credit } of await findAccountsOf(ctx.db, book.bookId, { [dimension]: code })) balances.set(account, (balances.get(account) ?? 0n) + debit - credit);
  const chart = await loadAccounts(ctx.db, book);
  const waiting: string[] = [];
  for (const code of codes) waiting.push(...(await store.findWaiting(ctx.db, book.bookId, `${shown.domain}:${code}`, waitingMax + 1)).map(({ document }) => document));
  let documents = 0;
  if (isParty) for (const code of codes) documents += Number((await countDocumentsOfParty(ctx.db, book.bookId, code)).documents);
  // Rules name values of fields: a category, a group, a region, sometimes a code.
  const values = new Map<string, string>([...codes.map((code) => [code, `${domainWords(shown.domain).zh} ${code}`] as const), ...shown.fields.filter(({ field }) => ["category", "group", "region", "use"].includes(field)).map(({ value, zh }) => [value, `${zh} ${value}`] as const)]);
  const version = await loadCurrentRules(ctx.db, book, ctx.now().toISOString().slice(0, 10)).catch(() => undefined);
  const rules = version === undefined ? [] : (readRuleSet(version.body).ruleSet?.rules ?? []);
  return {
    codes, openValue: formatMoney(await openValueIn(ctx)(book, shown.domain, codes), book.currency), openItems: isParty ? await store.countOpenOfParties(ctx.db, book.bookId, codes) : 0, documents, waiting: waiting.slice(0, waitingMax), waitingMore: waiting.length > waitingMax,
    accounts: [...balances].sort(([a], [b]) => (a < b ? -1 : 1)).map(([account, balance]) => ({ account, zh: chart.get(account)?.zh ?? "", en: chart.get(account)?.en ?? "", balance: formatMoney(balance, book.currency) })),
    rules: rules.flatMap((rule) => {
      const text = JSON.stringify(rule, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
      const named = [...values].find(([value]) => value !== "" && new RegExp(`["'\\s]${value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}["'\\s\\\\]`, "u").test(text));
      return named ? [{ rule: rule.id, zh: rule.zh, en: rule.en, why: named[1] }] : [];
    }),
  };
}
const waitingMax = 20;
