/**
 * An entry of the trail: who did what to what, when, from where, why, and what came of it. Each carries the hash of the one before, so that
 * nothing can be changed, taken out or slipped in without every later hash being wrong.
 */
import { createHash } from "node:crypto";

export const actorKinds = ["user", "key", "cli", "system", "flow"] as const;
export type ActorKind = (typeof actorKinds)[number];

/** done; refused, with the code of the refusal; failed, with the number of the fault; unknown: its process died on the way. */
export const outcomes = ["done", "refused", "failed", "unknown"] as const;
export type Outcome = (typeof outcomes)[number];

export type AuditObject = { readonly kind: string; readonly id: string };

/** Who acts, and from where. */
export type Doer = { readonly actorKind: ActorKind; readonly actor: string; readonly actorName: string; readonly address: string; /** The part of a session or key that may be shown. */ readonly session?: string | undefined };

/** What somebody is about to do. */
export type Intended = Doer & {
  /** One of `acts`, or what a route is called by itself: "flow.paused". */
  readonly act: string;
  readonly object?: AuditObject | undefined;
  readonly book?: string | undefined;
  /** How it stood before: whatever JSON can say. Secrets are masked, and what is long is cut, here. */
  readonly before?: unknown;
  readonly reason?: string | undefined;
  /** Method and path, or the command. */
  readonly request?: string | undefined;
};

export type Concluded = { readonly outcome: Outcome; /** Of the refusal, or the number of the fault. */ readonly code?: string | undefined; readonly after?: unknown; readonly object?: AuditObject | undefined; readonly reason?: string | undefined };

/** A row as it is stored, without its place in the chain. `before` and `after` are JSON texts. */
export type Fields = {
  readonly at: string; readonly actorKind: string; readonly actor: string; readonly actorName: string; readonly address: string; readonly session: string | null; readonly act: string; readonly objectKind: string | null;
  readonly objectId: string | null; readonly book: string | null; readonly before: string | null; readonly after: string | null; readonly reason: string; readonly outcome: string; readonly code: string | null; readonly request: string;
};

export type Link = { readonly entryNo: bigint; readonly previous: Buffer };

/** A moment to the microsecond, as the database can keep it: "2026-03-05T08:00:00.120000Z". */
export const exactMoment = (iso: string): string => {
  const [, whole, fraction] = /^(.+?)(?:\.(\d+))?Z$/.exec(iso) ?? [];
  return whole === undefined ? iso : `${whole}.${(fraction ?? "").padEnd(6, "0")}Z`;
};

/** The canonical text is a JSON array of every column in the order of the table; `before` and `after` stand as the database writes them. */
export function hashOf(fields: Fields, { entryNo, previous }: Link): Buffer {
  const text = JSON.stringify([
    String(entryNo), exactMoment(fields.at), fields.actorKind, fields.actor, fields.actorName, fields.address, fields.session, fields.act, fields.objectKind, fields.objectId, fields.book, fields.before, fields.after, fields.reason, fields.outcome, fields.code,
    fields.request, previous.toString("hex"),
  ]);
  return createHash("sha256").update(text).digest();
}
