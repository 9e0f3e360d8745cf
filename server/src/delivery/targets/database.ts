/**
 * 数据库: vouchers as rows of PostgreSQL, MySQL/MariaDB or SQLite. The rows and our ledger entry commit in one transaction, so
 * what the ledger names is there once, and what it does not name is not there at all, however the connection ended.
 */
import { type Static, Type } from "typebox";
import { type CheckFailure, FlowFault } from "../../connectors/index.ts";
import { formatMoney, parseMoney } from "../../values/index.ts";
import type { Delivery, Outcome, Standing, Target, VoucherLineOut, VoucherOut } from "../target.ts";
import { within } from "../within.ts";
import { asFault, type Engine, type EngineDb, openEngine, type Value } from "./database-engine.ts";
import { deliverInTransaction, type Entry, ledgerTables, probeOf, raiseFence, readLedger, repeatedOf, standBehindFence, writeLedger } from "./ledger.ts";

const Name = Type.String({ pattern: "^[A-Za-z_\\u4e00-\\u9fff][\\w$\\u4e00-\\u9fff]{0,62}(\\.[A-Za-z_\\u4e00-\\u9fff][\\w$\\u4e00-\\u9fff]{0,62})?$" });
const Columns = Type.Record(Type.String({ pattern: "^[A-Za-z_\\u4e00-\\u9fff][\\w$\\u4e00-\\u9fff]{0,62}$" }), Type.Union([Type.String(), Type.Object({ value: Type.Union([Type.String(), Type.Number(), Type.Null()]) }, { additionalProperties: false })]));
const Void = Type.Object({ column: Type.String(), value: Type.String() }, { additionalProperties: false });

const Config = Type.Object({
  url: Type.String({ description: "postgres://user@host/db, mysql://user@host/db, sqlite:/path/file.db" }),
  password: Type.Optional(Type.String()),
  /** In front of our own two tables, such as "tieout." for a schema of that name. */
  ledgerPrefix: Type.Optional(Type.String({ pattern: "^[A-Za-z_]\\w*\\.?$" })),
  /** Without tables of their own, vouchers go into tieout_voucher and tieout_voucher_line, which are made. */
  header: Type.Optional(Type.Object({ table: Name, columns: Columns, id: Type.Optional(Type.String()), void: Type.Optional(Void) }, { additionalProperties: false })),
  lines: Type.Optional(Type.Object({ table: Name, columns: Columns, void: Type.Optional(Void) }, { additionalProperties: false })),
  /** What a document or write-back does: one statement with :names of its fields. */
  statement: Type.Optional(Type.String()),
}, { additionalProperties: false });
export type DatabaseConfig = Static<typeof Config>;

const ownHeader = { table: "tieout_voucher", columns: Object.fromEntries(["reference", "book", "period", "series", "no", "number", "date", "summary", "attachments", "currency", "preparedBy", "reviewedBy", "debitTotal", "sources"].map((field) => [snake(field), field])) };
const ownLines = { table: "tieout_voucher_line", columns: Object.fromEntries(["reference", "lineNo", "account", "accountName", "summary", "debit", "credit", "currency", "amountOriginal", "rate", "quantity", "dimensions"].map((field) => [snake(field), field])) };

const ownTables = (isMysql: boolean): string[] => {
  const text = isMysql ? "varchar(191)" : "text";
  return [
    `create table if not exists tieout_voucher (reference ${text} not null primary key, book ${text} not null, period ${text} not null, series ${text} not null, no integer not null, number ${text} not null, date date not null, summary text not null, attachments integer not null, currency ${text} not null, prepared_by ${text} not null, reviewed_by ${text} not null, debit_total numeric(20, 4) not null, sources text not null)`,
    `create table if not exists tieout_voucher_line (reference ${text} not null, line_no integer not null, account ${text} not null, account_name text not null, summary text not null, debit numeric(20, 4) not null, credit numeric(20, 4) not null, currency ${text} not null, amount_original numeric(20, 4) not null, rate numeric(20, 10) not null, quantity numeric(20, 6), dimensions text not null, primary key (reference, line_no))`,
  ];
};

