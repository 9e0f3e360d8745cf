/**
 * Keys of programs: what each may read, of which book, how often and until when. Whoever has none reads nothing. The key is shown once,
 * when it is made; here stands only its hash. It is random, so that a plain sha256 cannot be guessed back.
 */
import { createHash, randomBytes } from "node:crypto";
import { type Ctx, type Db, Refusal, refuse } from "../platform/index.ts";
import * as store from "./key.store.ts";
import type { Column, Duty, Principal, Sight } from "./policy.ts";

/** What a key may do: in the data service under this name, and under /api/v1 as these duties. Columns are hidden from a key unless it names them. */
const meanings = {
  "documents:read": ["documents.read"], "documents:post": ["documents.post"], "vouchers:read": ["vouchers.read"], "balances:read": ["books.read"], "openItems:read": [], "chains:read": [], "deliveries:read": ["deliveries.read"], "flows:send": ["flows.send"],
  "cost:read": [], "bank:read": [], "salary:read": [],
} as const satisfies Readonly<Record<string, readonly Duty[]>>;
export type Scope = keyof typeof meanings;
export const scopes = Object.keys(meanings) as Scope[];
/** Whoever makes a key may do themselves what it may: no way round one's own permissions leads over a program. */
const needed = { ...meanings, "openItems:read": ["boards.read"], "chains:read": ["documents.read"] } as const satisfies Readonly<Record<Scope, readonly Duty[]>>;
/** Refuses: key.beyond. */
export function requireWithin(sight: Sight, wanted: readonly Scope[]): void {
  const beyond = wanted.filter((scope) => sight.scopes !== null || needed[scope].some((duty) => !sight.duties.has(duty)) || columnsOf([scope]).some((column) => !sight.columns.has(column)));
  if (beyond.length > 0) refuse("key.beyond", { scopes: beyond.join(", ") });
}
const columnsOf = (given: readonly string[]): Column[] => (["cost", "bank", "salary"] as const).filter((column) => given.includes(`${column}:read`));
export type Key = store.KeyRow;

/** Answers the key itself; it cannot be shown again. */
export async function createKey(ctx: Ctx, wanted: { readonly name: string; readonly book: string; readonly scopes: readonly Scope[]; readonly perMinute: number; readonly expiresAt: string | null }): Promise<{ readonly key: string; readonly secret: string }> {
  const key = randomBytes(6).toString("hex");
  const secret = `tk_${key}_${randomBytes(32).toString("base64url")}`;
  await store.addKey(ctx.db, { ...wanted, key, hash: hashOf(secret), madeAt: ctx.now().toISOString(), madeBy: ctx.actor.id });
  return { key, secret };
}

export const listKeys = (ctx: Ctx, book: string | undefined): Promise<Key[]> => store.listKeys(ctx.db, book ?? null);

/** Refuses: key.unknown. */
export const showKey = async (ctx: Pick<Ctx, "db">, key: string): Promise<Key> => (await store.findKey(ctx.db, key)) ?? refuse("key.unknown", { key });

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
export async function admit(ctx: Pick<Ctx, "db" | "now">, authorization: string | undefined, book: string, scope: Scope): Promise<Admitted & { readonly columns: ReadonlySet<Column> }> {
  const { key, left } = await use(ctx, authorization);
  if (key.book !== book) refuse("key.book");
  if (!key.scopes.includes(scope)) refuse("key.scope", { scope });
  return { ...within(key, left), columns: new Set(columnsOf(key.scopes)) };
}

/** Whom a key stands for under /api/v1; the call counts. Refuses: key.missing, key.invalid, key.rate. */
export async function principalOfKey(ctx: Pick<Ctx, "db" | "now">, authorization: string | undefined): Promise<Principal> {
  const { key, left } = await use(ctx, authorization);
  within(key, left);
  const duties = scopes.filter((scope) => key.scopes.includes(scope)).flatMap((scope): readonly Duty[] => meanings[scope]);
  return { kind: "key", id: `key:${key.key}`, name: key.name, grants: [{ role: "key", zh: "访问密钥", en: "Key", duties, columns: columnsOf(key.scopes), needsScope: false, book: key.book, scope: null }] };
}

async function use(ctx: Pick<Ctx, "db" | "now">, authorization: string | undefined): Promise<Admitted> {
  const written = /^Bearer +(tk_([0-9a-f]{12})_[\w-]{43})$/i.exec(authorization ?? "");
  if (!written) return refuse(authorization === undefined ? "key.missing" : "key.invalid");
  const { left, ...key } = (await store.useKey(ctx.db, (written[2] ?? "").toLowerCase(), hashOf(written[1] ?? ""), ctx.now().toISOString())) ?? refuse("key.invalid");
  return { key, left };
}

function within(key: Key, left: number): Admitted {
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

/** A text in which no key stands any more: the part that may be shown is left. */
export const withoutKeys = (text: string): string => text.replace(/(tk(?:_|%5f)[0-9a-f]{12})(?:_|%5f)[\w%-]+/gi, "$1_…");

export const noteCall = (db: Db, call: Omit<store.CallRow, "callNo">): Promise<unknown> => store.addCall(db, call);
export const listCalls = (ctx: Ctx, filter: Parameters<typeof store.listCalls>[1]): Promise<store.CallRow[]> => store.listCalls(ctx.db, filter);
/** Answers how many went. */
export const forgetCalls = (ctx: Ctx, before: string): Promise<number> => store.forgetCalls(ctx.db, before);

const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest();
