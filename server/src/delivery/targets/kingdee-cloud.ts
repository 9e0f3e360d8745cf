/**
 * Kingdee 云星空: vouchers by GL_VOUCHER Save. Save knows no repetition, so our reference stands in FBUSNO of the first entry and is searched
 * before anything is sent again. HTTP 200 is no success there; and a reply "session lost" to a Save leaves it open whether it was done.
 */
import { createHash } from "node:crypto";
import { Type, type Static } from "typebox";
import { failuresOf, at, type ConnectorCtx, figure, type Json, textAt } from "../../connectors/index.ts";
import { elapsedMs, type Problem } from "../../platform/index.ts";
import type { Delivery, Probe, Standing, Target, TargetSession, VoucherOut } from "../target.ts";
import { type Answer, below, callOnce, excerptOf, faultOf, jsonOf, type Reached, statusVerdict } from "./http.ts";
import { formOf, inTurn, type NotSent, rejected, Unfit, type Verdict, voucherOf } from "./outcome.ts";
import { probeOf } from "./reply.ts";
import { isZero } from "./template.ts";

const Codes = Type.Record(Type.String(), Type.String());
export const KingdeeCloudConfig = Type.Object({
  /** Up to K3Cloud, as in https://erp.example.com/K3Cloud. */
  url: Type.String(),
  /** 数据中心 id. */
  acctId: Type.String(),
  login: Type.Union([
    Type.Object({ is: Type.Literal("password"), user: Type.String(), password: Type.String() }, { additionalProperties: false }),
    Type.Object({ is: Type.Literal("appSecret"), user: Type.String(), appId: Type.String(), appSecret: Type.String() }, { additionalProperties: false }),
    /** `sha1` for builds before PT-146911. */
    Type.Object({ is: Type.Literal("sign"), user: Type.String(), appId: Type.String(), appSecret: Type.String(), digest: Type.Optional(Type.Union([Type.Literal("sha256"), Type.Literal("sha1")])) }, { additionalProperties: false }),
  ]),
  language: Type.Optional(Type.Union([Type.Literal(2052), Type.Literal(1033), Type.Literal(3076)])),
  accountBook: Type.String(),
  organization: Type.String(),
  /** Our 凭证字 → the number of theirs, which differs by account book: { 记: PRE001 }. */
  groups: Codes,
  /** ISO code → theirs. 人民币 and 美元 are known. */
  currencies: Type.Optional(Codes),
  rateType: Type.Optional(Type.String()),
  /** Dimension, as the flow names it → its flex field, as in { customer: FFLEX6 }. The standard ones are known. */
  dimensions: Type.Optional(Codes),
  /** Where our reference goes: an entry field that can be searched. */
  keyField: Type.Optional(Type.String({ pattern: "^F[A-Za-z0-9_]+$" })),
  /** A field of the head that is true for a voided voucher, where the tenant has one. */
  voidField: Type.Optional(Type.String({ pattern: "^F[A-Za-z0-9_]+$" })),
  /** Z 暂存 or A 创建. */
  status: Type.Optional(Type.Union([Type.Literal("Z"), Type.Literal("A")])),
}, { additionalProperties: false });
export type KingdeeCloudConfig = Static<typeof KingdeeCloudConfig>;

export const kingdeeCloudTarget: Target<KingdeeCloudConfig> = {
  name: "kingdee-cloud", zh: "金蝶云星空", en: "Kingdee 云星空 (K/3 Cloud)", config: KingdeeCloudConfig, secrets: ["login.password", "login.appSecret"],
  dedupe: "natural-key", red: "negative", summaryMax: 255,
  check: (config, ctx) => failuresOf(async () => {
    const client = clientOf(config, ctx);
    await client.logInOrThrow();
    await client.find(["TO-CHECK"]);
  }),
  open: async (config, _epoch, ctx) => sessionOf(config, ctx),
};

const system = "金蝶云星空";
const readMs = 60_000;
const auth = "Kingdee.BOS.WebApi.ServicesStub.AuthService.";
const form = "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.";
/** FSourceBillKey of vouchers that came in by an interface. */
const sourceBillKey = "78050206-2fa6-40e3-b7c8-bd608146fa38";
const flexFields: Readonly<Record<string, string>> = { supplier: "FFLEX4", department: "FFLEX5", customer: "FFLEX6", employee: "FFLEX7", item: "FFLEX8", expense: "FFLEX9", assetClass: "FFLEX10", organization: "FFLEX11", itemGroup: "FFLEX12", customerGroup: "FFLEX13", bank: "FFLEX14", bankAccount: "FFLEX15", other: "FFLEX16" };
const currencyNumbers: Readonly<Record<string, string>> = { CNY: "PRE001", USD: "PRE007" };
const rowsAtOnce = 2000;

