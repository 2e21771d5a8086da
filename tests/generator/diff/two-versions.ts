/** Small protocols in two versions: one method of each kind, and what a test changes of their types. */
import { type Protocol, protocolOf } from '../../../src/generator/diff/protocol.js';
import { type Finding, protocolChanges } from '../../../src/generator/diff/protocol-changes.js';
import { file } from '../small-protocol.js';

/** Types by name, each as the text right of the equals sign. */
export type TypeTexts = Readonly<Record<string, string>>;

const BASE: TypeTexts = {
  ClientRequest: '{ "method": "thing/do", id: number, params: ThingDoParams, }',
  ThingDoParams: '{ much: number, }',
  ThingDoResponse: '{ done: boolean, }',
  ServerRequest: '{ "method": "ask", id: number, params: AskParams, }',
  AskParams: '{ why: string, }',
  AskResponse: '{ decision: string, }',
  ServerNotification: '{ "method": "said", "params": SaidNotification }',
  SaidNotification: '{ words: string, }',
  ClientNotification: '{ "method": "initialized" }',
};

/** A protocol with these types in place of, or beside, those of every one; `stable` has what is not experimental. */
export function protocolWith(types: TypeTexts, stable: TypeTexts = types): Protocol {
  const files = (texts: TypeTexts) =>
    Object.entries({ ...BASE, ...texts }).map(([name, text]) =>
      file(`${name}.ts`, `export type ${name} = ${text};\n`),
    );
  return protocolOf({ version: '1.2.3', all: files(types), stable: files(stable) });
}

/** What has changed between two protocols, a text for each. */
export function changesBetween(before: TypeTexts, after: TypeTexts): string[] {
  return protocolChanges(protocolWith(before), protocolWith(after)).map(told).sort();
}

/** A finding in one line. */
export function told({ effect, subject, text, sites }: Finding): string {
  return `${effect}: ${subject} ${text}${sites.length > 0 ? ` (${sites.length} places)` : ''}`;
}
