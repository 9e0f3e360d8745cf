/**
 * One table for all lists: the first column opens the row, arrows and j k move, ↵ opens. Columns may stand in groups; a footer totals what it
 * names. Long lists ask for more at their end. On a phone, columns that say so are left out.
 */
import { Fragment, type KeyboardEvent, type ReactNode, useRef } from "react";
import { say, type Text, useT } from "./text.ts";

export type Column<Row> = {
  readonly key: string;
  readonly head: Text;
  readonly cell: (row: Row) => ReactNode;
  /** Right-aligned figures. */
  readonly num?: boolean;
  readonly foot?: ReactNode;
  /** A heading over neighbours that share it. */
  readonly group?: Text;
  /** A hairline to the left. */
  readonly line?: boolean;
  readonly wrap?: boolean;
  readonly mute?: boolean;
  /** Left out on a phone. */
  readonly wide?: boolean;
};

export function Table<Row>({ columns, rows, rowKey, onOpen, selected, caption, more, isMore, footLabel, section }: {
  readonly columns: readonly Column<Row>[]; readonly rows: readonly Row[]; readonly rowKey: (row: Row) => string; readonly onOpen?: (row: Row) => void; readonly selected?: string | null | undefined;
  /** Said to those who do not see the page. */
  readonly caption: string; readonly more?: (() => void) | undefined; readonly isMore?: boolean; /** First cell of the total row; without it there is none. */ readonly footLabel?: ReactNode;
  /** Rows stand under headings: a new one begins where this text changes. */ readonly section?: (row: Row) => string;
}) {
  const t = useT();
  const body = useRef<HTMLTableSectionElement>(null);
  const classes = (column: Column<Row>): string | undefined => [column.num ? "num" : "", column.line ? "gl" : "", column.wrap ? "wrap" : "", column.mute ? "mut" : "", column.wide ? "wide-only" : ""].filter(Boolean).join(" ") || undefined;
  const move = (event: KeyboardEvent<HTMLTableSectionElement>): void => {
    const step = event.key === "ArrowDown" || event.key === "j" ? 1 : event.key === "ArrowUp" || event.key === "k" ? -1 : 0;
    const row = (event.target as HTMLElement).closest("tr");
    if (step === 0 || !row || /^(INPUT|SELECT|TEXTAREA)$/.test((event.target as HTMLElement).tagName)) return;
    event.preventDefault();
    const beside = (one: Element): Element | null => (step > 0 ? one.nextElementSibling : one.previousElementSibling);
    let to = beside(row);
    while (to?.classList.contains("sect")) to = beside(to);
    (to as HTMLElement | null)?.focus();
  };
  const groups: { readonly head: Text | undefined; span: number; readonly line: boolean; readonly wide: boolean }[] = [];
  for (const column of columns) {
    const last = groups.at(-1);
    if (last && (last.head === column.group || (last.head !== undefined && column.group !== undefined && say(last.head) === say(column.group)))) last.span += 1;
    else groups.push({ head: column.group, span: 1, line: column.line === true, wide: column.wide === true });
  }
  return (
    <div className="scroll" role="region" aria-label={caption} tabIndex={onOpen ? -1 : 0}>
      <table className="t">
        <caption className="sr">{caption}</caption>
        <thead>
          {columns.some(({ group }) => group !== undefined) ? <tr className="grp wide-only">{groups.map((group, at) => <th key={at} colSpan={group.span} scope="colgroup" className={group.line ? "gl" : undefined}>{group.head === undefined ? "" : t(group.head)}</th>)}</tr> : null}
          <tr>{columns.map((column) => <th key={column.key} scope="col" className={classes(column)}>{t(column.head) === "" ? <span className="sr">{t("选择", "Select")}</span> : t(column.head)}</th>)}</tr>
        </thead>
        <tbody ref={body} onKeyDown={move}>
          {rows.map((row, at) => {
            const key = rowKey(row);
            const before = rows[at - 1];
            const heading = section !== undefined && (before === undefined || section(before) !== section(row)) ? section(row) : null;
            return (
              <Fragment key={key}>
              {heading === null ? null : <tr className="sect"><th colSpan={columns.length} scope="rowgroup">{heading}</th></tr>}
              <tr
                className={`${onOpen ? "open" : ""}${selected === key ? " sel" : ""}` || undefined} aria-current={selected === key ? "true" : undefined}
                {...(onOpen ? { tabIndex: 0, onClick: (event) => { if (!(event.target as HTMLElement).closest("a,button,input,select")) onOpen(row); }, onKeyDown: (event) => { if (event.key === "Enter" && event.target === event.currentTarget) onOpen(row); } } : {})}
              >
                {columns.map((column) => <td key={column.key} className={classes(column)}>{column.cell(row)}</td>)}
              </tr>
              </Fragment>
            );
          })}
        </tbody>
        {footLabel === undefined ? null : <tfoot><tr>{columns.map((column, at) => <td key={column.key} className={classes(column)}>{at === 0 ? footLabel : column.foot}</td>)}</tr></tfoot>}
      </table>
      {more ? <div className="foot"><button type="button" className="btn" disabled={isMore === true} onClick={more}>{t("再显示一些", "Show more")}</button></div> : null}
    </div>
  );
}
