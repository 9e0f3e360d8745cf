/**
 * Yonyou U8 OpenAPI: vouchers by voucher_ex/add, lines in our order. Our reference is reserve2, which U8 accepts only with
 * voucher_making_system CDM; such a voucher can be neither edited nor deleted there, only voided (voucher/cancel). What a repetition answers is not
 * documented, so nothing is repeated before voucherdetails/batch_get has been asked for coutno_id, which is reserve2.
 */
import { Type, type Static } from "typebox";
import { failuresOf, type ConnectorCtx, type Json, textAt } from "../../connectors/index.ts";
import { elapsedMs } from "../../platform/index.ts";
import type { Delivery, Probe, Standing, Target, TargetSession, VoucherOut } from "../target.ts";
import { below, callOnce, excerptOf, faultOf, jsonOf, readOnce, type Reached, statusVerdict } from "./http.ts";
import { formOf, inTurn, rejected, type Verdict, voucherOf } from "./outcome.ts";
import { probeOf } from "./reply.ts";
import { isZero } from "./template.ts";
import { auxiliaryOf, currencyName, fits } from "./yonyou-words.ts";

export const YonyouU8Config = Type.Object({
  url: Type.Optional(Type.String()),
  fromAccount: Type.String(),
  toAccount: Type.String(),
  appKey: Type.String(),
  appSecret: Type.String(),
  /** 数据源序号, where the application has several. */
  dataSource: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Our 凭证字 → theirs, where they differ. */
  voucherTypes: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** ISO code → theirs; 人民币 and 美元 are known. */
  currencies: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** Dimension, as the flow names it → field of `auxiliary`. The standard ones are known. */
  dimensions: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** Whether U8 shall take our voucher number; otherwise it gives its own. */
  keepNumber: Type.Optional(Type.Boolean()),
}, { additionalProperties: false });
export type YonyouU8Config = Static<typeof YonyouU8Config>;

export const yonyouU8Target: Target<YonyouU8Config> = {
  name: "yonyou-u8", zh: "用友 U8", en: "Yonyou U8 (OpenAPI)", config: YonyouU8Config, secrets: ["appSecret"],
  dedupe: "natural-key", red: "negative", summaryMax: 60,
  check: (config, ctx) => failuresOf(() => clientOf(config, ctx).find("TO-CHECK")),
  open: async (config, _epoch, ctx) => sessionOf(config, ctx),
};

const system = "用友 U8";
const readMs = 60_000;
/** Told by its words: the codes for a token that has ended are not documented. */
const isTokenGone = (reply: Json | undefined): boolean => textAt(reply, "errcode") !== "0" && /token/i.test(textAt(reply, "errmsg") ?? "");

