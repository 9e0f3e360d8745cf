/** Where a statement runs. Only what `compile` made can be run, and a result is kept only for those who see the same, until something changes. */
import { elapsedMs, momentOf, type Store } from "../platform/index.ts";
import type { Asking } from "./ask.ts";
import type { Compiled, Dialect } from "./compile.ts";
import { refreshFacts } from "./facts.ts";
import type { Mart } from "./mart.ts";

export type Engine = Dialect;
export type Ran = { readonly compiled: Compiled; readonly rows: readonly Readonly<Record<string, string>>[]; readonly engine: Engine; readonly asOf: string; readonly version: string };

const KEPT = 500;
/** A mart that was told of everything so long ago answers; what is older is asked of the database. */
export const FRESH_MS = 1_500;

type State = { mart: Mart | undefined; readonly kept: Map<string, Ran["rows"]>; readonly beside: Map<string, { readonly untilMs: number; readonly value: Promise<unknown> }> };
const states = new WeakMap<Store, State>();
export function stateOf(db: Store): State {
  let state = states.get(db);
  if (state === undefined) states.set(db, (state = { mart: undefined, kept: new Map(), beside: new Map() }));
  return state;
}

export async function runCompiled(asking: Asking, make: (dialect: Dialect) => Compiled): Promise<Ran> {
  const { ctx, book } = asking;
  const { mart, kept } = stateOf(ctx.db);
  // Somebody with a part of the book reads through the wall, which stands in the database.
  if (mart !== undefined && asking.reads === undefined) {
    let at = mart.freshness(book.bookId);
    let ageMs = at === undefined ? 0 : elapsedMs() - at.confirmedMs;
    if (at === undefined || elapsedMs() - at.confirmedMs > FRESH_MS) {
      const { version, generation } = await refreshFacts(ctx, book);
      ageMs = 0;
      at = mart.freshness(book.bookId);
      if (at !== undefined && (at.version !== version || at.generation !== generation)) at = undefined;
    }
    if (at !== undefined) {
      try {
        const compiled = make("duckdb");
        const key = `duckdb ${book.bookId} ${at.generation}.${at.version} ${compiled.permission} ${compiled.sql} ${JSON.stringify(compiled.params)}`;
        const found = recall(kept, key);
        const rows = found ?? keep(kept, key, await mart.query(compiled));
        return { compiled, rows, engine: "duckdb", asOf: earlier(ctx.now(), ageMs), version: `${at.generation}.${at.version}` };
      } catch (error) {
        if ((error as { isMartFault?: unknown }).isMartFault !== true) throw error;
        ctx.log.warn("the mart did not answer; the database does", { error });
      }
    }
  }
  const mark = await refreshFacts(ctx, book);
  const compiled = make("postgres");
  const key = `postgres ${book.bookId} ${mark.generation}.${mark.version} ${compiled.permission} ${compiled.sql} ${JSON.stringify(compiled.params)}`;
  const rows = recall(kept, key) ?? keep(kept, key, await (asking.reads ?? ctx.db).query<Record<string, string>>(compiled.sql, compiled.params));
  return { compiled, rows, engine: "postgres", asOf: ctx.now().toISOString(), version: `${mark.generation}.${mark.version}` };
}

/** What stands on a board beside figures and costs time to work out: kept for a while under a name that says all it depends on. */
export function keepBeside<T>(db: Store, name: string, lifeMs: number, work: () => Promise<T>): Promise<T> {
  const { beside } = stateOf(db);
  const known = beside.get(name);
  if (known !== undefined && known.untilMs > elapsedMs()) return known.value as Promise<T>;
  const value = work();
  value.catch(() => beside.delete(name));
  if (beside.size >= KEPT) beside.clear();
  beside.set(name, { untilMs: elapsedMs() + lifeMs, value });
  return value;
}

const earlier = (moment: Date, ms: number): string => {
  const at = momentOf(moment.toISOString());
  at.setTime(at.getTime() - Math.max(0, ms));
  return at.toISOString();
};

function recall(kept: State["kept"], key: string): Ran["rows"] | undefined {
  const rows = kept.get(key);
  if (rows !== undefined) {
    kept.delete(key);
    kept.set(key, rows);
  }
  return rows;
}

function keep(kept: State["kept"], key: string, rows: Ran["rows"]): Ran["rows"] {
  if (rows.length <= 5_000) kept.set(key, rows);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value as string);
  return rows;
}
