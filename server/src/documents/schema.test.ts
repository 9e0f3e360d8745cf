import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { kinds } from "./kinds.ts";
import { readDocument } from "./read.ts";
import { schemaNames, schemaOf } from "./schema.ts";

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true, strictTypes: false });
addFormats.default(ajv);
const validators = new Map(schemaNames().map(({ kind }) => [kind, ajv.compile(schemaOf(kind) ?? {})]));

/** The examples of the documentation, word for word. */
const examples = `
{"schema":"tieout/item@1","source":"erp","sourceId":"STEEL","name":{"zh":"钢材","en":"Steel"},"category":"rawMaterial","unit":"kg"}
{"schema":"tieout/item@1","source":"erp","sourceId":"PUMP","name":{"zh":"水泵"},"category":"finishedGoods","unit":"pcs"}
{"schema":"tieout/supplier@1","source":"erp","sourceId":"S01","name":{"zh":"宝钢股份有限公司"},"uscc":"91310000631696382C"}
{"schema":"tieout/bankAccount@1","source":"fin","sourceId":"BA1","name":{"zh":"工行基本户"},"currency":"CNY","account":"1002"}
{"schema":"tieout/exchangeRate@1","source":"fin","sourceId":"USD-2026-03-01","from":"USD","to":"CNY","date":"2026-03-01","rate":"7.10"}
{"schema":"tieout/purchaseOrder@1","book":"B1","source":"erp","sourceId":"PO-1","date":"2026-03-01","supplier":"S01","currency":"CNY","lines":[{"lineId":"1","item":"STEEL","quantity":"100","price":"10.00","taxRate":"0.13"}]}
{"schema":"tieout/goodsReceipt@1","book":"B1","source":"wms","sourceId":"GR-1","date":"2026-03-05","supplier":"S01","warehouse":"W1","lines":[{"lineId":"1","item":"STEEL","quantity":"60","links":[{"to":"erp:purchaseOrder/PO-1/1","quantity":"60"}]}]}
{"schema":"tieout/goodsReturn@1","book":"B1","source":"wms","sourceId":"RT-1","date":"2026-03-20","supplier":"S01","lines":[{"lineId":"1","item":"STEEL","quantity":"10","links":[{"to":"goodsReceipt/GR-2/1","quantity":"10"}]}]}
{"schema":"tieout/supplierInvoice@1","book":"B1","source":"erp","sourceId":"INV-A","invoiceNumber":"26332000000012345678","date":"2026-03-18","supplier":"S01","currency":"CNY","lines":[{"lineId":"1","item":"STEEL","quantity":"80","price":"10.50","taxRate":"0.13","amountNet":"840.00","tax":"109.20","links":[{"to":"wms:goodsReceipt/GR-1/1","quantity":"60"},{"to":"wms:goodsReceipt/GR-2/1","quantity":"20"}]}]}
{"schema":"tieout/costInvoice@1","book":"B1","source":"erp","sourceId":"FR-1","date":"2026-03-21","supplier":"CARRIER","allocateBy":"quantity","lines":[{"lineId":"1","charge":"freight","amountNet":"100.00","taxRate":"0.09","tax":"9.00","links":[{"to":"wms:goodsReceipt/GR-1/1"},{"to":"wms:goodsReceipt/GR-2/1"}]}]}
{"schema":"tieout/supplierPayment@1","book":"B1","source":"fin","sourceId":"PAY-1","date":"2026-03-28","supplier":"S01","bankAccount":"BA1","currency":"CNY","amount":"949.20","links":[{"to":"erp:supplierInvoice/INV-A","amount":"949.20"}]}
{"schema":"tieout/salesOrder@1","book":"B1","source":"crm","sourceId":"SO-1","date":"2026-03-08","customer":"C01","currency":"CNY","salesperson":"E07","lines":[{"lineId":"1","item":"PUMP","quantity":"30","price":"20.00","taxRate":"0.13"}]}
{"schema":"tieout/shipment@1","book":"B1","source":"wms","sourceId":"SH-1","date":"2026-03-10","customer":"C01","warehouse":"W1","lines":[{"lineId":"1","item":"PUMP","quantity":"30","links":[{"to":"crm:salesOrder/SO-1/1","quantity":"30"}]}]}
{"schema":"tieout/shipmentReturn@1","book":"B1","source":"wms","sourceId":"SR-1","date":"2026-03-22","customer":"C01","lines":[{"lineId":"1","item":"PUMP","quantity":"5","links":[{"to":"shipment/SH-1/1","quantity":"5"}]}]}
{"schema":"tieout/salesInvoice@1","book":"B1","source":"erp","sourceId":"SI-1","date":"2026-03-12","customer":"C01","currency":"CNY","lines":[{"lineId":"1","item":"PUMP","quantity":"30","price":"20.00","taxRate":"0.13","links":[{"to":"wms:shipment/SH-1/1","quantity":"30"}]}]}
{"schema":"tieout/salesInvoice@1","book":"B1","source":"erp","sourceId":"SI-2","credit":true,"date":"2026-03-22","customer":"C01","currency":"CNY","lines":[{"lineId":"1","item":"PUMP","quantity":"5","price":"20.00","taxRate":"0.13","links":[{"to":"wms:shipmentReturn/SR-1/1","quantity":"5"},{"to":"salesInvoice/SI-1/1","quantity":"5"}]}]}
{"schema":"tieout/cashReceipt@1","book":"B1","source":"fin","sourceId":"CR-1","date":"2026-03-30","customer":"C01","bankAccount":"BA1","currency":"CNY","amount":"565.00","fee":"1.00","links":[{"to":"erp:salesInvoice/SI-1","amount":"565.00"}]}
`.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown> & { schema: string });

