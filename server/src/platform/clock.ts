/** The only place that asks the machine for the time. Everything else gets a `Clock` by hand, so that a run can be repeated. */

/** Says what time it is. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** A clock that stands still at a moment written as ISO 8601, such as "2026-03-05T08:00:00Z". */
export function fixedClock(moment: string): Clock {
  const at = momentOf(moment).getTime();
  return () => new Date(at);
}

/** A clock that starts at a moment and moves on by a fixed step each time it is read. */
export function steppingClock(moment: string, stepMs: number): Clock {
  let at = momentOf(moment).getTime() - stepMs;
  return () => new Date((at += stepMs));
}

/** Reads a moment as the database and JSON write it. */
export function momentOf(iso: string): Date {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) throw new RangeError(`"${iso}" is not a moment; write it as 2026-03-05T08:00:00Z`);
  return moment;
}

/** A moment by its milliseconds since 1970, and one so many milliseconds after another. */
export const momentAt = (ms: number): Date => new Date(ms);
export const momentAfter = (from: Date, ms: number): Date => new Date(from.getTime() + ms);

/** Milliseconds that only go forward, for measuring durations; never a date. */
export const elapsedMs = (): number => performance.now();

export const sleep = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));
