/** Of benchgen; all of its packages carry the same. */
export const version = "0.1.0";
