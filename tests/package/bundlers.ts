/**
 * The bundlers that users have, and the ways in which they make one program of a program and its packages: for Node.js,
 * in each format, and for a page. Nothing is set but what the page about bundles says.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild, type Format } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack, { type Configuration } from 'webpack';
import { run } from './commands.js';
import { REPOSITORY } from './packed.js';
import { bunExecutable } from './runtimes.js';

/** Makes a bundle of a program in a folder, and gives back its main file. Rejects with what the bundler says. */
export type Bundle = (program: string, folder: string) => Promise<string>;

/** For Node.js, by a name for the title of a test. */
export const BUNDLERS = {
  'esbuild to CommonJS': esbuildTo('cjs'),
  'esbuild to an ES module': (program, folder) => esbuildTo('esm', bannerOfPage())(program, folder),
  'webpack to CommonJS': webpackTo('cjs'),
  'webpack to an ES module': webpackTo('mjs'),
  'rollup to CommonJS': rollupTo('cjs'),
  'rollup to an ES module': rollupTo('mjs'),
  'Vite for the server': viteForServer,
  'Bun for Node.js': async (program, folder) => {
    const file = bundleOf(program, folder, 'mjs');
    await run(await bunExecutable(), ['build', program, '--target=node', `--outfile=${file}`], folder);
    return file;
  },
} satisfies Readonly<Record<string, Bundle>>;

/** esbuild to an ES module without the line of the page. */
export const esbuildWithoutBanner: Bundle = esbuildTo('esm');

/** For a page, as one script. */
export const PAGE_BUNDLERS = {
  esbuild: async (program, folder) => {
    const outfile = join(folder, 'page.js');
    await esbuild({ entryPoints: [program], outfile, bundle: true, logLevel: 'silent' });
    return outfile;
  },
  webpack: (program, folder) =>
    webpacked(folder, 'page.js', { ...WEBPACK, entry: program, target: ['web', 'es2022'] }),
  rollup: (program, folder) => rolledUp(program, join(folder, 'page.js'), 'iife', 'browser'),
  Vite: async (program, folder) => {
    const lib = { entry: program, formats: ['iife' as const], name: 'page', fileName: () => 'page.js' };
    await vite({ ...VITE, root: folder, build: { lib, outDir: folder } });
    return join(folder, 'page.js');
  },
  Bun: async (program, folder) => {
    const file = join(folder, 'page.js');
    await run(await bunExecutable(), ['build', program, '--format=iife', `--outfile=${file}`], folder);
    return file;
  },
} satisfies Readonly<Record<string, Bundle>>;

/** The line that the page has esbuild put before an ES module. */
function bannerOfPage(): string {
  const line = /'--banner:js=([^'\n]+)'/.exec(
    readFileSync(join(REPOSITORY, '.github', 'docs', 'bundles.md'), 'utf8'),
  )?.[1];
  if (line === undefined) throw new Error('the page about bundles has no banner for esbuild');
  return line;
}

function esbuildTo(format: Format, banner = ''): Bundle {
  return async (program, folder) => {
    const outfile = bundleOf(program, folder, format === 'cjs' ? 'cjs' : 'mjs');
    const { warnings } = await esbuild({
      entryPoints: [program],
      outfile,
      format,
      bundle: true,
      // The other bundlers leave names as they are; here nothing may hang on one.
      minify: true,
      platform: 'node',
      banner: { js: banner },
      logLevel: 'silent',
    });
    if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
    return outfile;
  };
}

/** Small names would take most of the time. */
const WEBPACK: Configuration = { mode: 'production', optimization: { minimize: false } };

function webpackTo(extension: 'cjs' | 'mjs'): Bundle {
  return (program, folder) => {
    const isModule = extension === 'mjs';
    return webpacked(folder, basename(bundleOf(program, folder, extension)), {
      ...WEBPACK,
      entry: program,
      target: 'node20',
      experiments: { outputModule: isModule },
      output: { module: isModule },
    });
  };
}

function webpacked(path: string, filename: string, options: Configuration): Promise<string> {
  const { output, ...others } = options;
  return new Promise((resolve, reject) => {
    webpack({ ...others, output: { ...output, path, filename } }, (error, stats) => {
      const said = stats?.hasErrors() ? stats.toString({ all: false, errors: true }) : undefined;
      if (error === null && said === undefined) resolve(join(path, filename));
      else reject(error ?? new Error(said));
    });
  });
}

function rollupTo(extension: 'cjs' | 'mjs'): Bundle {
  return (program, folder) =>
    rolledUp(program, bundleOf(program, folder, extension), extension === 'cjs' ? 'cjs' : 'es', 'node');
}

async function rolledUp(
  program: string,
  file: string,
  format: 'cjs' | 'es' | 'iife',
  condition: 'node' | 'browser',
): Promise<string> {
  // As an ES module, which the types do not know, the plugin is the function itself.
  const plugin = commonjs as unknown as typeof commonjs.default;
  const plugins = [nodeResolve({ preferBuiltins: true, exportConditions: [condition] }), plugin()];
  const bundle = await rollup({ input: program, plugins, onLog: () => {} });
  await bundle.write({ file, format, inlineDynamicImports: true });
  await bundle.close();
  return file;
}

const VITE = { configFile: false, logLevel: 'silent' } as const;

async function viteForServer(program: string, folder: string): Promise<string> {
  const output = { entryFileNames: '[name].mjs' };
  const build = { ssr: program, outDir: folder, rolldownOptions: { output } };
  await vite({ ...VITE, root: folder, ssr: { noExternal: true }, build });
  return bundleOf(program, folder, 'mjs');
}

function bundleOf(program: string, folder: string, extension: string): string {
  return join(folder, `${basename(program, '.js')}.${extension}`);
}
