/**
 * Every kind of business document and master record as data: which fields it has and what they hold. The JSON Schema that
 * is published, the reader that checks what arrives, and the reference pages all derive from this one table.
 */

export type FieldType =
  | "text"      // free text, at most 500 characters
  | "code"      // a code of another system, at most 100 characters
  | "date"      // YYYY-MM-DD
  | "period"    // YYYY-MM
  | "quantity"  // decimal string, at most 6 decimals, not negative
  | "price"     // decimal string, at most 6 decimals, net of tax
  | "taxRate"   // decimal string between 0 and 1: "0.13"
  | "rate"      // exchange rate, decimal string, at most 10 decimals, above zero
  | "money"     // decimal string with the currency's decimals, not negative
  | "signed"    // money that may be negative
  | "flag"      // true or false
  | "count";    // a whole number, not negative

export type Field = {
  readonly type: FieldType;
  readonly zh: string;
  readonly en: string;
  readonly required?: true;
  /** The only values allowed. */
  readonly of?: readonly string[];
};

export type Party = "supplier" | "customer" | "employee";

export type Kind = {
  readonly zh: string;
  readonly en: string;
  /** Who the document is with; "!" = it must be named. */
  readonly party?: readonly Party[];
  readonly partyRequired?: true;
  readonly header?: Readonly<Record<string, Field>>;
  readonly lines?: "required" | "optional";
  readonly line?: Readonly<Record<string, Field>>;
  /** Kinds that header or line links may point at. */
  readonly linksTo?: readonly string[];
};

const f = (type: FieldType, zh: string, en: string, more: Partial<Field> = {}): Field => ({ type, zh, en, ...more });
const need = { required: true } as const;

/** Fields that every document may carry in its header. */
export const commonHeader: Readonly<Record<string, Field>> = {
  number: f("text", "单据号", "Number people know it by; default sourceId"),
  date: f("date", "业务日期", "Business date; decides the accounting period", need),
  currency: f("code", "币种", "ISO 4217; default the book's"),
  rate: f("rate", "汇率", "Units of base currency for one unit of currency; default the rate of the day"),
  department: f("code", "部门", "Department"),
  project: f("code", "项目", "Project"),
  region: f("code", "地区", "Region"),
  salesperson: f("code", "业务员", "Salesperson (employee code)"),
  buyer: f("code", "采购员", "Buyer (employee code)"),
  status: f("text", "状态", "approved or cancelled; default approved", { of: ["approved", "cancelled"] }),
  attachments: f("count", "附件数", "How many source documents are attached; default 1"),
  summary: f("text", "摘要", "Replaces the rule's summary"),
  dueDate: f("date", "到期日", "When it is due"),
};

/** Fields that every line may carry. */
export const commonLine: Readonly<Record<string, Field>> = {
  item: f("code", "物料", "Item"),
  description: f("text", "说明", "What it is, where there is no item"),
  quantity: f("quantity", "数量", "Quantity in `unit`"),
  unit: f("code", "单位", "Unit; default the item's"),
  price: f("price", "单价", "Price for one unit, net of tax"),
  taxRate: f("taxRate", "税率", "Tax rate: 0.13"),
  amountNet: f("money", "不含税金额", "Net; default quantity × price"),
  tax: f("money", "税额", "Tax; default net × rate"),
  amountGross: f("money", "价税合计", "Gross; default net + tax"),
  warehouse: f("code", "仓库", "Warehouse; default the header's"),
  department: f("code", "部门", "Department; default the header's"),
  project: f("code", "项目", "Project; default the header's"),
  employee: f("code", "员工", "Employee"),
  cost: f("price", "单位成本", "Unit cost, where the source knows it"),
  charge: f("code", "费用类别", "Kind of charge: freight, duty, insurance, delivery, commission, travel …"),
  category: f("code", "存货类别", "Overrides the item's category: rawMaterial, finishedGoods, service, fixedAsset …"),
  account: f("code", "科目", "Overrides the account that the rule would choose"),
  asset: f("code", "资产", "Asset card"),
};

