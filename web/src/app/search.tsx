/** `/`: finds documents, vouchers and parties by number, name or pinyin, and opens them. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Dialog } from "../ui/parts.tsx";
import { useT } from "../ui/text.ts";
import { api, withQuery } from "./api.ts";
import { useBookCode } from "./session.ts";

type Found = { readonly kind: string; readonly zh: string; readonly en: string; readonly title: string; readonly note: string; readonly to: string };

export function Search({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const book = useBookCode();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [found, setFound] = useState<readonly Found[]>([]);
  const [at, setAt] = useState(0);
  useEffect(() => {
    const asked = new AbortController();
    if (text.trim() === "") return setFound([]);
    const timer = setTimeout(() => void api<readonly Found[]>(withQuery(`/books/${encodeURIComponent(book)}/search`, { text: text.trim() }), { signal: asked.signal }).then((rows) => { setFound(rows); setAt(0); }).catch(() => {}), 120);
    return () => { clearTimeout(timer); asked.abort(); };
  }, [text, book]);
  const open = (one: Found | undefined): void => {
    if (!one) return;
    onClose();
    void navigate({ to: `/b/${book}/${one.to}` as string });
  };
  return (
    <Dialog title={t("搜索", "Search")} onClose={onClose}>
      <input className="in" type="search" autoFocus aria-label={t("单据号、凭证号、往来单位、拼音", "Number, party, pinyin")} placeholder={t("单据号、凭证号、往来单位、拼音", "Number, party, pinyin")} value={text} onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => { if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); setAt(Math.max(0, Math.min(found.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))); } else if (event.key === "Enter") open(found[at]); }} />
      <div className="list" style={{ margin: "8px -16px 0" }}>
        {found.map((one, index) => <button key={one.to} type="button" className={index === at ? "on" : ""} onClick={() => open(one)}><span className="r sub">{t(one.zh, one.en)}</span>{one.title} <span className="sub">{one.note}</span></button>)}
        {text.trim() !== "" && found.length === 0 ? <p className="sub" style={{ padding: "8px 16px" }}>{t("没有找到。可输入编号的一部分、名称或拼音首字母。", "Nothing found. Part of a number, a name or pinyin initials will do.")}</p> : null}
      </div>
    </Dialog>
  );
}
