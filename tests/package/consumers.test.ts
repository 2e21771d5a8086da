// The package in the hands of others: installed from its tarball into an empty project, compiled and run there
// against the real codex.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from './commands.js';
import { NODE_MAJORS, nodeExecutable } from './node-versions.js';
import { type PackedPackage, packPackage } from './packed.js';
import { addProgram, compiled, installedProject, MODULE_MODES } from './project.js';

let packed: PackedPackage;
let project: Awaited<ReturnType<typeof installedProject>>;
let programs: readonly string[];

beforeAll(async () => {
  packed = await packPackage();
  project = await installedProject(packed.tarball);
  addProgram(project.folder, 'typescript-program.ts');
  programs = [
    addProgram(project.folder, 'javascript-program.mjs'),
    await compiled(project.folder, 'typescript-program.ts', 'nodenext'),
    await compiled(project.folder, 'typescript-program.ts', 'bundler'),
  ];
}, 180_000);

afterAll(() => {
  project?.remove();
  packed?.remove();
});

/** An unknown method, and a result that is no number: both pass where a type has come out as `any`. */
const PROGRAM_WITH_MISTAKES = `import { AsyncClient } from 'codex-async-client';
declare const client: AsyncClient;
client.threadStrat({});
export const id: number = (await client.threadStart({})).thread.id;
`;

test.each(Object.keys(MODULE_MODES) as (keyof typeof MODULE_MODES)[])(
  'a mistake in a program is seen under %s, so the types are there',
  async (mode) => {
    writeFileSync(join(project.folder, 'mistake.ts'), PROGRAM_WITH_MISTAKES);
    const report = compiled(project.folder, 'mistake.ts', mode);
    await expect(report).rejects.toThrow(/mistake\.ts\(3,\d+\): error TS2551: .*'threadStrat'/);
    await expect(report).rejects.toThrow(/mistake\.ts\(4,\d+\): error TS2322: .*'string'.*'number'/);
  },
);

describe.each(NODE_MAJORS)('under Node.js %i', (major) => {
  let node: string;

  beforeAll(async () => {
    node = await nodeExecutable(major);
    expect(await run(node, ['--version'], project.folder)).toMatch(new RegExp(`^v${major}\\.`));
  }, 180_000);

  test.each(['JavaScript', 'TypeScript with nodenext', 'TypeScript with bundler'])(
    'a %s program runs a turn with an approval',
    async (kind) => {
      const file =
        programs[['JavaScript', 'TypeScript with nodenext', 'TypeScript with bundler'].indexOf(kind)];
      const printed: unknown = JSON.parse(await run(node, [String(file)], project.folder));
      expect(printed).toMatchObject({ answer: 'It works.', output: 'from the shell', approvals: 1 });
    },
  );
});
