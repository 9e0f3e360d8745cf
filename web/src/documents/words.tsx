/** Parts of documents that several screens draw: kind, state, a link, the tabs, what came of posting. */
import { Link } from "@tanstack/react-router";
import { seg, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Tabs, Tag } from "../ui/parts.tsx";
import { useT } from "../ui/text.ts";
import { type Decided, documentPath, idOf, kindOf, reasonTitle, type Result, type State, stateWords, voucherPath } from "./model.ts";

type SchemaName = { readonly kind: string; readonly zh: string; readonly en: string; readonly is: "document" | "master" };
export const useKinds = (): readonly SchemaName[] => useApi<readonly SchemaName[]>("/api/schemas", { keep: true }).data ?? [];
export function useKindName(): (kind: string) => string {
  const t = useT();
  const kinds = useKinds();
  return (kind) => { const found = kinds.find((one) => one.kind === kind); return found ? t(found.zh, found.en) : kind; };
}

export function StateTag({ of }: { readonly of: State | null }) {
  const t = useT();
  if (of === null) return <Tag tone="warn">{t("未到", "Not here yet")}</Tag>;
  return <Tag tone={stateWords[of].tone}>{t(stateWords[of].words)}</Tag>;
}

/** The number, as a link to the document. */
export function DocumentLink({ of, line }: { readonly of: string; readonly line?: string }) {
  const book = useBook();
  const kind = useKindName();
  const t = useT();
  return <Link to={documentPath(book.code, of)} title={kind(kindOf(of))}>{idOf(of)}{line ? t(` 第 ${line} 行`, ` line ${line}`) : ""}</Link>;
}

export function DocumentTabs() {
  const t = useT();
  const book = useBook();
  const counts = useApi<{ readonly parked: number }>(`/books/${seg(book.code)}/counts`, { keep: true }).data;
  const at = `/b/${book.code}/documents`;
  return <Tabs label={t("单据", "Documents")} items={[
    { to: at, text: t("全部", "All") }, { to: `${at}/parked`, text: t("挂起", "Parked"), ...(counts && counts.parked > 0 ? { count: counts.parked } : {}) }, { to: `${at}/waiting`, text: t("等待", "Waiting") },
    ...(book.may("documents.decide") ? [{ to: `${at}/refused`, text: t("被拒", "Refused") }] : []), { to: `/b/${book.code}/completeness`, text: t("完整性", "Completeness") },
    ...(book.may("documents.post") ? [{ to: `${at}/upload`, text: t("上传", "Upload") }] : []),
  ]} />;
}

const resultWords = { posted: { zh: "已入账", en: "posted" }, waiting: { zh: "等待", en: "waiting" }, parked: { zh: "挂起", en: "parked" }, duplicate: { zh: "重复", en: "duplicate" }, refused: { zh: "被拒", en: "refused" } } as const;

/** What came of a posting: a sentence, then each document with its vouchers or its reason. */
export function Outcome({ of, isTrial }: { readonly of: Decided; readonly isTrial?: boolean }) {
  const t = useT();
  const { summary, results } = of;
  const parts = (["posted", "waiting", "parked", "duplicate", "refused"] as const).filter((state) => summary[state] > 0).map((state) => `${t(resultWords[state])} ${summary[state]}`);
  return (
    <div role="status">
      <p>{isTrial ? t("试算，未保存：", "Tried, nothing saved: ") : null}{parts.join(t("，", ", ")) || t("没有可处理的单据", "Nothing to do")}{summary.released > 0 ? t(`，放行 ${summary.released} 张`, `, ${summary.released} released`) : ""}{summary.vouchers > 0 ? t(`，凭证 ${summary.vouchers} 张`, `, ${summary.vouchers} vouchers`) : ""}</p>
      <ul className="documents-results">{results.slice(0, 20).map((result, at) => <li key={at}><ResultLine of={result} isTrial={isTrial === true} /></li>)}</ul>
      {results.length > 20 ? <p className="sub">{t(`还有 ${results.length - 20} 张`, `${results.length - 20} more`)}</p> : null}
    </div>
  );
}

function ResultLine({ of, isTrial }: { readonly of: Result; readonly isTrial: boolean }) {
  const t = useT();
  const book = useBook();
  const isDocument = of.document.includes("/") && of.document.includes(":");
  const [first] = of.reasons;
  return (
    <>
      {isDocument && !isTrial ? <DocumentLink of={of.document} /> : idOf(of.document)} <span className={of.state === "parked" || of.state === "refused" ? "warn" : "mut"}>{t(resultWords[of.state])}</span>
      {of.vouchers.map((number) => (of.period === undefined || isTrial ? <span key={number}> {number}</span> : <span key={number}> <Link to={voucherPath(book.code, of.period, number)}>{number}</Link></span>))}
      {first ? <span className="sub"> {t(reasonTitle(first))}{t("：", ": ")}{t(first.zh, first.en)}</span> : null}
    </>
  );
}
