/**
 * What the mapping `odoo` reads of Odoo 17 and newer; a flow says `salesOrders: ready`. A question mark stands behind what only some
 * versions, countries or modules have. What decides the meaning of a document has none: without it reading is refused.
 */
import type { OdooStream } from "./odoo.ts";

export const odooStreams: Readonly<Record<string, OdooStream>> = {
  partners: { model: "res.partner", fields: ["name", "ref", "vat", "is_company", "parent_id", "customer_rank", "supplier_rank", "active"], domain: [["active", "in", [true, false]]] },
  products: { model: "product.product", fields: ["default_code", "name", "type", "uom_id", "categ_id", "active"], domain: [["active", "in", [true, false]]] },
  locations: { model: "stock.location", fields: ["name", "complete_name", "usage", "active"], domain: [["active", "in", [true, false]]] },
  salesOrders: {
    model: "sale.order", fields: ["name", "client_order_ref", "partner_id", "date_order", "state", "currency_id", "user_id", "amount_untaxed", "amount_tax", "amount_total", "invoice_status"],
    lines: { order_line: { model: "sale.order.line", parent: "order_id", fields: ["display_type", "product_id", "name", "product_uom?", "product_uom_id?", "product_uom_qty", "qty_delivered", "qty_invoiced", "price_unit", "discount", "price_subtotal", "price_tax", "tax_id?", "tax_ids?"] } },
  },
  purchaseOrders: {
    model: "purchase.order", fields: ["name", "partner_ref", "partner_id", "date_approve", "date_order", "state", "currency_id", "user_id", "amount_untaxed", "amount_tax", "amount_total"],
    lines: { order_line: { model: "purchase.order.line", parent: "order_id", fields: ["display_type", "product_id", "name", "product_uom?", "product_uom_id?", "product_qty", "qty_received", "qty_invoiced", "price_unit", "price_subtotal", "price_tax"] } },
  },
  pickings: {
    model: "stock.picking", fields: ["name", "origin", "picking_type_id", "picking_type_code", "return_id", "partner_id", "location_id", "location_dest_id", "state", "scheduled_date", "date_done", "sale_id?", "purchase_id?"],
    lines: { move_ids: { model: "stock.move", parent: "picking_id", fields: ["product_id", "product_uom", "product_uom_qty", "quantity", "state", "origin_returned_move_id", "sale_line_id?", "purchase_line_id?"] } },
  },
  accountMoves: {
    model: "account.move", fields: ["name", "move_type", "state", "date", "invoice_date", "invoice_date_due", "ref", "fapiao?", "journal_id", "partner_id", "currency_id", "reversed_entry_id", "payment_state", "amount_untaxed", "amount_tax", "amount_total"],
    lines: {
      invoice_line_ids: {
        model: "account.move.line", parent: "move_id", fields: ["display_type", "name", "product_id", "product_uom_id", "quantity", "price_unit", "price_subtotal", "price_total", "purchase_line_id?", "purchase_order_id?"],
        lines: { "sale_line_ids?": { model: "sale.order.line", fields: ["order_id"] } },
      },
    },
  },
  payments: { model: "account.payment", fields: ["name", "payment_type", "partner_type", "partner_id", "journal_id", "amount", "currency_id", "date", "state", "memo?", "ref?", "is_internal_transfer?", "reconciled_invoice_ids", "reconciled_bill_ids"] },
};
