/**
 * A mapping: YAML that says how records of one source become documents, made into closures once. Pure: no clock, no files, no
 * database; what it is given decides alone, so a record can be mapped again at any time with the same result. It never throws
 * on a record, whatever that holds.
 */
import { createHash } from "node:crypto";
import { parse as parseCsv } from "csv-parse/sync";
import { parseDocument as parseYaml } from "yaml";
import { type Problem, refuse } from "../../platform/index.ts";
import { commonHeader, commonLine, type Field, type FieldType, isMasterKind, kindOf, masterKinds } from "../kinds.ts";
import { type Cut, type Frame, labelOf, type Lookups, type Origin, type Read, short, spoil } from "./frame.ts";
import { compileSpread, type Way } from "./path.ts";
import { compileCel, compileTarget, compileValue, compileWay, type Ground, inside, isWords, onlyWords, type Scope, type Table, wrong } from "./value.ts";
import { readZone } from "./moment.ts";

export type MapRecord = {
  readonly stream: string;
  /** The record's key in the source as text. */
  readonly key: string;
  readonly op: "r" | "c" | "u" | "d";
  /** null only for a delete; `before` should then hold what was last known of the record. */
  readonly row: unknown;
  readonly before?: unknown;
  readonly position?: string | undefined;
  readonly at?: string | null | undefined;
  /** The version to give where the mapping takes none from the record: a counter of the caller that only grows. */
  readonly version?: number | undefined;
};

export type Mapped = {
  /** Documents and master records in the public form. One that has a problem is left out. */
  readonly documents: readonly Readonly<Record<string, unknown>>[];
  readonly problems: readonly Problem[];
  /** Why the record makes no document, where the mapping says so. */
  readonly ignored?: string | undefined;
  readonly cut: readonly Cut[];
};
export type Explained = Mapped & { readonly lineage: readonly Origin[] };

/** How one stream is read: for people, and for whoever watches the source's structure. */
export type RuleShape = { readonly kind: string; readonly when: string; readonly fields: readonly string[] };

export type Mapping = {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  readonly version: number;
  /** Over the mapping and its tables: what a result was made with. */
  readonly hash: string;
  readonly source: string;
  /** A record holds the whole state, so that a later one takes the place of one that is parked. */
  readonly supersedes: boolean;
  /** By name; "*" takes every other stream. */
  readonly streams: ReadonlyMap<string, readonly RuleShape[]>;
  /** Tables that the caller must bring as `lookups`. */
  readonly givenTables: readonly string[];
  /** Columns of the stream's records that the mapping reads. */
  readonly usedFields: (stream: string) => readonly string[];
  readonly map: (record: MapRecord, lookups?: Lookups) => Mapped;
  readonly mapWithLineage: (record: MapRecord, lookups?: Lookups) => Explained;
};

/** Refuses: mapping.not_yaml, mapping.word, mapping.wrong, mapping.kind, mapping.field, mapping.link, mapping.table, mapping.file, mapping.expression, mapping.float. */
export function compileMapping(text: string | object, files: ReadonlyMap<string, string> = new Map()): Mapping {
  const { mapping, problems } = readMapping(text, files);
  const [first] = problems;
  if (!mapping || first) return refuse(first?.code ?? "mapping.not_yaml", first?.facts, problems.length > 1 ? `1/${problems.length}` : undefined);
  return mapping;
}

/** Everything that is wrong with a mapping, at once. */
export const checkMapping = (text: string | object, files: ReadonlyMap<string, string> = new Map()): readonly Problem[] => readMapping(text, files).problems;

const mappingWords = ["mapping", "version", "source", "zh", "en", "supersedes", "zone", "sourceZone", "absent", "xml", "tables", "streams"];
const ruleWords = ["when", "ignore", "kind", "within", "each", "only", "id", "version", "cancelled", "onDelete", "fields", "extra", "links", "lines", "units"];

/** Roots of every path: the record, the record before a change, and what the source says of the record. */
const roots = ["row", "before", "record"] as const;

