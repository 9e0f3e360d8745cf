/**
 * The web app's files. They are built on the first start and whenever the sources have changed since; that takes a second, and needs
 * nothing but what is installed. Files are kept compressed beside themselves.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { glob, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import type { Log } from "../platform/index.ts";

const root = fileURLToPath(new URL("../../../web", import.meta.url));
export const webDist = join(root, "dist");
const stampFile = join(webDist, "built.txt");

/** Builds when there is nothing built of these very sources. Answers whether it built. */
export async function buildWeb(log: Log): Promise<boolean> {
  const stamp = await stampOf();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return false;
  const { build } = await import("vite");
  // Built beside and then put in place, so that a page is never served from half a build.
  const made = join(root, `dist-${process.pid}`);
  await build({ root, configFile: join(root, "vite.config.ts"), logLevel: "silent", build: { outDir: made } });
  for await (const file of glob("**/*.{js,css,svg,html}", { cwd: made })) {
    const bytes = await readFile(join(made, file));
    await Promise.all([writeFile(join(made, `${file}.br`), await promisify(brotliCompress)(bytes)), writeFile(join(made, `${file}.gz`), await promisify(gzip)(bytes))]);
  }
  await writeFile(join(made, "built.txt"), stamp);
  await mkdir(root, { recursive: true });
  await rm(webDist, { recursive: true, force: true });
  await rename(made, webDist);
  log.info("the web app was built", { folder: webDist });
  return true;
}

async function stampOf(): Promise<string> {
  const files: string[] = [];
  for await (const file of glob("{src/**/*,public/**/*,index.html,vite.config.ts,package.json}", { cwd: root, withFileTypes: true })) if (file.isFile()) files.push(join(file.parentPath, file.name));
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(file.slice(root.length)).update("\0").update(await readFile(file)).update("\0");
  return hash.digest("hex");
}
