/** The records of a zip's directory, as unzipper reads them. */
import { Readable } from "node:stream";
import type { File } from "unzipper";
// Not from its index, which brings a client of S3 along: 700 KB in every function that reads a zip.
import readDirectory from "unzipper/lib/Open/directory.js";
import { corruptZip } from "./zip-error.ts";
import { endRecords } from "./zip-record.ts";

/** unzipper holds some 3 KB for a record until it has read the last: 300 MB for 100,000, were they read at once. */
const recordsAtOnce = 4096;
const recordBytes = 46;
const signature = 0x02014b50;

/**
 * Reads a directory of exactly so many records. unzipper believes what it reads: nothing in a record is checked yet
 * but its signature and its length.
 * @throws InvalidInput `zip.corrupt`
 */
export async function* readCentralRecords(directory: Buffer, entryCount: number): AsyncGenerator<File> {
  let start = 0;
  for (let read = 0; read < entryCount; read += recordsAtOnce) {
    const count = Math.min(recordsAtOnce, entryCount - read);
    let end = start;
    for (let record = 0; record < count; record++) end = endOfRecord(directory, end);
    yield* await readSome(directory.subarray(start, end), count);
    start = end;
  }
  if (start !== directory.length) throw corruptZip("The zip's directory holds more than its entries.");
}

function endOfRecord(directory: Buffer, at: number): number {
  if (at + recordBytes > directory.length || directory.readUInt32LE(at) !== signature) {
    throw corruptZip("The zip's directory is damaged.");
  }
  const variable = [28, 30, 32].reduce((sum, field) => sum + directory.readUInt16LE(at + field), 0);
  const end = at + recordBytes + variable;
  if (end > directory.length) throw corruptZip("The zip's directory is damaged.");
  return end;
}

/** Gives unzipper the records with an end record of their own, so that it opens them as a small zip. */
async function readSome(records: Buffer, entryCount: number): Promise<readonly File[]> {
  const end = endRecords({ entryCount, directoryStart: 0, directorySize: records.length });
  const bytes = Buffer.concat([records, end]);
  const source = {
    size: () => Promise.resolve(bytes.length),
    stream: (offset: number) => Readable.from([bytes.subarray(offset)], { objectMode: false }),
  };
  try {
    return (await readDirectory(source, { tailSize: end.length })).files;
  } catch (error) {
    throw corruptZip("The zip's directory is damaged.", error);
  }
}
