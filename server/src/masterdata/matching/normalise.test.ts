import assert from "node:assert/strict";
import { test } from "node:test";
import { accountWords, addressWords, departmentWords, parseCompany, pinyinOf, plain, plainDate, plainName, plainPhone, plainRegion, specTokens } from "./normalise.ts";

test("one firm written seven ways has one brand and one region", () => {
  const ways = ["上海华新信息科技有限公司", "華新信息科技（上海）有限公司", "上海市华新信息科技有限责任公司", "华新信息科技(上海)股份有限公司", "ｘ".slice(1) + "上海　华新信息科技有限公司", "沪".slice(1) + "上海华新信息科技", "华新信息科技[上海]有限公司"];
  for (const way of ways) {
    const { brand, region } = parseCompany(way);
    assert.equal(`${brand} ${region}`, "华新 上海|", way);
  }
});

test("an English name gives the sound of the brand, the region and the trade", () => {
  assert.deepEqual(parseCompany("Shanghai Huaxin Technology Co., Ltd."), { region: "上海|", brand: "HUAXIN", trade: "科技", form: "LTD", branch: "" });
  assert.equal(pinyinOf("华新"), "HUAXIN");
});

test("a branch is told from its company, and 电子公司 is no 子公司", () => {
  assert.equal(parseCompany("华新科技有限公司苏州分公司").branch, "江苏|苏州");
  assert.equal(parseCompany("华新科技苏州分公司").branch, "江苏|苏州");
  assert.equal(parseCompany("晋城菊柏电子公司").branch, "");
});

test("counties stand under their prefecture", () => {
  assert.equal(parseCompany("江苏省苏州市昆山市永固五金厂").region, "江苏|苏州");
  assert.equal(parseCompany("昆山永固五金厂").region, "江苏|苏州");
  assert.equal(plainRegion("粤"), "广东|");
  assert.equal(plainRegion("浙江省杭州市"), "浙江|杭州");
  assert.equal(plainRegion("Atlantis"), "");
});

test("empty names, 10,000 characters, emoji, mixed scripts and control characters are read without harm", () => {
  for (const text of ["", " ", "🙂🙂", "\u0000\u0007\u200b", "()()(", "公司", "有限公司", "分公司", "市市市", "ﷺ华🙂Huaxin\u0001科技\u202e有限公司", "Ω≈ç√∫", "\ud800", "上海", "中国"]) assert.doesNotThrow(() => [parseCompany(text), plainName(text), plainPhone(text), plainRegion(text), specTokens(text), plainDate(text), addressWords(text), departmentWords(text), accountWords(text)], JSON.stringify(text));
  const long = "华".repeat(10_000);
  assert.ok(plain(long).length <= 400);
  assert.ok(parseCompany(`${long}有限公司`).brand.length <= 400);
  assert.equal(plain("a\u0000b"), "A B");
});

test("full width, case, accents and 繁体 do not count", () => {
  assert.equal(plain("ＡＢＣ１２３"), "ABC123");
  assert.equal(plainName("José O'Brien-Šmíd"), "JOSE OBRIEN SMID");
  assert.equal(plain("廣東電氣"), "广东电气");
});

test("dates of many forms are one date, and a wrong one stays as it was typed", () => {
  for (const text of ["1999-03-05", "19990305", "1999/3/5", "1999年3月5日", "5 Mar 1999", "03/05/1999"]) assert.equal(plainDate(text), "19990305", text);
  assert.equal(plainDate("13/05/1999"), "19990513");
  assert.equal(plainDate("1856-86-18"), "18568618");
  assert.equal(plainDate("1862"), "18620000");
  assert.equal(plainDate("soon"), "");
});

test("a telephone number is its national digits", () => {
  for (const text of ["0755-86555998", "+86 755-86555998", "(0755) 8655 5998", "075586555998 转 12"]) assert.equal(plainPhone(text), "75586555998", text);
  assert.equal(plainPhone("12345"), "");
});

test("a specification does not depend on order, on the sign of multiplication or on SUS", () => {
  const wanted = specTokens("M8×20 304");
  for (const text of ["304 M8*20", "SUS304 M8x20", "m8 X 20 sus304", "M8＊20mm 304"]) assert.deepEqual(specTokens(text), wanted, text);
  assert.notDeepEqual(specTokens("M8×20 316L"), specTokens("M8×20 316"));
});

test("departments and accounts are the same under the names of three systems", () => {
  assert.deepEqual(departmentWords("铁岭分公司-营销部"), departmentWords("铁岭销售"));
  assert.deepEqual(accountWords("管理费用/差旅费"), accountWords("管理费用 - 差旅"));
});
