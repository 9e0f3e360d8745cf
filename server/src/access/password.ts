/**
 * Passwords, kept as argon2id (RFC 9106) with OWASP's least parameters: 19 MiB, two passes, one lane. The encoded text names them, so that they
 * can be raised later and old ones still verify.
 */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { refuse } from "../platform/index.ts";

const derive = promisify(argon2);
const current = { memory: 19_456, passes: 2, parallelism: 1 };
const TAG = 32;
const SHORTEST = 10;
const LONGEST = 200;

/** Refuses: password.short, password.long, password.is_login. */
export function requireGoodPassword(password: string, login: string): void {
  const characters = [...password].length;
  if (characters < SHORTEST) refuse("password.short", { least: SHORTEST });
  if (characters > LONGEST) refuse("password.long", { most: LONGEST });
  if (password.trim().toLowerCase() === login.toLowerCase()) refuse("password.is_login");
}

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive("argon2id", { message: written(password), nonce, tagLength: TAG, ...current });
  return `$argon2id$v=19$m=${current.memory},t=${current.passes},p=${current.parallelism}$${bare(nonce)}$${bare(tag)}`;
}

/** Takes as long where there is no hash: who measures does not learn which logins exist. */
export async function isPassword(password: string, encoded: string | null): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(encoded ?? nobody);
  if (!parts) return false;
  const [, memory, passes, parallelism, nonce, tag] = parts;
  const expected = Buffer.from(tag ?? "", "base64");
  const given = await derive("argon2id", { message: written(password), nonce: Buffer.from(nonce ?? "", "base64"), tagLength: expected.length, memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) });
  return timingSafeEqual(given, expected) && encoded !== null;
}

/** The same characters are one password, however a keyboard composes them. */
const written = (password: string): Buffer => Buffer.from(password.normalize("NFC"));
const bare = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
const nobody = `$argon2id$v=19$m=${current.memory},t=${current.passes},p=${current.parallelism}$${bare(Buffer.alloc(16))}$${bare(Buffer.alloc(TAG))}`;