function readMapping(text: string | object, files: ReadonlyMap<string, string>): { readonly mapping?: Mapping; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const said = typeof text === "string" ? yamlOf(text, problems) : text;
  if (problems.length > 0) return { problems };
  const ground: Ground = { problems, tables: new Map(), zone: undefined, sourceZone: undefined, absent: [] };
  const top = { ground, at: "" };
  if (!isWords(said)) {
    wrong(top, "mapping.wrong", { got: short(said), wanted: "映射对象", wantedEn: "a mapping" });
    return { problems };
  }
  onlyWords(top, said, mappingWords);
  const name = namedAs(said.mapping, "mapping", top), source = namedAs(said.source, "source", top);
  const { version } = said;
  if (!(typeof version === "number" && Number.isSafeInteger(version) && version > 0)) wrong(top, "mapping.wrong", { got: short(version), wanted: "正整数", wantedEn: "a whole number above zero" }, "version");
  const zone = (word: "zone" | "sourceZone"): Ground["zone"] =>
    said[word] === undefined ? undefined : ((typeof said[word] === "string" ? readZone(said[word]) : undefined) ?? wrong(top, "mapping.wrong", { got: short(said[word]), wanted: "时区,如 Asia/Shanghai", wantedEn: "a time zone such as Asia/Shanghai" }, word));
  const tables = readTables(said.tables, files, ground);
  const whole: Ground = { problems, tables, zone: zone("zone"), sourceZone: zone("sourceZone"), absent: Array.isArray(said.absent) ? said.absent : [] };
  const streams = new Map<string, readonly Rule[]>();
  if (!isWords(said.streams)) wrong(top, "mapping.wrong", { got: short(said.streams), wanted: "{ 流名: [规则…] }", wantedEn: "{ stream: [rules] }" }, "streams");
  else for (const [stream, rules] of Object.entries(said.streams)) {
    const at = `streams.${stream}`;
    if (!Array.isArray(rules) || rules.length === 0) wrong({ ground: whole, at }, "mapping.wrong", { got: short(rules), wanted: "规则数组", wantedEn: "a list of rules" });
    else streams.set(stream, rules.map((rule, n) => compileRule(rule, { ground: whole, roots, base: 0, at: `${at}[${n}]`, used: new Set() }, source)));
  }
  if (problems.length > 0) return { problems };

  const isXml = said.xml === true;
  const rulesOf = (stream: string): readonly Rule[] | undefined => streams.get(stream) ?? streams.get("*");
  const run = (record: MapRecord, lookups: Lookups | undefined, origins: Origin[] | undefined): Mapped => {
    const rules = rulesOf(record.stream);
    const where = `${record.stream}/${record.key}`;
    if (!rules) return { documents: [], problems: [{ code: "mapping.stream", facts: { stream: record.stream, choices: [...streams.keys()].join(", ") }, where }], cut: [] };
    const known = record.op === "d" ? (record.row ?? record.before) : record.row;
    const row = isXml ? withoutPrefixes(known) : known;
    const frame: Frame = {
      values: [row, record.before, record], labels: ["", "before", "record"],
      prefix: "", where, currency: undefined, group: undefined, lookups, problems: [], cut: [], origins,
    };
    const documents: Record<string, unknown>[] = [];
    let isAnswered = false;
    let ignored: string | undefined;
    for (const rule of rules) {
      frame.values[0] = rule.unwrap(row);
      if (!rule.applies(frame)) continue;
      isAnswered = true;
      if (record.op === "d" && !rule.cancelsOnDelete) ignored ??= "删除不处理 · a delete is not followed";
      else if (rule.ignore !== undefined) {
        if (documents.length === 0) ignored ??= rule.ignore;
        break;
      } else rule.write(frame, record, documents);
    }
    if (!isAnswered) frame.problems.push({ code: record.op === "d" ? "mapping.delete_blind" : "mapping.no_rule", facts: { stream: record.stream, key: record.key }, where });
    return { documents, problems: frame.problems, ignored: documents.length === 0 && frame.problems.length === 0 ? (ignored ?? (isAnswered ? "没有内容 · nothing in it" : undefined)) : undefined, cut: frame.cut };
  };
  const hash = createHash("sha256").update(JSON.stringify(said)).update(JSON.stringify([...tables].map(([table, rows]) => [table, rows ? [...rows] : null]))).digest("hex");
  return {
    problems,
    mapping: {
      name, source, hash, version: version as number, zh: String(said.zh ?? name), en: String(said.en ?? name), supersedes: said.supersedes === true,
      streams: new Map([...streams].map(([stream, rules]) => [stream, rules.map(({ shape }) => shape)])),
      givenTables: [...tables].filter(([, rows]) => rows === undefined).map(([table]) => table),
      usedFields: (stream) => [...new Set((rulesOf(stream) ?? []).flatMap(({ used }) => [...used]))].sort(),
      map: (record, lookups) => run(record, lookups, undefined),
      mapWithLineage(record, lookups) {
        const lineage: Origin[] = [];
        return { ...run(record, lookups, lineage), lineage };
      },
    },
  };
}

