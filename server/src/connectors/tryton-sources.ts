/**
 * Tryton as two sources of flows. `tryton` asks over JSON-RPC on schedule. `tryton-replication` follows Tryton's own PostgreSQL: the log
 * tells which records a commit touched, and the business facts they belong to are read from the tables at once. Both land standard
 * documents, with the records they were made from as bytes beside them.
 */
import pg from "pg";
import Type, { type Static } from "typebox";
import { Refusal, sleep } from "../platform/index.ts";
import { type ConnectorCtx, failuresOf, FlowFault, type Json, type Message, type Reading, type Row, type Source, type States } from "./connector.ts";
import { currentSnapshot, isVisible } from "./replication/catalog.store.ts";
import { connectionOf, faultOf } from "./replication/prepare.ts";
import { postgresReplication } from "./replication/index.ts";
import { stateRefused } from "./database/state.ts";
import { type Known, pullTryton, readTouched, type SourceRecord, type TrytonCursor } from "./tryton.ts";
import type { Canonical } from "./tryton-mapping.ts";
import { openTryton } from "./tryton-rpc.ts";
import { openTrytonTables } from "./tryton-sql.ts";

const Company = Type.Optional(Type.Integer({ minimum: 1, description: "公司的 id,缺省为唯一的一家 Id of the company; default the only one" }));

// ---- JSON-RPC --------------------------------------------------------------------------------------------------------

export const TrytonConfig = Type.Object({
  url: Type.String({ description: "到数据库为止的网址 Up to the database, http://erp:8000/tryton/" }), user: Type.String(), password: Type.String(), company: Company,
  overlapSeconds: Type.Optional(Type.Integer({ minimum: 0, description: "回看秒数,须长于最长的事务,缺省 300 Must exceed the longest transaction; default 300" })),
}, { additionalProperties: false });
type TrytonConfig = Static<typeof TrytonConfig>;

export const trytonRpc: Source<TrytonConfig> = {
  name: "tryton", zh: "Tryton(JSON-RPC)", en: "Tryton over JSON-RPC", config: TrytonConfig, secrets: ["password"], mode: "batch",
  check: (config) => failuresOf(() => openTryton(config)),
  discover: async () => [],
  async open(config, states, ctx) {
    const stored = states.get("");
    if (stored !== undefined && (typeof stored !== "object" || stored === null || Array.isArray(stored) || (stored as { v?: Json }).v !== 1)) throw stateRefused("", "版本不认识", "its version is not known");
    async function* messages(): AsyncGenerator<Message> {
      const count: Record<string, number> = {};
      for await (const pulled of pullTryton({ ...config, book: "", cursor: (stored ?? null) as unknown as TrytonCursor | null, now: ctx.now })) {
        if (pulled.is === "cursor") yield { is: "state", scope: "", state: pulled.cursor as unknown as Json, count };
        else {
          const kind = pulled.is === "document" ? kindOf(pulled.document) : pulled.kind;
          const sourceId = pulled.is === "document" ? pulled.document.sourceId : pulled.sourceId;
          count[kind] = (count[kind] ?? 0) + 1;
          if (pulled.is === "document") yield recordOf(kind, sourceId, pulled.document, pulled.record, pulled.record.changedAt, null, undefined);
          else yield badOf(kind, sourceId, pulled.problems, pulled.record, pulled.record.changedAt);
        }
      }
    }
    return { messages: messages(), ack: async () => {}, close: async () => {} };
  },
};

// ---- 逻辑复制 ----------------------------------------------------------------------------------------------------------

export const TrytonReplicationConfig = Type.Object({
  host: Type.String(), port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })), database: Type.String(), user: Type.String(), password: Type.Optional(Type.String()),
  tls: Type.Optional(Type.Union([Type.Literal("require"), Type.Literal("verify")])), company: Company,
  slot: Type.Optional(Type.String({ pattern: "^[a-z_][a-z0-9_]{0,62}$" })), publication: Type.Optional(Type.String({ pattern: "^[a-z_][a-z0-9_]{0,62}$" })),
  onLostSlot: Type.Optional(Type.Union([Type.Literal("stop"), Type.Literal("snapshot")])),
}, { additionalProperties: false });
type TrytonReplicationConfig = Static<typeof TrytonReplicationConfig>;

/** Tables that are followed, and which record of which model a row of each touches. The many-to-many ones touch the record on our side. */
const followed: Readonly<Record<string, readonly [model: string, column: string]>> = {
  party_party: ["party.party", "id"], party_identifier: ["party.identifier", "id"], product_template: ["product.template", "id"], product_product: ["product.product", "id"], stock_location: ["stock.location", "id"],
  purchase_purchase: ["purchase.purchase", "id"], purchase_line: ["purchase.line", "id"], sale_sale: ["sale.sale", "id"], sale_line: ["sale.line", "id"],
  stock_shipment_in: ["stock.shipment.in", "id"], stock_shipment_in_return: ["stock.shipment.in.return", "id"], stock_shipment_out: ["stock.shipment.out", "id"], stock_shipment_out_return: ["stock.shipment.out.return", "id"], stock_move: ["stock.move", "id"],
  account_invoice: ["account.invoice", "id"], account_invoice_line: ["account.invoice.line", "id"], account_invoice_tax: ["account.invoice.tax", "id"],
  "account_invoice_line-stock_move": ["account.invoice.line", "invoice_line"], "account_invoice-account_move_line": ["account.invoice", "invoice"], account_move: ["account.move", "id"],
};

