import { divideRound } from "./decimal.ts";

/**
 * A quantity that holds an amount and is taken in parts. Each part is round(total × cumulative ÷ whole) − parts before,
 * so that the last one takes the cent in whatever order they come. An adjustment of the amount begins a new whole.
 */
export type Holding = { wholeQuantity: bigint; wholeAmount: bigint; takenQuantity: bigint; takenAmount: bigint };

export const holding = (quantity: bigint, amount: bigint): Holding =>
  ({ wholeQuantity: quantity, wholeAmount: amount, takenQuantity: 0n, takenAmount: 0n });

export const quantityLeft = (held: Holding): bigint => held.wholeQuantity - held.takenQuantity;
export const amountLeft = (held: Holding): bigint => held.wholeAmount - held.takenAmount;

/** What `quantity` of it is worth, without taking it. */
export function worth(held: Holding, quantity: bigint): bigint {
  if (held.wholeQuantity === 0n) return 0n;
  const cumulative = held.takenQuantity + quantity;
  const negative = held.wholeQuantity < 0n;
  const upTo = divideRound(held.wholeAmount * cumulative * (negative ? -1n : 1n), negative ? -held.wholeQuantity : held.wholeQuantity);
  return upTo - held.takenAmount;
}

/** Takes `quantity` and says what it was worth. */
export function take(held: Holding, quantity: bigint): bigint {
  const amount = worth(held, quantity);
  held.takenQuantity += quantity;
  held.takenAmount += amount;
  return amount;
}

/** Adds to (or lowers) quantity and amount of what is left; what was taken before stays as it was. */
export function adjust(held: Holding, quantity: bigint, amount: bigint): void {
  held.wholeQuantity = held.wholeQuantity - held.takenQuantity + quantity;
  held.wholeAmount = held.wholeAmount - held.takenAmount + amount;
  held.takenQuantity = 0n;
  held.takenAmount = 0n;
}
