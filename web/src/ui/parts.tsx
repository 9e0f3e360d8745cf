/** The small parts that every screen is made of. None of them knows a business word. */
import { Link, useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { type Text, useT } from "./text.ts";

export type Tone = "good" | "warn" | "bad" | "accent" | undefined;
export const Tag = ({ tone, children }: { readonly tone?: Tone; readonly children: ReactNode }) => <span className={`tag${tone === undefined ? "" : ` ${{ good: "g", warn: "w", bad: "b", accent: "a" }[tone]}`}`}>{children}</span>;
export const Kbd = ({ children }: { readonly children: string }) => <kbd className="kbd" aria-hidden="true">{children}</kbd>;
export const Dot = () => <i className="dt" aria-hidden="true" />;

/** How far something is: a bar of 40 × 4 and its percentage. */
export function Lane({ percent }: { readonly percent: number | null }) {
  if (percent === null) return <span className="z">–</span>;
  return <span className="lane"><i aria-hidden="true"><b style={{ width: `${Math.max(0, Math.min(100, percent))}%` }} /></i><span className={percent === 0 ? "z" : undefined}>{percent === 0 ? "–" : `${Math.trunc(percent)}%`}</span></span>;
}

export function Panel({ title, note, right, children, foot, className }: { readonly title?: ReactNode; readonly note?: ReactNode; readonly right?: ReactNode; readonly children: ReactNode; readonly foot?: ReactNode; readonly className?: string }) {
  return (
    <section className={`panel${className === undefined ? "" : ` ${className}`}`}>
      {title === undefined ? null : <div className="pt"><h2>{title}</h2>{note === undefined ? null : <span className="n">{note}</span>}{right === undefined ? null : <span className="r">{right}</span>}</div>}
      {children}
      {foot === undefined ? null : <div className="foot">{foot}</div>}
    </section>
  );
}

export type Crumb = { readonly to: string; readonly text: string };
/** A page: crumb, title, state, as-of on the left; at most three acts on the right; filters below. */
export function Page({ title, crumb, tags, asOf, acts, tabs, bar, children }: {
  readonly title: string; readonly crumb?: Crumb | undefined; readonly tags?: ReactNode; readonly asOf?: ReactNode; readonly acts?: ReactNode; readonly tabs?: ReactNode; readonly bar?: ReactNode; readonly children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · 业财通 Tieout`;
  }, [title]);
  return (
    <div className="page">
      <header className="head">
        {crumb === undefined ? null : <Link to={crumb.to} className="crumb">{crumb.text} /</Link>}
        <h1>{title}</h1>{tags}
        {asOf === undefined ? null : <span className="asof">{asOf}</span>}
        {acts === undefined ? null : <div className="act">{acts}</div>}
      </header>
      {tabs}
      {bar === undefined ? null : <div className="bar">{bar}</div>}
      {children}
    </div>
  );
}

/** Sub-pages of a stage, as links. */
export function Tabs({ items, label }: { readonly label: string; readonly items: readonly { readonly to: string; readonly text: string; readonly count?: number | string | undefined }[] }) {
  const { pathname } = useLocation();
  const current = items.filter(({ to }) => pathname === to || pathname.startsWith(`${to}/`)).sort((a, b) => b.to.length - a.to.length)[0]?.to;
  const nav = useRef<HTMLElement>(null);
  // On a phone there are more than fit: the one that is open is in sight, also when counts come and widen the others.
  useEffect(() => { nav.current?.querySelector(".on")?.scrollIntoView({ block: "nearest", inline: "center" }); }, [current, items.map(({ text, count }) => `${text}${count}`).join()]);
  return <nav ref={nav} className="tabs" aria-label={label}>{items.map((item) => <Link key={item.to} to={item.to} className={item.to === current ? "on" : ""} aria-current={item.to === current ? "page" : undefined}>{item.text}{item.count === undefined ? null : <em>{item.count}</em>}</Link>)}</nav>;
}

export const AsOf = ({ at, more, isStale }: { readonly at: string | null | undefined; readonly more?: ReactNode; readonly isStale?: boolean }) => {
  const t = useT();
  return <><i className={`live${isStale ? " stale" : ""}`} aria-hidden="true" />{at ? `${t("截至", "As of")} ${moment(at)}` : t("正在读取", "Loading")}{more ? <><Dot />{more}</> : null}</>;
};

/** One of a few: the choice is pressed. */
export function Segments<V extends string>({ label, value, options, onChange }: { readonly label: string; readonly value: V; readonly options: readonly { readonly value: V; readonly text: Text }[]; readonly onChange: (value: V) => void }) {
  const t = useT();
  return <div className="seg" role="group" aria-label={label}>{options.map((option) => <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>{t(option.text)}</button>)}</div>;
}

/** A filter as a chip over a native list, so that keyboard and phone work as people know them. Off its default it is accented. */
export function ChipSelect({ label, value, options, onChange }: { readonly label: string; readonly value: string; readonly options: readonly { readonly value: string; readonly text: string }[]; readonly onChange: (value: string) => void }) {
  return (
    <label className={`chip${value === "" ? "" : " x"}`}>{label} <b>{options.find((option) => option.value === value)?.text ?? value}</b>
      <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>{options.map((option) => <option key={option.value} value={option.value}>{option.text}</option>)}</select>
    </label>
  );
}
/** Text is taken when typing rests or on ↵. */
export function ChipText({ label, value, onChange, type = "search", width }: { readonly label: string; readonly value: string; readonly onChange: (value: string) => void; readonly type?: "search" | "date"; readonly width?: number }) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  return (
    <label className={`chip${value === "" ? "" : " x"}`}>{label}
      <input key={type === "date" ? value : undefined} type={type} aria-label={label} defaultValue={value} style={width === undefined ? undefined : { width }} onChange={(event) => { clearTimeout(timer.current); const { value: next } = event.target; timer.current = setTimeout(() => onChange(next.trim()), 300); }} />
    </label>
  );
}

export function Field({ label, hint, error, children }: { readonly label: string; readonly hint?: ReactNode; readonly error?: string | undefined; readonly children: ReactNode }) {
  return <label className="field"><span>{label}</span>{children}{error ? <span className="sub bad">{error}</span> : hint ? <span className="sub">{hint}</span> : null}</label>;
}

/** A window over the page. Esc and the cross close it. `side` slides along the right edge. */
export function Dialog({ title, onClose, children, foot, kind }: { readonly title: string; readonly onClose: () => void; readonly children: ReactNode; readonly foot?: ReactNode; readonly kind?: "wide" | "side" }) {
  const t = useT();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // The cross comes first in the order of the page, but people want the field: the one marked, else the first.
    (dialog?.querySelector<HTMLElement>("[data-first]") ?? dialog?.querySelector<HTMLElement>(".body :is(input, textarea, select)"))?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} className={kind} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <header><h2 id={id}>{title}</h2><button type="button" className="btn q" onClick={onClose} aria-label={t("关闭", "Close")}>×</button></header>
      <div className="body">{children}</div>
      {foot === undefined ? null : <footer>{foot}</footer>}
    </dialog>
  );
}

/** 2026-03-18 14:32:08 in the reader's time zone. */
export function moment(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
/** How long ago or until, in one unit. */
export function span(seconds: number, t: (zh: string, en: string) => string): string {
  const s = Math.abs(seconds);
  if (s < 60) return t(`${Math.trunc(s)} 秒`, `${Math.trunc(s)} s`);
  if (s < 3600) return t(`${Math.trunc(s / 60)} 分`, `${Math.trunc(s / 60)} min`);
  if (s < 86_400) return t(`${Math.trunc(s / 3600)} 小时`, `${Math.trunc(s / 3600)} h`);
  return t(`${Math.trunc(s / 86_400)} 天`, `${Math.trunc(s / 86_400)} d`);
}
