/** 往来未清: who owes, how old it is, and what money has come without having cleared anything. */
import { Link, useNavigate } from "@tanstack/react-router";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount, count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipText, Panel, Segments } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { type Text, useT } from "../ui/text.ts";
import { add, signOf } from "./decimal.ts";
import { BooksPage, ExportButton, exportHref, useUnitWord } from "./frame.tsx";

export const buckets = [
  { id: "notDue", words: { zh: "未到期", en: "Not due" }, tone: "var(--a0)" }, { id: "days30", words: { zh: "1–30 天", en: "1–30 days" }, tone: "var(--a1)" }, { id: "days60", words: { zh: "31–60 天", en: "31–60 days" }, tone: "var(--a1)" }, { id: "days90", words: { zh: "61–90 天", en: "61–90 days" }, tone: "var(--a2)" },
  { id: "days180", words: { zh: "91–180 天", en: "91–180 days" }, tone: "var(--a3)" }, { id: "days365", words: { zh: "181–365 天", en: "181–365 days" }, tone: "var(--a3)" }, { id: "older", words: { zh: "一年以上", en: "Over a year" }, tone: "var(--a4)" },
] as const;
export type Bucket = (typeof buckets)[number]["id"];
export type Kind = "customer" | "supplier" | "employee";
export const kindWords: Readonly<Record<Kind, Text>> = { customer: { zh: "客户", en: "Customers" }, supplier: { zh: "供应商", en: "Suppliers" }, employee: { zh: "员工", en: "Employees" } };
export type Party = { readonly party: string; readonly name: string; readonly owner: string; readonly ownerName: string; readonly buckets: Readonly<Record<Bucket, string>>; readonly total: string; readonly overdue: string; readonly against: string; readonly net: string; readonly items: number; readonly oldest: string };

export const today = (): string => { const now = new Date(); return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`; };
const shownMax = 200;

export function OpenItems() {
  const t = useT();
  const book = useBook();
  const unit = useUnitWord();
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters();
  const kind = (["customer", "supplier", "employee"] as const).find((one) => one === filters.kind) ?? "customer";
  const at = filters.at ?? today();
  const parties = useApi<readonly Party[]>(withQuery(`/books/${seg(book.code)}/open-items/parties`, { kind, at }), { keep: true });
  const wanted = (filters.text ?? "").toLowerCase();
  const all = (parties.data ?? []).filter(({ party, name, ownerName }) => wanted === "" || `${party} ${name} ${ownerName}`.toLowerCase().includes(wanted));
  const isAllShown = filters.more === "all";
  const rows = isAllShown ? all : all.slice(0, shownMax);
  const sum = (of: (party: Party) => string): string => add(all.map(of));
  const address = (party: string): string => withQuery(`/b/${book.code}/books/open-items/party`, { kind, party, at: filters.at });
  const href = exportHref(book.code, "open-items", { kind, at });
  useKeys({ e: () => location.assign(href) });
  const columns: Column<Party>[] = [
    { key: "party", head: kindWords[kind], cell: ({ party, name }) => <Link className="books-party" title={name} to={address(party)}>{party}<span className="books-name">{name}</span></Link> },
    ...(all.some(({ owner }) => owner !== "") ? [{ key: "owner", head: kind === "supplier" ? { zh: "采购员", en: "Buyer" } : { zh: "业务员", en: "Salesperson" }, wide: true, mute: true, cell: ({ owner, ownerName }: Party) => ownerName || owner }] : []),
    ...buckets.map((bucket, index): Column<Party> => ({ key: bucket.id, head: bucket.words, num: true, wide: true, line: index === 0, group: { zh: `账龄（${unit}）`, en: `Age (${unit})` }, cell: ({ buckets: of }) => <Amount of={of[bucket.id]} />, foot: <Amount of={sum(({ buckets: of }) => of[bucket.id])} /> })),
    { key: "total", head: kind === "customer" ? { zh: "应收合计", en: "Owed to us" } : { zh: "应付合计", en: "Owed by us" }, num: true, line: true, cell: ({ total }) => <Amount of={total} />, foot: <Amount of={sum(({ total }) => total)} /> },
    { key: "against", head: { zh: "未核销", en: "Not set off" }, num: true, wide: true, cell: ({ against }) => <Amount of={against} />, foot: <Amount of={sum(({ against }) => against)} /> },
    { key: "net", head: { zh: "净额", en: "Net" }, num: true, cell: ({ net }) => <Amount of={net} />, foot: <Amount of={sum(({ net }) => net)} /> },
  ];
  const total = sum((party) => party.total);
  return (
    <BooksPage
      title={t("往来未清", "Open items")} hasUnit asOf={t(`账龄计至 ${at}`, `Ages count to ${at}`)} acts={<ExportButton href={href} />}
      bar={<>
        <Segments<Kind> label={t("往来", "Who")} value={kind} options={(["customer", "supplier", "employee"] as const).map((value) => ({ value, text: kindWords[value] }))} onChange={(value) => setFilters({ kind: value === "customer" ? "" : value, more: "" })} />
        <ChipText label={t("截止日", "As of")} type="date" value={at} onChange={(value) => setFilters({ at: value })} />
        <ChipText label={t("查找", "Find")} value={filters.text ?? ""} onChange={(text) => setFilters({ text })} />
      </>}
    >
      <Panel title={signOf(total) === 0 ? undefined : t("账龄", "Ageing")} note={t(`${count(all.length)} 个往来单位`, `${count(all.length)} parties`)} right={signOf(total) === 0 ? undefined : <>{t("逾期", "Overdue")} <Amount of={sum((party) => party.overdue)} /> {unit}</>}>
        {signOf(total) > 0 ? <div className="books-buckets" role="img" aria-label={buckets.map(({ id, words }) => `${t(words)} ${sum(({ buckets: of }) => of[id])}`).join(t("，", ", "))}>{buckets.map(({ id, tone }) => { const part = sum(({ buckets: of }) => of[id]); return signOf(part) > 0 ? <i key={id} style={{ flexGrow: weight(part, total), background: tone }} /> : null; })}</div> : null}
        <Loaded of={parties} rows={12} columns={8} isEmpty={() => all.length === 0} empty={<Empty why={wanted === "" ? t("没有未清的往来。", "Nothing is open.") : t("没有符合条件的往来单位。", "No party matches.")} next={wanted === "" ? undefined : <button type="button" className="btn" onClick={() => setFilters({ text: "" })}>{t("清除条件", "Clear the filter")}</button>} />}>
          {() => <div className="books-dense"><Table<Party> caption={t("往来账龄", "Ageing by party")} columns={columns} rows={rows} rowKey={({ party }) => party} onOpen={({ party }) => void navigate({ to: address(party) })} footLabel={t(`${count(all.length)} 个合计`, `All ${count(all.length)}`)} more={rows.length < all.length ? () => setFilters({ more: "all" }) : undefined} /></div>}
        </Loaded>
      </Panel>
    </BooksPage>
  );
}

/** Share of the whole in thousandths, for a bar. */
function weight(part: string, whole: string): number {
  const [p, w] = [part, whole].map((text) => BigInt(text.replace(/[^\d-]/g, "")));
  return w === undefined || p === undefined || w === 0n ? 0 : Number((p * 1000n) / w);
}
