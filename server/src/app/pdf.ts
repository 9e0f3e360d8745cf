/**
 * A paper as PDF 1.7 (ISO 32000-1): a title, a few sentences, one table over as many pages as it takes, signatures at the end. No font is embedded:
 * Latin text stands in Helvetica, one of the fourteen fonts that every reader has, Chinese in the predefined STSong-Light with the encoding
 * UniGB-UTF16-H, so a file of a hundred lines has a few kilobytes. The same paper gives the same bytes.
 */
import { deflateSync } from "node:zlib";

export type Paper = {
  readonly title: string;
  readonly above: readonly string[];
  /** Parts of the width; figures stand to the right and, below zero, in red. */
  readonly columns: readonly { readonly head: string; readonly width: number; readonly isFigure?: boolean }[];
  readonly rows: readonly { readonly cells: readonly string[]; /** A total or a heading within the table. */ readonly isStrong?: boolean }[];
  /** Two blocks beside each other, for seals and signatures. */
  readonly ends: readonly (readonly string[])[];
  readonly below: readonly string[];
};

const [pageWidth, pageHeight, margin] = [595.28, 841.89, 48];
const width = pageWidth - 2 * margin;
const [rowHeight, textSize] = [18, 9];

export function writePaper(paper: Paper): Buffer {
  const pages: string[][] = [[]];
  let y = pageHeight - margin;
  const draw = (operator: string): void => void (pages.at(-1) as string[]).push(operator);
  const turn = (): void => { pages.push([]); y = pageHeight - margin; };
  const whole = paper.columns.reduce((sum, column) => sum + column.width, 0);
  let from = margin;
  const places = paper.columns.map((column) => { const at = from; from += (column.width / whole) * width; return { left: at + 3, right: from - 3 }; });
  const line = (weight: string): void => draw(`${weight === "1" ? "0.35 0.4 0.45" : "0.82 0.85 0.88"} RG ${weight} w ${n(margin)} ${n(y)} m ${n(margin + width)} ${n(y)} l S`);
  const row = (cells: readonly string[], isStrong: boolean): void => {
    // Long text takes more lines; nothing is cut off.
    const wrapped = cells.map((cell, at) => { const place = places[at] as { readonly left: number; readonly right: number }; return paper.columns[at]?.isFigure ? [cell] : wrap(cell, place.right - place.left, textSize); });
    const lines = Math.max(1, ...wrapped.map(({ length }) => length));
    const height = rowHeight + (lines - 1) * (textSize + 2);
    if (y - height < margin + 24) { turn(); head(); }
    for (const [at, parts] of wrapped.entries()) for (const [step, part] of parts.entries()) {
      const place = places[at] as { readonly left: number; readonly right: number };
      const base = y - 12.5 - step * (textSize + 2);
      const isFigure = paper.columns[at]?.isFigure === true;
      draw(text(part, isFigure ? place.right - widthOf(part, textSize) : place.left, base, textSize, { isRed: isFigure && part.startsWith("-"), isStrong }));
    }
    y -= height;
    line("0.4");
  };
  const head = (): void => {
    line("1");
    row(paper.columns.map((column) => column.head), true);
  };
  y -= 18;
  draw(text(paper.title, (pageWidth - widthOf(paper.title, 18)) / 2, y, 18, { isStrong: true }));
  y -= 26;
  for (const sentence of paper.above) for (const part of wrap(sentence, width, 10)) { draw(text(part, margin, y, 10)); y -= 15; }
  y -= 2;
  head();
  for (const { cells, isStrong } of paper.rows) row(cells, isStrong === true);
  line("1");
  y -= 20;
  const endHeight = Math.max(0, ...paper.ends.map(({ length }) => length)) * 16 + paper.below.length * 12 + 24;
  if (y - endHeight < margin) turn();
  for (const [at, block] of paper.ends.entries()) for (const [step, part] of block.entries()) draw(text(part, margin + (at * width) / Math.max(1, paper.ends.length), y - step * 16, 10));
  y -= Math.max(0, ...paper.ends.map(({ length }) => length)) * 16 + 20;
  for (const part of paper.below.flatMap((sentence) => wrap(sentence, width, 8))) { draw(text(part, margin, y, 8)); y -= 11; }
  for (const [at, page] of pages.entries()) { const mark = `${at + 1} / ${pages.length}`; page.push(text(mark, (pageWidth - widthOf(mark, 8)) / 2, 26, 8)); }
  return assemble(paper.title, pages.map((page) => page.join("\n")));
}

