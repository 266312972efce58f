/** Dates as people write them in bundles: ISO 8601, and the month-first forms of the upstream platform. */

export interface ParsedDate {
  /** ISO 8601, UTC. */
  readonly instant: string;
  /** No time was given: `instant` is the beginning of that day. */
  readonly dateOnly: boolean;
  /** Day and month could be swapped; how it was read, spelled out: `7 August 2019`. */
  readonly readAs?: string;
}

const months = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

const separator = "[-/.]";
const yearFirst = new RegExp(`^(\\d{4})${separator}(\\d{1,2})${separator}(\\d{1,2})$`);
const yearLast = new RegExp(`^(\\d{1,2})${separator}(\\d{1,2})${separator}(\\d{4})$`);
const monthNamed = /^([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$/;
const dayFirstNamed = /^(\d{1,2})(?:st|nd|rd|th)?[- ]([a-z]+)\.?,?[- ](\d{4})$/;
const time =
  /[t ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(am|pm)?(?: ?(z|utc|gmt)| ?([+-])(\d{2}):?(\d{2})?)?$/;

/**
 * Reads a date or a date with a time; without an offset it is UTC. Month first, unless the first number exceeds 12.
 * @returns undefined when the text is no date, or one the calendar does not have
 */
export function parseDate(text: string): ParsedDate | undefined {
  // No date is longer; the patterns below would take quadratic time over a megabyte of spaces.
  if (text.length > 64) return undefined;
  const lower = text.trim().toLowerCase();
  const clock = time.exec(lower);
  const day = parseDay(clock === null ? lower : lower.slice(0, clock.index));
  if (day === undefined) return undefined;
  if (clock === null) return { ...day, dateOnly: true, instant: iso(day.milliseconds) };
  const offset = parseClock(clock);
  if (offset === undefined) return undefined;
  return { ...day, dateOnly: false, instant: iso(day.milliseconds + offset) };
}

/** When a phase that ends at this date is over, exclusive: a date alone means the end of that day. */
export function endInstant(date: ParsedDate): string {
  return date.dateOnly ? iso(Date.parse(date.instant) + 86_400_000) : date.instant;
}

interface Day {
  readonly milliseconds: number;
  readonly readAs?: string;
}

function parseDay(text: string): Day | undefined {
  const iso = yearFirst.exec(text);
  if (iso !== null) return calendar(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const named = monthNamed.exec(text);
  if (named !== null) return calendar(Number(named[3]), monthOf(named[1]!), Number(named[2]));
  const dayNamed = dayFirstNamed.exec(text);
  if (dayNamed !== null) return calendar(Number(dayNamed[3]), monthOf(dayNamed[2]!), Number(dayNamed[1]));
  const numbers = yearLast.exec(text);
  if (numbers === null) return undefined;
  const [first, second, year] = [Number(numbers[1]), Number(numbers[2]), Number(numbers[3])];
  if (first > 12) return calendar(year, second, first);
  const day = calendar(year, first, second);
  if (day === undefined || second > 12 || first === second) return day;
  const month = months[first - 1]!;
  return { ...day, readAs: `${second} ${month.charAt(0).toUpperCase()}${month.slice(1)} ${year}` };
}

function monthOf(name: string): number {
  return name.length < 3 ? 0 : months.findIndex((month) => month.startsWith(name)) + 1;
}

function calendar(year: number, month: number, day: number): Day | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  // Date.UTC rolls 31 February over into March, and years below 100 into the 20th century.
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? { milliseconds: date.getTime() } : undefined;
}

/** Milliseconds from the beginning of the day in UTC to the time of day that was written. */
function parseClock(match: RegExpExecArray): number | undefined {
  const [
    ,
    hour = "",
    minute = "",
    second = "0",
    fraction = "",
    half,
    ,
    sign,
    zoneHour = "0",
    zoneMinute = "0",
  ] = match;
  let hours = Number(hour);
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return undefined;
    hours = (hours % 12) + (half === "pm" ? 12 : 0);
  }
  if (hours > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(zoneHour) > 14 || Number(zoneMinute) > 59) return undefined;
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === "-" ? -1 : 1);
  const milliseconds = Number(fraction.padEnd(3, "0").slice(0, 3));
  return ((hours * 60 + Number(minute) - zone) * 60 + Number(second)) * 1000 + milliseconds;
}

/** ISO 8601 has four digits for a year: the end of 9999, and what lies beyond it by its offset, is its last moment. */
const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function iso(milliseconds: number): string {
  return new Date(Math.min(milliseconds, lastMoment)).toISOString();
}
