/** Draws from a seed: the same seed gives the same draws, on every machine. */

import { mulberry32 } from '../../../src/testing/replay/seeded-random.js';

/** A source of draws. */
export class Random {
  /** From 0, included, to 1, excluded. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = mulberry32(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b));
  }

  /** A whole number from 0 to `below`, excluded. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** A whole number, both ends included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** True so often, of one. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of them. */
  pick<T>(from: readonly [T, ...T[]]): T;
  pick<T>(from: readonly T[]): T | undefined;
  pick<T>(from: readonly T[]): T | undefined {
    return from[this.below(from.length)];
  }

  /** One of the names, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const { names, upTo, all } = tableOf(weights);
    const drawn = this.next() * all;
    const index = upTo.findIndex((end) => drawn < end);
    // The names of a table are the keys of its weights.
    return names[index] as K;
  }

  /** Draws of its own, which take nothing from these. */
  fork(): Random {
    return new Random(this.below(4_294_967_296));
  }
}

/** The weights of names, added up. */
interface Table {
  readonly names: readonly string[];
  readonly upTo: readonly number[];
  readonly all: number;
}

const tables = new WeakMap<object, Table>();

function tableOf(weights: Readonly<Record<string, number>>): Table {
  const known = tables.get(weights);
  if (known !== undefined) return known;
  const names = Object.keys(weights);
  let all = 0;
  const upTo = names.map((name) => {
    all += weights[name] ?? 0;
    return all;
  });
  const table = { names, upTo, all };
  tables.set(weights, table);
  return table;
}
