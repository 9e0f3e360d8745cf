/** 编码规范: how codes and fields have to look; checked when a person enters or imports, counted in the quality of what systems send. */
import { useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, Dialog, Field, Page, Panel, Tag } from "../ui/parts.tsx";
import { Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { type Standard, useDesk, useDomains } from "./desk.ts";
import { MasterTabs } from "./tabs.tsx";
import "./masterdata.css";

export function Standards() {
  const t = useT();
  const { base, to, mayEdit } = useDesk();
  const [filters, setFilters] = useFilters();
  const domains = useDomains().data;
  const standards = useApi<readonly Standard[]>(`${base}/standards`);
  const [isAdding, setAdding] = useState(false);
  const drop = useAct((no: string) => api(`${base}/standards/${seg(no)}`, { method: "DELETE" }));
  const words = (domain: string): string => { const known = domains?.domains.find((one) => one.domain === domain); return known ? t(known) : domain; };
  const place = (domain: string): number => domains?.domains.findIndex((one) => one.domain === domain) ?? 0;
  return (
    <Page
      title={t("编码规范", "Code standards")} crumb={{ to: to(""), text: t("主数据", "Master data") }} tabs={<MasterTabs />} acts={mayEdit ? <button type="button" className="btn" onClick={() => setAdding(true)}>{t("添加规范", "Add a standard")}</button> : undefined}
      bar={<ChipSelect label={t("类别", "Kind")} value={filters.domain ?? ""} options={[{ value: "", text: t("全部", "All") }, ...(domains?.domains ?? []).map((one) => ({ value: one.domain, text: t(one) }))]} onChange={(value) => setFilters({ domain: value })} />}
    >
      {drop.error ? <Trouble error={drop.error} /> : null}
      <Panel title={t("规范", "Standards")} note={t("录入与导入时检查；系统送来的照收，计入质量", "Checked on entry and import; what systems send is taken and counted")}>
        <Loaded of={standards}>{(rows) => (
          <Table caption={t("编码规范", "Code standards")} rows={rows.filter(({ domain }) => !filters.domain || domain === filters.domain).sort((a, b) => place(a.domain) - place(b.domain))} rowKey={(row) => `${row.no} ${row.domain} ${row.field} ${row.check}`} section={(row) => words(row.domain)} columns={[
            { key: "field", head: { zh: "字段", en: "Field" }, cell: (row) => <>{t(row.fieldWords)}{row.system === "" ? null : <span className="sub">{row.system}</span>}</> },
            { key: "rule", head: { zh: "要求", en: "Rule" }, wrap: true, cell: (row) => <>{row.pattern === "" ? null : <b className="mono">{row.pattern}</b>} {t(row)}{row.isRequired ? <> <Tag tone="accent">{t("必填", "required")}</Tag></> : null}</> },
            { key: "from", head: { zh: "来自", en: "From" }, mute: true, wide: true, cell: (row) => (row.isOwn ? t("本账簿", "this book") : t("国家标准，随系统", "national standard, built in")) },
            ...(mayEdit ? [{ key: "act", head: { zh: "操作", en: "Act" }, cell: (row: Standard) => (row.isOwn ? <button type="button" className="btn q" onClick={() => drop.mutate(row.no)}>{t("删除", "Remove")}</button> : null) }] : []),
          ]} />
        )}</Loaded>
      </Panel>
      {isAdding ? <AddStandard domain={filters.domain ?? "customer"} onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function AddStandard({ domain: first, onClose }: { readonly domain: string; readonly onClose: () => void }) {
  const t = useT();
  const { base } = useDesk();
  const domains = useDomains().data;
  const [one, setOne] = useState({ domain: first, field: "code", system: "", pattern: "", check: "", isRequired: false, zh: "", en: "" });
  const add = useAct((body: typeof one) => api(`${base}/standards`, { body: { ...body, zh: body.zh || body.en || body.pattern || t("必填", "required"), en: body.en || body.zh || body.pattern || "required" } }));
  const fields = domains?.domains.find(({ domain }) => domain === one.domain)?.fields ?? [];
  const set = (change: Partial<typeof one>): void => setOne({ ...one, ...change });
  return (
    <Dialog title={t("添加编码规范", "Add a code standard")} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={add.isPending || (one.pattern === "" && one.check === "" && !one.isRequired)} onClick={() => add.mutate(one, { onSuccess: onClose })}>{t("添加", "Add it")}</button></>}>
      <div className="masterdata-form">
        <Field label={t("类别", "Kind")}><select className="in" value={one.domain} onChange={(event) => set({ domain: event.target.value, field: "code" })}>{(domains?.domains ?? []).map((known) => <option key={known.domain} value={known.domain}>{t(known)}</option>)}</select></Field>
        <Field label={t("字段", "Field")}><select className="in" value={one.field} onChange={(event) => set({ field: event.target.value })}><option value="code">{t("编码", "Code")}</option>{fields.map((field) => <option key={field.name} value={field.name}>{t(field)}</option>)}</select></Field>
        <Field label={t("格式", "Pattern")} hint={t("# 数字，@ 字母，? 字母或数字，* 任意；其余照写", "# digit, @ letter, ? either, * anything; all else as it is")}><input className="in mono" data-first value={one.pattern} maxLength={80} placeholder="C-####" onChange={(event) => set({ pattern: event.target.value })} /></Field>
        <Field label={t("校验", "Check")}><select className="in" value={one.check} onChange={(event) => set({ check: event.target.value })}><option value="">–</option>{Object.entries(domains?.checks ?? {}).map(([name, words]) => <option key={name} value={name}>{t(words)}</option>)}</select></Field>
        <Field label={t("只对此系统，留空为全部", "Only of this system; empty: all")}><input className="in" value={one.system} maxLength={60} onChange={(event) => set({ system: event.target.value })} /></Field>
        <Field label={t("说明", "In words")}><input className="in" value={t(one.zh, one.en)} maxLength={200} onChange={(event) => set({ zh: event.target.value, en: event.target.value })} /></Field>
      </div>
      <label className="row"><input type="checkbox" checked={one.isRequired} onChange={(event) => set({ isRequired: event.target.checked })} />{t("必填", "Required")}</label>
      {add.error ? <Trouble error={add.error} /> : null}
    </Dialog>
  );
}
