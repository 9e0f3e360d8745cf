/**
 * Secrets at rest: AES-256-GCM under a key that is not in the database. The key is TIEOUT_KEY, or a file that only its owner may
 * read, made at the first need; a copy of the database alone gives nothing away. `context` binds a sealed text to its place.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { config } from "./config.ts";

const FORM = 1;
const NONCE = 12;
const TAG = 16;

/** Undefined where there is neither a key nor a folder to keep one in. */
export function sealKey(dataDir: string | undefined, given: Buffer | undefined = config().key): Buffer | undefined {
  if (given !== undefined) return given;
  return dataDir === undefined ? undefined : (readKey(keyFile(dataDir)) ?? makeKey(keyFile(dataDir)));
}

const keyFile = (dataDir: string): string => join(dataDir, "keys", "seal.key");

function readKey(file: string): Buffer | undefined {
  try {
    const key = Buffer.from(readFileSync(file, "utf8").trim(), "hex");
    if (key.length !== 32) throw new Error(`${file} does not hold a key of 32 bytes`);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Written whole and then linked, so that of two processes both end with the same key. */
function makeKey(file: string): Buffer {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
  return readKey(file) as Buffer;
}

export function seal(key: Buffer, text: string, context: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.from([FORM]), nonce, cipher.getAuthTag(), sealed]);
}

/** Undefined when the key or the context is another, or a byte was changed. */
export function unseal(key: Buffer, sealed: Buffer, context: string): string | undefined {
  if (sealed[0] !== FORM || sealed.length < 1 + NONCE + TAG) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(1, 1 + NONCE)).setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(1 + NONCE, 1 + NONCE + TAG));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE + TAG)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
