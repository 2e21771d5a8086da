// What importing the package costs the type-check of a program: what the compiler counts for a program that starts a
// client, beside an empty one. The number of types does not depend on the machine; memory and time do.

import { compilerScript, typeCheck } from './compilers.js';
import { addProgram, MODULE_MODES, STRICT_OPTIONS } from './project.js';

/** The compiler that counts: the last one of which all counts are of one thread. */
const COMPILER = '6.0';

/** What a compiler counts. */
export interface TypeCost {
  readonly types: number;
  readonly memoryMiB: number;
  readonly checkSeconds: number;
}

/**
 * What the compiler counts for one program of `programs/`, in a project that has the package.
 *
 * @param skipLibCheck - `false` counts every declaration, `true` those that the program needs
 */
export async function typeCost(folder: string, program: string, skipLibCheck: boolean): Promise<TypeCost> {
  addProgram(folder, program);
  const options = { ...STRICT_OPTIONS, ...MODULE_MODES.nodenext, skipLibCheck };
  const setting = { options, programs: [program] };
  const script = await compilerScript(COMPILER);
  const printed = await typeCheck(folder, script, setting, ['--extendedDiagnostics']);
  const count = (name: string) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(printed)?.[1]);
  return {
    types: count('Types'),
    memoryMiB: count('Memory used') / 1024,
    checkSeconds: count('Check time'),
  };
}
