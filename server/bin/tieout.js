#!/usr/bin/env node
// Tieout's sources are TypeScript that Node 24 runs as it is. Where the machine's own Node is older, this file starts
// itself again with the Node 24 that came with `npm ci` (npm package `node`), and stands between it and the caller.
import { spawn } from "node:child_process";
import * as module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  stopWhenTheParentIsGone();
  // Sources without their types are kept for the next start, which halves it. Where the folder cannot be written, nothing is lost.
  module.enableCompileCache?.(fileURLToPath(new URL("../../node_modules/.cache/tieout", import.meta.url)));
  await import("../src/app/cli.ts");
} else {
  startAgain(bundledNode());
}

function bundledNode() {
  try {
    const root = dirname(module.createRequire(import.meta.url).resolve("node/package.json"));
    return join(root, "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    process.stderr.write(`tieout needs Node 22.18 or newer and found ${process.version}; run "npm ci" to get Node 24 beside it.\n`);
    process.exit(69);
  }
}

/** Hands stdio, signals and the exit code through. The extra channel tells the child when this process is killed. */
function startAgain(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  child.on("error", (error) => {
    process.stderr.write(`tieout cannot start ${node}: ${error.message}\n`);
    process.exit(69);
  });
  // A terminal sends Ctrl-C to both processes by itself; passing it on would count as pressing it twice.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 70);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function stopWhenTheParentIsGone() {
  if (process.channel === undefined) return;
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}
