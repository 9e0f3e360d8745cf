/**
 * Golden tests of a mapping: records of its source and the documents that must come of them, as YAML beside the mapping. They
 * are its specification, and what tells in a year whether a change of it changed a result.
 */
import { isDeepStrictEqual } from "node:util";
import { parseDocument, visit } from "yaml";
import type { Problem } from "../../platform/index.ts";
import type { Mapped, Mapping, MapRecord } from "./compile.ts";
import type { Cut, Lookups } from "./frame.ts";

export type GoldenCase = {
  readonly title: string;
  readonly record: MapRecord;
  readonly lookups?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly documents?: readonly Readonly<Record<string, unknown>>[];
  /** A part of the reason. */
  readonly ignored?: string;
  /** Codes, in order. */
  readonly problems?: readonly string[];
  readonly cut?: readonly Cut[];
};
export type GoldenResult = { readonly title: string; readonly stream: string; readonly isRight: boolean; readonly differences: readonly string[] };

/** YAML or JSON in which a number that a float would not hold keeps its digits as text, as the sources hand it over. */
export function parseLossless(text: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new SyntaxError(error.message.split("\n")[0]);
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "number" && (!Number.isSafeInteger(node.value) || /[.eE]/.test(node.source ?? ""))) node.value = node.source ?? String(node.value);
    },
  });
  return document.toJS({ maxAliasCount: 100 });
}

/** The cases of a golden file. Throws SyntaxError when it is not one. */
export function readGolden(text: string): readonly GoldenCase[] {
  const said = parseLossless(text) as { readonly cases?: unknown } | null;
  if (!Array.isArray(said?.cases) || !(said.cases as unknown[]).every((one) => typeof (one as GoldenCase | null)?.title === "string" && typeof (one as GoldenCase).record?.stream === "string"))
    throw new SyntaxError("cases: [{ title, record: { stream, row }, documents }]");
  return (said.cases as GoldenCase[]).map((one) => ({ ...one, record: { ...one.record, key: String(one.record.key ?? "1"), op: one.record.op ?? "c", row: one.record.row ?? null } }));
}

export const lookupsOf = (tables: GoldenCase["lookups"] = {}): Lookups => ({
  find: (table, key) => (Object.hasOwn(tables, table) && Object.hasOwn(tables[table] as object, key) ? tables[table]?.[key] : undefined),
});

/** `check` says what the reader of documents makes of each; a golden document must please it too. */
export function testMapping(mapping: Pick<Mapping, "map">, cases: readonly GoldenCase[], check: (document: Readonly<Record<string, unknown>>) => readonly Problem[]): readonly GoldenResult[] {
  return cases.map((one) => {
    const got = mapping.map(one.record, lookupsOf(one.lookups));
    const differences = [...compare(one, got), ...got.documents.flatMap((document) => check(document).map(({ code, facts, where }) => `${where ?? ""} ${code} ${JSON.stringify(facts)}`))];
    return { title: one.title, stream: one.record.stream, isRight: differences.length === 0, differences };
  });
}

function compare(wanted: GoldenCase, got: Mapped): string[] {
  const differences: string[] = [];
  const same = (what: string, left: unknown, right: unknown): void => {
    if (!isDeepStrictEqual(left, right)) differences.push(`${what}\n  wanted ${JSON.stringify(left)}\n  got    ${JSON.stringify(right)}`);
  };
  const documents = wanted.documents ?? [];
  for (let n = 0; n < Math.max(documents.length, got.documents.length); n++) same(`documents[${n}]`, documents[n], got.documents[n]);
  same("problems", wanted.problems ?? [], got.problems.map(({ code }) => code));
  same("cut", wanted.cut ?? [], got.cut);
  if (wanted.ignored === undefined ? got.ignored !== undefined : !(got.ignored ?? "").includes(wanted.ignored)) same("ignored", wanted.ignored, got.ignored);
  return differences;
}
