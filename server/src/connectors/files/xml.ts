/** XML records as trees: local names as keys, repeated elements as arrays, attributes as "@name", every value a string. */
import { createReadStream } from "node:fs";
import type { Json, Row } from "../connector.ts";
import { badBytesMax, Broken, type Encoding, type FileItem, type LocalFile, textOf } from "./local-file.ts";
import { localName, scanXml, XmlFault } from "./xml-scanner.ts";

export type XmlOptions = {
  /** The local name of the element that is one record, or several. Without it the whole file is one. */
  readonly record?: string | readonly string[] | undefined;
  /** Elements that become an array even where there is only one. */
  readonly lists?: readonly string[] | undefined;
};
export type XmlRecord = {
  readonly element: string;
  readonly row: Row;
  /** The namespaces of the file by prefix. */
  readonly namespaces: ReadonlyMap<string, string>;
  readonly place: string;
  readonly raw: string;
};

type Node = { readonly name: string; readonly children: Map<string, Json | Json[]>; text: string };

const nodesMax = 1_000_000;

/** One record of several kinds says in "@element" which it is. */
export async function* xmlRows(file: LocalFile, options: XmlOptions): AsyncGenerator<FileItem> {
  for await (const { element, row, place } of xmlRecords(file, options)) yield { is: "row", row: Array.isArray(options.record) ? { "@element": element, ...row } : row, place };
}

export async function* xmlRecords(file: LocalFile, options: XmlOptions): AsyncGenerator<XmlRecord> {
  const wanted = options.record === undefined ? undefined : new Set([options.record].flat());
  const lists = new Set(options.lists ?? []);
  const namespaces = new Map<string, string>();
  const path: Node[] = [];
  let found: XmlRecord[] = [];
  let count = 0;
  let nodes = 0;
  const xml = scanXml({
    open: (full, attributes) => {
      for (const name in attributes) if (name.startsWith("xmlns")) namespaces.set(name.slice(6), attributes[name] as string);
      const name = localName(full);
      if (path.length === 0) {
        if (wanted !== undefined && !wanted.has(name)) return;
        nodes = 0;
        xml.mark();
      }
      if ((nodes += 1) > nodesMax) throw new XmlFault("too long", `a record has more than ${nodesMax} elements`);
      const node: Node = { name, children: new Map(), text: "" };
      for (const attribute in attributes) if (!attribute.startsWith("xmlns")) node.children.set(`@${localName(attribute)}`, attributes[attribute] as string);
      path.push(node);
    },
    text: (text) => {
      const node = path.at(-1);
      if (node !== undefined) node.text += text;
    },
    close: () => {
      const node = path.pop();
      if (node === undefined) return;
      const parent = path.at(-1);
      const tree = treeOf(node);
      if (parent === undefined) {
        count += 1;
        found.push({ element: node.name, row: typeof tree === "string" ? { "#text": tree } : tree, namespaces, place: `record ${count}`, raw: xml.taken() });
        return;
      }
      const before = parent.children.get(node.name);
      if (Array.isArray(before)) before.push(tree);
      else parent.children.set(node.name, before === undefined ? (lists.has(node.name) ? [tree] : tree) : [before as Json, tree]);
    },
  });
  try {
    for await (const text of textOf(file, await declaredEncoding(file))) {
      let fault: unknown;
      try {
        xml.write(text);
      } catch (error) {
        fault = error;
      }
      yield* found;
      found = [];
      if (fault !== undefined) throw fault;
    }
    xml.end();
  } catch (error) {
    throw brokenXml(error, file, count);
  }
  if (count === 0) throw new Broken({ code: "file.no_record", facts: { name: file.name, record: [...(wanted ?? [])].join(", ") } });
}

/** What the scanner found, in a user's words. Other errors pass unchanged. */
function brokenXml(error: unknown, file: LocalFile, count: number): unknown {
  const where = count === 0 ? undefined : `after record ${count}`;
  if (error instanceof Broken) return new Broken({ ...error.problem, where }, where, error.bytes);
  if (!(error instanceof XmlFault)) return error;
  const { name } = file;
  if (error.reason === "dtd") return new Broken({ code: "xml.dtd", facts: { name } });
  if (error.reason === "torn") return new Broken({ code: "file.unfinished", facts: { name }, where }, where);
  if (error.reason === "too deep" || error.reason === "too long") return new Broken({ code: "file.too_large", facts: { name, what: error.reason === "too deep" ? "depth" : "length of a record", limit: /\d+/.exec(error.message)?.[0] ?? "" }, where }, where);
  return new Broken({ code: "file.broken", facts: { name, cause: error.message }, where }, where);
}

function treeOf(node: Node): string | Row {
  const isBlank = node.text.trim() === "";
  if (node.children.size === 0) return isBlank ? "" : node.text;
  // Object.fromEntries defines its keys, so an element named __proto__ is a key like any other.
  return Object.fromEntries<Json>(isBlank ? node.children : [...node.children, ["#text", node.text]]);
}

async function declaredEncoding(file: LocalFile): Promise<Encoding> {
  let head = "";
  for await (const chunk of createReadStream(file.path, { end: 199 }) as AsyncIterable<Buffer>) head += chunk.toString("latin1");
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\bencoding=["']([\w.-]+)["']/.exec(head)?.[1]?.toLowerCase();
  if (declared === undefined || declared === "us-ascii") return file.encoding;
  if (declared === "utf-8" || declared === "utf8") return "utf-8";
  if (["gbk", "gb2312", "gb18030"].includes(declared)) return "gb18030";
  throw new Broken({ code: "file.encoding", facts: { name: file.name, encoding: "UTF-8 / GB 18030" } });
}

export const rawBytes = (raw: string): Buffer => Buffer.from(raw).subarray(0, badBytesMax);
