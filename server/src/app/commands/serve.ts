import { makeOwnerLink, needsOwner } from "../../access/index.ts";
import { listBooks } from "../../books/index.ts";
import { refreshFacts } from "../../insight/index.ts";
import { createDemo } from "../demo-company.ts";
import { layDesk } from "../demo-desk.ts";
import { type Command } from "../command.ts";

export const serveCommands: readonly Command[] = [
  {
    name: "serve", zh: "启动服务:网页、HTTP 接口;首次启动时建演示公司", en: "serve the pages and the HTTP API; the first start makes the demo company",
    options: { "no-demo": { zh: "不建演示公司", en: "do not make the demo company" }, port: { value: "N", zh: "端口,缺省 TIEOUT_PORT 或 4380", en: "default TIEOUT_PORT or 4380" } },
    examples: ["serve", "serve --port 8080 --no-demo"],
    async run(call) {
      const { openHttp } = await import("../http.ts"); // the server alone needs its many parts
      const { openAlerting } = await import("../alerting.ts");
      const { openFlows } = await import("../flows/flows.ts");
      const { openReconciling } = await import("../reconciling.ts");
      const { buildWeb } = await import("../web-files.ts");
      const ctx = await call.open();
      const { print, note, paint, progress } = { print: call.terminal.print, note: call.terminal.note, paint: call.terminal.paint, progress: call.terminal.progress };
      await buildWeb(ctx.log);
      const { publicUrl, oidc } = call.config;
      const http = await openHttp(ctx, { host: call.config.host, port: call.number("port") ?? call.config.port, publicUrl, oidc });
      const flows = openFlows(ctx);
      const alerting = openAlerting(ctx, { publicUrl: publicUrl ?? http.url });
      const stopped = stopOnSignal();
      print(`业财通 Tieout  ${paint.bold(http.url)}`);
      if (!call.flag("no-demo") && (await listBooks(ctx.db)).length === 0) {
        print("首次启动,正在建立演示公司 DEMO(约五万张单据)… · First start: making the demo company DEMO, about 50,000 documents …");
        const bar = progress("demo", 50_000);
        const made = createDemo(ctx, { seed: 1, scale: 1, book: "DEMO", from: "2026-01", months: 12 }, (count) => bar.step(count));
        const isMade = await Promise.race([made.then(() => true), stopped.then(() => false)]);
        bar.done();
        // The boards of the demo company are there when somebody opens them, not while they look.
        if (isMade) for (const book of await listBooks(ctx.db)) await refreshFacts(ctx, book);
        if (isMade) await layDesk({ ...ctx, actor: { id: "system" } }, (await made).book);
        if (isMade) print(`演示公司已就绪,用时 ${Math.ceil((await made).seconds)} 秒 · The demo company is ready`);
        else made.catch(() => {});
      }
      print([
        `  打开 open      ${http.url}/`, `  接口 API       ${http.url}/api/docs`, `  格式 schemas   ${http.url}/api/schemas`,
        ...(await needsOwner(ctx) ? [`  所有者 owner   ${publicUrl ?? http.url}${(await makeOwnerLink(ctx)).path}`, "                 一次性链接,24 小时内有效,用来设第一位所有者 · one-time link, 24 hours, makes the first owner"] : []),
        "  命令 commands  tieout --help(另开一个终端 in another terminal)", "  停止 stop      Ctrl-C",
      ].join("\n"));
      const reconciling = openReconciling(ctx);
      const signal = await stopped;
      note(`收到 ${signal},正在停止 · stopping`);
      // A database that is gone answers nobody; what waits for it must not hold the process for ever.
      setTimeout(() => { note("30 秒内未能正常停止,强制结束 · not stopped within 30 s, ended"); process.exit(70); }, stopMs).unref();
      await http.close();
      await flows.close();
      await alerting.close();
      await reconciling.close();
    },
  },
  {
    name: "migrate", zh: "把数据库结构升级到本版本", en: "bring the database to this version", examples: ["migrate"],
    async run(call) {
      const { db } = await call.open(); // opening migrates
      const { number, name } = await db.one<{ number: number; name: string }>("select number, name from platform.migration order by number desc limit 1");
      call.answer({ migration: number, name }, () => `数据库结构已是最新:${name} · the database is up to date`);
    },
  },
];

const stopMs = 30_000;
const stopOnSignal = (): Promise<string> => new Promise((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve(signal));
});
