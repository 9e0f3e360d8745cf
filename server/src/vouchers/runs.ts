/** Runs: documents whose facts come from the books themselves. What they read is committed; nothing is in flight meanwhile. */
import { firstDay, lastDay } from "../values/index.ts";
import type { Store } from "../platform/index.ts";
import type { Document, DocumentLine } from "../documents/index.ts";
import { readRows } from "../rules/index.ts";
import { recost } from "./cost-run.ts";
import { fxRevaluation } from "./facts/cash.ts";
import { type LedgerBalance, type OpenEstimate, periodClose, provision } from "./facts/period.ts";
import { loadForeignOpen, loadIds, loadPools, type RuleVersions } from "./memory.ts";
import { type Held, type State, touch, touchPool } from "./state.ts";
import type { Costing } from "./stock.ts";
import * as store from "./store.ts";
import { addValue, event, isStock, issuedRows, lineRow, quantityLeft, type Work } from "./work.ts";
import type { RunFacts } from "./work-on.ts";

/** Reads what a run of this kind needs and answers its facts. */
export async function runFacts(db: Store, { state }: { state: State; versions: RuleVersions }, document: Document): Promise<RunFacts> {
  const period = typeof document.more.period === "string" ? document.more.period : document.date.slice(0, 7);
  if (document.kind === "costRun") return costRun(db, state, period);
  const rows = await store.readBalancesAt(db, state.book.bookId, period);
  if (document.kind === "fxRevaluation") {
    const open = await loadForeignOpen(db, state);
    const balances = rows.filter((row) => row.currency !== state.book.currency && row.dimensions?.bankAccount !== undefined && state.accounts.get(row.account)?.carries.revalue === true)
      .map((row) => ({ account: row.account, bankAccount: row.dimensions?.bankAccount ?? "", currency: row.currency, original: row.original, base: row.balance }));
    return (w) => fxRevaluation(w, balances, open);
  }
  const balances = joined(rows);
  if (document.kind === "provision") return (w) => provision(w, balances);
  const isEstimates = document.more.task === "estimates";
  const estimates = isEstimates ? await openEstimates(db, state, period) : [];
  const made = (isEstimates ? await store.readEstimatesMade(db, state.book.bookId, firstDay(period), lastDay(period)) : []).map(({ event: name, facts }) => ({ event: name, rows: readRows(facts) }));
  return (w) => periodClose(w, balances, estimates, made);
}

/** Over currencies: closing and provisions are made in base currency. */
function joined(rows: readonly store.BalanceRow[]): LedgerBalance[] {
  const found = new Map<string, { account: string; dimensions: Record<string, string>; balance: bigint; debit: bigint; credit: bigint }>();
  for (const row of rows) {
    const key = `${row.account}|${JSON.stringify(row.dimensions)}`;
    const one = found.get(key) ?? { account: row.account, dimensions: row.dimensions ?? {}, balance: 0n, debit: 0n, credit: 0n };
    one.balance += row.balance;
    one.debit += row.debit;
    one.credit += row.credit;
    found.set(key, one);
  }
  return [...found.values()];
}

async function openEstimates(db: Store, state: State, period: string): Promise<OpenEstimate[]> {
  const rows = await store.readOpenEstimates(db, state.book.bookId, lastDay(period));
  await loadIds(db, state, rows.map((row) => Number(row.document_id)));
  return rows.map((row) => {
    const fact = state.byId.get(Number(row.document_id));
    const line = fact?.document.lines.find((one) => one.lineId === row.line);
    return { account: line && !isStock(line) ? line.account : "", party: row.party, item: line?.item ?? "", category: line?.category ?? "", warehouse: line?.warehouse ?? "", department: line?.department ?? "", quantity: row.quantity, amount: row.amount,
      isGoods: line === undefined || isStock(line) };
  });
}

