/** The faults of one replay, found by the line they belong to, and which of them have happened. */
import type { FaultPlan, TapeFault } from './faults.js';
import type { ScriptLine } from './replay-script.js';

/** What happens after a line, in the order in which it happens: the end comes last. */
const AFTERWARDS = ['floodStderr', 'stopReading', 'endStdout', 'crash'] as const;

type NamedFault<Name extends TapeFault['fault']> = Extract<TapeFault, { fault: Name }>;

/** A fault that happens after a line. */
export type LaterFault = NamedFault<(typeof AFTERWARDS)[number]>;

/** Finds the faults of a plan that was checked. */
export class FaultTable {
  readonly #plan: FaultPlan;
  readonly #byLine = new Map<number, TapeFault[]>();
  readonly #fired = new Set<TapeFault>();
  /** How often a fault has turned a request away. */
  readonly #turnedAway = new Map<TapeFault, number>();

  constructor(plan: FaultPlan) {
    this.#plan = plan;
    for (const fault of plan) {
      const line = 'line' in fault ? fault.line : 'afterLine' in fault ? fault.afterLine : 0;
      this.#byLine.set(line, [...(this.#byLine.get(line) ?? []), fault]);
    }
  }

  /** The faults that have happened, in the plan's order. */
  get fired(): readonly TapeFault[] {
    return this.#plan.filter((fault) => this.#fired.has(fault));
  }

  /** The most bytes of a chunk; of several splits the finest. */
  splitBytes(): number | undefined {
    const splits = this.#plan.filter((fault) => fault.fault === 'split');
    for (const split of splits) this.#fired.add(split);
    return splits.length === 0 ? undefined : Math.min(...splits.map(({ bytes }) => bytes));
  }

  /** How many milliseconds a line comes later. */
  delayMs(line: ScriptLine): number {
    return this.#fire(this.#of(line, 'delay')).reduce((sum, { ms }) => sum + ms, 0);
  }

  /** The server does not say anything after this line. */
  endsAfter({ line }: ScriptLine): boolean {
    return (this.#byLine.get(line.line) ?? []).some(
      ({ fault }) => fault === 'crash' || fault === 'endStdout',
    );
  }

  /** A line that is never sent. */
  drops(line: ScriptLine): boolean {
    return this.#fire(this.#of(line, 'dropAnswer')).length > 0;
  }

  /** How often a line is sent. */
  timesOf(line: ScriptLine): number {
    return 1 + this.#fire(this.#of(line, 'duplicate')).length;
  }

  /** A request that is turned away this time. */
  turnsAway(line: ScriptLine): boolean {
    for (const fault of this.#of(line, 'overload')) {
      const times = this.#turnedAway.get(fault) ?? 0;
      if (times >= (fault.times ?? 1)) continue;
      this.#turnedAway.set(fault, times + 1);
      this.#fired.add(fault);
      return true;
    }
    return false;
  }

  /** What happens after a line of the tape, whoever's it is, in this order. */
  after(line: number): readonly LaterFault[] {
    const faults = this.#byLine.get(line);
    if (faults === undefined) return [];
    return this.#fire(AFTERWARDS.flatMap((name) => faults.filter((fault) => isNamed(fault, name))));
  }

  #of<Name extends TapeFault['fault']>({ line }: ScriptLine, name: Name): NamedFault<Name>[] {
    return (this.#byLine.get(line.line) ?? []).filter((fault) => isNamed(fault, name));
  }

  #fire<Fault extends TapeFault>(faults: readonly Fault[]): readonly Fault[] {
    for (const fault of faults) this.#fired.add(fault);
    return faults;
  }
}

function isNamed<Name extends TapeFault['fault']>(fault: TapeFault, name: Name): fault is NamedFault<Name> {
  return fault.fault === name;
}
