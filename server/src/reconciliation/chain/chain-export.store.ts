/** SQL that gives the whole of a book's chains out as flat rows, and takes finished vectors in: for making them anew in one pass elsewhere. */
const kinds = "('salesOrder', 'purchaseOrder')";
/** A document's body is parsed once, not for each of its lines and fields. */
const parsed = "cross join lateral (select d.body::jsonb as content offset 0) c";
const orderRate = (d: string, b: string): string => `case when c.content ->> 'currency' is null or c.content ->> 'currency' = ${b}.currency then 1
       else coalesce((c.content ->> 'rate')::numeric, (select (r.body -> 'fields' ->> 'rate')::numeric from masterdata.record r where r.book_id = ${d}.book_id and r.kind = 'exchangeRate'
              and r.body -> 'fields' ->> 'from' = c.content ->> 'currency' and r.body -> 'fields' ->> 'to' = ${b}.currency and r.body -> 'fields' ->> 'date' <= ${d}.date::text order by r.body -> 'fields' ->> 'date' desc limit 1), 1) end`;
const minor = "power(10::numeric, case when b.currency in ('JPY', 'KRW', 'VND') then 0 else 2 end)";
const newest = (d: string): string => `not exists (select from documents.document n where n.book_id = ${d}.book_id and n.document_id = ${d}.document_id and n.source_version > ${d}.source_version and n.state in ('posted', 'exempt'))`;

/** How many stock units each unit of each item is, as reconciliation.stock_units() says of one. */
const units = (bookId: number): string =>
  `(select distinct on (r.code, u.unit) r.code, u.unit, u.quantity::numeric / 1000000 as quantity from masterdata.record r cross join lateral jsonb_each_text(r.body -> 'units') as u (unit, quantity) where r.book_id = ${bookId} and r.kind = 'item' order by r.code, u.unit, r.changed_at desc, r.source)`;

/** Lines of orders in force: amounts in millionths of a minor unit, rates with ten decimals. */
export const orderLines = (bookId: number): string =>
  `select d.document_id, l."lineId", case d.kind when 'salesOrder' then 'sale' else 'purchase' end, d.source || ':' || d.kind || '/' || d.source_id, d.date, d.period, d.party, coalesce(c.content ->> 'salesperson', c.content ->> 'buyer', ''), coalesce(l.item, ''), coalesce(l."dueDate", c.content ->> 'dueDate', ''),
          round(coalesce(l.quantity, 1) * coalesce(u.quantity, 1) * 1000000),
          round(coalesce(l."amountNet" + coalesce(l.tax, l."amountNet" * coalesce(l."taxRate", 0)), coalesce(l.quantity, 1) * l.price * (1 + coalesce(l."taxRate", 0)), 0) * o.rate * ${minor} * 1000000), round(o.rate * 10000000000)
     from documents.document d join books.book b on b.book_id = d.book_id ${parsed} cross join lateral (select ${orderRate("d", "b")} as rate offset 0) o
    cross join lateral jsonb_to_recordset(coalesce(c.content -> 'lines', '[]')) as l ("lineId" text, item text, unit text, quantity numeric, price numeric, "taxRate" numeric, "amountNet" numeric, tax numeric, "dueDate" text)
     left join ${units(bookId)} u on u.code = l.item and u.unit = l.unit
    where d.book_id = ${bookId} and d.kind in ${kinds} and d.state in ('posted', 'exempt') and coalesce(c.content ->> 'status', 'approved') <> 'cancelled' and ${newest("d")}`;

/** Links along the chains, what an earlier version linked already taken back: 1 goods, 2 what came back, 3 invoices, with the day of the linking document. */
export const links = (bookId: number): string =>
  `select k.target_id, k.target_line, k.document_id, k.line, k.step, k.quantity, d.date
     from (select target_id, target_line, document_id, line, case when kind in ('shipment', 'goodsReceipt') then 1 when kind in ('shipmentReturn', 'goodsReturn') then 2 else 3 end as step, sum(quantity) as quantity
             from documents.link where book_id = ${bookId} and kind in ('shipment', 'goodsReceipt', 'shipmentReturn', 'goodsReturn', 'salesInvoice', 'supplierInvoice', 'salesInvoice-', 'supplierInvoice-') group by 1, 2, 3, 4, 5 having sum(quantity) <> 0) k
     join (select distinct on (document_id) document_id, date from documents.document where book_id = ${bookId} and kind in ('shipment', 'goodsReceipt', 'shipmentReturn', 'goodsReturn', 'salesInvoice', 'supplierInvoice') order by document_id, source_version desc) d on d.document_id = k.document_id`;

/** Lines of invoices: quantity in stock units (0: the whole), amount in its own currency, its own rate or 0. */
export const invoiceLines = (bookId: number): string =>
  `select d.document_id, l."lineId", case when coalesce(l.quantity, 0) = 0 then 0 else round(l.quantity * coalesce(u.quantity, 1) * 1000000) end,
          round(coalesce(l."amountNet" + coalesce(l.tax, 0), l.quantity * l.price * (1 + coalesce(l."taxRate", 0)), 0) * ${minor} * 1000000), coalesce(round((c.content ->> 'rate')::numeric * 10000000000), 0), coalesce(c.content ->> 'credit', '') = 'true'
     from documents.document d join books.book b on b.book_id = d.book_id ${parsed}
    cross join lateral jsonb_to_recordset(coalesce(c.content -> 'lines', '[]')) as l ("lineId" text, item text, unit text, quantity numeric, price numeric, "taxRate" numeric, "amountNet" numeric, tax numeric)
     left join ${units(bookId)} u on u.code = l.item and u.unit = l.unit
    where d.book_id = ${bookId} and d.kind in ('salesInvoice', 'supplierInvoice') and d.state in ('posted', 'exempt') and ${newest("d")}`;

/** Open items of invoices: the whole, what was taken, the day of those not paid; and what red invoices and write-offs took. */
export const openItems = (bookId: number): string =>
  `select h.document_id, sum(h.whole_quantity), sum(h.taken_quantity), min(h.due_on) filter (where h.whole_quantity <> h.taken_quantity), coalesce(max(r.red), 0), coalesce(max(w.amount), 0)
     from vouchers.holding h
     left join (select split_part(one, e'\\x1f', 2)::bigint as document_id, sum(coalesce(nullif(split_part(one, e'\\x1f', 6), ''), '0')::bigint) as red
                  from (select distinct document_id, target_id from documents.link where book_id = ${bookId} and kind in ('salesInvoice-', 'supplierInvoice-')) k
                  join vouchers.event e on e.book_id = ${bookId} and e.document_id = k.document_id and not exists (select from vouchers.event n where n.book_id = ${bookId} and n.document_id = e.document_id and n.source_version > e.source_version)
                 cross join string_to_table(e.effects, e'\\x1e') as one where one like 'h%' and split_part(one, e'\\x1f', 3) = 'open' and split_part(one, e'\\x1f', 2) = k.target_id::text group by 1) r on r.document_id = h.document_id
     left join (select target_id, sum(amount) as amount from documents.link where book_id = ${bookId} and kind in ('adjustment', 'writeOff') group by 1) w on w.target_id = h.document_id
    where h.book_id = ${bookId} and h.what = 'open' group by 1`;
