export { webhook, type WebhookConfig } from "./webhook.ts";
export { webhookRefusals } from "./refusals.ts";
