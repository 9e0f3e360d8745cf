import { createHash } from "node:crypto";
import { addMonths, firstDay, isPeriod } from "../values/index.ts";
import { type Ctx, refuse, Refusal } from "../platform/index.ts";
import { type Book, checkSettings, completeSettings, settingKeys } from "./book.ts";
import { loadPack } from "./chart.ts";
import { joinRules, packIds, packRules, packSettings, packsFolder } from "./packs.ts";
import { openingPeriodOf } from "./period.ts";
import * as store from "./store.ts";

export type NewBook = {
  readonly code: string;
  readonly name?: string | undefined;
  readonly pack: string;
  readonly currency: string;
  /** The first period, such as "2026-01". */
  readonly from: string;
  readonly group?: string | undefined;
  readonly settings?: Readonly<Record<string, string>> | undefined;
};

/**
 * 建账: chart, calendar, settings and rules of the pack, and an empty chain, all in one transaction.
 * Refuses: book.code, book.currency, book.period, book.exists, pack.unknown, setting.unknown, setting.value.
 */
export async function createBook(ctx: Ctx, wanted: NewBook): Promise<Book> {
  const { code, pack, currency, from } = wanted;
  if (!/^[A-Za-z0-9_.-]{1,40}$/.test(code)) refuse("book.code", { code });
  if (!/^[A-Z]{3}$/.test(currency)) refuse("book.currency", { currency });
  if (!isPeriod(from)) refuse("book.period", { period: from });
  if (!packIds().includes(pack)) refuse("pack.unknown", { pack, known: packIds().join(", ") });
  const [problem] = checkSettings(wanted.settings ?? {});
  if (problem) throw new Refusal(problem);

  const { accounts } = loadPack(packsFolder, pack).chart;
  const rules = joinRules(packRules(pack));
  const settings = completeSettings({ ...packSettings(pack), ...wanted.settings });
  const at = ctx.now().toISOString();
  const by = ctx.actor.id;
  return ctx.db.transaction(async (db) => {
    await store.lockBooks(db);
    if (await store.findBook(db, code)) refuse("book.exists", { book: code });
    const book = { code, name: wanted.name ?? code, pack, currency, firstPeriod: from, groupCode: wanted.group ?? "default" };
    const { bookId } = await store.insertBook(db, { ...book, createdAt: at, createdBy: by });
    await store.insertAccounts(db, bookId, accounts);
    await store.insertPeriods(db, bookId, [openingPeriodOf(from), ...periodsFrom(from, `${Number(from.slice(0, 4)) + 1}-12`)]);
    await store.insertSettings(db, bookId, settings, at, by);
    await store.insertHead(db, bookId);
    await store.insertFirstRules(db, bookId, { body: rules, hash: createHash("sha256").update(rules).digest("hex"), effectiveOn: firstDay(openingPeriodOf(from)), at, approvedBy: by, note: `pack ${pack}` });
    await store.insertAct(db, bookId, "book.created", { ...book, settings: Object.fromEntries(settingKeys.map((key) => [key, settings[key]])) }, at, by, "");
    return { bookId, ...book, settings };
  });
}

function periodsFrom(first: string, last: string): string[] {
  const periods: string[] = [];
  for (let period = first; period <= last; period = addMonths(period, 1)) periods.push(period);
  return periods;
}
