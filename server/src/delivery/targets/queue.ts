/**
 * Message queues. RabbitMQ confirms what it has kept, but does not know a message that came before: a lost confirm is left to a person,
 * and consumers can tell repetitions by message_id, our delivery id. NATS JetStream drops a repeated message id within the stream's
 * duplicate window: repeating is safe for as long as that lasts.
 */
import { jetstream, jetstreamManager, JetStreamApiError, type JetStreamClient } from "@nats-io/jetstream";
import { connect as connectNats, headers, type NatsConnection, nanos, NoRespondersError, RequestError } from "@nats-io/transport-node";
import amqp, { type ChannelModel, type ConfirmChannel } from "amqplib";
import { Type, type Static } from "typebox";
import { failuresOf, FlowFault, type Json } from "../../connectors/index.ts";
import { elapsedMs, sleep } from "../../platform/index.ts";
import type { Delivery, Outcome, Target } from "../target.ts";
import { faultOf } from "./http.ts";
import { outcomeOf, Unfit, type Verdict } from "./outcome.ts";
import { compileJson, compileText, scopeOf } from "./template.ts";

const message = {
  /** A template in JSON; the delivery as it is otherwise. */
  body: Type.Optional(Type.Unknown()),
};
export const RabbitmqTargetConfig = Type.Object({
  /** amqp:// or amqps://, with the virtual host as its path. */
  url: Type.String(),
  user: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  /** The default exchange, "", sends straight to the queue called as the routing key. */
  exchange: Type.Optional(Type.String()),
  /** A template. */
  routingKey: Type.String(),
  ...message,
}, { additionalProperties: false });
export type RabbitmqTargetConfig = Static<typeof RabbitmqTargetConfig>;

export const NatsTargetConfig = Type.Object({
  servers: Type.String(),
  user: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  token: Type.Optional(Type.String()),
  /** A template. A stream must take it. */
  subject: Type.String(),
  ...message,
}, { additionalProperties: false });
export type NatsTargetConfig = Static<typeof NatsTargetConfig>;

const connectMs = 10_000;
const closeMs = 500;

/** Templates of a message. Throws FlowFault with target.template. */
function messageOf(place: string, body: unknown): (delivery: Delivery) => { readonly key: string; readonly bytes: Buffer } {
  try {
    const key = compileText(place);
    const form = body === undefined ? undefined : compileJson(body as Json);
    return (delivery) => {
      const scope = scopeOf(delivery);
      const { deliveryId, reference, purpose, payloadHash } = delivery;
      const plain = delivery.purpose === "voucher" ? { voucher: delivery.voucher } : { document: delivery.document };
      return { key: key(scope), bytes: Buffer.from(JSON.stringify(form ? form(scope) : { deliveryId, reference, purpose, payloadHash, ...plain })) };
    };
  } catch (error) {
    if (error instanceof Unfit) throw faultOf(error.problem);
    throw error;
  }
}

// RabbitMQ ---------------------------------------------------------------------------------------------------------------------

