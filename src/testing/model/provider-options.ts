/**
 * The options that point a real codex at the local provider: homes of its own, the provider's address, and
 * everything turned off that would reach out to the network. What codex has to be told about lives here.
 */

import type { ConfigObject } from '../../app-server/launch/server-options.js';
import { isPlainObject } from '../../support/argument-checks.js';

/** Options for `AsyncClient.start`, to be spread: `{ ...provider.options }`. Plain data. */
export interface LocalProviderOptions {
  /** The home of codex (`CODEX_HOME`): a temporary folder, so that the user's own login and settings play no part. */
  readonly codexHome: string;
  /** The settings of codex. To change some, use `LocalModelProvider.start({ config })`, which merges table by table. */
  readonly config: ConfigObject;
  /**
   * `HOME` is a temporary folder, empty at first: what codex runs finds no shell profile there, which may be slow or print,
   * and no settings of the user. `NO_PROXY` keeps requests to the loopback address away from a proxy. An `env` of yours
   * replaces all of it, so write `env: { ...provider.options.env, ... }`.
   */
  readonly env: Readonly<Record<string, string>>;
}

/** The name of the provider in codex's configuration. */
const PROVIDER_NAME = 'local';

/**
 * Codex gives up on a stream that is silent for this long (5 minutes by default). A reply held at a gate is
 * silent for as long as a test wants, so the limit is an hour here.
 */
const STREAM_IDLE_TIMEOUT_MS = 3_600_000;

/** The options for a provider that listens at `baseUrl`; the caller's `config` is merged over ours. */
export function localProviderOptions(parts: {
  readonly baseUrl: string;
  readonly model: string;
  readonly codexHome: string;
  /** The home of what codex runs. */
  readonly home: string;
  readonly config: ConfigObject;
}): LocalProviderOptions {
  const ours = { ...modelConfig(parts.baseUrl, parts.model), ...OFFLINE_CONFIG, ...TOOL_CONFIG };
  return {
    codexHome: parts.codexHome,
    config: mergeTables(ours, parts.config),
    env: { HOME: parts.home, ...noProxyFor('127.0.0.1') },
  };
}

function mergeTables(base: ConfigObject, over: ConfigObject): ConfigObject {
  const merged: Record<string, ConfigObject[string]> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = isTable(before) && isTable(value) ? mergeTables(before, value) : value;
  }
  return merged;
}

function isTable(value: ConfigObject[string] | undefined): value is ConfigObject {
  return isPlainObject(value);
}

function modelConfig(baseUrl: string, model: string): ConfigObject {
  return {
    model,
    model_provider: PROVIDER_NAME,
    model_providers: {
      [PROVIDER_NAME]: {
        name: 'Local model provider',
        base_url: baseUrl,
        wire_api: 'responses',
        // A scripted failure is meant to be seen, not retried.
        request_max_retries: 0,
        stream_max_retries: 0,
        stream_idle_timeout_ms: STREAM_IDLE_TIMEOUT_MS,
        supports_websockets: false,
      },
    },
  };
}

/** With its defaults, and plugins and apps on, codex 0.169 connects to github.com and chatgpt.com soon after its start. */
const OFFLINE_CONFIG: ConfigObject = {
  analytics: { enabled: false },
  feedback: { enabled: false },
  check_for_update_on_startup: false,
  web_search: 'disabled',
};

/** Tools that tests want to script, and the approval policy that makes escalated commands ask. */
const TOOL_CONFIG: ConfigObject = {
  approval_policy: 'on-request',
  features: {
    // These two look for their catalogues on the network.
    apps: false,
    plugins: false,
    // The provider reads plain JSON bodies.
    enable_request_compression: false,
    // Lets `request_user_input` ask outside plan mode as well.
    default_mode_request_user_input: true,
    // Offers `request_permissions`, the only way to `item/permissions/requestApproval`.
    request_permissions_tool: true,
  },
  suppress_unstable_features_warning: true,
};

/** Codex obeys `HTTP_PROXY` for loopback addresses too, unless `NO_PROXY` names them. */
function noProxyFor(host: string): Record<string, string> {
  const inherited = process.env['NO_PROXY'] || process.env['no_proxy'];
  const hosts = inherited ? `${inherited},${host}` : host;
  return { NO_PROXY: hosts, no_proxy: hosts };
}
