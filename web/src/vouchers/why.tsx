/** 为什么: the rule, the row of its table, the inputs with their documents, the sum, the rules that were not taken, and whether the voucher derives again. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { formatAmount } from "../ui/amount.tsx";
import { Kbd } from "../ui/parts.tsx";
import { Loaded } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import type { Decision, Line, Part, Why } from "./model.ts";
import { DocumentLink, Person } from "./words.tsx";

const rejectedShown = 4;

export function WhyPanel({ period, number, line, shown, onClose }: { readonly period: string; readonly number: string; readonly line: number; readonly shown: Line | undefined; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const why = useApi<Why>(`/books/${encodeURIComponent(book.code)}/vouchers/${period}/${encodeURIComponent(number)}/why`);
  const side = shown?.debit && /[1-9]/.test(shown.debit) ? "debit" : "credit";
  return (
    <aside className="panel vouchers-why" aria-label={t("为什么", "Why")}>
      <div className="hd"><h2>{t(`为什么：第 ${line + 1} 行`, `Why: line ${line + 1}`)}</h2>{shown ? <span className="sub">{shown.account} {side === "debit" ? t("借", "Dr") : t("贷", "Cr")} {formatAmount(shown[side] ?? "")}</span> : null}<button type="button" onClick={onClose} aria-label={t("收起", "Close")}><Kbd>w</Kbd></button></div>
      <Loaded of={why} rows={8} columns={2}>{(data) => <Explained why={data} line={line} />}</Loaded>
    </aside>
  );
}

function Explained({ why, line }: { readonly why: Why; readonly line: number }) {
  const t = useT();
  const own = why.lines[line];
  const parts = own?.parts ?? [];
  const decisions = [...new Set(parts.map(({ by }) => by))].flatMap((by) => why.decisions[by] ?? []);
  const first = parts[0];
  return (
    <>
      {decisions.slice(0, 3).map((one, at) => <section key={at}><h3>{at === 0 ? t("规则", "Rule") : t("另一事件的规则", "Rule of another event")}</h3><RuleOf decision={one} part={parts.find(({ by }) => why.decisions[by] === one)} /></section>)}
      {first === undefined ? <section><h3>{t("规则", "Rule")}</h3><span>{t("此行由更正得来，没有单独的分录。", "This line comes from a correction and has no entry of its own.")}</span></section> : (
        <section><h3>{t("输入", "Inputs")}</h3>{parts.slice(0, 5).map((part, at) => <Inputs key={at} part={part} />)}{(own?.count ?? 0) > 5 ? <div className="sub">{t(`另有 ${(own?.count ?? 0) - 5} 条分录并入此行`, `${(own?.count ?? 0) - 5} more entries are joined in this line`)}</div> : null}</section>
      )}
      {first === undefined ? null : <section><h3>{t("计算", "The sum")}</h3><div className="calc">{parts.slice(0, 10).map(({ sum }) => readable(sum)).join("\n")}{(own?.count ?? 0) > 1 ? `\n${readable(own?.total ?? "")}` : ""}</div></section>}
      {decisions[0] ? <Rejected decision={decisions[0]} /> : null}
      <section className="pair">
        {why.isEqual ? <span className="good">✓ {derivedWords(why.derivedAs, t)}</span> : <span className="warn">≠ {t("按现存事实重算，与原凭证不同", "Derived again it is not the same")}</span>}
        <span className="mono mut" title={why.hash}>{why.hash.slice(0, 4)}…{why.hash.slice(-4)}</span>
      </section>
    </>
  );
}

const derivedWords = (as: string, t: ReturnType<typeof useT>): string =>
  as === "reversal" ? t("按前一版本红冲重算，逐字节一致", "Derived as the reversal of the version before, the same to the byte") : as === "difference" ? t("按两版之差重算，逐字节一致", "Derived as the difference of two versions, the same to the byte") : t("重算与原凭证逐字节一致", "Derived again, the same to the byte");

/** 336000.00 → 336,000.00 wherever it stands. */
const readable = (sum: string): string => sum.replace(/-?\d+\.\d{2}(?!\d)/g, (figure) => formatAmount(figure)).replaceAll(" - ", " − ");

function RuleOf({ decision, part }: { readonly decision: Decision; readonly part: Part | undefined }) {
  const t = useT();
  const book = useBook();
  const version = <span className="tag a">v{decision.version}</span>;
  return (
    <>
      <div className="pair"><b>{decision.rule} {t(decision.zh, decision.en)}</b>{book.may("rules.read") ? <Link to={`/b/${book.code}/rules`} search={{ version: String(decision.version), rule: decision.rule } as never}>{version}</Link> : version}</div>
      <div className="sub">{t(`${decision.effectiveOn} 生效。`, `In force from ${decision.effectiveOn}. `)}<Person id={decision.proposedBy} />{t(" 提出", " proposed it")}{decision.approvedBy === null ? null : <>{t("，", ", ")}<Person id={decision.approvedBy} /> {decision.approvedAt?.slice(0, 10)} {t("批准", "approved it")}</>}</div>
      {part === undefined || part.choice === 0 ? null : <div style={{ marginTop: 6 }}>{part.table === part.tableZh ? null : <>{t(`「${part.tableZh}」`, `“${part.tableEn}” `)}</>}{t(`决策行 ${part.choice}：`, `row ${part.choice}: `)}<span className="mono">{part.condition.replaceAll("otherwise", t("其余", "otherwise")) || t("其余", "otherwise")}</span> → <b style={{ fontWeight: 600 }}>{part.account}</b></div>}
    </>
  );
}

function Inputs({ part }: { readonly part: Part }) {
  const t = useT();
  return (
    <div className="part"><table className="io"><tbody>
      {part.inputs.map((input) => <tr key={`${input.name} ${input.value}`}><td>{input.name.includes(".") ? <span className="mono">{input.name}</span> : t(input.zh, input.en)}</td><td>{/^-?\d+\.\d{2,}$/.test(input.value) ? formatAmount(input.value, "yuan", Math.max(2, (input.value.split(".")[1] ?? "").length)) : input.value}</td><td>{input.document === null ? <span className="mut">{t("账簿", "Book")}</span> : <DocumentLink of={input.document} short />}</td></tr>)}
    </tbody></table></div>
  );
}

function Rejected({ decision }: { readonly decision: Decision }) {
  const t = useT();
  const [isAll, setAll] = useState(false);
  const { rejected } = decision;
  if (rejected.length === 0) return null;
  return (
    <section><h3>{t("未采用的规则", "Rules not taken")}</h3>
      <div className="rej">
        {(isAll ? rejected : rejected.slice(0, rejectedShown)).map((one) => (
          <div key={one.rule}><span className="no">×</span><span>{one.rule} {t(one.zh, one.en)}</span>
            <span className="mono">{one.wanted === "" ? t("条件成立，但在前的规则已采用", "Its condition holds, but an earlier rule was taken") : <>{t("要求", "wants")} {one.wanted}<br />{t("实际", "is")} {one.actual}</>}</span></div>
        ))}
      </div>
      {rejected.length > rejectedShown && !isAll ? <button type="button" className="btn q" onClick={() => setAll(true)}>{t(`再列出 ${rejected.length - rejectedShown} 条`, `${rejected.length - rejectedShown} more`)}</button> : null}
    </section>
  );
}
