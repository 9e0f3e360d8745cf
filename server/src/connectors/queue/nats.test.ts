import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type JetStreamClient, jetstream, type JetStreamManager, jetstreamManager, RetentionPolicy } from "@nats-io/jetstream";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { silentLog, sleep, systemClock } from "../../platform/index.ts";
import { acceptSource, readSource, type Sample, statesOf } from "../acceptance.ts";
import type { FlowFault, Message, States } from "../connector.ts";
import { type NatsConfig, natsSource } from "./nats.ts";

const skip = spawnSync("nats-server", ["--version"]).error === undefined ? undefined : "install nats-server (Debian) to run this";
const options = skip === undefined ? {} : { skip };
const ctx = { now: systemClock, log: silentLog };

let folder = "";
let port = 0;
let server: ChildProcess | undefined;
let connection: NatsConnection;
let manager: JetStreamManager;
let client: JetStreamClient;

before(async () => {
  if (skip !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), "tieout-nats-"));
  port = await freePort();
  server = spawn("nats-server", ["-js", "-sd", folder, "-a", "127.0.0.1", "-p", String(port), "--user", "tieout", "--pass", "s3cret"], { stdio: "ignore" });
  for (let attempt = 0; ; attempt += 1) {
    try {
      connection = await connect({ servers: `127.0.0.1:${port}`, user: "tieout", pass: "s3cret" });
      break;
    } catch (error) {
      if (attempt > 50) throw error;
      await sleep(50);
    }
  }
  manager = await jetstreamManager(connection);
  client = jetstream(connection);
});

after(async () => {
  if (server === undefined) return;
  await connection.close();
  if (server.exitCode === null && server.signalCode === null) {
    const exited = new Promise((resolve) => server?.once("exit", resolve));
    server.kill();
    await exited;
  }
  await rm(folder, { recursive: true, force: true });
});

let streams = 0;
async function makeStream(more: object = {}): Promise<{ readonly config: NatsConfig; readonly subject: string }> {
  const name = `S${(streams += 1)}`;
  await manager.streams.add({ name, subjects: [`${name}.>`], ...more });
  return { config: { servers: [`127.0.0.1:${port}`], user: "tieout", password: "s3cret", stream: name, consumer: "tieout", key: ["id"] }, subject: `${name}.orders` };
}

acceptSource({
  source: natsSource, skip, quietMs: 250, samples: 230,
  make: async () => {
    const made = await makeStream();
    const { subject } = made;
    const config: NatsConfig = { ...made.config, prefetch: 100 };
    const publish = async (samples: readonly Sample[]): Promise<void> => {
      for (const sample of samples) await client.publish(subject, JSON.stringify(sample));
    };
    return {
      config, stream: config.stream, insert: publish, update: publish,
      broken: {
        config: { ...config, stream: "missing" },
        auth: { ...config, password: "wrong" },
        network: { ...config, servers: ["127.0.0.1:1"] },
      },
      types: async () => {
        await client.publish(subject, '{"id":"1","n":9223372036854775807,"d":12345678901234567.89,"t":true,"none":null,"list":[1.10]}');
        return { config, stream: config.stream, rows: [{ id: "1", n: "9223372036854775807", d: "12345678901234567.89", t: true, none: null, list: ["1.10"] }] };
      },
      fill: async (count: number, bytesEach: number) => {
        const body = JSON.stringify({ id: "1", text: "x".repeat(bytesEach) });
        for (let at = 0; at < count; at += 1) connection.publish(subject, body);
        await connection.flush();
        while ((await manager.streams.info(config.stream)).state.messages < count) await sleep(20);
      },
      close: async () => void (await manager.streams.delete(config.stream)),
    };
  },
});

const read = (config: NatsConfig, states: States = new Map(), acks = true) => readSource(natsSource, config, states, { ctx, quietMs: 200, acks });
const idsOf = (messages: readonly Message[]): string[] => messages.flatMap((message) => (message.is === "record" ? [message.key] : []));
const isFault = (failure: FlowFault["failure"], code: string) => (error: unknown): boolean => (error as FlowFault).failure === failure && (error as FlowFault).problem.code === code;

