/** 为什么: for each line of a voucher the rule, its version, the inputs, the account row that was chosen, and the rules that were not. */
import { formatMoney } from "../values/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { readDocument } from "../documents/index.ts";
import { chooseAccount, interpretEntries, readRows, type Row, show, whyRules } from "../rules/index.ts";
import { begin } from "./memory.ts";
import * as store from "./store.ts";

export type Explained = {
  readonly document: string;
  readonly event: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly zh: string;
  readonly en: string;
  /** The rules for this event in their order: condition, whether it held, whether it was chosen. */
  readonly considered: ReturnType<typeof whyRules>;
  readonly lines: readonly { readonly side: "debit" | "credit"; readonly account: string; readonly amount: string; readonly table: string; readonly choice: number; readonly because: string; readonly input: Readonly<Record<string, string>> }[];
};

/** Explains a voucher, "2026-03/记-7", from what was stored with it: derived again, nothing remembered. Refuses: voucher.unknown. */
export async function explainVoucher(ctx: Ctx, bookCode: string, number: string): Promise<Explained[]> {
  const { state, versions } = await begin(ctx, bookCode);
  const match = /^(\d{4}-\d{2})\/(.+)-(\d{1,9})$/.exec(number);
  const found = match ? await store.findVoucher(ctx.db, state.book.bookId, match[1] as string, match[2] as string, Number(match[3])) : undefined;
  if (!found) return refuse("voucher.unknown", { number });
  const events = await store.readVoucherEvents(ctx.db, state.book.bookId, found.voucher_id);
  return events.flatMap((event): Explained[] => {
    const rules = versions.byVersion.get(event.rule_version);
    const rule = rules?.byId.get(event.rule)?.rule;
    const reading = readDocument(JSON.parse(event.body), bookCode, state.book.currency);
    if (!rules || !rule || !reading.document) return [];
    const { document } = reading;
    const rows = readRows(event.facts);
    return [{
      document: `${document.source}:${document.kind}/${document.sourceId}`, event: event.event, rule: rule.id, ruleVersion: event.rule_version, zh: rule.zh, en: rule.en,
      considered: whyRules(rules, event.event, document, state.book.settings),
      lines: interpretEntries(rule, document, rows, state.book.settings).map((entry) => {
        const line = rule.entries[entry.by];
        const chosen = line ? chooseAccount(line.table, document, entry.row, state.book.settings) : undefined;
        return { side: entry.side, account: entry.account, amount: formatMoney(entry.amount, state.book.currency), table: line?.table.name ?? "", choice: chosen?.choice ?? 0,
          because: [line?.when ? show(line.when) : "", chosen?.source ?? ""].filter((text) => text !== "").join(" · "), input: shown(entry.row, state.book.currency) };
      }),
    }];
  });
}

const shown = (row: Row, currency: string): Record<string, string> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== "" && value !== 0n).map(([name, value]) => [name, name === "amount" ? formatMoney(value as bigint, currency) : String(value)]));
