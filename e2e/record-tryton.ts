/**
 * Records the rows that the Tryton connector reads into server/src/connectors/fixtures/tryton.json, for its tests:
 *   node e2e/record-tryton.ts http://127.0.0.1:18069/small/ admin password
 * from a small company: seed_tryton.py -n 2 --seed 7 --products 6 --parties 2, then runFlows of tryton-flows.ts.
 * It listens to what a full and an incremental pull and the comparison of figures ask for, then dumps those fields of those models,
 * flat, with their relations.
 */
import { writeFile } from "node:fs/promises";
import { pullTryton, type TrytonCursor } from "../server/src/connectors/index.ts";
import { systemClock } from "../server/src/platform/index.ts";
import { readTrytonBooks } from "./tryton-figures.ts";
import { openWriter, runFlows } from "./tryton-flows.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const [url, user, password, flows] = process.argv.slice(2) as [string, string, string, string?];
const writer = await openWriter(url, user, password);
if (flows === "--flows") {
  const today = systemClock();
  await runFlows(writer, { year: today.getUTCFullYear(), month: today.getUTCMonth() + 1, day: today.getUTCDate() });
}

const asked = new Map<string, Set<string>>();
const ask = (model: string, path: string): void => void asked.set(model, (asked.get(model) ?? new Set()).add(path));
const original = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const { method, params } = JSON.parse(String(init?.body)) as { readonly method: string; readonly params: readonly Json[] };
  const model = /^model\.(.+)\.search_read$/.exec(method)?.[1];
  if (model) {
    for (const field of params[4] as readonly string[]) ask(model, field);
    const clauses = (domain: Json): void => {
      if (!Array.isArray(domain)) return;
      if (typeof domain[0] === "string" && domain[0] !== "OR") ask(model, domain[0]);
      else domain.forEach(clauses);
    };
    clauses(params[0] as Json);
  }
  return original(input, init);
};
let cursor: TrytonCursor | null = null;
for (let time = 0; time < 2; time++)
  for await (const item of pullTryton({ url, user, password, book: "B1", cursor, now: systemClock })) if (item.is === "cursor") cursor = item.cursor;
await readTrytonBooks({ url, user, password });
globalThis.fetch = original;

const relations: Record<string, string> = {};
const fields = new Map<string, Set<string>>();
const known = new Map<string, { readonly [name: string]: { readonly type: string; readonly relation?: string } }>();
const open: (readonly [string, string])[] = [...asked].flatMap(([model, paths]) => [...paths].map((path) => [model, path] as const));
for (let next = open.pop(); next; next = open.pop()) {
  const [model, path] = next;
  const [field, ...rest] = path.split(".") as [string, ...string[]];
  if (model === "ir.model" || field === "id") continue;
  if (!known.has(model)) known.set(model, (await writer.model(model, "fields_get", [])) as never);
  const definition = known.get(model)?.[field];
  fields.set(model, (fields.get(model) ?? new Set()).add(field));
  if (definition?.relation) {
    relations[`${model}.${field}`] = definition.relation;
    if (rest.length > 0) open.push([definition.relation, rest.join(".")]);
  }
}

/** Tagged objects as short text, so that the file stays readable: "D 12.50", "d 2026-11-24", "t 2026-11-24T03:40:57.543411". */
const short = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(short);
  if (value === null || typeof value !== "object") return value;
  const tag = value as { readonly __class__: string; readonly decimal: string; readonly [part: string]: string | number };
  const part = (name: string, length = 2): string => String(tag[name]).padStart(length, "0");
  if (tag.__class__ === "Decimal") return `D ${tag.decimal}`;
  const day = `${part("year", 4)}-${part("month")}-${part("day")}`;
  return tag.__class__ === "date" ? `d ${day}` : `t ${day}T${part("hour")}:${part("minute")}:${part("second")}.${part("microsecond", 6)}`;
};
const models: string[] = [];
for (const [model, names] of [...fields].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const rows = await writer.find(model, [], [...names].sort());
  const texts = rows.map((row) => `    ${JSON.stringify(Object.fromEntries(["id", ...[...names].sort()].map((name) => [name, short(row[name] ?? null)])))}`);
  models.push(`  ${JSON.stringify(model)}: [\n${texts.join(",\n")}\n  ]`);
}
await writeFile(new URL("../server/src/connectors/fixtures/tryton.json", import.meta.url), `{\n"relations": ${JSON.stringify(relations, null, 1)},\n"rows": {\n${models.join(",\n")}\n}}\n`);
