/** 渠道: where alerts go beside the page. Addresses of robots and passwords are secrets: sealed, never shown, never logged. */
import { createHmac } from "node:crypto";
import { createTransport } from "nodemailer";
import type { Column } from "../../access/index.ts";
import type { Book } from "../../books/index.ts";
import { type Ctx, refuse, seal, sealKey, unseal } from "../../platform/index.ts";
import * as store from "./alert.store.ts";
import { type Robot, robotAnswer, robotRequest } from "./robots.ts";

export const channelKinds = ["smtp", "webhook", "wecom", "dingtalk", "feishu"] as const;
export type ChannelKind = (typeof channelKinds)[number];
export type ChannelConfig = {
  /** smtp */ readonly host?: string | undefined; readonly port?: number | undefined; readonly isSecure?: boolean | undefined; readonly user?: string | undefined; readonly from?: string | undefined;
  /** Fixed addresses; without them each recipient has a mail of their own: the login, or the login at this domain. */ readonly to?: readonly string[] | undefined; readonly domain?: string | undefined;
  /** What whoever reads this channel may see beyond everyone. */ readonly columns?: readonly Column[] | undefined;
};
/** What is sealed: an address that holds a secret, what signs, a password. */
export type ChannelSecret = { readonly url?: string | undefined; readonly secret?: string | undefined; readonly password?: string | undefined };
export type ChannelListed = { readonly channel: string; readonly kind: string; readonly config: ChannelConfig; readonly hasSecret: boolean; readonly isOn: boolean; readonly changedAt: string; readonly changedBy: string; readonly last: { readonly state: string; readonly problem: string; readonly sentAt: string | null } | null };
export type Channel = { readonly channel: string; readonly kind: ChannelKind; readonly config: ChannelConfig; readonly secret: ChannelSecret; readonly isOn: boolean };

const contextOf = (bookId: number, channel: string): string => `tieout alert channel ${bookId} ${channel}`;

export async function listChannels(ctx: Ctx, book: Book): Promise<ChannelListed[]> {
  const shown: ChannelListed[] = [];
  for (const { sealed, config, ...row } of await store.findChannels(ctx.db, book.bookId)) shown.push({ ...row, config: config as ChannelConfig, hasSecret: sealed !== null, last: (await store.findLastTest(ctx.db, book.bookId, row.channel)) ?? null });
  return shown;
}

/** Refuses: alert.channel_invalid, secret.no_key. */
export async function saveChannel(ctx: Ctx, book: Book, wanted: { readonly channel: string; readonly kind: ChannelKind; readonly config: ChannelConfig; readonly secret?: ChannelSecret | undefined; readonly isOn: boolean }): Promise<{ readonly channel: string }> {
  const known = (await store.findChannels(ctx.db, book.bookId)).find(({ channel }) => channel === wanted.channel);
  const secret = Object.fromEntries(Object.entries(wanted.secret ?? {}).filter(([, value]) => value !== undefined && value !== ""));
  const bad = !/^[a-z][a-z0-9-]{1,59}$/.test(wanted.channel) || wanted.channel === "inApp" ? "channel" : wanted.kind === "smtp"
    ? (wanted.config.host ?? "") === "" ? "host" : !/^[^\s@]+@[^\s@]+$/.test(wanted.config.from ?? "") ? "from" : (wanted.config.to ?? []).some((address) => !/^[^\s@,;]+@[^\s@,;]+$/.test(address)) ? "to" : undefined
    : secret.url === undefined && known?.sealed == null ? "url" : secret.url !== undefined && !isHttp(secret.url) ? "url" : undefined;
  if (bad !== undefined) refuse("alert.channel_invalid", { what: bad });
  const key = sealKey(ctx.dataDir);
  if (Object.keys(secret).length > 0 && key === undefined) refuse("secret.no_key");
  // A new password does not take the address away: what is not given stays.
  const before = known?.sealed != null && key !== undefined ? (JSON.parse(unseal(key, known.sealed, contextOf(book.bookId, wanted.channel)) ?? "{}") as ChannelSecret) : {};
  const sealed = Object.keys(secret).length === 0 || key === undefined ? null : seal(key, JSON.stringify({ ...before, ...secret }), contextOf(book.bookId, wanted.channel));
  await store.saveChannel(ctx.db, book.bookId, { channel: wanted.channel, kind: wanted.kind, config: wanted.config, sealed, isOn: wanted.isOn }, ctx.now().toISOString(), ctx.actor.id);
  return { channel: wanted.channel };
}
const isHttp = (text: string): boolean => { try { return /^https?:$/.test(new URL(text).protocol); } catch { return false; } };

