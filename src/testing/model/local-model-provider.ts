/**
 * The local model provider: a loopback HTTP server that stands in for the model, so that a real
 * `codex app-server` runs whole turns without network or account. It owns the server, the script of
 * replies, the log of requests and the temporary folder with codex's homes; closing it leaves none of them behind.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigObject } from '../../app-server/launch/server-options.js';
import {
  checkKnownKeys,
  checkSignal,
  checkText,
  checkWholeNumber,
  isPlainObject,
  rejectArgument,
} from '../../support/argument-checks.js';
import {
  closeWithSockets,
  listenOnLoopback,
  plainHeaders,
  readJsonBody,
  sendError,
  sendJson,
} from './http-exchange.js';
import { type ModelRequest, openModelRequest } from './model-request.js';
import { type LocalProviderOptions, localProviderOptions } from './provider-options.js';
import { usage } from './reply-builders.js';
import { checkStep } from './reply-checks.js';
import { playReply } from './reply-player.js';
import { ReplyScript, type RequestMatch } from './reply-script.js';
import type { ModelReply, UsageStep } from './reply-steps.js';
import { type NextRequestOptions, RequestLog } from './request-log.js';

/** A model that codex 0.169 knows, which gives it its full set of tools (`apply_patch` among them). */
const DEFAULT_MODEL = 'gpt-5.5';

/** Enough for every assertion of a test; each request takes some 50 KB, so a long soak stays below 50 MB. */
const DEFAULT_KEPT_REQUESTS = 1_000;

/** What is in the temporary folder: codex's own home, and the home of what it runs. */
const CODEX_HOME = 'codex';
const HOME = 'home';

/** What a reply reports without a usage step: small, and not zero. */
const DEFAULT_USAGE = usage({ inputTokens: 100, outputTokens: 10 });

/** Settings for {@link LocalModelProvider.start}. */
export interface LocalModelProviderOptions {
  /** The first replies of the queue, as for {@link LocalModelProvider.enqueue}. @defaultValue none */
  readonly replies?: readonly ModelReply[] | undefined;
  /**
   * The reply to a request that no rule and no queued reply answers, for example `echo()`.
   * @defaultValue none: the turn fails, and its error says that nobody scripted it
   */
  readonly defaultReply?: ModelReply | undefined;
  /** The token usage of replies without a usage step of their own. @defaultValue 100 input and 10 output tokens */
  readonly usage?: UsageStep | undefined;
  /** The model's name in codex's configuration; codex picks the tools by it. @defaultValue `'gpt-5.5'` */
  readonly model?: string | undefined;
  /** Settings of codex, merged table by table over those in {@link LocalModelProvider.options}. @defaultValue none */
  readonly config?: ConfigObject | undefined;
  /** An existing folder as codex's home, which is then left in place. @defaultValue a temporary folder, removed at the end */
  readonly codexHome?: string | undefined;
  /** How many requests {@link LocalModelProvider.requests} keeps; the oldest are dropped. @defaultValue `1000` */
  readonly keptRequests?: number | undefined;
}

/**
 * A scripted model for a real codex.
 *
 * @example
 * ```ts
 * await using provider = await LocalModelProvider.start();
 * provider.enqueue(shellCommand('echo hi', { escalate: true }), text('It ', 'works.'));
 * await using client = await AsyncClient.start({ ...provider.options });
 * ```
 */
export class LocalModelProvider {
  readonly #server: Server;
  readonly #script: ReplyScript;
  readonly #log: RequestLog;
  readonly #usage: UsageStep;
  readonly #model: string;
  readonly #folder: string;
  readonly #answering = new Set<Promise<void>>();
  #requestCount = 0;
  #closing: Promise<void> | undefined;

  /** The server's address, for example `http://127.0.0.1:40123/v1`. */
  readonly baseUrl: string;
  /** What points a real codex here, to be spread into `AsyncClient.start({ ...provider.options })`. */
  readonly options: LocalProviderOptions;

