/**
 * Keys of programs: what each may read, of which book, how often and until when. Whoever has none reads nothing. The key is shown once,
 * when it is made; here stands only its hash. It is random, so that a plain sha256 cannot be guessed back.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Ctx, type Db, momentOf, Refusal, refuse } from "../platform/index.ts";
import * as store from "./key.store.ts";

export const scopes = ["documents:read", "vouchers:read", "balances:read", "openItems:read", "chains:read", "deliveries:read"] as const;
export type Scope = (typeof scopes)[number];
export type Key = store.KeyRow;

/** Answers the key itself; it cannot be shown again. */
export async function createKey(ctx: Ctx, wanted: { readonly name: string; readonly book: string; readonly scopes: readonly Scope[]; readonly perMinute: number; readonly expiresAt: string | null }): Promise<{ readonly key: string; readonly secret: string }> {
  const key = randomBytes(6).toString("hex");
  const secret = `tk_${key}_${randomBytes(32).toString("base64url")}`;
  await store.addKey(ctx.db, { ...wanted, key, hash: hashOf(secret), madeAt: ctx.now().toISOString(), madeBy: ctx.actor.id });
  return { key, secret };
}

export const listKeys = (ctx: Ctx, book: string | undefined): Promise<Key[]> => store.listKeys(ctx.db, book ?? null);

/** At once, for ever, and the key's history stays. Refuses: key.unknown, key.reason. */
export async function revokeKey(ctx: Ctx, key: string, reason: string): Promise<Key> {
  if (reason.trim() === "") refuse("key.reason");
  return (await store.revoke(ctx.db, key, ctx.now().toISOString(), ctx.actor.id, reason)) ?? refuse("key.unknown", { key });
}

export type Admitted = { readonly key: Key; /** Calls left in the bucket. */ readonly left: number };

/**
 * Lets a call in, or refuses it: key.missing, key.invalid, key.book, key.scope, key.rate. A wrong key and one of another book are told apart
 * only by whoever holds a right one, and nobody learns whether a book exists.
 */
export async function admit(ctx: Pick<Ctx, "db" | "now">, authorization: string | undefined, book: string, scope: Scope): Promise<Admitted> {
  const written = /^Bearer +(tk_([0-9a-f]{12})_[\w-]{43})$/i.exec(authorization ?? "");
  if (!written) return refuse(authorization === undefined ? "key.missing" : "key.invalid");
  const now = ctx.now();
  const found = await store.useKey(ctx.db, (written[2] ?? "").toLowerCase(), now.toISOString());
  if (!found || !timingSafeEqual(found.hash, hashOf(written[1] ?? "")) || found.revokedAt !== null || (found.expiresAt !== null && momentOf(found.expiresAt) <= now)) return refuse("key.invalid");
  const { hash: _, left, ...key } = found;
  if (key.book !== book) refuse("key.book");
  if (!key.scopes.includes(scope)) refuse("key.scope", { scope });
  if (left < 0) throw new RateRefusal(key.perMinute, Math.max(1, Math.ceil((-left * 60) / key.perMinute)));
  return { key, left: Math.floor(left) };
}

/** key.rate, with how long to wait. */
export class RateRefusal extends Refusal {
  readonly retryAfterSeconds: number;
  constructor(perMinute: number, retryAfterSeconds: number) {
    super({ code: "key.rate", facts: { perMinute } });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The part of a key that may be shown, of whatever was sent. */
export const shownPart = (authorization: string | undefined): string | null => /tk_([0-9a-f]{12})_/i.exec(authorization ?? "")?.[1]?.toLowerCase() ?? null;

export const noteCall = (db: Db, call: Omit<store.CallRow, "callNo">): Promise<unknown> => store.addCall(db, call);
export const listCalls = (ctx: Ctx, filter: Parameters<typeof store.listCalls>[1]): Promise<store.CallRow[]> => store.listCalls(ctx.db, filter);
/** Answers how many went. */
export const forgetCalls = (ctx: Ctx, before: string): Promise<number> => store.forgetCalls(ctx.db, before);

const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest();
