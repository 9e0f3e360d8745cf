/** 导入导出: a kind of master data as a sheet, out and in again. A file is judged before anything of it is kept. Beside it, who is told of changes. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, Field, moment, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { useDesk, useDomains } from "./desk.ts";
import { MasterTabs } from "./tabs.tsx";
import "./masterdata.css";

type Imported = { readonly rows: number; readonly columns: readonly { readonly column: string; readonly field: string | null }[]; readonly problems: readonly { readonly row: number; readonly code: string; readonly zh: string; readonly en: string }[]; readonly taken: number; readonly same: number; readonly released: number };
type Told = { readonly subscriptions: readonly { readonly target: string; readonly domain: string; readonly wants: string }[]; readonly publications: readonly { readonly no: string; readonly target: string; readonly golden: string; readonly wants: string; readonly state: string; readonly madeAt: string }[]; readonly targets: readonly string[] };

export function Sheets() {
  const t = useT();
  const { base, to, mayEdit } = useDesk();
  const [filters, setFilters] = useFilters();
  const domains = useDomains().data;
  const domain = filters.domain ?? "customer";
  const [file, setFile] = useState<{ readonly name: string; readonly content: string } | null>(null);
  const [system, setSystem] = useState("excel");
  const preview = useAct((one: { name: string; content: string }) => api<Imported>(`${base}/import/preview`, { body: { ...one, domain, system } }));
  const take = useAct(({ only, ...one }: { name: string; content: string; only: "all" | "right" }) => api<Imported>(`${base}/import`, { body: { ...one, domain, system, take: only } }));
  const choose = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return;
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
    const one = { name: chosen.name, content: btoa(text) };
    setFile(one);
    take.reset();
    preview.mutate(one);
  };
  const judged = preview.data;
  const wrong = new Set(judged?.problems.map(({ row }) => row)).size, right = (judged?.rows ?? 0) - wrong;
  return (
    <Page title={t("导入导出", "Sheets")} crumb={{ to: to(""), text: t("主数据", "Master data") }} tabs={<MasterTabs />} bar={<ChipSelect label={t("类别", "Kind")} value={domain} options={(domains?.domains ?? []).map((one) => ({ value: one.domain, text: t(one) }))} onChange={(value) => { setFilters({ domain: value }); setFile(null); preview.reset(); take.reset(); }} />}>
      <div className="cols detail">
        <div className="stack">
          <Panel title={t("导出", "Out")} note={t("各来源的记录与所属黄金记录", "Records of every source with their golden record")}><div className="pb row">{(["xlsx", "csv"] as const).map((format) => <a key={format} className="btn" href={`/api/v1${withQuery(`${base}/sheet/${seg(domain)}`, { format, language: t("zh", "en") })}`} download>{format === "xlsx" ? "Excel" : "CSV"}</a>)}</div></Panel>
          <Panel title={t("导入", "In")} note={t("导出的文件改后可以再导入", "An exported file can be changed and taken in again")}>
            {mayEdit ? <div className="pb">
              <div className="masterdata-form"><Field label={t("行内没有系统时，记作此系统", "System of rows that name none")}><input className="in" value={system} maxLength={60} onChange={(event) => setSystem(event.target.value)} /></Field><Field label={t("文件，xlsx 或 csv", "File, xlsx or csv")}><input className="in" type="file" accept=".xlsx,.csv" onChange={(event) => void choose(event.target.files?.[0])} /></Field></div>
              {preview.error ?? take.error ? <Trouble error={preview.error ?? take.error} /> : null}
              {take.data ? <div className="state" role="status"><b>{t(`收下 ${count(take.data.taken)} 条，${count(take.data.same)} 条没有变化`, `${count(take.data.taken)} taken, ${count(take.data.same)} unchanged`)}{take.data.released > 0 ? t(`，${count(take.data.released)} 张在等的单据已处理`, `, ${count(take.data.released)} documents went on`) : ""}{take.data.problems.length > 0 ? t(`；下列 ${count(wrong)} 行没有收，更正后单独再导入`, wrong === 1 ? "; the row below was refused: correct it and send it again" : `; the ${count(wrong)} rows below were refused: correct them and send them again`) : ""}</b></div>
                : judged && file ? <><p>{t(`${count(judged.rows)} 行`, `${count(judged.rows)} rows`)} {judged.columns.map(({ column, field }) => <Tag key={column} tone={field === null ? "warn" : undefined}>{column}{field === null ? t("：不认识，略过", ": unknown, left out") : ""}</Tag>)}</p>{judged.problems.length === 0 ? <button type="button" className="btn p" disabled={take.isPending} onClick={() => take.mutate({ ...file, only: "all" })}>{t(`导入 ${count(judged.rows)} 行`, `Take ${count(judged.rows)} rows in`)}</button> : <><p><b className="warn">{t(`${count(wrong)} 行有问题；现在什么都没有保存。更正文件后再选一次${right > 0 ? "，或先导入其余各行" : ""}。`, `${wrong === 1 ? "1 row is" : `${count(wrong)} rows are`} wrong, and nothing has been kept. Correct the file and choose it again${right > 0 ? ", or take the rest in first" : ""}.`)}</b></p>{right > 0 ? <button type="button" className="btn" disabled={take.isPending} onClick={() => take.mutate({ ...file, only: "right" })}>{t(`导入其余 ${count(right)} 行`, right === 1 ? "Take the other row in" : `Take the other ${count(right)} rows in`)}</button> : null}</>}</> : null}
            </div> : <div className="pb sub">{t("没有维护主数据的权限。", "You may not keep master data.")}</div>}
            {judged && judged.problems.length > 0 ? <Table caption={t("问题", "Problems")} rows={judged.problems} rowKey={(one) => `${one.row} ${one.zh}`} columns={[{ key: "row", head: { zh: "行", en: "Row" }, num: true, cell: ({ row }) => row }, { key: "code", head: { zh: "编码", en: "Code" }, cell: ({ code }) => code }, { key: "what", head: { zh: "问题", en: "Problem" }, wrap: true, cell: (one) => t(one) }]} /> : null}
          </Panel>
        </div>
        <Publishing domain={domain} />
      </div>
    </Page>
  );
}

function Publishing({ domain }: { readonly domain: string }) {
  const t = useT();
  const { base, mayEdit, goldenAt } = useDesk();
  const domains = useDomains().data;
  const kindOf = (name: string): string => { const known = domains?.domains.find((one) => one.domain === name); return known ? t(known) : name; };
  const told = useApi<Told>(`${base}/publications`);
  const [target, setTarget] = useState("");
  const [wants, setWants] = useState("golden");
  const add = useAct(() => api(`${base}/subscriptions`, { body: { target, domain, wants } }));
  const drop = useAct((one: { target: string; domain: string; wants: string }) => api(withQuery(`${base}/subscriptions`, one), { method: "DELETE" }));
  const words = (name: string): string => (name === "golden" ? t("黄金记录", "golden records") : t("编码对照", "mappings"));
  return (
    <Panel title={t("发布", "Publishing")} note={t("变更经送达流发给需要的系统", "Changes go out through delivery flows")}>
      <Loaded of={told} rows={3} columns={2}>{(shown) => (
        <div className="pb">
          {shown.subscriptions.map((one) => <div key={`${one.target} ${one.domain} ${one.wants}`} className="row"><span>{one.target} ← {kindOf(one.domain)}{t("：", ": ")}{words(one.wants)}</span>{mayEdit ? <button type="button" className="btn q" onClick={() => drop.mutate(one)}>{t("停止", "Stop")}</button> : null}</div>)}
          {shown.targets.length === 0 ? <Empty why={t("没有送达流。", "There is no delivery flow.")} next={t("先在「接入」建立一条送达流，再向它发布。", "Make a delivery flow under “Sources” first, then publish to it.")} /> : mayEdit ? <><Field label={t("送达流", "Delivery flow")}><select className="in" value={target} onChange={(event) => setTarget(event.target.value)}><option value="">–</option>{shown.targets.map((one) => <option key={one} value={one}>{one}</option>)}</select></Field><Field label={t("发什么", "What")}><select className="in" value={wants} onChange={(event) => setWants(event.target.value)}><option value="golden">{words("golden")}</option><option value="mapping">{words("mapping")}</option></select></Field><button type="button" className="btn" disabled={target === "" || add.isPending} onClick={() => add.mutate(undefined)}>{t("开始发布", "Publish")}</button></> : null}
          {add.error ?? drop.error ? <Trouble error={add.error ?? drop.error} /> : null}
          {shown.publications.slice(0, 20).map((one) => <div key={one.no} className="row"><Link to={goldenAt(one.golden) as never}>{one.golden}</Link> <span className="sub">{one.target} · {words(one.wants)} · {moment(one.madeAt).slice(0, 16)}</span></div>)}
        </div>
      )}</Loaded>
    </Panel>
  );
}
