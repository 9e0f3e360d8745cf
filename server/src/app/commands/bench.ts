import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command } from "../command.ts";

const folder = fileURLToPath(new URL("../../../../bench/", import.meta.url));
const names = (): string[] => (existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts")).map((file) => file.slice(0, -3)).sort() : []);

export const benchCommands: readonly Command[] = [
  {
    name: "bench", zh: "性能测量:README 里的每个数字都有一条命令", en: "measurements: each figure of the README has its command", handsOn: true,
    arguments: [{ name: "NAME", required: true, zh: names().join(" | "), en: "which; what follows is handed on to it" }], examples: ["bench posting --documents 100000 --json"],
    async run(call) {
      const name = call.choose("NAME", call.argument(0), names());
      const child = spawn(process.execPath, [join(folder, `${name}.ts`), ...call.arguments.slice(1)], { stdio: "inherit" });
      return new Promise((resolve, reject) => child.on("error", reject).on("exit", (code) => resolve(code ?? 70)));
    },
  },
];
