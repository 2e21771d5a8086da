/** The recipe of a web chat, in a real browser: what its users see, and what becomes of them when something goes wrong. */
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { gate, repeatText, shellCommand, text } from 'codex-async-client/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemTool } from '../helpers/system-tools.js';
import { type ChatStage, type ChatTab, startChatStage } from './chat-stage.js';

const chromium = systemTool(['chromium', 'chromium-browser', 'google-chrome'], 'the web chat in a browser');
/** More than anything takes on a busy machine. */
const SHOWN = { timeout: 120_000 };

const recipe = (file: string) => new URL(`../examples/web-chat/${file}`, import.meta.url);

/** What a tab shows of a kind, again and again until it is what is expected. */
const shown = (tab: ChatTab, selector: string) => expect.poll(() => tab.texts(selector), SHOWN);

test.each(['server.ts', 'chats.ts', 'page.html'])(
  '%s is read on one screen: 80 lines of 120 columns',
  (file) => {
    const lines = readFileSync(recipe(file), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  },
);

describe.skipIf(chromium === undefined)('the web chat', () => {
  let stage: ChatStage;

  beforeAll(async () => {
    stage = await startChatStage(chromium ?? '');
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  /** A signed-in user of her own browser, which is closed at the end of the test. */
  async function signIn(user: string): Promise<ChatTab> {
    const tab = await stage.signIn(user);
    onTestFinished(() => tab.context.close());
    return tab;
  }

  test('two users at a time see each their own answer, and nothing of the other', async () => {
    const [ofAda, ofBob] = [gate(), gate()];
    stage.provider.when({ userText: 'I am Ada' }, [text('Hello ', ofAda, 'Ada.')]);
    stage.provider.when({ userText: 'I am Bob' }, [text('Hello ', ofBob, 'Bob.')]);
    const [ada, bob] = [await signIn('ada'), await signIn('bob')];
    await ada.send('I am Ada');
    await bob.send('I am Bob');
    await shown(ada, '.agentMessage').toEqual(['Hello ']);
    await shown(bob, '.agentMessage').toEqual(['Hello ']);
    ofBob.open();
    await shown(bob, '.agentMessage').toEqual(['Hello Bob.']);
    ofAda.open();
    await shown(ada, '.agentMessage').toEqual(['Hello Ada.']);
    expect([await ada.texts('.userMessage'), await bob.texts('.userMessage')]).toEqual([
      ['I am Ada'],
      ['I am Bob'],
    ]);
  });

  test('a reload in mid-answer misses nothing, to the byte, and what looks like HTML is text', async () => {
    const halves = [
      '<b onclick="x">Fünf</b> 🐸 &amp; \n\n',
      '<script>document.title = "taken"</script> frogs.',
    ];
    const mayGoOn = gate();
    stage.provider.when({ userText: 'How many frogs?' }, [
      text('<b onclick="x">', 'Fünf</b> 🐸 &amp; \n\n', mayGoOn, halves[1] ?? ''),
    ]);
    const carol = await signIn('carol');
    await carol.send('How many frogs?');
    await shown(carol, '.agentMessage').toEqual([halves[0]]);
    await carol.page.reload();
    await shown(carol, '.agentMessage').toEqual([halves[0]]);
    mayGoOn.open();
    await shown(carol, '.agentMessage').toEqual([halves.join('')]);
    expect(await carol.page.title()).toBe('Chat of carol');
    await carol.page.reload();
    await shown(carol, '.agentMessage').toEqual([halves.join('')]);
    expect(await carol.texts('.userMessage')).toEqual(['How many frogs?']);
  });
});
