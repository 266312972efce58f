import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { InvalidInput } from "../error.ts";

/** What the content is said to be; checked when said. */
export interface ExpectedContent {
  /** Bytes. */
  readonly size?: number;
  /** Lower-case hex. */
  readonly sha256?: string;
}

/** Compares content with what it was said to be, while it passes by. */
export class ContentCheck {
  readonly #expected: ExpectedContent;
  readonly #hash: Hash | undefined;
  size = 0;

  constructor(expected: ExpectedContent) {
    this.#expected = expected;
    this.#hash = expected.sha256 === undefined ? undefined : createHash("sha256");
  }

  /** @throws InvalidInput `size_mismatch` as soon as it is known: a stranger's endless upload must not be stored first */
  take(chunk: Uint8Array): void {
    this.size += chunk.byteLength;
    if (this.#expected.size !== undefined && this.size > this.#expected.size) this.#refuseSize("more");
    this.#hash?.update(chunk);
  }

  /** Once all has passed. @throws InvalidInput `size_mismatch`, `checksum_mismatch` */
  finish(): void {
    const { size, sha256 } = this.#expected;
    if (size !== undefined && this.size !== size) this.#refuseSize(`only ${this.size}`);
    const found = this.#hash?.digest("hex");
    if (found === sha256) return;
    throw new InvalidInput(
      "checksum_mismatch",
      `The content's SHA-256 should be ${sha256}; it is ${found}.`,
      { hint: "It changed on the way, or after it was hashed. Send it again." },
    );
  }

  #refuseSize(found: string): never {
    const message = `The content should have ${this.#expected.size} bytes; it has ${found}.`;
    throw new InvalidInput("size_mismatch", message);
  }
}
