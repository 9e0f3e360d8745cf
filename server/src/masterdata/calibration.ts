/**
 * 校准: a weight says how likely two records are one thing if the model is right; the answers of people say how often it was. From two hundred answers on
 * the chance of each weight is theirs: isotonic regression, since a heavier pair is never less likely. The model still counts as some answers of its own,
 * so that three that happen to agree prove nothing. Pure.
 */

/** Pairs of one weight that people, or the use of what was joined by itself, have answered. */
export type Answered = { readonly weight: number; readonly answers: number; readonly same: number };
export type Block = { readonly from: number; readonly to: number; readonly answers: number; readonly same: number; readonly chance: number };
export type Calibration = { readonly blocks: readonly Block[]; /** Bits from which records join by themselves. */ readonly autoFrom: number; /** Down to here a person is asked. */ readonly reviewFrom: number };

export const answersMin = 200;
/** As many answers as the model itself counts for in each block, and as many as make a block. */
const modelAnswers = 20, partMin = 50;
/** At most one pair in two hundred is wrong where nobody is asked; where nine in ten are different nobody is asked either. */
const sure = 0.995, notWorthAsking = 0.1;

export const chanceOfBits = (weight: number): number => {
  const odds = 2 ** Math.max(-30, Math.min(30, weight));
  return odds / (1 + odds);
};

export function calibrate(answered: readonly Answered[], usual: { readonly autoFrom: number; readonly reviewFrom: number }): Calibration {
  const drawn = parted([...answered].sort((a, b) => a.weight - b.weight)).map((part): Pool => {
    const answers = part.reduce((sum, one) => sum + one.answers, 0), same = part.reduce((sum, one) => sum + one.same, 0);
    const own = chanceOfBits(part.reduce((sum, one) => sum + one.weight * one.answers, 0) / answers), counts = answers + modelAnswers;
    return { from: (part[0] as Answered).weight, to: (part.at(-1) as Answered).weight, answers, same, counts, chance: (same + modelAnswers * own) / counts };
  });
  const blocks = pooled(drawn).map(({ from, to, answers, same, chance }): Block => ({ from, to, answers, same, chance: thousandths(chance) }));
  const last = blocks.at(-1), surest = blocks.findIndex(({ chance }) => chance >= sure), open = blocks.find(({ chance }) => chance >= notWorthAsking);
  // Above all that was answered the model is believed, unless what was answered reaches higher than it says.
  const autoFrom = last === undefined ? usual.autoFrom : surest >= 0 ? (blocks[surest] as Block).from : Math.max(usual.autoFrom, last.to + 0.01);
  const reviewFrom = Math.min(autoFrom, open === undefined ? (last?.to ?? usual.reviewFrom) : open === blocks[0] ? Math.min(usual.reviewFrom, open.from) : open.from);
  return { blocks, autoFrom: hundredths(autoFrom), reviewFrom: hundredths(reviewFrom) };
}

/** Weights next to each other, until there are answers enough to say something. */
function parted(answered: readonly Answered[]): Answered[][] {
  const parts: Answered[][] = [];
  let answers = partMin;
  for (const one of answered) {
    if (answers >= partMin) {
      parts.push([]);
      answers = 0;
    }
    parts.at(-1)?.push(one);
    answers += one.answers;
  }
  return parts;
}

type Pool = Block & { readonly counts: number };
/** Neighbours that contradict the order are joined until none does (pool adjacent violators). */
function pooled(blocks: readonly Pool[]): Pool[] {
  const done: Pool[] = [];
  for (const block of blocks) {
    let next = block;
    for (let before = done.at(-1); before !== undefined && before.chance > next.chance; before = done.at(-1)) {
      done.pop();
      const counts = before.counts + next.counts;
      next = { from: before.from, to: next.to, answers: before.answers + next.answers, same: before.same + next.same, counts, chance: (before.chance * before.counts + next.chance * next.counts) / counts };
    }
    done.push(next);
  }
  return done;
}

/** The chance that a pair of this weight is one thing. Between two blocks the lower one counts; beyond them the model, never against them. */
export function chanceOf(calibration: Calibration | null, weight: number): number {
  const own = chanceOfBits(weight), blocks = calibration?.blocks ?? [];
  const at = blocks.findLastIndex(({ from }) => from <= weight), block = blocks[at];
  if (block === undefined) return Math.min(own, blocks[0]?.chance ?? 1);
  return at === blocks.length - 1 && weight > block.to ? Math.max(own, block.chance) : block.chance;
}

/** 1 at even odds, 0 where it is certain. Thousandths, so that the order is the same everywhere. */
export const uncertaintyOf = (calibration: Calibration | null, weight: number): number => thousandths(1 - Math.abs(2 * chanceOf(calibration, weight) - 1));

const thousandths = (share: number): number => Math.floor(share * 1_000) / 1_000;
const hundredths = (bits: number): number => Math.floor(bits * 100) / 100;
