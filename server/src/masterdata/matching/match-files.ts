/** Matches the rows of one file, or of two files with each other, by a small configuration or by what the columns seem to hold. */
import { parse as parseYaml } from "yaml";
import { elapsedMs, Refusal, refuse } from "../../platform/index.ts";
import { Table } from "./columns.ts";
import { alignColumns, type Field, guessFields, headOf, type Kind, kinds } from "./fields.ts";
import { matchTable, type Matched, type MatchSettings } from "./match.ts";
import { openTableFile, type TableFile } from "./read-table.ts";

export type MatchConfig = {
  /** Column → kind; columns that are not named are ignored when any is named. */
  readonly fields?: Readonly<Record<string, Kind>>;
  readonly id?: string;
  readonly source?: string;
  readonly oneToOne?: boolean;
  readonly autoPrecision?: number;
};

/** Refuses: matching.config, matching.kind. */
export function readMatchConfig(text: string): MatchConfig {
  let read: unknown;
  try {
    read = parseYaml(text);
  } catch (error) {
    refuse("matching.config", { reason: error instanceof Error ? error.message : String(error) });
  }
  if (read === null || read === undefined) return {};
  if (typeof read !== "object" || Array.isArray(read)) refuse("matching.config", { reason: "it is not a mapping of settings" });
  const config = read as Record<string, unknown>;
  const unknown = Object.keys(config).filter((name) => !["fields", "id", "source", "oneToOne", "autoPrecision"].includes(name));
  if (unknown.length > 0) refuse("matching.config", { reason: `unknown: ${unknown.join(", ")}` });
  const wrong = [
    ...["id", "source"].filter((name) => config[name] !== undefined && typeof config[name] !== "string").map((name) => `${name} is not the name of a column`),
    ...(config.oneToOne !== undefined && typeof config.oneToOne !== "boolean" ? ["oneToOne is neither true nor false"] : []),
    ...(config.autoPrecision !== undefined && !(typeof config.autoPrecision === "number" && config.autoPrecision > 0.5 && config.autoPrecision < 1) ? ["autoPrecision is not a share between 0.5 and 1"] : []),
    ...(config.fields !== undefined && (config.fields === null || typeof config.fields !== "object" || Array.isArray(config.fields)) ? ["fields is not a list of column: kind"] : []),
  ];
  if (wrong.length > 0) refuse("matching.config", { reason: wrong.join("; ") });
  for (const [column, kind] of Object.entries((config.fields ?? {}) as Record<string, unknown>)) if (!(kinds as readonly unknown[]).includes(kind)) refuse("matching.kind", { column, kind: String(kind), kinds: kinds.join(", ") });
  return config as MatchConfig;
}

export type FilesMatched = Matched & {
  readonly table: Table;
  readonly fields: readonly Field[];
  /** The row's own name: its id column, else its number; and its file. */
  readonly names: readonly string[];
  readonly readSeconds: number;
  readonly rowsPerSecond: number;
  readonly totalSeconds: number;
};

const sampleMax = 20_000;

/** What a domain's fields mean when they are only called "name". */
const nameKind: Readonly<Record<MatchDomain, Kind>> = { customer: "company", supplier: "company", counterparty: "company", item: "text", person: "person", department: "department", account: "account", other: "text" };
export const matchDomains = ["customer", "supplier", "counterparty", "item", "person", "department", "account", "other"] as const;
export type MatchDomain = (typeof matchDomains)[number];

