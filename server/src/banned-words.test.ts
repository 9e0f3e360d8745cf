import assert from "node:assert/strict";
import { test } from "node:test";
import { lineAt, sourceFiles } from "./source-files.ts";

type Ban = { readonly word: string; readonly example: string; readonly pattern: RegExp; readonly use: string; readonly free?: readonly string[]; readonly inComments?: boolean };

/** `free` names the files and folders, by a part of their paths, that may use the word: as a rule the one that gives the remedy. */
const bans: readonly Ban[] = [
  { word: "new Date( and Date.now(", example: "const at = new Date();", pattern: /\bnew Date\(|\bDate\.now\(/g, use: "the clock of the context, ctx.now(), or momentOf() for a written moment", free: ["platform/clock.ts"] },
  { word: "process.env", example: "process.env.HOME", pattern: /\bprocess\.env\b/g, use: "config() of platform/config.ts", free: ["platform/config.ts", "server/test.ts"] },
  { word: "console.", example: "console.log(1)", pattern: /\bconsole\./g, use: "the terminal of platform/terminal.ts, or ctx.log" },
  { word: "number for money", example: "unitPrice: number", pattern: /\b\w*(?:amount|price|money|cost)\??: number\b(?!\()/gi, use: "bigint in minor units, or Money" },
  { word: "parseFloat and toFixed", example: "x.toFixed(2)", pattern: /\bparseFloat\(|\.toFixed\(/g, use: "the decimals of values/", free: ["platform/terminal.ts", "bench/", "app/demo/"] },
  { word: "Math.round", example: "Math.round(x)", pattern: /\bMath\.round\(/g, use: "the rounding of values/ for figures of the books", free: ["platform/terminal.ts", "bench/", "app/demo/"] },
  { word: "export default", example: "export default 1;", pattern: /^export default\b/gm, use: "a named export" },
  { word: "enum", example: "export enum Kind {}", pattern: /^\s*(?:export )?(?:const )?enum \w/gm, use: "a union of string literals" },
  { word: "a decorator", example: "  @Injectable()", pattern: /^\s*@\w+/gm, use: "a function that is called by name" },
  { word: "any", example: "x as any", pattern: /(?::|<|\bas|\|)\s*any\b(?!\s*:)/g, use: "the real type, or unknown and a check" },
  { word: "@ts-ignore", example: "// @ts-ignore", pattern: /@ts-(?:ignore|nocheck|expect-error)/g, use: "a type that is true", inComments: true },
  { word: "FIXME and TODO", example: "// FIXME later", pattern: /\b(?:FIXME|TODO|XXX)\b/g, use: "an issue, or do it now", inComments: true },
];

const bannedFile = /(?:^|\/)(?:utils?|types|helpers?|services?|common|misc)\.ts$|-(?:service|manager|helper|processor|impl|utils?)\.ts$/;

/** A line that must use a banned word says why: `// permitted: the reason`. This count may only fall. */
const permittedMax = 0;

const files = (await sourceFiles()).filter(({ path }) => !path.endsWith("banned-words.test.ts"));

for (const ban of bans) {
  test(`${ban.word} is banned, use ${ban.use}`, () => {
    const found = files
      .filter(({ path }) => !(ban.free ?? []).some((part) => path.includes(part)))
      .flatMap(({ path, text, code }) => [...(ban.inComments === true ? text : withoutStrings(code)).matchAll(ban.pattern)].map((match) => ({ path, line: lineAt(code, match.index + match[0].search(/\S/)), text })))
      .filter(({ line, text }) => !isPermitted(text.split("\n")[line - 1] ?? ""))
      .map(({ path, line }) => `${path}:${line}: ${ban.word} is banned, use ${ban.use}`);
    assert.match(ban.example, ban.pattern);
    assert.deepEqual(found, []);
  });
}

test("no file is called after its technical kind; it carries the name of what it holds", () => {
  assert.deepEqual(files.filter(({ path }) => bannedFile.test(path)).map(({ path }) => path), []);
});

test("the number of permitted exceptions only falls", () => {
  const permitted = files.flatMap(({ path, text }) => text.split("\n").flatMap((line, at) => (isPermitted(line) ? [`${path}:${at + 1}`] : [])));
  assert.ok(permitted.length <= permittedMax, `${permitted.length} exceptions, at most ${permittedMax} are agreed:\n${permitted.join("\n")}`);
  assert.equal(permitted.length, permittedMax, `the count has fallen to ${permitted.length}; lower permittedMax`);
});

function withoutStrings(code: string): string {
  return code.replace(/"(?:[^"\\\n]|\\.)*"/g, (literal) => `"${" ".repeat(literal.length - 2)}"`);
}

function isPermitted(line: string): boolean {
  return /\/\/ permitted: \S/.test(line);
}