type Lost = { readonly is: "lost" };
const isTrue = (flag: string | undefined): boolean => flag !== undefined && /^(?:true|1)$/i.test(flag);

function clientOf(config: KingdeeCloudConfig, ctx: ConnectorCtx) {
  let cookie: string | undefined;
  const keyField = config.keyField ?? "FBUSNO";

  const post = (service: string, parameters: readonly unknown[], timeoutMs: number): Promise<Reached> =>
    callOnce(system, { url: below(config.url, `${service}.common.kdsvc`), headers: { "content-type": "application/json; charset=utf-8", ...(cookie === undefined ? {} : { cookie }) }, body: JSON.stringify(parameters) }, timeoutMs);

  /** Undefined: logged in. */
  async function logIn(timeoutMs: number): Promise<NotSent | undefined> {
    cookie = undefined;
    const { service, parameters } = loginOf(config, ctx);
    const reached = await post(auth + service, parameters, timeoutMs);
    const refused = (problem: Problem, wait?: number): NotSent => ({ is: "notSent", stops: true, problem, retryAfterMs: wait });
    // A log-in writes no voucher: whatever became of it, nothing was sent.
    if (reached.is !== "answer") return refused({ code: "target.unreachable", facts: { system, cause: String(reached.problem.facts.cause ?? reached.problem.code) } });
    const verdict = statusVerdict(system, reached.answer, ctx);
    if (verdict) return refused(verdict.is === "unknown" ? { code: "target.unreachable", facts: { system, cause: `HTTP ${reached.answer.status}` } } : verdict.problem, verdict.is === "notSent" ? verdict.retryAfterMs : undefined);
    const reply = jsonOf(reached.answer.text);
    const type = textAt(reply, "LoginResultType");
    // -5 asks for something on a screen, and is good enough for the interface.
    if (type !== "1" && type !== "-5") return refused({ code: "target.login_refused", facts: { system, message: (textAt(reply, "Message") ?? textAt(reply, "Result.ResponseStatus.Errors.0.Message") ?? excerptOf(reached.answer)).slice(0, 200) } });
    cookie = reached.answer.headers.getSetCookie().map((line) => line.split(";")[0] ?? "").filter((pair) => pair !== "").join("; ");
    return undefined;
  }

  async function logInOrThrow(): Promise<void> {
    const verdict = await logIn(readMs);
    if (verdict) throw faultOf(verdict.problem, verdict.retryAfterMs);
  }

  /** Rows of a query, each a list of texts. The session is renewed once: reading may be repeated. */
  async function query(fields: readonly string[], filter: string, order: string): Promise<string[][]> {
    const rows: string[][] = [];
    let isRenewed = false;
    if (cookie === undefined) await logInOrThrow();
    for (;;) {
      const data = { FormId: "GL_VOUCHER", FieldKeys: fields.join(","), FilterString: filter, OrderString: order, TopRowCount: 0, StartRow: rows.length, Limit: rowsAtOnce };
      const reached = await post(`${form}ExecuteBillQuery`, [JSON.stringify(data)], readMs);
      if (reached.is !== "answer") throw faultOf(reached.problem);
      const verdict = statusVerdict(system, reached.answer, ctx);
      if (verdict) throw faultOf(verdict.problem, verdict.is === "notSent" ? verdict.retryAfterMs : undefined);
      const reply = jsonOf(reached.answer.text);
      const status = at(reply, "0.0.Result.ResponseStatus") ?? at(reply, "Result.ResponseStatus");
      if (status !== undefined && isLost(status) && !isRenewed) {
        isRenewed = true;
        await logInOrThrow();
        continue;
      }
      if (status !== undefined || !Array.isArray(reply)) throw faultOf({ code: "target.reply", facts: { system, why: status === undefined ? excerptOf(reached.answer).slice(0, 80) : messageOf(status) } });
      for (const row of reply as readonly Json[]) rows.push((row as readonly Json[]).map((cell) => (cell === null ? "" : String(cell))));
      if (reply.length < rowsAtOnce) return rows;
    }
  }

  return {
    logIn, logInOrThrow,
    isLoggedIn: () => cookie !== undefined,
    save: (body: string, timeoutMs: number) => post(`${form}Save`, ["GL_VOUCHER", body], timeoutMs),
    /** Vouchers by our references: a row for each entry that carries one. */
    async find(references: readonly string[]): Promise<{ readonly reference: string; readonly id: string; readonly number: string; readonly status: string }[]> {
      const rows = await query([keyField, "FVOUCHERID", "FVOUCHERGROUPNO", "FDocumentStatus"], `${keyField} in (${references.map(quoted).join(",")})`, "FVOUCHERID ASC");
      const seen = new Set<string>();
      return rows.filter(([reference = "", id = ""]) => references.includes(reference) && !seen.has(`${reference}|${id}`) && seen.add(`${reference}|${id}`)).map(([reference = "", id = "", number = "", status = ""]) => ({ reference, id, number, status }));
    },
    entries: (ids: readonly string[]) => query(["FVOUCHERID", "FDate", "FACCOUNTID.FNumber", "FDEBIT", "FCREDIT", ...(config.voidField === undefined ? [] : [config.voidField])], `FVOUCHERID in (${ids.join(",")})`, "FVOUCHERID ASC, FEntity_FEntryID ASC"),
  };
}

