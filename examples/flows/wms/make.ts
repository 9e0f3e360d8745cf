/** A small WMS database with a few receipts, shipments and counts: `npx node examples/flows/wms/make.ts /tmp/tieout-wms.db`. */
import { DatabaseSync } from "node:sqlite";

const sql = `
  create table receipt (receipt_no text not null primary key, receipt_type text not null, status text not null, received_at text, supplier_code text, customer_code text, warehouse_code text not null, row_version integer not null);
  create table receipt_line (receipt_no text not null, line_no integer not null, sku text not null, uom text not null, received_qty decimal(18,3) not null, po_no text, po_line text, shipment_no text, shipment_line text, primary key (receipt_no, line_no));
  create table shipment (shipment_no text not null primary key, status text not null, shipped_at text, customer_code text not null, warehouse_code text not null, row_version integer not null);
  create table shipment_line (shipment_no text not null, line_no integer not null, sku text not null, uom text not null, shipped_qty decimal(18,3) not null, order_no text, order_line text, primary key (shipment_no, line_no));
  create table stock_count (count_no text not null primary key, status text not null, counted_on text not null, warehouse_code text not null, row_version integer not null);
  create table stock_count_line (count_no text not null, line_no integer not null, sku text not null, uom text not null, counted_qty decimal(18,3) not null, book_qty decimal(18,3) not null, reason_code text, primary key (count_no, line_no));

  insert into receipt values ('GR-1', 'PO', 'CLOSED', '2026-03-05 18:20:00', 'S01     ', null, 'W1', 1), ('GR-2', 'PO', 'NEW', null, 'S01', null, 'W1', 2), ('SR-1', 'RMA', 'CLOSED', '2026-03-22 09:00:00', null, 'C01', 'W1', 7);
  insert into receipt_line values ('GR-1', 1, 'LAMP', 'EA', 60, 'PO-1', '1', null, null), ('GR-1', 2, 'STEEL', 'KG', 12.5, 'PO-1', '2', null, null), ('GR-2', 1, 'LAMP', 'EA', 40, 'PO-1', '1', null, null), ('SR-1', 1, 'LAMP', 'EA', 5, null, null, 'SH-1', '1');
  insert into shipment values ('SH-1', 'SHIPPED', '2026-03-10 10:00:00', 'C01', 'W1', 3), ('SH-2', 'PICKED', null, 'C01', 'W1', 4);
  insert into shipment_line values ('SH-1', 1, 'LAMP', 'EA', 30, 'SO-1', '1'), ('SH-2', 1, 'LAMP', 'EA', 10, 'SO-1', '1');
  insert into stock_count values ('SC-1', 'CONFIRMED', '2026-03-31', 'W1', 5), ('SC-2', 'CONFIRMED', '2026-03-31', 'W1', 6);
  insert into stock_count_line values ('SC-1', 1, 'LAMP', 'EA', 34, 35, null), ('SC-1', 2, 'STEEL', 'KG', 12.5, 12.5, null), ('SC-2', 1, 'STEEL', 'KG', 12.5, 12.5, null);
`;

export function makeWms(file: string): void {
  const database = new DatabaseSync(file);
  database.exec(`begin; ${sql} commit;`);
  database.close();
}

if (import.meta.main) {
  const file = process.argv[2] ?? "/tmp/tieout-wms.db";
  makeWms(file);
  process.stdout.write(`${file}\n`);
}
