/**
 * A stand-in for Odoo, for tests: its external interface in both documented forms over models kept in memory. It enforces what the
 * documentation says: errors of JSON-RPC come with HTTP 200, a wrong login answers false, write_date is shown without its microseconds
 * but compared with them, a one2many reads as ids, a many2one as [id, name] or false, an unknown field is an error.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { momentAt, pointOf } from "../rest/cursor.ts";

type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value };
export type OdooRow = { id: number; /** Microseconds since 1970. */ writtenAt: bigint; [field: string]: Value | bigint };
type Condition = readonly [string, string, Value];

export type OdooStandIn = {
  readonly url: string;
  /** Model → its rows; tests change them at will. */
  readonly rows: Record<string, OdooRow[]>;
  /** Model → field → type; "many2one" fields hold ids, shown with a name, or an id with its name. */
  readonly fields: Record<string, Record<string, string>>;
  /** Models that the user may not read. */
  readonly forbidden: Set<string>;
  readonly calls: string[];
  /** What happens before the next answers: called with the number of the call. */
  before: (call: number) => void;
  readonly close: () => Promise<void>;
};

export const standInLogin = { database: "qinghe", user: "reader@example.com", key: "0123456789abcdef" };

const fieldsOf = (types: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries(Object.entries(types).flatMap(([type, names]) => names.split(" ").map((name) => [name, type])));

/** The fields of Odoo 18 with sale_stock, purchase_stock and l10n_cn that are read here. */
export const odoo18: Readonly<Record<string, Record<string, string>>> = {
  "res.partner": fieldsOf({ char: "name ref vat", boolean: "is_company active", many2one: "parent_id", integer: "customer_rank supplier_rank" }),
  "product.product": fieldsOf({ char: "default_code name", selection: "type", many2one: "uom_id categ_id", boolean: "active" }),
  "stock.location": fieldsOf({ char: "name complete_name", selection: "usage", boolean: "active" }),
  "sale.order": fieldsOf({ char: "name client_order_ref", many2one: "partner_id currency_id user_id", datetime: "date_order", selection: "state invoice_status", monetary: "amount_untaxed amount_tax amount_total", one2many: "order_line" }),
  "sale.order.line": fieldsOf({ selection: "display_type", many2one: "order_id product_id product_uom", text: "name", float: "product_uom_qty qty_delivered qty_invoiced price_unit discount price_tax", monetary: "price_subtotal", many2many: "tax_id" }),
  "purchase.order": fieldsOf({ char: "name partner_ref", many2one: "partner_id currency_id user_id", datetime: "date_approve date_order", selection: "state", monetary: "amount_untaxed amount_tax amount_total", one2many: "order_line" }),
  "purchase.order.line": fieldsOf({ selection: "display_type", many2one: "order_id product_id product_uom", text: "name", float: "product_qty qty_received qty_invoiced price_unit price_tax", monetary: "price_subtotal", many2many: "taxes_id" }),
  "stock.picking": fieldsOf({ char: "name origin", many2one: "picking_type_id return_id partner_id location_id location_dest_id sale_id purchase_id", selection: "picking_type_code state", datetime: "scheduled_date date_done", one2many: "move_ids" }),
  "stock.move": fieldsOf({ many2one: "picking_id product_id product_uom origin_returned_move_id sale_line_id purchase_line_id", float: "product_uom_qty quantity", selection: "state" }),
  "account.move": fieldsOf({ char: "name ref fapiao", selection: "move_type state payment_state", date: "date invoice_date invoice_date_due", many2one: "journal_id partner_id currency_id reversed_entry_id", monetary: "amount_untaxed amount_tax amount_total", one2many: "invoice_line_ids line_ids" }),
  "account.move.line": fieldsOf({ selection: "display_type", many2one: "move_id product_id product_uom_id purchase_line_id purchase_order_id", char: "name", float: "quantity price_unit", monetary: "price_subtotal price_total", many2many: "sale_line_ids" }),
  "account.payment": fieldsOf({ char: "name memo", selection: "payment_type partner_type state", many2one: "partner_id journal_id currency_id", monetary: "amount", date: "date", many2many: "reconciled_invoice_ids reconciled_bill_ids" }),
};

export async function startOdooStandIn(): Promise<OdooStandIn> {
  const standIn: Omit<OdooStandIn, "url" | "close"> = { rows: {}, fields: {}, forbidden: new Set(), calls: [], before: () => {} };

  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const reply = (status: number, value: unknown): void => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(withFloats(JSON.stringify(value)));
      };
      const json2 = /^\/json\/2\/([a-z0-9_.]+)\/([a-z_]+)$/.exec(request.url ?? "");
      const asked = JSON.parse(body || "{}") as { readonly id?: number; readonly params?: { readonly service: string; readonly method: string; readonly args: readonly Value[] } };
      if (json2) {
        if (request.headers.authorization !== `bearer ${standInLogin.key}` && request.headers.authorization !== `Bearer ${standInLogin.key}`) return reply(401, { name: "werkzeug.exceptions.Unauthorized", message: "Invalid apikey", arguments: ["Invalid apikey", 401] });
        if (request.headers["x-odoo-database"] !== standInLogin.database) return reply(404, { name: "werkzeug.exceptions.NotFound", message: "No database", arguments: [] });
        return run(json2[1] as string, json2[2] as string, asked as Record<string, Value>, (result) => reply(200, result), (name, message) => reply(name.endsWith("AccessError") ? 403 : 422, { name, message, arguments: [message], debug: "" }));
      }
      if (request.url !== "/jsonrpc" || !asked.params) return reply(404, {});
      const { service, method, args } = asked.params;
      const answer = (result: unknown): void => reply(200, { jsonrpc: "2.0", id: asked.id, result });
      const refuse = (name: string, message: string): void => reply(200, { jsonrpc: "2.0", id: asked.id, error: { code: 200, message: "Odoo Server Error", data: { name, message, arguments: [message], debug: "Traceback …" } } });
      if (service === "common") return answer(method === "login" && args[0] === standInLogin.database && args[1] === standInLogin.user && args[2] === standInLogin.key ? 2 : false);
      if (args[1] !== 2 || args[2] !== standInLogin.key) return refuse("odoo.exceptions.AccessDenied", "Access Denied");
      run(String(args[3]), String(args[4]), args[6] as Record<string, Value>, answer, refuse);
    });
  });

  function run(model: string, method: string, args: Readonly<Record<string, Value>>, answer: (result: unknown) => void, refuse: (name: string, message: string) => void): void {
    standIn.calls.push(`${model}.${method}`);
    standIn.before(standIn.calls.length);
    const known: Record<string, string> = { id: "integer", write_date: "datetime", ...standIn.fields[model] };
    if (model === "res.users" || method === "fields_get") return answer(Object.fromEntries(Object.entries(known).map(([field, type]) => [field, { type, string: field }])));
    if (standIn.forbidden.has(model)) return refuse("odoo.exceptions.AccessError", `You are not allowed to access '${model}' records.`);
    const rows = standIn.rows[model];
    if (!rows || method !== "search_read") return refuse("builtins.KeyError", model);
    const domain = (args.domain ?? []) as readonly Condition[];
    const fields = (args.fields ?? []) as readonly string[];
    const unknown = [...fields, ...domain.map(([field]) => field)].find((field) => !Object.hasOwn(known, field));
    if (unknown !== undefined) return refuse("builtins.ValueError", `Invalid field '${unknown}' on model '${model}'`);
    const found = rows.filter((row) => domain.every((condition) => holds(row, condition, known))).sort((a, b) => (args.order === "id asc" || a.writtenAt === b.writtenAt ? a.id - b.id : a.writtenAt < b.writtenAt ? -1 : 1));
    const offset = Number(args.offset ?? 0);
    answer(found.slice(offset, args.limit === undefined ? undefined : offset + Number(args.limit)).map((row) => Object.fromEntries(["id", ...fields].map((field) => [field, shown(row, field, known[field] as string)]))));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  });
}

