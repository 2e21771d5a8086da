// A unit test in TypeScript: the code under test gets fakes in place of a client; and what nobody makes by hand.
import { AsyncClient, type Run } from 'codex-async-client';
import { fakeThreadRun, fakeTurnRun } from 'codex-async-client/testing';

async function said(run: Run): Promise<string> {
  let text = '';
  for await (const piece of run.text()) text += piece;
  return text;
}

async function ask(client: Pick<AsyncClient, 'turnRun' | 'threadRun'>): Promise<string> {
  const answer = await said(client.turnRun({ threadId: 't', input: 'Hello!' }));
  const { output } = await client.threadRun({ turn: 'A poem.' }).result();
  return `${answer} / ${String(Reflect.get(Object(output), 'title'))}`;
}

export function neverCalled(): unknown {
  // @ts-expect-error start(), spawn() and attach() make a client
  new AsyncClient();
  // @ts-expect-error a client is no base class
  return class extends AsyncClient {};
}

ask({
  turnRun: () => fakeTurnRun({ finalMessage: 'Hi!' }),
  threadRun: () => fakeThreadRun({ output: { title: 'The Pond' } }),
}).then(
  (line) => globalThis.console.log(line),
  (error: unknown) => {
    throw error;
  },
);
