/** One code: what each source says, where they disagree, and where it is used: documents, open items, accounts, stock. */
import { Link, useParams } from "@tanstack/react-router";
import { seg, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount, count, Quantity } from "../ui/amount.tsx";
import { moment, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import type { Field, Shown } from "./model.ts";
import "./masterdata.css";

const parties = new Set(["customer", "supplier", "employee"]);

export function MasterRecord() {
  const t = useT();
  const book = useBook();
  const { kind = "", code = "" } = useParams({ strict: false }) as { kind?: string; code?: string };
  const record = useApi<Shown>(`/books/${seg(book.code)}/masterdata/${seg(kind)}/${seg(code)}`);
  const crumb = { to: `/b/${book.code}/masterdata`, text: t("主数据", "Master data") };
  const data = record.data;
  return (
    <Page title={data ? `${data.code} ${t(data.zh, data.en)}` : code} crumb={crumb} tags={data ? <span className="row tags"><Tag>{t(data.kindWords)}</Tag>{data.isDisputed ? <Tag tone="warn">{t("来源不一致", "Sources differ")}</Tag> : null}</span> : undefined} asOf={data ? t(`${moment(data.changedAt)} 变更`, `changed ${moment(data.changedAt)}`) : undefined}>
      <div className="masterdata-top"><Loaded of={record} rows={6} columns={3}>{(shown) => <Body shown={shown} />}</Loaded></div>
    </Page>
  );
}

function Body({ shown }: { readonly shown: Shown }) {
  const t = useT();
  const book = useBook();
  const { used } = shown;
  const names = [...new Set(shown.records.flatMap(({ fields }) => fields.map(({ name }) => name)))];
  const fieldOf = (name: string): Field | undefined => shown.records.flatMap(({ fields }) => fields).find((field) => field.name === name);
  const rows = [{ name: "name", label: t("名称", "Name") }, ...names.map((name) => ({ name, label: t(fieldOf(name)?.zh ?? name, fieldOf(name)?.en ?? name) })), ...(shown.records.some(({ units }) => units.length > 0) ? [{ name: "units", label: t("单位换算", "Units") }] : []), { name: "version", label: t("版本", "Version") }, { name: "changedAt", label: t("变更", "Changed") }];
  const value = (record: Shown["records"][number], name: string) => {
    if (name === "name") return t(record.name.zh, record.name.en);
    if (name === "version") return `v${record.version}`;
    if (name === "changedAt") return moment(record.changedAt);
    if (name === "units") return record.units.map(({ unit, quantity }) => `1 ${unit} = ${quantity}`).join(t("，", ", "));
    const field = record.fields.find((one) => one.name === name);
    if (!field) return <span className="z">–</span>;
    if (field.value === null) return <span className="z">{t("无权查看", "Not permitted")}</span>;
    return field.of ? <Link to={`/b/${book.code}/masterdata/${field.of}/${encodeURIComponent(field.value)}` as never}>{field.value}</Link> : field.value;
  };
  return (
    <div className="cols detail">
      <div className="stack">
        <Panel title={t("各来源的说法", "What each source says")} note={shown.disputed.length === 0 ? t(`${shown.records.length} 个来源`, `${shown.records.length} ${shown.records.length === 1 ? "source" : "sources"}`) : t("≠ 处不一致；单据先用自己来源的记录", "≠ marks what differs; a document uses its own source's record first")}>
          <Table
            caption={t("各来源的说法", "What each source says")} rows={rows} rowKey={({ name }) => name}
            columns={[
              { key: "name", head: { zh: "字段", en: "Field" }, cell: ({ name, label }) => <>{shown.disputed.includes(name) ? <span className="warn" title={t("来源不一致", "Sources differ")}>≠ </span> : null}{label}</>, mute: true },
              ...shown.records.map((record, at) => ({ key: record.source, head: record.source, wrap: true, wide: at > 1, cell: ({ name }: (typeof rows)[number]) => value(record, name) })),
            ]}
          />
        </Panel>
        {used.accounts.length > 0 ? <Panel title={t("用在哪些科目", "Accounts that carry it")}>
          <Table
            caption={t("用在哪些科目", "Accounts that carry it")} rows={used.accounts} rowKey={({ account }) => account}
            columns={[
              { key: "account", head: { zh: "科目", en: "Account" }, wrap: true, cell: ({ account, zh, en }) => `${account} ${t(zh, en)}` },
              { key: "debit", head: { zh: "借方（元）", en: "Debit" }, num: true, wide: true, cell: ({ debit }) => <Amount of={debit} hidden={debit === null} exact /> },
              { key: "credit", head: { zh: "贷方（元）", en: "Credit" }, num: true, wide: true, cell: ({ credit }) => <Amount of={credit} hidden={credit === null} exact /> },
              { key: "balance", head: { zh: "借方余额（元）", en: "Debit balance" }, num: true, line: true, cell: ({ balance, account }) => <Link to={`/b/${book.code}/vouchers` as never} search={{ account, ...(parties.has(shown.kind) ? { party: shown.code } : {}) } as never}><Amount of={balance} hidden={balance === null} exact /></Link> },
            ]}
          />
        </Panel> : null}
        {used.stock.length > 0 ? <Panel title={t("结存", "On hand")}>
          <Table caption={t("结存", "On hand")} rows={used.stock} rowKey={({ pool }) => pool} columns={[
            { key: "pool", head: { zh: "核算范围", en: "Pool" }, cell: ({ pool }) => <Link to={`/b/${book.code}/books/stock/item` as never} search={{ item: shown.code } as never}>{pool}</Link> },
            { key: "quantity", head: { zh: "数量", en: "Quantity" }, num: true, cell: ({ quantity }) => <Quantity of={quantity} /> }, { key: "amount", head: { zh: "金额（元）", en: "Amount" }, num: true, cell: ({ amount }) => <Amount of={amount} hidden={amount === null} exact /> },
          ]} />
        </Panel> : null}
        {used.accounts.length + used.stock.length + used.documents + used.openItems === 0 ? <Panel title={t("用处", "Use")}><Empty why={t("还没有入账的单据用到它。", "No posted document uses it yet.")} /></Panel> : null}
      </div>
      <Panel title={t("用处", "Use")}>
        <div className="pb"><dl className="kv">
          <dt>{t("单据", "Documents")}</dt><dd>{used.documents === 0 ? <span className="z">–</span> : parties.has(shown.kind) ? <Link to={`/b/${book.code}/documents` as never} search={{ party: shown.code } as never}>{count(used.documents)}</Link> : count(used.documents)}</dd>
          <dt>{t("凭证", "Vouchers")}</dt><dd>{used.vouchers === 0 ? <span className="z">–</span> : parties.has(shown.kind) ? <Link to={`/b/${book.code}/vouchers` as never} search={{ party: shown.code } as never}>{count(used.vouchers)}</Link> : count(used.vouchers)}</dd>
          {parties.has(shown.kind) ? <><dt>{t("未清项", "Open items")}</dt><dd>{used.openItems === 0 ? <span className="z">–</span> : <Link to={`/b/${book.code}/books/open-items/party` as never} search={{ party: shown.code, kind: shown.kind } as never}>{count(used.openItems)}</Link>}</dd><dt>{shown.kind === "customer" ? t("未收（元）", "Owed to us") : t("未付（元）", "Owed by us")}</dt><dd><Amount of={used.openBase ?? "0"} exact /></dd></> : null}
          <dt>{t("科目", "Accounts")}</dt><dd>{used.accounts.length === 0 ? <span className="z">–</span> : count(used.accounts.length)}</dd>
        </dl></div>
        <p className="sub pb line">{t("主数据由来源系统维护；要改就在来源改，下次送来即更新。", "Master data is kept in its source: change it there, and the next transfer brings it.")}</p>
      </Panel>
    </div>
  );
}
