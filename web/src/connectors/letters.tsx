/** 死信: records that could not be processed, by what they have in common; each is corrected and tried again, or ignored with a reason. */
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { AsOf, ChipSelect, Dot, moment, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { type T, useT } from "../ui/text.ts";
import "./connectors.css";
import { LetterActs } from "./letter-acts.tsx";
import { type Cause, flowPath, type Letter, letterStates, type LetterShown, stages } from "./model.ts";
import { ConnectorTabs } from "./parts.tsx";

const listedMax = 500;

export function DeadLetters() {
  const t = useT();
  const book = useBook();
  const [filters, set] = useFilters();
  const { flow = "", cause = "", status = "open", of = "" } = filters;
  const base = `/books/${seg(book.code)}/dead-letters`;
  const causes = useApi<readonly Cause[]>(`${base}/causes`, { keep: true });
  const letters = useApi<readonly Letter[]>(withQuery(base, { flow, fingerprint: cause, status, limit: listedMax }), { keep: true });
  const rows = letters.data ?? [];
  const openOne = of !== "" ? of : (rows[0]?.id ?? "");
  // The letter at hand stays on the right after it was decided.
  const first = of === "" ? rows[0]?.id : undefined;
  useEffect(() => {
    if (first !== undefined) set({ of: first });
  }, [first]);
  const move = (step: 1 | -1): void => { const next = rows[rows.findIndex((row) => row.id === openOne) + step]; if (next) set({ of: next.id }); };
  useKeys({ j: () => move(1), k: () => move(-1) });
  const shownCauses = (causes.data ?? []).filter((one) => flow === "" || one.flow === flow);
  const total = shownCauses.reduce((sum, one) => sum + one.letters, 0);
  const all = { value: "", text: t("全部", "All") };
  return (
    <Page
      title={t("死信", "Dead letters")} crumb={{ to: `/b/${book.code}/connectors`, text: t("接入", "Sources") }} tabs={<ConnectorTabs />}
      asOf={causes.data ? <AsOf at={new Date(causes.dataUpdatedAt).toISOString()} more={t(`${total} 封待处理`, `${total} to decide`)} /> : undefined}
      bar={<>
        <ChipSelect label={t("数据流", "Flow")} value={flow} options={[all, ...[...new Set((causes.data ?? []).map((one) => one.flow))].map((one) => ({ value: one, text: one }))]} onChange={(value) => set({ flow: value, cause: "", of: "" })} />
        <ChipSelect label={t("状态", "Status")} value={status === "open" ? "" : status} options={[{ value: "", text: t(letterStates.open ?? "") }, ...Object.entries(letterStates).filter(([value]) => value !== "open").map(([value, words]) => ({ value, text: t(words) })), { value: "all", text: t("全部", "All") }]} onChange={(value) => set({ status: value, cause: "", of: "" })} />
      </>}
    >
      <Loaded of={letters} rows={8} columns={4} isEmpty={(data) => data.length === 0} empty={<Panel><Empty why={status === "open" ? t("没有待处理的死信。", "No dead letter waits.") : t("没有符合条件的死信。", "None matches.")} next={t("处理不了的记录会列在这里，原样保留。", "Records that could not be processed would stand here, kept as they came.")} /></Panel>}>{(data) => (
        <div className="cols queue">
          <nav className="panel" aria-label={t("按原因", "By cause")}>
            <div className="list">
              <button type="button" className={cause === "" ? "on" : ""} aria-pressed={cause === ""} onClick={() => set({ cause: "", of: "" })}><span className="r">{total}</span>{t("全部原因", "Every cause")}</button>
              {shownCauses.map((one) => <button key={`${one.flow} ${one.fingerprint}`} type="button" className={one.fingerprint === cause ? "on" : ""} aria-pressed={one.fingerprint === cause} onClick={() => set({ flow: one.flow, cause: one.fingerprint, of: "" })}><span className="r">{one.letters}</span>{t(one.problem.zh, one.problem.en).slice(0, 60)}<div className="sub">{one.flow}<Dot />{t(stages[one.stage] ?? one.stage)}</div></button>)}
            </div>
          </nav>
          <Panel className="two"><Table caption={t("死信", "Dead letters")} columns={columnsOf(t)} rows={data} rowKey={(row) => row.id} selected={openOne} onOpen={(row) => set({ of: row.id })} />{data.length === listedMax ? <div className="foot">{t(`只列出 ${listedMax} 封，按原因筛选看其余`, `${listedMax} are listed; filter by cause to see the rest`)}</div> : null}</Panel>
          {openOne === "" ? <aside /> : <Detail id={openOne} same={shownCauses.find((one) => one.fingerprint === data.find((row) => row.id === openOne)?.fingerprint)} />}
        </div>
      )}</Loaded>
    </Page>
  );
}

const columnsOf = (t: T): readonly Column<Letter>[] => [
  { key: "key", head: { zh: "记录", en: "Record" }, cell: (row) => <><b>{row.key}</b><span className="sub">{row.flow} {row.stream}</span></> },
  { key: "problem", head: { zh: "原因", en: "Cause" }, wrap: true, cell: (row) => { const [first] = row.problems; return first ? t(first.zh, first.en) : row.code; } },
  { key: "attempts", head: { zh: "次数", en: "Tries" }, num: true, cell: (row) => row.attempts, wide: true },
  { key: "last", head: { zh: "最近", en: "Last" }, cell: (row) => moment(row.lastAt), wide: true, mute: true },
  { key: "status", head: { zh: "状态", en: "Status" }, cell: (row) => <Tag tone={row.status === "open" ? "warn" : undefined}>{t(letterStates[row.status] ?? row.status)}</Tag> },
];

function Detail({ id, same }: { readonly id: string; readonly same: Cause | undefined }) {
  const t = useT();
  const book = useBook();
  const letter = useApi<LetterShown>(`/books/${seg(book.code)}/dead-letters/${id}`, { keep: true });
  return (
    <aside className="panel" aria-label={t("所选死信", "The letter at hand")}>
      <Loaded of={letter} rows={6} columns={1}>{(shown) => (
        <>
          <section className="connectors-section"><div className="sub"><Link to={flowPath(book.code, shown.flow) as never}>{shown.flow}</Link><Dot />{shown.stream}</div><h2>{shown.key || shown.id}</h2><div className="sub">{moment(shown.landedAt)} {t("收到", "received")}<Dot />{t(`位置 ${shown.position || "–"}`, `at ${shown.position || "–"}`)}</div></section>
          <section className="connectors-section"><h3>{t(`为什么（${t(stages[shown.stage] ?? shown.stage)}）`, `Why (${t(stages[shown.stage] ?? shown.stage)})`)}</h3>{shown.problems.map((problem, at) => <div key={at}>{t(problem.zh, problem.en)}<div className="sub">{t(problem.todo)} <span className="mono">{problem.where ?? ""} {problem.code}</span></div></div>)}{same && same.letters > 1 ? <div className="sub">{t(`同一原因还有 ${same.letters - 1} 封`, `${same.letters - 1} more with the same cause`)}</div> : null}</section>
          {shown.status === "open" ? null : <section className="connectors-section"><h3>{t("处理", "Decision")}</h3>{t(letterStates[shown.status] ?? shown.status)} {shown.actor} {shown.reason}</section>}
          <LetterActs key={shown.id} of={shown} same={same} />
        </>
      )}</Loaded>
    </aside>
  );
}