const warehouse = { warehouse: f("code", "仓库", "Warehouse") };
const bankAccount = { bankAccount: f("code", "银行账户", "Bank account") };
const invoice = {
  invoiceNumber: f("code", "发票号码", "20-digit 数电票 number, or code + number"),
  invoiceType: f("text", "发票类型", "special 专票, ordinary 普票, customs 海关缴款书, agricultural 农产品, foreign, none; default special",
    { of: ["special", "ordinary", "customs", "agricultural", "foreign", "none"] }),
  credit: f("flag", "红字", "A credit (red) invoice; quantities and amounts stay positive"),
  // 现金折扣 (国税函〔2008〕875号): 2/10, n/30 is a date, and a share or an amount; UBL names them SettlementPeriod and SettlementDiscountPercent or -Amount.
  discountUntil: f("date", "折扣期限", "Paid by this day, the discount may be kept back"),
  discountRate: f("taxRate", "现金折扣率", "Share of what is owed, with tax: 0.02; not with discountAmount"),
  discountAmount: f("money", "现金折扣额", "The discount as an amount"),
};
const amount = f("money", "金额", "Amount in the document's currency", need);
const credit = f("flag", "红字", "Takes back instead of giving");

export const kinds = {
  purchaseRequisition: { zh: "请购单", en: "Purchase requisition", lines: "required" },
  purchaseOrder: { zh: "采购订单", en: "Purchase order", party: ["supplier"], partyRequired: true, lines: "required", linksTo: ["purchaseRequisition"] },
  goodsReceipt: { zh: "采购入库单", en: "Goods receipt", party: ["supplier"], partyRequired: true, header: warehouse, lines: "required",
    linksTo: ["purchaseOrder", "supplierInvoice", "subcontractIssue"] },
  goodsReturn: { zh: "采购退货单", en: "Goods return to a supplier", party: ["supplier"], partyRequired: true, header: warehouse, lines: "required",
    linksTo: ["goodsReceipt", "purchaseOrder"] },
  supplierInvoice: { zh: "采购发票", en: "Supplier invoice", party: ["supplier"], partyRequired: true, lines: "required",
    header: { ...invoice, ...warehouse, deductible: f("flag", "可抵扣", "false: the use bars deduction of the input tax"),
      paidFrom: f("code", "付款银行账户", "Bank account, where it was paid at once") },
    line: { replaced: f("flag", "短缺由供应商补发", "A short quantity will be sent later") },
    linksTo: ["purchaseOrder", "goodsReceipt", "goodsReturn", "supplierInvoice", "subcontractIssue", "costInvoice"] },
  supplierPayment: { zh: "付款单", en: "Supplier payment", party: ["supplier"], partyRequired: true,
    header: { ...bankAccount, amount, fee: f("money", "手续费", "Bank fee on top"), discount: f("money", "现金折扣", "Cash discount taken from the supplier; `amount` is what is cleared"), credit: f("flag", "退款", "The supplier pays back"),
      purpose: f("text", "用途", "settlement, prepayment or refund; default settlement", { of: ["settlement", "prepayment", "refund"] }) },
    linksTo: ["supplierInvoice", "costInvoice", "freightBill", "supplierPayment", "assetAcquisition", "openingBalance", "purchaseOrder"] },
  costInvoice: { zh: "费用发票", en: "Cost invoice (freight, duty …)", party: ["supplier"], lines: "required",
    header: { ...invoice, allocateBy: f("text", "分摊依据", "quantity or amount; default quantity", { of: ["quantity", "amount"] }),
      paidFrom: f("code", "付款银行账户", "Bank account, where it was paid at once (customs)") },
    linksTo: ["goodsReceipt", "shipment", "costInvoice"] },
  salesOrder: { zh: "销售订单", en: "Sales order", party: ["customer"], partyRequired: true, lines: "required" },
  shipment: { zh: "销售出库单", en: "Shipment", party: ["customer"], partyRequired: true, lines: "required",
    header: { ...warehouse, purpose: f("text", "用途", "sale or consignment 委托代销; default sale", { of: ["sale", "consignment"] }),
      expectedReturnRate: f("taxRate", "预计退货率", "Share expected to come back (sale with a right of return): 0.10"),
      returnCost: f("money", "预计退回成本", "Expected cost of taking the goods back") },
    linksTo: ["salesOrder", "salesInvoice"] },
  shipmentReturn: { zh: "销售退货单", en: "Return from a customer", party: ["customer"], partyRequired: true, header: warehouse, lines: "required",
    linksTo: ["shipment", "salesOrder"] },
  freightBill: { zh: "运单", en: "Freight bill (outbound)", party: ["supplier"], partyRequired: true, lines: "required",
    header: { invoiceNumber: invoice.invoiceNumber, credit: invoice.credit }, linksTo: ["shipment", "freightBill"] },
  customerAcceptance: { zh: "签收单", en: "Customer acceptance", party: ["customer"], partyRequired: true, lines: "required",
    line: { progress: f("taxRate", "履约进度", "Share of the performance obligation fulfilled") }, linksTo: ["shipment", "salesOrder"] },
  salesInvoice: { zh: "销售发票", en: "Sales invoice", party: ["customer"], partyRequired: true, lines: "required",
    header: { ...invoice, paidTo: f("code", "收款银行账户", "Bank account, where it was paid at once (cash sale)") },
    linksTo: ["salesOrder", "shipment", "shipmentReturn", "salesInvoice", "customerAcceptance", "cashReceipt", "adjustment"] },
  cashReceipt: { zh: "收款单", en: "Cash receipt", party: ["customer"], partyRequired: true,
    header: { ...bankAccount, amount, fee: f("money", "手续费", "Bank fee kept back"), commission: f("money", "平台佣金", "Platform commission kept back, net"),
      commissionTax: f("money", "佣金税额", "Input tax on the commission (special invoice)"), discount: f("money", "现金折扣", "Cash discount taken by the customer"),
      taxRate: f("taxRate", "税率", "Tax rate of the contract, for an advance"), note: f("code", "票据号", "Received by this note instead of the bank"),
      credit: f("flag", "退款", "Money goes back to the customer"),
      purpose: f("text", "用途", "settlement, advance or refund; default settlement", { of: ["settlement", "advance", "refund"] }) },
    linksTo: ["salesInvoice", "salesOrder", "shipment", "cashReceipt", "openingBalance", "consignmentList", "customerAcceptance"] },
  settlement: { zh: "核销单", en: "Settlement", party: ["customer", "supplier"],
    header: { type: f("text", "类型", "What is set off against what: prepaymentToPayable, advanceToReceivable, receivableToPayable, receivableToReceivable (to another customer), payableToPayable (to another supplier)",
      { required: true, of: ["prepaymentToPayable", "advanceToReceivable", "receivableToPayable", "receivableToReceivable", "payableToPayable"] }), amount,
      toParty: f("code", "转入往来单位", "The party that takes it over (receivableToReceivable, payableToPayable)") },
    linksTo: ["supplierInvoice", "costInvoice", "freightBill", "supplierPayment", "salesInvoice", "cashReceipt", "openingBalance", "consignmentList", "settlement"] },
  transfer: { zh: "调拨单", en: "Stock transfer", header: { fromWarehouse: f("code", "调出仓库", "From", need), toWarehouse: f("code", "调入仓库", "To", need) }, lines: "required" },
  stockCount: { zh: "盘点单", en: "Stock count", header: warehouse, lines: "required",
    line: { difference: f("text", "盈亏", "gain or loss", { required: true, of: ["gain", "loss"] }),
      reason: f("text", "原因", "normal, mismanagement (theft, rot: input tax comes out) or disaster; default normal", { of: ["normal", "mismanagement", "disaster"] }),
      inputTaxRate: f("taxRate", "进项税率", "Rate of the input tax deducted before") } },
  stockCountApproval: { zh: "盘点处理单", en: "Stock count approved", lines: "required",
    line: { outcome: f("text", "处理", "expense, claim (someone pays), disaster, income", { required: true, of: ["expense", "claim", "disaster", "income"] }),
      amount: f("money", "金额", "Amount, where several outcomes share it"), counterparty: f("code", "赔偿方", "Who pays the claim") }, linksTo: ["stockCount"] },
  claim: { zh: "短缺索赔单", en: "Claim for a short receipt", party: ["supplier"],
    header: { outcome: f("text", "处理", "normalLoss, payer (carrier or supplier pays), ourFault", { required: true, of: ["normalLoss", "payer", "ourFault"] }) },
    lines: "required", linksTo: ["supplierInvoice"] },
  costAdjustment: { zh: "成本调整单", en: "Cost adjustment", lines: "required",
    line: { amount: f("signed", "调整金额", "Added to (or, negative, taken from) the stock value", need) } },
  costRun: { zh: "存货核算", en: "Month cost run", header: { period: f("period", "期间", "Default the period of the date") } },
  productionIssue: { zh: "领料单", en: "Issue of goods", lines: "required",
    header: { ...warehouse, workOrder: f("code", "生产订单", "Work order"), credit,
      use: f("text", "用途", "production, researchAndDevelopment, overhead, selling, administration, construction, welfare, staffGift, ownProductToStaff, sample; default production",
        { of: ["production", "researchAndDevelopment", "overhead", "selling", "administration", "construction", "welfare", "staffGift", "ownProductToStaff", "sample"] }) },
    line: { inputTaxRate: f("taxRate", "进项税率", "Rate of the input tax deducted before, where the use bars deduction"),
      use: f("text", "用途", "Overrides the header's", { of: ["production", "researchAndDevelopment", "overhead", "selling", "administration", "construction", "welfare", "staffGift", "ownProductToStaff", "sample"] }) },
    linksTo: ["productionIssue"] },
  finishedReceipt: { zh: "产成品入库单", en: "Finished goods receipt", header: { ...warehouse, workOrder: f("code", "生产订单", "Work order"), credit }, lines: "required",
    linksTo: ["productionIssue"] },
  subcontractIssue: { zh: "委外发料单", en: "Issue to a processor", party: ["supplier"], partyRequired: true, header: warehouse, lines: "required" },
  subcontractReceipt: { zh: "委外收回单", en: "Receipt from a processor", party: ["supplier"], partyRequired: true, header: warehouse, lines: "required", linksTo: ["subcontractIssue", "supplierInvoice"] },
  consignmentList: { zh: "代销清单", en: "Consignment sales list", party: ["customer"], partyRequired: true, lines: "required",
    header: { fee: f("money", "代销手续费", "Fee kept back, net"), feeTax: f("money", "手续费税额", "Input tax on the fee") }, linksTo: ["shipment"] },
  writeOff: { zh: "核销坏账单", en: "Write-off", party: ["customer", "supplier"], header: { amount,
    type: f("text", "类型", "badDebt, recovered (a debt written off is paid after all), payable (cannot be paid)", { required: true, of: ["badDebt", "recovered", "payable"] }), ...bankAccount },
    linksTo: ["salesInvoice", "supplierInvoice", "costInvoice", "openingBalance"] },
  provision: { zh: "计提减值单", en: "Provision", header: { type: f("text", "类型", "badDebt or inventory", { required: true, of: ["badDebt", "inventory"] }),
    required: f("money", "应有余额", "Balance required by the ageing matrix or the NRV test; the run posts the difference", need) } },
  bankStatementLine: { zh: "银行流水", en: "Bank statement line", header: { ...bankAccount, amount, tax: f("money", "税额", "Input tax (special invoice)"),
    type: f("text", "类型", "fee, interest, deposit (guarantee paid), depositBack, loan, loanRepaid or other", { required: true, of: ["fee", "interest", "deposit", "depositBack", "loan", "loanRepaid", "other"] }),
    direction: f("text", "方向", "in or out, for other", { of: ["in", "out"] }), account: f("code", "对方科目", "Counter account, for other") }, party: ["customer", "supplier", "employee"] },
  fxRevaluation: { zh: "期末调汇", en: "FX revaluation", header: { foreignCurrency: f("code", "外币", "Only this currency; default all"), closingRate: f("rate", "期末汇率", "Default the rate of the day") } },
  expenseClaim: { zh: "报销单", en: "Expense claim", party: ["employee"], partyRequired: true, lines: "optional",
    header: { ...bankAccount, type: f("text", "类型", "claim (owed to the employee), paid (paid at once), advance (money ahead), settle (claim against the advance; the rest is paid)", { of: ["claim", "paid", "advance", "settle"] }),
      amount: f("money", "金额", "Amount of an advance, or the advance that is settled") },
    line: { deductible: f("flag", "可抵扣", "false: meals, entertainment"), use: f("text", "费用归属", "administration, selling, overhead, researchAndDevelopment; default administration", { of: ["administration", "selling", "overhead", "researchAndDevelopment"] }) },
    linksTo: ["expenseClaim"] },
  payrollSummary: { zh: "工资汇总", en: "Payroll summary", lines: "optional",
    header: { ...bankAccount, type: f("text", "类型", "accrue, pay or remit (insurance and tax to the authorities)", { required: true, of: ["accrue", "pay", "remit"] }),
      gross: f("money", "应发工资", "Gross paid out"), withheldInsurance: f("money", "代扣社保", "Employees' insurance withheld"), withheldTax: f("money", "代扣个税", "Income tax withheld"),
      employerInsurance: f("money", "单位社保", "Employer's insurance remitted") },
    line: { use: f("text", "费用归属", "production, overhead, selling, administration, researchAndDevelopment", { required: true, of: ["production", "overhead", "selling", "administration", "researchAndDevelopment"] }),
      gross: f("money", "应发工资", "Gross", need), employerInsurance: f("money", "单位社保", "Employer's insurance"), workOrder: f("code", "生产订单", "Work order") } },
  assetAcquisition: { zh: "固定资产购置", en: "Asset acquisition", party: ["supplier"], lines: "required",
    header: { ...invoice, type: f("text", "类型", "bought, construction (costs collected) or completed (construction becomes an asset); default bought", { of: ["bought", "construction", "completed"] }), paidFrom: f("code", "付款银行账户", "Bank account, where it was paid at once") },
    line: { lifeMonths: f("count", "使用月数", "Useful life in months"), residual: f("money", "净残值", "Residual value") }, linksTo: ["purchaseOrder", "assetAcquisition"] },
  depreciation: { zh: "折旧", en: "Depreciation", lines: "required",
    line: { amount, use: f("text", "费用归属", "overhead, selling, administration, researchAndDevelopment; default administration", { of: ["overhead", "selling", "administration", "researchAndDevelopment"] }) } },
  assetDisposal: { zh: "固定资产处置", en: "Asset disposal", lines: "required",
    header: { type: f("text", "类型", "sold, or scrapped (also destroyed)", { required: true, of: ["sold", "scrapped"] }), ...bankAccount },
    line: { costOriginal: f("money", "原值", "Original cost", need), depreciated: f("money", "累计折旧", "Depreciated so far", need) } },
  bill: { zh: "商业汇票", en: "Bill (note)", party: ["customer", "supplier"],
    header: { note: f("code", "票据号", "The note", need), amount, ...bankAccount, interest: f("money", "贴现息", "Discount interest"), fee: f("money", "手续费", "Bank fee"),
      deposit: f("money", "保证金", "Deposit paid for it, or used at maturity"),
      action: f("text", "动作", "received, endorsed, discounted, collected (a received note is paid), dishonoured; deposit, issued, paid (an own note at maturity), advanced (the bank pays for us), unpaid; recourseEnded",
        { required: true, of: ["received", "endorsed", "discounted", "collected", "dishonoured", "deposit", "issued", "paid", "advanced", "unpaid", "recourseEnded"] }),
      recourse: f("flag", "附追索权", "The discounted note stays on the books; default by the book's setting `bills`") },
    linksTo: ["salesInvoice", "supplierInvoice", "costInvoice", "openingBalance", "bill"] },
  vatConfirmation: { zh: "进项勾选认证", en: "Input VAT confirmed", party: ["supplier"], linksTo: ["supplierInvoice", "costInvoice", "assetAcquisition"] },
  creditLimit: { zh: "信用额度", en: "Credit limit", party: ["customer"], partyRequired: true, header: { amount } },
  budget: { zh: "预算", en: "Budget", header: { period: f("period", "期间", "Period", need) }, lines: "required", line: { amount } },
  adjustment: { zh: "业务调整单", en: "Adjustment", party: ["customer", "supplier", "employee"], lines: "optional",
    header: { ...bankAccount, amount: f("money", "金额", "Amount"), tax: f("money", "税额", "Tax"), gain: f("money", "重组收益", "Gain or loss"), note: f("code", "票据号", "Note"),
      type: f("text", "类型", "What it is about", { required: true, of: ["rebateAccrual", "returnRightEnds", "warrantyAccrual", "warrantyRepair", "exportRefund", "exportTaxNotRefundable", "exportTaxSetOff", "debtRestructuringDebtor", "debtRestructuringCreditor",
        "factoring", "factoringRecourse", "vatExempt", "researchExpensed", "standardCostDifference", "lowValueWriteDown", "principalSettlement", "commissionIncome", "contractCost", "contractCostAmortised", "loss"] }) },
    line: { amount, use: f("text", "用途", "Where it goes", {}) }, linksTo: ["salesInvoice", "supplierInvoice", "shipment", "openingBalance", "adjustment", "costInvoice", "cashReceipt"] },
  manualVoucher: { zh: "手工凭证", en: "Manual voucher", lines: "required",
    header: { series: f("code", "凭证字", "Series: 记, 收, 付, 转"), correction: f("text", "更正", "reverse, correct or earlierYear", { of: ["reverse", "correct", "earlierYear"] }), corrects: f("code", "被更正凭证", "Number and period of the voucher corrected: 2026-03/记-7") },
    line: { account: f("code", "科目", "Account", need), debit: f("signed", "借方", "Debit in the document's currency; negative is red"), credit: f("signed", "贷方", "Credit; negative is red"), summary: f("text", "摘要", "Line summary"),
      counterparty: f("code", "往来单位", "Customer or supplier"), bankAccount: f("code", "银行账户", "Bank account"), region: f("code", "地区", "Region"), note: f("code", "票据", "Note"),
      custom1: f("code", "自定义1", "Custom dimension 1"), custom2: f("code", "自定义2", "Custom dimension 2"), custom3: f("code", "自定义3", "Custom dimension 3") } },
  periodClose: { zh: "期末结转", en: "Period-end voucher", header: { period: f("period", "期间", "Default the period of the date"),
    task: f("text", "任务", "estimates (monthEnd mode), overhead (5101 to 5001), vat, surtax, incomeTax, profitAndLoss, yearEnd", { required: true, of: ["estimates", "overhead", "vat", "surtax", "incomeTax", "profitAndLoss", "yearEnd"] }),
    cityRate: f("taxRate", "城建税率", "0.07, 0.05 or 0.01; default 0.07"), reserveRate: f("taxRate", "盈余公积比例", "Default 0.10"), amount: f("money", "金额", "For incomeTax: what the period owes in all; what it accrued already counts") } },
  taxPayment: { zh: "缴税单", en: "Tax payment", header: { ...bankAccount, type: f("text", "类型", "lastMonth, thisMonth or prepaid; default lastMonth", { of: ["lastMonth", "thisMonth", "prepaid"] }) }, lines: "required",
    line: { tax: f("money", "税额", "Amount paid", need), charge: f("code", "税种", "vat, cityConstruction, education, localEducation, individualIncome, corporateIncome", need) } },
  openingBalance: { zh: "期初余额", en: "Opening balance", lines: "required",
    line: { account: f("code", "科目", "Account", need), debit: f("signed", "借方", "Debit"), credit: f("signed", "贷方", "Credit"), counterparty: f("code", "往来单位", "Customer or supplier"),
      bankAccount: f("code", "银行账户", "Bank account"), note: f("code", "票据", "Note"), region: f("code", "地区", "Region"),
      document: f("code", "原单据", "kind/sourceId[/lineId] of the document that is still open: goodsReceipt/GR-OLD/1, supplierInvoice/INV-OLD"),
      currency: f("code", "原币", "Currency of the open item"), amountOriginal: f("money", "原币金额", "Open amount in that currency"), dueDate: f("date", "到期日", "When the open item is due"), date: f("date", "原单据日期", "Date of that document") } },
} as const satisfies Readonly<Record<string, Kind>>;

