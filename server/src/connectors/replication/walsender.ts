/**
 * One replication connection. It only carries: what arrives is queued, and when more waits than is wanted the socket is paused, so
 * that the source's log is the buffer. It says to the server what is durable and nothing else: not what was received, not what
 * was passed on. Every reply, also the one to a keepalive and the one by the clock, repeats the last durable position.
 */
import pg from "pg";

export type Link = {
  /** The next message, if one has arrived. */
  readonly shift: () => Buffer | undefined;
  /** Commits among the messages that wait: whether the transaction that is being read has arrived whole. */
  readonly commitsWaiting: () => number;
  /** Resolves when a message is there, the link has ended, or the time is over. Throws what ended it. */
  readonly arrived: (withinMs: number) => Promise<void>;
  /** Everything before this position is committed on our side. */
  readonly confirm: (lsn: bigint) => void;
  /** Asks where the server has read to; a keepalive answers. */
  readonly ask: () => void;
  readonly close: () => Promise<void>;
};

const waitingBytesMax = 4 * 1_048_576;
const replyEveryMsMax = 10_000;

export type LinkStart = { readonly slot: string; readonly publication: string; readonly from: bigint; /** The server gives up who is silent for so long; 0: nobody. */ readonly patienceMs: number };

export async function openLink(config: pg.ClientConfig, start: LinkStart): Promise<Link> {
  const client = new pg.Client({ ...config, replication: "database" } as pg.ClientConfig);
  let messages: Buffer[] = [];
  let next = 0;
  let bytes = 0;
  let commits = 0;
  let isPaused = false;
  let durable = start.from;
  let ended: { readonly fault: unknown } | undefined;
  let wake = (): void => {};
  const socket = (): pg.Connection["stream"] => client.connection.stream; // TLS puts another in its place

  const end = (fault: unknown): void => {
    ended ??= { fault };
    clearInterval(clock);
    wake();
  };
  const reply = (asks: boolean): void => {
    if (ended === undefined && socket().writable) socket().write(standbyStatus(durable, asks));
  };
  // By the clock too, for while we do not read we do not see that the server asks.
  const clock = setInterval(() => reply(true), start.patienceMs > 0 ? Math.min(replyEveryMsMax, start.patienceMs / 4) : replyEveryMsMax);
  clock.unref();

  client.on("error", end);
  try {
    await client.connect();
    await new Promise<void>((resolve, reject) => {
      client.connection.once("replicationStart", () => resolve());
      // What pg asks of a query of one's own; it calls these as the server's messages arrive.
      const query = {
        submit(connection: pg.Connection): void {
          connection.query(`START_REPLICATION SLOT ${start.slot} LOGICAL ${lsn(start.from)} (proto_version '1', publication_names '"${start.publication}"')`);
        },
        handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
          if (chunk[0] === 0x6b && chunk[17] === 1) reply(false); // a keepalive that wants an answer
          messages.push(Buffer.from(chunk)); // pg's parser writes the next bytes over these ones
          bytes += chunk.length;
          if (isCommit(chunk)) commits++;
          if (bytes > waitingBytesMax && !isPaused) {
            isPaused = true;
            socket().pause();
          }
          wake();
        },
        handleCommandComplete(): void {},
        handleReadyForQuery(): void {
          end(new Error("the server ended the replication"));
        },
        handleError(error: unknown): void {
          end(error);
          reject(error as Error);
        },
      };
      client.query(query);
    });
  } catch (error) {
    end(error);
    await client.end().catch(() => {});
    throw error;
  }

  return {
    shift() {
      const message = messages[next];
      if (message === undefined) {
        messages = [];
        next = 0;
        return undefined;
      }
      messages[next++] = emptied;
      if (next === 4_096) {
        messages = messages.slice(next);
        next = 0;
      }
      bytes -= message.length;
      if (isCommit(message)) commits--;
      if (isPaused && bytes < waitingBytesMax / 4) {
        isPaused = false;
        socket().resume();
      }
      return message;
    },
    commitsWaiting: () => commits,
    async arrived(withinMs) {
      if (messages.length > next) return;
      if (ended === undefined) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, withinMs);
        });
        clearTimeout(timer);
      }
      if (ended !== undefined && messages.length <= next) throw ended.fault;
    },
    confirm(position) {
      if (position > durable) durable = position;
      reply(false);
    },
    ask: () => reply(true),
    async close() {
      end(closed);
      messages = [];
      next = 0;
      socket().resume(); // a paused socket would not see the server's goodbye
      await client.end().catch(() => {});
    },
  };
}

/** What `arrived` throws after `close`. */
export const closed = new Error("the link was closed");

const emptied = Buffer.alloc(0);
const isCommit = (message: Buffer): boolean => message[25] === 0x43 && message[0] === 0x77; // C in w
const lsn = (position: bigint): string => `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`;

/** CopyData with a standby status update: written, flushed and applied up to the same position. The moment is left empty; it serves display only. */
function standbyStatus(durable: bigint, asks: boolean): Buffer {
  const message = Buffer.alloc(39);
  message[0] = 0x64; // d
  message.writeUInt32BE(38, 1);
  message[5] = 0x72; // r
  for (const at of [6, 14, 22]) message.writeBigUInt64BE(durable, at);
  message[38] = asks ? 1 : 0;
  return message;
}
