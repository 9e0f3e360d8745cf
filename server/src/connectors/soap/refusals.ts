import type { Refusals } from "../../platform/index.ts";

/** What a web service can answer, and what ours answers its callers. */
export const soapRefusals = {
  "soap.wsdl": { status: 502, zh: "{url} 的 WSDL 读不懂:{cause}", en: "The WSDL at {url} cannot be read: {cause}", todoZh: "请在浏览器中打开该网址核对;通常以 ?wsdl 结尾", todoEn: "Open the address in a browser; it usually ends in ?wsdl" },
  "soap.doctype": { status: 422, zh: "{url} 的 XML 带有文档类型声明(DTD),一律不读", en: "The XML of {url} declares a document type (DTD), which is never read", todoZh: "请去掉 <!DOCTYPE …> 后再发", todoEn: "Send it without <!DOCTYPE …>" },
  "soap.too_deep": { status: 422, zh: "{url} 的 XML 层次过深或元素过多", en: "The XML of {url} is nested too deep or has too many elements", todoZh: "请分批发送或减小每页条数", todoEn: "Send it in parts, or ask for smaller pages" },
  "soap.no_operation": { status: 404, zh: "没有操作 {operation};可用的有 {known}", en: "There is no operation {operation}; known are {known}", todoZh: "请对照 WSDL 检查操作名", todoEn: "Compare the name with the WSDL" },
  "soap.no_element": { status: 422, zh: "{operation} 没有元素 {element};可用的有 {known}", en: "{operation} has no element {element}; known are {known}", todoZh: "请对照 WSDL 修正 request;WSDL 有误时改用 xml", todoEn: "Correct `request` by the WSDL; where the WSDL is wrong use `xml`" },
  "soap.no_start": { status: 422, zh: "{stream} 的 XML 要写上次的位置,但首次读取没有起点", en: "The XML of {stream} asks since when, but a first reading has no start", todoZh: "请在 cursor.start 写明起点", todoEn: "Give one in cursor.start" },
  "soap.fault": { status: 502, zh: "{operation} 被拒绝({fault}):{message}", en: "{operation} was refused ({fault}): {message}", todoZh: "同样的请求再发也会被拒绝;请按对方的说明修改", todoEn: "The same request would be refused again; change it as the message says" },
  "soap.fault_server": { status: 502, zh: "{operation} 在对方出错({fault}):{message}", en: "{operation} failed over there ({fault}): {message}", todoZh: "稍后自动再试;一直如此请联系对方系统的管理员", todoEn: "It is tried again by itself; if it stays so, ask the administrator of that system" },
  "soap.login_refused": { status: 401, zh: "{operation} 不接受登录信息({fault}):{message}", en: "{operation} does not accept the log-in ({fault}): {message}", todoZh: "请检查用户名、口令与服务器时间", todoEn: "Check user, password and the clocks of both servers" },
  "soap.unreadable": { status: 502, zh: "{operation} 的回答读不懂:{cause}", en: "The answer of {operation} cannot be read: {cause}", todoZh: "请检查网址是否正确,以及是否需要 soap12", todoEn: "Check the address, and whether it needs soap12" },
  "soap.too_large": { status: 413, zh: "一次发送超过 {megabytes} MB", en: "One call is larger than {megabytes} MB", todoZh: "请分批发送", todoEn: "Send it in parts" },
  "soap.denied": { status: 401, zh: "登录信息不对或缺少", en: "The log-in is wrong or missing", todoZh: "请检查用户名与口令", todoEn: "Check user and password" },
  "soap.stale": { status: 401, zh: "登录信息写于 {created},与现在相差超过 {minutes} 分钟", en: "The log-in was made at {created}, more than {minutes} minutes from now", todoZh: "请校准时钟,每次发送重新生成", todoEn: "Set the clock right and make a new one for each call" },
  "soap.not_soap": { status: 400, zh: "收到的不是完好的 SOAP 报文:{cause}", en: "What came is not a sound SOAP message: {cause}", todoZh: "请对照 WSDL 检查报文与编码", todoEn: "Compare message and encoding with the WSDL" },
  "soap.element_order": { status: 422, zh: "元素 {element} 的次序不对,此处应为 {expected}", en: "The element {element} is out of order; here may stand {expected}", todoZh: "请按 WSDL 的顺序排列元素", todoEn: "Put the elements in the WSDL's order" },
  "soap.element_unknown": { status: 422, zh: "没有元素 {element};此处可用 {known}", en: "There is no element {element}; known here are {known}", todoZh: "请对照 WSDL 修正", todoEn: "Correct it by the WSDL" },
  "soap.element_missing": { status: 422, zh: "缺少元素 {element}", en: "The element {element} is missing", todoZh: "请补上后再发", todoEn: "Send it again with this element" },
  "soap.element_repeated": { status: 422, zh: "元素 {element} 只能出现一次", en: "The element {element} may stand only once", todoZh: "请去掉多余的元素", todoEn: "Send it once" },
  "soap.value": { status: 422, zh: "「{got}」不是 {type}", en: "\"{got}\" is not a value of {type}", todoZh: "请按 WSDL 的类型书写", todoEn: "Write it as the WSDL's type wants" },
  "soap.key_optional": { status: 422, zh: "{stream} 的主键字段 {field} 没有定义为必填", en: "The key field {field} of {stream} is not among the required fields", todoZh: "请在 fields 中加上该字段并设 isRequired: true", todoEn: "Put it into `fields` with isRequired: true" },
  "soap.not_kept": { status: 503, zh: "暂时不能保存,本次发送未收下", en: "It cannot be kept right now; nothing of this call was taken", todoZh: "请过半分钟原样重发", todoEn: "Send the same again in half a minute" },
} as const satisfies Refusals;