function snake(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What a column can hold. Figures are decimal strings; the database makes numbers of them. */
const headerFields: Readonly<Record<string, (delivery: Delivery, voucher: VoucherOut) => Value>> = {
  reference: ({ reference }) => reference, deliveryId: ({ deliveryId }) => deliveryId, payloadHash: ({ payloadHash }) => payloadHash,
  book: (_, v) => v.book, period: (_, v) => v.period, year: (_, v) => v.period.slice(0, 4), month: (_, v) => String(Number(v.period.slice(5))), series: (_, v) => v.series, no: (_, v) => v.no, number: (_, v) => v.number, date: (_, v) => v.date, summary: (_, v) => v.summary,
  attachments: (_, v) => v.attachments, currency: (_, v) => v.currency, preparedBy: (_, v) => v.preparedBy, reviewedBy: (_, v) => v.reviewedBy, isRed: (_, v) => (v.isRed ? 1 : 0), debitTotal: (_, v) => total(v), sources: (_, v) => v.sources.join(", "),
};
const lineFields: Readonly<Record<string, (line: VoucherLineOut, at: number, currency: string) => Value>> = {
  lineNo: (_, at) => at + 1, account: (l) => l.account, accountName: (l) => l.accountName, lineSummary: (l) => l.summary, debit: (l) => l.debit, credit: (l) => l.credit, amount: (l, _, currency) => difference(l, currency),
  lineCurrency: (l) => l.currency, amountOriginal: (l) => l.amountOriginal, rate: (l) => l.rate, quantity: (l) => (l.quantity === "" ? null : l.quantity), dimensions: (l) => JSON.stringify(l.dimensions),
};
// On a line, these two are the line's.
const onLine: Readonly<Record<string, string>> = { summary: "lineSummary", currency: "lineCurrency" };

const total = ({ lines, currency }: VoucherOut): string => formatMoney(lines.reduce((sum, { debit }) => sum + (parseMoney(debit, currency) ?? 0n), 0n), currency);
const difference = ({ debit, credit }: VoucherLineOut, currency: string): string => formatMoney((parseMoney(debit, currency) ?? 0n) - (parseMoney(credit, currency) ?? 0n), currency);

type LineContext = { readonly delivery: Delivery; readonly voucher: VoucherOut; readonly headerId: string };
type Column<Of> = { readonly column: string; readonly field: string; readonly of: (of: Of) => Value };

const headerColumns = (columns: DatabaseConfig["header"] & object): Column<LineContext>[] =>
  Object.entries(columns.columns).map(([column, from]) => {
    if (typeof from !== "string") return { column, field: "", of: () => from.value };
    const field = headerFields[from] ?? unknownField(column, from);
    return { column, field: from, of: ({ delivery, voucher }) => field(delivery, voucher) };
  });

const lineColumns = (lines: DatabaseConfig["lines"] & object): Column<LineContext & { line: VoucherLineOut; at: number }>[] =>
  Object.entries(lines.columns).map(([column, from]) => {
    if (typeof from !== "string") return { column, field: "", of: () => from.value };
    if (from === "headerId") return { column, field: from, of: ({ headerId }) => headerId };
    const [, named, kind] = /^(dimensions|dimensionNames)\.(.+)$/.exec(from) ?? [];
    if (kind !== undefined) return { column, field: from, of: ({ line }) => (named === "dimensions" ? line.dimensions : line.dimensionNames)[kind] ?? null };
    const own = lineFields[onLine[from] ?? from];
    if (own !== undefined) return { column, field: from, of: ({ line, at, voucher }) => own(line, at, voucher.currency) };
    const field = headerFields[from] ?? unknownField(column, from);
    return { column, field: from, of: ({ delivery, voucher }) => field(delivery, voucher) };
  });

const unknownField = (column: string, field: string): never => {
  throw new FlowFault("config", { code: "database.field_unknown", facts: { column, field, known: [...Object.keys(headerFields), ...Object.keys(lineFields)].join(", ") }, where: column });
};

type Shape = { readonly header: DatabaseConfig["header"] | undefined; readonly lines: DatabaseConfig["lines"] & object; readonly headerColumns: readonly Column<LineContext>[]; readonly lineColumns: ReturnType<typeof lineColumns>; readonly prefix: string; readonly isOwn: boolean };

/** Refuses by FlowFault. */
function shapeOf(config: DatabaseConfig): Shape {
  const isOwn = config.header === undefined && config.lines === undefined;
  const header: DatabaseConfig["header"] | undefined = isOwn ? ownHeader : config.header;
  const lines = isOwn ? ownLines : config.lines;
  if (lines === undefined) throw new FlowFault("config", { code: "database.no_lines", facts: {}, where: "lines" });
  const shape = { header, lines, headerColumns: header === undefined ? [] : headerColumns(header), lineColumns: lineColumns(lines), prefix: config.ledgerPrefix ?? "", isOwn };
  if (shape.lineColumns.some(({ field }) => field === "headerId") && (header?.id === undefined || columnOf(shape.headerColumns, "reference") === undefined)) throw new FlowFault("config", { code: "database.no_header_id", facts: {}, where: "header.id" });
  return shape;
}
const columnOf = (columns: readonly Column<never>[], ...fields: readonly string[]): string | undefined => columns.find(({ field }) => fields.includes(field))?.column;

export const database: Target<DatabaseConfig> = {
  name: "database", zh: "数据库", en: "Database", config: Config, secrets: ["password"], dedupe: "transactional", red: "negative",

  async check(config) {
    try {
      const shape = shapeOf(config);
      const engine = await openEngine(config, 10_000);
      try {
        await prepare(engine, shape);
        await engine.transaction(async (db) => {
          if (shape.header !== undefined) await db.query(`select ${shape.headerColumns.map(({ column }) => column).join(", ")} from ${shape.header.table} where 1 = 0`);
          await db.query(`select ${shape.lineColumns.map(({ column }) => column).join(", ")} from ${shape.lines.table} where 1 = 0`);
        });
        return [];
      } catch (error) {
        throw asFault(error, config.url);
      } finally {
        await engine.close();
      }
    } catch (error) {
      if (error instanceof FlowFault) return [{ failure: error.failure, problem: error.problem } satisfies CheckFailure];
      throw error;
    }
  },

  async open(config, epoch, ctx) {
    const flow = ctx.flow ?? "";
    const shape = shapeOf(config);
    const engine = await openEngine(config, 10_000);
    try {
      await prepare(engine, shape);
      await engine.transaction((db) => raiseFence(db, shape.prefix, flow, epoch));
    } catch (error) {
      await engine.close();
      throw asFault(error, config.url);
    }
    const at = (): string => ctx.now().toISOString();

    async function write(db: EngineDb, deliveries: readonly Delivery[]): Promise<Outcome[]> {
      await standBehindFence(db, shape.prefix, flow, epoch);
      const known = await readLedger(db, shape.prefix, deliveries);
      const fresh = deliveries.filter(({ deliveryId }) => !known.has(deliveryId));
      const ids = await writeVouchers(db, shape, fresh);
      for (const delivery of fresh) if (delivery.purpose !== "voucher") await runStatement(db, config, delivery);
      const txid = await db.transactionId();
      const deliveredAt = at();
      if (fresh.length > 0) await writeLedger(db, shape.prefix, epoch, txid, deliveredAt, fresh.map((delivery) => ({ delivery, targetId: ids.get(delivery.reference) ?? delivery.reference })));
      return deliveries.map((delivery): Outcome => known.has(delivery.deliveryId) ? repeatedOf(delivery, known.get(delivery.deliveryId) as Entry)
        : { is: "applied", deliveryId: delivery.deliveryId, acknowledgement: { targetId: ids.get(delivery.reference) ?? delivery.reference, targetNumber: delivery.reference, targetState: "posted", at: deliveredAt } });
    }

    const canReadBack = canRead(shape);
    return {
      deliver: (deliveries, timeoutMs) => within(timeoutMs, deliverInTransaction(engine, config.url, deliveries, write)),
      async probe(deliveries) {
        try {
          // Behind the fence: what an older worker has not committed by now, it will not commit any more.
          return await engine.transaction(async (db) => {
            await standBehindFence(db, shape.prefix, flow, epoch);
            const known = await readLedger(db, shape.prefix, deliveries);
            return deliveries.map((delivery) => probeOf(delivery, known.get(delivery.deliveryId)));
          });
        } catch (error) {
          throw asFault(error, config.url);
        }
      },
      ...(canReadBack ? {
        async readBack(deliveries: readonly Delivery[]): Promise<Standing[]> {
          try {
            return await engine.transaction((db) => readStanding(db, shape, deliveries));
          } catch (error) {
            throw asFault(error, config.url);
          }
        },
      } : {}),
      close: () => engine.close(),
    };
  },
};

/** Makes what is missing of our own tables; never touches those of the target. */
async function prepare(engine: Engine, shape: Shape): Promise<void> {
  await engine.transaction(async (db) => {
    for (const statement of ledgerTables(engine.dialect, shape.prefix)) await db.query(statement);
    if (shape.isOwn) for (const statement of ownTables(engine.dialect === "mysql")) await db.query(statement);
  });
}

/** Answers the ids that the target gave, by reference. */
async function writeVouchers(db: EngineDb, shape: Shape, deliveries: readonly Delivery[]): Promise<ReadonlyMap<string, string>> {
  const vouchers = deliveries.flatMap((delivery) => (delivery.purpose === "voucher" ? [{ delivery, voucher: delivery.voucher, headerId: "" }] : []));
  const ids = new Map<string, string>();
  if (vouchers.length === 0) return ids;
  if (shape.header !== undefined) {
    await db.insert(shape.header.table, shape.headerColumns.map(({ column }) => column), vouchers.map((one) => shape.headerColumns.map(({ of }) => of(one))));
    if (shape.header.id !== undefined) {
      const reference = columnOf(shape.headerColumns, "reference") as string;
      for (const row of await inPortions(vouchers.map(({ delivery }) => delivery.reference), (list, values) => db.query(`select ${shape.header?.id} as id, ${reference} as reference from ${shape.header?.table} where ${reference} in (${list})`, values))) ids.set(row.reference ?? "", row.id ?? "");
    }
  }
  await db.insert(shape.lines.table, shape.lineColumns.map(({ column }) => column),
    vouchers.flatMap(({ delivery, voucher }) => {
      const headerId = ids.get(delivery.reference) ?? "";
      return voucher.lines.map((line, at) => shape.lineColumns.map(({ of }) => of({ delivery, voucher, headerId, line, at })));
    }));
  return ids;
}

async function runStatement(db: EngineDb, config: DatabaseConfig, delivery: Delivery & { readonly document: Readonly<Record<string, unknown>> }): Promise<void> {
  if (config.statement === undefined) throw new FlowFault("config", { code: "database.no_statement", facts: {}, where: "statement" });
  const fields: Readonly<Record<string, unknown>> = { ...delivery.document, reference: delivery.reference, deliveryId: delivery.deliveryId };
  const values: Value[] = [];
  const text = config.statement.replace(/(?<![:\w]):([A-Za-z]\w*)/g, (_, name: string) => {
    const value = fields[name];
    values.push(value === undefined || value === null ? null : typeof value === "object" ? JSON.stringify(value) : typeof value === "boolean" ? String(value) : (value as string | number));
    return "?";
  });
  await db.query(text, values);
}

const linkFields = ["reference", "deliveryId", "headerId"];
const canRead = ({ header, headerColumns, lineColumns }: Shape): boolean =>
  columnOf(lineColumns, "account") !== undefined && (columnOf(lineColumns, "amount") !== undefined || (columnOf(lineColumns, "debit") !== undefined && columnOf(lineColumns, "credit") !== undefined)) && columnOf(lineColumns, ...linkFields) !== undefined
  && (header === undefined ? columnOf(lineColumns, "date") !== undefined : columnOf(headerColumns, "date") !== undefined && columnOf(headerColumns, "reference") !== undefined);

async function readStanding(db: EngineDb, shape: Shape, deliveries: readonly Delivery[]): Promise<Standing[]> {
  const { header, lines } = shape;
  const link = shape.lineColumns.find(({ field }) => linkFields.includes(field)) as Column<never>;
  const amount = columnOf(shape.lineColumns, "amount");
  const inHeader = header !== undefined;
  const columns = inHeader ? shape.headerColumns : shape.lineColumns;
  const dateColumn = columnOf(columns as readonly Column<never>[], "date") as string;
  const voidOf = (inHeader ? header : lines).void;
  const heads = new Map<string, Readonly<Record<string, string | null>>>(); // by what the lines name
  const own = new Map(deliveries.map((delivery) => [link.field === "deliveryId" ? delivery.deliveryId : delivery.reference, delivery]));
  if (inHeader) {
    const reference = columnOf(shape.headerColumns, "reference") as string;
    const rows = await inPortions(deliveries.map((delivery) => delivery.reference), (list, values) => db.query(
      `select ${reference} as reference, ${dateColumn} as date${header.id === undefined ? "" : `, ${header.id} as id`}${voidOf === undefined ? "" : `, ${voidOf.column} as void`} from ${header.table} where ${reference} in (${list})`, values));
    const byReference = new Map(deliveries.map((delivery) => [delivery.reference, delivery]));
    for (const row of rows) heads.set((link.field === "headerId" ? row.id : link.field === "deliveryId" ? byReference.get(row.reference ?? "")?.deliveryId : row.reference) ?? "", row);
  }
  const wanted = inHeader ? [...heads.keys()] : [...own.keys()];
  const found = await inPortions(wanted, (list, values) => db.query(
    `select ${link.column} as link, ${columnOf(shape.lineColumns, "account")} as account, ${amount === undefined ? `${columnOf(shape.lineColumns, "debit")} as debit, ${columnOf(shape.lineColumns, "credit")} as credit` : `${amount} as amount`}${inHeader ? "" : `, ${dateColumn} as date${voidOf === undefined ? "" : `, ${voidOf.column} as void`}`}
       from ${lines.table} where ${link.column} in (${list})`, values));
  const byLink = Map.groupBy(found, (row) => row.link ?? "");
  const standings: Standing[] = [];
  for (const key of wanted) {
    const rows = byLink.get(key) ?? [];
    const head = inHeader ? heads.get(key) : rows[0];
    if (head === undefined) continue;
    const reference = inHeader ? (head.reference ?? "") : (own.get(key)?.reference ?? "");
    const isVoid = voidOf !== undefined && head.void === voidOf.value;
    standings.push({
      reference, isVoid, date: (head.date ?? "").slice(0, 10), acknowledgement: { targetId: head.id ?? reference, targetNumber: reference, targetState: isVoid ? "void" : "posted", at: "" },
      lines: rows.map((row) => ({ account: row.account ?? "", debit: amount === undefined ? (row.debit ?? "0") : (row.amount ?? "0"), credit: amount === undefined ? (row.credit ?? "0") : "0" })),
    });
  }
  return standings;
}

async function inPortions<Row>(values: readonly string[], ask: (list: string, values: readonly string[]) => Promise<Row[]>): Promise<Row[]> {
  const found: Row[] = [];
  for (let from = 0; from < values.length; from += 1_000) {
    const part = values.slice(from, from + 1_000);
    found.push(...(await ask(part.map(() => "?").join(", "), part)));
  }
  return found;
}

