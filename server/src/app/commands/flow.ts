import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { type Book, loadBook } from "../../books/index.ts";
import { type Flow, type FlowDefinition, flows as store, type Json, parseFlow, type PatchStep, setSecret } from "../../connectors/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { bookOption, type Call, type Command, left, problemText, right } from "../command.ts";
import { acceptStream, checkFlow, discoverFlow, pauseFlow, resumeFlow, runOnce, showFlow } from "../flows/act.ts";
import { type Applied, applyFlow, mappingOf } from "../flows/apply.ts";
import { findFlow, findInFlow } from "../flows/find.ts";
import { decideLetters, type LetterAct, listLetters, showLetter } from "../flows/letters.ts";
import { findTransfers } from "../flows/log.ts";
import { redeliver } from "../flows/redeliver.ts";
import { replayFlow, type ReplayReport } from "../flows/replay.ts";
import { viewAllFlows, viewFlows, type FlowView } from "../flows/view.ts";

const nameArgument = [{ name: "NAME", required: true as const, zh: "流程", en: "the flow" }];
const letterOptions = { ...bookOption, flow: { value: "NAME", zh: "流程,与 --fingerprint 同用", en: "the flow, with --fingerprint" }, fingerprint: { value: "HASH", zh: "同一原因的全部死信", en: "all with the same cause" } };
const letterArgument = [{ name: "ID", many: true as const, zh: "死信,写作 流程/编号", en: "dead letters as flow/number" }];

