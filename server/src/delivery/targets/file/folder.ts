/**
 * A folder that takes each delivery once. A batch is written below `.tieout` and made durable, then the list of what it holds, and only
 * then the file appears in the folder, whole and under its final name. Whoever opens the folder after a crash finishes what was listed
 * and drops what was not, so that sending again never makes a second file. An epoch keeps a worker out whose turn is over.
 */
import { hash } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Unfit } from "../outcome.ts";

export type FolderSession = {
  /** The file in which a delivery went out. */
  readonly fileOf: (deliveryId: string) => string | undefined;
  /** Refuses (Unfit): target.folder, target.file_differs, delivery.fenced. Nothing was delivered then. */
  readonly place: (file: string, bytes: Buffer, held: readonly Held[]) => Promise<void>;
};
/** What the list says of each delivery, for a person who confirms an import. */
export type Held = { readonly deliveryId: string; readonly reference: string; readonly subject: string };

/** The same deliveries make the same batch, in whatever order they come. */
export const batchOf = (deliveryIds: readonly string[]): string => hash("sha256", [...deliveryIds].sort().join("\n"), "hex").slice(0, 12);

/** Refuses (Unfit): target.folder, delivery.fenced. */
export const openFolder = (folder: string, flow: string, epoch: bigint): Promise<FolderSession> => guarded(folder, async () => {
  const own = join(folder, ".tieout", `${flow.replace(/[^A-Za-z0-9]+/g, "-").slice(0, 40)}-${hash("sha256", flow, "hex").slice(0, 8)}`);
  await stat(folder); // never made here: a folder with a slip in its name would be one that nobody reads
  await mkdir(own, { recursive: true });
  await takeOver(own, epoch);
  const files = new Map<string, string>();
  const names = await readdir(own);
  for (const name of names.filter((one) => one.endsWith(listEnding))) {
    const { file, deliveries } = JSON.parse(await readFile(join(own, name), "utf8")) as { readonly file: string; readonly deliveries: readonly Held[] };
    for (const { deliveryId } of deliveries) files.set(deliveryId, file);
    if (names.includes(`${file}${draftEnding}`)) await publish(folder, own, file);
  }
  for (const name of await readdir(own)) if (name.endsWith(draftEnding)) await rm(join(own, name)); // never listed: never delivered

  return {
    fileOf: (deliveryId) => files.get(deliveryId),
    place: (file, bytes, held) => guarded(folder, async () => {
      await stillOurs(own, epoch);
      const there = await contentOf(join(folder, file));
      if (there !== undefined && !there.equals(bytes)) throw new Unfit("target.file_differs", { file });
      await writeDurably(join(own, `${file}${draftEnding}`), bytes);
      const list = { file, sha256: hash("sha256", bytes, "hex"), deliveries: held };
      await writeDurably(join(own, `${file}.new`), Buffer.from(`${JSON.stringify(list, null, 1)}\n`));
      await stillOurs(own, epoch);
      await rename(join(own, `${file}.new`), join(own, `${file}${listEnding}`));
      await syncFolder(own);
      await publish(folder, own, file);
      for (const { deliveryId } of held) files.set(deliveryId, file);
    }),
  };
});

/** Refuses (Unfit): target.folder. Writes where deliveries will be written, and leaves nothing. */
export const tryFolder = (folder: string): Promise<void> => guarded(folder, async () => {
  const probe = join(folder, ".tieout", `check-${process.pid}`);
  await stat(folder);
  await mkdir(join(folder, ".tieout"), { recursive: true });
  await writeDurably(probe, Buffer.from("check"));
  await rm(probe);
});

const draftEnding = ".draft";
const listEnding = ".list.json";

async function guarded<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (error instanceof Unfit || typeof code !== "string") throw error;
    throw new Unfit("target.folder", { folder, cause: code });
  }
}

/** The draft under its final name. One that is gone was published before, even if an importer took the file since. Never overwrites. */
async function publish(folder: string, own: string, file: string): Promise<void> {
  const [draft, final] = [join(own, `${file}${draftEnding}`), join(folder, file)];
  const [bytes, there] = [await contentOf(draft), await contentOf(final)];
  if (bytes === undefined) return;
  if (there === undefined) {
    try {
      await link(draft, final);
    } catch (error) {
      const { code } = error as { readonly code?: string };
      if (code === "EEXIST") return publish(folder, own, file);
      await rename(draft, final); // a share without links
    }
    await syncFolder(folder);
  } else if (!there.equals(bytes)) {
    await rm(join(own, `${file}${listEnding}`), { force: true });
    throw new Unfit("target.file_differs", { file });
  }
  await rm(draft, { force: true });
}

async function takeOver(own: string, epoch: bigint): Promise<void> {
  await stillOurs(own, epoch);
  await writeDurably(join(own, `epoch.${epoch}`), Buffer.from(""));
  for (const name of await readdir(own)) if (name.startsWith("epoch.") && BigInt(name.slice(6)) < epoch) await rm(join(own, name), { force: true });
}

async function stillOurs(own: string, epoch: bigint): Promise<void> {
  for (const name of await readdir(own)) {
    if (name.startsWith("epoch.") && BigInt(name.slice(6)) > epoch) throw new Unfit("delivery.fenced", { newer: name.slice(6), epoch: String(epoch) });
  }
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as { readonly code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const handle = await open(path, "w", 0o640);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {}); // Windows cannot, and need not
  await handle?.close();
}
