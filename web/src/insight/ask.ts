/** Figures asked from the server: what is asked, what comes back. One call asks for a whole board, so that all its figures are of one moment. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, carried, seg } from "../app/api.ts";
import { language } from "../ui/text.ts";
import type { Words } from "../ui/text.ts";

export type Filter = { readonly dimension: string; readonly op: "in" | "notIn" | "from" | "to"; readonly values: readonly string[] };
export type Compare = "previous" | "lastYear";
export type Query = { readonly metrics: readonly string[]; readonly rows?: readonly string[]; readonly cols?: readonly string[]; readonly filters?: readonly Filter[]; readonly having?: readonly { readonly metric: string; readonly op: string; readonly value: string }[]; readonly time?: Span; readonly compare?: readonly Compare[]; readonly totals?: boolean; readonly sort?: readonly { readonly by: string; readonly desc?: boolean }[]; readonly limit?: number; readonly offset?: number; readonly asOf?: string };
export type Span = { readonly from: string; readonly to: string };

export type Column = { readonly id: string; readonly what: "dimension" | "metric"; readonly label: Words; readonly unit?: string; readonly definition?: Words; readonly version?: number };
export type Values = Readonly<Record<string, string | null>>;
export type Row = { readonly keys: Readonly<Record<string, string>>; readonly labels: Readonly<Record<string, Words>>; readonly values: Values; readonly compare?: Readonly<Partial<Record<Compare, Values>>> };
export type Answer = { readonly columns: readonly Column[]; readonly rows: readonly Row[]; readonly totals: readonly Row[]; readonly count: number; readonly time: Span | null; readonly currency: string; readonly asOf: string; readonly engine: string; readonly version: string; readonly ms: number };
/** A figure that may not be seen is not an error of the board: it says why in its place. */
export type Asked = { readonly answer: Answer; readonly problem?: undefined } | { readonly answer?: undefined; readonly problem: { readonly code: string; readonly zh: string; readonly en: string; readonly todo: Words } };

/** Names to questions in, names to answers out. Old figures stay while new ones come. */
export function useBoard<Name extends string>(book: string, queries: Readonly<Record<Name, Query>>) {
  const names = Object.keys(queries) as Name[];
  return useQuery({
    queryKey: [`/books/${book}/query`, JSON.stringify(queries)], placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Readonly<Record<Name, Asked>>> => {
      const { answers } = await api<{ readonly answers: readonly Asked[] }>(`/books/${seg(book)}/query`, { body: { queries: names.map((name) => queries[name]) }, signal });
      return Object.fromEntries(names.map((name, index) => [name, answers[index]])) as Record<Name, Asked>;
    },
  });
}

/** The one figure of an answer without dimensions; null where it may not be seen. */
export const figureOf = (asked: Asked | undefined, metric: string): string | null | undefined => (asked === undefined ? undefined : asked.answer?.rows[0]?.values[metric] ?? null);
export const comparedOf = (asked: Asked | undefined, metric: string, how: Compare): string | null => asked?.answer?.rows[0]?.compare?.[how]?.[metric] ?? null;

/** By how many per cent, to one decimal, as text; null where there is nothing to compare with. From decimal strings, without floats. */
export function changeOf(now: string | null | undefined, then: string | null): string | null {
  if (now === null || now === undefined || then === null) return null;
  const minor = (text: string): bigint => { const match = /^(-?)(\d+)(?:\.(\d{1,4}))?/.exec(text); return match ? BigInt(`${match[1]}${match[2]}${(match[3] ?? "").padEnd(4, "0")}`) : 0n; };
  const was = minor(then);
  if (was === 0n) return null;
  const tenths = ((minor(now) - was) * 10_000n) / (was < 0n ? -was : was);
  const rounded = (tenths + (tenths < 0n ? -5n : 5n)) / 10n;
  const size = (rounded < 0n ? -rounded : rounded).toString().padStart(2, "0");
  return `${rounded < 0n ? "−" : "+"}${size.slice(0, -1)}.${size.slice(-1)}%`;
}

/** A share of 0 to 1 as per cent with one decimal: "0.2741" → "27.4". */
export function percentText(ratio: string | null | undefined, digits = 1): string | null {
  if (ratio === null || ratio === undefined) return null;
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(ratio);
  if (!match) return null;
  const scaled = BigInt(`${match[2]}${(match[3] ?? "").padEnd(8, "0").slice(0, 8)}`);
  const unit = 10n ** BigInt(6 - digits);
  const rounded = ((scaled + unit / 2n) / unit).toString().padStart(digits + 1, "0");
  return `${match[1] === "-" && /[1-9]/.test(rounded) ? "−" : ""}${rounded.slice(0, rounded.length - digits)}${digits > 0 ? `.${rounded.slice(rounded.length - digits)}` : ""}`;
}

/** The answer as a workbook: the same rows, columns and totals as on the screen. */
export async function saveWorkbook(book: string, query: Query, name: string): Promise<void> {
  const answer = await fetch(`/api/v1/books/${seg(book)}/query/xlsx?language=${language.get()}&name=${seg(name.slice(0, 60))}`, { method: "POST", headers: { "content-type": "application/json", "x-tieout-csrf": carried() }, credentials: "same-origin", body: JSON.stringify(query) });
  if (!answer.ok) throw new Error(String(answer.status));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = `${name}.xlsx`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