function yamlOf(text: string, problems: Problem[]): unknown {
  const document = parseYaml(text, { maxAliasCount: 100 } as object);
  const [error] = document.errors;
  if (error) problems.push({ code: "mapping.not_yaml", facts: { detail: (error.message.split("\n")[0] ?? "").slice(0, 200) } });
  return error ? undefined : document.toJS({ maxAliasCount: 100 });
}

const namedAs = (value: unknown, word: string, scope: Pick<Scope, "ground" | "at">): string =>
  typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(value) ? value : (wrong(scope, "mapping.wrong", { got: short(value), wanted: "字母、数字、. _ - 组成的名称", wantedEn: "a name of letters, digits, . _ and -" }, word) ?? "");

// Tables ---------------------------------------------------------------------------------------------------------------

/** `given`: from the caller. `{ file, key, value }`: a CSV beside the mapping. Else the codes themselves. */
function readTables(said: unknown, files: ReadonlyMap<string, string>, ground: Ground): ReadonlyMap<string, Table> {
  const tables = new Map<string, Table>();
  if (said === undefined) return tables;
  for (const [name, one] of Object.entries(isWords(said) ? said : {})) {
    const scope = { ground, at: `tables.${name}` };
    if (one === "given") tables.set(name, undefined);
    else if (isWords(one) && typeof one.file === "string" && one.key !== undefined) tables.set(name, csvTable(one, files, scope));
    else if (isWords(one)) {
      const rows = Object.entries(one).map(([key, value]): [string, string | Record<string, string>] => [key, isWords(value) ? Object.fromEntries(Object.entries(value).map(([column, cell]) => [column, cellText(cell, scope)])) : cellText(value, scope)]);
      tables.set(name, new Map(rows));
    } else wrong(scope, "mapping.wrong", { got: short(one), wanted: "given、{ file, key, value } 或 { 编码: 值 }", wantedEn: "given, { file, key, value } or { code: value }" });
  }
  return tables;
}

const cellText = (value: unknown, scope: Pick<Scope, "ground" | "at">): string =>
  typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isSafeInteger(value)) ? String(value) : (wrong(scope, "mapping.wrong", { got: short(value), wanted: "文字(小数加引号)", wantedEn: "text (decimals in quotes)" }) ?? "");

function csvTable(said: Readonly<Record<string, unknown>>, files: ReadonlyMap<string, string>, scope: Pick<Scope, "ground" | "at">): Table {
  onlyWords(scope, said, ["file", "key", "value"]);
  const text = files.get(said.file as string);
  if (text === undefined) {
    wrong(scope, "mapping.file", { file: said.file as string });
    return new Map();
  }
  const keys = (Array.isArray(said.key) ? said.key : [said.key]).map(String);
  try {
    const rows = parseCsv(text, { bom: true, columns: true, skip_empty_lines: true, trim: true }) as Record<string, string>[];
    const missing = [...keys, ...(said.value === undefined ? [] : [String(said.value)])].find((column) => rows[0] && !(column in rows[0]));
    if (missing !== undefined) wrong(scope, "mapping.wrong", { got: missing, wanted: `列名:${Object.keys(rows[0] ?? {}).join("、")}`, wantedEn: `a column of ${Object.keys(rows[0] ?? {}).join(", ")}` });
    return new Map(rows.map((row) => [keys.map((key) => row[key] ?? "").join("|"), said.value === undefined ? row : (row[String(said.value)] ?? "")]));
  } catch (error) {
    wrong(scope, "mapping.wrong", { got: (error as Error).message.slice(0, 100), wanted: "列数一致的 CSV", wantedEn: "CSV with the same number of columns in each row" });
    return new Map();
  }
}

// A rule ---------------------------------------------------------------------------------------------------------------

type Rule = {
  readonly shape: RuleShape;
  readonly used: ReadonlySet<string>;
  readonly unwrap: (row: unknown) => unknown;
  readonly applies: (frame: Frame) => boolean;
  readonly ignore: string | undefined;
  readonly cancelsOnDelete: boolean;
  readonly write: (frame: Frame, record: MapRecord, into: Record<string, unknown>[]) => void;
};

type Shape = { readonly header: ReadonlyMap<string, Field>; readonly line: ReadonlyMap<string, Field> | undefined; readonly needsLines: boolean; readonly linksTo: readonly string[]; readonly parties: readonly string[]; readonly partyRequired: boolean; readonly isMaster: boolean };