const n = (value: number): string => String(Math.floor(value * 100) / 100);

type Style = { readonly isRed?: boolean; readonly isStrong?: boolean };
function text(value: string, x: number, y: number, size: number, { isRed = false, isStrong = false }: Style = {}): string {
  if (value === "") return "";
  const shown = runsOf(value).map(({ isLatin, part }) => (isLatin ? `/F1 ${size} Tf <${Buffer.from(part, "latin1").toString("hex")}> Tj` : `/F2 ${size} Tf <${Buffer.from(part, "utf16le").swap16().toString("hex")}> Tj`)).join(" ");
  // There is no bold of the predefined font: its outline is drawn as well.
  return `q ${isRed ? "0.75 0.16 0.1 rg 0.75 0.16 0.1 RG" : "0.08 0.13 0.17 rg 0.08 0.13 0.17 RG"} BT ${isStrong ? "2 Tr 0.25 w" : "0 Tr"} 1 0 0 1 ${n(x)} ${n(y)} Tm ${shown} ET Q`;
}

function runsOf(value: string): { readonly isLatin: boolean; readonly part: string }[] {
  const runs: { isLatin: boolean; part: string }[] = [];
  for (const character of plain(value)) {
    const isLatin = isLatinOne(character);
    const last = runs.at(-1);
    if (last?.isLatin === isLatin) last.part += character;
    else runs.push({ isLatin, part: character });
  }
  return runs;
}
const isLatinOne = (character: string): boolean => { const code = character.codePointAt(0) ?? 0; return code < 0x7f || (code >= 0xa1 && code <= 0xff); };
/** The sign of the screen stands in neither font. */
const plain = (value: string): string => value.replace(/\u2212/g, "-").replace(/[\u2009\u00a0\p{Cc}]/gu, " ");

/** Helvetica, Adobe's metrics, from the blank to the tilde, in thousandths. */
const latinWidths = [278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, ...Array<number>(10).fill(556), 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584];
const widthOf = (value: string, size: number): number => [...plain(value)].reduce((sum, character) => sum + (isLatinOne(character) ? (latinWidths[(character.codePointAt(0) ?? 32) - 32] ?? 556) : 1000), 0) * (size / 1000);

/** Latin words stay whole where they fit; Chinese breaks anywhere. */
function wrap(value: string, most: number, size: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of plain(value).match(/[!-~\u00a1-\u00ff]+ ?|[^]/gu) ?? []) {
    if (widthOf(line + word.trimEnd(), size) <= most) { line += word; continue; }
    if (line !== "") lines.push(line.trimEnd());
    line = word;
    while (widthOf(line, size) > most && [...line].length > 1) {
      const characters = [...line];
      let fits = 1;
      while (fits < characters.length && widthOf(characters.slice(0, fits + 1).join(""), size) <= most) fits += 1;
      lines.push(characters.slice(0, fits).join(""));
      line = characters.slice(fits).join("");
    }
  }
  return [...lines, line.trimEnd()];
}

function assemble(title: string, pages: readonly string[]): Buffer {
  const objects: Buffer[] = [];
  const add = (body: string, stream?: Buffer): number => objects.push(stream === undefined ? Buffer.from(body, "latin1") : Buffer.concat([Buffer.from(`${body}\nstream\n`, "latin1"), stream, Buffer.from("\nendstream", "latin1")]));
  add("<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) >>");
  const firstPage = 7;
  add(`<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, at) => `${firstPage + at * 2} 0 R`).join(" ")}] /MediaBox [0 0 ${pageWidth} ${pageHeight}] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>`);
  add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  add("<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H /Encoding /UniGB-UTF16-H /DescendantFonts [5 0 R] >>");
  add("<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >> >>");
  add(`<< /Title <feff${Buffer.from(title, "utf16le").swap16().toString("hex")}> /Producer (Tieout) >>`);
  for (const page of pages) {
    const packed = deflateSync(Buffer.from(page, "latin1"));
    add(`<< /Type /Page /Parent 2 0 R /Contents ${objects.length + 2} 0 R >>`);
    add(`<< /Length ${packed.length} /Filter /FlateDecode >>`, packed);
  }
  const parts: Buffer[] = [Buffer.from("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n", "latin1")];
  let at = parts[0]?.length ?? 0;
  const offsets = objects.map((body, index) => {
    const offset = at;
    const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), body, Buffer.from("\nendobj\n")]);
    parts.push(part);
    at += part.length;
    return offset;
  });
  parts.push(Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("")}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n${at}\n%%EOF\n`));
  return Buffer.concat(parts);
}
