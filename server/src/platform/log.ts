/** Structured logs: one JSON object a line, to stderr or a file. Messages are sentences; what varies stands in named facts. */
import { createWriteStream } from "node:fs";
import type { LogLevel } from "./config.ts";
import { systemClock, type Clock } from "./clock.ts";

export type LogFacts = Readonly<Record<string, unknown>>;

export type Log = {
  debug(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
  /** A log that adds these facts to every line, such as the trace id of a request. */
  with(facts: LogFacts): Log;
};

type Written = Exclude<LogLevel, "silent">;
const weight: Record<LogLevel, number> = { debug: 10, info: 20, warn: 30, error: 40, silent: 100 };

export function openLog(options: { level: LogLevel; file?: string | undefined; clock?: Clock; write?: (line: string) => void }): Log {
  const clock = options.clock ?? systemClock;
  const write = options.write ?? (options.file === undefined ? toStderr : toFile(options.file));
  const bind = (bound: LogFacts): Log => {
    const at = (level: Written) => (message: string, facts: LogFacts = {}) => {
      if (weight[level] < weight[options.level]) return;
      write(`${JSON.stringify({ at: clock().toISOString(), level, message, ...bound, ...facts }, readable)}\n`);
    };
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), with: (facts) => bind({ ...bound, ...facts }) };
  };
  return bind({});
}

export const silentLog: Log = openLog({ level: "silent", write: () => {} });

function toStderr(line: string): void {
  process.stderr.write(line);
}

function toFile(path: string): (line: string) => void {
  const stream = createWriteStream(path, { flags: "a", mode: 0o600 });
  return (line) => void stream.write(line);
}

/** Errors keep their stack and causes, bigints their digits; a password inside a URL never leaves the process. */
function readable(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return value.replace(/(\w+:\/\/[^:/@\s]*):[^@/\s]*@/g, "$1:…@");
  if (value instanceof Error) {
    return { name: value.name, message: value.message, stack: value.stack, ...("code" in value ? { code: value.code } : {}), ...(value.cause === undefined ? {} : { cause: value.cause }) };
  }
  return value;
}