/** The fields that a document or master record of this kind can have. */
function shapeOf(kind: string): Shape | undefined {
  if (isMasterKind(kind)) {
    const header = new Map<string, Field>(Object.entries({ ...masterKinds[kind].fields, name: nameField, "name.zh": nameField, "name.en": nameField }));
    return { header, line: undefined, needsLines: false, linksTo: [], parties: [], partyRequired: false, isMaster: true };
  }
  const found = kindOf(kind);
  if (!found) return undefined;
  const party = (found.party ?? []).map((role): [string, Field] => [role, { type: "code", zh: "往来单位", en: "Party" }]);
  return {
    header: new Map([...Object.entries({ ...commonHeader, ...found.header }), ...party]),
    line: found.lines ? new Map(Object.entries({ ...commonLine, ...found.line })) : undefined,
    needsLines: found.lines === "required", linksTo: found.linksTo ?? [], parties: found.party ?? [], partyRequired: found.partyRequired === true, isMaster: false,
  };
}
const nameField: Field = { type: "text", zh: "名称", en: "Name" };

const silent: Rule = { shape: { kind: "", when: "", fields: [] }, used: new Set(), unwrap: (row) => row, applies: () => false, ignore: undefined, cancelsOnDelete: false, write: () => {} };

function compileRule(said: unknown, outer: Scope, source: string): Rule {
  if (!isWords(said)) {
    wrong(outer, "mapping.wrong", { got: short(said), wanted: "规则对象", wantedEn: "a rule" });
    return silent;
  }
  onlyWords(outer, said, ruleWords);
  const within = typeof said.within === "string" ? said.within.split(".") : [];
  // Columns are told by the record's own names, so where a wrapper is taken off only the wrapper counts.
  const scope: Scope = within.length === 0 ? outer : { ...outer, used: new Set() };
  const when = said.when === undefined ? undefined : compileCel(said.when, "when", inside(scope, ".when"));
  const rule = {
    used: within.length === 0 ? scope.used : new Set(within.slice(0, 1)), unwrap: compileUnwrap(within),
    applies: when ? (frame: Frame): boolean => when.read(frame) === true : () => true, cancelsOnDelete: said.onDelete !== "ignore",
  };
  if (said.onDelete !== undefined && said.onDelete !== "cancel" && said.onDelete !== "ignore") wrong(scope, "mapping.wrong", { got: short(said.onDelete), wanted: "cancel 或 ignore", wantedEn: "cancel or ignore" }, ".onDelete");
  const conditionText = typeof said.when === "string" ? said.when : "";
  if (said.ignore !== undefined) {
    if (isWords(said.ignore)) onlyWords(inside(scope, ".ignore"), said.ignore, ["zh", "en"]);
    const reason = typeof said.ignore === "string" ? said.ignore : isWords(said.ignore) ? [said.ignore.zh, said.ignore.en].filter((text) => typeof text === "string").join(" · ") : "";
    if (reason.trim() === "") wrong(scope, "mapping.wrong", { got: short(said.ignore), wanted: "不入账的原因", wantedEn: "the reason why it is ignored" }, ".ignore");
    return { ...rule, shape: { kind: "", when: conditionText, fields: [] }, ignore: reason, write: () => {} };
  }
  const kind = String(said.kind ?? "");
  const shape = shapeOf(kind);
  if (!shape) {
    wrong(scope, "mapping.kind", { kind: kind || "–" });
    return silent;
  }
  const each = compileEach(said.each, scope);
  const inner = each.at(-1)?.scope ?? scope;
  const only = said.only === undefined ? undefined : compileCel(said.only, "only", inside(inner, ".only"));
  const document = compileDocument(said, kind, shape, inner, source);
  return {
    ...rule, ignore: undefined, shape: { kind, when: conditionText, fields: document.fields },
    write(frame, record, into) {
      const loop = (depth: number): void => {
        const level = each[depth];
        if (!level) {
          if (only && only.read(frame) !== true) return;
          const made = document.write(frame, record);
          if (made) into.push(made);
          return;
        }
        const elements = level.spread(frame.values[level.way.root]);
        const label = labelOf(frame, level.way);
        for (let n = 0; n < elements.length; n++) {
          frame.values[level.root] = elements[n];
          frame.labels[level.root] = `${label}[${n}]`;
          loop(depth + 1);
        }
      };
      loop(0);
    },
  };
}

/** Takes a wrapper off where it is there: an XML root element, an envelope. */
const compileUnwrap = (within: readonly string[]) => (row: unknown): unknown => {
  let one = row;
  for (const name of within) {
    if (one === null || typeof one !== "object" || !Object.hasOwn(one, name)) return row;
    one = (one as Readonly<Record<string, unknown>>)[name];
  }
  return one;
};

