/** Small parts of the rule screens: marks, accounts, what is wrong at a place, the search for accounts and documents. */
import type { ReactNode } from "react";
import { api, seg, withQuery } from "../app/api.ts";
import { Combo, type Choice } from "../ui/combo.tsx";
import { say, useT } from "../ui/text.ts";
import type { AccountShown, Mark, RuleTable, Said } from "./model.ts";

/** The mark stands beside the colour, and is said to those who see neither. */
export function MarkSign({ mark, isMoved, hasPlace }: { readonly mark: Mark; readonly isMoved?: boolean | undefined; /** Its place stays where there is none. */ readonly hasPlace?: boolean }) {
  const t = useT();
  if (mark === "" && !isMoved) return hasPlace ? <span className="rules-mark" /> : null;
  const [sign, tone, word] = mark === "+" ? ["+", "good", t("新增", "added")] : mark === "−" ? ["−", "bad", t("删除", "removed")] : isMoved ? ["↕", "warn", t("移动", "moved")] : ["~", "warn", t("修改", "changed")];
  return <span className={`rules-mark ${tone}`} title={word}><span aria-hidden="true">{sign}</span><span className="sr">{word}</span></span>;
}
export const markClass = (mark: Mark, isMoved = false): string => (mark === "+" ? "rules-new" : mark === "−" ? "rules-gone" : mark === "~" || isMoved ? "rules-changed" : "");

export function AccountName({ of }: { readonly of: AccountShown }) {
  const t = useT();
  return <span className={of.isUnknown ? "bad" : undefined}>{of.code} {t(of.zh, of.en)}{of.isUnknown ? t("（科目表中没有）", " (not in the chart)") : ""}</span>;
}

export function Wrong({ problems }: { readonly problems: readonly Said[] }) {
  const t = useT();
  return problems.length === 0 ? null : <ul className="rules-wrong" role="alert">{problems.map((problem, at) => <li key={at}><b>{t(problem.zh, problem.en)}</b> <span className="mut">{problem.where}</span><span className="sub">{t(problem.todo)}</span></li>)}</ul>;
}

type AccountFound = { readonly code: string; readonly zh: string; readonly en: string };
export const searchAccounts = async (book: string, text: string): Promise<readonly Choice[]> =>
  (await api<readonly AccountFound[]>(withQuery(`/books/${seg(book)}/accounts/search`, { text }))).map((one) => ({ value: one.code, text: say({ zh: one.zh, en: one.en }) }));

/** An account; with `tables` also one of the decision tables; with `more` further choices. */
export function AccountField({ book, label, value, shown, tables = [], more = [], onChoose, autoFocus, onLeave }: {
  readonly book: string; readonly label: string; readonly value: string; readonly shown: string; readonly tables?: readonly RuleTable[]; readonly more?: readonly Choice[]; readonly onChoose: (value: string) => void; readonly autoFocus?: boolean; readonly onLeave?: () => void;
}) {
  const search = async (text: string): Promise<readonly Choice[]> => {
    const wanted = text.trim().toLowerCase();
    const own = [...more, ...tables.map((table) => ({ value: table.name, text: say({ zh: table.zh, en: table.en }), right: say({ zh: "科目表", en: "table" }) as ReactNode }))].filter(({ value: name, text: words }) => wanted === "" || `${name} ${words}`.toLowerCase().includes(wanted));
    return [...own.slice(0, wanted === "" ? 60 : 20), ...(await searchAccounts(book, text)).slice(0, 20)];
  };
  return <Combo label={label} value={value} shown={shown} search={search} autoFocus={autoFocus === true} onChoose={(chosen) => { if (chosen !== "") onChoose(chosen); }} onKeyDown={(event) => { if (event.key === "Escape") onLeave?.(); }} />;
}

type FoundThing = { readonly kind: string; readonly zh: string; readonly en: string; readonly title: string; readonly note: string; readonly to: string };
/** A document by its number. */
export function DocumentField({ book, value, onChoose }: { readonly book: string; readonly value: string; readonly onChoose: (of: string) => void }) {
  const t = useT();
  const search = async (text: string): Promise<readonly Choice[]> => {
    if (text.trim() === "") return [];
    const found = await api<readonly FoundThing[]>(withQuery(`/books/${seg(book)}/search`, { text: text.trim() }));
    return found.flatMap((one) => { const of = /^documents\/one\?of=(.+)$/.exec(one.to)?.[1]; return of === undefined ? [] : [{ value: decodeURIComponent(of), text: `${one.title} ${say(one)}`, right: one.note }]; });
  };
  return <Combo label={t("单据号", "Document number")} value={value} shown={value.slice(value.indexOf("/") + 1)} placeholder={t("输入单据号", "Type its number")} search={search} onChoose={onChoose} />;
}
