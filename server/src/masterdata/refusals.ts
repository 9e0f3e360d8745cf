export const refusals = {
  "masterdata.unknown": { status: 422, zh: "{kindZh}编码 {code}(来源 {source})没有主数据", en: "The {kind} {code} of {source} is not in the master data", todoZh: "请发送该编码的 tieout/{kind}@1 记录,单据会自动重试;相近的编码:{alike}", todoEn: "Send its tieout/{kind}@1 record and the document is tried again by itself; similar codes: {alike}" },
  "masterdata.unit_unknown": { status: 422, zh: "物料 {item} 没有单位 {unit} 的换算", en: "Item {item} has no conversion for the unit {unit}", todoZh: "请在物料主数据 units 中补上该单位折合的库存数量", todoEn: "Add the unit to `units` of the item's master record" },
  "rate.missing": { status: 422, zh: "没有 {date} 及以前的 {from}→{to} 汇率", en: "There is no rate {from}→{to} on or before {date}", todoZh: "请发送 tieout/exchangeRate@1 记录,或在单据上填写 rate", todoEn: "Send a tieout/exchangeRate@1 record, or put `rate` on the document" },
} as const;
