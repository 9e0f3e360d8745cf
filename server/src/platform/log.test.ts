import assert from "node:assert/strict";
import { test } from "node:test";
import { fixedClock } from "./clock.ts";
import { openLog } from "./log.ts";

function written(level: "debug" | "warn", work: (log: ReturnType<typeof openLog>) => void): unknown[] {
  const lines: string[] = [];
  work(openLog({ level, clock: fixedClock("2026-03-05T08:00:00Z"), write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as unknown);
}

test("a line of the log is one JSON object with its moment, level, message and facts", () => {
  assert.deepEqual(written("debug", (log) => log.with({ trace: "t1" }).info("posted", { vouchers: 3n })), [
    { at: "2026-03-05T08:00:00.000Z", level: "info", message: "posted", trace: "t1", vouchers: "3" },
  ]);
});

test("what is below the level is not written", () => {
  assert.deepEqual(written("warn", (log) => log.info("posted")), []);
});

test("a password inside an address is not written", () => {
  const [line] = written("debug", (log) => log.error("no answer from postgres://ann:secret@db/x", { error: new Error("postgres://ann:secret@db/x") }));
  assert.doesNotMatch(JSON.stringify(line), /secret/);
});

test("an error is written with its stack and its cause", () => {
  const [line] = written("debug", (log) => log.error("fault", { error: new Error("outer", { cause: new Error("inner") }) }));
  assert.match(JSON.stringify(line), /"message":"outer","stack":".*"cause":\{"name":"Error","message":"inner"/);
});
