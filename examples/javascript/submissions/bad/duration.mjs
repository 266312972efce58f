/** Fails as real submissions do: a number times nothing is NaN, and nobody looked. */
const seconds = { s: 1, min: 60, h: 3600, d: 86400 };

export default function duration(text) {
  const number = Number.parseFloat(text);
  const unit = text.replace(/[\d. ]/g, "");
  return number * seconds[unit]; // "2:00:00": there is no seconds["::"]
}
