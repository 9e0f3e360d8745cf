/** One condition on one field: how it compares, and with what. What the field may hold is chosen from a list where the list is known. */
import { useState } from "react";
import { Dialog, Field, Segments } from "../ui/parts.tsx";
import { useT } from "../ui/text.ts";
import type { Column, Term } from "./model.ts";

const words = {
  any: { zh: "任意", en: "any" }, "==": { zh: "为", en: "is" }, "!=": { zh: "不为", en: "is not" }, in: { zh: "为其一", en: "is one of" }, empty: { zh: "未填", en: "is empty" }, given: { zh: "已填", en: "is given" }, "<": { zh: "<", en: "<" }, "<=": { zh: "≤", en: "≤" }, ">": { zh: ">", en: ">" }, ">=": { zh: "≥", en: "≥" }, is: { zh: "是", en: "yes" }, not: { zh: "否", en: "no" },
} as const;
type Choice = keyof typeof words;
const choices: Readonly<Record<Column["type"], readonly Choice[]>> = { text: ["any", "in", "!=", "empty", "given"], number: ["any", "<=", "<", ">=", ">", "==", "!="], truth: ["any", "is", "not"], list: ["any"] };

export function TermDialog({ column, term, isBusy, onClose, onSave }: { readonly column: Column; readonly term: Term | null; readonly isBusy: boolean; readonly onClose: () => void; readonly onSave: (term: Term | null) => void }) {
  const t = useT();
  const first: Choice = term === null ? "any" : column.type === "text" && term.values[0] === "" ? (term.op === "==" ? "empty" : "given") : column.type === "text" && term.op === "==" ? "in" : term.op;
  const [choice, setChoice] = useState<Choice>(first === "any" && column.type === "text" ? "in" : first);
  const [values, setValues] = useState<readonly string[]>(term?.values.filter((value) => value !== "") ?? []);
  const needsValue = !["any", "empty", "given", "is", "not"].includes(choice);
  const known = new Set(column.values.map(({ value }) => value));
  const other = values.filter((value) => !known.has(value)).join(", ");
  const [text, setText] = useState(other);
  const read = (): readonly string[] => [...values.filter((value) => known.has(value)), ...text.split(/[,，、\s]+/).filter((one) => one !== "")];
  const isWrong = needsValue && (read().length === 0 || (column.type === "number" && !/^-?\d{1,15}(\.\d{1,2})?$/.test(text.trim())));
  const save = (): void => {
    const all = column.type === "number" ? [text.trim()] : read();
    if (isWrong) return;
    if (choice === "any") return onSave(null);
    if (choice === "empty" || choice === "given") return onSave({ field: column.field, op: choice === "empty" ? "==" : "!=", values: [""] });
    if (choice === "is" || choice === "not") return onSave({ field: column.field, op: choice, values: [] });
    onSave({ field: column.field, op: choice === "in" && all.length === 1 ? "==" : choice, values: all });
  };
  const title = t(column.zh, column.en);
  return (
    <Dialog title={title} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={isWrong || isBusy} onClick={save}>{t("改条件", "Change the condition")}</button></>}>
      <form onSubmit={(event) => { event.preventDefault(); save(); }}>
        <div className="field"><Segments label={t("怎样比较", "How it compares")} value={choice} options={choices[column.type].map((value) => ({ value, text: value === "in" ? { zh: "为", en: "is" } : words[value] }))} onChange={setChoice} /></div>
        {needsValue && column.values.length > 0 ? <div className="rules-terms">{column.values.map((one) => <label key={one.value}><input type={choice === "!=" ? "radio" : "checkbox"} name="value" checked={values.includes(one.value)} onChange={(event) => setValues(choice === "!=" ? [one.value] : event.target.checked ? [...values, one.value] : values.filter((value) => value !== one.value))} />{t(one.zh, one.en)}</label>)}</div> : null}
        {needsValue ? <Field label={column.type === "number" ? t("金额（元）或数量", "Amount or quantity") : column.values.length > 0 ? t("其他代码，逗号分开", "Other codes, with commas") : t("代码，逗号分开", "Codes, with commas")}><input className="in" autoFocus={column.values.length === 0} inputMode={column.type === "number" ? "decimal" : undefined} value={text} onChange={(event) => setText(event.target.value)} aria-invalid={isWrong && text !== "" ? true : undefined} /></Field> : null}
      </form>
    </Dialog>
  );
}
