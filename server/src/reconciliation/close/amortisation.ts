/** 摊销: an amount spread over months by a template. Each month's document has the template's and the month's name, so it is made once however often the run is. */
import { type Book, loadAccounts, readPeriods } from "../../books/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { addMonths, allocate, formatMoney, isPeriod, lastDay, parseMoney } from "../../values/index.ts";
import { type DocumentResult, postDocuments, readModules } from "../../vouchers/index.ts";
import * as store from "./close.store.ts";

export type Amortisation = Omit<store.AmortisationRow, "total"> & { readonly total: string; readonly taken: string; readonly left: string; readonly lastPeriod: string };
export type AmortisationWanted = { readonly code: string; readonly name: string; readonly total: string; readonly months: number; readonly firstPeriod: string; readonly debit: store.Side; readonly credit: store.Side };

const lastOf = ({ firstPeriod, months, endedAfter }: store.AmortisationRow): string => { const last = addMonths(firstPeriod, months - 1); return endedAfter !== null && endedAfter < last ? endedAfter : last; };
/** Equal parts whose sum is the whole. */
const partsOf = ({ total, months }: { readonly total: bigint; readonly months: number }): bigint[] => allocate(total, Array.from({ length: months }, () => 1n));
const placeOf = (row: { readonly firstPeriod: string }, period: string): number => (Number(period.slice(0, 4)) - Number(row.firstPeriod.slice(0, 4))) * 12 + Number(period.slice(5)) - Number(row.firstPeriod.slice(5));
const isActive = (row: store.AmortisationRow, period: string): boolean => period >= row.firstPeriod && period <= lastOf(row);

export const listAmortisations = async (ctx: Ctx, book: Book): Promise<Amortisation[]> => (await store.findAmortisations(ctx.db, book.bookId)).map((row) => {
  const parts = partsOf(row);
  const taken = row.done.reduce((sum, period) => sum + (parts[placeOf(row, period)] ?? 0n), 0n);
  return { ...row, total: formatMoney(row.total, book.currency), taken: formatMoney(taken, book.currency), left: formatMoney(row.total - taken, book.currency), lastPeriod: lastOf(row) };
});

/** Refuses: amortisation.invalid, amortisation.taken. */
export async function setAmortisation(ctx: Ctx, book: Book, wanted: AmortisationWanted): Promise<{ readonly code: string }> {
  const total = parseMoney(wanted.total, book.currency) ?? 0n;
  const accounts = await loadAccounts(ctx.db, book);
  const bad = !/^[A-Za-z0-9_.-]{1,40}$/.test(wanted.code) ? "code" : wanted.name.trim() === "" ? "name" : total <= 0n ? "total" : !(wanted.months >= 1 && wanted.months <= 600) ? "months" : !isPeriod(wanted.firstPeriod) ? "firstPeriod" : accounts.get(wanted.debit.account)?.postable !== true ? `debit ${wanted.debit.account}` : accounts.get(wanted.credit.account)?.postable !== true ? `credit ${wanted.credit.account}` : undefined;
  if (bad !== undefined) refuse("amortisation.invalid", { what: bad });
  if (!(await store.addAmortisation(ctx.db, book.bookId, { ...wanted, name: wanted.name.trim(), total, setAt: ctx.now().toISOString(), setBy: ctx.actor.id }))) refuse("amortisation.taken", { code: wanted.code });
  return { code: wanted.code };
}

/** No further month after this one; what was made stays. Refuses: period.malformed, amortisation.unknown. */
export async function endAmortisation(ctx: Ctx, book: Book, code: string, after: string): Promise<{ readonly code: string }> {
  if (!isPeriod(after)) refuse("period.malformed", { period: after });
  if (!(await store.endAmortisation(ctx.db, book.bookId, code, after))) refuse("amortisation.unknown", { code });
  return { code };
}

export type AmortisationDue = { readonly active: number; readonly due: readonly string[] };
export async function readAmortisationDue(ctx: Ctx, book: Book, period: string): Promise<AmortisationDue> {
  const active = (await store.findAmortisations(ctx.db, book.bookId)).filter((row) => isActive(row, period));
  return { active: active.length, due: active.filter(({ done }) => !done.includes(period)).map(({ code }) => code) };
}

/** Makes the month's document of every template that has none. Refuses: period.malformed, amortisation.period_closed. */
export async function runAmortisation(ctx: Ctx, book: Book, period: string): Promise<DocumentResult[]> {
  if (!isPeriod(period)) refuse("period.malformed", { period });
  const isClosed = (await readPeriods(ctx.db, book)).find((one) => one.period === period)?.state === "closed" || (await readModules(ctx, book.bookId, period)).some(({ module }) => module === "general");
  if (isClosed) refuse("amortisation.period_closed", { period });
  const due = (await store.findAmortisations(ctx.db, book.bookId)).filter((row) => isActive(row, period) && !row.done.includes(period));
  const documents = due.map((row) => {
    const amount = formatMoney(partsOf(row)[placeOf(row, period)] ?? 0n, book.currency);
    const summary = `${row.name} ${placeOf(row, period) + 1}/${row.months}`;
    const line = (lineId: string, side: store.Side, which: "debit" | "credit") => ({ lineId, account: side.account, [which]: amount, summary, ...side.dimensions });
    return { schema: "tieout/manualVoucher@1", source: "tieout", sourceId: `amortise-${row.code}-${period}`, date: lastDay(period), summary, lines: [line("1", row.debit, "debit"), line("2", row.credit, "credit")] };
  });
  const results: DocumentResult[] = [];
  if (documents.length > 0) await postDocuments(ctx, book.code, documents, { onResult: (result) => void results.push(result) });
  return results;
}
