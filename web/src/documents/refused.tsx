/** 被拒: what never became a document, with the reason that its sender was told. The bytes are kept. */
import { useState } from "react";
import { seg, usePages } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Dialog, moment, Page, Panel } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import "./documents.css";
import type { Reason } from "./model.ts";
import { DocumentTabs } from "./words.tsx";

type Refused = { readonly body: string; readonly reasons: readonly Reason[]; readonly receivedAt: string; readonly cursor: string };

export function RefusedList() {
  const t = useT();
  const book = useBook();
  const pages = usePages<Refused>(`/books/${seg(book.code)}/documents/refused?order=newest`);
  const [open, setOpen] = useState<Refused | null>(null);
  return (
    <Page title={t("被拒的内容", "Refused")} crumb={{ to: `/b/${book.code}/documents`, text: t("单据", "Documents") }} tabs={<DocumentTabs />}>
      <Panel note={t("格式不合而退回的内容", "What was sent back as malformed")} title={t("被拒", "Refused")}>
        {pages.isPending ? <Loading columns={4} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : pages.rows.length === 0
          ? <Empty why={t("没有被拒的内容。", "Nothing was refused.")} next={t("格式不合的单据会列在这里，原样保留。", "Malformed documents would stand here, kept as they came.")} />
          : <Table
            caption={t("被拒的内容", "Refused")} rows={pages.rows} rowKey={(row) => row.cursor} onOpen={setOpen} more={pages.more} isMore={pages.isFetchingNextPage}
            columns={[
              { key: "at", head: { zh: "时间", en: "Time" }, cell: (row) => <button type="button" className="link" onClick={() => setOpen(row)}>{moment(row.receivedAt)}</button> },
              { key: "reason", head: { zh: "原因", en: "Reason" }, wrap: true, cell: (row) => <>{row.reasons.slice(0, 3).map((reason, at) => <div key={at}>{t(reason.zh, reason.en)}</div>)}{row.reasons.length > 3 ? <span className="sub">{t(`共 ${row.reasons.length} 处`, `${row.reasons.length} in all`)}</span> : null}</> },
              { key: "where", head: { zh: "位置", en: "Where" }, cell: (row) => row.reasons[0]?.where ?? "", wide: true, mute: true },
            ]}
          />}
      </Panel>
      {open === null ? null : (
        <Dialog kind="wide" title={t("被拒的内容", "Refused")} onClose={() => setOpen(null)}>
          {open.reasons.map((reason, at) => <div key={at} className="state refused"><b>{t(reason.zh, reason.en)}</b><div className="sub">{t(reason.todo)} <span className="mono">{reason.where ?? ""} {reason.code}</span></div></div>)}
          {open.body === "" ? <p className="mut">{t("内容含无权查看的字段。", "The content has fields that you may not see.")}</p> : <pre className="code" tabIndex={0}>{pretty(open.body)}</pre>}
        </Dialog>
      )}
    </Page>
  );
}

const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2).slice(0, 100_000);
  } catch {
    return text.slice(0, 100_000);
  }
};
