/** From a figure to its rows, from a row to its document and voucher. The sum of the rows is the figure, and says so. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, seg } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount, count, Quantity } from "../ui/amount.tsx";
import { Dialog } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { type Words, useT } from "../ui/text.ts";
import type { Filter, Span } from "./ask.ts";

export type DrillOf = { readonly metric: string; readonly label: string; readonly filters: readonly Filter[]; readonly time?: Span | undefined; readonly keys?: Readonly<Record<string, string>> | undefined };
type Drilled = { readonly unit: string; readonly sum: string; readonly count: number; readonly next: number | null; readonly rows: readonly { readonly metric: string; readonly date: string; readonly party: string; readonly partyName: Words; readonly account: string; readonly item: string; readonly value: string; readonly document: string | null; readonly documentKind: Words; readonly voucher: string | null }[] };

export function Drill({ of, onClose }: { readonly of: DrillOf; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const pages = useInfiniteQuery({
    queryKey: [`/books/${book.code}/query/drill`, JSON.stringify(of)], initialPageParam: 0, getNextPageParam: (last: Drilled) => last.next ?? undefined,
    queryFn: ({ pageParam, signal }) => api<Drilled>(`/books/${seg(book.code)}/query/drill`, { body: { metric: of.metric, filters: of.filters, time: of.time, keys: of.keys, limit: 200, offset: pageParam }, signal }),
  });
  const first = pages.data?.pages[0];
  const rows = pages.data?.pages.flatMap((page) => page.rows.map((row, index) => ({ ...row, key: `${page.next}-${index}` }))) ?? [];
  const value = (text: string) => (first?.unit === "quantity" ? <Quantity of={text} /> : <Amount of={text} exact />);
  return (
    <Dialog kind="wide" title={of.label} onClose={onClose}>
      {pages.isPending ? <Loading columns={5} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : rows.length === 0 ? <Empty why={t("没有构成这个数字的行。", "Nothing makes this figure.")} /> : <Table
        caption={of.label} rows={rows} rowKey={(row) => row.key} more={pages.hasNextPage ? () => void pages.fetchNextPage() : undefined} isMore={pages.isFetchingNextPage}
        footLabel={t(`全部 ${count(first?.count ?? 0)} 行合计`, `All ${count(first?.count ?? 0)} rows`)}
        columns={[
          { key: "date", head: { zh: "日期", en: "Date" }, mute: true, cell: (row) => row.date }, { key: "document", head: { zh: "单据", en: "Document" }, cell: (row) => (row.document === null ? t(row.documentKind) : <Link to={`/b/${book.code}/documents/one` as never} search={{ of: row.document } as never} onClick={onClose}>{t(row.documentKind)} {row.document.split("/").at(-1)}</Link>) },
          { key: "party", head: { zh: "往来单位", en: "Party" }, cell: (row) => t(row.partyName) || row.party, wide: true },
          { key: "voucher", head: { zh: "凭证", en: "Voucher" }, wide: true, cell: (row) => (row.voucher === null ? "" : <Link to={`/b/${book.code}/vouchers/${row.voucher.slice(0, 7)}/${seg(row.voucher.slice(8))}` as never} onClick={onClose}>{row.voucher.slice(8)}</Link>) },
          { key: "account", head: { zh: "科目、物料", en: "Account, item" }, mute: true, wide: true, cell: (row) => [row.account, row.item].filter((part) => part !== "").join(" ") },
          { key: "value", head: { zh: "数值", en: "Value" }, num: true, cell: (row) => value(row.value), foot: first === undefined ? null : value(first.sum) },
        ]}
      />}
    </Dialog>
  );
}
