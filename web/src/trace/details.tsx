/** Beside the picture: the account of the order, every node as a row, and what is selected with its voucher lines. */
import { Link } from "@tanstack/react-router";
import { seg } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { useAccounts } from "../books/frame.tsx";
import { Amount, isZero, Quantity } from "../ui/amount.tsx";
import { moment, Panel, Tag } from "../ui/parts.tsx";
import { Empty } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { type T, useT } from "../ui/text.ts";
import { addressOf, documentAddress } from "../vouchers/model.ts";
import { Person, useNames } from "../vouchers/words.tsx";
import type { GraphNode, OrderAccount, TraceGraph, VoucherNode } from "./graph.ts";

const stepWords: Readonly<Record<string, { readonly sales: readonly [string, string]; readonly purchases: readonly [string, string] }>> = {
  ordered: { sales: ["订购", "Ordered"], purchases: ["订购", "Ordered"] }, moved: { sales: ["发货", "Shipped"], purchases: ["收货", "Received"] }, returned: { sales: ["退货", "Returned"], purchases: ["退货", "Returned"] }, net: { sales: ["净发货", "Net shipped"], purchases: ["净收货", "Net received"] },
  invoiced: { sales: ["开票净额", "Invoiced, net"], purchases: ["到票净额", "Invoiced, net"] }, paid: { sales: ["回款", "Paid"], purchases: ["付款", "Paid"] }, open: { sales: ["未回款", "Open"], purchases: ["未付款", "Open"] },
};

/** 订购、发货、退货、净发货、开票、回款、未回款. */
export function Accounts({ account }: { readonly account: OrderAccount }) {
  const t = useT();
  const rows = [{ key: "quantity", words: t("数量", "Quantity") }, { key: "amount", words: t("金额", "Amount") }] as const;
  const columns: Column<(typeof rows)[number]>[] = [
    { key: "what", head: { zh: "项目", en: "What" }, mute: true, cell: ({ words }) => words },
    ...account.steps.map(({ step, quantity, amount }): Column<(typeof rows)[number]> => {
      const [zh, en] = stepWords[step]?.[account.side] ?? [step, step];
      return { key: step, num: true, head: { zh, en }, wide: ["returned", "net", "moved"].includes(step), cell: ({ key }) => (key === "quantity" ? <Quantity of={quantity} /> : step === "open" ? <b><Amount of={amount} hidden={amount === null} exact /></b> : <Amount of={amount} hidden={amount === null} exact />) };
    }),
  ];
  return (
    <Panel title={account.side === "sales" ? t("这张订单的账", "The order's account") : t("这张采购订单的账", "The purchase order's account")} right={`${account.unit === "" ? "" : `${account.unit}${t("、", ", ")}`}${account.currency === "CNY" ? t("元（含税）", "CNY, gross") : t(`${account.currency}（含税）`, `${account.currency}, gross`)}`}>
      <Table caption={t("这张订单的账", "The order's account")} columns={columns} rows={rows} rowKey={({ key }) => key} />
      {account.uninvoiced !== null && !isZero(account.uninvoiced) ? <div className="trace-note">{account.side === "sales" ? t("其中尚未开票", "Of this not yet invoiced") : t("其中尚未到票", "Of this not yet invoiced")} <Amount of={account.uninvoiced} exact /></div> : null}
    </Panel>
  );
}

const stateWords = (node: GraphNode, t: T): string => {
  if (node.node === "voucher") return node.reversalOf === null ? t("已记账", "Posted") : t("红冲", "Reversal");
  if (node.node === "awaited") return node.what === "draft" ? t("待审核", "To review") : t("等待", "Awaited");
  return { posted: t("已入账", "Posted"), exempt: t("不入账", "No entry"), waiting: t("等待", "Waiting"), parked: t("挂起", "Parked"), superseded: t("已被替代", "Superseded") }[node.state] ?? node.state;
};
const kindWords = (node: GraphNode, t: T): string => (node.node === "voucher" ? t("凭证", "Voucher") : t(node.zh, node.en));
const numberOf = (node: GraphNode, t: T): string => (node.node === "voucher" ? node.number || t("期初", "Opening") : node.number);
const dateOf = (node: GraphNode): string => (node.node === "awaited" ? node.since.slice(0, 10) : node.date);
const momentOf = (node: GraphNode): string => (node.node === "voucher" ? node.postedAt : node.node === "document" ? node.receivedAt : node.since);

