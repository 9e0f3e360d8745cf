/**
 * A flow 数据流: records from one system on their way to the books, or vouchers on their way out. It is written in YAML by whoever
 * connects the systems; an unknown or wrong field is refused with its place, so that a typing mistake never becomes a default.
 */
import type { TSchema } from "typebox";
import { Errors } from "typebox/value";
import { parseDocument } from "yaml";
import { type Problem, refuse } from "../platform/index.ts";
import type { Json } from "./connector.ts";

export type DriftAct = "evolve" | "quarantine" | "drop" | "freeze";
/** What changed in a stream: a new field, a mapped field that is gone, another type, less length or precision, another key. */
export type DriftKind = "added" | "removed" | "type" | "narrowed" | "key";
export type Drift = Readonly<Record<DriftKind, DriftAct>>;

export type FlowDefinition = {
  readonly flow: string;
  readonly book: string;
  readonly direction: "in" | "out";
  readonly connector: string;
  /** As written, with `{ secret: NAME }` in place of secrets. */
  readonly config: { readonly [name: string]: Json };
  /** "" where the source sends the standard form itself. */
  readonly mapping: string;
  /** How long a batch source rests between two runs. */
  readonly everyMs: number;
  /** After so long without a record somebody is told. 0: a source that may be quiet. */
  readonly silenceMs: number;
  readonly drift: Drift;
  readonly limits: Limits;
  /** A record is its whole present state, so that a good one makes up for a bad one before it. Null: as the mapping and the source are. */
  readonly supersedes: boolean | null;
  /** Of a flow out: the definition as written, for the stage that delivers. */
  readonly out: { readonly [name: string]: Json } | null;
};
export type Limits = {
  /** Records that wait to be processed before a receiver answers 429 and a source is held back. */
  readonly waiting: number;
  /** Open dead letters before the flow stops: so many are no longer single bad records. */
  readonly deadLetters: number;
};

const defaults = {
  everyMs: 300_000,
  drift: { added: "evolve", removed: "freeze", type: "freeze", narrowed: "freeze", key: "freeze" },
  limits: { waiting: 100_000, deadLetters: 1_000 },
} as const satisfies { everyMs: number; drift: Drift; limits: Limits };

const fields = ["flow", "book", "from", "to", "mapping", "every", "silence", "drift", "limits", "supersedes"];
const driftActs: readonly DriftAct[] = ["evolve", "quarantine", "drop", "freeze"];
const NAME = /^[a-z0-9][a-z0-9_-]{0,59}$/;

/** Reports every problem. */
export function readFlow(yaml: string): { definition?: FlowDefinition; problems: readonly Problem[] } {
  const document = parseDocument(yaml, { uniqueKeys: true, maxAliasCount: 100 } as object);
  const [fault] = document.errors;
  if (fault) return { problems: [{ code: "flow.yaml", facts: { detail: fault.message.split("\n")[0] ?? "" }, where: fault.linePos ? `line ${fault.linePos[0].line}` : undefined }] };
  const written = document.toJS({ maxAliasCount: 100 }) as unknown;
  if (!isObject(written)) return { problems: [wrong("", "flow: NAME …", typeName(written))] };

  const direction = written.to === undefined ? "in" : "out";
  const problems: Problem[] = direction === "out" ? [] : Object.keys(written).filter((name) => !fields.includes(name)).map((name) => ({ code: "flow.unknown_field", facts: { field: name, known: fields.join(", ") }, where: `/${name}` }));
  const take = <T>(place: string, value: unknown, wanted: string, read: (value: unknown) => T | undefined, fallback?: T): T => {
    if (value === undefined && fallback !== undefined) return fallback;
    const got = value === undefined ? undefined : read(value);
    if (got === undefined) problems.push(wrong(place, wanted, value === undefined ? "–" : typeName(value)));
    return got as T;
  };
  const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
  const act = (value: unknown): DriftAct | undefined => driftActs.find((one) => one === value);
  const count = (value: unknown): number | undefined => (typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined);
  const inner = (name: string, known: readonly string[]): { readonly [field: string]: unknown } => {
    const value = written[name] ?? {};
    if (!isObject(value)) return problems.push(wrong(`/${name}`, known.join(", "), typeName(value))), {};
    for (const field of Object.keys(value)) if (!known.includes(field)) problems.push({ code: "flow.unknown_field", facts: { field, known: known.join(", ") }, where: `/${name}/${field}` });
    return value;
  };

  const name = take("/flow", written.flow, "a-z 0-9 _ - (≤ 60)", (value) => (typeof value === "string" && NAME.test(value) ? value : undefined));
  const book = take("/book", written.book, "B1", text);
  const end = direction === "in" ? "from" : "to";
  const { connector: named, ...config } = isObject(written[end]) ? (written[end] as { connector?: unknown } & { [name: string]: Json }) : { connector: undefined };
  const connector = take(`/${end}/connector`, named, "connector", text);
  if (direction === "out") {
    const definition: FlowDefinition = { ...defaults, flow: name, book, direction, connector, config, mapping: "", silenceMs: 0, supersedes: null, out: written as { readonly [name: string]: Json } };
    return problems.length === 0 ? { definition, problems } : { problems };
  }
  const drift = written.drift;
  const policy = typeof drift === "string" ? take("/drift", drift, driftActs.join(", "), act) : undefined;
  const perKind = typeof drift === "string" ? {} : inner("drift", Object.keys(defaults.drift));
  const limits = inner("limits", Object.keys(defaults.limits));
  const definition: FlowDefinition = {
    flow: name, book, direction, connector, config, out: null,
    mapping: take("/mapping", written.mapping, "NAME", text, ""),
    everyMs: take("/every", written.every, "30s, 5m, 1h, 1d", readDuration, defaults.everyMs),
    silenceMs: take("/silence", written.silence, "30s, 5m, 1h, 1d", readDuration, 0),
    drift: Object.fromEntries(Object.entries(defaults.drift).map(([kind, fallback]) => [kind, take(`/drift/${kind}`, perKind[kind], driftActs.join(", "), act, policy ?? fallback)])) as Drift,
    limits: {
      waiting: take("/limits/waiting", limits.waiting, "≥ 1", count, defaults.limits.waiting),
      deadLetters: take("/limits/deadLetters", limits.deadLetters, "≥ 1", count, defaults.limits.deadLetters),
    },
    supersedes: written.supersedes === undefined ? null : take("/supersedes", written.supersedes, "true, false", (value) => (typeof value === "boolean" ? value : undefined)),
  };
  return problems.length === 0 ? { definition, problems } : { problems };
}

