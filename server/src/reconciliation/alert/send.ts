/** 发送: what waits in the outbox goes out, each once, and again only where nobody can say that it was taken. A channel is never sent more than half of what it allows. */
import { type Ctx, momentAfter } from "../../platform/index.ts";
import * as store from "./alert.store.ts";
import { type Channel, type Fetch, openChannels, sendThrough } from "./channel.ts";
import { perMinute } from "./robots.ts";

const holdMs = 60_000;
const triesMax = 10;
const mailsPerMinute = 120;

export type Sending = { readonly publicUrl: string | undefined; readonly post?: Fetch };
export type Sent = { readonly sent: number; readonly later: number; readonly failed: number };

/** One round; more may wait. The hold of what a sender took ends by itself when it dies. */
export async function sendWaiting(ctx: Ctx, options: Sending): Promise<Sent> {
  const now = ctx.now();
  const rows = await store.takeSends(ctx.db, now.toISOString(), momentAfter(now, holdMs).toISOString(), 50);
  const count = { sent: 0, later: 0, failed: 0 };
  const opened = new Map<number, Map<string, Channel>>();
  for (const row of rows) {
    if (!opened.has(row.bookId)) opened.set(row.bookId, await openChannels(ctx, row.bookId));
    const channel = opened.get(row.bookId)?.get(row.channel);
    const at = ctx.now();
    if (channel === undefined || !channel.isOn) {
      await store.setSendFailed(ctx.db, row.bookId, row.sendNo, "the channel is gone or switched off");
      count.failed++;
      continue;
    }
    const most = channel.kind === "smtp" || channel.kind === "webhook" ? mailsPerMinute : perMinute[channel.kind];
    if ((await store.countSentSince(ctx.db, row.bookId, row.channel, momentAfter(at, -60_000).toISOString())) >= most) {
      await store.setSendLater(ctx.db, row.bookId, row.sendNo, momentAfter(at, 30_000).toISOString(), "", false);
      count.later++;
      continue;
    }
    const { title, lines } = textsOf(row.message);
    const { outcome, problem } = await sendThrough(channel, { id: `alert-${row.bookId}-${row.sendNo}`, title, lines, url: options.publicUrl === undefined ? null : `${options.publicUrl}${row.message.path}`, recipient: row.recipient }, at.getTime(), options.post);
    if (outcome === "taken") {
      await store.setSent(ctx.db, row.bookId, row.sendNo, ctx.now().toISOString());
      count.sent++;
    } else if (outcome === "wrong" || row.tries >= triesMax) {
      await store.setSendFailed(ctx.db, row.bookId, row.sendNo, problem);
      ctx.log.warn("an alert could not be sent", { channel: row.channel, send: row.sendNo, problem });
      count.failed++;
    } else {
      await store.setSendLater(ctx.db, row.bookId, row.sendNo, momentAfter(ctx.now(), Math.min(3_600_000, 15_000 * 2 ** row.tries)).toISOString(), problem, true);
      count.later++;
    }
  }
  return count;
}

function textsOf({ zh, en, language }: store.Message): { readonly title: string; readonly lines: readonly string[] } {
  if (language === "zh") return zh;
  if (language === "en") return en;
  return { title: `${zh.title} · ${en.title}`, lines: zh.lines.flatMap((line, at) => (en.lines[at] === undefined || en.lines[at] === line ? [line] : [line, en.lines[at]])) };
}