const kindIn = (example: { schema: string }): string => /\/(\w+)@/.exec(example.schema)?.[1] ?? "";

test("every example of the documentation fits its schema", () => {
  const misfits = examples.flatMap((example) => {
    const validate = validators.get(kindIn(example));
    return validate?.(example) ? [] : [{ example: example.sourceId, errors: validate?.errors }];
  });
  assert.deepEqual(misfits, []);
});

test("schema and reader agree on what is malformed", () => {
  const spoilers: [string, (document: Record<string, unknown>) => void][] = [
    ["an unknown field", (document) => (document.colour = "red")],
    ["a missing date", (document) => delete document.date],
    ["a missing source", (document) => delete document.source],
    ["a float", (document) => (document.lines ? ((document.lines as Record<string, unknown>[])[0] ?? {}).quantity = 1.5 : (document.amount = 1.5))],
    ["a status that does not exist", (document) => (document.status = "open")],
    ["a link to nowhere", (document) => (document.links = [{ to: "nowhere" }])],
    ["no schema", (document) => delete document.schema],
    ["another version", (document) => (document.schema = `${String(document.schema).slice(0, -1)}2`)],
    ["a malformed date", (document) => (document.date = "2026-3-1")],
  ];
  for (const example of examples.filter((one) => Object.hasOwn(kinds, kindIn(one)))) {
    assert.equal(readDocument(example, "B1", "CNY").problems, undefined, String(example.sourceId));
    for (const [name, spoil] of spoilers) {
      const spoilt = structuredClone(example) as Record<string, unknown>;
      spoil(spoilt);
      assert.equal(validators.get(kindIn(example))?.(spoilt), false, `schema: ${String(example.sourceId)} with ${name}`);
      assert.ok(readDocument(spoilt, "B1", "CNY").problems, `reader: ${String(example.sourceId)} with ${name}`);
    }
  }
});

test("a cancelled document needs no lines", () => {
  const cancelled = { schema: "tieout/goodsReceipt@1", source: "wms", sourceId: "GR-1", sourceVersion: 2, date: "2026-03-05", supplier: "S01", status: "cancelled" };
  assert.ok(validators.get("goodsReceipt")?.(cancelled));
  assert.equal(readDocument(cancelled, "B1", "CNY").problems, undefined);
});

test("every property of every schema is described in both languages", () => {
  const poor = schemaNames().flatMap(({ kind }) => {
    const { properties } = schemaOf(kind) as { properties: Record<string, { description?: string }> };
    return Object.entries(properties).filter(([, { description = "" }]) => !/\p{Script=Han}.* · .*[A-Za-z]/u.test(description)).map(([name]) => `${kind}.${name}`);
  });
  assert.deepEqual(poor, []);
});
