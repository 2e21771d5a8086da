/** Why a connection did not come about: each thing that users meet has its own advice, and none shows a token. */
import { ConnectionError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { connectFailure } from '../../../src/app-server/connection/connect-failure.js';
import { endpointOf } from '../../../src/app-server/connection/connect-target.js';
import { NotOpened, UpgradeRefused } from '../../../src/app-server/connection/web-socket.js';

const TOKEN = 'hunter2-of-all-tokens';
const SOCKET = endpointOf({ socketPath: '/run/codex.sock' });
const URL = endpointOf({ url: 'ws://127.0.0.1:4500' });
const URL_WITH_TOKEN = endpointOf({ url: 'ws://127.0.0.1:4500', bearerToken: TOKEN });
const PROXY = endpointOf({ proxy: ['ssh', 'host', TOKEN] });

const withCode = (code: string, message = 'it failed') => Object.assign(new Error(message), { code });

describe('the reason', () => {
  test.each([
    [SOCKET, withCode('ENOENT'), 'at unix:///run/codex.sock: there is no such socket'],
    [SOCKET, withCode('ENOENT'), 'codex app-server --listen unix://PATH'],
    [SOCKET, withCode('ENOTDIR'), 'a part of its path is not a folder'],
    [SOCKET, withCode('ECONNREFUSED'), 'the server that made the socket is gone'],
    [SOCKET, withCode('ENOTSOCK'), 'it is no socket'],
    [SOCKET, withCode('EINVAL'), 'too long for a socket'],
    [SOCKET, withCode('EACCES'), 'its owner’s alone (EACCES)'],
    [SOCKET, withCode('EPERM'), 'its owner’s alone (EPERM)'],
    [SOCKET, withCode('ECONNRESET'), 'before the WebSocket was open: what answers there speaks no WebSocket'],
    [URL, withCode('ECONNREFUSED'), 'at ws://127.0.0.1:4500/: nobody listens there'],
    [URL, withCode('ENOENT'), 'it failed'],
    [URL, withCode('ENOTFOUND'), 'no host of that name'],
    [URL, withCode('EAI_AGAIN'), 'could not be looked up'],
    [URL, withCode('ETIMEDOUT'), 'the host did not answer'],
    [URL, withCode('EHOSTUNREACH'), 'the host cannot be reached'],
    [URL, withCode('ENETUNREACH'), 'the network cannot be reached'],
    [URL, withCode('ECONNRESET'), 'reached with start or attach, or one that wants wss:// (ECONNRESET)'],
    [URL, withCode('EPIPE'), 'speaks no WebSocket'],
    [URL, withCode('EPROTO'), 'does not speak TLS'],
    [URL, withCode('HPE_INVALID_CONSTANT'), 'speaks no WebSocket'],
    [URL, withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'NODE_EXTRA_CA_CERTS'],
    [URL, withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'NODE_EXTRA_CA_CERTS'],
    [URL, withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'NODE_EXTRA_CA_CERTS'],
    [URL, new Error('Invalid Sec-WebSocket-Accept header'), 'Accept header; what answers there speaks no'],
    [URL, 'thrown', 'thrown'],
    [URL, new NotOpened(50), 'did not open within 50 ms'],
    [URL, new NotOpened(50), 'connectTimeoutMs'],
    [URL, new UpgradeRefused(200, ''), 'it answered with HTTP 200; what answers there speaks no WebSocket'],
    [
      URL,
      new UpgradeRefused(502, 'Bad Gateway'),
      'a gateway before it does not reach it; it said "Bad Gateway"',
    ],
    [
      SOCKET,
      new UpgradeRefused(401, ''),
      'it answered with HTTP 401; what answers there speaks no WebSocket',
    ],
    [URL, new UpgradeRefused(401, 'missing token'), 'give it as bearerToken; it said "missing token"'],
    [URL_WITH_TOKEN, new UpgradeRefused(401, 'no'), 'it refused the bearerToken (HTTP 401)'],
    [URL_WITH_TOKEN, new UpgradeRefused(403, ''), 'it refused the bearerToken (HTTP 403)'],
  ])('%o %o: %s', (endpoint, cause, part) => {
    const failure = connectFailure(endpoint, cause, undefined);
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure).toMatchObject({ cause, target: endpoint.name, stderrTail: '' });
    expect(failure.message).toMatch(/^no connection to the codex app-server at /);
    expect(failure.message).toContain(part);
    expect(failure.message).not.toContain(TOKEN);
  });

  test('of Deno, which does not allow it, is what Deno says, and nothing about who may answer there', () => {
    const cause = Object.assign(new Error('Requires net access; use --allow-net'), { name: 'NotCapable' });
    expect(connectFailure(URL, cause, undefined).message).toMatch(/: Requires net access; use --allow-net$/);
  });

  test('has the status of an answer that is no WebSocket', () => {
    expect(connectFailure(URL, new UpgradeRefused(401, ''), undefined).statusCode).toBe(401);
    expect(connectFailure(URL, withCode('ENOENT'), undefined).statusCode).toBeUndefined();
  });

  test('of a proxy is its exit code and its stderr', () => {
    const failure = connectFailure(PROXY, withCode('ECONNRESET'), { exitCode: 255, stderrTail: 'no route' });
    expect(failure.message).toBe(
      'no connection to the codex app-server behind the proxy "ssh": it exited with code 255; the end of its stderr:\nno route',
    );
    expect(failure).toMatchObject({ target: 'proxy "ssh"', stderrTail: 'no route' });
  });

  test('of a proxy that did not fail by itself is what went wrong', () => {
    const failure = connectFailure(PROXY, new NotOpened(50), { exitCode: 0, stderrTail: '' });
    expect(failure.message).toContain('did not open within 50 ms');
    expect(failure.message).toMatch(/; it wrote nothing to stderr$/);
    const killed = connectFailure(PROXY, new NotOpened(50), { exitCode: null, stderrTail: 'x' });
    expect(killed.message).toMatch(/did not open.*; the end of its stderr:\nx$/);
    // It was ended here, and ssh then exits with 255.
    const ended = connectFailure(PROXY, new NotOpened(50), { exitCode: 255, stderrTail: '' });
    expect(ended.message).toContain('did not open within 50 ms');
    const refused = connectFailure(PROXY, new UpgradeRefused(404, ''), { exitCode: 255, stderrTail: '' });
    expect(refused.message).toContain('it answered with HTTP 404');
  });
});
