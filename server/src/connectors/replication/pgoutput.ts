/**
 * Decodes what PostgreSQL's output plug-in `pgoutput` sends (protocol version 1, values as text; PostgreSQL documentation, "Logical
 * Replication Message Formats"). Written by hand because it is the hottest loop of a source: bytes become the row itself, with
 * no tuple object between.
 */
import { dateOf } from "../../values/index.ts";
import type { Json } from "../connector.ts";
import { kindOf } from "./values.ts";

export type Row = { [field: string]: Json };

export type RelationColumn = { readonly name: string; readonly typeOid: number; readonly modifier: number; readonly isKey: boolean };
export type Relation = { readonly oid: number; readonly schema: string; readonly name: string; readonly identity: "d" | "n" | "f" | "i"; readonly columns: readonly RelationColumn[] };

export type Change = {
  readonly op: "c" | "u" | "d";
  readonly row: Row | null;
  /** Fields of `row` that did not change and were not sent. */
  readonly unset: readonly string[];
  /** What stood there before: the key alone (`isWhole` false) or everything. */
  readonly before: Row | undefined;
  readonly isWhole: boolean;
};

/** How to read a relation's columns; made once for each `Relation`. A domain reads as the type below it. */
export type Layout = { readonly names: readonly string[]; readonly reads: readonly (((text: string) => Json) | undefined)[]; readonly isKey: readonly boolean[] };

export function layoutOf(relation: Relation, baseTypes: ReadonlyMap<number, number>): Layout {
  return {
    names: relation.columns.map(({ name }) => name),
    reads: relation.columns.map(({ typeOid }) => kindOf(baseTypes.get(typeOid) ?? typeOid).read),
    isKey: relation.columns.map(({ isKey }) => isKey),
  };
}

const nil = 0x6e, unchanged = 0x75; // n, u

/** An insert, update or delete: `bytes` stands at its letter at `start`; the relation's id follows. */
export function decodeChange(bytes: Buffer, start: number, layout: Layout): Change {
  const letter = bytes[start];
  let at = start + 5;
  if (letter === 0x49) { // I: N tuple
    tupleEnd = at + 1;
    return { op: "c", row: readTuple(bytes, layout, false), unset: lastUnset, before: undefined, isWhole: false };
  }
  let before: Row | undefined;
  const mark = bytes[at]; // K: the key, O: the whole row before, N: only the row after
  if (mark !== 0x4e) {
    tupleEnd = at + 1;
    before = readTuple(bytes, layout, mark === 0x4b);
    at = tupleEnd;
  }
  if (letter === 0x44) return { op: "d", row: null, unset: none, before, isWhole: mark === 0x4f };
  tupleEnd = at + 1;
  return { op: "u", row: readTuple(bytes, layout, false), unset: lastUnset, before, isWhole: mark === 0x4f };
}

const none: readonly string[] = [];
// What readTuple answers beside the row. Decoding is synchronous, and an object for it would cost a tenth of the rate.
let tupleEnd = 0;
let lastUnset: readonly string[] = none;

function readTuple(bytes: Buffer, layout: Layout, keyOnly: boolean): Row {
  let at = tupleEnd;
  const count = bytes.readUInt16BE(at);
  at += 2;
  const row: Row = {};
  let unset: string[] | undefined;
  for (let i = 0; i < count; i++) {
    const name = layout.names[i] as string;
    const letter = bytes[at++];
    if (letter === nil) {
      if (!keyOnly || layout.isKey[i] === true) row[name] = null;
    } else if (letter === unchanged) (unset ??= []).push(name);
    else {
      const length = bytes.readUInt32BE(at);
      const text = bytes.toString("utf8", at + 4, at + 4 + length);
      at += 4 + length;
      const read = layout.reads[i];
      row[name] = read === undefined ? text : read(text);
    }
  }
  tupleEnd = at;
  lastUnset = unset ?? none;
  return row;
}

export const relationIdOf = (bytes: Buffer, start: number): number => bytes.readUInt32BE(start + 1);

export function decodeRelation(bytes: Buffer, start: number): Relation {
  let at = start + 1;
  const string = (): string => {
    const end = bytes.indexOf(0, at);
    const text = bytes.toString("utf8", at, end);
    at = end + 1;
    return text;
  };
  const oid = bytes.readUInt32BE(at);
  at += 4;
  const schema = string() || "pg_catalog";
  const name = string();
  const identity = String.fromCharCode(bytes[at++] as number) as Relation["identity"];
  const count = bytes.readUInt16BE(at);
  at += 2;
  const columns: RelationColumn[] = [];
  for (let i = 0; i < count; i++) {
    const isKey = ((bytes[at++] as number) & 1) === 1;
    const column = string();
    columns.push({ name: column, typeOid: bytes.readUInt32BE(at), modifier: bytes.readInt32BE(at + 4), isKey });
    at += 8;
  }
  return { oid, schema, name, identity, columns };
}

export type Begin = { readonly commitLsn: bigint; readonly at: string; readonly xid: number };

export const decodeBegin = (bytes: Buffer, start: number): Begin => ({ commitLsn: bytes.readBigUInt64BE(start + 1), at: momentText(bytes.readBigInt64BE(start + 9)), xid: bytes.readUInt32BE(start + 17) });

/** The position behind the commit: whoever is given it as a start gets the next transaction. */
export const decodeCommitEnd = (bytes: Buffer, start: number): bigint => bytes.readBigUInt64BE(start + 10);

export function decodeTruncate(bytes: Buffer, start: number): readonly number[] {
  const count = bytes.readUInt32BE(start + 1);
  return Array.from({ length: count }, (_, i) => bytes.readUInt32BE(start + 6 + 4 * i));
}

/** A log position so that its text sorts as it does; PostgreSQL reads it as pg_lsn. */
export function lsnText(lsn: bigint): string {
  const hex = lsn.toString(16).toUpperCase().padStart(16, "0");
  return `${hex.slice(0, 8)}/${hex.slice(8)}`;
}

export function lsnOf(text: string): bigint | undefined {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  return match ? (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`) : undefined;
}

const dayMicros = 86_400_000_000n;
const days2000 = 10_957; // from 1970-01-01 to 2000-01-01, where PostgreSQL counts from

/** Microseconds since 2000-01-01 → ISO 8601 in UTC. */
export function momentText(micros: bigint): string {
  const day = micros / dayMicros;
  const rest = Number(micros % dayMicros);
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, "0");
  const seconds = rest / 1_000_000;
  return `${dateOf(Number(day) + days2000)}T${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}.${String(rest % 1_000_000).padStart(6, "0")}Z`;
}