function loginOf(config: KingdeeCloudConfig, ctx: ConnectorCtx): { readonly service: string; readonly parameters: readonly unknown[] } {
  const { login, acctId } = config;
  const lcid = config.language ?? 2052;
  if (login.is === "password") return { service: "ValidateUser", parameters: [acctId, login.user, login.password, lcid] };
  if (login.is === "appSecret") return { service: "LoginByAppSecret", parameters: [acctId, login.user, login.appId, login.appSecret, lcid] };
  const timestamp = Math.floor(ctx.now().getTime() / 1000);
  return { service: "LoginBySign", parameters: [acctId, login.user, login.appId, timestamp, signOf([acctId, login.user, login.appId, login.appSecret, String(timestamp)], login.digest ?? "sha256"), lcid] };
}

/** The values in ordinal order, joined, hashed. */
export const signOf = (values: readonly string[], digest: "sha256" | "sha1"): string => createHash(digest).update([...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join("")).digest("hex");

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const isLost = (status: Json): boolean => textAt(status, "MsgCode") === "1" || /会话信息已丢失/.test(messageOf(status));
const messageOf = (status: Json): string => ((at(status, "Errors") ?? []) as readonly Json[]).map((error) => textAt(error, "Message") ?? "").filter((text) => text !== "").join(";").slice(0, 300);

async function sessionOf(config: KingdeeCloudConfig, ctx: ConnectorCtx): Promise<TargetSession> {
  const client = clientOf(config, ctx);
  await client.logInOrThrow();

  async function saveOne(delivery: Delivery, leftMs: number): Promise<Verdict> {
    const until = elapsedMs() + leftMs;
    const voucher = voucherOf(delivery);
    if (voucher === undefined) return rejected("target.only_vouchers", { system });
    const { form: body, verdict } = formOf(() => saveBody(config, voucher, delivery.reference));
    if (body === undefined) return verdict;
    if (!client.isLoggedIn()) {
      const refused = await client.logIn(leftMs);
      if (refused) return refused;
    }
    const first = savedOf(await client.save(body, until - elapsedMs()), ctx);
    if (first.is !== "lost") return first;
    return saveAgain(delivery, body, until);
  }

  /** "会话信息已丢失" does not say whether the Save was done before. So: log in, look, and only then once more. */
  async function saveAgain(delivery: Delivery, body: string, until: number): Promise<Verdict> {
    const unknown: Verdict = { is: "unknown", problem: { code: "target.reply", facts: { system, why: "会话信息已丢失" } } };
    if ((await client.logIn(Math.max(1, until - elapsedMs()))) !== undefined) return unknown;
    try {
      const [found] = await client.find([delivery.reference]);
      if (found) return { is: "duplicate", acknowledgement: { targetId: found.id, targetNumber: found.number, targetState: found.status, at: ctx.now().toISOString() } };
    } catch {
      return unknown;
    }
    const leftMs = until - elapsedMs();
    if (leftMs < 20) return { is: "notSent", problem: { code: "target.no_time", facts: { system } } };
    const second = savedOf(await client.save(body, leftMs), ctx);
    return second.is === "lost" ? unknown : second;
  }

  return {
    deliver: (deliveries, timeoutMs) => inTurn(system, deliveries, timeoutMs, saveOne),
    async probe(deliveries) {
      const probes: Probe[] = [];
      for (const part of portions(deliveries, 50)) {
        const found = Map.groupBy(await client.find(part.map(({ reference }) => reference)), ({ reference }) => reference);
        for (const { deliveryId, reference } of part) probes.push(probeOf(deliveryId, (found.get(reference) ?? []).map(({ id, number, status }) => ({ targetId: id, targetNumber: number, targetState: status, at: ctx.now().toISOString() }))));
      }
      return probes;
    },
    async readBack(deliveries) {
      const standing: Standing[] = [];
      for (const part of portions(deliveries, 50)) {
        const found = await client.find(part.map(({ reference }) => reference));
        if (found.length === 0) continue;
        const entries = Map.groupBy(await client.entries([...new Set(found.map(({ id }) => id))]), ([id = ""]) => id);
        for (const { reference, id, number, status } of found) {
          const rows = entries.get(id) ?? [];
          standing.push({
            reference, acknowledgement: { targetId: id, targetNumber: number, targetState: status, at: ctx.now().toISOString() }, isVoid: isTrue(rows[0]?.[5]), date: (rows[0]?.[1] ?? "").slice(0, 10),
            lines: rows.map(([, , account = "", debit = "", credit = ""]) => ({ account, debit, credit })),
          });
        }
      }
      return standing;
    },
    close: async () => {},
  };
}

export function* portions<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}

