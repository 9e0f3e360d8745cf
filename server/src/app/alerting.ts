/**
 * The watch of every book: rules are looked at as often as each asks, and at once when something they wait for happened; the outbox is sent beside it.
 * Several processes may do this: a rule is looked at by one at a time, and a message is taken by one.
 */
import { principalOfAll, sightOf } from "../access/index.ts";
import { type Book, listBooks, loadBook } from "../books/index.ts";
import { ask, forecastCash, valueOf } from "../insight/index.ts";
import { type Ctx, momentAfter, type Store } from "../platform/index.ts";
import { type Figures, type Looked, sendWaiting, watchBook } from "../reconciliation/index.ts";
import { addDays, exponentOf, parseDecimal } from "../values/index.ts";
import { openBell } from "./flows/bell.ts";

const WATCH_MS = 60_000;
const SEND_MS = 2_000;

/** Figures of the boards as the whole book sees them; what a recipient may be told is decided for each. */
export const boardFigures: Figures = {
  async metric(ctx, book, { metric, dimension, days }) {
    const to = ctx.now().toISOString().slice(0, 10);
    const answer = await ask({ ctx, sight: wholeSight(book), book }, { metrics: [metric], ...(dimension === "" ? {} : { rows: [dimension] }), time: { from: addDays(to, -days), to }, limit: 2_000 });
    const unit = answer.columns.find(({ id }) => id === metric)?.unit;
    const scale = unit === "money" ? exponentOf(book.currency) : unit === "days" ? 0 : 6;
    const rows = dimension === "" ? answer.totals : answer.rows;
    return rows.flatMap(({ keys, labels, values }) => {
      const text = values[metric];
      const value = text === null || text === undefined ? undefined : parseDecimal(cut(text, scale), scale);
      return value === undefined ? [] : [{ subject: dimension === "" ? metric : (keys[dimension] ?? ""), label: labels[dimension]?.zh || keys[dimension] || "", value }];
    });
  },
  async lowestCash(ctx, book, weeks) {
    const day = ctx.now().toISOString().slice(0, 10);
    const asking = { ctx, sight: wholeSight(book), book };
    const cash = valueOf(await ask(asking, { metrics: ["cash"], time: { from: day, to: day } }), "cash");
    const forecast = await forecastCash(asking, day, parseDecimal(cash ?? "0", exponentOf(book.currency)) ?? 0n);
    const minor = (text: string): bigint => parseDecimal(text, exponentOf(book.currency)) ?? 0n;
    return forecast.weeks.slice(0, weeks).reduce((low, week) => (minor(week.balance) < low.balance ? { balance: minor(week.balance), on: week.to } : low), { balance: minor(forecast.opening), on: day });
  },
};
const wholeSight = (book: Book) => sightOf(principalOfAll("system"), book.code);
/** No more digits than the unit has. */
const cut = (text: string, scale: number): string => { const point = text.indexOf("."); return point < 0 ? text : scale === 0 ? text.slice(0, point) : text.slice(0, point + 1 + scale); };

/** The watches that a process has open on a store: whoever does what an alert waits for wakes it. */
const opened = new WeakMap<Store, { readonly wake: () => void }>();
export const wakeAlerts = (db: Store): void => opened.get(db)?.wake();

export type Alerting = { readonly wake: () => void; readonly close: () => Promise<void> };
export function openAlerting(ctx: Ctx, options: { readonly publicUrl: string | undefined; readonly figures?: Figures }): Alerting {
  const own: Ctx = { ...ctx, actor: { id: "system" } };
  const over = new AbortController();
  const [watching, sending] = [openBell(over.signal), openBell(over.signal)];
  const looked: Looked = new Map();
  let isWoken = false;

  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const since = own.now();
      try {
        if (isWoken) looked.clear();
        isWoken = false;
        for (const { code } of await listBooks(ctx.db)) {
          if (over.signal.aborted) break;
          const { rings, problems } = await watchBook(own, await loadBook(ctx.db, code), options.figures ?? boardFigures, looked);
          for (const { rule, error } of problems) ctx.log.warn("an alert rule could not be measured", { book: code, rule, error });
          if (rings > 0) sending.ring();
        }
      } catch (error) {
        if (!over.signal.aborted) ctx.log.warn("alerts could not be looked at", { error });
      }
      await watching.wait(Math.max(1_000, momentAfter(since, WATCH_MS).getTime() - own.now().getTime()));
    }
  };
  const send = async (): Promise<void> => {
    while (!over.signal.aborted) {
      try {
        await sendWaiting(own, { publicUrl: options.publicUrl });
      } catch (error) {
        if (!over.signal.aborted) ctx.log.warn("alerts could not be sent", { error });
      }
      await sending.wait(SEND_MS);
    }
  };
  const running = Promise.all([watch(), send()]);
  const alerting: Alerting = {
    wake() {
      isWoken = true;
      watching.ring();
      sending.ring();
    },
    async close() {
      over.abort();
      await running;
      opened.delete(ctx.db);
    },
  };
  opened.set(ctx.db, alerting);
  return alerting;
}
