/** A directory of an SFTP server as a source. The server must show the host key that the configuration names. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import SftpClient from "ssh2-sftp-client";
import Type, { type Static } from "typebox";
import { type CheckFailure, type ConnectorCtx, FlowFault, type Source } from "../connector.ts";
import { discoverFiles, filesConfig } from "./folder.ts";
import { checkStreams, type FilePlace, type FoundFile, openFiles, requireStreams } from "./reading.ts";

const config = Type.Object({
  ...filesConfig,
  host: Type.String({ minLength: 1 }),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  user: Type.String({ minLength: 1 }),
  /** One of both. */
  password: Type.Optional(Type.String({ minLength: 1 })),
  privateKey: Type.Optional(Type.String({ minLength: 1 })),
  /** As `ssh-keygen -lf` prints it: "SHA256:…". Without it nothing is read, and the check shows it. */
  hostKey: Type.Optional(Type.String({ pattern: "^SHA256:[A-Za-z0-9+/]{43}$" })),
}, { additionalProperties: false });
export type SftpConfig = Static<typeof config>;

const connectTimeoutMs = 15_000;

export const sftpSource: Source<SftpConfig> = {
  name: "sftp", zh: "SFTP 目录", en: "SFTP", config, secrets: ["password", "privateKey"], mode: "batch",
  check: async (given, ctx) => {
    const failures: CheckFailure[] = checkStreams(given.streams).map((problem) => ({ failure: "config", problem }));
    try {
      await (await openSftp(given, ctx)).close();
      return failures;
    } catch (error) {
      if (!(error instanceof FlowFault)) throw error;
      return [...failures, { failure: error.failure, problem: error.problem }];
    }
  },
  discover: async (given, ctx) => {
    requireStreams(given.streams);
    return discoverFiles(await openSftp(given, ctx), given);
  },
  open: async (given, states, ctx) => {
    requireStreams(given.streams);
    const place = await openSftp(given, ctx);
    try {
      return openFiles(place, given, states, ctx);
    } catch (error) {
      await place.close();
      throw error;
    }
  },
};

/** Logged in, and the directory is there. */
async function openSftp(given: SftpConfig, ctx: ConnectorCtx): Promise<FilePlace> {
  const { host, directory } = given;
  const client = await connect(given);
  /** Each call says in the flow's words what went wrong. */
  const ask = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw faultOf(error, given, what);
    }
  };
  const iso = (ms: number): string => {
    const moment = ctx.now();
    moment.setTime(ms);
    return moment.toISOString();
  };
  const list = async (): Promise<FoundFile[]> => {
    const entries = await client.list(directory);
    return entries.filter(({ type }) => type === "-").map(({ name, size, modifyTime }) => ({ name, size, changedAt: iso(modifyTime) }));
  };
  try {
    await ask(`list ${directory}`, list);
  } catch (error) {
    await client.end();
    throw error;
  }
  return {
    list: () => ask(`list ${directory}`, list),
    look: async (name) => {
      const path = `${directory}/${name}`;
      if ((await ask(`look at ${path}`, () => client.exists(path))) === false) return undefined;
      const { size, modifyTime } = await ask(`look at ${path}`, () => client.stat(path));
      return { name, size, changedAt: iso(modifyTime) };
    },
    // Workbooks are read from their end, and a copy cannot change while it is read.
    fetch: async ({ name }) => {
      const path = join(await mkdtemp(join(tmpdir(), "tieout-sftp-")), "file");
      try {
        await ask(`read ${directory}/${name}`, () => client.fastGet(`${directory}/${name}`, path));
      } catch (error) {
        await rm(dirname(path), { recursive: true, force: true });
        throw error;
      }
      return path;
    },
    release: (path) => rm(dirname(path), { recursive: true, force: true }),
    move: async (name, folder, free, reason) => {
      const to = `${directory}/${folder}`;
      await ask(`write ${to}`, async () => {
        if ((await client.exists(to)) === false) await client.mkdir(to);
        const target = `${to}/${(await client.exists(`${to}/${name}`)) === false ? name : free}`;
        if (reason !== undefined) await client.put(Buffer.from(reason), `${target}.reason.txt`);
        // The same content under the same name may lie there from a move that was cut off; the other rename would refuse it.
        if ((await client.exists(target)) !== false) await client.delete(target);
        await client.rename(`${directory}/${name}`, target);
      });
    },
    close: async () => {
      await client.end().catch((error: unknown) => ctx.log.debug("the SFTP connection was closed already", { host, error }));
    },
  };
}

async function connect(given: SftpConfig): Promise<SftpClient> {
  const quiet = (): void => {};
  const client = new SftpClient("tieout", { error: quiet, end: quiet, close: quiet });
  let fingerprint = "";
  try {
    await client.connect({
      // A socket of our own, because each request would else wait 40 ms for the delayed acknowledgement of the one before.
      sock: dial({ host: given.host, port: given.port ?? 22, noDelay: true }), username: given.user, readyTimeout: connectTimeoutMs, keepaliveInterval: 10_000,
      ...(given.password === undefined ? {} : { password: given.password }),
      ...(given.privateKey === undefined ? {} : { privateKey: given.privateKey }),
      hostVerifier: (key: Buffer) => {
        fingerprint = `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
        return fingerprint === given.hostKey;
      },
    });
    return client;
  } catch (error) {
    await client.end().catch(quiet);
    if (fingerprint !== "" && fingerprint !== given.hostKey) throw new FlowFault("config", { code: "sftp.host_key", facts: { host: given.host, fingerprint } });
    throw faultOf(error, given, "log in");
  }
}

function faultOf(error: unknown, { host, user }: SftpConfig, what: string): FlowFault {
  const { message, code } = error as { readonly message: string; readonly code?: string | number };
  if (/authentication methods failed|Cannot parse privateKey|no passphrase/i.test(message)) return new FlowFault("auth", { code: "sftp.login", facts: { host, user } });
  const cause = message.replace(/^[\w.>-]+: /, "").slice(0, 200);
  const isMissing = code === 2 || code === "ENOENT" || code === "ERR_BAD_PATH" || /no such file|does not exist/i.test(message);
  const isForbidden = code === 3 || code === "EACCES" || /permission denied/i.test(message);
  if (isMissing || isForbidden) return new FlowFault(isForbidden ? "permission" : "config", { code: "sftp.refused", facts: { host, what, cause } });
  return new FlowFault("network", { code: "sftp.unreachable", facts: { host, cause } }, { cause: error });
}
