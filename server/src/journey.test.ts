import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import { folders } from "./journey.ts";
import { sourceFiles, type SourceFile } from "./source-files.ts";

const root = "server/src/";
const folderOf = (path: string): string => path.slice(root.length).split("/")[0] ?? "";
const files = (await sourceFiles("server/src/*/**/*.ts")).filter(({ path }) => !path.endsWith(".test.ts") && !/\/stand-ins?[./]/.test(path)); // stand-ins are test equipment
const imports = files.flatMap(crossFolderImports);

test("a folder imports only from the folders before it", () => {
  const backwards = imports.filter(({ from, to }) => folders.indexOf(to) >= folders.indexOf(from));
  assert.deepEqual(backwards.map(({ sentence }) => sentence), []);
});

test("a folder is entered only through its door, index.ts", () => {
  const aside = imports.filter(({ target }) => target.split("/").length !== 2 || !target.endsWith("/index.ts"));
  assert.deepEqual(aside.map(({ sentence }) => sentence), []);
});

test("every folder has its place in the journey", () => {
  const unknown = new Set(files.map(({ path }) => folderOf(path)).filter((folder) => !folders.includes(folder)));
  assert.deepEqual([...unknown], []);
});

type Import = { readonly from: string; readonly to: string; readonly target: string; readonly sentence: string };

/** Imports of another folder of server/src; `journey.ts` above the folders is free to all. */
function crossFolderImports({ path, code }: SourceFile): Import[] {
  const specifiers = [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => match[1] ?? "");
  return specifiers
    .map((specifier) => posix.relative(root, posix.join(posix.dirname(path), specifier)))
    .filter((target) => target.includes("/") && !target.startsWith("..") && target.split("/")[0] !== folderOf(path))
    .map((target) => ({ from: folderOf(path), to: target.split("/")[0] ?? "", target, sentence: `${path} imports ${target}` }));
}
