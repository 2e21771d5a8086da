/** What a law is here: a look at a program and its server, which gives back a line for everything that is not as it promises. */

import type { Program } from '../program/program.js';
import type { VirtualClock } from '../world/virtual-clock.js';

/** When a law is looked at. */
export interface Scene {
  readonly program: Program;
  readonly clock: VirtualClock;
}

/** Says what breaks it; nothing when it holds. */
export type Law = (scene: Scene) => Iterable<string>;
