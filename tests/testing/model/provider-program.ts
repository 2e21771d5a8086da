/** A program that uses the local provider and closes it with a reply still held; run as a process of its own. */
import { gate, LocalModelProvider, text } from '../../../src/testing/index.js';

const provider = await LocalModelProvider.start();
const held = gate();
provider.enqueue(text('a', held));
const body = JSON.stringify({ model: 'm', input: [] });
const response = await fetch(`${provider.baseUrl}/responses`, { method: 'POST', body });
await held.reached;
await provider.close();
await response.text().catch(() => console.log('closed'));
