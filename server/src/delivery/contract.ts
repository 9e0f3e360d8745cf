/** What the outside writes and gets: the definition of a flow that delivers, and what is shown of deliveries. */
import { type Static, Type } from "typebox";

const CodeMap = Type.Object({
  "*": Type.Optional(Type.Union([Type.Literal("same"), Type.Literal("refuse")])),
  csv: Type.Optional(Type.String({ description: "自表格粘贴的对照:本系统代码、目标代码、名称,一行一个 A table as pasted from a spreadsheet: our code, the target's, its name" })),
}, {
  additionalProperties: Type.Union([Type.String({ minLength: 1 }), Type.Object({ code: Type.String({ minLength: 1 }), name: Type.Optional(Type.String()) }, { additionalProperties: false })]),
  description: "本系统代码 → 目标代码;\"*\" 说明未列出的代码:same 原样,refuse 挂起(缺省) Our code → the target's; \"*\" is for all others: same, or refuse (default)",
});
const Connection = Type.Object({ connector: Type.String({ minLength: 1 }) }, { additionalProperties: true });

export const DeliveryFlowSchema = Type.Object({
  flow: Type.String({ pattern: "^[A-Za-z0-9_-]{1,60}$" }),
  book: Type.String({ minLength: 1 }),
  to: Connection,
  deliver: Type.Literal("vouchers"),
  where: Type.Optional(Type.Object({
    series: Type.Optional(Type.Array(Type.String())),
    accounts: Type.Optional(Type.Array(Type.String(), { description: "有分录在这些科目(含下级)的凭证 Vouchers with a line on these accounts or below" })),
    notFrom: Type.Optional(Type.Array(Type.String(), { description: "单据全部来自这些来源的凭证不送;财务自己登记而回传的,不再送回去 Vouchers whose documents all came from these sources are left out: what finance recorded itself is not booked there twice" })),
  }, { additionalProperties: false })),
  from: Type.Optional(Type.Union([
    Type.Object({ block: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
    Type.Object({ period: Type.String({ pattern: "^\\d{4}-\\d{2}$" }) }, { additionalProperties: false }),
  ], { description: "从哪一块或哪个期间开始;之前的凭证不送 The first block or period to deliver" })),
  mode: Type.Optional(Type.Union([
    Type.Literal("atOnce"),
    Type.Object({ every: Type.String({ pattern: "^\\d{1,5}(s|m|h|d)$" }) }, { additionalProperties: false }),
    Type.Object({ at: Type.Array(Type.String({ pattern: "^([01]\\d|2[0-3]):[0-5]\\d$" }), { minItems: 1 }) }, { additionalProperties: false }),
  ])),
  accounts: Type.Optional(CodeMap),
  dimensions: Type.Optional(Type.Record(Type.String(), Type.Union([
    Type.Literal(false),
    Type.Object({ as: Type.Optional(Type.String({ minLength: 1 })), codes: Type.Optional(CodeMap) }, { additionalProperties: false }),
  ]), { description: "辅助核算 → 目标的名称与代码;false 不送 Dimension → its name and codes there; false leaves it out" })),
  red: Type.Optional(Type.Union([Type.Literal("negative"), Type.Literal("swappedSides")])),
  readBack: Type.Optional(Type.Boolean()),
  sweep: Type.Optional(Type.Object({ every: Type.Optional(Type.String({ pattern: "^\\d{1,5}(s|m|h|d)$" })), periods: Type.Optional(Type.Integer({ minimum: 1 })) }, { additionalProperties: false })),
  writeBack: Type.Optional(Type.Object({ to: Connection }, { additionalProperties: false })),
  batch: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: "一次最多送几张 At most so many in one call" })),
  timeoutMs: Type.Optional(Type.Integer({ minimum: 50, maximum: 600_000 })),
  settleMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 3_600_000, description: "结果不明后,多久仍查不到才算没有收到 How long after an unclear call a search that finds nothing is believed" })),
}, { additionalProperties: false });

type Address = { readonly connector: string; readonly [option: string]: unknown };
/** "*" is `same` or `refuse`; `csv` is a table of further codes. */
export type CodeMapping = { readonly [code: string]: string | { readonly code: string; readonly name?: string } };
export type DeliveryFlow = Omit<Static<typeof DeliveryFlowSchema>, "to" | "writeBack" | "accounts" | "dimensions"> & {
  readonly to: Address;
  readonly writeBack?: { readonly to: Address };
  readonly accounts?: CodeMapping;
  readonly dimensions?: { readonly [kind: string]: false | { readonly as?: string; readonly codes?: CodeMapping } };
};

const Text = Type.Union([Type.String(), Type.Null()]);
export const DeliveryView = Type.Object({
  delivery: Type.Integer(), flow: Type.String(), purpose: Type.String(), subject: Type.String(), version: Type.Integer(), voucher: Text, state: Type.String(), reference: Type.String(), deliveryId: Type.String(), payloadHash: Type.String(),
  attempts: Type.Integer(), targetId: Text, targetNumber: Text, targetState: Text, targetAt: Text, problem: Type.Unknown(), cut: Type.Unknown(), stateAt: Type.String(),
});
export const DriftView = Type.Object({
  drift: Type.Integer(), delivery: Type.Integer(), flow: Type.String(), subject: Type.String(), reference: Type.String(), kind: Type.String(), ours: Type.Unknown(), theirs: Type.Unknown(), foundAt: Type.String(),
  resolvedAt: Text, resolvedBy: Text, reason: Text,
});
