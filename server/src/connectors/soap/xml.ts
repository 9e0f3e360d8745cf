/** The little of XML that is needed before a parser may see it, and to write it. */

export type XmlLimits = { readonly depth: number; readonly elements: number };
export const xmlLimits: XmlLimits = { depth: 40, elements: 500_000 };

/** What forbids reading a document: a document type (and with it every entity but the five of XML), or a depth or number of elements that no business document has. */
export function xmlDanger(text: string, limits: XmlLimits = xmlLimits): "doctype" | "depth" | "elements" | undefined {
  let [depth, elements] = [0, 0];
  for (const [found] of text.matchAll(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<![A-Za-z]|<\/?[^<>!?]+>/g)) {
    if (found.startsWith("<!--") || found.startsWith("<![") || found.startsWith("<?")) continue;
    if (found.startsWith("<!")) return "doctype";
    if (found.startsWith("</")) depth--;
    else {
      elements++;
      if (!found.endsWith("/>")) depth++;
    }
    if (depth > limits.depth) return "depth";
    if (elements > limits.elements) return "elements";
  }
  return undefined;
}

export const xmlText = (text: string): string =>
  // Control characters cannot stand in XML 1.0 at all, not even escaped.
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd").replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
