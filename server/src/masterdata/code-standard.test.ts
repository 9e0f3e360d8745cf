import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBankAccount, checkCode, checkGtin, checkOrganisation, checkPerson, checkPhone, checkRegion, checkTaxNumber, checkUscc, completeUscc, passesLuhn, regionOf } from "./code-standard.ts";
import { seededRandom } from "./matching/similarity.ts";

test("the sample of GB 32100 passes, in small letters, full width and with blanks too", () => {
  for (const text of ["91350100M000100Y43", "91350100m000100y43", "９１３５０１００Ｍ０００１００Ｙ４３", " 9135 0100 M000100Y43 "]) assert.deepEqual(checkUscc(text), { isValid: true, code: "91350100M000100Y43" });
});

test("a USCC with a swapped pair, a wrong digit, a letter that the standard leaves out or a wrong length fails, and says why", () => {
  assert.deepEqual(checkUscc("91350100M000100Y34"), { isValid: false, code: "91350100M000100Y34", problem: "checkDigit" });
  assert.deepEqual(checkUscc("91350100M000I00Y43"), { isValid: false, code: "91350100M000I00Y43", problem: "character" });
  assert.deepEqual(checkUscc("91350100M000100Y4"), { isValid: false, code: "91350100M000100Y4", problem: "length" });
  assert.equal(checkUscc("").isValid, false);
});

test("every wrong digit of a USCC is noticed, by one of its two check digits", () => {
  const random = seededRandom(3);
  for (let round = 0; round < 200; round++) {
    const code = completeUscc(`91440300MA${String(random(1_000_000)).padStart(6, "0")}`);
    assert.equal(checkUscc(code).isValid, true, code);
    const at = random(18), wrong = code.slice(0, at) + (code.charAt(at) === "5" ? "6" : "5") + code.slice(at + 1);
    assert.equal(checkUscc(wrong).isValid, false, wrong);
  }
});

test("the organisation code inside a USCC is checked on its own: a code whose last digit alone was made to fit fails", () => {
  const good = completeUscc("91440300MA123456");
  const body = `${good.slice(0, 16)}${good.charAt(16) === "1" ? "2" : "1"}`;
  const fitting = "0123456789ABCDEFGHJKLMNPQRTUWXY".split("").map((last) => checkUscc(body + last));
  assert.ok(fitting.every(({ isValid }) => !isValid));
  assert.equal(checkOrganisation(good.slice(8, 17)).isValid, true);
});

test("GTINs of 8, 12, 13 and 14 digits are checked", () => {
  for (const code of ["96385074", "036000291452", "6901234567892", "16901234567899"]) assert.equal(checkGtin(code).isValid, true, code);
  assert.deepEqual(checkGtin("6901234567893"), { isValid: false, code: "6901234567893", problem: "checkDigit" });
});

test("a card number must pass Luhn; a firm's account needs only to be digits", () => {
  assert.equal(passesLuhn("79927398713"), true);
  assert.equal(checkBankAccount("6222021234567890123").isValid, passesLuhn("6222021234567890123"));
  assert.equal(checkBankAccount("1100 1234 5678 90").isValid, true);
  assert.equal(checkBankAccount("11001234A").isValid, false);
});

test("a telephone number is read with and without country code, area code and extension", () => {
  assert.deepEqual(checkPhone("+86 138-0013-8000"), { isValid: true, code: "13800138000" });
  assert.deepEqual(checkPhone("(021) 6888 8888 转 12"), { isValid: true, code: "02168888888" });
  assert.deepEqual(checkPhone("+86 21 6888 8888"), { isValid: true, code: "02168888888" });
  assert.equal(checkPhone("call me").isValid, false);
  assert.equal(checkPhone("123").isValid, false);
});

test("a region code must name a province and a prefecture that exist", () => {
  assert.deepEqual(regionOf("320506"), { province: "江苏", prefecture: "苏州" });
  assert.deepEqual(regionOf("442000"), { province: "广东", prefecture: "中山" });
  assert.deepEqual(regionOf("110105"), { province: "北京", prefecture: undefined });
  assert.deepEqual(regionOf("429004"), { province: "湖北", prefecture: undefined });
  assert.equal(checkRegion("990000").isValid, false);
  assert.equal(checkRegion("329900").isValid, false);
});

test("a tax number is a USCC, a person's number or one of the older forms", () => {
  assert.equal(checkTaxNumber("91350100M000100Y43").isValid, true);
  assert.equal(checkTaxNumber("440300123456789").isValid, true);
  assert.equal(checkPerson("11010519491231002X").isValid, true);
  assert.equal(checkTaxNumber("11010519491231002X").isValid, true);
  assert.equal(checkTaxNumber("110105194912310021").isValid, false);
  assert.equal(checkCode("taxNumber", "12").isValid, false);
});
