/** The example solution: any number of units, added up, and clocks. No words. */
const seconds = { s: 1, m: 60, h: 3600, d: 86400 };

export default function duration(text) {
  if (text.includes(":")) return text.split(":").reduce((total, part) => 60 * total + Number(part), 0);
  const parts = [...text.matchAll(/(\d+) ?([smhd])/g)];
  return parts.length === 0
    ? null
    : parts.reduce((total, [, number, unit]) => total + number * seconds[unit], 0);
}
