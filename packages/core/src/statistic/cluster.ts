import { type Turn, smallSteps } from "../turn.ts";

/**
 * Which values belong together, by numbers in the order in which clusters first occur. Undefined when each value has a
 * cluster of its own: then they are independent.
 * @param clusterAt of the value at that place: equal for those of one cluster
 */
export async function numberClusters(
  count: number,
  clusterAt: (place: number) => string | number,
  turn: Turn,
): Promise<Uint32Array | undefined> {
  const numbers = new Map<string | number, number>();
  const clusters = new Uint32Array(count);
  for (let place = 0; place < count; place++) {
    if (place % smallSteps === 0 && turn.isOver) await turn.pass();
    const cluster = clusterAt(place);
    const number = numbers.get(cluster) ?? numbers.size;
    numbers.set(cluster, number);
    clusters[place] = number;
  }
  return numbers.size === count ? undefined : clusters;
}
