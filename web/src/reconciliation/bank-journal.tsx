/** What was matched and undone, the statements that were taken in, the payers that were learned. */
import { api, seg, useAct, useApi, usePages } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { moment, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { DocumentLink, Person } from "../vouchers/words.tsx";
import type { Statement } from "./bank.tsx";

type Entry = { readonly match: string; readonly step: string; readonly difference: string; readonly madeAt: string; readonly madeBy: string; readonly reason: string; readonly undoneAt: string | null; readonly undoneBy: string | null; readonly document: string | null; readonly movements: readonly string[]; readonly lines: readonly string[]; readonly cursor: string };
export function Journal({ path, may }: { readonly path: string; readonly may: boolean }) {
  const t = useT();
  const book = useBook();
  const pages = usePages<Entry>(`${path}/journal`);
  const undo = useAct((match: string) => api<{ readonly document: string | null }>(`/books/${seg(book.code)}/bank-matches/${seg(match)}/undo`, { method: "POST" }));
  const steps: Readonly<Record<string, string>> = { key: t("支付编号", "payment id"), reference: t("编号与金额", "number and amount"), group: t("一对多", "group"), party: t("单位与金额", "party and amount"), series: t("按日期", "by date"), crowd: t("同额一并", "equal amounts together"), sum: t("合计", "sum"), person: t("人工", "a person"), booked: t("补记", "booked") };
  if (pages.isPending) return <Loading />;
  return (
    <Panel>
      <Trouble error={undo.error ?? pages.error} />
      {undo.data?.document ? <p className="state" role="status">{t(`已撤销，${undo.data.document.replace(/^[^/]*\//, "")} 已红冲。`, `Undone; ${undo.data.document.replace(/^[^/]*\//, "")} was taken back in red.`)}</p> : null}
      {pages.rows.length === 0 ? <Empty why={t("还没有勾对。", "Nothing is matched yet.")} /> : <Table
        caption={t("勾对记录", "Journal of matches")} rows={pages.rows} rowKey={(row) => row.match} more={pages.more}
        columns={[
          { key: "at", head: { zh: "时间", en: "Time" }, mute: true, cell: (row) => moment(row.madeAt) }, { key: "how", head: { zh: "依据", en: "By" }, cell: (row) => <>{steps[row.step] ?? row.step}{row.reason === "" ? null : <span className="sub">{row.reason}</span>}{row.document === null ? null : <span className="sub"><DocumentLink of={row.document} /></span>}</> },
          { key: "count", head: { zh: "流水：分录", en: "Bank : books" }, num: true, cell: (row) => `${row.movements.length} : ${row.lines.length}` }, { key: "lines", head: { zh: "凭证", en: "Vouchers" }, wrap: true, wide: true, cell: (row) => row.lines.slice(0, 4).map((line) => line.split("/").slice(0, 2).join("/")).join("、") },
          { key: "difference", head: { zh: "差额", en: "Difference" }, num: true, cell: (row) => <Amount of={row.difference} exact /> },
          { key: "undo", head: { zh: "状态", en: "State" }, cell: (row) => (row.undoneAt === null ? (may ? <button type="button" className="btn q" onClick={() => undo.mutate(row.match)}>{t("撤销", "Undo")}</button> : t("有效", "Stands")) : <Tag>{t("已撤销", "Undone")}</Tag>) },
        ]}
      />}
    </Panel>
  );
}

export function Statements({ rows }: { readonly rows: readonly Statement[] }) {
  const t = useT();
  return (
    <Panel>{rows.length === 0 ? <Empty why={t("还没有对账单。", "No statement yet.")} next={t("上传银行给的原文件。", "Upload the file as the bank gave it.")} /> : <Table
      caption={t("对账单", "Statements")} rows={rows} rowKey={(row) => row.statement}
      columns={[{ key: "name", head: { zh: "文件", en: "File" }, cell: (row) => row.name }, { key: "format", head: { zh: "格式", en: "Format" }, mute: true, cell: (row) => row.format }, { key: "days", head: { zh: "起止", en: "Days" }, cell: (row) => `${row.firstOn} – ${row.lastOn}` }, { key: "opening", head: { zh: "期初", en: "Opening" }, num: true, cell: (row) => <Amount of={row.opening} exact zero="figure" unknown={row.opening === null} /> }, { key: "closing", head: { zh: "期末", en: "Closing" }, num: true, cell: (row) => <Amount of={row.closing} exact zero="figure" unknown={row.closing === null} /> }, { key: "at", head: { zh: "收到", en: "Taken" }, mute: true, wide: true, cell: (row) => moment(row.takenAt) }]}
    />}</Panel>
  );
}


type Payer = { readonly party: string; readonly partyName: string; readonly name: string; readonly account: string; readonly learnedAt: string; readonly learnedBy: string };
/** 付款人别名: what confirmed matches taught, and how to take it back. */
export function Payers({ may }: { readonly may: boolean }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}/bank-payers`;
  const payers = useApi<readonly Payer[]>(base);
  const forget = useAct(({ party, name, account }: Payer) => api(`${base}/forget`, { body: { party, name, account } }));
  return (
    <Panel title={t("付款人别名", "Learned payers")} note={t("由人工勾对学得，自动勾对据此认出往来单位", "learned from confirmed matches; matching knows the party by them")}>
      <Trouble error={forget.error} />
      <Loaded of={payers} columns={4} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("还没有学到别名。", "Nothing was learned yet.")} next={t("人工勾对或补记一笔有对方户名的流水后，会出现在这里。", "Match or book a movement that names its counterparty, and it stands here.")} />}>{(rows) => <Table<Payer>
        caption={t("付款人别名", "Learned payers")} rows={rows} rowKey={(row) => `${row.party}|${row.name}|${row.account}`}
        columns={[
          { key: "name", head: { zh: "户名", en: "Name" }, wrap: true, cell: (row) => row.name || "–" }, { key: "account", head: { zh: "账号", en: "Account" }, wide: true, cell: (row) => row.account || "–" }, { key: "party", head: { zh: "往来单位", en: "Party" }, cell: (row) => <>{row.partyName}<span className="sub"> {row.party}</span></> },
          { key: "by", head: { zh: "学自", en: "Learned from" }, wide: true, mute: true, cell: (row) => <><Person id={row.learnedBy} /> {moment(row.learnedAt).slice(0, 16)}</> },
          { key: "act", head: { zh: "动作", en: "Act" }, num: true, cell: (row) => (may && book.sees("bank") ? <button type="button" className="btn q" disabled={forget.isPending} aria-label={t(`忘记 ${row.name || row.account}`, `Forget ${row.name || row.account}`)} onClick={() => forget.mutate(row)}>{t("忘记", "Forget")}</button> : null) },
        ]}
      />}</Loaded>
    </Panel>
  );
}
