/**
 * The command line. What each command is stands in commands/; this file finds it, opens the store for it when it asks, and
 * turns what goes wrong into a sentence and an exit code.
 */
import { mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { config, type Ctx, type Log, openLog, openStore, openTerminal, Refusal, type Store, systemClock } from "../platform/index.ts";
import { closeAudit } from "../audit/index.ts";
import { answerError, StoreUnreachable } from "./answer.ts";
import { type CommandRecord, recordCommand } from "./audited-commands.ts";
import { Call, type Command, commandHelp, listHelp, parseCall, problemText } from "./command.ts";
import { commands } from "./commands/index.ts";
import { registerAll } from "./registry.ts";
import { version } from "./version.ts";

async function main(words: readonly string[]): Promise<number> {
  registerAll();
  // A reader that has seen enough, such as `head`, closes the pipe: that is the end, not a fault.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 70));
  const settings = config();
  const terminal = openTerminal({ isColorOff: settings.isColorOff });
  const isJson = words.includes("--json");
  let opened: Store | undefined;
  let ctx: Ctx | undefined;
  let record: CommandRecord | undefined;
  try {
    const found = findCommand(words);
    if (typeof found === "number") return found;
    const { command, rest } = found;
    const parsed = parseCall(command, rest);
    if (parsed.options.has("help")) {
      terminal.print(commandHelp(command, terminal));
      return 0;
    }
    // Short commands speak for themselves; only the server logs what it does.
    const log = logFor(command.name === "serve" ? settings.logLevel : settings.logLevel === "info" ? "error" : settings.logLevel, settings.logFile);
    const actor = { id: parsed.options.get("as")?.[0] ?? userInfo().username };
    const open = async (): Promise<Ctx> => {
      opened ??= await openStore(settings, { log }).catch((cause: unknown) => {
        throw new StoreUnreachable("the store did not open", { cause });
      });
      ctx ??= { db: opened, actor, now: systemClock, log, dataDir: settings.dataDir };
      await record?.begin(ctx, call);
      return ctx;
    };
    const call = new Call(command, parsed, terminal, settings, open);
    record = recordCommand(command.name, words);
    const code = await command.run(call);
    if (ctx) await record.end(ctx, call, code);
    return code ?? 0;
  } catch (error) {
    const log = faultLog(settings.logFile ?? join(settings.dataDir, "tieout.log"));
    const { status, error: problem } = answerError(error, log);
    if (ctx) await record?.fail(ctx, error, problem).catch((fault: unknown) => log.error("an act is not yet in the audit trail; its intent is kept", { error: fault }));
    if (isJson) terminal.print(JSON.stringify({ error: problem }, null, 2));
    else terminal.note(problemText(problem, openTerminal({ out: process.stderr, isColorOff: settings.isColorOff })));
    if (error instanceof Refusal) return error.code.startsWith("usage.") ? 2 : 1;
    return status === 503 ? 3 : 70;
  } finally {
    if (opened) await closeAudit({ db: opened }).catch(() => {});
    await opened?.close().catch(() => {});
  }

  /** The command whose name stands first; help and version answer at once. Refuses: usage.command. */
  function findCommand(all: readonly string[]): { command: Command; rest: readonly string[] } | number {
    const [first, second] = all;
    if (first === "--version" || first === "version") {
      terminal.print(version);
      return 0;
    }
    if (first === undefined || first === "--help" || first === "help") {
      const named = first === "help" ? all.slice(1) : [];
      if (named.length > 0) return findCommand([...named, "--help"]);
      terminal.print(listHelp(commands, introduction, terminal));
      return first === undefined ? 2 : 0;
    }
    const named = [3, 2, 1].map((words) => all.slice(0, words).join(" "));
    const command = named.map((wanted) => commands.find(({ name }) => name === wanted)).find((found) => found !== undefined);
    if (command) return { command, rest: all.slice(command.name.split(" ").length) };
    const group = commands.filter(({ name }) => name.startsWith(`${first} `));
    if (group.length > 0) {
      terminal.print(listHelp(group, [`tieout ${first} …`], terminal));
      return second === "--help" ? 0 : 2;
    }
    throw new Refusal({ code: "usage.command", facts: { got: first, alike: alike(first) } });
  }
}

/** Names that begin alike, or what most people look for. */
const alike = (word: string): string => commands.filter(({ name }) => name.startsWith(word.slice(0, 2))).map(({ name }) => name).join(", ") || "serve, post, vouchers, balances, verify";

const introduction = [
  "业财通 Tieout: 业务单据进,平衡的凭证出 · business documents in, balanced vouchers out",
  "",
  "开始 start",
  "  tieout book create B1 --pack cas-general --currency CNY --from 2026-01",
  "  tieout post documents.jsonl --book B1",
  "  tieout vouchers --book B1 --period 2026-01",
  "  tieout verify --book B1",
];

const logFor = (level: Parameters<typeof openLog>[0]["level"], file: string | undefined): Log => openLog({ level, file });

/** Faults go to a file, with their causes; people get a number. The file is made when there is something to say. */
function faultLog(path: string): Log {
  let log: Log | undefined;
  const opened = (): Log => {
    mkdirSync(join(path, ".."), { recursive: true });
    return (log ??= openLog({ level: "info", file: path }));
  };
  return { debug: () => {}, info: () => {}, warn: (message, facts) => opened().warn(message, facts), error: (message, facts) => opened().error(message, facts), with: () => opened() };
}

process.exitCode = await main(process.argv.slice(2));
