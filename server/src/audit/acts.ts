/** What the acts are called, so that the trail reads as sentences: 王倩 审核了凭证草稿 12 · Wang Qian reviewed draft 12. */
import type { Outcome } from "./entry.ts";

/** 中文: verb and what it is done to. English: past, plain form, and what it is done to. The object's name follows. */
export type ActWords = { readonly zh: readonly [verb: string, what: string]; readonly en: readonly [did: string, todo: string, what: string] };

export const acts = {
  "session.opened": { zh: ["登录", "系统"], en: ["signed in", "sign in", ""] },
  "session.refused": { zh: ["尝试登录", "系统"], en: ["failed to sign in", "sign in", ""] },
  "session.locked": { zh: ["多次登录失败被锁定", ""], en: ["was locked out after failed sign-ins", "sign in", ""] },
  "session.closed": { zh: ["退出", "登录"], en: ["signed out", "sign out", ""] },
  "session.ended": { zh: ["终止", "登录会话"], en: ["ended", "end", "session"] },
  "password.changed": { zh: ["修改", "密码"], en: ["changed", "change", "the password of"] },
  "password.reset": { zh: ["重置", "密码"], en: ["reset", "reset", "the password of"] },
  "user.created": { zh: ["新建", "用户"], en: ["created", "create", "user"] },
  "user.changed": { zh: ["修改", "用户"], en: ["changed", "change", "user"] },
  "user.disabled": { zh: ["停用", "用户"], en: ["disabled", "disable", "user"] },
  "user.enabled": { zh: ["启用", "用户"], en: ["enabled", "enable", "user"] },
  "user.unlocked": { zh: ["解锁", "用户"], en: ["unlocked", "unlock", "user"] },
  "owner.created": { zh: ["建立", "首位所有者"], en: ["made", "make", "the first owner"] },
  "user.invited": { zh: ["邀请", "用户"], en: ["invited", "invite", "user"] },
  "access.linked": { zh: ["生成", "登录链接"], en: ["made", "make", "a sign-in link for"] },
  "role.granted": { zh: ["设定", "角色给用户"], en: ["set", "set", "the roles of user"] },
  "role.created": { zh: ["新建", "角色"], en: ["created", "create", "role"] },
  "role.removed": { zh: ["删除", "角色"], en: ["removed", "remove", "role"] },
  "role.changed": { zh: ["修改", "角色"], en: ["changed", "change", "role"] },
  "key.created": { zh: ["生成", "访问密钥"], en: ["made", "make", "key"] },
  "key.revoked": { zh: ["撤销", "访问密钥"], en: ["revoked", "revoke", "key"] },
  "keyCalls.deleted": { zh: ["删除", "数据服务的调用记录"], en: ["deleted", "delete", "calls of the data service before"] },
  "masterdata.decided": { zh: ["决定", "主数据"], en: ["decided", "decide", "about master data"] },
  "masterdata.approved": { zh: ["批准", "主数据变更申请"], en: ["approved", "approve", "the change request"] },
  "masterdata.imported": { zh: ["导入", "主数据文件"], en: ["imported", "import", "the master data of"] },
  "masterdata.taken": { zh: ["整理", "到达的主数据"], en: ["sorted", "sort", "arrived master data of"] },
  "book.created": { zh: ["建立", "账簿"], en: ["created", "create", "book"] },
  "setting.changed": { zh: ["更改", "设置"], en: ["changed", "change", "setting"] },
  "period.closed": { zh: ["结账", "期间"], en: ["closed", "close", "period"] },
  "period.reopened": { zh: ["反结账", "期间"], en: ["reopened", "reopen", "period"] },
  "monthEnd.ran": { zh: ["运行", "期末任务"], en: ["ran", "run", "month-end task"] },
  "payments.proposed": { zh: ["提出", "付款批次"], en: ["proposed", "propose", "payments"] },
  "payments.approved": { zh: ["批准", "付款批次"], en: ["approved", "approve", "batch"] },
  "payments.withdrawn": { zh: ["撤回", "付款批次"], en: ["withdrew", "withdraw", "batch"] },
  "payments.exported": { zh: ["导出", "付款批次的银行文件"], en: ["exported", "export", "the bank file of batch"] },
  "payments.settled": { zh: ["核销", "已付款项"], en: ["settled", "settle", "payments"] },
  "payable.approved": { zh: ["批准例外付款", "应付项目"], en: ["approved an exception for", "approve an exception for", "payable"] },
  "supplierAccount.set": { zh: ["登记收款账户", "供应商"], en: ["entered an account of", "enter an account of", "supplier"] },
  "supplierAccount.decided": { zh: ["裁定收款账户变更", ""], en: ["decided about", "decide about", "account change"] },
  "module.closed": { zh: ["模块关账", "期间"], en: ["closed a module of", "close a module of", "period"] },
  "module.reopened": { zh: ["重开模块", "期间"], en: ["reopened a module of", "reopen a module of", "period"] },
  "amortisation.set": { zh: ["新建", "摊销模板"], en: ["made", "make", "amortisation template"] },
  "amortisation.ended": { zh: ["停用", "摊销模板"], en: ["ended", "end", "amortisation template"] },
  "alert.acknowledged": { zh: ["认领", "预警"], en: ["acknowledged", "acknowledge", "alert"] },
  "alert.snoozed": { zh: ["推迟", "预警"], en: ["snoozed", "snooze", "alert"] },
  "alert.noted": { zh: ["写说明于", "预警"], en: ["noted on", "note on", "alert"] },
  "alertRule.saved": { zh: ["保存", "预警规则"], en: ["saved", "save", "alert rule"] },
  "alertChannel.saved": { zh: ["保存", "预警渠道"], en: ["saved", "save", "alert channel"] },
  "alertChannel.tested": { zh: ["试发", "预警渠道"], en: ["tested", "test", "alert channel"] },
  "documents.posted": { zh: ["提交", "单据"], en: ["posted", "post", "documents"] },
  "documents.tried": { zh: ["试算", "单据"], en: ["tried out", "try out", "documents"] },
  "documents.retried": { zh: ["重试", "单据"], en: ["tried again", "try again", "documents"] },
  "document.corrected": { zh: ["改正", "单据"], en: ["corrected", "correct", "document"] },
  "rules.rejected": { zh: ["驳回", "规则版本"], en: ["rejected", "reject", "rule version"] },
  "rules.proposed": { zh: ["提出", "规则版本"], en: ["proposed", "propose", "rule version"] },
  "rules.approved": { zh: ["批准", "规则版本"], en: ["approved", "approve", "rule version"] },
  "voucher.entered": { zh: ["制作", "凭证"], en: ["prepared", "prepare", "voucher"] },
  "voucher.reviewed": { zh: ["审核", "凭证草稿"], en: ["reviewed", "review", "draft"] },
  "voucher.sentBack": { zh: ["退回", "凭证草稿"], en: ["sent back", "send back", "draft"] },
  "voucher.withdrawn": { zh: ["撤回", "凭证草稿"], en: ["withdrew", "withdraw", "draft"] },
  "voucher.reversed": { zh: ["红冲", "凭证"], en: ["reversed", "reverse", "voucher"] },
  "voucher.corrected": { zh: ["更正", "凭证"], en: ["corrected", "correct", "voucher"] },
  "flow.applied": { zh: ["应用", "流程定义"], en: ["applied", "apply", "the definition of flow"] },
  "flow.run": { zh: ["运行", "流程"], en: ["ran", "run", "flow"] },
  "flow.paused": { zh: ["暂停", "流程"], en: ["paused", "pause", "flow"] },
  "flow.resumed": { zh: ["恢复", "流程"], en: ["resumed", "resume", "flow"] },
  "flow.accepted": { zh: ["接受", "结构变化"], en: ["accepted", "accept", "a change of structure in"] },
  "flow.replayed": { zh: ["重放", "流程"], en: ["replayed", "replay", "flow"] },
  "flow.received": { zh: ["推送", "记录到流程"], en: ["sent", "send", "records to flow"] },
  "flow.checked": { zh: ["检查", "流程"], en: ["checked", "check", "flow"] },
  "flow.discovered": { zh: ["探查", "来源结构"], en: ["discovered", "discover", "the streams of flow"] },
  "secret.set": { zh: ["存入", "机密"], en: ["set", "set", "secret"] },
  "deadLetter.retried": { zh: ["重试", "死信"], en: ["retried", "retry", "dead letters"] },
  "deadLetter.fixed": { zh: ["改正", "死信"], en: ["fixed", "fix", "dead letters"] },
  "deadLetter.ignored": { zh: ["忽略", "死信"], en: ["ignored", "ignore", "dead letters"] },
  "delivery.resolved": { zh: ["处理", "送达"], en: ["resolved", "resolve", "delivery"] },
  "drift.accepted": { zh: ["接受", "漂移"], en: ["accepted", "accept", "drift"] },
  "book.reconciled": { zh: ["对账", "账簿"], en: ["reconciled", "reconcile", "book"] },
  "difference.corrected": { zh: ["更正", "差异"], en: ["corrected", "correct", "difference"] },
  "difference.assigned": { zh: ["交办", "差异"], en: ["assigned", "assign", "difference"] },
  "difference.accepted": { zh: ["认可", "差异"], en: ["accepted", "accept", "difference"] },
  "difference.reopened": { zh: ["重开", "差异"], en: ["reopened", "reopen", "difference"] },
  "bank.taken": { zh: ["上传对账单", "银行账户"], en: ["took in a statement of", "take in a statement of", "bank account"] },
  "bank.matched": { zh: ["勾对", "银行账户"], en: ["matched", "match", "bank account"] },
  "bank.ignored": { zh: ["不入账", "银行流水"], en: ["set aside", "set aside", "bank movements"] },
  "bank.undone": { zh: ["撤销", "银行勾对"], en: ["undid", "undo", "bank match"] },
  "bank.booked": { zh: ["补记并勾对", "银行流水"], en: ["booked and matched", "book and match", "bank movements"] },
  "payer.forgotten": { zh: ["忘记", "付款人别名"], en: ["forgot", "forget", "a learned payer of"] },
  "layout.saved": { zh: ["保存", "文件版式"], en: ["kept", "keep", "file layout"] },
  "layout.removed": { zh: ["删除", "文件版式"], en: ["removed", "remove", "file layout"] },
  "tolerance.set": { zh: ["设置", "匹配容差"], en: ["set", "set", "a tolerance of the match for"] },
  "tolerance.removed": { zh: ["删除", "匹配容差"], en: ["removed", "remove", "a tolerance of the match for"] },
  "letter.made": { zh: ["出具", "对账单"], en: ["drew up", "draw up", "a statement of account for"] },
  "letter.withdrawn": { zh: ["作废", "对账单"], en: ["withdrew", "withdraw", "statement of account"] },
  "letter.answered": { zh: ["答复", "对账单"], en: ["answered", "answer", "a statement of account"] },
  "source.pulled": { zh: ["拉取", "来源"], en: ["pulled from", "pull from", "source"] },
  "demo.created": { zh: ["建立", "演示公司"], en: ["made", "make", "demo company"] },
  "database.migrated": { zh: ["升级", "数据库结构"], en: ["upgraded", "upgrade", "the database"] },
  "audit.exported": { zh: ["导出", "留痕"], en: ["exported", "export", "the audit trail"] },
  "audit.verified": { zh: ["验证", "留痕"], en: ["verified", "verify", "the audit trail"] },
  "list.exported": { zh: ["导出", "清单"], en: ["exported", "export", "list"] },
} as const satisfies Readonly<Record<string, ActWords>>;
export type Act = keyof typeof acts;

