import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, describe, test } from "node:test";
import { kinds, masterKinds, readDocument } from "../../documents/index.ts";
import { parseDecimal } from "../../values/index.ts";
import { type DemoRecord, defectsFor, generateDemo, generateMix, kindIn, mixOf, monthEndTasks, periodEndedBy, type PlantedDefect, refOf } from "./index.ts";

const options = { seed: 1, scale: 1, book: "DEMO", from: "2026-01", months: 12 } as const;
const small = { seed: 7, scale: 0.1, book: "DEMO", from: "2026-01", months: 4 } as const;

const decimal = (text: unknown): bigint => {
  const value = parseDecimal(String(text ?? "0"), 6);
  assert.notEqual(value, undefined, `not a decimal: ${String(text)}`);
  return value as bigint;
};
const isMaster = (record: DemoRecord): boolean => Object.hasOwn(masterKinds, kindIn(record));
const add = (sums: Map<string, bigint>, key: string, value: bigint): void => void sums.set(key, (sums.get(key) ?? 0n) + value);

function hashOf(records: Iterable<DemoRecord>): string {
  const hash = createHash("sha256");
  for (const record of records) hash.update(JSON.stringify(record));
  return hash.digest("hex");
}

test("the same seed makes the same company, another seed another", () => {
  const first = hashOf(generateDemo(small));
  assert.equal(hashOf(generateDemo(small)), first);
  assert.notEqual(hashOf(generateDemo({ ...small, seed: 8 })), first);
});

test("master records come first, then one opening balance, then documents", () => {
  const order = [...generateDemo(small)].map((record) => (isMaster(record) ? "m" : kindIn(record) === "openingBalance" ? "o" : "d")).join("");
  assert.match(order, /^m+od+$/);
});

test("a quarter's end posts depreciation, pay, provisions, revaluation, overhead, costs, taxes and the result, in this order", () => {
  const tasks = monthEndTasks(small, "2026-03").map((record) => [kindIn(record), record.task ?? record.type].filter((part) => part !== undefined).join(" "));
  const order = ["depreciation", "payrollSummary accrue", "adjustment researchExpensed", "provision badDebt", "fxRevaluation", "periodClose overhead", "costRun", "periodClose vat", "periodClose surtax", "periodClose incomeTax", "periodClose profitAndLoss"];
  assert.deepEqual(tasks.filter((task, i) => order.includes(task) && tasks.indexOf(task) === i), order);
});

test("after the record that ends a period nothing comes that is dated in it, but what comes late", () => {
  const ended: string[] = [];
  let late = 0;
  for (const record of generateDemo(small)) {
    if (ended.includes(String(record.date).slice(0, 7))) late += 1;
    const period = periodEndedBy(record);
    if (period !== undefined) ended.push(period);
  }
  assert.deepEqual(ended, ["2026-01", "2026-02", "2026-03", "2026-04"]);
  assert.ok(late < 20, String(late));
});

