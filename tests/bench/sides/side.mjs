// Runs one side of one case in a process of its own, so that neither memory nor compiled code is shared, and
// prints what it measured as JSON. Usage: node side.mjs CASE SIDE '{"count": 1}'
const [caseName, sideName, parameters] = process.argv.slice(2);
const sides = await import(`./${caseName}.mjs`);
const figures = await sides[sideName](JSON.parse(parameters));
process.stdout.write(JSON.stringify(figures));