type Level = { readonly root: number; readonly way: Way; readonly spread: (value: unknown) => readonly unknown[]; readonly scope: Scope };

/** `each: { entry: Stmt.Ntry }` makes a document of every element, or of those that `only` lets through; each level may begin with the names before it. */
function compileEach(said: unknown, outer: Scope): Level[] {
  const levels: Level[] = [];
  if (said === undefined) return levels;
  if (!isWords(said)) {
    wrong(outer, "mapping.wrong", { got: short(said), wanted: "{ 名称: 路径 }", wantedEn: "{ name: path }" }, ".each");
    return levels;
  }
  let scope = outer;
  for (const [name, text] of Object.entries(said)) {
    const way = compileWay(text, inside(scope, `.each.${name}`));
    if (!way) continue;
    const root = scope.roots.length;
    scope = { ...scope, roots: [...scope.roots, name], base: root };
    levels.push({ root, way, spread: compileSpread(way.steps), scope });
  }
  return levels;
}

// A document -----------------------------------------------------------------------------------------------------------

type Writer = { readonly field: string; readonly path: readonly string[]; readonly read: Read; readonly ways: readonly Way[]; readonly isRequired: boolean };

function compileDocument(said: Readonly<Record<string, unknown>>, kind: string, shape: Shape, scope: Scope, source: string): { readonly fields: readonly string[]; readonly write: (frame: Frame, record: MapRecord) => Record<string, unknown> | undefined } {
  const id = said.id === undefined ? undefined : compileTarget(said.id, { field: "sourceId", type: undefined }, inside(scope, ".id"));
  const version = compileVersion(said.version, scope);
  const cancelled = said.cancelled === undefined ? undefined : compileCel(said.cancelled, "status", inside(scope, ".cancelled"));
  const fields = compileFields(said.fields, kind, shape.header, inside(scope, ".fields"));
  const extra = said.extra === undefined ? [] : compileFields(said.extra, kind, undefined, inside(scope, ".extra"));
  const currency = fields.find(({ field }) => field === "currency");
  const header = fields.filter((field) => field !== currency);
  if (shape.partyRequired && !shape.parties.some((role) => fields.some(({ field }) => field === role))) wrong(scope, "mapping.field", { kind, field: shape.parties.join(" | "), choices: "required" }, ".fields");
  const links = compileLinks(said.links, kind, shape, scope);
  if (said.lines !== undefined && !shape.line) wrong(scope, "mapping.field", { kind, field: "lines", choices: [...shape.header.keys()].join(", ") });
  if (said.lines === undefined && shape.needsLines) wrong(scope, "mapping.field", { kind, field: "lines", choices: "required" });
  const lines = !shape.line || said.lines === undefined ? [] : (Array.isArray(said.lines) ? (said.lines as unknown[]) : [said.lines]).map((section, n) => compileLines(section, n, kind, shape, inside(scope, `.lines${Array.isArray(said.lines) ? `[${n}]` : ""}`)));
  if (said.units !== undefined && kind !== "item") wrong(scope, "mapping.field", { kind, field: "units", choices: [...shape.header.keys()].join(", ") });
  const units = said.units === undefined || kind !== "item" ? undefined : compileUnits(said.units, inside(scope, ".units"));
  const schema = `tieout/${kind}@1`;

  return {
    fields: [...fields.map(({ field }) => field), ...lines.flatMap((section) => section.fields)],
    write(frame, record) {
      const before = frame.problems.length;
      frame.prefix = "";
      frame.currency = undefined;
      const sourceId = id ? (id.read(frame) as string | undefined) : record.key;
      frame.where = `${kind}/${sourceId ?? record.key}`;
      if (sourceId === undefined || sourceId === "") spoil(frame, "mapping.missing", "sourceId", id?.ways ?? []);
      const document: Record<string, unknown> = { schema, source, sourceId };
      const sourceVersion = version(frame, record);
      if (sourceVersion !== undefined) document.sourceVersion = sourceVersion;
      if (currency) {
        put(frame, document, currency);
        const code = document.currency;
        if (typeof code === "string" && /^[A-Z]{3}$/.test(code)) frame.currency = code;
      }
      for (const writer of header) put(frame, document, writer);
      const isCancelled = record.op === "d" || (cancelled !== undefined && cancelled.read(frame) === true);
      if (isCancelled && !shape.isMaster) document.status = "cancelled";
      if (links) {
        const made = links(frame);
        if (made) document.links = made;
      }
      if (lines.length > 0) {
        const made: Record<string, unknown>[] = [];
        for (const section of lines) section.write(frame, made);
        if (made.length > 0) document.lines = made;
        else if (shape.needsLines && !isCancelled && frame.problems.length === before) spoil(frame, "mapping.no_lines", "lines", lines.map(({ way }) => way));
      }
      if (units) {
        const made = units(frame);
        if (made.length > 0) document.units = made;
      }
      if (extra.length > 0) {
        const kept: Record<string, unknown> = {};
        frame.prefix = "extra.";
        for (const writer of extra) put(frame, kept, writer);
        frame.prefix = "";
        if (Object.keys(kept).length > 0) document.extra = kept;
      }
      return frame.problems.length === before ? document : undefined;
    },
  };
}

