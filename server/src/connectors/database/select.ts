/**
 * The statements, as text with values beside it. Columns are named through `q.`, because some databases let `order by x` mean an
 * output column. Keys are compared in the long form, `a >= ? and (a > ? or (a = ? and b > ?))`: not every database knows rows as
 * values, and those that do often walk past their index.
 */
import type { Column } from "./column.ts";
import type { ChildPlan, CursorPlan, Plan } from "./plan.ts";

export type Grammar = { readonly quote: (name: string) => string; readonly placeholder: (number: number) => string; readonly first: (rows: number) => string };
export type Statement = { readonly sql: string; readonly values: readonly string[] };

/** What is ordered by, and where to begin behind. */
type Place = { readonly expression: string; readonly column: Column; readonly after: string };

/** The next rows in order of their key. */
export function selectByKey(grammar: Grammar, plan: Plan, after: readonly string[] | undefined, rows: number): Statement {
  const { values, bind } = open(grammar);
  const where = after === undefined ? "" : ` where ${behind(bind, plan.key.map((column, at) => ({ expression: own(grammar, column), column, after: after[at] as string })))}`;
  return { sql: `select ${list(grammar, plan)} from ${plan.from} q${where} order by ${keyList(grammar, plan)} ${grammar.first(rows)}`, values };
}

/** The next rows at or behind a cursor value, in order of cursor and key. Without `low` from the first value on. */
export function selectByCursor(grammar: Grammar, plan: Plan, cursor: CursorPlan, low: string | undefined, after: { readonly cursor: string; readonly key: readonly string[] } | undefined, rows: number): Statement {
  const { values, bind } = open(grammar);
  const expression = cursorExpression(grammar, cursor);
  const [column] = cursor.columns as [Column];
  const condition = after !== undefined
    ? behind(bind, [{ expression, column, after: after.cursor }, ...plan.key.map((key, at) => ({ expression: own(grammar, key), column: key, after: after.key[at] as string }))])
    : low === undefined ? `${expression} is not null` : `${expression} >= ${bind(column, low)}`;
  return { sql: `select ${list(grammar, plan)} from ${plan.from} q where ${condition} order by ${expression}, ${keyList(grammar, plan)} ${grammar.first(rows)}`, values };
}

/** Rows whose column has one of these values. */
export function selectWhereIn(grammar: Grammar, plan: Plan, column: Column, wanted: readonly string[]): Statement {
  const { values, bind } = open(grammar);
  return { sql: `select ${list(grammar, plan)} from ${plan.from} q where ${own(grammar, column)} in (${wanted.map((value) => bind(column, value)).join(", ")})`, values };
}

/** The children of these parents, each with its parent's value before its own columns. */
export function selectChildren(grammar: Grammar, child: ChildPlan, parents: readonly string[]): Statement {
  const { values, bind } = open(grammar);
  const parent = own(grammar, child.parent);
  const columns = [child.parent, ...child.columns].map((column) => column.read(own(grammar, column))).join(", ");
  const order = [child.parent, ...child.key].map((column) => own(grammar, column)).join(", ");
  return { sql: `select ${columns} from ${child.from} q where ${parent} in (${parents.map((value) => bind(child.parent, value)).join(", ")}) order by ${order}`, values };
}

/** Nothing, but only for whom may read the children. */
export function selectNoChild(grammar: Grammar, child: ChildPlan): Statement {
  const since = child.cursor === undefined ? "" : ` and ${cursorExpression(grammar, child.cursor)} is null`;
  return { sql: `select ${[child.parent, ...child.columns].map((column) => column.read(own(grammar, column))).join(", ")} from ${child.from} q where 1 = 0${since}`, values: [] };
}

/** The newest cursor value, not counting what lies behind `upTo`. */
export function selectNewest(grammar: Grammar, from: string, cursor: CursorPlan, upTo: string | undefined): Statement {
  const { values, bind } = open(grammar);
  const expression = cursorExpression(grammar, cursor);
  const [column] = cursor.columns as [Column];
  return { sql: `select ${column.read(`max(${expression})`)} from ${from} q${upTo === undefined ? "" : ` where ${expression} <= ${bind(column, upTo)}`}`, values };
}

/** The parents of the children that changed at or behind a value, and the newest value of each. */
export function selectChangedParents(grammar: Grammar, child: ChildPlan, cursor: CursorPlan, low: string | undefined): Statement {
  const { values, bind } = open(grammar);
  const expression = cursorExpression(grammar, cursor);
  const [column] = cursor.columns as [Column];
  const parent = own(grammar, child.parent);
  const since = low === undefined ? `${expression} is not null` : `${expression} >= ${bind(column, low)}`;
  return { sql: `select ${child.parent.read(parent)}, ${column.read(`max(${expression})`)} from ${child.from} q where ${since} and ${parent} is not null group by ${parent}`, values };
}

function open({ placeholder }: Grammar): { readonly values: string[]; readonly bind: (column: Column, value: string) => string } {
  const values: string[] = [];
  return { values, bind: (column, value) => column.bind(placeholder(values.push(value))) };
}

/** All columns, then the cursor as text where there is one. */
function list(grammar: Grammar, { columns, cursor }: Plan): string {
  const own_ = columns.map((column) => column.read(own(grammar, column)));
  return [...own_, ...(cursor === undefined ? [] : [(cursor.columns[0] as Column).read(cursorExpression(grammar, cursor))])].join(", ");
}

const own = ({ quote }: Grammar, { name }: Column): string => `q.${quote(name)}`;
const keyList = (grammar: Grammar, { key }: Plan): string => key.map((column) => own(grammar, column)).join(", ");

function cursorExpression(grammar: Grammar, { columns }: CursorPlan): string {
  const names = columns.map((column) => own(grammar, column));
  return names.length === 1 ? (names[0] as string) : `coalesce(${names.join(", ")})`;
}

function behind(bind: (column: Column, value: string) => string, places: readonly Place[]): string {
  const deepest = (at: number): string => {
    const { expression, column, after } = places[at] as Place;
    if (at === places.length - 1) return `${expression} > ${bind(column, after)}`;
    return `(${expression} > ${bind(column, after)} or (${expression} = ${bind(column, after)} and ${deepest(at + 1)}))`;
  };
  const [first] = places as [Place];
  return places.length === 1 ? deepest(0) : `${first.expression} >= ${bind(first.column, first.after)} and ${deepest(0)}`;
}
