/**
 * A RabbitMQ queue as a source. The broker keeps the position: a message is acknowledged when it is in the inbox, and comes again until
 * then. At most `prefetch` messages are on their way, so the state remembers that many: what the broker sends again after a lost
 * acknowledgement is known by its id, or by its content if the sender gives none.
 */
import { randomUUID } from "node:crypto";
import amqp, { type Channel, type ChannelModel, type ConsumeMessage, type Message as AmqpMessage } from "amqplib";
import Type, { type Static } from "typebox";
import { refuse, sleep } from "../../platform/index.ts";
import { type CheckFailure, FlowFault, type Json, type Message, type Source } from "../connector.ts";
import { isRow } from "../files/json.ts";
import { hashOf, messageOf, messagesPerState, shapeOf } from "./queued.ts";

const config = Type.Object({
  host: Type.String({ minLength: 1 }),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  tls: Type.Optional(Type.Boolean()),
  vhost: Type.Optional(Type.String()),
  user: Type.String({ minLength: 1 }),
  password: Type.String({ minLength: 1 }),
  queue: Type.String({ minLength: 1 }),
  /** The stream its records belong to; the queue's name unless said otherwise. */
  stream: Type.Optional(Type.String({ minLength: 1 })),
  /** Fields that identify a record, such as "order.no"; the message id unless said otherwise. */
  key: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
  prefetch: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000 })),
}, { additionalProperties: false });
export type RabbitmqConfig = Static<typeof config>;

/** `tag`: the newest delivery of the session that it covers. `recent`: ids of the last messages, oldest first. */
type State = { readonly v: 1; readonly session: string; readonly tag: number; readonly recent: readonly string[] };

const prefetchUsual = 200;

