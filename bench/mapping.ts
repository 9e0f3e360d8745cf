/**
 * Documents a second out of the shipped mapping of Odoo: sales orders of five lines, every record its own object as a source
 * delivers it, one core, no database. `node_modules/.bin/node bench/mapping.ts [documents]` prints one JSON object.
 */
import { compileMapping, readMappingText } from "../server/src/documents/index.ts";

const total = Number(process.argv[2] ?? 200_000);
const { text, files } = await readMappingText("odoo");
const mapping = compileMapping(text, files);

const order = (n: number): unknown => ({
  id: n, name: `S${String(n).padStart(6, "0")}`, state: "sale", write_date: "2026-03-31 08:12:44", date_order: "2026-03-31 17:30:00", partner_id: [n % 900, `Customer ${n % 900}`],
  currency_id: [1, "CNY"], client_order_ref: false, user_id: [3, "Li"], note: false,
  order_line: Array.from({ length: 5 }, (_, line) => ({
    id: n * 5 + line, display_type: false, name: `Item ${line}`, product_id: [line + 1, `Item ${line}`], product_uom: [1, "Units"], product_uom_qty: `${line + 2}.0`, price_unit: "12.5", discount: "0.0", price_subtotal: `${(line + 2) * 12}.50`, price_tax: "3.25",
  })),
});
const batch = 10_000;
let documents = 0, problems = 0, seconds = 0, slowestBatch = 0, cpuMicros = 0;
for (let done = -batch; done < total; done += batch) {
  // As if parsed from the wire: no two records share a value. The first batch warms up and is not counted.
  const rows = JSON.parse(JSON.stringify(Array.from({ length: batch }, (_, n) => order(Math.max(done, 0) + n)))) as unknown[];
  const began = performance.now(), spent = process.cpuUsage();
  for (const row of rows) {
    const mapped = mapping.map({ stream: "salesOrders", key: "1", op: "r", row });
    if (done >= 0) {
      documents += mapped.documents.length;
      problems += mapped.problems.length;
    }
  }
  if (done < 0) continue;
  const took = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(spent);
  cpuMicros += user + system;
  seconds += took;
  slowestBatch = Math.max(slowestBatch, took);
}
process.stdout.write(`${JSON.stringify({ bench: "mapping", documents, linesEach: 5, problems, seconds: Number(seconds.toFixed(3)), documentsPerSecond: Math.floor(documents / seconds), cpuMicrosEach: Number((cpuMicros / documents).toFixed(2)), slowestBatchPerSecond: Math.floor(batch / slowestBatch) }, null, 2)}\n`);