/** With their secrets, for the sender's hands only. */
export async function openChannels(ctx: Pick<Ctx, "db" | "dataDir">, bookId: number): Promise<Map<string, Channel>> {
  const key = sealKey(ctx.dataDir);
  return new Map((await store.findChannels(ctx.db, bookId)).map((row) => [row.channel, { channel: row.channel, kind: row.kind as ChannelKind, config: row.config as ChannelConfig, isOn: row.isOn, secret: row.sealed === null || key === undefined ? {} : (JSON.parse(unseal(key, row.sealed, contextOf(bookId, row.channel)) ?? "{}") as ChannelSecret) }]));
}

export const isPersonal = ({ kind, config }: { readonly kind: string; readonly config: ChannelConfig }): boolean => kind === "smtp" && (config.to ?? []).length === 0;
export const addressOf = (config: ChannelConfig, login: string): string | undefined => (login.includes("@") ? login : config.domain ? `${login}@${config.domain}` : undefined);

export type Outgoing = { readonly id: string; readonly title: string; readonly lines: readonly string[]; readonly url: string | null; readonly recipient: string };
export type SendOutcome = { readonly outcome: "taken" | "later" | "wrong"; readonly problem: string };
export type Fetch = (url: string, init: { readonly method: "POST"; readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly signal: AbortSignal; readonly redirect: "error" }) => Promise<{ readonly status: number; text(): Promise<string> }>;
const patienceMs = 10_000;

/** Hands one message over. What went wrong is said without the address. */
export async function sendThrough(channel: Channel, message: Outgoing, nowMs: number, post: Fetch = fetch): Promise<SendOutcome> {
  try {
    if (channel.kind === "smtp") return await sendMail(channel, message);
    const url = channel.secret.url ?? "";
    if (url === "") return { outcome: "wrong", problem: "no address, or the key that sealed it is another" };
    const signal = AbortSignal.timeout(patienceMs);
    if (channel.kind === "webhook") {
      const body = JSON.stringify({ id: message.id, title: message.title, lines: message.lines, url: message.url });
      const timestamp = String(Math.trunc(nowMs / 1000));
      const answer = await post(url, { method: "POST", redirect: "error", signal, body, headers: { "content-type": "application/json; charset=utf-8", "tieout-id": message.id, "tieout-timestamp": timestamp, ...(channel.secret.secret ? { "tieout-signature": webhookSignature(channel.secret.secret, timestamp, body) } : {}) } });
      return answer.status >= 200 && answer.status < 300 ? { outcome: "taken", problem: "" } : { outcome: answer.status >= 500 || answer.status === 429 || answer.status === 408 ? "later" : "wrong", problem: `answered ${answer.status}` };
    }
    const request = robotRequest(channel.kind as Robot, url, channel.secret.secret ?? "", { title: message.title, lines: message.lines, url: message.url, mention: [] }, nowMs);
    const answer = await post(request.url, { method: "POST", redirect: "error", signal, body: request.body, headers: { "content-type": "application/json; charset=utf-8" } });
    const { outcome, code } = robotAnswer(channel.kind as Robot, answer.status, await answer.text());
    return { outcome, problem: outcome === "taken" ? "" : `answered ${code}` };
  } catch (error) {
    return { outcome: "later", problem: reasonOf(error) };
  }
}
/** HMAC-SHA256 over "timestamp.body", as sha256=hex. */
export const webhookSignature = (secret: string, timestamp: string, body: string): string => `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
const reasonOf = (error: unknown): string => (error instanceof Error ? (("code" in error && typeof error.code === "string" ? error.code : undefined) ?? (error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : error.name)) : "unknown");

async function sendMail({ config, secret }: Channel, message: Outgoing): Promise<SendOutcome> {
  const to = config.to !== undefined && config.to.length > 0 ? [...config.to] : [addressOf(config, message.recipient)].filter((address) => address !== undefined);
  if (to.length === 0) return { outcome: "wrong", problem: `no address for ${message.recipient}` };
  const transport = createTransport({ host: config.host ?? "", port: config.port ?? (config.isSecure ? 465 : 587), secure: config.isSecure ?? false, connectionTimeout: patienceMs, greetingTimeout: patienceMs, socketTimeout: patienceMs, ...(config.user ? { auth: { user: config.user, pass: secret.password ?? "" } } : {}) });
  try {
    // The same id at every try: a mail that was taken and is sent again is one mail to the reader's program.
    await transport.sendMail({ from: config.from ?? "", to, subject: message.title, text: [...message.lines, ...(message.url === null ? [] : ["", message.url])].join("\n"), messageId: `<${message.id}@tieout>`, headers: { "auto-submitted": "auto-generated" } });
    return { outcome: "taken", problem: "" };
  } catch (error) {
    const code = error instanceof Error && "responseCode" in error ? Number(error.responseCode) : 0;
    return { outcome: code >= 500 ? "wrong" : "later", problem: code > 0 ? `answered ${code}` : reasonOf(error) };
  } finally {
    transport.close();
  }
}
