/**
 * The acceptance kit of sources: what each of them must keep, whatever it reads. A source's test file says how its system is
 * made and changed, and gets its tests:
 *
 *   acceptSource({ source: postgresSource, make: async () => ({ config, stream: "orders", insert, update, remove, …, close }) });
 *
 * `make` gives a fresh, empty system to each test; a hook that is left out leaves its tests out. Records are `Sample`s: the system
 * stores them in its own way and `sampleOf` finds them in the source's rows (as `id`, `name`, `amount` unless said otherwise).
 * A live source is read until it has been quiet for `quietMs`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { TObject } from "typebox";
import { Value } from "typebox/value";
import { Refusal, silentLog, sleep, systemClock, type Clock } from "../platform/index.ts";
import { FlowFault, type CheckFailure, type ConnectorCtx, type Json, type Message, type RecordMessage, type Row, type Source, type States } from "./connector.ts";

/** `amount` is a decimal with two places, `name` any text. */
export type Sample = { readonly id: number; readonly name: string; readonly amount: string };

export type System<Config> = {
  readonly config: Config;
  readonly stream: string;
  readonly insert: (samples: readonly Sample[]) => Promise<void>;
  /** Brings stored samples to these values, so that the source can see that they changed. */
  readonly update?: (samples: readonly Sample[]) => Promise<void>;
  readonly remove?: (ids: readonly number[]) => Promise<void>;
  /** The source's way back to a sample. */
  readonly sampleOf?: (row: Row) => Sample;
  /** The key of the sample with this id in messages; the id as text unless said otherwise. */
  readonly keyOf?: (id: number) => string;
  /** Configurations that must fail, each in its way and no other. */
  readonly broken?: Partial<Readonly<Record<CheckFailure["failure"], Config>>>;
  /** Stores values of every kind and says what rows must come out of which stream. */
  readonly types?: () => Promise<{ readonly config: Config; readonly stream: string; readonly rows: readonly Row[] }>;
  readonly addColumn?: (name: string) => Promise<void>;
  readonly dropColumn?: (name: string) => Promise<void>;
  readonly renameColumn?: (from: string, to: string) => Promise<void>;
  /** Makes the stored sample undecodable. */
  readonly poison?: (id: number) => Promise<void>;
  /** Stores so many samples of about so many bytes each. */
  readonly fill?: (count: number, bytesEach: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type Acceptance<Config> = {
  readonly source: Source<Config>;
  readonly make: () => Promise<System<Config>>;
  readonly quietMs?: number;
  /** How many samples the tests of resuming store; enough for several states. 25 unless said otherwise. */
  readonly samples?: number;
  /** Sentence that says why none of this can run here. */
  readonly skip?: string | undefined;
  /** `false` for a source that is taken up again by not acknowledging, and keeps no position of its own. */
  readonly keepsState?: boolean;
  readonly clock?: Clock;
};

/** What came out of a source, and the states as they stood after each message that brought one. */
export type Read = { readonly messages: readonly Message[]; readonly records: readonly RecordMessage[]; readonly states: States };

export function acceptSource<Config>(acceptance: Acceptance<Config>): void {
  const { source, make, quietMs = 400, samples = 25, keepsState = true } = acceptance;
  const ctx: ConnectorCtx = { now: acceptance.clock ?? systemClock, log: silentLog };
  const options = acceptance.skip === undefined ? {} : { skip: acceptance.skip };
  const read = (config: Config, states: States = new Map(), acks = true) => readSource(source, config, states, { ctx, quietMs, acks });

  /** A test on a system of its own. */
  const on = (title: string, work: (system: System<Config>) => Promise<void>) =>
    test(`${source.name}: ${title}`, options, async (t) => {
      const system = await make();
      try {
        await work(system);
      } catch (error) {
        if (error instanceof Skipped) t.skip(error.message);
        else throw error;
      } finally {
        await system.close();
      }
    });

  on("its configuration is described, closed to unknown fields, and names its secrets", async ({ config }) => {
    assert.deepEqual([...Value.Errors(source.config, config)], []);
    assert.equal(Value.Check(source.config, { ...config, unheardOf: 1 }), false);
    for (const secret of source.secrets) assert.ok(secret.split(".")[0]! in (source.config as TObject).properties, `${secret} is no field of the configuration`);
    assert.match(source.zh, /\p{Script=Han}/u);
  });

  on("a system that is there passes the check", async ({ config, insert }) => {
    await insert(makeSamples(1, 2));
    assert.deepEqual(await source.check(config, ctx), []);
  });

  on("the check tells configuration, login, network and permission apart", async ({ broken }) => {
    for (const [failure, config] of Object.entries(need(broken, "broken configurations")) as [CheckFailure["failure"], Config][]) {
      const failures = await source.check(config, ctx);
      assert.deepEqual([...new Set(failures.map((found) => found.failure))], [failure], JSON.stringify(failures));
      await assert.rejects(read(config), (error) => (error instanceof FlowFault ? error.failure === failure : error instanceof Refusal), `opening must fail by ${failure}`);
    }
  });

  on("its shape is the same when looked at twice", async ({ config, stream, insert }) => {
    await insert(makeSamples(1, 3));
    const shapes = await source.discover(config, ctx);
    assert.ok(shapes.length > 0 && shapes.every(({ fields }) => fields.length > 0), `${stream}: nothing was discovered`);
    assert.deepEqual(await source.discover(config, ctx), shapes);
  });

  on("reading twice from the beginning gives the same", async (system) => {
    await system.insert(makeSamples(1, samples));
    const [one, two] = [await read(system.config, new Map(), keepsState), await read(system.config)];
    assert.deepEqual(sorted(one.records.map(contentOf)), sorted(two.records.map(contentOf)));
    assert.deepEqual(samplesOf(system, one), makeSamples(1, samples));
  });

  on("every state counts what came since the state before", async (system) => {
    await system.insert(makeSamples(1, samples));
    const open = new Map<string, number>();
    for (const message of (await read(system.config)).messages) {
      if (message.is === "record" || message.is === "bad") open.set(message.stream, (open.get(message.stream) ?? 0) + 1);
      if (message.is !== "state") continue;
      for (const [stream, count] of Object.entries(message.count)) {
        assert.equal(count, open.get(stream) ?? 0, `the state of "${message.scope}" counts ${count} of ${stream}`);
        open.delete(stream);
      }
    }
    assert.deepEqual([...open], [], "records without a state after them");
  });

  if (keepsState) {
    on("resumed from any state it gives exactly the rest, once", async (system) => {
      await system.insert(makeSamples(1, samples));
      const whole = await read(system.config);
      const cuts = whole.messages.flatMap(({ is }, at) => (is === "state" ? [at] : []));
      assert.ok(cuts.length >= 2, `only ${cuts.length} states; store more samples or read in smaller chunks`);
      for (const cut of spread(cuts, 12)) {
        const rest = await read(system.config, statesOf(whole.messages.slice(0, cut + 1)));
        const wanted = whole.messages.slice(cut + 1).filter((message) => message.is === "record");
        assert.deepEqual(sorted(rest.records.map(contentOf)), sorted(wanted.map(contentOf)), `after state ${cut}`);
      }
    });

    on("a state of the future, of another version or of nonsense is refused, never an empty success", async (system) => {
      await system.insert(makeSamples(1, 5));
      const { states } = await read(system.config);
      const wrong: Json[] = ["nonsense", 42, null, [], {}, { v: 9999 }];
      for (const [scope, state] of states) {
        if (state === null || typeof state !== "object" || Array.isArray(state)) continue;
        wrong.push({ ...(state as Row), v: 9999 });
        for (const bad of wrong) await assert.rejects(read(system.config, new Map([...states, [scope, bad]])), isStateRefusal, `${scope}: ${JSON.stringify(bad).slice(0, 80)}`);
      }
    });
  }

  on("what was not acknowledged is delivered again", async (system) => {
    await system.insert(makeSamples(1, samples));
    const reading = await source.open(system.config, new Map(), ctx);
    const first: RecordMessage[] = [];
    for await (const message of reading.messages) {
      if (message.is === "record") first.push(message);
      if (first.length >= 3) break;
    }
    await reading.close();
    assert.equal(first.length, 3);
    assert.deepEqual(samplesOf(system, await read(system.config)), makeSamples(1, samples));
  });

  on("what changed since is sent, what did not is not", async (system) => {
    const update = need(system.update, "an update");
    await system.insert(makeSamples(1, 10));
    const before = await read(system.config);
    assert.deepEqual((await read(system.config, before.states)).records.map(contentOf), []);
    const changed = { id: 4, name: "changed 已改", amount: "99.90" };
    await update([changed]);
    await system.insert(makeSamples(11, 1));
    const after = await read(system.config, before.states);
    assert.deepEqual(samplesOf(system, after), [changed, ...makeSamples(11, 1)]);
    assert.deepEqual((await read(system.config, after.states)).records.map(contentOf), []);
  });

  on("what was deleted is reported as deleted", async (system) => {
    const remove = need(system.remove, "a delete");
    await system.insert(makeSamples(1, 10));
    const before = await read(system.config);
    await remove([2, 7]);
    const after = await read(system.config, before.states);
    assert.deepEqual(sorted(after.records.map(({ op, key, row }) => `${op} ${key} ${row === null}`)), sorted([2, 7].map((id) => `d ${keyOf(system, id)} true`)));
  });

  on("values of every kind come out exactly", async (system) => {
    const { config, stream, rows } = await need(system.types, "values of every kind")();
    const { records, messages } = await read(config);
    assert.deepEqual(messages.filter(({ is }) => is === "bad"), []);
    assert.deepEqual(records.filter((record) => record.stream === stream).map(({ row }) => row), rows);
  });

  on("a column that is added, renamed or dropped is announced and changes nothing else", async (system) => {
    const addColumn = need(system.addColumn, "a column");
    await system.insert(makeSamples(1, 3));
    const before = await read(system.config);
    assert.deepEqual(fieldChange(before, system.stream), "first");
    await addColumn("extra_text");
    await system.insert(makeSamples(4, 1));
    const added = await read(system.config, before.states);
    assert.ok(shapeFields(added, system.stream).includes("extra_text"), "the new column is not in the shape");
    assert.deepEqual(samplesOf(system, added).at(-1), makeSamples(4, 1)[0]);
    if (system.renameColumn !== undefined) {
      await system.renameColumn("extra_text", "other_text");
      const renamed = await read(system.config, added.states);
      const fields = shapeFields(renamed, system.stream);
      assert.ok(fields.includes("other_text") && !fields.includes("extra_text"), fields.join());
    }
    if (system.dropColumn !== undefined) {
      await system.dropColumn(system.renameColumn === undefined ? "extra_text" : "other_text");
      await system.insert(makeSamples(5, 1));
      const dropped = await read(system.config, added.states);
      assert.deepEqual(shapeFields(dropped, system.stream), shapeFields(before, system.stream));
      assert.deepEqual(samplesOf(system, dropped).at(-1), makeSamples(5, 1)[0]);
      assert.ok(dropped.records.every(({ row }) => row === null || !("other_text" in row)), "a missing column is absent, not null");
    }
  });

  on("one undecodable record in many is kept with its bytes, and the others arrive", async (system) => {
    const poison = need(system.poison, "a poison");
    await system.insert(makeSamples(1, 200));
    await poison(77);
    const { records, messages } = await read(system.config);
    const bad = messages.filter((message) => message.is === "bad");
    assert.deepEqual(bad.map(({ key }) => key), [keyOf(system, 77)]);
    assert.ok(bad.every(({ bytes, problem }) => bytes.length > 0 && problem.code.includes(".")));
    assert.equal(records.length, 199);
  });

  on("a slow reader holds the source back; memory stays bounded", async (system) => {
    const [count, bytesEach] = [10_000, 4_000];
    await need(system.fill, "many large records")(count, bytesEach);
    const before = heldBytes();
    let [seen, most] = [0, 0];
    const reading = await source.open(system.config, new Map(), ctx);
    for await (const message of source.mode === "live" ? untilQuiet(reading.messages, quietMs) : reading.messages) {
      if (message.is === "state") await reading.ack(message.scope, message.state);
      if (message.is !== "record") continue;
      seen += 1;
      if (seen % 1_000 === 0) {
        await sleep(5);
        most = Math.max(most, heldBytes() - before);
      }
      if (seen === count) break;
    }
    await reading.close();
    assert.equal(seen, count);
    assert.ok(most < (count * bytesEach) / 3, `${most} bytes were held while reading ${count * bytesEach}`);
  });
}

/** Reads a batch to its end, or a live source until it is quiet; acknowledges each state as the inbox does, after it is kept. */
export async function readSource<Config>(source: Source<Config>, config: Config, states: States, options: { readonly ctx: ConnectorCtx; readonly quietMs: number; readonly acks: boolean }): Promise<Read> {
  const reading = await source.open(config, states, options.ctx);
  const messages: Message[] = [];
  try {
    for await (const message of source.mode === "live" ? untilQuiet(reading.messages, options.quietMs) : reading.messages) {
      messages.push(message);
      if (message.is === "state" && options.acks) await reading.ack(message.scope, message.state);
    }
  } finally {
    await reading.close();
  }
  return { messages, records: messages.filter((message) => message.is === "record"), states: statesOf(messages, states) };
}

export const statesOf = (messages: readonly Message[], before: States = new Map()): States =>
  // Written and read again, as a database does.
  new Map([...before, ...messages.flatMap((message) => (message.is === "state" ? [[message.scope, JSON.parse(JSON.stringify(message.state)) as Json] as const] : []))]);

export const makeSamples = (from: number, count: number): Sample[] =>
  Array.from({ length: count }, (_, at) => ({ id: from + at, name: `样品 ${from + at} "q" 'a' \\ %`, amount: `${from + at}.05` }));

async function* untilQuiet(messages: AsyncIterable<Message>, quietMs: number): AsyncGenerator<Message> {
  const pulled = messages[Symbol.asyncIterator]();
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const quiet = new Promise<undefined>((resolve) => void (timer = setTimeout(() => resolve(undefined), quietMs)));
    const next = await Promise.race([pulled.next(), quiet]);
    clearTimeout(timer);
    if (next === undefined || next.done === true) return;
    yield next.value;
  }
}

const isStateRefusal = (error: unknown): boolean =>
  (error instanceof FlowFault && error.problem.code === "source.state") || (error instanceof Refusal && error.code === "source.state");

const contentOf = ({ stream, key, op, row }: RecordMessage): string => JSON.stringify([stream, key, op, row]);
const sorted = (texts: readonly string[]): string[] => [...texts].sort();
const keyOf = <Config>(system: System<Config>, id: number): string => system.keyOf?.(id) ?? String(id);
const plainSample = (row: Row): Sample => ({ id: Number(row.id), name: String(row.name), amount: String(row.amount) });
const samplesOf = <Config>(system: System<Config>, { records }: Read): Sample[] =>
  records.flatMap(({ row }) => (row === null ? [] : [(system.sampleOf ?? plainSample)(row)])).sort((a, b) => a.id - b.id);

const shapesOf = ({ messages }: Read, stream: string) => messages.flatMap((message) => (message.is === "shape" && message.shape.stream === stream ? [message] : []));
const shapeFields = (read: Read, stream: string): string[] => shapesOf(read, stream).at(-1)?.shape.fields.map(({ field }) => field).sort() ?? [];
const fieldChange = (read: Read, stream: string): string | undefined => shapesOf(read, stream)[0]?.cause;

/** At most `max` of them, the first and the last among them. */
const spread = (all: readonly number[], max: number): number[] => all.filter((_, at) => all.length <= max || at === all.length - 1 || at % Math.ceil(all.length / (max - 1)) === 0);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const heldBytes = (): number => {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

class Skipped extends Error {}

function need<T>(hook: T | undefined, what: string): T {
  if (hook === undefined) throw new Skipped(`this system has no way to make ${what}`);
  return hook;
}
