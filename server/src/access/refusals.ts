import type { Refusals } from "../platform/index.ts";

export const refusals = {
  "access.signed_out": { status: 401, zh: "未登录,或登录已失效", en: "Not signed in, or the session has ended", todoZh: "请登录;程序请带访问密钥 Authorization: Bearer tk_…", todoEn: "Sign in; a program sends its key as Authorization: Bearer tk_…" },
  "access.denied": { status: 403, zh: "没有“{dutyZh}”的权限", en: "You may not {dutyEn}", todoZh: "请由管理员授予含 {duty} 的角色", todoEn: "Ask an owner for a role with {duty}" },
  "key.missing": { status: 401, zh: "没有带访问密钥", en: "The call carries no key", todoZh: "请在请求头写 Authorization: Bearer tk_…;密钥用 tieout key create 生成", todoEn: "Send Authorization: Bearer tk_…; tieout key create makes one" },
  "key.invalid": { status: 401, zh: "访问密钥无效、已过期或已撤销", en: "The key is not valid, has expired or was revoked", todoZh: "请检查密钥是否完整;tieout key list 可查看状态", todoEn: "Check that it is whole; tieout key list shows its state" },
  "key.scope": { status: 403, zh: "此密钥不能读取 {scope}", en: "This key may not read {scope}", todoZh: "请另建有此权限的密钥:tieout key create --scope {scope}", todoEn: "Make another key with it: tieout key create --scope {scope}" },
  "key.book": { status: 403, zh: "此密钥不能读取该账簿", en: "This key may not read that book", todoZh: "请使用该账簿的密钥", todoEn: "Use a key of that book" },
  "key.rate": { status: 429, zh: "超过每分钟 {perMinute} 次的限额", en: "More than {perMinute} calls a minute", todoZh: "请在 Retry-After 秒之后再试,或用更大的 limit 少调几次", todoEn: "Try again after Retry-After seconds, or call less often with a larger limit" },
  "key.unknown": { status: 404, zh: "没有密钥 {key}", en: "There is no key {key}", todoZh: "全部密钥见 tieout key list", todoEn: "tieout key list shows all of them" },
  "key.reason": { status: 422, zh: "撤销密钥须写明理由", en: "Revoking a key needs a reason", todoZh: "请加上 --reason", todoEn: "Add --reason" },
} as const satisfies Refusals;
