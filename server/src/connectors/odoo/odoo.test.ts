import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, systemClock } from "../../platform/index.ts";
import { acceptSource, readSource, type Read, type Sample } from "../acceptance.ts";
import type { FlowFault, Row, States } from "../connector.ts";
import { odoo, type OdooConfig } from "./odoo.ts";
import { odoo18, standInLogin, startOdooStandIn, type OdooRow, type OdooStandIn } from "./stand-in.ts";

const ctx = { now: systemClock, log: silentLog };
const read = (config: OdooConfig, states: States = new Map()): Promise<Read> => readSource(odoo, config, states, { ctx, quietMs: 100, acks: true });
const start = 1_772_323_200_000_000n;

for (const api of ["json-rpc", "json-2"] as const) {
  acceptSource({
    source: { ...odoo, name: `odoo over ${api}` },
    make: async () => {
      const standIn = await startOdooStandIn();
      standIn.rows["res.partner"] = [];
      standIn.fields["res.partner"] = { name: "char", credit: "monetary", parent_id: "many2one" };
      let tick = start;
      const config: OdooConfig = { url: standIn.url, ...standInLogin, api, pageSize: 10, overlap: 2, streams: { partners: { model: "res.partner", fields: ["name", "credit"] } } };
      const put = (samples: readonly Sample[]): Promise<void> => {
        const rows = standIn.rows["res.partner"] as { id: number }[];
        for (const { id, name, amount } of samples) {
          const at = rows.findIndex((row) => row.id === id);
          const row = { id, name, credit: amount, writtenAt: (tick += 700_000n) };
          if (at < 0) rows.push(row);
          else rows[at] = row;
        }
        return Promise.resolve();
      };
      return {
        config, stream: "partners", insert: put, update: put, close: standIn.close,
        sampleOf: (row) => ({ id: Number(row.id), name: String(row.name), amount: String(row.credit) }),
        broken: {
          auth: { ...config, key: "wrong" },
          network: { ...config, url: "http://127.0.0.1:1" },
          config: { ...config, streams: { partners: { model: "res.partner", fields: ["no_such_field"] } } },
        },
        types: () => {
          standIn.rows["x.kind"] = [{ id: 1, writtenAt: start, name: "00123", rate: "0.1", big: "12345678901234567.89", none: false, partner: 7, tags: [3, 4] }];
          standIn.fields["x.kind"] = { name: "char", rate: "float", big: "float", none: "char", partner: "many2one", empty: "many2one", tags: "many2many" };
          return Promise.resolve({
            config: { ...config, streams: { kinds: { model: "x.kind", fields: ["name", "rate", "big", "none", "partner", "empty", "tags"] } } }, stream: "kinds",
            rows: [{ id: 1, write_date: "2026-03-01 00:00:00", name: "00123", rate: "0.1", big: "12345678901234567.89", none: false, partner: [7, "#7"], empty: false, tags: [3, 4] }],
          });
        },
      };
    },
  });
}

/** An order with two lines, in the form of the shipped streams. */
async function withOrders(t: { after: (work: () => unknown) => void }): Promise<{ standIn: OdooStandIn; config: OdooConfig }> {
  const standIn = await startOdooStandIn();
  t.after(standIn.close);
  for (const model of ["sale.order", "sale.order.line"]) standIn.fields[model] = { ...odoo18[model] };
  standIn.rows["sale.order"] = [{ id: 1, writtenAt: start, name: "S00001", partner_id: 7, state: "sale", amount_total: "11300", order_line: [11, 12] }];
  standIn.rows["sale.order.line"] = [
    { id: 11, writtenAt: start, order_id: 1, product_id: 5, name: "A", product_uom_qty: "10", price_unit: "1000", tax_id: [1] },
    { id: 12, writtenAt: start, order_id: 1, product_id: 6, name: "B", product_uom_qty: "0.5", price_unit: "0.005", tax_id: [] },
  ];
  return { standIn, config: { url: standIn.url, ...standInLogin, overlap: 300, streams: { salesOrders: "ready" } } };
}

test("an order is read with its lines in place of their ids, figures with the digits that came", async (t) => {
  const { config } = await withOrders(t);
  const [record] = (await read(config)).records;
  assert.deepEqual([record?.key, record?.at, record?.position], ["1", "2026-03-01T00:00:00.000Z", "2026-03-01 00:00:00"]);
  assert.deepEqual([record?.row?.partner_id, record?.row?.amount_total, record?.row?.client_order_ref], [[7, "#7"], "11300.0", false]);
  assert.deepEqual((record?.row?.order_line as readonly { price_unit: string }[]).map(({ price_unit }) => price_unit), ["1000.0", "0.005"]);
});