export const rabbitmqTarget: Target<RabbitmqTargetConfig> = {
  name: "rabbitmq", zh: "RabbitMQ 队列", en: "RabbitMQ", config: RabbitmqTargetConfig, secrets: ["password"],
  dedupe: "none", red: "negative",
  check: (config) => failuresOf(async () => {
    const connection = await openRabbitmq(config);
    try {
      const channel = await connection.createChannel();
      channel.on("error", () => {});
      const isDefault = (config.exchange ?? "") === "";
      const isFixed = !config.routingKey.includes("{");
      try {
        if (!isDefault) await channel.checkExchange(config.exchange ?? "");
        else if (isFixed) await channel.checkQueue(config.routingKey);
      } catch {
        throw faultOf({ code: "target.unroutable", facts: { system: "RabbitMQ", key: isDefault ? config.routingKey : config.exchange ?? "" } });
      }
    } finally {
      await closeWithin(connection, closeMs);
    }
  }),
  async open(config, _epoch, ctx) {
    const form = messageOf(config.routingKey, config.body);
    let connection: ChannelModel | undefined;
    let channel: ConfirmChannel | undefined;
    /** Messages of which the broker has not said yet what became of them, by message id. */
    const waiting = new Map<string, (verdict: Verdict) => void>();
    const returned = new Set<string>();

    const broken = (cause: string): void => {
      channel = undefined;
      for (const settle of [...waiting.values()]) settle({ is: "unknown", problem: { code: "target.broken_off", facts: { system: "RabbitMQ", cause } } });
    };
    async function ready(): Promise<ConfirmChannel> {
      if (channel) return channel;
      if (connection) await closeWithin(connection, closeMs);
      connection = await openRabbitmq(config);
      connection.on("error", () => {}).on("close", (error?: Error) => broken(error?.message ?? "closed"));
      const opened = await connection.createConfirmChannel();
      // An exchange that does not exist closes the channel: nothing was kept.
      opened.on("error", (error: { readonly code?: number; readonly message: string }) => {
        if (error.code === 404 || error.code === 403) for (const settle of [...waiting.values()]) settle({ is: "notSent", stops: true, problem: { code: error.code === 404 ? "target.unroutable" : "target.forbidden", facts: { system: "RabbitMQ", key: config.exchange ?? "", message: error.message } } });
      });
      opened.on("close", () => broken("channel closed"));
      // The broker returns what no queue takes before it confirms it.
      opened.on("return", ({ properties }: { readonly properties: { readonly messageId?: string } }) => void returned.add(properties.messageId ?? ""));
      channel = opened;
      return opened;
    }
    await ready();

    /** Sends as many as there are and lets the confirms come as they come. */
    async function deliver(deliveries: readonly Delivery[], timeoutMs: number): Promise<Outcome[]> {
      const until = elapsedMs() + timeoutMs;
      let live: ConfirmChannel;
      try {
        live = await ready();
      } catch (error) {
        if (!(error instanceof FlowFault)) throw error;
        return deliveries.map((delivery) => outcomeOf(delivery, { is: "notSent", problem: error.problem }));
      }
      return Promise.all(deliveries.map(async (delivery): Promise<Outcome> => {
        let form_: { readonly key: string; readonly bytes: Buffer };
        try {
          form_ = form(delivery);
        } catch (error) {
          if (error instanceof Unfit) return outcomeOf(delivery, { is: "rejected", problem: error.problem });
          throw error;
        }
        const { key, bytes } = form_;
        const verdict = await new Promise<Verdict>((resolve) => {
          const id = delivery.deliveryId;
          const timer = setTimeout(() => settle({ is: "unknown", problem: { code: "target.timeout", facts: { system: "RabbitMQ", seconds: Math.ceil(timeoutMs / 100) / 10 } } }), Math.max(1, until - elapsedMs()));
          const settle = (verdict: Verdict): void => {
            clearTimeout(timer);
            waiting.delete(id);
            resolve(verdict);
          };
          waiting.set(id, settle);
          try {
            live.publish(config.exchange ?? "", key, bytes, { messageId: id, correlationId: delivery.reference, persistent: true, mandatory: true, contentType: "application/json", type: delivery.purpose }, (error: unknown) => {
              if (error !== null && error !== undefined) return waiting.has(id) ? settle({ is: "unknown", problem: { code: "target.broken_off", facts: { system: "RabbitMQ", cause: error instanceof Error ? error.message : "nack" } } }) : undefined;
              if (returned.delete(id)) return settle({ is: "notSent", stops: true, problem: { code: "target.unroutable", facts: { system: "RabbitMQ", key } } });
              settle({ is: "applied", acknowledgement: { targetId: id, targetNumber: "", targetState: "confirmed", at: ctx.now().toISOString() } });
            });
          } catch (error) {
            settle({ is: "notSent", stops: true, problem: { code: "target.unreachable", facts: { system: "RabbitMQ", cause: error instanceof Error ? error.message : String(error) } } });
          }
        });
        return outcomeOf(delivery, verdict);
      }));
    }

    return {
      deliver,
      probe: async () => {
        throw faultOf({ code: "target.setting_missing", facts: { system: "RabbitMQ", kind: "search", code: config.routingKey } });
      },
      async close() {
        const open = connection;
        connection = undefined;
        channel = undefined;
        if (open) await closeWithin(open, closeMs);
      },
    };
  },
};

/** A broker that does not answer is left without its farewell; the library would keep its heartbeat going for ever. */
async function closeWithin(connection: ChannelModel, limitMs: number): Promise<void> {
  let isClosed = false;
  const closed = connection.close().catch(() => {}).then(() => (isClosed = true));
  await Promise.race([closed, sleep(limitMs)]);
  if (isClosed) return;
  const { stream, heartbeater } = connection.connection as unknown as { readonly stream?: { destroy(): void }; readonly heartbeater?: { clear(): void } };
  heartbeater?.clear();
  stream?.destroy();
}

async function openRabbitmq(config: RabbitmqTargetConfig): Promise<ChannelModel> {
  const url = URL.parse(config.url);
  if (!url || !/^amqps?:$/.test(url.protocol)) throw faultOf({ code: "target.not_found", facts: { system: "RabbitMQ", message: "amqp://" } });
  if (config.user !== undefined) url.username = encodeURIComponent(config.user);
  if (config.password !== undefined) url.password = encodeURIComponent(config.password);
  try {
    return await amqp.connect(url.toString(), { timeout: connectMs, clientProperties: { connection_name: "tieout" } });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/ACCESS_REFUSED|403/.test(text)) throw faultOf({ code: "target.login_refused", facts: { system: "RabbitMQ", message: "ACCESS_REFUSED" } });
    if (/NOT_ALLOWED|530/.test(text)) throw faultOf({ code: "target.not_found", facts: { system: "RabbitMQ", message: `vhost ${url.pathname}` } });
    throw faultOf({ code: "target.unreachable", facts: { system: "RabbitMQ", cause: (error as { readonly code?: string }).code ?? text.replaceAll(config.password ?? "\u0000", "***").slice(0, 200) } });
  }
}

