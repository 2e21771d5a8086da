/** The page of the web chat against what happens to it: clicks that come twice, marks that nobody sees, refusals. */
import { gate, shellCommand, text } from 'codex-async-client/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asked, type ChatStage, chromiumFor, shown, startChatStage } from './chat-stage.js';

const chromium = chromiumFor('the page of the web chat');

describe.skipIf(chromium === undefined)('the page of the web chat', () => {
  let stage: ChatStage;

  beforeAll(async () => {
    stage = await startChatStage(chromium ?? '');
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  test('a double click is one answer, and none to what is asked next', async () => {
    const fay = await stage.signIn('fay');
    await asked(stage, fay, 'errand');
    const answers: string[] = [];
    fay.page.on('request', (request) => {
      if (request.url().endsWith('/answer')) answers.push(request.postData() ?? '');
    });
    await fay.page.dblclick('text=yes');
    await shown(fay, '.agentMessage').toEqual(['About the errand.']);
    expect(answers).toEqual([expect.stringContaining('say=yes')]);
    expect(await fay.texts('#note')).toEqual(['']);
  });

  test('marks that nobody sees, and that turn a command around, are shown', async () => {
    stage.provider.when({ userText: 'Turn' }, shellCommand("echo '\u202etxt.x\u2066'", { escalate: true }));
    const finn = await stage.signIn('finn');
    await finn.send('Turn');
    await shown(finn, '.request code').toEqual([expect.stringContaining("echo '▯txt.x▯'")]);
  });

  test('where a command is to run is shown beside it, and what more it is to get', async () => {
    const escalated = shellCommand('git status', { escalate: true, cwd: '/' });
    stage.provider.when({ userText: 'Look' }, escalated);
    const greg = await stage.signIn('greg');
    await greg.send('Look');
    await shown(greg, '.request code').toEqual([expect.stringMatching(/git status.*\n.*cwd: "\/"$/s)]);
  });

  test('a refusal without a word, and an answer that breaks off, are told, too', async () => {
    const lisa = await stage.signIn('lisa');
    await lisa.page.route('**/message', (route) => route.fulfill({ status: 502 }), { times: 1 });
    await lisa.send('Hello');
    await shown(lisa, '#note').toEqual(['The service cannot be reached. Try again.']);
    await lisa.page.click('#send');
    await shown(lisa, '.agentMessage').toEqual(['Echo: Hello']);
    expect(await lisa.texts('#note')).toEqual(['']);
  });

  test('in a deploy who is asked can answer, and what runs can be stopped', async () => {
    await using own = await startChatStage(chromium ?? '');
    own.provider.when({ userText: 'Count' }, [text('One, two, ', gate(), 'three.')]);
    const [nina, omar] = [await own.signIn('nina'), await own.signIn('omar')];
    await asked(own, nina, 'deed');
    await omar.send('Count');
    await shown(omar, '.agentMessage').toEqual(['One, two, ']);
    const down = own.supervisor.shutdown({ drainMs: 10 * 60_000 });
    await nina.page.click('text=yes');
    await shown(nina, '.agentMessage').toEqual(['About the deed.']);
    await omar.page.click('#stop');
    await shown(omar, '.end').toEqual(['Stopped.']);
    await down;
  });

  test('a page whose events are refused for a moment connects again, and one that is signed out says so', async () => {
    const maud = await stage.signIn('maud');
    await maud.send('Hello');
    await shown(maud, '.agentMessage').toEqual(['Echo: Hello']);
    await maud.page.route('**/events', (route) => route.fulfill({ status: 502 }), { times: 1 });
    await maud.page.reload();
    await shown(maud, '.agentMessage').toEqual(['Echo: Hello']);
    await maud.context.clearCookies();
    for (const socket of stage.sockets) socket.destroy();
    await shown(maud, '#state').toEqual(['signed out']);
  });
});
