/** A step that fails, or that does not end, becomes a finding. */
import { HandshakeError, SpawnError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { attempt, failure } from '../../src/doctor/attempt.js';

test('what a step finds is found', async () => {
  const finding = { check: 'login', status: 'ok', finding: 'logged in' } as const;
  expect(await attempt('login', 60_000, async () => finding)).toBe(finding);
});

test('an error is a finding that has its code', async () => {
  const failing = attempt('turn', 60_000, () => Promise.reject(new SpawnError('no program')));
  expect(await failing).toMatchObject({
    check: 'turn',
    status: 'fail',
    finding: 'no program',
    details: { code: 'CODEX_SPAWN' },
  });
});

test('a step that does not end is given up', async () => {
  const waiting = attempt('config', 1, () => new Promise(() => undefined));
  expect(await waiting).toMatchObject({
    status: 'fail',
    finding: 'it was not over within 1 ms, and was given up',
  });
});

test('a step is given up at once when its signal fires', async () => {
  const waiting = attempt('config', 60_000, () => new Promise(() => undefined), AbortSignal.abort('over'));
  expect(await waiting).toMatchObject({ status: 'fail', finding: 'over' });
});

test('an error that is none of ours is said as it is', () => {
  expect(failure('turn', 'torn')).toMatchObject({ finding: 'torn', notes: [], details: undefined });
});

test('what an error has of a secret is masked', () => {
  expect(failure('turn', new Error('OPENAI_API_KEY=abcdef is wrong')).finding).toBe(
    'OPENAI_API_KEY=[masked] is wrong',
  );
});

test('of an error with several lines the first is the finding, and the end of stderr comes last', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}.`);
  const error = new HandshakeError('It failed.\nTried: line 19.', { stderrTail: lines.join('\n') });
  const { finding, notes, advice } = failure('handshake', error, 'Try again.');
  expect({ finding, advice }).toEqual({ finding: 'It failed.', advice: 'Try again.' });
  expect(notes).toEqual(['Tried: line 19.', ...lines.slice(11, 19).map((line) => `stderr: ${line}`)]);
});