/** Refuses: matching.file, matching.unreadable, matching.empty, matching.column, matching.no_evidence. */
export async function matchFiles(paths: readonly string[], config: MatchConfig = {}, settings: Partial<MatchSettings> & { readonly domain?: MatchDomain } = {}, onRow?: (file: number, row: readonly string[], header: readonly string[]) => void): Promise<FilesMatched> {
  const began = elapsedMs();
  const files: TableFile[] = [];
  for (const path of paths) files.push(await openTableFile(path));
  const first = files[0] as TableFile;
  const empty = files.find(({ header }) => header.length === 0);
  if (empty) refuse("matching.empty", { path: empty.path });
  for (const wanted of [config.id, config.source, ...Object.keys(config.fields ?? {})]) if (wanted !== undefined && !first.header.includes(wanted)) refuse("matching.column", { column: wanted, columns: first.header.join(", ") });
  // Columns of the second file are found by their names, else by what they hold.
  const starts = files.length > 1 ? await Promise.all(files.map((file) => startOf(file))) : [];
  const places = files.map(({ header }, at) => (at === 0 ? first.header.map((_, column) => column) : alignColumns(first.header, starts[0] ?? [], header, starts[at] ?? [])));
  let fields: readonly Field[] | undefined = config.fields === undefined ? undefined : first.header.map((name) => ({ name, kind: config.fields?.[name] ?? "ignore" }));
  const idAt = config.id === undefined ? -1 : first.header.indexOf(config.id), sourceAt = config.source === undefined ? -1 : first.header.indexOf(config.source);
  let table: Table | undefined, waiting: { source: number; row: readonly string[] }[] = [], idColumn = idAt;
  const names: string[] = [], sources = new Map<string, number>();
  const flush = (): { table: Table; fields: readonly Field[] } => {
    if (!table || !fields) {
      fields ??= guessFields(first.header, waiting.map(({ row }) => row)).map((field, at): Field => (at === sourceAt || at === idAt ? { ...field, kind: "ignore" } : /^(?:name|名称)$/.test(headOf(field.name)) && field.kind !== "ignore" && settings.domain !== undefined && settings.domain !== "other" ? { ...field, kind: nameKind[settings.domain] } : field));
      if (fields.every(({ kind }) => kind === "ignore")) refuse("matching.no_evidence", { columns: first.header.join(", ") });
      if (idColumn < 0) idColumn = first.header.findIndex((name, at) => fields?.[at]?.kind === "ignore" && /(?:^|_)(?:id|code|no|key)$|编号|编码|代码/.test(headOf(name)));
      table = new Table(fields);
    }
    for (const { source, row } of waiting) {
      table.add(row, source);
      names.push(idColumn >= 0 && row[idColumn] !== undefined && row[idColumn] !== "" ? (row[idColumn] as string) : String(table.rows - 1));
    }
    waiting = [];
    return { table, fields };
  };
  // A file that is read alone may be sorted, so the sample of a guess takes from the whole of both files where they are small.
  for (const [at, file] of files.entries()) {
    const place = places[at] as number[];
    for await (const row of readable(file)) {
      onRow?.(at, row, file.header);
      const aligned = at === 0 ? row : place.map((column) => (column < 0 ? "" : (row[column] ?? "")));
      let source = at;
      if (sourceAt >= 0) {
        const name = aligned[sourceAt] ?? "";
        if (!sources.has(name)) sources.set(name, sources.size);
        source = sources.get(name) as number;
      }
      waiting.push({ source, row: aligned });
      if (waiting.length >= (table ? 1000 : sampleMax)) flush();
    }
  }
  if (waiting.length === 0 && !table && !fields) refuse("matching.empty", { path: first.path });
  const full = flush();
  full.table.close();
  const read = elapsedMs();
  const done = matchTable(full.table, { isOneToOne: config.oneToOne ?? files.length > 1, ...(config.autoPrecision === undefined ? {} : { autoPrecision: config.autoPrecision }), ...settings });
  const totalSeconds = Math.max(1, Math.floor(elapsedMs() - began)) / 1000;
  return { ...done, ...full, names, readSeconds: Math.floor(read - began) / 1000, totalSeconds, rowsPerSecond: Math.floor(names.length / totalSeconds) };
}

async function startOf(file: TableFile): Promise<(readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for await (const row of readable(file)) if (rows.push(row) === 500) break;
  return rows;
}

async function* readable(file: TableFile): AsyncGenerator<readonly string[]> {
  try {
    yield* file.rows();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    refuse("matching.unreadable", { path: file.path, reason: error instanceof Error ? error.message : String(error) });
  }
}
