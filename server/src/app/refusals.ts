import type { Refusals } from "../platform/index.ts";

/** What the command line and the HTTP API refuse before any stage is asked. */
export const refusals = {
  "store.unreachable": { status: 503, zh: "数据库连接不上", en: "The database cannot be reached", todoZh: "请确认数据目录(TIEOUT_DATA)可写、磁盘未满,或 DATABASE_URL 的服务器在运行", todoEn: "Check that the data folder (TIEOUT_DATA) can be written and the disk is not full, or that the server of DATABASE_URL runs" },
  "usage.command": { status: 400, zh: "没有命令 {got}", en: "There is no command {got}", todoZh: "是否要 {alike}?全部命令见 tieout --help", todoEn: "Did you mean {alike}? See all commands with tieout --help" },
  "usage.option": { status: 400, zh: "命令 {command} 没有选项 {got}", en: "{command} has no option {got}", todoZh: "用 tieout {command} --help 查看选项", todoEn: "See its options with tieout {command} --help" },
  "usage.value": { status: 400, zh: "选项 {option} 后面要有 {wanted}", en: "{option} must be followed by {wanted}", todoZh: "用 tieout {command} --help 查看例子", todoEn: "See examples with tieout {command} --help" },
  "usage.missing": { status: 400, zh: "命令 {command} 缺少 {wanted}", en: "{command} needs {wanted}", todoZh: "用 tieout {command} --help 查看例子", todoEn: "See examples with tieout {command} --help" },
  "usage.too_many": { status: 400, zh: "命令 {command} 用不到 {got}", en: "{command} does not take {got}", todoZh: "用 tieout {command} --help 查看写法", todoEn: "See how to write it with tieout {command} --help" },
  "usage.choice": { status: 400, zh: "{option} 不能是 {got}", en: "{option} cannot be {got}", todoZh: "可选:{choices}", todoEn: "Choose from: {choices}" },
  "usage.number": { status: 400, zh: "{option} 应为整数,收到 {got}", en: "{option} should be a whole number, not {got}", todoZh: "请改为整数", todoEn: "Write a whole number" },
  "usage.date": { status: 400, zh: "{option} 应为日期,收到 {got}", en: "{option} should be a date, not {got}", todoZh: "日期写作 2026-03-31", todoEn: "Write dates as 2026-03-31" },
  "usage.which_book": { status: 400, zh: "有多本账簿,请指明是哪一本", en: "There are several books; say which", todoZh: "加上 --book,可选:{known}", todoEn: "Add --book, one of: {known}" },
  "usage.no_book": { status: 400, zh: "还没有账簿", en: "There is no book yet", todoZh: "先建账:tieout book create B1 --pack cas-general --currency CNY --from 2026-01,或 tieout demo create", todoEn: "Create one: tieout book create B1 --pack cas-general --currency CNY --from 2026-01, or tieout demo create" },
  "file.unreadable": { status: 400, zh: "读不了文件 {file}:{detail}", en: "Cannot read {file}: {detail}", todoZh: "请检查路径与权限;用 - 表示标准输入", todoEn: "Check the path and its rights; - is standard input" },
  "http.not_found": { status: 404, zh: "没有 {method} {path}", en: "There is no {method} {path}", todoZh: "接口说明见 /api/docs", todoEn: "The API is described under /api/docs" },
  "http.parameter": { status: 422, zh: "参数 {parameter} 不对:{detail}", en: "The parameter {parameter} is wrong: {detail}", todoZh: "接口说明见 /api/docs", todoEn: "The API is described under /api/docs" },
  "http.body": { status: 400, zh: "请求内容读不懂:{detail}", en: "The body cannot be read: {detail}", todoZh: "请发送 JSON 并写明 Content-Type: application/json", todoEn: "Send JSON with Content-Type: application/json" },
  "http.media_type": { status: 415, zh: "不接受内容类型 {got}", en: "The content type {got} is not accepted", todoZh: "请用 application/json,或逐行的 application/x-ndjson", todoEn: "Use application/json, or application/x-ndjson for one document a line" },
  "web.not_built": { status: 503, zh: "网页还没有构建", en: "The web app is not built yet", todoZh: "请用 npm start 或 tieout serve 启动服务,首次启动会自动构建", todoEn: "Start the server with npm start or tieout serve; its first start builds it" },
  "http.origin": { status: 403, zh: "不接受来自 {got} 的请求", en: "Requests from {got} are not accepted", todoZh: "请直接访问本服务的地址;外部系统请由服务器端调用", todoEn: "Use the address of this server; let other systems call it from their servers" },
  "http.too_large": { status: 413, zh: "请求超过 {max} MB", en: "The request is larger than {max} MB", todoZh: "请改用 application/x-ndjson 逐行发送,大小不限", todoEn: "Send it as application/x-ndjson, one document a line, of any size" },
  "schema.kind_unknown": { status: 404, zh: "没有单据或主数据种类 {kind}", en: "There is no kind {kind}", todoZh: "全部种类见 /api/schemas", todoEn: "All kinds are listed under /api/schemas" },
} as const satisfies Refusals;