test("what was under way when a reader broke off comes before what is new, and nothing comes twice", options, async () => {
  const { config, subject } = await makeStream();
  for (let id = 1; id <= 250; id += 1) await client.publish(subject, JSON.stringify({ id }));
  const reading = await natsSource.open(config, new Map(), ctx);
  const taken: Message[] = [];
  for await (const message of reading.messages) {
    taken.push(message);
    // Committed, but killed before it could acknowledge.
    if (message.is === "state") break;
  }
  await reading.close();
  await client.publish(subject, JSON.stringify({ id: 251 }));
  const rest = await read(config, statesOf(taken));
  assert.deepEqual([...idsOf(taken), ...idsOf(rest.messages)], Array.from({ length: 251 }, (_, at) => String(at + 1)));
});

test("messages are acknowledged only when they are in the inbox", options, async () => {
  const { config, subject } = await makeStream();
  for (let id = 1; id <= 5; id += 1) await client.publish(subject, JSON.stringify({ id }));
  const reading = await natsSource.open(config, new Map(), ctx);
  const unanswered = async (): Promise<number> => (await manager.consumers.info(config.stream, config.consumer)).num_ack_pending;
  for await (const message of reading.messages) {
    if (message.is !== "state" || (message.state as { sequence: number }).sequence < 5) continue;
    assert.equal(await unanswered(), 5);
    await reading.ack("", message.state);
    assert.equal(await unanswered(), 0);
    break;
  }
  await reading.close();
});

test("a work queue is emptied by what is in the inbox, and what is there already is not sent again", options, async () => {
  const { config, subject } = await makeStream({ retention: RetentionPolicy.Workqueue });
  for (let id = 1; id <= 150; id += 1) await client.publish(subject, JSON.stringify({ id }));
  const first = await read(config, new Map(), false);
  assert.equal((await manager.streams.info(config.stream)).state.messages, 150);
  await client.publish(subject, JSON.stringify({ id: 151 }));
  const second = await read(config, first.states);
  assert.deepEqual(idsOf(second.messages), ["151"]);
  assert.equal((await manager.streams.info(config.stream)).state.messages, 0);
});

test("messages that were deleted before they were read are a gap that stops the flow, and so is a stream that was emptied", options, async () => {
  const { config, subject } = await makeStream();
  for (let id = 1; id <= 9; id += 1) await client.publish(subject, JSON.stringify({ id }));
  await manager.streams.purge(config.stream, { seq: 6 });
  await assert.rejects(read(config, new Map([["", { v: 1, sequence: 2 }]])), isFault("config", "queue.gap"));
  assert.deepEqual(idsOf((await read(config, new Map([["", { v: 1, sequence: 5 }]]))).messages), ["6", "7", "8", "9"]);
  await assert.rejects(read(config, new Map([["", { v: 1, sequence: 10 }]])), isFault("config", "queue.ahead"));
  const interest = await makeStream({ retention: RetentionPolicy.Interest });
  await assert.rejects(read(interest.config), isFault("config", "queue.interest"));
});

test("what is no JSON object, or has no key, is a bad record with its bytes, and the others arrive", options, async () => {
  const { config, subject } = await makeStream();
  for (const body of ['{"id":1}', "nonsense", "[1]", '{"name":"x"}', Buffer.from([0x7b, 0xff]), '{"id":2}']) await client.publish(subject, body);
  const { messages } = await read(config);
  assert.deepEqual(idsOf(messages), ["1", "2"]);
  assert.deepEqual(messages.flatMap((message) => (message.is === "bad" ? [[message.problem.code, message.bytes.toString("latin1"), message.position]] : [])), [["queue.not_json", "nonsense", "2"], ["queue.not_json", "[1]", "3"], ["queue.no_key_value", '{"name":"x"}', "4"], ["queue.not_json", "{\xff", "5"]]);
});

test("without a key of its own a record goes by the sender's id, else by its sequence; only its subject is read", options, async () => {
  const { config: { key: _, ...config }, subject } = await makeStream();
  const named = headers();
  named.set("Nats-Msg-Id", "m-7");
  await client.publish(subject, "{}", { headers: named });
  await client.publish(subject.replace("orders", "others"), "{}");
  await client.publish(subject, "{}");
  assert.deepEqual(idsOf((await read({ ...config, subject })).messages), ["m-7", "3"]);
});

test("a server that goes away is a fault of the network", options, async () => {
  const { config } = await makeStream();
  const reading = await natsSource.open(config, new Map(), ctx);
  const next = reading.messages[Symbol.asyncIterator]().next();
  server?.kill("SIGKILL");
  await assert.rejects(next, isFault("network", "queue.unreachable"));
  await reading.close();
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return free;
}
