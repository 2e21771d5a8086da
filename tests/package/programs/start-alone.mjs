// A client and a thread in the home that is named, and nothing else: what a program needs permissions for.
import { AsyncClient } from 'codex-async-client';

const client = await AsyncClient.start({ codexHome: process.argv[2] });
const { thread } = await client.threadStart({});
await client.shutdown();
console.log(JSON.stringify({ state: client.state, hasThread: thread.id !== '' }));
