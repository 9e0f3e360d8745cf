export const refusals = {
  "rule.malformed": { status: 422, zh: "规则写法有误:{detail}", en: "The rule is malformed: {detail}", todoZh: "请按所指位置改正后再执行 tieout rules lint", todoEn: "Correct the place named and run tieout rules lint again" },
  "rule.none": { status: 422, zh: "没有规则适用于{event}({kind} {number})", en: "No rule answers the event {event} ({kind} {number})", todoZh: "请在规则集中为此事件补一条规则(或 exempt: true),批准后单据自动重试", todoEn: "Add a rule for this event (or exempt: true); once approved the document is tried again" },
  "rule.no_account": { status: 422, zh: "规则 {rule} 的科目表 {table} 没有给出科目", en: "Rule {rule}: the account table {table} gives no account", todoZh: "请给科目表补一行兜底科目", todoEn: "Add a last row without a condition to the table" },
  "rule.account_unknown": { status: 422, zh: "规则 {rule} 给出的科目 {account} 不在账簿科目表中或不是末级科目", en: "Rule {rule} gives account {account}, which the chart does not have or which is not a leaf", todoZh: "请在科目表中增加该科目,或修改规则", todoEn: "Add the account to the chart, or change the rule" },
  "rule.unbalanced": { status: 422, zh: "规则 {rule} 对 {document} 产生的分录借贷不平,差 {off}", en: "Rule {rule} makes entries for {document} that are off by {off}", todoZh: "请检查该规则的分录是否覆盖了全部金额行", todoEn: "Check that the rule's entries cover every amount row" },
  "rule.author_approves": { status: 409, zh: "规则版本 {version} 由 {author} 提出,不能由同一人批准", en: "Rule version {version} was proposed by {author}, who cannot approve it", todoZh: "请由另一位有权限的人批准", todoEn: "Let another person approve it" },
  "rule.version_unknown": { status: 404, zh: "没有规则版本 {version}", en: "There is no rule version {version}", todoZh: "用 tieout rules show 查看现有版本", todoEn: "See the versions with tieout rules show" },
  "rule.closed_difference": { status: 409, zh: "规则版本 {version} 会改变已结账期间 {period} 的结果", en: "Rule version {version} would change the closed period {period}", todoZh: "请把生效日期改到未结账的期间之后", todoEn: "Make it effective from an open period on" },
  "dimension.missing": { status: 422, zh: "科目 {account} 必须带辅助核算 {dimension}", en: "Account {account} must carry the dimension {dimension}", todoZh: "请在来源单据补上该项,或在规则中指定", todoEn: "Fill it in the source document, or set it in the rule" },
} as const;
