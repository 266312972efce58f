/** How an upload is cut into parts: pure arithmetic, the same for the server and for whoever sends. */
import { Conflict, InvalidInput } from "../error.ts";
import { type StoredPart, maxParts } from "../port/part-upload.ts";
import { maxUploadBytes } from "../wire/api.ts";

/** What a server takes at all, and in one PUT, and how large parts are beyond that. Bytes. */
export interface UploadPolicy {
  /** Default: `maxUploadBytes`. */
  readonly maxBytes?: number;
  readonly onePutBytes: number;
  readonly partBytes: number;
}

const mebibyte = 1024 ** 2;

/**
 * A part is what is sent again when a connection breaks: a minute over a slow line, and few enough for a list of all of
 * them in one answer.
 */
export const defaultUploadPolicy: UploadPolicy = {
  onePutBytes: 256 * mebibyte,
  partBytes: 64 * mebibyte,
};

/** @throws InvalidInput `upload_too_large`, before anything is sent */
export function assertUploadSize(size: number, { maxBytes = maxUploadBytes }: UploadPolicy): void {
  if (size <= maxBytes) return;
  const gibibytes = maxBytes / (1024 * mebibyte);
  const limit = Number.isInteger(gibibytes) ? `${gibibytes} GiB` : `${maxBytes} bytes`;
  throw new InvalidInput("upload_too_large", `An upload has at most ${limit} here, not ${size} bytes.`, {
    hint: "Leave out what nobody needs, or let programs fetch the largest files themselves, where they may use a network.",
  });
}

/** All parts have `size` bytes, but for the last, which has the rest. */
export interface PartPlan {
  readonly size: number;
  readonly count: number;
}

/** Undefined for what is sent in one PUT. Parts grow, by whole MiB, where otherwise there would be too many. */
export function planParts(size: number, policy: UploadPolicy): PartPlan | undefined {
  if (size <= policy.onePutBytes) return undefined;
  const least = Math.ceil(size / maxParts);
  const partBytes = least <= policy.partBytes ? policy.partBytes : Math.ceil(least / mebibyte) * mebibyte;
  return { size: partBytes, count: Math.ceil(size / partBytes) };
}

/** The bytes [start, end) that a part holds. @param size of the whole @param number from 1 to the plan's count */
export function partRange(size: number, plan: PartPlan, number: number): { start: number; end: number } {
  const start = (number - 1) * plan.size;
  return { start, end: Math.min(start + plan.size, size) };
}

/** @throws InvalidInput `part_number_invalid`, `part_size_invalid` */
export function assertPart(size: number, plan: PartPlan, part: { number: number; size: number }): void {
  const { number } = part;
  if (!Number.isInteger(number) || number < 1 || number > plan.count) {
    throw new InvalidInput(
      "part_number_invalid",
      `There is no part ${number}: this upload has parts 1 to ${plan.count}.`,
    );
  }
  const { start, end } = partRange(size, plan, number);
  if (part.size === end - start) return;
  throw new InvalidInput(
    "part_size_invalid",
    `Part ${number} has ${end - start} bytes, not ${part.size}: it holds the bytes ${start} to ${end - 1}.`,
  );
}

/** The numbers of the parts that are not there, or not whole. */
export function missingParts(
  size: number,
  plan: PartPlan,
  arrived: readonly Pick<StoredPart, "number" | "size">[],
): number[] {
  const sizes = new Map(arrived.map((part) => [part.number, part.size]));
  return Array.from({ length: plan.count }, (_, index) => index + 1).filter((number) => {
    const { start, end } = partRange(size, plan, number);
    return sizes.get(number) !== end - start;
  });
}

/** Numbers named in a message: more than this nobody reads. */
const maxNamed = 10;

/** @throws Conflict `parts_missing` */
export function assertAllParts(
  size: number,
  plan: PartPlan,
  arrived: readonly Pick<StoredPart, "number" | "size">[],
): void {
  const missing = missingParts(size, plan, arrived);
  if (missing.length === 0) return;
  const named = missing.slice(0, maxNamed).join(", ") + (missing.length > maxNamed ? ", …" : "");
  throw new Conflict(
    "parts_missing",
    `${missing.length} of ${plan.count} parts have not arrived: ${named}.`,
    { hint: "Send them, then complete the upload again." },
  );
}
