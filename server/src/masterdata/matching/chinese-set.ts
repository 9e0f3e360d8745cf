/**
 * A seeded Chinese test set, made of our own word lists: companies as three systems would hold them, with the mistakes and the look-alikes that make
 * matching hard, and materials, accounts and departments. The same seed gives the same rows. Truth stands beside the rows, never in them.
 */
import { createRequire } from "node:module";
import { completeUscc } from "../code-standard.ts";
import { pinyinOf } from "./normalise.ts";
import { prefectures, provinces } from "./regions.ts";
import { seededRandom } from "./similarity.ts";
import { englishTrades, tradeOf } from "./words.ts";

export type TestSet = { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[]; /** The thing each row stands for. */ readonly truth: readonly number[] };

/** Shares of records, in per mille, that each mistake hits. */
export const mistakes = {
  formSwapped: 150, regionBracketed: 200, regionAbsent: 120, regionLong: 150, traditional: 40, fullWidth: 60, wrongCharacter: 15, droppedCharacter: 15, homophone: 20, shortName: 40, englishName: 40, formerName: 15,
  usccAbsent: 400, usccWrong: 20, phoneAbsent: 250, bankAbsent: 350, legalAbsent: 300, addressAbsent: 250, otherPhone: 80, otherBank: 60, blanks: 50,
} as const;
/** Shares of companies, in per mille, that are made as a look-alike of another. */
export const lookAlikes = { otherRegion: 120, otherTrade: 80, branch: 60, sharedPeople: 50 } as const;

const brandCharacters = "华新达盛瑞恒泰隆兴旺鑫鸿宏博远志诚信德仁和顺安康宁永久长江海洋天地东方南北中正大成功利丰裕富贵金银宝玉龙凤麒麟鹏飞腾跃升辉煌光明星辰晨曦阳春夏秋冬青蓝红紫云山川河湖林森松柏梅兰竹菊荣昌茂源泉景胜捷凯通联合众力创优美佳嘉维科杰英豪雄伟卓越超凡峰岭岩石晶莹洁净清雅致尚品味佰仟亿万联邦国民族家乐福喜庆祥瑞霖润泽沃野田园禾";
const surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
const givenCharacters = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲建国文辉力志海燕鹏飞宇晨浩然子轩思雨佳琪雪梅春兰秋菊建军永生德胜小东晓峰振兴家豪立新少华";
const roads = "人民 中山 解放 建设 和平 新华 文化 胜利 北京 上海 南京 长江 黄河 工业 科技 创业 高新 兴业 迎宾 朝阳 光明 友谊 团结 民主 幸福 滨江 环城 学院 体育 五一".split(" ");

