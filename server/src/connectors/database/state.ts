/** Where the reading of a stream stands, as it is kept between openings. A state of another version, database or definition is refused. */
import { createHash } from "node:crypto";
import { FlowFault, type Json, type States, type StreamShape } from "../connector.ts";
import type { Journal } from "./known.ts";
import type { Plan } from "./plan.ts";

const version = 1;

export type StreamState = {
  readonly v: typeof version;
  readonly of: string;
  /** Digest of the shape that was announced last. */
  readonly shape: string;
  /** The key behind which the first reading goes on; null once it is complete. */
  readonly after: readonly string[] | null;
  /** The newest cursor value whose rows were read; of a first reading the one from which changes are read after it. */
  readonly cursor: string | null;
  /** The same for children with a cursor of their own. */
  readonly children: Readonly<Record<string, string>>;
  readonly sweptAt: string;
  /** When the first reading began; segments of an earlier one do not count. */
  readonly began: string;
  /** What became known since the segments were written. */
  readonly journal: Journal;
};

export const stateRefused = (scope: string, causeZh: string, causeEn: string): FlowFault => new FlowFault("config", { code: "source.state", facts: { scope, cause: causeEn, causeZh, causeEn } });

/** Undefined where the stream was never read. Throws FlowFault: source.state. */
export function storedState({ stream, of, key }: Plan, states: States): StreamState | undefined {
  if (!states.has(stream)) return undefined;
  const state = own(stream, of, states.get(stream) as Json);
  const { shape, after, cursor, children, sweptAt, began, journal } = state;
  const isWhole = typeof shape === "string" && (after === null || isTexts(after, key.length)) && (cursor === null || typeof cursor === "string")
    && isMoment(sweptAt) && isMoment(began) && isRecord(children) && Object.values(children).every((value) => typeof value === "string")
    && isRecord(journal) && Object.values(journal).every((hash) => hash === null || typeof hash === "string");
  if (!isWhole) throw stateRefused(stream, "内容不完整", "it is incomplete");
  return state as unknown as StreamState;
}

export const streamState = ({ of }: Plan, state: Omit<StreamState, "v" | "of">): StreamState => ({ v: version, of, ...state });

/** The keys of a segment, none of one that belongs to an earlier beginning. Throws FlowFault: source.state. */
export function storedKeys({ of }: Plan, began: string): (scope: string, state: Json) => Readonly<Record<string, string>> {
  return (scope, state) => {
    const { keys, began: written } = own(scope, of, state);
    if (!isRecord(keys) || !isMoment(written) || !Object.values(keys).every((hash) => typeof hash === "string")) throw stateRefused(scope, "内容不完整", "it is incomplete");
    return written === began ? (keys as Readonly<Record<string, string>>) : {};
  };
}

export const keysState = ({ of }: Plan, began: string, keys: Readonly<Record<string, string>>): Json => ({ v: version, of, began, keys });

export const digestOfShapes = (shapes: readonly StreamShape[]): string => createHash("sha256").update(JSON.stringify(shapes)).digest("base64url").slice(0, 16);

function own(scope: string, of: string, state: Json): { readonly [name: string]: Json | undefined } {
  if (!isRecord(state)) throw stateRefused(scope, "不是本来源的状态", "it is no state of this source");
  if (state.v !== version) throw stateRefused(scope, `版本是 ${JSON.stringify(state.v ?? null)},这里读 ${version}`, `its version is ${JSON.stringify(state.v ?? null)}, ${version} is read here`);
  if (state.of !== of) throw stateRefused(scope, "属于另一数据库或另一流定义", "it is of another database or another definition of the stream");
  return state;
}

const isRecord = (value: Json | undefined): value is { readonly [name: string]: Json } => typeof value === "object" && value !== null && !Array.isArray(value);
const isMoment = (value: Json | undefined): boolean => typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
const isTexts = (value: Json | undefined, count: number): boolean => Array.isArray(value) && value.length === count && value.every((each) => typeof each === "string");
