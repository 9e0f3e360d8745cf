/** Word lists of company names: what a company does (行业), what it is in law (组织形式), and their English counterparts. Our own. */

/** Longest first where they are used. The form says nothing about who it is: 华新有限公司 and 华新有限责任公司 are the same firm. */
export const forms: readonly string[] = ("集团股份有限公司 集团有限责任公司 集团有限公司 控股集团有限公司 股份有限公司 有限责任公司 控股有限公司 有限公司 股份公司 责任公司 集团公司 总公司 公司 集团 股份 有限合伙 普通合伙 合伙企业 个人独资企业 " +
  "农民专业合作社 专业合作社 合作社 经营部 经销部 门市部 商行 商店 商场 总厂 工厂 厂 事务所 研究院 研究所 中心 工作室 个体工商户 店 行 部 社 院 所 站").split(" ").sort((a, b) => b.length - a.length);

export const branchWords: readonly string[] = "分公司 分厂 分行 支行 分店 分部 分社 分院 分所 营业部 办事处 代表处 销售部 项目部 门店 仓库 分中心".split(" ");

/** Trades; each group is one meaning, its first word stands for it. */
const tradeGroups = `科技 技术 高新技术 高科技 科技发展 技术开发 科技开发|信息 信息技术 信息科技|网络 互联网 网络科技|软件 软件开发|电子 电子科技 电子技术 电子元件 电子元器件|电气 电器 机电 电力设备 电气设备|机械 机械设备 机械制造 机械加工|设备 装备 设备制造|自动化 智能 智能化 智能科技 机器人
贸易 商贸 经贸 工贸 国际贸易 进出口 外贸 对外贸易 物贸|实业 实业发展 企业|投资 投资管理 创业投资 股权投资|控股|管理 企业管理 资产管理|咨询 管理咨询 信息咨询 商务咨询 企业咨询|服务 商务服务 技术服务|商务 电子商务|文化 文化传媒 传媒 文化传播 传播 文化发展|广告 广告传媒|设计 装饰设计|装饰 装饰工程 装修 装潢 装饰装修
建筑 建筑工程 建设 建设工程 建设集团 建工|工程 工程技术 安装工程|建材 建筑材料 装饰材料|房地产 房地产开发 置业 地产|物业 物业管理 物业服务|物流 货运 运输 仓储 物流运输 供应链 供应链管理 货物运输 国际物流 国际货运代理 货运代理 联运 快递 速运|汽车 汽车零部件 汽车配件 汽车销售 汽配 汽车服务|摩托车|船舶 造船 航运|航空 航天
化工 化学 化学工业 精细化工 石化 石油化工|石油 石油设备|橡胶 橡塑 塑料 塑胶 塑料制品 塑业 橡胶制品|涂料 油漆|农资 化肥 农药 肥业|医药 药业 制药 医药科技 大药房 药房|医疗 医疗器械 医疗科技 医疗设备|生物 生物科技 生物技术 生物工程|健康 健康管理 保健品|食品 食品加工 食业|饮料 饮品 酒业 酿酒 酒厂|餐饮 餐饮管理 餐饮服务|酒店 酒店管理 宾馆|农业 农业科技 农业发展 农业开发 农产品|畜牧 养殖 牧业|种业 种苗 苗圃 园艺|粮油 米业 粮食 面粉|水产 水产品 渔业|茶业 茶叶
纺织 纺织品 织造 印染 纺织科技 针织|服装 服饰 制衣 时装 服装服饰|鞋业 制鞋 鞋服|皮革 皮具 箱包|家具 家居 家居用品 家私|家电 家用电器|玩具 工艺品 礼品|珠宝 首饰 黄金|包装 包装材料 包装制品|印刷 印务 彩印|纸业 造纸 纸品 纸制品|文具 办公用品 办公设备|五金 五金制品 五金机电 五金工具|钢铁 钢材 特钢 钢结构 钢管 不锈钢|金属 金属制品 金属材料 有色金属|铝业 铝材 铜业 铜材|模具 精密模具 精密机械 精密|轴承 齿轮 液压 阀门 泵业 紧固件 标准件|仪器 仪表 仪器仪表|电缆 电线电缆 线缆|电池 电源 蓄电池|照明 灯饰 光电 光电科技|光伏 太阳能 新能源 新能源科技|能源 能源科技 电力 电力工程|燃气 热力 煤炭 煤业 焦化|矿业 矿产 矿山|环保 环保科技 环境 环境科技 环境工程 节能 节能科技 节能环保|水务 水处理|园林 园林绿化 景观 绿化
教育 教育科技 教育咨询 培训|体育 健身 体育用品|旅游 旅行社 旅业|影视 影视文化 娱乐|人力资源 劳务 劳务派遣|金融 融资租赁 租赁 小额贷款 担保 融资担保 典当 保险 保险代理 证券 基金 银行|会计 会计师 税务师 律师 代理记账|检测 检验 检测技术 检验检测|通信 通讯 通信技术 通信设备 通讯设备|半导体 微电子 集成电路|数码 数字 数字科技 大数据 数据 云计算|安防 消防 保安|家政 清洁 保洁|美容 美发 化妆品 日化|超市 百货 便利店 购物中心|医院 诊所 门诊部 学校 幼儿园|玻璃 陶瓷 水泥 混凝土 石材 耐火材料|木业 木材 竹木|新材料 材料 材料科技 复合材料|制造 加工 制品 生产|销售 批发 零售 营销|开发 发展 研究 国际 产业 工业`;

