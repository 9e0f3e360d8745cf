/** 上传对账单. A file that no layout reads is shown by its columns, and whoever says once what they mean has it read from then on. */
import { useNavigate } from "@tanstack/react-router";
import { type DragEvent, useState } from "react";
import { api, Problem, seg, useAct } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Dialog, Field } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { type T, useT } from "../ui/text.ts";

type Start = { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
const meanings = ["day", "inward", "outward", "signed", "balance", "name", "account", "text", "reference"] as const;
type Meaning = (typeof meanings)[number];
const words = (t: T): Readonly<Record<Meaning, string>> => ({ day: t("日期 *", "Date *"), inward: t("收入", "Money in"), outward: t("支出", "Money out"), signed: t("或带符号的金额", "Or one signed amount"), balance: t("余额", "Balance"), name: t("对方户名", "Counterparty"), account: t("对方账号", "Its account"), text: t("摘要", "Remark"), reference: t("业务编号", "Reference") });
/** A first guess by the names that banks use. */
const guesses: Readonly<Record<Meaning, RegExp>> = { day: /日期|时间|记账日|交易日|date/i, inward: /收入|转入|贷方|credit/i, outward: /支出|转出|借方|debit/i, signed: /^(交易|发生)?(金额|额)$|amount/i, balance: /余额|结余|balance/i, name: /户名|对方名称|对方单位|对手方|payee|counterparty/i, account: /对方账号|对手账号|对方账户|iban/i, text: /摘要|用途|附言|备注|说明|remark|memo/i, reference: /参考号|业务编号|流水号|reference/i };

export function TakeStatement({ path, onClose }: { readonly path: string; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const [unknown, setUnknown] = useState<{ readonly file: File; readonly start: Start } | null>(null);
  const send = (file: File) => async (to: string) => api(`${path}/${to}?name=${seg(file.name)}`, { raw: { body: await file.arrayBuffer(), type: "application/octet-stream" } });
  const take = useAct(async (file: File) => {
    try {
      await send(file)("statements");
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "bank.file_unknown") throw error;
      const start = await send(file)("statement-columns").catch(() => { throw error; }) as Start;
      setUnknown({ file, start });
      return;
    }
    onClose();
    void navigate({ to: "." });
  });
  const drop = (event: DragEvent<HTMLLabelElement>): void => { event.preventDefault(); const [file] = event.dataTransfer.files; if (file) take.mutate(file); };
  if (unknown !== null) return <NameColumns base={`/books/${seg(book.code)}`} of={unknown} onTake={() => take.mutateAsync(unknown.file)} onClose={onClose} />;
  return (
    <Dialog title={t("上传对账单", "Upload a statement")} onClose={onClose}>
      <label className="reconciliation-drop" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
        <b>{take.isPending ? t("正在读取", "Reading") : t("选择文件，或拖到这里", "Choose a file, or drop it here")}</b>
        <span className="sub">{t("camt.053、MT940，或工行、建行、中行、招行、农行、支付宝、微信商户下载的原文件；其他银行的 CSV、Excel 可指定列。", "camt.053, MT940, or the file as ICBC, CCB, BOC, CMB, ABC, Alipay or WeChat Pay gives it; for CSV and Excel of other banks the columns can be named.")}</span>
        <input type="file" className="sr" onChange={(event) => { const file = event.target.files?.[0]; if (file) take.mutate(file); }} />
      </label>
      <Trouble error={take.error} />
    </Dialog>
  );
}

function NameColumns({ base, of: { file, start }, onTake, onClose }: { readonly base: string; readonly of: { readonly file: File; readonly start: Start }; readonly onTake: () => Promise<unknown>; readonly onClose: () => void }) {
  const t = useT();
  const [name, setName] = useState("");
  const [columns, setColumns] = useState<Readonly<Record<string, string>>>(() => {
    const guessed = Object.fromEntries(meanings.map((meaning) => [meaning, start.columns.find((column) => guesses[meaning].test(column)) ?? ""]));
    return guessed.inward || guessed.outward ? { ...guessed, signed: "" } : guessed;
  });
  const save = useAct(async () => {
    await api(`${base}/statement-layouts/${seg(name.trim())}`, { method: "PUT", body: Object.fromEntries(Object.entries(columns).filter(([, column]) => column !== "")) });
    await onTake();
  });
  const labels = words(t);
  return (
    <Dialog kind="wide" title={t("这是哪家银行的对账单", "Which bank's statement is this")} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={name.trim() === "" || !columns.day || save.isPending} onClick={() => save.mutate(undefined)}>{t("保存版式并读取", "Keep the layout and read")}</button></>}>
      <p>{t(`${file.name} 不是已知的版式。指定各列的含义，以后同样的文件自动读取。`, `${file.name} has no known layout. Say what its columns mean; the same kind of file is read by itself afterwards.`)}</p>
      <Field label={t("版式名称 *", "Name of the layout *")}><input className="in" data-first placeholder={t("如：宁波银行", "e.g. Bank of Ningbo")} maxLength={60} value={name} onChange={(event) => setName(event.target.value)} /></Field>
      <div className="reconciliation-columns">{meanings.map((meaning) => <Field key={meaning} label={labels[meaning]}><select className="in" value={columns[meaning] ?? ""} onChange={(event) => setColumns({ ...columns, [meaning]: event.target.value })}><option value="">–</option>{start.columns.map((column) => <option key={column} value={column}>{column}</option>)}</select></Field>)}</div>
      <div className="scroll" role="region" aria-label={t("文件开头", "The file's first rows")} tabIndex={0}><table className="t"><caption className="sr">{t("文件开头", "The file's first rows")}</caption><thead><tr>{start.columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr></thead><tbody>{start.rows.map((row, at) => <tr key={at}>{row.map((cell, place) => <td key={place}>{cell}</td>)}</tr>)}</tbody></table></div>
      <Trouble error={save.error} />
    </Dialog>
  );
}
