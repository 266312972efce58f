/**
 * What is made when it is first asked for, and then kept. What could not be made is tried anew the next time: a disk that
 * was full for a moment must not fail everything until this process ends.
 */
export class Lazy<T> {
  readonly #make: () => Promise<T>;
  #made: Promise<T> | undefined;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  get(): Promise<T> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }

  /** What was made; undefined when nothing was, or could be. */
  async ifMade(): Promise<T | undefined> {
    return this.#made?.catch(() => undefined);
  }

  /** The next to ask has it made anew. */
  forget(): void {
    this.#made = undefined;
  }
}
