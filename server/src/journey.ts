/** The road of a document. Folders, database schemas and menu entries carry these names, in this order. */
export const journey = [
  { stage: "connectors", zh: "接入", does: "brings records in exactly as the source has them" },
  { stage: "documents", zh: "单据", does: "turns them into one standard form per business fact" },
  { stage: "masterdata", zh: "主数据", does: "says which customer, item, account each code means" },
  { stage: "rules", zh: "规则", does: "decides which entries a document causes, and why" },
  { stage: "vouchers", zh: "凭证", does: "keeps the balanced, numbered, unchangeable result, and the balances" },
  { stage: "delivery", zh: "送达", does: "hands vouchers to other systems, keeps the acknowledgement" },
  { stage: "reconciliation", zh: "对账", does: "proves that two sides agree, or names the cause" },
  { stage: "insight", zh: "分析", does: "shows it all, down to the source record" },
] as const;

export type Stage = (typeof journey)[number]["stage"];

/** What every stage stands on, in order. */
export const foundation = [
  { folder: "values", zh: "数值", does: "money, quantities, dates, periods: pure and exact" },
  { folder: "platform", zh: "底座", does: "configuration, clock, database, refusals, terminal: nothing about accounting" },
  { folder: "audit", zh: "留痕", does: "what happened, to what, caused by what" },
  { folder: "access", zh: "权限", does: "who may see and do what" },
  { folder: "process", zh: "流程", does: "durable processes with human approvals" },
  { folder: "automation", zh: "自动化", does: "robots that work a screen where there is no API" },
  { folder: "books", zh: "账簿", does: "the books: currency, periods, chart, dimensions, settings" },
] as const;

/** The order of imports: a folder may use only the folders before it. */
export const folders: readonly string[] = [
  ...foundation.map(({ folder }) => folder),
  ...journey.map(({ stage }) => stage),
  "migration",
  "app",
];
