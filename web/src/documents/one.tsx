/** One document: what it says, what it hangs together with, what it caused, where it came from, and what each version changed. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount, formatAmount, formatQuantity } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { AsOf, Dot, moment, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { type T, useT } from "../ui/text.ts";
import { CorrectDialog } from "./correct.tsx";
import "./documents.css";
import { type Body, type Linked, nameOfCode, type One, type Reason, turnOf, voucherPath } from "./model.ts";
import { type Form, labelOf, pathWords, useForm } from "./schema.ts";
import { DocumentLink, StateTag, useKindName } from "./words.tsx";

const money = new Set(["price", "amountNet", "tax", "amountGross", "amount", "cost", "fee", "debit", "credit", "amountOriginal", "feeTax"]);
const figures = new Set([...money, "quantity", "taxRate", "rate"]);

export function DocumentPage() {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const kindName = useKindName();
  const [{ of = "" }] = useFilters();
  const one = useApi<One>(of === "" ? null : withQuery(`/books/${seg(book.code)}/documents/one`, { of }), { keep: true });
  const form = useForm(one.data?.kind ?? null);
  const [isCorrecting, setCorrecting] = useState(false);
  const trace = `/b/${book.code}/trace?of=${encodeURIComponent(one.data?.document ?? of)}`;
  useKeys({ t: () => void navigate({ to: trace }) });
  const { data } = one;
  return (
    <Page
      title={data ? `${kindName(data.kind)} ${data.sourceId}` : t("单据", "Document")} crumb={{ to: `/b/${book.code}/documents`, text: t("单据", "Documents") }} tags={data ? <StateTag of={data.state} /> : undefined}
      asOf={data ? <AsOf at={data.receivedAt} more={<>{t("来自", "From")} {data.source}<Dot />{t(`第 ${data.version} 版`, `Version ${data.version}`)}</>} /> : undefined}
      acts={data ? <><Link className="btn" to={trace as never}>{t("追溯图", "Trace")}</Link>{book.may("documents.decide") && data.hidden.length === 0 && data.state !== "posted" ? <button type="button" className="btn" onClick={() => setCorrecting(true)}>{t("改正单据", "Correct")}</button> : null}</> : undefined}
    >
      {of === "" ? <Empty why={t("没有指明单据。", "No document is named.")} next={<Link to={`/b/${book.code}/documents`}>{t("看单据列表", "See the list")}</Link>} /> : (
        <Loaded of={one} rows={10} columns={5}>{(shown) => (
          <div className="cols detail documents-page">
            <div className="stack">
              <Content of={shown} form={form} />
              <Links of={shown} />
              <Versions of={shown} form={form} />
            </div>
            <div className="stack"><Why of={shown} /><Vouchers of={shown} /><Origin of={shown} /></div>
            {isCorrecting ? <CorrectDialog of={shown} onClose={() => setCorrecting(false)} /> : null}
          </div>
        )}</Loaded>
      )}
    </Page>
  );
}

/** Why it waits or is parked, whose turn it is, what to do. */
export function Reasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  const t = useT();
  return <>{reasons.map((reason, at) => <div key={at} className={at === 0 ? undefined : "documents-more"}><div>{t(reason.zh, reason.en)}</div><div className="sub">{t(reason.todo)}</div><div className="sub"><span className="mono">{reason.code}</span><Dot />{t(`轮到 ${turnOf(reason.code).zh}`, `Turn of ${turnOf(reason.code).en}`)}</div></div>)}</>;
}

function Why({ of }: { readonly of: One }) {
  const t = useT();
  const book = useBook();
  if (of.reasons.length === 0) return null;
  return (
    <Panel title={of.state === "exempt" ? t("为什么免记账", "Why it needs no voucher") : of.state === "waiting" ? t("在等什么", "What it waits for") : t("为什么挂起", "Why it is parked")}>
      <div className="pb"><Reasons reasons={of.reasons} /></div>
      {of.state === "parked" && book.may("documents.decide") ? <div className="foot"><Link className="btn" to={withQuery(`/b/${book.code}/documents/parked`, { of: of.document }) as never}>{t("去处理", "Decide")}</Link></div> : null}
      {of.reasons.some(({ code }) => code === "voucher.review_needed") ? <div className="foot"><Link className="btn" to={`/b/${book.code}/vouchers/review`}>{t("看待审核凭证", "See vouchers to review")}</Link></div> : null}
    </Panel>
  );
}

const text = (value: unknown): string => (value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));

function shownValue(t: T, name: string, value: unknown): string {
  if (typeof value === "boolean") return value ? t("是", "Yes") : t("否", "No");
  const plain = text(value);
  return money.has(name) && name !== "price" && name !== "cost" ? formatAmount(plain, "yuan") : figures.has(name) && name !== "taxRate" ? formatQuantity(plain) : plain;
}

