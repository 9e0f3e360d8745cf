import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, connect as dial, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect as connectNats } from "@nats-io/transport-node";
import amqp from "amqplib";
import { elapsedMs, silentLog, sleep, systemClock } from "../../platform/index.ts";
import { acceptTarget, sampleDelivery } from "../acceptance.ts";
import type { Delivery } from "../target.ts";
import { natsTarget, type NatsTargetConfig, rabbitmqTarget, type RabbitmqTargetConfig } from "./queue.ts";

const ctx = { now: systemClock, log: silentLog, flow: "test" };
const rabbitmqServer = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const natsServer = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"].find(existsSync);
const noRabbitmq = existsSync(rabbitmqServer) ? undefined : "install rabbitmq-server (Debian) to run this";
const noNats = natsServer === undefined ? "install nats-server (Debian) to run this" : undefined;

// One private server of each kind for this file, on free ports, data below the temporary folder.
type Broker = { readonly port: number; readonly stop: () => Promise<void> };
const started = new Map<string, Promise<Broker>>();
const broker = (kind: "nats" | "rabbitmq"): Promise<Broker> => {
  const known = started.get(kind) ?? (kind === "nats" ? startNats() : startRabbitmq());
  started.set(kind, known);
  return known;
};
after(async () => {
  for (const one of started.values()) await (await one).stop();
});

async function startNats(): Promise<Broker> {
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), "tieout-nats-"))];
  return running(spawn(natsServer as string, ["-a", "127.0.0.1", "-p", String(port), "-js", "-sd", folder], { stdio: "ignore" }), port, folder);
}

async function startRabbitmq(): Promise<Broker> {
  const [port, distribution, names, folder] = [await freePort(), await freePort(), await freePort(), await mkdtemp(join(tmpdir(), "tieout-rabbitmq-"))];
  await writeFile(join(folder, "rabbitmq.conf"), `listeners.tcp.1 = 127.0.0.1:${port}\nlog.console = false\nvm_memory_high_watermark.relative = 0.9\n`);
  await writeFile(join(folder, "enabled_plugins"), "[].\n");
  const settings = { HOME: folder, ERL_EPMD_PORT: names, RABBITMQ_NODENAME: `tieout${port}@localhost`, RABBITMQ_NODE_PORT: port, RABBITMQ_DIST_PORT: distribution, RABBITMQ_BASE: folder, RABBITMQ_MNESIA_BASE: folder, RABBITMQ_LOG_BASE: folder, RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"), RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"), RABBITMQ_PID_FILE: join(folder, "pid"), RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 1:1", RABBITMQ_CONF_ENV_FILE: "/dev/null" };
  const inSettings = (command: string, detached: boolean): ChildProcess => spawn("env", [...Object.entries(settings).map(([name, value]) => `${name}=${value}`), command], { stdio: "ignore", detached });
  // Erlang's name server would stay behind as a daemon if the broker had to start it.
  const nameServer = await running(inSettings("epmd", false), names, folder);
  const server = await running(inSettings(rabbitmqServer, true), port, folder);
  return { port, stop: async () => void (await server.stop(), await nameServer.stop()) };
}

