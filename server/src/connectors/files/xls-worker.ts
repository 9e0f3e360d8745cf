/** The thread behind xls.ts: reads one sheet and hands over its lines in pieces, when asked. */
import { parentPort, workerData } from "node:worker_threads";
import { readFileSync } from "node:fs";
import * as xlsx from "@e965/xlsx";
import type { XlsAnswer } from "./xls.ts";
import { dateText, isDateFormat, numberText } from "./xlsx.ts";

const { path, sheet } = workerData as { readonly path: string; readonly sheet: string | undefined };
const pieceLines = 1_000;

const lines = answers();
parentPort?.on("message", () => parentPort?.postMessage(lines.next().value ?? ({ is: "end" } satisfies XlsAnswer)));

function* answers(): Generator<XlsAnswer> {
  let workbook: xlsx.WorkBook;
  try {
    workbook = xlsx.read(readFileSync(path), { dense: true, cellNF: true, cellText: false, cellHTML: false, sheets: sheet ?? 0 });
  } catch (error) {
    return yield { is: "broken", cause: (error as Error).message };
  }
  const found = workbook.Sheets[sheet ?? workbook.SheetNames[0] ?? ""];
  if (found === undefined) return yield { is: "no sheet" };
  const is1904 = workbook.Workbook?.WBProps?.date1904 === true;
  const rows = (found as { readonly "!data"?: readonly (readonly (xlsx.CellObject | undefined)[] | undefined)[] })["!data"] ?? [];
  for (let first = 0; first < rows.length; first += pieceLines) {
    const piece = rows.slice(first, first + pieceLines);
    yield { is: "lines", first: first + 1, lines: Array.from(piece, (row) => Array.from(row ?? [], (cell) => textOf(cell, is1904))) };
  }
}

function textOf(cell: xlsx.CellObject | undefined, is1904: boolean): string {
  if (cell === undefined || cell.v === undefined) return "";
  if (cell.t === "n") return typeof cell.z === "string" && isDateFormat(cell.z) ? dateText(String(cell.v), is1904) : numberText(String(cell.v));
  if (cell.t === "e") return cell.w ?? "#ERROR";
  return String(cell.v);
}
