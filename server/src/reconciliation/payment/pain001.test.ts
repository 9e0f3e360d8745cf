import assert from "node:assert/strict";
import { test } from "node:test";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { type PaymentBatch, writePain001 } from "./pain001.ts";

const batch: PaymentBatch = {
  messageId: "PB-20260318-1", madeAt: "2026-03-18T08:00:00.000Z", executeOn: "2026-03-19", currency: "CNY", from: { name: "澄江泵业 & 子公司", account: "6200000000000000011", bank: "102100099996" },
  orders: [
    { endToEndId: "PAY-1", to: { name: "宁波远泰钢铁", account: "6222 0001", bank: "ICBKCNBJ" }, amount: 37_968_000n, currency: "CNY", remittance: "CF-2603-0239 <钢板>" },
    { endToEndId: "PAY-2", to: { name: "绍兴越达运输", account: "6222 0002", bank: "105100000017" }, amount: 1n, currency: "CNY", remittance: "" },
  ],
};
type Node = Record<string, unknown>;
const read = (xml: string): Node => new XMLParser({ ignoreAttributes: false, parseTagValue: false, isArray: (name) => name === "CdtTrfTxInf" }).parse(xml) as Node;
const at = (node: unknown, path: string): unknown => path.split("/").reduce<unknown>((value, name) => (value as Node | undefined)?.[name], node);

test("counts and control sums are those of the payments, in both versions, and what banks read differently is written differently", () => {
  for (const version of ["pain.001.001.03", "pain.001.001.09"] as const) {
    const xml = writePain001(batch, version);
    assert.equal(XMLValidator.validate(xml), true);
    const body = at(read(xml), "Document/CstmrCdtTrfInitn");
    assert.deepEqual([at(body, "GrpHdr/NbOfTxs"), at(body, "GrpHdr/CtrlSum"), at(body, "PmtInf/CtrlSum")], ["2", "379680.01", "379680.01"]);
    const [first, second] = at(body, "PmtInf/CdtTrfTxInf") as Node[];
    assert.deepEqual([at(first, "PmtId/EndToEndId"), at(first, "Amt/InstdAmt/#text"), at(first, "RmtInf/Ustrd"), at(second, "RmtInf")], ["PAY-1", "379680.00", "CF-2603-0239 <钢板>", undefined]);
    assert.deepEqual([at(first, `CdtrAgt/FinInstnId/${version.endsWith("09") ? "BICFI" : "BIC"}`), at(second, "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId")], ["ICBKCNBJ", "105100000017"]);
    assert.equal(version.endsWith("09") ? at(body, "PmtInf/ReqdExctnDt/Dt") : at(body, "PmtInf/ReqdExctnDt"), "2026-03-19");
    assert.equal(at(body, "PmtInf/Dbtr/Nm"), "澄江泵业 & 子公司");
  }
});

test("writing a batch again gives the same bytes", () => assert.equal(writePain001(batch, "pain.001.001.09"), writePain001(structuredClone(batch), "pain.001.001.09")));

test("an empty batch, an amount of nothing, mixed currencies and an id used twice are not written", () => {
  const [first] = batch.orders as [PaymentBatch["orders"][number]];
  for (const orders of [[], [{ ...first, amount: 0n }], [first, { ...first, endToEndId: "PAY-3", currency: "USD" }], [first, first], [{ ...first, endToEndId: "x".repeat(36) }]]) assert.throws(() => writePain001({ ...batch, orders }, "pain.001.001.03"), RangeError);
});
