/** Works out the answer to small arithmetic and string tasks. Pure. What a real model would do with more words. */

/** The right answer to a prompt; undefined when there is no task in it that it knows. */
export function solve(prompt: string): string | undefined {
  for (const { pattern, answer } of stringTasks) {
    const found = pattern.exec(prompt);
    if (found !== null) return answer(found[1] ?? "", found[2] ?? "");
  }
  const value = longestExpression(prompt);
  return value === undefined ? undefined : String(Number(value.toFixed(6)));
}

interface StringTask {
  readonly pattern: RegExp;
  readonly answer: (first: string, second: string) => string;
}

const stringTasks: readonly StringTask[] = [
  { pattern: /reverse[^"]*"([^"]*)"/i, answer: (text) => Array.from(text).reverse().join("") },
  { pattern: /upper ?case[^"]*"([^"]*)"/i, answer: (text) => text.toUpperCase() },
  { pattern: /lower ?case[^"]*"([^"]*)"/i, answer: (text) => text.toLowerCase() },
  {
    pattern: /how (?:many|often)[^"]*"([^"]*)"[^"]*"([^"]*)"/i,
    answer: (part, text) => String(part === "" ? 0 : text.split(part).length - 1),
  },
  { pattern: /(?:letters|characters)[^"]*"([^"]*)"/i, answer: (text) => String(Array.from(text).length) },
  { pattern: /(?:join|concatenate)[^"]*"([^"]*)"[^"]*"([^"]*)"/i, answer: (first, second) => first + second },
];

/** Of several, the one with the most in it: years and numbers of questions stand in prompts too. */
function longestExpression(prompt: string): number | undefined {
  const candidates = prompt.match(/[\d(][\d\s.+*/()×÷−-]*/g) ?? [];
  return candidates
    .map((text) => text.replace(/[\s.+*/(×÷−-]+$/, ""))
    .filter((text) => /[+*/×÷−-]/.test(text.slice(1)))
    .sort((a, b) => b.length - a.length)
    .map(evaluate)
    .find((value) => value !== undefined);
}

/** The value of sums, products, fractions and parentheses; undefined when it is none. */
export function evaluate(text: string): number | undefined {
  const tokens = text
    .replaceAll("×", "*")
    .replaceAll("÷", "/")
    .replaceAll("−", "-")
    .match(/\d+(?:\.\d+)?|\S/g);
  if (tokens === null || tokens.length > 1000) return undefined;
  const value = new Parser(tokens).whole();
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  whole(): number | undefined {
    const value = this.#sum();
    return this.#at === this.#tokens.length ? value : undefined;
  }

  #take(...wanted: string[]): string | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    this.#at += 1;
    return token;
  }

  #sum(): number {
    let value = this.#product();
    for (let sign = this.#take("+", "-"); sign !== undefined; sign = this.#take("+", "-")) {
      const next = this.#product();
      value = sign === "+" ? value + next : value - next;
    }
    return value;
  }

  #product(): number {
    let value = this.#atom();
    for (let sign = this.#take("*", "/"); sign !== undefined; sign = this.#take("*", "/")) {
      const next = this.#atom();
      value = sign === "*" ? value * next : value / next;
    }
    return value;
  }

  #atom(): number {
    if (this.#take("-") !== undefined) return -this.#atom();
    if (this.#take("(") !== undefined) {
      const value = this.#sum();
      return this.#take(")") === undefined ? Number.NaN : value;
    }
    const token = this.#tokens[this.#at] ?? "";
    this.#at += 1;
    return /^\d/.test(token) ? Number(token) : Number.NaN;
  }
}

/** A wrong answer of the same kind: numbers are off by a little, texts lose their order. */
export function mistake(answer: string): string {
  const value = Number(answer);
  if (answer.trim() !== "" && Number.isFinite(value)) return String(value + 1);
  return answer.length > 1 ? answer.slice(1) + answer.slice(0, 1) : `${answer}?`;
}
