/** How well groups agree with a known truth: pairwise precision, recall and F1, and B³, which weighs rows instead of pairs. */

export type Quality = { readonly precision: number; readonly recall: number; readonly f1: number; readonly bCubedPrecision: number; readonly bCubedRecall: number; readonly bCubedF1: number; readonly truePairs: number; readonly foundPairs: number; readonly rightPairs: number };

/** `found` and `truth` give each row its group. */
export function measureGroups(found: readonly (number | string)[], truth: readonly (number | string)[]): Quality {
  const sizesFound = new Map<number | string, number>(), sizesTruth = new Map<number | string, number>(), both = new Map<string, { size: number; found: number | string; truth: number | string }>();
  const up = (map: Map<number | string, number>, key: number | string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  for (const [row, group] of found.entries()) {
    const real = truth[row] as number | string;
    up(sizesFound, group);
    up(sizesTruth, real);
    const cell = both.get(`${group}\t${real}`);
    if (cell) cell.size++;
    else both.set(`${group}\t${real}`, { size: 1, found: group, truth: real });
  }
  const pairs = (sizes: Iterable<number>): number => [...sizes].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  const truePairs = pairs(sizesTruth.values()), foundPairs = pairs(sizesFound.values()), rightPairs = pairs([...both.values()].map(({ size }) => size));
  let sumPrecision = 0, sumRecall = 0;
  for (const { size, found: group, truth: real } of both.values()) {
    sumPrecision += (size * size) / (sizesFound.get(group) as number);
    sumRecall += (size * size) / (sizesTruth.get(real) as number);
  }
  const rows = Math.max(1, found.length);
  const precision = foundPairs === 0 ? 1 : rightPairs / foundPairs, recall = truePairs === 0 ? 1 : rightPairs / truePairs;
  return { precision, recall, f1: mean(precision, recall), bCubedPrecision: sumPrecision / rows, bCubedRecall: sumRecall / rows, bCubedF1: mean(sumPrecision / rows, sumRecall / rows), truePairs, foundPairs, rightPairs };
}

const mean = (precision: number, recall: number): number => (precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall));
