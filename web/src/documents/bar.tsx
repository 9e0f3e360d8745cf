/** Every document has somewhere to be: posted, exempt, waiting or parked, as one bar; each figure opens those documents. */
import { Link } from "@tanstack/react-router";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { count } from "../ui/amount.tsx";
import { useT } from "../ui/text.ts";
import "./documents.css";
import { stateWords } from "./model.ts";

export type Counts = { readonly arrived: number; readonly posted: number; readonly exempt: number; readonly waiting: number; readonly parked: number };
export type Completeness = Counts & { readonly book: string; readonly percent: Readonly<Record<"posted" | "exempt" | "waiting" | "parked" | "total", string>>; readonly refused: number; readonly rows: readonly (Counts & { readonly source: string; readonly kind: string; readonly period: string })[] };
export const barStates = ["posted", "exempt", "waiting", "parked"] as const;

export const useCompleteness = () => {
  const book = useBook();
  return useApi<Completeness>(`/books/${seg(book.code)}/completeness`, { keep: true });
};

export function Split({ of, label }: { readonly of: Counts; readonly label: string }) {
  return <div className="split" role="img" aria-label={label}>{barStates.filter((state) => of[state] > 0).map((state) => <i key={state} className={`documents-${state}`} style={{ flexGrow: of[state], flexBasis: 0 }} />)}</div>;
}

/** Six decimals of the server, two of them shown; 100 only when it is whole. */
export const percentText = (percent: string): string => (percent === "100.000000" ? "100%" : `${percent.replace(/(\.\d\d)\d*$/, "$1")}%`);

export function StateBar() {
  const t = useT();
  const book = useBook();
  const { data } = useCompleteness();
  if (data === undefined || data.arrived === 0) return null;
  return (
    <section className="panel documents-bar" aria-label={t("去处", "Where documents are")}>
      <span>{t(`已到 ${count(data.arrived)} 张，`, `${count(data.arrived)} received, `)}<Link to={`/b/${book.code}/completeness`} className={data.percent.total === "100.000000" ? "good" : "bad"}>{percentText(data.percent.total)} {t("有去处", "accounted for")}</Link></span>
      <Split of={data} label={t(`已入账 ${data.posted}，免记账 ${data.exempt}，等待 ${data.waiting}，挂起 ${data.parked}`, `${data.posted} posted, ${data.exempt} exempt, ${data.waiting} waiting, ${data.parked} parked`)} />
      {barStates.map((state) => <span key={state} className="k"><i className={`documents-key documents-${state}`} aria-hidden="true" />{t(stateWords[state].words)} <Link to={withQuery(`/b/${book.code}/documents`, { state }) as never}>{count(data[state])}</Link></span>)}
    </section>
  );
}