/** Reads one field and puts it where it belongs; a required one that is not there is a problem. */
function put(frame: Frame, into: Record<string, unknown>, { field, path, read, ways, isRequired }: Writer): void {
  const before = isRequired ? frame.problems.length : 0;
  const value = read(frame);
  if (value === undefined) {
    if (isRequired && frame.problems.length === before) spoil(frame, "mapping.missing", field, ways);
    return;
  }
  const [first, second] = path as [string, string | undefined];
  if (second === undefined) into[first] = value;
  else into[first] = { ...(into[first] as object | undefined), [second]: value };
}

/** Without `known` any name goes, as text. */
function compileFields(said: unknown, kind: string, known: ReadonlyMap<string, Field> | undefined, scope: Scope): Writer[] {
  if (!isWords(said)) {
    wrong(scope, "mapping.wrong", { got: short(said), wanted: "{ 字段: 来源 }", wantedEn: "{ field: source }" });
    return [];
  }
  const missing = known ? [...known].filter(([name, { required }]) => required && !(name in said)).map(([name]) => name) : [];
  for (const field of missing) wrong(scope, "mapping.field", { kind, field, choices: "required" });
  return Object.entries(said).flatMap(([field, spec]): Writer[] => {
    const found = known?.get(field);
    if (known && !found) {
      wrong(scope, "mapping.field", { kind, field, choices: [...known.keys()].join(", ") });
      return [];
    }
    if (!known && !/^[A-Za-z_][A-Za-z0-9_]{0,59}$/.test(field)) {
      wrong(scope, "mapping.wrong", { got: field, wanted: "字母开头的名称", wantedEn: "a name that begins with a letter" });
      return [];
    }
    const type: FieldType | undefined = found?.type;
    const { read, ways } = compileTarget(spec, { field, type }, inside(scope, `.${field}`));
    return [{ field, path: known ? field.split(".") : [field], read, ways, isRequired: found?.required === true || field === "supplier" || field === "customer" }];
  });
}

/** `position`: from where it stands in the source. A path: a whole number, or a moment as microseconds. Else the caller's. */
function compileVersion(said: unknown, scope: Scope): (frame: Frame, record: MapRecord) => number | undefined {
  if (said === undefined) return (_, record) => record.version;
  if (said === "position") return (frame, record) => positionNumber(record.position ?? "") ?? spoil(frame, "mapping.position", "sourceVersion", [], { got: short(record.position) });
  const { read, ways } = compileTarget(said, { field: "sourceVersion", type: "version" }, inside(scope, ".version"));
  return (frame, record) => {
    const before = frame.problems.length;
    const version = read(frame) as number | undefined;
    if (version === undefined) return frame.problems.length > before ? undefined : spoil(frame, "mapping.missing", "sourceVersion", ways);
    // A delete comes after the last version, which is all that is known of it.
    return record.op === "d" ? version + 1 : version;
  };
}

