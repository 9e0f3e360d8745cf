import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { registerAll } from "./registry.ts";
import { storyEngine } from "./story-engine.ts";
import { formatResults, parseStory, runStory } from "./story.ts";

registerAll();
const store = await testStore();
after(() => store.close());
const folder = new URL("../../../examples/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".story")).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
const ctx = { db: store, actor: { id: "story" }, now: systemClock, log: silentLog };

for (const name of files) {
  test(`the story ${name.replace(".story", "")} comes out to the cent`, async () => {
    const story = parseStory(readFileSync(new URL(encodeURIComponent(name), folder), "utf8"), `examples/${name}`);
    const result = await runStory(story, storyEngine(ctx, `story${Number.parseInt(name, 10)}`));
    if (result.difference) assert.fail(formatResults([result]).join("\n"));
  });
}
