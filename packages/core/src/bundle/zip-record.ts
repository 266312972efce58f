/** The records of a zip as bytes (APPNOTE.TXT 4.3), for stored members. */

/** What is known of a member before its content is read. */
export interface MemberRecord {
  /** The path as UTF-8. */
  readonly name: Buffer;
  readonly executable: boolean;
  /** Where its local header starts. */
  readonly offset: number;
}

/** What is known after. */
export interface MemberContent {
  /** Bytes. */
  readonly size: number;
  readonly crc32: number;
}

const max16 = 0xffff;
const max32 = 0xffffffff;
/** 1 January 1980, 00:00, the format's first moment. */
const [dosTime, dosDate] = [0, 0x21];
const versionNeeded = 20;
const versionNeededZip64 = 45;
/** Made on Unix (3), so that permissions count; specification 6.3. */
const versionMadeBy = (3 << 8) | 63;
const flag = { utf8: 0x800, descriptorFollows: 0x8 };

/** The header before the content. Without `content`, size and CRC-32 follow it in a data descriptor. */
export function localHeader(record: MemberRecord, content: MemberContent | undefined): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(versionNeeded, 4);
  header.writeUInt16LE(flag.utf8 | (content === undefined ? flag.descriptorFollows : 0), 6);
  header.writeUInt16LE(0, 8);
  header.writeUInt16LE(dosTime, 10);
  header.writeUInt16LE(dosDate, 12);
  header.writeUInt32LE(content?.crc32 ?? 0, 14);
  header.writeUInt32LE(content?.size ?? 0, 18);
  header.writeUInt32LE(content?.size ?? 0, 22);
  header.writeUInt16LE(record.name.length, 26);
  return Buffer.concat([header, record.name]);
}

/** What follows a content whose size was not known before it. */
export function dataDescriptor({ size, crc32 }: MemberContent): Buffer {
  const descriptor = Buffer.alloc(size < max32 ? 16 : 24);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc32, 4);
  if (size < max32) {
    descriptor.writeUInt32LE(size, 8);
    descriptor.writeUInt32LE(size, 12);
  } else {
    descriptor.writeBigUInt64LE(BigInt(size), 8);
    descriptor.writeBigUInt64LE(BigInt(size), 16);
  }
  return descriptor;
}

/** The member's record in the directory. */
export function centralHeader(record: MemberRecord, content: MemberContent, described: boolean): Buffer {
  const zip64 = content.size >= max32 || record.offset >= max32;
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(versionMadeBy, 4);
  header.writeUInt16LE(zip64 ? versionNeededZip64 : versionNeeded, 6);
  header.writeUInt16LE(flag.utf8 | (described ? flag.descriptorFollows : 0), 8);
  header.writeUInt16LE(dosTime, 12);
  header.writeUInt16LE(dosDate, 14);
  header.writeUInt32LE(content.crc32, 16);
  header.writeUInt32LE(zip64 ? max32 : content.size, 20);
  header.writeUInt32LE(zip64 ? max32 : content.size, 24);
  header.writeUInt16LE(record.name.length, 28);
  header.writeUInt16LE(zip64 ? 28 : 0, 30);
  header.writeUInt32LE((modeOf(record) << 16) >>> 0, 38);
  header.writeUInt32LE(zip64 ? max32 : record.offset, 42);
  if (!zip64) return Buffer.concat([header, record.name]);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(content.size), 4);
  extra.writeBigUInt64LE(BigInt(content.size), 12);
  extra.writeBigUInt64LE(BigInt(record.offset), 20);
  return Buffer.concat([header, record.name, extra]);
}

function modeOf({ name, executable }: MemberRecord): number {
  if (name.at(-1) === 0x2f) return 0o040755;
  return executable ? 0o100755 : 0o100644;
}

/** The end of the archive, with the 64-bit records where a count or an offset needs them. */
export function endRecords(directory: {
  entryCount: number;
  directoryStart: number;
  directorySize: number;
}): Buffer {
  const { entryCount, directoryStart, directorySize } = directory;
  const zip64 = entryCount >= max16 || directoryStart >= max32 || directorySize >= max32;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? max16 : entryCount, 8);
  end.writeUInt16LE(zip64 ? max16 : entryCount, 10);
  end.writeUInt32LE(zip64 ? max32 : directorySize, 12);
  end.writeUInt32LE(zip64 ? max32 : directoryStart, 16);
  if (!zip64) return end;
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(BigInt(record.length - 12), 4);
  record.writeUInt16LE(versionMadeBy, 12);
  record.writeUInt16LE(versionNeededZip64, 14);
  record.writeBigUInt64LE(BigInt(entryCount), 24);
  record.writeBigUInt64LE(BigInt(entryCount), 32);
  record.writeBigUInt64LE(BigInt(directorySize), 40);
  record.writeBigUInt64LE(BigInt(directoryStart), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(directoryStart + directorySize), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator, end]);
}
