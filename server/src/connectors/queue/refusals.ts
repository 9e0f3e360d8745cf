/** What message queues can answer instead of records. */
import type { Refusals } from "../../platform/index.ts";

export const queueRefusals = {
  "queue.unreachable": { status: 502, zh: "连不上消息队列 {host}:{cause}", en: "The message broker {host} does not answer: {cause}", todoZh: "请检查主机名、端口与网络;恢复后自动继续,未确认的消息会重新送来", todoEn: "Check host, port and network; it goes on by itself, and what was not acknowledged comes again" },
  "queue.login": { status: 401, zh: "消息队列 {host} 拒绝用户 {user} 登录", en: "The message broker {host} refuses to log {user} in", todoZh: "请检查用户名、密码或令牌", todoEn: "Check the user, the password or the token" },
  "queue.forbidden": { status: 403, zh: "用户 {user} 无权读取 {queue}:{cause}", en: "{user} may not read {queue}: {cause}", todoZh: "请在消息队列给该用户读取权限", todoEn: "Give the user the right to read it on the broker" },
  "queue.missing": { status: 404, zh: "消息队列 {host} 上没有 {queue}", en: "There is no {queue} on the broker {host}", todoZh: "请检查名称与虚拟主机;Tieout 不代为建立", todoEn: "Check the name and the virtual host; Tieout does not create it" },
  "queue.not_durable": { status: 409, zh: "队列 {queue} 不是持久的,消息会随服务器重启丢失", en: "The queue {queue} is not durable; its messages go away when the broker restarts", todoZh: "请改用持久队列", todoEn: "Use a durable queue" },
  "queue.interest": { status: 409, zh: "流 {queue} 只在有人接收时保留消息(interest),中断时会丢失", en: "The stream {queue} keeps messages only while somebody listens (interest), so a pause would lose them", todoZh: "请把保留策略改为 limits 或 workqueue", todoEn: "Set its retention to limits or workqueue" },
  "queue.gap": { status: 409, zh: "流 {queue} 的消息 {from} 至 {to} 已被删除,尚未读到", en: "Messages {from} to {to} of the stream {queue} were deleted before they were read", todoZh: "请向来源补取这些消息,再清除该流程的位置从现存的最早消息读起,已入收件箱的记录不会重复", todoEn: "Get them from the source, then clear the flow's position to read from the oldest that is left; records already in the inbox do not count twice" },
  "queue.ahead": { status: 409, zh: "保存的位置 {at} 超过流 {queue} 的最后一条 {last}:流已被重建或清空", en: "The stored position {at} is behind the last message {last} of the stream {queue}: it was made anew or emptied", todoZh: "请确认流没有换成别的;确认后清除该流程的位置", todoEn: "Make sure that it is the right stream, then clear the flow's position" },
  "queue.not_json": { status: 422, zh: "消息 {message} 不是 JSON 对象:{cause}", en: "The message {message} is no JSON object: {cause}", todoZh: "请在来源改正后重发,或在死信中改正后重试", todoEn: "Correct it at the source and send it again, or correct the dead letter and retry it" },
  "queue.no_key_value": { status: 422, zh: "消息 {message} 缺少主键 {key}", en: "The message {message} has nothing in its key {key}", todoZh: "请在来源补上后重发,或在死信中改正后重试", todoEn: "Fill it in at the source and send it again, or correct the dead letter and retry it" },
} as const satisfies Refusals;
