/** Which folder stands for which. */
import { expect, test } from 'vitest';
import { BoundRoots } from '../../../src/testing/fit/bound-roots.js';

const FITS = { fits: true };

test('the longest common tail is not a part of the roots, and a root has a name', () => {
  const roots = new BoundRoots();
  expect(roots.fit('/proj/src/a.ts', '/home/me/proj/src/a.ts', false)).toEqual(FITS);
  expect(roots.translate('/proj/b.ts')).toBe('/home/me/proj/b.ts');
  expect(roots.translate('/projects/b.ts')).toBe('/projects/b.ts');
});

test('nothing stands for the top of a disk', () => {
  const roots = new BoundRoots();
  expect(roots.fit('/', '/home', true)).toEqual({ fits: false });
  expect(roots.fit('/home', '/', true)).toEqual({ fits: false });
  expect(roots.fit('/', '/', true)).toEqual(FITS);
  expect(roots.translate('/etc/hosts')).toBe('/etc/hosts');
});

test('the nearest root counts', () => {
  const roots = new BoundRoots();
  expect(roots.fit('/a', '/x', true)).toEqual(FITS);
  expect(roots.fit('/a/fixed', '/a/fixed', false)).toEqual(FITS);
  expect(roots.translate('/a/b')).toBe('/x/b');
  expect(roots.translate('/a/fixed/b')).toBe('/a/fixed/b');
});

test('what was the same is not another place later', () => {
  const roots = new BoundRoots();
  roots.fit('/a', '/x', true);
  expect(roots.fit('/a', '/a', true)).toEqual({ fits: false, reason: '/a is /x since an earlier line' });
  // It stands for `/a`, and is itself as well: a fixed place can be the folder of a test.
  expect(roots.fit('/x', '/x', false)).toEqual(FITS);
  expect(roots.translate('/x/y')).toBe('/x/y');
});

test('roots go from one system to another, and URLs stay URLs', () => {
  const roots = new BoundRoots();
  roots.fit('/home/me/proj/a.ts', 'D:\\proj\\a.ts', false);
  expect(roots.translate('/home/me/b c.ts')).toBe('D:\\b c.ts');
  expect(roots.translate('file:///home/me/b%20c.ts')).toBe('file:///D:/b%20c.ts');
  const back = new BoundRoots();
  back.fit('D:\\work\\a.ts', '/tmp/a.ts', false);
  expect(back.translate('D:\\work\\b\\c.ts')).toBe('/tmp/b/c.ts');
});

test('what is forgotten was never learned', () => {
  const roots = new BoundRoots();
  roots.fit('/a', '/x', true);
  roots.keep();
  roots.fit('/b', '/y', true);
  roots.forget();
  expect(roots.translate('/a/1')).toBe('/x/1');
  expect(roots.translate('/b/1')).toBe('/b/1');
  expect(roots.fit('/c', '/y', true)).toEqual(FITS);
});
