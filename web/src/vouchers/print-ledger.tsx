/** 明细账 on paper: what came before, every line, 本月合计 and 本年累计 after each month. */
import { useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { formatAmount, isNegative, isZero } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { Empty, Loaded } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { decimalOf, minorOf } from "./model.ts";
import "./print.css";

type LedgerLine = { readonly period: string; readonly date: string; readonly voucher: string; readonly account: string; readonly summary: string; readonly debit: string; readonly credit: string; readonly balance: string; readonly balanceSide: string };
type LedgerPeriod = { readonly period: string; readonly opening: string; readonly openingSide: string; readonly debit: string; readonly credit: string; readonly closing: string; readonly closingSide: string };
type Account = { readonly code: string; readonly zh: string; readonly en: string };
/** More rows than this are not for paper at once. */
const linesMax = 20_000;

export function PrintLedger() {
  const t = useT();
  const book = useBook();
  const [filters] = useFilters();
  const { account = "", from = "", to = "" } = filters;
  const base = `/books/${encodeURIComponent(book.code)}`;
  const isAsked = account !== "" && from !== "" && to !== "";
  const dimension = filters.dimension === undefined ? [] : filters.dimension.split(",");
  const ledger = `${base}/ledger/${encodeURIComponent(account)}`;
  const lines = useApi<readonly LedgerLine[]>(isAsked ? withQuery(`${ledger}/lines`, { from, to, dimension }) : null);
  const periods = useApi<readonly LedgerPeriod[]>(isAsked ? withQuery(ledger, { from: `${from.slice(0, 4)}-01`, to, dimension }) : null);
  const name = useApi<readonly Account[]>(isAsked ? withQuery(`${base}/accounts/search`, { text: account, all: true }) : null).data?.find(({ code }) => code === account);
  return (
    <main className="print">
      <h1 className="sr">{t("打印明细账", "Print the ledger of an account")}</h1>
      <div className="print-bar"><button type="button" className="btn p" onClick={() => window.print()}>{t("打印 / 存为 PDF", "Print / save as PDF")}</button><span className="sub">{t(`${lines.data?.length ?? 0} 行`, `${lines.data?.length ?? 0} lines`)}</span></div>
      {!isAsked ? <Empty why={t("地址里缺少科目或期间。", "The address names no account or no periods.")} next={t("写作 account=1002&from=2026-01&to=2026-03", "Write account=1002&from=2026-01&to=2026-03")} /> : (
        <div className="print-scroll" role="region" aria-label={t("明细账", "Ledger")} tabIndex={0}>
          <Loaded of={lines} rows={20} columns={7}>
            {(rows) => rows.length > linesMax ? <Empty why={t(`${rows.length} 行，超过一次可打印的 ${linesMax} 行。`, `${rows.length} lines are more than the ${linesMax} that print at once.`)} next={t("缩小期间，或导出后处理。", "Take fewer periods, or export them.")} /> : (
              <Loaded of={periods}>
                {(months) => (
                  <article className="print-sheet print-ledger">
                    <h2>{t("明细账", "Ledger")}</h2>
                    <div className="of"><span>{t("科目：", "Account: ")}{account} {name ? t(name.zh, name.en) : ""}{dimension.length > 0 ? ` ${dimension.join(" ")}` : ""}</span><span>{from} {t("至", "to")} {to}</span><span>{t("单位：", "Entity: ")}{book.name}{t("（元）", "")}</span></div>
                    <table className="print-l">
                      <thead><tr><th scope="col">{t("月", "M")}</th><th scope="col">{t("日", "D")}</th><th scope="col">{t("凭证字号", "Voucher")}</th><th scope="col">{t("摘要", "Summary")}</th><th scope="col">{t("借方", "Debit")}</th><th scope="col">{t("贷方", "Credit")}</th><th scope="col">{t("方向", "Side")}</th><th scope="col">{t("余额", "Balance")}</th></tr></thead>
                      <tbody>{rowsOf(rows, months, from, t)}</tbody>
                    </table>
                  </article>
                )}
              </Loaded>
            )}
          </Loaded>
        </div>
      )}
    </main>
  );
}

function rowsOf(lines: readonly LedgerLine[], months: readonly LedgerPeriod[], from: string, t: ReturnType<typeof useT>) {
  const side = (of: string): string => (of === "debit" ? t("借", "Dr") : of === "credit" ? t("贷", "Cr") : t("平", "–"));
  const byPeriod = Map.groupBy(lines, ({ period }) => period);
  const shown = months.filter(({ period }) => period >= from);
  const year = { debit: 0n, credit: 0n, of: "" };
  const out = [];
  const [first] = shown;
  if (first) out.push(<tr key="opening"><td className="mid">{first.period.slice(5)}</td><td /><td /><td>{from.endsWith("-01") ? t("上年结转", "Brought forward from last year") : t("期初余额", "Opening balance")}</td><td /><td /><td className="mid">{side(first.openingSide)}</td><td className="num"><Figure of={first.opening} isBlankZero={false} /></td></tr>);
  for (const month of months) {
    if (year.of !== month.period.slice(0, 4)) Object.assign(year, { debit: 0n, credit: 0n, of: month.period.slice(0, 4) });
    year.debit += minorOf(month.debit) ?? 0n;
    year.credit += minorOf(month.credit) ?? 0n;
    if (month.period < from) continue;
    const own = byPeriod.get(month.period) ?? [];
    for (const [at, line] of own.entries()) out.push(<tr key={`${month.period} ${at}`}><td className="mid">{line.date.slice(5, 7)}</td><td className="mid">{line.date.slice(8)}</td><td className="mid">{line.voucher}</td><td>{line.summary}</td><td className="num"><Figure of={line.debit} /></td><td className="num"><Figure of={line.credit} /></td><td className="mid">{side(line.balanceSide)}</td><td className="num"><Figure of={line.balance} isBlankZero={false} /></td></tr>);
    out.push(<tr key={`${month.period} sum`} className="sum"><td className="mid">{month.period.slice(5)}</td><td /><td /><td>{t("本月合计", "Total of the month")}</td><td className="num"><Figure of={month.debit} isBlankZero={false} /></td><td className="num"><Figure of={month.credit} isBlankZero={false} /></td><td className="mid">{side(month.closingSide)}</td><td className="num"><Figure of={month.closing} isBlankZero={false} /></td></tr>);
    out.push(<tr key={`${month.period} year`} className="sum year"><td className="mid">{month.period.slice(5)}</td><td /><td /><td>{t("本年累计", "Total of the year so far")}</td><td className="num"><Figure of={decimalOf(year.debit)} isBlankZero={false} /></td><td className="num"><Figure of={decimalOf(year.credit)} isBlankZero={false} /></td><td className="mid">{side(month.closingSide)}</td><td className="num"><Figure of={month.closing} isBlankZero={false} /></td></tr>);
  }
  return out;
}

function Figure({ of, isBlankZero = true }: { readonly of: string; readonly isBlankZero?: boolean }) {
  if (isZero(of)) return isBlankZero ? null : <>0.00</>;
  return <span className={isNegative(of) ? "neg" : undefined}>{formatAmount(of)}</span>;
}
