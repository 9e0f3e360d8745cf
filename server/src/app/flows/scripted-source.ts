/** A source for tests and measurements: it sends what it is told, remembers what was acknowledged, and can go away. */
import { Type } from "typebox";
import { type AnySource, FlowFault, type Json, type Message, type Row } from "../../connectors/index.ts";

export type Scripted = {
  readonly source: AnySource;
  /** Live: sent at once. Batch: found at the next run, from the state's position on. */
  readonly send: (...messages: readonly Message[]) => void;
  readonly acked: Json[];
  /** While it is set, opening and reading fail. */
  outage: FlowFault | undefined;
  opened: number;
};

export const record = (key: string, row: Row | null, more: Partial<Extract<Message, { is: "record" }>> = {}): Message => ({ is: "record", stream: "orders", key, op: row === null ? "d" : "u", row, position: key, at: null, ...more });
/** A state after each `count` records of the stream. */
export const state = (at: number, count: number | Readonly<Record<string, number>>, scope = ""): Message => ({ is: "state", scope, state: { v: 1, at }, count: typeof count === "number" ? { orders: count } : count });

export function scriptedSource(mode: "live" | "batch"): Scripted {
  const script: Message[] = [];
  let wake = (): void => {};
  const own: Scripted = {
    acked: [], outage: undefined, opened: 0,
    send: (...messages) => (script.push(...messages), wake()),
    source: {
      name: "scripted", zh: "脚本", en: "scripted", mode, config: Type.Object({ password: Type.Optional(Type.String()) }, { additionalProperties: false }), secrets: ["password"],
      check: async () => [],
      discover: async () => [],
      open: async (_config: never, states: ReadonlyMap<string, Json>) => {
        if (own.outage) throw own.outage;
        own.opened++;
        let at = (states.get("") as { at?: number } | undefined)?.at ?? 0;
        let isClosed = false;
        async function* messages(): AsyncGenerator<Message> {
          while (!isClosed) {
            if (own.outage) throw own.outage;
            const next = script[at];
            if (next) {
              at++;
              yield next;
            } else if (mode === "batch") return;
            else await new Promise<void>((resolve) => void (wake = resolve));
          }
        }
        return {
          messages: messages(),
          ack: async (_scope: string, acked: Json) => void own.acked.push(acked),
          close: async () => {
            isClosed = true;
            wake();
          },
        };
      },
    },
  };
  return own;
}
