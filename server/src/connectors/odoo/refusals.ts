import type { Refusals } from "../../platform/index.ts";

/** What Odoo can answer instead of records. */
export const odooRefusals = {
  "odoo.no_user": { status: 422, zh: "JSON-RPC 登录 {url} 需要 user", en: "Logging in at {url} by JSON-RPC takes a user", todoZh: "请写明 user;Odoo 19 起可改用 api: json-2,只需 API 密钥", todoEn: "Give `user`; from Odoo 19 on `api: json-2` takes the API key alone" },
  "odoo.login_refused": { status: 401, zh: "Odoo 数据库 {database} 拒绝 {user} 登录", en: "The Odoo database {database} refuses to log {user} in", todoZh: "请检查数据库名、用户名与 API 密钥(有有效期)", todoEn: "Check the database, the user and the API key, which has an end date" },
  "odoo.forbidden": { status: 403, zh: "无权读取 {model}:{message}", en: "Not allowed to read {model}: {message}", todoZh: "请在 Odoo 给该用户读取权限", todoEn: "Give this user the right to read it in Odoo" },
  "odoo.refused": { status: 502, zh: "Odoo 拒绝读取 {model}:{message}", en: "Odoo refuses to read {model}: {message}", todoZh: "请核对模型、字段与 domain;模块可能没有安装", todoEn: "Compare model, fields and domain; the module may not be installed" },
  "odoo.not_odoo": { status: 502, zh: "{url} 的回答不是 Odoo 的接口", en: "What answers at {url} is not Odoo's interface", todoZh: "网址应写到服务器为止;JSON-2 需要 Odoo 19 或更高版本", todoEn: "Write the address of the server alone; JSON-2 needs Odoo 19 or newer" },
  "odoo.no_field": { status: 422, zh: "{model} 没有字段 {field}", en: "{model} has no field {field}", todoZh: "字段名随 Odoo 版本而不同(如 tax_id 与 tax_ids);请按所用版本修改", todoEn: "Names differ between versions of Odoo (tax_id and tax_ids); use those of yours" },
  "odoo.no_stream": { status: 422, zh: "没有现成的数据流 {stream};现成的有:{known}", en: "There is no ready stream {stream}; ready are: {known}", todoZh: "请改用现成的名称,或写明 model 与 fields", todoEn: "Use one of these names, or write its model and fields" },
} as const satisfies Refusals;
