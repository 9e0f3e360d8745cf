/** The trail as a sheet: a mark for Excel that it is UTF-8, a line of titles, a line an entry. A cell that a spreadsheet would compute is told to be text. */
import type { EntryListed } from "../audit/index.ts";
import { csvLine } from "./text.ts";

const titles = ["编号 number", "时间 at", "事项 act", "中文", "English", "身份 kind", "人 actor", "姓名 name", "地址 address", "会话 session", "账簿 book", "对象 object", "名称 id", "之前 before", "之后 after", "理由 reason", "结果 outcome", "代码 code", "请求 request", "哈希 hash"];

export async function* auditCsv(entries: AsyncIterable<Omit<EntryListed, "entryNo"> & { readonly entryNo: string | bigint }>): AsyncGenerator<string, void, undefined> {
  yield `\uFEFF${csvLine(titles)}\r\n`;
  for await (const one of entries) {
    const json = (value: unknown): string => (value === null || value === undefined ? "" : JSON.stringify(value));
    yield `${csvLine([String(one.entryNo), one.at, one.act, one.zh, one.en, one.actorKind, one.actor, one.actorName, one.address, one.session ?? "", one.book ?? "", one.objectKind ?? "", one.objectId ?? "", json(one.before), json(one.after), one.reason, one.outcome, one.code ?? "", one.request, one.hash])}\r\n`;
  }
}
