/** What the platform does when it calls: `npx node examples/flows/webhook/send.ts URL SECRET` signs one event and sends it. */
import { createHmac, randomUUID } from "node:crypto";
import { systemClock } from "../../../server/src/platform/index.ts";

export type Signed = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

export function signedEvent(secret: string, eventId: string, data: unknown, type = "payment.succeeded"): Signed {
  const body = JSON.stringify({ eventId, type, data });
  const timestamp = String(Math.trunc(systemClock().getTime() / 1000));
  return { body, headers: { "content-type": "application/json", "x-pay-timestamp": timestamp, "x-pay-signature": `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}` } };
}

if (import.meta.main) {
  const [url = "http://127.0.0.1:4380/api/v1/books/B1/flows/pay/receive", secret = "pay-secret"] = process.argv.slice(2);
  const { headers, body } = signedEvent(secret, randomUUID(), { id: "p_1", customer: "C01", amountFen: 113_005, currency: "CNY", paidAt: "2026-03-05T23:30:00+08:00", status: "succeeded", seq: 1 });
  const answer = await fetch(url, { method: "POST", headers, body });
  process.stdout.write(`${answer.status} ${await answer.text()}\n`);
}
