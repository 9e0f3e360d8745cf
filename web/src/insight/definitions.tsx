/** 口径: every figure and dimension, what it means, from what it is made, who may see it. */
import { useState } from "react";
import { seg, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { ChipText, Page, Panel, Tag } from "../ui/parts.tsx";
import { Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT, type Words } from "../ui/text.ts";
import { BoardTabs } from "./frame.tsx";

type Metric = { readonly id: string; readonly label: Words; readonly definition: Words; readonly unit: string; readonly additive: string; readonly owner: string; readonly version: number; readonly usedBy?: readonly string[]; readonly hidden?: Words | null };
type Catalogue = { readonly metrics: readonly Metric[]; readonly dimensions: readonly { readonly id: string; readonly label: Words }[] };

export function Definitions() {
  const t = useT();
  const book = useBook();
  const [text, setText] = useState("");
  const catalogue = useApi<Catalogue>(`/books/${seg(book.code)}/metrics`);
  return (
    <Page title={t("口径", "Definitions")} tabs={<BoardTabs />} bar={<ChipText label={t("查找", "Find")} value={text} onChange={setText} />}>
      <Panel>
        <Loaded of={catalogue} rows={12}>{(data) => <Table
          caption={t("指标口径", "Definitions of figures")} rows={data.metrics.filter((metric) => text === "" || `${metric.id} ${metric.label.zh} ${metric.label.en}`.toLowerCase().includes(text.toLowerCase()))} rowKey={(row) => row.id}
          columns={[
            { key: "name", head: { zh: "指标", en: "Figure" }, cell: (row) => <>{t(row.label)}<span className="sub mono">{row.id} v{row.version}</span></> }, { key: "definition", head: { zh: "口径", en: "Meaning" }, wrap: true, cell: (row) => t(row.definition) },
            { key: "used", head: { zh: "用于", en: "Used by" }, wrap: true, wide: true, mute: true, cell: (row) => (row.usedBy ?? []).join("、") }, { key: "seen", head: { zh: "可见", en: "Seen" }, cell: (row) => (row.hidden ? <Tag tone="warn">{t(row.hidden)}</Tag> : t("可见", "Yes")) },
          ]}
        />}</Loaded>
      </Panel>
    </Page>
  );
}
