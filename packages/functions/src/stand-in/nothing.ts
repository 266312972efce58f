/** In place of what a library would use for work that nobody here asks of it: writing the members of a zip to files. */
export {};
