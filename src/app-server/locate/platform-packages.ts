/**
 * The platforms codex is built for, and where the native executable of each lies inside an installed `@openai/codex`.
 * A table of names and paths: nothing here looks at the disk. A platform that is not in it has no build, and codex is
 * then looked for on `PATH` alone.
 */

/** The build of codex for one platform. */
export interface PlatformBuild {
  /** The npm package that holds the executable. */
  readonly packageName: string;
  /** Rust's name of the platform, a folder name below `vendor`. */
  readonly triple: string;
  /** The executable's file name. */
  readonly executable: string;
}

const BUILDS: Readonly<Record<string, PlatformBuild>> = {
  'linux-x64': build('linux-x64', 'x86_64-unknown-linux-musl'),
  'linux-arm64': build('linux-arm64', 'aarch64-unknown-linux-musl'),
  // Termux: the Linux builds are static and run there.
  'android-x64': build('linux-x64', 'x86_64-unknown-linux-musl'),
  'android-arm64': build('linux-arm64', 'aarch64-unknown-linux-musl'),
  'darwin-x64': build('darwin-x64', 'x86_64-apple-darwin'),
  'darwin-arm64': build('darwin-arm64', 'aarch64-apple-darwin'),
  'win32-x64': build('win32-x64', 'x86_64-pc-windows-msvc'),
  'win32-arm64': build('win32-arm64', 'aarch64-pc-windows-msvc'),
};

function build(suffix: string, triple: string): PlatformBuild {
  const executable = suffix.startsWith('win32') ? 'codex.exe' : 'codex';
  return { packageName: `@openai/codex-${suffix}`, triple, executable };
}

/** The build for a platform and processor, or undefined where codex has none. */
export function platformBuild(platform: string, arch: string): PlatformBuild | undefined {
  return BUILDS[`${platform}-${arch}`];
}

/** The executable's path below a package's folder, in the layouts that were published, the newest first. */
export function vendorPaths(build: PlatformBuild): readonly (readonly string[])[] {
  return [
    ['vendor', build.triple, 'bin', build.executable],
    ['vendor', build.triple, 'codex', build.executable],
  ];
}
