/** 主数据: every code by kind, found by code, name or pinyin. What documents name and nobody has sent stands beside it. */
import { Link, useNavigate } from "@tanstack/react-router";
import { seg, usePages, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, moment, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { type Field, type Listed, useKinds } from "./model.ts";
import { MasterTabs } from "./tabs.tsx";
import "./masterdata.css";

export function MasterData() {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters();
  const kinds = useKinds().data;
  const text = filters.text ?? "";
  const first = kinds?.kinds.find(({ kind, codes }) => kind === "customer" && codes > 0)?.kind ?? kinds?.kinds.find(({ codes }) => codes > 0)?.kind ?? "customer";
  const kind = filters.kind ?? (text === "" ? first : "");
  const pages = usePages<Listed>(kinds === undefined ? null : withQuery(`/books/${seg(book.code)}/masterdata`, { kind, text }), text === "" ? 100 : 200);
  const to = (row: Listed): string => `/b/${book.code}/masterdata/${row.kind}/${encodeURIComponent(row.code)}`;
  const words = kinds?.kinds.find((one) => one.kind === kind);
  return (
    <Page
      title={t("主数据", "Master data")} tabs={<MasterTabs />}
      acts={book.may("masterdata.edit") ? <a className="btn" href="/api/schemas" target="_blank" rel="noreferrer">{t("格式与发送方式", "Forms, and how to send them")}</a> : undefined}
      bar={<>
        <ChipText label={t("代码、名称、拼音", "Code, name, pinyin")} value={text} onChange={(value) => setFilters({ text: value })} />
        <ChipSelect label={t("类别", "Kind")} value={kind} options={[...(text === "" ? [] : [{ value: "", text: t("全部", "All") }]), ...(kinds?.kinds ?? []).map((one) => ({ value: one.kind, text: `${t(one.zh, one.en)} ${one.codes === 0 ? "" : count(one.codes)}` }))]} onChange={(value) => setFilters({ kind: value })} />
        {kinds && kinds.missing > 0 ? <Link className="sp" to={`/b/${book.code}/masterdata/missing` as never}><span className="warn">{t(`${count(kinds.missing)} 个编码缺失，单据在等`, `${count(kinds.missing)} codes are missing, documents wait`)}</span></Link> : null}
      </>}
    >
      <Panel title={words ? t(words.zh, words.en) : t("全部类别", "All kinds")} note={text !== "" ? t(`「${text}」：${pages.rows.length} 个`, `“${text}”: ${pages.rows.length}`) : words ? t(`${count(words.codes)} 个编码`, `${count(words.codes)} codes`) : undefined}>
        {pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : pages.isPending ? <Loading rows={8} columns={5} /> : pages.rows.length === 0
          ? <Empty why={text === "" ? t("还没有这类主数据。", "There is no such master data yet.") : t(`没有找到「${text}」。`, `Nothing is called “${text}”.`)} next={text === "" ? t("由接入的系统送来，或以 API 发送。", "It comes from a connected system or by the API.") : t("换一段名称、拼音首字母，或看「缺失」。", "Try a part of the name, its initials in pinyin, or look under “missing”.")} />
          : <Table
            caption={t("主数据", "Master data")} rows={pages.rows} rowKey={(row) => `${row.kind} ${row.code}`} onOpen={(row) => void navigate({ to: to(row) as never })} more={pages.more} isMore={pages.isFetchingNextPage}
            columns={[
              { key: "code", head: { zh: "编码", en: "Code" }, cell: (row) => <Link to={to(row) as never}>{row.code}</Link> },
              { key: "name", head: { zh: "名称", en: "Name" }, wrap: true, cell: (row) => <>{t(row.zh, row.en)}{row.isDisputed ? <> <Tag tone="warn">{t("来源不一致", "Sources differ")}</Tag></> : null}{row.zh !== row.en && row.en !== "" ? <span className="sub">{t(row.en, row.zh)}</span> : null}</> },
              ...(kind === "" ? [{ key: "kind", head: { zh: "类别", en: "Kind" }, cell: (row: Listed) => t(row.kindWords) }] : []),
              { key: "fields", head: { zh: "内容", en: "Fields" }, wrap: true, wide: true, mute: true, cell: (row) => <FieldsShort fields={row.fields} /> },
              { key: "sources", head: { zh: "来源", en: "Source" }, wide: true, mute: true, cell: (row) => row.sources.join(t("、", ", ")) },
              { key: "changed", head: { zh: "最近变更", en: "Changed" }, wide: true, mute: true, cell: (row) => moment(row.changedAt).slice(0, 16) },
            ]}
          />}
      </Panel>
    </Page>
  );
}

function FieldsShort({ fields }: { readonly fields: readonly Field[] }) {
  const t = useT();
  return <>{fields.slice(0, 4).map((field) => `${t(field.zh, field.en)} ${field.value ?? t("无权查看", "not permitted")}`).join(t("，", ", "))}</>;
}
