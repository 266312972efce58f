/** What a result says of its generator: who has the seed can draw the same again. */
export const generatorName = "xoshiro128**";

/**
 * Whole numbers from 0 to 2³²−1 that are the same for the same seed, on every machine. xoshiro128** by Blackman and Vigna
 * ("Scrambled Linear Pseudorandom Number Generators", 2021); its state is filled from the seed by splitmix32.
 */
export function seededRandom(seed: number): () => number {
  return xoshiro128(splitmix32(seed));
}

/** xoshiro128** from a state of four words, not all of them zero. */
export function xoshiro128([a, b, c, d]: readonly [number, number, number, number]): () => number {
  let [s0, s1, s2, s3] = [a, b, c, d];
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    return result;
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
