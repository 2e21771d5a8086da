/** What a program printed, as a picture of a terminal: the same on light and dark pages, because a terminal brings its own. */
import { escaped, svgOf } from '../helpers/svg.js';

const LINE_HEIGHT = 19;
const CHARACTER_WIDTH = 8.05;
const TOP = 58;
const LEFT = 20;
const BOTTOM = 14;

const STYLE = [
  'text { font: 13.4px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e6edf3; white-space: pre; }',
  '.page { fill: #161b22; stroke: #3d444d; } .head { fill: #9198a1; } .typed { fill: #7ee787; } .asked { fill: #f2cc60; }',
];

/** How a line is told apart. */
export type Mark = 'typed' | 'asked' | undefined;

/** The text of the SVG file. */
export function terminalPicture(
  title: string,
  lines: readonly string[],
  markOf: (line: string) => Mark = () => undefined,
): string {
  const columns = Math.max(title.length, ...lines.map((line) => line.length));
  const width = Math.ceil(LEFT * 2 + columns * CHARACTER_WIDTH);
  const height = TOP + lines.length * LINE_HEIGHT + BOTTOM - LINE_HEIGHT;
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (colour, index) => `<circle cx="${LEFT + 4 + index * 18}" cy="20" r="6" fill="${colour}"/>`,
  );
  return svgOf({
    width,
    height,
    title,
    style: STYLE,
    body: [
      `<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
      ...dots,
      `<text class="head" x="${LEFT + 64}" y="25">${escaped(title)}</text>`,
      ...lines.flatMap((line, index) => lineAt(line, TOP + index * LINE_HEIGHT, markOf(line))),
    ],
  });
}

function lineAt(line: string, y: number, mark: Mark): string[] {
  if (line.trim() === '') return [];
  const style = mark === undefined ? '' : ` class="${mark}"`;
  return [`<text x="${LEFT}" y="${y}"${style} xml:space="preserve">${escaped(line)}</text>`];
}
