/** The typed methods: one for each client request but the handshake, with upstream's docs. */
import { describe, expect, test } from 'vitest';
import { file, flat, protocol } from './small-protocol.js';

describe('the typed methods', () => {
  test('leave the handshake to the client', () => {
    expect(flat(protocol())).toContain("  'initialize': { params: undefined; response: unknown };");
    expect(flat(protocol())).not.toMatch(/^ {2}initialize\(/m);
  });

  test('keep block tags last', () => {
    const documented = protocol().map((entry) =>
      entry.name === 'ThingDoParams'
        ? file(
            'v2/ThingDoParams.ts',
            '/**\n * Does it.\n * @deprecated no more\n */\nexport type ThingDoParams = {};\n',
          )
        : entry,
    );
    const stable = protocol([], '{ "method": "other", id: number, params: undefined, }');
    expect(flat(documented, stable)).toContain(
      '   * Does it.\n   *\n   * @experimental Needs `experimentalApi: true`.\n   *\n   * @deprecated no more\n   */\n',
    );
  });
});
