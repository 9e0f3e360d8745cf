/**
 * Tryton read from its own PostgreSQL tables, with the same questions as over JSON-RPC (`find`, `findWhere`) and the same answers:
 * a model is a table, a link a column, a link to many a table between two; the few figures that Tryton works out are worked
 * out here as it does. A hundred times faster than JSON-RPC, and able to see exactly what a change in the log has told.
 * Names of parties, products and units come in the language in which they were entered.
 */
import pg from "pg";
import { refuse } from "../platform/index.ts";
import type { Domain, Tryton } from "./tryton-rpc.ts";
import type { Row, Wire } from "./tryton-values.ts";

/** Where a link leads, for every link that is asked for with a dot. A link to many names the table between, its column to us and to them. */
type Link = { readonly to: string; readonly through?: readonly [table: string, ours: string, theirs: string] };

const toOne = (to: string): Link => ({ to });
const toMany = (to: string, table: string, ours: string, theirs: string): Link => ({ to, through: [table, ours, theirs] });

const everyLine = { product: toOne("product.product"), unit: toOne("product.uom") };
const links: Readonly<Record<string, Readonly<Record<string, Link>>>> = {
  "company.company": { currency: toOne("currency.currency") },
  "product.product": { template: toOne("product.template") },
  "account.account": { type: toOne("account.account.type"), second_currency: toOne("currency.currency") },
  "account.move": { journal: toOne("account.journal") },
  "account.move.line": { move: toOne("account.move"), account: toOne("account.account"), party: toOne("party.party"), second_currency: toOne("currency.currency") },
  "account.invoice": {
    party: toOne("party.party"), currency: toOne("currency.currency"), move: toOne("account.move"), cancel_move: toOne("account.move"),
    payment_lines: toMany("account.move.line", "account_invoice-account_move_line", "invoice", "line"),
  },
  "account.invoice.line": {
    ...everyLine, invoice: toOne("account.invoice"), account: toOne("account.account"), taxes: toMany("account.tax", "account_invoice_line_account_tax", "line", "tax"),
    stock_moves: toMany("stock.move", "account_invoice_line-stock_move", "invoice_line", "stock_move"),
  },
  "account.invoice.tax": { invoice: toOne("account.invoice") },
  "account.tax": { childs: toMany("account.tax", "account_tax", "parent", "id") },
  "sale.sale": { party: toOne("party.party"), currency: toOne("currency.currency") },
  "sale.line": { ...everyLine, sale: toOne("sale.sale"), taxes: toMany("account.tax", "sale_line_account_tax", "line", "tax") },
  "purchase.purchase": { party: toOne("party.party"), currency: toOne("currency.currency") },
  "purchase.line": { ...everyLine, purchase: toOne("purchase.purchase"), taxes: toMany("account.tax", "purchase_line_account_tax", "line", "tax") },
  "stock.move": { product: toOne("product.product"), currency: toOne("currency.currency"), from_location: toOne("stock.location"), to_location: toOne("stock.location") },
  ...Object.fromEntries(["in", "in.return"].map((kind) => [`stock.shipment.${kind}`, { warehouse: toOne("stock.location"), supplier: toOne("party.party") }])),
  ...Object.fromEntries(["out", "out.return"].map((kind) => [`stock.shipment.${kind}`, { warehouse: toOne("stock.location"), customer: toOne("party.party") }])),
};

/** Tryton shows only active records of these unless it is asked about `active`. */
const withActive = new Set(["account.tax", "account.invoice.payment.method", "product.uom", "product.product", "product.template", "party.party", "stock.location", "account.journal"]);

/** Half to even, as Tryton rounds money. */
const halfEven = (value: string, digits: string): string =>
  `case when abs(${value} * 10 ^ ${digits} - trunc(${value} * 10 ^ ${digits})) = 0.5 then round(${value} * 10 ^ ${digits} / 2) * 2 / 10 ^ ${digits} else ${value} end::numeric`;
const lineAmount = (line: string, invoice: string): string => {
  const digits = `(select digits from currency_currency where id = ${invoice}.currency)`;
  return `round(${halfEven(`(${line}.quantity::text::numeric * ${line}.unit_price)`, digits)}, ${digits})`;
};

