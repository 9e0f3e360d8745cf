/**
 * Packs: charts and rules as data, one folder each under packs/. A pack that `extends` another takes what it has no file
 * for from there, and where both have rules its own come after, in place of those with the same id.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMap, isSeq, parseDocument, type Document as Yaml, type YAMLMap } from "yaml";

export const packsFolder = fileURLToPath(new URL("../../../packs/", import.meta.url));

/** The packs that a book can be made from. */
export const packIds = (): string[] =>
  readdirSync(packsFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(join(packsFolder, entry.name, "pack.yaml"))).map((entry) => entry.name).sort();

export type PackRules = { readonly rules: string; readonly tables: string };

/** The rule set and the account tables of a pack as YAML, whole. */
export const packRules = (pack: string): PackRules => ({ rules: resolved(pack, "rules.yaml"), tables: resolved(pack, "tables.yaml") });

/** A rule set as one YAML text, the form in which a version is stored and read: the account tables, then the rules. */
export const joinRules = ({ rules, tables }: PackRules): string => [tables, rules].map((text) => text.trim()).filter((text) => text !== "").join("\n\n") + "\n";

/** A pack's file over that of the pack it extends; "" where neither has one. */
function resolved(pack: string, file: string, seen: readonly string[] = []): string {
  if (seen.includes(pack)) throw new Error(`packs extend each other in a circle: ${[...seen, pack].join(" → ")}`);
  const path = join(packsFolder, pack, file);
  const own = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  const parent = extendsOf(pack) ?? (manifest(pack).get("rulesFrom") as string | undefined);
  if (parent === undefined) return own ?? "";
  const inherited = resolved(parent, file, [...seen, pack]);
  return own === undefined ? inherited : merge(inherited, own, path);
}

/** What `pack.yaml` says of the pack it builds on and of the settings that a new book starts with. */
const manifest = (pack: string): Yaml.Parsed => parsed(readFileSync(join(packsFolder, pack, "pack.yaml"), "utf8"), `${pack}/pack.yaml`);
const extendsOf = (pack: string): string | undefined => manifest(pack).get("extends") as string | undefined;

/** Settings that a book of this pack starts with. */
export function packSettings(pack: string): Readonly<Record<string, string>> {
  const parent = extendsOf(pack);
  const { settings = {} } = manifest(pack).toJS() as { settings?: Record<string, unknown> };
  return { ...(parent === undefined ? {} : packSettings(parent)), ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])) };
}

function merge(inherited: string, own: string, path: string): string {
  const whole = parsed(inherited, path);
  const added = parsed(own, path);
  if (!isMap(added.contents)) return inherited;
  for (const { key, value } of added.contents.items) {
    const name = String(key);
    const before = whole.get(name, true);
    if (isSeq(before) && isSeq(value)) {
      const ids = new Set(value.items.map(idOf));
      before.items = [...before.items.filter((item) => idOf(item) === undefined || !ids.has(idOf(item))), ...value.items];
    } else if (isMap(before) && isMap(value)) {
      for (const entry of (value as YAMLMap).items) before.set(entry.key, entry.value);
    } else whole.set(name, value);
  }
  return String(whole);
}

const idOf = (item: unknown): string | undefined => (isMap(item) ? (item.get("id") as string | undefined) : undefined);

function parsed(text: string, path: string): Yaml.Parsed {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new Error(`${path}: ${error.message}`);
  return document;
}
