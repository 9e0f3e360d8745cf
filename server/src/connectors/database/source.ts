/** A source out of a dialect: the configuration, what the check says, and the reading of its streams one after another on one connection. */
import { Type } from "typebox";
import { FlowFault, type CheckFailure, type ConnectorCtx, type Message, type Reading, type Source, type States, type StreamShape } from "../connector.ts";
import { offsetAt, shapeOf } from "./column.ts";
import type { Dialect, Session } from "./dialect.ts";
import { planStream, streamFields, type Plan, type StreamDefinition } from "./plan.ts";
import { readStream } from "./read.ts";
import { selectByCursor, selectByKey, selectNoChild } from "./select.ts";

export type DatabaseConfig<Connection> = Connection & {
  /** The zone that times without one are meant in. Without it they go over the wire as text, as the wall clock showed them. */
  readonly zone?: string;
  readonly streams: Readonly<Record<string, StreamDefinition>>;
};

export function databaseSource<Connection, S extends Session>(dialect: Dialect<Connection, S>): Source<DatabaseConfig<Connection>> {
  type Config = DatabaseConfig<Connection>;

  /** What the database did wrong, in our words; anything else is thrown as it is. */
  function faultOf(error: unknown, config: Config, what: string): unknown {
    if (error instanceof FlowFault) return error;
    const meaning = dialect.meaning(error);
    if (meaning === undefined) return error;
    const cause = causeOf(error);
    return new FlowFault(meaning.failure, { code: `sql.${meaning.code}`, facts: { source: dialect.address(config), user: dialect.user(config), what, cause } }, { cause: error });
  }

  async function guarded<T>(config: Config, what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw faultOf(error, config, what);
    }
  }

  function requireWhole({ zone, streams }: Config): void {
    if (Object.keys(streams).length === 0) throw new FlowFault("config", { code: "sql.no_streams", facts: {} });
    if (zone === undefined) return;
    try {
      offsetAt(zone, 0);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new FlowFault("config", { code: "sql.zone", facts: { zone } });
    }
  }

  const connect = (config: Config): Promise<S> => guarded(config, dialect.address(config), () => dialect.connect(config));
  const plan = (config: Config, session: S, stream: string): Promise<Plan> =>
    guarded(config, stream, () => planStream(dialect, session, config, stream, config.streams[stream] as StreamDefinition, config.zone));

  async function check(config: Config): Promise<readonly CheckFailure[]> {
    const failures: CheckFailure[] = [];
    const note = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!(error instanceof FlowFault)) throw error;
        failures.push({ failure: error.failure, problem: error.problem });
      }
    };
    await note(async () => {
      requireWhole(config);
      const session = await connect(config);
      try {
        for (const stream of Object.keys(config.streams)) {
          await note(async () => {
            const planned = await plan(config, session, stream);
            // Read rows as the reading does, so that a missing right shows now.
            const statements = [selectByKey(dialect, planned, undefined, 1), ...(planned.cursor === undefined ? [] : [selectByCursor(dialect, planned, planned.cursor, undefined, undefined, 1)])];
            await guarded(config, stream, async () => {
              for (const { sql, values } of statements) await session.rows(sql, values);
            });
            for (const child of planned.children) {
              const { sql } = selectNoChild(dialect, child);
              await guarded(config, child.table, () => session.rows(sql));
            }
          });
        }
      } finally {
        await session.close();
      }
    });
    return failures;
  }

  async function discover(config: Config): Promise<readonly StreamShape[]> {
    const session = await connect(config);
    try {
      return await guarded(config, dialect.address(config), async () => {
        const shapes: StreamShape[] = [];
        for (const table of await dialect.tables(session)) {
          const described = await dialect.describe(session, table);
          if (described !== undefined) shapes.push({ stream: table, key: described.key, fields: described.columns.map((column) => shapeOf(column, config.zone)) });
        }
        return shapes;
      });
    } finally {
      await session.close();
    }
  }

  async function open(config: Config, states: States, ctx: ConnectorCtx): Promise<Reading> {
    requireWhole(config);
    const session = await connect(config);
    async function* read(): AsyncGenerator<Message> {
      let stream = "";
      try {
        for (stream of Object.keys(config.streams)) yield* readStream(dialect, session, await plan(config, session, stream), states, ctx);
      } catch (error) {
        throw faultOf(error, config, stream);
      } finally {
        await session.close();
      }
    }
    const messages = read();
    return {
      messages,
      // A position here is nothing but what the state says; the database knows of no reader.
      ack: async () => {},
      async close() {
        await messages.return(undefined);
        await session.close();
      },
    };
  }

  return {
    name: dialect.name, zh: dialect.zh, en: dialect.en, mode: "batch", secrets: dialect.secrets,
    config: Type.Object(
      {
        ...dialect.connection,
        zone: Type.Optional(Type.String({ minLength: 1, description: "Zone of times that are stored without one, such as Asia/Shanghai" })),
        // May be empty, so that discover can be asked before a stream is known.
        streams: Type.Record(Type.String({ pattern: "^[^#]+$" }), streamFields),
      },
      { additionalProperties: false },
    ),
    check, discover, open,
  };
}

/** The driver's own words, the last ones of a chain; several addresses of a name that all failed have one each. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors.at(-1));
  return error instanceof Error ? (error.message || String((error as { readonly code?: unknown }).code ?? error.name)).split("\n")[0]!.slice(0, 300) : String(error);
}
