/** Reads this repository's own sources, for the tests that guard its shape. */
import { readFile, glob } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

export type SourceFile = {
  /** From the repository's root, as in "server/src/vouchers/post.ts". */
  readonly path: string;
  readonly text: string;
  /** The text with comments blanked out; lines keep their numbers. */
  readonly code: string;
};

export async function sourceFiles(pattern: string = "{server,bench,e2e,examples}/**/*.ts"): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const path of glob(pattern, { cwd: repository, exclude: (name) => name === "node_modules" || name.endsWith("/node_modules") })) {
    const text = await readFile(join(repository, path), "utf8");
    files.push({ path, text, code: withoutComments(text) });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Good enough for house rules: a `//` inside a string counts as a comment only after a blank. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " ")).replace(/(^|\s)\/\/.*$/gm, "$1");

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;
