/** One line of an entry: summary, account with the dimensions it asks for and where it stands, debit, credit, and what is wrong with it. */
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { api, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { formatAmount } from "../ui/amount.tsx";
import { type Choice, Combo } from "../ui/combo.tsx";
import { useT } from "../ui/text.ts";
import { type AccountInfo, dimensionsOf, type EntryLine } from "./entry.ts";
import type { SaidProblem } from "./model.ts";
import { dimensionWords } from "./words.tsx";

const freeText: ReadonlySet<string> = new Set(["note", "asset", "custom1", "custom2", "custom3"]);

export function EntryRow({ line, at, problems, above, isFirst, isLast, isOff, onChange, onNext, onBalance, onRemove }: {
  readonly line: EntryLine; readonly at: number; readonly problems: readonly SaidProblem[]; readonly above: EntryLine | undefined; readonly isFirst: boolean; readonly isLast: boolean; /** The voucher does not balance yet. */ readonly isOff: boolean;
  readonly onChange: (change: Partial<EntryLine>) => void; readonly onNext: (from: HTMLElement, skip?: number) => void; readonly onBalance: (side: "debit" | "credit") => string; readonly onRemove: () => void;
}) {
  const t = useT();
  const book = useBook();
  const base = `/books/${encodeURIComponent(book.code)}`;
  const [known] = useState(() => new Map<string, AccountInfo>());
  const wrong = (field: string): boolean => problems.some(({ where }) => where?.endsWith(`/${field}`) ?? false);
  const searchAccounts = async (text: string): Promise<readonly Choice[]> => {
    const rows = await api<readonly AccountInfo[]>(withQuery(`${base}/accounts/search`, { text }));
    for (const row of rows) known.set(row.code, row);
    return rows.map((row) => ({ value: row.code, text: t(row.zh, row.en) }));
  };
  const enter = (event: KeyboardEvent<HTMLInputElement>, skip = 0): void => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onNext(event.currentTarget, skip);
  };
  const amount = (side: "debit" | "credit", event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === "=") {
      event.preventDefault();
      onChange({ [side]: onBalance(side), [side === "debit" ? "credit" : "debit"]: "" });
    } else if (event.key === "Enter" && side === "debit" && line.debit !== "") enter(event, 1);
    // The last line of a voucher that balances is the end: only Ctrl ↵ goes on from here.
    else if (event.key === "Enter" && side === "credit" && isLast && !isOff) event.preventDefault();
    else enter(event);
  };
  return (
    <tr>
      <td className="n">{at + 1}</td>
      <td className="sm"><SummaryField line={line} above={above} isFirst={isFirst} isWrong={wrong("summary")} onChange={(summary) => onChange({ summary })} onEnter={enter} /><Said problems={problems} field="summary" /></td>
      <td className="ac">
        <div data-cell="account"><Combo label={t(`第 ${at + 1} 行科目`, `Account of line ${at + 1}`)} value={line.account?.code ?? ""} shown={line.account ? `${line.account.code} ${t(line.account.zh, line.account.en)}` : ""} search={searchAccounts} invalid={wrong("account")} placeholder={t("代码、名称或拼音", "Code, name or pinyin")}
          onChoose={(code) => { const account = known.get(code) ?? null; onChange({ account, dimensions: keep(line, account) }); }} onKeyDown={enter} /></div>
        <Said problems={problems} field="account" />
        {line.account ? <Dimensions line={line} base={base} problems={problems} onChange={onChange} onEnter={enter} /> : null}
        {line.account ? <Standing line={line} base={base} /> : null}
      </td>
      {(["debit", "credit"] as const).map((side) => (
        <td key={side} className="amt"><input className="in num" data-cell={side} inputMode="decimal" aria-label={side === "debit" ? t(`第 ${at + 1} 行借方`, `Debit of line ${at + 1}`) : t(`第 ${at + 1} 行贷方`, `Credit of line ${at + 1}`)} aria-invalid={wrong(side) || undefined} value={line[side]} onFocus={(event) => event.target.select()}
          onChange={(event) => onChange({ [side]: event.target.value.replace(/[^\d.,，\-−]/g, "") })} onKeyDown={(event) => amount(side, event)} /><Said problems={problems} field={side} /></td>
      ))}
      <td className="x"><button type="button" className="btn q" aria-label={t(`删除第 ${at + 1} 行`, `Remove line ${at + 1}`)} onClick={onRemove}>×</button></td>
    </tr>
  );
}

/** What the new account also asks for is kept. */
const keep = (line: EntryLine, account: AccountInfo | null): EntryLine["dimensions"] => {
  const asked = new Set(account ? [...account.asks.must, ...account.asks.anyOf, ...account.asks.may] : []);
  return Object.fromEntries(Object.entries(line.dimensions).filter(([name]) => asked.has(name)));
};

