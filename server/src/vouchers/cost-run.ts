/**
 * 存货核算 (I6): the period's moves of a pool are costed again in business-date order, or at the month's weighted average,
 * and the differences to what was booked go where the goods went. After it the order of arrival no longer shows.
 */
import { holding, share, take } from "../values/index.ts";
import { type Costing, emptyPool, issue, type Layer, type Pool, receive, removeAt, reprice } from "./stock.ts";

export type PastMove = { readonly key: string; readonly type: string; readonly date: string; readonly line: string; readonly documentId: number; readonly quantity: bigint; readonly amount: bigint; readonly ofQuantity: bigint; readonly ofAmount: bigint; readonly layer: string; readonly detail: string };

export type Recosted = {
  /** What each destination has to bear more (or less). */
  readonly differences: ReadonlyMap<string, bigint>;
  /** The pool as it should stand at the end. */
  readonly pool: Pool;
};

/** Within a day goods come before they go, and prices change last. */
const rank: Readonly<Record<string, number>> = { in: 0, back: 1, out: 2, outGiven: 2, return: 3, reprice: 4, charge: 5, adjust: 6, move: 7, trueUp: 8 };

export function recost(moves: readonly PastMove[], costing: Costing, period: string): Recosted {
  const booked = new Map<string, bigint>();
  const add = (map: Map<string, bigint>, to: string, amount: bigint): void => void map.set(to, (map.get(to) ?? 0n) + amount);
  for (const move of moves) {
    if (move.type === "out" || move.type === "outGiven") add(booked, move.detail, -move.amount);
    else if (move.type === "trueUp") add(booked, move.detail, -move.amount);
    else if (move.type === "back" && move.detail !== "") add(booked, move.detail, -move.amount);
    else if (move.type === "reprice" || move.type === "charge") for (const [to, amount] of parts(move.detail)) add(booked, to, amount);
  }
  const ordered = moves.filter((move) => move.type !== "trueUp" && move.type !== "move").sort((a, b) =>
    a.date < b.date ? -1 : a.date > b.date ? 1 : (rank[a.type] ?? 9) - (rank[b.type] ?? 9) || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.line < b.line ? -1 : a.line > b.line ? 1 : 0));
  const right = new Map<string, bigint>();
  const pool = costing === "monthEndAverage" ? byMonth(ordered, right, add) : inOrder(ordered, costing, right, add);
  const differences = new Map<string, bigint>();
  for (const to of new Set([...booked.keys(), ...right.keys()])) {
    const difference = (right.get(to) ?? 0n) - (booked.get(to) ?? 0n);
    if (difference !== 0n) differences.set(to, difference);
  }
  void period;
  return { differences, pool };
}

const parts = (detail: string): [string, bigint][] =>
  detail === "" ? [] : detail.split(",").map((part) => [part.slice(0, part.lastIndexOf("=")), BigInt(part.slice(part.lastIndexOf("=") + 1))]);

type Add = (map: Map<string, bigint>, to: string, amount: bigint) => void;

/** FIFO and moving average: the same state machine as at posting, in date order. */
function inOrder(moves: readonly PastMove[], costing: Costing, right: Map<string, bigint>, add: Add): Pool {
  const pool = emptyPool("");
  const layers = new Map<string, Layer>();
  const issuedQuantity = new Map<string, bigint>();
  const layerOf = (key: string): Layer => {
    let layer = layers.get(key);
    if (!layer) layers.set(key, (layer = { ...holding(0n, 0n), key, counted: 0n, destinations: [] }));
    return layer;
  };
  for (const move of moves) {
    switch (move.type) {
      case "in":
        receive(pool, costing, layerOf(move.layer), move.quantity, move.amount, true);
        break;
      case "back": {
        const issued = issuedQuantity.get(move.detail) ?? 0n;
        const amount = move.detail !== "" && issued > 0n ? share(right.get(move.detail) ?? 0n, move.quantity, issued) : move.amount;
        receive(pool, costing, layerOf(move.layer), move.quantity, amount, false);
        if (move.detail !== "") {
          add(right, move.detail, -amount);
          issuedQuantity.set(move.detail, issued - move.quantity);
        }
        break;
      }
      case "out": case "outGiven":
        add(right, move.detail, issue(pool, costing, -move.quantity, move.detail, move.type === "outGiven" ? -move.amount : null).amount);
        issuedQuantity.set(move.detail, (issuedQuantity.get(move.detail) ?? 0n) - move.quantity);
        break;
      case "return":
        removeAt(pool, costing, move.layer === "" ? undefined : layerOf(move.layer), -move.quantity, -move.amount);
        break;
      case "reprice": case "charge": {
        const split = reprice(pool, costing, move.layer === "" ? undefined : layerOf(move.layer), move.ofQuantity, move.ofAmount, move.type === "reprice");
        for (const part of split.issued) add(right, part.to, part.amount);
        break;
      }
      default:
        pool.amount += move.amount;
    }
  }
  return pool;
}

/** 全月一次加权平均: each month's issues carry (opening + all that came in) ÷ (quantity of both), the last slice takes the cent. */
function byMonth(moves: readonly PastMove[], right: Map<string, bigint>, add: Add): Pool {
  const pool = emptyPool("");
  const issued = new Map<string, { quantity: bigint; amount: bigint }>();
  let at = 0;
  while (at < moves.length) {
    const month = (moves[at] as PastMove).date.slice(0, 7);
    let end = at;
    while (end < moves.length && (moves[end] as PastMove).date.startsWith(month)) end++;
    const here = moves.slice(at, end);
    at = end;
    // Returned goods of earlier months come in at what they cost; those of this month at this month's average, by taking them off the issues.
    const ownOut = new Set(here.filter((move) => move.type === "out").map((move) => move.detail));
    const outs = new Map<string, bigint>();
    for (const move of here) {
      if (move.type === "out") add(outs, move.detail, -move.quantity);
      else if (move.type === "back" && ownOut.has(move.detail)) add(outs, move.detail, -move.quantity);
      else if (move.type === "back") {
        const before = issued.get(move.detail);
        const amount = move.detail !== "" && before && before.quantity > 0n ? share(before.amount, move.quantity, before.quantity) : move.amount;
        pool.quantity += move.quantity;
        pool.amount += amount;
        if (move.detail !== "") add(right, move.detail, -amount);
      } else {
        pool.quantity += move.quantity;
        pool.amount += move.type === "reprice" || move.type === "charge" ? move.ofAmount : move.amount;
        if (move.type === "outGiven") add(right, move.detail, -move.amount);
      }
    }
    const whole = holding(pool.quantity, pool.amount);
    for (const [to, quantity] of outs) {
      const amount = pool.quantity > 0n ? take(whole, quantity) : 0n;
      add(right, to, amount);
      const before = issued.get(to) ?? { quantity: 0n, amount: 0n };
      issued.set(to, { quantity: before.quantity + quantity, amount: before.amount + amount });
    }
    pool.quantity = whole.wholeQuantity - whole.takenQuantity;
    pool.amount = whole.wholeAmount - whole.takenAmount;
  }
  return pool;
}
