/** JSON that others wrote. Pure. */

/** The value; undefined when the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value; undefined when the text is no JSON, or nested so deep that nothing could work with it. */
export function parseBoundedJson(text: string): unknown {
  const value = parseJson(text);
  return isTooDeep(value) ? undefined : value;
}

/** Levels of lists and objects in one another. What reads a value calls itself level by level, here and in clients. */
export const maxJsonDepth = 200;

/** Whether lists and objects lie in one another more than `maxJsonDepth` levels deep. */
export function isTooDeep(value: unknown): boolean {
  return isDeeper(value, maxJsonDepth);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
