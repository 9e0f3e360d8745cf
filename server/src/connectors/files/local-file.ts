/**
 * A file on this machine, identified by its content. Its encoding is settled before the first record is read: UTF-8 if all of it is valid
 * UTF-8, else GB 18030, of which GBK and GB 2312 are parts. A file that begins as UTF-8 and then breaks stays UTF-8, so that a torn file
 * is reported and not read as other characters.
 */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Problem } from "../../platform/index.ts";
import type { Row } from "../connector.ts";

export type Encoding = "utf-8" | "gb18030";
export type LocalFile = { readonly path: string; readonly name: string; readonly size: number; readonly hash: string; readonly encoding: Encoding };

/** What a format yields. A bad item is one record; reading goes on after it. */
export type FileItem =
  | { readonly is: "fields"; readonly fields: readonly string[] }
  | { readonly is: "row"; readonly row: Row; readonly place: string }
  | { readonly is: "bad"; readonly problem: Problem; readonly bytes: Buffer; readonly place: string };

/** Thrown where a file's structure ends: nothing behind this place can be read. */
export class Broken extends Error {
  override readonly name = "Broken";
  readonly problem: Problem;
  /** Undefined: the whole file. */
  readonly place: string | undefined;
  readonly bytes: Buffer | undefined;
  constructor(problem: Problem, place?: string, bytes?: Buffer) {
    super(`${problem.code} ${JSON.stringify(problem.facts)}`);
    this.problem = problem;
    this.place = place;
    this.bytes = bytes;
  }
}

/** How much of a broken file its dead letter carries; the file itself is kept whole. */
export const badBytesMax = 1_048_576;
const wideEnough = 8;

export async function identify(path: string, name: string): Promise<LocalFile> {
  const sha = createHash("sha256");
  let size = 0;
  let wide = 0;
  let isValid = true;
  let hasMark = false;
  let carry: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 262_144 }) as AsyncIterable<Buffer>) {
    sha.update(chunk);
    if (size === 0) hasMark = chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    size += chunk.length;
    if (!isValid) continue;
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const end = wholeCharacters(bytes);
    const whole = bytes.subarray(0, end);
    isValid = isUtf8(whole);
    carry = bytes.subarray(end);
    if (wide < wideEnough) wide += countWide(whole);
  }
  if (carry.length > 0) isValid = false;
  return { path, name, size, hash: sha.digest("base64url").slice(0, 24), encoding: isValid || hasMark || wide >= wideEnough ? "utf-8" : "gb18030" };
}

/** Where the last complete UTF-8 character ends. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Characters beyond ASCII before the first that is invalid. */
function countWide(bytes: Buffer): number {
  let count = 0;
  for (const character of bytes.toString("utf8")) {
    if (character === "\uFFFD" || count >= wideEnough) break;
    if (character > "\x7f") count += 1;
  }
  return count;
}

/** The file as text in pieces, without its byte order mark. Where it is not valid text, the whole lines before are given, then Broken. */
export async function* textOf(file: LocalFile, encoding: Encoding = file.encoding): AsyncGenerator<string> {
  const strict = new TextDecoder(encoding, { fatal: true });
  let given = 0;
  let read = 0;
  for await (const chunk of createReadStream(file.path, { highWaterMark: 65_536 }) as AsyncIterable<Buffer>) {
    read += chunk.length;
    const text = attempt(() => strict.decode(chunk, { stream: true }));
    if (text === undefined) break;
    given += text.length;
    yield text;
    if (read === file.size) {
      if (attempt(() => strict.decode()) !== undefined) return;
      break;
    }
  }
  if (read === 0) return;
  const sound = await soundLines(file, encoding, given, read);
  if (sound !== "") yield sound;
  throw new Broken({ code: "file.encoding", facts: { name: file.name, encoding: encoding === "utf-8" ? "UTF-8" : "GB 18030" } });
}

async function soundLines(file: LocalFile, encoding: Encoding, given: number, read: number): Promise<string> {
  const loose = new TextDecoder(encoding);
  let text = "";
  let passed = 0;
  for await (const chunk of createReadStream(file.path, { end: read - 1 }) as AsyncIterable<Buffer>) {
    const piece = loose.decode(chunk, { stream: true });
    text += piece.slice(Math.max(0, given - passed));
    passed += piece.length;
  }
  const bad = text.indexOf("\uFFFD");
  return text.slice(0, text.lastIndexOf("\n", bad < 0 ? text.length : bad) + 1);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The bytes of lines `from` to `to`, counted from 1, as they stand in the file. No part of a GB 18030 character is a line feed, so bytes can be counted. */
export async function bytesOfLines(file: LocalFile, from: number, to = Infinity): Promise<Buffer> {
  const parts: Buffer[] = [];
  let line = 1;
  let size = 0;
  for await (const chunk of createReadStream(file.path, { highWaterMark: 65_536 }) as AsyncIterable<Buffer>) {
    let start = line >= from ? 0 : -1;
    let at = 0;
    while (line <= to) {
      const feed = chunk.indexOf(10, at);
      if (feed < 0) break;
      line += 1;
      at = feed + 1;
      if (line === from) start = at;
    }
    if (start >= 0) {
      const part = chunk.subarray(start, line > to ? at : chunk.length);
      parts.push(part);
      size += part.length;
    }
    if (line > to || size >= badBytesMax) break;
  }
  return Buffer.concat(parts).subarray(0, badBytesMax);
}
