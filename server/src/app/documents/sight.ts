/** What a principal sees of documents: the one policy's columns, put to lists, links and versions. */
import { columnOf, maskBody, type Sight } from "../../access/index.ts";

type Columns = Pick<Sight, "columns">;

/** What a document of this kind comes to is hidden. */
export function hidesAmount({ columns }: Columns, kind: string): boolean {
  const column = columnOf(kind, "amount");
  return column !== undefined && !columns.has(column);
}

/** The body with what may not be seen as null, and the names of those fields. */
export function hideBody({ columns }: Columns, kind: string, body: unknown): { readonly body: unknown; readonly hidden: readonly string[] } {
  const masked = maskBody(kind, body, columns);
  return { body: masked.body, hidden: [...new Set(masked.hidden.map((path) => path.slice(path.lastIndexOf("/") + 1)))] };
}

/** Differences between versions, without those of hidden fields. */
export const hideChanges = <D extends { readonly path: string }>(sight: Columns, kind: string, changes: readonly D[]): readonly D[] =>
  changes.filter(({ path }) => !path.split(".").some((name) => hideBody(sight, kind, { [name]: "" }).hidden.length > 0));
