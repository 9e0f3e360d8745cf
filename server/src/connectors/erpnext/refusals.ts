import type { Refusals } from "../../platform/index.ts";

/** What ERPNext can answer instead of records. */
export const erpnextRefusals = {
  "erpnext.forbidden": { status: 403, zh: "ERPNext 不允许读取 {url}:{message}", en: "ERPNext does not allow to read {url}: {message}", todoZh: "请给该 API 用户相应单据类型的读取权限", todoEn: "Give the API user the right to read this DocType" },
  "erpnext.refused": { status: 502, zh: "ERPNext 拒绝读取 {url}:{message}", en: "ERPNext refuses to read {url}: {message}", todoZh: "请核对 doctype 与 filters 的写法", todoEn: "Check `doctype` and `filters`" },
  "erpnext.not_erpnext": { status: 502, zh: "{url} 的回答不是 ERPNext 的接口", en: "What answers at {url} is not ERPNext's interface", todoZh: "网址应写到站点为止,如 https://erp.example.com", todoEn: "Write the address of the site alone, as in https://erp.example.com" },
} as const satisfies Refusals;
