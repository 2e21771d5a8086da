/** A page that loses its connection in mid-answer and misses nothing: a followed thread, served as server-sent events. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AsyncClient, serverSentEvents } from 'codex-async-client';
import { gate, LocalModelProvider, text } from 'codex-async-client/testing';
import { applyMessage, emptyView } from 'codex-async-client/view';

await using provider = await LocalModelProvider.start();
const mayGoOn = gate();
provider.enqueue(text('An old pond, ', mayGoOn, 'a frog leaps in, splash.'));
await using client = await AsyncClient.start(provider.options);
const { thread } = await client.threadStart();
const log = client.thread(thread).follow(); // one for all pages
const site = createServer((req, res) => {
  const entries = log.read({ after: req.headers['last-event-id'] });
  res.setHeader('content-type', 'text/event-stream');
  pipeline(serverSentEvents(entries), res).catch(() => {}); // a page that went away is no error
}).listen(0, '127.0.0.1');
await once(site.unref(), 'listening');

// The page: what EventSource does in a browser, as far as this one needs it.
let [view, lastEventId] = [emptyView(), ''];
async function show(last: string) {
  const headers = { 'last-event-id': lastEventId };
  const { body } = await fetch(`http://127.0.0.1:${Object(site.address()).port}`, { headers });
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? [])
    for (const [, id, name, data] of piece.matchAll(/id: (.*)\n(?:event: (.*)\n)?data: (.*)\n\n/g)) {
      lastEventId = String(id);
      view = name === 'snapshot' ? JSON.parse(`${data}`) : applyMessage(view, JSON.parse(`${data}`));
      const said = view.turns[0]?.items.find((item) => item.type === 'agentMessage')?.text;
      if (said?.endsWith(last)) return console.log(said); // and the page is gone
    }
}
const answer = client.turnRun({ threadId: thread.id, input: 'A haiku!' }).result();
await show('pond, ');
mayGoOn.open();
await Promise.all([answer, show('splash.')]);
