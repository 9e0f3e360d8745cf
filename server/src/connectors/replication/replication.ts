/** PostgreSQL by logical replication: every committed change, in order, within a moment of its commit; the tables as they are first. */
import Type, { type Static } from "typebox";
import { failuresOf, FlowFault, type CheckFailure, type ConnectorCtx, type Reading, type Source } from "../connector.ts";
import { connectControl, describeTable, shapeOf } from "./catalog.store.ts";
import { follow } from "./follow.ts";
import { connectionOf, faultOf, namedTables, prepare, publicationOf, slotOf, survey } from "./prepare.ts";
import { readStanding } from "./standing.ts";
import { closed, openLink } from "./walsender.ts";

const Name = Type.String({ pattern: "^[a-z_][a-z0-9_]{0,62}$" });

export const ReplicationConfig = Type.Object(
  {
    host: Type.String(),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    database: Type.String(),
    user: Type.String(),
    password: Type.Optional(Type.String()),
    /** `require` encrypts; `verify` also checks the server's certificate. */
    tls: Type.Optional(Type.Union([Type.Literal("require"), Type.Literal("verify")])),
    /** "table" in public, or "schema.table". */
    tables: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true }),
    /** Both are made where we may; "tieout" by default. Two flows on one database need two slots. */
    slot: Type.Optional(Name),
    publication: Type.Optional(Name),
    /** What to do when the source can no longer go on from our position: `stop` (default), or read the tables again while changes keep flowing. */
    onLostSlot: Type.Optional(Type.Union([Type.Literal("stop"), Type.Literal("snapshot")])),
    chunkRows: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  },
  { additionalProperties: false },
);
export type ReplicationConfig = Static<typeof ReplicationConfig>;

export const postgresReplication: Source<ReplicationConfig> = {
  name: "postgres-replication",
  zh: "PostgreSQL 逻辑复制",
  en: "PostgreSQL logical replication",
  config: ReplicationConfig,
  secrets: ["password"],
  mode: "live",

  async check(config) {
    let found: readonly CheckFailure[] = [];
    const faults = await failuresOf(() => withControl(config, async (control) => (found = (await survey(control, config)).failures)));
    return [...found, ...faults];
  },

  discover: (config) =>
    withControl(config, async (control) => {
      const shapes = [];
      for (const { stream, schema, name } of namedTables(config)) {
        const table = await describeTable(control, { schema, name }, publicationOf(config));
        if (table === undefined) throw new FlowFault("config", { code: "replication.no_table", facts: { table: stream } });
        shapes.push(shapeOf(stream, table));
      }
      return shapes;
    }),

  async open(config, states, ctx) {
    const stored = states.get("");
    const standing = stored === undefined ? undefined : readStanding(stored);
    return openReading(config, standing, ctx);
  },
};

async function openReading(config: ReplicationConfig, stored: ReturnType<typeof readStanding> | undefined, ctx: ConnectorCtx): Promise<Reading> {
  const control = connectControl(connectionOf(config));
  control.on("error", () => {}); // it shows in the next statement, or as the end of the link
  try {
    await control.connect();
    const slot = slotOf(config), publication = publicationOf(config);
    const prepared = await prepare(control, config, stored, ctx);
    const link = await openLink(connectionOf(config), { slot, publication, from: prepared.from, patienceMs: prepared.patienceMs });
    let isClosed = false;

    async function close(): Promise<void> {
      if (isClosed) return;
      isClosed = true;
      await Promise.all([link.close(), control.end().catch(() => {})]);
    }
    const ending = { close, faultOf: (error: unknown) => (isClosed || error === closed ? undefined : faultOf(error, config)) };
    const messages = follow({ link, control, prepared, slot, publication, chunkRows: config.chunkRows ?? 2_000 }, ending, ctx);
    return { messages, ack: async (_scope, state) => link.confirm(readStanding(state).lsn), close };
  } catch (error) {
    await control.end().catch(() => {});
    throw faultOf(error, config);
  }
}

async function withControl<T>(config: ReplicationConfig, work: (control: ReturnType<typeof connectControl>) => Promise<T>): Promise<T> {
  const control = connectControl(connectionOf(config));
  control.on("error", () => {});
  try {
    await control.connect();
    return await work(control);
  } catch (error) {
    throw faultOf(error, config);
  } finally {
    await control.end().catch(() => {});
  }
}
