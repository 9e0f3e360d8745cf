/** What changed between two lists whose order matters: kept, changed, moved, new, or gone. The longest run that both share stays unmarked. */
export type Mark = "" | "+" | "~" | "−";
export type Changed<Row> = { readonly mark: Mark; readonly after: Row | undefined; readonly was: Row | undefined; /** It is the same row at another place. */ readonly isMoved: boolean };

/** `whole` says when two rows are the same, `keys` by what two rows that differ still belong together, the strongest first. */
export function changesOf<Row>(before: readonly Row[], after: readonly Row[], whole: (row: Row) => string, keys: readonly ((row: Row) => string)[]): Changed<Row>[] {
  const kept = sharedRun(before.map(whole), after.map(whole));
  const keptAfter = new Map(kept.map(([b, a]) => [a, b]));
  const freeBefore = new Set(before.keys());
  for (const [b] of kept) freeBefore.delete(b);
  const pairs = new Map<number, number>();
  for (const key of [whole, ...keys]) {
    for (const [a, row] of after.entries()) {
      if (keptAfter.has(a) || pairs.has(a)) continue;
      const found = [...freeBefore].find((b) => key(before[b] as Row) === key(row));
      if (found === undefined) continue;
      pairs.set(a, found);
      freeBefore.delete(found);
    }
  }
  const out: Changed<Row>[] = [];
  const gone = [...freeBefore];
  const leave = (upTo: number): void => {
    while (gone.length > 0 && (gone[0] as number) < upTo) out.push({ mark: "−", after: undefined, was: before[gone.shift() as number], isMoved: false });
  };
  for (const [a, row] of after.entries()) {
    const same = keptAfter.get(a);
    if (same !== undefined) leave(same);
    const paired = pairs.get(a);
    const was = same !== undefined ? before[same] : paired === undefined ? undefined : before[paired];
    out.push({ mark: same !== undefined ? "" : was === undefined ? "+" : "~", after: row, was, isMoved: same === undefined && was !== undefined && whole(was) === whole(row) });
  }
  leave(Number.POSITIVE_INFINITY);
  return out;
}

/** Pairs of places of the longest common subsequence. Lists of rules and rows are short. */
function sharedRun(before: readonly string[], after: readonly string[]): (readonly [number, number])[] {
  const [n, m] = [before.length, after.length];
  const length: number[][] = Array.from({ length: n + 1 }, () => new Array<number>(m + 1).fill(0));
  const at = (b: number, a: number): number => length[b]?.[a] ?? 0;
  for (let b = n - 1; b >= 0; b--) for (let a = m - 1; a >= 0; a--) (length[b] as number[])[a] = before[b] === after[a] ? at(b + 1, a + 1) + 1 : Math.max(at(b + 1, a), at(b, a + 1));
  const run: [number, number][] = [];
  for (let b = 0, a = 0; b < n && a < m;) {
    if (before[b] === after[a]) run.push([b++, a++]);
    else if (at(b + 1, a) >= at(b, a + 1)) b++;
    else a++;
  }
  return run;
}
