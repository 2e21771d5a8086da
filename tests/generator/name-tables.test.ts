/** The tables of names that the client checks with. */
import { expect, test } from 'vitest';
import { file, flat, protocol } from './small-protocol.js';

const ask = (response: string) => [
  ...protocol([
    file('AskParams.ts', 'export type AskParams = { why: string, };\n'),
    file('AskResponse.ts', `export type AskResponse = ${response};\n`),
  ]).filter(({ path }) => path !== 'ServerRequest'),
  file(
    'ServerRequest.ts',
    'import type { AskParams } from "./AskParams";\n\nexport type ServerRequest = { "method": "ask", id: number, params: AskParams, };\n',
  ),
];

test('the keys of params are there for every method, and empty for one that takes none', () => {
  expect(flat(protocol())).toContain(
    "PARAMS_KEYS: Readonly<Record<string, string>> = {\n  'initialize': '',\n  'thing/do': 'much',\n};",
  );
});

test('an answer has its keys with their choices: texts, and the keys of objects in braces', () => {
  expect(flat(ask('{ decision: "yes" | { "no": { why: string, } }, note: string | null, }'))).toContain(
    "  'ask': {\n    decision: 'yes {no}',\n    note: '',\n  },\n};",
  );
});

test('an answer that takes any key has no entry', () => {
  expect(flat(ask('{ [key in string]?: string }'))).not.toContain("  'ask': {\n    ");
});

test('many names are broken into lines', () => {
  const choices = Array.from({ length: 30 }, (_, index) => `"choice${index}"`).join(' | ');
  const text = flat(ask(`{ decision: ${choices}, }`));
  expect(text).toMatch(/decision: `choice0 [^`]*\n {4}choice\d+[^`]*choice29`,/);
  expect(text.split('\n').filter((line) => line.startsWith('    choice') && line.length > 120)).toEqual([]);
});
