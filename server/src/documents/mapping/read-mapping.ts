/** Mappings as files: the shipped ones by name, others by path, each with the tables that stand beside it. */
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { refuse } from "../../platform/index.ts";
import { packsFolder } from "../../books/index.ts";

export const mappingsFolder = join(packsFolder, "mappings");

export type MappingText = { readonly path: string; readonly text: string; readonly files: ReadonlyMap<string, string> };

/** Names of the shipped mappings. */
export const shippedMappings = (): readonly string[] =>
  readdirSync(mappingsFolder).filter((file) => file.endsWith(".yaml") && !file.endsWith(".golden.yaml")).map((file) => file.slice(0, -5)).sort();

export const goldenPathOf = (path: string): string => path.replace(/\.ya?ml$/, ".golden.yaml");

/** A shipped mapping by its name, or any by its path. Refuses: mapping.unreadable. */
export async function readMappingText(nameOrPath: string): Promise<MappingText> {
  const path = /^[A-Za-z0-9-]+$/.test(nameOrPath) ? join(mappingsFolder, `${nameOrPath}.yaml`) : nameOrPath;
  const read = (file: string): Promise<string> => readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => refuse("mapping.unreadable", { file: nameOrPath, detail: error.code ?? error.message, choices: shippedMappings().join(", ") }));
  const text = await read(path);
  const files = new Map<string, string>();
  for (const file of tableFiles(text)) {
    // Only beside the mapping: a mapping is data and opens no other folder.
    const beside = await readFile(join(dirname(path), basename(file)), "utf8").catch(() => undefined);
    if (beside !== undefined) files.set(file, beside);
  }
  return { path, text, files };
}

function tableFiles(text: string): string[] {
  try {
    const { tables } = parse(text) as { tables?: Readonly<Record<string, { file?: unknown } | null>> };
    return Object.values(tables ?? {}).flatMap((table) => (typeof table?.file === "string" ? [table.file] : []));
  } catch {
    // What is wrong with the text is told when it is compiled.
    return [];
  }
}
