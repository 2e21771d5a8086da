/** Who follows what, found by what a message is about; followers take nothing. */
import type { ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { type MessageScope, scopeOf } from '../../../src/session/messages/server-message.js';
import { type Follower, Followers } from '../../../src/session/streams/followers.js';
import { delta } from '../../helpers/messages.js';
import { WARNING } from './routes.js';

class Silent implements Follower {
  learn(_message: ServerMessage, _scope: MessageScope): void {}
  observe(_message: ServerMessage, _scope: MessageScope): void {}
  ended(): void {}
}

/** A message of a method with these params; the tests need no more of them than they say. */
function message(method: ServerMessage['method'], params: unknown): ServerMessage {
  return { kind: 'notification', method, params } as never;
}

function startFollowers() {
  const followers = new Followers();
  const of = (about: ServerMessage) => [...followers.of(about, scopeOf(about))];
  return { followers, of, a: new Silent(), b: new Silent() };
}

describe('a message', () => {
  test('is shown to those who follow its thread, in the order they came, and to no other', () => {
    const { followers, of, a, b } = startFollowers();
    followers.add(b, 'x');
    followers.add(a, 'x');
    followers.add(a, 'y');
    expect(of(delta(1, { threadId: 'x' }))).toEqual([b, a]);
    expect(of(delta(1, { threadId: 'y' }))).toEqual([a]);
    expect(of(delta(1, { threadId: 'z' }))).toEqual([]);
    expect(of(WARNING)).toEqual([]);
  });

  test('of a thread that begins is about its parent, too', () => {
    const { followers, of, a, b } = startFollowers();
    followers.add(a, 'parent');
    followers.add(b, 'child');
    const started = (parentThreadId: string | null) =>
      message('thread/started', { thread: { id: 'child', parentThreadId } });
    expect(of(started('parent'))).toEqual([b, a]);
    expect(of(started(null))).toEqual([b]);
    expect(
      of(message('turn/completed', { threadId: 'child', thread: { parentThreadId: 'parent' } })),
    ).toEqual([b]);
  });

  test('of a turn that begins is about its root turn, too', () => {
    const { followers, of, a } = startFollowers();
    followers.add(a, 'root');
    expect(of(message('turn/started', { threadId: 't', turn: { id: 'u', rootTurnId: 'root' } }))).toEqual([
      a,
    ]);
    expect(of(message('turn/started', { threadId: 't', turn: { id: 'u', rootTurnId: null } }))).toEqual([]);
  });

  test('of a login that is over is found by its method, whatever the login', () => {
    const { followers, of, a } = startFollowers();
    followers.add(a, 'account/login/completed');
    expect(of(message('account/login/completed', { loginId: 'l', success: true, error: null }))).toEqual([a]);
  });

  test('is not found by its method otherwise', () => {
    const { followers, of, a } = startFollowers();
    followers.add(a, WARNING.method);
    expect(of(WARNING)).toEqual([]);
  });

  test('that is about two subjects of one follower is shown to it once', () => {
    const { followers, of, a } = startFollowers();
    followers.add(a, 'parent');
    followers.add(a, 'child');
    expect(of(message('thread/started', { thread: { id: 'child', parentThreadId: 'parent' } }))).toEqual([a]);
  });

  test.each(['thread/started', 'turn/started'] as const)('without params, %s, is about nothing', (method) => {
    const { followers, of, a } = startFollowers();
    followers.add(a, 't');
    expect(of(message(method, null))).toEqual([]);
    expect(of(message(method, {}))).toEqual([]);
  });
});

describe('a follower', () => {
  test('that is removed leaves nothing of any subject, and the others stay', () => {
    const { followers, of, a, b } = startFollowers();
    for (const subject of ['x', 'y', 'y']) followers.add(a, subject);
    followers.add(b, 'x');
    expect(followers.size).toBe(2);
    expect(followers.all).toEqual([a, b]);
    followers.remove(a);
    followers.remove(a);
    expect(followers.size).toBe(1);
    expect(followers.all).toEqual([b]);
    expect(of(delta(1, { threadId: 'x' }))).toEqual([b]);
    expect(of(delta(1, { threadId: 'y' }))).toEqual([]);
  });

  test('that was removed can follow again', () => {
    const { followers, of, a } = startFollowers();
    followers.add(a, 'x');
    followers.remove(a);
    followers.add(a, 'y');
    expect(of(delta(1, { threadId: 'y' }))).toEqual([a]);
    expect(of(delta(1, { threadId: 'x' }))).toEqual([]);
  });
});