function savedOf(reached: Reached, ctx: ConnectorCtx): Verdict | Lost {
  if (reached.is !== "answer") return reached;
  const verdict = statusVerdict(system, reached.answer, ctx);
  return verdict ?? repliedOf(reached.answer, ctx);
}

function repliedOf(answer: Answer, ctx: ConnectorCtx): Verdict | Lost {
  const reply = jsonOf(answer.text);
  const status = at(reply, "Result.ResponseStatus");
  if (status === undefined || textAt(status, "IsSuccess") === undefined) return { is: "unknown", problem: { code: "target.reply", facts: { system, why: excerptOf(answer).slice(0, 80) } } };
  if (isTrue(textAt(status, "IsSuccess"))) {
    const id = textAt(status, "SuccessEntitys.0.Id") ?? textAt(reply, "Result.Id") ?? "";
    const number = textAt(reply, "Result.NeedReturnData.0.FVOUCHERGROUPNO") ?? textAt(status, "SuccessEntitys.0.Number") ?? textAt(reply, "Result.Number") ?? "";
    return { is: "applied", acknowledgement: { targetId: id, targetNumber: number, targetState: "", at: ctx.now().toISOString() } };
  }
  if (isLost(status)) return { is: "lost" };
  return rejected("target.refused", { system, message: messageOf(status) || excerptOf(answer) });
}

/** The request in the order of the vendor's import template. */
export function saveBody(config: KingdeeCloudConfig, voucher: VoucherOut, reference: string): string {
  const known = (kind: string, codes: Readonly<Record<string, string>>, code: string): string => {
    const found = Object.hasOwn(codes, code) ? codes[code] : undefined;
    if (found === undefined) throw new Unfit("target.setting_missing", { kind, code, system });
    return found;
  };
  const number = (text: string): { readonly FNumber: string } => ({ FNumber: text });
  const currencies = { ...currencyNumbers, ...config.currencies };
  const flex = { ...flexFields, ...config.dimensions };
  const keyField = config.keyField ?? "FBUSNO";
  const entry = (line: VoucherOut["lines"][number], index: number): object => {
    const details = Object.entries(line.dimensions).map(([kind, code]) => [`FDETAILID__${known("dimensions", flex, kind)}`, number(code)]);
    return {
      FEntryID: 0,
      FEXPLANATION: line.summary,
      FACCOUNTID: number(line.account),
      ...(details.length === 0 ? {} : { FDetailID: Object.fromEntries(details) as object }),
      FCURRENCYID: number(known("currencies", currencies, line.currency)),
      FEXCHANGERATETYPE: number(config.rateType ?? "HLTX01_SYS"),
      FEXCHANGERATE: figure(isZero(line.rate) ? "1" : line.rate),
      ...(isZero(line.quantity) ? {} : { FQty: figure(line.quantity) }),
      FAMOUNTFOR: figure(isZero(line.amountOriginal) ? (isZero(line.debit) ? line.credit : line.debit) : line.amountOriginal),
      FDEBIT: figure(isZero(line.debit) ? "0" : line.debit),
      FCREDIT: figure(isZero(line.credit) ? "0" : line.credit),
      ...(index === 0 ? { [keyField]: reference } : {}),
    };
  };
  return JSON.stringify({
    Creator: "", NeedUpDateFields: [], NeedReturnFields: ["FVOUCHERGROUPNO"], IsDeleteEntry: "false", IsVerifyBaseDataField: "true",
    Model: {
      FVOUCHERID: 0,
      FAccountBookID: number(config.accountBook),
      FDate: voucher.date,
      FBUSDATE: voucher.date,
      FYEAR: Number(voucher.period.slice(0, 4)),
      FPERIOD: Number(voucher.period.slice(5, 7)),
      FVOUCHERGROUPID: number(known("groups", config.groups, voucher.series)),
      FVOUCHERGROUPNO: String(voucher.no),
      FATTACHMENTS: voucher.attachments,
      FISADJUSTVOUCHER: "false",
      FACCBOOKORGID: number(config.organization),
      FSourceBillKey: number(sourceBillKey),
      FDocumentStatus: config.status ?? "Z",
      FEntity: voucher.lines.map(entry),
    },
  });
}
