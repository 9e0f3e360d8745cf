/** How all flows stand, on one plain page that renews itself. */
import type { FlowView } from "./flows/view.ts";
import { version } from "./version.ts";

export function flowsPage(flows: readonly FlowView[]): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="10">
<title>数据流 Flows · 业财通 Tieout</title>
<link rel="stylesheet" href="/start-page.css">
</head>
<body>
<header>
<h1>数据流 <span lang="en">Flows</span></h1>
<p><a href="/">业财通 Tieout</a></p>
</header>
<main>
<section>
${flows.length === 0 ? emptyText : `<table>
<thead><tr>${heads.map(([zh, en, isFigure]) => `<th${isFigure ? ' class="figure"' : ""}>${zh} <span lang="en">${en}</span></th>`).join("")}</tr></thead>
<tbody>
${flows.map(flowRow).join("\n")}
</tbody>
</table>`}
</section>
${flows.filter(({ problem, frozen, isSilent }) => problem !== null || frozen.length > 0 || isSilent).map(attention).join("\n")}
</main>
<footer>Tieout ${escape(version)}</footer>
</body>
</html>
`;
}

const emptyText = '<p class="empty">还没有流程。<span lang="en">There is no flow yet.</span></p>\n<pre>npx tieout flow apply flow.yaml</pre>';

const heads: readonly (readonly [string, string, boolean])[] = [
  ["账簿", "Book", false], ["流程", "Flow", false], ["状态", "State", false], ["延迟", "Lag", true], ["每分钟", "A minute", true], ["收到", "Received", true], ["入账", "Posted", true], ["等待", "Waiting", true], ["挂起", "Parked", true], ["忽略", "Ignored", true],
  ["待处理", "Pending", true], ["死信", "Dead letters", true], ["最近一条", "Last record", false], ["下次", "Next run", false],
];

const states: Readonly<Record<FlowView["state"], readonly [string, string]>> = { running: ["运行", "running"], paused: ["暂停", "paused"], stopped: ["已停", "stopped"], retrying: ["重试中", "retrying"], idle: ["未运行", "idle"] };

function flowRow(flow: FlowView): string {
  const { counts } = flow;
  const [zh, en] = states[flow.state];
  const path = `/api/v1/books/${encodeURIComponent(flow.book)}`;
  const figure = (value: number | string, isOpen = false): string => `<td class="figure${isOpen ? " open" : ""}">${value}</td>`;
  const out = flow.direction === "out";
  const sum = (...names: readonly string[]): number => names.reduce((total, name) => total + (flow.deliveries[name] ?? 0), 0);
  const figures = out
    ? [figure(""), figure(""), figure(sum(...Object.keys(flow.deliveries))), figure(sum("sent", "confirmed")), figure(sum("unknown", "held"), sum("unknown", "held") > 0), figure(sum("rejected", "drifted", "voided"), sum("rejected", "drifted", "voided") > 0), figure(sum("ignored", "leftOut")), figure(sum("behind", "pending", "sending")), figure("")]
    : [figure(`${Math.ceil(flow.lagSeconds)} s`, flow.lagSeconds > 60), figure(flow.perMinute), figure(counts.received), figure(counts.posted), figure(counts.waiting), figure(counts.parked, counts.parked > 0), figure(counts.ignored), figure(counts.pending + counts.arriving), figure(`<a href="${escape(`${path}/dead-letters?flow=${encodeURIComponent(flow.flow)}`)}">${flow.deadLetters}</a>`, flow.deadLetters > 0)];
  return `<tr><td>${escape(flow.book)}</td><td><a href="${escape(`${path}/flows/${encodeURIComponent(flow.flow)}`)}">${escape(flow.flow)}</a> ${escape(`${out ? "→ " : ""}${flow.connector}`)}</td><td${["stopped", "retrying"].includes(flow.state) ? ' class="open"' : ""}>${zh} <span lang="en">${en}</span></td>`
    + `${figures.join("")}<td>${escape(timeText(flow.recordAt ?? flow.landedAt))}</td><td>${escape(timeText(flow.breaker.isOpen ? flow.breaker.retryAt : flow.nextRunAt))}</td></tr>`;
}

function attention(flow: FlowView): string {
  const notes = [
    ...(flow.problem === null ? [] : [`${escape(flow.problem.zh)} <span lang="en">${escape(flow.problem.en)}</span><br>${escape(flow.problem.todo.zh)} <span lang="en">${escape(flow.problem.todo.en)}</span>`]),
    ...(flow.frozen.length === 0 ? [] : [`结构变化待接受:${escape(flow.frozen.join(", "))} <span lang="en">A change of structure waits to be accepted</span>`]),
    ...(flow.isSilent ? ['来源安静得异常 <span lang="en">The source is unusually quiet</span>'] : []),
  ];
  return `<section>\n<h2>${escape(`${flow.book} ${flow.flow}`)}</h2>\n${notes.map((note) => `<p>${note}</p>`).join("\n")}\n</section>`;
}

const timeText = (moment: string | null): string => (moment === null ? "" : `${moment.slice(0, 19).replace("T", " ")}Z`);
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
