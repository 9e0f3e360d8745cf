import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cashFlow, type CashVoucher } from "./cash-flow.ts";
import { loadPack, type Pack } from "./chart.ts";
import { type CashFlowStatement, coversAny } from "./layout.ts";
import { packIds, packsFolder } from "./packs.ts";
import type { StatementRow } from "./statement.ts";

const packs = packIds().map((id) => loadPack(packsFolder, id));
const general = packs.find((pack) => pack.id === "cas-general") ?? assert.fail("cas-general");
const small = packs.find((pack) => pack.id === "cas-small") ?? assert.fail("cas-small");
const layoutOf = (pack: Pack): CashFlowStatement => pack.statements.find((layout) => layout.measure === "cash") ?? assert.fail(pack.id);

/** A voucher as text: "1002 564.00 6603 1.00 1122.01 -565.00", debit positive. */
function voucher(text: string, kind = "manualVoucher"): CashVoucher {
  const words = text.split(" ");
  const lines = Array.from({ length: words.length / 2 }, (_, at) => ({ account: words[at * 2] as string, amount: BigInt((words[at * 2 + 1] as string).replace(".", "")) }));
  assert.equal(lines.reduce((sum, line) => sum + line.amount, 0n), 0n, text);
  return { kind, lines };
}

/** The rows that hold something, totals left out. */
function itemsOf(rows: readonly StatementRow[], pack: Pack): Record<string, bigint> {
  const flows = new Set(layoutOf(pack).rows.filter((row) => row.flow).map((row) => row.id));
  return Object.fromEntries(rows.flatMap((row) => (flows.has(row.id) && row.amount ? [[row.id, row.amount]] : [])));
}
const items = (...vouchers: CashVoucher[]): Record<string, bigint> => itemsOf(cashFlow(layoutOf(general), general.chart.accounts, vouchers, 0n), general);
const smallItems = (...vouchers: CashVoucher[]): Record<string, bigint> => itemsOf(cashFlow(layoutOf(small), small.chart.accounts, vouchers, 0n), small);

test("closing cash is opening cash and what the vouchers moved, whatever they are", () => {
  for (const pack of packs) {
    const layout = layoutOf(pack);
    const postable = pack.chart.accounts.filter((account) => account.postable).map((account) => account.code);
    const cash = postable.filter((code) => coversAny(layout.cash, code));
    const line = fc.record({ account: fc.oneof(fc.constantFrom(...postable, "1999"), fc.constantFrom(...cash)), amount: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }) });
    const anyVoucher = fc.tuple(fc.array(line, { minLength: 1, maxLength: 6 }), fc.constantFrom(...postable), fc.constantFrom("manualVoucher", "fxRevaluation")).map(([lines, account, kind]): CashVoucher =>
      ({ kind, lines: [...lines, { account, amount: -lines.reduce((sum, { amount }) => sum + amount, 0n) }] }));
    fc.assert(fc.property(fc.array(anyVoucher), fc.bigInt({ min: 0n, max: 10n ** 12n }), (vouchers, opening) => {
      const moved = vouchers.flatMap((each) => each.lines).filter((each) => coversAny(layout.cash, each.account)).reduce((sum, { amount }) => sum + amount, 0n);
      const rows = cashFlow(layout, pack.chart.accounts, vouchers, opening);
      assert.equal(rows.find((row) => row.id === "increase")?.amount, moved);
      assert.equal(rows.find((row) => row.id === "closingCash")?.amount, opening + moved);
    }));
  }
});

test("vouchers of one kind, direction and set of accounts may be added together first", () => {
  const one = voucher("1002 564.00 6603 1.00 1122.01 -565.00"), other = voucher("1002 100.00 6603 0.50 1122.01 -100.50"), both = voucher("1002 664.00 6603 1.50 1122.01 -665.50");
  assert.deepEqual(items(one, other), items(both));
});

