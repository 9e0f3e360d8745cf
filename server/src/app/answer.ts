/**
 * One shape for everything that goes wrong: code, 中文, English, where, what to do next. A refusal is shown as it is; anything
 * else is a fault, which goes to the log with its cause and to the user as a number to quote, never as a stack.
 */
import { randomBytes } from "node:crypto";
import { isConnectionFault, type Log, Refusal, type RenderedProblem, renderProblem, statusOf } from "../platform/index.ts";

export type Answer = { readonly status: number; readonly error: RenderedProblem };

/** The store cannot be reached or started. */
export class StoreUnreachable extends Error {
  override readonly name = "StoreUnreachable";
}

/** The number that a fault was given, in what was answered. */
export const faultNumber = (en: string): string | undefined => /\(number ([0-9a-f]{8})\)/.exec(en)?.[1];

export function answerError(error: unknown, log: Log): Answer {
  if (error instanceof Refusal) return { status: statusOf(error.code), error: renderProblem(error) };
  const fault = randomBytes(4).toString("hex");
  log.error("a fault", { fault, error });
  if (error instanceof StoreUnreachable || isConnectionFault(error)) {
    return {
      status: 503,
      error: {
        code: "store.unreachable", zh: `数据库连接不上(编号 ${fault})`, en: `The database cannot be reached (number ${fault})`, where: null,
        todo: { zh: "请确认数据目录(TIEOUT_DATA)可写、磁盘未满,或 DATABASE_URL 的服务器在运行;详情见日志", en: "Check that the data folder (TIEOUT_DATA) can be written and the disk is not full, or that the server of DATABASE_URL runs; the log says more" },
      },
    };
  }
  return {
    status: 500,
    error: {
      code: "fault", zh: `程序内部错误(编号 ${fault})`, en: `An internal fault (number ${fault})`, where: null,
      todo: { zh: "请把编号与日志发给管理员;没有提交的内容不会入账,可以重试", en: "Send the number and the log to the administrator; nothing half done was posted, and it may be tried again" },
    },
  };
}
