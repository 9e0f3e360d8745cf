/**
 * What every connector is. A source hands over records exactly as its system has them, and learns from `ack` what is safely in
 * the inbox; it moves its position in the other system there and nowhere else. Values on the wire: money, 64-bit integers and
 * decimals are strings; dates ISO; moments ISO with their zone; bytes base64.
 */
import type { TSchema } from "typebox";
import { type Clock, type Log, type Problem, Refusal, statusOf } from "../platform/index.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type Row = { readonly [field: string]: Json };

/** What a check found: where in the configuration or on the way it fails. `config`: the definition; `auth`: the login; `network`: no answer; `permission`: logged in, but not allowed. */
export type CheckFailure = { readonly failure: "config" | "auth" | "network" | "permission"; readonly problem: Problem };

export type FieldShape = {
  readonly field: string;
  readonly type: "text" | "integer" | "decimal" | "boolean" | "date" | "moment" | "bytes" | "json";
  /** The type in the source's own words. */
  readonly native: string;
  readonly length?: number | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
  readonly isNullable: boolean;
};
export type StreamShape = { readonly stream: string; readonly key: readonly string[]; readonly fields: readonly FieldShape[] };

export type Message =
  | RecordMessage
  /** What could not be decoded. It is kept with its bytes and becomes a dead letter; never skipped. */
  | { readonly is: "bad"; readonly stream: string; readonly key: string; readonly bytes: Buffer; readonly problem: Problem; readonly position: string }
  /** The source's structure, at the first reading and whenever it changed. DDL is only a signal to look again. */
  | { readonly is: "shape"; readonly shape: StreamShape; readonly cause: "first" | "ddl" | "relation" | "poll" }
  /** Everything before this is complete up to `state`. `count`: records and bad records by stream since the state before; compared with what was landed. */
  | { readonly is: "state"; readonly scope: string; readonly state: Json; readonly count: Readonly<Record<string, number>> }
  | { readonly is: "status"; readonly stream: string; readonly phase: "snapshot" | "catchup" | "live" | "done" };

export type RecordMessage = {
  readonly is: "record";
  readonly stream: string;
  /** The record's key in the source as text; of several fields, joined by "|". */
  readonly key: string;
  /** read (snapshot or batch), create, update, delete. */
  readonly op: "r" | "c" | "u" | "d";
  /** The whole record; null only for a delete. */
  readonly row: Row | null;
  /** The record before the change, as far as the source tells (replica identity). */
  readonly before?: Row | undefined;
  /** Fields that did not change and were not sent (TOAST): merged from the record before, never null. */
  readonly unset?: readonly string[] | undefined;
  /** Where in the source it stands: LSN, GTID, cursor value, file and line. */
  readonly position: string;
  readonly transaction?: string | undefined;
  /** When it was committed or changed there, if known. */
  readonly at: string | null;
  /** The bytes as received, where decoding lost something. */
  readonly bytes?: Buffer | undefined;
};

export type ConnectorCtx = { readonly now: Clock; readonly log: Log };

/** `config` is a flow's `from:` or `to:` without `connector`, checked against `spec.config`, with secrets put in. */
export type Connector<Config> = {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  readonly config: TSchema;
  /** Fields of the configuration that must be given as `{ secret: NAME }`. */
  readonly secrets: readonly string[];
  readonly check: (config: Config, ctx: ConnectorCtx) => Promise<readonly CheckFailure[]>;
};

export type Source<Config> = Connector<Config> & {
  /** `batch` ends by itself and is opened again on schedule; `live` goes on until it is closed. */
  readonly mode: "batch" | "live";
  readonly discover: (config: Config, ctx: ConnectorCtx) => Promise<readonly StreamShape[]>;
  readonly open: (config: Config, states: States, ctx: ConnectorCtx) => Promise<Reading>;
};
/** The stored state of each scope ("" or a stream). None at all: from the beginning. A state that cannot be used is refused (`source.state`), never read as empty. */
export type States = ReadonlyMap<string, Json>;

export type Reading = {
  /** Pulled one by one: who does not pull holds the source back. Ends after `close`, or by itself for a batch. */
  readonly messages: AsyncIterable<Message>;
  /** The state is committed in the inbox. Only here may a position move in the source. */
  readonly ack: (scope: string, state: Json) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** A source that is called: webhooks, uploads, inbound SOAP. The answer goes out only after its records are committed. */
export type Receiver<Config> = Connector<Config> & {
  readonly receive: (config: Config, request: Inbound, ctx: ConnectorCtx) => Promise<Received>;
};
export type Inbound = { readonly method: string; readonly path: string; readonly query: Readonly<Record<string, string>>; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer };
export type Received = {
  readonly messages: readonly Message[];
  /** Ids of calls that must not be accepted twice within the replay window, such as a webhook's delivery id. */
  readonly once?: readonly string[] | undefined;
  readonly reply: Outbound;
  /** What is answered if they could not be kept; 503 with Retry-After by default. */
  readonly fault?: Outbound | undefined;
};
export type Outbound = { readonly status: number; readonly contentType: string; readonly body: string; readonly headers?: Readonly<Record<string, string>> };

/** What stops a flow until somebody changes something, told from what passes by itself. `network` opens the breaker and marks nothing bad; the others stop the flow with this one message. */
export class FlowFault extends Error {
  override readonly name = "FlowFault";
  readonly failure: CheckFailure["failure"];
  readonly problem: Problem;
  /** How long the other side asked to wait. */
  readonly retryAfterMs: number | undefined;
  constructor(failure: CheckFailure["failure"], problem: Problem, options: { readonly cause?: unknown; readonly retryAfterMs?: number } = {}) {
    super(`${failure}: ${problem.code} ${JSON.stringify(problem.facts)}`, { cause: options.cause });
    this.failure = failure;
    this.problem = problem;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Runs a trial for `check` and answers how it failed. What is neither a fault of the flow nor a refusal goes on up. */
export async function failuresOf(trial: () => Promise<unknown>, where?: string): Promise<CheckFailure[]> {
  const placed = (problem: Problem): Problem => (where === undefined || problem.where !== undefined ? problem : { ...problem, where });
  try {
    await trial();
    return [];
  } catch (error) {
    if (error instanceof FlowFault) return [{ failure: error.failure, problem: placed(error.problem) }];
    if (!(error instanceof Refusal)) throw error;
    const status = statusOf(error.code);
    return [{ failure: status === 401 ? "auth" : status === 403 ? "permission" : status >= 500 ? "network" : "config", problem: placed({ code: error.code, facts: error.facts, where: error.where }) }];
  }
}
