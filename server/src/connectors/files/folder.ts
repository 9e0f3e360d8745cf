/** A folder of this machine, or one that is mounted here, as a source. */
import { access, constants, mkdir, readdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Type, { type Static } from "typebox";
import type { Problem } from "../../platform/index.ts";
import { type CheckFailure, FlowFault, type Source, type StreamShape } from "../connector.ts";
import { readFileItems, streamConfig } from "./format.ts";
import { Broken, identify } from "./local-file.ts";
import { checkStreams, durationPattern, type FilePlace, type FilesConfig, type FoundFile, openFiles, requireStreams, shapeOf, streamOf } from "./reading.ts";

export const filesConfig = {
  directory: Type.String({ minLength: 1 }),
  /** By name; a file belongs to the first whose pattern fits. */
  streams: Type.Record(Type.String({ pattern: "^[A-Za-z][\\w-]{0,59}$" }), streamConfig, { minProperties: 1, additionalProperties: false }),
  /** How long size and time must not change before a file is read. "10s" unless said otherwise. */
  settled: Type.Optional(Type.String({ pattern: durationPattern })),
  /** `move` (usual): into done/ or failed/ below the directory. `keep`: files stay and are remembered. */
  after: Type.Optional(Type.Union([Type.Literal("move"), Type.Literal("keep")])),
};
const config = Type.Object(filesConfig, { additionalProperties: false });
export type FolderConfig = Static<typeof config>;

export const folderSource: Source<FolderConfig> = {
  name: "folder", zh: "文件夹", en: "Folder", config, secrets: [], mode: "batch",
  check: async ({ directory, streams, after }) => {
    const failures: CheckFailure[] = checkStreams(streams).map((problem) => ({ failure: "config", problem }));
    const fault = await faultOf(directory, after !== "keep");
    return fault === undefined ? failures : [...failures, fault];
  },
  discover: async (given) => {
    requireStreams(given.streams);
    return discoverFiles(await openFolder(given), given);
  },
  open: async (given, states, ctx) => {
    requireStreams(given.streams);
    return openFiles(await openFolder(given), given, states, ctx);
  },
};

async function faultOf(directory: string, mustWrite: boolean): Promise<CheckFailure | undefined> {
  try {
    if (!(await stat(directory)).isDirectory()) return { failure: "config", problem: unreadable(directory, "not a directory") };
    await access(directory, mustWrite ? constants.R_OK | constants.W_OK : constants.R_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { failure: code === "EACCES" || code === "EPERM" ? "permission" : "config", problem: unreadable(directory, code ?? "") };
  }
}

const unreadable = (directory: string, cause: string): Problem => ({ code: "file.directory", facts: { directory, cause } });

async function openFolder({ directory, after }: FolderConfig): Promise<FilePlace> {
  const fault = await faultOf(directory, after !== "keep");
  if (fault !== undefined) throw new FlowFault(fault.failure, fault.problem);
  const look = async (name: string): Promise<FoundFile | undefined> => {
    const found = await stat(join(directory, name)).catch(() => undefined);
    return found === undefined ? undefined : { name, size: found.size, changedAt: found.mtime.toISOString() };
  };
  return {
    list: async () => {
      const entries = await readdir(directory, { withFileTypes: true });
      const files = await Promise.all(entries.filter((entry) => entry.isFile()).map(({ name }) => look(name)));
      return files.filter((file) => file !== undefined);
    },
    look,
    fetch: async ({ name }) => join(directory, name),
    release: async () => {},
    move: async (name, folder, free, reason) => {
      await mkdir(join(directory, folder), { recursive: true });
      const isTaken = await stat(join(directory, folder, name)).then(() => true, () => false);
      const target = join(directory, folder, isTaken ? free : name);
      if (reason !== undefined) await writeFile(`${target}.reason.txt`, reason);
      await rename(join(directory, name), target);
    },
    close: async () => {},
  };
}

/** The columns of each stream in the first of its files that lies there. */
export async function discoverFiles(place: FilePlace, { streams }: FilesConfig): Promise<readonly StreamShape[]> {
  const shapes = new Map<string, StreamShape>();
  try {
    for (const file of [...(await place.list())].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const stream = streamOf(streams, file.name);
      const definition = stream === undefined ? undefined : streams[stream];
      if (stream === undefined || definition === undefined || shapes.has(stream)) continue;
      const path = await place.fetch(file);
      try {
        for await (const item of readFileItems(await identify(path, file.name), definition)) {
          if (item.is === "bad") continue;
          shapes.set(stream, item.is === "fields" ? shapeOf(stream, definition, item.fields) : treeShape(stream, shapeOf(stream, definition, Object.keys(item.row)), item.row));
          break;
        }
      } catch (error) {
        // A broken file is reported when it is read.
        if (!(error instanceof Broken)) throw error;
      } finally {
        await place.release(path);
      }
    }
  } finally {
    await place.close();
  }
  return [...shapes.values()];
}

/** Fields of a tree may hold trees, and need not be in every record. */
const treeShape = (stream: string, { key, fields }: StreamShape, row: { readonly [field: string]: unknown }): StreamShape => ({
  stream, key, fields: fields.map((field) => ({ ...field, type: typeof row[field.field] === "object" ? "json" : "text", isNullable: true })),
});
