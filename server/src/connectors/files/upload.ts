/** A file that somebody sends: the body of the call is the file. It is taken in whole or, where its structure is broken, not at all. */
import { createHash, timingSafeEqual } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Type, { type Static } from "typebox";
import { type Problem, renderProblem, statusOf } from "../../platform/index.ts";
import type { Message, Outbound, Received, Receiver } from "../connector.ts";
import { filesConfig } from "./folder.ts";
import { identify } from "./local-file.ts";
import { checkStreams, readOneFile, streamOf } from "./reading.ts";

const config = Type.Object({ token: Type.String({ minLength: 16 }), streams: filesConfig.streams }, { additionalProperties: false });
export type UploadConfig = Static<typeof config>;

/** `POST …?name=orders.csv` or `?stream=orders`; the content type decides where only one stream has a format of it. */
export const uploadReceiver: Receiver<UploadConfig> = {
  name: "upload", zh: "上传", en: "Upload", config, secrets: ["token"],
  check: async ({ streams }) => checkStreams(streams).map((problem) => ({ failure: "config", problem })),
  receive: async ({ token, streams }, request) => {
    if (!isEqual(request.headers["authorization"] ?? "", `Bearer ${token}`)) return refused({ code: "upload.token", facts: {} });
    if (request.body.length === 0) return refused({ code: "upload.empty", facts: {} });
    const [wrong] = checkStreams(streams);
    if (wrong !== undefined) return refused(wrong);
    const named = (request.query["name"] ?? "").replace(/^.*[\\/]/s, "");
    const stream = chooseStream(streams, request.query["stream"], named, request.headers["content-type"] ?? "");
    const definition = stream === undefined ? undefined : streams[stream];
    if (stream === undefined || definition === undefined) return refused({ code: "file.unknown_stream", facts: { name: named || "–" } });

    const folder = await mkdtemp(join(tmpdir(), "tieout-upload-"));
    try {
      const path = join(folder, "file");
      await writeFile(path, request.body, { mode: 0o600 });
      const file = await identify(path, named === "" ? stream : named);
      const messages: Message[] = [];
      for await (const step of readOneFile(file, null, stream, definition, 0)) {
        if (step.is === "failed") return refused(step.problem);
        if (step.is === "message") messages.push(step.message);
      }
      const problems = messages.flatMap((message) => (message.is === "bad" ? [renderProblem(message.problem)] : []));
      return { messages, once: [`upload ${file.hash}`], reply: json(200, { records: messages.length - problems.length, bad: problems.length, problems: problems.slice(0, 20) }) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const contentFormats: Readonly<Record<string, readonly string[]>> = {
  "text/csv": ["csv"],
  "application/json": ["json"],
  "application/x-ndjson": ["jsonl"],
  "application/jsonl": ["jsonl"],
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ["xlsx"],
  "application/vnd.ms-excel": ["xls"],
  "application/xml": ["xml", "einvoice", "ubl", "xbrl", "camt053"],
  "text/xml": ["xml", "einvoice", "ubl", "xbrl", "camt053"],
};

function chooseStream(streams: UploadConfig["streams"], stated: string | undefined, name: string, contentType: string): string | undefined {
  if (stated !== undefined) return Object.hasOwn(streams, stated) ? stated : undefined;
  if (name !== "") return streamOf(streams, name);
  const formats = contentFormats[contentType.split(";")[0]?.trim().toLowerCase() ?? ""] ?? [];
  const fitting = Object.keys(streams).filter((stream) => formats.includes(streams[stream]?.format ?? ""));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Compares digests, so that the time tells nothing about the token, not even its length. */
const isEqual = (one: string, other: string): boolean => timingSafeEqual(createHash("sha256").update(one).digest(), createHash("sha256").update(other).digest());

const json = (status: number, body: unknown): Outbound => ({ status, contentType: "application/json; charset=utf-8", body: JSON.stringify(body) });
const refused = (problem: Problem): Received => ({ messages: [], reply: json(statusOf(problem.code), { problems: [renderProblem(problem)] }) });
