/** 待判: pairs that may be one thing, the most worth a decision first. j k move, ↵ says one, d says different, o opens the known one. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, useAct, usePages, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { Amount, count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, Dot, Kbd, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { ActedNote, DecideDialog, PreviewOf } from "./decide.tsx";
import { type Acted, type Domain, hardWords, levelWords, type Pair, useDesk, useDomains } from "./desk.ts";
import { MasterTabs } from "./tabs.tsx";
import "./masterdata.css";

export function MatchQueue() {
  const t = useT();
  const { base, mayEdit, to, goldenAt } = useDesk();
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters();
  const [asking, setAsking] = useState<"same" | "different" | null>(null);
  const [acted, setActed] = useState<(Acted & { readonly undoes?: string | undefined }) | null>(null);
  const domains = useDomains().data;
  const pages = usePages<Pair>(withQuery(`${base}/queue`, { domain: filters.domain }), 50);
  const { rows } = pages;
  const current = rows.find(({ no }) => no === filters.pair) ?? rows[0];
  const at = current ? rows.indexOf(current) : -1;
  const select = (pair: Pair | undefined): void => { if (pair) setFilters({ pair: pair.no }); };
  // A doubt that was answered moved a record, or holds it where it is: that is taken back on the golden record.
  const done = (result: Acted): void => { setActed({ ...result, undoes: current?.isDoubt === false ? result.done?.decision : undefined }); setFilters({ pair: rows[at + 1]?.no ?? rows[at - 1]?.no ?? "" }); };
  const takeBack = useAct((decision: string) => api<Acted>(`${base}/acts`, { body: { act: { act: "takeBack", decision }, reason: t("判断有误，撤销", "The answer was a slip") } }));
  const undo = acted?.undoes === undefined || takeBack.isPending ? undefined : (): void => takeBack.mutate(acted.undoes ?? "", { onSuccess: (result) => { setActed(result.request === null ? null : result); setFilters({ pair: "" }); } });
  useKeys({
    j: () => select(rows[at + 1]), k: () => select(rows[at - 1]), z: () => undo?.(), Enter: () => { if (mayEdit && current) setAsking("same"); }, d: () => { if (mayEdit && current) setAsking("different"); }, o: () => { if (current) void navigate({ to: goldenAt(current.other.golden) as never }); },
  });
  const waiting = filters.domain ? domains?.domains.find(({ domain }) => domain === filters.domain)?.open : domains?.open;
  const [into, from] = current ? (current.one.sources > current.other.sources ? [current.one, current.other] : [current.other, current.one]) : [];
  return (
    <Page
      title={t("待判", "To decide")} crumb={{ to: to(""), text: t("主数据", "Master data") }} tabs={<MasterTabs />} asOf={t("按不确定程度 × 未清金额排列", "by uncertainty × open value")}
      bar={<ChipSelect label={t("类别", "Kind")} value={filters.domain ?? ""} options={[{ value: "", text: t("全部", "All") }, ...(domains?.domains ?? []).filter(({ open, domain }) => open > 0 || domain === filters.domain).map((one) => ({ value: one.domain, text: `${t(one)} ${count(one.open)}` }))]} onChange={(value) => setFilters({ domain: value, pair: "" })} />}
    >
      {acted ? <ActedNote of={acted} onClose={() => setActed(null)} onUndo={undo} /> : null}
      {takeBack.error ? <Trouble error={takeBack.error} /> : null}
      {pages.error ? <Panel><Trouble error={pages.error} retry={() => void pages.refetch()} /></Panel> : pages.isPending ? <Panel><Loading rows={8} columns={3} /></Panel> : rows.length === 0 || !current
        ? <Panel><Empty why={t("没有待判的对。", "No pair waits for a decision.")} next={t("新记录到达时，把握不够的才会放到这里。", "Only records that the engine is not sure of come here.")} /></Panel>
        : (
          <div className={`masterdata-queue${filters.pair ? " opened" : ""}`}>
            <Panel title={t("等待中", "Waiting")} note={waiting === undefined ? undefined : t(`${count(waiting)} 对`, count(waiting))} foot={pages.more ? <button type="button" className="btn" onClick={pages.more}>{t("再列 50 对", "50 more")}</button> : undefined}>
              <div className="list" role="list">
                {rows.map((pair) => (
                  <div key={pair.no} role="listitem" aria-current={pair === current ? "true" : undefined} className={pair === current ? "on" : ""}>
                    <button type="button" className="masterdata-open" onClick={() => select(pair)}>{pair.one.payload.name ?? pair.one.code}</button>
                    <span className="num"><Amount of={pair.openValue ?? "0"} hidden={pair.openValue === null} /></span>
                    <span className="sub">{pair.one.system}:{pair.one.code}<Dot />{pair.isDoubt ? t("还属于", "still one with") : t("像", "like")} {pair.other.payload.name ?? pair.other.code}</span>
                  </div>
                ))}
              </div>
            </Panel>
            <div className="stack">
              <button type="button" className="btn q masterdata-back" onClick={() => setFilters({ pair: "" })}>{t("返回待判列表", "Back to the list")}</button>
              <PairPanel key={current.no} of={current} domain={domains?.domains.find(({ domain }) => domain === current.domain)} onSame={mayEdit ? () => setAsking("same") : undefined} onDifferent={mayEdit ? () => setAsking("different") : undefined} />
            </div>
          </div>
        )}
      {asking === "same" && current?.isDoubt ? (
        <DecideDialog title={t("仍是同一个，以后不再质疑", "Still one: do not doubt it again")} say={t("必须同一", "Keep together")} onClose={() => setAsking(null)} onDone={done} act={() => ({ act: "keepTogether", record: current.one.record, other: current.other.record, candidate: current.no })}><p>{current.one.payload.name} = {current.other.payload.name}</p></DecideDialog>
      ) : asking === "same" && current && into && from ? (
        <DecideDialog title={t("两者同一，合并", "They are one: merge")} say={t("合并", "Merge")} onClose={() => setAsking(null)} onDone={done} act={() => ({ act: "merge", into: into.golden, from: from.golden, candidate: current.no })}><PreviewOf query={{ into: into.golden, from: from.golden }} /></DecideDialog>
      ) : null}
      {asking === "different" && current ? (
        <DecideDialog title={current.isDoubt ? t(`不再属于，移出 ${current.one.system}:${current.one.code} 自成一条`, `It no longer belongs: take ${current.one.system}:${current.one.code} out`) : t("两者不同，以后不再提示", "They differ: do not ask again")} say={current.isDoubt ? t("移出", "Take it out") : t("判为不同", "They differ")} onClose={() => setAsking(null)} onDone={done} act={() => ({ act: "different", candidate: current.no })}><p>{current.one.payload.name} ≠ {current.other.payload.name}</p></DecideDialog>
      ) : null}
    </Page>
  );
}

/** Both records side by side, and what each field says for and against. */
export function PairPanel({ of, domain, onSame, onDifferent }: { readonly of: Pair; readonly domain: Domain | undefined; readonly onSame?: (() => void) | undefined; readonly onDifferent?: (() => void) | undefined }) {
  const t = useT();
  const { goldenAt } = useDesk();
  const names = [...new Set([...Object.keys(of.one.payload), ...Object.keys(of.other.payload)])];
  const order = domain?.fields.map(({ name }) => name) ?? [];
  names.sort((a, b) => (order.includes(a) ? order.indexOf(a) : 99) - (order.includes(b) ? order.indexOf(b) : 99));
  const label = (name: string): string => { const known = domain?.fields.find((one) => one.name === name); return known ? t(known) : name; };
  const value = (text: string | null | undefined) => (text === undefined ? <span className="z">–</span> : text === null ? <span className="z">{t("无权查看", "Not permitted")}</span> : text);
  const most = Math.max(1, ...of.byField.map(({ bits }) => Math.abs(bits)));
  const percent = Math.trunc((2 ** Number(of.weight) / (1 + 2 ** Number(of.weight))) * 1000) / 10;
  return (
    <>
      <Panel title={of.isDoubt ? t("已归在一起，是否仍然同一", "Joined before: still one?") : t("两条记录", "Two records")} note={t(of.domainWords)} right={of.hard ? <Tag tone="warn">{t(hardWords[of.hard] ?? { zh: of.hard, en: of.hard })}</Tag> : <span className="n">{t(`同一的可能 ${percent}%`, `${percent}% likely one`)}</span>}>
        <Table
          caption={t("两条记录", "Two records")} rows={[{ name: "#" }, ...names.map((name) => ({ name }))]} rowKey={({ name }) => name}
          columns={[
            { key: "field", head: { zh: "字段", en: "Field" }, mute: true, cell: ({ name }) => (name === "#" ? t("来源编码", "Code") : <>{of.one.payload[name] !== of.other.payload[name] && of.one.payload[name] && of.other.payload[name] ? <span className="warn">≠ </span> : null}{label(name)}</>) },
            { key: "one", head: of.isDoubt ? { zh: "有变更的记录", en: "Changed" } : { zh: "到达的记录", en: "Arrived" }, wrap: true, cell: ({ name }) => (name === "#" ? <Link to={goldenAt(of.one.golden) as never}>{of.one.system}:{of.one.code}</Link> : value(of.one.payload[name])) },
            { key: "other", head: of.isDoubt ? { zh: "同属的记录", en: "Beside it" } : { zh: "已有的记录", en: "Known" }, wrap: true, cell: ({ name }) => (name === "#" ? <Link to={goldenAt(of.other.golden) as never}>{of.other.system}:{of.other.code}</Link> : value(of.other.payload[name])) },
          ]}
        />
        <div className="masterdata-decide">
          {onSame ? <button type="button" className="btn p" onClick={onSame}>{of.isDoubt ? t("仍是同一个", "Still one") : t("同一，合并", "One: merge")} <Kbd>↵</Kbd></button> : null}
          {onDifferent ? <button type="button" className="btn" onClick={onDifferent}>{of.isDoubt ? t("不是，移出", "No: take it out") : t("不同", "They differ")} <Kbd>d</Kbd></button> : null}
          {onSame ? null : <span className="sub">{t("没有维护主数据的权限，等有权限的人处理。", "You may not keep master data; somebody who may will decide.")}</span>}
          <span className="sub wide-only masterdata-keys"><Kbd>j</Kbd> <Kbd>k</Kbd> {t("跳过、上一对", "skip, previous")} <Kbd>o</Kbd> {t("打开已有的", "open the known one")} <Kbd>z</Kbd> {t("撤销", "take back")}</span>
        </div>
      </Panel>
      <Panel title={t("为什么", "Why")} note={t(`合计 ${of.weight} 比特，起点 ${of.prior}`, `${of.weight} bits in all, from ${of.prior}`)}>
        <Waterfall of={of.byField} most={most} />
      </Panel>
    </>
  );
}

