/** Stands in for Kingdee 云星空: log-in and session cookie, GL_VOUCHER Save without any idempotency, ExecuteBillQuery; errors with HTTP 200. */
import { randomUUID } from "node:crypto";
import { at, type Json, parseExact, textAt } from "../../../connectors/index.ts";
import { parseDecimal } from "../../../values/index.ts";
import { signOf } from "../kingdee-cloud.ts";
import { type Answered, type Asked, figureOf, openStandIn, type StandIn } from "./stand-in.ts";

export type KeptEntry = { readonly account: string; readonly debit: string; readonly credit: string; readonly explanation: string; readonly busNo: string; readonly details: Readonly<Record<string, string>> };
export type KeptVoucher = { readonly id: number; number: string; status: string; date: string; isVoid: boolean; entries: KeptEntry[] };

export type KingdeeCloudStandIn = StandIn & {
  readonly vouchers: KeptVoucher[];
  readonly login: { readonly acctId: string; readonly user: string; readonly password: string; readonly appId: string; readonly appSecret: string };
  readonly logIns: () => number;
  /** All sessions end, as after 20 minutes. */
  readonly endSessions: () => void;
  /** The next Save answers "session lost": although it was done, or without having been done. */
  readonly loseSession: (wasDone: boolean) => void;
};

const lost = "会话信息已丢失，请重新登录";
const auth = "/Kingdee.BOS.WebApi.ServicesStub.AuthService.";
const form = "/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.";

