/** 主数据: what the server lists of codes, their sources and their use. */
import { seg, useApi } from "../app/api.ts";
import { useBookCode } from "../app/session.ts";
import type { Words } from "../ui/text.ts";

export type Field = Words & { readonly name: string; /** null where it may not be seen. */ readonly value: string | null; readonly of: string | null };
export type Listed = { readonly kind: string; readonly kindWords: Words; readonly code: string; readonly zh: string; readonly en: string; readonly sources: readonly string[]; readonly fields: readonly Field[]; readonly version: number; readonly changedAt: string; readonly isDisputed: boolean; readonly cursor: string };
export type Shown = Omit<Listed, "cursor"> & {
  readonly disputed: readonly string[]; readonly records: readonly { readonly source: string; readonly version: number; readonly changedAt: string; readonly name: Words; readonly fields: readonly Field[]; readonly units: readonly { readonly unit: string; readonly quantity: string }[] }[];
  readonly used: { readonly vouchers: number; readonly documents: number; readonly openItems: number; readonly openBase: string | null; readonly accounts: readonly (Words & { readonly account: string; readonly debit: string | null; readonly credit: string | null; readonly balance: string | null })[]; readonly stock: readonly { readonly pool: string; readonly quantity: string; readonly amount: string | null }[] };
};
export type Kinds = { readonly kinds: readonly (Words & { readonly kind: string; readonly codes: number; readonly changedAt: string | null })[]; readonly missing: number };
export type Missing = { readonly problem: string; readonly kind: string; readonly kindWords: Words; readonly code: string; readonly source: string; readonly unit: string; readonly alike: readonly string[]; readonly documents: number; readonly since: string; readonly example: string };

export const useKinds = () => { const book = useBookCode(); return useApi<Kinds>(`/books/${seg(book)}/masterdata/kinds`); };