export const flowCommands: readonly Command[] = [
  {
    name: "flows", zh: "全部数据流:状态、延迟、速率、计数、死信、断路", en: "all flows: state, lag, rate, counts, dead letters, breaker", options: bookOption, examples: ["flows", "flows --book B1 --json"],
    async run(call) {
      const ctx = await call.open();
      const code = call.option("book");
      const views = code === undefined ? await viewAllFlows(ctx) : await viewFlows(ctx, await loadBook(ctx.db, code));
      call.list(views, [left("账簿"), left("流程 flow"), left("状态 state"), right("延迟 lag"), right("/min"), right("收到 received"), right("入账 posted"), right("等待 waiting"), right("挂起 parked"), right("忽略 ignored"), right("待处理 pending"), right("死信"), left("最近 last"), left("下次 next"), left("说明")], flowCells);
      return views.some(({ state }) => state === "stopped") ? 1 : 0;
    },
  },
  {
    name: "flow apply", zh: "应用流程定义(YAML);有变化即成新版本", en: "apply flow definitions; a change makes a new version", arguments: [{ name: "FILE", required: true, many: true, zh: "流程文件", en: "flow files" }], examples: ["flow apply flows/wms.yaml", "flow apply flows/*.yaml --json"],
    async run(call) {
      const ctx = await call.open();
      const applied: Applied[] = [];
      for (const file of call.arguments) applied.push(await applyFlow(ctx, { yaml: await textOf(file), folder: dirname(file) }));
      call.answer(applied, () => applied.map(({ flow, version, isNew }) => `${flow}  ${isNew ? `版本 ${version} 已应用 · version ${version} is in force` : `没有变化,仍是版本 ${version} · nothing changed, still version ${version}`}`).join("\n"));
    },
  },
  {
    name: "flow check", zh: "检查流程:配置、登录、网络、权限", en: "check a flow: config, auth, network, permission", arguments: [{ name: "NAME|FILE", required: true, zh: "已应用的流程,或文件", en: "a flow that was applied, or a file" }], options: bookOption, examples: ["flow check wms --book B1", "flow check flows/wms.yaml"],
    async run(call) {
      const { ctx, book, definition, mapping } = await flowOrFile(call);
      const checked = await checkFlow(ctx, book, definition, mapping);
      call.answer(checked, () => (checked.isFine ? `${checked.flow}  一切正常 · all is well` : checked.failures.map(({ failure, problem }) => `${failureText[failure]}\n${problemText(problem, call.terminal)}`).join("\n")));
      return checked.isFine ? 0 : 1;
    },
  },
  {
    name: "flow discover", zh: "来源有哪些数据流、字段、主键", en: "the streams of a source, with fields and keys", arguments: nameArgument, options: bookOption, examples: ["flow discover wms --book B1", "flow discover wms --book B1 --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const shapes = await discoverFlow(ctx, book, call.argument(0));
      call.list(shapes, [left("数据流 stream"), left("主键 key"), right("字段 fields"), left("")], ({ stream, key, fields }) => [stream, key.join("|"), String(fields.length), fields.slice(0, 8).map(({ field, type }) => `${field}:${type}`).join(" ")]);
    },
  },
  {
    name: "flow run", zh: "立即运行一次,直到处理完(实时来源运行到 Ctrl-C)", en: "run it once, now, until all is processed; a live source until Ctrl-C", arguments: nameArgument, options: bookOption, examples: ["flow run wms --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
      const ran = await runOnce(ctx, book, call.argument(0), stop.signal);
      call.answer(plain(ran), () => [
        ...(ran.isAsked ? ["由另一进程运行,已请它立即运行一次 · another process runs it and was asked to run it now"] : []),
        ...(ran.problem ? [problemText(ran.problem, call.terminal)] : []), countsText(ran.view),
      ].join("\n"));
      return ran.problem || ran.view.counts.parked > 0 ? 1 : 0;
    },
  },
  {
    name: "flow pause", zh: "暂停流程", en: "pause a flow", arguments: nameArgument, options: bookOption, examples: ["flow pause wms --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      await pauseFlow(ctx, book, call.argument(0));
      call.answer({ flow: call.argument(0), wanted: "paused" }, () => "已暂停;没有确认的记录留在来源 · paused; what was not acknowledged stays in the source");
    },
  },
  {
    name: "flow resume", zh: "恢复流程(也用于停止原因改正之后)", en: "take a flow up again, also after what stopped it was put right", arguments: nameArgument, options: bookOption, examples: ["flow resume wms --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      await resumeFlow(ctx, book, call.argument(0));
      call.answer({ flow: call.argument(0), wanted: "running" }, () => "已恢复,tieout serve 会继续运行它 · resumed; tieout serve goes on with it");
    },
  },
  {
    name: "flow show", zh: "一个流程的定义、版本、断点、结构与状态", en: "a flow's definition, versions, checkpoints, structures and state", arguments: nameArgument, options: bookOption, examples: ["flow show wms --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const shown = await showFlow(ctx, book, call.argument(0));
      call.answer(shown, () => [
        countsText(shown), ...(shown.problem ? [problemText(shown.problem, call.terminal)] : []), "", shown.yaml.trimEnd(), "",
        ...shown.versions.map(({ version, mapping, appliedBy, appliedAt }) => `版本 version ${version}  ${appliedAt}  ${appliedBy}${mapping === "" ? "" : `  映射 mapping ${mapping}`}`),
        ...shown.checkpoints.map(({ scope, state, at }) => `断点 checkpoint ${scope === "" ? "*" : scope}  ${at}  ${JSON.stringify(state)}`),
        ...shown.streams.map(({ stream, fields, key, pending, changes }) => `数据流 stream ${stream}  字段 fields ${fields}  主键 key ${key}${pending ? `  结构变化待接受 a change waits: ${JSON.stringify(changes)}` : ""}`),
      ].join("\n"));
    },
  },
  {
    name: "flow accept", zh: "接受数据流的结构变化,停住的继续", en: "accept a stream's change of structure; what stood still goes on", arguments: [...nameArgument, { name: "STREAM", required: true, zh: "数据流", en: "the stream" }], options: bookOption, examples: ["flow accept wms orders --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      await acceptStream(ctx, book, call.argument(0), call.argument(1));
      call.answer({ flow: call.argument(0), stream: call.argument(1), accepted: true }, () => "已接受 · accepted");
    },
  },
  {
    name: "flow replay", zh: "重放收件箱:试算差异、重建单据、重新送达", en: "replay the inbox: report differences, rebuild documents, deliver again", arguments: nameArgument,
    options: {
      ...bookOption, mode: { value: "MODE", zh: "方式,缺省 dry-run", en: "default dry-run", choices: ["dry-run", "rebuild", "redeliver"] }, ids: { value: "N,N", zh: "收件箱编号", en: "numbers of inbox rows" }, key: { value: "KEY", many: true, zh: "来源主键", en: "keys in the source" },
      from: { value: "MOMENT", zh: "自何时收到", en: "landed from then on" }, to: { value: "MOMENT", zh: "到何时之前", en: "landed before" }, version: { value: "N", zh: "由此版本处理的", en: "processed by this version" }, with: { value: "FILE", zh: "试算用的新流程文件(尚未应用)", en: "a new flow file, not applied yet, for a dry run" },
    },
    examples: ["flow replay wms --book B1", "flow replay wms --book B1 --with flows/wms.yaml", "flow replay wms --book B1 --key SO-17 --mode rebuild", "flow replay wms --book B1 --from 2026-03-01T00:00:00Z --mode redeliver"],
    async run(call) {
      const { ctx, book } = await call.book();
      const flow = await findInFlow(ctx, book, call.argument(0));
      const ids = call.option("ids")?.split(",").map((id) => (/^\d{1,18}$/.test(id) ? BigInt(id) : refuse("usage.number", { option: "--ids", got: id })));
      const keys = call.options("key");
      const selection = { seqs: ids, keys: keys.length === 0 ? undefined : keys, from: moment(call, "from"), to: moment(call, "to"), flowVersion: call.number("version") };
      const mode = call.option("mode") ?? "dry-run";
      if (mode === "redeliver") {
        const done = await redeliver(ctx, book, flow, selection);
        return call.answer(done, () => `记录 records ${done.records}  重新送达 delivered again ${done.redelivered}  已在对方 standing there ${done.standing}`);
      }
      const candidate = call.option("with");
      const report = await replayFlow(ctx, book, flow, { selection, mode: mode as "dry-run" | "rebuild", ...(candidate === undefined ? {} : { candidate: await candidateOf(flow, candidate) }) });
      call.answer(report, () => replayText(report));
      return report.counts.problem > 0 ? 1 : 0;
    },
  },
  {
    name: "flow log", zh: "查一次传输:从来源记录、单据、凭证到送达回执", en: "find a transfer: from the source's record to document, voucher and acknowledgement", options: { ...bookOption, find: { value: "TEXT", required: true, zh: "来源主键、单据号或凭证号", en: "a key in the source, a document or a voucher" }, limit: { value: "N", zh: "最多几条记录", en: "at most so many records" } },
    examples: ["flow log --find SO-17 --book B1", "flow log --find 2026-03/记-7 --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const found = await findTransfers(ctx, book, call.required("find"), call.number("limit"));
      call.list(found, [left("流程 flow"), right("编号"), left("来源 source"), left("收到 landed"), left("状态"), left("单据 document"), left("状态"), left("凭证 voucher"), left("送达 delivery")], (step) => [
        step.flow, step.seq, `${step.stream} ${step.key} ${step.op}`, step.landedAt.slice(0, 19), step.code ?? step.state, step.document === null ? "" : `${step.document}@${step.version ?? ""}`, step.documentState ?? "", step.voucher ?? "",
        step.deliveryFlow === null ? "" : `${step.deliveryFlow} ${step.deliveryState ?? ""} ${step.targetNumber ?? step.targetId ?? ""}`,
      ]);
    },
  },
  {
    name: "flow secret set", zh: "存入机密(加密保存,不再显示)", en: "set a secret; it is sealed and never shown again", arguments: [{ name: "NAME", required: true, zh: "名称", en: "its name" }], options: { ...bookOption, file: { value: "FILE", zh: "从文件读;缺省或 - 为标准输入", en: "read from a file; default or - is standard input" } }, examples: ["flow secret set WMS_TOKEN --book B1 --file token.txt", "flow secret set WMS_TOKEN --book B1 < token.txt"],
    async run(call) {
      const { ctx, book } = await call.book();
      const file = call.option("file") ?? "-";
      await setSecret(ctx, book.bookId, call.argument(0), (file === "-" ? await readAll(process.stdin) : await textOf(file)).replace(/\r?\n$/, ""));
      call.answer({ secret: call.argument(0), set: true }, () => `机密 ${call.argument(0)} 已封存 · sealed`);
    },
  },
  {
    name: "flow secret list", zh: "机密的名称", en: "the names of secrets", options: bookOption, examples: ["flow secret list --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      call.list(await store.listSecrets(ctx.db, book.bookId), [left("名称 name"), left("存入 set by"), left("时间 at")], ({ name, setBy, setAt }) => [name, setBy, setAt]);
    },
  },
  {
    name: "dead-letters", zh: "死信:不能处理、等人决定的记录", en: "dead letters: records that wait for a person",
    options: { ...letterOptions, status: { value: "STATUS", zh: "状态,缺省 open", en: "default open", choices: ["open", "fixed", "retried", "ignored", "superseded", "all"] }, id: { value: "ID", zh: "一封,连同其记录", en: "one of them with its record" }, limit: { value: "N", zh: "最多几条", en: "at most so many" } },
    examples: ["dead-letters --book B1", "dead-letters --flow wms --book B1 --json", "dead-letters --id wms/17 --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const id = call.option("id");
      if (id !== undefined) {
        const letter = await showLetter(ctx, book, id);
        return call.answer(letter, () => [`${letter.id}  ${letter.stream} ${letter.key}  ${letter.stage}  ${letter.status}  尝试 attempts ${letter.attempts}  ${letter.fingerprint}`, ...letter.problems.map((problem) => problemText(problem, call.terminal)), "", letter.record ?? letter.bytes ?? "", ...(letter.patch === null ? [] : [JSON.stringify(letter.patch)])].join("\n"));
      }
      call.list(await listLetters(ctx, book, { flow: call.option("flow"), fingerprint: call.option("fingerprint"), status: call.option("status"), limit: call.number("limit") }),
        [left("死信 id"), left("记录 record"), left("阶段 stage"), left("原因 why"), left("指纹 fingerprint"), right("次"), left("状态"), left("最近 last")], (one) => [one.id, `${one.stream} ${one.key}`, one.stage, `${one.code} ${one.problems[0]?.zh ?? ""}`.slice(0, 80), one.fingerprint, String(one.attempts), one.status, one.lastAt.slice(0, 19)]);
    },
  },
  {
    name: "dead-letter retry", zh: "重试死信", en: "try dead letters again", arguments: letterArgument, options: letterOptions, examples: ["dead-letter retry wms/17 --book B1", "dead-letter retry --flow wms --fingerprint 4f1c22d09a7e --book B1"],
    run: (call) => decide(call, async () => ({ act: "retry" })),
  },
  {
    name: "dead-letter fix", zh: "改正死信并重试(原记录保留)", en: "correct dead letters and try again; the record as received is kept", arguments: letterArgument,
    options: { ...letterOptions, patch: { value: "FILE", zh: "JSON Patch(RFC 6902)文件,- 为标准输入", en: "a file of JSON Patch, RFC 6902; - is standard input" }, set: { value: "/PATH=VALUE", many: true, zh: "改一个字段;值为 JSON 或文字", en: "set one field; JSON, or text" }, reason: { value: "TEXT", zh: "说明", en: "why" } },
    examples: ["dead-letter fix wms/17 --set /supplier=S01 --book B1", "dead-letter fix wms/17 --patch patch.json --reason \"来源录错\" --book B1"],
    run: (call) => decide(call, async () => ({ act: "fix", patch: await patchOf(call), reason: call.option("reason") })),
  },
  {
    name: "dead-letter ignore", zh: "忽略死信(须写原因)", en: "ignore dead letters, with a reason", arguments: letterArgument, options: { ...letterOptions, reason: { value: "TEXT", required: true, zh: "原因", en: "why" } }, examples: ["dead-letter ignore wms/17 --reason \"测试数据\" --book B1"],
    run: (call) => decide(call, async () => ({ act: "ignore", reason: call.required("reason") })),
  },
];

