/**
 * Documents as bytes: one JSON object, an array of them, or NDJSON (one a line), told apart by what arrives. Only the record
 * at hand is kept in memory, and a broken record is handed on as such, so that it alone is refused.
 */
import { isUtf8 } from "node:buffer";

/** A record that is no JSON. */
export class BrokenRecord {
  /** Which record of the stream it is, from 1. */
  readonly row: number;
  /** Its beginning, as proof. */
  readonly text: string;
  readonly detail: string;
  constructor(row: number, text: string, detail: string) {
    this.row = row;
    this.text = text;
    this.detail = detail;
  }
}

/** Largest record in bytes; a document of the most lines stays well below. */
export const RECORD_MAX = 32 * 1024 * 1024;
const PROOF_MAX = 100_000;

/** Parsed records in order, a `BrokenRecord` in place of what is no JSON. */
export async function* parseNdjson(bytes: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<unknown, void, undefined> {
  let splitter: Splitter | undefined;
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (splitter === undefined) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const first = firstByte(held);
      if (first < 0) continue;
      splitter = held[first] === BRACKET ? new ArraySplitter() : new LineSplitter();
      yield* splitter.push(held.subarray(first));
    } else yield* splitter.push(chunk);
  }
  if (splitter) yield* splitter.end();
}

type Splitter = { push(chunk: Buffer): Iterable<unknown>; end(): Iterable<unknown> };

const NEWLINE = 10, QUOTE = 34, COMMA = 44, BACKSLASH = 92, BRACE = 123, BRACE_END = 125, BRACKET = 91, BRACKET_END = 93;
const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === 13 || byte === NEWLINE;

/** Where the text begins, after blanks and a byte order mark; below zero while there is none. */
function firstByte(bytes: Buffer): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length && isBlank(bytes[at])) at++;
  return at < bytes.length ? at : -1;
}

/** One record a line. A record may also stand on several lines, as long as none but its first begins with "{" in the first column. */
class LineSplitter implements Splitter {
  private row = 0;
  private rest: Buffer[] = [];
  private restSize = 0;
  private isSkipping = false;
  /** Lines of a record that is not complete yet, their length, and how many of its brackets are open. */
  private open: string[] = [];
  private openSize = 0;
  private depth = 0;

  *push(chunk: Buffer): Iterable<unknown> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      yield* this.line(chunk.subarray(from, at));
      from = at + 1;
    }
    this.keep(chunk.subarray(from));
  }

  *end(): Iterable<unknown> {
    yield* this.line(Buffer.alloc(0));
    if (this.open.length > 0) yield this.broken(this.open.join("\n"));
  }

  private keep(part: Buffer): void {
    if (part.length === 0 || this.isSkipping) return;
    this.restSize += part.length;
    this.isSkipping = this.restSize > RECORD_MAX;
    if (this.isSkipping) this.rest = [Buffer.concat([...this.rest, part]).subarray(0, PROOF_MAX)];
    else this.rest.push(Buffer.from(part));
  }

  private *line(end: Buffer): Iterable<unknown> {
    this.keep(end);
    const bytes = this.rest.length === 1 ? (this.rest[0] as Buffer) : Buffer.concat(this.rest);
    const isTooLong = this.isSkipping;
    this.rest = [];
    this.restSize = 0;
    this.isSkipping = false;
    if (bytes.length === 0) return;
    if (isTooLong || !isUtf8(bytes)) {
      if (this.open.length > 0) yield this.broken(this.open.join("\n"));
      yield this.broken(bytes.toString("utf8"), isTooLong ? `longer than ${RECORD_MAX / 1048576} MB` : "not UTF-8");
      return;
    }
    const text = bytes.toString("utf8");
    if (this.open.length > 0 && text.startsWith("{")) yield this.broken(this.open.join("\n"));
    if (this.open.length > 0) {
      this.open.push(text);
      this.openSize += text.length;
      this.depth = depthAfter(text, this.depth);
      if (this.depth <= 0 || this.openSize > RECORD_MAX) yield this.record(this.open.join("\n"));
      return;
    }
    if (text.trim() === "") return;
    const parsed = parse(text);
    if (parsed.detail !== undefined && (this.depth = depthAfter(text, 0)) > 0) {
      this.open = [text];
      this.openSize = text.length;
    } else yield this.record(text, parsed);
  }

  private record(text: string, parsed = parse(text)): unknown {
    if (parsed.detail !== undefined) return this.broken(text, parsed.detail);
    this.open = [];
    this.row++;
    return parsed.value;
  }

  private broken(text: string, detail = parse(text).detail ?? ""): BrokenRecord {
    this.open = [];
    return new BrokenRecord(++this.row, text.slice(0, PROOF_MAX), detail);
  }
}

/** How many brackets are open after this line; zero or less also when the line ends inside a string, which no JSON does. */
function depthAfter(line: string, before: number): number {
  let depth = before;
  let isInString = false;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (isInString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) isInString = true;
    else if (code === BRACE || code === BRACKET) depth++;
    else if ((code === BRACE_END || code === BRACKET_END) && --depth <= 0) return 0;
  }
  return isInString ? 0 : depth;
}

/** The elements of one array. What follows an element that never ends belongs to it. */
class ArraySplitter implements Splitter {
  private row = 0;
  private depth = 0;
  private isInString = false;
  private isEscaped = false;
  private isOver = false;
  private parts: Buffer[] = [];
  private size = 0;

  *push(chunk: Buffer): Iterable<unknown> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.isInString) {
        if (this.isEscaped) this.isEscaped = false;
        else if (byte === BACKSLASH) this.isEscaped = true;
        else if (byte === QUOTE) this.isInString = false;
      } else if (byte === QUOTE) this.isInString = true;
      else if (byte === BRACE || byte === BRACKET) {
        if (++this.depth === 1 && !this.isOver) from = at + 1;
      } else if (byte === BRACE_END || byte === BRACKET_END) {
        if (--this.depth !== 0) continue;
        yield* this.element(chunk.subarray(from, at));
        from = at + 1;
        this.isOver = true;
      } else if (byte === COMMA && this.depth === 1) {
        yield* this.element(chunk.subarray(from, at), true);
        from = at + 1;
      }
    }
    this.keep(chunk.subarray(from));
  }

  *end(): Iterable<unknown> {
    // After the closing bracket only blanks may follow; before it, the array was cut.
    yield* this.element(Buffer.alloc(0), !this.isOver);
  }

  private keep(part: Buffer): void {
    this.size += part.length;
    if (this.size <= RECORD_MAX) this.parts.push(Buffer.from(part));
  }

  private *element(end: Buffer, isWanted = false): Iterable<unknown> {
    this.keep(end);
    const bytes = Buffer.concat(this.parts);
    const isTooLong = this.size > RECORD_MAX;
    this.parts = [];
    this.size = 0;
    if (!isWanted && firstByte(bytes) < 0) return; // an empty array, or the end of one
    this.row++;
    if (isTooLong || !isUtf8(bytes)) {
      yield new BrokenRecord(this.row, bytes.subarray(0, PROOF_MAX).toString("utf8"), isTooLong ? `longer than ${RECORD_MAX / 1048576} MB` : "not UTF-8");
      return;
    }
    const text = bytes.toString("utf8");
    const { value, detail } = parse(text);
    yield detail === undefined ? value : new BrokenRecord(this.row, text.trim().slice(0, PROOF_MAX), detail);
  }
}

function parse(text: string): { value?: unknown; detail?: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { detail: (error as SyntaxError).message.slice(0, 200) };
  }
}
