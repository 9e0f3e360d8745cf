/** Filters, tabs and dates live in the URL: a list can be sent to a colleague as it stands. */
import { useNavigate, useSearch } from "@tanstack/react-router";

export type Filters = Readonly<Record<string, string>>;

/** What is set, and a way to set some; "" takes one away. The history is not filled with every letter typed. */
export function useFilters(): readonly [Filters, (change: Filters) => void] {
  const search = useSearch({ strict: false }) as Filters;
  const navigate = useNavigate();
  const set = (change: Filters): void => {
    const next = Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, value]) => value !== ""));
    void navigate({ to: ".", search: next as never, replace: true });
  };
  return [search, set];
}