function clientOf(config: YonyouU8Config, ctx: ConnectorCtx) {
  const base = config.url ?? "https://api.yonyouup.com";
  let token: string | undefined;

  function urlOf(path: string, query: Readonly<Record<string, string>>): URL {
    const url = below(base, path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }
  const common = (): Record<string, string> => ({
    from_account: config.fromAccount, to_account: config.toAccount, app_key: config.appKey, token: token ?? "",
    ...(config.dataSource === undefined ? {} : { ds_sequence: String(config.dataSource) }),
  });

  /** Throws FlowFault. */
  async function logIn(): Promise<void> {
    token = undefined;
    const answer = await readOnce(system, { url: urlOf("/system/token", { from_account: config.fromAccount, app_key: config.appKey, app_secret: config.appSecret }), method: "GET" }, readMs, ctx);
    const reply = jsonOf(answer.text);
    token = textAt(reply, "errcode") === "0" ? textAt(reply, "token.id") : undefined;
    if (token === undefined) throw faultOf({ code: "target.login_refused", facts: { system, message: (textAt(reply, "errmsg") ?? excerptOf(answer)).slice(0, 200) } });
  }

  /** The entries that stand under a reference. Reading may be repeated, so the token is renewed once. */
  async function find(reference: string, isRenewed = false): Promise<readonly Json[]> {
    if (token === undefined) await logIn();
    const answer = await readOnce(system, { url: urlOf("/api/voucherdetails/batch_get", { ...common(), coutno_id: reference }), method: "GET" }, readMs, ctx);
    const reply = jsonOf(answer.text);
    if (isTokenGone(reply) && !isRenewed) {
      await logIn();
      return find(reference, true);
    }
    if (textAt(reply, "errcode") !== "0") throw faultOf({ code: "target.reply", facts: { system, why: (textAt(reply, "errmsg") ?? excerptOf(answer)).slice(0, 80) } });
    const rows = Object.values(reply as { readonly [name: string]: Json }).find((value) => Array.isArray(value)) as readonly Json[] | undefined;
    // An older server may not know coutno_id and would answer with everything: what names another key is not ours.
    return (rows ?? []).filter((row) => (textAt(row, "coutno_id") ?? reference) === reference);
  }

  return {
    logIn, find,
    hasToken: () => token !== undefined,
    add: (body: string, reference: string, timeoutMs: number) =>
      callOnce(system, { url: urlOf("/api/voucher_ex/add", { ...common(), biz_id: reference, sync: "1" }), headers: { "content-type": "application/json; charset=utf-8" }, body }, timeoutMs),
  };
}

async function sessionOf(config: YonyouU8Config, ctx: ConnectorCtx): Promise<TargetSession> {
  const client = clientOf(config, ctx);
  await client.logIn();
  const acknowledge = (targetId: string, targetNumber: string, targetState = ""): { targetId: string; targetNumber: string; targetState: string; at: string } => ({ targetId, targetNumber, targetState, at: ctx.now().toISOString() });

  async function addOne(delivery: Delivery, leftMs: number): Promise<Verdict> {
    const until = elapsedMs() + leftMs;
    const voucher = voucherOf(delivery);
    if (voucher === undefined) return rejected("target.only_vouchers", { system });
    const { form: body, verdict } = formOf(() => addBody(config, voucher, delivery.reference));
    if (body === undefined) return verdict;
    const first = addedOf(await client.add(body, delivery.reference, until - elapsedMs()));
    if (first.is !== "tokenGone") return first;
    // The token ended on the way. It is looked first, as after every unclear answer, and then sent once more.
    const unclear: Verdict = { is: "unknown", problem: { code: "target.reply", facts: { system, why: "token" } } };
    try {
      await client.logIn();
      const [row] = await client.find(delivery.reference);
      if (row !== undefined) return { is: "duplicate", acknowledgement: acknowledge(textAt(row, "i_id") ?? "", textAt(row, "ino_id") ?? "") };
    } catch {
      return unclear;
    }
    const second = addedOf(await client.add(body, delivery.reference, Math.max(1, until - elapsedMs())));
    return second.is === "tokenGone" ? unclear : second;
  }

  function addedOf(reached: Reached): Verdict | { readonly is: "tokenGone" } {
    if (reached.is !== "answer") return reached;
    const verdict = statusVerdict(system, reached.answer, ctx);
    if (verdict) return verdict;
    const reply = jsonOf(reached.answer.text);
    const errcode = textAt(reply, "errcode");
    if (errcode === undefined) return { is: "unknown", problem: { code: "target.reply", facts: { system, why: excerptOf(reached.answer).slice(0, 80) } } };
    if (errcode === "0") return { is: "applied", acknowledgement: acknowledge(textAt(reply, "id") ?? "", "") };
    if (isTokenGone(reply)) return { is: "tokenGone" };
    return rejected("target.refused", { system, message: `${errcode}: ${textAt(reply, "errmsg") ?? ""}`.slice(0, 300) });
  }

  /** Rows are entries; a voucher is what shares i_id, or, where that is missing, the whole. */
  async function vouchersOf(reference: string): Promise<readonly (readonly Json[])[]> {
    return [...Map.groupBy(await client.find(reference), (row) => `${textAt(row, "date") ?? ""}|${textAt(row, "ino_id") ?? ""}`).values()];
  }
  const stateOf = (row: Json | undefined): string => ({ "1": "void", "2": "error" })[textAt(row, "iflag") ?? ""] ?? "";

  return {
    deliver: (deliveries, timeoutMs) => inTurn(system, deliveries, timeoutMs, addOne),
    async probe(deliveries) {
      const probes: Probe[] = [];
      for (const { deliveryId, reference } of deliveries)
        probes.push(probeOf(deliveryId, (await vouchersOf(reference)).map(([row]) => acknowledge(textAt(row, "i_id") ?? "", textAt(row, "ino_id") ?? "", stateOf(row)))));
      return probes;
    },
    async readBack(deliveries) {
      const standing: Standing[] = [];
      for (const { reference } of deliveries)
        for (const rows of await vouchersOf(reference)) {
          const [first] = rows;
          standing.push({
            reference, acknowledgement: acknowledge(textAt(first, "i_id") ?? "", textAt(first, "ino_id") ?? "", stateOf(first)), isVoid: stateOf(first) === "void", date: (textAt(first, "date") ?? "").slice(0, 10),
            lines: rows.map((row) => ({ account: textAt(row, "code") ?? "", debit: textAt(row, "md") ?? "0", credit: textAt(row, "mc") ?? "0" })),
          });
        }
      return standing;
    },
    close: async () => {},
  };
}

/** The request in the order of the documentation. All figures are text there. */
export function addBody(config: YonyouU8Config, voucher: VoucherOut, reference: string): string {
  const zero = (text: string): string => (isZero(text) ? "0" : text);
  return JSON.stringify({
    voucher_ex: {
      voucher_type: fits("voucher_type", config.voucherTypes?.[voucher.series] ?? voucher.series, 2),
      fiscal_year: String(Number(voucher.period.slice(0, 4))),
      accounting_period: String(Number(voucher.period.slice(5, 7))),
      ...(config.keepNumber === true ? { voucher_id: String(voucher.no) } : {}),
      date: voucher.date,
      enter: fits("enter", voucher.preparedBy, 20),
      attachment_number: String(voucher.attachments),
      voucher_making_system: "CDM",
      reserve2: fits("reserve2", reference, 50),
      entry: voucher.lines.map((line, index) => {
        const side = isZero(line.debit) ? "credit" : "debit";
        const isForeign = line.currency !== voucher.currency;
        const auxiliary = auxiliaryOf(line, config.dimensions, `lines[${index}]`);
        return {
          entry_id: String(index + 1),
          account_code: fits("account_code", line.account, 15, `lines[${index}]`),
          abstract: fits("abstract", line.summary, 60, `lines[${index}]`),
          currency: currencyName(line.currency, config.currencies),
          exchange_rate2: isZero(line.rate) ? "1" : line.rate,
          [`${side}_quantity`]: zero(line.quantity),
          [`primary_${side}_amount`]: isForeign ? zero(line.amountOriginal) : "0",
          [`secondary_${side}_amount`]: "0",
          [`natural_${side}_currency`]: side === "debit" ? line.debit : line.credit,
          ...(auxiliary.length === 0 ? {} : { auxiliary: Object.fromEntries(auxiliary) }),
        };
      }),
    },
  });
}
