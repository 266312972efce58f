import about from "../package.json" with { type: "json" };

/** Of benchgen; all of its packages carry the same. */
export const version: string = about.version;