/** What a connector's own part of the definition has wrong: its fields by its schema, and secrets that were written out. */
export function checkConfig(definition: Pick<FlowDefinition, "flow" | "direction" | "config">, connector: { readonly config: TSchema; readonly secrets: readonly string[] }): Problem[] {
  const end = definition.direction === "in" ? "/from" : "/to";
  const plain = connector.secrets.filter((path) => {
    const value = at(definition.config, path);
    return value !== undefined && !isSecret(value);
  });
  if (plain.length > 0) return plain.map((path) => ({ code: "flow.secret_plain", facts: { field: path, flow: definition.flow }, where: `${end}/${path.replaceAll(".", "/")}` }));
  const problems = new Map<string, Problem>();
  for (const fault of Errors(connector.config, withSecrets(definition.config, () => "secret"))) {
    const place = `${end}${fault.instancePath}`;
    const spare = (fault.params as { additionalProperties?: readonly string[] }).additionalProperties;
    if (spare) for (const field of spare) problems.set(`${place}/${field}`, { code: "flow.unknown_field", facts: { field, known: knownFields(connector.config) }, where: `${place}/${field}` });
    else if (!problems.has(place)) problems.set(place, wrong(place, fault.message, String(JSON.stringify(at(definition.config, fault.instancePath.slice(1).replaceAll("/", "."))) ?? "–").slice(0, 60)));
  }
  return [...problems.values()];
}

const knownFields = (schema: TSchema): string => Object.keys((schema as { properties?: object }).properties ?? {}).join(", ") || "–";

const isSecret = (value: unknown): value is { readonly secret: string } => isObject(value) && typeof value.secret === "string" && Object.keys(value).length === 1;

/** Puts something in place of each `{ secret: NAME }`. */
export function withSecrets(value: Json, of: (name: string) => string): Json {
  if (isSecret(value)) return of(value.secret);
  if (Array.isArray(value)) return value.map((one) => withSecrets(one as Json, of));
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withSecrets(one as Json, of)])) : value;
}

export function secretNames(value: Json): string[] {
  const names = new Set<string>();
  withSecrets(value, (name) => (names.add(name), ""));
  return [...names];
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** "30s", "5m", "1h", "1d" in milliseconds. */
export function readDuration(value: unknown): number | undefined {
  const match = typeof value === "string" ? /^([1-9]\d{0,6}) ?([smhd])$/.exec(value) : null;
  return match ? Number(match[1]) * (units[match[2] as string] as number) : undefined;
}

/** Refuses: flow.yaml, flow.unknown_field, flow.field; the first of the problems. */
export function parseFlow(yaml: string): FlowDefinition {
  const { definition, problems } = readFlow(yaml);
  const [first] = problems;
  return definition ?? refuse(first?.code ?? "flow.field", first?.facts ?? {}, first?.where);
}

const wrong = (where: string, wanted: string, got: string): Problem => ({ code: "flow.field", facts: { field: where.slice(1) || "–", wanted, got }, where: where || "/" });
const isObject = (value: unknown): value is { readonly [name: string]: unknown } => value !== null && typeof value === "object" && !Array.isArray(value);
const typeName = (value: unknown): string => (JSON.stringify(value) ?? "–").slice(0, 60);
const at = (value: unknown, path: string): unknown => path.split(".").reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : Array.isArray(inner) ? inner[Number(name)] : undefined), value);
