/**
 * Words for companies, people and goods. Places and brands are invented, and the region code of every credit code
 * (99 00 00) exists nowhere: no name here means a real firm or person.
 */
import type { DemoName, Price } from "./record.ts";

const name = (zh: string, en: string): DemoName => ({ zh, en });

const places = [name("淼州", "Miaozhou"), name("泉澄", "Quancheng"), name("沧陂", "Cangpi"), name("珑汀", "Longting"), name("栖浦", "Qipu"),
  name("霁湖", "Jihu"), name("砚滩", "Yantan"), name("芦岬", "Lujia"), name("槐汐", "Huaixi"), name("桐砾", "Tongli")];
const first = [name("鸿", "Hong"), name("泽", "Ze"), name("瑞", "Rui"), name("恒", "Heng"), name("润", "Run"), name("沛", "Pei"),
  name("博", "Bo"), name("朗", "Lang"), name("凌", "Ling"), name("皓", "Hao"), name("裕", "Yu"), name("晗", "Han")];
const second = [name("源", "yuan"), name("通", "tong"), name("达", "da"), name("川", "chuan"), name("砺", "li"), name("畅", "chang"),
  name("联", "lian"), name("安", "an"), name("科", "ke"), name("旺", "wang"), name("森", "sen"), name("腾", "teng")];
const combinations = places.length * first.length * second.length;

export const customerTrades = [name("水务工程", "Water Works"), name("给排水设备", "Water Supply"), name("机电设备", "Mechanical & Electrical"), name("建筑安装", "Construction"),
  name("暖通工程", "HVAC"), name("环保科技", "Environment"), name("农业灌溉", "Irrigation"), name("消防工程", "Fire Protection"), name("五金贸易", "Hardware Trading"), name("物业服务", "Property Services")];
export const supplierTrades = {
  raw: [name("铸造", "Foundry"), name("精密机械", "Precision Machining"), name("电机", "Motors"), name("密封件", "Seals"), name("轴承", "Bearings"), name("钢材", "Steel"), name("铜业", "Copper")],
  merchandise: [name("管业", "Pipes"), name("阀门", "Valves"), name("仪表", "Instruments"), name("管件", "Fittings"), name("电控设备", "Controls")],
  turnover: [name("包装", "Packaging"), name("工具", "Tools")],
  carrier: [name("物流", "Logistics"), name("运输", "Transport")],
  expense: [name("能源服务", "Energy Services"), name("物业管理", "Facility Management"), name("广告传媒", "Advertising"), name("检测技术", "Testing"), name("信息技术", "Software"), name("企业咨询", "Consulting")],
  processor: [name("表面处理", "Plating")],
  agent: [name("报关服务", "Customs Agency")],
  equipment: [name("机床", "Machine Tools")],
} as const;

/** The i-th invented company: another `i` gives another name. */
export function companyName(i: number, trade: DemoName, form: DemoName = name("有限公司", "Co., Ltd.")): DemoName {
  const at = (i * 607 + 131) % combinations;
  const place = places[at % places.length] as DemoName;
  const one = first[Math.floor(at / places.length) % first.length] as DemoName;
  const two = second[Math.floor(at / places.length / first.length)] as DemoName;
  const suffix = i < combinations ? "" : `第${Math.floor(i / combinations) + 1}`;
  return { zh: `${place.zh}${one.zh}${two.zh}${suffix}${trade.zh}${form.zh}`, en: `${place.en} ${one.en}${two.en} ${trade.en} ${form.en}${i < combinations ? "" : ` No. ${Math.floor(i / combinations) + 1}`}` };
}

/** Foreign parties, as invented as the others. */
export const foreignNames = ["Vantorel", "Okkerby", "Pumphaven", "Lindquarry", "Brannoch", "Tessaly", "Marrowick", "Quillford", "Asterhal", "Dunmere", "Corvaldi", "Ferrandel"];

export const surnames = [name("林", "Lin"), name("陆", "Lu"), name("沈", "Shen"), name("顾", "Gu"), name("韩", "Han"), name("叶", "Ye"), name("程", "Cheng"), name("唐", "Tang"), name("曾", "Zeng"), name("邱", "Qiu")];
export const givenNames = [name("示安", "Shi'an"), name("例文", "Liwen"), name("拟舟", "Nizhou"), name("试明", "Shiming")];

