import { it } from "vitest";

/** Facts, by title, that a stand-in does not let be tested, and why. */
export type Untestable = Readonly<Record<string, string>>;

/** `it`, except that facts which cannot be tested are shown as skipped, with the reason. */
export function itExcept(untestable: Untestable) {
  return (title: string, fact: () => Promise<void>): void => {
    const reason = untestable[title];
    if (reason === undefined) it(title, fact);
    else it(`NOT TESTED: ${title}`, ({ skip }) => skip(reason));
  };
}
