import assert from "node:assert/strict";
import { test } from "node:test";
import { cellWidth, openTerminal, table } from "./terminal.ts";

function watched(isTTY: boolean): { out: string[]; err: string[]; terminal: ReturnType<typeof openTerminal> } {
  const out: string[] = [], err: string[] = [];
  const terminal = openTerminal({ out: { write: (text) => out.push(text), isTTY }, err: { write: (text) => err.push(text), isTTY } });
  return { out, err, terminal };
}

test("a Chinese character is two cells wide, a combining mark and a colour none", () => {
  assert.equal(cellWidth("原材料"), 6);
  assert.equal(cellWidth("e\u0301"), 1);
  assert.equal(cellWidth("\u001b[31mred\u001b[39m"), 3);
  assert.equal(cellWidth("（1）"), 5);
});

test("a table lines up in Chinese and English, figures to the right", () => {
  assert.equal(table([{ title: "科目" }, { title: "借方", align: "right" }], [["1403 原材料", "200.00"], ["Tax", "7.5"]]), [
    "科目           借方",
    "───────────  ──────",
    "1403 原材料  200.00",
    "Tax             7.5",
  ].join("\n"));
});

test("a pipe gets no colours and no progress bar, a terminal gets both", () => {
  for (const isTTY of [false, true]) {
    const { out, err, terminal } = watched(isTTY);
    terminal.print(terminal.paint.red("no"));
    const progress = terminal.progress("posting", 10);
    progress.step(10);
    progress.done();
    assert.equal(out.join("").includes("\u001b["), isTTY);
    assert.equal(err.join("").includes("100%"), isTTY);
  }
});
