/** What the pages of the books share: their tabs, the periods shown, the chart of accounts, the way from a figure to its lines. */
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useBook, usePeriods } from "../app/session.ts";
import { Amount, type Unit, UnitContext, unitWords } from "../ui/amount.tsx";
import { type Choice, Combo } from "../ui/combo.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, type Crumb, Page, Segments, Tabs } from "../ui/parts.tsx";
import { language, say, useChoice, useT } from "../ui/text.ts";
import "./books.css";

export type AccountView = { readonly code: string; readonly zh: string; readonly en: string; readonly type: string; readonly side: "debit" | "credit"; readonly postable: boolean };
export type Six = { readonly openingDebit: string; readonly openingCredit: string; readonly debit: string; readonly credit: string; readonly closingDebit: string; readonly closingCredit: string };

export function BooksPage({ title, tags, asOf, acts, bar, crumb, hasUnit, children }: { readonly title: string; readonly tags?: ReactNode; readonly asOf?: ReactNode; readonly acts?: ReactNode; readonly bar?: ReactNode; readonly crumb?: Crumb; /** Amounts may be read in 元, 万 or 亿. */ readonly hasUnit?: boolean; readonly children: ReactNode }) {
  const t = useT();
  const book = useBook();
  const [filters, setFilters] = useFilters();
  const unit = (["yuan", "wan", "yi"] as const).find((one) => one === filters.unit) ?? "yuan";
  const at = `/b/${book.code}/books`;
  const tabs = [
    { to: at, text: t("科目余额表", "Trial balance") }, { to: `${at}/ledger`, text: t("总账与明细账", "Ledgers") }, { to: `${at}/auxiliary`, text: t("辅助核算", "Dimensions") }, { to: `${at}/open-items`, text: t("往来未清", "Open items") }, { to: `${at}/estimates`, text: t("暂估", "Estimates") },
    { to: `${at}/stock`, text: t("存货", "Stock") }, { to: `${at}/statements`, text: t("财务报表", "Statements") }, { to: `${at}/close`, text: t("结账", "Close") }, { to: `${at}/verify`, text: t("验证", "Proof") },
  ];
  return (
    <UnitContext.Provider value={hasUnit ? unit : "yuan"}>
      <Page
        title={title} tags={tags} asOf={asOf} acts={acts} crumb={crumb} tabs={<Tabs label={t("账簿与报表", "Books")} items={tabs} />}
        bar={bar === undefined && !hasUnit ? undefined : <>{bar}{hasUnit ? <span className="sp"><Segments<Unit> label={t("单位", "Unit")} value={unit} options={(["yuan", "wan", "yi"] as const).map((value) => ({ value, text: unitWords[value] }))} onChange={(value) => setFilters({ unit: value === "yuan" ? "" : value })} /></span> : null}</>}
      >
        {children}
      </Page>
    </UnitContext.Provider>
  );
}

export const useUnitWord = (): string => {
  const t = useT();
  const [{ unit }] = useFilters();
  return t(unitWords[(["yuan", "wan", "yi"] as const).find((one) => one === unit) ?? "yuan"]);
};