/** Bits for and against, field by field; the bar is decoration, the figure says it. */
export function Waterfall({ of, most }: { readonly of: readonly { readonly field: string; readonly zh?: string; readonly en?: string; readonly level: string; readonly bits: number }[]; readonly most: number }) {
  const t = useT();
  return (
    <Table
      caption={t("各字段的权重", "Weight of each field")} rows={[...of].sort((a, b) => Math.abs(b.bits) - Math.abs(a.bits))} rowKey={({ field }) => field}
      columns={[
        { key: "field", head: { zh: "依据", en: "Evidence" }, cell: (one) => (one.zh === undefined ? one.field : t(one.zh, one.en ?? one.zh)) },
        { key: "level", head: { zh: "程度", en: "Level" }, mute: true, wrap: true, cell: ({ level }) => t(levelWords(level)) },
        { key: "bar", head: { zh: "方向", en: "Direction" }, wide: true, cell: ({ bits }) => <span className={`masterdata-bar${bits < 0 ? " against" : ""}`} aria-hidden="true"><b style={{ width: `${Math.min(100, (Math.abs(bits) / most) * 100)}%` }} /></span> },
        { key: "bits", head: { zh: "比特", en: "Bits" }, num: true, cell: ({ bits }) => (bits > 0 ? `+${bits}` : String(bits)) },
      ]}
    />
  );
}
