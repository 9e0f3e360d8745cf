/** Provinces and prefectures of GB/T 2260, with the short names by which companies call them. Written in the order of the codes. */

export type Region = { readonly code: string; readonly name: string };

const provinceText = "11北京 12天津 13河北 14山西 15内蒙古 21辽宁 22吉林 23黑龙江 31上海 32江苏 33浙江 34安徽 35福建 36江西 37山东 41河南 42湖北 43湖南 44广东 45广西 46海南 50重庆 51四川 52贵州 53云南 54西藏 61陕西 62甘肃 63青海 64宁夏 65新疆 71台湾 81香港 82澳门";

// Within a province the codes run 01, 02, …; a number before a name says where the count goes on.
const prefectureText: Readonly<Record<string, string>> = {
  13: "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水",
  14: "太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁",
  15: "呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 22兴安 25锡林郭勒 29阿拉善",
  21: "沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛",
  22: "长春 吉林 四平 辽源 通化 白山 松原 白城 24延边",
  23: "哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 27大兴安岭",
  32: "南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁",
  33: "杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水",
  34: "合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 10黄山 滁州 阜阳 宿州 15六安 亳州 池州 宣城",
  35: "福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德",
  36: "南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶",
  37: "济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 12莱芜 临沂 德州 聊城 滨州 菏泽",
  41: "郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店",
  42: "武汉 黄石 十堰 05宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 28恩施",
  43: "长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 31湘西",
  44: "广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 12肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 51潮州 揭阳 云浮",
  45: "南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左",
  46: "海口 三亚 三沙 儋州",
  51: "成都 03自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 13南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 32阿坝 甘孜 凉山",
  52: "贵阳 六盘水 遵义 安顺 毕节 铜仁 23黔西南 26黔东南 黔南",
  53: "昆明 03曲靖 玉溪 保山 昭通 丽江 普洱 临沧 23楚雄 25红河 文山 28西双版纳 大理 31德宏 33怒江 迪庆",
  54: "拉萨 日喀则 昌都 林芝 山南 那曲 25阿里",
  61: "西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛",
  62: "兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 29临夏 甘南",
  63: "西宁 海东 22海北 黄南 25海南州 果洛 玉树 海西",
  64: "银川 石嘴山 吴忠 固原 中卫",
  65: "乌鲁木齐 克拉玛依 04吐鲁番 哈密 23昌吉 27博尔塔拉 巴音郭楞 阿克苏 克孜勒苏 喀什 32和田 40伊犁 42塔城 阿勒泰",
};

export const provinces: readonly Region[] = provinceText.split(" ").map((word) => ({ code: word.slice(0, 2), name: word.slice(2) }));

export const prefectures: readonly Region[] = Object.entries(prefectureText).flatMap(([province, text]) => {
  let at = 0;
  return text.split(" ").map((word) => {
    const jump = /^\d\d/.exec(word);
    at = jump ? Number(jump[0]) : at + 1;
    return { code: `${province}${String(at).padStart(2, "0")}`, name: jump ? word.slice(2) : word };
  });
});

/** Short names of provinces, as on number plates. */
export const provinceAliases: Readonly<Record<string, string>> = {
  京: "北京", 津: "天津", 冀: "河北", 晋: "山西", 蒙: "内蒙古", 辽: "辽宁", 吉: "吉林", 黑: "黑龙江", 沪: "上海", 苏: "江苏", 浙: "浙江", 皖: "安徽", 闽: "福建", 赣: "江西", 鲁: "山东", 豫: "河南",
  鄂: "湖北", 湘: "湖南", 粤: "广东", 桂: "广西", 琼: "海南", 渝: "重庆", 川: "四川", 蜀: "四川", 黔: "贵州", 滇: "云南", 藏: "西藏", 陕: "陕西", 甘: "甘肃", 青: "青海", 宁: "宁夏", 新: "新疆", 港: "香港", 澳: "澳门", 台: "台湾",
};

