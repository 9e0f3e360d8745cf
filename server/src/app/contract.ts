/** What the API takes and gives, as schemas: they validate requests, write answers and make the OpenAPI description. */
import { Type } from "@fastify/type-provider-typebox";

export const Decimal = (description: string) => Type.String({ description, examples: ["949.20"] });
const Words = Type.Object({ zh: Type.String(), en: Type.String() });
export const Dimensions = Type.Record(Type.String(), Type.String(), { description: "辅助核算 Dimensions by name" });

export const ProblemView = Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String(), where: Type.Union([Type.String(), Type.Null()]), todo: Words }, { description: "哪里错了,下一步怎么办 What is wrong and what to do next" });
export const ErrorView = Type.Object({ error: ProblemView });
/** The answers that any route may give besides its own. */
export const errors = { "4xx": ErrorView, "5xx": ErrorView } as const;

export const BookParams = Type.Object({ book: Type.String({ description: "账簿代码 The book's code" }) });
const Period = (description: string) => Type.String({ pattern: "^\\d{4}-\\d{2}$", description, examples: ["2026-03"] });
export const PeriodQuery = { period: Type.Optional(Period("会计期间 The period")), from: Type.Optional(Period("起始期间 First period")), to: Type.Optional(Period("截止期间 Last period")) };
export const AtQuery = { at: Type.Optional(Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "截止日 The day it counts to; default today" })) };
export const PageQuery = { after: Type.Optional(Type.String({ description: "从此之后继续 Go on after this" })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: "最多几条 At most so many" })) };
/** dimension=counterparty:S01, repeatable. */
export const DimensionQuery = { dimension: Type.Optional(Type.Array(Type.String({ pattern: "^[A-Za-z0-9]+:.+$" }), { description: "辅助核算,写作 counterparty:S01,可多次 A dimension as counterparty:S01; may be repeated" })) };
export const dimensionsOf = (pairs: readonly string[] | undefined): Record<string, string> => Object.fromEntries((pairs ?? []).map((pair) => [pair.slice(0, pair.indexOf(":")), pair.slice(pair.indexOf(":") + 1)]));

export const BookView = Type.Object({ code: Type.String(), name: Type.String(), pack: Type.String(), currency: Type.String(), firstPeriod: Type.String(), groupCode: Type.String(), settings: Type.Record(Type.String(), Type.String()) });
export const PeriodView = Type.Object({ period: Type.String(), state: Type.Union([Type.Literal("open"), Type.Literal("closed")]), closedAt: Type.Union([Type.String(), Type.Null()]), closedBy: Type.Union([Type.String(), Type.Null()]) });
export const AccountView = Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String(), type: Type.String(), side: Type.String(), postable: Type.Boolean(), carries: Type.Unknown() });

export const ResultView = Type.Object({
  row: Type.Integer({ description: "第几条,从 1;0 为因此放行的等待单据 Which record, from 1; 0 for one that waited and was released" }), document: Type.String(), version: Type.Integer(),
  state: Type.Union(["posted", "waiting", "parked", "duplicate", "refused"].map((state) => Type.Literal(state))), vouchers: Type.Array(Type.String()), period: Type.Optional(Type.String()), exempt: Type.Optional(Type.String()), reasons: Type.Array(ProblemView),
});
export const SummaryView = Type.Object({ received: Type.Integer(), posted: Type.Integer(), waiting: Type.Integer(), parked: Type.Integer(), duplicate: Type.Integer(), refused: Type.Integer(), vouchers: Type.Integer(), released: Type.Integer() });
export const PostedView = Type.Object({ summary: SummaryView, results: Type.Array(ResultView), error: Type.Optional(ProblemView) });

