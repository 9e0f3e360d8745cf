import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { listDocuments, listRefused, parseNdjson, showDocument } from "../../documents/index.ts";
import { type Progress, Refusal, table } from "../../platform/index.ts";
import { type DocumentResult, postDocuments, type PostSummary } from "../../vouchers/index.ts";
import { bookOption, type Call, type Command, left, pageOptions } from "../command.ts";

export const postCommands: readonly Command[] = [
  {
    name: "post", zh: "过账:单据进,凭证出", en: "post documents: they come in, vouchers go out",
    arguments: [{ name: "FILE", required: true, many: true, zh: "JSON 或逐行 JSON(.jsonl)文件;- 为标准输入", en: "files of JSON or of one JSON object a line; - is standard input" }],
    options: { ...bookOption, "dry-run": { zh: "试算:全部算过,什么都不存", en: "work everything out and keep nothing" }, "problems-only": { zh: "只列出没有入账的单据", en: "list only the documents that were not posted" } },
    examples: ["post march.jsonl --book B1", "post orders.json receipts.json --book B1 --dry-run", "post - --book B1 --json < march.jsonl"],
    more: [{ zh: "每张单据的结果:posted 已入账,waiting 等待前序,parked 挂起待人处理,duplicate 已收过,refused 格式不合被拒", en: "Each document is posted, waiting (for what it builds on), parked (a person decides), duplicate (received before) or refused (malformed)" }],
    async run(call) {
      const { ctx, book } = await call.book();
      const files = call.arguments;
      const progress = call.terminal.progress(`${book.code}`, await sizeOf(files));
      const problems: DocumentResult[] = [];
      let printed = 0;
      if (call.isJson) call.terminal.print('{"results":[');
      const { summary } = await postDocuments(ctx, book.code, recordsOf(files, progress), {
        dryRun: call.flag("dry-run"),
        onResult(result) {
          const isFine = result.state === "posted" || result.state === "duplicate";
          if (call.isJson) {
            if (!isFine || !call.flag("problems-only")) call.terminal.print(`${printed++ === 0 ? "" : ","}${JSON.stringify(result)}`);
          } else if (!isFine && problems.length < problemsShown) problems.push(result);
        },
      });
      progress.done();
      call.note({ summary });
      if (call.isJson) call.terminal.print(`],"summary":${JSON.stringify(summary)}}`);
      else call.terminal.print(postedText(call, summary, problems));
      return summary.refused + summary.parked > 0 ? 1 : 0;
    },
  },
  {
    name: "documents", zh: "已到达的单据、状态与原因", en: "documents that have arrived, their state and why",
    options: {
      ...bookOption, state: { value: "STATE", zh: "状态", en: "only of this state", choices: ["posted", "exempt", "waiting", "parked", "superseded", "refused"] },
      kind: { value: "KIND", zh: "种类", en: "only of this kind" }, source: { value: "SOURCE", zh: "来源系统", en: "only from this source" }, period: { value: "YYYY-MM", zh: "期间", en: "only of this period" },
      party: { value: "CODE", zh: "往来单位", en: "only with this counterparty" }, text: { value: "TEXT", zh: "单据号包含", en: "whose id contains this" }, ...pageOptions,
    },
    examples: ["documents --book B1 --state parked", "documents --book B1 --kind supplierInvoice --period 2026-03", "documents --book B1 --state refused --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const page = { after: call.option("after"), limit: call.number("limit") ?? (call.isJson ? undefined : 200) };
      if (call.option("state") === "refused") {
        call.list(await listRefused(ctx, book, page), ["收到 received", "原因 reasons", "内容 body"].map(left), ({ receivedAt, reasons, body }) => [receivedAt, reasons.map(({ code, zh }) => `${code} ${zh}`).join("; "), body.slice(0, 80)]);
        return;
      }
      const found = await listDocuments(ctx, book, { ...page, state: call.option("state"), kind: call.option("kind"), source: call.option("source"), period: call.option("period"), party: call.option("party"), text: call.option("text") });
      call.list(found, ["单据 document", "版本", "日期 date", "往来 party", "状态 state", "原因 why"].map(left), (one) => [one.document, String(one.version), one.date, one.party, stateText(one.state), one.reasons.map(({ code, zh }) => `${code} ${zh}`).join("; ")]);
    },
  },
  {
    name: "document", zh: "一张单据的全部版本与内容", en: "one document with all its versions and its content",
    arguments: [{ name: "REFERENCE", required: true, zh: "[来源:]种类/单据号", en: "[source:]kind/sourceId" }], options: bookOption, examples: ["document wms:goodsReceipt/GR-1 --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const shown = await showDocument(ctx, book, call.argument(0));
      call.answer(shown, () => [
        `${shown.document}  版本 version ${shown.version}  ${shown.date}  ${shown.party}  ${stateText(shown.state)}`,
        ...shown.reasons.flatMap((reason) => [`  ${reason.code}  ${reason.zh}`, `  ${reason.en}`, `  下一步 next ${reason.todo.zh} ${reason.todo.en}`]),
        "", JSON.stringify(shown.body, null, 2), "",
        table(["版本 version", "日期 date", "状态 state", "收到 received"].map(left), shown.versions.map((one) => [String(one.version), one.date, stateText(one.state), one.receivedAt])),
      ].join("\n"));
    },
  },
];

