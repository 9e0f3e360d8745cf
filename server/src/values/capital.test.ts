import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { amountInWords } from "./capital.ts";

const written: readonly (readonly [amount: string, words: string])[] = [
  ["0", "零元整"], ["0.00", "零元整"], ["0.05", "伍分"], ["0.50", "伍角整"], ["0.55", "伍角伍分"], ["1.00", "壹元整"], ["10.00", "壹拾元整"], ["15.00", "壹拾伍元整"],
  ["1001.00", "壹仟零壹元整"], ["1010.00", "壹仟零壹拾元整"], ["10001.00", "壹万零壹元整"], ["100000.00", "壹拾万元整"], ["100500.00", "壹拾万零伍佰元整"], ["59680.00", "伍万玖仟陆佰捌拾元整"],
  // The examples of the rule itself.
  ["1409.50", "壹仟肆佰零玖元伍角整"], ["6007.14", "陆仟零柒元壹角肆分"], ["1680.32", "壹仟陆佰捌拾元零叁角贰分"], ["107000.53", "壹拾万柒仟元零伍角叁分"], ["16409.02", "壹万陆仟肆佰零玖元零贰分"], ["325.04", "叁佰贰拾伍元零肆分"],
  ["100000000.00", "壹亿元整"], ["100000001.00", "壹亿零壹元整"], ["100010000.00", "壹亿零壹万元整"], ["120000000000.05", "壹仟贰佰亿元零伍分"], ["1000000000000.00", "壹万亿元整"], ["10000000000000000.00", "壹亿亿元整"],
  ["-320000.00", "负叁拾贰万元整"], ["−1.10", "负壹元壹角整"], ["-0.00", "零元整"], ["", ""], ["1.234", ""], ["1e3", ""],
];
for (const [amount, words] of written) test(`${amount === "" ? "nothing" : amount} is written out as ${words === "" ? "nothing, for it is no amount" : words}`, () => assert.equal(amountInWords(amount), words));

test("an amount written out means that amount and no other", () => {
  const valueOf: Readonly<Record<string, bigint>> = { 零: 0n, 壹: 1n, 贰: 2n, 叁: 3n, 肆: 4n, 伍: 5n, 陆: 6n, 柒: 7n, 捌: 8n, 玖: 9n };
  const placeOf: Readonly<Record<string, bigint>> = { 拾: 10n, 佰: 100n, 仟: 1_000n };
  const read = (words: string): bigint => {
    let group = 0n, tens = 0n, all = 0n, digit = 0n, minor = 0n;
    for (const sign of words.replace(/^负|整$/g, "")) {
      if (sign in valueOf) digit = valueOf[sign] as bigint;
      else if (sign in placeOf) { group += digit * (placeOf[sign] as bigint); digit = 0n; }
      else if (sign === "万") { tens = (group + digit) * 10_000n; group = digit = 0n; }
      else if (sign === "亿") { all = (all + tens + group + digit) * 100_000_000n; tens = group = digit = 0n; }
      else if (sign === "元") { minor += (all + tens + group + digit) * 100n; digit = group = 0n; }
      else if (sign === "角") { minor += digit * 10n; digit = 0n; }
      else if (sign === "分") { minor += digit; digit = 0n; }
    }
    return words.startsWith("负") ? -minor : minor;
  };
  fc.assert(fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), (minor) => {
    const text = `${minor < 0n ? "-" : ""}${String(minor < 0n ? -minor : minor).padStart(3, "0").replace(/(\d\d)$/, ".$1")}`;
    const words = amountInWords(text);
    assert.equal(read(words), minor, `${text} ${words}`);
    assert.doesNotMatch(words, /零零|零[元万亿拾佰仟角分](?!整$)|^零(?!元整$)/);
  }));
});
