/** The record of a dead letter as a form: what is changed becomes a patch over it, the record as received stays. */
import { useState } from "react";
import { api, seg, useAct } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Field } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import type { Cause, LetterShown } from "./model.ts";

type Leaf = { readonly path: string; readonly value: string | number | boolean | null };
type Step = { readonly op: string; readonly path: string; readonly value?: unknown };
const leavesMax = 120;

export function LetterActs({ of, same }: { readonly of: LetterShown; readonly same: Cause | undefined }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}/dead-letters`;
  const leaves = leavesOf(of.record);
  const [changed, setChanged] = useState<Readonly<Record<string, string>>>({});
  const [whole, setWhole] = useState(of.record === null ? "" : of.record);
  const [reason, setReason] = useState("");
  const patch = leaves === null ? wholePatch(whole) : patchOf(leaves, changed);
  const decide = useAct((asked: { readonly act: "retry" | "fix" | "ignore"; readonly all: boolean }) => api<{ readonly count: number }>(`${base}/${asked.act}`, {
    body: { ...(asked.all && same ? { flow: of.flow, fingerprint: same.fingerprint } : { ids: [of.id] }), ...(asked.act === "fix" ? { patch, ...(reason.trim() === "" ? {} : { reason: reason.trim() }) } : asked.act === "ignore" ? { reason: reason.trim() } : {}) },
  }));
  const isOpen = of.status === "open" && book.may("flows.manage");
  const many = same !== undefined && same.letters > 1;
  return (
    <>
      <section className="connectors-section">
        <h3>{t("记录内容", "The record")}</h3>
        {leaves === null ? (
          <><pre className="code connectors-code" tabIndex={0}>{of.record ?? textOf(of.bytes)}</pre>{isOpen ? <Field label={t("改写为（JSON）", "Rewritten as (JSON)")}><textarea className="in" spellCheck={false} value={whole} onChange={(event) => setWhole(event.target.value)} /></Field> : null}</>
        ) : leaves.map((leaf) => (
          <Field key={leaf.path} label={leaf.path.slice(1)} hint={changed[leaf.path] === undefined ? undefined : t(`原值 ${shown(leaf.value)}`, `was ${shown(leaf.value)}`)}>
            <input className="in" readOnly={!isOpen} value={changed[leaf.path] ?? shown(leaf.value)} onChange={(event) => setChanged(event.target.value === shown(leaf.value) ? without(changed, leaf.path) : { ...changed, [leaf.path]: event.target.value })} />
          </Field>
        ))}
      </section>
      {isOpen ? (
        <section className="connectors-section">
          <Field label={t("原因（忽略时必填）", "Reason (needed to ignore)")}><input className="in" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></Field>
          <div className="connectors-acts">
            <button type="button" className="btn p" disabled={patch.length === 0 || decide.isPending} onClick={() => decide.mutate({ act: "fix", all: false })}>{t("改正并重试", "Fix and retry")}</button>
            <button type="button" className="btn" disabled={decide.isPending || of.stage === "decode"} title={of.stage === "decode" ? t("解码不了的记录先改写再重试", "What could not be decoded is rewritten first") : undefined} onClick={() => decide.mutate({ act: "retry", all: false })}>{t("原样重试", "Retry as it is")}</button>
            <button type="button" className="btn" disabled={reason.trim() === "" || decide.isPending} onClick={() => decide.mutate({ act: "ignore", all: false })}>{t("忽略", "Ignore")}</button>
            {many ? <><button type="button" className="btn" disabled={decide.isPending || of.stage === "decode"} onClick={() => decide.mutate({ act: "retry", all: true })}>{t(`重试同因 ${same.letters} 封`, `Retry all ${same.letters}`)}</button><button type="button" className="btn" disabled={reason.trim() === "" || decide.isPending} onClick={() => decide.mutate({ act: "ignore", all: true })}>{t(`忽略同因 ${same.letters} 封`, `Ignore all ${same.letters}`)}</button></> : null}
          </div>
          {decide.data ? <p role="status">{t(`已处理 ${decide.data.count} 封`, `${decide.data.count} decided`)}</p> : null}
          <Trouble error={decide.error} />
        </section>
      ) : null}
    </>
  );
}

const shown = (value: Leaf["value"]): string => (value === null ? "" : String(value));
const without = (of: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(of).filter(([key]) => key !== name));

/** Leaves of the record with their JSON pointers; null where it is no object, or has too many. */
function leavesOf(record: string | null): readonly Leaf[] | null {
  if (record === null) return null;
  const found: Leaf[] = [];
  const walk = (value: unknown, path: string): void => {
    if (value !== null && typeof value === "object") for (const [name, inner] of Object.entries(value)) walk(inner, `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
    else found.push({ path, value: value as Leaf["value"] });
  };
  try {
    walk(JSON.parse(record), "");
  } catch {
    return null;
  }
  return found.length === 0 || found.length > leavesMax || found[0]?.path === "" ? null : found;
}

/** A number stays one where its digits survive; else it is text, which every form takes. */
function patchOf(leaves: readonly Leaf[], changed: Readonly<Record<string, string>>): readonly Step[] {
  return leaves.flatMap(({ path, value }): Step[] => {
    const next = changed[path];
    if (next === undefined) return [];
    const as = typeof value === "number" && String(Number(next)) === next ? Number(next) : typeof value === "boolean" && (next === "true" || next === "false") ? next === "true" : next === "" && value === null ? null : next;
    return [{ op: "replace", path, value: as }];
  });
}

function wholePatch(text: string): readonly Step[] {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" ? [{ op: "add", path: "", value }] : [];
  } catch {
    return [];
  }
}

function textOf(base64: string | null): string {
  if (base64 === null) return "";
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes).slice(0, 20_000);
}
