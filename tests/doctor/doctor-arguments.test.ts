/** What the program is asked to do. */
import { expect, test } from 'vitest';
import { doctorRequest, USAGE } from '../../src/doctor/doctor-arguments.js';

test.each([
  [['doctor'], { kind: 'doctor', codexPath: undefined, isJson: false }],
  [['doctor', '--json'], { kind: 'doctor', codexPath: undefined, isJson: true }],
  [['--codex-path', './codex', 'doctor'], { kind: 'doctor', codexPath: './codex', isJson: false }],
  [['--help'], { kind: 'help' }],
  [['doctor', '-h'], { kind: 'help' }],
])('%j is understood', (args, request) => {
  expect(doctorRequest(args)).toEqual(request);
});

test.each([
  [[], 'command: expected doctor, got none'],
  [['docter'], 'command: expected doctor, got "docter"'],
  [['doctor', 'now'], 'command: expected doctor, got "doctor" and "now"'],
  [['doctor', '--jsn'], '--jsn'],
  [['doctor', '--codex-path'], '--codex-path'],
  [['doctor', '--codex-path='], '--codex-path: expected a path or a name'],
])('%j is refused', (args, message) => {
  expect(() => doctorRequest(args)).toThrow(
    expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT', message: expect.stringContaining(message) }),
  );
});

test('the usage names every option', () => {
  for (const option of ['--json', '--codex-path', '--help']) expect(USAGE).toContain(option);
});
