// Until the door of vouchers has them.
import type { Ctx, Problem, RenderedProblem } from "../platform/index.ts";
import * as vouchers from "../vouchers/index.ts";

export type DocumentResult = {
  readonly row: number;
  readonly document: string;
  readonly version: number;
  readonly state: "posted" | "waiting" | "parked" | "duplicate" | "refused";
  readonly vouchers: readonly string[];
  readonly period: string;
  readonly exempt?: string;
  readonly reasons: readonly RenderedProblem[];
};
export type PostSummary = { readonly received: number; readonly posted: number; readonly waiting: number; readonly parked: number; readonly duplicate: number; readonly refused: number; readonly vouchers: number; readonly released: number };
export type PostOptions = { readonly dryRun?: boolean; readonly onResult?: (result: DocumentResult) => void };

type Verbs = {
  postDocuments(ctx: Ctx, book: string, inputs: Iterable<unknown> | AsyncIterable<unknown>, options?: PostOptions): Promise<{ summary: PostSummary; results?: DocumentResult[] }>;
  closePeriod(ctx: Ctx, book: string, period: string): Promise<unknown>;
  reopenPeriod(ctx: Ctx, book: string, period: string, reason: string): Promise<unknown>;
};

const verb = <Name extends keyof Verbs>(name: Name): Verbs[Name] =>
  ((...given: unknown[]) => {
    const found = (vouchers as unknown as Readonly<Record<string, unknown>>)[name];
    if (typeof found !== "function") throw new Error(`vouchers does not export ${name} yet`);
    return (found as (...all: unknown[]) => unknown)(...given);
  }) as unknown as Verbs[Name];

export const postDocuments = verb("postDocuments");
export const closePeriod = verb("closePeriod");
export const reopenPeriod = verb("reopenPeriod");
export type { Problem };
