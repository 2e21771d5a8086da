// How long importing takes, each in a process that has imported nothing else.
export const entryPoint = () => timed(() => import('codex-async-client'));
export const execa = () => timed(() => import('execa'));
export const emptyModule = () => timed(() => import('data:text/javascript,export {}'));

async function timed(load) {
  const start = performance.now();
  await load();
  return { ms: performance.now() - start, seen: 1, expected: 1 };
}
