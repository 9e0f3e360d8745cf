/** A code that nobody knows: it is registered, as something new or with what is known of one that looks alike, or the documents take a known code instead. */
import { useState } from "react";
import { api, seg, useAct, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Field } from "../ui/parts.tsx";
import { Loading, Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import type { Body, Decided, DocumentRow, One, OpenReason } from "./model.ts";
import { useForm } from "./schema.ts";
import { useKindName } from "./words.tsx";

type Way = { readonly as: "new" } | { readonly as: "like"; readonly code: string } | { readonly as: "use"; readonly code: string };

export function MasterForm({ of, same, onDecided }: { readonly of: One; readonly same: OpenReason; readonly onDecided: (decided: Decided) => void }) {
  const t = useT();
  const book = useBook();
  const kindName = useKindName();
  const { kind = "", code = "", source = of.source } = same.facts;
  const form = useForm(kind);
  const [way, setWay] = useState<Way>(same.candidates[0] ? { as: "like", code: same.candidates[0].code } : { as: "new" });
  const candidate = same.candidates.find((one) => way.as !== "new" && one.code === way.code);
  const [name, setName] = useState(candidate?.zh ?? "");
  const [fields, setFields] = useState<Readonly<Record<string, string>>>(candidate?.fields ?? {});
  const [other, setOther] = useState("");
  const [reason, setReason] = useState("");
  const choose = (next: Way): void => {
    setWay(next);
    const found = same.candidates.find((one) => next.as !== "new" && one.code === next.code);
    setName(next.as === "like" ? (found?.zh ?? "") : "");
    setFields(next.as === "like" ? (found?.fields ?? {}) : {});
  };
  const register = useAct(() => api<Decided>(`/books/${seg(book.code)}/documents`, { body: { schema: `tieout/${kind}@1`, source, sourceId: code, ...(name.trim() === "" ? {} : { name: name.trim() }), ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "")) } }));
  const replace = useAct(async (known: string) => replaceCode(book.code, same, code, known, reason));
  const isUse = way.as === "use";
  const known = way.as === "use" ? way.code || other.trim() : "";
  const isBusy = register.isPending || replace.isPending;
  const radio = (value: Way, title: string, note: string) => {
    const isOn = way.as === value.as && (value.as === "new" || way.as === "new" || way.code === value.code);
    return (
      <label key={`${value.as} ${"code" in value ? value.code : ""}`} className={`pick${isOn ? " on" : ""}`}><span className="documents-cand"><input type="radio" name="master-way" checked={isOn} onChange={() => choose(value)} /><span>{title}</span><small>{note}</small></span></label>
    );
  };
  return (
    <section className="documents-section">
      <h3>{t("建议", "Proposals")}</h3>
      <div role="radiogroup" aria-label={t("处理方式", "What to do")}>
        {same.candidates.flatMap((one) => [
          radio({ as: "like", code: one.code }, t(`登记为 ${one.zh}`, `Register as ${one.en}`), t(`${code} 沿用 ${one.code} 的名称与字段`, `${code} takes name and fields of ${one.code}`)),
          radio({ as: "use", code: one.code }, t(`单据改用 ${one.code}`, `Use ${one.code} in the documents`), t(`${one.zh}；各单据成为新版本`, `${one.en}; each document becomes a new version`)),
        ])}
        {radio({ as: "new" }, t(`新建${kindName(kind)} ${code}`, `New ${kindName(kind).toLowerCase()} ${code}`), t(`来源 ${source}`, `Of ${source}`))}
        {radio({ as: "use", code: "" }, t("单据改用其他编码", "Use another code in the documents"), t("编码录错时", "Where the code was entered wrongly"))}
      </div>
      {isUse ? (
        <>
          {way.code === "" ? <Field label={t("已有编码", "A known code")}><input className="in" value={other} onChange={(event) => setOther(event.target.value)} /></Field> : null}
          <Field label={t("改正原因 *", "Reason *")}><input className="in" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></Field>
          <div className="documents-acts"><button type="button" className="btn p" disabled={known === "" || reason.trim() === "" || isBusy || of.hidden.length > 0} onClick={() => replace.mutate(known, { onSuccess: onDecided })}>{t(`改用编码，处理 ${same.documents} 张`, `Use the code in ${same.documents}`)}</button></div>
        </>
      ) : form === undefined ? <Loading rows={3} columns={1} /> : (
        <>
          <Field label={t("名称", "Name")}><input className="in" value={name} onChange={(event) => setName(event.target.value)} /></Field>
          {form.header.filter((field) => field.name !== "name").map((field) => <Field key={field.name} label={`${t(field.words)}${field.isRequired ? " *" : ""}`}><input className="in" value={fields[field.name] ?? ""} onChange={(event) => setFields({ ...fields, [field.name]: event.target.value })} /></Field>)}
          <div className="documents-acts"><button type="button" className="btn p" disabled={isBusy || !book.may("documents.post")} onClick={() => register.mutate(undefined as never, { onSuccess: onDecided })}>{t(`登记 ${code}，处理 ${same.documents} 张`, `Register ${code}, release ${same.documents}`)}</button></div>
        </>
      )}
      <Trouble error={register.error ?? replace.error} />
    </section>
  );
}

const fieldsOf: Readonly<Record<string, readonly string[]>> = { customer: ["customer", "counterparty", "toParty"], supplier: ["supplier", "counterparty", "toParty"], employee: ["employee", "salesperson", "buyer"], bankAccount: ["bankAccount", "paidFrom", "paidTo"] };

/** Every document of the reason takes the known code where the unknown one stood; each is its own version with its own result. */
async function replaceCode(book: string, same: OpenReason, unknown: string, known: string, reason: string): Promise<Decided> {
  const names = new Set(fieldsOf[same.facts.kind ?? ""] ?? [same.facts.kind ?? ""]);
  const put = (value: unknown, name = ""): unknown => (Array.isArray(value) ? value.map((one) => put(one)) : value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === "extra" ? inner : put(inner, key)])) : names.has(name) && value === unknown ? known : value);
  const rows = await api<readonly DocumentRow[]>(withQuery(`/books/${seg(book)}/document-list`, { state: "parked", reason: same.code, about: same.about, limit: 200 }));
  const results: Decided[] = [];
  for (const row of [...rows].reverse()) {
    const { body } = await api<{ readonly body: Body }>(withQuery(`/books/${seg(book)}/documents/one`, { of: row.document }));
    results.push(await api<Decided>(`/books/${seg(book)}/documents/correct`, { body: { of: row.document, body: put(body), reason } }));
  }
  const total = (name: keyof Decided["summary"]): number => results.reduce((sum, { summary }) => sum + summary[name], 0);
  return { summary: { received: total("received"), posted: total("posted"), waiting: total("waiting"), parked: total("parked"), duplicate: total("duplicate"), refused: total("refused"), vouchers: total("vouchers"), released: total("released") }, results: results.flatMap((one) => one.results) };
}
