/** 供应商收款账户: changes that wait for a second person, what a supplier's account was, and a new one. */
import { useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { useBook, useMe } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { ChipText, Dialog, Field, moment, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { Person } from "../vouchers/words.tsx";
import { type Account, accountWords } from "./payments-model.ts";

export function Accounts() {
  const t = useT();
  const book = useBook();
  const me = useMe().data;
  const [{ supplier = "" }, set] = useFilters();
  const base = `/books/${seg(book.code)}/supplier-accounts`;
  const waiting = useApi<readonly Account[]>(base);
  const history = useApi<readonly Account[]>(supplier === "" ? null : withQuery(base, { supplier }));
  const [isNew, setNew] = useState(false);
  const decide = useAct(({ accountNo, approve }: { readonly accountNo: string; readonly approve: boolean }) => api(`${base}/${seg(accountNo)}/decide`, { body: { approve } }));
  const who = (row: Account) => <>{row.name}<span className="sub"> {row.bankName || row.bank} {row.number}</span></>;
  return (
    <>
      <Panel title={t("待批准的变更", "Changes to approve")} note={t("批准前不向该供应商付款", "nothing is paid to them before")} right={book.may("payments.propose") ? <button type="button" className="btn" onClick={() => setNew(true)}>{t("登记收款账户", "Enter an account")}</button> : undefined}>
        <Trouble error={decide.error} />
        <Loaded of={waiting} columns={5} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("没有待批准的变更。", "No change waits.")} />}>{(rows) => <Table<Account>
          caption={t("待批准的变更", "Changes to approve")} rows={rows} rowKey={(row) => row.accountNo} onOpen={(row) => set({ supplier: row.supplier })}
          columns={[
            { key: "supplier", head: { zh: "供应商", en: "Supplier" }, cell: (row) => <button type="button" className="link" onClick={() => set({ supplier: row.supplier })}>{row.supplier}</button> }, { key: "account", head: { zh: "新账户", en: "New account" }, wrap: true, cell: (row) => <>{who(row)}{row.sameAs.length > 0 ? <> <Tag tone="bad">{t(`与 ${row.sameAs.join("、")} 相同`, `same as ${row.sameAs.join(", ")}`)}</Tag></> : null}</> },
            { key: "why", head: { zh: "原因", en: "Reason" }, wrap: true, wide: true, cell: (row) => row.reason }, { key: "by", head: { zh: "提出", en: "By" }, mute: true, wide: true, cell: (row) => <><Person id={row.setBy} /> {moment(row.setAt).slice(5, 16)}</> },
            { key: "act", head: { zh: "动作", en: "Act" }, num: true, cell: (row) => (!book.may("payments.approve") ? null : row.setBy === me?.user ? <span className="mut">{t("须第二人", "a second person")}</span> : <span className="payments-acts"><button type="button" className="btn" disabled={decide.isPending} onClick={() => decide.mutate({ accountNo: row.accountNo, approve: false })}>{t("拒绝", "Reject")}</button><button type="button" className="btn p" disabled={decide.isPending} onClick={() => decide.mutate({ accountNo: row.accountNo, approve: true })}>{t("批准", "Approve")}</button></span>) },
          ]}
        />}</Loaded>
      </Panel>
      <Panel title={t("账户沿革", "History of an account")} right={<ChipText label={t("供应商", "Supplier")} value={supplier} onChange={(value) => set({ supplier: value })} width={120} />}>
        {supplier === "" ? <Empty why={t("填入供应商代码可看其收款账户何时由谁变更。", "Give a supplier's code to see who changed its account and when.")} /> : <Loaded of={history} columns={4} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t(`${supplier} 还没有收款账户。`, `${supplier} has no account yet.`)} next={t("登记后由第二人批准。", "Enter one; a second person approves it.")} />}>{(rows) => <Table<Account>
          caption={t("账户沿革", "History of an account")} rows={rows} rowKey={(row) => row.accountNo}
          columns={[
            { key: "account", head: { zh: "账户", en: "Account" }, wrap: true, cell: who }, { key: "state", head: { zh: "状态", en: "State" }, cell: (row) => <Tag tone={accountWords[row.state]?.tone}>{t(accountWords[row.state]?.text ?? row.state)}</Tag> },
            { key: "by", head: { zh: "提出", en: "Entered" }, wide: true, mute: true, cell: (row) => <><Person id={row.setBy} /> {moment(row.setAt)}</> }, { key: "decided", head: { zh: "裁定", en: "Decided" }, wide: true, mute: true, cell: (row) => (row.decidedBy === null ? "" : <><Person id={row.decidedBy} /> {moment(row.decidedAt ?? "")}</>) }, { key: "why", head: { zh: "原因", en: "Reason" }, wide: true, wrap: true, cell: (row) => row.reason },
          ]}
        />}</Loaded>}
      </Panel>
      {isNew ? <NewAccount supplier={supplier} path={base} onClose={() => setNew(false)} /> : null}
    </>
  );
}

function NewAccount({ supplier, path, onClose }: { readonly supplier: string; readonly path: string; readonly onClose: () => void }) {
  const t = useT();
  const [fields, setFields] = useState({ supplier, name: "", number: "", bank: "", bankName: "", province: "", city: "", reason: "" });
  const save = useAct(() => api(path, { body: fields }));
  const field = (key: keyof typeof fields, label: string, hint?: string) => <Field label={label} hint={hint}><input className="in" value={fields[key]} onChange={(event) => setFields({ ...fields, [key]: event.target.value })} /></Field>;
  return (
    <Dialog title={t("登记收款账户", "Enter an account")} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={save.isPending || fields.supplier === "" || fields.number === "" || fields.reason === ""} onClick={() => save.mutate(undefined, { onSuccess: onClose })}>{t("提交批准", "Send for approval")}</button></>}>
      <div className="payments-two">{field("supplier", t("供应商代码", "Supplier code"))}{field("name", t("户名", "Holder"))}{field("number", t("账号", "Account number"))}{field("bank", t("联行号或 BIC", "CNAPS code or BIC"), t("12 位数字，或 8、11 位 BIC", "12 digits, or a BIC of 8 or 11"))}{field("bankName", t("开户行", "Bank"))}{field("province", t("省份", "Province"))}{field("city", t("城市", "City"))}</div>
      {field("reason", t("原因（留痕）", "Reason (kept on record)"), t("来函、合同、电话核实 …", "A letter, the contract, a call back …"))}
      <Trouble error={save.error} />
    </Dialog>
  );
}
