/** Messages for group robots: 企业微信, 钉钉, 飞书, as their public documentation describes them. The address holds a secret: it is kept sealed and never logged. */
import { createHmac } from "node:crypto";

export type Robot = "wecom" | "dingtalk" | "feishu";
export type RobotMessage = { readonly title: string; readonly lines: readonly string[]; readonly url: string | null; /** Their ids there. */ readonly mention: readonly string[] };
export type RobotRequest = { readonly url: string; readonly body: string };

/** Half of what each allows in a minute: none of them says how it counts, and 钉钉 is silent for ten minutes after one too many. */
export const perMinute: Readonly<Record<Robot, number>> = { wecom: 10, dingtalk: 10, feishu: 50 };

/** `secret` signs where the robot asks for it (钉钉, 飞书); "" when it trusts a keyword or an address. */
export function robotRequest(robot: Robot, address: string, secret: string, message: RobotMessage, nowMs: number): RobotRequest {
  const markdown = [`**${message.title}**`, ...message.lines.map((line) => `> ${line}`), ...message.url === null ? [] : [`[打开 Open](${message.url})`]].join("\n");
  switch (robot) {
    case "wecom":
      // Markdown does not call anyone there; a text does.
      return { url: address, body: JSON.stringify(message.mention.length > 0 ? { msgtype: "text", text: { content: cut([message.title, ...message.lines, message.url ?? ""].filter((line) => line !== "").join("\n"), 2048), mentioned_list: message.mention } } : { msgtype: "markdown", markdown: { content: cut(markdown, 4096) } }) };
    case "dingtalk": {
      const url = new URL(address);
      if (secret !== "") {
        url.searchParams.set("timestamp", String(nowMs));
        url.searchParams.set("sign", dingtalkSign(secret, nowMs));
      }
      const text = `${markdown}${message.mention.map((id) => ` @${id}`).join("")}`;
      return { url: url.href, body: JSON.stringify({ msgtype: "markdown", markdown: { title: message.title, text: cut(text, 18_000) }, at: { atUserIds: message.mention, isAtAll: false } }) };
    }
    case "feishu": {
      const seconds = Math.trunc(nowMs / 1000);
      const content = message.lines.map((line) => [{ tag: "text", text: line }]);
      if (message.url !== null) content.push([{ tag: "a", text: "打开 Open", href: message.url } as never]);
      if (message.mention.length > 0) content.push(message.mention.map((id) => ({ tag: "at", user_id: id }) as never));
      return { url: address, body: JSON.stringify({ ...secret === "" ? {} : { timestamp: String(seconds), sign: feishuSign(secret, seconds) }, msg_type: "post", content: { post: { zh_cn: { title: message.title, content } } } }) };
    }
  }
}

/** HMAC-SHA256 with the secret as key over "milliseconds\nsecret". */
export const dingtalkSign = (secret: string, ms: number): string => createHmac("sha256", secret).update(`${ms}\n${secret}`).digest("base64");
/** HMAC-SHA256 with "seconds\nsecret" as key over nothing. */
export const feishuSign = (secret: string, seconds: number): string => createHmac("sha256", `${seconds}\n${secret}`).update("").digest("base64");

/** What the robot answered: taken, to be tried again later, or wrong for good. They answer 200 to everything. */
export function robotAnswer(robot: Robot, status: number, body: string): { readonly outcome: "taken" | "later" | "wrong"; readonly code: string } {
  let answer: { readonly errcode?: number; readonly code?: number; readonly StatusCode?: number };
  try {
    answer = JSON.parse(body) as typeof answer;
  } catch {
    return { outcome: status >= 500 || status === 429 ? "later" : "wrong", code: String(status) };
  }
  const code = robot === "feishu" ? answer.code ?? answer.StatusCode : answer.errcode;
  if (status === 200 && code === 0) return { outcome: "taken", code: "0" };
  const isLater = status >= 500 || status === 429 || ({ wecom: [45_009], dingtalk: [130_101, -1], feishu: [11_232] } as Readonly<Record<Robot, readonly number[]>>)[robot].includes(code ?? Number.NaN);
  return { outcome: isLater ? "later" : "wrong", code: String(code ?? status) };
}

/** No longer than so many bytes, and no half of a character. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let kept = "";
  let size = 3; // the ellipsis
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) break;
    kept += character;
  }
  return `${kept}…`;
}