function shown(row: OdooRow, field: string, type: string): unknown {
  if (field === "write_date") return momentAt(row.writtenAt / 1000n).slice(0, 19).replace("T", " ");
  const value = row[field] ?? (type.endsWith("2many") ? [] : false);
  if (type === "many2one") return typeof value === "number" ? [value, `#${value}`] : value;
  return type === "float" || type === "monetary" ? `float:${String(value)}` : value;
}

/** Python writes 10 as 10.0; the digits are kept in text until here. */
const withFloats = (text: string): string => text.replace(/"float:(-?[\d.e+-]+)"/g, (_, digits: string) => (digits.includes(".") ? digits : `${digits}.0`)).replaceAll('"float:false"', "0.0");

function holds(row: OdooRow, [field, operator, value]: Condition, known: Readonly<Record<string, string>>): boolean {
  const left = field === "write_date" ? row.writtenAt : (row[field] ?? false);
  const right = known[field] === "datetime" ? (pointOf("datetime", value as string) ?? 0n) : value;
  if (operator === "in") return (value as readonly Value[]).includes(left as Value);
  if (operator === "=") return left === right;
  if (operator === ">=") return left >= right;
  if (operator === ">") return left > right;
  if (operator === "<") return left < right;
  throw new Error(`the stand-in does not know the operator ${operator}`);
}
