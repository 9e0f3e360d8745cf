/** 规则: what the server says about a rule set, the draft that a person works on in this browser, and the questions asked about it. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api, seg, useApi } from "../app/api.ts";
import type { Words } from "../ui/text.ts";

export type Mark = "" | "+" | "~" | "−";
export type AccountShown = Words & { readonly code: string; readonly dimensions: Words; readonly isUnknown: boolean };
export type Condition = Words & { readonly text: string };
export type Term = { readonly field: string; readonly op: "==" | "!=" | "in" | "<" | "<=" | ">" | ">=" | "is" | "not"; readonly values: readonly string[] };
export type Entry = {
  readonly mark: Mark; readonly isMoved: boolean; readonly at: number; readonly side: "debit" | "credit"; readonly table: string; readonly tableWords: Words; readonly isTable: boolean; readonly accounts: readonly AccountShown[]; readonly role: string; readonly roleWords: Words;
  readonly when: Condition | null; readonly amount: Condition | null; readonly spread: Words | null; readonly summary: string; readonly dimensions: readonly { readonly name: string; readonly words: Words; readonly value: Condition }[]; readonly was: Words | null;
};
export type Rule = Words & {
  readonly id: string; readonly mark: Mark; readonly isMoved: boolean; readonly event: string; readonly eventWords: Words; readonly kind: string; readonly kindWords: Words; readonly when: Condition | null; readonly whenWas: Condition | null; readonly isExempt: boolean; readonly series: string; readonly merge: string;
  readonly summary: string; readonly autoReview: boolean; readonly reviewAbove: string; readonly tail: Words | null; readonly note: string; readonly line: number; readonly entries: readonly Entry[]; readonly tables: readonly string[]; readonly tablesChanged: readonly string[]; readonly sharedWith: readonly string[]; readonly changed: readonly string[];
};
export type Column = Words & { readonly field: string; readonly type: "text" | "number" | "truth" | "list"; readonly values: readonly (Words & { readonly value: string })[] };
export type Row = {
  readonly mark: Mark; readonly isMoved: boolean; readonly at: number; readonly when: Condition | null; readonly terms: readonly (Term & Words)[]; readonly rest: readonly Condition[]; readonly account: AccountShown | null; readonly from: Condition | null; readonly isHidden: boolean;
  readonly was: { readonly when: Condition | null; readonly account: AccountShown | null; readonly from: Condition | null } | null;
};
export type RuleTable = Words & { readonly name: string; readonly mark: Mark; readonly columns: readonly Column[]; readonly rows: readonly Row[]; readonly usedBy: readonly string[]; readonly isComplete: boolean; readonly line: number };
export type Said = Words & { readonly code: string; readonly where: string | null; readonly todo: Words };
export type View = { readonly text: string; readonly against: number; readonly problems: readonly Said[]; readonly rules: readonly Rule[]; readonly tables: readonly RuleTable[]; readonly changes: { readonly added: number; readonly changed: number; readonly removed: number } };

export type VersionState = "proposed" | "rejected" | "coming" | "inForce" | "past";
export type Version = {
  readonly version: number; readonly hash: string; readonly effectiveOn: string; readonly proposedBy: string; readonly proposedAt: string; readonly approvedBy: string | null; readonly approvedAt: string | null; readonly note: string; readonly rejectedBy: string | null; readonly rejectedAt: string | null;
  readonly rejectedReason: string | null; readonly rules: number; readonly state: VersionState;
};
export const stateWords: Readonly<Record<VersionState, Words & { readonly tone: "good" | "warn" | "bad" | "accent" | undefined }>> = {
  proposed: { zh: "待批准", en: "To approve", tone: "warn" }, rejected: { zh: "已驳回", en: "Rejected", tone: "bad" }, coming: { zh: "待生效", en: "Coming", tone: "accent" }, inForce: { zh: "现行", en: "In force", tone: "good" }, past: { zh: "历史", en: "Past", tone: undefined },
};

// The draft ----------------------------------------------------------------------------------------------------------

/** A draft is a text until it is proposed; it lives in this browser, one for a book. */
export type Draft = { readonly text: string; readonly base: number; readonly effectiveOn: string; readonly note: string };
const listeners = new Set<() => void>();
const drafts = new Map<string, Draft | null>();
const keyOf = (book: string): string => `tieout.rules.${book}`;
export function draftOf(book: string): Draft | null {
  if (!drafts.has(book)) {
    try {
      drafts.set(book, JSON.parse(localStorage.getItem(keyOf(book)) ?? "null") as Draft | null);
    } catch {
      drafts.set(book, null);
    }
  }
  return drafts.get(book) ?? null;
}
export function keepDraft(book: string, draft: Draft | null): void {
  drafts.set(book, draft);
  try {
    if (draft === null) localStorage.removeItem(keyOf(book));
    else localStorage.setItem(keyOf(book), JSON.stringify(draft));
  } catch {
    // a browser that keeps nothing still holds the draft until the page is closed
  }
  for (const told of listeners) told();
}
export const useDraft = (book: string): Draft | null => useSyncExternalStore((told) => { listeners.add(told); return () => void listeners.delete(told); }, () => draftOf(book));

// What is shown ------------------------------------------------------------------------------------------------------

export type Source = { readonly version: number } | { readonly text: string };
const pathOf = (book: string): string => `/books/${seg(book)}/rules`;
/** Keys are not text, so that live changes of the books do not read rules again. */
const viewKey = (book: string, source: Source | null, against?: number): readonly unknown[] => [{ rules: "view" }, book, source, against ?? null];