/** Every node as a row of text, for a file. */
export function nodeRows(graph: TraceGraph, t: T, names: (id: string) => string): string[][] {
  const head = [t("种类", "Kind"), t("编号", "Number"), t("业务日期", "Date"), t("往来单位", "Party"), t("数量", "Quantity"), t("币种", "Currency"), t("金额", "Amount"), t("经办", "Who"), t("时间", "When"), t("状态", "State"), t("来自", "From")];
  const parents = Map.groupBy(graph.edges, ({ to }) => to);
  return [head, ...graph.nodes.map((node) => [
    kindWords(node, t), numberOf(node, t), dateOf(node), node.node === "document" ? `${node.party} ${node.partyName}`.trim() : "", node.node === "voucher" ? "" : node.quantity, node.node === "document" ? node.currency : "", node.node === "voucher" ? node.total : (node.amount ?? t("无权查看", "Not permitted")),
    node.node === "voucher" ? names(node.postedBy) : node.ownerName || node.owner || (node.node === "document" ? node.source : ""), momentOf(node) === "" ? "" : moment(momentOf(node)), stateWords(node, t), (parents.get(node.id) ?? []).map(({ from }) => from.slice(from.indexOf("/") + 1)).join(" "),
  ])];
}

export function NodeTable({ graph, selected, onSelect }: { readonly graph: TraceGraph; readonly selected: string | null; readonly onSelect: (id: string) => void }) {
  const t = useT();
  const { nameOf: names } = useNames();
  const columns: Column<GraphNode>[] = [
    { key: "number", head: { zh: "编号", en: "Number" }, cell: (node) => <><button type="button" className="link" onClick={() => onSelect(node.id)}>{numberOf(node, t) || kindWords(node, t)}</button><span className="sub">{kindWords(node, t)}</span></> },
    { key: "date", head: { zh: "日期", en: "Date" }, wide: true, cell: (node) => dateOf(node).slice(5) },
    { key: "quantity", head: { zh: "数量", en: "Quantity" }, num: true, wide: true, cell: (node) => (node.node === "voucher" ? null : <Quantity of={node.quantity} {...(node.unit === "" ? {} : { unit: node.unit })} />) },
    { key: "amount", head: { zh: "金额", en: "Amount" }, num: true, cell: (node) => (node.node === "voucher" ? <Amount of={node.total} exact /> : <>{node.node === "document" && node.currency !== "CNY" && node.amount ? `${node.currency} ` : ""}<Amount of={node.amount} hidden={node.amount === null} exact /></>) },
    { key: "who", head: { zh: "经办", en: "Who" }, wide: true, mute: true, cell: (node) => (node.node === "voucher" ? names(node.postedBy) : node.ownerName || node.owner || (node.node === "document" ? node.source : "")) },
    { key: "when", head: { zh: "时间", en: "When" }, wide: true, mute: true, cell: (node) => (momentOf(node) === "" ? "" : momentOf(node).length === 10 ? momentOf(node) : moment(momentOf(node))) },
    { key: "state", head: { zh: "状态", en: "State" }, cell: (node) => <Tag tone={node.node === "awaited" || (node.node === "document" && (node.state === "waiting" || node.state === "parked")) ? "warn" : undefined}>{stateWords(node, t)}</Tag> },
  ];
  return <Panel title={t("图中各项", "All of it")} note={t(`${graph.nodes.length} 项`, `${graph.nodes.length} nodes`)}><Table<GraphNode> caption={t("图中各项", "All nodes")} columns={columns} rows={graph.nodes} rowKey={({ id }) => id} selected={selected} onOpen={({ id }) => onSelect(id)} /></Panel>;
}

