/**
 * A NATS JetStream stream as a source. The position is the stream's sequence number, kept with the records in the inbox. At each opening the
 * durable consumer is made anew behind that position, because a consumer that is taken up again sends new messages before those that
 * were under way when it broke off, and "everything up to here" would no longer be true.
 */
import { AckPolicy, DeliverPolicy, type JetStreamManager, type JsMsg, jetstream, jetstreamManager, RetentionPolicy, type StreamInfo } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import Type, { type Static } from "typebox";
import { refuse } from "../../platform/index.ts";
import { type CheckFailure, FlowFault, type Json, type Message, type Source } from "../connector.ts";
import { isRow } from "../files/json.ts";
import { messageOf, messagesPerState, shapeOf } from "./queued.ts";

const config = Type.Object({
  servers: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
  user: Type.Optional(Type.String({ minLength: 1 })),
  password: Type.Optional(Type.String({ minLength: 1 })),
  token: Type.Optional(Type.String({ minLength: 1 })),
  tls: Type.Optional(Type.Boolean()),
  /** The JetStream stream; also the stream its records belong to. */
  stream: Type.String({ pattern: "^[^\\s.*>]{1,60}$" }),
  /** Only messages of this subject, such as "orders.>". */
  subject: Type.Optional(Type.String({ minLength: 1 })),
  /** The durable consumer's name; it belongs to this flow alone. */
  consumer: Type.String({ pattern: "^[A-Za-z0-9_-]{1,60}$" }),
  /** Fields that identify a record; the Nats-Msg-Id or the sequence unless said otherwise. */
  key: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
  prefetch: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000 })),
}, { additionalProperties: false });
export type NatsConfig = Static<typeof config>;

type State = { readonly v: 1; readonly sequence: number };

const prefetchOf = ({ prefetch }: NatsConfig): number => prefetch ?? 200;
const ackWaitNanos = 300_000_000_000;

export const natsSource: Source<NatsConfig> = {
  name: "nats", zh: "NATS 消息流", en: "NATS JetStream", config, secrets: ["password", "token"], mode: "live",
  check: async (given) => {
    try {
      const { connection } = await openStream(given);
      await connection.close();
      return [];
    } catch (error) {
      return [failureOf(error)];
    }
  },
  discover: async (given) => {
    const { connection, manager, info } = await openStream(given);
    try {
      if (info.state.messages === 0) return [];
      const last = await manager.streams.getMessage(given.stream, given.subject === undefined ? { seq: info.state.last_seq } : { last_by_subj: given.subject });
      return last === null ? [] : shapeOf(given.stream, given.key, Buffer.from(last.data));
    } finally {
      await connection.close();
    }
  },
  open: async (given, states, ctx) => {
    const start = states.has("") ? stateOf(states.get("")) : { v: 1, sequence: 0 };
    const { connection, manager, info } = await openStream(given);
    const waiting: JsMsg[] = [];
    const pending: JsMsg[] = [];
    let isClosed = false;
    let fault: FlowFault | undefined;
    let wake: () => void = () => {};
    try {
      checkPosition(given, info, start.sequence, states.has(""));
      await placeConsumer(manager, given, info, start.sequence);
      const consumer = await jetstream(connection).consumers.get(given.stream, given.consumer);
      // The server sends no more than the consumer may leave unacknowledged, so what waits here is bounded.
      const arriving = await consumer.consume({
        max_messages: prefetchOf(given),
        callback: (message) => {
          waiting.push(message);
          wake();
        },
      });
      void Promise.race([connection.closed(), arriving.closed()]).then((error) => {
        fault = error instanceof Error ? faultOf(error, given) : unreachable(given, "the connection was closed");
        wake();
      });
    } catch (error) {
      await connection.close();
      throw faultOf(error, given);
    }

    async function* read(): AsyncGenerator<Message> {
      let sequence = start.sequence;
      let delivered = 0;
      let count = 0;
      let covered = 0;
      for (;;) {
        const message = waiting.shift();
        if (message === undefined) {
          if (isClosed) return;
          if (fault !== undefined) throw fault;
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        const { deliverySequence, streamSequence } = message.info;
        // A delivery that is missing was lost on the way, and would come again behind newer ones.
        if (deliverySequence !== delivered + 1) throw unreachable(given, `delivery ${delivered + 1} was lost`);
        delivered = deliverySequence;
        pending.push(message);
        covered += 1;
        // Known already: sent again because the inbox was slow, or still in a work queue.
        if (streamSequence > sequence) {
          if (given.subject === undefined && sequence > 0 && streamSequence > sequence + 1) await tellGap(manager, given, sequence + 1, streamSequence - 1, (facts) => ctx.log.warn("messages were deleted one by one before they were read", facts));
          sequence = streamSequence;
          const id = message.headers?.get("Nats-Msg-Id") ?? "";
          const { data } = message;
          yield messageOf({ body: Buffer.from(data.buffer, data.byteOffset, data.byteLength), id, position: String(streamSequence), at: message.time.toISOString() }, given.stream, given.key, String(streamSequence));
          count += 1;
        }
        if (waiting.length > 0 && covered < Math.min(messagesPerState, prefetchOf(given))) continue;
        yield { is: "state", scope: "", state: { v: 1, sequence } satisfies State, count: count === 0 ? {} : { [given.stream]: count } };
        count = covered = 0;
      }
    }

    return {
      messages: read(),
      ack: async (_scope, acked) => {
        const { sequence } = stateOf(acked);
        const kept = pending.filter((message) => message.seq <= sequence);
        pending.splice(0, pending.length, ...pending.filter((message) => message.seq > sequence));
        try {
          // Answered by the server, so that nothing is taken for acknowledged that is not.
          await Promise.all(kept.map((message) => message.ackAck()));
        } catch (error) {
          ctx.log.warn("an acknowledgement did not arrive; the position in the inbox counts", { stream: given.stream, sequence, error });
        }
      },
      close: async () => {
        if (isClosed) return;
        isClosed = true;
        waiting.length = 0;
        wake();
        await connection.close().catch(() => {});
      },
    };
  },
};

type Opened = { readonly connection: NatsConnection; readonly manager: JetStreamManager; readonly info: StreamInfo };

async function openStream(given: NatsConfig): Promise<Opened> {
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers: [...given.servers], name: "tieout", reconnect: false, timeout: 10_000, pingInterval: 20_000, maxPingOut: 2,
      ...(given.user === undefined ? {} : { user: given.user }), ...(given.password === undefined ? {} : { pass: given.password }), ...(given.token === undefined ? {} : { token: given.token }), ...(given.tls === true ? { tls: {} } : {}),
    });
  } catch (error) {
    throw faultOf(error, given);
  }
  try {
    const manager = await jetstreamManager(connection);
    const info = await manager.streams.info(given.stream);
    if (info.config.retention === RetentionPolicy.Interest) throw new FlowFault("config", { code: "queue.interest", facts: { queue: given.stream } });
    return { connection, manager, info };
  } catch (error) {
    await connection.close();
    throw faultOf(error, given);
  }
}

