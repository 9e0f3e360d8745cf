/**
 * Files of a directory as messages, wherever the directory is. A file is taken up when its size and time have stopped changing; it is
 * moved only after its last record is in the inbox. The state names the file being read by its content and counts its records, so a
 * killed import goes on with the next record, and content that was taken in before is recognised under any name.
 */
import { matchesGlob } from "node:path";
import { elapsedMs, type Problem, refuse, renderProblem, sleep } from "../../platform/index.ts";
import { type ConnectorCtx, FlowFault, type Json, type Message, type Reading, type States, type StreamShape } from "../connector.ts";
import { hasKey, keyOf, keyPaths, readFileItems, type StreamConfig } from "./format.ts";
import { isRow } from "./json.ts";
import { badBytesMax, Broken, bytesOfLines, identify, type LocalFile } from "./local-file.ts";

export type FoundFile = { readonly name: string; readonly size: number; readonly changedAt: string };

/** Where files lie: a folder of this machine, or one of an SFTP server. */
export type FilePlace = {
  readonly list: () => Promise<readonly FoundFile[]>;
  readonly look: (name: string) => Promise<FoundFile | undefined>;
  /** A path on this machine that holds the file's content. */
  readonly fetch: (file: FoundFile) => Promise<string>;
  readonly release: (path: string) => Promise<void>;
  /** Into the folder "done" or "failed", under a name that is free there; with the reason beside it. */
  readonly move: (name: string, folder: "done" | "failed", free: string, reason?: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type FilesConfig = { readonly streams: Readonly<Record<string, StreamConfig>>; readonly settled?: string | undefined; readonly after?: "move" | "keep" | undefined };

/** A file that was read to its end, as far as it could be. */
type Taken = FoundFile & { readonly hash: string; readonly failed?: Problem | undefined };
type State = {
  readonly v: 1;
  readonly current: (FoundFile & { readonly hash: string; readonly records: number }) | null;
  /** Newest last. */
  readonly taken: readonly Taken[];
  /** The columns of each stream when they were last seen. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
};

const recordsPerState = 500;
const filesPerState = 50;
/** Forgotten content would come as the same records with the same keys, which the inbox knows. */
const takenMax = 2_000;
const badPerFileMax = 100;

/** Refuses: source.state. */
export function openFiles(place: FilePlace, config: FilesConfig, states: States, ctx: ConnectorCtx): Reading {
  const start = readState(states);
  const waits = new AbortController();
  const unmoved = new Map<string, Taken>();
  const keeps = config.after === "keep";

  async function* read(): AsyncGenerator<Message> {
    let { current } = start;
    // A file that failed and lies there again is tried again: its settings may have been corrected.
    let taken = start.taken.filter(({ failed }) => failed === undefined);
    let fields = { ...start.fields };
    let count: Record<string, number> = {};
    let records = 0;
    let files = 0;
    const add = (stream: string): void => {
      count[stream] = (count[stream] ?? 0) + 1;
      records += 1;
    };
    const state = (): Message => {
      const message: Message = { is: "state", scope: "", state: { v: 1, current, taken, fields } satisfies State as unknown as Json, count };
      count = {};
      records = files = 0;
      return message;
    };
    const finish = (file: Taken): void => {
      current = null;
      files += 1;
      taken = [...taken.filter((one) => !(one.name === file.name && one.hash === file.hash)), file];
      if (!keeps) unmoved.set(file.name, file);
    };

    const found = await settledFiles(place, config, waits.signal);
    if (waits.signal.aborted) return;
    const lost = (file: NonNullable<State["current"]>, stream: string): Message => {
      add(stream);
      return bad(stream, file.name, `${file.name} after record ${file.records}`, { code: "file.vanished", facts: { name: file.name, record: file.records } }, Buffer.alloc(0));
    };
    if (current !== null && !found.some(({ file }) => file.name === current?.name)) {
      yield lost(current, streamOf(config.streams, current.name) ?? Object.keys(config.streams)[0] ?? "");
      current = null;
      files += 1;
    }
    const resumed = current?.name;
    const inOrder = [...found.filter(({ file }) => file.name === resumed), ...found.filter(({ file }) => file.name !== resumed)];
    // Kept files are remembered as long as they lie there.
    const lying = new Set(found.map(({ file }) => file.name));

    for (const { file, stream } of inOrder) {
      if (waits.signal.aborted) return;
      if (keeps && taken.some((one) => one.name === file.name && one.size === file.size && one.changedAt === file.changedAt)) continue;
      const path = await place.fetch(file);
      try {
        const local = await identify(path, file.name);
        const before = taken.find(({ hash }) => hash === local.hash);
        if (before !== undefined) {
          ctx.log.info("a file with content that was taken in before is not read again", { file: file.name, before: before.name });
          finish({ ...file, hash: local.hash });
          continue;
        }
        // Another content under the name of the file that was being taken in.
        if (current !== null && current.hash !== local.hash) yield lost(current, stream);
        const skip = current !== null && current.hash === local.hash ? current.records : 0;
        const definition = config.streams[stream] as StreamConfig;
        current = { ...file, hash: local.hash, records: skip };
        let failed: Problem | undefined;
        for await (const step of readOneFile(local, file.changedAt, stream, definition, skip)) {
          if (waits.signal.aborted) return;
          if (step.is === "fields") {
            const known = fields[stream];
            if (known !== undefined && known.join("\n") === step.fields.join("\n")) continue;
            fields = { ...fields, [stream]: step.fields };
            yield { is: "shape", shape: shapeOf(stream, definition, step.fields), cause: known === undefined ? "first" : "poll" };
            continue;
          }
          if (step.is === "failed") {
            failed = step.problem;
            continue;
          }
          yield step.message;
          add(stream);
          current = { ...current, records: current.records + 1 };
          if (records >= recordsPerState) yield state();
        }
        if (failed === undefined && !isUnchanged(file, await place.look(file.name))) {
          failed = { code: "file.changed", facts: { name: file.name } };
          yield bad(stream, file.name, file.name, failed, Buffer.alloc(0));
          add(stream);
        }
        finish({ ...file, hash: local.hash, ...(failed === undefined ? {} : { failed }) });
        taken = forget(taken, keeps ? lying : new Set());
        if (files >= filesPerState) yield state();
      } finally {
        await place.release(path);
      }
    }
    if (files > 0 || records > 0) yield state();
    for (const stream of Object.keys(config.streams)) yield { is: "status", stream, phase: "done" };
  }

  return {
    messages: read(),
    ack: async (_scope, acked) => {
      const { taken } = stateOf(acked);
      for (const file of taken) {
        if (unmoved.get(file.name)?.hash !== file.hash) continue;
        unmoved.delete(file.name);
        if (file.failed === undefined) await place.move(file.name, "done", freeName(file));
        else await place.move(file.name, "failed", freeName(file), reasonText(file.failed));
      }
    },
    close: async () => {
      waits.abort();
      await place.close();
    },
  };
}

type Step = { readonly is: "fields"; readonly fields: readonly string[] } | { readonly is: "message"; readonly message: Message } | { readonly is: "failed"; readonly problem: Problem };

/** The records after the first `skip`. A break becomes one bad record with what stands behind it. */
export async function* readOneFile(file: LocalFile, changedAt: string | null, stream: string, definition: StreamConfig, skip: number): AsyncGenerator<Step> {
  let record = 0;
  let badCount = 0;
  try {
    for await (const item of readFileItems(file, definition)) {
      if (item.is === "fields") {
        yield item;
        continue;
      }
      record += 1;
      const key = item.is === "row" ? keyOf(definition, item.row, file, record) : undefined;
      if (key === undefined) badCount += 1;
      if (badCount > badPerFileMax) throw new Broken({ code: "file.too_many_bad", facts: { name: file.name, count: badPerFileMax }, where: item.place }, item.place, item.is === "bad" ? item.bytes : undefined);
      if (record <= skip) continue;
      const position = `${file.name} ${item.place}`;
      if (item.is === "bad") yield { is: "message", message: bad(stream, `${file.name}|${item.place}`, position, item.problem, item.bytes) };
      else if (key === undefined) {
        const problem: Problem = { code: "file.no_key_value", facts: { name: file.name, key: (keyPaths(definition) ?? [definition.format]).join(", ") }, where: item.place };
        yield { is: "message", message: bad(stream, `${file.name}|${item.place}`, position, problem, Buffer.from(JSON.stringify(item.row))) };
      } else yield { is: "message", message: { is: "record", stream, key, op: "r", row: item.row, position, at: changedAt } };
    }
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    record += 1;
    const bytes = error.bytes ?? (await bytesOfLines(file, 1));
    if (record > skip) yield { is: "message", message: bad(stream, `${file.name}|${error.place ?? ""}`, `${file.name} ${error.place ?? ""}`.trimEnd(), error.problem, bytes.subarray(0, badBytesMax)) };
    yield { is: "failed", problem: error.problem };
  }
}

const bad = (stream: string, key: string, position: string, problem: Problem, bytes: Buffer): Message => ({ is: "bad", stream, key, bytes, problem, position });

export const shapeOf = (stream: string, definition: StreamConfig, fields: readonly string[]): StreamShape => ({
  stream,
  key: keyPaths(definition) ?? [],
  fields: fields.map((field) => ({ field, type: "group" in definition && field === "lines" ? "json" : "text", native: definition.format, isNullable: false })),
});

export const streamOf = (streams: FilesConfig["streams"], name: string): string | undefined => Object.keys(streams).find((stream) => matchesGlob(name, streams[stream]?.pattern ?? ""));

/** What is wrong with the streams beyond their schema. */
export const checkStreams = (streams: FilesConfig["streams"]): readonly Problem[] => Object.keys(streams).filter((stream) => !hasKey(streams[stream] as StreamConfig)).map((stream) => ({ code: "file.key", facts: { stream }, where: `/streams/${stream}/key` }));

export function requireStreams(streams: FilesConfig["streams"]): void {
  const [first] = checkStreams(streams);
  if (first !== undefined) throw new FlowFault("config", first);
}

/** The files of a stream whose size and time did not change for the set time, oldest first. */
async function settledFiles(place: FilePlace, config: FilesConfig, signal: AbortSignal): Promise<readonly { readonly file: FoundFile; readonly stream: string }[]> {
  const mine = async (): Promise<readonly FoundFile[]> => (await place.list()).filter(({ name }) => streamOf(config.streams, name) !== undefined);
  const before = await mine();
  const waitMs = durationOf(config.settled ?? "10s");
  if (before.length === 0) return [];
  const until = elapsedMs() + waitMs;
  while (elapsedMs() < until && !signal.aborted) await sleep(Math.min(200, until - elapsedMs()));
  const after = waitMs === 0 ? before : await mine();
  return after
    .filter((file) => before.some((one) => isUnchanged(one, file)))
    .sort((a, b) => (a.changedAt === b.changedAt ? (a.name < b.name ? -1 : 1) : a.changedAt < b.changedAt ? -1 : 1))
    .map((file) => ({ file, stream: streamOf(config.streams, file.name) as string }));
}

const isUnchanged = (one: FoundFile, other: FoundFile | undefined): boolean => one.name === other?.name && one.size === other.size && one.changedAt === other.changedAt;

export const durationPattern = "^\\d{1,5}(ms|s|m)$";
const durationOf = (text: string): number => Number.parseInt(text, 10) * (text.endsWith("ms") ? 1 : text.endsWith("s") ? 1_000 : 60_000);

/** Drops the oldest, but none that still lies there. */
function forget(taken: readonly Taken[], lying: ReadonlySet<string>): Taken[] {
  let excess = taken.length - takenMax;
  return taken.filter(({ name }) => excess <= 0 || lying.has(name) || (excess -= 1) < 0);
}

/** The name with a part of the content's hash, for a folder that has a file of this name. */
const freeName = ({ name, hash }: Taken): string => name.replace(/(\.[^.]*)?$/, (extension) => `~${hash.slice(0, 8)}${extension}`);

function reasonText(problem: Problem): string {
  const { zh, en, where, todo, code } = renderProblem(problem);
  return `${zh}${where === null ? "" : ` (${where})`}\n${todo.zh}\n\n${en}${where === null ? "" : ` (${where})`}\n${todo.en}\n\n${code}\n`;
}

function readState(states: States): State {
  return states.has("") ? stateOf(states.get("") as Json) : { v: 1, current: null, taken: [], fields: {} };
}

function stateOf(state: Json): State {
  const isWhole = isRow(state) && state["v"] === 1 && Array.isArray(state["taken"]) && isRow(state["fields"]) && (state["current"] === null || (isRow(state["current"]) && Number.isSafeInteger(state["current"]["records"]) && typeof state["current"]["hash"] === "string"));
  return isWhole ? (state as unknown as State) : refuse("source.state", { causeZh: `读不懂 ${JSON.stringify(state).slice(0, 80)}`, causeEn: `it does not read as one: ${JSON.stringify(state).slice(0, 80)}` });
}
