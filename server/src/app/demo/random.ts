/**
 * xoshiro128** by Blackman and Vigna, seeded by splitmix32: 32-bit integers only, so that the same seed gives the same
 * company on every machine. Nothing in this folder asks any other source for chance.
 */
export type Random = { a: number; b: number; c: number; d: number };

export function randomFrom(seed: number): Random {
  let state = seed | 0;
  const splitmix = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  return { a: splitmix(), b: splitmix(), c: splitmix(), d: splitmix() | 1 };
}

/** The next whole number from 0 to 2^32 − 1. */
export function next(random: Random): number {
  const five = Math.imul(random.b, 5);
  const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
  const shifted = random.b << 9;
  random.c ^= random.a;
  random.d ^= random.b;
  random.b ^= random.c;
  random.a ^= random.d;
  random.c ^= shifted;
  random.d = (random.d << 11) | (random.d >>> 21);
  return result;
}

/** From 0 to n − 1. */
export const below = (random: Random, n: number): number => next(random) % n;

/** From low to high, both included. */
export const between = (random: Random, low: number, high: number): number => low + (next(random) % (high - low + 1));

/** True `perMille` times in a thousand. */
export const chance = (random: Random, perMille: number): boolean => next(random) % 1000 < perMille;

export function pick<T>(random: Random, list: readonly T[]): T {
  if (list.length === 0) throw new RangeError("nothing to pick from");
  return list[next(random) % list.length] as T;
}

/** Running totals of weights; their sum stays below 2^32. */
export function cumulate(weights: readonly number[]): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  weights.forEach((weight, index) => {
    sum += weight;
    sums[index] = sum;
  });
  return sums;
}

/** An index, as often as its weight says. */
export function pickIndex(random: Random, sums: Float64Array): number {
  const wanted = next(random) % (sums[sums.length - 1] as number);
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}
