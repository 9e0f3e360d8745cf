/** A record found by whatever it is called on the way: its key, its document, its voucher; with every step it took. */
import { Link } from "@tanstack/react-router";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { ChipText, moment, Page, Panel } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { documentPath, type State } from "../documents/model.ts";
import { StateTag } from "../documents/words.tsx";
import "./connectors.css";
import { flowPath } from "./model.ts";
import { ConnectorTabs } from "./parts.tsx";

type Step = { readonly flow: string; readonly seq: string; readonly stream: string; readonly key: string; readonly op: string; readonly position: string; readonly landedAt: string; readonly state: string; readonly code: string | null; readonly document: string | null; readonly documentState: State | null; readonly voucher: string | null; readonly deliveryFlow: string | null; readonly deliveryState: string | null; readonly targetNumber: string | null };

export function FlowLog() {
  const t = useT();
  const book = useBook();
  const [{ find = "" }, set] = useFilters();
  const steps = useApi<readonly Step[]>(find === "" ? null : withQuery(`/books/${seg(book.code)}/flow-log`, { find, limit: 200 }), { keep: true });
  const voucherTo = (voucher: string): string => `/b/${book.code}/vouchers/${voucher.slice(0, 7)}/${encodeURIComponent(voucher.slice(8))}`;
  return (
    <Page title={t("记录查找", "Find a record")} crumb={{ to: `/b/${book.code}/connectors`, text: t("接入", "Sources") }} tabs={<ConnectorTabs />} bar={<ChipText label={t("主键、单据或凭证号", "Key, document or voucher")} value={find} onChange={(value) => set({ find: value })} width={260} />}>
      <Panel>{find === "" ? <Empty why={t("输入来源的主键、单据号（如 erp:salesInvoice/XF-1）或凭证号（如 2026-03/记-7）。", "Type a key of the source, a document such as erp:salesInvoice/XF-1, or a voucher such as 2026-03/记-7.")} next={t("从来源记录到回执，每一步都列出。", "Every step from the record to the acknowledgement is shown.")} /> : (
        <Loaded of={steps} columns={6} isEmpty={(data) => data.length === 0} empty={<Empty why={t(`没有记录叫 ${find}。`, `No record is called ${find}.`)} next={t("核对写法；直接过账与上传的单据不经过数据流。", "Check how it is written; posted and uploaded documents do not pass through a flow.")} />}>{(data) => (
          <Table<Step>
            caption={t("记录的去向", "Where records went")} rows={data} rowKey={(step) => `${step.flow} ${step.seq} ${step.document} ${step.voucher} ${step.deliveryFlow}`}
            columns={[
              { key: "key", head: { zh: "记录", en: "Record" }, cell: (step) => <><b>{step.key}</b><span className="sub"><Link to={flowPath(book.code, step.flow) as never}>{step.flow}</Link> {step.stream} #{step.seq}</span></> }, { key: "landed", head: { zh: "收到", en: "Received" }, cell: (step) => moment(step.landedAt), wide: true },
              { key: "document", head: { zh: "单据", en: "Document" }, cell: (step) => (step.document === null ? step.code ?? step.state : <><Link to={documentPath(book.code, step.document) as never}>{step.document}</Link>{step.documentState ? <> <StateTag of={step.documentState} /></> : null}</>) },
              { key: "voucher", head: { zh: "凭证", en: "Voucher" }, cell: (step) => (step.voucher === null ? null : <Link to={voucherTo(step.voucher) as never}>{step.voucher}</Link>) },
              { key: "delivery", head: { zh: "送达", en: "Delivery" }, cell: (step) => (step.deliveryFlow === null ? null : `${step.deliveryFlow} ${step.targetNumber ?? step.deliveryState ?? ""}`), wide: true },
            ]}
          />
        )}</Loaded>)}</Panel>
    </Page>
  );
}
