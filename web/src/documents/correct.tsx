/** A document is corrected field by field and posted as its next version, with a reason; what came from the source stays as it came. */
import { useState } from "react";
import { api, seg, useAct } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Dialog, Field } from "../ui/parts.tsx";
import { Loading, Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { BodyEditor } from "./body-editor.tsx";
import type { Body, Decided, One } from "./model.ts";
import { useForm } from "./schema.ts";
import { Outcome, useKindName } from "./words.tsx";

export function CorrectDialog({ of, onClose, onDecided }: { readonly of: One; readonly onClose: () => void; readonly onDecided?: (decided: Decided) => void }) {
  const t = useT();
  const book = useBook();
  const kindName = useKindName();
  const form = useForm(of.kind);
  const [body, setBody] = useState<Body>(of.body);
  const [reason, setReason] = useState("");
  const send = (dryRun: boolean) => api<Decided>(`/books/${seg(book.code)}/documents/correct`, { body: { of: of.document, body, reason, dryRun } });
  const [trial, setTrial] = useState<Decided | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const post = useAct(() => send(false));
  const attempt = async (): Promise<void> => {
    setFailure(null);
    setTrial(null);
    try {
      setTrial(await send(true));
    } catch (error) {
      setFailure(error);
    }
  };
  const isDone = post.data !== undefined;
  return (
    <Dialog
      kind="wide" title={t(`改正 ${kindName(of.kind)} ${of.sourceId}`, `Correct ${kindName(of.kind)} ${of.sourceId}`)} onClose={onClose}
      foot={isDone ? <button type="button" className="btn p" onClick={onClose}>{t("关闭", "Close")}</button> : <><button type="button" className="btn" disabled={reason.trim() === ""} onClick={() => void attempt()}>{t("试算", "Try")}</button><button type="button" className="btn p" disabled={reason.trim() === "" || post.isPending} onClick={() => post.mutate(undefined as never, { onSuccess: (decided) => onDecided?.(decided) })}>{t("改正并入账", "Correct and post")}</button></>}
    >
      {isDone ? <Outcome of={post.data} /> : (
        <>
          {form === undefined ? <Loading /> : <BodyEditor body={body} form={form} onChange={setBody} />}
          <Field label={t("改正原因 *", "Reason *")} hint={t("与改正人一起记在新版本中", "Kept in the new version with who corrected it")}><input className="in" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></Field>
          {trial ? <Outcome of={trial} isTrial /> : null}
          <Trouble error={post.error ?? failure} />
        </>
      )}
    </Dialog>
  );
}
