/** What an answer says: HTTP 200 is no success, so the flow's definition names the place that is, and where the target's own number stands. */
import { Type, type Static } from "typebox";
import { at, type ConnectorCtx, type Json, textAt } from "../../connectors/index.ts";
import type { Delivery, Probe } from "../target.ts";
import { type Answer, excerptOf, faultOf, statusVerdict } from "./http.ts";
import type { Verdict } from "./outcome.ts";

const Flag = Type.Object({ path: Type.String(), equals: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]), { minItems: 1 }) }, { additionalProperties: false });

/** Paths are dotted, below the JSON body or below the SOAP body. */
export const ReplyRules = Type.Object({
  /** Required unless the status alone tells; compared as text, for flags come as true, 1 and "1". */
  success: Type.Optional(Flag),
  /** A refusal of something that stands there already. It counts as success only if the answer also names our reference or delivery id. */
  duplicate: Type.Optional(Flag),
  id: Type.Optional(Type.String()),
  number: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
}, { additionalProperties: false });
export type ReplyRules = Static<typeof ReplyRules>;

/** How a search answers: `rows` is the list of what was found; in a row, where its key and its number stand. */
export const FoundRules = Type.Object({
  success: Type.Optional(Flag),
  rows: Type.String(),
  /** Rows whose field does not hold our key are not ours: many searches find by part of a word. */
  key: Type.String(),
  id: Type.Optional(Type.String()),
  number: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
}, { additionalProperties: false });
export type FoundRules = Static<typeof FoundRules>;

type Flag = Static<typeof Flag>;
const holds = (flag: Flag, body: Json): boolean => flag.equals.some((wanted) => String(wanted) === String(at(body, flag.path)));

export function verdictOf(system: string, rules: ReplyRules, answer: Answer, bodyOf: (answer: Answer) => Json | undefined, delivery: Delivery, ctx: ConnectorCtx): Verdict {
  const body = bodyOf(answer);
  const messageOf = (): string => (rules.message === undefined || body === undefined ? undefined : textAt(body, rules.message))?.slice(0, 300) ?? excerptOf(answer);
  const acknowledgement = { targetId: textAt(body, rules.id ?? "\u0000") ?? "", targetNumber: textAt(body, rules.number ?? "\u0000") ?? "", targetState: textAt(body, rules.state ?? "\u0000") ?? "", at: ctx.now().toISOString() };
  const namesUs = answer.text.includes(delivery.reference) || answer.text.includes(delivery.deliveryId);
  const isDuplicate = namesUs && ((answer.status === 409 && rules.duplicate === undefined) || (rules.duplicate !== undefined && body !== undefined && holds(rules.duplicate, body)));
  if (isDuplicate) return { is: "duplicate", acknowledgement };
  const byStatus = statusVerdict(system, answer, ctx, messageOf);
  if (byStatus) return byStatus;
  if (rules.success === undefined) return { is: "applied", acknowledgement };
  // An answer without the flag is not the one we know: a portal's log-in page, or a gateway's.
  if (body === undefined || at(body, rules.success.path) === undefined) return { is: "unknown", problem: { code: "target.reply", facts: { system, why: `${rules.success.path}: ${excerptOf(answer).slice(0, 80)}` } } };
  if (holds(rules.success, body)) return { is: "applied", acknowledgement };
  return { is: "rejected", problem: { code: "target.refused", facts: { system, message: messageOf() } } };
}

/**
 * Throws FlowFault where the answer cannot be read as a search: not finding must be certain. XML has no empty lists: there `success`
 * is what tells one from an answer of another kind.
 */
export function foundIn(system: string, rules: FoundRules, body: Json | undefined, answer: Answer, delivery: Delivery, ctx: ConnectorCtx, emptyIsMissing = false): Probe {
  const { deliveryId, reference } = delivery;
  const list = at(body, rules.rows);
  const isList = list !== undefined || (emptyIsMissing && rules.success !== undefined);
  const isRead = body !== undefined && isList && (rules.success === undefined || holds(rules.success, body));
  if (!isRead) throw faultOf({ code: "target.reply", facts: { system, why: `${rules.rows}: ${excerptOf(answer).slice(0, 80)}` } });
  const rows = list === undefined || list === null || list === "" ? [] : Array.isArray(list) ? (list as readonly Json[]) : [list as Json];
  const ours = rows.filter((row) => [reference, deliveryId].includes(textAt(row, rules.key) ?? ""));
  return probeOf(deliveryId, ours.map((row) => ({ targetId: textAt(row, rules.id ?? "\u0000") ?? "", targetNumber: textAt(row, rules.number ?? "\u0000") ?? "", targetState: textAt(row, rules.state ?? "\u0000") ?? "", at: ctx.now().toISOString() })));
}

export function probeOf(deliveryId: string, found: readonly { readonly targetId: string; readonly targetNumber: string; readonly targetState: string; readonly at: string }[]): Probe {
  const [first, ...others] = found;
  if (first === undefined) return { is: "absent", deliveryId };
  return others.length === 0 ? { is: "found", deliveryId, acknowledgement: first } : { is: "several", deliveryId, acknowledgements: found };
}