function Content({ of, form }: { readonly of: One; readonly form: Form | undefined }) {
  const t = useT();
  const { body } = of;
  const header = Object.keys(body).filter((name) => !["schema", "book", "source", "sourceId", "sourceVersion", "lines", "links", "extra"].includes(name));
  const lines = Array.isArray(body.lines) ? (body.lines as readonly Body[]) : [];
  const extra = body.extra !== null && typeof body.extra === "object" ? (body.extra as Body) : {};
  return (
    <Panel className="two" title={t("内容", "Content")} note={t("按来源发来的原样", "As its source sent it")} right={of.amount === null ? of.hidden.length > 0 ? <Amount of={null} hidden /> : undefined : <>{t("合计", "Total")} <b className="figure"><Amount of={of.amount} exact /></b> {of.currency}</>}>
      <dl className="documents-facts">
        {header.map((name) => <div key={name}><dt>{t(labelOf(form?.header, name))}</dt><dd>{body[name] === null ? <Amount of={null} hidden /> : <>{shownValue(t, name, body[name])}<CodeName of={of} field={name} code={body[name]} /></>}</dd></div>)}
      </dl>
      {lines.length === 0 ? null : <Lines of={of} lines={lines} form={form} />}
      {Object.keys(extra).length === 0 ? null : <dl className="documents-facts">{Object.entries(extra).map(([name, value]) => <div key={name}><dt>{name === "correction" ? t("改正", "Correction") : name}</dt><dd>{name === "correction" ? correctionText(value) : text(value)}</dd></div>)}</dl>}
    </Panel>
  );
}

/** What a code means, below it. */
function CodeName({ of, field, code }: { readonly of: One; readonly field: string; readonly code: unknown }) {
  const t = useT();
  const words = typeof code === "string" ? nameOfCode(of.names, field, code) : undefined;
  return words === undefined || t(words) === code ? null : <span className="sub">{t(words)}</span>;
}

const correctionText = (value: unknown): string => {
  const { by, reason, at } = (value ?? {}) as { readonly by?: string; readonly reason?: string; readonly at?: string };
  return [by, at === undefined ? "" : moment(at), reason].filter(Boolean).join("，");
};

const shownLines = 200;

function Lines({ of, lines, form }: { readonly of: One; readonly lines: readonly Body[]; readonly form: Form | undefined }) {
  const t = useT();
  const names = [...new Set(lines.slice(0, 100).flatMap((line) => Object.keys(line)))].filter((name) => !["lineId", "links", "extra"].includes(name));
  const order = ["item", "description", "account", "quantity", "unit", "price", "amountNet", "taxRate", "tax", "amountGross", "amount", "debit", "credit"];
  names.sort((a, b) => (order.indexOf(a) + 1 || 99) - (order.indexOf(b) + 1 || 99));
  const columns: Column<Body>[] = [
    { key: "lineId", head: { zh: "行号", en: "Line" }, cell: (line) => text(line.lineId) },
    ...names.map((name): Column<Body> => ({ key: name, head: labelOf(form?.line, name), num: figures.has(name), wide: !["item", "quantity", "amountGross", "amountNet", "debit", "credit", "account"].includes(name), cell: (line) => { if (line[name] === null) return <Amount of={null} hidden />; const value = shownValue(t, name, line[name]); return value.startsWith("−") ? <span className="neg">{value}</span> : <>{value}<CodeName of={of} field={name} code={line[name]} /></>; } })),
    { key: "links", head: { zh: "关联", en: "Links" }, wide: true, cell: (line) => (Array.isArray(line.links) ? (line.links as readonly { to?: unknown }[]).map((link) => text(link.to)).join(" ") : ""), mute: true },
  ];
  return <Table caption={t("单据行", "Lines")} columns={columns} rows={lines.slice(0, shownLines)} rowKey={(line) => text(line.lineId)} footLabel={lines.length > shownLines ? t(`前 ${shownLines} 行，共 ${lines.length} 行`, `${shownLines} of ${lines.length} lines`) : t(`${lines.length} 行`, `${lines.length} lines`)} />;
}

function Links({ of }: { readonly of: One }) {
  const t = useT();
  const kindName = useKindName();
  const kindOf = (document: string): string => document.slice(document.indexOf(":") + 1, document.indexOf("/"));
  if (of.links.length === 0) return null;
  const columns: readonly Column<Linked>[] = [
    { key: "direction", head: { zh: "方向", en: "Direction" }, cell: (link) => (link.direction === "to" ? t("关联到", "Links to") : t("被关联", "Linked by")), mute: true },
    { key: "document", head: { zh: "单据", en: "Document" }, cell: (link) => <>{link.state === null ? link.document : <DocumentLink of={link.document} />}<span className="sub">{kindName(kindOf(link.document))}</span></> },
    { key: "line", head: { zh: "行", en: "Line" }, cell: (link) => (link.direction === "to" ? `${link.byLine} → ${link.line || t("整单", "whole")}` : `${link.line || t("整单", "whole")} ← ${link.byLine}`), wide: true, mute: true },
    { key: "quantity", head: { zh: "数量", en: "Quantity" }, num: true, cell: (link) => (link.quantity === "" ? "" : formatQuantity(link.quantity)), wide: true },
    { key: "amount", head: { zh: "金额", en: "Amount" }, num: true, cell: (link) => <Amount of={link.amount === "" ? null : link.amount} exact />, wide: true },
    { key: "date", head: { zh: "日期", en: "Date" }, cell: (link) => link.date, wide: true },
    { key: "state", head: { zh: "状态", en: "State" }, cell: (link) => <StateTag of={link.state} /> },
  ];
  return <Panel className="two" title={t("关联", "Links")} note={t(`${of.links.length} 条`, `${of.links.length}`)}><Table caption={t("关联的单据", "Linked documents")} columns={columns} rows={of.links} rowKey={(link) => `${link.direction} ${link.document} ${link.line} ${link.byLine}`} /></Panel>;
}

