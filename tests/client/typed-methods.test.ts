/** The typed methods: each sends its own protocol method, with what it is given. */
import { expect, test } from 'vitest';
import { defineTypedMethods } from '../../src/client/typed-methods.js';
import { CLIENT_METHODS } from '../../src/protocol/generated.js';
import { methodName } from '../../src/protocol/methods.js';

/** What a typed method is built on; it gives back what it was called with. */
class Echo {
  async request(...args: unknown[]): Promise<unknown> {
    return args;
  }
}

test('every method of the protocol that the client has no member for passes its params and options on', async () => {
  class Client extends Echo {}
  defineTypedMethods(Client.prototype, () => {});
  const echo = new Client();
  const [params, options] = [{ a: 1 }, { timeoutMs: 5 }];
  const own = ['initialize', 'turn/start', 'turn/steer', 'mock/experimentalMethod'];
  for (const method of CLIENT_METHODS.filter((name) => !own.includes(name))) {
    const sent: unknown = Reflect.apply(Reflect.get(echo, methodName(method)), echo, [params, options]);
    expect(await sent).toEqual([method, params, options]);
  }
  for (const method of own) expect(echo).not.toHaveProperty(methodName(method));
});

test('what a class has stays, whatever the protocol calls its methods', () => {
  class Client extends Echo {
    thingDo(): string {
      return 'own';
    }
  }
  const taken = ['thing/do', 'request', 'then', 'constructor', 'to/string', 'thread/run', 'mock/thing'];
  defineTypedMethods(Client.prototype, () => {}, [...taken, 'other/do']);
  expect(Object.getOwnPropertyNames(Client.prototype)).toEqual(['constructor', 'thingDo', 'otherDo']);
  expect(new Client().thingDo()).toBe('own');
  expect(Client.prototype.constructor).toBe(Client);
});

test('L20 what is wrong with the params rejects, and nothing is passed on', async () => {
  class Client extends Echo {}
  defineTypedMethods(Client.prototype, (_client, method, params) => {
    throw new Error(`${method} ${JSON.stringify(params)}`);
  });
  const call: unknown = Reflect.apply(Reflect.get(new Client(), 'threadStart'), new Client(), [{ a: 1 }]);
  await expect(call).rejects.toThrow('thread/start {"a":1}');
});

test('the methods of one class are not listed and can be replaced, as methods are', () => {
  class Client extends Echo {}
  defineTypedMethods(Client.prototype, () => {});
  expect(Object.keys(Client.prototype)).toEqual([]);
  expect(Object.getOwnPropertyDescriptor(Client.prototype, 'threadStart')).toMatchObject({
    configurable: true,
    writable: true,
    enumerable: false,
  });
});
