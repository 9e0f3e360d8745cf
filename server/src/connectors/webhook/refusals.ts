import type { Refusals } from "../../platform/index.ts";

/** What a caller can be answered. None of it says more than the caller already knows. */
export const webhookRefusals = {
  "webhook.method": { status: 405, zh: "只接受 POST,收到的是 {method}", en: "Only POST is accepted, not {method}", todoZh: "请用 POST 发送", todoEn: "Send it by POST" },
  "webhook.too_large": { status: 413, zh: "一次发送超过 {megabytes} MB", en: "One call is larger than {megabytes} MB", todoZh: "请分批发送", todoEn: "Send it in parts" },
  "webhook.unsigned": { status: 401, zh: "缺少签名头 {header}", en: "The signature header {header} is missing", todoZh: "请在发送方设置签名密钥", todoEn: "Set the signing secret at the sender" },
  "webhook.forged": { status: 401, zh: "签名 {header} 与内容不符", en: "The signature {header} does not fit what was sent", todoZh: "请核对两边的密钥;中间的代理不可改动正文", todoEn: "Compare the secrets of both sides; no proxy in between may change the body" },
  "webhook.stale": { status: 401, zh: "签名时间 {timestamp} 与现在相差超过 {seconds} 秒", en: "It was signed at {timestamp}, more than {seconds} s from now", todoZh: "请校准时钟;重发时须重新签名", todoEn: "Set the clock right; sign again when sending again" },
  "webhook.unreadable": { status: 400, zh: "内容读不懂:{cause}", en: "It cannot be read: {cause}", todoZh: "请发送 JSON、表单或 CloudEvents,UTF-8 编码", todoEn: "Send JSON, a form or CloudEvents, in UTF-8" },
  "webhook.no_id": { status: 400, zh: "{place} 处没有投递编号", en: "There is no delivery id at {place}", todoZh: "没有编号就认不出重复投递;请让发送方带上编号", todoEn: "Without it a repetition cannot be told; have the sender give one" },
  "webhook.stream": { status: 422, zh: "{place} 处没有说明是哪类数据", en: "{place} does not say which stream this is", todoZh: "请检查 stream 的写法", todoEn: "Check how `stream` is written" },
  "webhook.no_record": { status: 422, zh: "{stream} 的一次投递里没有记录或没有主键 {key}", en: "A delivery of {stream} holds no record, or none with the key {key}", todoZh: "请检查 records 与 key 的写法", todoEn: "Check how `records` and `key` are written" },
  "webhook.signature_incomplete": { status: 422, zh: "签名定义缺少 {missing}", en: "The signature's definition lacks {missing}", todoZh: "请在 signature 或 id 中补上", todoEn: "Add it to `signature` or `id`" },
} as const satisfies Refusals;
