/** The one part of unzipper that is used; its own types know the whole only. */
declare module "unzipper/lib/Open/directory.js" {
  import type { Readable } from "node:stream";
  import type { CentralDirectory } from "unzipper";

  /** Reads the directory of a zip. `tailSize`: where to look for the end record, bytes from the end. */
  export default function readDirectory(
    source: { size: () => Promise<number>; stream: (offset: number, length?: number) => Readable },
    options: { tailSize: number },
  ): Promise<CentralDirectory>;
}
