import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import amqp, { type Channel, type ChannelModel } from "amqplib";
import { silentLog, sleep, systemClock } from "../../platform/index.ts";
import { acceptSource, readSource, type Sample } from "../acceptance.ts";
import type { FlowFault, Message, States } from "../connector.ts";
import { type RabbitmqConfig, rabbitmqSource } from "./rabbitmq.ts";

/** The server itself; the command of the same name changes to a user whose directories are the system's. */
const binary = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const skip = existsSync(binary) ? undefined : "install rabbitmq-server (Debian) to run this";
const options = skip === undefined ? {} : { skip };
const ctx = { now: systemClock, log: silentLog };

let folder = "";
let port = 0;
let server: ChildProcess | undefined;
let names: ChildProcess | undefined;
let connection: ChannelModel;
let channel: Channel;

before(async () => {
  if (skip !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), "tieout-rabbit-"));
  const [own, distribution, mapper] = [await freePort(), await freePort(), await freePort()];
  port = own;
  await mkdir(join(folder, "home"));
  await writeFile(join(folder, "plugins"), "[].\n");
  // Few schedulers and no name service of its own outside of this folder: it lives beside other tests.
  await writeFile(join(folder, "rabbitmq.conf"), `listeners.tcp.1 = 127.0.0.1:${own}\nloopback_users = none\n`);
  const environment = {
    PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: join(folder, "home"), LANG: "C.UTF-8", ERL_EPMD_PORT: String(mapper), ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_NODENAME: `tieout${own}@localhost`, RABBITMQ_DIST_PORT: String(distribution), RABBITMQ_MNESIA_BASE: join(folder, "data"), RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "plugins"), RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"), RABBITMQ_CONF_ENV_FILE: join(folder, "none"), RABBITMQ_PID_FILE: join(folder, "pid"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 1:1",
  };
  // The name service too belongs to this test alone; the server would leave its own behind.
  names = spawn("epmd", ["-port", String(mapper), "-address", "127.0.0.1"], { env: environment, stdio: "ignore" });
  server = spawn(binary, [], { env: environment, stdio: "ignore", detached: true });
  for (let attempt = 0; ; attempt += 1) {
    try {
      connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${port}`);
      break;
    } catch (error) {
      if (attempt > 300) throw error;
      await sleep(100);
    }
  }
  channel = await connection.createChannel();
}, { timeout: 40_000 });

after(async () => {
  if (server === undefined) return;
  await Promise.race([connection.close().catch(() => {}), sleep(500)]);
  if (server.exitCode === null && server.signalCode === null) {
    const exited = new Promise((resolve) => server?.once("exit", resolve));
    process.kill(-(server.pid as number), "SIGKILL");
    await exited;
  }
  names?.kill();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

let queues = 0;
async function makeQueue(more: Partial<RabbitmqConfig> = {}): Promise<RabbitmqConfig> {
  const queue = `q${(queues += 1)}`;
  await channel.assertQueue(queue, { durable: true });
  return { host: "127.0.0.1", port, user: "guest", password: "guest", queue, key: ["id"], ...more };
}
const send = async (queue: string, bodies: readonly (string | Buffer)[], messageId?: string): Promise<void> => {
  const confirming = await connection.createConfirmChannel();
  for (const body of bodies) confirming.sendToQueue(queue, Buffer.from(body), { persistent: true, timestamp: 1_743_386_400, ...(messageId === undefined ? {} : { messageId }) });
  await confirming.waitForConfirms();
  await confirming.close();
};

acceptSource({
  source: rabbitmqSource, skip, quietMs: 200, samples: 130, keepsState: false,
  make: async () => {
    const config = await makeQueue();
    const publish = (samples: readonly Sample[]): Promise<void> => send(config.queue, samples.map((sample) => JSON.stringify(sample)));
    return {
      config, stream: config.queue, insert: publish, update: publish,
      broken: { config: { ...config, queue: "missing" }, auth: { ...config, password: "wrong" }, network: { ...config, port: 1 } },
      types: async () => {
        await send(config.queue, ['{"id":"1","n":9223372036854775807,"d":12345678901234567.89,"t":true,"none":null,"list":[1.10]}']);
        return { config, stream: config.queue, rows: [{ id: "1", n: "9223372036854775807", d: "12345678901234567.89", t: true, none: null, list: ["1.10"] }] };
      },
      fill: async (count: number, bytesEach: number) => {
        const publishing = await connection.createConfirmChannel();
        for (let id = 0; id < count; id += 1) if (!publishing.sendToQueue(config.queue, Buffer.from(`{"id":${id},"text":"${"x".repeat(bytesEach)}"}`))) await new Promise((resolve) => publishing.once("drain", resolve));
        await publishing.waitForConfirms();
        await publishing.close();
      },
      close: async () => void (await channel.deleteQueue(config.queue)),
    };
  },
});

const read = (config: RabbitmqConfig, states: States = new Map(), acks = true) => readSource(rabbitmqSource, config, states, { ctx, quietMs: 200, acks });
const idsOf = (messages: readonly Message[]): string[] => messages.flatMap((message) => (message.is === "record" ? [message.key] : []));
const left = async (queue: string): Promise<number> => {
  // The broker counts what a closed channel gave back a moment later.
  await sleep(100);
  return (await channel.checkQueue(queue)).messageCount;
};

test("a message stays in the queue until it is in the inbox", options, async () => {
  const config = await makeQueue();
  await send(config.queue, ['{"id":1}', '{"id":2}']);
  await read(config, new Map(), false);
  assert.equal(await left(config.queue), 2);
  await read(config);
  assert.equal(await left(config.queue), 0);
});

test("what the broker sends again after a lost acknowledgement is not taken in twice, with ids and without", options, async () => {
  for (const ids of [true, false]) {
    const config = await makeQueue({ prefetch: 50 });
    for (let id = 1; id <= 30; id += 1) await send(config.queue, [JSON.stringify({ id })], ids ? `m${id}` : undefined);
    const first = await read(config, new Map(), false);
    assert.equal(first.records.length, 30);
    await send(config.queue, ['{"id":31}']);
    const second = await read(config, first.states);
    assert.deepEqual(idsOf(second.messages), ["31"]);
    assert.equal(await left(config.queue), 0);
  }
});

test("two equal messages that were both meant are both taken in", options, async () => {
  const config = await makeQueue();
  await send(config.queue, ['{"id":1}', '{"id":1}']);
  const first = await read(config);
  await send(config.queue, ['{"id":1}']);
  assert.deepEqual([first.records.length, (await read(config, first.states)).records.length], [2, 1]);
});

test("what is no JSON object, or has no key, is a bad record with its bytes, and leaves the queue", options, async () => {
  const config = await makeQueue();
  await send(config.queue, ['{"id":1}', "nonsense", '{"name":"x"}', '{"id":2}']);
  const { messages } = await read(config);
  assert.deepEqual(idsOf(messages), ["1", "2"]);
  assert.deepEqual(messages.flatMap((message) => (message.is === "bad" ? [[message.problem.code, message.bytes.toString()]] : [])), [["queue.not_json", "nonsense"], ["queue.no_key_value", '{"name":"x"}']]);
  assert.deepEqual(messages.flatMap((message) => (message.is === "record" ? [message.at] : [])), ["2025-03-31T02:00:00.000Z", "2025-03-31T02:00:00.000Z"]);
  assert.equal(await left(config.queue), 0);
});

test("a queue that is not durable is refused; one that is made with other arguments is not", options, async () => {
  const config = await makeQueue();
  await channel.assertQueue("fleeting", { durable: false, autoDelete: false });
  await channel.assertQueue("quorum", { durable: true, arguments: { "x-queue-type": "quorum" } });
  assert.deepEqual((await rabbitmqSource.check({ ...config, queue: "fleeting" }, ctx)).map(({ failure, problem }) => [failure, problem.code]), [["config", "queue.not_durable"]]);
  assert.deepEqual(await rabbitmqSource.check({ ...config, queue: "quorum" }, ctx), []);
});

test("a broker that goes away is a fault of the network", options, async () => {
  const reading = await rabbitmqSource.open(await makeQueue(), new Map(), ctx);
  const next = reading.messages[Symbol.asyncIterator]().next();
  connection.on("error", () => {});
  process.kill(-(server?.pid as number), "SIGKILL");
  await assert.rejects(next, (error) => (error as FlowFault).failure === "network");
  await reading.close();
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return free;
}
