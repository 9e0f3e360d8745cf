import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { pullTryton, readCursor, saveCursor, type TrytonCursor } from "../../connectors/index.ts";
import { refuse, renderProblem, type RenderedProblem } from "../../platform/index.ts";
import { type DocumentResult, postDocuments } from "../../vouchers/index.ts";
import { bookOption, type Command, problemText } from "../command.ts";
import { postedText } from "./post.ts";

type Unmapped = { readonly kind: string; readonly sourceId: string; readonly reasons: readonly RenderedProblem[] };

export const pullCommands: readonly Command[] = [
  {
    name: "pull tryton", zh: "从 Tryton 拉取变化的单据并过账(增量)", en: "pull what changed in Tryton and post it",
    options: {
      ...bookOption, url: { value: "URL", required: true, zh: "数据库地址,如 http://host:8000/db/", en: "the database's address, such as http://host:8000/db/" }, user: { value: "NAME", required: true, zh: "用户", en: "the user" },
      password: { value: "TEXT", zh: "密码;更稳妥的是 --password-file", en: "the password; --password-file is safer" }, "password-file": { value: "FILE", zh: "密码文件,- 为标准输入", en: "a file that holds it; - is standard input" },
      again: { zh: "从头拉取(已收过的不会重复入账)", en: "begin at the beginning; what was received before is not posted again" }, overlap: { value: "SECONDS", zh: "回看秒数,缺省 300", en: "how far to look back; default 300" },
    },
    examples: ["pull tryton --url http://127.0.0.1:8000/erp/ --user admin --password-file secret.txt --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const file = call.option("password-file");
      const password = call.option("password") ?? (file === undefined ? refuse("usage.missing", { command: call.command.name, wanted: "--password-file" }) : await readPassword(file));
      const url = call.required("url");
      const source = `tryton ${url.replace(/\/\/[^/@]*@/, "//")}`; // never with a login in it
      const before = call.flag("again") ? null : await readCursor<TrytonCursor>(ctx.db, book.bookId, source);
      let cursor: TrytonCursor | undefined;
      const unmapped: Unmapped[] = [];
      const problems: DocumentResult[] = [];
      async function* documents(): AsyncGenerator<unknown, void, undefined> {
        for await (const pulled of pullTryton({ url, user: call.required("user"), password, book: book.code, cursor: before, now: ctx.now, overlapSeconds: call.number("overlap") })) {
          if (pulled.is === "document") yield pulled.document;
          else if (pulled.is === "cursor") cursor = pulled.cursor;
          else unmapped.push({ kind: pulled.kind, sourceId: pulled.sourceId, reasons: pulled.problems.map((problem) => renderProblem(problem)) });
        }
      }
      const { summary } = await postDocuments(ctx, book.code, documents(), { onResult: (result) => void (result.state !== "posted" && result.state !== "duplicate" && problems.push(result)) });
      if (cursor) await saveCursor(ctx.db, book.bookId, source, cursor, ctx.now().toISOString());
      call.answer({ source, summary, problems, unmapped }, () => [
        postedText(call, summary, problems.slice(0, 50)),
        ...unmapped.flatMap(({ kind, sourceId, reasons }) => [`无法转换 unmapped  ${kind}/${sourceId}`, ...reasons.map((reason) => problemText(reason, call.terminal))]),
      ].join("\n"));
      return summary.refused + summary.parked + unmapped.length > 0 ? 1 : 0;
    },
  },
];

async function readPassword(file: string): Promise<string> {
  if (file === "-") return (await readAll(process.stdin)).replace(/\r?\n$/, "");
  return (await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => refuse("file.unreadable", { file, detail: error.code ?? error.message }))).replace(/\r?\n$/, "");
}
