/** The platforms that codex is built for, and the packages that hold the builds. */
import { describe, expect, it } from 'vitest';
import { platformBuild } from '../../../src/app-server/locate/platform-packages.js';

describe('the build of codex', () => {
  it.each([
    ['linux', 'x64', '@openai/codex-linux-x64', 'x86_64-unknown-linux-musl', 'codex'],
    ['linux', 'arm64', '@openai/codex-linux-arm64', 'aarch64-unknown-linux-musl', 'codex'],
    ['android', 'x64', '@openai/codex-linux-x64', 'x86_64-unknown-linux-musl', 'codex'],
    ['android', 'arm64', '@openai/codex-linux-arm64', 'aarch64-unknown-linux-musl', 'codex'],
    ['darwin', 'x64', '@openai/codex-darwin-x64', 'x86_64-apple-darwin', 'codex'],
    ['darwin', 'arm64', '@openai/codex-darwin-arm64', 'aarch64-apple-darwin', 'codex'],
    ['win32', 'x64', '@openai/codex-win32-x64', 'x86_64-pc-windows-msvc', 'codex.exe'],
    ['win32', 'arm64', '@openai/codex-win32-arm64', 'aarch64-pc-windows-msvc', 'codex.exe'],
  ])('%s on %s has the package %s', (platform, arch, packageName, triple, executable) => {
    expect(platformBuild(platform, arch)).toEqual({ packageName, triple, executable });
  });

  it('does not exist for a platform that has no package', () => {
    expect(platformBuild('freebsd', 'x64')).toBeUndefined();
  });
});
