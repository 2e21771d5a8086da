// README as npm shows it. npm makes a link of README absolute by the field `repository`, when that is an object with an address on GitHub and the
// link is relative to README; what begins with `/`, and `srcset`, it leaves broken. So such links work on npm, on GitHub, and beside the unpacked tarball.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { OLDEST_SERVER_VERSION } from '../../src/client/server-info.js';
import { PROTOCOL_VERSION } from '../../src/protocol/generated.js';
import { COMPILERS } from '../package/compilers.js';
import { PAGES } from './documents.js';
import { codeBlocks, codeIn, localLinks, REPOSITORY, readDocument, tableUnder } from './markdown.js';

const readme = readDocument('README.md');
const MAX_BYTES = 25_000;
const ON_GITHUB = 'https://github.com/codex-async-client/codex-async-client';

describe('on npm', () => {
  test('package.json says where the repository is, as npm needs it to make links absolute', () => {
    expect(packageJson.repository).toEqual({ type: 'git', url: `git+${ON_GITHUB}.git` });
    expect(packageJson.homepage).toBe(`${ON_GITHUB}#readme`);
    expect(packageJson.bugs).toEqual({ url: `${ON_GITHUB}/issues` });
  });

  test('every link of README is one that npm makes absolute', () => {
    const targets = localLinks(readme).map(({ target }) => target);
    expect(targets.length).toBeGreaterThan(20);
    expect(targets.filter((target) => !/^[\w.][\w./-]*[\w]$/.test(target) || target.includes('..'))).toEqual(
      [],
    );
    expect(readme).not.toMatch(/<(?:img|picture|source|a)\b|^\[[^\]]+\]:/m);
  });

  test('README says nothing of a repository but by such links', () => {
    expect(readme).not.toContain('github.com');
  });

  test('what README links to is in the tarball, but for the page for contributors', () => {
    const shipped = (target: string) =>
      ['CHANGELOG.md', 'LICENSE'].includes(target) ||
      packageJson.files.some((entry) => target === entry || target.startsWith(`${entry}/`));
    const targets = [...new Set(localLinks(readme).map(({ target }) => target))];
    expect(targets.filter((target) => target !== '' && !shipped(target))).toEqual([
      '.github/CONTRIBUTING.md',
    ]);
  });
});

describe('README', () => {
  test('is a page that a reader finishes', () => {
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(MAX_BYTES);
  });

  test('has every page in its index', () => {
    const linked = localLinks(readme).map(({ target }) => target);
    expect(PAGES.map(({ path }) => path).filter((path) => !linked.includes(path))).toEqual([]);
  });

  test('begins with lines for plain JavaScript, and has `await using` in TypeScript alone', () => {
    const [first] = codeBlocks(readme, 'js');
    expect(first?.line).toBeLessThan(codeBlocks(readme, 'ts')[0]?.line ?? 0);
    expect(codeBlocks(readme, 'js').filter(({ code }) => /\busing\b/.test(code))).toEqual([]);
  });

  test('has a text for every picture', () => {
    for (const [, alt, target] of readme.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)) {
      expect(alt?.length, target).toBeGreaterThan(30);
      expect(readFileSync(join(REPOSITORY, target ?? ''), 'latin1')).toMatch(/<svg|^\x89PNG/);
    }
  });
});

test('the table of policies says what the one of the guide says of the sandbox `workspace-write`', () => {
  const guide = tableUnder(readDocument('.github/docs/approvals.md'), '## What is asked');
  const ofSandbox = guide.filter(([, sandbox]) => codeIn(sandbox) === 'workspace-write');
  const outcomes = new Map(ofSandbox.map(([want = '', , ...cells]) => [want, cells]));
  const rows = tableUnder(readme, '## The loop').map(([, ...cells]) =>
    cells.map((cell) => cell.replace(/^(?:runs|does) .*/, 'runs')),
  );
  const wants = [
    'run a command that reads (`ls`)',
    'run `rm -rf` on a file of the workspace',
    'run a command outside of the sandbox',
    'patch a file of the workspace',
    'patch a file elsewhere',
  ];
  expect(rows).toEqual(wants.map((want) => outcomes.get(want)));
});

test.each(['README.md', '.github/docs/versions.md'])(
  '%s names the versions that package.json and the types have',
  (path) => {
    const versions = readDocument(path).split(/^##? Supported versions\n/m)[1] ?? '';
    expect(versions).toContain(`codex ${PROTOCOL_VERSION}`);
    expect(packageJson.devDependencies['@openai/codex']).toBe(PROTOCOL_VERSION);
    expect(packageJson.engines.node).toBe('>=20.19');
    expect(versions).toContain('Node.js 20.19');
    expect(versions).toContain(`TypeScript ${COMPILERS[0]} or newer`);
    expect(versions).toContain(`"~${packageJson.version.replace(/\d+$/, '0')}"`);
    expect(versions).toContain(`Servers from ${OLDEST_SERVER_VERSION}`);
    expect(packageJson.peerDependencies['@openai/codex']).toBe(`>=${OLDEST_SERVER_VERSION}`);
  },
);
