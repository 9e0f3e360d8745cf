/** 完整性: every document that arrived is posted, exempt by a rule, waiting or parked, and the four make 100 %. */
import { formatDecimal } from "../values/index.ts";
import type { Book } from "../books/index.ts";
import type { Ctx } from "../platform/index.ts";
import * as store from "./report.store.ts";

export type Counts = { readonly arrived: number; readonly posted: number; readonly exempt: number; readonly waiting: number; readonly parked: number };

export type Completeness = Counts & {
  readonly book: string;
  /** Decimal strings that add up to 100.000000 whenever anything has arrived. */
  readonly percent: { readonly posted: string; readonly exempt: string; readonly waiting: string; readonly parked: string; readonly total: string };
  /** Malformed and sent back, so never part of the books: the sender has been told, and the bytes are kept. */
  readonly refused: number;
  readonly rows: readonly (Counts & { readonly source: string; readonly kind: string; readonly period: string })[];
};

export const completenessStates = { posted: { zh: "已入账", en: "posted" }, exempt: { zh: "免记账", en: "exempt" }, waiting: { zh: "等待", en: "waiting" }, parked: { zh: "挂起", en: "parked" } } as const;
type State = keyof typeof completenessStates;
const states = Object.keys(completenessStates) as State[];

/** What was refused belongs to nobody, so that those with a part of the book do not count it (`isPart`). */
export async function readCompleteness(ctx: Ctx, book: Book, { isPart = false }: { readonly isPart?: boolean } = {}): Promise<Completeness> {
  const counted = await store.countStates(ctx.db, book.bookId);
  const { refused } = isPart ? { refused: 0n } : await store.countRefused(ctx.db, book.bookId);
  const rows = [...Map.groupBy(counted, ({ source, kind, period }) => JSON.stringify([source, kind, period])).values()].map((group) => {
    const { source, kind, period } = group[0] as (typeof group)[number];
    return { source, kind, period, ...sumOf(group) };
  });
  const whole = sumOf(counted);
  return { book: book.code, ...whole, percent: percentOf(whole), refused: Number(refused), rows };
}

function sumOf(rows: readonly { readonly state: string; readonly documents: bigint }[]): Counts {
  const count = (state: State): number => Number(rows.filter((row) => row.state === state).reduce((sum, row) => sum + row.documents, 0n));
  return { arrived: Number(rows.reduce((sum, row) => sum + row.documents, 0n)), posted: count("posted"), exempt: count("exempt"), waiting: count("waiting"), parked: count("parked") };
}

/** Running totals are rounded, so that the parts add up to the whole. A state that is none of the four is missing from the total. */
function percentOf(counts: Counts): Completeness["percent"] {
  const hundred = 100_000_000n;
  const whole = BigInt(counts.arrived);
  let seen = 0n;
  let given = 0n;
  const parts = Object.fromEntries(states.map((state) => {
    seen += BigInt(counts[state]);
    const upTo = whole === 0n ? 0n : (hundred * seen) / whole;
    const part = upTo - given;
    given = upTo;
    return [state, formatDecimal(part, 6)];
  })) as Record<State, string>;
  return { ...parts, total: formatDecimal(whole === 0n ? hundred : given, 6) };
}
