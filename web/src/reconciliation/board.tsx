/** 对账总览: what ties and what does not. Both sides of every account, the differences by cause and age, one of them opened. */
import { Link } from "@tanstack/react-router";
import { api, seg, useAct, useApi, usePages, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook, usePeriods } from "../app/session.ts";
import { Amount, count, type Unit, UnitContext, unitWords } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { AsOf, ChipSelect, Page, Panel, Segments, span } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { type T, useT } from "../ui/text.ts";
import { ageWords, type Board, type CauseSum, type Difference, type Figures, partWords, type Side } from "./difference-model.ts";
import { DifferenceView, OwnerName } from "./difference-view.tsx";
import "./differences.css";
import { ReconciliationTabs } from "./tabs.tsx";

export function ReconciliationBoard() {
  const t = useT();
  const book = useBook();
  const [filters, set] = useFilters();
  const unit = (["yuan", "wan", "yi"] as const).find((one) => one === filters.unit) ?? "yuan";
  const board = useApi<Board>(withQuery(`/books/${seg(book.code)}/reconciliation`, { from: filters.from ?? filters.period, to: filters.period }), { keep: true, refetchMs: 60_000 });
  const compare = useAct(() => api(`/books/${seg(book.code)}/reconciliation/run`, { method: "POST", body: {} }));
  useKeys({ c: () => compare.mutate(undefined) });
  const periods = usePeriods().data ?? [];
  const run = board.data?.run;
  return (
    <UnitContext.Provider value={unit}>
      <Page
        title={t("对账", "Reconciliation")} tabs={<ReconciliationTabs />}
        asOf={run ? <AsOf at={run.at} isStale={run.isStale} more={run.isStale ? t("此后有新的过账或送达", "something was posted or delivered since") : t(`用时 ${span(run.ms / 1000, t)}`, `took ${span(run.ms / 1000, t)}`)} /> : undefined}
        acts={<button type="button" className="btn p" disabled={compare.isPending} onClick={() => compare.mutate(undefined)}>{compare.isPending ? t("正在对账", "Comparing") : t("现在对账", "Compare now")}</button>}
        bar={<>
          <ChipSelect label={t("期间", "Period")} value={filters.period ?? board.data?.to ?? ""} options={periods.map(({ period }) => ({ value: period, text: period }))} onChange={(value) => set({ period: value })} />
          <ChipSelect label={t("显示", "Show")} value={filters.only ?? ""} options={[{ value: "", text: t("全部科目", "all accounts") }, { value: "apart", text: t("只看差异", "those that differ") }]} onChange={(value) => set({ only: value })} />
          <span className="sp"><Segments<Unit> label={t("单位", "Unit")} value={unit} options={(["yuan", "wan", "yi"] as const).map((value) => ({ value, text: unitWords[value] }))} onChange={(value) => set({ unit: value === "yuan" ? "" : value })} /></span>
        </>}
      >
        <Trouble error={compare.error} />
        <Loaded of={board} rows={10} columns={8}>{(data) => (data.run === null
          ? <Panel><Empty why={t("还没有对过账。", "Nothing has been compared yet.")} next={<button type="button" className="btn p" disabled={compare.isPending} onClick={() => compare.mutate(undefined)}>{t("现在对账", "Compare now")}</button>} /></Panel>
          : <><Parts board={data} /><Sides sides={data.sides} onlyApart={filters.only === "apart"} /><Causes board={data} /></>)}</Loaded>
      </Page>
    </UnitContext.Provider>
  );
}

function Parts({ board }: { readonly board: Board }) {
  const t = useT();
  const book = useBook();
  const extent: Readonly<Record<string, (n: string) => string>> = {
    chain: (n) => t(`${n} 个订单行`, `${n} order lines`), books: (n) => t(`${n} 张凭证`, `${n} vouchers`), finance: (n) => (n === "0" ? t("没有送达流程", "nothing is delivered") : t(`送达 ${n} 张`, `${n} delivered`)), bank: (n) => (n === "0" ? t("没有对账单", "no statement") : t(`${n} 份对账单`, `${n} statements`)),
  };
  return (
    <nav className="panel reconciliation-parts" aria-label={t("四项对账", "The four reconciliations")}>
      {board.parts.map((part) => (
        <Link key={part.part} to={(part.part === "bank" ? `/b/${book.code}/reconciliation` : `/b/${book.code}/reconciliation/differences?part=${part.part}`) as never}>
          <span className="sub">{t(partWords[part.part] ?? part.part)}</span>
          <span className="v">{part.differences === 0 ? <b>{t("平", "Ties")}</b> : <b className="bad">{part.part === "bank" ? t(`未达 ${part.differences} 笔`, `${part.differences} open`) : t(`${part.differences} 处差异`, `${part.differences} differences`)}</b>} <span className="sub">{extent[part.part]?.(count(Number(part.extent)))}{part.differences === 0 ? null : <>{t("，", ", ")}<Amount of={part.amount} /></>}</span></span>
        </Link>
      ))}
    </nav>
  );
}

