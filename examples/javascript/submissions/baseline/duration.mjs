/** Reads the first number and the letter after it. Knows nothing of clocks, words, or a second unit. */
const seconds = { s: 1, m: 60, h: 3600, d: 86400 };

export default function duration(text) {
  const [, number, unit] = /(\d+) ?([smhd])/.exec(text) ?? [];
  return unit === undefined ? null : Number(number) * seconds[unit];
}
