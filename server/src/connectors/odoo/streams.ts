/** What is usually read of Odoo 17 and 18, ready for a flow's `streams`. In 19 sale.order.line's tax_id is tax_ids. */
import type { OdooStream } from "./odoo.ts";

const line = (model: string, parent: string, fields: readonly string[]) => ({ model, parent, fields: [...fields] });

export const odooStreams: Readonly<Record<string, OdooStream>> = {
  partners: { model: "res.partner", fields: ["name", "ref", "vat", "is_company", "parent_id", "customer_rank", "supplier_rank", "active"], domain: [["active", "in", [true, false]]] },
  products: { model: "product.product", fields: ["default_code", "name", "type", "uom_id", "categ_id", "active"], domain: [["active", "in", [true, false]]] },
  salesOrders: {
    model: "sale.order", fields: ["name", "client_order_ref", "partner_id", "date_order", "state", "currency_id", "amount_untaxed", "amount_tax", "amount_total", "invoice_status"],
    lines: { order_line: line("sale.order.line", "order_id", ["product_id", "name", "product_uom_qty", "qty_delivered", "qty_invoiced", "price_unit", "discount", "tax_id"]) },
  },
  purchaseOrders: {
    model: "purchase.order", fields: ["name", "partner_ref", "partner_id", "date_approve", "state", "currency_id", "amount_untaxed", "amount_tax", "amount_total"],
    lines: { order_line: line("purchase.order.line", "order_id", ["product_id", "name", "product_qty", "qty_received", "qty_invoiced", "price_unit"]) },
  },
  pickings: {
    model: "stock.picking", fields: ["name", "origin", "picking_type_id", "partner_id", "state", "scheduled_date", "date_done"],
    lines: { move_ids: line("stock.move", "picking_id", ["product_id", "product_uom_qty", "quantity", "state"]) },
  },
  accountMoves: {
    model: "account.move", fields: ["name", "move_type", "state", "date", "invoice_date", "ref", "journal_id", "partner_id", "currency_id", "payment_state", "amount_untaxed", "amount_tax", "amount_total"],
    lines: { line_ids: line("account.move.line", "move_id", ["account_id", "partner_id", "name", "debit", "credit", "balance", "amount_currency", "currency_id", "quantity", "price_unit", "display_type"]) },
  },
  payments: { model: "account.payment", fields: ["payment_type", "partner_type", "partner_id", "amount", "currency_id", "date", "state"] },
};
