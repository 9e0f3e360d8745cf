/** What a compiled mapping hands from closure to closure while one record is mapped. */
import type { Facts, Problem } from "../../platform/index.ts";
import type { Way } from "./path.ts";

/** Code tables that the caller gives: of the flow, or out of master data. Several key parts come joined by "|". */
export type Lookups = { readonly find: (table: string, key: string) => string | undefined };

/** What a length policy cut off, so that nothing goes silently. */
export type Cut = { readonly path: string; readonly kept: string; readonly cutOff: string };

/** Where one value of a document comes from. */
export type Origin = { readonly target: string; readonly value: unknown; readonly from: readonly string[]; readonly rule: string };

export type Frame = {
  /** By root: the record, the record before, the record's own words, then each loop's element. */
  readonly values: unknown[];
  /** By root: the source path of its value. */
  readonly labels: string[];
  /** Where in the document we are: "" or "lines[2].". */
  prefix: string;
  /** The document: "salesOrder/S00012". */
  where: string;
  currency: string | undefined;
  /** The elements that a grouped line stands for. */
  group: readonly unknown[] | undefined;
  readonly lookups: Lookups | undefined;
  readonly problems: Problem[];
  readonly cut: Cut[];
  /** Filled only when somebody asks for the lineage. */
  readonly origins: Origin[] | undefined;
};

/** undefined is nothing. */
export type Read = (frame: Frame) => unknown;

/** A way as a path in the source: "order_line[1].product_uom_qty". */
export function labelOf(frame: Frame, way: Way): string {
  const label = frame.labels[way.root] ?? "";
  return [label, ...way.steps].filter((step) => step !== "").join(".").replace(/\.(\d+)(?=\.|$)/g, "[$1]") || "row";
}

/** Keeps a problem with its place in the source and in the document; the value is then nothing. */
export function spoil(frame: Frame, code: string, field: string, ways: readonly Way[], facts: Facts = {}): undefined {
  frame.problems.push({ code, facts: { field: `${frame.prefix}${field}`, from: [...new Set(ways.map((way) => labelOf(frame, way)))].join(", ") || "const", ...facts }, where: frame.where });
  return undefined;
}

/** A value for a message. An object only by its names: it may be deeper than anything can write. */
export const short = (value: unknown): string => {
  const text = value === undefined ? "nothing" : value !== null && typeof value === "object" ? (Array.isArray(value) ? `[${value.length}]` : `{${Object.keys(value).slice(0, 4).join(", ")}}`) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};