export const tradeOf: ReadonlyMap<string, string> = new Map(tradeGroups.split(/[|\n]/).flatMap((group) => {
  const words = group.split(" ");
  return words.map((word): [string, string] => [word, words[0] as string]);
}));
export const tradeLongest: number = Math.max(...[...tradeOf.keys()].map((word) => word.length));
/** Trades that nearly any company adds; they tell nobody apart. */
export const emptyTrades: ReadonlySet<string> = new Set(["发展", "开发", "实业", "制造", "销售", "国际", "管理", "服务", "控股"].map((word) => tradeOf.get(word) ?? word));

export const englishTrades: Readonly<Record<string, string>> = {
  TECHNOLOGY: "科技", TECHNOLOGIES: "科技", TECH: "科技", SCIENCE: "科技", INFORMATION: "信息", NETWORK: "网络", SOFTWARE: "软件", ELECTRONIC: "电子", ELECTRONICS: "电子", ELECTRIC: "电气", ELECTRICAL: "电气", MACHINERY: "机械", EQUIPMENT: "设备",
  AUTOMATION: "自动化", INTELLIGENT: "自动化", TRADE: "贸易", TRADING: "贸易", IMPORT: "贸易", EXPORT: "贸易", INDUSTRIAL: "实业", INDUSTRY: "实业", INVESTMENT: "投资", CONSULTING: "咨询", CULTURE: "文化", MEDIA: "文化", ADVERTISING: "广告", DECORATION: "装饰",
  CONSTRUCTION: "建筑", ENGINEERING: "工程", LOGISTICS: "物流", AUTOMOBILE: "汽车", AUTO: "汽车", CHEMICAL: "化工", CHEMICALS: "化工", PLASTIC: "橡胶", PLASTICS: "橡胶", RUBBER: "橡胶", PHARMACEUTICAL: "医药", MEDICAL: "医疗", BIOTECHNOLOGY: "生物", FOOD: "食品", FOODS: "食品",
  CATERING: "餐饮", HOTEL: "酒店", AGRICULTURE: "农业", TEXTILE: "纺织", TEXTILES: "纺织", GARMENT: "服装", GARMENTS: "服装", CLOTHING: "服装", FURNITURE: "家具", PACKAGING: "包装", PRINTING: "印刷", PAPER: "纸业", HARDWARE: "五金", STEEL: "钢铁", METAL: "金属", METALS: "金属",
  MOULD: "模具", MOLD: "模具", BEARING: "轴承", INSTRUMENT: "仪器", INSTRUMENTS: "仪器", CABLE: "电缆", BATTERY: "电池", LIGHTING: "照明", ENERGY: "能源", ENVIRONMENTAL: "环保", ENVIRONMENT: "环保", COMMUNICATION: "通信", COMMUNICATIONS: "通信", SEMICONDUCTOR: "半导体", GLASS: "玻璃",
  MATERIAL: "新材料", MATERIALS: "新材料", EDUCATION: "教育", TRAVEL: "旅游", SUPPLY: "物流", CHAIN: "物流",
};

/** Legal forms of Latin names, dropped wherever they stand. */
export const latinForms: ReadonlySet<string> = new Set("CO COMPANY LTD LIMITED INC INCORPORATED CORP CORPORATION LLC LLP LP PLC GMBH AG KG SA SARL SAS SPA SRL BV NV AB AS OY PTY PTE KK SDN BHD GROUP HOLDING HOLDINGS THE AND OF CHINA".split(" "));
