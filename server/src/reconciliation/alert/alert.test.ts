import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { acknowledge, type Alert, type AlertRule, look, snooze } from "./alert.ts";
import { dingtalkSign, feishuSign, robotAnswer, robotRequest } from "./robots.ts";

const minute = 60_000;
const rule: AlertRule = { rule: "overdue", is: "above", line: 100n, margin: 10n, afterMinutes: 0, repeatMinutes: 60, escalateMinutes: 0, quiet: null, isUrgent: false };
/** Values of one matter, a minute apart; what rings, with its minute. */
function run(of: AlertRule, values: readonly (bigint | null)[], options: { readonly owners?: readonly string[]; readonly startMinute?: number; readonly acts?: Readonly<Record<number, (alert: Alert) => Alert>> } = {}): string[] {
  let alerts: readonly Alert[] = [];
  return values.flatMap((value, at) => {
    const act = options.acts?.[at];
    if (act) alerts = alerts.map(act);
    const result = look(of, value === null ? [] : [{ subject: "C1", value, owners: options.owners ?? ["sales"] }], alerts, at * minute, ((options.startMinute ?? 600) + at) % 1440);
    alerts = result.alerts;
    return result.rings.map(({ why, to }) => `${at} ${why} ${to}`);
  });
}

test("it rings once when the line is crossed, and once when it is over, by the margin", () => {
  assert.deepEqual(run(rule, [90n, 101n, 105n, 99n, 101n, 91n, 90n, 95n]), ["1 opened sales", "6 closed sales"]);
  assert.deepEqual(run({ ...rule, is: "below" }, [110n, 99n, 109n, 110n]), ["1 opened sales", "3 closed sales"]);
});
test("a value on the edge does not ring each time", () => assert.equal(run(rule, Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? 101n : 100n))).length, 1));
test("what is crossed too shortly never rings", () => assert.deepEqual(run({ ...rule, afterMinutes: 5 }, [101n, 101n, 99n, 101n, 101n, 101n, 101n, 101n, 101n]), ["8 opened sales"]));
test("unheard it goes up the chain, and no further than its end", () => {
  assert.deepEqual(run({ ...rule, escalateMinutes: 10, repeatMinutes: 0 }, Array.from({ length: 40 }, () => 200n), { owners: ["sales", "lead", "cfo"] }), ["0 opened sales", "10 escalated lead", "20 escalated cfo"]);
});
test("acknowledged it is quiet until it is over; snoozed until its time", () => {
  assert.deepEqual(run({ ...rule, repeatMinutes: 5 }, [...Array.from({ length: 20 }, () => 200n), 50n], { acts: { 3: (alert) => acknowledge(alert, "wang") } }), ["0 opened sales", "20 closed sales"]);
  assert.deepEqual(run({ ...rule, repeatMinutes: 5 }, Array.from({ length: 14 }, () => 200n), { acts: { 1: (alert) => snooze(alert, 12 * minute) } }), ["0 opened sales", "12 repeated sales"]);
});
test("in quiet hours nothing rings but what is urgent, and afterwards it does", () => {
  const night: AlertRule = { ...rule, quiet: { from: "22:00", to: "07:00" } };
  assert.deepEqual(run(night, Array.from({ length: 5 }, () => 200n), { startMinute: 7 * 60 - 3 }), ["3 opened sales"]);
  assert.deepEqual(run({ ...night, isUrgent: true }, [200n], { startMinute: 60 }), ["0 opened sales"]);
});
test("a matter that is not measured any more is over", () => assert.deepEqual(run(rule, [200n, null, null]), ["0 opened sales", "1 closed sales"]));
test("no alert rings as opened twice without being closed in between, whatever the values", () => fc.assert(fc.property(fc.array(fc.option(fc.bigInt({ min: 80n, max: 120n }), { nil: null }), { maxLength: 200 }), (values) => {
  let isOpen = false;
  for (const ring of run({ ...rule, repeatMinutes: 0 }, values)) {
    const isOpening = ring.includes("opened");
    assert.equal(isOpening, !isOpen);
    isOpen = isOpening;
  }
})));

test("robots are signed as their documentation says", () => {
  assert.equal(encodeURIComponent(dingtalkSign("SEC-demo", 1_743_408_000_000)), "yRbuSYCFiSkrZWZTMyd0dhQZec3SxchPTvD%2FyOy%2Fass%3D");
  assert.equal(feishuSign("SEC-demo", 1_743_408_000), "v4WfyYop4fwQrLNedFeYZ1S4dkNrZkNkMitKGajGXZo=");
  const message = { title: "3月对账", lines: ["4 条差异"], url: "https://tieout.example/r/1", mention: [] };
  assert.match(robotRequest("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=x", "SEC-demo", message, 1_743_408_000_000).url, /access_token=x&timestamp=1743408000000&sign=yRbuSYCFiSkrZWZTMyd0dhQZec3SxchPTvD%2FyOy%2Fass%3D/);
  assert.deepEqual(JSON.parse(robotRequest("wecom", "https://x", "", message, 0).body), { msgtype: "markdown", markdown: { content: "**3月对账**\n> 4 条差异\n[打开 Open](https://tieout.example/r/1)" } });
  assert.equal((JSON.parse(robotRequest("feishu", "https://x", "SEC-demo", message, 1_743_408_000_000).body) as { msg_type: string }).msg_type, "post");
  const long = JSON.parse(robotRequest("wecom", "https://x", "", { ...message, lines: ["差".repeat(5000)] }, 0).body) as { markdown: { content: string } };
  assert.ok(Buffer.byteLength(long.markdown.content) <= 4096);
});
test("what a robot answers is told apart: taken, later, wrong", () => {
  assert.deepEqual([robotAnswer("wecom", 200, '{"errcode":0}'), robotAnswer("wecom", 200, '{"errcode":45009}'), robotAnswer("dingtalk", 200, '{"errcode":310000}'), robotAnswer("feishu", 200, '{"StatusCode":0}'), robotAnswer("feishu", 502, "<html>")].map(({ outcome }) => outcome), ["taken", "later", "wrong", "taken", "later"]);
});
