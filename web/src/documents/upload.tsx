/** 上传: a file is read and shown with every problem at its row; the columns are matched to fields; only then is it posted. */
import { Link } from "@tanstack/react-router";
import { type DragEvent, useState } from "react";
import { api, seg, useAct } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { count } from "../ui/amount.tsx";
import { Dot, Field, Page, Panel, Tag } from "../ui/parts.tsx";
import { Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import "./documents.css";
import type { Decided, Reason, Summary, Result } from "./model.ts";
import { DocumentTabs, Outcome, useKindName, useKinds } from "./words.tsx";

type Cell = { readonly from?: string; readonly const?: string; readonly format?: string; readonly percent?: boolean };
type Plan = { readonly kind: string; readonly source: string; readonly id: string; readonly header: Readonly<Record<string, Cell>>; readonly line: Readonly<Record<string, Cell>>; readonly lineId?: string; readonly link?: { readonly kind: string; readonly id: string; readonly line?: string; readonly source?: string } };
type Target = { readonly field: string; readonly on: "header" | "line"; readonly zh: string; readonly en: string; readonly type: string; readonly isRequired: boolean; readonly of: readonly string[] };
type Preview = {
  readonly name: string; readonly format: string; readonly encoding: string; readonly columns: readonly string[]; readonly sample: readonly (readonly string[])[]; readonly rows: number; readonly plan: Plan | null; readonly targets: readonly Target[]; readonly hasLines: boolean; readonly linksTo: readonly string[];
  readonly documents: number; readonly problems: readonly { readonly place: string; readonly document: string; readonly problem: Reason }[]; readonly summary: Summary; readonly results: readonly Result[];
};
type Sent = { readonly name: string; readonly content: string };

export const megabytesMax = 10;
const endings = ".csv,.txt,.xlsx,.xls,.json,.jsonl";

export function UploadPage() {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}/documents/upload`;
  const [file, setFile] = useState<Sent | null>(null);
  const [plan, setPlan] = useState<Plan | null>(null);
  const [local, setLocal] = useState<string | null>(null);
  const preview = useAct((asked: Sent & { readonly plan?: Plan; readonly kind?: string }) => api<Preview>(`${base}/preview`, { body: asked }));
  const post = useAct(() => api<Decided>(base, { body: { ...file, ...(plan === null ? {} : { plan }) } }));
  const look = (sent: Sent, more: { readonly plan?: Plan; readonly kind?: string } = {}): void => {
    post.reset();
    preview.mutate({ ...sent, ...more }, { onSuccess: (shown) => setPlan(shown.plan) });
  };
  const take = async (chosen: File | undefined): Promise<void> => {
    if (chosen === undefined) return;
    setLocal(null);
    if (chosen.size > megabytesMax * 1_048_576) return setLocal(t(`${chosen.name} 有 ${Math.ceil(chosen.size / 1_048_576)} MB，上限 ${megabytesMax} MB。拆成几个文件再上传。`, `${chosen.name} has ${Math.ceil(chosen.size / 1_048_576)} MB; the limit is ${megabytesMax} MB. Split it.`));
    const sent = { name: chosen.name, content: await base64Of(chosen) };
    setFile(sent);
    look(sent);
  };
  const again = (): void => { setFile(null); setPlan(null); preview.reset(); post.reset(); };
  const shown = preview.data;
  const isSound = shown !== undefined && shown.problems.length === 0 && shown.documents > 0;
  const change = (next: Plan): void => { setPlan(next); if (file) look(file, { plan: next }); };
  return (
    <Page
      title={t("上传单据", "Upload documents")} crumb={{ to: `/b/${book.code}/documents`, text: t("单据", "Documents") }} tabs={<DocumentTabs />}
      asOf={file ? <>{file.name}{shown ? <><Dot />{shown.format}{shown.format === "csv" ? ` ${shown.encoding}` : ""}<Dot />{t(`${count(shown.rows)} 行，${count(shown.documents)} 张单据`, `${count(shown.rows)} rows, ${count(shown.documents)} documents`)}</> : null}</> : undefined}
      acts={file ? <><button type="button" className="btn" onClick={again}>{t("换一个文件", "Another file")}</button>{post.data ? null : <button type="button" className="btn p" disabled={!isSound || post.isPending || preview.isPending} onClick={() => post.mutate(undefined as never)}>{t(`入账 ${shown?.documents ?? 0} 张`, `Post ${shown?.documents ?? 0}`)}</button>}</> : undefined}
    >
      {file === null ? <Drop onTake={(chosen) => void take(chosen)} /> : null}
      {local === null ? null : <div className="state refused" role="alert"><b>{local}</b></div>}
      {post.data ? <Panel title={t("结果", "Result")} foot={<Link to={`/b/${book.code}/documents?source=${encodeURIComponent(plan?.source ?? "")}` as never}>{t("在单据列表中看", "See them in the list")}</Link>}><div className="pb"><Outcome of={post.data} /></div></Panel> : (
        <>
          <Trouble error={post.error ?? preview.error} />
          {preview.isPending && shown === undefined ? <Panel><Loading /></Panel> : null}
          {shown === undefined ? null : (
            <div className="stack">
              {plan === null ? null : <Mapping shown={shown} plan={plan} onChange={change} onKind={(kind) => { if (file) look(file, { kind }); }} />}
              <Findings of={shown} />
              <Rows of={shown} plan={plan} />
            </div>
          )}
        </>
      )}
    </Page>
  );
}

function Drop({ onTake }: { readonly onTake: (file: File | undefined) => void }) {
  const t = useT();
  const [isOver, setOver] = useState(false);
  const over = (is: boolean) => (event: DragEvent): void => { event.preventDefault(); setOver(is); };
  return (
    <label className={`documents-drop${isOver ? " over" : ""}`} onDragOver={over(true)} onDragLeave={over(false)} onDrop={(event) => { event.preventDefault(); setOver(false); onTake(event.dataTransfer.files[0]); }}>
      <b>{t("把文件拖到这里，或点击选择", "Drop a file here, or choose one")}</b>
      <span className="sub">{t(`csv、xlsx、xls、json、jsonl；不超过 ${megabytesMax} MB、5,000 行。UTF-8 与 GBK 都可以。先预览，确认后才入账。`, `csv, xlsx, xls, json, jsonl; up to ${megabytesMax} MB and 5,000 rows. UTF-8 and GBK. Nothing is posted before you have seen it.`)}</span>
      <input className="sr" type="file" accept={endings} aria-label={t("选择文件", "Choose a file")} onChange={(event) => onTake(event.target.files?.[0])} />
    </label>
  );
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

/** Which column is which field: guessed from the names, changed by choosing. */
function Mapping({ shown, plan, onChange, onKind }: { readonly shown: Preview; readonly plan: Plan; readonly onChange: (plan: Plan) => void; readonly onKind: (kind: string) => void }) {
  const t = useT();
  const kinds = useKinds();
  const kindName = useKindName();
  const [isAll, setAll] = useState(false);
  const [source, setSource] = useState(plan.source);
  const cellOf = (target: Target): Cell => (target.on === "line" ? plan.line : plan.header)[target.field] ?? {};
  const put = (target: Target, cell: Cell): void => {
    const of = target.on === "line" ? plan.line : plan.header;
    const { [target.field]: _, ...rest } = of;
    const next = (cell.from ?? "") === "" && (cell.const ?? "") === "" ? rest : { ...rest, [target.field]: cell };
    onChange(target.on === "line" ? { ...plan, line: next } : { ...plan, header: next });
  };
  const isShown = (target: Target): boolean => isAll || target.isRequired || cellOf(target).from !== undefined || cellOf(target).const !== undefined || ["item", "quantity", "price", "taxRate", "amountNet", "amountGross", "date", "customer", "supplier", "amount", "name"].includes(target.field);
  const columns = (value: string, label: string, choose: (column: string) => void) => (
    <select className="in" aria-label={label} value={value} onChange={(event) => choose(event.target.value)}><option value="">–</option>{shown.columns.map((column) => <option key={column} value={column}>{column}</option>)}</select>
  );
  const field = (target: Target) => {
    const cell = cellOf(target);
    const label = t(target.zh, target.en.split(/[;:,(]/)[0] ?? target.en);
    return (
      <Field key={`${target.on} ${target.field}`} label={`${label}${target.isRequired ? " *" : ""}`} hint={cell.format ?? (cell.percent ? t("按百分数读取", "Read as per cent") : undefined)}>
        {target.of.length > 0 && cell.from === undefined
          ? <select className="in" aria-label={label} value={cell.const ?? ""} onChange={(event) => put(target, { const: event.target.value })}><option value="">–</option>{target.of.map((one) => <option key={one} value={one}>{one}</option>)}</select>
          : columns(cell.from ?? "", label, (from) => put(target, { ...cell, from }))}
      </Field>
    );
  };
  const { lineId: _, ...withoutLineId } = plan;
  const { link: __, ...withoutLink } = plan;
  return (
    <Panel title={t("列与字段", "Columns and fields")} note={t("按列名推测，可改", "Guessed from the names; change what is wrong")} right={<button type="button" className="link" onClick={() => setAll(!isAll)}>{isAll ? t("只看用到的字段", "Only fields in use") : t("看全部字段", "Every field")}</button>}>
      <div className="documents-map">
        <Field label={t("单据种类", "Kind")}><select className="in" aria-label={t("单据种类", "Kind")} value={plan.kind} onChange={(event) => onKind(event.target.value)}>{kinds.map((one) => <option key={one.kind} value={one.kind}>{t(one.zh, one.en)}</option>)}</select></Field>
        <Field label={t("来源名称", "Source")} hint={t("与单据号一起成为身份", "With the number it is the identity")}><input className="in" value={source} maxLength={40} onChange={(event) => setSource(event.target.value)} onBlur={() => { if (source !== plan.source && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(source)) onChange({ ...plan, source }); else setSource(plan.source); }} /></Field>
        <Field label={t("单据号 *", "Number *")} hint={t("号码相同的各行成为一张", "Rows of one number are one document")}>{columns(plan.id, t("单据号", "Number"), (id) => onChange({ ...plan, id }))}</Field>
        {shown.targets.filter((target) => target.on === "header" && isShown(target)).map(field)}
      </div>
      {shown.hasLines ? (
        <>
          <div className="pt"><h3>{t("单据行", "Lines")}</h3></div>
          <div className="documents-map">
            <Field label={t("行号", "Line number")} hint={t("不选则按行序编号", "Without it lines are numbered")}>{columns(plan.lineId ?? "", t("行号", "Line number"), (lineId) => onChange(lineId === "" ? withoutLineId : { ...plan, lineId }))}</Field>
            {shown.targets.filter((target) => target.on === "line" && isShown(target)).map(field)}
          </div>
        </>
      ) : null}
      {shown.linksTo.length > 0 ? (
        <>
          <div className="pt"><h3>{t("关联", "Links")}</h3></div>
          <div className="documents-map">
            <Field label={t("关联到", "Links to")}><select className="in" aria-label={t("关联到", "Links to")} value={plan.link?.kind ?? ""} onChange={(event) => onChange(event.target.value === "" ? withoutLink : { ...plan, link: { ...plan.link, id: plan.link?.id ?? "", kind: event.target.value } })}><option value="">–</option>{shown.linksTo.map((one) => <option key={one} value={one}>{kindName(one)}</option>)}</select></Field>
            {plan.link ? <><Field label={t("其单据号", "Its number")}>{columns(plan.link.id, t("关联的单据号", "Number of the linked document"), (id) => onChange({ ...plan, link: { ...(plan.link as NonNullable<Plan["link"]>), id } }))}</Field><Field label={t("其行号", "Its line")}>{columns(plan.link.line ?? "", t("关联的行号", "Line of the linked document"), (line) => onChange({ ...plan, link: { ...(plan.link as NonNullable<Plan["link"]>), line } }))}</Field></> : null}
          </div>
        </>
      ) : null}
    </Panel>
  );
}

/** What is wrong, row by row; then what would wait or be parked. */
function Findings({ of }: { readonly of: Preview }) {
  const t = useT();
  const { summary } = of;
  return (
    <Panel
      title={of.problems.length > 0 ? t(`${of.problems.length} 处问题，改正后才能入账`, `${of.problems.length} problems to correct before posting`) : t("检查通过", "Everything reads")}
      right={<>{t("试算", "Tried")} {t(`入账 ${summary.posted}`, `${summary.posted} posted`)}{summary.waiting > 0 ? t(`，等待 ${summary.waiting}`, `, ${summary.waiting} waiting`) : ""}{summary.parked > 0 ? t(`，挂起 ${summary.parked}`, `, ${summary.parked} parked`) : ""}{summary.duplicate > 0 ? t(`，重复 ${summary.duplicate}`, `, ${summary.duplicate} duplicates`) : ""}{summary.refused > 0 ? t(`，被拒 ${summary.refused}`, `, ${summary.refused} refused`) : ""}</>}
    >
      {of.problems.length > 0 ? <Table
        caption={t("问题", "Problems")} rows={of.problems.slice(0, 200)} rowKey={(row) => `${row.place} ${row.document} ${row.problem.code} ${row.problem.zh}`}
        columns={[
          { key: "place", head: { zh: "行", en: "Row" }, cell: (row) => placeText(row.place, t) }, { key: "document", head: { zh: "单据", en: "Document" }, cell: (row) => row.document, wide: true },
          { key: "problem", head: { zh: "问题与处理", en: "What is wrong, what to do" }, wrap: true, cell: (row) => <>{t(row.problem.zh, row.problem.en)}<span className="sub">{t(row.problem.todo)}</span></> },
        ]}
      /> : of.results.length > 0 ? <Table
        caption={t("不会直接入账的单据", "Documents that would not be posted at once")} rows={of.results} rowKey={(row) => `${row.row} ${row.document}`}
        columns={[
          { key: "document", head: { zh: "单据", en: "Document" }, cell: (row) => row.document.slice(row.document.indexOf("/") + 1) }, { key: "state", head: { zh: "结果", en: "Result" }, cell: (row) => <Tag tone={row.state === "waiting" ? undefined : "warn"}>{t({ posted: { zh: "入账", en: "posted" }, waiting: { zh: "等待", en: "waiting" }, parked: { zh: "挂起", en: "parked" }, duplicate: { zh: "重复", en: "duplicate" }, refused: { zh: "被拒", en: "refused" } }[row.state])}</Tag> },
          { key: "reason", head: { zh: "原因", en: "Reason" }, wrap: true, cell: (row) => row.reasons.map((reason) => t(reason.zh, reason.en)).join(t("；", "; ")) },
        ]}
      /> : <div className="pb mut">{t("每行都读得懂，全部可以直接入账。", "Every row reads, and all can be posted at once.")}</div>}
    </Panel>
  );
}

/** "line 7", "row 7", "record 2" as the server names them. */
const placeText = (place: string, t: ReturnType<typeof useT>): string => { const number = /(\d+)$/.exec(place)?.[1]; return number === undefined ? place || "–" : place.startsWith("record") ? t(`第 ${number} 条`, place) : t(`第 ${number} 行`, place); };

function Rows({ of, plan }: { readonly of: Preview; readonly plan: Plan | null }) {
  const t = useT();
  const usedBy = (column: string): string | undefined => {
    if (plan === null) return undefined;
    if (plan.id === column) return t("单据号", "Number");
    if (plan.lineId === column) return t("行号", "Line");
    if (plan.link?.id === column || plan.link?.line === column) return t("关联", "Link");
    const target = of.targets.find(({ field, on }) => (on === "line" ? plan.line : plan.header)[field]?.from === column);
    return target === undefined ? undefined : t(target.zh, target.en.split(/[;:,(]/)[0] ?? target.en);
  };
  if (of.columns.length === 0) return null;
  return (
    <Panel title={t("文件内容", "The file")} note={t(`前 ${of.sample.length} 行`, `First ${of.sample.length} rows`)}>
      <Table
        caption={t("文件内容", "The file")} rows={of.sample.map((cells, at) => ({ cells, at }))} rowKey={(row) => String(row.at)}
        columns={of.columns.map((column, at) => ({ key: `${at}`, head: column, group: usedBy(column) ?? { zh: "不用", en: "not used" }, cell: (row: { readonly cells: readonly string[] }) => <span className={usedBy(column) === undefined && plan !== null ? "mut" : undefined}>{(row.cells[at] ?? "").slice(0, 60)}</span>, wide: at > 3 }))}
      />
    </Panel>
  );
}
