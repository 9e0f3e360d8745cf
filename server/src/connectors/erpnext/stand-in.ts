/**
 * A stand-in for ERPNext, for tests: /api/resource over documents kept in memory, enforcing what the documentation says: token login,
 * lists of 20 unless more is asked for and with nothing but the fields asked for, never a child table, default order by modified
 * descending, filters that must all hold, errors with exc_type and _server_messages.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

type Value = string | number | null | readonly Value[] | { readonly [name: string]: Value };
export type ErpnextDocument = { name: string; modified: string; [field: string]: Value };

export type ErpnextStandIn = {
  readonly url: string;
  /** DocType → its documents; tests change them at will. */
  readonly documents: Record<string, ErpnextDocument[]>;
  readonly forbidden: Set<string>;
  readonly calls: string[];
  before: (call: number) => void;
  readonly close: () => Promise<void>;
};

export const standInKey = { key: "0123456789abcde", secret: "fedcba987654321" };

export async function startErpnextStandIn(): Promise<ErpnextStandIn> {
  const standIn: Omit<ErpnextStandIn, "url" | "close"> = { documents: {}, forbidden: new Set(), calls: [], before: () => {} };

  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? "/", "http://site") as URL;
    const reply = (status: number, value: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value).replace(/"float:(-?[\d.]+)"/g, "$1"));
    };
    const refuse = (status: number, kind: string, message: string): void =>
      reply(status, { exc_type: kind, exception: `frappe.exceptions.${kind}: ${message}`, _server_messages: JSON.stringify([JSON.stringify({ message, title: "Message", indicator: "red" })]) });
    standIn.calls.push(`${url.pathname}${url.search}`);
    standIn.before(standIn.calls.length);
    if (!(request.headers.authorization ?? "").startsWith("token ")) return refuse(403, "PermissionError", "Login to access");
    if (request.headers.authorization !== `token ${standInKey.key}:${standInKey.secret}`) return refuse(401, "AuthenticationError", "Authentication failed");
    if (url.pathname === "/api/method/frappe.auth.get_logged_user") return reply(200, { message: "reader@example.com" });
    const [, doctype, name] = (/^\/api\/resource\/([^/]+)(?:\/(.+))?$/.exec(url.pathname) ?? []).map((part) => (part === undefined ? undefined : decodeURIComponent(part)));
    const documents = doctype === undefined ? undefined : standIn.documents[doctype];
    if (doctype === undefined || !documents) return refuse(404, "DoesNotExistError", `DocType ${doctype} not found`);
    if (standIn.forbidden.has(doctype)) return refuse(403, "PermissionError", `Insufficient Permission for <strong>${doctype}</strong>`);
    if (name !== undefined) {
      const found = documents.find((document) => document.name === name);
      return found ? reply(200, { data: { doctype, ...found } }) : refuse(404, "DoesNotExistError", `${doctype} ${name} not found`);
    }
    const parameter = (field: string, fallback: string): string => url.searchParams.get(field) ?? fallback;
    const fields = JSON.parse(parameter("fields", '["name"]')) as readonly string[];
    const filters = JSON.parse(parameter("filters", "[]")) as readonly (readonly [string, string, Value])[];
    const unknown = [...fields, ...filters.map(([field]) => field)].find((field) => documents[0] !== undefined && !Object.hasOwn(documents[0], field));
    if (unknown !== undefined) return refuse(417, "DataError", `Field not permitted in query: ${unknown}`);
    const found = documents.filter((document) => filters.every(([field, operator, value]) => holds(document[field] ?? "", operator, value)));
    found.sort((a, b) => (a.modified === b.modified ? (a.name < b.name ? -1 : 1) : a.modified < b.modified ? -1 : 1));
    if (parameter("order_by", "modified desc") === "modified desc") found.reverse();
    const [start, length] = [Number(parameter("limit_start", "0")), Number(parameter("limit_page_length", "20"))];
    reply(200, { data: found.slice(start, start + length).map((document) => Object.fromEntries(fields.filter((field) => !Array.isArray(document[field])).map((field) => [field, document[field]]))) });
  });

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  });
}

function holds(left: Value, operator: string, right: Value): boolean {
  // A moment with fewer digits is the same moment.
  const [a, b] = [left, right].map((value) => (typeof value === "string" && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(value) ? value.padEnd(20, ".").padEnd(26, "0") : (value ?? "")));
  if (a === undefined || b === undefined) return false;
  if (operator === "=") return a === b;
  if (operator === ">=") return a >= b;
  if (operator === ">") return a > b;
  throw new Error(`the stand-in does not know the operator ${operator}`);
}
