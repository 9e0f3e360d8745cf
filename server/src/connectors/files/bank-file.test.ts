import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readBankFile } from "./bank-file.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

test("each bank's download is told by what stands in it, and the balances it carries follow from its movements", async () => {
  for (const [name, format, opening, closing] of [
    ["icbc-corp.csv", "icbc", "50000.00", "60800.00"], ["ccb-corp.csv", "ccb", "50000.00", "60800.00"], ["boc-corp.csv", "boc", "50000.00", "60800.00"], ["cmb-corp.csv", "cmb", "50000.00", "60800.00"], ["abc-corp.csv", "abc", "50000.00", "60800.00"],
    ["alipay-merchant.csv", "alipay-merchant", "0.00", "561.61"], ["wechat-merchant.csv", "wechat-merchant", null, null], ["camt053-02.xml", "camt053", "50000.00", "60800.00"], ["camt053-08.xml", "camt053", "50000.00", "60800.00"], ["mt940.sta", "mt940", "50000.00", "60800.00"],
  ] as const) {
    const file = await readBankFile(name, fixture(name));
    const [statement] = file?.statements ?? [];
    assert.deepEqual([statement?.format, statement?.opening, statement?.closing, statement?.movements.length, file?.problems.length], [format, opening, closing, 2, 0], name);
    assert.match(statement?.movements[0]?.bookedOn ?? "", /^\d{4}-\d{2}-\d{2}$/, name);
  }
});

test("what comes in is positive and names who paid, what goes out is negative", async () => {
  for (const name of ["icbc-corp.csv", "ccb-corp.csv", "boc-corp.csv", "cmb-corp.csv", "abc-corp.csv"]) {
    const movements = (await readBankFile(name, fixture(name)))?.statements[0]?.movements ?? [];
    assert.deepEqual(movements.map(({ amount }) => amount), ["11300.00", "-500.00"], name);
    assert.equal(movements[0]?.name, "白榆商贸有限公司", name);
  }
});

test("a file of no bank is nobody's", async () => {
  assert.equal(await readBankFile("a.csv", Buffer.from("a,b,c\n1,2,3\n")), undefined);
  assert.equal(await readBankFile("ubl-order.xml", fixture("ubl-order.xml")), undefined);
});
