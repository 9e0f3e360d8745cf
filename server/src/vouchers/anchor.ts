/**
 * 外部锚: who owns the database could rewrite a whole chain, so its heads are signed (Ed25519) and appended to a file outside
 * of it, `<dataDir>/anchors/<book>.jsonl`. Copy that file to where nobody can change it, and it proves all that came before.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { mkdir, open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Ctx } from "../platform/index.ts";

export type Anchor = { readonly book: string; readonly block: bigint; readonly hash: string; readonly at: string };

/** Appends the signed head and waits until the disk has it. Nothing happens before the first block, and without a data folder: there is nowhere outside the database. */
export async function anchor(ctx: Pick<Ctx, "dataDir" | "now">, book: { readonly code: string }, head: Head): Promise<void> {
  if (ctx.dataDir !== undefined && BigInt(head.block) > 0n) await append(ctx.dataDir, ctx, book, head);
}

/** Call before the first block is written: the file then begins with block 0, and that a book with blocks has none is a finding. */
export async function beginAnchors(ctx: Pick<Ctx, "dataDir" | "now">, book: { readonly code: string }, head: Head): Promise<void> {
  if (ctx.dataDir === undefined || BigInt(head.block) > 0n || (await stat(anchorPath(ctx.dataDir, book.code)).catch(absent)) !== undefined) return;
  await append(ctx.dataDir, ctx, book, head);
}

export type Head = { readonly block: bigint | number; readonly hash: Buffer };

async function append(dataDir: string, ctx: Pick<Ctx, "now">, book: { readonly code: string }, head: Head): Promise<void> {
  const key = await signingKey(dataDir);
  const anchored: Anchor = { book: book.code, block: BigInt(head.block), hash: head.hash.toString("hex"), at: ctx.now().toISOString() };
  const line = JSON.stringify({ ...anchored, block: Number(anchored.block), signature: sign(null, signedText(anchored), key).toString("base64") });
  await mkdir(join(dataDir, "anchors"), { recursive: true, mode: 0o700 });
  const file = await open(anchorPath(dataDir, book.code), "a+", 0o600);
  try {
    const { size } = await file.stat();
    const isCut = size > 0 && (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString() !== "\n"; // a power cut left half a line
    await file.write(`${isCut ? "\n" : ""}${line}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

export const anchorPath = (dataDir: string, book: string): string => join(dataDir, "anchors", `${book}.jsonl`);

export type AnchorsRead = {
  readonly anchors: readonly Anchor[];
  /** Lines of the file that are no anchors or that our key did not sign, from 1. */
  readonly forged: readonly number[];
};

/** The anchors of a book, oldest first; undefined when there is no file. A last line without its newline was cut by a crash and does not count. */
export async function readAnchors(dataDir: string, book: string): Promise<AnchorsRead | undefined> {
  const text = await readFile(anchorPath(dataDir, book), "utf8").catch(absent);
  if (text === undefined) return undefined;
  const pem = await readFile(join(dataDir, "keys", publicKeyName), "utf8").catch(absent);
  const key = pem === undefined ? undefined : createPublicKey(pem);
  const anchors: Anchor[] = [];
  const forged: number[] = [];
  for (const [index, line] of text.split("\n").slice(0, -1).entries()) {
    const read = readLine(line, book, key);
    if (read) anchors.push(read);
    else forged.push(index + 1);
  }
  return { anchors, forged };
}

function readLine(line: string, book: string, key: KeyObject | undefined): Anchor | undefined {
  try {
    const raw = JSON.parse(line) as { book: unknown; block: unknown; hash: unknown; at: unknown; signature: unknown };
    if (typeof raw.book !== "string" || typeof raw.block !== "number" || typeof raw.hash !== "string" || typeof raw.at !== "string" || typeof raw.signature !== "string") return undefined;
    const read: Anchor = { book: raw.book, block: BigInt(raw.block), hash: raw.hash, at: raw.at };
    return key !== undefined && read.book === book && verify(null, signedText(read), key, Buffer.from(raw.signature, "base64")) ? read : undefined;
  } catch {
    return undefined; // not JSON, or a block that is no whole number
  }
}

const signedText = ({ book, block, hash, at }: Anchor): Buffer => Buffer.from([book, block, hash, at].join("|"));

const privateKeyName = "anchor-private.pem";
const publicKeyName = "anchor-public.pem";
const keys = new Map<string, Promise<KeyObject>>();

function signingKey(dataDir: string): Promise<KeyObject> {
  const known = keys.get(dataDir);
  if (known) return known;
  const made = readOrMakeKey(join(dataDir, "keys"));
  made.catch(() => keys.delete(dataDir));
  keys.set(dataDir, made);
  return made;
}

/** Two processes may start at once: whoever creates the file first decides the key. */
async function readOrMakeKey(folder: string): Promise<KeyObject> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, privateKeyName);
  const { privateKey, publicKey } = generateKeyPairSync("ed25519", { privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
  const isOurs = await writeNew(path, privateKey, 0o600);
  if (isOurs) await writeNew(join(folder, publicKeyName), publicKey, 0o644);
  const key = createPrivateKey(isOurs ? privateKey : await readWhole(path));
  if (!isOurs) await writeNew(join(folder, publicKeyName), createPublicKey(key).export({ type: "spki", format: "pem" }) as string, 0o644);
  return key;
}

async function writeNew(path: string, text: string, mode: number): Promise<boolean> {
  const file = await open(path, "wx", mode).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") return undefined;
    throw error;
  });
  if (!file) return false;
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

/** The other process may still be writing it. */
async function readWhole(path: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const text = await readFile(path, "utf8");
    if (text.endsWith("-----END PRIVATE KEY-----\n") || tries === 100) return text;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
