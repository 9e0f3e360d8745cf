/** What can be done about an open document: register the code it lacks, use a known one, correct it, try it again, void it; one by one or all of the same reason. */
import { useState } from "react";
import { api, seg, useAct, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Dialog, Field } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { CorrectDialog } from "./correct.tsx";
import { MasterForm } from "./master-form.tsx";
import type { Decided, DocumentRow, One, OpenReason } from "./model.ts";
import { UnitForm } from "./unit-form.tsx";
import { Outcome } from "./words.tsx";

export function Decide({ of, same, onDone }: { readonly of: One; readonly same: OpenReason | undefined; readonly onDone: () => void }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}/documents`;
  const [isCorrecting, setCorrecting] = useState(false);
  const [isVoiding, setVoiding] = useState(false);
  const retry = useAct((documents: readonly string[]) => api<Decided>(`${base}/retry`, { body: { documents } }));
  const all = useAct(async () => api<Decided>(`${base}/retry`, { body: { documents: await documentsOf(book.code, of.state, same) } }));
  const isOpen = of.state === "parked" || of.state === "waiting";
  const [done, setDone] = useState<Decided | null>(null);
  return (
    <>
      {isOpen && same?.code === "masterdata.unknown" && of.reasons[0]?.code === "masterdata.unknown" ? <MasterForm of={of} same={same} onDecided={setDone} /> : null}
      {isOpen && same?.code === "masterdata.unit_unknown" && of.reasons[0]?.code === "masterdata.unit_unknown" ? <UnitForm same={same} onDecided={setDone} /> : null}
      <section className="documents-section documents-acts">
        {isOpen ? (
          <>
            {same && same.documents > 1 ? <button type="button" className="btn" disabled={all.isPending} onClick={() => all.mutate(undefined as never, { onSuccess: setDone })}>{t(`重试同一原因的 ${same.documents} 张`, `Try all ${same.documents} of this reason again`)}</button> : null}
            <div className="documents-pair">
              <button type="button" className="btn" disabled={retry.isPending} onClick={() => retry.mutate([of.document], { onSuccess: setDone })}>{t("重试这张", "Try it again")}</button>
              <button type="button" className="btn" disabled={of.hidden.length > 0} title={of.hidden.length > 0 ? t("有字段无权查看，不能改正", "Some fields are hidden, so it cannot be corrected") : undefined} onClick={() => setCorrecting(true)}>{t("改正字段", "Correct fields")}</button>
            </div>
            <button type="button" className="btn q" disabled={of.hidden.length > 0} onClick={() => setVoiding(true)}>{t("作废，不入账", "Void it")}</button>
          </>
        ) : null}
        {done ? <Outcome of={done} /> : null}
        <Trouble error={retry.error ?? all.error} />
        {done && !isOpen ? <button type="button" className="btn p" onClick={onDone}>{t("看下一张", "See the next")}</button> : null}
      </section>
      {isCorrecting ? <CorrectDialog of={of} onClose={() => setCorrecting(false)} onDecided={setDone} /> : null}
      {isVoiding ? <VoidDialog of={of} onClose={() => setVoiding(false)} onDecided={setDone} /> : null}
    </>
  );
}

const mostAtOnce = 1_000;

/** Documents of a reason, as far as one request goes. */
async function documentsOf(book: string, state: string, same: OpenReason | undefined): Promise<string[]> {
  const found: string[] = [];
  for (let after = ""; found.length < mostAtOnce; ) {
    const page = await api<readonly DocumentRow[]>(withQuery(`/books/${seg(book)}/document-list`, { state, reason: same?.code, about: same?.about, after, limit: 500 }));
    found.push(...page.map(({ document }) => document));
    if (page.length < 500) break;
    after = page.at(-1)?.cursor ?? "";
  }
  return found.slice(0, mostAtOnce);
}

function VoidDialog({ of, onClose, onDecided }: { readonly of: One; readonly onClose: () => void; readonly onDecided: (decided: Decided) => void }) {
  const t = useT();
  const book = useBook();
  const [reason, setReason] = useState("");
  const act = useAct(() => api<Decided>(`/books/${seg(book.code)}/documents/correct`, { body: { of: of.document, body: { ...of.body, status: "cancelled" }, reason } }));
  const send = (): void => act.mutate(undefined as never, { onSuccess: (decided) => { onDecided(decided); onClose(); } });
  return (
    <Dialog
      title={t(`作废 ${of.sourceId}`, `Void ${of.sourceId}`)} onClose={onClose}
      foot={<button type="button" className="btn danger" disabled={reason.trim() === "" || act.isPending} onClick={send}>{t("作废单据", "Void the document")}</button>}
    >
      <p>{t("单据以作废状态成为新版本，不产生凭证。原内容保留为旧版本；来源再发新版本时，以新版本为准。", "It becomes a new, cancelled version and makes no voucher. What was received stays as the old version; if its source sends a newer one, that counts.")}</p><Field label={t("原因 *", "Reason *")}><input className="in" autoFocus value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></Field><Trouble error={act.error} />
    </Dialog>
  );
}