const problemsShown = 50;

async function sizeOf(files: readonly string[]): Promise<number> {
  let size = 0;
  for (const file of files) size += file === "-" ? 0 : (await stat(file).catch((error: NodeJS.ErrnoException) => unreadable(file, error))).size;
  return size;
}

/** The records of all files, one after the other. */
export async function* recordsOf(files: readonly string[], progress?: Progress): AsyncGenerator<unknown, void, undefined> {
  for (const file of files) {
    const bytes: AsyncIterable<Buffer> = file === "-" ? process.stdin : createReadStream(file, { highWaterMark: 262_144 });
    try {
      yield* parseNdjson(counted(bytes, progress));
    } catch (error) {
      if (error instanceof Error && "code" in error && "syscall" in error) unreadable(file, error as NodeJS.ErrnoException);
      throw error;
    }
  }
}

async function* counted(bytes: AsyncIterable<Buffer>, progress: Progress | undefined): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of bytes) {
    progress?.step(chunk.length);
    yield chunk;
  }
}

function unreadable(file: string, error: NodeJS.ErrnoException): never {
  throw new Refusal({ code: "file.unreadable", facts: { file, detail: error.code ?? error.message } });
}

const stateWords: Readonly<Record<string, string>> = { posted: "已入账 posted", exempt: "免记账 exempt", waiting: "等待 waiting", parked: "挂起 parked", duplicate: "重复 duplicate", refused: "被拒 refused", superseded: "已被新版取代 superseded" };
const stateText = (state: string): string => stateWords[state] ?? state;

/** What became of them: those that need somebody, then the counts. */
export function postedText(call: Call, summary: PostSummary, problems: readonly DocumentResult[]): string {
  const { paint } = call.terminal;
  const listed = problems.flatMap(({ row, document, state, reasons }) => [
    `${state === "waiting" ? paint.yellow(stateText(state)) : paint.red(stateText(state))}  第 ${row} 条  ${document}`,
    ...reasons.flatMap((reason) => [`  ${reason.code}  ${reason.zh}`, `  ${reason.en}`, `  下一步 next ${reason.todo.zh} ${reason.todo.en}`]),
  ]);
  const unlisted = summary.waiting + summary.parked + summary.refused - problems.length;
  return [
    ...listed, ...(unlisted > 0 ? [`… 另有 ${unlisted} 张,见 tieout documents · ${unlisted} more, see tieout documents`] : []), ...(listed.length > 0 ? [""] : []),
    `收到 received ${summary.received}  已入账 posted ${summary.posted}  等待 waiting ${summary.waiting}  挂起 parked ${summary.parked}  重复 duplicate ${summary.duplicate}  被拒 refused ${summary.refused}`,
    `凭证 vouchers ${summary.vouchers}  因此放行 released ${summary.released}`,
    ...(call.flag("dry-run") ? [paint.yellow("试算,什么都没有保存 · a dry run: nothing was kept")] : []),
  ].join("\n");
}
