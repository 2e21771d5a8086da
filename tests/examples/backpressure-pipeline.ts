/** A pipeline with backpressure: a slow file system slows the server down instead of filling the memory. */
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider, repeatText, text } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start();
provider.enqueue(text(repeatText('All work and no play. ', 5_000)));
await using client = await AsyncClient.start({ ...provider.options, buffer: { highWaterMark: 100 } });

/** Takes one piece in each turn of the event loop: slower than the model writes. */
let written = 0;
const slow = new Writable({
  objectMode: true,
  highWaterMark: 1,
  write(piece: string, _encoding, done) {
    written += piece.length;
    setImmediate(done);
  },
});

const { thread } = await client.threadStart();
await pipeline(client.turnRun({ threadId: thread.id, input: 'Write your novel.' }).text(), slow);

const { held, paused } = client.stats();
console.log(`${written} characters written`);
console.log(paused.times > 0 ? 'the server had to wait' : 'the server never had to wait');
console.log(held.peakMessages < 5_000 ? 'memory stayed bounded' : 'everything was held');
