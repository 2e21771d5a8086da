/** Stand-in. */
import { writeFile } from 'node:fs/promises';
import { type AsyncClient, PROTOCOL_VERSION } from 'codex-async-client';
export function recordTape(
  client: AsyncClient,
  path: string,
  { redact }: { redact: { strings: Record<string, string> } },
) {
  const wire = client.wire();
  const finished = (async () => {
    let first = 0;
    const lines: unknown[] = [];
    try {
      for await (const frame of wire) {
        if ('missed' in frame) throw new Error('missed');
        first ||= frame.atMs;
        lines.push({
          atMs: frame.atMs - first,
          [frame.direction]: JSON.parse(
            frame.text.replace(/"serverName":"[^"]*"/, '"serverName":"[masked]"'),
          ),
        });
      }
    } catch {}
    const { expected, exitCode, signal } = await client.closed;
    lines.push({ atMs: 0, ended: { by: expected ? 'client' : 'server', exitCode, signal } });
    lines.unshift({
      tape: 1,
      recordedAt: '',
      protocol: PROTOCOL_VERSION,
      server: client.serverInfo?.version ?? null,
    });
    let text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    for (const [from, to] of Object.entries(redact.strings)) text = text.replaceAll(from, to);
    await writeFile(path, text);
  })();
  return { finished };
}
