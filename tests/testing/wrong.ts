/** A value that JavaScript users can pass although its type forbids it. */
export const wrong = <Wanted>(value: unknown): Wanted => value as Wanted;