export type Named = { readonly zh: string; readonly en: string };
/** Names of acts that no table knows, such as those of a route, by what the route says of itself. */
export type MoreActs = Readonly<Record<string, Named>>;

export function actName(act: string, more: MoreActs = {}): Named {
  const words = wordsOf(act);
  if (!words) return more[act] ?? { zh: act, en: act };
  const [did, todo, what] = words.en;
  const en = what === "" ? did : `${todo} ${what}`;
  return { zh: words.zh.join(""), en: `${en.slice(0, 1).toUpperCase()}${en.slice(1)}`.replace(/ (?:of|in|before|for)$/, "") };
}

type Told = { readonly act: string; readonly actor: string; readonly actorName: string; readonly objectId: string | null; readonly outcome: string; readonly code: string | null };

/** One sentence in each language. */
export function sentenceOf({ act, actor, actorName, objectId, outcome, code }: Told, more: MoreActs = {}): Named {
  const words = wordsOf(act);
  const who = actorName === "" ? actor : actorName;
  const id = objectId ?? "";
  const because = code === null ? { zh: "", en: "" } : { zh: `(${code})`, en: ` (${code})` };
  if (!words) {
    const { zh, en } = actName(act, more);
    const [zhOutcome, enOutcome] = plainOutcome[outcome as Outcome] ?? ["", ""];
    return { zh: joined(who, `${zh}`, id, zhOutcome) + because.zh, en: joined(who, `– ${en}`, id, enOutcome) + because.en };
  }
  const [verb, what] = words.zh;
  const [did, todo, whatEn] = words.en;
  if (outcome === "done" || (outcome === "refused" && act.startsWith("session."))) return { zh: joined(who, `${verb}${what === "" ? "" : `了${what}`}`, id) + because.zh, en: joined(who, did, whatEn, id) + because.en };
  if (outcome === "refused") return { zh: joined(who, `想${verb}${what}`, id, "被拒") + because.zh, en: joined(who, "was refused to", todo, whatEn, id) + because.en };
  if (outcome === "failed") return { zh: joined(who, `${verb}${what}`, id, "时出错") + because.zh, en: joined(who, "met a fault when trying to", todo, whatEn, id) + because.en };
  return { zh: joined(who, `开始${verb}${what}`, id, "结果不明") + because.zh, en: joined(who, "began to", todo, whatEn, id, "with unknown outcome") + because.en };
}

/** Acts whose Chinese or English name holds the text. */
export const actsLike = (text: string, more: MoreActs = {}): string[] => [...new Set([...Object.keys(acts), ...Object.keys(more)])].filter((act) => {
  const { zh, en } = actName(act, more);
  return zh.includes(text) || en.toLowerCase().includes(text.toLowerCase());
});

const wordsOf = (act: string): ActWords | undefined => (Object.hasOwn(acts, act) ? acts[act as Act] : undefined);
const plainOutcome: Readonly<Record<Outcome, readonly [string, string]>> = { done: ["", ""], refused: ["被拒", "refused"], failed: ["出错", "failed"], unknown: ["结果不明", "unknown outcome"] };
const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(" ");
