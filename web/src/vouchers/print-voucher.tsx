/** 记账凭证 on paper: the digit grid, the total written out, the signatures; one a sheet of A5, or two a sheet of A4. Long vouchers go on over several sheets. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { Segments } from "../ui/parts.tsx";
import { Loaded } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { minorOf, sumOf, type Line, type Voucher } from "./model.ts";
import "./print.css";
import { Person } from "./words.tsx";

const linesOfSheet = 6;
const most = 500;
const places = ["亿", "千", "百", "十", "万", "千", "百", "十", "元", "角", "分"] as const;

export function PrintVouchers() {
  const t = useT();
  const book = useBook();
  const [filters, set] = useFilters();
  const numbers = (filters.numbers ?? "").split(",").map((one) => one.trim()).filter((one) => /^\d{4}-\d{2}\/.+/.test(one)).slice(0, most);
  const isTwo = filters.layout === "two";
  const vouchers = useQuery<readonly Voucher[]>({ queryKey: ["print", book.code, numbers.join()], enabled: numbers.length > 0, queryFn: async ({ signal }) => {
    const found: Voucher[] = [];
    // A few at a time: the server answers others meanwhile.
    for (let at = 0; at < numbers.length; at += 8) found.push(...(await Promise.all(numbers.slice(at, at + 8).map((one) => api<Voucher>(`/books/${encodeURIComponent(book.code)}/vouchers/${one.slice(0, 7)}/${encodeURIComponent(one.slice(8))}`, { signal })))));
    return found;
  } });
  useEffect(() => { document.title = t(`记账凭证 ${numbers[0] ?? ""}`, `Voucher ${numbers[0] ?? ""}`); }, [numbers.join()]);
  return (
    <main className="print">
      <h1 className="sr">{t("打印记账凭证", "Print vouchers")}</h1>
      <div className="print-bar">
        <button type="button" className="btn p" onClick={() => window.print()}>{t("打印 / 存为 PDF", "Print / save as PDF")}</button>
        <Segments label={t("纸张", "Paper")} value={isTwo ? "two" : "one"} options={[{ value: "one", text: { zh: "A5 一张一页", en: "A5, one a page" } }, { value: "two", text: { zh: "A4 两张一页", en: "A4, two a page" } }]} onChange={(layout) => set({ layout: layout === "two" ? "two" : "" })} />
        <span className="sub">{t(`${numbers.length} 张凭证`, `${numbers.length} vouchers`)}</span>
      </div>
      <div className={`print-scroll ${isTwo ? "print-two" : "print-one"}`} role="region" aria-label={t("凭证", "Vouchers")} tabIndex={0}>
        <Loaded of={vouchers}>{(data) => <>{data.flatMap((voucher) => sheetsOf(voucher).map((lines, at, all) => <Sheet key={`${voucher.id} ${at}`} voucher={voucher} lines={lines} at={at} of={all.length} />))}</>}</Loaded>
      </div>
    </main>
  );
}

const sheetsOf = (voucher: Voucher): readonly (readonly Line[])[] => Array.from({ length: Math.max(1, Math.ceil(voucher.lines.length / linesOfSheet)) }, (_, at) => voucher.lines.slice(at * linesOfSheet, (at + 1) * linesOfSheet));

function Sheet({ voucher, lines, at, of }: { readonly voucher: Voucher; readonly lines: readonly Line[]; readonly at: number; readonly of: number }) {
  const t = useT();
  const book = useBook();
  const [year, month, day] = voucher.date.split("-");
  const number = voucher.number.split("-").at(-1) ?? "";
  const isLast = at === of - 1;
  const upTo = voucher.lines.slice(0, at * linesOfSheet + lines.length);
  const debit = isLast ? voucher.debitTotal : sumOf(upTo.map((line) => line.debit));
  const credit = isLast ? voucher.creditTotal : sumOf(upTo.map((line) => line.credit));
  return (
    <article className="print-sheet print-a5">
      <header>
        <div>{t("单位：", "Entity: ")}{book.name}</div>
        <div className="c"><h2>{t("记账凭证", "Voucher")}</h2><div>{t(`${year} 年 ${month} 月 ${day} 日`, voucher.date)}</div></div>
        <div className="r">{t(`${voucher.series} 字第 ${number.padStart(4, "0")} 号`, `${voucher.series}-${number}`)}{of > 1 ? ` ${at + 1}/${of}` : ""}<br />{t(`附件 ${voucher.attachments} 张`, `Attachments: ${voucher.attachments}`)}</div>
      </header>
      <table className="print-v">
        <colgroup><col className="s" /><col />{[0, 1].flatMap((side) => places.map((_, place) => <col key={`${side} ${place}`} className="d" />))}</colgroup>
        <thead>
          <tr><th rowSpan={2} scope="col">{t("摘要", "Summary")}</th><th rowSpan={2} scope="col">{t("会计科目 / 辅助核算", "Account / dimensions")}</th><th colSpan={11} scope="colgroup">{t("借方金额", "Debit")}</th><th colSpan={11} scope="colgroup">{t("贷方金额", "Credit")}</th></tr>
          <tr>{[0, 1].flatMap((side) => places.map((place, index) => <th key={`${side} ${index}`} scope="col" className={`d${ruled(index)}`}>{place}</th>))}</tr>
        </thead>
        <tbody>
          {lines.map((line, index) => <tr key={index}><td><div>{line.summary}</div></td><td><div>{line.account} {t(line.accountZh, line.accountEn)}{line.named.length === 0 ? null : <small>（{line.named.map((one) => t(one.zh, one.en)).join(t("、", ", "))}）</small>}</div></td><Digits of={line.debit} /><Digits of={line.credit} /></tr>)}
          {Array.from({ length: linesOfSheet - lines.length }, (_, index) => <tr key={`empty ${index}`}><td /><td /><Digits of="" /><Digits of="" /></tr>)}
        </tbody>
        <tfoot><tr><td colSpan={2}>{isLast ? <>{t("合计", "Total")} {voucher.inWords}</> : t("过次页", "Carried forward")}</td><Digits of={debit} mark /><Digits of={credit} mark /></tr></tfoot>
      </table>
      <footer><span>{t("会计主管：", "Head: ")}{voucher.closedBy === null ? null : <Person id={voucher.closedBy} />}</span><span>{t("记账：", "Posted: ")}<Person id={voucher.postedBy} /></span><span>{t("出纳：", "Cashier: ")}</span><span>{t("审核：", "Reviewed: ")}<Person id={voucher.reviewedBy} /></span><span>{t("制单：", "Prepared: ")}<Person id={/^rule:/.test(voucher.reviewedBy) ? voucher.reviewedBy : voucher.preparedBy} /></span></footer>
    </article>
  );
}

/** A red rule after 元, green ones after thousands, as printed forms have them. */
const ruled = (index: number): string => (index === 8 ? " y" : index === 2 || index === 5 ? " k" : "");

/** One digit a cell, from the right; ¥ stands before the first of a total. Red where negative. What does not fit is written whole across the cells. */
function Digits({ of, mark }: { readonly of: string | null; readonly mark?: boolean }) {
  const t = useT();
  const minor = minorOf(of ?? "");
  if (of === null) return <td colSpan={11}>{t("无权查看", "Not permitted")}</td>;
  if (minor === null || (minor === 0n && mark !== true)) return <>{places.map((_, index) => <td key={index} className={`d${ruled(index)}`} />)}</>;
  const digits = String(minor < 0n ? -minor : minor).padStart(3, "0");
  if (digits.length > places.length) return <td colSpan={11} className={minor < 0n ? "neg" : undefined}>{of}</td>;
  const cells = [...`${mark === true && digits.length < places.length ? "¥" : ""}${digits}`.padStart(places.length, " ")];
  return <>{cells.map((digit, index) => <td key={index} className={`d${ruled(index)}${minor < 0n ? " neg" : ""}`}>{digit.trim()}</td>)}</>;
}
