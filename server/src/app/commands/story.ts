import { readFile } from "node:fs/promises";
import { type Ctx, refuse, throwAwayStore } from "../../platform/index.ts";
import { type Call, type Command } from "../command.ts";
import { storyEngine } from "../story-engine.ts";
import { formatResults, parseStory, runStory, StoryError, type StoryResult } from "../story.ts";

const files = [{ name: "FILE", required: true as const, many: true as const, zh: ".story 文件", en: "story files" }];

export const storyCommands: readonly Command[] = [
  {
    name: "story", zh: "故事:单据进、凭证出,逐分核对", en: "play stories: documents in, vouchers out, compared to the cent", arguments: files,
    examples: ["story examples/01-*.story", "story examples/*.story"],
    more: [{ zh: "每个故事用全新的账簿,在用完即弃的数据库里运行,不碰真实账簿;写法见 examples/README.md", en: "Each story has fresh books in a database that is thrown away; real books are not touched. The format: examples/README.md" }],
    run: playStories,
  },
  { name: "rules test", zh: "规则的测试:运行故事", en: "test rules: play their stories", arguments: files, examples: ["rules test examples/*.story"], run: playStories },
];

async function playStories(call: Call): Promise<number> {
  const real = await call.open();
  const db = await throwAwayStore(real.db.url);
  const ctx: Ctx = { db, actor: real.actor, now: real.now, log: real.log };
  const results: StoryResult[] = [];
  const progress = call.terminal.progress("stories", call.arguments.length);
  try {
    for (const [index, file] of call.arguments.entries()) {
      results.push(await play(ctx, file, `s${index + 1}`));
      progress.step();
    }
  } finally {
    progress.done();
    await db.close();
  }
  call.answer(results, () => formatResults(results).join("\n"));
  return results.every(({ difference }) => difference === undefined) ? 0 : 1;
}

/** A file that is no story is told like a difference at its first line that is wrong. */
async function play(ctx: Ctx, file: string, code: string): Promise<StoryResult> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => refuse("file.unreadable", { file, detail: error.code ?? error.message }));
  try {
    return await runStory(parseStory(text, file), storyEngine(ctx, code));
  } catch (error) {
    if (!(error instanceof StoryError)) throw error;
    const [first] = error.problems;
    return { name: file, difference: { line: first?.line ?? 1, zh: first?.zh ?? "", en: first?.en ?? "", rows: error.problems.slice(1).map(({ line, zh, en }) => `  ${line}: ${zh} · ${en}`) } };
  }
}
