/** The params of `initialize`, from the options of a start. */
import { readFileSync } from 'node:fs';
import type { InitializeParams } from '../protocol/generated.js';
import { memberOf } from '../support/argument-checks.js';
import type { ClientOptions } from './client-options.js';

const CLIENT_NAME = 'codex-async-client';

/** Who we are and what we can do, as the server is told. */
export function initializeParamsOf(options: ClientOptions): InitializeParams {
  const { clientInfo, capabilities, optOutNotificationMethods } = options;
  return {
    clientInfo: {
      name: clientInfo?.name ?? CLIENT_NAME,
      title: clientInfo?.title ?? null,
      version: clientInfo?.version ?? packageVersion(),
    },
    capabilities: {
      experimentalApi: options.experimentalApi ?? false,
      requestAttestation: false,
      ...(optOutNotificationMethods === undefined
        ? {}
        : { optOutNotificationMethods: [...optOutNotificationMethods] }),
      ...capabilities,
    },
  };
}

/** This package's version; read when it is first needed, because a bundler may leave package.json behind. */
export function packageVersion(): string {
  try {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const version = memberOf(JSON.parse(text), 'version');
    if (typeof version === 'string') return version;
  } catch {
    // It was left behind.
  }
  return '0.0.0';
}