/** What is selected: of a document what it says of itself and the lines of its vouchers; of a voucher its lines. */
export function Selected({ graph, id, onSelect }: { readonly graph: TraceGraph; readonly id: string | null; readonly onSelect: (id: string) => void }) {
  const t = useT();
  const book = useBook();
  const node = graph.nodes.find((one) => one.id === id);
  if (!node) return <Panel><Empty why={t("在图或表中选中一项。", "Select a node in the picture or the table.")} /></Panel>;
  const vouchers = node.node === "voucher" ? [node] : graph.edges.filter(({ edge, from }) => edge === "caused" && from === node.id).flatMap(({ to }) => graph.nodes.filter((one): one is VoucherNode => one.id === to && one.node === "voucher"));
  const causes = node.node === "voucher" ? graph.edges.filter(({ edge, to }) => edge === "caused" && to === node.id).map(({ from }) => from) : [];
  return (
    <Panel
      title={t(`选中：${kindWords(node, t)} ${numberOf(node, t)}`, `${kindWords(node, t)} ${numberOf(node, t)}`)}
      right={node.node === "document" ? <Link to={documentAddress(book.code, node.id)}>{t("打开单据", "Open")}</Link> : node.node === "voucher" && node.number !== "" ? <Link to={addressOf(book.code, node.id)}>{t("打开凭证", "Open")}</Link> : undefined}
    >
      <div className="pb">
        <dl className="kv">
          {node.node === "document" && node.partyName !== "" ? <><dt>{t("往来单位", "Party")}</dt><dd>{node.partyName}</dd></> : null}
          <dt>{t("业务日期", "Date")}</dt><dd>{dateOf(node)}</dd>
          {node.node === "document" ? <><dt>{t("到达", "Arrived")}</dt><dd>{node.source} {node.receivedAt === "" ? "" : moment(node.receivedAt)}</dd></> : null}
          {node.node !== "voucher" && (node.ownerName || node.owner) ? <><dt>{t("经办", "Who")}</dt><dd>{node.ownerName || node.owner}</dd></> : null}
          {node.node === "voucher" ? <><dt>{t("制单", "Prepared")}</dt><dd><Person id={node.preparedBy} /></dd><dt>{t("审核", "Reviewed")}</dt><dd><Person id={node.reviewedBy} /></dd><dt>{t("记账", "Posted")}</dt><dd><Person id={node.postedBy} /> {moment(node.postedAt)}</dd></> : null}
          {causes.length > 0 ? <><dt>{t("出自", "From")}</dt><dd>{causes.map((cause) => <button key={cause} type="button" className="link books-dim" onClick={() => onSelect(cause)}>{cause.slice(cause.indexOf("/") + 1)}</button>)}</dd></> : null}
        </dl>
      </div>
      {node.node === "document" && node.reasons.length > 0 ? <div className="state refused">{node.reasons.map((reason, at) => <div key={at}><b>{t(reason.zh, reason.en)}</b><span className="sub">{t(reason.todo)}</span></div>)}</div> : null}
      {node.node === "awaited" ? <Empty why={node.what === "invoice" ? t("货已动，发票还没有到图中。", "The goods moved; their invoice is not here yet.") : node.what === "draft" ? t("凭证已生成，等待审核。", "The voucher is made and waits for review.") : t("有单据在等它，它还没有到达。", "Documents wait for it; it has not arrived.")} next={node.what === "draft" ? <Link to={`/b/${book.code}/vouchers/review`}>{t("去审核", "Review")}</Link> : node.what === "document" ? <Link to={`/b/${book.code}/documents?text=${seg(node.number)}`}>{t("查找单据", "Find it")}</Link> : undefined} /> : null}
      {vouchers.map((voucher) => <Lines key={voucher.id} voucher={voucher} isNamed={node.node !== "voucher"} />)}
      {node.node === "document" && vouchers.length === 0 && book.may("vouchers.read") ? <Empty why={node.state === "exempt" ? t("这类单据不产生凭证。", "Documents of this kind make no voucher.") : t("还没有凭证。", "There is no voucher yet.")} /> : null}
    </Panel>
  );
}

function Lines({ voucher, isNamed }: { readonly voucher: VoucherNode; readonly isNamed: boolean }) {
  const t = useT();
  const book = useBook();
  const { nameOf } = useAccounts();
  const rows = voucher.lines.map((line, at) => ({ ...line, at }));
  return (
    <Table
      caption={`${t("凭证", "Voucher")} ${voucher.number}`} rows={rows} rowKey={({ at }) => String(at)}
      columns={[
        { key: "account", head: isNamed ? `${voucher.period} ${voucher.number || t("期初", "Opening")}` : { zh: "科目", en: "Account" }, wrap: true, cell: (line) => <><Link to={`/b/${book.code}/books/ledger?view=lines&account=${seg(line.account)}&from=${voucher.period}&to=${voucher.period}`}>{line.account} {nameOf(line.account)}</Link><span className="sub">{Object.values(line.dimensions).join(" ")}</span></> },
        { key: "debit", head: { zh: "借方（元）", en: "Debit (CNY)" }, num: true, cell: (line) => (isZero(line.debit) ? null : <Amount of={line.debit} exact />) }, { key: "credit", head: { zh: "贷方（元）", en: "Credit (CNY)" }, num: true, cell: (line) => (isZero(line.credit) ? null : <Amount of={line.credit} exact />) },
      ]}
    />
  );
}
