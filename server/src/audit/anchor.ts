/**
 * 外部锚: who owns the database could rewrite the whole chain, or cut its end off. So each head is signed (Ed25519) and appended to a file outside
 * of it, `<dataDir>/anchors/audit/<month>.jsonl`. Copy these files to where nobody can change them, and they prove all that came before.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Ctx } from "../platform/index.ts";

export type Anchor = { readonly entryNo: bigint; readonly hash: string; readonly at: string };
type Head = { readonly entryNo: bigint; readonly hash: Buffer };

/** Waits until the disk has it. Without a data folder nothing is anchored: there is nowhere outside the database. */
export async function anchorHead(ctx: Pick<Ctx, "dataDir" | "now">, { entryNo, hash }: Head): Promise<void> {
  if (ctx.dataDir === undefined) return;
  const key = await signingKey(ctx.dataDir);
  const anchored: Anchor = { entryNo, hash: hash.toString("hex"), at: ctx.now().toISOString() };
  const line = JSON.stringify({ entry: String(entryNo), hash: anchored.hash, at: anchored.at, signature: sign(null, signedText(anchored), key).toString("base64") });
  const folder = anchorFolder(ctx.dataDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(join(folder, `${anchored.at.slice(0, 7)}.jsonl`), "a+", 0o600);
  try {
    const { size } = await file.stat();
    const isCut = size > 0 && (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString() !== "\n"; // a power cut left half a line
    await file.write(`${isCut ? "\n" : ""}${line}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Call before the first entry is written: that a trail with entries has no anchors is then a finding. */
export async function beginAnchors(ctx: Pick<Ctx, "dataDir" | "now">, head: Head): Promise<void> {
  if (ctx.dataDir !== undefined && head.entryNo === 0n && (await monthsIn(ctx.dataDir)).length === 0) await anchorHead(ctx, head);
}

export const anchorFolder = (dataDir: string): string => join(dataDir, "anchors", "audit");

export type AnchorsRead = { readonly anchors: readonly Anchor[]; /** Lines that are no anchors or that our key did not sign, as "2026-03:7". */ readonly forged: readonly string[] };

/** Of the newest month all anchors, of each month before its last, which stands for the others. A last line without its newline was cut by a crash and does not count. */
export async function readAnchors(dataDir: string): Promise<AnchorsRead | undefined> {
  const months = await monthsIn(dataDir);
  if (months.length === 0) return undefined;
  const pem = await readFile(join(dataDir, "keys", publicKeyName), "utf8").catch(absent);
  const key = pem === undefined ? undefined : createPublicKey(pem);
  const anchors: Anchor[] = [];
  const forged: string[] = [];
  for (const [index, month] of months.entries()) {
    const lines = [...(await readFile(join(anchorFolder(dataDir), `${month}.jsonl`), "utf8")).split("\n").slice(0, -1).entries()];
    for (const [at, line] of index === months.length - 1 ? lines : lines.slice(-1)) {
      const read = readLine(line, key);
      if (read) anchors.push(read);
      else forged.push(`${month}:${at + 1}`);
    }
  }
  return { anchors, forged };
}

const monthsIn = async (dataDir: string): Promise<string[]> => ((await readdir(anchorFolder(dataDir)).catch(absent)) ?? []).flatMap((name) => /^(\d{4}-\d{2})\.jsonl$/.exec(name)?.[1] ?? []).sort();

function readLine(line: string, key: KeyObject | undefined): Anchor | undefined {
  try {
    const raw = JSON.parse(line) as { entry: unknown; hash: unknown; at: unknown; signature: unknown };
    if (typeof raw.entry !== "string" || typeof raw.hash !== "string" || typeof raw.at !== "string" || typeof raw.signature !== "string") return undefined;
    const read: Anchor = { entryNo: BigInt(raw.entry), hash: raw.hash, at: raw.at };
    return key !== undefined && verify(null, signedText(read), key, Buffer.from(raw.signature, "base64")) ? read : undefined;
  } catch {
    return undefined; // not JSON, or a number that is none
  }
}

const signedText = ({ entryNo, hash, at }: Anchor): Buffer => Buffer.from(["audit", entryNo, hash, at].join("|"));

const privateKeyName = "audit-private.pem";
const publicKeyName = "audit-public.pem";
const keys = new Map<string, Promise<KeyObject>>();

function signingKey(dataDir: string): Promise<KeyObject> {
  const known = keys.get(dataDir);
  if (known) return known;
  const made = readOrMakeKey(join(dataDir, "keys"));
  made.catch(() => keys.delete(dataDir));
  keys.set(dataDir, made);
  return made;
}

/** Two processes may start at once: whoever links its file to the name first decides the key. */
async function readOrMakeKey(folder: string): Promise<KeyObject> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, privateKeyName);
  if ((await readFile(path).catch(absent)) === undefined) await writeNew(path, generateKeyPairSync("ed25519", { privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } }).privateKey, 0o600);
  const key = createPrivateKey(await readFile(path, "utf8"));
  await writeNew(join(folder, publicKeyName), createPublicKey(key).export({ type: "spki", format: "pem" }) as string, 0o644);
  return key;
}

/** The file appears whole or not at all; one that is there stays. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.${process.pid}`;
  const file = await open(draft, "w", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await rm(draft);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
