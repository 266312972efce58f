/** Units, clocks, and the common words. */
const seconds = { s: 1, m: 60, h: 3600, d: 86400 };
const numbers = { a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, ten: 10, fifteen: 15, twenty: 20 };

export default function duration(text) {
  if (text.includes(":")) return text.split(":").reduce((total, part) => 60 * total + Number(part), 0);
  if (text.startsWith("half")) return seconds[unitOf(text)] / 2;
  const digits = text.replace(/[a-z]+/g, (word) => numbers[word] ?? word);
  const parts = [...digits.matchAll(/(\d+) ?([smhd])/g)];
  if (parts.length === 0) return null;
  const total = parts.reduce((sum, [, number, unit]) => sum + number * seconds[unit], 0);
  return text.endsWith("and a half") ? 1.5 * total : total;
}

/** The unit of the last word: `h` of "half an hour". */
function unitOf(text) {
  return text.split(" ").at(-1)[0];
}