/** A growing number out of an LSN (0/16B3748), a GTID (0-1-77, uuid:1-77), a binlog place (binlog.000003:154) or a plain cursor. */
export function positionNumber(position: string): number | undefined {
  const lsn = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(position);
  const binlog = /\.(\d{6,9}):(\d{1,10})$/.exec(position);
  const plainNumber = /^(?:\d+-\d+-|[0-9a-f-]{36}:(?:\d+-)?)?(\d{1,15})$/.exec(position);
  const value = lsn ? Number.parseInt(lsn[1] as string, 16) * 2 ** 32 + Number.parseInt(lsn[2] as string, 16) : binlog ? Number(binlog[1]) * 2 ** 32 + Number(binlog[2]) : plainNumber ? Number(plainNumber[1]) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

const linkWords = ["to", "source", "id", "line", "quantity", "amount", "each", "when"];

/** `[source:]kind/sourceId[/lineId]`; a link whose id is not there is none. */
function compileLinks(said: unknown, kind: string, shape: Shape, outer: Scope): ((frame: Frame) => Record<string, unknown>[] | undefined) | undefined {
  if (said === undefined) return undefined;
  const compiled = (Array.isArray(said) ? (said as unknown[]) : [said]).flatMap((one, n) => {
    const at = inside(outer, `.links[${n}]`);
    if (!isWords(one)) {
      wrong(at, "mapping.wrong", { got: short(one), wanted: "{ to, id, line, quantity, amount }", wantedEn: "{ to, id, line, quantity, amount }" });
      return [];
    }
    onlyWords(at, one, linkWords);
    const to = String(one.to ?? "");
    if (!shape.linksTo.includes(to)) wrong(at, "mapping.link", { kind, target: to || "–", choices: shape.linksTo.join(", ") || "–" });
    const each = one.each === undefined ? undefined : compileWay(one.each, inside(at, ".each"));
    const root = each ? at.roots.length : at.base;
    const scope: Scope = each ? { ...at, roots: [...at.roots, "link"], base: root } : at;
    const value = (word: string, type: FieldType | undefined): ReturnType<typeof compileTarget> | undefined => (one[word] === undefined ? undefined : compileTarget(one[word], { field: `links.${word}`, type }, inside(scope, `.${word}`)));
    const id = value("id", undefined);
    if (!id) wrong(at, "mapping.wrong", { got: "–", wanted: "id: 被关联单据的号码", wantedEn: "id: the number of the document it points at" });
    return [{
      to: typeof one.source === "string" ? `${one.source}:${to}` : to, each, root, spread: each && compileSpread(each.steps), id, line: value("line", undefined), quantity: value("quantity", "quantity"), amount: value("amount", "money"),
      when: one.when === undefined ? undefined : compileCel(one.when, "links", inside(scope, ".when")),
    }];
  });
  return (frame) => {
    let made: Record<string, unknown>[] | undefined;
    for (const { to, each, root, spread, id, line, quantity, amount, when } of compiled) {
      const elements = each && spread ? spread(frame.values[each.root]) : [frame.values[root]];
      for (let n = 0; n < elements.length; n++) {
        if (each) {
          frame.values[root] = elements[n];
          frame.labels[root] = `${labelOf(frame, each)}[${n}]`;
        }
        if (when && when.read(frame) !== true) continue;
        const target = id?.read(frame);
        if (target === undefined) continue;
        const at = line?.read(frame);
        const link: Record<string, unknown> = { to: at === undefined ? `${to}/${String(target)}` : `${to}/${String(target)}/${String(at)}` };
        const linkedQuantity = quantity?.read(frame), linkedAmount = amount?.read(frame);
        if (linkedQuantity !== undefined) link.quantity = linkedQuantity;
        if (linkedAmount !== undefined) link.amount = linkedAmount;
        (made ??= []).push(link);
      }
    }
    return made;
  };
}

const lineWords = ["from", "when", "group", "id", "fields", "links"];

/**
 * A section of lines: of every element of a list, or of the record itself, one line; grouped, one for each different key. Without an id
 * a line is known by its place: 1, 2, …, in further sections 2.1, 2.2, …
 */
function compileLines(said: unknown, section: number, kind: string, shape: Shape, outer: Scope): { readonly fields: readonly string[]; readonly way: Way; readonly write: (frame: Frame, into: Record<string, unknown>[]) => void } {
  const own = isWords(said) ? said : {};
  if (!isWords(said)) wrong(outer, "mapping.wrong", { got: short(said), wanted: "{ from, fields }", wantedEn: "{ from, fields }" });
  onlyWords(outer, own, lineWords);
  const itself: Way = { root: outer.base, steps: [] };
  const ways = own.from === undefined ? [itself] : (Array.isArray(own.from) ? (own.from as unknown[]) : [own.from]).map((text) => compileWay(text, inside(outer, ".from")) ?? itself);
  const readers = ways.map((way) => ({ way, spread: compileSpread(way.steps) }));
  const root = outer.roots.length;
  const scope: Scope = { ...outer, roots: [...outer.roots, "line"], base: root };
  const when = own.when === undefined ? undefined : compileCel(own.when, "lines", inside(scope, ".when"));
  const group = own.group === undefined ? undefined : (Array.isArray(own.group) ? (own.group as unknown[]) : [own.group]).map((key, n) => compileValue(key, { field: "lines", type: undefined }, inside(scope, `.group[${n}]`)));
  const id = own.id === undefined ? undefined : compileTarget(own.id, { field: "lineId", type: undefined }, inside(scope, ".id"));
  const fields = compileFields(own.fields, kind, shape.line, inside(scope, ".fields"));
  const links = compileLinks(own.links, kind, shape, scope);
  const [first] = readers as [(typeof readers)[number]];

  const writeLine = (frame: Frame, n: number, into: Record<string, unknown>[]): void => {
    frame.prefix = `lines[${into.length}].`;
    const lineId = id ? id.read(frame) : section === 0 ? String(n + 1) : `${section + 1}.${n + 1}`;
    if (lineId === undefined) spoil(frame, "mapping.missing", "lineId", id?.ways ?? []);
    const line: Record<string, unknown> = { lineId };
    for (const writer of fields) put(frame, line, writer);
    const made = links?.(frame);
    if (made) line.links = made;
    into.push(line);
  };
  return {
    fields: fields.map(({ field }) => `lines.${field}`), way: first.way,
    write(frame, into) {
      // The first way that leads to something.
      const { elements, way } = readers.reduce<{ elements: readonly unknown[]; way: Way }>((found, reader) => (found.elements.length > 0 ? found : { elements: reader.spread(frame.values[reader.way.root]), way: reader.way }), { elements: [], way: first.way });
      const label = labelOf(frame, way);
      const point = (n: number): void => {
        frame.values[root] = elements[n];
        frame.labels[root] = way.steps.length === 0 ? (frame.labels[way.root] as string) : `${label}[${n}]`;
      };
      const groups = group && new Map<string, number[]>();
      for (let n = 0; n < elements.length; n++) {
        point(n);
        if (when && when.read(frame) !== true) continue;
        if (!groups || !group) {
          writeLine(frame, n, into);
          continue;
        }
        const key = JSON.stringify(group.map((part) => part.read(frame) ?? null));
        const same = groups.get(key);
        if (same) same.push(n);
        else groups.set(key, [n]);
      }
      for (const members of groups?.values() ?? []) {
        point(members[0] as number);
        frame.group = members.map((n) => elements[n]);
        writeLine(frame, members[0] as number, into);
        frame.group = undefined;
      }
      frame.prefix = "";
    },
  };
}

/** Other units of an item: `{ from, when, unit, quantity }`. */
function compileUnits(said: unknown, outer: Scope): (frame: Frame) => Record<string, unknown>[] {
  const own = isWords(said) ? said : {};
  onlyWords(outer, own, ["from", "when", "unit", "quantity"]);
  const way = compileWay(own.from, inside(outer, ".from")) ?? { root: outer.base, steps: [] };
  const spread = compileSpread(way.steps);
  const root = outer.roots.length;
  const scope: Scope = { ...outer, roots: [...outer.roots, "unit"], base: root };
  const when = own.when === undefined ? undefined : compileCel(own.when, "units", inside(scope, ".when"));
  const unit = compileTarget(own.unit, { field: "unit", type: "code" }, inside(scope, ".unit"));
  const quantity = compileTarget(own.quantity, { field: "quantity", type: "quantity" }, inside(scope, ".quantity"));
  return (frame) => {
    const made: Record<string, unknown>[] = [];
    spread(frame.values[way.root]).forEach((element, n) => {
      frame.values[root] = element;
      frame.labels[root] = `${labelOf(frame, way)}[${n}]`;
      frame.prefix = `units[${made.length}].`;
      if (when && when.read(frame) !== true) return;
      const name = unit.read(frame), amount = quantity.read(frame);
      if (name !== undefined && amount !== undefined) made.push({ unit: name, quantity: amount });
    });
    frame.prefix = "";
    return made;
  };
}

/** How deep an XML tree may be. */
const DEPTH_MAX = 200;

/** An XML tree by the local names of its elements: the prefix of a namespace is the sender's choice. */
function withoutPrefixes(tree: unknown, depth = 0): unknown {
  if (tree === null || typeof tree !== "object" || depth > DEPTH_MAX) return tree;
  if (Array.isArray(tree)) return tree.map((element) => withoutPrefixes(element, depth + 1));
  const bare: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(tree)) {
    const colon = name.lastIndexOf(":");
    const local = colon < 0 || name.startsWith("@xmlns") ? name : `${name.startsWith("@") ? "@" : ""}${name.slice(colon + 1)}`;
    if (local !== "__proto__") bare[local] = withoutPrefixes(value, depth + 1);
  }
  return bare;
}

