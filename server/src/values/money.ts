import { divideRound, formatDecimal, parseDecimal, pow10, PRICE_SCALE, QUANTITY_SCALE, RATE_SCALE } from "./decimal.ts";

/** Digits after the point by ISO 4217; a currency that is not listed has two. */
const exponents: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3, CLF: 4, UYW: 4,
};

/** How many decimals the currency has (分 of CNY: 2). */
export const exponentOf = (currency: string): number => exponents[currency] ?? 2;

/** Reads a decimal string as minor units of the currency; undefined when it is malformed or too precise. */
export const parseMoney = (text: string, currency: string): bigint | undefined => parseDecimal(text, exponentOf(currency));

/** Writes minor units with exactly the currency's decimals. */
export const formatMoney = (minor: bigint, currency: string): string => formatDecimal(minor, exponentOf(currency));

/** quantity × price in minor units, rounded once, half up. */
export function extend(quantity: bigint, price: bigint, currency: string): bigint {
  return divideRound(quantity * price, pow10(QUANTITY_SCALE + PRICE_SCALE - exponentOf(currency)));
}

/** amount × tax rate (six decimals) in minor units, rounded once, half up. */
export const taxOn = (net: bigint, taxRate: bigint): bigint => divideRound(net * taxRate, 1_000_000n);

/** Converts minor units into the base currency at a rate of ten decimals, rounded once, half up. */
export function convert(original: bigint, from: string, to: string, rate: bigint): bigint {
  const shift = exponentOf(to) - exponentOf(from);
  const numerator = original * rate * (shift > 0 ? pow10(shift) : 1n);
  return divideRound(numerator, pow10(RATE_SCALE) * (shift < 0 ? pow10(-shift) : 1n));
}

/**
 * Shares a total by weights: slice k = round(total × cumulative weight ÷ whole) − slices before, so that the
 * shares always add up and the last slice takes the cent. Weights that sum to zero are the caller's bug.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  let whole = 0n;
  for (const weight of weights) whole += weight;
  if (whole === 0n) throw new RangeError("weights sum to zero");
  let seen = 0n;
  let given = 0n;
  return weights.map((weight) => {
    seen += weight;
    const upTo = divideRound(total * seen * (whole < 0n ? -1n : 1n), whole < 0n ? -whole : whole);
    const part = upTo - given;
    given = upTo;
    return part;
  });
}