export type DocumentKind = keyof typeof kinds;

export const kindOf = (name: string): Kind | undefined => (Object.hasOwn(kinds, name) ? (kinds as Readonly<Record<string, Kind>>)[name] : undefined);

const name = f("text", "名称", "Name, { zh, en }");

/** Master records arrive the same way as documents; `name` is { zh, en } or a plain string. */
export const masterKinds = {
  item: { zh: "物料", en: "Item", fields: { category: f("code", "存货类别", "rawMaterial, finishedGoods, merchandise, semiFinished, turnover, service, processing, expense, fixedAsset, agricultural …; default merchandise"),
    unit: f("code", "计量单位", "Stock unit; default pcs"), spec: f("text", "规格", "Specification"), brand: f("text", "品牌", "Brand"), makerPart: f("code", "制造商料号", "Maker's part number"), gtin: f("code", "商品条码", "GTIN"), taxRate: f("taxRate", "税率", "Default tax rate"), expenseAccount: f("code", "费用科目", "Account for a service or expense item"), units: f("text", "换算", "Other units: [{ unit, quantity }] in stock units, a list") } },
  customer: { zh: "客户", en: "Customer", fields: { group: f("code", "客户分组", "Group"), uscc: f("code", "统一社会信用代码", "USCC"), phone: f("code", "电话", "Telephone"), bankAccount: f("code", "银行账号", "Bank account number"), legalRepresentative: f("text", "法定代表人", "Legal representative"), address: f("text", "地址", "Address"), region: f("code", "地区", "Region"), salesperson: f("code", "业务员", "Salesperson (employee code); whoever sees only their own customers sees these"), department: f("code", "部门", "Department that looks after it"), relatedBook: f("code", "关联账簿", "The book that this party is, within the group") } },
  supplier: { zh: "供应商", en: "Supplier", fields: { group: f("code", "供应商分组", "Group"), uscc: f("code", "统一社会信用代码", "USCC"), phone: f("code", "电话", "Telephone"), bankAccount: f("code", "银行账号", "Bank account number"), legalRepresentative: f("text", "法定代表人", "Legal representative"), address: f("text", "地址", "Address"), region: f("code", "地区", "Region"), buyer: f("code", "采购员", "Buyer (employee code); whoever sees only their own suppliers sees these"), department: f("code", "部门", "Department that looks after it"), relatedBook: f("code", "关联账簿", "The book that this party is, within the group") } },
  department: { zh: "部门", en: "Department", fields: { use: f("text", "费用归属", "administration, selling, overhead, production, researchAndDevelopment", {}) , parent: f("code", "上级", "Parent") } },
  warehouse: { zh: "仓库", en: "Warehouse", fields: { region: f("code", "地区", "Region") } },
  bankAccount: { zh: "银行账户", en: "Bank account", fields: { currency: f("code", "币种", "Currency"), account: f("code", "科目", "1001, 1002 or 1012; default 1002"), number: f("code", "账号", "Account number") } },
  employee: { zh: "员工", en: "Employee", fields: { department: f("code", "部门", "Department") } },
  project: { zh: "项目", en: "Project", fields: {} },
  region: { zh: "地区", en: "Region", fields: {} },
  taxCode: { zh: "税码", en: "Tax code", fields: { taxRate: f("taxRate", "税率", "Rate", need), from: f("date", "起", "Valid from") } },
  exchangeRate: { zh: "汇率", en: "Exchange rate", fields: { from: f("code", "从", "Currency", need), to: f("code", "到", "Currency", need), date: f("date", "日期", "Day", need), rate: f("rate", "汇率", "Units of `to` for one `from`", need) } },
} as const satisfies Readonly<Record<string, { zh: string; en: string; fields: Readonly<Record<string, Field>> }>>;

export const masterName = name;
export type MasterKind = keyof typeof masterKinds;
export const isMasterKind = (text: string): text is MasterKind => Object.hasOwn(masterKinds, text);
