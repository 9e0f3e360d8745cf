/** How a record becomes documents: by the flow's mapping, or as it is when the source sends the standard form itself. */
import { type AnyWayIn, type Flow, FlowFault, isReceiver, type MappingStored, type Row } from "../../connectors/index.ts";
import { checkMapping, compileMapping, isMasterKind, type Lookups, type Mapping } from "../../documents/index.ts";
import { type Masters, emptyMasters, learn, readMasters } from "../../masterdata/index.ts";
import { type Ctx, elapsedMs, type Problem } from "../../platform/index.ts";

export type MapRecord = { readonly stream: string; readonly key: string; readonly op: "r" | "c" | "u" | "d"; readonly row: Row | null; readonly before: Row | null; readonly position: string; readonly at: string | null };
export type Mapped = { readonly documents: readonly Readonly<Record<string, unknown>>[]; readonly problems: readonly Problem[]; readonly isIgnored: boolean };

export type Mapper = {
  /** Before each batch: fetches what records may look up. */
  readonly prepare: () => Promise<void>;
  readonly map: (record: MapRecord) => Mapped;
  /** True when the mapping reads the field: only then its loss matters. */
  readonly reads: (stream: string, field: string) => boolean;
  /** Records are whole present states. */
  readonly supersedes: boolean;
};

/** Throws FlowFault when the mapping cannot be used. */
export function mapperOf(ctx: Pick<Ctx, "db">, flow: Flow, way: AnyWayIn): Mapper {
  const own = flow.definition.supersedes;
  if (flow.mapping === null) return { ...asItIs, supersedes: own ?? !isReceiver(way) };
  const { text, files } = flow.mapping;
  const [first] = problemsOfMapping(flow.mappingName, flow.mapping);
  if (first) throw new FlowFault("config", first);
  const mapping = compileMapping(text, new Map(Object.entries(files)));
  const used = new Map<string, ReadonlySet<string>>();
  const { prepare, lookups } = openLookups(ctx, flow.bookId, mapping);
  return {
    prepare,
    map(record) {
      const { documents, problems, ignored } = mapping.map(record, lookups);
      return { documents, problems, isIgnored: ignored !== undefined };
    },
    reads(stream, field) {
      let fields = used.get(stream);
      if (!fields) used.set(stream, (fields = new Set(mapping.usedFields(stream))));
      return fields.has(field);
    },
    supersedes: own ?? (mapping.supersedes || !isReceiver(way)),
  };
}

/** Everything that is wrong with it, and tables that nobody brings. */
export function problemsOfMapping(name: string, { text, files }: MappingStored): readonly Problem[] {
  const tables = new Map(Object.entries(files));
  const problems = checkMapping(text, tables);
  if (problems.length > 0) return problems;
  return compileMapping(text, tables).givenTables.filter((table) => !isMasterKind(table.split(".")[0] ?? "")).map((table) => ({ code: "flow.mapping_table", facts: { mapping: name, table }, where: `/tables/${table}` }));
}

/** How long master data is believed; a code that came meanwhile is found by the retry. */
const KEEP_MS = 2_000;

/** Tables that a mapping leaves to us are master data: `supplier` knows its codes, `item.category` a field of each. */
function openLookups(ctx: Pick<Ctx, "db">, bookId: number, mapping: Mapping): { prepare: () => Promise<void>; lookups: Lookups } {
  let masters: Masters = emptyMasters();
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    async prepare() {
      if (mapping.givenTables.length === 0 || elapsedMs() - readAt < KEEP_MS) return;
      masters = emptyMasters();
      for (const one of await readMasters(ctx.db, bookId)) learn(masters, one);
      readAt = elapsedMs();
    },
    lookups: {
      find(table, key) {
        const [kind = "", field] = table.split(".");
        const known = isMasterKind(kind) ? masters.byKind.get(kind)?.get(key) : undefined;
        const record = known?.find(({ source }) => source === mapping.source) ?? known?.[0];
        return record && (field === undefined ? record.code : record.fields[field]);
      },
    },
  };
}

/** A deleted document is one that was cancelled. */
const asItIs: Omit<Mapper, "supersedes"> = {
  prepare: async () => {},
  reads: () => true,
  map: ({ row, before }) => {
    if (row !== null) return { documents: [row], problems: [], isIgnored: false };
    return before === null || typeof before.schema !== "string" ? { documents: [], problems: [], isIgnored: true } : { documents: [{ ...before, status: "cancelled" }], problems: [], isIgnored: false };
  },
};