  private constructor(parts: ProviderParts, settings: LocalModelProviderOptions) {
    this.#server = parts.server;
    this.#script = parts.script;
    this.#log = new RequestLog(settings.keptRequests ?? DEFAULT_KEPT_REQUESTS);
    this.#usage = settings.usage ?? DEFAULT_USAGE;
    this.#model = settings.model ?? DEFAULT_MODEL;
    this.#folder = parts.folder;
    this.baseUrl = `${parts.origin}/v1`;
    this.options = localProviderOptions({
      baseUrl: this.baseUrl,
      model: this.#model,
      codexHome: settings.codexHome ?? join(parts.folder, CODEX_HOME),
      home: join(parts.folder, HOME),
      config: settings.config ?? {},
    });
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const answering = this.#answer(request, response).catch(() => void response.destroy());
      this.#answering.add(answering);
      void answering.then(() => this.#answering.delete(answering));
    });
  }

  /**
   * Starts the server on a free port of `127.0.0.1` and makes the temporary homes of codex and of what it runs. Settles
   * when it listens.
   *
   * @throws InvalidArgumentError when an option is unknown or wrong; nothing was started then.
   */
  static async start(options: LocalModelProviderOptions = {}): Promise<LocalModelProvider> {
    const script = checkedScript(options);
    // First, because it is what may fail: a server that listens keeps its program alive.
    const folder = await mkdtemp(join(tmpdir(), 'codex-async-client-'));
    await Promise.all([CODEX_HOME, HOME].map((name) => mkdir(join(folder, name))));
    const server = createServer();
    const origin = await listenOnLoopback(server);
    return new LocalModelProvider({ server, script, origin, folder }, options);
  }

  /** The requests that codex made to the model, oldest first; each is here before its reply begins. */
  get requests(): readonly ModelRequest[] {
    return this.#log.kept;
  }

  /** How many queued replies no request has taken yet. */
  get queuedReplies(): number {
    return this.#script.queued;
  }

  /**
   * Puts replies at the end of the queue, one for each model request to come, first come first served. A turn takes one
   * request, and one more after each round of tool calls.
   *
   * @throws InvalidArgumentError when one of them is no reply; then none was taken.
   */
  enqueue(...replies: ModelReply[]): void {
    this.#script.enqueue('replies', replies);
  }

  /**
   * Adds a rule: requests that match get these replies, one each, before the queue is asked. Rules are tried in the order
   * in which they were added; one whose replies are used up is passed over. So many threads side by side get their own text.
   *
   * @throws InvalidArgumentError when the match is empty or unknown, or one of the replies is no reply.
   */
  when(match: RequestMatch, ...replies: ModelReply[]): void {
    this.#script.addRule(match, replies);
  }

  /** Opens every gate of every reply that was scripted so far, reached or not. */
  release(): void {
    this.#script.openGates();
  }

  /**
   * The next request that was not handed out by this method before; waits for one when there is none.
   *
   * @throws RequestTimeoutError when `timeoutMs` passes first.
   * @throws ServerClosedError when the provider is closed and every request was handed out.
   * @throws InvalidArgumentError when an option is wrong.
   */
  async nextRequest(options: NextRequestOptions = {}): Promise<ModelRequest> {
    checkKnownKeys('options', options, ['timeoutMs', 'signal']);
    checkWholeNumber('options.timeoutMs', options.timeoutMs, { min: 1, unit: 'milliseconds' });
    checkSignal('options.signal', options.signal);
    return this.#log.next(options);
  }

  /**
   * Breaks off replies under way, closes the server and removes the temporary homes. Stop codex first: what it writes there
   * while they are being removed may stay behind. Calling it again returns the same promise; never rejects.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same as {@link LocalModelProvider.close}, for `await using`; never rejects. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#log.close();
    await closeWithSockets(this.#server);
    await Promise.all(this.#answering);
    // A codex that is just going down may still write here; a leftover in the temporary folder is no failure.
    const retries = { maxRetries: 10, retryDelay: 20 };
    await rm(this.#folder, { recursive: true, force: true, ...retries }).catch(() => undefined);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', this.baseUrl).pathname;
    if (request.method === 'GET' && path.endsWith('/models'))
      return sendJson(response, 200, { object: 'list', data: [{ id: this.#model, object: 'model' }] });
    if (request.method !== 'POST' || !path.endsWith('/responses'))
      return sendError(response, 404, `the local model provider has no ${request.method} ${path}`);
    const body = await readJsonBody(request);
    const open = openModelRequest(this.#requestCount, body, plainHeaders(request));
    if (open === undefined)
      return sendError(response, 400, 'expected a JSON body with "model" and "input" (Responses API)');
    this.#requestCount += 1;
    const reply = this.#script.replyTo(open.request);
    this.#log.add(open.request);
    const refusal = reply.find((step) => step.type === 'http_error');
    if (refusal !== undefined) {
      sendError(response, refusal.status, refusal.message);
      return open.finish('sent');
    }
    const steps = reply.filter((step) => step.type !== 'http_error');
    open.finish(await playReply(steps, open, response, this.#usage));
  }
}

interface ProviderParts {
  readonly server: Server;
  readonly script: ReplyScript;
  readonly origin: string;
  /** The temporary folder. */
  readonly folder: string;
}

const OPTION_NAMES = ['replies', 'defaultReply', 'usage', 'model', 'config', 'codexHome', 'keptRequests'];

/** The script that the options describe. @throws InvalidArgumentError when an option is unknown or wrong. */
function checkedScript(options: LocalModelProviderOptions): ReplyScript {
  checkKnownKeys('options', options, OPTION_NAMES);
  checkText('options.model', options.model);
  checkText('options.codexHome', options.codexHome);
  if (options.config !== undefined && !isPlainObject(options.config))
    rejectArgument('options.config', options.config, 'a plain object');
  checkWholeNumber('options.keptRequests', options.keptRequests, { min: 1, unit: 'requests' });
  if (options.usage !== undefined) {
    checkStep('options.usage', options.usage);
    if (options.usage.type !== 'usage')
      rejectArgument('options.usage', options.usage, 'usage({ inputTokens, outputTokens })');
  }
  const script = new ReplyScript(options.defaultReply);
  if (options.replies === undefined) return script;
  if (!Array.isArray(options.replies))
    rejectArgument('options.replies', options.replies, 'an array of replies');
  script.enqueue('options.replies', options.replies);
  return script;
}
