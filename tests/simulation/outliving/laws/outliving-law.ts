/** What a law of lives is: a look at the users and their servers, which gives back a line for everything that is not as promised. */
import type { VirtualClock } from '../../world/virtual-clock.js';
import type { Users } from '../program/users.js';

/** When a law is looked at. */
export interface LifeScene {
  readonly users: Users;
  readonly clock: VirtualClock;
}

/** Says what breaks it; nothing when it holds. */
export type LifeLaw = (scene: LifeScene) => Iterable<string>;
