/** What a question about figures can be refused for. */
export const refusals = {
  "insight.metric_unknown": { status: 422, zh: "没有指标 {metric}", en: "There is no metric {metric}", todoZh: "GET /books/{book}/metrics 列出全部指标", todoEn: "GET /books/{book}/metrics lists them all" },
  "insight.dimension_unknown": { status: 422, zh: "没有维度 {dimension}", en: "There is no dimension {dimension}", todoZh: "GET /books/{book}/metrics 列出全部维度", todoEn: "GET /books/{book}/metrics lists them all" },
  "insight.no_such_split": { status: 422, zh: "指标 {metric} 不能按 {dimension} 划分或筛选", en: "Metric {metric} cannot be split or filtered by {dimension}", todoZh: "改用该指标的维度,见 GET /books/{book}/metrics", todoEn: "Use a dimension of that metric, see GET /books/{book}/metrics" },
  "insight.hidden": { status: 403, zh: "您不能查看 {what}:{reasonZh}", en: "You may not see {what}: {reasonEn}", todoZh: "如工作需要,请向管理员申请权限", todoEn: "If your work needs it, ask an administrator for the permission" },
  "insight.malformed": { status: 422, zh: "查询写法不对:{detailZh}", en: "The query is written wrongly: {detailEn}", todoZh: "请对照接口说明 /api/docs 改正", todoEn: "Correct it; /api/docs describes the form" },
  "insight.no_drill": { status: 422, zh: "指标 {metric} 是比率,没有明细;请钻取其分子 {num} 或分母 {den}", en: "Metric {metric} is a ratio and has no rows; drill into its parts {num} or {den}", todoZh: "改用分子或分母的指标", todoEn: "Use the metric of one of its parts" },
  "insight.currency": { status: 422, zh: "指标 {metric} 须按 {dimension} 划分:不同币种不能相加", en: "Metric {metric} must be split by {dimension}: amounts of several currencies have no sum", todoZh: "在 rows 中加入该维度", todoEn: "Add the dimension to rows" },
} as const;
