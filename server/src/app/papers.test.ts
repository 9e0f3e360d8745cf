import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { letterPaper } from "./papers.ts";
import { writePaper } from "./pdf.ts";

const body = {
  party: "C1", partyName: "白榆商贸", kind: "customer" as const, company: "澄江泵业", currency: "CNY", at: "2026-03-31", balance: "3120.00",
  lines: Array.from({ length: 120 }, (_, at) => ({ document: `erp:salesInvoice/SI-${at}`, date: "2026-03-05", dueOn: "2026-04-05", currency: "CNY", amount: "26.00", cleared: "0.00", open: "26.00", openBase: at === 0 ? "-26.00" : "26.00" })),
};

test("a paper is PDF with every line on it over as many pages as it takes, its places true to the byte, and the same each time", () => {
  const { paper, name } = letterPaper(body, "ab".repeat(32), true);
  const file = writePaper(paper);
  assert.deepEqual(writePaper(paper), file);
  assert.equal(name, "对账单 白榆商贸 2026-03-31");
  const text = file.toString("latin1");
  assert.match(text, /^%PDF-1\.7\n/);
  const places = [...text.matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset));
  for (const [at, offset] of places.entries()) assert.ok(text.startsWith(`${at + 1} 0 obj\n`, offset), `object ${at + 1}`);
  assert.equal(Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]), text.lastIndexOf("xref\n0 "));
  const pages = [...text.matchAll(/\/Length (\d+) \/Filter \/FlateDecode >>\nstream\n/g)].map((match) => inflateSync(file.subarray(match.index + match[0].length, match.index + match[0].length + Number(match[1]))).toString("latin1"));
  assert.equal(pages.length, Number(/\/Count (\d+)/.exec(text)?.[1]));
  assert.ok(pages.length >= 3);
  const hex = (part: string): string => Buffer.from(part, "latin1").toString("hex");
  for (const at of [0, 60, 119]) assert.equal(pages.filter((page) => page.includes(`<${hex(`SI-${at}`)}>`)).length, 1, `SI-${at}`);
  // Below zero a figure is red; Chinese stands in the predefined font.
  assert.match(pages[0] ?? "", new RegExp(`0\\.75 0\\.16 0\\.1 rg[^Q]*<${hex("-26.00")}>`));
  assert.ok(pages[0]?.includes(`/F2 10 Tf <${Buffer.from("白榆商贸：", "utf16le").swap16().toString("hex")}>`));
});
