/** The frame: the road as menu, the open book, the search, who is signed in. On a phone a bar of five at the bottom. */
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { count } from "../ui/amount.tsx";
import { Dialog, Dot, Kbd } from "../ui/parts.tsx";
import { language, useChoice, useT } from "../ui/text.ts";
import { api, useApi } from "./api.ts";
import { useKeys } from "./keys.ts";
import { useLive } from "./live.ts";
import { type Entry, road, side, top } from "./menu.ts";
import { Search } from "./search.tsx";
import { forgetAll, useBook, useMe, usePeriods } from "./session.ts";

/** What the menu counts beside its entries; a number of someone's turn is amber, of something broken rouge. */
export type MenuCounts = { readonly todo: number; readonly sources: number; readonly deadLetters: number; readonly documents: number; readonly parked: number; readonly masterdata: number; readonly drafts: number; readonly ruleDrafts: number; readonly vouchers: number; readonly deliveries: number };

export function Shell() {
  const t = useT();
  const lang = useChoice(language);
  const me = useMe().data;
  const book = useBook();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const periods = usePeriods().data;
  const counts = useApi<MenuCounts>(book.code === "" ? null : `/books/${encodeURIComponent(book.code)}/counts`, { refetchMs: 30_000, keep: true }).data;
  const [isSearching, setSearching] = useState(false);
  const [isHelp, setHelp] = useState(false);
  useLive(book.code);
  const open = periods?.find(({ state }) => state === "open")?.period;
  const seen = (entry: Entry): boolean => entry.duty === "signedIn" || book.may(entry.duty) || (me?.duties?.includes(entry.duty) ?? false);
  const go = (path: string) => (): void => void navigate({ to: `/b/${book.code}/${path}` });
  useKeys({ "/": () => setSearching(true), "?": () => setHelp(true), ...Object.fromEntries([...top, ...road, ...side].filter(seen).map((entry) => [`g ${entry.key}`, go(entry.path)])) });
  const signOut = async (): Promise<void> => {
    await api("/logout", { method: "POST" });
    await forgetAll();
    void navigate({ to: "/signin" });
  };
  const badge: Readonly<Record<string, { readonly n: number | undefined; readonly tone?: "w" | "b"; readonly text?: string }>> = {
    todo: { n: counts?.todo }, connectors: counts && counts.deadLetters > 0 ? { n: counts.deadLetters, tone: "b" } : { n: counts?.sources }, documents: counts && counts.parked > 0 ? { n: counts.parked, tone: "w" } : { n: counts?.documents },
    masterdata: { n: counts?.masterdata }, rules: counts && counts.ruleDrafts > 0 ? { n: counts.ruleDrafts, tone: "w" } : { n: undefined }, vouchers: counts && counts.drafts > 0 ? { n: counts.drafts, tone: "w" } : { n: counts?.vouchers }, delivery: { n: counts?.deliveries, tone: "w" },
  };
  const item = (entry: Entry) => {
    const to = `/b/${book.code}/${entry.path}`;
    const isOn = pathname === to || pathname.startsWith(`${to}/`) || (entry.path === "documents" && (pathname.startsWith(`/b/${book.code}/trace`) || pathname.startsWith(`/b/${book.code}/completeness`)));
    const { n, tone } = badge[entry.path] ?? { n: undefined };
    return (
      <Link key={entry.path} to={to} className={`i${isOn ? " on" : ""}`} aria-current={isOn ? "page" : undefined}>
        {entry.icon === undefined ? null : <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={entry.icon} /></svg>}
        {t(entry.words)}{n ? <em className={tone}>{count(n)}</em> : null}
      </Link>
    );
  };
  const phone = [top[0], top[1], road[1], road[4], road[6]].filter((entry): entry is Entry => entry !== undefined && seen(entry));
  return (
    <div className="app">
      <a className="skip" href="#main">{t("跳到内容", "Skip to content")}</a>
      <nav className="nav" aria-label={t("主导航", "Main")}>
        <Link to={`/b/${book.code}/cockpit`} className="brand"><Mark /><span>业财通</span><small>Tieout</small></Link>
        <label className="book"><b>{book.name}</b><span>{open ?? "–"}<Dot />{t("未结账", "open")}</span>
          <select aria-label={t("账簿", "Book")} value={book.code} onChange={(event) => void navigate({ to: `/b/${event.target.value}/cockpit` })}>{me?.books.map((one) => <option key={one.code} value={one.code}>{one.code} {one.name === one.code ? "" : one.name}</option>)}</select>
        </label>
        <button type="button" className="find" onClick={() => setSearching(true)}><span>{t("搜索单据、凭证、往来", "Search")}</span><Kbd>/</Kbd></button>
        <div>{top.filter(seen).map(item)}</div>
        <div className="sec">{t("单据之路", "The road")}</div>
        <div className="road">{road.filter(seen).map(item)}</div>
        {side.some(seen) ? <><div className="sec">{t("路旁", "Beside it")}</div><div>{side.filter(seen).map(item)}</div></> : null}
        <div className="me"><Link to={`/b/${book.code}/me`}>{me?.name ?? ""}</Link><span className="row"><button type="button" onClick={() => language.set(lang === "zh" ? "en" : "zh")} aria-label={lang === "zh" ? "中 / EN Switch to English" : "中 / EN 切换为中文"}>中 / EN</button><Dot /><button type="button" onClick={() => void signOut()}>{t("退出", "Sign out")}</button></span></div>
      </nav>
      <main className="main" id="main"><Outlet /></main>
      <nav className="tabbar" aria-label={t("主导航", "Main")}>{phone.map((entry) => { const to = `/b/${book.code}/${entry.path}`; const isOn = pathname.startsWith(to); return <Link key={entry.path} to={to} className={isOn ? "on" : ""} aria-current={isOn ? "page" : undefined}>{t(entry.words)}</Link>; })}</nav>
      {isSearching ? <Search onClose={() => setSearching(false)} /> : null}
      {isHelp ? <Dialog title={t("按键", "Keys")} onClose={() => setHelp(false)}><dl className="kv">{keysShown(t, [...top, ...road, ...side].filter(seen)).map(([key, what]) => <div key={key} style={{ display: "contents" }}><dt><kbd className="kbd">{key}</kbd></dt><dd>{what}</dd></div>)}</dl></Dialog> : null}
    </div>
  );
}

const keysShown = (t: ReturnType<typeof useT>, entries: readonly Entry[]): readonly (readonly [string, string])[] => [
  ["/", t("搜索", "Search")], ["↑ ↓", t("在表格中移动", "Move in a table")], ["↵", t("打开", "Open")], ["j k", t("下一张、上一张", "Next, previous")], ["w", t("为什么", "Why")], ["t", t("追溯图", "Trace")], ["d", t("图与表", "Chart or table")], ["e", t("导出", "Export")], ["Esc", t("返回", "Back")],
  ...entries.map((entry) => [`g ${entry.key}`, t(entry.words)] as const),
];

export const Mark = () => <svg width="22" height="22" viewBox="0 0 22 22" fill="none" aria-hidden="true"><path d="M2 5.5h4c4 0 4 5.5 8 5.5h6M2 16.5h4c4 0 4-5.5 8-5.5" stroke="var(--accent)" strokeWidth="2.2" strokeLinecap="round" /><circle cx="14" cy="11" r="2.6" fill="var(--surface)" stroke="var(--accent)" strokeWidth="2" /></svg>;
