import { flowRefusals } from "./flow-refusals.ts";
import { restRefusals } from "./rest/refusals.ts";
import { soapRefusals } from "./soap/refusals.ts";
import { webhookRefusals } from "./webhook/refusals.ts";
import { odooRefusals } from "./odoo/refusals.ts";
import { erpnextRefusals } from "./erpnext/refusals.ts";
import { databaseRefusals } from "./database/refusals.ts";
import { binlogRefusals } from "./binlog/refusals.ts";
import { replicationRefusals } from "./replication/refusals.ts";
import { fileRefusals } from "./files/refusals.ts";
import { queueRefusals } from "./queue/refusals.ts";
/** What a source can answer instead of records. A code is never reused; each says what to do next. */
export const refusals = {
  ...flowRefusals,
  ...fileRefusals, ...queueRefusals,
  ...databaseRefusals,
  ...replicationRefusals, ...binlogRefusals,
  ...restRefusals, ...soapRefusals, ...webhookRefusals, ...odooRefusals, ...erpnextRefusals,
  "source.state": { status: 409, zh: "存下的读取位置不能用于此处:{causeZh}", en: "The stored position cannot be used here: {causeEn}", todoZh: "数据库、地址或流的定义换过,或来源曾从备份恢复:请改回原来的定义;确要换,请删除该流的位置后重新读取,内容未变的记录不会重复入账", todoEn: "The database, the address or the stream's definition was changed, or the source was restored from a backup: change it back; or drop the stream's position and read again from the beginning, unchanged records do not count twice" },
  "tryton.unreachable": { status: 502, zh: "连不上 Tryton({url}):{cause}", en: "Tryton does not answer at {url}: {cause}", todoZh: "请检查网址、端口、网络与服务是否已启动;游标没有移动,恢复后重新拉取即可", todoEn: "Check the address, the port, the network and whether the server runs; the cursor has not moved, so pull again afterwards" },
  "tryton.not_tryton": { status: 502, zh: "{url} 的回答不是 Tryton 的 JSON-RPC", en: "What answers at {url} is not Tryton's JSON-RPC", todoZh: "网址应写到数据库为止,如 http://server:8000/database/", todoEn: "Write the address up to the database, as in http://server:8000/database/" },
  "tryton.no_database": { status: 404, zh: "{url} 上没有这个数据库", en: "There is no such database at {url}", todoZh: "请检查数据库名;它是网址的最后一段,或用 --database 指定", todoEn: "Check the database's name; it is the last part of the address, or give it with --database" },
  "tryton.login_refused": { status: 401, zh: "Tryton 拒绝用户 {user} 登录", en: "Tryton refuses to log {user} in", todoZh: "请检查用户名与密码;多次失败后 Tryton 会暂时拒绝,请稍候再试", todoEn: "Check name and password; after several failures Tryton refuses for a while, so wait before the next try" },
  "tryton.session_lost": { status: 401, zh: "Tryton 的会话一再失效", en: "Tryton drops the session again and again", todoZh: "请在 Tryton 检查该用户是否被停用,以及会话时限设置", todoEn: "Check in Tryton whether the user was deactivated, and how long sessions last" },
  "tryton.forbidden": { status: 403, zh: "用户 {user} 无权读取 {what}", en: "{user} may not read {what}", todoZh: "请在 Tryton 给该用户对此模型的读取权限", todoEn: "Give the user read access to this model in Tryton" },
  "tryton.refused": { status: 502, zh: "Tryton 拒绝读取 {what}:{message}", en: "Tryton refuses to read {what}: {message}", todoZh: "请确认所需模块(采购、销售、库存、发票)都已启用,版本为 6.0", todoEn: "Check that the modules purchase, sale, stock and account_invoice are active and the version is 6.0" },
  "tryton.no_company": { status: 422, zh: "用户 {user} 没有选定公司", en: "{user} has no company chosen", todoZh: "请在 Tryton 的用户首选项里选定公司,或在拉取时指定公司", todoEn: "Choose a company in the user's preferences in Tryton, or name one when pulling" },
  "tryton.cursor": { status: 409, zh: "游标不能用于此处:{cause}", en: "This cursor cannot be used here: {cause}", todoZh: "请用同一数据库、同一公司的最近一次游标;确要从头开始,请不带游标重新拉取,已入账的单据不会重复", todoEn: "Use the latest cursor of the same database and company; to begin again pull without a cursor, documents already posted do not count twice" },
  "record.figure": { status: 422, zh: "{field} 的数值 {got} 读不出来,或小数位过多", en: "The figure {got} of {field} cannot be read or has too many decimals", todoZh: "请在来源系统改正该数值;价格与数量最多 6 位小数", todoEn: "Correct it in the source; prices and quantities have at most 6 decimals" },
  "record.mixed_signs": { status: 422, zh: "发票 {number} 同时有正数行和负数行", en: "Invoice {number} has positive and negative lines", todoZh: "请在来源系统拆成一张蓝字发票和一张红字发票", todoEn: "Split it in the source into an invoice and a credit note" },
  "record.tax_fixed": { status: 422, zh: "税 {tax} 不是按比例计算的税", en: "The tax {tax} is not a percentage", todoZh: "请改用比例税率的税,或手工录入该发票", todoEn: "Use a percentage tax, or enter this invoice by hand" },
  "record.tax_unassigned": { status: 422, zh: "税额 {amount} 不属于发票 {number} 的任何一行", en: "Tax of {amount} belongs to no line of invoice {number}", todoZh: "请在来源系统把该税挂到发票行上", todoEn: "Put this tax on the lines of the invoice in the source" },
  "record.totals": { status: 422, zh: "发票 {number} 各行合计 {lines},而来源合计为 {total}", en: "The lines of invoice {number} make {lines}, but its total is {total}", todoZh: "请在来源系统核对该发票", todoEn: "Check this invoice in the source" },
  "record.no_party": { status: 422, zh: "{record} 没有往来单位", en: "{record} names no customer or supplier", todoZh: "请在来源系统补上往来单位", todoEn: "Name the customer or supplier in the source" },
  "record.no_date": { status: 422, zh: "{record} 没有业务日期", en: "{record} has no business date", todoZh: "请在来源系统补上日期", todoEn: "Fill in the date in the source" },
  "record.not_cash": { status: 422, zh: "收付款 {number} 的对方科目 {account} 不是收付款方式的资金科目", en: "The other side of payment {number}, account {account}, is not the account of a payment method", todoZh: "含手续费、核销差额的收付款请在财务系统录入,或在来源系统拆成单独的分录", todoEn: "Enter payments with fees or write-offs in the finance system, or book those apart in the source" },
} as const;
