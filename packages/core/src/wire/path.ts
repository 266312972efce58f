/**
 * How an environment reference (`penguins`, `lab/penguins@3`, an id) travels as one segment of a URL path, made and
 * read only here. A slash would have to be percent-encoded, and AWS API Gateway decodes `%2F` before routing, so `~`,
 * which no proxy touches, stands for it.
 */
export const referenceSegment = {
  build: (reference: string): string => encodeURIComponent(reference.replace("/", "~")),
  /** Takes a segment that is already percent-decoded; one that came with `%2F` works too, where no proxy is in between. */
  parse: (segment: string): string => segment.replace("~", "/"),
};

/**
 * How a case's id, which may be any text, travels as one segment of a URL path. `~` escapes what a proxy would change:
 * the slash, and ids that are nothing but dots, which clients resolve away.
 */
export const caseSegment = {
  build: (id: string): string => {
    const escaped = id.replaceAll("~", "~t").replaceAll("/", "~s");
    return encodeURIComponent(/^\.+$/.test(escaped) ? escaped.replaceAll(".", "~d") : escaped);
  },
  /** Takes a segment that is already percent-decoded. */
  parse: (segment: string): string =>
    segment.replaceAll(/~([tsd])/g, (_escape, letter: string) => ({ t: "~", s: "/", d: "." })[letter]!),
};