function Sides({ sides, onlyApart }: { readonly sides: readonly Side[]; readonly onlyApart: boolean }) {
  const t = useT();
  const book = useBook();
  const [{ account = "", ...filters }, set] = useFilters();
  const shown = sides.filter((side) => !onlyApart || isApart(side));
  const period = filters.period ?? "";
  const open = useApi<readonly Side[]>(account === "" || period === "" ? null : withQuery(`/books/${seg(book.code)}/reconciliation/sides`, { from: period, to: period, account }), { keep: true });
  const head = (side: "business" | "books") => (["opening", "increase", "decrease", "closing"] as const).map((name) => <th key={`${side}${name}`} scope="col" className={`num wide-only${side === "books" && name === "opening" ? " gl" : ""}`}>{t({ opening: { zh: "期初", en: "Opening" }, increase: { zh: "增加", en: "Increase" }, decrease: { zh: "减少", en: "Decrease" }, closing: { zh: "期末", en: "Closing" } }[name])}</th>);
  const row = (side: Side, isPart: boolean) => (
    <tr key={`${side.account}${side.of}`} className={isPart ? "reconciliation-of" : undefined}>
      <td>{isPart ? <>{side.ofName || t("无辅助", "none")}<span className="sub"> {side.of}</span></> : <button type="button" className="link" aria-expanded={account === side.account} onClick={() => set({ account: account === side.account ? "" : side.account, period: filters.period ?? "" })}>{side.account} {t(side.name)}</button>}</td>
      <Four of={side.business} />
      <td className={`eq${isApart(side) ? " ne" : ""}`}><span aria-label={isApart(side) ? t("不一致", "differs") : t("一致", "ties")}>{isApart(side) ? "≠" : "="}</span></td>
      <Four of={side.books} isBooks />
      <td className="num gl"><Amount of={side.difference} hidden={side.difference === null} /></td>
      <td className="wide-only">{side.causes.map((cause, at) => <span key={cause.cause}>{at > 0 ? t("、", ", ") : ""}<Link to={`/b/${book.code}/reconciliation/differences?account=${seg(side.account)}&cause=${cause.cause}` as never}>{t(cause)}</Link></span>)}</td>
    </tr>
  );
  return (
    <Panel foot={t("差异 = 业务侧期末 − 账簿侧期末。挂起、等待的单据两侧都不计入，列在差异里。收入、成本、税额只比较业务单据产生的部分。", "Difference = closing of business less closing of books. Parked and waiting documents are in neither; they stand among the differences. Revenue, cost and tax are compared as far as business documents make them.")}>
      {shown.length === 0 ? <Empty why={t("所有科目两侧一致。", "Both sides of every account agree.")} /> : (
        <div className="scroll" role="region" aria-label={t("两侧", "Both sides")} tabIndex={0}>
          <table className="t reconciliation-table">
            <caption className="sr">{t("业务侧与账簿侧，按科目", "Business and books by account")}</caption>
            <thead>
              <tr className="grp wide-only"><th /><th colSpan={4} scope="colgroup">{t("业务侧（单据汇总）", "Business (documents)")}</th><th className="eq" /><th colSpan={4} scope="colgroup" className="gl">{t("账簿侧（已记账凭证）", "Books (posted vouchers)")}</th><th className="gl" /><th /></tr>
              <tr><th scope="col">{t("科目", "Account")}</th>{head("business")}<th className="eq" scope="col"><span className="sr">{t("是否一致", "Ties")}</span></th>{head("books")}<th className="num gl" scope="col">{t("差异", "Difference")}</th><th className="wide-only" scope="col">{t("原因", "Cause")}</th></tr>
            </thead>
            <tbody>{shown.map((side) => [row(side, false), ...(account === side.account ? (open.data ?? []).slice(0, 100).map((part) => row(part, true)) : [])])}</tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
const isApart = ({ difference }: Side): boolean => difference !== null && /[1-9]/.test(difference);

function Four({ of, isBooks }: { readonly of: Figures | null; readonly isBooks?: boolean }) {
  return <>{(["opening", "increase", "decrease", "closing"] as const).map((name) => <td key={name} className={`num wide-only${name === "closing" ? "" : " mut"}${isBooks && name === "opening" ? " gl" : ""}`}><Amount of={of?.[name]} hidden={of === null} /></td>)}</>;
}

function Causes({ board }: { readonly board: Board }) {
  const t = useT();
  const book = useBook();
  const [{ cause = "", open = "" }, set] = useFilters();
  const chosen = board.causes.find((one) => one.cause === cause) ?? board.causes[0];
  const most = board.causes.reduce((top, { amount }) => Math.max(top, Number(amount)), 0);
  if (chosen === undefined) return <Panel><Empty why={t("没有差异。", "There is no difference.")} /></Panel>;
  return (
    <div className="reconciliation-causes">
      <Panel title={t("差异按原因", "Differences by cause")} right={<>{t("绝对额合计", "Absolute total")} <Amount of={board.total} /></>}>
        <p className="reconciliation-ages sub"><Ages board={board} t={t} /></p>
        {board.causes.map((one) => <CauseRow key={one.cause} of={one} most={most} isOn={one === chosen} onChoose={() => set({ cause: one.cause, open: "" })} />)}
      </Panel>
      <Chosen key={chosen.cause} cause={chosen} open={open} book={book.code} />
    </div>
  );
}

const Ages = ({ board, t }: { readonly board: Board; readonly t: T }) => <>{board.ages.filter(({ count: n }) => n > 0).map(({ age, count: n }) => `${t(ageWords[age] ?? age)} ${n}`).join(" · ")}</>;

function CauseRow({ of, most, isOn, onChoose }: { readonly of: CauseSum; readonly most: number; readonly isOn: boolean; readonly onChoose: () => void }) {
  const t = useT();
  return (
    <button type="button" className={`reconciliation-cause${isOn ? " on" : ""}`} aria-pressed={isOn} onClick={onChoose}>
      <span>{of.no === null ? null : <em>{of.no}</em>}{t(of)}</span><span className="r"><Amount of={of.amount} zero="figure" /></span>
      <span className="b" aria-hidden="true"><i style={{ width: `${most === 0 ? 0 : Math.max(1, (Number(of.amount) / most) * 100)}%` }} /></span>
      <span className="sub">{t(`${of.count} 处，${of.documents} 张单据，最早 ${of.oldest}`, `${of.count}, ${of.documents} documents, oldest ${of.oldest}`)}</span><span className="sub r">{t("轮到 ", "")}<OwnerName of={of.owner} /></span>
    </button>
  );
}

function Chosen({ cause, open, book }: { readonly cause: CauseSum; readonly open: string; readonly book: string }) {
  const t = useT();
  const [, set] = useFilters();
  const pages = usePages<Difference>(withQuery(`/books/${seg(book)}/differences`, { cause: cause.cause }), 20);
  const at = pages.rows.findIndex(({ difference }) => difference === open);
  const one = pages.rows[at < 0 ? 0 : at];
  const go = (step: number): void => { const next = pages.rows[(at < 0 ? 0 : at) + step]; if (next) set({ open: next.difference }); };
  useKeys({ n: () => go(1), p: () => go(-1) });
  return (
    <Panel className="reconciliation-chosen" title={t(cause)} right={<><button type="button" className="link" disabled={at <= 0} onClick={() => go(-1)}>{t("上一处", "Previous")}</button> {Math.max(at, 0) + 1}/{cause.count} <button type="button" className="link" disabled={(at < 0 ? 0 : at) >= pages.rows.length - 1} onClick={() => go(1)}>{t("下一处", "Next")}</button> <Link to={`/b/${book}/reconciliation/differences?cause=${cause.cause}` as never}>{t("全部", "All")}</Link></>}>
      {one ? <DifferenceView of={one.difference} /> : pages.error ? <Trouble error={pages.error} /> : null}
    </Panel>
  );
}
