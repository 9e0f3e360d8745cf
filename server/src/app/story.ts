/** 故事: `.story` files, read, checked and played. The format is described in examples/README.md. */
export * from "./story-parse.ts";
export * from "./story-run.ts";
export * from "./story-lint.ts";
