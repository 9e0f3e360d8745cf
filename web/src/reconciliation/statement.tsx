/** 对账单: drawn up for a customer or supplier, sent as paper, spreadsheet or link, and what they answered. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, usePages, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { Combo } from "../ui/combo.tsx";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Field, moment, Page, Panel, Segments, Tag, type Tone } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { language, useChoice, useT, type Words } from "../ui/text.ts";
import "./differences.css";
import { ReconciliationTabs } from "./tabs.tsx";

type Letter = { readonly letter: string; readonly party: string; readonly partyName: string; readonly kind: string; readonly at: string; readonly balance: string; readonly madeAt: string; readonly madeBy: string; readonly expiresAt: string; readonly state: string; readonly answeredAt: string | null; readonly answeredBy: string | null; readonly theirBalance: string | null; readonly remark: string | null; readonly hash: string; readonly answeredHash: string | null; readonly cursor: string };
const states: Readonly<Record<string, { readonly text: Words; readonly tone: Tone }>> = { sent: { text: { zh: "待答复", en: "Sent" }, tone: undefined }, agrees: { text: { zh: "相符", en: "Agrees" }, tone: "good" }, differs: { text: { zh: "不符", en: "Differs" }, tone: "bad" }, withdrawn: { text: { zh: "已作废", en: "Withdrawn" }, tone: undefined }, expired: { text: { zh: "已过期", en: "Expired" }, tone: "warn" } };

export function Letters() {
  const t = useT();
  const book = useBook();
  const lang = useChoice(language);
  const [{ party = "" }, set] = useFilters();
  const pages = usePages<Letter>(withQuery(`/books/${seg(book.code)}/letters`, { party }), 100);
  const [isMaking, setMaking] = useState(false);
  const withdraw = useAct((letter: string) => api(`/books/${seg(book.code)}/letters/${seg(letter)}/withdraw`, { method: "POST" }));
  const [copied, setCopied] = useState("");
  const copy = useAct(async (letter: string) => {
    const { path } = await api<{ readonly path: string }>(`/books/${seg(book.code)}/letters/${seg(letter)}/link`);
    await navigator.clipboard.writeText(`${location.origin}${path}`);
    setCopied(letter);
  });
  const may = book.may("reconciliation.decide");
  return (
    <Page title={t("对账单", "Statements of account")} tabs={<ReconciliationTabs />} acts={may ? <button type="button" className="btn p" onClick={() => setMaking(true)}>{t("出具对账单", "Draw one up")}</button> : undefined} bar={party === "" ? undefined : <button type="button" className="chip x" onClick={() => set({ party: "" })}>{t("往来单位", "Party")} <b>{party}</b> ×</button>}>
      <Trouble error={withdraw.error ?? copy.error} />
      <Panel>
        {pages.isPending ? <Loading rows={8} columns={7} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : pages.rows.length === 0 ? <Empty why={t("还没有出具过对账单。", "No statement of account was drawn up yet.")} next={t("选择客户或供应商，系统列出未清项并给出签名的确认链接。", "Choose a customer or supplier; the open items are listed, and a signed link to confirm them is made.")} /> : (
          <Table<Letter>
            caption={t("对账单，最新在前", "Statements, newest first")} rows={pages.rows} rowKey={(row) => row.letter} more={pages.more} isMore={pages.isFetchingNextPage}
            columns={[
              { key: "party", head: { zh: "往来单位", en: "Party" }, wrap: true, cell: (row) => <>{row.partyName}<span className="sub">{row.kind === "customer" ? t("客户", "customer") : t("供应商", "supplier")} {row.party}</span></> }, { key: "at", head: { zh: "截至", en: "As of" }, wide: true, cell: (row) => row.at },
              { key: "balance", head: { zh: "余额", en: "Balance" }, num: true, cell: (row) => <Amount of={row.balance} exact zero="figure" /> }, { key: "state", head: { zh: "答复", en: "Answer" }, wrap: true, cell: (row) => <><Tag tone={states[row.state]?.tone}>{t(states[row.state]?.text ?? row.state)}</Tag>{row.remark ? <span className="sub">{row.remark}</span> : null}</> },
              { key: "theirs", head: { zh: "对方余额", en: "Theirs" }, num: true, wide: true, cell: (row) => <Amount of={row.theirBalance} exact zero="figure" /> }, { key: "by", head: { zh: "答复人", en: "Answered by" }, wide: true, wrap: true, cell: (row) => (row.answeredAt === null ? <span className="sub">{t(`有效至 ${row.expiresAt.slice(0, 10)}`, `until ${row.expiresAt.slice(0, 10)}`)}</span> : <>{row.answeredBy}<span className="sub">{moment(row.answeredAt)}</span>{row.answeredHash === null ? null : <span className="sub" title={row.answeredHash}>{row.answeredHash === row.hash ? t(`内容 ${row.hash.slice(0, 8)}`, `about ${row.hash.slice(0, 8)}`) : t("内容不符", "about something else")}</span>}</>) },
              { key: "acts", head: { zh: "文件", en: "Files" }, wide: true, cell: (row) => <><Link to={`/print/${book.code}/letter?letter=${row.letter}` as never}>{t("打印", "Print")}</Link> {(["pdf", "xlsx"] as const).map((format) => <a key={format} className="reconciliation-file" href={`/api/v1/books/${seg(book.code)}/letters/${row.letter}/file?format=${format}&language=${lang}`} download>{format === "pdf" ? "PDF" : "xlsx"}</a>)}{may && row.state === "sent" ? <> <button type="button" className="link" onClick={() => copy.mutate(row.letter)}>{copied === row.letter ? t("已复制", "Copied") : t("复制链接", "Copy link")}</button> <button type="button" className="link" onClick={() => withdraw.mutate(row.letter)}>{t("作废", "Withdraw")}</button></> : null}</> },
            ]}
          />
        )}
      </Panel>
      {isMaking ? <Make onClose={() => setMaking(false)} /> : null}
    </Page>
  );
}

function Make({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const [kind, setKind] = useState<"customer" | "supplier">("customer");
  const [party, setParty] = useState("");
  const [name, setName] = useState("");
  const search = async (text: string) => (await api<readonly { readonly code: string; readonly zh: string; readonly en: string }[]>(withQuery(`/books/${seg(book.code)}/masterdata/search`, { kind, text }))).map((row) => ({ value: row.code, text: t(row.zh, row.en) || row.code }));
  const make = useAct(() => api<Letter & { readonly path: string }>(`/books/${seg(book.code)}/letters`, { body: { party, kind } }));
  const link = make.data ? `${location.origin}${make.data.path}` : "";
  return (
    <Dialog title={t("出具对账单", "Draw up a statement of account")} onClose={onClose} foot={make.data ? <><button type="button" className="btn" onClick={() => void navigator.clipboard.writeText(link)}>{t("复制链接", "Copy the link")}</button><Link className="btn p" to={`/print/${book.code}/letter?letter=${make.data.letter}` as never}>{t("打印", "Print")}</Link></> : <><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={party === "" || make.isPending} onClick={() => make.mutate(undefined)}>{t("出具", "Draw up")}</button></>}>
      {make.data ? <><p>{make.data.partyName} <b><Amount of={make.data.balance} exact zero="figure" /></b></p><Field label={t("确认链接（签名，30 天内答复一次有效）", "Link to confirm (signed, good for one answer within 30 days)")}><input className="in" readOnly value={link} onFocus={(event) => event.target.select()} /></Field></> : <>
        <Segments label={t("对方", "With")} value={kind} options={[{ value: "customer", text: { zh: "客户", en: "Customer" } }, { value: "supplier", text: { zh: "供应商", en: "Supplier" } }]} onChange={(value) => { setKind(value); setParty(""); setName(""); }} />
        <Field label={kind === "customer" ? t("客户", "Customer") : t("供应商", "Supplier")}><Combo key={kind} label={t("往来单位", "Party")} placeholder={t("名称、编码或拼音", "Name, code or pinyin")} value={party} shown={name} search={search} onChoose={(code, choice) => { setParty(code); setName(choice?.text ?? code); }} /></Field>
      </>}
      <Trouble error={make.error} />
    </Dialog>
  );
}
