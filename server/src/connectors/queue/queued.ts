/** A queued message as a record: its body is one JSON object, whose numbers keep their digits. What is not one is kept as a bad record. */
import { createHash } from "node:crypto";
import type { Problem } from "../../platform/index.ts";
import type { Json, Message, StreamShape } from "../connector.ts";
import { isRow, parseAsWritten, textAt } from "../files/json.ts";

export type Queued = { readonly body: Buffer; /** The sender's id of the message, "" if it gave none. */ readonly id: string; readonly position: string; readonly at: string | null };

export const hashOf = (body: Buffer): string => createHash("sha256").update(body).digest("base64url").slice(0, 22);

/** `otherwise`: what identifies the record if neither its fields nor its sender do. */
export function messageOf(queued: Queued, stream: string, key: readonly string[] | undefined, otherwise: string): Message {
  const bad = (problem: Problem): Message => ({ is: "bad", stream, key: queued.id || otherwise, bytes: queued.body, problem, position: queued.position });
  let row: Json;
  try {
    row = parseAsWritten(new TextDecoder("utf-8", { fatal: true }).decode(queued.body));
  } catch (error) {
    return bad({ code: "queue.not_json", facts: { message: queued.position, cause: (error as Error).message.slice(0, 120) } });
  }
  if (!isRow(row)) return bad({ code: "queue.not_json", facts: { message: queued.position, cause: "an object is expected" } });
  const object = row;
  const parts = key?.map((path) => textAt(object, path)) ?? [];
  if (parts.includes("")) return bad({ code: "queue.no_key_value", facts: { message: queued.position, key: (key ?? []).join(", ") } });
  return { is: "record", stream, key: parts.length > 0 ? parts.join("|") : queued.id || otherwise, op: "c", row, position: queued.position, at: queued.at };
}

/** The fields of one message; each message may have others. */
export function shapeOf(stream: string, key: readonly string[] | undefined, body: Buffer): readonly StreamShape[] {
  const message = messageOf({ body, id: "", position: "", at: null }, stream, undefined, "");
  if (message.is !== "record" || message.row === null) return [];
  const fields = Object.entries(message.row).map(([field, value]) => ({ field, type: typeof value === "boolean" ? "boolean" as const : typeof value === "object" && value !== null ? "json" as const : "text" as const, native: "json", isNullable: true }));
  return [{ stream, key: key ?? [], fields }];
}

export const messagesPerState = 100;
