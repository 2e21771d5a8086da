/** The file of a tape: private, written whole, and refused by name when it cannot be. */
import { Buffer } from 'node:buffer';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'codex-async-client';
import { afterAll, describe, expect, test } from 'vitest';
import { TapeFile } from '../../../src/testing/tapes/tape-file.js';

const folder = mkdtempSync(join(tmpdir(), 'codex-tape-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;
const onPosix = process.platform !== 'win32';

describe('a file', () => {
  test.runIf(onPosix)('is its owner’s alone, also when it was there with another mode', () => {
    const fresh = join(folder, 'fresh');
    new TapeFile(fresh).close();
    expect(modeOf(fresh)).toBe(0o600);
    const old = join(folder, 'old');
    writeFileSync(old, 'before');
    chmodSync(old, 0o644);
    new TapeFile(old).close();
    expect(modeOf(old)).toBe(0o600);
    expect(readFileSync(old, 'utf8')).toBe('');
  });

  test('has what was written, in order', async () => {
    const path = join(folder, 'written');
    const file = new TapeFile(path);
    const long = 'é'.repeat(3_000_000);
    expect(await file.write(Buffer.from('a\n'))).toBe(2);
    expect(await file.write(Buffer.from(long))).toBe(6_000_000);
    expect(await file.writeNow(Buffer.from('b\n'))).toBe(2);
    file.close();
    file.close();
    expect(readFileSync(path, 'utf8')).toBe(`a\n${long}b\n`);
    await expect(file.write(Buffer.from('late'))).rejects.toMatchObject({ code: 'EBADF' });
  });

  test.runIf(onPosix)(
    'L20 has one writer at a time, and another is refused before it harms anything',
    async () => {
      const path = join(folder, 'shared');
      const first = new TapeFile(path);
      await first.write(Buffer.from('a\n'));
      symlinkSync(path, join(folder, 'link'));
      for (const same of [path, join(folder, 'link')])
        expect(() => new TapeFile(same)).toThrow(
          `path: no tape can be written to ${same}: a tape is being written to it`,
        );
      first.close();
      expect(readFileSync(path, 'utf8')).toBe('a\n');
      new TapeFile(path).close();
      expect(readFileSync(path, 'utf8')).toBe('');
    },
  );

  test('L20 that cannot be made is refused with the reason', () => {
    const path = join(folder, 'missing', 'tape');
    expect(() => new TapeFile(path)).toThrow(InvalidArgumentError);
    expect(() => new TapeFile(path)).toThrow(`path: no tape can be written to ${path}: ENOENT`);
    expect(() => new TapeFile(folder)).toThrow('path: no tape can be written to');
  });

  test.runIf(existsSync('/dev/full'))('that is a device keeps its mode', async () => {
    const before = modeOf('/dev/full');
    const file = new TapeFile('/dev/full');
    await expect(file.write(Buffer.from('a'))).rejects.toMatchObject({ code: 'ENOSPC' });
    file.close();
    expect(modeOf('/dev/full')).toBe(before);
  });
});
