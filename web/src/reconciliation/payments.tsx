/** 付款: what is due by date, what of it may be paid, and a batch of it for another person to approve. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi, usePages, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Dialog, Field, Kbd, Page, Panel, Segments, Tag } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { documentAddress } from "../vouchers/model.ts";
import { Person } from "../vouchers/words.tsx";
import { addMinor, textOf } from "./minor.ts";
import { Accounts } from "./payments-accounts.tsx";
import { Batches } from "./payments-batches.tsx";
import { accountWords, type Desk, matchWords, type Outlook, type Payable } from "./payments-model.ts";
import "./payments.css";
import "./reconciliation.css";
import { ReconciliationTabs } from "./tabs.tsx";

export function Payments() {
  const t = useT();
  const book = useBook();
  const [{ view = "due", due, supplier = "" }, set] = useFilters();
  const base = `/books/${seg(book.code)}`;
  const desk = useApi<Desk>(`${base}/payment-desk`);
  const dueBy = due ?? "";
  const waiting = useApi<readonly unknown[]>(`${base}/supplier-accounts`).data?.length ?? 0;
  return (
    <Page
      title={t("付款", "Payments")} tabs={<ReconciliationTabs />}
      bar={<>
        <Segments label={t("内容", "View")} value={view} options={[{ value: "due", text: { zh: "待付", en: "Due" } }, { value: "batches", text: { zh: "批次", en: "Batches" } }, { value: "accounts", text: { zh: waiting > 0 ? `收款账户 ${waiting}` : "收款账户", en: waiting > 0 ? `Accounts ${waiting}` : "Accounts" } }]} onChange={(value) => set({ view: value === "due" ? "" : value, batch: "" })} />
        {view === "due" ? <><ChipText label={t("到期不晚于", "Due by")} type="date" value={dueBy} onChange={(value) => set({ due: value })} /><ChipText label={t("供应商", "Supplier")} value={supplier} onChange={(value) => set({ supplier: value })} width={110} /></> : null}
      </>}
    >
      {view === "batches" ? <Batches /> : view === "accounts" ? <Accounts /> : desk.data === undefined ? <Panel>{desk.error ? <Trouble error={desk.error} /> : <Loading columns={6} />}</Panel> : <Due key={`${dueBy} ${supplier}`} desk={desk.data} dueBy={dueBy} supplier={supplier} />}
    </Page>
  );
}

function Due({ desk, dueBy, supplier }: { readonly desk: Desk; readonly dueBy: string; readonly supplier: string }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}`;
  const [, set] = useFilters();
  const pages = usePages<Payable>(withQuery(`${base}/payables`, { dueBy, supplier }), 100);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<Payable | null>(null);
  const [bank, setBank] = useState(desk.banks[0]?.bankAccount ?? "");
  const [executeOn, setExecuteOn] = useState(desk.today);
  const may = book.may("payments.propose");
  const rows = pages.rows;
  // A batch leaves one account, and what it pays is in that account's currency.
  const currency = desk.banks.find(({ bankAccount }) => bankAccount === bank)?.currency ?? book.currency;
  const fits = (row: Payable): boolean => row.isPayable && row.currency === currency;
  const picked = rows.filter((row) => chosen.has(row.item) && fits(row));
  // Paid whole within its term, an item is paid less its discount.
  const kept = (row: Payable): string => (row.discount !== null && row.left === row.open && executeOn <= row.discount.until ? row.discount.amount : "0.00");
  const saved = addMinor(picked.map(kept));
  const sum = addMinor(picked.map(({ left }) => left)) - saved;
  const suppliers = new Set(picked.map((row) => row.supplier)).size;
  const toggle = (row: Payable): void => { if (!fits(row)) { if (!row.isPayable) setAsking(row); return; } const next = new Set(chosen); if (!next.delete(row.item)) next.add(row.item); setChosen(next); };
  const propose = useAct(() => api<{ readonly batch: string }>(`${base}/payment-batches`, { body: { bankAccount: bank, executeOn, items: picked.map(({ item }) => ({ item })) } }));
  const act = (): void => { if (may && picked.length > 0 && bank !== "" && !propose.isPending) propose.mutate(undefined, { onSuccess: ({ batch }) => set({ view: "batches", batch }) }); };
  const all = (): void => setChosen(new Set(rows.filter(fits).map(({ item }) => item)));
  useKeys({ p: act, a: all, x: () => setChosen(new Set()) });
  const stopped = rows.filter((row) => !row.isPayable && row.left !== "0.00").length;
  return (
    <>
      <div className="reconciliation-sum panel">
        <span>{t("所选", "Chosen")} <b><Amount of={textOf(sum)} exact zero="figure" /></b></span><span className="mut">{t(`${picked.length} 项，${suppliers} 家`, `${picked.length} items, ${suppliers} suppliers`)}{saved === 0n ? null : <>{t("，折扣省 ", ", discounts save ")}<Amount of={textOf(saved)} exact /></>}</span><span className="sp" />
        <ChipSelect label={t("付款账户", "From")} value={bank} options={desk.banks.map((one) => ({ value: one.bankAccount, text: t(one.zh, one.en) || one.bankAccount }))} onChange={setBank} />
        <ChipText label={t("付款日", "On")} type="date" value={executeOn} onChange={setExecuteOn} />
        {may ? <><button type="button" className="btn q" onClick={all}>{t("选可付的", "Choose payable")} <Kbd>a</Kbd></button><button type="button" className="btn p" disabled={picked.length === 0 || bank === "" || propose.isPending} onClick={act}>{t(`提出付款 ${picked.length} 项`, `Propose ${picked.length}`)} <Kbd>p</Kbd></button></> : null}
      </div>
      <Trouble error={propose.error} />
      <div className="payments-cols">
        <Panel title={t("到期应付", "Payables due")} note={stopped > 0 ? t(`${stopped} 项还不能付`, `${stopped} cannot be paid yet`) : undefined}>
          {pages.isPending ? <Loading columns={7} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : rows.length === 0 ? <Empty why={dueBy === "" ? t("没有未付的应付。", "Nothing is to be paid.") : t(`${dueBy} 前没有到期应付。`, `Nothing is due by ${dueBy}.`)} next={dueBy === "" ? undefined : t("改晚到期日可看以后的。", "Choose a later date to see what comes.")} /> : <Table<Payable>
            caption={t("到期应付", "Payables due")} rows={rows} rowKey={(row) => row.item} onOpen={toggle} more={pages.more} isMore={pages.isFetchingNextPage}
            columns={[
              { key: "pick", head: "", cell: (row) => (row.isPayable ? <input type="checkbox" aria-label={`${row.supplierName} ${row.left}`} disabled={!fits(row)} title={fits(row) ? undefined : t(`付款账户币种为 ${currency}`, `The account pays in ${currency}`)} checked={chosen.has(row.item) && fits(row)} onChange={() => toggle(row)} /> : <span className="mut" aria-hidden="true">–</span>) },
              { key: "supplier", head: { zh: "供应商、单据", en: "Supplier, document" }, wrap: true, cell: (row) => <>{row.supplierName || row.supplier}<span className="sub"> <Link to={documentAddress(book.code, row.document.replace(/^([^/]*\/[^/]*).*$/, "$1")) as never}>{row.document.slice(row.document.indexOf("/") + 1)}</Link></span></> },
              { key: "due", head: { zh: "到期", en: "Due" }, cell: (row) => <>{row.dueOn.slice(2)}{row.dueOn < desk.today ? <> <Tag tone="bad">{t("逾期", "Overdue")}</Tag></> : null}</>, wide: true },
              { key: "left", head: { zh: `可付（${book.currency === "CNY" ? "元" : book.currency}）`, en: `To pay (${book.currency})` }, num: true, cell: (row) => <><Link className="payments-fig" to={documentAddress(book.code, row.document.replace(/^([^/]*\/[^/]*).*$/, "$1")) as never}>{row.currency === book.currency ? "" : `${row.currency} `}<Amount of={row.left} exact /></Link>{row.discount === null || row.discount.until < desk.today ? null : <span className="sub payments-discount">{t(`${row.discount.until.slice(5)} 前付省 `, `by ${row.discount.until.slice(5)} saves `)}<Amount of={row.discount.amount} exact /></span>}</> },
              { key: "planned", head: { zh: "批次中", en: "In batches" }, num: true, wide: true, cell: (row) => <Amount of={row.planned} exact /> },
              { key: "match", head: { zh: "匹配", en: "Match" }, wide: true, cell: (row) => (row.approval ? <Tag tone="accent">{t("例外已批", "Approved")}</Tag> : <Tag tone={matchWords[row.match]?.tone}>{t(matchWords[row.match]?.text ?? row.match)}</Tag>) },
              { key: "account", head: { zh: "收款账户", en: "Account" }, wide: true, cell: (row) => (row.account === "inForce" ? <span className="good">=</span> : <button type="button" className="link" onClick={() => set({ view: "accounts", supplier: row.supplier })}><Tag tone="warn">{t(accountWords[row.account]?.text ?? "")}</Tag></button>) },
            ]}
          />}
        </Panel>
        <CashOutlook executeOn={executeOn} sum={textOf(sum)} />
      </div>
      {asking === null ? null : <Exception row={asking} onClose={() => setAsking(null)} />}
    </>
  );
}

/** What the payments leave of the cash: due payables are in the forecast already, so that only paying early or late moves it. */
function CashOutlook({ executeOn, sum }: { readonly executeOn: string; readonly sum: string }) {
  const t = useT();
  const book = useBook();
  const outlook = useApi<Outlook>(`/books/${seg(book.code)}/payment-outlook`, { keep: true });
  const weeks = outlook.data?.weeks.slice(0, 8) ?? [];
  return (
    <Panel title={t("资金预测", "Cash forecast")} note={t("含全部未清应收应付", "all open items")} foot={<Link to={`/b/${book.code}/cockpit` as never}>{t("13 周预测与口径", "13 weeks, and how")}</Link>}>
      {outlook.data === undefined ? outlook.error ? <Trouble error={outlook.error} retry={() => void outlook.refetch()} /> : <Loading rows={8} columns={3} /> : <Table
        caption={t("资金预测", "Cash forecast")} rows={weeks} rowKey={({ week }) => String(week)} selected={weeks.find((week) => executeOn >= week.from && executeOn <= week.to)?.week.toString()}
        columns={[
          { key: "to", head: { zh: "至", en: "By" }, cell: (week) => <>{week.to.slice(5)}{executeOn >= week.from && executeOn <= week.to && sum !== "0.00" ? <> <Tag tone="accent">{t("本批", "This")}</Tag></> : null}</> },
          { key: "out", head: { zh: "付", en: "Out" }, num: true, cell: (week) => <Amount of={week.out} digits={0} /> }, { key: "balance", head: { zh: "余额", en: "Balance" }, num: true, cell: (week) => <Amount of={week.balance} digits={0} zero="figure" /> },
        ]}
      />}
    </Panel>
  );
}