/** Counties and districts that companies often carry in their names, with the prefecture (or province) above them. */
export const counties: Readonly<Record<string, string>> = Object.fromEntries(
  ("昆山苏州 常熟苏州 张家港苏州 太仓苏州 吴江苏州 江阴无锡 宜兴无锡 义乌金华 东阳金华 永康金华 慈溪宁波 余姚宁波 奉化宁波 宁海宁波 象山宁波 诸暨绍兴 上虞绍兴 嵊州绍兴 乐清温州 瑞安温州 苍南温州 温岭台州 临海台州 玉环台州 桐乡嘉兴 海宁嘉兴 平湖嘉兴 " +
    "嘉善嘉兴 海盐嘉兴 萧山杭州 余杭杭州 富阳杭州 临安杭州 长兴湖州 德清湖州 安吉湖州 晋江泉州 石狮泉州 南安泉州 惠安泉州 福清福州 长乐福州 顺德佛山 南海佛山 三水佛山 番禺广州 花都广州 增城广州 南沙广州 宝安深圳 龙岗深圳 南山深圳 福田深圳 " +
    "浦东上海 嘉定上海 松江上海 青浦上海 奉贤上海 金山上海 闵行上海 宝山上海 崇明上海 朝阳区北京 海淀北京 昌平北京 顺义北京 通州区北京 大兴北京 丰台北京 靖江泰州 泰兴泰州 兴化泰州 丹阳镇江 扬中镇江 句容镇江 启东南通 海门南通 如皋南通 海安南通 如东南通 " +
    "仪征扬州 高邮扬州 江都扬州 溧阳常州 武进常州 金坛常州 邳州徐州 新沂徐州 沛县徐州 胶州青岛 即墨青岛 平度青岛 莱西青岛 黄岛青岛 龙口烟台 莱州烟台 招远烟台 蓬莱烟台 寿光潍坊 诸城潍坊 高密潍坊 青州潍坊 荣成威海 文登威海 乳山威海 滕州枣庄 曲阜济宁 邹城济宁 兖州济宁 " +
    "肥城泰安 新泰泰安 章丘济南 巩义郑州 新郑郑州 荥阳郑州 新密郑州 长葛许昌 禹州许昌 偃师洛阳 浏阳长沙 宁乡长沙 醴陵株洲 任丘沧州 黄骅沧州 泊头沧州 霸州廊坊 三河廊坊 固安廊坊 高碑店保定 涿州保定 定州保定 安国保定 辛集石家庄 正定石家庄 迁安唐山 遵化唐山 滦南唐山 " +
    "海城鞍山 瓦房店大连 普兰店大连 庄河大连 都江堰成都 双流成都 郫县成都 郫都成都 新都成都 彭州成都 崇州成都 什邡德阳 广汉德阳 江油绵阳 万州重庆 涪陵重庆 永川重庆 江津重庆 合川重庆 天门湖北 仙桃湖北 潜江湖北 枝江宜昌 宜都宜昌 大冶黄石 武穴黄冈 麻城黄冈 " +
    "丰城宜春 樟树宜春 高安宜春 瑞金赣州 贵溪鹰潭 乐平景德镇 博罗惠州 惠阳惠州 四会肇庆 开平江门 台山江门 鹤山江门 新会江门 恩平江门 阳春阳江 英德清远 普宁揭阳 廉江湛江 高州茂名 化州茂名 信宜茂名 桐城安庆 巢湖合肥 肥西合肥 肥东合肥 长丰合肥 天长滁州 宁国宣城 界首阜阳")
    .split(" ").map(splitPair),
);

/** The longest prefecture or province name that ends the pair is what lies above. */
function splitPair(pair: string): [string, string] {
  const above = [...prefectures, ...provinces].map(({ name }) => name).filter((name) => pair.endsWith(name) && pair.length - name.length >= 2).sort((a, b) => b.length - a.length)[0] ?? "";
  return [pair.slice(0, pair.length - above.length), above];
}
