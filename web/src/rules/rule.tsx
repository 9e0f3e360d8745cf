/** One rule: when it applies and what it makes, its decision tables, its versions, its text; tried, replayed and proposed on the same page. */
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Field, Kbd, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { Checks, Decided, DecideButtons, DraftFields, ProposeButton, useChecks } from "./checks.tsx";
import { useChosen } from "./chosen.ts";
import { Conditions, Entries } from "./entries.tsx";
import { type Rule, stateWords, useEdit, type View } from "./model.ts";
import { ReplayPanel } from "./replay.tsx";
import { VersionList } from "./rules.tsx";
import { DecisionTable } from "./table.tsx";
import { TryPanel } from "./tried.tsx";
import { AccountName, MarkSign, Wrong } from "./words.tsx";
import "./rules.css";

const tabs = ["entries", "tables", "versions", "yaml"] as const;
type Tab = (typeof tabs)[number];

export function RulePage() {
  const t = useT();
  const { rule: id = "" } = useParams({ strict: false }) as { rule?: string };
  const book = useBook();
  const chosen = useChosen();
  return <Loaded of={chosen.view} rows={8} columns={5}>{(view) => {
    const rule = view.rules.find((one) => one.id === id);
    if (rule) return <Shown chosen={chosen} view={view} rule={rule} />;
    return <Page title={id} crumb={{ to: `/b/${book.code}/rules`, text: t("规则", "Rules") }}><Panel><Empty why={t(`这个版本没有规则 ${id}。`, `This version has no rule ${id}.`)} next={t("回到规则列表，或换一个版本。", "Go back to the list, or choose another version.")} /></Panel></Page>;
  }}</Loaded>;
}

function Shown({ chosen, view, rule }: { readonly chosen: ReturnType<typeof useChosen>; readonly view: View; readonly rule: Rule }) {
  const t = useT();
  const book = useBook();
  const [filters, setFilters] = useFilters();
  const { version, draft, isDraft, replayed } = chosen;
  const tab: Tab = tabs.find((one) => one === filters.tab) ?? (rule.tables.length > 0 && filters.table !== undefined ? "tables" : "entries");
  const checks = useChecks(view, replayed.job, isDraft ? (draft?.effectiveOn ?? "") : (version?.effectiveOn ?? ""));
  const isLive = isDraft && rule.mark !== "−";
  useKeys({ r: () => replayed.start() });
  const words: Readonly<Record<Tab, string>> = { entries: t("条件与分录", "Condition and entries"), tables: t("科目决策表", "Account tables"), versions: t("版本", "Versions"), yaml: "YAML" };
  const counts: Partial<Record<Tab, number>> = { entries: rule.entries.filter(({ at }) => at >= 0).length, tables: rule.tables.length, versions: chosen.versions.data?.length ?? 0 };
  const crumb = { to: `/b/${book.code}/rules`, text: t("规则", "Rules") };
  return (
    <Page
      title={`${rule.id} ${t(rule.zh, rule.en)}`} crumb={crumb}
      tags={<span className="row tags">{isDraft ? <Tag tone="warn">{t("草案", "Draft")}</Tag> : version ? <Tag tone={stateWords[version.state].tone}>v{version.version} {t(stateWords[version.state])}</Tag> : null}{rule.mark === "+" ? <Tag tone="good">+ {t("新增", "added")}</Tag> : rule.mark === "−" ? <Tag tone="bad">− {t("删除", "removed")}</Tag> : rule.mark === "~" || rule.tablesChanged.length > 0 ? <Tag tone="warn">~ {t("有改动", "changed")}</Tag> : null}</span>}
      asOf={isDraft ? t(`对现行 v${view.against}`, `against v${view.against} in force`) : version ? t(`${version.effectiveOn} 起，${version.proposedBy} 提出`, `from ${version.effectiveOn}, proposed by ${version.proposedBy}`) : undefined}
      acts={<>
        {isLive ? <RuleMenu book={book.code} rule={rule} view={view} /> : null}
        <button type="button" className="btn" disabled={replayed.isStarting} onClick={() => replayed.start()}>{t("重放", "Replay")} <Kbd>r</Kbd></button>
        {isDraft && draft ? <ProposeButton draft={draft} checks={checks} view={view} /> : <>{version ? <DecideButtons version={version} checks={checks} /> : null}{chosen.mayEdit && version?.state !== "proposed" ? <button type="button" className="btn p" onClick={() => chosen.beginDraft(view)}>{draft ? t("继续草案", "Go on with the draft") : t("修改", "Change")}</button> : null}</>}
      </>}
      tabs={<div className="tabs" role="tablist" aria-label={t("规则", "Rule")}>{tabs.map((one) => <a key={one} role="tab" href={`?${new URLSearchParams({ ...chosen.query, tab: one }).toString()}`} aria-selected={one === tab} className={one === tab ? "on" : ""} onClick={(event) => { event.preventDefault(); setFilters({ tab: one, table: "" }); }}>{words[one]}{counts[one] === undefined ? null : <em>{counts[one]}</em>}</a>)}</div>}
    >
      <div className="cols detail">
        <div className="stack">
          {tab === "entries" ? <><Conditions book={book.code} view={view} rule={rule} isDraft={isLive} query={chosen.query} /><Entries book={book.code} view={view} rule={rule} isDraft={isLive} query={chosen.query} /></> : null}
          {tab === "tables" ? <Tables book={book.code} view={view} rule={rule} isDraft={isLive} only={filters.table} onOnly={(table) => setFilters({ tab: "tables", table })} /> : null}
          {tab === "versions" ? <Panel title={t("版本", "Versions")} className="rules-versions"><Loaded of={chosen.versions}>{(rows) => <VersionList versions={rows} book={book.code} current={isDraft ? null : (version?.version ?? null)} to={`/b/${book.code}/rules/${encodeURIComponent(rule.id)}`} />}</Loaded></Panel> : null}
          {tab === "yaml" ? <Yaml key={isLive ? "draft" : "version"} book={book.code} view={view} rule={rule} isDraft={isLive} /> : null}
          {chosen.source ? <ReplayPanel book={book.code} source={chosen.source} replayed={replayed} accounts={chosen.accountNames} from={chosen.from} to={chosen.to} filters={filters} setFilters={setFilters} title={t(`${isDraft ? "草案" : `v${version?.version ?? ""}`} 对已入账的凭证`, `${isDraft ? "draft" : `v${version?.version ?? ""}`} against what was posted`)} /> : null}
        </div>
        <aside className="panel rules-aside">
          <Checks checks={checks} view={view} />
          {isDraft && draft ? <DraftFields book={book.code} draft={draft} /> : null}
          {chosen.source ? <TryPanel book={book.code} source={chosen.source} of={filters.of ?? ""} onChoose={(of) => setFilters({ of })} ruleId={rule.id} /> : null}
          {!isDraft && version ? <Decided version={version} /> : null}
        </aside>
      </div>
    </Page>
  );
}

