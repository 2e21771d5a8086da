import { runAnyPoint } from './any-point.js';
const [from='1', points = '20000', seconds = '100', most = '3'] = process.argv.slice(2);
const started = performance.now();
let found = 0, n = 0;
const s0=Date.now();
for (let seed = Number(from); seed < Number(from)+ Number(points) && found < Number(most); seed++) {
  n++;
  const { broken } = await runAnyPoint(seed);
  if (broken.length > 0) { found++; console.log(`seed ${seed}: ${broken[0]!.slice(0,220)}`); }
  if (Date.now() - s0 > Number(seconds) * 1000) break;
}
console.log(`${n} points, ${found} found, ${Math.round((Date.now()-s0)/1000)} s`);
process.exit(0);
