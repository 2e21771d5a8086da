/**
 * The compilers that users have, the ways in which they set them up, and the programs that have to be right under all of
 * them. The programs name neither the DOM nor Node.js, so that the declarations are seen to need neither.
 */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedInstall } from './cached-install.js';
import { run } from './commands.js';
import { REPOSITORY } from './packed.js';
import { addProgram, MODULE_MODES, STRICT_OPTIONS } from './project.js';

/** The oldest TypeScript that is supported, the last of each major version, and the one of this project. */
export const COMPILERS = ['5.6', '5.9', '6.0', '7.0'] as const;

/** Those in between, and two that are older and do as well. */
export const MORE_COMPILERS = ['5.4', '5.5', '5.7', '5.8'] as const;

export type Compiler = (typeof COMPILERS)[number] | (typeof MORE_COMPILERS)[number];

/** One way of setting a compiler up. */
interface Setting {
  readonly options: Readonly<Record<string, unknown>>;
  readonly programs: readonly string[];
  /** The first TypeScript that has it, where the others do not. */
  readonly since?: Compiler;
}

/** Programs of users. The mistakes in the last one are what a compiler has to see. */
const PROGRAMS = [
  'chat-loop.ts',
  'approvals.ts',
  'typed-methods.ts',
  'pages.ts',
  'errors.ts',
  'newer-server.ts',
  'testing-entry.ts',
  'mistakes.ts',
];

const { nodenext, bundler } = MODULE_MODES;
const es2022 = { lib: ['es2022'] };

/** The ways of setting a compiler up, by a name for the title of a test. */
const SETTINGS = {
  'nodenext, neither DOM nor Node.js': {
    options: { ...STRICT_OPTIONS, ...nodenext, ...es2022 },
    programs: PROGRAMS,
  },
  'nodenext with the types of Node.js': {
    options: { ...STRICT_OPTIONS, ...nodenext, ...es2022, types: ['node'] },
    programs: [...PROGRAMS, 'typescript-program.ts'],
  },
  'node16 without exact optional properties': {
    options: {
      ...STRICT_OPTIONS,
      ...es2022,
      module: 'node16',
      moduleResolution: 'node16',
      exactOptionalPropertyTypes: false,
    },
    programs: PROGRAMS,
  },
  'bundler with the DOM': {
    options: { ...STRICT_OPTIONS, ...bundler },
    programs: [...PROGRAMS, 'typescript-program.ts'],
  },
  'bundler, nothing strict': {
    options: { ...bundler, ...es2022, strict: false, skipLibCheck: false, target: 'es2022', types: [] },
    programs: PROGRAMS,
  },
  'bundler, the newest language': {
    options: { ...STRICT_OPTIONS, ...bundler, target: 'esnext', lib: ['esnext'], skipLibCheck: true },
    programs: PROGRAMS,
  },
  'CommonJS that imports the package': {
    options: { ...STRICT_OPTIONS, ...nodenext, ...es2022 },
    programs: ['common-js-import.cts'],
  },
  'CommonJS that requires the package': {
    options: { ...STRICT_OPTIONS, ...nodenext },
    programs: ['common-js-program.cts'],
    since: '5.8',
  },
} satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;

/** The settings that a compiler has. */
export function settingsOf(compiler: Compiler): SettingName[] {
  const names = Object.keys(SETTINGS) as SettingName[];
  return names.filter((name) => {
    const { since }: Setting = SETTINGS[name];
    return since === undefined || Number(compiler) >= Number(since);
  });
}

/** The script of a compiler, which `node` runs; those that are no development dependency are downloaded once. */
export async function compilerScript(compiler: Compiler): Promise<string> {
  const modules = join(REPOSITORY, 'node_modules');
  const installed: readonly string[] = COMPILERS;
  const folder = !installed.includes(compiler)
    ? await cachedInstall('typescript', compiler)
    : join(modules, compiler === '7.0' ? 'typescript' : `typescript-${compiler}`);
  return join(folder, 'bin', 'tsc');
}

/**
 * Checks the programs of a setting in a project that has the package. Rejects with what the compiler prints.
 *
 * @returns what it prints, with `flags` such as `--extendedDiagnostics`
 */
export async function typeCheck(
  folder: string,
  script: string,
  { options, programs }: Setting,
  flags: readonly string[] = [],
): Promise<string> {
  const config = join(folder, `tsconfig.${randomUUID()}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...options, noEmit: true }, files: programs }));
  return run(process.execPath, [script, '-p', config, ...flags], folder);
}

/** Checks programs under several settings, two at a time. Rejects with what the compiler prints of the first that fails. */
export async function typeCheckAll(
  folder: string,
  compiler: Compiler,
  names: readonly SettingName[],
): Promise<void> {
  const script = await compilerScript(compiler);
  const waiting = [...names];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      await typeCheck(folder, script, SETTINGS[name]);
    }
  };
  await Promise.all([work(), work()]);
}

/** Copies every program of users into a project. */
export function addUserPrograms(folder: string): void {
  for (const { programs } of Object.values(SETTINGS)) {
    for (const program of programs) addProgram(folder, program);
  }
}
