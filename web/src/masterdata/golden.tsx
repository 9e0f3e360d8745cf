/** 一条黄金记录: every source side by side, where each value comes from, which codes mean it, what was decided, and what it touches. */
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { seg, useApi, withQuery } from "../app/api.ts";
import { Field, moment, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { ActedNote, DecideDialog, EffectOf, GoldenField, PreviewOf } from "./decide.tsx";
import { actWords, type Acted, aliasWords, type Golden, type GoldenListed, type GoldenMember, type Pair, categoryOf, ruleWords, useDesk } from "./desk.ts";
import { Units } from "./units.tsx";
import "./masterdata.css";

type Asked = { readonly act: Readonly<Record<string, unknown>>; readonly title: string; readonly say: string; readonly body?: ReactNode };

export function GoldenPage() {
  const t = useT();
  const { base, to, mayEdit } = useDesk();
  const { golden = "" } = useParams({ strict: false }) as { golden?: string };
  const shown = useApi<Golden>(`${base}/golden/${seg(golden)}`);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [adding, setAdding] = useState<"merge" | "map" | "alias" | null>(null);
  const [acted, setActed] = useState<Acted | null>(null);
  const data = shown.data;
  const isSuspended = data?.state === "suspended";
  return (
    <Page
      title={data ? `${data.code} ${data.name}` : golden} crumb={{ to: to("/golden"), text: t("黄金记录", "Golden records") }} asOf={data ? t(`第 ${data.version} 版，${moment(data.changedAt)}`, `version ${data.version}, ${moment(data.changedAt)}`) : undefined}
      tags={data ? <span className="row tags"><Tag>{t(data.domainWords)}</Tag><Tag>{data.golden}</Tag>{isSuspended ? <Tag tone="warn">{t("已停用", "Suspended")}</Tag> : null}{data.redirectedFrom ? <Tag tone="accent">{t(`${data.redirectedFrom} 已并入`, `${data.redirectedFrom} was merged here`)}</Tag> : null}</span> : undefined}
      acts={data && mayEdit ? <><button type="button" className="btn" onClick={() => setAdding("merge")}>{t("合并", "Merge")}</button><button type="button" className="btn" onClick={() => setAdding("map")}>{t("映射编码", "Map a code")}</button><button type="button" className="btn" onClick={() => setAsked({ act: { act: isSuspended ? "resume" : "suspend", golden: data.golden }, title: isSuspended ? t("恢复", "Resume") : t("停用：用到它的单据会挂起", "Suspend: documents that name it are parked"), say: isSuspended ? t("恢复", "Resume") : t("停用", "Suspend"), body: <EffectOf golden={data.golden} /> })}>{isSuspended ? t("恢复", "Resume") : t("停用", "Suspend")}</button></> : undefined}
    >
      {acted ? <ActedNote of={acted} onClose={() => setActed(null)} /> : null}
      <div className="masterdata-top"><Loaded of={shown} rows={8} columns={4}>{(one) => <Body of={one} ask={mayEdit ? setAsked : undefined} onDone={setActed} addAlias={mayEdit ? () => setAdding("alias") : undefined} />}</Loaded></div>
      {asked ? <DecideDialog title={asked.title} say={asked.say} act={() => asked.act} onClose={() => setAsked(null)} onDone={setActed}>{asked.body}</DecideDialog> : null}
      {adding === "merge" && data ? <MergeDialog of={data} onClose={() => setAdding(null)} onDone={setActed} /> : null}
      {adding === "map" && data ? <MapDialog golden={data} onClose={() => setAdding(null)} onDone={setActed} /> : null}
      {adding === "alias" && data ? <AliasDialog of={data} onClose={() => setAdding(null)} onDone={setActed} /> : null}
    </Page>
  );
}

function Body({ of, ask, onDone, addAlias }: { readonly of: Golden; readonly ask: ((asked: Asked) => void) | undefined; readonly onDone: (acted: Acted) => void; readonly addAlias: (() => void) | undefined }) {
  const t = useT();
  return (
    <div className="cols detail">
      <div className="stack">
        <Values of={of} ask={ask} onDone={onDone} />
        <Crosswalk of={of} ask={ask} />
        <Pairs of={of} />
        <Ledger of={of} />
      </div>
      <div className="stack">
        <Panel title={t("影响", "What it touches")}><EffectOf golden={of.golden} /></Panel>
        <Panel title={t("别名", "Aliases")} right={addAlias ? <button type="button" className="btn q" onClick={addAlias}>{t("添加", "Add")}</button> : undefined}>
          {of.aliases.length === 0 ? <div className="pb sub">{t("没有别名。来源改名时，旧名自动留作曾用名。", "None. When a source renames it, the old name is kept as a former one.")}</div> : <div className="pb"><dl className="kv">{of.aliases.map((alias) => <div key={alias.no} className="masterdata-kv"><dt>{t(aliasWords[alias.kind] ?? { zh: alias.kind, en: alias.kind })}</dt><dd>{alias.text}{ask ? <> <button type="button" className="btn q" aria-label={t(`删除别名 ${alias.text}`, `Remove the alias ${alias.text}`)} onClick={() => ask({ act: { act: "dropAlias", alias: alias.no }, title: t(`删除别名「${alias.text}」`, `Remove the alias “${alias.text}”`), say: t("删除", "Remove") })}>×</button></> : null}</dd></div>)}</dl></div>}
        </Panel>
        {of.merged.length > 0 ? <Panel title={t("并入的记录", "Merged into it")}>
          <div className="pb"><dl className="kv">{of.merged.map((one) => <div key={one.golden} className="masterdata-kv"><dt>{one.golden}</dt><dd>{one.code} {one.name}{ask ? <> <button type="button" className="btn q" onClick={() => ask({ act: { act: "unmerge", golden: one.golden, keepApart: true }, title: t(`撤销 ${one.golden} 的合并，以后不再合并`, `Take the merge of ${one.golden} back, and keep it apart`), say: t("撤销合并", "Take it back"), body: <PreviewOf query={{ unmerge: one.golden }} /> })}>{t("撤销", "Take back")}</button></> : null}</dd></div>)}</dl></div>
        </Panel> : null}
        {of.domain === "item" ? <Units golden={of.golden} /> : null}
      </div>
    </div>
  );
}

/** Rows are fields; the first column is what counts and why, the others what each source says. */
function Values({ of, ask, onDone }: { readonly of: Golden; readonly ask: ((asked: Asked) => void) | undefined; readonly onDone: (acted: Acted) => void }) {
  const t = useT();
  const [pinning, setPinning] = useState<string | null>(null);
  const fields = [...of.fields];
  const column = (member: GoldenMember, at: number) => ({ key: member.record, head: `${member.system}${member.company === "" ? "" : `/${member.company}`}:${member.code}`, wrap: true, wide: at > 0, cell: ({ field, record }: { field: string; record: string | null }) => { const said = member.payload[field]; return said === undefined ? <span className="z">–</span> : said === null ? <span className="z">{t("无权查看", "Not permitted")}</span> : record === member.record ? <b>{worded(field, said)}</b> : worded(field, said); } });
  const worded = (field: string, value: string): string => (field === "category" ? t(categoryOf(value)) : value);
  return (
    <Panel title={t("取值与来源", "Values and sources")} note={t(`${of.members.length} 条来源记录${of.members.length > shownMembers ? `，列出 ${shownMembers} 条` : ""}；粗体为被采用的值`, `${of.members.length} source records${of.members.length > shownMembers ? `, ${shownMembers} shown` : ""}; bold is what counts`)}>
      {fields.length === 0 ? <Empty why={t("还没有来源记录。", "There is no source record yet.")} /> : <Table
        caption={t("取值与来源", "Values and sources")} rows={fields} rowKey={({ field }) => field}
        columns={[
          { key: "field", head: { zh: "字段", en: "Field" }, mute: true, cell: (one) => <>{one.isDisputed ? <span className="warn" title={t("来源不一致", "Sources differ")}>≠ </span> : null}{t(one)}</> },
          { key: "value", head: { zh: "黄金值", en: "Golden value" }, wrap: true, cell: (one) => <>{one.value === null ? <span className="z">{t("无权查看", "Not permitted")}</span> : worded(one.field, one.value)}<span className="sub">{t(ruleWords[one.rule] ?? { zh: one.rule, en: one.rule })}{one.system === "" ? "" : ` · ${one.system}`} {ask && one.value !== null ? (one.rule === "pin" ? <button type="button" className="btn q" onClick={() => ask({ act: { act: "unpin", golden: of.golden, field: one.field }, title: t(`取消固定「${one.zh}」`, `Release ${one.en}`), say: t("取消固定", "Release") })}>{t("取消固定", "Release")}</button> : <button type="button" className="btn q" onClick={() => setPinning(one.field)}>{t("固定", "Fix")}</button>) : null}</span></> },
          ...of.members.slice(0, shownMembers).map(column),
        ]}
      />}
      {of.members.length > 1 && ask ? <div className="masterdata-decide"><span className="sub">{t("移出一条来源记录：", "Take a source record out:")}</span>{of.members.map((member) => <button key={member.record} type="button" className="btn" onClick={() => ask({ act: { act: "split", record: member.record, keepApart: true }, title: t(`移出 ${member.system}:${member.code}，自成一条新记录`, `Take ${member.system}:${member.code} out, as a record of its own`), say: t("移出", "Take it out") })}>{member.system}:{member.code}</button>)}</div> : null}
      {pinning !== null ? <PinDialog of={of} field={pinning} onClose={() => setPinning(null)} onDone={onDone} /> : null}
    </Panel>
  );
}

const shownMembers = 6;

function PinDialog({ of, field, onClose, onDone }: { readonly of: Golden; readonly field: string; readonly onClose: () => void; readonly onDone: (acted: Acted) => void }) {
  const t = useT();
  const known = of.fields.find((one) => one.field === field);
  const [value, setValue] = useState(known?.value ?? "");
  return (
    <DecideDialog title={t(`固定「${known?.zh ?? field}」，高于各来源`, `Fix ${known?.en ?? field} above all sources`)} say={t("固定", "Fix it")} isReady={value.trim() !== ""} act={() => ({ act: "pin", golden: of.golden, field, value: value.trim() })} onClose={onClose} onDone={onDone}>
      <Field label={t("值", "Value")}><input className="in" data-first value={value} maxLength={500} onChange={(event) => setValue(event.target.value)} /></Field>
    </DecideDialog>
  );
}

function Crosswalk({ of, ask }: { readonly of: Golden; readonly ask: ((asked: Asked) => void) | undefined }) {
  const t = useT();
  return (
    <Panel title={t("编码对照", "Codes that mean it")}>
      <Table
        caption={t("编码对照", "Codes that mean it")} rows={of.crosswalk} rowKey={({ no }) => no}
        columns={[
          { key: "system", head: { zh: "系统", en: "System" }, cell: (row) => `${row.system}${row.company === "" ? "" : `/${row.company}`}` },
          { key: "code", head: { zh: "编码", en: "Code" }, cell: (row) => <><b>{row.code}</b>{row.isMapped ? <> <Tag tone="accent">{t("人工映射", "Mapped")}</Tag></> : null}{row.isSuspended ? <> <Tag tone="warn">{t("已停用", "Suspended")}</Tag></> : null}</> },
          { key: "valid", head: { zh: "有效期", en: "Valid" }, mute: true, cell: (row) => `${row.from ?? t("始终", "always")} – ${row.to ?? t("至今", "now")}` },
          { key: "by", head: { zh: "由", en: "By" }, mute: true, wide: true, cell: (row) => `${row.madeBy === "engine" ? t("匹配引擎", "the engine") : row.madeBy} ${moment(row.madeAt).slice(0, 10)}` },
          ...(ask ? [{ key: "act", head: { zh: "操作", en: "Act" }, cell: (row: Golden["crosswalk"][number]) => (row.to === null ? <button type="button" className="btn q" onClick={() => ask({ act: { act: row.isSuspended ? "resume" : "suspend", mapping: row.no }, title: row.isSuspended ? t(`恢复 ${row.system}:${row.code}`, `Resume ${row.system}:${row.code}`) : t(`停用 ${row.system}:${row.code}，用到它的单据会挂起`, `Suspend ${row.system}:${row.code}: documents that name it are parked`), say: row.isSuspended ? t("恢复", "Resume") : t("停用", "Suspend") })}>{row.isSuspended ? t("恢复", "Resume") : t("停用", "Suspend")}</button> : null) }] : []),
        ]}
      />
    </Panel>
  );
}

function Pairs({ of }: { readonly of: Golden }) {
  const t = useT();
  const { base, to } = useDesk();
  const pairs = useApi<readonly Pair[]>(`${base}/golden/${seg(of.golden)}/pairs`);
  if (!pairs.data || pairs.data.length === 0) return null;
  return (
    <Panel title={t("待判", "To decide")}>
      <Table caption={t("待判", "To decide")} rows={pairs.data} rowKey={({ no }) => no} columns={[
        { key: "who", head: { zh: "可能同一", en: "May be one with" }, wrap: true, cell: (pair) => { const other = pair.one.golden === of.golden ? pair.other : pair.one; return <Link to={to("/queue") as never} search={{ pair: pair.no } as never}>{other.system}:{other.code} {other.payload.name}</Link>; } },
        { key: "weight", head: { zh: "比特", en: "Bits" }, num: true, cell: ({ weight }) => weight },
      ]} />
    </Panel>
  );
}

/** Everything that was decided, newest first. */
function Ledger({ of }: { readonly of: Golden }) {
  const t = useT();
  return (
    <Panel title={t("决定记录", "Decisions")}>
      <Table
        caption={t("决定记录", "Decisions")} rows={of.decisions} rowKey={({ no }) => no}
        columns={[
          { key: "at", head: { zh: "时间", en: "When" }, mute: true, cell: ({ at }) => moment(at).slice(0, 16) },
          { key: "act", head: { zh: "决定", en: "Decision" }, cell: (one) => <>{t(actWords[one.act] ?? { zh: one.act, en: one.act })}{one.undoneBy ? <> <Tag>{t("已撤销", "taken back")}</Tag></> : null}<span className="sub">{[one.other, one.weight === null ? null : t(`${one.weight} 比特`, `${one.weight} bits`)].filter(Boolean).join(" · ")}</span></> },
          { key: "by", head: { zh: "由", en: "By" }, cell: ({ by }) => (by === "engine" ? t("匹配引擎", "the engine") : by) },
          { key: "why", head: { zh: "原因", en: "Why" }, wrap: true, wide: true, cell: (one) => (one.by === "engine" && one.waterfall ? one.waterfall.byField.filter(({ bits }) => bits !== 0).slice(0, 5).map(({ field, bits }) => `${field} ${bits > 0 ? "+" : ""}${bits}`).join(t("，", ", ")) : one.reason) },
        ]}
      />
    </Panel>
  );
}

function MergeDialog({ of, onClose, onDone }: { readonly of: Golden; readonly onClose: () => void; readonly onDone: (acted: Acted) => void }) {
  const t = useT();
  const [other, setOther] = useState<GoldenListed | null>(null);
  return (
    <DecideDialog title={t(`把另一条并入 ${of.code}`, `Merge another into ${of.code}`)} say={t("合并", "Merge")} isReady={other !== null} act={() => ({ act: "merge", into: of.golden, from: other?.golden })} onClose={onClose} onDone={onDone}>
      <Field label={t("另一条黄金记录", "The other golden record")}><GoldenField label={t("另一条黄金记录", "The other golden record")} domain={of.domain} value={other} onChoose={setOther} /></Field>
      {other ? <PreviewOf query={{ into: of.golden, from: other.golden }} /> : null}
    </DecideDialog>
  );
}

/** A code of a system from now on means this; documents that wait for it go on. What it most likely means stands first. */
export function MapDialog({ golden, code, system, domain, documents, onClose, onDone }: { readonly golden?: Golden; readonly code?: string; readonly system?: string; readonly domain?: string; readonly documents?: number; readonly onClose: () => void; readonly onDone: (acted: Acted) => void }) {
  const t = useT();
  const [target, setTarget] = useState<GoldenListed | null>(null);
  const [typed, setTyped] = useState({ system: system ?? "", code: code ?? "", from: "" });
  const { base } = useDesk();
  const likely = useApi<readonly GoldenListed[]>(golden !== undefined || code === undefined || domain === undefined ? null : withQuery(`${base}/suggest`, { domain, code }));
  const chosen = golden?.golden ?? target?.golden;
  return (
    <DecideDialog
      title={code === undefined ? t("映射编码", "Map a code") : t(`${system} 的 ${code} 指哪一条，${documents ?? 0} 张单据在等`, `What ${code} of ${system} means; ${documents ?? 0} documents wait`)} say={t("映射，释放在等的单据", "Map it and let its documents go on")} isReady={chosen !== undefined && typed.system.trim() !== "" && typed.code.trim() !== ""} onClose={onClose} onDone={onDone}
      act={() => ({ act: "map", domain: golden?.domain ?? domain, system: typed.system.trim(), code: typed.code.trim(), golden: chosen, ...(typed.from === "" ? {} : { from: typed.from }) })}
    >
      {likely.data && likely.data.length > 0 ? (
        <div role="radiogroup" aria-label={t("最可能的黄金记录", "The likeliest golden records")}>
          {likely.data.map((one, at) => <label key={one.golden} className={`pick masterdata-pick${target?.golden === one.golden ? " on" : ""}`}><input type="radio" name="likely" autoFocus={at === 0} checked={target?.golden === one.golden} onChange={() => setTarget(one)} /> <b>{one.code}</b> {one.name} <span className="sub">{one.golden}{one.systems.length === 0 ? "" : ` · ${one.systems.join(t("、", ", "))}`}</span></label>)}
        </div>
      ) : null}
      <div className="masterdata-form">
        <Field label={t("系统", "System")}><input className="in" value={typed.system} readOnly={system !== undefined} maxLength={60} onChange={(event) => setTyped({ ...typed, system: event.target.value })} /></Field>
        <Field label={t("编码", "Code")}><input className="in" value={typed.code} readOnly={code !== undefined} maxLength={200} onChange={(event) => setTyped({ ...typed, code: event.target.value })} /></Field>
        <Field label={t("自哪天起，留空为一直如此", "From which day; empty: it always meant this")}><input className="in" type="date" value={typed.from} onChange={(event) => setTyped({ ...typed, from: event.target.value })} /></Field>
      </div>
      {golden ? <p className="sub">{golden.code} {golden.name}</p> : <Field label={likely.data && likely.data.length > 0 ? t("或查找另一条黄金记录", "Or find another golden record") : t("指哪一条黄金记录", "Which golden record it means")}><GoldenField label={t("黄金记录", "Golden record")} domain={domain} value={target} onChoose={setTarget} /></Field>}
      {chosen ? <EffectOf golden={chosen} /> : null}
    </DecideDialog>
  );
}

function AliasDialog({ of, onClose, onDone }: { readonly of: Golden; readonly onClose: () => void; readonly onDone: (acted: Acted) => void }) {
  const t = useT();
  const [kind, setKind] = useState("short");
  const [text, setText] = useState("");
  return (
    <DecideDialog title={t(`给 ${of.code} 添加别名`, `An alias of ${of.code}`)} say={t("添加", "Add it")} isReady={text.trim() !== ""} act={() => ({ act: "alias", golden: of.golden, kind, text: text.trim() })} onClose={onClose} onDone={onDone}>
      <div className="masterdata-form">
        <Field label={t("种类", "Kind")}><select className="in" value={kind} onChange={(event) => setKind(event.target.value)}>{Object.entries(aliasWords).map(([value, words]) => <option key={value} value={value}>{t(words)}</option>)}</select></Field>
        <Field label={t("别名", "Alias")}><input className="in" data-first value={text} maxLength={300} onChange={(event) => setText(event.target.value)} /></Field>
      </div>
    </DecideDialog>
  );
}
