import { mappingRefusals } from "./mapping/refusals.ts";

/** What can be wrong with what arrives. A code is never reused; each says what to do next. */
export const refusals = {
  ...mappingRefusals,
  "document.not_json": { status: 400, zh: "第 {row} 条不是合法的 JSON:{detail}", en: "Record {row} is not valid JSON: {detail}", todoZh: "请检查该行的引号、逗号与括号后只重发这一条;其余各条已照常处理", todoEn: "Check quotes, commas and brackets of that line and send this record again; the others were processed" },
  "document.not_object": { status: 400, zh: "单据必须是一个 JSON 对象", en: "A document must be one JSON object", todoZh: "每行写一个 {…} 对象,或用 […] 数组包起来", todoEn: "Write one {…} object a line, or an array […] of them" },
  "document.too_large": { status: 413, zh: "请求超过 {max} MB", en: "The request is larger than {max} MB", todoZh: "请改用 NDJSON 分批发送,或拆成较小的文件", todoEn: "Send it as NDJSON in parts, or split the file" },
  "document.too_many_lines": { status: 422, zh: "单据有 {lines} 行,上限 {max} 行", en: "The document has {lines} lines; the limit is {max}", todoZh: "请在来源系统拆成多张单据", todoEn: "Split it into several documents in the source system" },
  "schema.unknown": { status: 422, zh: "不认识的单据格式 {schema}", en: "Unknown schema {schema}", todoZh: "schema 应写作 tieout/单据种类@1,可用种类见 /api/schemas", todoEn: "Write schema as tieout/kind@1; the kinds are listed under /api/schemas" },
  "schema.version": { status: 422, zh: "{kind} 没有版本 {version},现行版本为 1", en: "{kind} has no version {version}; the version in force is 1", todoZh: "请改用 @1,或升级本系统", todoEn: "Use @1, or upgrade this system" },
  "field.missing": { status: 422, zh: "缺少必填字段 {field}", en: "Field {field} is missing", todoZh: "请在来源系统补上该字段后重发", todoEn: "Fill it in the source system and send the document again" },
  "field.type": { status: 422, zh: "字段 {field} 应为{wanted},收到 {got}", en: "Field {field} should be {wantedEn}, got {got}", todoZh: "请按格式改正后重发;金额、数量、单价、税率一律写成字符串,如 \"12.50\"", todoEn: "Correct it and send again; amounts, quantities, prices and rates are strings such as \"12.50\"" },
  "field.number": { status: 422, zh: "字段 {field} 是浮点数 {got},会丢失精度", en: "Field {field} is the number {got}, which loses precision", todoZh: "请写成字符串,如 \"{got}\"", todoEn: "Write it as a string: \"{got}\"" },
  "field.unknown": { status: 422, zh: "{kind} 没有字段 {field}", en: "{kind} has no field {field}", todoZh: "请检查拼写;不需要映射的来源字段请放进 extra", todoEn: "Check the spelling; keep unmapped source fields in extra" },
  "field.choice": { status: 422, zh: "字段 {field} 不能是 {got},可选:{choices}", en: "Field {field} cannot be {got}; choose from {choices}", todoZh: "请改为可选值之一", todoEn: "Use one of the values listed" },
  "field.negative": { status: 422, zh: "字段 {field} 为负数 {got}", en: "Field {field} is negative: {got}", todoZh: "退货、红字请用相应单据种类或 credit: true,数量金额保持正数", todoEn: "For returns and red documents use their own kind or credit: true and keep figures positive" },
  "date.invalid": { status: 422, zh: "字段 {field} 的日期 {got} 不存在", en: "The date {got} of {field} does not exist", todoZh: "日期写作 2026-03-31", todoEn: "Write dates as 2026-03-31" },
  "link.malformed": { status: 422, zh: "关联 {got} 写法不对", en: "The link {got} is malformed", todoZh: "写作 [来源:]单据种类/单据号[/行号],如 wms:goodsReceipt/GR-1/1", todoEn: "Write [source:]kind/sourceId[/lineId], such as wms:goodsReceipt/GR-1/1" },
  "link.kind": { status: 422, zh: "{kind} 不能关联到 {target}", en: "A {kind} cannot link to a {target}", todoZh: "可关联的种类:{choices}", todoEn: "It may link to: {choices}" },
  "line.duplicate": { status: 422, zh: "行号 {lineId} 出现两次", en: "The lineId {lineId} stands twice", todoZh: "同一单据内行号须唯一且稳定", todoEn: "A lineId must be unique within its document and stable" },
  "amount.off": { status: 422, zh: "第 {line} 行 {field} 为 {given},按数量单价税率应为 {computed},差额超过一分", en: "Line {line}: {field} is {given}, but quantity, price and rate make {computed}; more than one minor unit apart", todoZh: "请核对来源单据;确认后以新版本重发", todoEn: "Check the source document and send a new version" },
  "document.version_reused": { status: 409, zh: "{document} 的版本 {version} 已收到过,内容不同", en: "Version {version} of {document} was received before with other content", todoZh: "修改后的单据请加大 sourceVersion", todoEn: "Raise sourceVersion when a document changes" },
  "document.version_old": { status: 409, zh: "{document} 已有更新的版本 {version}", en: "{document} already has the newer version {version}", todoZh: "无需处理;较旧版本不再入账", todoEn: "Nothing to do; an older version is not posted" },
  "document.other_book": { status: 422, zh: "单据属于账簿 {got},却发往 {book}", en: "The document names book {got} but was sent to {book}", todoZh: "请改发到正确的账簿", todoEn: "Send it to the book it names" },
  "reference.malformed": { status: 422, zh: "{text} 不是单据或凭证的引用", en: "{text} does not name a document or a voucher", todoZh: "写作 [来源:]种类/单据号,如 wms:goodsReceipt/GR-1,或凭证 2026-03/记-7", todoEn: "Write [source:]kind/sourceId such as wms:goodsReceipt/GR-1, or a voucher as 2026-03/series-number" },
  "reference.unknown": { status: 404, zh: "账簿 {book} 中没有 {text}", en: "Book {book} has no {text}", todoZh: "请核对来源、种类与单据号;用 tieout documents --book {book} 列出已到达的单据", todoEn: "Check source, kind and id; tieout documents --book {book} lists what has arrived" },
  "reference.ambiguous": { status: 409, zh: "{text} 在多个来源中都有", en: "{text} exists in several sources", todoZh: "请写明其中之一:{choices}", todoEn: "Name one of them: {choices}" },
} as const;
