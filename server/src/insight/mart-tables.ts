/** The relations of the mart, as they are in the books' database: the same names and columns, so that one statement serves both. */
export type MartTable = {
  readonly table: string;
  readonly columns: Readonly<Record<string, string>>;
  /** tail: rows are only added, by voucher. whole: replaced when something changed. versions: by the version of each row. masters: when master data changed. */
  readonly follows: "tail" | "whole" | "versions" | "masters";
};

const text = "varchar not null", whole = "bigint not null", day = "date not null";

export const martTables: readonly MartTable[] = [
  { table: "fact_line", follows: "tail", columns: {
    book_id: "integer not null", voucher_id: whole, line_no: "integer not null", date: day, period: text, account: text, class: text, is_result: "boolean not null", kind: text, document_id: whole, party: text, employee: text, item: text, warehouse: text,
    department: text, bank_account: text, project: text, region: text, salesperson: text, currency: text, debit: whole, credit: whole, amount: whole, original: whole, quantity: whole } },
  { table: "fact_sale", follows: "tail", columns: {
    book_id: "integer not null", voucher_id: whole, part_no: "integer not null", date: day, period: text, kind: text, document_id: whole, party: text, item: text, region: text, salesperson: text, department: text, project: text, revenue: whole, cost: whole, quantity: whole } },
  { table: "fact_open", follows: "whole", columns: {
    book_id: "integer not null", document_id: whole, line: text, kind: "varchar", date: day, due_on: "date", account: text, class: text, party: text, currency: text, salesperson: text, region: text, department: text, amount: whole, original: whole } },
  { table: "fact_order", follows: "versions", columns: {
    book_id: "integer not null", document_id: whole, side: text, source: text, kind: text, source_id: text, date: day, period: text, party: text, salesperson: text, region: text, department: text, ordered: whole, ordered_amount: whole, shipped: whole,
    shipped_amount: whole, returned: whole, returned_amount: whole, invoiced: whole, invoiced_amount: whole, collected_amount: whole, open_amount: whole, due_on: "date" } },
  { table: "fact_budget", follows: "whole", columns: { book_id: "integer not null", document_id: whole, period: text, date: day, account: text, class: text, type: text, department: text, project: text, amount: whole } },
  { table: "party_record", follows: "masters", columns: { book_id: "integer not null", kind: text, code: text, source: text, owner: text, department: text, region: text } },
  { table: "party", follows: "masters", columns: { book_id: "integer not null", code: text, kind: text, owner: text, region: text, party_group: text } },
  { table: "item", follows: "masters", columns: { book_id: "integer not null", code: text, category: text } },
];

export const createMart = [
  "create schema if not exists insight",
  ...martTables.map(({ table, columns }) => `create table if not exists insight.${table} (${Object.entries(columns).map(([name, type]) => `${name} ${type}`).join(", ")})`),
  "create table if not exists insight.copied (book_id integer not null, generation bigint not null, version bigint not null, voucher_id bigint not null, masters varchar not null)",
  "create table if not exists insight.form (form varchar not null)",
];

/** Changes with the tables: a file of another form is made anew. */
export const martForm = createMart.join(";");
