/**
 * 大写金额: an amount as it is written out on a voucher or a cheque (支付结算办法, 附一《正确填写票据和结算凭证的基本规定》). 整 ends an
 * amount that stops at 元 or 角; zeros between figures are written once; after 元 that ends in zero, and before 分 without 角, a 零 stands.
 * A red amount begins with 负. Nothing is imported here: the screens use it as it is.
 */
const digits = "零壹贰叁肆伍陆柒捌玖";
const places = ["", "拾", "佰", "仟"];

/** Reads a decimal string with at most two decimals: "59680.00" → 伍万玖仟陆佰捌拾元整. "" where it is no amount. */
export function amountInWords(amount: string): string {
  const match = /^([-−]?)(\d{1,24})(?:\.(\d{1,2})0*)?$/.exec(amount.trim());
  if (!match) return "";
  const [, sign, whole = "", part = ""] = match;
  const [jiao = "0", fen = "0"] = part.padEnd(2, "0");
  const yuan = wholeInWords(whole.replace(/^0+/, ""));
  if (yuan === "" && jiao === "0" && fen === "0") return "零元整";
  let text = yuan === "" ? "" : `${yuan}元`;
  if (jiao !== "0") text += `${yuan !== "" && whole.endsWith("0") ? "零" : ""}${digitOf(jiao)}角`;
  if (fen !== "0") text += `${yuan !== "" && jiao === "0" ? "零" : ""}${digitOf(fen)}分`;
  return `${sign === "" ? "" : "负"}${text}${fen === "0" ? "整" : ""}`;
}

/** 万 counts four figures, 亿 eight; above that the words repeat: 壹万亿. */
function wholeInWords(whole: string): string {
  if (whole.length > 8) return joined(wholeInWords(whole.slice(0, -8)), "亿", whole.slice(-8), 8);
  if (whole.length > 4) return joined(wholeInWords(whole.slice(0, -4)), "万", whole.slice(-4), 4);
  let text = "";
  let hasGap = false;
  for (const [at, digit] of [...whole].entries()) {
    if (digit === "0") {
      hasGap = text !== "";
      continue;
    }
    text += `${hasGap ? "零" : ""}${digitOf(digit)}${places[whole.length - at - 1] ?? ""}`;
    hasGap = false;
  }
  return text;
}

function joined(high: string, unit: string, low: string, length: number): string {
  const rest = low.replace(/^0+/, "");
  return `${high}${unit}${rest !== "" && rest.length < length ? "零" : ""}${wholeInWords(rest)}`;
}

const digitOf = (digit: string): string => digits[Number(digit)] ?? "";
