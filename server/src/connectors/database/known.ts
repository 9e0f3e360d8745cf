/**
 * What was sent: the hash of each row by its key. It tells the unchanged rows of the overlap from changed ones, and the sweep finds
 * with it what changed without a stamp and what is gone. It is kept in segments of a thousand keys, each a scope of its own beside
 * the stream's state, and in a journal of the latest changes inside that state. Records, position and journal are one state and
 * therefore commit together; the segments follow and may be lost, because the journal says the same. So a poll with ten changes
 * writes ten keys, not all of them. A stream without a sweep keeps only the newest keys.
 */
import type { Json, States } from "../connector.ts";

export const segmentKeys = 1_000;
/** So many changes may wait in the journal before segments are written. */
export const journalKeys = 1_000;
/** How many keys are kept without a sweep. A window of overlap with more rows than that sends some of them again. */
export const recentKeys = 50_000;

/** Hash by key; null for a key that is gone. */
export type Journal = Readonly<Record<string, string | null>>;
export type Segment = { readonly scope: string; readonly keys: Readonly<Record<string, string>> };

export type Known = {
  readonly get: (key: string) => string | undefined;
  readonly put: (key: string, hash: string) => void;
  readonly drop: (key: string) => void;
  readonly keys: () => IterableIterator<string>;
  /** To be put into the stream's next state. */
  readonly journal: () => Journal;
  /** The segments to be written behind that state, if the journal has become long; it is empty afterwards. */
  readonly segments: () => readonly Segment[];
};

/** `read` gives the keys of a stored segment, nothing for one of an earlier beginning, and refuses what is none. */
export function openKnown(stream: string, states: States, journaled: Journal, keepsAll: boolean, read: (scope: string, state: Json) => Readonly<Record<string, string>>): Known {
  const segments: Map<string, string>[] = [];
  /** The segment of each key; without a sweep the oldest key is the first. */
  const places = new Map<string, number>();
  const changed = new Set<number>();
  let journal = new Map<string, string | null>();
  let open = 0;

  const segment = (number: number): Map<string, string> => {
    while (segments.length <= number) segments.push(new Map());
    return segments[number] as Map<string, string>;
  };

  function room(): number {
    while (segment(open).size >= segmentKeys) open += 1;
    return open;
  }

  function put(key: string, hash: string): void {
    const place = places.get(key) ?? room();
    if (!keepsAll) places.delete(key);
    places.set(key, place);
    segment(place).set(key, hash);
    changed.add(place);
    journal.set(key, hash);
  }

  function drop(key: string): void {
    const place = places.get(key);
    if (place === undefined) return;
    places.delete(key);
    segment(place).delete(key);
    changed.add(place);
    journal.set(key, null);
    open = Math.min(open, place);
  }

  for (const [scope, state] of states) {
    const number = scope.startsWith(`${stream}#`) ? Number(scope.slice(stream.length + 1)) : Number.NaN;
    if (!Number.isInteger(number)) continue;
    for (const [key, hash] of Object.entries(read(scope, state))) {
      segment(number).set(key, hash);
      places.set(key, number);
    }
  }
  for (const [key, hash] of Object.entries(journaled)) {
    if (hash === null) drop(key);
    else if (segments[places.get(key) ?? -1]?.get(key) !== hash) put(key, hash);
  }

  return {
    get: (key) => segments[places.get(key) ?? -1]?.get(key),
    put, drop,
    keys: () => places.keys(),
    journal() {
      if (!keepsAll) for (const key of places.keys()) if (places.size > recentKeys) drop(key); else break;
      return Object.fromEntries(journal);
    },
    segments() {
      if (journal.size < journalKeys) return [];
      journal = new Map();
      const due = [...changed].sort((a, b) => a - b).map((number) => ({ scope: `${stream}#${number}`, keys: Object.fromEntries(segment(number)) }));
      changed.clear();
      return due;
    },
  };
}
