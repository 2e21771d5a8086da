/** The web chat of `tests/examples/web-chat` on a real codex with a scripted model, and a real Chromium that looks at it. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { AsyncClient, type Supervisor } from 'codex-async-client';
import { echo, LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import type { ThreadView } from 'codex-async-client/view';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { WALLS, webChat } from '../examples/web-chat/server.js';
import { systemTool } from '../helpers/system-tools.js';

/** More than anything takes on a busy machine; what is waited for is on the page. */
const SHOWN_WITHIN_MS = 120_000;

/** For what is waited for by asking again. */
export const SHOWN = { timeout: SHOWN_WITHIN_MS };

/** A site, and what is behind it. */
export interface ChatStage extends AsyncDisposable {
  readonly provider: LocalModelProvider;
  readonly supervisor: Supervisor;
  /** Where the folders of users are. */
  readonly folder: string;
  /** Where the site is, without a slash at the end. */
  readonly origin: string;
  /** The sockets of the site that are open, oldest first. */
  readonly sockets: ReadonlySet<Socket>;
  /** A browser of its own for a user, who is signed in; the first tab is open. Closed at the end of the test. */
  signIn(user: string): Promise<ChatTab>;
  /** What a program without a browser gets when it asks as this user; with a form it posts that. */
  ask(user: string, path: string, form?: Readonly<Record<string, string>>): Promise<Response>;
}

/** Where Chromium is; undefined, and told by the purpose, where there is none. */
export const chromiumFor = (purpose: string): string | undefined =>
  systemTool(['chromium', 'chromium-browser', 'google-chrome'], purpose);

/** Starts the site, and the browser at `executablePath`; all is gone at the end of the scope. */
export async function startChatStage(executablePath: string): Promise<ChatStage> {
  const provider = await LocalModelProvider.start({ defaultReply: echo() });
  const folder = await mkdtemp(join(tmpdir(), 'web-chat-'));
  const { config, ...options } = provider.options;
  const supervisor = AsyncClient.supervise({ ...options, config: { ...config, ...WALLS } });
  const server = createAdaptorServer({ fetch: webChat(supervisor, folder).fetch });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const browser = await chromium.launch({ executablePath });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    provider,
    supervisor,
    folder,
    origin,
    sockets,
    signIn: (user) => signIn(browser, origin, user),
    ask: (user, path, form) =>
      fetch(`${origin}${path}`, {
        headers: { cookie: `user=${user}`, origin },
        ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
      }),
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      for (const socket of sockets) socket.destroy();
      server.close();
      await supervisor.shutdown();
      await provider.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function signIn(browser: Browser, origin: string, user: string): Promise<ChatTab> {
  const context = await browser.newContext({ viewport: { width: 720, height: 560 } });
  onTestFinished(() => context.close());
  context.setDefaultTimeout(SHOWN_WITHIN_MS);
  const page = await context.newPage();
  await page.goto(`${origin}/as/${user}`);
  return new ChatTab(context, page);
}

/** The first view that the events of a page have: the thread as it is now. */
export async function firstView(events: Response): Promise<ThreadView> {
  let received = '';
  for await (const piece of events.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    received += piece;
    const data = /^event: snapshot\ndata: (.*)\n\n/m.exec(received)?.[1];
    if (data !== undefined) return JSON.parse(data);
  }
  throw new Error(`the events ended after ${JSON.stringify(received)}`);
}

/** A tab of a user's browser: what she does, and what she sees. */
export class ChatTab {
  readonly context: BrowserContext;
  readonly page: Page;

  constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
  }

  /** Another tab of the same browser. */
  async another(): Promise<ChatTab> {
    const page = await this.context.newPage();
    await page.goto(this.page.url());
    return new ChatTab(this.context, page);
  }

  /** Types a message and sends it. */
  async send(text: string): Promise<void> {
    await this.page.fill('#text', text);
    await this.page.click('#send');
  }

  /** The texts of all elements of this kind, as they are, to the byte. */
  texts(selector: string): Promise<string[]> {
    return this.page
      .locator(selector)
      .evaluateAll((found) => found.map(({ textContent }) => textContent ?? ''));
  }
}

/** What a tab shows of a kind, again and again until it is what is expected. */
export const shown = (tab: ChatTab, selector: string) => expect.poll(() => tab.texts(selector), SHOWN);

/** Has the agent ask whether it may run a command, and waits until the page shows it. */
export async function asked({ provider }: ChatStage, tab: ChatTab, word: string): Promise<void> {
  const command = shellCommand(`printf 'the ${word} is done'`, { escalate: true, justification: 'Please.' });
  provider.when({ userText: word }, command);
  provider.when({ userText: word }, text(`About the ${word}.`));
  await tab.send(`Do the ${word}`);
  await shown(tab, '.request code').toEqual([expect.stringContaining(`the ${word} is done`)]);
}