function Tables({ book, view, rule, isDraft, only, onOnly }: { readonly book: string; readonly view: View; readonly rule: Rule; readonly isDraft: boolean; readonly only: string | undefined; readonly onOnly: (name: string) => void }) {
  const t = useT();
  const own = view.tables.filter(({ name }) => rule.tables.includes(name));
  const first = own.find(({ name }) => name === only);
  const shown = first ? [first, ...own.filter((table) => table !== first)] : own.filter(({ rows, columns }) => rows.length > 1 || columns.length > 0);
  const plain = own.filter((table) => !shown.includes(table));
  if (own.length === 0) return <Panel><Empty why={t("这条规则直接写明科目，没有用科目表。", "This rule names its accounts itself.")} next={t("科目见「条件与分录」。", "See them under condition and entries.")} /></Panel>;
  return <>
    {shown.map((table) => <div key={table.name} className="stack"><DecisionTable book={book} view={view} table={table} isDraft={isDraft} />{table.usedBy.length > 1 ? <p className="sub">{t(`这张表由 ${table.usedBy.length} 条规则共用，改动对它们同样生效：${table.usedBy.slice(0, 12).join("、")}${table.usedBy.length > 12 ? "…" : ""}`, `${table.usedBy.length} rules share this table and change with it: ${table.usedBy.slice(0, 12).join(", ")}${table.usedBy.length > 12 ? "…" : ""}`)}</p> : null}</div>)}
    {plain.length === 0 ? null : <Panel title={t("只有一行的科目表", "Tables of one row")} note={isDraft ? t("点开可加条件与行", "Open one to add conditions and rows") : undefined}>
      <Table caption={t("只有一行的科目表", "Tables of one row")} rows={plain} rowKey={({ name }) => name} onOpen={({ name }) => onOnly(name)} columns={[
        { key: "table", head: { zh: "科目表", en: "Table" }, wrap: true, cell: (table) => <button type="button" className="link" onClick={() => onOnly(table.name)}><MarkSign mark={table.mark} />{t(table.zh, table.en)}</button> },
        { key: "account", head: { zh: "科目", en: "Account" }, wrap: true, cell: ({ rows: [row] }) => (row?.account ? <AccountName of={row.account} /> : row?.from ? t(row.from.zh, row.from.en) : null) },
        { key: "dimensions", head: { zh: "辅助核算", en: "Dimensions" }, mute: true, wide: true, cell: ({ rows: [row] }) => (row?.account ? t(row.account.dimensions) : null) },
      ]} />
    </Panel>}
  </>;
}