/** What Tryton works out instead of storing it. */
const workedOut: Readonly<Record<string, (alias: string) => string>> = {
  "product.product.name": (alias) => `(select name from product_template where id = ${alias}.template)`,
  "product.product.default_uom": (alias) => `(select default_uom from product_template where id = ${alias}.template)`,
  "account.invoice.line.amount": (alias) => `(select case when ${alias}.type = 'line' then ${lineAmount(alias, "i")} else 0 end from account_invoice i where i.id = ${alias}.invoice)`,
  "account.invoice.total_amount": (alias) =>
    `(select coalesce(sum(${lineAmount("l", alias)}), 0) from account_invoice_line l where l.invoice = ${alias}.id and l.type = 'line') + (select coalesce(sum(x.amount), 0) from account_invoice_tax x where x.invoice = ${alias}.id)`,
};

export type TrytonTables = Tryton & { readonly close: () => Promise<void> };

/** `client` is connected. `address` names the source. Refuses: tryton.no_company. */
export async function openTrytonTables(client: pg.Client, address: string, wanted: number | undefined): Promise<Tryton> {
  async function find(model: string, domain: Domain, fields: readonly string[]): Promise<Row[]> {
    const { text, values, shape } = compile(model, domain, fields);
    const { rows } = await client.query<Wire[]>({ text, values: [...values], rowMode: "array", types });
    return rows.map(shape);
  }
  const companies = await client.query<{ id: number; code: string }>("select c.id, y.code from company_company c join currency_currency y on y.id = c.currency where $1::int is null or c.id = $1 order by c.id", [wanted ?? null]);
  const [company] = companies.rows;
  if (!company || companies.rows.length > 1) return refuse("tryton.no_company", { user: companies.rows.length > 1 ? `${companies.rows.length} companies` : "–" });
  return {
    address, company: company.id, currency: company.code, find,
    findWhere: async (model, field, values, fields, also = []) => {
      const several = [...new Set(values)];
      return several.length === 0 ? [] : find(model, [[field, "in", several], ...also], fields);
    },
  };
}

const tableOf = (model: string): string => quoted(model.replaceAll(".", "_"));
const quoted = (name: string): string => {
  if (!/^[a-z_][a-z0-9_-]*$/.test(name)) throw new Error(`${name} is no name in Tryton`);
  return `"${name}"`;
};

type Compiled = { readonly text: string; readonly values: readonly unknown[]; readonly shape: (values: Wire[]) => Row };

