/**
 * Decimal numbers without floats: a decimal string outside, a bigint of a fixed scale inside.
 * Quantities, prices and tax rates have six decimals, exchange rates ten, money as many as its currency (ISO 4217).
 */

export const QUANTITY_SCALE = 6;
export const PRICE_SCALE = 6;
export const RATE_SCALE = 10;

const powers: bigint[] = Array.from({ length: 40 }, (_, n) => 10n ** BigInt(n));

/** 10^n for 0 ≤ n < 40. */
export const pow10 = (n: number): bigint => powers[n] as bigint;

/**
 * Reads a plain decimal string ("-12.50") as an integer of `scale` decimals.
 * Undefined when it is not one, or has more than `scale` significant decimals. At most 18 digits before the point.
 */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const length = text.length;
  let at = 0;
  let negative = false;
  if (text.charCodeAt(0) === 45) {
    negative = true;
    at = 1;
  }
  const start = at;
  let point = -1;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === 46 && point < 0) point = at;
    else if (code < 48 || code > 57) return undefined;
  }
  const whole = point < 0 ? text.slice(start) : text.slice(start, point);
  if (whole.length === 0 || whole.length > 18) return undefined;
  let decimals = point < 0 ? "" : text.slice(point + 1);
  if (point >= 0 && decimals.length === 0) return undefined;
  if (decimals.length > scale) {
    for (let i = scale; i < decimals.length; i++) if (decimals.charCodeAt(i) !== 48) return undefined;
    decimals = decimals.slice(0, scale);
  }
  const digits = whole + decimals;
  const missing = scale - decimals.length;
  // Below 2^53 the number path is exact and four times faster than BigInt(string).
  let value = digits.length <= 15 ? BigInt(Number(digits)) : BigInt(digits);
  if (missing > 0) value *= pow10(missing);
  return negative ? -value : value;
}

/** Writes an integer of `scale` decimals with exactly that many digits: 1250n at 2 is "12.50". */
export function formatDecimal(value: bigint, scale: number): string {
  if (scale === 0) return String(value);
  const negative = value < 0n;
  const digits = String(negative ? -value : value).padStart(scale + 1, "0");
  const cut = digits.length - scale;
  return `${negative ? "-" : ""}${digits.slice(0, cut)}.${digits.slice(cut)}`;
}

/** Like formatDecimal without trailing zeros: 60000000n at 6 is "60". */
export function formatTrimmed(value: bigint, scale: number): string {
  const text = formatDecimal(value, scale);
  if (scale === 0) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end--;
  if (text.charCodeAt(end - 1) === 46) end--;
  return text.slice(0, end);
}

/** numerator ÷ denominator, rounded half up away from zero (四舍五入). The denominator is positive. */
export function divideRound(numerator: bigint, denominator: bigint): bigint {
  const half = denominator / 2n;
  if (numerator >= 0n) return (numerator + half) / denominator;
  const positive = -numerator;
  return -((positive + half) / denominator);
}

/** value × part ÷ whole, rounded half up away from zero. A whole of zero is the caller's bug. */
export function share(value: bigint, part: bigint, whole: bigint): bigint {
  if (whole === 0n) throw new RangeError("share of a whole that is zero");
  return whole < 0n ? divideRound(-value * part, -whole) : divideRound(value * part, whole);
}