test("an order whose line alone changed is read again, though its own date did not move", async (t) => {
  const { standIn, config } = await withOrders(t);
  const before = await read(config);
  const line = standIn.rows["sale.order.line"]?.[1] as OdooRow;
  line.qty_delivered = "0.5";
  line.writtenAt = start + 3_600_000_000n;
  const after = await read(config, before.states);
  assert.deepEqual(after.records.map(({ key, position }) => [key, position]), [["1", "2026-03-01 01:00:00"]]);
  assert.deepEqual((after.records[0]?.row?.order_line as readonly { qty_delivered: string }[])[1]?.qty_delivered, "0.5");
});

test("a transaction that began earlier and committed later is found by the overlap", async (t) => {
  const { standIn, config } = await withOrders(t);
  standIn.rows["sale.order"]?.push({ id: 2, writtenAt: start + 60_000_000n, name: "S00002", order_line: [] });
  const before = await read(config);
  standIn.rows["sale.order"]?.push({ id: 3, writtenAt: start + 30_000_000n, name: "S00003", order_line: [] });
  assert.deepEqual((await read(config, before.states)).records.map(({ key }) => key), ["3"]);
});

test("a second that fills many pages is read whole, even while rows leave it", async (t) => {
  const { standIn, config } = await withOrders(t);
  standIn.rows["sale.order"] = Array.from({ length: 53 }, (_, at) => ({ id: at + 1, writtenAt: start + 1_000_000n + BigInt(at), name: `S${at}`, order_line: [] }));
  let isMoved = false;
  standIn.before = () => {
    const rows = standIn.rows["sale.order"] as { id: number; writtenAt: bigint }[];
    if (standIn.calls.filter((call) => call === "sale.order.search_read").length !== 3 || isMoved) return;
    isMoved = true;
    (rows[2] as { writtenAt: bigint }).writtenAt = start + 9_000_000n;
  };
  const { records } = await read({ ...config, pageSize: 10 });
  assert.equal(new Set(records.map(({ key }) => key)).size, 53);
});

test("a field that only some versions have is read where it is; one that decides the meaning is missed", async (t) => {
  const { standIn, config } = await withOrders(t);
  const line = standIn.fields["sale.order.line"] as Record<string, string>;
  delete line.product_uom; // as from 19 on
  delete line.tax_id;
  Object.assign(line, { product_uom_id: "many2one", tax_ids: "many2many" });
  Object.assign(standIn.rows["sale.order.line"]?.[0] as OdooRow, { product_uom_id: 3, tax_ids: [1] });
  const [record] = (await read(config)).records;
  const [first] = record?.row?.order_line as readonly Row[];
  assert.deepEqual([first?.product_uom_id, first?.tax_ids, Object.hasOwn(first as Row, "product_uom")], [[3, "#3"], [1], false]);
  assert.deepEqual(await odoo.check(config, ctx), []);

  delete line.price_tax;
  const problems = (await odoo.check(config, ctx)).map(({ failure, problem }) => [failure, problem.code, problem.facts.model, problem.facts.field]);
  assert.deepEqual(problems, [["config", "odoo.no_field", "sale.order.line", "price_tax"]]);
  await assert.rejects(read(config), (error: FlowFault) => error.problem.code === "odoo.no_field");
  assert.deepEqual((await odoo.check({ ...config, streams: { orders: "ready" } }, ctx)).map(({ problem }) => problem.code), ["odoo.no_stream"]);
});

test("Odoo's errors are told apart, though they all come with HTTP 200", async (t) => {
  const { standIn, config } = await withOrders(t);
  standIn.forbidden.add("sale.order.line");
  const failures = async (changed: Partial<OdooConfig>): Promise<unknown> => (await odoo.check({ ...config, ...changed }, ctx)).map(({ failure, problem }) => [failure, problem.code]);
  assert.deepEqual(await failures({}), [["permission", "odoo.forbidden"]]);
  assert.deepEqual(await failures({ key: "wrong" }), [["auth", "odoo.login_refused"]]);
  assert.deepEqual(await failures({ api: "json-2", key: "wrong" }), [["auth", "odoo.login_refused"]]);
  assert.deepEqual(await failures({ api: "json-2" }), [["permission", "odoo.forbidden"]]);
  assert.deepEqual(await failures({ user: undefined }), [["config", "odoo.no_user"]]);
  assert.deepEqual(await failures({ streams: { x: { model: "sale.order", fields: ["nothing"] } } }), [["config", "odoo.no_field"]]);
});