function SummaryField({ line, above, isFirst, isWrong, onChange, onEnter }: { readonly line: EntryLine; readonly above: EntryLine | undefined; readonly isFirst: boolean; readonly isWrong: boolean; readonly onChange: (summary: string) => void; readonly onEnter: (event: KeyboardEvent<HTMLInputElement>) => void }) {
  const t = useT();
  const book = useBook();
  const id = useId();
  const [text, setText] = useState("");
  const [isHere, setHere] = useState(false);
  useEffect(() => { const timer = setTimeout(() => setText(line.summary), 150); return () => clearTimeout(timer); }, [line.summary]);
  const recent = useApi<readonly string[]>(isHere ? withQuery(`/books/${encodeURIComponent(book.code)}/vouchers/summaries`, { text }) : null, { keep: true }).data ?? [];
  return (
    <>
      <input className="in" data-cell="summary" list={id} autoComplete="off" autoFocus={isFirst} maxLength={200} aria-label={t("摘要", "Summary")} aria-invalid={isWrong || undefined} value={line.summary} onFocus={() => setHere(true)} onBlur={() => setHere(false)} onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => { if (event.key === "Enter" && !event.ctrlKey && line.summary === "" && above) onChange(above.summary); onEnter(event); }} />
      <datalist id={id}>{recent.filter((one) => one !== line.summary).map((one) => <option key={one} value={one} />)}</datalist>
    </>
  );
}

function Dimensions({ line, base, problems, onChange, onEnter }: { readonly line: EntryLine; readonly base: string; readonly problems: readonly SaidProblem[]; readonly onChange: (change: Partial<EntryLine>) => void; readonly onEnter: (event: KeyboardEvent<HTMLInputElement>) => void }) {
  const t = useT();
  const asked = dimensionsOf(line);
  const set = (name: string, code: string, text: string): void => onChange({ dimensions: { ...line.dimensions, [name]: { code, text } } });
  if (asked.length === 0 && line.account?.quantity !== true) return null;
  return (
    <div className="dims">
      {asked.map(({ name, must }) => {
        const words = dimensionWords[name];
        const label = words === undefined ? name : t(words);
        const has = line.dimensions[name];
        const isWrong = problems.some(({ where }) => where?.endsWith(`/${name}`) ?? false);
        const search = async (text: string): Promise<readonly Choice[]> => (await api<readonly { code: string; zh: string; en: string }[]>(withQuery(`${base}/masterdata/search`, { kind: name, text }))).map(({ code, zh, en }) => ({ value: code, text: t(zh || code, en || zh || code) }));
        return (
          <div key={name} data-cell={name}>
            {freeText.has(name)
              ? <label className={must && !has?.code ? "must" : undefined}>{label}<input className="in" value={has?.code ?? ""} aria-invalid={isWrong || undefined} onChange={(event) => set(name, event.target.value, event.target.value)} onKeyDown={onEnter} /></label>
              : <label className={must && !has?.code ? "must" : undefined}>{label}<Combo label={label} value={has?.code ?? ""} shown={has?.text ?? ""} search={search} invalid={isWrong} placeholder={must ? t("必填", "required") : t("可选", "optional")} onChoose={(code, choice) => set(name, code, choice?.text ?? "")} onKeyDown={onEnter} /></label>}
            <Said problems={problems} field={name} />
          </div>
        );
      })}
      {line.account?.quantity === true ? <div data-cell="quantity"><label>{t("数量", "Quantity")}<input className="in num" inputMode="decimal" value={line.quantity} onChange={(event) => onChange({ quantity: event.target.value.replace(/[^\d.\-−]/g, "") })} onKeyDown={onEnter} /></label><Said problems={problems} field="quantity" /></div> : null}
    </div>
  );
}

/** Where the account stands now, with the dimensions given so far. */
function Standing({ line, base }: { readonly line: EntryLine; readonly base: string }) {
  const t = useT();
  const dimension = Object.entries(line.dimensions).filter(([, value]) => value.code !== "").map(([name, value]) => `${name}:${value.code}`);
  const standing = useApi<{ readonly balance: string; readonly side: string }>(line.account ? withQuery(`${base}/standing`, { account: line.account.code, dimension }) : null, { keep: true }).data;
  if (!standing) return null;
  return <span className="standing">{t("余额 ", "Stands at ")}{standing.side === "zero" ? t("平", "nil") : <>{standing.side === "debit" ? t("借 ", "Dr ") : t("贷 ", "Cr ")}{formatAmount(standing.balance)}</>}</span>;
}

function Said({ problems, field }: { readonly problems: readonly SaidProblem[]; readonly field: string }) {
  const t = useT();
  const own = problems.filter(({ where }) => where?.endsWith(`/${field}`) ?? false);
  return own.length === 0 ? null : <span className="bad" role="alert">{own.map((one) => `${t(one.zh, one.en)}${t("。", ". ")}${t(one.todo)}`).join(" ")}</span>;
}
