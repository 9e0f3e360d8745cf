/** 黄金记录: what each thing is, whichever system says so. Found by code, name, alias, pinyin, its initials or the credit code. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { usePages, withQuery } from "../app/api.ts";
import { count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Field, moment, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { DecideDialog } from "./decide.tsx";
import { type Domain, type GoldenListed, useDesk, useDomains } from "./desk.ts";
import { MasterTabs } from "./tabs.tsx";
import "./masterdata.css";

export function GoldenList() {
  const t = useT();
  const { base, to, mayEdit, goldenAt } = useDesk();
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters();
  const [isEntering, setEntering] = useState(false);
  const domains = useDomains();
  const text = filters.text ?? "", domain = filters.domain ?? (text === "" ? "customer" : "");
  const pages = usePages<GoldenListed>(withQuery(`${base}/golden`, { text, domain }), text === "" ? 100 : 50);
  const words = domains.data?.domains.find((one) => one.domain === domain);
  return (
    <Page
      title={t("黄金记录", "Golden records")} crumb={{ to: to(""), text: t("主数据", "Master data") }} tabs={<MasterTabs />}
      acts={mayEdit && words ? <button type="button" className="btn" onClick={() => setEntering(true)}>{t("录入新记录", "Enter a new record")}</button> : undefined}
      bar={<>
        <ChipText label={t("编码、名称、拼音、信用代码", "Code, name, pinyin, USCC")} value={text} onChange={(value) => setFilters({ text: value })} />
        <ChipSelect label={t("类别", "Kind")} value={domain} options={[...(text === "" ? [] : [{ value: "", text: t("全部", "All") }]), ...(domains.data?.domains ?? []).map((one) => ({ value: one.domain, text: t(one) }))]} onChange={(value) => setFilters({ domain: value })} />
      </>}
    >
      <Panel title={words ? t(words) : t("全部类别", "All kinds")} note={text === "" ? undefined : t(`「${text}」：${pages.rows.length} 条`, `“${text}”: ${pages.rows.length}`)}>
        {pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : pages.isPending ? <Loading rows={8} columns={5} /> : pages.rows.length === 0
          ? <Empty why={text === "" ? t("还没有这类记录。", "There is no such record yet.") : t(`没有找到「${text}」。`, `Nothing is called “${text}”.`)} next={text === "" ? t("系统送来、导入或录入后出现；刚送到的几秒内整理完。", "Records come from systems, a sheet or by hand; what just arrived is sorted within seconds.") : t("换一段名称、拼音首字母或信用代码。", "Try a part of the name, its initials in pinyin, or the credit code.")} />
          : <Table
            caption={t("黄金记录", "Golden records")} rows={pages.rows} rowKey={({ golden }) => golden} onOpen={({ golden }) => void navigate({ to: goldenAt(golden) as never })} more={pages.more} isMore={pages.isFetchingNextPage}
            columns={[
              { key: "code", head: { zh: "编码", en: "Code" }, cell: (row) => <Link to={goldenAt(row.golden) as never}>{row.code}</Link> },
              { key: "name", head: { zh: "名称", en: "Name" }, wrap: true, cell: (row) => <>{row.name}{row.state === "suspended" ? <> <Tag tone="warn">{t("已停用", "Suspended")}</Tag></> : null}</> },
              ...(domain === "" ? [{ key: "domain", head: { zh: "类别", en: "Kind" }, cell: (row: GoldenListed) => t(row.domainWords) }] : []),
              { key: "uscc", head: { zh: "信用代码", en: "USCC" }, wide: true, mute: true, cell: (row) => row.uscc === "" ? <span className="z">–</span> : row.uscc },
              { key: "systems", head: { zh: "取值来源", en: "Values from" }, wide: true, mute: true, cell: (row) => row.systems.join(t("、", ", ")) },
              { key: "sources", head: { zh: "来源记录", en: "Records" }, num: true, cell: (row) => count(row.sources) },
              { key: "changed", head: { zh: "最近变更", en: "Changed" }, wide: true, mute: true, cell: (row) => moment(row.changedAt).slice(0, 16) },
            ]}
          />}
      </Panel>
      {isEntering && words ? <EnterRecord of={words} onClose={() => setEntering(false)} /> : null}
    </Page>
  );
}

/** A new record is checked by the standards of its kind, and published to those that want it. */
function EnterRecord({ of, onClose }: { readonly of: Domain; readonly onClose: () => void }) {
  const t = useT();
  const { goldenAt } = useDesk();
  const navigate = useNavigate();
  const [code, setCode] = useState("");
  const [fields, setFields] = useState<Readonly<Record<string, string>>>({});
  return (
    <DecideDialog
      title={t(`录入${of.zh}`, `Enter: ${of.en}`)} say={t("录入此记录", "Enter it")} onClose={onClose} isReady={code.trim() !== "" && (fields.name ?? "").trim() !== ""} act={() => ({ act: "create", domain: of.domain, code, fields })}
      onDone={({ done }) => { if (done) void navigate({ to: goldenAt(done.golden) as never }); }}
    >
      <div className="masterdata-form">
        <Field label={t("编码", "Code")}><input className="in" data-first value={code} maxLength={200} onChange={(event) => setCode(event.target.value)} /></Field>
        {of.fields.map((field) => <Field key={field.name} label={t(field)}><input className="in" value={fields[field.name] ?? ""} maxLength={500} onChange={(event) => setFields({ ...fields, [field.name]: event.target.value })} /></Field>)}
      </div>
    </DecideDialog>
  );
}
