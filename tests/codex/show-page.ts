/** A followed thread, shown on a page as a service does it: by server-sent events. */
import { serverSentEvents, type ThreadLog } from 'codex-async-client';
import type { ThreadView } from 'codex-async-client/view';
import type { Page } from '../runs/follow/page.js';

/** Shows the log on the page, from where the page was, until it has seen enough; then the connection is gone. */
export async function show(
  log: ThreadLog,
  page: Page,
  isEnough: (view: ThreadView) => boolean,
): Promise<ThreadView> {
  page.connects();
  for await (const event of serverSentEvents(log.read({ after: page.lastId }))) {
    page.receive(event);
    if (page.view !== undefined && isEnough(page.view)) return page.view;
  }
  throw new Error('the log ended first');
}