export async function kingdeeCloudStandIn(known: { readonly accounts: readonly string[]; readonly books?: readonly string[]; readonly groups?: readonly string[] }): Promise<KingdeeCloudStandIn> {
  const login = { acctId: "5f1c0de5acc7", user: "interface", password: "correct horse", appId: "app-1", appSecret: "app secret" };
  const vouchers: KeptVoucher[] = [];
  const sessions = new Set<string>();
  const losing: boolean[] = [];
  let logIns = 0;
  let lastId = 100_230;

  function logIn(service: string, parameters: readonly Json[]): Answered {
    const [acctId, user, third, fourth, fifth] = parameters.map(String);
    logIns += 1;
    if (acctId !== login.acctId) return failed(lost, 1);
    const isRight =
      (service === "ValidateUser" && third === login.password) ||
      (service === "LoginByAppSecret" && third === login.appId && fourth === login.appSecret) ||
      (service === "LoginBySign" && third === login.appId && fifth === signOf([acctId, user ?? "", login.appId, login.appSecret, fourth ?? ""], "sha256"));
    if (!isRight || user !== login.user) return { json: { Message: "用户名或密码错误", MessageCode: "CheckPasswordPolicy", LoginResultType: 0, Context: null } };
    const session = randomUUID();
    sessions.add(session);
    return { headers: { "set-cookie": `kdservice-sessionid=${session}; path=/` }, json: { Message: null, MessageCode: "LoginSuccess", LoginResultType: 1, Context: { UserName: user } } };
  }

  function save(data: Json): Answered {
    const model = at(data, "Model");
    const errors: { FieldName: string; Message: string; DIndex: number }[] = [];
    const need = (is: boolean, FieldName: string, Message: string): void => void (is || errors.push({ FieldName, Message, DIndex: 0 }));
    const entries = (at(model, "FEntity") ?? []) as readonly Json[];
    need((known.books ?? ["001"]).includes(textAt(model, "FAccountBookID.FNumber") ?? ""), "FAccountBookID", "账簿必录");
    need(/^\d{4}-\d{2}-\d{2}$/.test(textAt(model, "FDate") ?? ""), "FDate", "日期必录");
    for (const field of ["FYEAR", "FPERIOD", "FVOUCHERGROUPNO"]) need(textAt(model, field) !== undefined, field, `${field}必录`);
    need((known.groups ?? ["PRE001"]).includes(textAt(model, "FVOUCHERGROUPID.FNumber") ?? ""), "FVOUCHERGROUPID", "凭证字必录");
    need(entries.length >= 1, "FEntity", "凭证没有分录");
    let off = 0n;
    entries.forEach((entry, index) => {
      const place = `第${index + 1}行分录:`;
      const debit = parseDecimal(figureOf(at(entry, "FDEBIT")) ?? "", 10);
      const credit = parseDecimal(figureOf(at(entry, "FCREDIT")) ?? "", 10);
      need(known.accounts.includes(textAt(entry, "FACCOUNTID.FNumber") ?? ""), "FACCOUNTID", `${place}科目必录`);
      need(textAt(entry, "FCURRENCYID.FNumber") !== undefined, "FCURRENCYID", `${place}币别必录`);
      need(textAt(entry, "FEXCHANGERATETYPE.FNumber") !== undefined, "FEXCHANGERATETYPE", `${place}汇率类型必录`);
      need(debit !== undefined && credit !== undefined && (debit === 0n) !== (credit === 0n), "FDEBIT", `${place}借贷方金额必须有且只有一方`);
      off += (debit ?? 0n) - (credit ?? 0n);
    });
    need(off === 0n, "FDEBIT", "凭证借贷不平衡");
    if (errors.length > 0) return { json: { Result: { ResponseStatus: { ErrorCode: 500, IsSuccess: false, Errors: errors, SuccessEntitys: [], SuccessMessages: [], MsgCode: 11 }, Id: "", NeedReturnData: [{}] } } };
    const id = ++lastId;
    const number = textAt(model, "FVOUCHERGROUPNO") ?? "";
    vouchers.push({
      id, number, status: textAt(model, "FDocumentStatus") ?? "Z", date: textAt(model, "FDate") ?? "", isVoid: false,
      entries: entries.map((entry) => ({
        account: textAt(entry, "FACCOUNTID.FNumber") ?? "", debit: figureOf(at(entry, "FDEBIT")) ?? "0", credit: figureOf(at(entry, "FCREDIT")) ?? "0", explanation: textAt(entry, "FEXPLANATION") ?? "", busNo: textAt(entry, "FBUSNO") ?? "",
        details: Object.fromEntries(Object.entries((at(entry, "FDetailID") ?? {}) as Record<string, Json>).map(([name, value]) => [name, textAt(value, "FNumber") ?? ""])),
      })),
    });
    return { json: { Result: { ResponseStatus: { IsSuccess: true, Errors: [], SuccessEntitys: [{ Id: String(id), Number: number, DIndex: 0 }], SuccessMessages: [], MsgCode: 0 }, Id: id, Number: number, NeedReturnData: [{ FVOUCHERGROUPNO: number }] } } };
  }

  function query(data: Json): Answered {
    if (textAt(data, "FormId") !== "GL_VOUCHER") return { json: [[failureOf("业务对象不存在", 4)]] };
    const [, field = "", list = ""] = /^(\w+) in \((.*)\)$/.exec(textAt(data, "FilterString") ?? "") ?? [];
    const wanted = list.split(",").map((part) => part.replace(/^'|'$/g, "").replaceAll("''", "'"));
    const start = Number(textAt(data, "StartRow") ?? 0);
    const keys = (textAt(data, "FieldKeys") ?? "").split(",");
    const rows = vouchers.flatMap((voucher) => voucher.entries.map((entry) => {
      const fields: Readonly<Record<string, unknown>> = { FVOUCHERID: voucher.id, FVOUCHERGROUPNO: voucher.number, FDocumentStatus: voucher.status, FDate: `${voucher.date}T00:00:00`, FBUSNO: entry.busNo, FDEBIT: Number(entry.debit), FCREDIT: Number(entry.credit), "FACCOUNTID.FNumber": entry.account, FInvalid: voucher.isVoid };
      return fields;
    })).filter((row) => wanted.includes(String(row[field])));
    const unknown = keys.find((key) => rows[0] !== undefined && !(key in rows[0]));
    if (unknown !== undefined) return { json: [[failureOf(`字段${unknown}不存在`, 9)]] };
    return { json: rows.map((row) => keys.map((key) => row[key])).slice(start, start + Number(textAt(data, "Limit") ?? 2000)) };
  }

  function answer({ path, headers, body }: Asked): Answered {
    const [, service = ""] = /\.(\w+)\.common\.kdsvc$/.exec(path) ?? [];
    const parameters = parseExact(body) as readonly Json[];
    if (path.includes(auth)) return logIn(service, parameters);
    if (!path.includes(form)) return { status: 404, text: "" };
    const session = /kdservice-sessionid=([^;]+)/.exec(headers.cookie ?? "")?.[1] ?? "";
    if (!sessions.has(session)) return service === "ExecuteBillQuery" ? { json: [[failureOf(lost, 1)]] } : failed(lost, 1);
    if (service === "ExecuteBillQuery") return query(parseExact(String(parameters[0])));
    if (service !== "Save") return failed("不支持的操作", 4);
    if (parameters[0] !== "GL_VOUCHER") return failed("业务对象不存在", 4);
    const wasDone = losing.shift();
    if (wasDone === undefined) return save(parseExact(String(parameters[1])));
    sessions.delete(session);
    if (wasDone) save(parseExact(String(parameters[1])));
    return failed(lost, 1);
  }

  const server = await openStandIn(answer, ({ path }) => path.includes(`${form}Save`));
  return { ...server, url: `${server.url}/K3Cloud`, vouchers, login, logIns: () => logIns, endSessions: () => sessions.clear(), loseSession: (wasDone) => void losing.push(wasDone) };
}

const failureOf = (message: string, code: number): object => ({ Result: { ResponseStatus: { ErrorCode: 500, IsSuccess: false, Errors: [{ FieldName: null, Message: message, DIndex: 0 }], SuccessEntitys: [], SuccessMessages: [], MsgCode: code } } });
const failed = (message: string, code: number): Answered => ({ json: failureOf(message, code) });