/** One family of goods: its name, its price at the smallest size, how much each size adds. */
export type Family = DemoName & { readonly code: string; readonly unit: string; readonly base: Price; readonly step: Price; readonly typical: number; readonly box?: number };
const family = (code: string, zh: string, en: string, unit: string, baseYuan: number, stepYuan: number, typical: number, box?: number): Family =>
  ({ code, zh, en, unit, base: baseYuan * 10_000, step: stepYuan * 10_000, typical, ...(box === undefined ? {} : { box }) });

export const sizes = ["DN15", "DN20", "DN25", "DN32", "DN40", "DN50", "DN65", "DN80", "DN100", "DN125", "DN150", "DN200"];

export const pumps = [family("QL", "立式离心泵", "Vertical centrifugal pump", "pcs", 0, 0, 6), family("QW", "潜水排污泵", "Submersible sewage pump", "pcs", 0, 0, 5),
  family("QJ", "深井泵", "Deep well pump", "pcs", 0, 0, 4), family("QG", "管道增压泵", "Booster pump", "pcs", 0, 0, 9), family("QZ", "自吸泵", "Self-priming pump", "pcs", 0, 0, 5),
  family("QD", "多级泵", "Multistage pump", "pcs", 0, 0, 3), family("QX", "消防泵", "Fire pump", "pcs", 0, 0, 3), family("QH", "化工泵", "Chemical pump", "pcs", 0, 0, 3)];
export const fittings = [family("WT", "弯头", "Elbow", "pcs", 3, 4, 60, 50), family("ST", "三通", "Tee", "pcs", 5, 5, 50, 50), family("FL", "法兰", "Flange", "pcs", 12, 9, 40, 20),
  family("ZF", "闸阀", "Gate valve", "pcs", 45, 32, 12), family("QF", "球阀", "Ball valve", "pcs", 28, 22, 20), family("DF", "蝶阀", "Butterfly valve", "pcs", 55, 30, 10),
  family("ZH", "止回阀", "Check valve", "pcs", 38, 26, 12), family("RJ", "软接头", "Flexible joint", "pcs", 22, 16, 20), family("BJ", "变径管", "Reducer", "pcs", 4, 4, 50, 50),
  family("GJ", "管箍", "Coupling", "pcs", 2, 2, 100, 100), family("YB", "压力表", "Pressure gauge", "pcs", 24, 3, 15), family("GL", "过滤器", "Strainer", "pcs", 42, 28, 8),
  family("KZ", "控制柜", "Control cabinet", "pcs", 860, 240, 1), family("SB", "水表", "Water meter", "pcs", 65, 34, 10), family("GG", "钢管", "Steel pipe", "m", 14, 12, 60)];
export const materials = [family("BT", "泵体毛坯", "Pump casting", "pcs", 58, 31, 0), family("ZB", "轴", "Shaft", "pcs", 24, 11, 0), family("YL", "叶轮", "Impeller", "pcs", 18, 9, 0),
  family("DJ", "电机", "Motor", "pcs", 176, 105, 0), family("JM", "机械密封", "Mechanical seal", "pcs", 13, 4, 0), family("ZC", "轴承", "Bearing", "pcs", 9, 3, 0),
  family("QB", "漆包线", "Enamelled wire", "kg", 71, 0, 0), family("GP", "硅钢片", "Silicon steel", "kg", 7, 0, 0), family("GB", "钢板", "Steel plate", "kg", 5, 0, 0)];
export const turnoverGoods = [family("MX", "木包装箱", "Wooden crate", "pcs", 38, 6, 0), family("TP", "托盘", "Pallet", "pcs", 55, 5, 0), family("DD", "刀具", "Cutting tool", "pcs", 120, 35, 0), family("LB", "劳保手套", "Work gloves", "pair", 4, 1, 0)];

/** The check character of a unified social credit code (GB 32100-2015): weights 3^i mod 31. */
export function creditCode(i: number): string {
  const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  const organisation = organisationCode(i);
  const body = `91990000${organisation}`;
  let weight = 1;
  let sum = 0;
  for (const character of body) {
    sum += alphabet.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return body + alphabet[(31 - (sum % 31)) % 31];
}

/** Eight characters and their own check (GB 11714): weights 3 7 9 10 5 8 4 2, mod 11. */
function organisationCode(i: number): string {
  const body = `MA${String(900_000 + i)}`;
  const weights = [3, 7, 9, 10, 5, 8, 4, 2];
  let sum = 0;
  for (let at = 0; at < 8; at++) {
    const code = body.charCodeAt(at);
    sum += (code < 58 ? code - 48 : code - 55) * (weights[at] as number);
  }
  const check = (11 - (sum % 11)) % 11;
  return body + (check === 10 ? "X" : String(check));
}
