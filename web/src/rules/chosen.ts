/** Which rules are open: a version, the one in force, or the draft of this browser; and what is asked about them. All of it stands in the address. */
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useApi, seg } from "../app/api.ts";
import { useBook, usePeriods } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { useT } from "../ui/text.ts";
import { keepDraft, type Source, useDraft, useReplay, useVersions, useView, type View } from "./model.ts";

export function useChosen() {
  const t = useT();
  const book = useBook();
  const [filters, setFilters] = useFilters();
  const navigate = useNavigate();
  const draft = useDraft(book.code);
  const versions = useVersions(book.code);
  const isDraft = filters.version === "draft" && draft !== null;
  const number = /^\d+$/.test(filters.version ?? "") ? Number(filters.version) : undefined;
  const version = isDraft ? undefined : number === undefined ? versions.data?.find(({ state }) => state === "inForce") : versions.data?.find((one) => one.version === number);
  const shownVersion = version?.version;
  const source = useMemo<Source | null>(() => (isDraft && draft ? { text: draft.text } : shownVersion === undefined ? null : { version: shownVersion }), [isDraft, draft?.text, shownVersion]);
  const view = useView(book.code, source);
  const periods = usePeriods().data;
  // The newest quarter that has begun, unless the address says otherwise.
  const today = localToday();
  const begun = (periods ?? []).map(({ period }) => period).filter((period) => period <= today.slice(0, 7));
  const from = filters.from ?? begun.at(-3) ?? begun[0] ?? "", to = filters.to ?? begun.at(-1) ?? "";
  const replayed = useReplay(book.code, source, from, to);
  const accounts = useApi<readonly { readonly code: string; readonly zh: string; readonly en: string }[]>(book.may("boards.read") ? `/books/${seg(book.code)}/accounts` : null).data;
  const accountNames = useMemo(() => new Map((accounts ?? []).map(({ code, zh, en }) => [code, t(zh, en)])), [accounts, t]);
  const query: Readonly<Record<string, string>> = filters.version === undefined ? {} : { version: filters.version };
  const beginDraft = (from: View): void => {
    if (!draft) keepDraft(book.code, { text: from.text, base: version?.version ?? from.against, effectiveOn: firstOpen(periods) ?? today, note: "" });
    setFilters({ version: "draft" });
  };
  const dropDraft = (): void => {
    keepDraft(book.code, null);
    void navigate({ to: ".", search: {} as never });
  };
  return { versions, version, view, source, draft, isDraft, replayed, from, to, accountNames, query, beginDraft, dropDraft, mayEdit: book.may("rules.propose") };
}

/** The first day of the first period that is open: earlier ones would change what is closed. */
const firstOpen = (periods: readonly { readonly period: string; readonly state: string }[] | undefined): string | undefined => { const open = periods?.find(({ state }) => state === "open")?.period; return open === undefined ? undefined : `${open}-01`; };
function localToday(): string {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}
