/** One party's open items on both sides, and 核销: tick money and what it pays, look at the sum, clear. A settlement document is posted. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Field, moment, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { documentAddress } from "../vouchers/model.ts";
import { useKindName } from "../vouchers/words.tsx";
import { add, isEqual, least, signOf } from "./decimal.ts";
import { BooksPage, ledgerAddress, useAccounts } from "./frame.tsx";
import { type Bucket, type Kind, kindWords, type Party, today } from "./open-items.tsx";

type Item = {
  readonly document: string; readonly link: string; readonly kind: string; readonly number: string; readonly original: string; readonly account: string; readonly side: "debit" | "credit"; readonly isAgainst: boolean; readonly clears: boolean; readonly isClearable: boolean; readonly date: string; readonly dueOn: string; readonly currency: string;
  readonly amount: string; readonly cleared: string; readonly open: string; readonly openBase: string; readonly ageDays: number; readonly bucket: Bucket; readonly owner: string; readonly ownerName: string;
};
type Result = { readonly document: string; readonly state: string; readonly vouchers: readonly string[]; readonly reasons: readonly { readonly code: string; readonly zh: string; readonly en: string; readonly todo: { readonly zh: string; readonly en: string } }[] };
type Clearing = { readonly document: string; readonly kind: string; readonly date: string; readonly amount: string; readonly recordedAt: string };

export function PartyItems() {
  const t = useT();
  const book = useBook();
  const [filters] = useFilters();
  const kindName = useKindName();
  const { nameOf } = useAccounts();
  const kind = (["customer", "supplier", "employee"] as const).find((one) => one === filters.kind) ?? "customer";
  const party = filters.party ?? "";
  const at = filters.at ?? today();
  const items = useApi<readonly Item[]>(withQuery(`/books/${seg(book.code)}/open-items/of-party`, { kind, party, at }), { keep: true });
  const known = useApi<readonly Party[]>(withQuery(`/books/${seg(book.code)}/open-items/parties`, { kind, at })).data?.find((one) => one.party === party);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [history, setHistory] = useState<Item | null>(null);
  const rows = items.data ?? [];
  const mayClear = kind !== "employee" && book.may("documents.post");
  const [owed, against] = [rows.filter(({ isAgainst }) => !isAgainst), rows.filter(({ isAgainst }) => isAgainst)];
  const chosen = rows.filter(({ link }) => ticked.has(link));
  const toggle = (link: string): void => { const next = new Set(ticked); if (!next.delete(link)) next.add(link); setTicked(next); };
  const columnsOf = (isMoney: boolean): Column<Item>[] => [
    ...(mayClear ? [{ key: "tick", head: "", cell: (item: Item) => ((isMoney ? item.clears : item.isClearable) ? <input type="checkbox" checked={ticked.has(item.link)} onChange={() => toggle(item.link)} aria-label={t(`勾选 ${item.number}`, `Tick ${item.number}`)} /> : null) }] : []),
    { key: "document", head: { zh: "单据", en: "Document" }, cell: (item) => <><Link to={documentAddress(book.code, item.document)}>{item.original === "" ? item.number : item.original.slice(item.original.indexOf("/") + 1)}</Link><span className="sub">{item.original === "" ? kindName(item.kind) : t("期初", "Opening")}</span></> },
    { key: "account", head: { zh: "科目", en: "Account" }, wide: true, cell: (item) => <Link to={ledgerAddress(book.code, item.account, { dimension: `counterparty:${party}`, from: `${at.slice(0, 4)}-01`, to: at.slice(0, 7) })}>{item.account} <span className="books-name">{nameOf(item.account)}</span></Link> },
    { key: "date", head: { zh: "日期", en: "Date" }, wide: true, cell: ({ date }) => date },
    { key: "due", head: { zh: "到期", en: "Due" }, wide: true, cell: ({ dueOn, ageDays }) => <>{dueOn}{!isMoney && ageDays > 0 ? <span className="sub bad">{t(`逾期 ${ageDays} 天`, `${ageDays} days overdue`)}</span> : null}</> },
    { key: "owner", head: kind === "supplier" ? { zh: "采购员", en: "Buyer" } : { zh: "业务员", en: "Salesperson" }, wide: true, mute: true, cell: ({ owner, ownerName }) => ownerName || owner },
    { key: "amount", head: { zh: "金额", en: "Amount" }, num: true, wide: true, line: true, cell: ({ amount, currency }) => <>{currency === book.currency ? "" : `${currency} `}<Amount of={amount} exact /></> },
    { key: "cleared", head: { zh: "已核销", en: "Cleared" }, num: true, wide: true, cell: (item) => (signOf(item.cleared) === 0 || item.original !== "" ? <Amount of={item.cleared} exact /> : <button type="button" className="link" onClick={() => setHistory(item)}><Amount of={item.cleared} exact /></button>) },
    { key: "open", head: { zh: "未清", en: "Open" }, num: true, cell: ({ open, currency }) => <>{currency === book.currency ? "" : `${currency} `}<Amount of={open} exact /></>, foot: <Amount of={add((isMoney ? against : owed).map(({ openBase }) => openBase))} exact /> },
  ];
  const owedTitle = kind === "customer" ? t("应收", "Owed to us") : t("应付", "Owed by us");
  return (
    <BooksPage
      title={known?.name || party} crumb={{ to: withQuery(`/b/${book.code}/books/open-items`, { kind: kind === "customer" ? "" : kind, at: filters.at }), text: t("往来未清", "Open items") }} asOf={t(`账龄计至 ${at}`, `Ages count to ${at}`)} tags={<Tag>{t(kindWords[kind])} {party}</Tag>}
      acts={<Link className="btn" to={withQuery(`/b/${book.code}/books/auxiliary`, { by: kind === "employee" ? "employee" : "counterparty", value: party, from: `${at.slice(0, 4)}-01`, to: at.slice(0, 7) })}>{t("余额", "Balances")}</Link>}
    >
      {known ? <Panel><div className="books-stat" style={{ paddingTop: 14 }}>
        <div><span>{owedTitle}</span><b className="mid"><Amount of={known.total} exact /></b></div><div><span>{t("其中逾期", "Overdue")}</span><b className="mid"><Amount of={known.overdue} exact /></b></div><div><span>{t("未核销收付款", "Money not set off")}</span><b className="mid"><Amount of={known.against} exact /></b></div>
        <div><span>{t("净额", "Net")}</span><b className="mid"><Amount of={known.net} exact /></b></div>{known.owner === "" ? null : <div><span>{kind === "supplier" ? t("采购员", "Buyer") : t("业务员", "Salesperson")}</span><b className="mid">{known.ownerName || known.owner}</b></div>}
      </div></Panel> : null}
      <Loaded of={items} rows={8} columns={7} isEmpty={(data) => data.length === 0} empty={<Panel><Empty why={t(`${party} 没有未清项。`, `${party} has nothing open.`)} next={<Link to={`/b/${book.code}/books/open-items`}>{t("看全部往来", "See all parties")}</Link>} /></Panel>}>
        {() => <>
          <Panel title={owedTitle} note={t(`${owed.length} 项`, `${owed.length} items`)}>
            {owed.length === 0 ? <Empty why={t("没有未清的发票。", "No invoice is open.")} /> : <Table<Item> caption={owedTitle} columns={columnsOf(false)} rows={owed} rowKey={({ link }) => link} footLabel={t("合计", "Total")} />}
          </Panel>
          <Panel title={t("未核销的收付款与红字", "Money and red invoices not set off")} note={t(`${against.length} 项`, `${against.length} items`)}>
            {against.length === 0 ? <Empty why={t("没有未核销的收付款。", "No money waits to be set off.")} next={t("到账后未指明发票的收付款列在这里。", "Receipts and payments that named no invoice stand here.")} /> : <Table<Item> caption={t("未核销的收付款", "Money not set off")} columns={columnsOf(true)} rows={against} rowKey={({ link }) => link} footLabel={t("合计", "Total")} />}
            {mayClear && chosen.length > 0 && (kind === "customer" || kind === "supplier") ? <ClearBar kind={kind} party={party} chosen={chosen} done={() => setTicked(new Set())} /> : null}
          </Panel>
          <p className="sub" style={{ marginTop: 12 }}><Link to={`/b/${book.code}/documents?kind=settlement&party=${seg(party)}`}>{t("历次核销单", "Settlements so far")}</Link></p>
        </>}
      </Loaded>
      {history === null ? null : <History item={history} onClose={() => setHistory(null)} />}
    </BooksPage>
  );
}

function ClearBar({ kind, party, chosen, done }: { readonly kind: Exclude<Kind, "employee">; readonly party: string; readonly chosen: readonly Item[]; readonly done: () => void }) {
  const t = useT();
  const book = useBook();
  const [date, setDate] = useState(today());
  const [result, setResult] = useState<Result | null>(null);
  const [money, owed] = [chosen.filter(({ isAgainst }) => isAgainst), chosen.filter(({ isAgainst }) => !isAgainst)];
  const [moneySum, owedSum] = [add(money.map(({ open }) => open)), add(owed.map(({ open }) => open))];
  const amount = least(moneySum, owedSum);
  const clear = useAct((body: object) => api<Result>(`/books/${seg(book.code)}/open-items/clear`, { body }));
  const post = (): void => clear.mutate({ party, kind, date, from: money.map(({ link }) => ({ link })), to: owed.map(({ link }) => ({ link })) }, { onSuccess: (answer) => { setResult(answer); if (answer.state === "posted") done(); } });
  const isOneCurrency = new Set(chosen.map(({ currency }) => currency)).size === 1;
  const isReady = money.length > 0 && owed.length > 0 && isOneCurrency;
  return (
    <div className="books-clear">
      <span>{t("收付款", "Money")} <Amount of={moneySum} exact /></span><span>{isEqual(moneySum, owedSum) ? "=" : "≠"}</span><span>{t("未清项", "Items")} <Amount of={owedSum} exact /></span>
      <span className="mut">{!isOneCurrency ? t("币种不同，不能一起核销。", "Different currencies cannot clear each other.") : !isReady ? t("两方各勾选至少一项。", "Tick at least one on each side.") : isEqual(moneySum, owedSum) ? t("正好核销。", "They clear each other.") : t("先到期的先核销，余下的仍未清。", "The oldest are cleared first; the rest stays open.")}</span>
      <label className="row sp"><span className="sub">{t("日期", "Date")}</span><input className="in" type="date" value={date} onChange={(event) => setDate(event.target.value)} /></label>
      <button type="button" className="btn p" disabled={!isReady || clear.isPending || date === ""} onClick={post}>{isReady ? <>{t("核销", "Clear")} <Amount of={amount} exact /></> : t("核销", "Clear")}</button>
      {clear.error ? <Trouble error={clear.error} /> : null}
      {result !== null && result.state !== "posted" ? <div className="state refused" role="alert"><b>{t("核销单未入账。", "The settlement was not posted.")}</b>{result.reasons.map((reason) => <div key={reason.code} className="sub">{t(reason.zh, reason.en)} {t(reason.todo)}</div>)}</div> : null}
    </div>
  );
}

function History({ item, onClose }: { readonly item: Item; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const kindName = useKindName();
  const clearings = useApi<readonly Clearing[]>(withQuery(`/books/${seg(book.code)}/open-items/clearings`, { of: item.document, currency: item.currency }));
  return (
    <Dialog title={t(`${item.number} 的核销记录`, `What cleared ${item.number}`)} onClose={onClose} kind="wide">
      <Loaded of={clearings} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("没有单独的核销单据。", "No document of its own cleared it.")} />}>
        {(rows) => <Table<Clearing>
          caption={t("核销记录", "Clearings")} rows={rows} rowKey={({ document }) => document} footLabel={t("合计", "Total")}
          columns={[
            { key: "document", head: { zh: "单据", en: "Document" }, cell: ({ document, kind }) => <><Link to={documentAddress(book.code, document)}>{document.slice(document.indexOf("/") + 1)}</Link><span className="sub">{kindName(kind)}</span></> }, { key: "date", head: { zh: "日期", en: "Date" }, cell: ({ date }) => date },
            { key: "at", head: { zh: "入账", en: "Recorded" }, wide: true, mute: true, cell: ({ recordedAt }) => moment(recordedAt) }, { key: "amount", head: { zh: `核销（${item.currency}）`, en: `Cleared (${item.currency})` }, num: true, cell: ({ amount }) => <Amount of={amount} exact />, foot: <Amount of={add(rows.map(({ amount }) => amount))} exact /> },
          ]}
        />}
      </Loaded>
      <Field label={t("未清", "Open")}><span><Amount of={item.open} exact /> {item.currency}</span></Field>
    </Dialog>
  );
}