const failureText = { config: "配置 config", auth: "登录 auth", network: "网络 network", permission: "权限 permission" } as const;
const stateText = { running: "运行 running", paused: "暂停 paused", stopped: "已停 stopped", retrying: "重试中 retrying", idle: "未运行 idle" } as const;

function flowCells(view: FlowView): string[] {
  const { counts, deliveries } = view;
  const sum = (...names: readonly string[]): string => String(names.reduce((total, name) => total + (deliveries[name] ?? 0), 0));
  const figures = view.direction === "out"
    ? ["", "", sum(...Object.keys(deliveries)), sum("sent", "confirmed"), sum("unknown", "held"), sum("rejected", "drifted", "voided"), sum("ignored", "leftOut"), sum("behind", "pending", "sending"), ""]
    : [`${Math.ceil(view.lagSeconds)}s`, String(view.perMinute), String(counts.received), String(counts.posted), String(counts.waiting), String(counts.parked), String(counts.ignored), String(counts.pending + counts.arriving), String(view.deadLetters)];
  const notes = [...(view.problem ? [view.problem.code] : []), ...(view.isSilent ? ["安静得异常 silent"] : []), ...view.frozen.map((stream) => `结构变化 changed: ${stream}`)];
  return [view.book, `${view.direction === "out" ? "→ " : ""}${view.flow}`, stateText[view.state], ...figures, (view.recordAt ?? view.landedAt ?? "").slice(0, 19), (view.breaker.isOpen ? view.breaker.retryAt : view.nextRunAt)?.slice(0, 19) ?? "", notes.join(" ")];
}

