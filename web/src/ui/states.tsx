/** The four states every screen has: loading, empty, refused, failed. A panel fails alone. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Problem } from "../app/api.ts";
import { useT } from "./text.ts";

export function Loading({ rows = 6, columns = 4 }: { readonly rows?: number; readonly columns?: number }) {
  const t = useT();
  return (
    <div className="late still" role="status" aria-label={t("正在读取", "Loading")}>
      <table className="t" aria-hidden="true"><tbody>
        {Array.from({ length: rows }, (_, row) => <tr key={row}>{Array.from({ length: columns }, (_, column) => <td key={column}><i className={`sk w${(row * 3 + column * 5) % 4}`} /></td>)}</tr>)}
      </tbody></table>
    </div>
  );
}

export const Empty = ({ why, next }: { readonly why: string; readonly next?: ReactNode }) => <div className="state"><b>{why}</b>{next ? <div className="sub">{next}</div> : null}</div>;

/** What went wrong, in the reader's language: a refusal in amber with the way out, a fault in rouge with the number to quote. */
export function Trouble({ error, retry }: { readonly error: unknown; readonly retry?: (() => void) | undefined }) {
  const t = useT();
  if (error === null || error === undefined) return null;
  const problem = error instanceof Problem ? error : new Problem(500, { code: "page", zh: "页面出错", en: "The page failed", todo: { zh: "数据没有受影响。刷新后重试。", en: "No data was touched. Reload and try again." } });
  return (
    <div className={problem.isRefusal ? "state refused" : "state failed"} role="alert">
      <b>{t(problem.said)}</b>
      {problem.where === null ? null : <div className="sub mono">{problem.where}</div>}
      <div className="sub">{t(problem.todo)} <span className="mono mut">{problem.code}</span></div>
      {retry === undefined || problem.isRefusal ? null : <div className="row"><button type="button" className="btn" onClick={retry}>{t("重试", "Try again")}</button></div>}
    </div>
  );
}

/** Shows a query in whichever state it is. Old figures stay while new ones are read. */
export function Loaded<T>({ of, rows, columns, isEmpty, empty, children }: {
  readonly of: UseQueryResult<T>; readonly rows?: number; readonly columns?: number; readonly isEmpty?: (data: T) => boolean; readonly empty?: ReactNode; readonly children: (data: T) => ReactNode;
}) {
  if (of.data === undefined) return of.error ? <Trouble error={of.error} retry={() => void of.refetch()} /> : <Loading {...(rows === undefined ? {} : { rows })} {...(columns === undefined ? {} : { columns })} />;
  return <>{of.error ? <Trouble error={of.error} retry={() => void of.refetch()} /> : null}{isEmpty?.(of.data) ? empty : children(of.data)}</>;
}
