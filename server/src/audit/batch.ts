/** Gathers what is asked for while the work before is under way, and does it all at once: one commit serves everybody who waits for it. */
export class Batch<Item, Result> {
  private readonly work: (items: readonly Item[]) => Promise<readonly Result[]>;
  private waiting: { readonly item: Item; readonly done: (result: Result) => void; readonly failed: (fault: unknown) => void }[] = [];
  private running: Promise<void> | undefined;

  constructor(work: (items: readonly Item[]) => Promise<readonly Result[]>) {
    this.work = work;
  }

  add(item: Item): Promise<Result> {
    return new Promise((done, failed) => {
      this.waiting.push({ item, done, failed });
      this.running ??= this.run();
    });
  }

  /** Until nothing waits any more. */
  async settled(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const taken = this.waiting.splice(0, togetherMax);
      try {
        const results = await this.work(taken.map(({ item }) => item));
        for (const [index, { done }] of taken.entries()) done(results[index] as Result);
      } catch (fault) {
        // One that the database refuses must not take the others down with it.
        if (taken.length === 1) taken[0]?.failed(fault);
        else for (const { item, done, failed } of taken) await this.work([item]).then(([result]) => done(result as Result), failed);
      }
    }
    this.running = undefined; // in the same breath as the last look: what is added from now on starts a new run
  }
}

const togetherMax = 500;