/** A position that the stream no longer reaches back to, or has not reached, is a question for a person and never a silent jump. */
function checkPosition(given: NatsConfig, { state, config: { retention } }: StreamInfo, sequence: number, hasState: boolean): void {
  if (!hasState) return;
  if (sequence > state.last_seq) throw new FlowFault("config", { code: "queue.ahead", facts: { queue: given.stream, at: sequence, last: state.last_seq } });
  if (given.subject === undefined && retention === RetentionPolicy.Limits && sequence + 1 < state.first_seq) throw gap(given, sequence + 1, state.first_seq - 1);
}

const gap = ({ stream }: NatsConfig, from: number, to: number): FlowFault => new FlowFault("config", { code: "queue.gap", facts: { queue: stream, from, to } });

/** Numbers that are missing in the middle: cut off by the stream's limits, or deleted one by one by somebody who meant it. */
async function tellGap(manager: JetStreamManager, given: NatsConfig, from: number, to: number, tell: (facts: { readonly stream: string; readonly from: number; readonly to: number }) => void): Promise<void> {
  const { state, config: { retention } } = await manager.streams.info(given.stream).catch((error: unknown) => {
    throw faultOf(error, given);
  });
  if (retention === RetentionPolicy.Limits && state.first_seq > to) throw gap(given, from, to);
  if (retention === RetentionPolicy.Limits) tell({ stream: given.stream, from, to });
}

/** A work queue gives what was not acknowledged, from the oldest on, and allows no other start. */
async function placeConsumer(manager: JetStreamManager, given: NatsConfig, info: StreamInfo, sequence: number): Promise<void> {
  await manager.consumers.delete(given.stream, given.consumer).catch((error: unknown) => {
    if ((error as { readonly code?: number }).code !== 10_014 && !/consumer not found/i.test(String(error))) throw error;
  });
  const isFromStart = sequence === 0 || info.config.retention === RetentionPolicy.Workqueue;
  await manager.consumers.add(given.stream, {
    durable_name: given.consumer, description: "tieout", ack_policy: AckPolicy.Explicit, ack_wait: ackWaitNanos, max_ack_pending: 2 * prefetchOf(given),
    ...(isFromStart ? { deliver_policy: DeliverPolicy.All } : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: sequence + 1 }),
    ...(given.subject === undefined ? {} : { filter_subject: given.subject }),
  });
}

/** Without a login that somebody wrote into the address. */
const hostOf = ({ servers }: NatsConfig): string => servers.map((server) => server.replace(/^(\w+:\/\/)?[^@/]*@/, "$1")).join(", ");
const unreachable = (given: NatsConfig, cause: string): FlowFault => new FlowFault("network", { code: "queue.unreachable", facts: { host: hostOf(given), cause } });

function faultOf(error: unknown, given: NatsConfig): FlowFault {
  if (error instanceof FlowFault) return error;
  const { name, message } = error as Error;
  const host = hostOf(given);
  const user = given.user ?? "–";
  if (/authorization|authentication/i.test(`${name} ${message}`)) return new FlowFault("auth", { code: "queue.login", facts: { host, user } });
  if (/permission/i.test(`${name} ${message}`)) return new FlowFault("permission", { code: "queue.forbidden", facts: { user, queue: given.stream, cause: message.slice(0, 200) } });
  if (/stream not found|jetstream (is )?not enabled/i.test(message)) return new FlowFault("config", { code: "queue.missing", facts: { host, queue: given.stream } });
  return unreachable(given, message.slice(0, 200));
}

const failureOf = (error: unknown): CheckFailure => {
  if (error instanceof FlowFault) return { failure: error.failure, problem: error.problem };
  throw error;
};

const stateOf = (state: Json | undefined): State =>
  isRow(state) && state["v"] === 1 && Number.isSafeInteger(state["sequence"]) && (state["sequence"] as number) >= 0 ? (state as unknown as State) : refuse("source.state", { causeZh: `读不懂 ${(JSON.stringify(state) ?? "").slice(0, 80)}`, causeEn: `it does not read as one: ${(JSON.stringify(state) ?? "").slice(0, 80)}` });
