/**
 * 存货: what is on hand and what it cost. A pure state machine over one pool (an item, or an item in one warehouse), used
 * twice: in arrival order when documents post, and in business-date order by the month's cost run, which posts the difference.
 * Costing after CAS 1: first-in-first-out, moving average, or month-end weighted average. Last-in-first-out is not allowed.
 */
import { adjust, amountLeft, type Holding, quantityLeft, share, take } from "../values/index.ts";

export type Costing = "fifo" | "movingAverage" | "monthEndAverage";

/** Where goods went: "s:DOCUMENT/LINE" is a shipment line (shipped, or sold once it is invoiced), else a use such as production. */
export type Destination = { readonly to: string; readonly quantity: bigint };

/** Goods of one receipt line that are still here, and where the others went. Only FIFO values them apart. */
export type Layer = Holding & {
  readonly key: string;
  /** What earlier invoices of this receipt already counted as on hand. */
  counted: bigint;
  destinations: Destination[];
};

export type Pool = {
  readonly key: string;
  quantity: bigint;
  amount: bigint;
  /** The period whose opening average month-end costing issues at. */
  openingPeriod: string;
  openingQuantity: bigint;
  openingAmount: bigint;
  /** Minor units a unit, six more decimals. */
  lastPrice: bigint;
  /** The latest issues; the averaging methods know no layers. */
  destinations: Destination[];
  /** FIFO: oldest first, only those with something left. */
  layers: Layer[];
};

/** How many of the latest issues tell where the goods of an averaged pool went. */
const DESTINATIONS_KEPT = 24;

export const emptyPool = (key: string): Pool =>
  ({ key, quantity: 0n, amount: 0n, openingPeriod: "", openingQuantity: 0n, openingAmount: 0n, lastPrice: 0n, destinations: [], layers: [] });

/** A new period begins: what is here now is its opening stock. */
export function enterPeriod(pool: Pool, period: string): void {
  if (period <= pool.openingPeriod) return;
  pool.openingPeriod = period;
  pool.openingQuantity = pool.quantity;
  pool.openingAmount = pool.amount;
}

/** Goods come in at `amount`. The layer is new or grows. */
export function receive(pool: Pool, costing: Costing, layer: Layer, quantity: bigint, amount: bigint, isPurchase: boolean): void {
  const short = pool.quantity < 0n ? -pool.quantity : 0n;
  pool.quantity += quantity;
  pool.amount += amount;
  if (isPurchase && quantity > 0n) pool.lastPrice = (amount * 1_000_000_000_000n) / quantity;
  adjust(layer, quantity, amount);
  if (costing !== "fifo") return;
  // What was issued before it came is taken from it at once.
  if (short > 0n) take(layer, short < quantityLeft(layer) ? short : quantityLeft(layer));
  if (quantityLeft(layer) > 0n && !pool.layers.includes(layer)) pool.layers.push(layer);
}

export type Issue = { readonly amount: bigint; readonly from: readonly { readonly layer: string; readonly quantity: bigint }[] };

/** What the pool lacks to issue `quantity`. */
export const shortage = (pool: Pool, quantity: bigint): bigint => (pool.quantity >= quantity ? 0n : quantity - pool.quantity);

/** Goods go out; answers what they cost. `given` is a cost that the source knows. Not refused when short: ask shortage() first. */
export function issue(pool: Pool, costing: Costing, quantity: bigint, to: string, given: bigint | null): Issue {
  let amount: bigint;
  const from: { layer: string; quantity: bigint }[] = [];
  if (costing === "fifo") {
    let left = quantity;
    let taken = 0n;
    for (const layer of pool.layers) {
      if (left === 0n) break;
      const here = quantityLeft(layer);
      const part = here < left ? here : left;
      if (part <= 0n) continue;
      taken += take(layer, part);
      layer.destinations.push({ to, quantity: part });
      from.push({ layer: layer.key, quantity: part });
      left -= part;
    }
    if (left > 0n) taken += shortPrice(pool, left);
    dropEmpty(pool);
    amount = given ?? taken;
    // A given cost takes that much from the stock: the layers that stay bear the difference.
    const first = pool.layers[0];
    if (amount !== taken && first) adjust(first, 0n, taken - amount);
  } else {
    if (given !== null) amount = given;
    else if (costing === "monthEndAverage") amount = pool.openingQuantity > 0n ? share(pool.openingAmount, quantity, pool.openingQuantity) : shortPrice(pool, quantity);
    else if (pool.quantity > 0n && quantity <= pool.quantity) amount = share(pool.amount, quantity, pool.quantity);
    else amount = pool.quantity > 0n ? pool.amount + shortPrice(pool, quantity - pool.quantity) : shortPrice(pool, quantity);
    pool.destinations.push({ to, quantity });
    if (pool.destinations.length > DESTINATIONS_KEPT * 2) pool.destinations = pool.destinations.slice(-DESTINATIONS_KEPT);
  }
  pool.quantity -= quantity;
  pool.amount -= amount;
  return { amount, from };
}

