import { schemaNames, schemaOf } from "../../documents/index.ts";
import { refuse, renderProblem, table } from "../../platform/index.ts";
import { type Check, checkNames, rebuildBalances, verify } from "../../vouchers/index.ts";
import { bookOption, type Command, left, problemText, right } from "../command.ts";

const findingsShown = 30;

export const proofCommands: readonly Command[] = [
  {
    name: "verify", zh: "验证:平衡、余额、连号、防篡改链与库外锚、关联守恒、完整性", en: "prove the books: balance, numbers, chain and anchors, links, completeness",
    options: { ...bookOption, "rebuild-balances": { zh: "先由分录重建余额", en: "make the balances anew from the lines first" } },
    examples: ["verify --book B1", "verify --book B1 --json", "verify --book B1 --rebuild-balances"],
    async run(call) {
      const { ctx, book } = await call.book();
      if (call.flag("rebuild-balances")) {
        const balances = await rebuildBalances(ctx, book);
        if (!call.isJson) call.terminal.print(`已由分录重建 ${balances} 个余额 · ${balances} balances rebuilt from the lines`);
      }
      let progress: ReturnType<typeof call.terminal.progress> | undefined;
      let drawn = 0;
      const result = await verify(ctx, book, {
        onProgress(done, total) {
          progress ??= call.terminal.progress(`verify ${book.code}`, total);
          progress.step(done - drawn);
          drawn = done;
        },
      });
      progress?.done();
      const { paint } = call.terminal;
      call.answer({ ...result, findings: result.findings.map((finding) => ({ check: finding.check, ...renderProblem(finding) })) }, () => [
        table([left(""), left("检查 check"), left(""), right("发现 findings")], result.checks.map(({ check, findings }) => [findings === 0 ? "✓" : "✗", checkNames[check as Check].zh, checkNames[check as Check].en, findings === 0 ? "" : String(findings)])), "",
        ...result.findings.slice(0, findingsShown).map((finding) => problemText(renderProblem(finding), call.terminal)),
        ...(result.findings.length > findingsShown ? [`… 共 ${result.findings.length} 项,全部见 --json · ${result.findings.length} in all, see --json`] : []),
        `${result.isWhole ? paint.green("账簿完好 · the books are whole") : paint.red("账簿有问题 · the books are not whole")}  凭证 vouchers ${result.vouchers}  分录 lines ${result.lines}  区块 blocks ${result.blocks}  锚 anchors ${result.anchors}(至区块 to block ${result.anchoredBlock})  ${result.seconds.toString().slice(0, 5)} s`,
      ].join("\n"));
      return result.isWhole ? 0 : 1;
    },
  },
  {
    name: "schemas", zh: "单据与主数据的公开格式(JSON Schema)", en: "the public form of documents and master records as JSON Schema",
    arguments: [{ name: "KIND", zh: "种类;不写则列出全部", en: "the kind; without it all are listed" }], examples: ["schemas", "schemas goodsReceipt > goodsReceipt.schema.json"],
    async run(call) {
      const [kind] = call.arguments;
      if (kind === undefined) return call.list(schemaNames(), ["种类 kind", "中文", "English", "格式 schema", ""].map(left), (name) => [name.kind, name.zh, name.en, name.schema, name.is === "master" ? "主数据 master record" : "单据 document"]);
      const schema = schemaOf(kind);
      if (!schema) refuse("schema.kind_unknown", { kind });
      call.terminal.print(JSON.stringify(schema, null, 2));
    },
  },
];
