import { expect, it } from "vitest";
import { shellWord } from "./shell-word.ts";

it.each([
  ["envs/my-env_2", "envs/my-env_2"],
  ["my env", "'my env'"],
  ["~x", "'~x'"],
  ["it's", "'it'\\''s'"],
  ["", "''"],
])("writes %j for a shell as %s", (word, typed) => {
  expect(shellWord(word)).toBe(typed);
});
