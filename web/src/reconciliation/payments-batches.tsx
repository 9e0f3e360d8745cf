/** 付款批次: who proposed, who approved, the file for the bank, and what of it has been paid. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi, usePages } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Field, moment, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { documentAddress } from "../vouchers/model.ts";
import { Person } from "../vouchers/words.tsx";
import { type PaymentColumns, PaymentLayouts } from "./payments-layouts.tsx";
import { type Batch, type BatchLine, type BatchShown, batchWords } from "./payments-model.ts";

export function Batches() {
  const t = useT();
  const book = useBook();
  const [{ batch }, set] = useFilters();
  const base = `/books/${seg(book.code)}/payment-batches`;
  const pages = usePages<Batch>(base, 50);
  const settle = useAct(() => api<{ readonly paid: readonly unknown[]; readonly problems: readonly { readonly endToEndId: string; readonly reasons: readonly { readonly zh: string; readonly en: string }[] }[]; readonly open: number }>(`${base}/settle`, { method: "POST" }));
  return (
    <>
      <Panel title={t("付款批次", "Batches of payments")} right={book.may("payments.propose") ? <button type="button" className="btn" disabled={settle.isPending} onClick={() => settle.mutate(undefined)}>{t("核销已付", "Settle what was paid")}</button> : undefined}>
        <Trouble error={settle.error} />
        {settle.data ? <div className={settle.data.problems.length > 0 ? "state refused" : "state"} role="status"><b>{t(`核销 ${settle.data.paid.length} 笔，余 ${settle.data.open} 笔未付。`, `${settle.data.paid.length} settled, ${settle.data.open} not paid yet.`)}</b>{settle.data.problems.map((one) => <div key={one.endToEndId} className="sub">{one.endToEndId} {one.reasons.map((reason) => t(reason)).join(t("；", "; "))}</div>)}</div> : null}
        {pages.isPending ? <Loading columns={6} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : pages.rows.length === 0 ? <Empty why={t("还没有付款批次。", "There is no batch yet.")} next={t("在待付页选择应付并提出付款。", "Choose payables on the due page and propose them.")} /> : <Table<Batch>
          caption={t("付款批次", "Batches of payments")} rows={pages.rows} rowKey={(row) => row.batch} onOpen={(row) => set({ batch: row.batch })} selected={batch} more={pages.more} isMore={pages.isFetchingNextPage}
          columns={[
            { key: "id", head: { zh: "批次", en: "Batch" }, cell: (row) => <button type="button" className="link" onClick={() => set({ batch: row.batch })}>{row.messageId}</button> }, { key: "on", head: { zh: "付款日", en: "On" }, mute: true, cell: (row) => row.executeOn, wide: true }, { key: "bank", head: { zh: "付款账户", en: "From" }, cell: (row) => row.bankAccount, wide: true },
            { key: "amount", head: { zh: "金额", en: "Amount" }, num: true, cell: (row) => <>{row.currency === book.currency ? "" : `${row.currency} `}<Amount of={row.amount} exact /></> }, { key: "paid", head: { zh: "已付", en: "Paid" }, num: true, wide: true, cell: (row) => <Amount of={row.paid} exact /> },
            { key: "state", head: { zh: "状态", en: "State" }, cell: (row) => <Tag tone={batchWords[row.state]?.tone}>{t(batchWords[row.state]?.text ?? row.state)}</Tag> }, { key: "by", head: { zh: "提出", en: "Proposed by" }, wide: true, mute: true, cell: (row) => <><Person id={row.proposedBy} /> {moment(row.proposedAt).slice(5, 16)}</> },
          ]}
        />}
      </Panel>
      {batch === undefined || batch === "" ? null : <BatchDialog key={batch} path={`${base}/${seg(batch)}`} onClose={() => set({ batch: "" })} />}
    </>
  );
}

const formats = [{ value: "pain.001.001.09", text: "pain.001.001.09" }, { value: "pain.001.001.03", text: "pain.001.001.03" }, { value: "icbc-csv", text: "工行批量支付 CSV" }] as const;
type Layout = { readonly name: string; readonly body: PaymentColumns };

function BatchDialog({ path, onClose }: { readonly path: string; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const shown = useApi<BatchShown>(path, { keep: true });
  const [asking, setAsking] = useState<"withdraw" | "export" | null>(null);
  const [reason, setReason] = useState("");
  const [format, setFormat] = useState<string>(formats[0].value);
  const [bank, setBank] = useState<string | null>(null);
  const approve = useAct(() => api(`${path}/approve`, { method: "POST" }));
  const withdraw = useAct(() => api(`${path}/withdraw`, { body: { reason } }));
  const save = useAct(async () => {
    const file = await api<{ readonly name: string; readonly type: string; readonly body: string }>(`${path}/export`, { body: { format, ...(shown.data?.state === "approved" ? { payer: { bank: bank ?? shown.data.payer.bank } } : {}) } });
    const url = URL.createObjectURL(new Blob([file.body], { type: file.type }));
    Object.assign(document.createElement("a"), { href: url, download: file.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    setAsking(null);
  });
  const [isLayout, setLayout] = useState(false);
  const layouts = useApi<readonly Layout[]>(`/books/${seg(book.code)}/payment-layouts`).data ?? [];
  const data = shown.data;
  const state = data?.state ?? "";
  return (
    <Dialog kind="wide" title={data?.messageId ?? t("付款批次", "Batch")} onClose={onClose} foot={data === undefined ? undefined : <>
      {book.may("payments.propose") && ["proposed", "approved", "exported"].includes(state) ? <button type="button" className="btn" onClick={() => setAsking(asking === "withdraw" ? null : "withdraw")}>{t("撤回", "Withdraw")}</button> : null}
      {book.may("payments.propose") && book.sees("bank") && ["approved", "exported", "paid"].includes(state) ? <button type="button" className={`btn${state === "approved" ? " p" : ""}`} onClick={() => setAsking(asking === "export" ? null : "export")}>{state === "approved" ? t("导出银行文件", "Export for the bank") : t("再次导出", "Export again")}</button> : null}
      {book.may("payments.approve") && state === "proposed" ? <button type="button" className="btn p" disabled={approve.isPending} onClick={() => approve.mutate(undefined)}>{t("批准", "Approve")}</button> : null}
    </>}>
      <Loaded of={shown} columns={4}>{(of) => <>
        <p className="payments-hero"><Amount of={of.amount} exact /> <span>{of.currency}</span> <Tag tone={batchWords[of.state]?.tone}>{t(batchWords[of.state]?.text ?? of.state)}</Tag></p>
        <dl className="kv payments-kv"><dt>{t("付款日，账户", "On, from")}</dt><dd>{of.executeOn} {of.bankAccount}</dd><dt>{t("提出", "Proposed")}</dt><dd><Person id={of.proposedBy} /> {moment(of.proposedAt)}</dd>
          {of.approvedBy ? <><dt>{t("批准", "Approved")}</dt><dd><Person id={of.approvedBy} /> {moment(of.approvedAt ?? "")}</dd></> : null}{of.exportedBy ? <><dt>{t("首次导出", "First exported")}</dt><dd><Person id={of.exportedBy} /> {moment(of.exportedAt ?? "")}</dd></> : null}{of.endReason ? <><dt>{t("撤回原因", "Withdrawn because")}</dt><dd>{of.endReason}</dd></> : null}</dl>
        <Trouble error={approve.error ?? withdraw.error ?? save.error} />
        {asking === "withdraw" ? <div className="payments-ask"><Field label={t("原因（留痕）", "Reason (kept on record)")} hint={of.state === "exported" ? t("文件已给银行：须先在银行撤销或确认被拒。", "The bank has the file: it must have been refused or recalled there first.") : undefined}><input className="in" autoFocus value={reason} onChange={(event) => setReason(event.target.value)} /></Field><button type="button" className="btn danger" disabled={reason.trim() === "" || withdraw.isPending} onClick={() => withdraw.mutate(undefined, { onSuccess: () => setAsking(null) })}>{t("撤回批次", "Withdraw the batch")}</button></div> : null}
        {asking === "export" ? <div className="payments-ask">
          <Field label={t("格式", "Format")}><select className="in" value={format} onChange={(event) => setFormat(event.target.value)}>{formats.map((one) => <option key={one.value} value={one.value}>{one.text}</option>)}{layouts.map(({ name }) => <option key={name} value={`layout:${name}`}>{name} CSV</option>)}</select></Field> <button type="button" className="link" onClick={() => setLayout(true)}>{t("银行模板版式 …", "Layouts of bank templates …")}</button>
          {of.state === "approved" ? <Field label={t("付款行联行号或 BIC", "Own bank: CNAPS code or BIC")} hint={t("首次导出后固定；再次导出的字节相同。", "Fixed with the first export; every later one has the same bytes.")}><input className="in" value={bank ?? of.payer.bank} onChange={(event) => setBank(event.target.value)} /></Field> : null}
          <button type="button" className="btn p" disabled={save.isPending} onClick={() => save.mutate(undefined)}>{t("保存文件", "Save the file")}</button>
        </div> : null}
        <Table<BatchLine>
          caption={t("付款", "Payments")} rows={of.lines} rowKey={(line) => line.payment} footLabel={t(`共 ${of.lines.length} 笔`, `${of.lines.length} payments`)}
          columns={[
            { key: "supplier", head: { zh: "收款方", en: "To" }, wrap: true, cell: (line) => <>{line.supplierName || line.supplier}<span className="sub"> {line.account.name} {line.account.number}</span>{line.isAccountChanged && of.state !== "paid" && of.state !== "withdrawn" ? <> <Tag tone="bad">{t("账户已变更", "Account changed")}</Tag></> : null}</> },
            { key: "items", head: { zh: "发票", en: "Invoices" }, wrap: true, wide: true, cell: (line) => line.items.map((item) => <Link key={item.document} className="payments-doc" to={documentAddress(book.code, item.document.replace(/^([^/]*\/[^/]*).*$/, "$1")) as never}>{item.document.slice(item.document.indexOf("/") + 1)}{/[1-9]/.test(item.discount) ? <span className="sub"> {t("折扣 ", "discount ")}<Amount of={item.discount} exact /></span> : null}</Link>) },
            { key: "amount", head: { zh: "金额", en: "Amount" }, num: true, cell: (line) => <Amount of={line.amount} exact />, foot: <Amount of={of.amount} exact /> },
            { key: "paid", head: { zh: "已付", en: "Paid" }, wide: true, cell: (line) => (line.paidBy ? <Link to={documentAddress(book.code, line.paidBy) as never}>{line.paidOn}</Link> : <span className="mut">{t("未付", "not yet")}</span>) },
          ]}
        />
      </>}</Loaded>
      {isLayout ? <PaymentLayouts layouts={layouts} onClose={() => setLayout(false)} /> : null}
    </Dialog>
  );
}
