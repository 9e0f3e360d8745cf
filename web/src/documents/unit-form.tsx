/** A unit that an item has no conversion for: how many stock units one of it is. The item's record gets it, and what waits for it is released. */
import { useState } from "react";
import { api, seg, useAct } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Field } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import type { Decided, OpenReason } from "./model.ts";

export function UnitForm({ same, onDecided }: { readonly same: OpenReason; readonly onDecided: (decided: Decided) => void }) {
  const t = useT();
  const book = useBook();
  const { item = "", unit = "" } = same.facts;
  const [record] = same.candidates;
  const [quantity, setQuantity] = useState("");
  const save = useAct(() => api<Decided>(`/books/${seg(book.code)}/documents`, { body: { schema: "tieout/item@1", source: record?.source, sourceId: item, name: { zh: record?.zh, en: record?.en }, ...record?.fields, units: [...Object.entries(record?.units ?? {}).map(([known, one]) => ({ unit: known, quantity: one })), { unit, quantity: quantity.trim() }] } }));
  if (record === undefined) return null;
  const stock = record.fields.unit ?? t("库存单位", "stock units");
  return (
    <section className="documents-section">
      <h3>{t("补上换算", "Add the conversion")}</h3>
      <Field label={t(`1 ${unit} = ? ${stock}`, `1 ${unit} = ? ${stock}`)} hint={t(`${item} ${record.zh}`, `${item} ${record.en}`)}><input className="in num" inputMode="decimal" value={quantity} onChange={(event) => setQuantity(event.target.value)} /></Field>
      <div className="documents-acts"><button type="button" className="btn p" disabled={!/^\d{1,12}(\.\d{1,6})?$/.test(quantity.trim()) || /^[0.]*$/.test(quantity.trim()) || save.isPending || !book.may("documents.post")} onClick={() => save.mutate(undefined as never, { onSuccess: onDecided })}>{t(`补上换算，处理 ${same.documents} 张`, `Add it, release ${same.documents}`)}</button></div>
      <Trouble error={save.error} />
    </section>
  );
}
