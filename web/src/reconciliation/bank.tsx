/** 银行对账 by keyboard: movements of the bank on the left, lines of the books on the right, what belongs together is chosen on both sides and matched. */
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Dialog, Field, Kbd, Page, Panel, Segments, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { type T, useT } from "../ui/text.ts";
import { Balance } from "./bank-balance.tsx";
import { BookMovement } from "./bank-book.tsx";
import { Journal, Payers, Statements } from "./bank-journal.tsx";
import { TakeStatement } from "./bank-upload.tsx";
import { addMinor, minorOf, textOf } from "./minor.ts";
import "./reconciliation.css";
import { ReconciliationTabs } from "./tabs.tsx";

type Account = { readonly bankAccount: string; readonly zh: string; readonly en: string; readonly currency: string; readonly number: string; readonly open: number };
type Movement = { readonly movement: string; readonly bookedOn: string; readonly amount: string; readonly reference: string; readonly text: string; readonly name: string; readonly counterAccount: string; readonly suggestion: { readonly why: string; readonly lines: readonly string[] } | null };
type Line = { readonly line: string; readonly voucher: string; readonly date: string; readonly amount: string; readonly summary: string; readonly document: string; readonly party: string; readonly partyName: string; readonly pays: readonly string[] };
export type Statement = { readonly statement: string; readonly format: string; readonly name: string; readonly firstOn: string; readonly lastOn: string; readonly opening: string | null; readonly closing: string | null; readonly takenAt: string };
type Desk = { readonly account: Account; readonly movements: readonly Movement[]; readonly lines: readonly Line[]; readonly statements: readonly Statement[] };

export function BankDesk() {
  const t = useT();
  const book = useBook();
  const [{ account = "", view = "desk" }, set] = useFilters();
  const accounts = useApi<readonly Account[]>(`/books/${seg(book.code)}/bank-accounts`);
  const chosen = account || (accounts.data?.[0]?.bankAccount ?? "");
  const path = `/books/${seg(book.code)}/bank-accounts/${seg(chosen)}`;
  const desk = useApi<Desk>(chosen === "" ? null : path);
  const [isTaking, setTaking] = useState(false);
  const match = useAct(() => api<{ readonly matched: number; readonly left: number }>(`${path}/match`, { method: "POST" }));
  const may = book.may("bank.match");
  return (
    <Page
      title={t("银行对账", "Bank reconciliation")} tabs={<ReconciliationTabs />}
      acts={may ? <><button type="button" className="btn" onClick={() => setTaking(true)}>{t("上传对账单", "Upload a statement")}</button><button type="button" className="btn p" disabled={match.isPending || chosen === ""} onClick={() => match.mutate(undefined)}>{t("自动勾对", "Match what is certain")}</button></> : undefined}
      bar={<>
        <ChipSelect label={t("账户", "Account")} value={chosen} options={(accounts.data ?? []).map((one) => ({ value: one.bankAccount, text: `${t(one.zh, one.en)} ${one.number.slice(-4)}${one.open > 0 ? ` (${one.open})` : ""}` }))} onChange={(value) => set({ account: value })} />
        <Segments label={t("内容", "View")} value={view as "desk"} options={[{ value: "desk", text: { zh: "勾对", en: "Match" } }, { value: "balance" as "desk", text: { zh: "余额调节表", en: "Balance" } }, { value: "journal" as "desk", text: { zh: "勾对记录", en: "Journal" } }, { value: "statements" as "desk", text: { zh: "对账单", en: "Statements" } }, { value: "payers" as "desk", text: { zh: "付款人别名", en: "Payers" } }]} onChange={(value) => set({ view: value === "desk" ? "" : value })} />
        {match.data ? <span className="sub" role="status">{t(`勾对 ${match.data.matched} 组，余 ${match.data.left} 笔`, `${match.data.matched} matched, ${match.data.left} left`)}</span> : null}
      </>}
    >
      <Trouble error={match.error} />
      {accounts.data?.length === 0 ? <Empty why={t("还没有银行账户。", "There is no bank account yet.")} next={t("发送银行账户主数据后即可上传对账单。", "Send a bank account's master record; then statements can be uploaded.")} />
        : view === "balance" ? <Balance path={path} book={book.code} account={chosen} lastOn={desk.data?.statements.reduce((last, { lastOn }) => (lastOn > last ? lastOn : last), "")} /> : view === "payers" ? <Payers may={may} /> : view === "journal" ? <Journal path={path} may={may} /> : <Loaded of={desk} columns={6}>{(data) => (view === "statements" ? <Statements rows={data.statements} /> : <Sides key={chosen} desk={data} path={path} may={may} />)}</Loaded>}
      {isTaking ? <TakeStatement path={path} onClose={() => setTaking(false)} /> : null}
    </Page>
  );
}

