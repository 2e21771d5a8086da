// What an editor shows of a small program that uses the package: what it offers, what it underlines, what a hover says.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API, type Project } from 'typescript/unstable/sync';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Names what is before the places that the tests look at. */
const PREAMBLE = `import type * as api from 'codex-async-client';
import { accept, approve, deny } from 'codex-async-client';
declare const client: api.AsyncClient;
declare const thread: api.ThreadHandle;
declare const message: api.ServerMessage;
declare const command: api.ServerRequest<'item/commandExecution/requestApproval'>;
declare const toolCall: api.ServerRequest<'item/tool/call'>;
declare const either: api.ServerRequest<'item/commandExecution/requestApproval' | 'item/tool/call'>;
`;

/** What is underlined, and why. */
export interface Underlined {
  readonly text: string;
  readonly code: number;
  readonly message: string;
}

/** An editor with one program, of which the place to look at is marked `|`. */
export class Editor implements Disposable {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'codex-async-client-editor-')));
  readonly #file = join(this.#folder, 'program.ts');
  readonly #api = new API({ cwd: this.#folder });

  constructor() {
    const config = {
      extends: join(REPOSITORY, 'tests', 'tsconfig.json'),
      compilerOptions: {
        rootDir: '/',
        noUnusedLocals: false,
        typeRoots: [join(REPOSITORY, 'node_modules', '@types')],
        paths: { 'codex-async-client': [join(REPOSITORY, 'src', 'index.ts')] },
      },
      files: [this.#file],
    };
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(config));
    writeFileSync(join(this.#folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(this.#file, PREAMBLE);
  }

  /** The names that are offered at the mark. */
  offered(marked: string): string[] {
    const { project, position } = this.#open(marked);
    const entries = project.checker.getCompletionsAtPosition(this.#file, position)?.entries ?? [];
    return entries.map(({ name }) => name);
  }

  /** What is underlined in the program. */
  underlined(code: string): Underlined[] {
    const { project, text } = this.#open(code);
    return project.program.getSemanticDiagnostics(this.#file).map(({ pos, end, code, text: message }) => ({
      text: text.slice(pos, end),
      code,
      message,
    }));
  }

  /** The type of what is before the mark. */
  typeAt(marked: string): string {
    const { project, position } = this.#open(marked);
    const type = project.checker.getTypeAtPosition(this.#file, position - 1);
    return type === undefined ? '' : project.checker.typeToString(type);
  }

  [Symbol.dispose](): void {
    this.#api.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #open(marked: string): { project: Project; position: number; text: string } {
    const mark = marked.indexOf('|');
    const text = PREAMBLE + (mark < 0 ? marked : marked.slice(0, mark) + marked.slice(mark + 1));
    writeFileSync(this.#file, text);
    const config = join(this.#folder, 'tsconfig.json');
    const snapshot = this.#api.updateSnapshot({
      openProjects: [config],
      fileChanges: { changed: [this.#file] },
    });
    const project = snapshot.getProject(config);
    if (project === undefined) throw new Error('the program is no project');
    return { project, position: PREAMBLE.length + mark, text };
  }
}