/** Why it cannot be paid yet, and who can change that. */
function Exception({ row, onClose }: { readonly row: Payable; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const [reason, setReason] = useState("");
  const approve = useAct(() => api(`/books/${seg(book.code)}/payables/approve`, { body: { item: row.item, reason } }));
  const isException = row.match !== "matched" && row.approval === null;
  const mayApprove = book.may("payments.approve") && isException;
  return (
    <Dialog kind="wide" title={`${row.supplierName || row.supplier} ${row.document.slice(row.document.indexOf("/") + 1)}`} onClose={onClose} foot={<>
      <Link className="btn" to={documentAddress(book.code, row.document.replace(/^([^/]*\/[^/]*).*$/, "$1")) as never}>{t("看单据", "See the document")}</Link>
      {mayApprove ? <button type="button" className="btn p" disabled={reason.trim() === "" || approve.isPending} onClick={() => approve.mutate(undefined, { onSuccess: onClose })}>{t("批准例外付款", "Approve the exception")}</button> : <button type="button" className="btn" onClick={onClose}>{t("关闭", "Close")}</button>}
    </>}>
      <dl className="kv">
        <dt>{t("可付", "To pay")}</dt><dd><Amount of={row.left} exact zero="figure" /></dd><dt>{t("到期", "Due")}</dt><dd>{row.dueOn}</dd><dt>{t("匹配", "Match")}</dt><dd><Tag tone={matchWords[row.match]?.tone}>{t(matchWords[row.match]?.text ?? row.match)}</Tag></dd><dt>{t("多付风险", "At stake")}</dt><dd><Amount of={row.atStake} exact /></dd>
        <dt>{t("未核销预付与红字", "Advances and red invoices against it")}</dt><dd><Amount of={row.against} exact /></dd>
        {row.approval ? <><dt>{t("例外批准", "Approved by")}</dt><dd><Person id={row.approval.by} /> {row.approval.reason}</dd></> : null}
      </dl>
      <div className="state refused"><b>{row.left === "0.00" ? t("已全部列入批次。", "All of it is in a batch.") : isException ? t("三单不符，不能直接付款。", "It does not match, so it is not paid as it is.") : row.account === "pending" ? t("收款账户变更待第二人批准。", "A change of the account waits for a second person.") : t("没有已批准的收款账户。", "There is no approved account.")}</b>
        <div className="sub">{isException ? t("更正单据，或由提出人以外的人写明原因批准。", "Correct the documents, or let somebody else than who proposes approve it with a reason.") : t("在收款账户页处理。", "See the accounts.")}</div></div>
      {mayApprove ? <Field label={t("原因（留痕）", "Reason (kept on record)")}><textarea className="in" data-first value={reason} onChange={(event) => setReason(event.target.value)} /></Field> : null}
      <Trouble error={approve.error} />
    </Dialog>
  );
}