// NATS JetStream -----------------------------------------------------------------------------------------------------------------

export const natsTarget: Target<NatsTargetConfig> = {
  name: "nats", zh: "NATS JetStream 队列", en: "NATS JetStream", config: NatsTargetConfig, secrets: ["password", "token"],
  dedupe: "idempotency-key", red: "negative",
  check: (config) => failuresOf(async () => {
    const connection = await openNats(config);
    try {
      if (config.subject.includes("{")) return;
      const manager = await jetstreamManager(connection, { timeout: connectMs });
      const stream = await manager.streams.find(config.subject).catch(() => undefined);
      if (stream === undefined) throw faultOf({ code: "target.unroutable", facts: { system: "NATS", key: config.subject } });
      const { config: { duplicate_window: window } } = await manager.streams.info(stream);
      if (window < nanos(60_000)) throw faultOf({ code: "target.setting_missing", facts: { system: `NATS ${stream}`, kind: "duplicate_window ≥ 60 s", code: stream } });
    } finally {
      await connection.close().catch(() => {});
    }
  }),
  async open(config, _epoch, ctx) {
    const form = messageOf(config.subject, config.body);
    let connection = await openNats(config);
    let stream: JetStreamClient = jetstream(connection, { timeout: connectMs });

    const one = async (delivery: Delivery, leftMs: number): Promise<Verdict> => {
      try {
        const { key, bytes } = form(delivery);
        const head = headers();
        head.set("Tieout-Reference", delivery.reference);
        head.set("Tieout-Hash", delivery.payloadHash);
        const ack = await stream.publish(key, bytes, { msgID: delivery.deliveryId, timeout: Math.max(1, Math.trunc(leftMs)), headers: head });
        return { is: ack.duplicate ? "duplicate" : "applied", acknowledgement: { targetId: `${ack.stream}/${ack.seq}`, targetNumber: "", targetState: "stored", at: ctx.now().toISOString() } };
      } catch (error) {
        if (error instanceof Unfit) return { is: "rejected", problem: error.problem };
        if (error instanceof JetStreamApiError) return { is: "rejected", problem: { code: "target.refused", facts: { system: "NATS", message: error.message.slice(0, 300) } } };
        const isNobody = [error, (error as Error).cause].some((one) => one instanceof NoRespondersError || (one instanceof RequestError && one.isNoResponders()) || /no responders/i.test(one instanceof Error ? one.message : ""));
        if (isNobody) return { is: "notSent", stops: true, problem: { code: "target.unroutable", facts: { system: "NATS", key: config.subject } } };
        const text = error instanceof Error ? error.message : String(error);
        return /timeout/i.test(text) ? { is: "unknown", problem: { code: "target.timeout", facts: { system: "NATS", seconds: Math.ceil(leftMs / 100) / 10 } } } : { is: "unknown", problem: { code: "target.broken_off", facts: { system: "NATS", cause: text.slice(0, 200) } } };
      }
    };

    return {
      async deliver(deliveries, timeoutMs) {
        if (connection.isClosed()) {
          try {
            connection = await openNats(config);
            stream = jetstream(connection, { timeout: connectMs });
          } catch (error) {
            if (!(error instanceof FlowFault)) throw error;
            return deliveries.map((delivery) => outcomeOf(delivery, { is: "notSent", problem: error.problem }));
          }
        }
        return Promise.all(deliveries.map(async (delivery) => outcomeOf(delivery, await one(delivery, timeoutMs))));
      },
      probe: async () => {
        throw faultOf({ code: "target.setting_missing", facts: { system: "NATS", kind: "search", code: config.subject } });
      },
      close: () => connection.close().catch(() => {}),
    };
  },
};

async function openNats({ servers, user, password, token }: NatsTargetConfig): Promise<NatsConnection> {
  try {
    // Without its own reconnecting: what was on the way when a connection broke must be told, not sent again silently.
    return await connectNats({ servers: servers.split(",").map((server) => server.trim()), name: "tieout", reconnect: false, timeout: connectMs, ...(user === undefined ? {} : { user, pass: password ?? "" }), ...(token === undefined ? {} : { token }) });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/authori[sz]ation|authentication/i.test(text)) throw faultOf({ code: "target.login_refused", facts: { system: "NATS", message: text.slice(0, 100) } });
    throw faultOf({ code: "target.unreachable", facts: { system: "NATS", cause: text.slice(0, 200) } });
  }
}
