import { changeSetting, createBook, isSettingKey, listBooks, packIds, type Setting, settings, settingKeys, showBook } from "../../books/index.ts";
import { refuse, table } from "../../platform/index.ts";
import { type Command, left } from "../command.ts";

export const bookCommands: readonly Command[] = [
  {
    name: "book create", zh: "建账:科目表、期间、设置、规则一次建好", en: "make a book: chart, calendar, settings and rules in one go",
    arguments: [{ name: "CODE", required: true, zh: "账簿代码", en: "the book's code" }],
    options: {
      pack: { value: "PACK", required: true, zh: "科目规则包", en: "the pack of chart and rules", choices: packIds() },
      currency: { value: "CNY", zh: "本位币,缺省 CNY", en: "base currency; default CNY" },
      from: { value: "YYYY-MM", required: true, zh: "启用期间", en: "the first period" },
      name: { value: "TEXT", zh: "名称", en: "its name" },
      group: { value: "GROUP", zh: "所属集团(共用发票号唯一性)", en: "books of one group share one space of invoice numbers" },
      set: { value: "KEY=VALUE", many: true, zh: "设置,可多次", en: "a setting; may be repeated" },
    },
    examples: ["book create B1 --pack cas-general --currency CNY --from 2026-01", "book create B2 --pack cas-retail --from 2026-01 --set costing=fifo --set revenueAt=shipment"],
    more: [{ zh: `设置项:${settingKeys.join(", ")};取值见 tieout book set --help`, en: "Settings and their values: tieout book set --help" }],
    async run(call) {
      const ctx = await call.open();
      const chosen = Object.fromEntries(call.options("set").map((pair) => {
        const equals = pair.indexOf("=");
        return equals > 0 ? [pair.slice(0, equals), pair.slice(equals + 1)] : refuse("usage.value", { command: call.command.name, option: "--set", wanted: "KEY=VALUE" });
      }));
      const book = await createBook(ctx, { code: call.argument(0), pack: call.required("pack"), currency: call.option("currency") ?? "CNY", from: call.required("from"), name: call.option("name"), group: call.option("group"), settings: chosen });
      call.answer(book, () => `账簿 ${book.code} 已建立(${book.pack}, ${book.currency}, 自 ${book.firstPeriod}) · Book ${book.code} is ready`);
    },
  },
  {
    name: "book list", zh: "列出账簿", en: "list the books", examples: ["book list", "book list --json"],
    async run(call) {
      const { db } = await call.open();
      call.list(await listBooks(db), ["代码 code", "名称 name", "包 pack", "本位币 currency", "启用 from", "集团 group"].map(left), (book) => [book.code, book.name, book.pack, book.currency, book.firstPeriod, book.groupCode]);
    },
  },
  {
    name: "book show", zh: "一本账簿的期间、设置与变更记录", en: "a book with its periods, settings and their history",
    arguments: [{ name: "CODE", required: true, zh: "账簿代码", en: "the book's code" }], examples: ["book show B1"],
    async run(call) {
      const book = await showBook(await call.open(), call.argument(0));
      call.answer(book, () => [
        `${book.code} ${book.name}  ${book.pack}  ${book.currency}  自 from ${book.firstPeriod}  科目 accounts ${book.accounts}`, "",
        table(["设置 setting", "值 value", "说明"].map(left), settingKeys.map((key) => [key, book.settings[key], meaningOf(key, book.settings[key])])), "",
        table(["期间 period", "状态 state", "结账 closed"].map(left), book.periods.map(({ period, state, closedAt, closedBy }) => [period, state === "open" ? "开放 open" : "已结账 closed", closedAt === null ? "" : `${closedAt} ${closedBy ?? ""}`])), "",
        table(["时间 at", "谁 by", "事项 what", "内容 facts", "理由 reason"].map(left), book.acts.map(({ at, by, what, facts, reason }) => [at, by, what, what === "book.created" ? "" : JSON.stringify(facts), reason])),
      ].join("\n"));
    },
  },
  {
    name: "book set", zh: "更改设置(留痕)", en: "change a setting; the change is recorded",
    arguments: [{ name: "CODE", required: true, zh: "账簿代码", en: "the book's code" }, { name: "KEY", required: true, zh: "设置项", en: "the setting" }, { name: "VALUE", required: true, zh: "新值", en: "its new value" }],
    options: { reason: { value: "TEXT", zh: "理由", en: "why" } },
    examples: ["book set B1 costing fifo --reason \"2026 年董事会决议\"", "book set B1 lateDocuments park"],
    more: settingKeys.map((key) => ({ zh: `${key}  ${settings[key].zh}`, en: `  ${choicesText(key)}` })),
    async run(call) {
      const [code, key, value] = [call.argument(0), call.argument(1), call.argument(2)];
      const book = await changeSetting(await call.open(), code, key, value, call.option("reason"));
      call.answer(book, () => `${book.code}: ${key} = ${value}  ${isSettingKey(key) ? meaningOf(key, value) : ""}`);
    },
  },
];

function meaningOf(key: keyof typeof settings, value: string): string {
  const setting: Setting = settings[key];
  const words = "values" in setting ? setting.values[value] : undefined;
  return words ? `${setting.zh}:${words.zh} · ${words.en}` : setting.zh;
}

function choicesText(key: keyof typeof settings): string {
  const setting: Setting = settings[key];
  return "values" in setting ? Object.entries(setting.values).map(([value, { zh, en }]) => `${value} (${zh}, ${en})`).join(" | ") : `${setting.en}; ${setting.default === "" ? "–" : setting.default}`;
}
