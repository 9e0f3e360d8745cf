/**
 * The link to a statement of account, signed with HMAC-SHA-256 under a key that is derived from the server's own (TIEOUT_KEY, or the file below the data
 * folder) for this purpose alone. It names the statement and its end, and the signature covers the hash of what the statement says: neither another
 * number, nor a later end, nor other figures pass. Nothing about it is kept in the database, so a copy of the database opens nothing.
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { type Ctx, refuse, sealKey } from "../../platform/index.ts";

const purpose = "tieout statement of account link 1";

/** Over its fields in the order of their names, so that the order in which they are kept does not matter. */
export const hashOfStatement = (body: object): Buffer => createHash("sha256").update(JSON.stringify(ordered(body))).digest();
const ordered = (value: unknown): unknown => (Array.isArray(value) ? value.map(ordered) : value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, ordered(one)])) : value);

type Signed = { readonly bookId: number; readonly letter: bigint; readonly expiresAt: Date; readonly hash: Buffer };

/** Refuses: letter.no_key. */
export const writeLink = (ctx: Pick<Ctx, "dataDir">, of: Signed): string => `${of.bookId.toString(36)}.${of.letter.toString(36)}.${sign(ctx, of).toString("base64url")}`;

/** What it names, and whether that was signed. Undefined when it has not the form of a link. Refuses: letter.no_key. */
export function readLink(ctx: Pick<Ctx, "dataDir">, token: string): { readonly bookId: number; readonly letter: bigint; readonly isSigned: (hash: Buffer, expiresAt: Date) => boolean } | undefined {
  const parts = /^([0-9a-z]{1,6})\.([0-9a-z]{1,12})\.([\w-]{43})$/.exec(token);
  if (parts === null) return undefined;
  const [bookId, letter, given] = [Number.parseInt(parts[1] as string, 36), BigInt(Number.parseInt(parts[2] as string, 36)), Buffer.from(parts[3] as string, "base64url")];
  return bookId > 2_147_483_647 ? undefined : { bookId, letter, isSigned: (hash, expiresAt) => given.length === 32 && timingSafeEqual(given, sign(ctx, { bookId, letter, expiresAt, hash })) };
}

function sign(ctx: Pick<Ctx, "dataDir">, of: Signed): Buffer {
  const key = hkdfSync("sha256", sealKey(ctx.dataDir) ?? refuse("letter.no_key"), Buffer.alloc(0), purpose, 32);
  return createHmac("sha256", Buffer.from(key)).update(`${purpose}\n${of.bookId}\n${of.letter}\n${of.expiresAt.toISOString()}\n${of.hash.toString("hex")}`).digest();
}
