/** What changes on the server moves the screen: one stream a tab tells which kinds of figures have changed, and what shows them is read again. */
import { useEffect, useSyncExternalStore } from "react";
import { queries } from "./api.ts";

export type LiveEvent = { readonly version: string; readonly at: string; readonly topics?: readonly string[]; readonly last?: { readonly kind: string; readonly number: string; readonly party: string; readonly amount: string } | null };
let latest: LiveEvent | null = null;
const listeners = new Set<() => void>();

/** The newest thing that arrived; null before any. */
export const useLatest = (): LiveEvent | null => useSyncExternalStore((told) => { listeners.add(told); return () => void listeners.delete(told); }, () => latest);

export function useLive(book: string): void {
  useEffect(() => {
    if (book === "") return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const source = new EventSource(`/api/v1/books/${encodeURIComponent(book)}/live`);
    source.addEventListener("version", (event) => {
      latest = JSON.parse((event as MessageEvent<string>).data) as LiveEvent;
      for (const told of listeners) told();
      // A burst of postings reads the screen again a few times a second at most.
      timer ??= setTimeout(() => { timer = undefined; void queries.invalidateQueries({ predicate: ({ queryKey }) => typeof queryKey[0] === "string" && queryKey[0] !== "/me", refetchType: "active" }); }, 150);
    });
    return () => { source.close(); clearTimeout(timer); };
  }, [book]);
}
