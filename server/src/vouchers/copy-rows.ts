/** Rows of COPY's text format; nulls do not occur in what is asked here. */
export async function* readCopy(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[], void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(10);
    rest = Buffer.from(bytes.subarray(end + 1));
    if (end < 0) continue;
    for (const line of bytes.toString("utf8", 0, end).split("\n")) yield (line.includes("\\") ? line.split("\t").map(unescapeCopy) : line.split("\t"));
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v" };
const unescapeCopy = (text: string): string => (text.includes("\\") ? text.replace(/\\(.)/gs, (_, code: string) => escapes[code] ?? code) : text);
