/** What the server says of flows and dead letters, and their words. */
import type { Tone } from "../ui/parts.tsx";
import type { Words } from "../ui/text.ts";

export type Problem = { readonly code: string; readonly zh: string; readonly en: string; readonly where: string | null; readonly todo: Words };
export type FlowState = "running" | "paused" | "stopped" | "retrying" | "idle";
export type FlowCounts = { readonly received: number; readonly posted: number; readonly waiting: number; readonly parked: number; readonly ignored: number; readonly pending: number; readonly arriving: number };
export type Flow = {
  readonly book: string; readonly flow: string; readonly direction: "in" | "out"; readonly connector: string; readonly version: number; readonly state: FlowState; readonly phase: string; readonly lagSeconds: number; readonly perMinute: number; readonly landedAt: string | null; readonly recordAt: string | null;
  readonly counts: FlowCounts; readonly deadLetters: number; readonly breaker: { readonly isOpen: boolean; readonly failures: number; readonly retryAt: string | null }; readonly problem: Problem | null; readonly checkpoints: readonly { readonly scope: string; readonly state: unknown; readonly at: string }[];
  readonly nextRunAt: string | null; readonly isSilent: boolean; readonly frozen: readonly string[]; readonly deliveries: Readonly<Record<string, number>>;
};
export type Stream = { readonly stream: string; readonly fields: number; readonly key: string; readonly acceptedAt: string; readonly pending: boolean; readonly changes: unknown };
export type FlowShown = Flow & { readonly yaml: string; readonly mapping: string; readonly versions: readonly { readonly version: number; readonly mapping: string; readonly appliedBy: string; readonly appliedAt: string }[]; readonly streams: readonly Stream[] };

export type Letter = {
  readonly id: string; readonly flow: string; readonly stream: string; readonly key: string; readonly stage: string; readonly code: string; readonly problems: readonly Problem[]; readonly fingerprint: string; readonly flowVersion: number; readonly firstAt: string; readonly lastAt: string;
  readonly attempts: number; readonly status: string; readonly actor: string | null; readonly reason: string | null; readonly patch: unknown;
};
export type LetterShown = Letter & { readonly record: string | null; readonly bytes: string | null; readonly position: string; readonly landedAt: string };
export type Cause = { readonly flow: string; readonly fingerprint: string; readonly stage: string; readonly code: string; readonly problem: Problem; readonly letters: number; readonly firstAt: string; readonly lastAt: string };

export const flowStates: Readonly<Record<FlowState, { readonly words: Words; readonly tone: Tone }>> = {
  running: { words: { zh: "运行", en: "Running" }, tone: "good" }, paused: { words: { zh: "已暂停", en: "Paused" }, tone: undefined }, stopped: { words: { zh: "已停", en: "Stopped" }, tone: "bad" },
  retrying: { words: { zh: "重试中", en: "Retrying" }, tone: "warn" }, idle: { words: { zh: "未运行", en: "Idle" }, tone: undefined },
};
export const stages: Readonly<Record<string, Words>> = { decode: { zh: "解码", en: "Decoding" }, validate: { zh: "校验", en: "Checking" }, map: { zh: "映射", en: "Mapping" }, deliver: { zh: "入账", en: "Posting" } };
export const letterStates: Readonly<Record<string, Words>> = { open: { zh: "待处理", en: "Open" }, fixed: { zh: "已改正", en: "Fixed" }, retried: { zh: "已重试", en: "Retried" }, ignored: { zh: "已忽略", en: "Ignored" }, superseded: { zh: "已被新记录取代", en: "Superseded" } };

export const flowPath = (book: string, flow: string): string => `/b/${book}/connectors/one?flow=${encodeURIComponent(flow)}`;
export const sumOf = (deliveries: Readonly<Record<string, number>>, ...names: readonly string[]): number => names.reduce((sum, name) => sum + (deliveries[name] ?? 0), 0);
