/** The flat file of a small protocol: what stands in it, and what the generator refuses to write. */
import { describe, expect, test } from 'vitest';
import { file, flat, protocol } from './small-protocol.js';

describe('the flat file', () => {
  test('holds types, maps, lists and typed methods with their docs', () => {
    const text = flat(protocol(), protocol([], '{ "method": "other", id: number, params: undefined, }'));
    expect(text).toContain("export const PROTOCOL_VERSION = '1.2.3';");
    expect(text).toContain(
      '/**\n * Does a thing.\n */\nexport type ThingDoParams = { much?: number | undefined, };',
    );
    expect(text).toContain('/** Response to `thing/do`. */\nexport type ThingDoResponse');
    expect(text).toContain("  'thing/do': { params: ThingDoParams; response: ThingDoResponse };");
    expect(text).toContain("export const EXPERIMENTAL_METHODS = [\n  'thing/do',\n] as const;");
    expect(text).toContain(
      '   * Sends `thing/do`, optionally with `much`; the server answers with nothing.\n   *\n   * Does a thing.\n   *\n' +
        '   * @experimental Needs `experimentalApi: true`.\n   */\n' +
        '  thingDo(params?: ThingDoParams, options?: RequestOptions): Promise<ThingDoResponse>;',
    );
  });

  test('is refused when upstream takes a name that the generator needs', () => {
    expect(() => flat(protocol([file('v2/TypedMethods.ts', 'export type TypedMethods = 1;\n')]))).toThrow(
      'TypedMethods',
    );
  });

  test('is refused when a union of messages is missing', () => {
    expect(() => flat(protocol().filter(({ name }) => name !== 'ServerRequest'))).toThrow(
      'has no type ServerRequest',
    );
  });
});