describe("a year at scale 1", () => {
  let records: DemoRecord[] = [];
  let documents: DemoRecord[] = [];
  let planted: readonly PlantedDefect[] = [];
  /** Documents that are wrong on purpose and do not post. */
  let defective = new Set<string>();

  before(() => {
    records = [...generateDemo(options)];
    documents = records.filter((record) => !isMaster(record));
    planted = defectsFor(options);
    defective = new Set(planted.filter(({ expected }) => expected !== "posted").map((defect) => defect.documents[0] as string));
  });

  test("it has 45,000 to 55,000 documents", () => {
    assert.ok(documents.length > 45_000 && documents.length < 55_000, String(documents.length));
  });

  test("every kind of document and master record occurs", () => {
    const seen = new Set(records.map(kindIn));
    assert.deepEqual([...Object.keys(kinds), ...Object.keys(masterKinds)].filter((kind) => !seen.has(kind)), []);
  });

  test("the four source systems send documents", () => {
    assert.deepEqual([...new Set(documents.map(({ source }) => source))].sort(), ["crm", "erp", "fin", "wms"]);
  });

  test("every document is read without a problem, and doubted only where a defect was planted", () => {
    const doubted: string[] = [];
    for (const document of documents) {
      const reading = readDocument(document, "DEMO", "CNY");
      assert.equal(reading.problems, undefined, `${refOf(document)} ${JSON.stringify(reading.problems)}`);
      if (reading.document !== undefined && reading.doubts.length > 0) doubted.push(refOf(document));
    }
    assert.deepEqual(doubted, planted.filter(({ cause, expected }) => cause === "rounding" && expected === "parked").map((defect) => defect.documents[0]));
  });

  test("no figure is a float: numbers are counts and versions, everything else is text", () => {
    const visit = (value: unknown): void => {
      if (typeof value === "number") assert.ok(Number.isSafeInteger(value) && value >= 0, String(value));
      else if (Array.isArray(value)) value.forEach(visit);
      else if (value !== null && typeof value === "object") Object.values(value).forEach(visit);
      else assert.notEqual(value, undefined);
    };
    records.forEach(visit);
  });

  test("every code but the planted ones is explained by a master record that came before", () => {
    const known = new Map<string, Set<string>>();
    const unknown: string[] = [];
    const plantedCodes = new Set(planted.filter(({ cause }) => cause === "unknownCode").map((defect) => defect.documents[0]));
    const see = (record: DemoRecord, kind: string, code: unknown): void => {
      if (code !== undefined && !known.get(kind)?.has(String(code)) && !plantedCodes.has(refOf(record))) unknown.push(`${refOf(record)} ${kind} ${String(code)}`);
    };
    for (const record of records) {
      if (isMaster(record)) {
        known.set(kindIn(record), (known.get(kindIn(record)) ?? new Set()).add(record.sourceId));
        continue;
      }
      for (const kind of ["supplier", "customer", "employee", "department", "project", "region", "warehouse", "bankAccount"]) see(record, kind, record[kind]);
      see(record, "employee", record.salesperson);
      see(record, "employee", record.buyer);
      for (const line of record.lines ?? []) for (const kind of ["item", "department", "project", "warehouse", "employee", "bankAccount"]) see(record, kind, line[kind]);
    }
    assert.deepEqual(unknown, []);
  });

  test("no document number and no invoice number is used twice, except where planted", () => {
    const versions = new Set<string>();
    const invoices = new Map<string, string>();
    for (const document of documents) {
      const version = `${refOf(document)} ${document.sourceVersion ?? 1}`;
      assert.ok(!versions.has(version), version);
      versions.add(version);
      if (document.invoiceNumber === undefined) continue;
      const number = String(document.invoiceNumber);
      const owner = invoices.get(number);
      assert.ok(owner === undefined || owner === refOf(document), `${number} of ${owner} and ${refOf(document)}`);
      invoices.set(number, refOf(document));
    }
  });

  test("the opening balance balances, the day before the first period", () => {
    const opening = documents[0] as DemoRecord;
    assert.equal(opening.date, "2025-12-31");
    let sum = 0n;
    for (const line of opening.lines ?? []) sum += decimal(line.debit) - decimal(line.credit);
    assert.equal(sum, 0n);
  });

  test("every link points at something that arrives, and links conserve at both ends", () => {
    const lines = new Map<string, bigint>();
    const known = new Set<string>();
    for (const document of documents) {
      known.add(refOf(document));
      for (const line of document.lines ?? []) {
        if (kindIn(document) === "openingBalance") {
          // An old document is named without its source.
          const [kind, id] = String(line.document ?? "").split("/");
          for (const source of ["erp", "fin", "wms"]) {
            known.add(`${source}:${kind}/${id}`);
            if (line.document !== undefined && line.quantity !== undefined) lines.set(`${source}:${String(line.document)}`, decimal(line.quantity));
          }
        }
        // The last version counts.
        if (line.quantity !== undefined) lines.set(`${refOf(document)}/${line.lineId}`, document.status === "cancelled" ? 0n : decimal(line.quantity));
      }
    }
    const last = new Map<string, DemoRecord>();
    for (const document of documents) last.set(refOf(document), document);
    const linked = new Map<string, bigint>();
    const dangling: string[] = [];
    for (const document of last.values()) {
      if (document.status === "cancelled" || defective.has(refOf(document))) continue;
      const target = (to: string): string => {
        const [head, id] = to.split("/");
        if (!known.has(`${head}/${id}`)) dangling.push(`${refOf(document)} → ${to}`);
        return to;
      };
      for (const link of document.links ?? []) target(link.to);
      for (const line of document.lines ?? []) {
        const own = new Map<string, bigint>();
        for (const link of line.links ?? []) {
          const to = target(link.to);
          if (link.quantity === undefined) continue;
          const kind = `${kindIn(document)}${document.credit === true ? " credit" : ""}`;
          add(linked, `${to} ← ${kind}`, decimal(link.quantity));
          add(own, to.slice(0, to.indexOf("/")), decimal(link.quantity));
        }
        for (const [kind, sum] of own) assert.ok(sum <= decimal(line.quantity), `${refOf(document)}/${line.lineId} links ${sum} to ${kind}`);
      }
    }
    assert.deepEqual(dangling, []);
    for (const [key, sum] of linked) {
      const to = key.slice(0, key.indexOf(" ← "));
      assert.ok(sum <= (lines.get(to) ?? 0n), `${key}: ${sum} of ${lines.get(to)}`);
    }
  });

  test("what returned and what was invoiced of a receipt or shipment is never more than came or went", () => {
    const moved = new Map<string, bigint>();
    const taken = new Map<string, bigint>();
    for (const document of documents) {
      const kind = kindIn(document);
      if (defective.has(refOf(document)) || document.credit === true) continue;
      if (kind === "goodsReceipt" || kind === "shipment") for (const line of document.lines ?? []) moved.set(`${refOf(document)}/${line.lineId}`, document.status === "cancelled" ? 0n : decimal(line.quantity));
      // A return before the invoice lowers the invoice; one after it has a red invoice, so only the first kind counts here.
      if (kind === "supplierInvoice" || kind === "salesInvoice") for (const line of document.lines ?? []) for (const link of line.links ?? []) if (link.quantity !== undefined && !link.to.includes("/O")) add(taken, link.to, decimal(link.quantity));
    }
    for (const [to, sum] of taken) if (moved.has(to)) assert.ok(sum <= (moved.get(to) as bigint), to);
  });

  test("payments, settlements, notes and red invoices never clear more than is open at that moment, nor in another currency", () => clearAll(documents, defective));

  test("stock never falls below zero in the order of arrival", () => {
    const stock = new Map<string, bigint>();
    const boxes = new Map<string, bigint>();
    const posted = new Map<string, DemoRecord>();
    const move = (document: DemoRecord, sign: bigint): void => {
      const kind = kindIn(document);
      const credit = document.credit === true ? -1n : 1n;
      for (const line of document.lines ?? []) {
        const item = String(line.item);
        const quantity = decimal(line.quantity) * (line.unit === "box" ? (boxes.get(item) as bigint) : 1n);
        const shift = (warehouse: unknown, by: bigint): void => {
          const key = `${item} ${String(warehouse)}`;
          add(stock, key, by);
          assert.ok((stock.get(key) as bigint) >= 0n, `${refOf(document)} leaves ${stock.get(key)} of ${key}`);
        };
        const at = line.warehouse ?? document.warehouse;
        if (kind === "openingBalance" && line.item !== undefined && line.warehouse !== undefined) shift(at, quantity);
        if (kind === "goodsReceipt" || kind === "finishedReceipt" || kind === "shipmentReturn" || kind === "subcontractReceipt") shift(at, sign * quantity);
        if (kind === "goodsReturn" || kind === "shipment" || kind === "subcontractIssue") shift(at, -sign * quantity);
        if (kind === "productionIssue") shift(at, -sign * credit * quantity);
        if (kind === "stockCount") shift(at, line.difference === "gain" ? quantity : -quantity);
        if (kind === "transfer") {
          shift(document.fromWarehouse, -quantity);
          shift(document.toWarehouse, quantity);
        }
      }
    };
    for (const record of records) {
      if (kindIn(record) === "item" && Array.isArray(record.units)) for (const each of record.units) if ("quantity" in each) boxes.set(record.sourceId, BigInt(String(each.quantity)));
      if (isMaster(record) || defective.has(refOf(record))) continue;
      const before = posted.get(refOf(record));
      if (before !== undefined && record.status !== "cancelled") {
        // The difference is what moves; going through zero would be another thing.
        const difference = differenceOf(before, record);
        move(difference.more, 1n);
        move(difference.less, -1n);
      } else move(before ?? record, before === undefined ? 1n : -1n);
      posted.set(refOf(record), record);
    }
  });

  test("one to three documents in a hundred are revised, cancelled, or arrive before what they point at", () => {
    const percent = Number(mixOf(records).outOfOrderPercent);
    assert.ok(percent >= 1 && percent <= 3, String(percent));
    assert.ok(documents.some((document) => document.status === "cancelled"));
  });

  test("a few documents are dated in the month before they arrive", () => {
    let latest = "";
    let late = 0;
    const wrong = new Set(planted.filter(({ cause }) => cause === "wrongPeriod").map((defect) => defect.documents[0]));
    for (const document of documents) {
      if (wrong.has(refOf(document))) continue;
      const period = String(document.date).slice(0, 7);
      if (period < latest) late += 1;
      else latest = period;
    }
    assert.ok(late >= 10 && late < 500, String(late));
  });

  test("orders are split and merged: some invoices link several shipments, some shipments several orders", () => {
    const heads = (document: DemoRecord, kind: string): number => new Set((document.lines ?? []).flatMap((line) => line.links ?? []).filter(({ to }) => to.includes(`:${kind}/`)).map(({ to }) => to.split("/")[1])).size;
    const many = (kind: string, target: string): number => documents.filter((document) => kindIn(document) === kind && heads(document, target) > 1).length;
    assert.ok(many("salesInvoice", "shipment") > 100);
    assert.ok(many("shipment", "salesOrder") > 100);
    assert.ok(many("supplierInvoice", "goodsReceipt") > 100);
    assert.ok(documents.some((document) => kindIn(document) === "salesInvoice" && (document.lines ?? []).some((line) => (line.links?.length ?? 0) > 1)));
  });

  test("vouchers by hand and openings carry only balanced lines", () => {
    for (const document of documents.filter((each) => kindIn(each) === "manualVoucher"))
      assert.equal((document.lines ?? []).reduce((sum, line) => sum + decimal(line.debit) - decimal(line.credit), 0n), 0n, refOf(document));
  });

  test("about forty defects of twenty causes are planted, and they name documents that exist", () => {
    const known = new Set(documents.map(refOf));
    for (const line of documents[0]?.lines ?? []) if (line.document !== undefined) known.add(`erp:${String(line.document)}`);
    assert.ok(planted.length >= 38 && planted.length <= 55, String(planted.length));
    assert.equal(new Set(planted.map(({ cause }) => cause)).size, 20);
    assert.equal(new Set(planted.map(({ id }) => id)).size, planted.length);
    for (const defect of planted) {
      const [first, second] = defect.documents;
      assert.ok(known.has(first as string), JSON.stringify(defect));
      if (second !== undefined) assert.equal(known.has(second), defect.expected !== "waiting", JSON.stringify(defect));
      assert.match(defect.amount, /^\d+\.\d\d$/);
      assert.notEqual(decimal(defect.amount), 0n, defect.id);
      assert.ok(!/\{/.test(defect.zh + defect.en), defect.zh);
    }
  });
});

/** Replays what is open and what clears it, in the order of arrival. */
function clearAll(documents: readonly DemoRecord[], defective: ReadonlySet<string>): void {
  const open = new Map<string, bigint>();
  const currencies = new Map<string, string>();
  const clear = (document: DemoRecord, to: string, amount: bigint): void => {
    if (!open.has(to)) return assert.ok(to.includes("Order/"), `${refOf(document)} clears ${to}, which is not there`);
    assert.equal(document.currency ?? "CNY", currencies.get(to), `${refOf(document)} clears ${to}`);
    open.set(to, (open.get(to) as bigint) - amount);
    assert.ok((open.get(to) as bigint) >= 0n, `${refOf(document)} clears ${amount} of ${to}, too much`);
  };
  for (const document of documents) {
    const kind = kindIn(document);
    const gross = (document.lines ?? []).reduce((sum, line) => sum + decimal(line.amountNet) + decimal(line.tax), 0n);
    if (kind === "openingBalance") for (const line of document.lines ?? []) if (line.document !== undefined) for (const source of ["erp", "fin", "wms"]) {
      open.set(`${source}:${String(line.document)}`, decimal(line.amountOriginal ?? line.debit ?? line.credit));
      currencies.set(`${source}:${String(line.document)}`, String(line.currency ?? "CNY"));
    }
    if (defective.has(refOf(document))) continue;
    let mine = gross > 0n ? gross - decimal(document.fee) - decimal(document.feeTax) : decimal(document.amount);
    const original = document.lines?.flatMap((line) => line.links ?? []).find(({ to }) => to.includes(":salesInvoice/") || to.includes(":supplierInvoice/"));
    if (document.credit === true && original !== undefined && kind.endsWith("Invoice")) {
      // A red invoice clears what is still open of the first one; the rest is paid back.
      const first = original.to.split("/").slice(0, 2).join("/");
      const cleared = (open.get(first) as bigint) < mine ? (open.get(first) as bigint) : mine;
      clear(document, first, cleared);
      mine -= cleared;
    }
    if (kind !== "openingBalance" && mine > 0n) {
      open.set(refOf(document), mine);
      currencies.set(refOf(document), String(document.currency ?? "CNY"));
    }
    if (document.type === "recovered") continue;
    for (const link of document.links ?? []) if (link.amount !== undefined) clear(document, link.to, decimal(link.amount));
  }
}

/** Two documents that together take `before` to `after`: per line what came on top and what fell away. */
function differenceOf(before: DemoRecord, after: DemoRecord): { more: DemoRecord; less: DemoRecord } {
  const side = (from: DemoRecord, to: DemoRecord): DemoRecord => ({
    ...to, lines: (to.lines ?? []).map((line) => {
      const other = (from.lines ?? []).find((each) => each.lineId === line.lineId && each.item === line.item);
      const difference = decimal(line.quantity) - decimal(other?.quantity);
      return { ...line, quantity: difference > 0n ? formatSix(difference) : "0" };
    }) });
  return { more: side(before, after), less: side(after, before) };
}
const formatSix = (value: bigint): string => `${value / 1_000_000n}.${String(value % 1_000_000n).padStart(6, "0")}`;

test("the mix has exactly as many documents as asked for, few master data and nothing planted", () => {
  const records = [...generateMix({ seed: 3, documents: 5000, book: "BENCH" })];
  const after = records.slice(records.findIndex((record) => kindIn(record) === "openingBalance") + 1);
  assert.equal(after.length, 5000);
  const count = (kind: string): number => records.filter((record) => kindIn(record) === kind).length;
  assert.equal(count("customer"), 200);
  assert.ok(Math.abs(count("item") - 200) < 30 && Math.abs(count("supplier") - 100) < 5);
  for (const record of after) {
    const reading = readDocument(record, "BENCH", "CNY");
    assert.deepEqual(reading.problems ?? reading.doubts, [], refOf(record));
  }
});

test("the mix has the shares of the demo", () => {
  const demo = mixOf(generateDemo(options)).byKind;
  const mix = mixOf(generateMix({ seed: 3, documents: 40_000, book: "BENCH" })).byKind;
  for (const kind of ["salesOrder", "shipment", "salesInvoice", "cashReceipt", "goodsReceipt", "supplierInvoice", "productionIssue"]) {
    const one = Number(demo[kind]?.sharePercent), other = Number(mix[kind]?.sharePercent);
    assert.ok(Math.abs(one - other) < 3, `${kind}: ${one} % in the demo, ${other} % in the mix`);
  }
});

test("another company at another scale and another first month stands as well", () => {
  for (const seed of [5, 6, 7]) clearAll([...generateDemo({ ...options, seed, scale: 0.5, defects: false })].filter((record) => !isMaster(record)), new Set());
  for (const scale of [0.05, 3]) for (const from of ["2027-07"]) assert.ok(mixOf(generateDemo({ seed: 99, scale, book: "X", from, months: 3 })).documents > 100);
});
