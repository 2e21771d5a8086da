/**
 * Changing plain data without touching it: a change makes new objects along its path and keeps all others, and a change
 * that changes nothing gives back what there was, so that equal references mean that nothing has changed.
 */

/** The object with these members, or the object itself when it has them already, by reference. `undefined` was not told. */
export function withChanges<T extends object>(target: T, changes: Partial<T>): T {
  const keys = (Object.keys(changes) as (keyof T)[]).filter((key) => changes[key] !== undefined);
  if (keys.every((key) => Object.is(target[key], changes[key]))) return target;
  const next = { ...target };
  for (const key of keys) next[key] = changes[key] as T[keyof T];
  return next;
}

/** What there is when the next value says the same, otherwise the next value. */
export function keepEqual<T>(known: T, next: T): T {
  return isEqual(known, next) ? known : next;
}

/** Where the last element is that the test holds for, or -1: what is looked for is nearly always near the end. */
export function lastIndexById<T extends { readonly id: string }>(list: readonly T[], id: string): number {
  return list.findLastIndex((element) => element.id === id);
}

/** The list with this element at an index, or at its end for -1; the list itself when it is there already. */
export function withElement<T>(list: readonly T[], index: number, element: T): readonly T[] {
  if (index === -1) return [...list, element];
  return list[index] === element ? list : list.with(index, element);
}

/** Whether two values of JSON say the same. */
function isEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const members = Object.entries(left);
  const others = new Map(Object.entries(right));
  return (
    members.length === others.size &&
    members.every(([key, value]) => others.has(key) && isEqual(value, others.get(key)))
  );
}