function Vouchers({ of }: { readonly of: One }) {
  const t = useT();
  const book = useBook();
  return (
    <Panel title={t("引起的凭证", "Vouchers it caused")}>
      {of.vouchers.length === 0
        ? <div className="pb mut">{of.state === "exempt" ? t("按规则不需要凭证。", "By its rule it needs none.") : of.state === "posted" ? t("没有凭证，或无权查看。", "None, or not permitted to see.") : t("入账后列在这里。", "They stand here once it is posted.")}</div>
        : <div className="list">{of.vouchers.map((voucher) => (
          <div key={voucher.id}><span className="r"><Amount of={voucher.debitTotal} hidden={voucher.debitTotal === null} exact /></span>{book.may("vouchers.read") ? <Link to={voucherPath(book.code, voucher.period, voucher.number)}>{voucher.period} {voucher.number}</Link> : `${voucher.period} ${voucher.number}`}
            <div className="sub">{voucher.summary}</div>{voucher.deliveries.map((mark) => <div key={mark.delivery} className="sub"><Link to={`/b/${book.code}/delivery?open=${mark.delivery}` as never}>{mark.flow}</Link> {mark.targetNumber ?? mark.state}</div>)}</div>))}</div>}
    </Panel>
  );
}

function Origin({ of }: { readonly of: One }) {
  const t = useT();
  const book = useBook();
  return (
    <Panel title={t("来源记录", "Record of its source")}>
      {of.transfers.length === 0 ? <div className="pb mut">{t(`由 ${of.source} 直接过账或上传，没有经过数据流。`, `Posted or uploaded as ${of.source}, not through a flow.`)}</div> : of.transfers.map((step) => (
        <dl key={`${step.flow} ${step.seq}`} className="kv pb">
          <dt>{t("数据流", "Flow")}</dt><dd><Link to={`/b/${book.code}/connectors/one?flow=${encodeURIComponent(step.flow)}` as never}>{step.flow}</Link></dd><dt>{t("序号", "Number")}</dt><dd>{step.seq}</dd><dt>{t("流与主键", "Stream and key")}</dt><dd className="mono">{step.stream} {step.key}</dd>
          <dt>{t("位置", "Position")}</dt><dd className="mono">{step.position || "–"}</dd><dt>{t("到达", "Landed")}</dt><dd>{moment(step.landedAt)}</dd>{step.version === null ? null : <><dt>{t("版本", "Version")}</dt><dd>{step.version}</dd></>}
        </dl>
      ))}
    </Panel>
  );
}

function Versions({ of, form }: { readonly of: One; readonly form: Form | undefined }) {
  const t = useT();
  return (
    <Panel title={t("版本", "Versions")} note={t(`${of.versions.length} 个`, `${of.versions.length}`)}>
      {[...of.versions].reverse().map((version, at) => {
        const changes = version.changes.filter(({ path }) => !path.startsWith("extra.correction."));
        const corrected = (name: string): string => version.changes.find(({ path }) => path === `extra.correction.${name}`)?.after ?? "";
        return (
        <div key={version.version} className="documents-section">
          <div className="row"><b>{t(`第 ${version.version} 版`, `Version ${version.version}`)}</b>{at === 0 && of.versions.length === 1 ? null : <StateTag of={version.state} />}<span className="sub">{moment(version.receivedAt)}</span>{version.state !== "superseded" && version.reasons.length > 0 ? <Tag>{version.reasons[0]?.code}</Tag> : null}</div>
          {corrected("reason") === "" ? null : <div>{corrected("by") === "" ? null : `${corrected("by")} `}{t("改正：", "corrected it: ")}{corrected("reason")}</div>}
          {changes.length === 0 ? <div className="sub">{of.versions.length === at + 1 ? t("首次到达", "First received") : t("内容没有变化", "Nothing in it changed")}</div> : (
            <Table
              caption={t(`第 ${version.version} 版的变化`, `Changes of version ${version.version}`)} rows={changes} rowKey={(change) => change.path}
              columns={[{ key: "path", head: { zh: "字段", en: "Field" }, cell: (change) => <span title={change.path}>{t(pathWords(form, change.path))}</span> }, { key: "before", head: { zh: "之前", en: "Before" }, wrap: true, cell: (change) => change.before || "–" }, { key: "after", head: { zh: "之后", en: "After" }, wrap: true, cell: (change) => change.after || "–" }]}
            />
          )}
        </div>
        );
      })}
    </Panel>
  );
}
