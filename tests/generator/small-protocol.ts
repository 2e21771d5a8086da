/** Upstream's types as small texts: files of types, and a protocol with one message of each direction. */
import { flatFile } from '../../src/generator/flat-file.js';
import type { Schemas } from '../../src/generator/protocol-schemas.js';
import { parseSourceFile, type SourceFile } from '../../src/generator/source-files.js';

/** One file of generate-ts. */
export const file = (path: string, source: string): SourceFile => parseSourceFile(path, source);

/** A protocol with one message of each direction; `more` are further files. */
export function protocol(
  more: SourceFile[] = [],
  clientRequest = '{ "method": "thing/do", id: number, params: ThingDoParams, }',
): SourceFile[] {
  return [
    file(
      'ClientRequest.ts',
      `import type { ThingDoParams } from "./v2/ThingDoParams";\n\nexport type ClientRequest ={ "method": "initialize", id: number, params: undefined, } | ${clientRequest};\n`,
    ),
    file(
      'ServerRequest.ts',
      'export type ServerRequest = { "method": "ask", id: number, params: undefined, };\n',
    ),
    file(
      'ServerNotification.ts',
      'export type ServerNotification = { "method": "said", "params": string };\n',
    ),
    file('ClientNotification.ts', 'export type ClientNotification = { "method": "initialized" };\n'),
    file(
      'v2/ThingDoParams.ts',
      '\n/**\n * Does a thing.\n */\nexport type ThingDoParams = { much?: bigint, };\n',
    ),
    file('v2/ThingDoResponse.ts', 'export type ThingDoResponse = Record<string, never>;\n'),
    ...more,
  ];
}

/** The flat file of a protocol; the stable types are all of them, and no schema is known, when nothing else is said. */
export const flat = (all: SourceFile[], stable = all, schemas: Schemas = {}): string =>
  flatFile({ version: '1.2.3', all, stable, schemas });
