-- The three streams of wms.yaml over a warehouse schema of receipt, shipment and stock_count with their lines. Rename tables and columns to
-- those of your system and keep the names behind "as". Figures leave as text, so that no digit is lost. Cursor: row_version.

-- receipts
select r.receipt_no, r.receipt_type, r.status, r.received_at, r.supplier_code, r.customer_code, r.warehouse_code, r.row_version,
       (select json_agg(json_build_object('line_no', l.line_no, 'sku', l.sku, 'uom', l.uom, 'received_qty', l.received_qty::text, 'po_no', l.po_no, 'po_line', l.po_line,
                                          'shipment_no', l.shipment_no, 'shipment_line', l.shipment_line) order by l.line_no)
          from receipt_line l where l.receipt_no = r.receipt_no) as lines
  from receipt r;

-- shipments
select s.shipment_no, s.status, s.shipped_at, s.customer_code, s.warehouse_code, s.row_version,
       (select json_agg(json_build_object('line_no', l.line_no, 'sku', l.sku, 'uom', l.uom, 'shipped_qty', l.shipped_qty::text, 'order_no', l.order_no, 'order_line', l.order_line) order by l.line_no)
          from shipment_line l where l.shipment_no = s.shipment_no) as lines
  from shipment s;

-- counts
select c.count_no, c.status, c.counted_on, c.warehouse_code, c.row_version,
       (select count(*) from stock_count_line l where l.count_no = c.count_no and l.counted_qty <> l.book_qty) as differences,
       (select json_agg(json_build_object('line_no', l.line_no, 'sku', l.sku, 'uom', l.uom, 'counted_qty', l.counted_qty::text, 'book_qty', l.book_qty::text, 'reason_code', l.reason_code) order by l.line_no)
          from stock_count_line l where l.count_no = c.count_no) as lines
  from stock_count c;
