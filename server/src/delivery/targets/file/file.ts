/**
 * Vouchers as a file that somebody imports. One file for each batch, its number in its name. The file is the effect, and it is made once
 * (folder.ts); whether it was imported, and only once, nobody can see from here: its vouchers stay `sent` until a person confirms them.
 */
import { Type, type Static, type TProperties } from "typebox";
import { failuresOf, FlowFault } from "../../../connectors/index.ts";
import type { Delivery, Outcome, Target } from "../../target.ts";
import { faultOf } from "../http.ts";
import { outcomeOf, Unfit, type Verdict, voucherOf } from "../outcome.ts";
import { batchOf, openFolder, tryFolder } from "./folder.ts";

const place = {
  folder: Type.String({ minLength: 1 }),
  /** The file's name begins with it. */
  prefix: Type.Optional(Type.String({ pattern: "^[\\p{L}\\p{N}_-]{1,60}$" })),
};
type Place = { readonly folder: string; readonly prefix?: string };

export type FileFormat<Options> = {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  readonly extension: string;
  readonly options: TProperties;
  readonly summaryMax?: number;
  /** Vouchers only, unless it says that it takes everything. */
  readonly takesDocuments?: true;
  /** Refuses (Unfit) what the format cannot hold, before anything is written. */
  readonly fit: (delivery: Delivery, options: Options) => unknown;
  readonly write: (deliveries: readonly Delivery[], options: Options, batch: string) => Buffer;
};

export function fileTarget<Options>(format: FileFormat<Options>): Target<Options & Place> {
  const { name, zh, en, extension, summaryMax } = format;
  return {
    name, zh, en, secrets: [], dedupe: "idempotency-key", red: "negative", summaryMax,
    config: Type.Object({ ...place, ...format.options }, { additionalProperties: false }),
    check: ({ folder }: Place) => failuresOf(() => tryFolder(folder).catch(throwAsFault)),
    async open(config, epoch, ctx) {
      const { folder, prefix = "tieout" }: Place = config;
      const session = await openFolder(folder, ctx.flow ?? name, epoch).catch(throwAsFault);
      const acknowledged = (file: string, is: "applied" | "duplicate"): Verdict => ({ is, acknowledgement: { targetId: file, targetNumber: "", targetState: "file", at: ctx.now().toISOString() } });

      async function deliver(deliveries: readonly Delivery[]): Promise<Outcome[]> {
        const verdicts = new Map<string, Verdict>();
        const fresh: Delivery[] = [];
        for (const delivery of deliveries) {
          const file = session.fileOf(delivery.deliveryId);
          const unfit = file === undefined ? whyUnfit(delivery) : undefined;
          if (file !== undefined) verdicts.set(delivery.deliveryId, acknowledged(file, "duplicate"));
          else if (unfit !== undefined) verdicts.set(delivery.deliveryId, unfit);
          else fresh.push(delivery);
        }
        if (fresh.length > 0) {
          const batch = batchOf(fresh.map(({ deliveryId }) => deliveryId));
          const file = `${prefix}-${batch}.${extension}`;
          const verdict = await place(file, fresh, batch);
          for (const { deliveryId } of fresh) verdicts.set(deliveryId, verdict);
        }
        return deliveries.map((delivery) => outcomeOf(delivery, verdicts.get(delivery.deliveryId) as Verdict));
      }

      function whyUnfit(delivery: Delivery): Verdict | undefined {
        try {
          if (voucherOf(delivery) === undefined && format.takesDocuments !== true) throw new Unfit("target.only_vouchers", { system: zh });
          format.fit(delivery, config);
          return undefined;
        } catch (error) {
          if (error instanceof Unfit) return { is: "rejected", problem: error.problem };
          throw error;
        }
      }

      async function place(file: string, fresh: readonly Delivery[], batch: string): Promise<Verdict> {
        try {
          await session.place(file, format.write(fresh, config, batch), fresh.map((delivery) => ({ deliveryId: delivery.deliveryId, reference: delivery.reference, subject: voucherOf(delivery) === undefined ? delivery.purpose : `${voucherOf(delivery)?.period ?? ""} ${voucherOf(delivery)?.number ?? ""}` })));
          return acknowledged(file, "applied");
        } catch (error) {
          if (!(error instanceof Unfit)) throw error;
          return error.problem.code === "target.file_differs" ? { is: "rejected", problem: error.problem } : { is: "notSent", problem: error.problem };
        }
      }

      return {
        deliver,
        probe: async (deliveries) => deliveries.map(({ deliveryId }) => {
          const file = session.fileOf(deliveryId);
          return file === undefined ? { is: "absent", deliveryId } : { is: "found", deliveryId, acknowledgement: { targetId: file, targetNumber: "", targetState: "file", at: ctx.now().toISOString() } };
        }),
        close: async () => {},
      };
    },
  };
}

function throwAsFault(error: unknown): never {
  if (error instanceof Unfit) throw error.problem.code === "target.folder" ? faultOf(error.problem) : new FlowFault("network", error.problem);
  throw error;
}

/** A figure as the file has it: plain digits, at most so many before and after the point. Refuses (Unfit): target.figure. */
export function fitFigure(field: string, text: string, whole: number, scale: number, where?: string): string {
  const match = /^-?(\d+)(?:\.(\d+))?$/.exec(text);
  const decimals = (match?.[2] ?? "").replace(/0+$/, "");
  if (!match || (match[1] ?? "").replace(/^0+(?=\d)/, "").length > whole || decimals.length > scale) throw new Unfit("target.figure", { field, text: text.slice(0, 40), whole, scale }, where);
  return text;
}

export type OptionsOf<T extends TProperties> = Static<ReturnType<typeof Type.Object<T>>>;
