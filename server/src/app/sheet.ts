/** A spreadsheet file (ECMA-376) of one sheet, written as the rows come: nothing is kept but the row at hand. */
import { PassThrough, Readable } from "node:stream";
import { ZipFile } from "yazl";

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const relations = "http://schemas.openxmlformats.org/package/2006/relationships";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** The first row is the heading. Columns named in `figures` hold numbers as far as they are numbers; all else is text, so that no code loses its zeros and nothing is taken for a formula. */
export function writeSheet(name: string, rows: AsyncIterable<readonly string[]>, figures: ReadonlySet<number>): Readable {
  const zip = new ZipFile();
  const add = (path: string, text: string): void => zip.addBuffer(Buffer.from(head + text), path);
  add("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>');
  add("_rels/.rels", `<Relationships xmlns="${relations}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`);
  add("xl/_rels/workbook.xml.rels", `<Relationships xmlns="${relations}"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${office}/styles" Target="styles.xml"/></Relationships>`);
  add("xl/workbook.xml", `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${escaped(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>`);
  add("xl/styles.xml", `<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>`);
  zip.addReadStream(Readable.from(sheet(rows, figures)), "xl/worksheets/sheet1.xml");
  zip.end();
  const out = new PassThrough();
  (zip.outputStream as unknown as Readable).on("error", (error: Error) => out.destroy(error)).pipe(out);
  zip.on("error", (error: Error) => out.destroy(error));
  return out;
}

async function* sheet(rows: AsyncIterable<readonly string[]>, figures: ReadonlySet<number>): AsyncGenerator<Buffer, void, undefined> {
  yield Buffer.from(`${head}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`);
  let at = 0;
  for await (const row of rows) {
    at += 1;
    yield Buffer.from(`<row r="${at}">${row.map((cell, column) => cellOf(cell, at === 1 ? "head" : figures.has(column) ? "figure" : "text")).join("")}</row>`);
  }
  yield Buffer.from("</sheetData></worksheet>");
}

function cellOf(text: string, as: "head" | "figure" | "text"): string {
  if (text === "") return "<c/>";
  if (as === "figure" && /^-?\d{1,15}(\.\d{1,6})?$/.test(text)) return `<c${text.includes(".") ? ' s="2"' : ""}><v>${text}</v></c>`;
  return `<c t="inlineStr"${as === "head" ? ' s="1"' : ""}><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

// Control characters have no place in XML.
const escaped = (text: string): string => text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, "").replace(/[<>&"]/g, (c) => (c === "<" ? "&lt;" : c === ">" ? "&gt;" : c === "&" ? "&amp;" : "&quot;"));
