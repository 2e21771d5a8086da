// The lock file, without which `npm ci` is not what it was: complete for every platform, and free of registries.

import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import lock from '../../package-lock.json' with { type: 'json' };

/** A package as the lock file has it. */
interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const packages: Readonly<Record<string, Locked>> = lock.packages;

test('lists every platform package of what it locks; npm ci refuses a list with gaps', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`${path}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});

test('is in step with package.json', () => {
  const { dependencies, devDependencies, peerDependencies } = lock.packages[''];
  expect({ dependencies, devDependencies, peerDependencies }).toEqual({
    dependencies: packageJson.dependencies,
    devDependencies: packageJson.devDependencies,
    peerDependencies: packageJson.peerDependencies,
  });
});

test('names no registry, so that everybody installs from their own', () => {
  expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});

test('development dependencies are pinned, and dependencies are not', () => {
  expect(
    Object.values(packageJson.devDependencies).filter((range) => !/^(npm:[@/a-z-]+@)?\d/.test(range)),
  ).toEqual([]);
  expect(Object.values(packageJson.dependencies).filter((range) => !range.startsWith('^'))).toEqual([]);
});