export function chineseCompanies(companies = 10_000, seed = 7): TestSet {
  const random = seededRandom(seed);
  const chance = (perMille: number): boolean => random(1000) < perMille;
  const pick = <T>(list: readonly T[] | string): T => list[random(list.length)] as T;
  const cities = prefectures.filter(({ code }) => Number(code.slice(0, 2)) <= 45), provinceOf = new Map(provinces.map(({ code, name }) => [code, name]));
  const english = new Map(Object.entries(englishTrades).map(([word, trade]) => [trade, word]));
  const trades = [...new Set(tradeOf.values())].filter((trade) => english.has(trade) && !["实业", "控股"].includes(trade));
  type Company = { brand: string; city: (typeof cities)[number]; trade: string; branch: (typeof cities)[number] | undefined; uscc: string; phone: string; bank: string; legal: string; address: string; former: string };
  const made: Company[] = [], known = new Set<string>();
  const newBrand = (): string => Array.from({ length: chance(350) ? 3 : 2 }, () => pick<string>(brandCharacters)).join("");
  const person = (): string => pick<string>(surnames) + pick<string>(givenCharacters) + (chance(700) ? pick<string>(givenCharacters) : "");
  const digits = (count: number): string => Array.from({ length: count }, () => String(random(10))).join("");
  const phoneOf = (): string => (chance(500) ? `1${pick(["38", "39", "86", "58", "77", "50"])}${digits(8)}` : `0${pick(["21", "10", "755", "571", "512", "769"])}-${String(2 + random(7))}${digits(7)}`);
  while (made.length < companies) {
    const model = made.length > 10 ? (made[random(made.length)] as Company) : undefined;
    const city = pick(cities), kind = random(1000);
    let next: Company = { brand: newBrand(), city, trade: pick(trades), branch: undefined, uscc: usccFor(city.code, digits), phone: phoneOf(), bank: digits(16 + random(4)), legal: person(), address: addressOf(), former: newBrand() };
    if (model && kind < lookAlikes.otherRegion) next = { ...next, brand: model.brand, trade: model.trade };
    else if (model && kind < lookAlikes.otherRegion + lookAlikes.otherTrade) next = { ...next, brand: model.brand, city: model.city, uscc: usccFor(model.city.code, digits) };
    else if (model && model.branch === undefined && kind < lookAlikes.otherRegion + lookAlikes.otherTrade + lookAlikes.branch) next = { ...next, brand: model.brand, city: model.city, trade: model.trade, branch: city, phone: chance(300) ? model.phone : next.phone };
    else if (model && kind < lookAlikes.otherRegion + lookAlikes.otherTrade + lookAlikes.branch + lookAlikes.sharedPeople) next = { ...next, phone: model.phone, legal: model.legal, bank: chance(250) ? model.bank : next.bank, address: chance(500) ? model.address : next.address };
    const name = `${next.brand}|${next.trade}|${next.city.code}|${next.branch?.code ?? ""}`;
    if (known.has(name)) continue;
    known.add(name);
    made.push(next);
  }
  const homophones = new Map<string, string[]>();
  for (const character of brandCharacters + givenCharacters) homophones.set(pinyinOf(character), [...new Set([...(homophones.get(pinyinOf(character)) ?? []), character])]);
  const rows: string[][] = [], truth: number[] = [];
  for (const [at, company] of made.entries())
    for (const system of ["ERP", "CRM", "WMS"]) {
      const copies = chance(800) ? 1 : chance(700) ? 2 : chance(700) ? 3 : 4;
      for (let copy = 0; copy < copies; copy++) {
        truth.push(at);
        rows.push([`${system}-${String(rows.length + 1).padStart(6, "0")}`, system, nameOf(company), usccWritten(company.uscc), chance(mistakes.phoneAbsent) ? "" : chance(mistakes.otherPhone) ? phoneOf() : phoneWritten(company.phone), chance(mistakes.bankAbsent) ? "" : chance(mistakes.otherBank) ? digits(18) : company.bank,
          chance(mistakes.legalAbsent) ? "" : company.legal, chance(mistakes.addressAbsent) ? "" : `${chance(600) ? `${provinceOf.get(company.city.code.slice(0, 2))}省` : ""}${(company.branch ?? company.city).name}市${company.address}`]);
      }
    }
  return { header: ["code", "system", "name", "uscc", "phone", "bank_account", "legal_representative", "address"], rows, truth };

  function addressOf(): string {
    return `${pick(roads)}${chance(700) ? "路" : "大道"}${1 + random(999)}号`;
  }
  function nameOf(company: Company): string {
    let brand = chance(mistakes.formerName) ? company.former : company.brand;
    const { city, trade, branch } = company;
    if (chance(mistakes.englishName) && !branch) return `${title(pinyinOf(city.name))} ${title(pinyinOf(brand))} ${title(english.get(trade) ?? "")} Co., Ltd.`;
    if (chance(mistakes.homophone)) brand = brand.replace(brand.charAt(random(brand.length)), (character) => pick(homophones.get(pinyinOf(character)) ?? [character]));
    else if (chance(mistakes.wrongCharacter)) brand = brand.replace(brand.charAt(random(brand.length)), pick<string>(brandCharacters));
    else if (chance(mistakes.droppedCharacter) && brand.length > 2) brand = brand.replace(brand.charAt(random(brand.length)), "");
    const form = chance(mistakes.formSwapped) ? pick(["有限责任公司", "股份有限公司", "公司", "(有限公司)"]) : "有限公司";
    const shape = random(1000);
    let name = chance(mistakes.shortName) && !branch ? brand + trade : shape < mistakes.regionBracketed ? `${brand}${trade}(${city.name})${form}` : shape < mistakes.regionBracketed + mistakes.regionAbsent ? `${brand}${trade}${form}`
      : shape < mistakes.regionBracketed + mistakes.regionAbsent + mistakes.regionLong ? `${provinceOf.get(city.code.slice(0, 2))}${chance(500) ? "省" : ""}${city.name}市${brand}${trade}${form}` : `${city.name}${chance(500) ? "市" : ""}${brand}${trade}${form}`;
    if (branch) name += `${branch.name}分公司`;
    if (chance(mistakes.traditional)) name = traditional(name);
    if (chance(mistakes.fullWidth)) name = name.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));
    return chance(mistakes.blanks) ? `${name.slice(0, 3)} ${name.slice(3)} ` : name;
  }
  function usccWritten(code: string): string {
    if (chance(mistakes.usccAbsent)) return "";
    if (!chance(mistakes.usccWrong)) return chance(50) ? code.toLowerCase() : code;
    const at = 8 + random(9);
    return code.slice(0, at) + "0123456789".replace(code.charAt(at), "").charAt(random(9)) + code.slice(at + 1);
  }
  function phoneWritten(phone: string): string {
    return chance(150) ? `+86 ${phone.replace(/^0/, "")}` : chance(150) ? phone.replace("-", "") : phone;
  }
}

