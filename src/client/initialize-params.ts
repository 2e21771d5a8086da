/** The params of `initialize`, from the options of a start. */
import type { InitializeParams } from '../protocol/generated.js';
import type { ClientOptions } from './client-options.js';

const CLIENT_NAME = 'codex-async-client';
/** Written here, as in package.json: a bundle has no package.json of ours, and another one in its place. */
export const CLIENT_VERSION = '0.1.0';

/** Who we are and what we can do, as the server is told. */
export function initializeParamsOf(options: ClientOptions): InitializeParams {
  const { clientInfo, capabilities, optOutNotificationMethods } = options;
  return {
    clientInfo: {
      name: clientInfo?.name ?? CLIENT_NAME,
      title: clientInfo?.title ?? null,
      version: clientInfo?.version ?? CLIENT_VERSION,
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