const whyWords = (t: T): Readonly<Record<string, string>> => ({ reference: t("编号相符", "number"), near: t("编号近似", "number nearly"), sameAmount: t("金额相同", "amount"), party: t("同一往来单位", "party"), netting: t("可能轧差", "netting") });

function Sides({ desk, path, may }: { readonly desk: Desk; readonly path: string; readonly may: boolean }) {
  const t = useT();
  const book = useBook();
  const [text, setText] = useState("");
  const [movements, setMovements] = useState<ReadonlySet<string>>(new Set());
  const [lines, setLines] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<"differs" | "ignore" | "book" | null>(null);
  const [reason, setReason] = useState("");
  const words = whyWords(t);
  const clear = (): void => { setMovements(new Set()); setLines(new Set()); setAsking(null); setReason(""); };
  const decide = useAct(async (why: string) => { const { match } = await api<{ readonly match: string }>(`${path}/decide`, { body: { movements: [...movements], lines: [...lines], reason: why } }); clear(); setLast(match); });
  const [last, setLast] = useState<string | null>(null);
  const undo = useAct(async (match: string) => { await api(`/books/${seg(book.code)}/bank-matches/${seg(match)}/undo`, { method: "POST" }); setLast(null); });
  const ignore = useAct(async () => { await api(`${path}/ignore`, { body: { movements: [...movements], reason } }); clear(); });
  const toggle = (of: ReadonlySet<string>, one: string): ReadonlySet<string> => { const next = new Set(of); if (!next.delete(one)) next.add(one); return next; };
  // Names are also found by their pinyin or its initials, by those who know it.
  const called = useApi<readonly { readonly code: string; readonly zh: string }[]>(/^[a-z]{2,}$/i.test(text) ? withQuery(`/books/${seg(book.code)}/masterdata/search`, { kind: "counterparty", text }) : null, { keep: true }).data;
  const names = text === "" ? [] : (called ?? []);
  const isFound = (...parts: readonly string[]): boolean => text === "" || parts.some((part) => part.toLowerCase().includes(text.toLowerCase().replaceAll(",", "")) || (part !== "" && names.some(({ code, zh }) => part === code || part === zh)));
  const shownMovements = desk.movements.filter((row) => movements.has(row.movement) || isFound(row.name, row.text, row.amount, row.reference));
  const suggested = useMemo(() => new Set(desk.movements.filter(({ movement }) => movements.has(movement)).flatMap(({ suggestion }) => suggestion?.lines ?? [])), [desk, movements]);
  const chosenSum = addMinor(desk.movements.filter(({ movement }) => movements.has(movement)).map(({ amount }) => amount));
  const lineSum = addMinor(desk.lines.filter(({ line }) => lines.has(line)).map(({ amount }) => amount));
  // What may belong to the chosen movements stands first, then what has the sum that is missing.
  const shownLines = desk.lines.filter((row) => lines.has(row.line) || suggested.has(row.line) || isFound(row.summary, row.document, row.party, row.partyName, row.amount, row.voucher, ...row.pays)).map((row) => ({ row, rank: lines.has(row.line) ? 0 : suggested.has(row.line) ? 1 : movements.size > 0 && minorOf(row.amount) === chosenSum - lineSum ? 2 : 3 })).sort((a, b) => a.rank - b.rank).map(({ row }) => row);
  const difference = lineSum - chosenSum;
  const accept = (row: Movement): void => { setMovements(new Set([row.movement])); setLines(new Set(row.suggestion?.lines ?? [])); };
  const next = (): void => { const row = shownMovements.find(({ movement, suggestion }) => suggestion !== null && !movements.has(movement)); if (row) accept(row); };
  const isReady = may && movements.size > 0 && lines.size > 0;
  const act = (): void => { if (!isReady) return; if (difference === 0n) decide.mutate(""); else setAsking("differs"); };
  const mayBook = may && book.may("documents.post") && movements.size > 0 && difference !== 0n;
  useKeys({ m: act, n: next, b: () => { if (mayBook) setAsking("book"); }, z: () => { if (may && last !== null) undo.mutate(last); }, i: () => { if (may && movements.size > 0) setAsking("ignore"); }, x: clear });
  if (desk.statements.length === 0) return <Empty why={t("这个账户还没有对账单。", "This account has no statement yet.")} next={t(`账簿上有 ${desk.lines.length} 笔等待核对。上传银行给的原文件即可开始。`, `${desk.lines.length} lines of the books wait. Upload the file as the bank gave it to begin.`)} />;
  if (desk.movements.length === 0 && desk.lines.length === 0) return <Empty why={t("两边都已勾对。", "Both sides are matched.")} next={t("上传下一份对账单。", "Upload the next statement.")} />;
  return (
    <>
      <div className="reconciliation-sum panel">
        <span>{t("流水", "Bank")} <b><Amount of={textOf(chosenSum)} exact zero="figure" /></b></span><span className={difference === 0n && movements.size + lines.size > 0 ? "good" : movements.size + lines.size === 0 ? "mut" : "bad"}>{movements.size + lines.size === 0 ? "=" : difference === 0n ? "= " : <>≠ <Amount of={textOf(difference)} exact /></>}</span><span>{t("账簿", "Books")} <b><Amount of={textOf(lineSum)} exact zero="figure" /></b></span>
        <span className="sp" /><ChipText label={t("查找", "Find")} value={text} onChange={setText} />
        {may ? <><button type="button" className="btn q" disabled={movements.size === 0} onClick={() => setAsking("ignore")}>{t("不入账", "Set aside")} <Kbd>i</Kbd></button><button type="button" className="btn" disabled={!mayBook} onClick={() => setAsking("book")}>{lines.size > 0 && difference !== 0n ? t("补记差额", "Book the rest") : t("补记", "Book")} <Kbd>b</Kbd></button><button type="button" className="btn p" disabled={!isReady || decide.isPending} onClick={act}>{t("勾对", "Match")} <Kbd>m</Kbd></button></> : null}
      </div>
      <Trouble error={decide.error ?? ignore.error ?? undo.error} />
      {last === null ? null : <p className="reconciliation-undo" role="status">{t("已勾对。", "Matched.")} <button type="button" className="link" disabled={undo.isPending} onClick={() => undo.mutate(last)}>{t("撤销", "Undo")} <Kbd>z</Kbd></button></p>}
      <div className="reconciliation-sides">
        <Panel title={t("银行流水未达", "Bank, not in the books")} note={t(`${desk.movements.length} 笔`, `${desk.movements.length}`)} foot={<><Kbd>n</Kbd> {t("下一条建议", "Next suggestion")} <Kbd>m</Kbd> {t("勾对", "Match")} <Kbd>b</Kbd> {t("补记", "Book")} <Kbd>x</Kbd> {t("清除选择", "Clear")}</>}>
          {shownMovements.length === 0 ? <Empty why={t("没有未达流水。", "No open movement.")} /> : <Table
            caption={t("银行流水", "Bank movements")} rows={shownMovements.slice(0, 300)} rowKey={(row) => row.movement} onOpen={(row) => setMovements(toggle(movements, row.movement))}
            columns={[
              { key: "pick", head: "", cell: (row) => <input type="checkbox" aria-label={`${row.bookedOn} ${row.amount}`} checked={movements.has(row.movement)} onChange={() => setMovements(toggle(movements, row.movement))} /> },
              { key: "date", head: { zh: "日期", en: "Date" }, mute: true, cell: (row) => row.bookedOn.slice(5) },
              { key: "who", head: { zh: "对方、摘要", en: "Party, remark" }, wrap: true, cell: (row) => <>{row.name || row.counterAccount || "–"}<span className="sub">{row.text}</span></> },
              { key: "amount", head: { zh: "金额", en: "Amount" }, num: true, cell: (row) => <Amount of={row.amount} exact /> },
              { key: "suggestion", head: { zh: "建议", en: "Suggested" }, wide: true, cell: (row) => (row.suggestion === null ? "" : <button type="button" className="link" onClick={() => accept(row)}>{words[row.suggestion.why]}</button>) },
            ]}
          />}
        </Panel>
        <Panel title={t("账簿未达", "Books, not at the bank")} note={t(`${desk.lines.length} 笔`, `${desk.lines.length}`)}>
          {shownLines.length === 0 ? <Empty why={t("没有未达分录。", "No open line.")} /> : <Table
            caption={t("账簿分录", "Lines of the books")} rows={shownLines.slice(0, 300)} rowKey={(row) => row.line} onOpen={(row) => setLines(toggle(lines, row.line))}
            columns={[
              { key: "pick", head: "", cell: (row) => <input type="checkbox" aria-label={`${row.voucher} ${row.amount}`} checked={lines.has(row.line)} onChange={() => setLines(toggle(lines, row.line))} /> },
              { key: "date", head: { zh: "日期", en: "Date" }, mute: true, cell: (row) => row.date.slice(5) },
              { key: "voucher", head: { zh: "凭证", en: "Voucher" }, cell: (row) => <Link to={`/b/${book.code}/vouchers/${row.voucher.slice(0, 7)}/${seg(row.voucher.slice(8))}` as never}>{row.voucher.slice(8)}</Link> },
              { key: "summary", head: { zh: "摘要", en: "Summary" }, wrap: true, cell: (row) => <>{row.partyName || row.summary}{row.partyName === "" ? null : <span className="sub">{row.summary}{row.pays.length === 0 ? "" : ` ${row.pays.slice(0, 2).join(t("、", ", "))}`}</span>}{suggested.has(row.line) ? <> <Tag tone="accent">{t("建议", "suggested")}</Tag></> : null}</> },
              { key: "amount", head: { zh: "金额", en: "Amount" }, num: true, cell: (row) => <Amount of={row.amount} exact /> },
            ]}
          />}
        </Panel>
      </div>
      {asking === "book" ? <BookMovement path={path} movements={[...movements]} lines={[...lines]} rest={chosenSum - lineSum} currency={desk.account.currency} text={desk.movements.filter(({ movement }) => movements.has(movement)).map((row) => [row.name, row.text].filter((part) => part !== "").join(" ")).join("；")} onClose={(match) => { if (match === null) setAsking(null); else { clear(); setLast(match); } }} /> : null}
      {asking === null || asking === "book" ? null : (
        <Dialog title={asking === "differs" ? t("两边有差额", "The sides differ") : t("不入账的流水", "Set movements aside")} onClose={() => setAsking(null)} foot={<><button type="button" className="btn" onClick={() => setAsking(null)}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={reason.trim() === ""} onClick={() => (asking === "differs" ? decide.mutate(reason) : ignore.mutate(undefined))}>{asking === "differs" ? t("仍然勾对", "Match anyway") : t("设为不入账", "Set aside")}</button></>}>
          {asking === "differs" ? <p>{t("差额", "Difference")} <b><Amount of={textOf(difference)} exact /></b></p> : null}
          <Field label={t("原因", "Reason")} hint={asking === "differs" ? t("手续费、汇兑尾差 …", "A fee, rounding …") : t("银行重复入账、已另行处理 …", "A duplicate of the bank, dealt with elsewhere …")}><input className="in" autoFocus value={reason} onChange={(event) => setReason(event.target.value)} /></Field>
        </Dialog>
      )}
    </>
  );
}
