/**
 * A run is no promise: awaiting it gives the run itself, and what is looked for on it is on its result. In plain JavaScript
 * that is `undefined` without a word; here it is an error that says how to get it.
 */
import { InvalidArgumentError } from '../support/errors.js';

/**
 * Gives runs of a class members that throw, unseen by its types.
 * @param names - what only the result has
 */
export function pointToResult(prototype: object, names: readonly string[]): void {
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(): never {
        const message = `run: it has no ${name}, its result has: const { ${name} } = await run.result()`;
        throw new InvalidArgumentError('run', message);
      },
    });
  }
}
