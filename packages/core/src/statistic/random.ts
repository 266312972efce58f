/** What a result says of its generator: who has the seed can draw the same again. */
export const generatorName = "xoshiro128**";

/** Fills a block with the next numbers of a series: a call for each of a hundred million would take as long again. */
export type Draw = (block: Uint32Array) => void;

/**
 * Whole numbers from 0 to 2³²−1 that are the same for the same seed, on every machine, however they are divided into
 * blocks. xoshiro128** by Blackman and Vigna ("Scrambled Linear Pseudorandom Number Generators", 2021); its state is
 * filled from the seed by splitmix32.
 */
export function seededRandom(seed: number): Draw {
  return xoshiro128(splitmix32(seed));
}

/** xoshiro128** from a state of four words, not all of them zero. */
export function xoshiro128(state: readonly [number, number, number, number]): Draw {
  let [s0, s1, s2, s3] = state;
  return (block) => {
    // Local variables: those of the closure are written to memory at every step.
    let [a, b, c, d] = [s0, s1, s2, s3];
    for (let i = 0; i < block.length; i++) {
      block[i] = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = rotateLeft(d, 11);
    }
    [s0, s1, s2, s3] = [a, b, c, d];
  };
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function splitmix32(seed: number): [number, number, number, number] {
  let state = seed;
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return word ^ (word >>> 15);
  };
  return [next(), next(), next(), next()];
}
