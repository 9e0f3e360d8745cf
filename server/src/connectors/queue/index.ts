/** Message queues as sources: RabbitMQ and NATS JetStream. */
export { natsSource, type NatsConfig } from "./nats.ts";
export { rabbitmqSource, type RabbitmqConfig } from "./rabbitmq.ts";
export { queueRefusals } from "./refusals.ts";
