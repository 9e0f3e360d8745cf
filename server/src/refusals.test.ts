import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { folders } from "./journey.ts";
import { mergeRefusals, type Refusals } from "./platform/index.ts";
import { lineAt, sourceFiles } from "./source-files.ts";

const parts: Refusals[] = [];
for (const folder of folders) {
  const door = new URL(`./${folder}/index.ts`, import.meta.url);
  if (!existsSync(door)) continue;
  const { refusals } = (await import(door.href)) as { refusals?: Refusals };
  if (refusals !== undefined) parts.push(refusals);
}
const codes = mergeRefusals(parts);

test("every refusal says what is wrong and what to do next, in Chinese and in English", () => {
  const poor = [...codes].filter(([, text]) => !isChinese(text.zh) || !isChinese(text.todoZh) || !isEnglish(text.en) || !isEnglish(text.todoEn));
  assert.deepEqual(poor, []);
});

test("both languages of a refusal state the same facts", () => {
  const uneven = [...codes].filter(([, text]) => facts(text.zh) !== facts(text.en) || facts(text.todoZh) !== facts(text.todoEn));
  assert.deepEqual(uneven.map(([code]) => code), []);
});

test("a refusal's code is words, and its status says that the caller (4xx) or a system behind us (502 to 504) must act", () => {
  assert.deepEqual([...codes.keys()].filter((code) => !/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/.test(code)), []);
  assert.deepEqual([...codes].filter(([, { status }]) => !(status >= 400 && status <= 499) && ![502, 503, 504].includes(status)).map(([code]) => code), []);
});

test("every code that the sources refuse with is registered", async () => {
  const files = (await sourceFiles("server/src/*/**/*.ts")).filter(({ path }) => !path.endsWith(".test.ts") && !/stand-ins?[./]/.test(path)); // stand-ins speak another system's codes
  const unknown = files.flatMap(({ path, code }) =>
    [...code.matchAll(/\brefuse\(\s*"([^"]+)"|\bcode: "([a-z]\w*\.[a-z_.]+)"/g)]
      .filter((match) => !codes.has(match[1] ?? match[2] ?? ""))
      .map((match) => `${path}:${lineAt(code, match.index)}: ${match[1] ?? match[2]}`),
  );
  assert.deepEqual(unknown, []);
});

const isChinese = (text: string): boolean => /\p{Script=Han}/u.test(text);
const isEnglish = (text: string): boolean => /[a-z]/i.test(text) && !/\p{Script=Han}/u.test(text.replace(/[「“"'(][^」”"')]*[」”"')]/g, ""));
/** A fact that is itself a word may come once for each language, as {wanted} or {wantedZh} and {wantedEn}. */
const facts = (text: string): string => [...new Set([...text.matchAll(/\{(\w+?)(?:Zh|En)?\}/g)].map((match) => match[1]))].sort().join(" ");