test("a collection is what came in: fee, commission, discount and exchange difference are not cash", () => {
  assert.deepEqual(items(voucher("1002 564.00 6603 1.00 1122.01 -565.00")), { salesReceived: 56400n }); // case 01
  assert.deepEqual(items(voucher("1002 950.00 6601 47.17 2221.01.01 2.83 1122.01 -1000.00")), { salesReceived: 95000n }); // case 31
  assert.deepEqual(items(voucher("1002 8688.88 6603 -8.55 1122.01 -8680.33")), { salesReceived: 868888n }); // case 13
  assert.deepEqual(items(voucher("1002 1000.00 2204 -884.96 2221.06 -115.04")), { salesReceived: 100000n }); // case 14
  assert.deepEqual(items(voucher("1002 11300.00 6401 5400.00 1485 600.00 6001 -9000.00 2801 -1000.00 2221.01.02 -1300.00 1405 -6000.00"), voucher("2801 800.00 2221.01.02 104.00 1002 -904.00")), { salesReceived: 1039600n }); // case 17
});

test("a payment in foreign currency is what went out, and a refund lowers it", () => {
  assert.deepEqual(items(voucher("2202.01 28400.00 6603 200.00 1002 -28600.00")), { purchasesPaid: 2860000n }); // case 12
  assert.deepEqual(items(voucher("2202.01 1130.00 1002 -1130.00"), voucher("1002 113.00 2202.01 -113.00")), { purchasesPaid: 101700n }); // case 06
});

test("wages, the employees' insurance and income tax are cash paid for employees, in both months", () => {
  const paid = voucher("2211.01 100000.00 2241 -10500.00 2221.16 -1200.00 1002 -88300.00"), remitted = voucher("2211.03 16000.00 2241 10500.00 2221.16 1200.00 1002 -27700.00"); // case 45
  assert.deepEqual(items(paid), { staffPaid: 8830000n });
  assert.deepEqual(items(remitted), { staffPaid: 2770000n });
  assert.deepEqual(smallItems(paid, remitted), { staffPaid: 11600000n });
});

test("bank fees and interest go to other operating cash by the way the money went", () => {
  assert.deepEqual(items(voucher("6603 12.00 1002 -12.00"), voucher("1002 35.60 6603 -35.60")), { otherOperatingPaid: 1200n, otherOperatingReceived: 3560n });
});

test("interest on a loan is financing, a discounted note with recourse is a borrowing of what came in", () => {
  assert.deepEqual(items(voucher("1002 36281.00 6603 219.00 2001 -36500.00")), { borrowed: 3628100n }); // case 22
  assert.deepEqual(items(voucher("2001 10000.00 6603 250.00 1002 -10250.00")), { debtRepaid: 1000000n, dividendsInterestPaid: 25000n });
  assert.deepEqual(smallItems(voucher("2001 10000.00 5603 250.00 1002 -10250.00")), { debtRepaid: 1000000n, interestPaid: 25000n });
});

test("long-term assets bought and sold are investing, with their VAT", () => {
  assert.deepEqual(items(voucher("1601 12000.00 2221.01.01 1560.00 1002 -13560.00")), { assetsBought: 1356000n });
  assert.deepEqual(items(voucher("2202.03 13560.00 1002 -13560.00")), { assetsBought: 1356000n });
  assert.deepEqual(items(voucher("1002 12430.00 1606 -11000.00 2221.01.02 -1430.00")), { assetsSold: 1243000n }); // case 44
});

test("taxes paid are taxes, an export refund is a refund, and the small form has no line for it", () => {
  const taxes = "2221.09 439.00 2221.15 30.73 2221.19 13.17 2221.20 8.78 1002 -491.68"; // case 37
  assert.deepEqual(items(voucher(taxes), voucher("1002 130.00 1221.01 -130.00")), { taxesPaid: 49168n, taxRefunded: 13000n });
  assert.deepEqual(smallItems(voucher(taxes), voucher("1002 130.00 1221.01 -130.00")), { taxesPaid: 49168n, otherOperatingReceived: 13000n });
});

test("revaluation of a bank account is an effect of exchange rates, an opening balance and a transfer between banks are nothing", () => {
  assert.deepEqual(items(voucher("1002 480.00 6603 -480.00", "fxRevaluation"), voucher("1002 900.00 4104 -900.00", "openingBalance"), voucher("1012 3000.00 1002 -3000.00")), { fxOnCash: 48000n });
});

test("an account that the book added goes where its parent goes", () => {
  assert.deepEqual(items(voucher("2202.07 50.00 1002 -50.00")), { purchasesPaid: 5000n });
});