/** I6: costs again in date order what moved in the period, pool by pool, and posts the differences in one voucher. */
async function costRun(db: Store, state: State, period: string): Promise<RunFacts> {
  const { bookId, settings } = state.book;
  const moves = await store.readMoves(db, bookId, firstDay(period), lastDay(period));
  const later = new Set((await store.countLaterMoves(db, bookId, lastDay(period))).map((row) => row.pool));
  const byPool = new Map<string, store.MoveRow[]>();
  for (const move of moves) {
    const list = byPool.get(move.pool);
    if (list) list.push(move);
    else byPool.set(move.pool, [move]);
  }
  const results = [...byPool].map(([pool, list]) => ({ pool, place: list.at(-1) as store.MoveRow, result: recost(list.map((move) => ({ ...move, documentId: Number(move.document_id), ofQuantity: move.of_quantity, ofAmount: move.of_amount })), settings.costing as Costing, period) }))
    .filter(({ result }) => result.differences.size > 0);
  const shipments = results.flatMap(({ result }) => [...result.differences.keys()].filter((to) => to.startsWith("s:")).map((to) => Number(to.slice(2, to.indexOf("/")))));
  await loadIds(db, state, shipments);
  await loadPools(db, state, results.map(({ pool }) => pool));
  return (w) => {
    const rows = results.flatMap(({ pool: key, place, result }) => {
      const pool = touchPool(w.touched, state.pools.get(key) as NonNullable<ReturnType<typeof state.pools.get>>);
      const line = placeLine(w, place);
      let total = 0n;
      const parts: { to: string; amount: bigint }[] = [];
      for (const [to, amount] of result.differences) {
        total += amount;
        parts.push({ to, amount });
        w.moves.push({ pool: key, item: place.item, warehouse: place.warehouse, date: w.document.date, type: "trueUp", line: "", quantity: 0n, amount: -amount, ofQuantity: 0n, ofAmount: 0n, layer: "", detail: to });
      }
      pool.amount -= total;
      if (settings.costing === "fifo") revalueLayers(w, pool.layers as Held[], result.pool.layers, later.has(key), -total);
      return [...issuedRows(w, parts, line), lineRow(w, "trueUp", total, line)];
    });
    event(w, "costRun", rows);
  };
}

/** The layers take the values that date order gives them; where goods moved after the period, the oldest bears the difference. */
function revalueLayers(w: Work, layers: readonly Held[], right: readonly { key: string; wholeQuantity: bigint; wholeAmount: bigint; takenQuantity: bigint; takenAmount: bigint }[], hasLater: boolean, change: bigint): void {
  const wanted = new Map(right.map((layer) => [layer.key, layer]));
  if (!hasLater && layers.every((layer) => wanted.has(layer.key)) && right.every((layer) => layer.wholeQuantity === layer.takenQuantity || layers.some((own) => own.key === layer.key))) {
    for (const layer of layers) {
      const target = wanted.get(layer.key) as (typeof right)[number];
      touch(w.touched, layer);
      layer.wholeQuantity = target.wholeQuantity - target.takenQuantity;
      layer.wholeAmount = target.wholeAmount - target.takenAmount;
      layer.takenQuantity = 0n;
      layer.takenAmount = 0n;
    }
    return;
  }
  const first = layers.find((layer) => quantityLeft(layer) > 0n);
  if (first) addValue(w, first, change);
}

/** A line that stands for the pool in the voucher. */
function placeLine(w: Work, place: store.MoveRow): DocumentLine {
  const category = w.state.masters.byKind.get("item")?.get(place.item)?.[0]?.fields.category ?? "merchandise";
  return { lineId: "", index: 0, item: place.item, description: "", quantity: 0n, unit: "", price: null, taxRate: null, amountNet: null, tax: null, amountGross: null, warehouse: place.warehouse, department: "", project: "", employee: "",
    cost: null, charge: "", category, account: "", asset: "", links: [], more: {} };
}