/** The period that is meant where the address says none: this month, or the nearest that the book has. */
function useDefaultPeriod(): string {
  const periods = usePeriods().data ?? [];
  const now = new Date();
  const month = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}`;
  return periods.findLast(({ period }) => period <= month)?.period ?? periods[0]?.period ?? "";
}

/** First and last period of what is shown, from the address. */
export function useRange(): { readonly from: string; readonly to: string; readonly query: { readonly from: string; readonly to: string }; readonly isReady: boolean } {
  const [filters] = useFilters();
  const known = useDefaultPeriod();
  const to = filters.to ?? known;
  const from = filters.from ?? to;
  const range = { from: from > to ? to : from, to };
  return { ...range, query: range, isReady: to !== "" };
}

/** Without `single` a range; with it one period. */
export function RangeChips({ single }: { readonly single?: boolean }) {
  const t = useT();
  const [, setFilters] = useFilters();
  const { from, to } = useRange();
  const options = (usePeriods().data ?? []).map(({ period, state }) => ({ value: period, text: state === "closed" ? `${period} ${t("已结账", "closed")}` : period }));
  if (single) return <ChipSelect label={t("期间", "Period")} value={to} options={options} onChange={(value) => setFilters({ from: "", to: value })} />;
  return <>
    <ChipSelect label={t("自", "From")} value={from} options={options} onChange={(value) => setFilters({ from: value, to: value > to ? value : to })} />
    <ChipSelect label={t("至", "To")} value={to} options={options} onChange={(value) => setFilters({ to: value, from: value < from ? value : from })} />
  </>;
}

const none: readonly AccountView[] = [];
export function useAccounts(): { readonly list: readonly AccountView[]; readonly nameOf: (code: string) => string; readonly pathOf: (code: string) => string } {
  const book = useBook();
  const list = useApi<readonly AccountView[]>(book.may("boards.read") ? `/books/${seg(book.code)}/accounts` : null).data ?? none;
  const lang = useChoice(language);
  return useMemo(() => {
    const byCode = new Map(list.map((account) => [account.code, account]));
    const nameOf = (code: string): string => { const account = byCode.get(code); return account ? account[lang] : ""; };
    return { list, nameOf, pathOf: (code) => code.split(".").map((_, at, parts) => nameOf(parts.slice(0, at + 1).join("."))).filter(Boolean).join(lang === "zh" ? "－" : " – ") };
  }, [list, lang]);
}

/** Finds an account by code or name. */
export function AccountCombo({ value, onChoose, label }: { readonly value: string; readonly onChoose: (code: string) => void; readonly label?: string }) {
  const t = useT();
  const { list, nameOf } = useAccounts();
  const search = (text: string): Choice[] => {
    const wanted = text.trim().toLowerCase();
    return list.filter((account) => account.code.startsWith(wanted) || account.zh.includes(text.trim()) || account.en.toLowerCase().includes(wanted)).slice(0, 40).map((account) => ({ value: account.code, text: say(account) }));
  };
  return <div className="books-combo"><Combo label={label ?? t("科目", "Account")} placeholder={label ?? t("科目", "Account")} value={value} shown={value === "" ? "" : `${value} ${nameOf(value)}`} search={search} onChoose={onChoose} /></div>;
}

/** Where the lines behind a figure are. */
export const ledgerAddress = (book: string, account: string, query: Readonly<Record<string, string | undefined>> = {}): string => withQuery(`/b/${book}/books/ledger`, { view: "lines", account, ...query });

/** A figure that leads to its lines; a zero leads nowhere. */
export function Figure({ of, to, hidden }: { readonly of: string | null | undefined; readonly to: string | undefined; readonly hidden?: boolean }) {
  if (hidden || to === undefined || of === null || of === undefined || !/[1-9]/.test(of)) return <Amount of={of} hidden={hidden === true} />;
  return <Link className="books-fig" to={to}><Amount of={of} /></Link>;
}

export const exportHref = (book: string, report: string, query: Readonly<Record<string, string | boolean | undefined | readonly string[]>>): string => withQuery(`/api/v1/books/${seg(book)}/export/${report}`, { ...query, language: language.get() });

export function ExportButton({ href }: { readonly href: string }) {
  const t = useT();
  return <a className="btn" href={href} download>{t("导出", "Export")}</a>;
}

export const dimensionWords: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  counterparty: { zh: "往来单位", en: "Customer or supplier" }, item: { zh: "物料", en: "Item" }, department: { zh: "部门", en: "Department" }, project: { zh: "项目", en: "Project" }, bankAccount: { zh: "银行账户", en: "Bank account" }, employee: { zh: "员工", en: "Employee" }, warehouse: { zh: "仓库", en: "Warehouse" },
  region: { zh: "地区", en: "Region" }, note: { zh: "票据", en: "Note" }, asset: { zh: "资产", en: "Asset" }, custom1: { zh: "自定义 1", en: "Custom 1" }, custom2: { zh: "自定义 2", en: "Custom 2" }, custom3: { zh: "自定义 3", en: "Custom 3" },
};