const usccFor = (city: string, digits: (count: number) => string): string => completeUscc(`91${city}00MA${digits(6)}`);
const title = (word: string): string => word.charAt(0) + word.slice(1).toLowerCase();
let toTraditional: ((text: string) => string) | undefined;
function traditional(text: string): string {
  toTraditional ??= (createRequire(import.meta.url)("opencc-js/cn2t") as { Converter(options: { from: string; to: string }): (text: string) => string }).Converter({ from: "cn", to: "t" });
  return toTraditional(text);
}

// Materials, accounts, departments -------------------------------------------------------------------------------------------------

/** Materials: maker's codes, order of the specification, three ways to write ×, SUS, and units. */
export function chineseMaterials(materials = 2_000, seed = 11): TestSet {
  const random = seededRandom(seed);
  const chance = (perMille: number): boolean => random(1000) < perMille;
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const names = "内六角螺栓 外六角螺栓 十字沉头螺钉 平垫圈 弹簧垫圈 六角螺母 深沟球轴承 圆锥滚子轴承 O型密封圈 骨架油封 球阀 截止阀 无缝钢管 不锈钢板 角钢 铜排 接近开关 光电传感器 断路器 交流接触器 热继电器 电缆 同步带 三角带 气缸 电磁阀 滤芯 液压油 焊条 砂轮片".split(" ");
  const grades = ["304", "316", "316L", "Q235", "45#", "8.8级", "10.9级", "12.9级"], makers = "SKF NSK 施耐德 西门子 欧姆龙 正泰 德力西 亚德客 费斯托 国产".split(" ");
  const rows: string[][] = [], truth: number[] = [], known = new Set<string>();
  for (let at = 0; known.size < materials; ) {
    const name = pick(names), size = `M${pick(["4", "5", "6", "8", "10", "12", "16", "20"])}`, length = String(10 + 5 * random(30)), grade = pick(grades), maker = pick(makers), code = `${pick(["A", "B", "K", "X"])}${10_000 + random(89_999)}-${random(10)}`;
    if (known.has(`${name}${size}${length}${grade}`)) continue;
    known.add(`${name}${size}${length}${grade}`);
    for (const system of ["ERP", "MES", "WMS"])
      for (let copy = chance(850) ? 1 : 2; copy > 0; copy--) {
        const dimension = `${size}${pick(["×", "*", "x", " X "])}${length}${chance(200) ? "mm" : ""}`;
        const writtenGrade = grade.startsWith("3") && chance(500) ? `SUS${grade}` : grade;
        const spec = chance(500) ? `${dimension} ${writtenGrade}` : `${writtenGrade} ${dimension}`;
        truth.push(at);
        rows.push([`${system}-${rows.length}`, system, chance(30) ? name.slice(0, -1) : name, spec, pick(["个", "PCS", "EA", "只"]), chance(400) ? "" : maker, chance(350) ? "" : chance(200) ? code.replace("-", "") : code]);
      }
    at++;
  }
  return { header: ["code", "system", "name", "spec", "unit", "brand", "maker_part_no"], rows, truth };
}