export const useView = (book: string, source: Source | null, against?: number) => useQuery<View>({
  queryKey: viewKey(book, source, against), enabled: source !== null, staleTime: Number.POSITIVE_INFINITY, placeholderData: keepPreviousData, queryFn: ({ signal }) => api<View>(`${pathOf(book)}/view`, { body: { ...source, ...(against === undefined ? {} : { against }) }, signal }),
});
export const useVersions = (book: string) => useApi<readonly Version[]>(pathOf(book));

/** One change of the draft. Answers what it became, so that a dialog can stay open at what is wrong. */
export function useEdit(book: string) {
  const client = useQueryClient();
  return useMutation<View, Error, Readonly<Record<string, unknown>> | { readonly whole: string }>({
    mutationFn: (change) => {
      const draft = draftOf(book);
      if ("whole" in change) return api<View>(`${pathOf(book)}/view`, { body: { text: change.whole } });
      return api<View>(`${pathOf(book)}/edit`, { body: { text: draft?.text ?? "", change } });
    },
    onSuccess: (view) => {
      client.setQueryData(viewKey(book, { text: view.text }), view);
      const draft = draftOf(book);
      if (draft) keepDraft(book, { ...draft, text: view.text });
    },
  });
}

/** Problems at a place of the text or below it. */
export const problemsAt = (view: View, place: string): readonly Said[] => view.problems.filter(({ where }) => where === place || (where?.startsWith(`${place}.`) ?? false) || (where?.startsWith(`${place}[`) ?? false));

// Tried and replayed -------------------------------------------------------------------------------------------------

export type TriedEntry = { readonly side: "debit" | "credit"; readonly account: string; readonly amount: string; readonly role: Words; readonly line: string; readonly table: string; readonly tableWords: Words; readonly choice: number; readonly condition: Words | null; readonly passed: readonly { readonly choice: number; readonly condition: Words; readonly actual: Words }[]; readonly input: readonly (Words & { readonly value: string })[] };
export type TriedSide = Words & { readonly rule: string; readonly version: number | null; readonly isExempt: boolean; readonly summary: string; readonly considered: readonly (Words & { readonly rule: string; readonly condition: Words | null; readonly actual: Words | null; readonly holds: boolean; readonly chosen: boolean })[]; readonly entries: readonly TriedEntry[]; readonly problems: readonly Said[] };
export type TriedLine = Words & { readonly account: string; readonly side: "debit" | "credit"; readonly dimensions: Readonly<Record<string, string>>; readonly before: string | null; readonly after: string | null; readonly difference: string };
export type TriedEvent = { readonly event: string; readonly period: string; readonly date: string; readonly vouchers: readonly string[]; readonly before: TriedSide; readonly after: TriedSide; readonly lines: readonly TriedLine[]; readonly isSame: boolean };
export type Tried = { readonly document: string; readonly kind: string; readonly date: string; readonly party: string; readonly events: readonly TriedEvent[] };

export const useTried = (book: string, source: Source | null, of: string | null) => useQuery<Tried>({
  queryKey: [{ rules: "try" }, book, source, of], enabled: source !== null && of !== null && of !== "", placeholderData: keepPreviousData, staleTime: 60_000, retry: false, queryFn: ({ signal }) => api<Tried>(`${pathOf(book)}/try`, { body: { ...source, of }, signal }),
});

export type ReplayResult = { readonly documents: number; readonly events: number; readonly evaluated: number; readonly changed: number; readonly differences: readonly { readonly period: string; readonly account: string; readonly before: string; readonly after: string; readonly difference: string }[]; readonly touched: Readonly<Record<string, number>>; readonly problems: Readonly<Record<string, number>>; readonly periods: readonly string[]; readonly compared: number; readonly comparedDifferent: number; readonly hidden: number; readonly seconds: number };
export type ReplayJob = { readonly replay: string; readonly state: "waiting" | "running" | "done" | "failed" | "cancelled"; readonly from: string | null; readonly to: string | null; readonly evaluated: number; readonly total: number; readonly startedAt: string; readonly finishedAt: string | null; readonly problem: Said | null; readonly result: ReplayResult | null; readonly listed: number };
export type ReplayChange = { readonly document: string; readonly event: string; readonly period: string; readonly ruleBefore: string; readonly ruleAfter: string; readonly problem: string; readonly accounts: readonly string[]; readonly moved: string; readonly cursor: string };

/** A replay of exactly this text and these periods: begun by hand, then followed to its end. */
export function useReplay(book: string, source: Source | null, from: string, to: string) {
  const client = useQueryClient();
  const key = [{ rules: "replay" }, book, source, from, to];
  const job = useQuery<ReplayJob | null>({
    queryKey: key, enabled: source !== null, staleTime: Number.POSITIVE_INFINITY, gcTime: 1_800_000, retry: false,
    queryFn: async ({ signal }) => {
      const before = client.getQueryData<ReplayJob | null>(key);
      return before ? api<ReplayJob>(`${pathOf(book)}/replays/${before.replay}`, { signal }) : null;
    },
    refetchInterval: ({ state }) => (state.data?.state === "running" || state.data?.state === "waiting" ? 300 : false),
  });
  const start = useMutation<ReplayJob, Error, void>({ mutationFn: () => api<ReplayJob>(`${pathOf(book)}/replays`, { body: { ...source, ...(from === "" ? {} : { from }), ...(to === "" ? {} : { to }) } }), onSuccess: (made) => client.setQueryData(key, made) });
  const stop = useMutation<ReplayJob, Error, string>({ mutationFn: (replay) => api<ReplayJob>(`${pathOf(book)}/replays/${replay}`, { method: "DELETE" }), onSuccess: (made) => client.setQueryData(key, made) });
  return { job: job.data ?? null, error: job.error ?? start.error, isStarting: start.isPending, start: () => start.mutate(), stop: (replay: string) => stop.mutate(replay) };
}
