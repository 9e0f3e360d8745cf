/** Commands that change something leave an entry, as requests do. Every command stands here, as one that changes something or as one that reads. */
import { hostname, userInfo } from "node:os";
import { type Act, conclude, type Doer, failureOf, intend, type Intent, settleIntents } from "../audit/index.ts";
import type { Ctx } from "../platform/index.ts";
import { faultNumber } from "./answer.ts";
import type { Call } from "./command.ts";

type CommandAct = { readonly act: Act; readonly kind: string; /** Default: the first argument. */ readonly id?: (call: Call) => string };

const option = (name: string) => (call: Call): string => call.option(name) ?? "";
const all = (call: Call): string => call.arguments.join(", ");

export const commandActs: Readonly<Record<string, CommandAct>> = {
  "book create": { act: "book.created", kind: "book" },
  "book set": { act: "setting.changed", kind: "setting", id: (call) => call.argument(1) },
  post: { act: "documents.posted", kind: "documents", id: all },
  "voucher review": { act: "voucher.reviewed", kind: "draft", id: all },
  "voucher reverse": { act: "voucher.reversed", kind: "voucher" },
  "voucher correct": { act: "voucher.corrected", kind: "voucher" },
  run: { act: "monthEnd.ran", kind: "monthEnd", id: (call) => `${call.option("period") ?? ""}/${call.argument(0)}` },
  close: { act: "period.closed", kind: "period", id: option("period") },
  reopen: { act: "period.reopened", kind: "period", id: option("period") },
  reconcile: { act: "book.reconciled", kind: "book", id: (call) => call.option("book") ?? "" },
  "payment export": { act: "payments.exported", kind: "paymentBatch" },
  "payment settle": { act: "payments.settled", kind: "paymentBatch", id: () => "" },
  "rules propose": { act: "rules.proposed", kind: "rules" },
  "rules approve": { act: "rules.approved", kind: "rules" },
  "flow apply": { act: "flow.applied", kind: "flow", id: all },
  "flow run": { act: "flow.run", kind: "flow" },
  "flow pause": { act: "flow.paused", kind: "flow" },
  "flow resume": { act: "flow.resumed", kind: "flow" },
  "flow accept": { act: "flow.accepted", kind: "flow" },
  "flow replay": { act: "flow.replayed", kind: "flow" },
  "flow secret set": { act: "secret.set", kind: "secret" },
  "dead-letter retry": { act: "deadLetter.retried", kind: "deadLetter", id: all },
  "dead-letter fix": { act: "deadLetter.fixed", kind: "deadLetter", id: all },
  "dead-letter ignore": { act: "deadLetter.ignored", kind: "deadLetter", id: all },
  "delivery resolve": { act: "delivery.resolved", kind: "delivery" },
  "delivery accept": { act: "drift.accepted", kind: "drift" },
  "key create": { act: "key.created", kind: "key" },
  "key revoke": { act: "key.revoked", kind: "key" },
  "key log": { act: "keyCalls.deleted", kind: "keyCalls", id: option("forget") },
  "pull tryton": { act: "source.pulled", kind: "source", id: () => "tryton" },
  "demo create": { act: "demo.created", kind: "book", id: option("book") },
  "user invite": { act: "user.created", kind: "user" },
  "user disable": { act: "user.disabled", kind: "user" },
  "user enable": { act: "user.enabled", kind: "user" },
  "masters act": { act: "masterdata.decided", kind: "masterdata", id: all },
  "masters approve": { act: "masterdata.approved", kind: "request" },
  "masters take": { act: "masterdata.taken", kind: "book", id: option("book") },
  "masters import": { act: "masterdata.imported", kind: "file" },
  "access link": { act: "access.linked", kind: "user" },
};

/** These read, make anew what is derived from the books ("mart rebuild"), work on databases of their own, or record by themselves ("audit export"; the server, request by request). */
export const readingCommands: readonly string[] = [
  "serve", "migrate", "mart status", "mart check", "mart rebuild", "payment due", "payment list", "alert list", "alert rules", "alert try", "user list", "match", "masters find", "masters show", "masters queue", "masters resolve", "masters requests", "masters quality", "masters export", "book list", "book show", "vouchers", "balances", "ledger", "statement", "open-items", "estimates", "stock", "trace", "completeness", "verify", "schemas", "documents", "document", "voucher drafts", "rules show", "rules lint", "rules explain", "rules replay",
  "rules test", "map show", "map preview", "map test", "story", "flows", "flow check", "flow discover", "flow show", "flow log", "flow secret list", "dead-letters", "delivery list", "delivery show", "delivery drift", "key list", "bench", "audit list", "audit verify", "audit export",
];

/** Whoever runs the command, by the name that the machine knows them by; `--as` only says on whose behalf. */
export const cliDoer = ({ actor }: Pick<Ctx, "actor">): Doer => ({ actorKind: "cli", actor: userInfo().username, actorName: actor.id, address: hostname() });

export type CommandRecord = {
  /** When the store is open, before the command does anything with it. */
  begin(ctx: Ctx, call: Call): Promise<void>;
  /** Writes the entry of what began. */
  end(ctx: Ctx, call: Call, code: number | void): Promise<void>;
  fail(ctx: Ctx, error: unknown, problem: { readonly en: string }): Promise<void>;
};

/** For one call of a command. A command that refuses before it opens the store has done nothing. */
export function recordCommand(name: string, words: readonly string[]): CommandRecord {
  const known = Object.hasOwn(commandActs, name) ? commandActs[name] : undefined;
  let intent: Intent | undefined;
  return {
    async begin(ctx, call) {
      if (known === undefined || intent !== undefined || call.flag("dry-run") || (name === "key log" && call.option("forget") === undefined) || (name === "flow replay" && (call.option("mode") ?? "dry-run") === "dry-run")) return;
      await settleIntents(ctx);
      const id = known.id?.(call) ?? call.arguments[0] ?? "";
      intent = await intend(ctx, { ...cliDoer(ctx), act: known.act, object: { kind: known.kind, id }, book: name.startsWith("book ") ? call.arguments[0] : call.option("book"), reason: call.option("reason"), request: `tieout ${words.join(" ")}` });
    },
    async end(ctx, call, code) {
      if (intent) await conclude(ctx, intent, { outcome: "done", after: call.answered ?? (code === undefined || code === 0 ? undefined : { exit: code }) });
    },
    async fail(ctx, error, problem) {
      const { outcome, code } = failureOf(error);
      if (intent) await conclude(ctx, intent, { outcome, code: code ?? faultNumber(problem.en) });
    },
  };
}
