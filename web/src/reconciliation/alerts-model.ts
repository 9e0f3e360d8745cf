/** What the alert centre and the rules read. */
export type Alert = {
  readonly alertNo: string; readonly rule: string; readonly ruleZh: string; readonly ruleEn: string; readonly subject: string; readonly label: string; readonly state: string; readonly value: string | null; readonly valueEn: string | null; readonly worst: string | null; readonly line: string | null; readonly lineEn: string | null; readonly is: string; readonly note: string;
  readonly since: string; readonly openedAt: string | null; readonly rangAt: string | null; readonly rangTo: string; readonly step: number; readonly acknowledgedBy: string | null; readonly snoozedUntil: string | null; readonly closedAt: string | null; readonly to: string; readonly cursor: string;
};
export type AlertEvent = { readonly at: string; readonly by: string; readonly what: string; readonly to: string; readonly value: string | null; readonly note: string; readonly sent: readonly { readonly channel: string; readonly recipient: string; readonly state: string; readonly problem: string }[] };
export type AlertShown = Alert & { readonly events: readonly AlertEvent[] };

export type RuleFields = {
  readonly zh: string; readonly en: string; readonly measure: string; readonly params: { readonly days?: number; readonly weeks?: number; readonly metric?: string; readonly dimension?: string }; readonly is: "above" | "below"; readonly line: string; readonly margin: string; readonly afterMinutes: number; readonly repeatMinutes: number; readonly escalateMinutes: number; readonly everyMinutes: number;
  readonly quiet: { readonly from: string; readonly to: string } | null; readonly isUrgent: boolean; readonly callsOwner: boolean; readonly roles: readonly string[]; readonly channels: readonly string[]; readonly language: "zh" | "en" | "both";
};
export type Rule = RuleFields & { readonly rule: string; readonly isOn: boolean; readonly changedAt: string | null; readonly changedBy: string; readonly unit: string; readonly measureZh: string; readonly measureEn: string; readonly standing: number };
export type Measure = { readonly measure: string; readonly zh: string; readonly en: string; readonly unit: string; readonly ofParty: boolean };
export type Rules = { readonly rules: readonly Rule[]; readonly measures: readonly Measure[] };
export type ChannelConfig = { readonly host?: string; readonly port?: number; readonly isSecure?: boolean; readonly user?: string; readonly from?: string; readonly to?: readonly string[]; readonly domain?: string; readonly columns?: readonly string[] };
export type Channel = { readonly channel: string; readonly kind: string; readonly config: ChannelConfig; readonly hasSecret: boolean; readonly isOn: boolean; readonly changedAt: string; readonly changedBy: string; readonly last: { readonly state: string; readonly problem: string; readonly sentAt: string | null } | null };
export type Tried = { readonly subjects: number; readonly crossed: number; readonly first: readonly { readonly subject: string; readonly label: string; readonly value: string; readonly isCrossed: boolean; readonly employee: string }[] };

export const units: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = { money: { zh: "元", en: "CNY" }, quantity: { zh: "数量", en: "quantity" }, days: { zh: "天", en: "days" }, minutes: { zh: "分钟", en: "minutes" }, count: { zh: "条", en: "count" }, ratio: { zh: "比率，0.05 为 5%", en: "ratio, 0.05 is 5 %" } };
/** The standing roles, for those who may not read the list of roles. */
export const roleWords: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  owner: { zh: "所有者", en: "Owner" }, controller: { zh: "财务主管", en: "Controller" }, accountant: { zh: "会计", en: "Accountant" }, reviewer: { zh: "审核", en: "Reviewer" }, cashier: { zh: "出纳", en: "Cashier" }, sales: { zh: "销售", en: "Sales" }, buyer: { zh: "采购", en: "Buyer" }, it: { zh: "信息", en: "IT" },
};
/** 1234567.50 as 1,234,567.50, with what follows it; − in front. */
export const grouped = (text: string): string => text.replace(/^(-?)(\d+)/, (_, sign: string, whole: string) => `${sign === "" ? "" : "−"}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}`);
export const whats: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  opened: { zh: "响起", en: "Rang" }, repeated: { zh: "再次响起", en: "Rang again" }, escalated: { zh: "升级", en: "Escalated" }, closed: { zh: "解除", en: "Over" }, acknowledged: { zh: "认领", en: "Acknowledged" }, snoozed: { zh: "推迟", en: "Snoozed" }, noted: { zh: "说明", en: "Note" },
};
