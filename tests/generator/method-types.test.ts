/** The maps, unions and lists of methods. */
import { describe, expect, test } from 'vitest';
import { flat, protocol } from './small-protocol.js';

describe('the maps and lists of methods', () => {
  test('name the methods whose response type is not found', () => {
    expect(flat(protocol())).toContain("export type MethodsWithoutResponse =\n  | 'initialize'\n  | 'ask';");
  });

  test('name the methods whose params may be left out', () => {
    expect(flat(protocol())).toContain(
      "export type OptionalParamsMethod =\n  | 'initialize'\n  | 'thing/do';",
    );
  });

  test('are there for both directions, for requests and notifications, and empty where there is nothing', () => {
    const text = flat(protocol());
    expect(text).toContain("export interface ServerNotifications {\n  'said': string;\n}");
    expect(text).toContain("export interface ClientNotifications {\n  'initialized': undefined;\n}");
    expect(text).toContain("export const SERVER_REQUEST_METHODS = [\n  'ask',\n] as const;");
    expect(text).toContain('export const EXPERIMENTAL_SERVER_REQUEST_METHODS = [] as const;');
  });
});
