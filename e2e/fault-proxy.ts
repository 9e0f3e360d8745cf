/** A proxy on this machine that hurts what passes: by requests where the bytes are HTTP, by chunks otherwise. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/**
 * cutBefore: closed, nothing passed on. cutAfter: closed when the answer comes. reset: the same two with a RST. timeout: passed on, the
 * answer swallowed. halfOpen: nothing passes any more and nothing is closed. duplicate: passed on twice. reorder: passed on
 * late, after the sender gave up and others overtook it.
 */
export const faultKinds = ["cutBefore", "cutAfter", "reset", "timeout", "halfOpen", "duplicate", "reorder"] as const;
export type FaultKind = (typeof faultKinds)[number];

export type FaultProxy = { readonly port: number; readonly counts: Record<FaultKind, number>; calm(): void; close(): Promise<void> };
export type FaultPlan = { readonly to: number; readonly isHttp: boolean; readonly rate: number; readonly weights: Readonly<Partial<Record<FaultKind, number>>>; readonly lateMs: number; readonly random: () => number };

const lingerMs = 2_000;

export async function faultProxy(plan: FaultPlan): Promise<FaultProxy> {
  const counts = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  const whole = faultKinds.reduce((sum, kind) => sum + (plan.weights[kind] ?? 0), 0);
  const sockets = new Set<Socket>();
  let isCalm = false;

  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.setNoDelay(true).on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  };
  const choose = (): FaultKind | undefined => {
    if (isCalm || plan.random() >= plan.rate) return undefined;
    let left = plan.random() * whole;
    const kind = faultKinds.find((one) => (left -= plan.weights[one] ?? 0) < 0) ?? "cutBefore";
    counts[kind] += 1;
    return kind;
  };

  const server = createServer((client) => {
    track(client);
    let upstream = track(connect(plan.to, "127.0.0.1"));
    let onAnswer: "pass" | "cut" | "reset" | "swallow" = "pass";
    let isDeaf = false;
    let isLate = false;
    let waiting = Buffer.alloc(0);
    const listen = (to: Socket): void => void to.on("data", (bytes) => {
      if (onAnswer === "swallow") return;
      if (onAnswer === "pass") return void client.write(bytes);
      if (onAnswer === "reset") client.resetAndDestroy();
      else client.destroy();
      to.destroy();
    }).on("close", () => (onAnswer === "pass" ? client.destroy() : undefined));
    listen(upstream);
    client.on("close", () => (isLate ? undefined : upstream.destroy()));

    const strike = (request: Buffer): void => {
      const kind = choose();
      switch (kind) {
        case undefined: return void upstream.write(request);
        case "cutBefore": client.destroy(); return void upstream.destroy();
        case "reset":
          if (plan.random() < 0.5) {
            client.resetAndDestroy();
            return void upstream.destroy();
          }
          onAnswer = "reset";
          return void upstream.write(request);
        case "cutAfter": onAnswer = "cut"; return void upstream.write(request);
        case "timeout": onAnswer = "swallow"; return void upstream.write(request);
        case "duplicate": {
          const second = track(connect(plan.to, "127.0.0.1"));
          second.on("data", () => second.end()).write(request);
          return void upstream.write(request);
        }
        case "halfOpen":
          isDeaf = true;
          onAnswer = "swallow";
          return void setTimeout(() => client.destroy(), lingerMs).unref();
        case "reorder":
          isDeaf = isLate = true;
          onAnswer = "swallow";
          setTimeout(() => {
            upstream.write(request);
            setTimeout(() => upstream.destroy(), 200).unref();
          }, plan.lateMs);
      }
    };
    client.on("data", (bytes) => {
      if (isDeaf) return;
      if (!plan.isHttp) return strike(bytes);
      waiting = Buffer.concat([waiting, bytes]);
      for (let end = requestEnd(waiting); end > 0 && !isDeaf; end = requestEnd(waiting)) {
        const request = waiting.subarray(0, end);
        waiting = waiting.subarray(end);
        strike(request);
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port, counts,
    calm: () => void (isCalm = true),
    close: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    }),
  };
}

/** Where the first whole request ends; 0 while it is not whole. */
function requestEnd(bytes: Buffer): number {
  const head = bytes.indexOf("\r\n\r\n");
  if (head < 0) return 0;
  const length = Number(/^content-length: *(\d+)/im.exec(bytes.toString("latin1", 0, head))?.[1] ?? 0);
  return bytes.length >= head + 4 + length ? head + 4 + length : 0;
}

/** Reproducible: the same seed, the same faults (as far as timing lets them). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
