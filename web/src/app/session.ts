/** Who is signed in, which book is open, and what may be done in it. The server decides; the screen only hides what would be refused. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { api, carryCsrf, queries, useApi } from "./api.ts";
import { language } from "../ui/text.ts";

export type BookAccess = { readonly code: string; readonly name: string; readonly currency: string; readonly duties: readonly string[]; readonly columns: readonly string[]; readonly scopes: readonly unknown[] | null };
export type Me = { readonly user: string | null; readonly name: string; readonly login: string; readonly language: string | null; readonly kind: string; readonly csrf: string; readonly books: readonly BookAccess[]; readonly duties?: readonly string[]; readonly oidc: string | null; readonly needsOwner?: boolean };

async function readMe(): Promise<Me> {
  const me = await api<Me>("/me");
  carryCsrf(me.csrf ?? "");
  if (me.user !== null && (me.language === "zh" || me.language === "en") && localStorage.getItem("tieout.language") === null) language.set(me.language);
  return me;
}
export const meQuery = { queryKey: ["/me"], queryFn: readMe, staleTime: 60_000 };
export const useMe = () => useQuery(meQuery);
export const knowMe = (): Promise<Me> => queries.fetchQuery({ ...meQuery, staleTime: 60_000 });
/** After signing in or out nothing that was read before may be shown. */
export async function forgetAll(): Promise<void> {
  queries.clear();
  await queries.fetchQuery({ ...meQuery, staleTime: 0 });
}

/** The code of the open book, from the path. */
export function useBookCode(): string {
  const { book } = useParams({ strict: false }) as { book?: string };
  return book ?? "";
}

/** What the signed-in person may do in the open book. */
export function useBook(): { readonly code: string; readonly name: string; readonly currency: string; may(duty: string): boolean; sees(column: string): boolean; readonly isScoped: boolean } {
  const code = useBookCode();
  const book = useMe().data?.books.find((one) => one.code === code);
  return { code, name: book?.name ?? code, currency: book?.currency ?? "CNY", may: (duty) => book?.duties.includes(duty) ?? false, sees: (column) => book?.columns.includes(column) ?? false, isScoped: book !== undefined && book.scopes !== null };
}

export type Period = { readonly period: string; readonly state: "open" | "closed"; readonly closedAt: string | null; readonly closedBy: string | null };
export const usePeriods = () => {
  const code = useBookCode();
  return useApi<readonly Period[]>(code === "" ? null : `/books/${encodeURIComponent(code)}/periods`);
};
