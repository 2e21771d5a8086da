/** A chat for many users over one codex: the site. As a program it listens on 127.0.0.1; at SIGTERM turns may end. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import * as codex from 'codex-async-client';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import { csrf } from 'hono/csrf';
import { stream } from 'hono/streaming';
import { Chats } from './chats.js';

const PAGE = new URL('page.html', import.meta.url);
const ANSWERED = 'This was answered already: in another tab, or codex was restarted since.';
/** Other names are refused, and csrf() refuses forms of other sites: any page could post here, with a user's cookie. */
const HOST = /^(localhost|127\.0\.0\.1)(:\d+)?$/;
/** Else a thread could write in the system's temporary folders, too. */
export const WALLS = { sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true } };

/** The site. */
export function webChat(supervisor: codex.Supervisor, folder: string) {
  const chats = new Chats(supervisor, folder);
  const site = new Hono<{ Variables: { user: string } }>();
  site.use(async (c, next) => (HOST.test(c.req.header('host') ?? '') ? next() : c.text('Not here.', 421)));
  site.use(csrf(), bodyLimit({ maxSize: 100_000 }));
  site.get('/as/:user{[a-z]{1,20}}', (c) => {
    setCookie(c, 'user', c.req.param('user'), { httpOnly: true, sameSite: 'Strict' }); // a real sign-in is yours
    return c.redirect('/');
  });
  site.use(async (c, next) => {
    c.set('user', /^[a-z]{1,20}$/.exec(getCookie(c, 'user') ?? '')?.[0] ?? '');
    return c.var.user === '' ? c.text('Who are you? Go to /as/NAME.', 401) : next();
  });
  site.get('/', async (c) => c.html((await readFile(PAGE, 'utf8')).replaceAll('USER', c.var.user)));
  site.get('/view/:file{[a-z-]+\\.js}', async (c) => {
    const file = new URL(c.req.param('file'), import.meta.resolve('codex-async-client/view'));
    return c.body(await readFile(file), 200, { 'content-type': 'text/javascript' });
  });
  site.get('/events', (c) => {
    c.header('content-type', 'text/event-stream');
    const from = { after: c.req.header('last-event-id'), signal: c.req.raw.signal };
    return stream(c, (page) =>
      chats.use(c.var.user, async (log) => {
        for await (const event of codex.serverSentEvents(log.read(from))) await page.write(event);
      }),
    );
  });
  site.post('/message', async (c) => {
    const { job = '', text = '' } = await c.req.parseBody<Record<string, string>>();
    await chats.send(c.var.user, job, text);
    return c.body(null, 202);
  });
  site.post('/answer', async (c) => {
    const { key, say } = await c.req.parseBody<Record<string, string>>();
    return (await chats.answer(c.var.user, key, say === 'yes')) ? c.body(null, 202) : c.text(ANSWERED, 409);
  });
  site.post('/stop', async (c) => {
    const { turn } = await c.req.parseBody<Record<string, string>>();
    return (await chats.stop(c.var.user, turn)) ? c.body(null, 202) : c.text('That is over.', 409);
  });
  site.onError((error, c) => {
    if ('getResponse' in error) return error.getResponse();
    if (error instanceof codex.AlreadyRespondedError || error instanceof codex.StaleRequestError)
      return c.text(ANSWERED, 409);
    if (error instanceof codex.InvalidArgumentError) return c.text(error.message, 400);
    if (error instanceof codex.RpcError) return c.text(`Codex refused: ${error.serverMessage}.`, 409);
    console.error(`${c.var.user}:`, error);
    return c.text('That did not work. Try again in a moment.', 503);
  });
  return site;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const supervisor = codex.AsyncClient.supervise({ healthCheck: {}, config: WALLS });
  const { fetch } = webChat(supervisor, process.argv[2] ?? 'chats');
  const at = { fetch, hostname: '127.0.0.1', port: Number(process.env['PORT'] ?? 8080) };
  serve(at, ({ port }) => console.log(`Port ${port}; sign in at /as/NAME`));
  process.once('SIGTERM', () => supervisor.shutdown({ drainMs: 30_000 }).finally(() => process.exit()));
  for await (const { number, cause } of supervisor.restarts()) console.warn(`restart ${number}:`, cause);
}
