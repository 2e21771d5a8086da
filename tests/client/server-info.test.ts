/** Which server it is, and whether it is new enough. */
import { UnsupportedServerError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { checkServerVersion, OLDEST_SERVER_VERSION, serverInfoOf } from '../../src/client/server-info.js';
import { startScripted } from '../helpers/scripted.js';
import { errorOf } from './scripted-client.js';

describe('a handshake', () => {
  test('with a server that is too old fails with both versions', async () => {
    const answer = JSON.stringify({ userAgent: 'codex-async-client/0.12.3 (old)' });
    const error = await errorOf(startScripted('answers-handshake-with', [answer]));
    expect(error).toBeInstanceOf(UnsupportedServerError);
    expect(error).toMatchObject({ serverVersion: '0.12.3', message: expect.stringContaining('0.12.3') });
    await using client = await startScripted('answers-handshake-with', [answer], {
      allowUnsupportedServer: true,
    });
    expect(client.serverInfo?.version).toBe('0.12.3');
  });

  test('without a user agent is with a server of unknown version', async () => {
    await using client = await startScripted('answers-handshake-with', ['{}']);
    expect(client.serverInfo?.version).toBeUndefined();
  });
});

describe('the version', () => {
  test.each([
    ['codex-async-client/0.169.0 (Debian 13; x86_64)', '0.169.0'],
    ['codex-async-client/0.170.0-alpha.3 (Mac OS 26)', '0.170.0-alpha.3'],
    ['codex-async-client/dev', undefined],
    ['codex-async-client/12.345.678+build.9', '12.345.678+build.9'],
    ['codex-async-client/1.2', undefined],
    ['codex-async-client 1.2.3', undefined],
    // A name of the client that holds a version is no version of the server.
    ['me/9.9.9/0.169.0 (x)', '0.169.0'],
    ['another/0.169.0', '0.169.0'],
  ])('of "%s" is %s', (userAgent, version) => {
    const clientName = userAgent.startsWith('me/') ? 'me/9.9.9' : 'codex-async-client';
    const platform = { platformFamily: 'unix', platformOs: 'linux' };
    expect(serverInfoOf({ userAgent, codexHome: '/home', ...platform }, clientName)).toEqual({
      version,
      userAgent,
      codexHome: '/home',
      platform: { family: 'unix', os: 'linux' },
    });
  });

  const [major, minor, patch] = OLDEST_SERVER_VERSION.split('.').map(Number);

  test.each([
    ['unknown', undefined],
    ['that of a build from source', '0.0.0'],
    ['that of a development build', '0.0.0-dev.1'],
    ['an early build of the oldest', `${OLDEST_SERVER_VERSION}-alpha.1`],
    ['the oldest with the name of its build', `${OLDEST_SERVER_VERSION}+build`],
    ['the oldest', OLDEST_SERVER_VERSION],
    ['a newer patch', `${major}.${minor}.${Number(patch) + 1}`],
    ['a later minor one, which is longer', `${major}.${Number(minor) + 1000}.0-alpha.1`],
    ['a later major one', `${Number(major) + 1}.0.0`],
  ])('is new enough when it is %s', (_, version) => {
    expect(() => checkServerVersion(version)).not.toThrow();
  });

  test.each([`${major}.${Number(minor) - 1}.99`, '0.9.0', '0.0.1', '0.99-alpha', '0.99+5'])(
    '%s is too old',
    (version) => {
      expect(() => checkServerVersion(version)).toThrow(UnsupportedServerError);
    },
  );

  test('that is too old is told beside the one that is needed, and the ways out', () => {
    const check = () => checkServerVersion('0.1.2');
    expect(check).toThrow(
      expect.objectContaining({
        serverVersion: '0.1.2',
        oldestVersion: '0.117.0',
        message:
          'the codex app-server is version 0.1.2, and this package needs 0.117.0 or newer; update it (npm install @openai/codex@latest), or go on at your own risk with allowUnsupportedServer: true',
      }),
    );
  });
});
