/** 缺失的编码: what parked documents name and no source has sent. Once the record comes, its documents go on by themselves. */
import { Link } from "@tanstack/react-router";
import { seg, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { count } from "../ui/amount.tsx";
import { Kbd, moment, Page, Panel } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { useState } from "react";
import { ActedNote } from "./decide.tsx";
import { type Acted, useDesk } from "./desk.ts";
import { MapDialog } from "./golden.tsx";
import { MasterTabs } from "./tabs.tsx";
import type { Missing } from "./model.ts";

const isMappable = ({ problem, kind }: Missing): boolean => problem !== "masterdata.unit_unknown" && kind !== "exchangeRate";

export function MissingCodes() {
  const t = useT();
  const book = useBook();
  const missing = useApi<readonly Missing[]>(`/books/${seg(book.code)}/masterdata/missing`);
  const { mayEdit } = useDesk();
  const [mapping, setMapping] = useState<Missing | null>(null);
  const [acted, setActed] = useState<Acted | null>(null);
  return (
    <Page title={t("缺失的编码", "Missing codes")} crumb={{ to: `/b/${book.code}/masterdata`, text: t("主数据", "Master data") }} tabs={<MasterTabs />}>
      {acted ? <ActedNote of={acted} onClose={() => setActed(null)} /> : null}
      <Panel title={t("单据在等的编码", "Codes that documents wait for")} note={<>{t("映射一次，或主数据送到后，等它的单据按到达顺序自动记账", "Map a code once, or wait for its record: its documents then go on in order of arrival")}{mayEdit ? <span className="wide-only"> <Kbd>↑</Kbd> <Kbd>↓</Kbd> <Kbd>↵</Kbd> {t("移动、映射", "move, map")}</span> : null}</>}>
        <Loaded of={missing} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("没有缺失的编码。", "No code is missing.")} next={t("单据用到的物料、往来、账户都有主数据。", "Every item, party and account that documents name has its record.")} />}>{(rows) => (
          <Table
            caption={t("缺失的编码", "Missing codes")} rows={rows} {...(mayEdit ? { onOpen: (row: Missing) => { if (isMappable(row)) setMapping(row); } } : {})} rowKey={(row) => `${row.problem} ${row.kind} ${row.code} ${row.source} ${row.unit}`}
            columns={[
              { key: "code", head: { zh: "编码", en: "Code" }, cell: (row) => <><b>{row.code}</b>{row.problem === "masterdata.suspended" ? <span className="sub">{t("已停用", "suspended")}</span> : row.problem === "masterdata.ambiguous" ? <span className="sub">{t("几个系统所指不同", "means different things in several systems")}</span> : null}{row.unit === "" ? null : <span className="sub">{t(`单位 ${row.unit} 没有换算`, `no conversion for ${row.unit}`)}</span>}</> },
              { key: "kind", head: { zh: "类别", en: "Kind" }, cell: (row) => t(row.kindWords) },
              { key: "documents", head: { zh: "在等的单据", en: "Documents" }, num: true, cell: (row) => <Link to={`/b/${book.code}/documents/parked` as never} search={{ text: row.code } as never}>{count(row.documents)}</Link> },
              { key: "source", head: { zh: "来源", en: "Source" }, cell: (row) => row.source, mute: true, wide: true },
              { key: "since", head: { zh: "自", en: "Since" }, cell: (row) => moment(row.since).slice(0, 16), mute: true, wide: true },
              { key: "alike", head: { zh: "相近的编码", en: "Alike" }, wide: true, cell: (row) => (row.alike.length === 0 ? <span className="z">–</span> : row.alike.map((code) => <Link key={code} to={`/b/${book.code}/masterdata/${row.kind}/${encodeURIComponent(code)}` as never}>{code} </Link>)) },
              { key: "example", head: { zh: "例如", en: "Such as" }, wide: true, cell: (row) => <Link to={`/b/${book.code}/documents/one` as never} search={{ of: row.example } as never}>{row.example.slice(row.example.indexOf("/") + 1)}</Link> },
              ...(mayEdit ? [{ key: "act", head: { zh: "操作", en: "Act" }, cell: (row: Missing) => (row.problem === "masterdata.unit_unknown" ? <Link to={`/b/${book.code}/masterdata/golden` as never} search={{ domain: "item", text: row.code } as never}>{t("补换算", "Add a conversion")}</Link> : !isMappable(row) ? null : <button type="button" className="btn" onClick={() => setMapping(row)}>{t("映射", "Map")}</button>) }] : []),
            ]}
          />
        )}</Loaded>
      </Panel>
      {mapping ? <MapDialog domain={mapping.kind} system={mapping.source} code={mapping.code} documents={mapping.documents} onClose={() => setMapping(null)} onDone={setActed} /> : null}
    </Page>
  );
}