const countsText = ({ flow, state, counts, deadLetters, direction, deliveries }: FlowView): string => `${flow}  ${stateText[state]}  ${direction === "out"
  ? Object.entries(deliveries).map(([name, count]) => `${name} ${count}`).join("  ")
  : `收到 received ${counts.received}  入账 posted ${counts.posted}  等待 waiting ${counts.waiting}  挂起 parked ${counts.parked}  忽略 ignored ${counts.ignored}  待处理 pending ${counts.pending}  死信 dead letters ${deadLetters}`}`;

const replayText = (report: ReplayReport): string => [
  ...report.differences.slice(0, 50).flatMap(({ key, document, change, fields, problems }) => [
    `${change}  ${key}  ${document}`, ...fields.slice(0, 10).map(({ path, before, after }) => `  ${path}  ${before} → ${after}`), ...problems.map(({ code, zh, en }) => `  ${code}  ${zh} · ${en}`),
  ]),
  `记录 records ${report.records}  新 new ${report.counts.new}  变 changed ${report.counts.changed}  同 same ${report.counts.same}  忽略 ignored ${report.counts.ignored}  问题 problem ${report.counts.problem}  已重放 replayed ${report.landed}`,
].join("\n");

async function decide(call: Call, act: () => Promise<LetterAct>): Promise<void> {
  const { ctx, book } = await call.book();
  const count = await decideLetters(ctx, book, { ids: call.arguments, flow: call.option("flow"), fingerprint: call.option("fingerprint") }, await act());
  call.answer({ count }, () => `${count} 封死信已处理,由运行中的服务接着做 · ${count} dead letters decided; the running server goes on with them`);
}

