/** The fields of a document as a form: header, then lines as a table. What the form does not know stays as it is. */
import { useState } from "react";
import { ChipSelect, Field } from "../ui/parts.tsx";
import { useT } from "../ui/text.ts";
import type { Body } from "./model.ts";
import { type Form, type FormField, labelOf } from "./schema.ts";

type Link = { readonly to?: string };
const text = (value: unknown): string => (value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));

/** Of a field's text the value that the form wants; "" takes the field away. */
function put(body: Body, field: FormField, value: string): Body {
  const { [field.name]: _, ...rest } = body;
  if (value === "") return rest;
  return { ...body, [field.name]: field.holds === "flag" ? value === "true" : field.holds === "count" && /^\d{1,7}$/.test(value) ? Number(value) : value };
}

export function BodyEditor({ body, form, onChange }: { readonly body: Body; readonly form: Form; readonly onChange: (body: Body) => void }) {
  const t = useT();
  const [more, setMore] = useState<readonly string[]>([]);
  const header = form.header.filter((field) => field.name in body || field.isRequired || more.includes(field.name));
  const rest = form.header.filter((field) => !header.includes(field));
  const lines = Array.isArray(body.lines) ? (body.lines as readonly Body[]) : [];
  return (
    <>
      <div className="documents-fields">{header.map((field) => <Field key={field.name} label={`${t(field.words)}${field.isRequired ? " *" : ""}`}><Input field={field} value={text(body[field.name])} onChange={(value) => onChange(put(body, field, value))} label={t(field.words)} /></Field>)}</div>
      <div className="row">{rest.length > 0 ? <ChipSelect label={t("加字段", "Add a field")} value="" options={[{ value: "", text: "+" }, ...rest.map((field) => ({ value: field.name, text: t(field.words) }))]} onChange={(name) => setMore([...more, name])} /> : null}</div>
      {form.line === null ? null : <LinesEditor lines={lines} fields={form.line} hasLinks={form.links} onChange={(next) => onChange({ ...body, lines: next })} />}
    </>
  );
}

function Input({ field, value, onChange, label }: { readonly field: FormField; readonly value: string; readonly onChange: (value: string) => void; readonly label: string }) {
  const t = useT();
  if (field.of.length > 0 || field.holds === "flag") {
    const options = field.holds === "flag" ? [["true", t("是", "Yes")], ["false", t("否", "No")]] : field.of.map((one) => [one, one]);
    return <select className="in" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}><option value="">–</option>{options.map(([one, shown]) => <option key={one} value={one}>{shown}</option>)}</select>;
  }
  return <input className="in" aria-label={label} type={field.holds === "date" ? "date" : "text"} value={value} onChange={(event) => onChange(event.target.value)} />;
}

function LinesEditor({ lines, fields, hasLinks, onChange }: { readonly lines: readonly Body[]; readonly fields: readonly FormField[]; readonly hasLinks: boolean; readonly onChange: (lines: readonly Body[]) => void }) {
  const t = useT();
  const [more, setMore] = useState<readonly string[]>([]);
  const used = fields.filter((field) => field.isRequired || more.includes(field.name) || lines.some((line) => field.name in line));
  const rest = fields.filter((field) => !used.includes(field));
  const set = (at: number, line: Body): void => onChange(lines.map((one, index) => (index === at ? line : one)));
  const setLink = (line: Body, at: number, to: string): Body => {
    const links = Array.isArray(line.links) ? (line.links as readonly Link[]) : [];
    const next = (at < links.length ? links.map((link, index) => (index === at ? { ...link, to } : link)) : [...links, { to }]).filter((link) => (link.to ?? "") !== "");
    const { links: _, ...without } = line;
    return next.length === 0 ? without : { ...line, links: next };
  };
  const nextId = (): string => String(Math.max(0, ...lines.map((line) => (/^\d+$/.test(text(line.lineId)) ? Number(line.lineId) : 0))) + 1);
  return (
    <>
      <div className="scroll documents-lines" role="region" aria-label={t("单据行", "Lines")} tabIndex={0}>
        <table className="t">
          <caption className="sr">{t("单据行", "Lines")}</caption>
          <thead><tr><th scope="col">{t("行号", "Line")}</th>{used.map((field) => <th key={field.name} scope="col">{t(field.words)}{field.isRequired ? " *" : ""}</th>)}{hasLinks ? <th scope="col">{t(labelOf(null, "links"))}</th> : null}<th scope="col"><span className="sr">{t("删除", "Delete")}</span></th></tr></thead>
          <tbody>{lines.slice(0, 200).map((line, at) => {
            const links = Array.isArray(line.links) ? (line.links as readonly Link[]) : [];
            const id = text(line.lineId);
            return (
              <tr key={at}>
                <td><input className="in" aria-label={t(`第 ${at + 1} 行行号`, `Id of line ${at + 1}`)} value={id} onChange={(event) => set(at, { ...line, lineId: event.target.value })} /></td>
                {used.map((field) => <td key={field.name}><Input field={field} value={text(line[field.name])} label={t(`第 ${id} 行${field.words.zh}`, `${field.words.en} of line ${id}`)} onChange={(value) => set(at, put(line, field, value))} /></td>)}
                {hasLinks ? <td>{[...links, {}].map((link: Link, index) => (index > 0 && index === links.length && links.length > 0 ? null : <input key={index} className="in" aria-label={t(`第 ${id} 行关联`, `Link of line ${id}`)} placeholder="kind/number/line" value={link.to ?? ""} onChange={(event) => set(at, setLink(line, index, event.target.value))} />))}</td> : null}
                <td><button type="button" className="btn q" aria-label={t(`删除第 ${id} 行`, `Delete line ${id}`)} onClick={() => onChange(lines.filter((_, index) => index !== at))}>×</button></td>
              </tr>
            );
          })}</tbody>
        </table>
      </div>
      <div className="row documents-line-acts"><button type="button" className="btn" onClick={() => onChange([...lines, { lineId: nextId() }])}>{t("加一行", "Add a line")}</button>{rest.length > 0 ? <ChipSelect label={t("加列", "Add a column")} value="" options={[{ value: "", text: "+" }, ...rest.map((field) => ({ value: field.name, text: t(field.words) }))]} onChange={(name) => setMore([...more, name])} /> : null}{lines.length > 200 ? <span className="sub">{t(`只显示前 200 行，共 ${lines.length} 行`, `The first 200 of ${lines.length} lines`)}</span> : null}</div>
    </>
  );
}
