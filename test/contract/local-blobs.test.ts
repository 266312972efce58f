import type { Blobs } from "@benchgen/core/ports.ts";
import { createBlobs } from "@benchgen/local/blob/blobs.ts";
import { serveBlobs } from "../support/blob-server.ts";
import { temporaryDataDirectory } from "../support/data-directory.ts";
import { blobsContract } from "./blobs.contract.ts";
import { partContract } from "./part.contract.ts";
import { signedUrlContract } from "./signed-url.contract.ts";

async function open(): Promise<{ blobs: Blobs; close: () => Promise<void> }> {
  const data = temporaryDataDirectory();
  const server = await serveBlobs(() => blobs);
  const blobs = createBlobs({ ...data, secret: data.secretFor("blob-url"), baseUrl: () => server.url });
  return {
    blobs,
    close: async () => {
      await server.close();
      data.close();
    },
  };
}

blobsContract("files", open);
signedUrlContract("files", open);
partContract("files", open);