/** Copy under an own id, or take out. */
function RuleMenu({ book, rule, view }: { readonly book: string; readonly rule: Rule; readonly view: View }) {
  const t = useT();
  const edit = useEdit(book);
  const [word, setWord] = useState<"copy" | "remove" | null>(null);
  const [id, setId] = useState(`${rule.id}.1`);
  const isTaken = view.rules.some((one) => one.id === id) || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(id);
  return (
    <>
      <button type="button" className="btn q" onClick={() => setWord("copy")}>{t("复制规则", "Copy")}</button>
      <button type="button" className="btn q" onClick={() => setWord("remove")}>{t("删除规则", "Remove")}</button>
      {word === "copy" ? <Dialog title={t("复制规则", "Copy the rule")} onClose={() => setWord(null)} foot={<><button type="button" className="btn" onClick={() => setWord(null)}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={isTaken || edit.isPending} onClick={() => edit.mutate({ act: "rule.copy", rule: rule.id, id }, { onSuccess: () => setWord(null) })}>{t("复制规则", "Copy the rule")}</button></>}><Field label={t("新规则的编号", "Its id")} hint={t("放在原规则之前；给它加条件，否则原规则再也轮不到", "It stands before this one; give it a condition, or this one is never reached")} error={isTaken ? t("编号已用或不合写法", "The id is taken or not written right") : undefined}><input className="in" autoFocus value={id} onChange={(event) => setId(event.target.value)} /></Field><Trouble error={edit.error} /></Dialog> : null}
      {word === "remove" ? <Dialog title={t(`从草案中删除 ${rule.id}`, `Remove ${rule.id} from the draft`)} onClose={() => setWord(null)} foot={<><button type="button" className="btn" onClick={() => setWord(null)}>{t("取消", "Cancel")}</button><button type="button" className="btn danger" disabled={edit.isPending} onClick={() => edit.mutate({ act: "rule.remove", rule: rule.id }, { onSuccess: () => setWord(null) })}>{t("删除规则", "Remove the rule")}</button></>}><p>{t("已入账的凭证不变。此后没有规则回答这一事件时，单据会挂起。", "What is posted stays. Where no rule answers the event any more, documents are parked.")}</p><Trouble error={edit.error} /></Dialog> : null}
    </>
  );
}

/** The text of this rule as it stands in the set; in a draft it can be written. */
function Yaml({ book, view, rule, isDraft }: { readonly book: string; readonly view: View; readonly rule: Rule; readonly isDraft: boolean }) {
  const t = useT();
  const edit = useEdit(book);
  const [isWhole, setWhole] = useState(false);
  const lines = view.text.split("\n");
  const next = [...view.rules.map(({ line }) => line), ...view.tables.map(({ line }) => line)].filter((line) => line > rule.line).sort((a, b) => a - b)[0] ?? lines.length + 1;
  const [first, last] = isWhole || rule.line === 0 ? [0, lines.length] : [rule.line - 1, next - 1];
  const shown = lines.slice(first, last).join("\n").trimEnd();
  const [text, setText] = useState<string | null>(null);
  const [wrong, setWrong] = useState<View["problems"]>([]);
  const apply = async (): Promise<void> => {
    const whole = [...lines.slice(0, first), text ?? shown, ...(lines[last - 1] === "" && !isWhole ? [""] : []), ...lines.slice(last)].join("\n");
    const found = await api<View>(`/books/${seg(book)}/rules/view`, { body: { text: whole } });
    setWrong(found.problems);
    // What cannot be read at all would lose the page; it stays in the field until it can.
    if (found.problems.some(({ where }) => where === "yaml") || found.rules.length === 0) return;
    await edit.mutateAsync({ whole });
    setText(null);
  };
  return (
    <Panel title="YAML" note={isWhole ? t("整份规则", "the whole set") : t(`第 ${first + 1}–${last} 行`, `lines ${first + 1}–${last}`)} right={<button type="button" className="link" onClick={() => { setWhole(!isWhole); setText(null); }}>{isWhole ? t("只看这条规则", "This rule only") : t("看整份规则", "The whole set")}</button>}
      foot={isDraft ? <><button type="button" className="btn" disabled={text === null || text === shown || edit.isPending} onClick={() => void apply().catch(() => undefined)}>{t("采用文本", "Take the text")}</button>{text !== null && text !== shown ? <button type="button" className="btn q" onClick={() => { setText(null); setWrong([]); }}>{t("还原", "Undo")}</button> : null}<span>{t("注释与写法都会保留", "Comments and the way of writing stay")}</span></> : undefined}>
      <div className="pb">{isDraft ? <textarea className="in rules-yaml" rows={Math.min(40, Math.max(18, shown.split("\n").length + 1))} spellCheck={false} aria-label="YAML" value={text ?? shown} onChange={(event) => setText(event.target.value)} /> : <pre className="code" tabIndex={0}>{shown}</pre>}</div>
      <Wrong problems={wrong} />
      <Trouble error={edit.error} />
    </Panel>
  );
}