/** Departments of a group, as the payroll, the ERP and the approval system call them. */
export function chineseDepartments(departments = 300, seed = 13): TestSet {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const places = prefectures.slice(0, 80), functions: readonly (readonly string[])[] = [["财务部", "财务中心", "财务"], ["人力资源部", "人事部", "人力资源"], ["采购部", "采购中心", "采购"], ["销售部", "营销部", "销售"], ["生产部", "制造部", "生产"], ["质量部", "品质部", "质量"], ["信息部", "信息中心", "IT部"], ["仓储部", "仓库", "仓储"], ["研发部", "研发中心", "研发"], ["行政部", "行政中心", "行政"]];
  const rows: string[][] = [], truth: number[] = [], known = new Set<string>();
  while (known.size < Math.min(departments, 700)) {
    const place = pick(places), which = random(functions.length), key = `${place.name}${which}`, head = `${surnames.charAt(random(surnames.length))}${givenCharacters.charAt(random(givenCharacters.length))}${givenCharacters.charAt(random(givenCharacters.length))}`;
    if (known.has(key)) continue;
    known.add(key);
    for (const system of ["HR", "ERP", "OA"]) {
      truth.push(known.size - 1);
      rows.push([`${system}-${rows.length}`, system, `${place.name}${random(2) === 0 ? "分公司" : ""}${random(3) === 0 ? "-" : ""}${pick(functions[which] as string[])}`, random(5) === 0 ? "" : head]);
    }
  }
  return { header: ["code", "system", "department_name", "manager"], rows, truth };
}

/** Accounts: the same 科目 by its name in three charts, with the path or without, with the code of each chart. */
export function chineseAccounts(seed = 17): TestSet {
  const random = seededRandom(seed);
  const roots = "库存现金 银行存款 应收账款 预付账款 其他应收款 原材料 库存商品 固定资产 累计折旧 在建工程 无形资产 短期借款 应付账款 预收账款 应付职工薪酬 应交税费 其他应付款 长期借款 实收资本 资本公积 盈余公积 主营业务收入 其他业务收入 主营业务成本 税金及附加 销售费用 管理费用 财务费用 制造费用 生产成本".split(" ");
  const leaves = "工资 福利费 办公费 差旅费 招待费 折旧费 修理费 水电费 租赁费 运输费 广告费 咨询费 保险费 培训费 通讯费 其他".split(" ");
  const rows: string[][] = [], truth: number[] = [];
  let thing = 0;
  for (const [at, root] of roots.entries())
    for (const leaf of ["", ...(root.endsWith("费用") || root.endsWith("成本") ? leaves : [])]) {
      for (const system of ["NC", "SAP", "U8"]) {
        const joint = ["-", "/", "_", " "][random(4)] as string;
        truth.push(thing);
        rows.push([`${system}-${1000 + at}${leaf === "" ? "" : String(leaves.indexOf(leaf) + 1).padStart(2, "0")}`, system, leaf === "" ? root : `${root}${joint}${random(8) === 0 ? leaf.replace(/费$/, "") : leaf}`, leaf === "" ? "1" : "2"]);
      }
      thing++;
    }
  return { header: ["code", "system", "account_name", "depth"], rows, truth };
}
