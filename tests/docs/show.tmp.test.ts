import { test } from 'vitest';
import { publicApi } from './public-api.js';
test('x', () => {
  const api = publicApi();
  console.log(api.length);
  console.log('NODOC\n' + api.filter(e => e.doc === '').map(e => e.file + ' ' + e.name).join('\n'));
  console.log('NOTHROWS\n' + api.filter(e => (e.kind === 'method' || e.kind === 'function') && !e.tags.includes('throws')).map(e => `${e.file} ${e.name}: ${e.returns}`).join('\n'));
  console.log('NODEFAULT\n' + api.filter(e => e.isOptional && !e.tags.includes('defaultValue')).map(e => `${e.file} ${e.name}: ${e.type}`).join('\n'));
  console.log('CALLABLE PROPS\n' + api.filter(e => e.kind === 'property' && e.returns).map(e => `${e.name}: ${e.type}`).join('\n'));
});
