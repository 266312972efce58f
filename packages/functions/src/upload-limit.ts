/** What a deployment takes: as much as its functions can read in the time they have. */
import type { CheckLimits } from "@benchgen/core/upload/check.ts";
import { type UploadPolicy, defaultUploadPolicy } from "@benchgen/core/upload/part-plan.ts";

const gibibyte = 1024 ** 3;

/**
 * A function that reads from S3 and writes to it at once moves some 65 MB/s each way: 15 GB in 230 s, by Node on one
 * function (rustysl.com, "Beyond S3 Archive Streaming", 2025). To check an upload takes two passes over it, its hash
 * and its files, and a third over zips that it holds; a check that is begun again does not need the first. Publishing
 * takes two, each file's hash and its copy. Two passes over 16 GiB are 530 s of the 900 that a function has, three 790.
 * What is deflated counts as what it inflates to.
 */
const maxBytes = 16 * gibibyte;

export const uploadPolicy: UploadPolicy = { ...defaultUploadPolicy, maxBytes };

/**
 * Checks that are cut off are begun again twice by Lambda, then by the sweep, 15 minutes later each: so for about six
 * hours, which a fault of the platform may last.
 */
export const checkLimits: CheckLimits = {
  zip: { maxEntryBytes: maxBytes, maxTotalBytes: maxBytes },
  checks: 24,
};
