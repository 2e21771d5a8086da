/**
 * `npm run tapes` records every flow against the installed codex, `npm run tapes -- --codex 0.166.0` against another
 * version, which is fetched, or against the executable at a path. `--only WORD` takes the flows with that word in their
 * names. It prints, for each tape, how many of its lines differ from the one that was there.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withCodex } from '../../src/generator/diff/codex-source.js';
import { type Flow, isOf } from './flow.js';
import { FLOWS } from './flows.js';
import { recordFlow } from './recording.js';
import { TAPES } from './tapes.js';

/** More servers at once are no faster on two cores. */
const AT_ONCE = 2;

const { values } = parseArgs({
  options: {
    codex: { type: 'string', default: 'installed' },
    only: { type: 'string' },
    executable: { type: 'string' },
  },
});

try {
  if (values.executable === undefined) process.exitCode = withCodex(values.codex, again);
  else await recordWith(values.executable);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function recordWith(executable: string): Promise<void> {
  const printed = execFileSync(executable, ['--version'], { encoding: 'utf8' });
  const version = /\d+\.\d+\.\d+\S*/.exec(printed)?.[0] ?? 'unknown';
  const only = values.only ?? '';
  const waiting = FLOWS.filter((flow) => isOf(flow, version) && flow.name.includes(only));
  if (waiting.length === 0) throw new Error(`expected a word in the name of a flow, got --only ${only}`);
  await Promise.all(Array.from({ length: AT_ONCE }, () => recordAll(waiting, executable, version)));
}

/** A codex that was fetched is there for as long as a call lasts, so the recording is a process of its own. */
function again(executable: string): number {
  const script = fileURLToPath(import.meta.url);
  const args = [...process.execArgv, script, ...process.argv.slice(2), '--executable', executable];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

async function recordAll(waiting: Flow[], executable: string, version: string): Promise<void> {
  for (let flow = waiting.shift(); flow !== undefined; flow = waiting.shift()) {
    try {
      console.log(`${flow.name}: ${await record(flow, executable, version)}`);
    } catch (error) {
      console.error(`${flow.name}: not recorded: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
}

/** Records a flow and keeps its tape; says what is different. */
async function record(flow: Flow, executable: string, version: string): Promise<string> {
  const text = await recordFlow(flow, executable);
  const folder = new URL(`${version}/`, TAPES);
  const file = new URL(`${flow.name}.jsonl`, folder);
  const before = await readFile(file, 'utf8').catch(() => undefined);
  await mkdir(folder, { recursive: true });
  await writeFile(file, text);
  const size = `${(Buffer.byteLength(text) / 1024).toFixed(1)} KB`;
  return before === undefined ? `new, ${size}` : `${changedLines(before, text)} lines differ, ${size}`;
}

/** How many lines stand in one text and not in the other. */
function changedLines(before: string, after: string): number {
  const [were, are] = [before.split('\n'), after.split('\n')];
  return are.filter((line, index) => line !== were[index]).length + Math.max(0, were.length - are.length);
}
