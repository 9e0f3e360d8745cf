import { FlowFault } from "../connectors/index.ts";

/** Fails after so long; what the work does then is nobody's business any more. */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FlowFault("network", { code: "delivery.timeout", facts: { timeoutMs } })), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // heard or not, it ends nothing
  }
}