/** What goods cost that are not here: the last receipt's price. */
const shortPrice = (pool: Pool, quantity: bigint): bigint => share(pool.lastPrice, quantity, 1_000_000_000_000n);

const dropEmpty = (pool: Pool): void => {
  while (pool.layers.length > 0 && quantityLeft(pool.layers[0] as Layer) === 0n && amountLeft(pool.layers[0] as Layer) === 0n) pool.layers.shift();
  if (pool.layers.some((layer) => quantityLeft(layer) === 0n)) pool.layers = pool.layers.filter((layer) => quantityLeft(layer) !== 0n);
};

/**
 * Goods leave at a price fixed elsewhere (a purchase return leaves at the receipt line's estimate price). Answers what is
 * left on the layer, or the pool, when no goods of it are left: landed cost that has lost its goods.
 */
export function removeAt(pool: Pool, costing: Costing, layer: Layer | undefined, quantity: bigint, amount: bigint): { stranded: bigint } {
  pool.quantity -= quantity;
  pool.amount -= amount;
  if (costing !== "fifo") return { stranded: pool.quantity === 0n ? pool.amount : 0n };
  let left = quantity;
  let value = amount;
  if (layer) {
    const here = quantityLeft(layer);
    const part = here < left ? here : left;
    const worth = part === left ? value : share(value, part, left);
    if (part > 0n) adjust(layer, -part, -worth);
    left -= part;
    value -= worth;
  }
  for (const other of pool.layers) {
    if (left === 0n) break;
    if (other === layer) continue;
    const part = quantityLeft(other) < left ? quantityLeft(other) : left;
    if (part <= 0n) continue;
    value -= take(other, part);
    left -= part;
  }
  const first = pool.layers.find((other) => quantityLeft(other) > 0n);
  if (value !== 0n && first && first !== layer) adjust(first, 0n, -value);
  const stranded = layer && quantityLeft(layer) === 0n ? amountLeft(layer) : 0n;
  return { stranded };
}

export type Repriced = {
  /** The part that stays in stock. */
  readonly stock: bigint;
  /** Where the rest goes: it follows the goods. */
  readonly issued: readonly { readonly to: string; readonly amount: bigint }[];
};

/**
 * A price difference (P5), landed cost (P6) or tax that cannot be deducted concerns `quantity` of a receipt line.
 * FIFO: on hand is what the receipt's layer still holds, for an invoice less what earlier invoices counted. Moving average:
 * what the pool holds. Month-end average: all of it stays in stock until the run.
 */
export function reprice(pool: Pool, costing: Costing, layer: Layer | undefined, quantity: bigint, amount: bigint, counts: boolean): Repriced {
  if (amount === 0n && !counts) return { stock: 0n, issued: [] };
  let stock = amount;
  let issued: { to: string; amount: bigint }[] = [];
  if (costing !== "monthEndAverage" && quantity > 0n) {
    let onHand: bigint;
    if (costing === "fifo") {
      const left = layer ? quantityLeft(layer) - (counts ? layer.counted : 0n) : 0n;
      onHand = clamp(left, quantity);
      if (counts && layer) layer.counted += onHand;
    } else onHand = clamp(pool.quantity, quantity);
    stock = share(amount, onHand, quantity);
    issued = follow(costing === "fifo" ? (layer?.destinations ?? []) : pool.destinations, amount - stock);
  }
  pool.amount += stock;
  if (layer && costing === "fifo" && stock !== 0n) adjust(layer, 0n, stock);
  return { stock, issued };
}

const clamp = (value: bigint, most: bigint): bigint => (value <= 0n ? 0n : value < most ? value : most);

/** Shares an amount over destinations by quantity, the remainder to the last. */
function follow(destinations: readonly Destination[], amount: bigint): { to: string; amount: bigint }[] {
  if (amount === 0n) return [];
  const joined = new Map<string, bigint>();
  for (const one of destinations) joined.set(one.to, (joined.get(one.to) ?? 0n) + one.quantity);
  for (const [to, quantity] of joined) if (quantity <= 0n) joined.delete(to);
  let whole = 0n;
  for (const quantity of joined.values()) whole += quantity;
  if (whole === 0n) return [{ to: "sold", amount }];
  let seen = 0n, given = 0n;
  return [...joined].map(([to, quantity]) => {
    seen += quantity;
    const upTo = share(amount, seen, whole);
    const part = upTo - given;
    given = upTo;
    return { to, amount: part };
  });
}