/** Refuses: usage.missing, usage.value, file.unreadable. */
async function patchOf(call: Call): Promise<readonly PatchStep[]> {
  const sets = call.options("set").map((pair): PatchStep => {
    const equals = pair.indexOf("=");
    if (!pair.startsWith("/") || equals < 0) refuse("usage.value", { command: call.command.name, option: "--set", wanted: "/PATH=VALUE" });
    const value = pair.slice(equals + 1);
    return { op: "add", path: pair.slice(0, equals), value: /^(\{|\[|"|true$|false$|null$)/.test(value) ? json(call, value) : value };
  });
  if (sets.length > 0) return sets;
  const file = call.required("patch");
  const steps = json(call, file === "-" ? await readAll(process.stdin) : await textOf(file));
  return Array.isArray(steps) ? (steps as unknown as readonly PatchStep[]) : refuse("usage.value", { command: call.command.name, option: "--patch", wanted: "RFC 6902" });
}

function json(call: Call, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return refuse("usage.value", { command: call.command.name, option: "--patch, --set", wanted: "JSON" });
  }
}

async function flowOrFile(call: Call): Promise<{ ctx: Ctx; book: Book; definition: FlowDefinition; mapping: Flow["mapping"] }> {
  const named = call.argument(0);
  if (!/\.ya?ml$|[/\\]/.test(named)) {
    const { ctx, book } = await call.book();
    return { ctx, book, ...(await findFlow(ctx, book, named)) };
  }
  const ctx = await call.open();
  const definition = parseFlow(await textOf(named));
  return { ctx, book: await loadBook(ctx.db, definition.book), definition, mapping: await mappingOf(definition, dirname(named)) };
}

/** The flow as it would be with this file. */
async function candidateOf(flow: Flow, file: string): Promise<Flow> {
  const definition = parseFlow(await textOf(file));
  return { ...flow, definition, mapping: await mappingOf(definition, dirname(file)), mappingName: definition.mapping };
}

function moment(call: Call, name: string): string | undefined {
  const text = call.option(name);
  return text === undefined || /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$/.test(text) ? text : refuse("usage.date", { option: `--${name}`, got: text });
}

const textOf = (file: string): Promise<string> => readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => refuse("file.unreadable", { file, detail: error.code ?? error.message }));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? String(one) : one)));
