/** Who the client says it is, and what it says it can do. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { initializeParamsOf } from '../../src/client/initialize-params.js';
import { startScripted } from '../helpers/scripted.js';
import { recordedLines } from './scripted-client.js';

test('introduces this package when nobody else is named', async () => {
  await using client = await startScripted('records-lines');
  const [initialize] = await recordedLines(client);
  expect(initialize).toMatchObject({
    params: {
      clientInfo: { name: 'codex-async-client', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      capabilities: { experimentalApi: false },
    },
  });
});

test('capabilities that are given win over the options of the same meaning', () => {
  const { capabilities } = initializeParamsOf({
    experimentalApi: true,
    optOutNotificationMethods: ['thread/started'],
    capabilities: { experimentalApi: false, requestAttestation: true },
  });
  expect(capabilities).toEqual({
    experimentalApi: false,
    requestAttestation: true,
    optOutNotificationMethods: ['thread/started'],
  });
});

test('a title is none when none is given, and a name and a version of one’s own are kept', () => {
  expect(initializeParamsOf({ clientInfo: { name: 'mine', version: '4.5.6' } }).clientInfo).toEqual({
    name: 'mine',
    title: null,
    version: '4.5.6',
  });
  expect(initializeParamsOf({ clientInfo: { title: 'Mine' } }).clientInfo).toMatchObject({
    name: 'codex-async-client',
    title: 'Mine',
  });
});

test('says of itself what package.json says, and asks for nothing', () => {
  const { version }: { version?: string } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(initializeParamsOf({})).toEqual({
    clientInfo: { name: 'codex-async-client', title: null, version },
    capabilities: { experimentalApi: false, requestAttestation: false },
  });
});

test('hands over a copy of the methods that are opted out of', () => {
  const optOutNotificationMethods = ['thread/started'];
  const { capabilities } = initializeParamsOf({ optOutNotificationMethods, experimentalApi: true });
  expect(capabilities).toEqual({
    experimentalApi: true,
    requestAttestation: false,
    optOutNotificationMethods: ['thread/started'],
  });
  expect(capabilities?.optOutNotificationMethods).not.toBe(optOutNotificationMethods);
});