async function running(child: ChildProcess, port: number, folder: string): Promise<Broker> {
  const until = elapsedMs() + 60_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || elapsedMs() > until) throw new Error(`the broker did not start (${child.exitCode})`);
    await sleep(100);
  }
  return {
    port,
    async stop() {
      const ended = new Promise((resolve) => void child.once("exit", resolve));
      try {
        process.kill(-(child.pid as number), "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const answers = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = dial(port, "127.0.0.1", () => void (socket.destroy(), resolve(true)));
  socket.on("error", () => resolve(false));
});
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

let made = 0;

const rabbitmq = async () => {
  const { port } = await broker("rabbitmq");
  const queue = `vouchers-${++made}`;
  const configAt = (at: number): RabbitmqTargetConfig => ({ url: `amqp://127.0.0.1:${at}`, user: "guest", password: "guest", routingKey: queue });
  const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${port}`);
  const channel = await connection.createChannel();
  await channel.assertQueue(queue, { durable: true });
  const kept = new Map<string, number>();
  const collect = async (): Promise<Map<string, number>> => {
    for (let got = await channel.get(queue, { noAck: true }); got; got = await channel.get(queue, { noAck: true })) {
      assert.equal(got.properties.deliveryMode, 2, "persistent");
      kept.set(String(got.properties.messageId), (kept.get(String(got.properties.messageId)) ?? 0) + 1);
    }
    return kept;
  };
  return { config: configAt(port), port, configAt, write: `"deliveryId"`, queue, standing: async ({ deliveryId }: Delivery) => (await collect()).get(deliveryId) ?? 0, close: () => connection.close() };
};
acceptTarget({ name: "rabbitmq", target: rabbitmqTarget, make: rabbitmq, refuses: false, lacks: ["answers", "readBack"], many: 500, skip: noRabbitmq });

test("RabbitMQ: what no queue takes, and an exchange that does not exist, are told and not lost", { skip: noRabbitmq }, async () => {
  const system = await rabbitmq();
  for (const wrong of [{ routingKey: "nobody" }, { exchange: "nowhere", routingKey: "x" }]) {
    const session = await rabbitmqTarget.open({ ...system.config, ...wrong }, 1n, ctx);
    const [outcome] = await session.deliver([sampleDelivery(1)], 5000);
    assert.deepEqual(outcome?.is === "notSent" && outcome.problem.code, "target.unroutable", JSON.stringify(outcome));
    await session.close();
    assert.deepEqual((await rabbitmqTarget.check({ ...system.config, ...wrong }, ctx)).map(({ failure }) => failure), ["config"]);
  }
  assert.deepEqual((await rabbitmqTarget.check({ ...system.config, password: "wrong one" }, ctx)).map(({ failure, problem }) => [failure, problem.code]), [["auth", "target.login_refused"]]);
  await system.close();
});

const nats = async () => {
  const { port } = await broker("nats");
  const subject = `vouchers.${++made}`;
  const connection = await connectNats({ servers: `127.0.0.1:${port}` });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: `S${made}`, subjects: [subject] });
  const stream = `S${made}`;
  const configAt = (at: number): NatsTargetConfig => ({ servers: `127.0.0.1:${at}`, subject });
  async function standing({ deliveryId }: Delivery): Promise<number> {
    const { state } = await manager.streams.info(stream);
    let count = 0;
    for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(stream, { seq });
      if (message?.header?.get("Nats-Msg-Id") === deliveryId) count += 1;
    }
    return count;
  }
  return { config: configAt(port), port, configAt, write: `PUB ${subject}`, standing, close: () => connection.close() };
};
acceptTarget({ name: "nats", target: natsTarget, make: nats, refuses: false, lacks: ["answers", "readBack"], many: 500, skip: noNats });

test("NATS: a subject that no stream takes is told and not lost", { skip: noNats }, async () => {
  const system = await nats();
  const session = await natsTarget.open({ ...system.config, subject: "nobody.listens" }, 1n, ctx);
  const [outcome] = await session.deliver([sampleDelivery(1)], 5000);
  assert.equal(outcome?.is === "notSent" && outcome.problem.code, "target.unroutable", JSON.stringify(outcome));
  await session.close();
  assert.deepEqual((await natsTarget.check({ ...system.config, subject: "nobody.listens" }, ctx)).map(({ failure }) => failure), ["config"]);
  await system.close();
});

test("a queue message can be a template of the flow's own", { skip: noNats }, async () => {
  const system = await nats();
  const session = await natsTarget.open({ ...system.config, body: { no: "{voucher.number}", lines: { $each: "voucher.lines", do: { account: "{line.account}", debit: "{=line.debit?}", credit: "{=line.credit?}" } } } }, 1n, ctx);
  await session.deliver([sampleDelivery(5)], 5000);
  const connection = await connectNats({ servers: system.config.servers });
  const stream = await jetstream(connection).streams.get(`S${made}`);
  const message = await stream.getMessage({ seq: 1 });
  assert.equal(message?.string(), '{"no":"记-5","lines":[{"account":"1122","debit":11300.00},{"account":"6001","credit":10000.00},{"account":"222101","credit":1300.00}]}');
  await Promise.all([connection.close(), session.close()]);
  await system.close();
});
