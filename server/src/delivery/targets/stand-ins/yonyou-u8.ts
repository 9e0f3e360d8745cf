/**
 * Stands in for Yonyou U8 OpenAPI: token, voucher_ex/add, voucher/cancel, voucherdetails/batch_get. What a repeated biz_id answers is
 * not documented; here it makes a second voucher, the worst that can happen.
 */
import { randomUUID } from "node:crypto";
import { at, type Json, parseExact, textAt } from "../../../connectors/index.ts";
import { parseDecimal } from "../../../values/index.ts";
import { type Answered, type Asked, figureOf, openStandIn, type StandIn } from "./stand-in.ts";

export type KeptU8Voucher = { readonly id: number; readonly no: string; readonly reference: string; readonly system: string; date: string; isVoid: boolean; entries: { readonly account: string; readonly abstract: string; debit: string; credit: string; readonly auxiliary: Json }[] };
export type YonyouU8StandIn = StandIn & {
  readonly vouchers: KeptU8Voucher[];
  readonly login: { readonly fromAccount: string; readonly toAccount: string; readonly appKey: string; readonly appSecret: string };
  /** All tokens end. */
  readonly endTokens: () => void;
  /** Somebody at a U8 screen. External vouchers can be neither edited nor deleted there: answers the refusal. */
  readonly editAtScreen: (reference: string) => string;
};

export async function yonyouU8StandIn(known: { readonly accounts: readonly string[]; readonly types?: readonly string[] }): Promise<YonyouU8StandIn> {
  const login = { fromAccount: "from_dev", toAccount: "to_ent", appKey: "opa6fdd4", appSecret: "a secret" };
  const vouchers: KeptU8Voucher[] = [];
  const tokens = new Set<string>();
  let lastId = 900;

  const says = (errcode: string, errmsg: string): Answered => ({ json: { errcode, errmsg } });

  function add(query: URLSearchParams, body: string): Answered {
    if ((query.get("tradeid") === null) === (query.get("biz_id") === null)) return says("20010", "tradeid与biz_id只能传入一个");
    const voucher = at(parseExact(body), "voucher_ex");
    const entries = (at(voucher, "entry") ?? []) as readonly Json[];
    const reference = textAt(voucher, "reserve2");
    const making = textAt(voucher, "voucher_making_system") ?? "";
    if (!(known.types ?? ["记", "收", "付", "转"]).includes(textAt(voucher, "voucher_type") ?? "")) return says("30001", "凭证类别不存在");
    if (reference !== undefined && making !== "CDM") return says("30002", "传入外部凭证业务号时 voucher_making_system 必须为 CDM");
    if (entries.length === 0) return says("30003", "凭证没有分录");
    let off = 0n;
    for (const [index, entry] of entries.entries()) {
      const place = `第${index + 1}条分录`;
      if (!known.accounts.includes(textAt(entry, "account_code") ?? "")) return says("30004", `${place}科目编码 ${textAt(entry, "account_code") ?? ""} 不存在或不是末级科目`);
      const abstract = textAt(entry, "abstract") ?? "";
      if (abstract === "" || abstract.length > 60) return says("30005", `${place}摘要为空或超长`);
      const debit = parseDecimal(figureOf(at(entry, "natural_debit_currency")) ?? "0", 10);
      const credit = parseDecimal(figureOf(at(entry, "natural_credit_currency")) ?? "0", 10);
      if (debit === undefined || credit === undefined || (debit === 0n) === (credit === 0n)) return says("30006", `${place}借贷方金额错误`);
      off += debit - credit;
    }
    if (off !== 0n) return says("30007", "凭证借贷不平衡");
    const id = ++lastId;
    vouchers.push({
      id, no: textAt(voucher, "voucher_id") ?? String(vouchers.length + 1), reference: reference ?? "", system: making, date: textAt(voucher, "date") ?? "", isVoid: false,
      entries: entries.map((entry) => ({ account: textAt(entry, "account_code") ?? "", abstract: textAt(entry, "abstract") ?? "", debit: figureOf(at(entry, "natural_debit_currency")) ?? "0", credit: figureOf(at(entry, "natural_credit_currency")) ?? "0", auxiliary: at(entry, "auxiliary") ?? {} })),
    });
    return { json: { errcode: "0", errmsg: "", id: String(id), tradeid: randomUUID() } };
  }

  function cancel(reference: string): Answered {
    const voucher = vouchers.find((one) => one.reference === reference);
    if (!voucher) return says("30010", "外部凭证不存在");
    voucher.isVoid = true;
    return says("0", "");
  }

  function answer({ method, path, query, body }: Asked): Answered {
    if (path === "/system/token") {
      if (query.get("from_account") !== login.fromAccount || query.get("app_key") !== login.appKey || query.get("app_secret") !== login.appSecret) return says("10002", "app_key或app_secret错误");
      const id = randomUUID();
      tokens.add(id);
      return { json: { errcode: "0", errmsg: "", token: { appKey: login.appKey, expiresIn: 7200, id } } };
    }
    if (!tokens.has(query.get("token") ?? "")) return says("10005", "token不存在或已过期");
    if (query.get("from_account") !== login.fromAccount || query.get("to_account") !== login.toAccount || query.get("app_key") !== login.appKey) return says("10006", "调用方或提供方错误");
    if (path === "/api/voucher_ex/add" && method === "POST") return add(query, body);
    if (path === "/api/voucher/cancel" && method === "GET") return cancel(query.get("id") ?? "");
    if (path === "/api/voucherdetails/batch_get" && method === "GET") {
      const wanted = query.get("coutno_id");
      const rows = vouchers.filter(({ reference }) => wanted === null || reference === wanted).flatMap(({ id, no, reference, date, isVoid, entries }) =>
        entries.map(({ account, abstract, debit, credit }, index) => ({ i_id: id * 100 + index, date: `${date} 00:00:00`, ino_id: no, inid: index + 1, digest: abstract, code: account, md: Number(debit), mc: Number(credit), coutno_id: reference, iflag: isVoid ? 1 : null })));
      return { json: { errcode: "0", errmsg: "", voucherdetails: rows } };
    }
    return { status: 404, text: "" };
  }

  const server = await openStandIn(answer, ({ path }) => path === "/api/voucher_ex/add");
  return {
    ...server, vouchers, login, endTokens: () => tokens.clear(),
    editAtScreen: (reference) => (vouchers.some((one) => one.reference === reference && one.system === "CDM") ? "外部凭证不能修改、删除,只能作废" : ""),
  };
}
