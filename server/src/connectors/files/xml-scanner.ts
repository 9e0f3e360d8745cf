/**
 * XML as events, in pieces, strictly: an unclosed or crossed tag, a bare & or an unknown entity is an error, where a tolerant parser would
 * repair it and hand over a torn invoice as a whole one. There is no DTD, so no entity but the five of XML, and nothing is ever fetched.
 */
export type XmlHandler = {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
};
export type XmlScanner = {
  readonly write: (text: string) => void;
  readonly end: () => void;
  /** In `open`: the raw text is kept from this tag on. */
  readonly mark: () => void;
  /** In `close`: the raw text since the mark. */
  readonly taken: () => string;
};

export class XmlFault extends Error {
  override readonly name = "XmlFault";
  readonly reason: "dtd" | "too deep" | "too long" | "torn" | "not well-formed";
  constructor(reason: XmlFault["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

const limits = { depth: 100, pieceCharacters: 16_777_216 };

export function scanXml(handler: XmlHandler): XmlScanner {
  const stack: string[] = [];
  let buffer = "";
  let at = 0;
  let end = 0;
  let searchFrom = 0;
  let hasRoot = false;
  let kept = "";
  let markAt = -1;

  const fault = (message: string): never => {
    throw new XmlFault("not well-formed", stack.length === 0 ? message : `${message} in <${stack.at(-1)}>`);
  };
  /** Where `mark` ends in the buffer, or undefined until it arrives. What was searched is not searched again. */
  const find = (mark: string, from: number): number | undefined => {
    const found = buffer.indexOf(mark, Math.max(from, searchFrom));
    if (found >= 0) {
      searchFrom = 0;
      return found;
    }
    searchFrom = Math.max(from, buffer.length - mark.length + 1);
    return undefined;
  };
  const text = (raw: string): void => {
    if (stack.length > 0) handler.text?.(decode(raw, fault));
    else if (/[^\s\uFEFF]/.test(raw)) fault("text outside the root element");
  };
  const close = (name: string): void => {
    if (stack.pop() !== name) fault(`</${name}> closes what is not open`);
    handler.close?.(name);
  };
  const tag = (): void => {
    if (buffer.charCodeAt(at + 1) === 47) return close(buffer.slice(at + 2, end - 1).trimEnd());
    const isEmpty = buffer.charCodeAt(end - 2) === 47;
    const inner = buffer.slice(at + 1, isEmpty ? end - 2 : end - 1);
    const split = inner.search(/\s/);
    const name = split < 0 ? inner : inner.slice(0, split);
    if (!/^[\p{L}_:][\p{L}\p{N}._:\-·]*$/u.test(name)) fault(`<${name.slice(0, 40)}> is no tag`);
    if (stack.length === 0 && hasRoot) fault("a second root element");
    if (stack.length >= limits.depth) throw new XmlFault("too deep", `elements stand more than ${limits.depth} deep`);
    hasRoot = true;
    stack.push(name);
    handler.open?.(name, split < 0 ? {} : attributesOf(inner.slice(split), fault));
    if (isEmpty) close(name);
  };
  /** Takes the next piece, if all of it is there. */
  const step = (): boolean => {
    if (buffer.charCodeAt(at) !== 60) {
      const next = find("<", at);
      if (next === undefined) return false;
      text(buffer.slice(at, next));
      at = next;
      return true;
    }
    if (buffer.length - at < 9 && "<![CDATA[".startsWith(buffer.slice(at))) return false;
    const isComment = buffer.startsWith("<!--", at);
    const isLiteral = buffer.startsWith("<![CDATA[", at);
    const isInstruction = buffer.startsWith("<?", at);
    if (isComment || isLiteral || isInstruction) {
      const mark = isComment ? "-->" : isLiteral ? "]]>" : "?>";
      const found = find(mark, at + (isComment ? 4 : isLiteral ? 9 : 2));
      if (found === undefined) return false;
      if (isLiteral && stack.length > 0) handler.text?.(buffer.slice(at + 9, found).replaceAll("\r\n", "\n"));
      at = found + mark.length;
      return true;
    }
    if (buffer.startsWith("<!", at)) {
      if (buffer.length - at < 4) return false;
      throw new XmlFault("dtd", "a document type declaration");
    }
    const found = endOfTag(buffer, at);
    if (found < 0) return false;
    end = found + 1;
    tag();
    at = end;
    return true;
  };

  return {
    write: (piece) => {
      buffer += piece;
      while (at < buffer.length && step());
      if (buffer.length - at > limits.pieceCharacters) throw new XmlFault("too long", `a text or tag is longer than ${limits.pieceCharacters} characters`);
      if (markAt >= 0) {
        kept += buffer.slice(markAt, at);
        markAt = 0;
        if (kept.length > limits.pieceCharacters * 4) throw new XmlFault("too long", `a record is longer than ${limits.pieceCharacters * 4} characters`);
      }
      buffer = buffer.slice(at);
      searchFrom = Math.max(0, searchFrom - at);
      at = 0;
    },
    end: () => {
      if (stack.length > 0 || buffer.startsWith("<")) throw new XmlFault("torn", stack.length > 0 ? `<${stack.at(-1)}> is not closed` : "it ends inside a tag");
      text(buffer);
      if (!hasRoot) fault("no XML");
    },
    mark: () => {
      kept = "";
      markAt = at;
    },
    taken: () => {
      const raw = kept + buffer.slice(markAt, end);
      kept = "";
      markAt = -1;
      return raw;
    },
  };
}

/** The > that ends a tag, not one inside an attribute's quotes. */
function endOfTag(buffer: string, at: number): number {
  let quote = 0;
  for (let index = at; index < buffer.length; index += 1) {
    const code = buffer.charCodeAt(index);
    if (quote !== 0) quote = code === quote ? 0 : quote;
    else if (code === 34 || code === 39) quote = code;
    else if (code === 62) return index;
  }
  return -1;
}

function attributesOf(text: string, fault: (message: string) => never): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  const pattern = /\s+([^\s=<>"'/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')|\s+$/gy;
  while (pattern.lastIndex < text.length) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) return fault(`the attributes${text.slice(from, from + 40)} cannot be read`);
    const [, name, double, single] = match;
    if (name !== undefined && name !== "__proto__") attributes[name] = decode(double ?? single ?? "", fault);
  }
  return attributes;
}

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decode(raw: string, fault: (message: string) => never): string {
  const text = raw.includes("\r") ? raw.replaceAll("\r\n", "\n") : raw;
  if (!text.includes("&")) return text;
  return text.replace(/&(#x[0-9a-fA-F]{1,6};|#\d{1,7};|\w+;)?/g, (entity, body: string | undefined) => {
    if (body === undefined) return fault("a bare &");
    if (body.startsWith("#")) {
      const code = body[1] === "x" ? Number.parseInt(body.slice(2), 16) : Number.parseInt(body.slice(1), 10);
      return code === 0 || code > 0x10ffff ? fault(`${entity} is no character`) : String.fromCodePoint(code);
    }
    return Object.hasOwn(named, body.slice(0, -1)) ? (named[body.slice(0, -1)] as string) : fault(`the entity ${entity} is not declared`);
  });
}

/** A name without its prefix. */
export const localName = (name: string): string => name.slice(name.indexOf(":") + 1);
