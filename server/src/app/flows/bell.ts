/** Rung once, the next to wait goes on at once; so does everybody when it is all over. */
export type Bell = { readonly ring: () => void; readonly wait: (ms: number) => Promise<void> };

export function openBell(over: AbortSignal): Bell {
  let isRung = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    isRung = true;
    wake?.();
  };
  over.addEventListener("abort", ring);
  return {
    ring,
    async wait(ms) {
      if (!isRung && !over.aborted) await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => (clearTimeout(timer), resolve());
      });
      wake = undefined;
      isRung = false;
    },
  };
}

export const pause = (ms: number, over: AbortSignal): Promise<void> => new Promise((resolve) => {
  if (over.aborted) return resolve();
  const end = (): void => (clearTimeout(timer), over.removeEventListener("abort", end), resolve());
  const timer = setTimeout(end, ms);
  over.addEventListener("abort", end);
});
