/**
 * An answer as a workbook: the columns, rows and totals that stand on the screen. Rows are written as they come; nothing is kept, so that a hundred
 * thousand rows take no more memory than ten. Texts are texts for whoever opens the file: nothing that begins like a formula is one.
 */
import { Readable } from "node:stream";
import { ZipFile } from "yazl";
import type { Answer, Column, Row } from "./ask.ts";
import type { Words } from "./metric.ts";

export type Language = keyof Words;
export type Sheet = { readonly name: string; readonly columns: readonly Column[]; /** Pages of rows; totals come last. */ readonly pages: AsyncIterable<readonly Row[]>; readonly totals: () => readonly Row[]; readonly note: string };

/** The file, as it is being written. */
export function writeXlsx(sheet: Sheet, language: Language): Readable {
  const zip = new ZipFile();
  const add = (path: string, text: string): void => zip.addBuffer(Buffer.from(text), path);
  add("[Content_Types].xml", `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`);
  add("_rels/.rels", `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`);
  add("xl/workbook.xml", `${head}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="${escape(sheetName(sheet.name))}" sheetId="1" r:id="rId1"/></sheets></workbook>`);
  add("xl/_rels/workbook.xml.rels", `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`);
  add("xl/styles.xml", styles);
  const rows = Readable.from(write(sheet, language), { objectMode: false });
  zip.addReadStream(rows, "xl/worksheets/sheet1.xml");
  zip.end();
  const out = zip.outputStream as Readable;
  rows.on("error", (error: Error) => out.destroy(error));
  return out;
}

/** A whole answer as a sheet. */
export const sheetOf = (name: string, answer: Answer, note: string): Sheet => ({ name, columns: answer.columns, pages: (async function* () { yield answer.rows; })(), totals: () => answer.totals, note });

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
/** 0 plain, 1 heading, 2 money, 3 quantity, 4 percent, 5 days; 6 to 10 the same in bold, for totals. */
const styles = `${head}<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2"><numFmt numFmtId="164" formatCode="#,##0.00;[Red]\\-#,##0.00"/><numFmt numFmtId="165" formatCode="#,##0.######;[Red]\\-#,##0.######"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="11">${[0, 0, 164, 165, 10, 165, 0, 164, 165, 10, 165].map((format, index) => `<xf numFmtId="${format}" fontId="${index === 1 || index > 5 ? 1 : 0}" applyNumberFormat="1" applyFont="1"/>`).join("")}</cellXfs></styleSheet>`;
const styleOf: Readonly<Record<string, number>> = { money: 2, moneyOriginal: 2, quantity: 3, percent: 4, days: 5, ratio: 3 };

async function* write({ columns, pages, totals, note }: Sheet, language: Language): AsyncGenerator<string> {
  const widths = columns.map(({ what }, index) => `<col min="${index + 1}" max="${index + 1}" width="${what === "dimension" ? 24 : 18}" customWidth="1"/>`).join("");
  yield `${head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths}</cols><sheetData>`;
  yield `<row>${columns.map(({ label }) => text(label[language], 1)).join("")}</row>`;
  const line = ({ keys, labels, values }: Row, isTotal: boolean): string => {
    const first = columns.findIndex(({ id, what }) => what === "dimension" && keys[id] === undefined);
    return `<row>${columns.map(({ id, what, unit }, index) => {
      if (what === "dimension") return keys[id] === undefined ? text(isTotal && index === first ? (language === "zh" ? "合计" : "Total") : "", isTotal ? 6 : 0) : text(labels[id]?.[language] ?? keys[id], isTotal ? 6 : 0);
      return number(values[id] ?? null, (styleOf[unit ?? ""] ?? 0) + (isTotal ? 5 : 0));
    }).join("")}</row>`;
  };
  for await (const page of pages) {
    let some = "";
    for (const row of page) {
      some += line(row, false);
      if (some.length > 65_536) {
        yield some;
        some = "";
      }
    }
    yield some;
  }
  for (const row of totals()) yield line(row, true);
  yield `<row/><row>${text(note, 0)}</row></sheetData></worksheet>`;
}

const number = (value: string | null, style: number): string => (value === null ? `<c s="${style}"/>` : `<c s="${style}"><v>${value}</v></c>`);
/** An inline string is never a formula; the apostrophe keeps it one when the sheet is saved as CSV. */
const text = (value: string, style: number): string => `<c t="inlineStr" s="${style}"><is><t xml:space="preserve">${escape(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value)}</t></is></c>`;
const escape = (value: string): string => value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const sheetName = (name: string): string => name.replace(/[\\/?*[\]:]/g, " ").slice(0, 31) || "Sheet1";
