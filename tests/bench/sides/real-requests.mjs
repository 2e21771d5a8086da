// Requests at once to the real codex. The yardstick keeps 64 out, because an unlimited client never ends here.
import { BareClient, requestWindowed } from './bare-client.mjs';
import { withClient } from './with-client.mjs';

const METHOD = 'thread/loaded/list';
const WINDOW = 64;

export function client({ count, codexPath, codexHome }) {
  return withClient({ codexPath, codexHome }, async (client) => {
    const start = performance.now();
    const outcomes = await Promise.allSettled(
      Array.from({ length: count }, () => client.request(METHOD, {})),
    );
    const ms = performance.now() - start;
    const seen = outcomes.filter(({ status }) => status === 'fulfilled').length;
    return { ms, seen, expected: count };
  });
}

export async function bare({ count, codexPath, codexHome }) {
  const client = new BareClient([codexPath, 'app-server'], { ...process.env, CODEX_HOME: codexHome });
  await client.initialize();
  let seen = 0;
  const start = performance.now();
  await requestWindowed(count, WINDOW, async () => {
    await client.request(METHOD, {});
    seen += 1;
  });
  const ms = performance.now() - start;
  client.end();
  return { ms, seen, expected: count };
}
