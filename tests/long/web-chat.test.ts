/** The recipe of a web chat, in a real browser: what its users see, and what becomes of them when something goes wrong. */
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commentary, failure, gate, repeatText, shellCommand, text } from 'codex-async-client/testing';
import type { ThreadView } from 'codex-async-client/view';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bytesInUse } from '../helpers/heap.js';
import { asked, type ChatStage, chromiumFor, firstView, SHOWN, shown, startChatStage } from './chat-stage.js';

const chromium = chromiumFor('the web chat in a browser');
describe.skipIf(chromium === undefined)('the web chat', () => {
  let stage: ChatStage;
  /** How many taps there are while no chat is open. */
  let idleTaps: number;

  const openTaps = () => stage.supervisor.stats().client?.taps.open ?? 0;

  beforeAll(async () => {
    stage = await startChatStage(chromium ?? '');
    await stage.supervisor.client();
    idleTaps = openTaps();
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  test('two users at a time see each their own answer, and nothing of the other', async () => {
    const [ofAda, ofBob] = [gate(), gate()];
    stage.provider.when({ userText: 'I am Ada' }, [text('Hello ', ofAda, 'Ada.')]);
    stage.provider.when({ userText: 'I am Bob' }, [text('Hello ', ofBob, 'Bob.')]);
    const [ada, bob] = [await stage.signIn('ada'), await stage.signIn('bob')];
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
    const carol = await stage.signIn('carol');
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

  describe('asks what the agent may do', () => {
    test('a yes in the page runs the command, also after a reload', async () => {
      const dora = await stage.signIn('dora');
      await asked(stage, dora, 'deed');
      await dora.page.reload();
      await dora.page.click('text=yes');
      await shown(dora, '.agentMessage').toEqual(['About the deed.']);
      expect(await dora.texts('.commandExecution')).toEqual([expect.stringMatching(/\nthe deed is done$/)]);
      expect(await dora.texts('.request')).toEqual([]);
    });

    test('a no is told to the agent, which goes on without', async () => {
      const emil = await stage.signIn('emil');
      await asked(stage, emil, 'prank');
      await emil.page.click('text=no');
      await shown(emil, '.agentMessage').toEqual(['About the prank.']);
      expect(await emil.texts('.commandExecution')).toEqual([expect.stringMatching(/\ndenied$/)]);
    });

    test('of two tabs one answers, and the other is told', async () => {
      const first = await stage.signIn('fred');
      await asked(stage, first, 'job');
      const second = await first.another();
      await shown(second, '.request code').toHaveLength(1);
      // The click of the second tab is on its way until the first one has been answered.
      const arrived = gate();
      await second.page.route('**/answer', async (route) => {
        await arrived.pass(new AbortController().signal);
        await route.continue();
      });
      await second.page.click('text=no');
      await first.page.click('text=yes');
      await shown(first, '.agentMessage').toEqual(['About the job.']);
      arrived.open();
      await shown(second, '#note').toEqual([expect.stringContaining('answered already')]);
      expect(await second.texts('.commandExecution')).toEqual([expect.stringMatching(/\nthe job is done$/)]);
      expect(await first.texts('#note')).toEqual(['']);
    });

    test('nobody can answer or stop what is on the thread of another', async () => {
      const gina = await stage.signIn('gina');
      await asked(stage, gina, 'secret');
      const { requests, turns } = await firstView(await stage.ask('gina', '/events'));
      const [key = '', turn = ''] = [requests[0]?.key, turns[0]?.id];
      expect((await stage.ask('henry', '/answer', { key, say: 'yes' })).status).toBe(409);
      expect((await stage.ask('henry', '/stop', { turn })).status).toBe(409);
      expect((await firstView(await stage.ask('henry', '/events'))).turns).toEqual([]);
      expect(await firstView(await stage.ask('gina', '/events'))).toMatchObject({
        turns: [{ status: 'inProgress' }],
        requests: [{ key }],
      });
      expect((await stage.ask('', '/events')).status).toBe(401);
      expect((await stage.ask('../gina', '/')).status).toBe(401);
    });
  });

  test('a page of another site cannot post, whatever cookie it comes with', async () => {
    const headers = { cookie: 'user=ida', origin: 'https://elsewhere.example' };
    const body = new URLSearchParams({ job: 'a', text: 'b' });
    expect((await fetch(`${stage.origin}/message`, { method: 'POST', headers, body })).status).toBe(403);
    expect((await firstView(await stage.ask('ida', '/events'))).turns).toEqual([]);
  });

  test('a name that is not its own is refused: a page elsewhere could have it lead here', async () => {
    const { hostname, port } = new URL(stage.origin);
    const visit = request({ hostname, port, path: '/as/eve', headers: { host: 'elsewhere.example' } }).end();
    const [{ statusCode, headers }] = await once(visit, 'response');
    expect([statusCode, headers['set-cookie']]).toEqual([421, undefined]);
  });

  test('an agent writes in the folder of its user, and in no folder that all share', async () => {
    const shared = join(tmpdir(), `web-chat-shared-${process.pid}`);
    stage.provider.when({ userText: 'Write' }, shellCommand(`echo mine > own && echo theirs > ${shared}`));
    stage.provider.when({ userText: 'Write' }, text('I tried.'));
    const hugo = await stage.signIn('hugo');
    await hugo.send('Write');
    await shown(hugo, '.agentMessage').toEqual(['I tried.']);
    expect([existsSync(shared), existsSync(join(stage.folder, 'hugo', 'own'))]).toEqual([false, true]);
  });

  test('stop ends the turn and keeps what was said', async () => {
    stage.provider.when({ userText: 'Count' }, [text('One, two, ', gate(), 'three.')]);
    const jane = await stage.signIn('jane');
    await jane.send('Count');
    await shown(jane, '.agentMessage').toEqual(['One, two, ']);
    await jane.page.click('#stop');
    await shown(jane, '.end').toEqual(['Stopped.']);
    await shown(jane, '#state').toEqual(['ready']);
    await jane.send('Go on');
    await shown(jane, '.agentMessage').toEqual([expect.stringContaining('One, two'), 'Echo: Go on']);
  });

  test('a turn that fails says why', async () => {
    stage.provider.when(
      { userText: 'Fail' },
      failure({ code: 'invalid_prompt', message: 'That is <i>too</i> much.' }),
    );
    const karl = await stage.signIn('karl');
    await karl.send('Fail');
    await shown(karl, '.end').toEqual([expect.stringContaining('Failed: That is <i>too</i> much.')]);
  });

  test('a message that is not answered stays in the box, and is done once however often it is sent', async () => {
    const lena = await stage.signIn('lena');
    await lena.page.route('**/message', (route) => route.abort(), { times: 1 });
    await lena.send('Once');
    await shown(lena, '#note').toEqual(['The service cannot be reached. Try again.']);
    await lena.page.reload();
    expect(await lena.page.inputValue('#text')).toBe('Once');
    const arrival = lena.page.waitForRequest('**/message');
    await lena.page.click('#send');
    const form = Object.fromEntries(new URLSearchParams((await arrival).postData() ?? ''));
    await shown(lena, '.agentMessage').toEqual(['Echo: Once']);
    expect(await lena.page.inputValue('#text')).toBe('');
    expect((await stage.ask('lena', '/message', form)).status).toBe(202);
    await lena.send('Twice');
    await shown(lena, '.agentMessage').toEqual(['Echo: Once', 'Echo: Twice']);
  });

  test('codex is killed in mid-answer: the page says so, and the next message is answered', async () => {
    stage.provider.when({ userText: 'Cut me' }, [text('Half a sen', gate(), 'tence.')]);
    const mary = await stage.signIn('mary');
    await mary.send('Cut me');
    await shown(mary, '.agentMessage').toEqual(['Half a sen']);
    await kill();
    await shown(mary, '#note').toEqual(['Codex was restarted: the answer is cut short.']);
    await shown(mary, '.end').toEqual(['Stopped.']);
    await mary.send('And now?');
    await shown(mary, '.agentMessage').toEqual(['Echo: And now?']);
    expect(await mary.texts('.userMessage')).toEqual(['Cut me', 'And now?']);
    expect(await mary.texts('#note')).toEqual(['']);
  });

  test('codex is killed before the first message: that one is answered', async () => {
    const nora = await stage.signIn('nora');
    await shown(nora, '#state').toEqual(['ready']);
    await kill();
    await nora.send('Hello');
    await shown(nora, '.agentMessage').toEqual(['Echo: Hello']);
  });

  test('a user who has said nothing has the same thread at each visit', async () => {
    const visit = async () => (await firstView(await stage.ask('ivan', '/events'))).threadId;
    const threadId = await visit();
    await expect.poll(openTaps, SHOWN).toBe(idleTaps);
    expect(await visit()).toBe(threadId);
  });

  test('a chat that all have left is closed, and found again', async () => {
    const olga = await stage.signIn('olga');
    await olga.send('Remember me');
    await shown(olga, '.agentMessage').toEqual(['Echo: Remember me']);
    expect(openTaps()).toBeGreaterThan(idleTaps);
    await olga.page.goto('about:blank');
    await expect.poll(openTaps, SHOWN).toBe(idleTaps);
    await olga.page.goBack();
    await shown(olga, '.agentMessage').toEqual(['Echo: Remember me']);
  });

  test('tabs that are stuck harm nobody: others are answered, and what is held for them is bounded', async () => {
    const pieces = 4_000;
    const [everything, before] = [gate(), await bytesInUse()];
    stage.provider.when({ userText: 'Flood' }, [text(repeatText(PIECE, pieces), everything)]);
    const { hostname, port } = new URL(stage.origin);
    for (let tabs = 0; tabs < STUCK_TABS; tabs += 1) {
      const stuck = connect(Number(port), hostname).pause();
      onTestFinished(() => void stuck.destroy());
      stuck.write(`GET /events HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncookie: user=paul\r\n\r\n`);
    }
    const quinn = await stage.signIn('quinn');
    expect((await stage.ask('paul', '/message', { job: 'flood', text: 'Flood' })).status).toBe(202);
    await quinn.send('Hello');
    await shown(quinn, '.agentMessage').toEqual(['Echo: Hello']);
    await everything.reached;
    const isWhole = async () => saidBy(await firstView(await stage.ask('paul', '/events'))).length;
    await expect.poll(isWhole, { ...SHOWN, interval: 1_000 }).toBe(PIECE.length * pieces);
    // Of the text that each stuck tab would have had, next to nothing waits for it.
    const waiting = [...stage.sockets].reduce((sum, { writableLength }) => sum + writableLength, 0);
    expect(waiting).toBeLessThan((STUCK_TABS * PIECE.length * pieces) / 10);
    expect((await bytesInUse()) - before).toBeLessThan(STUCK_TABS * PIECE.length * pieces * 0.6);
    everything.open();
    await quinn.send('Still there?');
    await shown(quinn, '.agentMessage').toEqual(['Echo: Hello', 'Echo: Still there?']);
  });

  test('the picture in the guide is of this page', async () => {
    stage.provider.when({ userText: 'red' }, [
      commentary('Let me run the tests first.'),
      shellCommand("echo '✗ adds days across a month: expected 1, got 31'", { escalate: true }),
    ]);
    const repair = "sed -i 's/day++/add(1)/' src/calendar.ts";
    stage.provider.when({ userText: 'red' }, [
      text('One test fails: nextDay() counts on after the last day of a month.'),
      shellCommand(repair, { escalate: true, justification: 'Shall I repair it?' }),
    ]);
    const zoe = await stage.signIn('zoe');
    await zoe.page.setViewportSize({ width: 720, height: 620 });
    await zoe.send('Why is the build red?');
    await zoe.page.click('text=yes');
    await shown(zoe, '.request').toEqual([expect.stringContaining('Shall I repair it?')]);
    await shown(zoe, '.agentMessage').toHaveLength(2);
    if (process.env['WEB_CHAT_PICTURE'] === '1') await zoe.page.screenshot({ path: fileURLToPath(PICTURE) });
    expect(statSync(PICTURE).size).toBeLessThanOrEqual(60_000);
  });

  /** The server that lives is gone, without a word. */
  async function kill(): Promise<void> {
    const { pid } = await stage.supervisor.client();
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }
});

/** Written anew by the test when `WEB_CHAT_PICTURE` is `1`. */
const PICTURE = new URL('../../.github/web-chat.png', import.meta.url);
const STUCK_TABS = 10;
const PIECE = 'All work and no play makes a dull page. '.repeat(40);

const saidBy = ({ turns }: ThreadView): string =>
  turns.flatMap(({ items }) => items.map((item) => (item.type === 'agentMessage' ? item.text : ''))).join('');