/** One question as SQL. Exported for its test. */
export function compile(model: string, domain: Domain, fields: readonly string[]): Compiled {
  const values: unknown[] = [];
  const joins: string[] = [];
  const aliases = new Map<string, string>();
  const parameter = (value: unknown, type: string): string => `$${values.push(value)}::${type}`;

  /** The alias of the table behind a path of links to one; "" is the model itself. */
  const alias = (path: string): { alias: string; model: string } => {
    let here = { alias: "t", model };
    let walked = "";
    for (const step of path === "" ? [] : path.split(".")) {
      const link = links[here.model]?.[step];
      if (!link || link.through) throw new Error(`${here.model}.${step} is no link to one`);
      walked = walked === "" ? step : `${walked}.${step}`;
      let known = aliases.get(walked);
      if (known === undefined) {
        known = `j${aliases.size}`;
        aliases.set(walked, known);
        joins.push(`left join ${tableOf(link.to)} ${known} on ${known}.id = ${here.alias}.${quoted(step)}`);
      }
      here = { alias: known, model: link.to };
    }
    return here;
  };
  const column = (path: string): string => {
    const cut = path.lastIndexOf(".");
    const at = alias(cut < 0 ? "" : path.slice(0, cut));
    const field = path.slice(cut + 1);
    const special = workedOut[`${at.model}.${field}`];
    if (special) return special(at.alias);
    const link = links[at.model]?.[field];
    if (!link?.through) return `${at.alias}.${quoted(field)}`;
    const [table, ours, theirs] = link.through;
    return `array(select m.${quoted(theirs)} from ${quoted(table)} m where m.${quoted(ours)} = ${at.alias}.id order by 1)`;
  };

  const condition = (part: Domain): string => {
    if (part.length === 0) return "true";
    if (part[0] === "OR") return `(${part.slice(1).map((one) => condition(one as Domain)).join(" or ")})`;
    if (typeof part[0] !== "string") return part.map((one) => condition(one as Domain)).join(" and ");
    const [path, operator, operand] = part as readonly [string, string, Wire];
    const [first = "", ...rest] = path.split(".");
    const many = links[model]?.[first];
    if (many?.through) {
      const [table, ours, theirs] = many.through;
      if (operator === "!=" && operand === null) return `exists (select 1 from ${quoted(table)} m where m.${quoted(ours)} = t.id)`;
      const target = rest.length === 0 ? `m.${quoted(theirs)}` : `x.${quoted(rest.join("."))}`;
      const join = rest.length === 0 ? "" : ` join ${tableOf(many.to)} x on x.id = m.${quoted(theirs)}`;
      return `exists (select 1 from ${quoted(table)} m${join} where m.${quoted(ours)} = t.id and ${compared(target, operator, operand)})`;
    }
    return compared(column(path), operator, operand);
  };
  const compared = (left: string, operator: string, operand: Wire): string => {
    if (operator === "in") {
      const several = operand as readonly Wire[];
      const types_ = new Set(several.map((one) => typeof one));
      const type = types_.has("boolean") ? "bool[]" : types_.has("number") ? "int[]" : "text[]";
      return `${left} = any(${parameter(several, type)})`;
    }
    if (operand === null) return operator === "=" ? `${left} is null` : `${left} is not null`;
    if (operator === "!=") return `${left} is distinct from ${scalar(operand)}`;
    if (!["=", ">", ">="].includes(operator)) throw new Error(`the operator ${operator} is not used`);
    return `${left} ${operator} ${scalar(operand)}`;
  };
  const scalar = (operand: Wire): string => {
    if (typeof operand === "number") return parameter(operand, "int");
    if (typeof operand === "boolean") return parameter(operand, "bool");
    if (typeof operand === "string") return parameter(operand, "text");
    const { year, month, day, hour, minute, second, microsecond } = operand as unknown as Readonly<Record<string, number>>;
    const two = (part: number | undefined): string => String(part ?? 0).padStart(2, "0");
    return parameter(`${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}.${String(microsecond ?? 0).padStart(6, "0")}`, "timestamp");
  };

  // "party.code" comes nested as "party.": { id, code }.
  const paths = [...new Set(["id", ...fields.flatMap((field) => {
    const steps = field.split(".");
    return [...steps.slice(0, -1).map((_, i) => `${steps.slice(0, i + 1).join(".")}.id`), field];
  })])];
  const columns = paths.map(column);
  const asksActive = JSON.stringify(domain).includes('"active"');
  const where = [condition(domain), ...(withActive.has(model) && !asksActive ? ["t.active"] : [])].filter((one) => one !== "true" && one !== "");
  const text = `select ${columns.join(", ")} from ${tableOf(model)} t ${joins.join(" ")}${where.length === 0 ? "" : ` where ${where.join(" and ")}`} order by t.id`;
  return { text, values, shape: (got) => nested(paths, got) };
}

function nested(paths: readonly string[], got: readonly Wire[]): Row {
  const row: Record<string, Wire> = {};
  for (const [i, path] of paths.entries()) {
    const steps = path.split(".");
    let here = row;
    let isGone = false;
    for (const step of steps.slice(0, -1)) {
      const name = `${step}.`;
      if (here[name] === null) {
        isGone = true;
        break;
      }
      here = (here[name] ??= {}) as Record<string, Wire>;
    }
    if (isGone) continue;
    const field = steps.at(-1) as string;
    if (field === "id" && steps.length > 1 && got[i] === null) {
      // An empty link: nothing behind it.
      let parent = row;
      for (const step of steps.slice(0, -2)) parent = parent[`${step}.`] as Record<string, Wire>;
      parent[`${steps.at(-2)}.`] = null;
    } else here[field] = got[i] ?? null;
  }
  return row as unknown as Row;
}

const tagged: Readonly<Record<number, (text: string) => Wire>> = {
  1700: (text) => ({ __class__: "Decimal", decimal: text }),
  1082: (text) => {
    const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
    return { __class__: "date", year, month, day };
  },
  1114: (text) => {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = ""] = text.split(/[- :.]/).map((part, i) => (i === 6 ? part : Number(part))) as [number, number, number, number, number, number, string];
    return { __class__: "datetime", year, month, day, hour, minute, second, microsecond: Number(fraction.padEnd(6, "0")) };
  },
};
const types = { getTypeParser: (oid: number, format?: "text" | "binary") => tagged[oid] ?? pg.types.getTypeParser(oid, format as "text") } as pg.CustomTypesConfig;