export const rabbitmqSource: Source<RabbitmqConfig> = {
  name: "rabbitmq", zh: "RabbitMQ 消息队列", en: "RabbitMQ", config, secrets: ["password"], mode: "live",
  check: async (given) => {
    try {
      const { connection } = await openQueue(given);
      await within(connection.close());
      return [];
    } catch (error) {
      return [failureOf(error)];
    }
  },
  discover: async (given) => {
    const { connection, channel } = await openQueue(given);
    try {
      // Not acknowledged, so it goes back to its place when the channel closes.
      const first = await channel.get(given.queue);
      return first === false ? [] : shapeOf(given.stream ?? given.queue, given.key, first.content);
    } finally {
      await within(connection.close());
    }
  },
  open: async (given, states, ctx) => {
    const start = stateOf(states.get(""));
    const { connection, channel } = await openQueue(given);
    const session = randomUUID();
    const prefetch = given.prefetch ?? prefetchUsual;
    const stream = given.stream ?? given.queue;
    const waiting: ConsumeMessage[] = [];
    let isClosed = false;
    let fault: FlowFault | undefined;
    let wake: () => void = () => {};
    const stop = (found: FlowFault): void => {
      fault ??= found;
      wake();
    };
    for (const ended of [connection, channel]) {
      ended.on("error", (error: unknown) => stop(faultOf(error, given)));
      ended.on("close", () => stop(unreachable(given, "the connection was closed")));
    }
    try {
      await channel.prefetch(prefetch);
      await channel.consume(given.queue, (message) => {
        if (message === null) return stop(missing(given));
        waiting.push(message);
        wake();
      });
    } catch (error) {
      await within(connection.close());
      throw faultOf(error, given);
    }

    async function* read(): AsyncGenerator<Message> {
      /** Taken in before this session and possibly not acknowledged: each of them may come once more. */
      const known = [...start.recent];
      const recent = [...start.recent];
      let count = 0;
      let covered = 0;
      for (;;) {
        const next = waiting.shift();
        if (next === undefined) {
          if (isClosed) return;
          if (fault !== undefined) throw fault;
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        const { fields, properties, content } = next;
        const id = typeof properties.messageId === "string" ? properties.messageId : "";
        const mark = id === "" ? `#${hashOf(content)}` : id;
        // Without an id two equal messages may both be meant; only one that the broker marks as sent again is taken for the same.
        const at = id !== "" || fields.redelivered ? known.indexOf(mark) : -1;
        if (at >= 0) {
          known.splice(at, 1);
          ctx.log.debug("a message that is in the inbox already came again", { queue: given.queue, message: mark });
        } else {
          yield messageOf({ body: content, id, position: `${given.queue}#${fields.deliveryTag}`, at: isoOf(properties.timestamp, ctx.now()) }, stream, given.key, hashOf(content));
          count += 1;
          recent.push(mark);
          if (recent.length > prefetch) recent.splice(0, recent.length - prefetch);
        }
        covered += 1;
        if (waiting.length > 0 && covered < Math.min(messagesPerState, prefetch)) continue;
        yield { is: "state", scope: "", state: { v: 1, session, tag: fields.deliveryTag, recent: [...recent] } satisfies State as unknown as Json, count: count === 0 ? {} : { [stream]: count } };
        count = covered = 0;
      }
    }

    return {
      messages: read(),
      ack: async (_scope, acked) => {
        const state = stateOf(acked);
        if (state.session !== session || isClosed || fault !== undefined) return;
        channel.ack({ fields: { deliveryTag: state.tag } } as AmqpMessage, true);
      },
      close: async () => {
        if (isClosed) return;
        isClosed = true;
        waiting.length = 0;
        wake();
        // What is not acknowledged goes back into the queue. Closing the channel first sends the acknowledgements that are still on their way.
        await within(channel.close());
        await within(connection.close());
      },
    };
  },
};

type Opened = { readonly connection: ChannelModel; readonly channel: Channel };

/** Closing waits for the broker's answer, and one that has just died gives none. */
const within = (closing: Promise<void>): Promise<void> => Promise.race([closing.catch(() => {}), sleep(2_000)]);

/** Connected, and the queue is there and durable. Nothing is created. */
async function openQueue(given: RabbitmqConfig): Promise<Opened> {
  let connection: ChannelModel;
  try {
    connection = await amqp.connect(
      { protocol: given.tls === true ? "amqps" : "amqp", hostname: given.host, port: given.port ?? (given.tls === true ? 5671 : 5672), username: given.user, password: given.password, vhost: given.vhost ?? "/", heartbeat: 20 },
      { timeout: 15_000, clientProperties: { connection_name: "tieout" } },
    );
  } catch (error) {
    throw faultOf(error, given);
  }
  connection.on("error", () => {});
  try {
    await onChannel(connection, (channel) => channel.checkQueue(given.queue));
    // Declaring it as durable fails where it is not, and changes nothing where it is. Other arguments, and no right to declare, do not matter here.
    await onChannel(connection, (channel) => channel.assertQueue(given.queue, { durable: true })).catch((error: unknown) => {
      if (/inequivalent arg 'durable'/.test(String(error))) throw new FlowFault("config", { code: "queue.not_durable", facts: { queue: given.queue } });
    });
    return { connection, channel: await connection.createChannel() };
  } catch (error) {
    await within(connection.close());
    throw faultOf(error, given);
  }
}

/** The broker closes a channel on which something was refused. */
async function onChannel<T>(connection: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await connection.createChannel();
  channel.on("error", () => {});
  const result = await work(channel);
  await channel.close();
  return result;
}

const unreachable = ({ host }: RabbitmqConfig, cause: string): FlowFault => new FlowFault("network", { code: "queue.unreachable", facts: { host, cause } });
const missing = ({ host, queue }: RabbitmqConfig): FlowFault => new FlowFault("config", { code: "queue.missing", facts: { host, queue } });

function faultOf(error: unknown, given: RabbitmqConfig): FlowFault {
  if (error instanceof FlowFault) return error;
  const { message, code } = error as { readonly message: string; readonly code?: number | string };
  const { host, user, queue } = given;
  if (/ACCESS[-_]REFUSED.*(login|authentication)|Handshake terminated by server: 403/i.test(message)) return new FlowFault("auth", { code: "queue.login", facts: { host, user } });
  if (code === 404 || /NOT[-_]FOUND|vhost .*not found/i.test(message)) return missing(given);
  if (code === 403 || code === 530 || /ACCESS[-_]REFUSED|NOT[-_]ALLOWED/i.test(message)) return new FlowFault("permission", { code: "queue.forbidden", facts: { user, queue, cause: message.slice(0, 200) } });
  return unreachable(given, message.slice(0, 200));
}

const failureOf = (error: unknown): CheckFailure => {
  if (error instanceof FlowFault) return { failure: error.failure, problem: error.problem };
  throw error;
};

/** The sender's own time, in seconds as AMQP says; some send milliseconds. */
function isoOf(timestamp: unknown, moment: Date): string | null {
  if (typeof timestamp !== "number" || timestamp <= 0) return null;
  moment.setTime(timestamp > 100_000_000_000 ? timestamp : timestamp * 1000);
  return moment.toISOString();
}

function stateOf(state: Json | undefined): State {
  if (state === undefined) return { v: 1, session: "", tag: 0, recent: [] };
  const isWhole = isRow(state) && state["v"] === 1 && typeof state["session"] === "string" && Number.isSafeInteger(state["tag"]) && Array.isArray(state["recent"]) && state["recent"].every((mark) => typeof mark === "string");
  return isWhole ? (state as unknown as State) : refuse("source.state", { causeZh: `读不懂 ${JSON.stringify(state).slice(0, 80)}`, causeEn: `it does not read as one: ${JSON.stringify(state).slice(0, 80)}` });
}
