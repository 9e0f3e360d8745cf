import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { checkSettings } from "../books/index.ts";
import { isMasterKind, readDocument } from "../documents/index.ts";
import { readMaster } from "../masterdata/index.ts";
import { lintStory, parseStory, type Story, storyRows } from "./story.ts";

const folder = new URL("../../../examples/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".story")).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
const textOf = (name: string): string => readFileSync(new URL(encodeURIComponent(name), folder), "utf8");
const stories: readonly Story[] = files.map((name) => parseStory(textOf(name), `examples/${name}`));
const readme = readFileSync(new URL("README.md", folder), "utf8");

/** The rows of the table of accounting events: procure to pay, order to cash, and the rest. */
const eventRows = `P1 P2 P3 P3m P3s P4a P4b P4c P4d P4e P4f P4g P5 P6 P6i P7a P7b P7c P8 P8n P8e P8r P9 P10 P11 P12 P13 P14 P15 P16
  S1 S2 S3a S3b S4a S4b S4c S5 S6 S7a S7b S7c S8 S8n S8d S8f S9 S10 S11 S12a S12b S12c S13 S13c S14 S14b S15 S16 S17 S18 S18b S18c S19 S20 S21
  I1 I2 I3 I4a I4b I4c I4d I4e I5 I6 F1 F2 F3 E1 E2 C1a C1b C2a C2b C3a C3b C3c C3d C4a C4b C4c C5 T1 T2 O1`.split(/\s+/);

test("the stories are numbered without gaps and named in both languages", () => {
  assert.ok(files.length >= 80, `${files.length} stories`);
  assert.deepEqual(files.map((name) => Number.parseInt(name, 10)), files.map((_, index) => index + 1));
  for (const name of files) assert.match(name, /^\d{2,3}-[a-z0-9-]+-[\p{Script=Han}0-9]+\.story$/u);
});

test("every story begins with a comment in Chinese and in English", () => {
  for (const { name, about } of stories) {
    const head = about.filter((line) => !line.startsWith("rows ")).join("\n");
    assert.match(head, /\p{Script=Han}/u, name);
    assert.match(head, /[A-Za-z]{3,} /, name);
  }
});

test("every expected voucher balances and every expected balance is the sum of the vouchers listed", () => {
  const problems = stories.flatMap((story) => lintStory(story).map((problem) => `${story.name}:${problem.line}  ${problem.zh} · ${problem.en}`));
  assert.deepEqual(problems, []);
});

test("every setting and every document of a story is in the public form", () => {
  const problems = stories.flatMap((story) => [
    ...story.books.flatMap((book) => checkSettings(book.settings)),
    ...story.steps.flatMap((step) => {
      if (step.do !== "give") return [];
      if (isMasterKind(step.kind)) return readMaster(step.document, step.kind).problems ?? [];
      const book = story.books.find((candidate) => candidate.code === step.book);
      return readDocument(step.document, book?.code ?? "", book?.currency ?? "").problems ?? [];
    }),
  ].map((problem) => ({ story: story.name, ...problem })));
  assert.deepEqual(problems, []);
});

test("the table in examples/README.md names every row of the event table, and exactly the stories that say so", () => {
  const table = new Map([...readme.matchAll(/^\| (\w+) \| .* \| (.*) \|$/gm)].map(([, row, links]) => [row as string, [...(links as string).matchAll(/\]\(<([^>]+)>\)/g)].map((match) => match[1] as string)]));
  for (const row of eventRows) {
    const told = stories.filter((story) => storyRows(story).includes(row)).map((story) => story.name);
    assert.ok(told.length > 0, `no story for ${row}`);
    assert.deepEqual(table.get(row), told, row);
  }
  assert.deepEqual(stories.flatMap((story) => storyRows(story).filter((row) => !eventRows.includes(row)).map((row) => `${story.name}: ${row}`)), []);
});

test("every story that examples/README.md links to exists", () => {
  const missing = [...readme.matchAll(/\]\(<([^>]+\.story)>\)/g)].map((match) => match[1] as string).filter((name) => !files.includes(name));
  assert.deepEqual(missing, []);
});
