/** 规则: the versions, and the rules of one of them by kind of document, each readable as 当 … 则 …. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useBook } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { Changes, Checks, Decided, DecideButtons, DraftFields, ProposeButton, useChecks } from "./checks.tsx";
import { type Rule, stateWords, type Version, type View } from "./model.ts";
import { ReplayPanel } from "./replay.tsx";
import { useChosen } from "./chosen.ts";
import { MarkSign } from "./words.tsx";
import "./rules.css";

export function Rules() {
  const t = useT();
  const book = useBook();
  const chosen = useChosen();
  const [filters, setFilters] = useFilters();
  const { versions, view, version, draft, isDraft } = chosen;
  const title = t("规则", "Rules");
  return (
    <Page
      title={title}
      tags={isDraft ? <Tag tone="warn">{t("草案", "Draft")}</Tag> : version ? <Tag tone={stateWords[version.state].tone}>v{version.version} {t(stateWords[version.state])}</Tag> : undefined}
      asOf={isDraft && draft ? t(`由 v${draft.base} 改起，只在此浏览器中`, `Begun from v${draft.base}, in this browser only`) : version ? t(`${version.effectiveOn} 起生效`, `In force from ${version.effectiveOn}`) : undefined}
      acts={view.data ? <HeadActs chosen={chosen} view={view.data} /> : undefined}
      bar={<>
        <ChipSelect label={t("版本", "Version")} value={filters.version ?? ""} options={[...(draft ? [{ value: "draft", text: t("草案", "Draft") }] : []), { value: "", text: t("现行", "In force") }, ...[...(versions.data ?? [])].reverse().map((one) => ({ value: String(one.version), text: `v${one.version} ${t(stateWords[one.state])}` }))]} onChange={(value) => setFilters({ version: value })} />
        <ChipText label={t("查找", "Find")} value={filters.text ?? ""} onChange={(text) => setFilters({ text })} />
        {view.data ? <ChipSelect label={t("单据", "Document")} value={filters.kind ?? ""} options={[{ value: "", text: t("全部", "All") }, ...kindsOf(view.data.rules).map(({ kind, rules: [first] }) => ({ value: kind, text: first ? t(first.kindWords) : kind }))]} onChange={(kind) => setFilters({ kind })} /> : null}
        {view.data && view.data.changes.added + view.data.changes.changed + view.data.changes.removed > 0 ? <button type="button" className={`chip${filters.changed === "1" ? " x" : ""}`} aria-pressed={filters.changed === "1"} onClick={() => setFilters({ changed: filters.changed === "1" ? "" : "1" })}>{t("只看改动", "Changes only")} <Changes of={view.data} /></button> : null}
      </>}
    >
      <div className="cols detail">
        <div className="stack">
          {view.data && version?.state === "proposed" && !isDraft ? <Replayed chosen={chosen} view={view.data} /> : null}
          <Loaded of={view} rows={10} columns={5}>{(data) => <Groups view={data} query={chosen.query} isAll={filters.text === undefined && filters.kind === undefined && filters.changed === undefined} />}</Loaded>
        </div>
        <aside className="stack">
          {view.data && (isDraft || version?.state === "proposed") ? <Aside chosen={chosen} view={view.data} /> : version && version.state !== "inForce" ? <div className="panel rules-aside"><Decided version={version} /></div> : null}
          <Panel title={t("版本", "Versions")} className="rules-versions"><Loaded of={versions} rows={3} columns={2}>{(rows) => <VersionList versions={rows} book={book.code} current={isDraft ? null : (version?.version ?? null)} />}</Loaded></Panel>
        </aside>
      </div>
    </Page>
  );
}

type Chosen = ReturnType<typeof useChosen>;
function HeadActs({ chosen, view }: { readonly chosen: Chosen; readonly view: View }) {
  const t = useT();
  const { version, draft, isDraft } = chosen;
  const checks = useChecks(view, chosen.replayed.job, isDraft ? (draft?.effectiveOn ?? "") : (version?.effectiveOn ?? ""));
  if (isDraft && draft) return <><button type="button" className="btn q" onClick={chosen.dropDraft}>{t("放弃草案", "Drop the draft")}</button><ProposeButton draft={draft} checks={checks} view={view} /></>;
  return <>{chosen.mayEdit ? <button type="button" className="btn" onClick={() => chosen.beginDraft(view)}>{draft ? t("继续草案", "Go on with the draft") : t("起草新版本", "Draft a version")}</button> : null}{version ? <DecideButtons version={version} checks={checks} /> : null}</>;
}

function Aside({ chosen, view }: { readonly chosen: Chosen; readonly view: View }) {
  const book = useBook();
  const checks = useChecks(view, chosen.replayed.job, chosen.isDraft ? (chosen.draft?.effectiveOn ?? "") : (chosen.version?.effectiveOn ?? ""));
  return <div className="panel rules-aside"><Checks checks={checks} view={view} />{chosen.isDraft && chosen.draft ? <DraftFields book={book.code} draft={chosen.draft} /> : chosen.version ? <Decided version={chosen.version} /> : null}</div>;
}

function Replayed({ chosen, view }: { readonly chosen: Chosen; readonly view: View }) {
  const t = useT();
  const book = useBook();
  const [filters, setFilters] = useFilters();
  const accounts = chosen.accountNames;
  return chosen.source ? <ReplayPanel book={book.code} source={chosen.source} replayed={chosen.replayed} accounts={accounts} from={chosen.from} to={chosen.to} filters={filters} setFilters={setFilters} title={t(`v${chosen.version?.version ?? ""} 对已入账的凭证`, `v${chosen.version?.version ?? ""} against what was posted`)} key={view.against} /> : null;
}

const kindsOf = (rules: readonly Rule[]): { readonly kind: string; readonly rules: readonly Rule[] }[] => [...Map.groupBy(rules, ({ kind }) => kind)].map(([kind, own]) => ({ kind, rules: own }));

function Groups({ view, query, isAll }: { readonly view: View; readonly query: Readonly<Record<string, string>>; readonly isAll: boolean }) {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const [filters] = useFilters();
  const text = (filters.text ?? "").toLowerCase();
  const found = view.rules.filter((rule) => (filters.kind === undefined || rule.kind === filters.kind) && (filters.changed !== "1" || rule.mark !== "" || rule.tablesChanged.length > 0)
    && (text === "" || `${rule.id} ${rule.zh} ${rule.en} ${rule.event} ${rule.eventWords.zh} ${rule.eventWords.en} ${rule.when?.zh ?? ""} ${rule.entries.flatMap((entry) => [entry.tableWords.zh, entry.tableWords.en, ...entry.accounts.map(({ code, zh, en }) => `${code} ${zh} ${en}`)]).join(" ")}`.toLowerCase().includes(text)));
  if (found.length === 0) return <Panel><Empty why={t("没有符合的规则。", "No rule fits.")} next={isAll ? undefined : t("去掉筛选，或换个词：编号、名称、科目都能找。", "Take a filter away, or try another word: id, name or account.")} /></Panel>;
  const open = (rule: Rule): void => void navigate({ to: `/b/${book.code}/rules/${encodeURIComponent(rule.id)}` as never, search: query as never });
  return (
    <Panel className="rules-list" title={t("规则", "Rules")} note={t(`${found.length} 条，按单据分组；同一事件自上而下，第一条成立的生效`, `${found.length} by document; for one event the first that holds is taken`)}>
      <Table
        caption={t("规则", "Rules")} rows={kindsOf(found).flatMap(({ rules }) => rules)} section={(rule) => t(rule.kindWords)} rowKey={({ id, mark }) => `${id} ${mark}`} onOpen={open}
        columns={[
          { key: "rule", head: { zh: "规则", en: "Rule" }, wrap: true, cell: (rule) => <span className={rule.mark === "−" ? "rules-was" : undefined}><MarkSign mark={rule.mark || (rule.tablesChanged.length > 0 ? "~" : "")} isMoved={rule.isMoved} /><Link to={`/b/${book.code}/rules/${encodeURIComponent(rule.id)}` as never} search={query as never}>{rule.id} {t(rule.zh, rule.en)}</Link>{rule.event !== rule.kind ? <span className="sub">{t(rule.eventWords)} {rule.event}</span> : null}</span> },
          { key: "when", head: { zh: "当", en: "When" }, wrap: true, wide: true, cell: (rule) => (rule.when ? t(rule.when.zh, rule.when.en) : <span className="rules-any">{t("总是", "always")}</span>) },
          { key: "then", head: { zh: "则", en: "Then" }, wrap: true, cell: (rule) => <Then rule={rule} /> },
          { key: "series", head: { zh: "凭证字", en: "Series" }, wide: true, mute: true, cell: (rule) => (rule.isExempt ? "" : rule.series) },
        ]}
      />
    </Panel>
  );
}

function Then({ rule }: { readonly rule: Rule }) {
  const t = useT();
  if (rule.isExempt) return <span className="rules-any">{t("不记账", "no entry")}</span>;
  const of = (side: "debit" | "credit"): string => [...new Set(rule.entries.filter((entry) => entry.side === side && entry.mark !== "−").map((entry) => (entry.isTable ? t(entry.tableWords) : `${entry.table} ${t(entry.tableWords)}`)))].join(t("、", ", "));
  return <span className="rules-then"><span className="rules-side">{t("借", "Dr")}</span><span>{of("debit")}</span><span className="rules-side">{t("贷", "Cr")}</span><span>{of("credit")}</span></span>;
}

export function VersionList({ versions, book, current, to }: { readonly versions: readonly Version[]; readonly book: string; readonly current: number | null; /** The page; default the list of rules. */ readonly to?: string }) {
  const t = useT();
  if (versions.length === 0) return <Empty why={t("没有版本。", "There is no version.")} />;
  return <div className="list">{[...versions].reverse().map((one) => (
    <Link key={one.version} to={(to ?? `/b/${book}/rules`) as never} search={{ version: String(one.version) } as never} className={one.version === current ? "on" : undefined}>
      <span className="row"><b>v{one.version}</b><Tag tone={stateWords[one.state].tone}>{t(stateWords[one.state])}</Tag></span>
      <span className="sub" style={{ display: "block" }}>{t(`${one.effectiveOn} 起，${one.rules} 条`, `from ${one.effectiveOn}, ${one.rules} rules`)}</span>
      <span className="sub" style={{ display: "block" }}>{t("提出", "by")} {one.proposedBy}{one.approvedBy ? t(`，批准 ${one.approvedBy}`, `, approved by ${one.approvedBy}`) : one.rejectedBy ? t(`，驳回 ${one.rejectedBy}`, `, rejected by ${one.rejectedBy}`) : ""}</span>
      {one.note === "" ? null : <span className="sub" style={{ display: "block" }}>{one.note}</span>}
    </Link>
  ))}</div>;
}
