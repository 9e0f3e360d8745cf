/** 摊销模板: what is spread over months, how far it is, a new one. The month's run makes one voucher of each. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useBook, usePeriods } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { Dialog, Field, Lane, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { documentAddress } from "../vouchers/model.ts";
import "./close.css";
import { BooksPage } from "./frame.tsx";

type Side = { readonly account: string; readonly dimensions: Readonly<Record<string, string>> };
type Template = { readonly code: string; readonly name: string; readonly total: string; readonly taken: string; readonly left: string; readonly months: number; readonly firstPeriod: string; readonly lastPeriod: string; readonly debit: Side; readonly credit: Side; readonly endedAfter: string | null; readonly done: readonly string[] };

export function Amortisations() {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}/amortisations`;
  const templates = useApi<readonly Template[]>(base, { keep: true });
  const open = usePeriods().data?.find(({ state }) => state === "open")?.period ?? "";
  const [isNew, setNew] = useState(false);
  const end = useAct((code: string) => api(`${base}/${seg(code)}/end`, { body: { after: open } }));
  const may = book.may("periods.close");
  return (
    <BooksPage title={t("摊销模板", "Amortisation templates")} crumb={{ to: `/b/${book.code}/books/close`, text: t("结账", "Close") }} acts={may ? <button type="button" className="btn p" onClick={() => setNew(true)}>{t("新建模板", "New template")}</button> : undefined}>
      <Panel>
        <Trouble error={end.error} />
        <Loaded of={templates} columns={6} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("还没有摊销模板。", "There is no template yet.")} next={t("建立后，期末的摊销每月生成一张凭证，待审核。", "With one, the month's run makes one voucher, which waits for review.")} />}>{(rows) => <Table<Template>
          caption={t("摊销模板", "Amortisation templates")} rows={rows} rowKey={({ code }) => code}
          columns={[
            { key: "name", head: { zh: "模板", en: "Template" }, wrap: true, cell: (row) => <>{row.name}<span className="sub"> {row.code}</span></> }, { key: "accounts", head: { zh: "借、贷", en: "Debit, credit" }, wide: true, cell: (row) => `${row.debit.account} / ${row.credit.account}` },
            { key: "span", head: { zh: "期间", en: "Periods" }, wide: true, mute: true, cell: (row) => `${row.firstPeriod} – ${row.lastPeriod}` }, { key: "total", head: { zh: "总额", en: "Total" }, num: true, wide: true, cell: (row) => <Amount of={row.total} exact /> }, { key: "left", head: { zh: "未摊", en: "Left" }, num: true, cell: (row) => <Amount of={row.left} exact /> },
            { key: "how", head: { zh: "进度", en: "Progress" }, cell: (row) => <Lane percent={Math.trunc((row.done.length * 100) / row.months)} /> }, { key: "last", head: { zh: "最近一次", en: "Last" }, wide: true, cell: (row) => { const last = row.done.at(-1); return last === undefined ? "" : <Link to={documentAddress(book.code, `tieout:manualVoucher/amortise-${row.code}-${last}`) as never}>{last}</Link>; } },
            { key: "act", head: { zh: "动作", en: "Act" }, num: true, cell: (row) => (row.endedAfter !== null ? <Tag>{t("已停用", "Ended")}</Tag> : may && row.left !== "0.00" ? <button type="button" className="btn" disabled={end.isPending || open === ""} onClick={() => end.mutate(row.code)}>{t(`${open} 后停用`, `End after ${open}`)}</button> : null) },
          ]}
        />}</Loaded>
      </Panel>
      {isNew ? <NewTemplate path={base} first={open} onClose={() => setNew(false)} /> : null}
    </BooksPage>
  );
}

/** dimension=value, as many as the account asks for. */
const dimensionsOf = (text: string): Record<string, string> => Object.fromEntries(text.split(/[,，\s]+/).flatMap((part) => { const at = part.indexOf("="); return at < 1 ? [] : [[part.slice(0, at), part.slice(at + 1)]]; }));

function NewTemplate({ path, first, onClose }: { readonly path: string; readonly first: string; readonly onClose: () => void }) {
  const t = useT();
  const [fields, setFields] = useState({ code: "", name: "", total: "", months: "12", firstPeriod: first, debit: "", debitWith: "", credit: "", creditWith: "" });
  const save = useAct(() => api(path, { body: { code: fields.code, name: fields.name, total: fields.total, months: Number(fields.months) || 0, firstPeriod: fields.firstPeriod, debit: { account: fields.debit, dimensions: dimensionsOf(fields.debitWith) }, credit: { account: fields.credit, dimensions: dimensionsOf(fields.creditWith) } } }));
  const field = (key: keyof typeof fields, label: string, hint?: string) => <Field label={label} hint={hint}><input className="in" value={fields[key]} onChange={(event) => setFields({ ...fields, [key]: event.target.value })} /></Field>;
  return (
    <Dialog title={t("新建摊销模板", "New amortisation template")} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={save.isPending || fields.code === ""} onClick={() => save.mutate(undefined, { onSuccess: onClose })}>{t("保存模板", "Save the template")}</button></>}>
      <div className="close-two">{field("code", t("代码", "Code"))}{field("name", t("名称", "Name"))}{field("total", t("总额", "Total"))}{field("months", t("月数", "Months"))}{field("firstPeriod", t("首期", "First period"))}<span />
        {field("debit", t("借方科目", "Debit account"))}{field("debitWith", t("借方辅助核算", "Its dimensions"), "department=D1")}{field("credit", t("贷方科目", "Credit account"))}{field("creditWith", t("贷方辅助核算", "Its dimensions"))}</div>
      <Trouble error={save.error} />
    </Dialog>
  );
}