export const DocumentView = Type.Object({
  document: Type.String(), kind: Type.String(), source: Type.String(), sourceId: Type.String(), version: Type.Integer(), date: Type.String(), period: Type.String(), party: Type.String(), state: Type.String(),
  reasons: Type.Array(ProblemView), receivedAt: Type.String(), stateAt: Type.String(), cursor: Type.String(),
});
export const VoucherView = Type.Object({
  id: Type.String(), number: Type.String(), series: Type.String(), period: Type.String(), date: Type.String(), summary: Type.String(), attachments: Type.Integer(),
  lines: Type.Array(Type.Object({ account: Type.String(), summary: Type.String(), debit: Decimal("借 Debit"), credit: Decimal("贷 Credit"), currency: Type.String(), amountOriginal: Decimal("原币 Original currency"), rate: Type.String(), dimensions: Dimensions })),
  sources: Type.Array(Type.Object({ document: Type.String(), lineId: Type.String(), quantity: Type.String(), amount: Type.String() })),
  rule: Type.String(), block: Type.Integer(), preparedBy: Type.String(), reviewedBy: Type.String(), postedBy: Type.String(), postedAt: Type.String(), reversalOf: Type.Union([Type.String(), Type.Null()]),
});
export const BalanceView = Type.Object({
  account: Type.String(), dimensions: Dimensions, openingDebit: Decimal("期初借"), openingCredit: Decimal("期初贷"), debit: Decimal("本期借"), credit: Decimal("本期贷"), closingDebit: Decimal("期末借"), closingCredit: Decimal("期末贷"),
});
export const StatementView = Type.Object({
  statement: Type.String(), zh: Type.String(), en: Type.String(), form: Type.String(), book: Type.String(), currency: Type.String(), from: Type.String(), to: Type.String(), amountIs: Words, comparativeIs: Words,
  rows: Type.Array(Type.Object({ id: Type.String(), zh: Type.String(), en: Type.String(), level: Type.Integer(), ofWhich: Type.Boolean(), amount: Type.Union([Type.String(), Type.Null()]), comparative: Type.Union([Type.String(), Type.Null()]) })),
  problems: Type.Array(ProblemView),
});
export const OpenItemView = Type.Object({
  document: Type.String(), line: Type.String(), original: Type.String(), party: Type.String(), partyName: Type.String(), account: Type.String(), side: Type.String(), date: Type.String(), dueOn: Type.String(), currency: Type.String(),
  amount: Type.String(), cleared: Type.String(), open: Type.String(), openBase: Type.String(), ageDays: Type.Integer(), bucket: Type.String(),
});
export const EstimateView = Type.Object({
  document: Type.String(), line: Type.String(), original: Type.String(), item: Type.String(), party: Type.String(), partyName: Type.String(), date: Type.String(), ageDays: Type.Integer(), estimatedQuantity: Type.String(), estimatedAmount: Type.String(),
  reversedQuantity: Type.String(), reversedAmount: Type.String(), returnedQuantity: Type.String(), returnedAmount: Type.String(), openQuantity: Type.String(), openAmount: Type.String(),
});
export const StockView = Type.Object({ item: Type.String(), itemName: Type.String(), warehouse: Type.String(), quantity: Type.String(), amount: Type.String(), unitCost: Type.String() });
export const StockMoveView = Type.Object({ document: Type.String(), line: Type.String(), date: Type.String(), type: Type.String(), warehouse: Type.String(), quantity: Type.String(), amount: Type.String(), balanceQuantity: Type.String(), balanceAmount: Type.String() });
export const LedgerPeriodView = Type.Object({ period: Type.String(), opening: Type.String(), openingSide: Type.String(), debit: Type.String(), credit: Type.String(), closing: Type.String(), closingSide: Type.String() });
export const LedgerLineView = Type.Object({
  period: Type.String(), date: Type.String(), voucher: Type.String(), id: Type.String(), account: Type.String(), summary: Type.String(), dimensions: Dimensions, counterAccounts: Type.Array(Type.String()), debit: Type.String(), credit: Type.String(),
  balance: Type.String(), balanceSide: Type.String(), currency: Type.String(), amountOriginal: Type.String(), rate: Type.String(), quantity: Type.String(),
});
const Counts = { arrived: Type.Integer(), posted: Type.Integer(), exempt: Type.Integer(), waiting: Type.Integer(), parked: Type.Integer() };
export const CompletenessView = Type.Object({
  book: Type.String(), ...Counts, percent: Type.Object({ posted: Type.String(), exempt: Type.String(), waiting: Type.String(), parked: Type.String(), total: Type.String() }), refused: Type.Integer(),
  rows: Type.Array(Type.Object({ source: Type.String(), kind: Type.String(), period: Type.String(), ...Counts })),
});
export const VerificationView = Type.Object({
  book: Type.String(), isWhole: Type.Boolean(), vouchers: Type.Integer(), lines: Type.Integer(), blocks: Type.Integer(), anchors: Type.Integer(), anchoredBlock: Type.Integer(),
  checks: Type.Array(Type.Object({ check: Type.String(), zh: Type.String(), en: Type.String(), findings: Type.Integer() })), findings: Type.Array(Type.Intersect([Type.Object({ check: Type.String() }), ProblemView])), seconds: Type.Number(),
});
export const DraftView = Type.Object({ draft: Type.String(), why: Type.String(), preparedBy: Type.String(), preparedAt: Type.String(), date: Type.String(), summary: Type.String(), total: Type.String() });