export const trytonReplication: Source<TrytonReplicationConfig> = {
  name: "tryton-replication", zh: "Tryton(数据库逻辑复制)", en: "Tryton by logical replication of its database", config: TrytonReplicationConfig, secrets: ["password"], mode: "live",
  async check(config, ctx) {
    const below = await postgresReplication.check(innerOf(config), ctx);
    return below.length > 0 ? below : failuresOf(async () => (await tablesOf(config)).client.end());
  },
  discover: (config, ctx) => postgresReplication.discover(innerOf(config), ctx),
  open,
};

/** Throws FlowFault, also for a state that belongs to something else. */
async function open(config: TrytonReplicationConfig, states: States, ctx: ConnectorCtx): Promise<Reading> {
  const known = readKnown(states.get("codes"));
  const stored = states.get("");
  const inner = await postgresReplication.open(innerOf(config), new Map(stored === undefined ? [] : [["", stored]]), ctx);
  let tables: Awaited<ReturnType<typeof tablesOf>>;
  try {
    tables = await tablesOf(config);
  } catch (error) {
    await inner.close();
    throw error;
  }
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await Promise.all([inner.close(), tables.client.end().catch(() => {})]);
  };

  async function* messages(): AsyncGenerator<Message> {
    let touched = new Map<string, Set<number>>();
    let transaction: string | undefined, position = "", at: string | null = null;
    try {
      for await (const message of inner.messages) {
        if (message.is === "record") {
          const [model, column] = followed[message.stream] ?? [];
          const id = column === "id" ? Number(message.key) : Number((message.row ?? message.before)?.[column ?? ""]);
          if (model !== undefined && Number.isSafeInteger(id)) touched.set(model, (touched.get(model) ?? new Set()).add(id));
          ({ position, at } = message);
          transaction = message.transaction ?? transaction;
        } else if (message.is === "state") {
          const count: Record<string, number> = {};
          const codesBefore = known.codes.size + known.masters.size;
          if (touched.size > 0) {
            if (transaction !== undefined) await seen(tables.client, Number(transaction));
            for await (const fact of readTouched(tables.tryton, "", touched, known, ctx.now)) {
              count[fact.kind] = (count[fact.kind] ?? 0) + 1;
              if (fact.is === "document") yield recordOf(fact.kind, fact.sourceId, fact.document, fact.record, position, at, transaction);
              else if (fact.is === "gone") yield { is: "record", stream: fact.kind, key: fact.sourceId, op: "d", row: null, position, transaction, at };
              else yield badOf(fact.kind, fact.sourceId, fact.problems, fact.record, position);
            }
            touched = new Map();
          }
          if (known.codes.size + known.masters.size !== codesBefore) yield { is: "state", scope: "codes", state: writtenKnown(known), count: {} };
          yield { is: "state", scope: "", state: message.state, count };
        } else if (message.is === "status") {
          if (message.stream === "account_move") yield message; // one table speaks for all
        } else if (message.is === "bad") throw new FlowFault("config", message.problem);
      }
    } catch (error) {
      throw isClosed ? error : faultOf(error, innerOf(config));
    }
  }
  return { messages: messages(), ack: async (scope, state) => (scope === "" ? inner.ack("", state) : undefined), close };
}

/** A commit stands in the log a moment before other sessions see it. */
async function seen(client: pg.Client, transaction: number): Promise<void> {
  while (!isVisible(transaction, await currentSnapshot(client))) await sleep(2);
}

const innerOf = ({ company: _, ...config }: TrytonReplicationConfig) => ({ ...config, tables: Object.keys(followed) });

async function tablesOf(config: TrytonReplicationConfig) {
  const client = new pg.Client(connectionOf(innerOf(config)));
  client.on("error", () => {}); // it shows in the next statement
  try {
    await client.connect();
    return { client, tryton: await openTrytonTables(client, `${config.host}/${config.database}`, config.company) };
  } catch (error) {
    await client.end().catch(() => {});
    throw error instanceof Refusal ? error : faultOf(error, innerOf(config));
  }
}

const writtenKnown = ({ codes, masters }: Known): Json => ({ v: 1, codes: Object.fromEntries(codes), masters: [...masters] });

function readKnown(stored: Json | undefined): Known {
  if (stored === undefined) return { codes: new Map(), masters: new Set() };
  const { v, codes, masters } = stored as { readonly v?: Json; readonly codes?: Readonly<Record<string, string>>; readonly masters?: readonly string[] };
  if (v !== 1 || codes === null || typeof codes !== "object" || !Array.isArray(masters)) throw stateRefused("codes", "内容不完整", "its content is not whole");
  return { codes: new Map(Object.entries(codes)), masters: new Set(masters) };
}

// ---- both ------------------------------------------------------------------------------------------------------------

const kindOf = ({ schema }: Canonical): string => schema.slice("tieout/".length, schema.lastIndexOf("@"));

/** The flow says which book; versions are counted where documents are kept. */
function recordOf(kind: string, sourceId: string, document: Canonical, record: SourceRecord, position: string, at: string | null, transaction: string | undefined): Message {
  const { book: _, sourceVersion: __, ...row } = document as Canonical & { readonly sourceVersion?: number };
  return { is: "record", stream: kind, key: sourceId, op: "r", row: JSON.parse(JSON.stringify(row)) as Row, position, transaction, at, bytes: bytesOf(record) };
}

const badOf = (stream: string, key: string, problems: readonly { readonly code: string; readonly facts: Readonly<Record<string, string | number | bigint>>; readonly where?: string | undefined }[], record: SourceRecord, position: string): Message =>
  ({ is: "bad", stream, key, bytes: bytesOf(record), problem: problems[0] ?? { code: "record.no_date", facts: { record: `${record.model},${record.id}` } }, position });

const bytesOf = ({ model, id, rows }: SourceRecord): Buffer => Buffer.from(JSON.stringify({ model, id, rows }));
