/** What the handshake tells about the server, and whether its version works with this package. */

import type { InitializeResponse } from '../protocol/generated.js';
import { UnsupportedServerError } from '../support/errors.js';

/**
 * The oldest server this package works with: the first whose handshake names its home and platform. Turns and
 * approvals work with older ones too; `thread/read`, which recovers turns, came between 0.80 and 0.100.
 * @internal
 */
export const OLDEST_SERVER_VERSION = '0.117.0';

/** What the handshake told about the server. */
export interface ServerInfo {
  /** The server's version, for example `0.169.0`; undefined when its user agent names none. */
  readonly version: string | undefined;
  /** The user agent as the server gave it; it starts with our name and the server's version. */
  readonly userAgent: string;
  /** The absolute path of the server's `CODEX_HOME`. */
  readonly codexHome: string;
  /** What the server runs on. */
  readonly platform: {
    /** For example `unix` or `windows`. */
    readonly family: string;
    /** For example `linux`, `macos` or `windows`. */
    readonly os: string;
  };
}

/** Reads the handshake's answer. The user agent starts with `<client name>/<server version>`. */
export function serverInfoOf(response: InitializeResponse, clientName: string): ServerInfo {
  const { userAgent, codexHome, platformFamily, platformOs } = response;
  const rest = userAgent?.startsWith(`${clientName}/`)
    ? userAgent.slice(clientName.length)
    : (userAgent ?? '');
  const version = /\/(\d+\.\d+\.\d\S*)/.exec(rest)?.[1];
  return { version, userAgent, codexHome, platform: { family: platformFamily, os: platformOs } };
}

/**
 * Builds from source report 0.0.0 and are taken for new; so is a version that cannot be read.
 * @throws UnsupportedServerError when the version is older than the oldest supported one
 */
export function checkServerVersion(version: string | undefined): void {
  if (version === undefined || version.startsWith('0.0.0') || !isOlder(version, OLDEST_SERVER_VERSION))
    return;
  throw new UnsupportedServerError(
    `the codex app-server is version ${version}, and this package needs ${OLDEST_SERVER_VERSION} or newer; ` +
      'update it (npm install @openai/codex@latest), or go on at your own risk with allowUnsupportedServer: true',
    { serverVersion: version, oldestVersion: OLDEST_SERVER_VERSION },
  );
}

/** By the first number that differs; one that cannot be read is not older. @internal */
export function isOlder(version: string, than: string): boolean {
  const numbers = numbersOf(version);
  const signs = numbersOf(than).map((number, index) => Math.sign(Number(numbers[index]) - number));
  return signs.find((sign) => sign !== 0) === -1;
}

function numbersOf(version: string): number[] {
  return version.split(/[.+-]/).map(Number);
}
