/** 科目决策表: 当 | 则, the first row that holds says the account. Cells are edited in place; what changed against the version in force is marked. */
import { type KeyboardEvent, Fragment, useRef, useState } from "react";
import { useApi, withQuery, seg } from "../app/api.ts";
import { Kbd, Panel } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { type Column, problemsAt, type Row, type RuleTable, type Term, useEdit, type View } from "./model.ts";
import { TermDialog } from "./term.tsx";
import { AccountField, AccountName, MarkSign, markClass, Wrong } from "./words.tsx";

/** Fields that a column may be added for. */
const offered = ["row.category", "row.use", "row.charge", "row.item", "row.warehouse", "row.department", "row.project", "row.employee", "row.party", "row.region", "row.amount", "row.quantity", "row.account", "doc.kind", "doc.partyKind", "doc.credit", "doc.purpose", "doc.type", "doc.invoiceType", "doc.region", "doc.department", "doc.salesperson", "book.taxpayer", "book.estimateMode", "book.revenueAt"];

export function DecisionTable({ book, view, table, isDraft }: { readonly book: string; readonly view: View; readonly table: RuleTable; readonly isDraft: boolean }) {
  const t = useT();
  const edit = useEdit(book);
  const [added, setAdded] = useState<readonly Column[]>([]);
  const [open, setOpen] = useState<{ readonly row: number; readonly field: string } | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const words = useApi<{ readonly fields: readonly Column[] }>(isDraft ? withQuery(`/books/${seg(book)}/rules/words`, { field: offered }) : null).data?.fields ?? [];
  const columns = [...table.columns, ...added.filter(({ field }) => !table.columns.some((own) => own.field === field))];
  const hasRest = table.rows.some(({ rest }) => rest.length > 0);
  const counts = { added: table.rows.filter(({ mark }) => mark === "+").length, changed: table.rows.filter(({ mark }) => mark === "~").length, removed: table.rows.filter(({ mark }) => mark === "−").length };
  const plain = (terms: Row["terms"]): Term[] => terms.map(({ field, op, values }) => ({ field, op, values }));
  const rowOf = (row: number): Row | undefined => table.rows.find(({ at }) => at === row);
  const last = Math.max(...table.rows.map(({ at }) => at), -1);

  const setTerm = (row: Row, field: string, term: Term | null): void => {
    const others = plain(row.terms).filter((one) => one.field !== field);
    const place = row.terms.findIndex((one) => one.field === field);
    const terms = term === null ? others : place < 0 ? [...others, term] : [...others.slice(0, place), term, ...others.slice(place)];
    edit.mutate({ act: "table.row.set", table: table.name, row: row.at, terms, rest: row.rest.map(({ text }) => text) }, { onSuccess: () => setOpen(null) });
  };
  const setAccount = (row: Row, value: string): void => edit.mutate({ act: "table.row.set", table: table.name, row: row.at, ...(value === "row.account" ? { from: value } : { account: value }) }, { onSuccess: () => setOpen(null) });
  // A new row has no condition yet, so its first one is asked for at once.
  const add = (row: number): void => edit.mutate({ act: "table.row.add", table: table.name, row, account: rowOf(Math.min(row, last))?.account?.code ?? rowOf(last)?.account?.code ?? "1405" }, { onSuccess: () => { const [first] = columns; if (first) setOpen({ row, field: first.field }); } });
  const move = (row: number, to: number): void => { if (to >= 0 && to <= last) edit.mutate({ act: "table.row.move", table: table.name, row, to }); };
  const remove = (row: number): void => edit.mutate({ act: "table.row.remove", table: table.name, row });

  const pressed = (event: KeyboardEvent<HTMLTableSectionElement>): void => {
    const cell = (event.target as HTMLElement).closest("td"), line = (event.target as HTMLElement).closest("tr");
    if (!cell || !line || /^(INPUT|SELECT)$/.test((event.target as HTMLElement).tagName)) return;
    const row = Number(line.dataset.row ?? -1);
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown") && isDraft) {
      event.preventDefault();
      return move(row, row + (event.key === "ArrowUp" ? -1 : 1));
    }
    if (event.key === "n" && isDraft && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      return add(row + 1);
    }
    const step = ({ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] } as Readonly<Record<string, readonly [number, number]>>)[event.key];
    if (!step) return;
    event.preventDefault();
    const lines = [...(body.current?.querySelectorAll("tr[data-row]") ?? [])];
    const to = lines[lines.indexOf(line) + step[0]]?.querySelectorAll("td")[cell.cellIndex + step[1]];
    to?.querySelector("button")?.focus();
  };
  const opened = open === null ? undefined : rowOf(open.row);
  const openedColumn = columns.find(({ field }) => field === open?.field);

  return (
    <Panel
      title={t(table.zh, table.en)} note={t("自上而下，第一条成立的生效", "From top to bottom, the first that holds")}
      right={<span>{counts.added > 0 ? <span className="good">+ {t("新增", "added")} {counts.added} </span> : null}{counts.changed > 0 ? <span className="warn">~ {t("修改", "changed")} {counts.changed} </span> : null}{counts.removed > 0 ? <span className="bad">− {t("删除", "removed")} {counts.removed}</span> : null}</span>}
      foot={<>
        {isDraft ? <><span className="wide-only"><Kbd>↵</Kbd> {t("编辑", "edit")}</span><span className="wide-only"><Kbd>Alt ↑ ↓</Kbd> {t("移动", "move")}</span><button type="button" className="btn" disabled={edit.isPending} onClick={() => add(last < 0 ? 0 : rowOf(last)?.when === null ? last : last + 1)}>{t("加一行", "Add a row")} <Kbd>n</Kbd></button>
          <select className="in" style={{ width: "auto" }} aria-label={t("加条件列", "Add a column")} value="" onChange={(event) => { const column = words.find(({ field }) => field === event.target.value); if (column) setAdded([...added, column]); }}><option value="">{t("加条件列", "Add a column")}</option>{words.filter(({ field }) => !columns.some((own) => own.field === field)).map((column) => <option key={column.field} value={column.field}>{t(column.zh, column.en)}{column.field.startsWith("doc.") ? t("（单据）", " (document)") : column.field.startsWith("book.") ? t("（账簿设置）", " (setting)") : ""}</option>)}</select></> : null}
        <span className="sp">{table.isComplete ? t("末行兜底，无空隙", "The last row takes the rest") : <span className="warn">{t("末行有条件：都不成立的单据会挂起", "The last row has a condition: what meets none is parked")}</span>}</span>
      </>}
    >
      <div className="scroll" role="region" aria-label={t(table.zh, table.en)} tabIndex={0}>
        <table className="t rules-dt">
          <caption className="sr">{t(table.zh, table.en)}</caption>
          <thead>
            <tr><th className="rules-gh" />{columns.length + (hasRest ? 1 : 0) === 0 ? null : <th className="rules-gh" colSpan={columns.length + (hasRest ? 1 : 0)} scope="colgroup">{t("当", "When")}</th>}<th className="rules-gh rules-res" colSpan={2} scope="colgroup">{t("则", "Then")}</th>{isDraft ? <th className="rules-gh" /> : null}</tr>
            <tr><th scope="col">#</th>{columns.map((column) => <th key={column.field} scope="col">{t(column.zh, column.en)}{column.type === "number" ? t("（元）", "") : ""}</th>)}{hasRest ? <th scope="col">{t("其他条件", "Other condition")}</th> : null}<th scope="col" className="rules-res">{t("科目", "Account")}</th><th scope="col" className="wide-only">{t("辅助核算", "Dimensions")}</th>{isDraft ? <th scope="col"><span className="sr">{t("操作", "Acts")}</span></th> : null}</tr>
          </thead>
          <tbody ref={body} onKeyDown={pressed}>{table.rows.map((row, n) => {
            const isLive = isDraft && row.at >= 0;
            const wrong = row.at < 0 ? [] : problemsAt(view, `tables.${table.name}[${row.at + 1}]`);
            const changedField = (field: string): boolean => row.was !== null && field !== "account" && row.was.when?.text !== row.when?.text;
            return (
              <Fragment key={`${row.at} ${n}`}>
                <tr data-row={row.at} className={`${markClass(row.mark, row.isMoved)}${row.isHidden ? " rules-hidden" : ""}`}>
                  <td><MarkSign mark={row.mark} isMoved={row.isMoved} hasPlace />{row.at < 0 ? "" : row.at + 1}</td>
                  {columns.map((column) => {
                    const term = row.terms.find(({ field }) => field === column.field);
                    const text = term ? t(term.zh, term.en) : t("任意", "any");
                    return <td key={column.field} className={`rules-cell${changedField(column.field) ? " rules-c" : ""}`}>{isLive ? <button type="button" className={term ? undefined : "rules-any"} aria-label={`${t(column.zh, column.en)}: ${text}`} onClick={() => setOpen({ row: row.at, field: column.field })}>{text}</button> : <span className={`rules-say${term ? "" : " rules-any"}`}>{text}</span>}</td>;
                  })}
                  {hasRest ? <td className={`rules-cell${changedField("rest") ? " rules-c" : ""}`}><span className={`rules-say${row.rest.length === 0 ? " rules-any" : ""}`}>{row.rest.length === 0 ? t("任意", "any") : row.rest.map((one) => t(one.zh, one.en)).join(t("，且", " and "))}</span></td> : null}
                  <td className={`rules-cell rules-res${row.was && (row.was.account?.code !== row.account?.code || row.was.from?.text !== row.from?.text) ? " rules-c" : ""}`}>
                    {isLive && open?.row === row.at && open.field === "account"
                      ? <AccountField book={book} label={t("科目", "Account")} value={row.account?.code ?? ""} shown={row.account ? `${row.account.code} ${t(row.account.zh, row.account.en)}` : ""} more={[{ value: "row.account", text: t("来源指定的科目", "the account that the source gives") }]} autoFocus onChoose={(value) => setAccount(row, value)} onLeave={() => setOpen(null)} />
                      : <AccountCell row={row} onOpen={isLive ? () => setOpen({ row: row.at, field: "account" }) : undefined} />}
                  </td>
                  <td className="wide-only mut">{row.account ? t(row.account.dimensions) : ""}</td>
                  {isDraft ? <td className="rules-rowacts">{isLive ? <>
                    <button type="button" className="btn q" disabled={row.at === 0 || edit.isPending} aria-label={t(`第 ${row.at + 1} 行上移`, `Move row ${row.at + 1} up`)} onClick={() => move(row.at, row.at - 1)}>↑</button>
                    <button type="button" className="btn q" disabled={row.at === last || edit.isPending} aria-label={t(`第 ${row.at + 1} 行下移`, `Move row ${row.at + 1} down`)} onClick={() => move(row.at, row.at + 1)}>↓</button>
                    <button type="button" className="btn q" disabled={last === 0 || edit.isPending} aria-label={t(`删除第 ${row.at + 1} 行`, `Remove row ${row.at + 1}`)} onClick={() => remove(row.at)}>×</button>
                  </> : null}</td> : null}
                </tr>
                {row.isHidden || wrong.length > 0 ? <tr><td colSpan={columns.length + (hasRest ? 1 : 0) + 3 + (isDraft ? 1 : 0)}>{row.isHidden ? <span className="warn sub">{t("上一行没有条件，这一行永远轮不到。上移或给上一行加条件。", "A row above has no condition, so this one is never reached. Move it up, or give that one a condition.")}</span> : null}<Wrong problems={wrong} /></td></tr> : null}
              </Fragment>
            );
          })}</tbody>
        </table>
      </div>
      <Trouble error={edit.error} />
      {opened && openedColumn ? <TermDialog column={openedColumn} term={opened.terms.find(({ field }) => field === openedColumn.field) ?? null} isBusy={edit.isPending} onClose={() => setOpen(null)} onSave={(term) => setTerm(opened, openedColumn.field, term)} /> : null}
    </Panel>
  );
}

function AccountCell({ row, onOpen }: { readonly row: Row; readonly onOpen: (() => void) | undefined }) {
  const t = useT();
  const was = row.was;
  const old = was && (was.account?.code !== row.account?.code || was.from?.text !== row.from?.text) ? (was.account ? `${was.account.code} ${t(was.account.zh, was.account.en)}` : was.from ? t(was.from.zh, was.from.en) : "") : "";
  const content = <>{old === "" ? null : <del className="rules-was">{old}</del>}{row.account ? <AccountName of={row.account} /> : row.from ? t(row.from.zh, row.from.en) : ""}</>;
  return onOpen ? <button type="button" onClick={onOpen}>{content}</button> : <span className="rules-say">{content}</span>;
}
