/** The old binary workbook. Its reader takes the whole file at once, so it runs in a thread of its own with bounded memory. */
import { open } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { Broken, type LocalFile } from "./local-file.ts";
import type { Line } from "./table.ts";

const limits = { fileBytes: 67_108_864, heapMb: 512, seconds: 60 };

export type XlsAnswer = { readonly is: "lines"; readonly first: number; readonly lines: readonly (readonly string[])[] } | { readonly is: "end" } | { readonly is: "no sheet" } | { readonly is: "broken"; readonly cause: string };

export async function* xlsLines(file: LocalFile, options: { readonly sheet?: string | undefined }): AsyncGenerator<Line> {
  if (file.size > limits.fileBytes) throw new Broken({ code: "file.too_large", facts: { name: file.name, what: "bytes", limit: limits.fileBytes } });
  if (!(await startsWith(file.path, signature))) throw new Broken({ code: "file.broken", facts: { name: file.name, cause: "no .xls workbook" } });
  const worker = new Worker(new URL("./xls-worker.ts", import.meta.url), { workerData: { path: file.path, sheet: options.sheet }, resourceLimits: { maxOldGenerationSizeMb: limits.heapMb } });
  let answer: (answer: XlsAnswer) => void = () => {};
  worker.on("message", (message: XlsAnswer) => answer(message));
  worker.on("error", (error) => answer({ is: "broken", cause: error instanceof Error ? error.message : String(error) }));
  worker.on("exit", () => answer({ is: "broken", cause: "it takes too much time or memory" }));
  try {
    for (;;) {
      const timer = setTimeout(() => void worker.terminate(), limits.seconds * 1000);
      const got = await new Promise<XlsAnswer>((resolve) => {
        answer = resolve;
        worker.postMessage("next");
      });
      clearTimeout(timer);
      if (got.is === "end") return;
      if (got.is === "no sheet") throw new Broken({ code: "xlsx.no_sheet", facts: { name: file.name, sheet: options.sheet ?? "" } });
      if (got.is === "broken") throw new Broken({ code: "file.broken", facts: { name: file.name, cause: got.cause } });
      for (const [at, cells] of got.lines.entries()) yield { cells, place: `row ${got.first + at}`, isSparse: true, bytes: async () => Buffer.from(JSON.stringify(cells)) };
    }
  } finally {
    await worker.terminate();
  }
}

/** The reader would take any text for a workbook of one cell. */
const signature = Buffer.from("d0cf11e0a1b11ae1", "hex");

async function startsWith(path: string, bytes: Buffer): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(bytes.length), 0, bytes.length, 0);
    return buffer.equals(bytes);
  } finally {
    await file.close();
  }
}

