import { createKey, forgetCalls, listCalls, listKeys, revokeKey, scopes } from "../../access/index.ts";
import { loadBook } from "../../books/index.ts";
import { momentOf } from "../../platform/index.ts";
import { bookOption, type Command, left, pageOptions, right } from "../command.ts";

export const keyCommands: readonly Command[] = [
  {
    name: "key create", zh: "生成数据服务的访问密钥(只显示一次)", en: "make a key for the data service; it is shown once",
    arguments: [{ name: "NAME", required: true, zh: "给谁用", en: "who uses it" }],
    options: {
      ...bookOption, scope: { value: "SCOPE", many: true, required: true, choices: scopes, zh: "可读什么,可多次", en: "what it may read; may be repeated" },
      rate: { value: "N", zh: "每分钟最多几次,缺省 600", en: "calls a minute at most; default 600" }, expires: { value: "YYYY-MM-DD", zh: "到期日,缺省不过期", en: "its last day is the one before; default never" },
    },
    examples: ["key create BI --book B1 --scope vouchers:read --scope balances:read", "key create 数据仓库 --book B1 --scope documents:read --rate 60 --expires 2027-01-01"],
    async run(call) {
      const { ctx, book } = await call.book();
      const expires = call.date("expires");
      const made = await createKey(ctx, { name: call.argument(0), book: book.code, scopes: scopes.filter((scope) => call.options("scope").includes(scope)), perMinute: call.number("rate") ?? 600, expiresAt: expires === undefined ? null : `${expires}T00:00:00Z` });
      call.answer(made, () => `${made.secret}\n请立即保存,之后不再显示。用法 Keep it now, it is not shown again. Use:\n  curl -H "Authorization: Bearer ${made.secret}" http://127.0.0.1:${call.config.port}/api/data/v1/books/${book.code}/vouchers`);
    },
  },
  {
    name: "key list", zh: "访问密钥", en: "keys of the data service", options: bookOption, examples: ["key list", "key list --book B1 --json"],
    async run(call) {
      const ctx = await call.open();
      const code = call.option("book");
      if (code !== undefined) await loadBook(ctx.db, code);
      const now = ctx.now();
      call.list(await listKeys(ctx, code), ["密钥 key", "名称 name", "账簿", "权限 scopes", "/min", "到期 expires", "状态 state"].map(left), (key) =>
        [key.key, key.name, key.book, key.scopes.join(" "), String(key.perMinute), key.expiresAt?.slice(0, 10) ?? "", key.revokedAt !== null ? `已撤销 revoked: ${key.reason ?? ""}` : key.expiresAt !== null && momentOf(key.expiresAt) <= now ? "已过期 expired" : "有效 valid"]);
    },
  },
  {
    name: "key revoke", zh: "撤销密钥,立即生效", en: "revoke a key, at once",
    arguments: [{ name: "KEY", required: true, zh: "密钥的可见部分", en: "the part of it that is shown" }], options: { reason: { value: "TEXT", required: true, zh: "理由", en: "why" } }, examples: ["key revoke 3f2a9c01d4e7 --reason \"合作结束\""],
    async run(call) {
      const key = await revokeKey(await call.open(), call.argument(0), call.required("reason"));
      call.answer(key, () => `已撤销 revoked  ${key.key}  ${key.name}`);
    },
  },
  {
    name: "key log", zh: "数据服务的调用记录", en: "calls of the data service",
    options: { key: { value: "KEY", zh: "只看这个密钥", en: "only of this key" }, refused: { zh: "只看被拒的", en: "only those that were refused" }, forget: { value: "YYYY-MM-DD", zh: "删除此日之前的记录", en: "delete what is older than this day" }, ...pageOptions },
    examples: ["key log --key 3f2a9c01d4e7", "key log --refused --json", "key log --forget 2026-01-01"],
    async run(call) {
      const ctx = await call.open();
      const before = call.date("forget");
      if (before !== undefined) {
        const forgotten = await forgetCalls(ctx, `${before}T00:00:00Z`);
        call.answer({ forgotten }, () => `已删除 deleted ${forgotten}`);
        return;
      }
      const calls = await listCalls(ctx, { key: call.option("key"), onlyRefused: call.flag("refused"), after: call.option("after"), limit: call.number("limit") ?? 200 });
      call.list(calls, [left("时间 at"), left("密钥 key"), left("路径 path"), left("参数 query"), right("状态"), right("行 rows"), right("ms"), left("原因 why")], (one) => [one.at, one.key ?? "", one.path, one.query, String(one.status), String(one.rows ?? ""), String(one.ms), one.code ?? ""]);
    },
  },
];
