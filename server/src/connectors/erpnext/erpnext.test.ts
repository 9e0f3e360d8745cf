import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, systemClock } from "../../platform/index.ts";
import { acceptSource, readSource, type Read, type Sample } from "../acceptance.ts";
import type { States } from "../connector.ts";
import { erpnext, erpnextStreams, type ErpnextConfig } from "./erpnext.ts";
import { standInKey, startErpnextStandIn, type ErpnextDocument, type ErpnextStandIn } from "./stand-in.ts";

const ctx = { now: systemClock, log: silentLog };
const read = (config: ErpnextConfig, states: States = new Map()): Promise<Read> => readSource(erpnext, config, states, { ctx, quietMs: 100, acks: true });
const moment = (tick: number): string => `2026-03-01 08:${String(Math.floor(tick / 60)).padStart(2, "0")}:${String(tick % 60).padStart(2, "0")}.${String((tick * 37) % 1_000_000).padStart(6, "0")}`;

acceptSource({
  source: erpnext,
  make: async () => {
    const standIn = await startErpnextStandIn();
    standIn.documents["Sales Invoice"] = [];
    let tick = 0;
    const config: ErpnextConfig = { url: standIn.url, ...standInKey, pageSize: 10, overlap: 5, streams: { invoices: { doctype: "Sales Invoice", filters: [["docstatus", ">", 0]] } } };
    const put = (samples: readonly Sample[]): Promise<void> => {
      for (const { id, name, amount } of samples) {
        const rows = standIn.documents["Sales Invoice"] as ErpnextDocument[];
        standIn.documents["Sales Invoice"] = [...rows.filter((row) => row.name !== `SINV ${id}/a`), { name: `SINV ${id}/a`, modified: moment(tick++), docstatus: 1, customer: name, grand_total: `float:${amount}`, items: [{ item_code: "A", qty: `float:${amount}` }] }];
      }
      return Promise.resolve();
    };
    return {
      config, stream: "invoices", insert: put, update: put, close: standIn.close,
      keyOf: (id) => `SINV ${id}/a`,
      sampleOf: (row) => ({ id: Number(/\d+/.exec(String(row.name))?.[0]), name: String(row.customer), amount: String((row.items as readonly { qty: string }[])[0]?.qty) }),
      broken: {
        auth: { ...config, secret: "wrong" },
        network: { ...config, url: "http://127.0.0.1:1" },
        config: { ...config, streams: { invoices: { doctype: "No Such Thing" } } },
      },
      types: () => {
        standIn.documents.Kind = [{ name: "K1", modified: moment(1), code: "00123", small: 7, exact: "float:12345678901234567.89", none: null, lines: [{ idx: 1, rate: "float:0.10" }] }];
        return Promise.resolve({ config: { ...config, streams: { kinds: { doctype: "Kind" } } }, stream: "kinds", rows: [{ doctype: "Kind", name: "K1", modified: moment(1), code: "00123", small: 7, exact: "12345678901234567.89", none: null, lines: [{ idx: 1, rate: "0.10" }] }] });
      },
    };
  },
});

async function withInvoices(t: { after: (work: () => unknown) => void }, count: number, modified: (at: number) => string = moment): Promise<{ standIn: ErpnextStandIn; config: ErpnextConfig }> {
  const standIn = await startErpnextStandIn();
  t.after(standIn.close);
  standIn.documents["Sales Invoice"] = Array.from({ length: count }, (_, at) => ({ name: `SINV-${String(at + 1).padStart(4, "0")}`, modified: modified(at), docstatus: 1, items: [] }));
  return { standIn, config: { url: standIn.url, ...standInKey, pageSize: 10, streams: { salesInvoices: erpnextStreams.salesInvoices as NonNullable<(typeof erpnextStreams)[string]> } } };
}

test("a mass update, many pages of one instant, is read whole, even while documents leave it", async (t) => {
  const { standIn, config } = await withInvoices(t, 45, () => moment(5));
  standIn.before = (call) => {
    if (call === 13) (standIn.documents["Sales Invoice"] as ErpnextDocument[])[2] = { name: "SINV-0003", modified: moment(90), docstatus: 1, items: [] };
  };
  const { records } = await read(config);
  assert.equal(new Set(records.map(({ key }) => key)).size, 45);
});

test("only documents that changed are fetched whole, with the moment if the site's zone is known", async (t) => {
  const { standIn, config } = await withInvoices(t, 25);
  const before = await read({ ...config, utcOffset: "+08:00" });
  assert.deepEqual([before.records.length, before.records[0]?.at], [25, "2026-03-01T00:00:00.000Z"]);
  standIn.calls.length = 0;
  assert.equal((await read(config, before.states)).records.length, 0);
  assert.deepEqual(standIn.calls.filter((call) => !call.includes("?")), []);
});

test("a draft is not read; what is cancelled comes again; what was deleted between list and fetch is kept as bad", async (t) => {
  const { standIn, config } = await withInvoices(t, 3);
  const rows = standIn.documents["Sales Invoice"] as ErpnextDocument[];
  (rows[0] as ErpnextDocument).docstatus = 0;
  const before = await read(config);
  assert.deepEqual(before.records.map(({ key }) => key), ["SINV-0002", "SINV-0003"]);
  Object.assign(rows[1] as ErpnextDocument, { docstatus: 2, modified: moment(60) });
  Object.assign(rows[2] as ErpnextDocument, { modified: moment(61) });
  const calls = standIn.calls.length;
  standIn.before = (call) => {
    if (call === calls + 2) rows.splice(2, 1);
  };
  const after = await read(config, before.states);
  assert.deepEqual(after.records.map(({ key, row }) => [key, row?.docstatus]), [["SINV-0002", 2]]);
  assert.deepEqual(after.messages.flatMap((message) => (message.is === "bad" ? [message.key] : [])), ["SINV-0003"]);
});

test("ERPNext's errors are told apart and repeated in its own words", async (t) => {
  const { standIn, config } = await withInvoices(t, 1);
  standIn.forbidden.add("Sales Invoice");
  const failures = async (changed: Partial<ErpnextConfig>): Promise<unknown> => (await erpnext.check({ ...config, ...changed }, ctx)).map(({ failure, problem }) => [failure, problem.code, problem.facts.message ?? ""]);
  assert.deepEqual(await failures({}), [["permission", "erpnext.forbidden", "Insufficient Permission for Sales Invoice"]]);
  standIn.forbidden.clear();
  assert.deepEqual(await failures({ secret: "wrong" }), [["auth", "rest.login_refused", ""]]);
  assert.deepEqual(await failures({ streams: { x: { doctype: "Sales Invoice", filters: [["nothing", "=", 1]] } } }), [["config", "erpnext.refused", "Field not permitted in query: nothing"]]);
});
