/** A flow's definition as YAML: checked whole by the server, and a new version once it is applied. */
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Dialog, Field } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import "./connectors.css";
import { flowPath } from "./model.ts";

export function ApplyDialog({ yaml, title, onClose }: { readonly yaml: string; readonly title?: string; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const [text, setText] = useState(yaml);
  const apply = useAct(() => api<{ readonly flow: string; readonly version: number; readonly isNew: boolean }>(`/books/${seg(book.code)}/flows`, { body: { yaml: text } }));
  return (
    <Dialog
      kind="wide" title={title ?? t("新建数据流", "New flow")} onClose={onClose}
      foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={apply.isPending || text.trim() === ""} onClick={() => apply.mutate(undefined as never, { onSuccess: ({ flow }) => { onClose(); void navigate({ to: flowPath(book.code, flow) }); } })}>{t("应用定义", "Apply the definition")}</button></>}
    >
      <Field label={t("定义（YAML）", "Definition (YAML)")} hint={t("机密写作 { secret: 名称 }，在「机密」页存入。应用后成为新版本，旧版本保留。", "Write secrets as { secret: NAME } and set them on the page Secrets. It becomes a new version; the old one is kept.")}><textarea className="in connectors-yaml" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} /></Field>
      <Trouble error={apply.error} />
    </Dialog>
  );
}
