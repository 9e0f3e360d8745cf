/** A stream's definition, joined with what the database says about its tables: everything that reading it needs. */
import { createHash } from "node:crypto";
import { Type, type Static } from "typebox";
import { FlowFault, type StreamShape } from "../connector.ts";
import { shapeOf, type Column } from "./column.ts";
import { cursorKind, durationOf, overlapOf, type CursorKind } from "./cursor.ts";
import { tableParts, type Dialect, type Session } from "./dialect.ts";

const name = Type.String({ minLength: 1 });
const names = Type.Array(name, { minItems: 1 });
const duration = Type.String({ pattern: "^\\d+(ms|s|m|h|d)$" });
const cursor = Type.Optional(Type.Union([name, names], { description: "Column with the time of change or a growing number; of several the first that is not null counts" }));
const overlap = Type.Optional(Type.Union([duration, Type.Integer({ minimum: 0 })], { description: "How far behind the newest value is read again; longer than the longest transaction. 5m, or 1000 for a number" }));

export const streamFields = Type.Object(
  {
    table: Type.Optional(name),
    query: Type.Optional(Type.String({ minLength: 1, description: "A select in the database's own SQL, in place of a table" })),
    key: Type.Optional(names),
    cursor,
    overlap,
    sweep: Type.Optional(Type.Union([duration, Type.Literal("never")], { description: "How often all keys are compared, which finds deletes and changes without a stamp. 1d; without a cursor always" })),
    chunk: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: "Rows read at a time, 2000" })),
    children: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object({ table: name, key: Type.Optional(names), parent: name, on: Type.Optional(name), cursor, overlap }, { additionalProperties: false, description: "Rows of another table, put into their parent's row as a list" }),
      ),
    ),
  },
  { additionalProperties: false },
);
export type StreamDefinition = Static<typeof streamFields>;

export type CursorPlan = { readonly columns: readonly Column[]; readonly kind: CursorKind; readonly overlap: bigint; readonly isInstant: boolean };
export type ChildPlan = { readonly name: string; readonly from: string; readonly columns: readonly Column[]; readonly key: readonly Column[]; readonly parent: Column; readonly on: Column; readonly cursor: CursorPlan | undefined; readonly table: string };
export type Plan = {
  readonly stream: string;
  /** What messages call the place it is read from. */
  readonly place: string;
  /** As it stands behind `from`. */
  readonly from: string;
  readonly columns: readonly Column[];
  readonly key: readonly Column[];
  readonly cursor: CursorPlan | undefined;
  readonly children: readonly ChildPlan[];
  readonly chunk: number;
  /** Undefined: never. */
  readonly sweepMs: number | undefined;
  readonly zone: string | undefined;
  /** What a stored state belongs to: the database and this definition. */
  readonly of: string;
};

const fault = (code: string, facts: Readonly<Record<string, string>>): never => {
  throw new FlowFault("config", { code, facts });
};

/** Throws FlowFault: sql.no_table, sql.no_column, sql.no_key, sql.key_null, sql.cursor_type, sql.overlap. */
export async function planStream<C, S extends Session>(dialect: Dialect<C, S>, session: S, connection: C, stream: string, definition: StreamDefinition, zone: string | undefined): Promise<Plan> {
  const { table, query } = definition;
  const place = table ?? stream;
  const missing = (absent: string) => fault("sql.no_table", { source: dialect.address(connection), table: absent, user: dialect.user(connection) });
  const described = query === undefined ? ((await dialect.describe(session, place)) ?? missing(place)) : { columns: await dialect.describeQuery(session, query), key: [] };
  const from = query === undefined ? quoted(dialect, place) : `(${query.trim().replace(/;\s*$/, "")})`;
  const column = columnFinder(place, described.columns);

  const keyNames = definition.key ?? described.key;
  if (keyNames.length === 0) fault("sql.no_key", { stream, table: place });
  const key = keyNames.map(column);
  for (const { name } of key.filter(({ name, isNullable }) => isNullable && !described.key.includes(name))) {
    if ((await session.rows(`select 1 from ${from} q where q.${dialect.quote(name)} is null order by 1 ${dialect.first(1)}`)).length > 0) fault("sql.key_null", { stream, column: name });
  }

  const children: ChildPlan[] = [];
  for (const [childName, child] of Object.entries(definition.children ?? {})) {
    const { columns, key: primary } = (await dialect.describe(session, child.table)) ?? missing(child.table);
    const childColumn = columnFinder(child.table, columns);
    children.push({
      name: childName, table: child.table, from: quoted(dialect, child.table), columns,
      key: (child.key ?? primary).map(childColumn),
      parent: childColumn(child.parent),
      on: child.on === undefined ? (key[0] as Column) : column(child.on),
      cursor: planCursor(`${stream}.${childName}`, childColumn, child),
    });
  }

  const cursor = planCursor(stream, column, definition);
  const of = createHash("sha256").update(JSON.stringify([dialect.address(connection), place, query, keyNames, definition.cursor, definition.children, zone])).digest("base64url").slice(0, 22);
  const sweep = cursor === undefined ? "0s" : (definition.sweep ?? "1d");
  return { stream, place, from, columns: described.columns, key, cursor, children, chunk: definition.chunk ?? 2_000, sweepMs: sweep === "never" ? undefined : durationOf(sweep), zone, of };
}

/** The stream's shape, and that of each of its children as "stream.child". */
export const shapesOf = ({ stream, key, columns, children, zone }: Plan): StreamShape[] => [
  {
    stream, key: key.map(({ name }) => name),
    fields: [...columns.map((column) => shapeOf(column, zone)), ...children.map((child) => ({ field: child.name, type: "json" as const, native: `rows of ${child.table}`, isNullable: false }))],
  },
  ...children.map((child) => ({ stream: `${stream}.${child.name}`, key: child.key.map(({ name }) => name), fields: child.columns.map((column) => shapeOf(column, zone)) })),
];

function planCursor(stream: string, column: (name: string) => Column, { cursor, overlap }: Pick<StreamDefinition, "cursor" | "overlap">): CursorPlan | undefined {
  if (cursor === undefined) return undefined;
  const columns = [cursor].flat().map(column);
  const kinds = columns.map(cursorKind);
  const [kind] = kinds;
  const odd = columns[kinds.findIndex((other) => other === undefined || other !== kind)];
  if (kind === undefined || odd !== undefined) return fault("sql.cursor_type", { stream, column: (odd ?? columns[0] as Column).name, native: (odd ?? columns[0] as Column).native });
  const size = overlapOf(kind, overlap ?? (kind === "time" ? "5m" : 1_000)) ?? fault("sql.overlap", { stream, column: (columns[0] as Column).name, overlap: String(overlap) });
  return { columns, kind, overlap: size, isInstant: columns.every((each) => each.kind === "instant") };
}

const columnFinder = (table: string, columns: readonly Column[]) => (wanted: string): Column => columns.find((each) => each.name === wanted) ?? fault("sql.no_column", { table, column: wanted });

function quoted<C, S extends Session>({ quote }: Dialect<C, S>, name: string): string {
  const { schema, table } = tableParts(name);
  return schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`;
}
