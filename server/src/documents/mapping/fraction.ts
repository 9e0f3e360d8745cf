/**
 * Exact numbers for mappings: a fraction of two bigints, so that + - * and / lose nothing until a scale and a rounding are
 * stated. A plain decimal string never comes here: `canonical` checks and writes it without a bigint.
 */
import { pow10 } from "../../values/index.ts";

export class Fraction {
  readonly over: bigint;
  /** Above zero. */
  readonly under: bigint;
  constructor(over: bigint, under = 1n) {
    this.over = over;
    this.under = under;
  }
  plus(other: Fraction): Fraction {
    return this.under === other.under ? new Fraction(this.over + other.over, this.under) : new Fraction(this.over * other.under + other.over * this.under, this.under * other.under);
  }
  minus(other: Fraction): Fraction {
    return this.plus(new Fraction(-other.over, other.under));
  }
  times(other: Fraction): Fraction {
    return new Fraction(this.over * other.over, this.under * other.under);
  }
  /** Undefined for a division by zero. */
  by(other: Fraction): Fraction | undefined {
    if (other.over === 0n) return undefined;
    return other.over < 0n ? new Fraction(-this.over * other.under, this.under * -other.over) : new Fraction(this.over * other.under, this.under * other.over);
  }
  compare(other: Fraction): number {
    const left = this.over * other.under, right = other.over * this.under;
    return left < right ? -1 : left > right ? 1 : 0;
  }
}

/** `error`: what does not fit exactly is a problem. halfUp is 四舍五入, away from zero. */
export const roundings = ["error", "halfUp", "halfEven", "down", "up"] as const;
export type Rounding = (typeof roundings)[number];

/** Longest number read, in digits: far above any figure of business, far below what would slow anybody down. */
const DIGITS_MAX = 60;
const numberForm = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads "-12.50", "+3", ".5", "1.2E3". Undefined when it is no number. */
export function readFraction(text: string): Fraction | undefined {
  if (text.length > DIGITS_MAX + 8) return undefined;
  // The usual figure, "1350.00": below 2^53 the way over a number is exact and spares the pattern.
  const point = text.indexOf(".");
  if (text.length <= 15 && text.length > 0 && point !== 0 && point !== text.length - 1) {
    const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1);
    if (isDigits(digits)) return new Fraction(BigInt(Number(digits)), point < 0 ? 1n : pow10(text.length - 1 - point));
  }
  const match = numberForm.exec(text);
  if (!match) return undefined;
  const decimals = match[3] ?? match[4] ?? "";
  const exponent = Number(match[5] ?? 0) - decimals.length;
  if (exponent > DIGITS_MAX || exponent < -DIGITS_MAX) return undefined;
  const digits = BigInt(`${match[2] ?? ""}${decimals}`);
  const over = match[1] === "-" ? -digits : digits;
  return exponent >= 0 ? new Fraction(over * 10n ** BigInt(exponent)) : new Fraction(over, 10n ** BigInt(-exponent));
}

function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 48 || text.charCodeAt(at) > 57) return false;
  return true;
}

/** As a decimal string of at most `scale` and at least `least` decimals; undefined when it would have to be rounded and may not be. */
export function writeFraction({ over, under }: Fraction, scale: number, least: number, rounding: Rounding): string | undefined {
  const scaled = over * pow10(scale);
  const isNegative = scaled < 0n;
  const size = isNegative ? -scaled : scaled;
  let whole = size / under;
  const rest = size - whole * under;
  if (rest !== 0n) {
    if (rounding === "error") return undefined;
    const twice = rest * 2n;
    if (rounding === "up" || (rounding === "halfUp" && twice >= under) || (rounding === "halfEven" && (twice > under || (twice === under && whole % 2n === 1n)))) whole += 1n;
  }
  const digits = String(whole).padStart(scale + 1, "0");
  const cut = digits.length - scale;
  return canonical(`${isNegative ? "-" : ""}${digits.slice(0, cut)}${scale > 0 ? `.${digits.slice(cut)}` : ""}`, scale, least);
}

/**
 * One way to write a number: no leading zeros, no "-0", zeros at the end only up to `least` decimals. So a figure read from a
 * column of six decimals and the same one read from JSON make the same document. Undefined when it is not a plain decimal or
 * has more than `scale` decimals that count.
 */
export function canonical(text: string, scale: number, least: number): string | undefined {
  const length = text.length;
  let at = 0;
  if (text.charCodeAt(0) === 45) at = 1;
  const start = at;
  let point = -1;
  let isZero = true;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === 46 && point < 0) point = at;
    else if (code < 48 || code > 57) return undefined;
    else if (code !== 48) isZero = false;
  }
  const wholeEnd = point < 0 ? length : point;
  if (wholeEnd === start || point === length - 1 || length > DIGITS_MAX) return undefined;
  let first = start;
  while (first < wholeEnd - 1 && text.charCodeAt(first) === 48) first++;
  let end = length;
  if (point >= 0) while (end - point - 1 > least && text.charCodeAt(end - 1) === 48) end--;
  const decimals = point < 0 ? 0 : end - point - 1;
  if (decimals > scale) return undefined;
  if (first === start && end === length && decimals >= least && (point < 0 || decimals > 0) && !(isZero && start === 1)) return text;
  const kept = decimals === 0 ? text.slice(first, wholeEnd) : text.slice(first, end);
  const padded = decimals >= least ? kept : `${decimals === 0 ? `${kept}.` : kept}${"0".repeat(least - decimals)}`;
  return start === 1 && !isZero ? `-${padded}` : padded;
}
