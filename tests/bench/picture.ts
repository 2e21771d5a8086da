/** The picture of the benchmarks: how much of its bar each headline takes. Pure; `bench.ts --write` keeps it. */
import { escaped, svgOf } from '../helpers/svg.js';
import { barText, medianText } from './report.js';
import { type Measured, measuredCases, type Results } from './results.js';

const WIDTH = 840;
const ROW_HEIGHT = 26;
const TOP = 58;
const BOTTOM = 34;
const TRACK = { x: 366, width: 210 } as const;
/** The share of a bar at which the track ends: what is worse is cut there, and its figure says how much. */
const LARGEST_SHARE = 1.5;

const STYLE = [
  'text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }',
  '.head { font-weight: 600; font-size: 14px; } .note { fill: #59636e; font-size: 12px; }',
  '.page { fill: #ffffff; stroke: #d1d9e0; } .track { fill: #eff2f5; } .met { fill: #2da44e; } .missed { fill: #bf8700; }',
  '.spread { stroke: #1f2328; stroke-width: 1.5; } .bar { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 4 3; }',
  '@media (prefers-color-scheme: dark) { text { fill: #f0f6fc; } .note { fill: #9198a1; }',
  '.page { fill: #0d1117; stroke: #3d444d; } .track { fill: #212830; } .met { fill: #3fb950; } .missed { fill: #d29922; }',
  '.spread { stroke: #f0f6fc; } .bar { stroke: #f85149; } }',
];

/** The text of the SVG file. */
export function benchmarkPicture(results: Results): string {
  const rows = measuredCases(results).filter(({ case: { headline } }) => headline !== undefined);
  const bottom = TOP + rows.length * ROW_HEIGHT;
  const barX = round(xOf(1));
  return svgOf({
    width: WIDTH,
    height: bottom + BOTTOM,
    title: `Benchmarks: ${rows.map((row) => `${labelOf(row)}: ${figureText(row)}`).join('; ')}`,
    style: STYLE,
    body: [
      `<rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${bottom + BOTTOM - 1}" rx="8"/>`,
      textAt(18, 26, 'What the client costs, against what one would write without it', 'head'),
      textAt(
        18,
        46,
        'medians, with the lowest and the highest round; left of the dashed line is what we ask of ourselves',
        'note',
      ),
      ...rows.flatMap((row, index) => rowAt(row, TOP + index * ROW_HEIGHT)),
      `<line class="bar" x1="${barX}" y1="${TOP - 4}" x2="${barX}" y2="${bottom + 2}"/>`,
      textAt(18, bottom + 20, results.where, 'note'),
    ],
  });
}

/** How much of its bar a figure takes: 1 is the bar itself, whichever way it is read. */
export function shareOfBar({ case: { kind, bar } }: Measured, figure: number): number {
  if (bar === undefined) return 0;
  return kind === 'rate' || kind === 'settled' ? bar / figure : figure / bar;
}

function rowAt(row: Measured, y: number): string[] {
  const { result, isMet } = row;
  const [lowest, median, highest] = [result.lowest, result.median, result.highest].map((figure) =>
    xOf(shareOfBar(row, figure)),
  ) as [number, number, number];
  const middle = y + ROW_HEIGHT / 2;
  return [
    textAt(18, middle + 4, labelOf(row)),
    `<rect class="track" x="${TRACK.x}" y="${y + 6}" width="${TRACK.width}" height="14" rx="3"/>`,
    `<rect class="${isMet ? 'met' : 'missed'}" x="${TRACK.x}" y="${y + 6}" width="${round(median - TRACK.x)}" height="14" rx="3"/>`,
    `<line class="spread" x1="${round(lowest)}" y1="${middle}" x2="${round(highest)}" y2="${middle}"/>`,
    textAt(TRACK.x + TRACK.width + 14, middle + 4, figureText(row)),
  ];
}

function xOf(share: number): number {
  return TRACK.x + (TRACK.width * Math.min(share, LARGEST_SHARE)) / LARGEST_SHARE;
}

const round = (value: number): number => Number(value.toFixed(1));

const figureText = ({ case: benchCase, result, isMet }: Measured): string =>
  `${medianText(benchCase.kind, result)}, ${barText(benchCase)}: ${isMet ? 'met' : 'missed'}`;

/** Code has no type of its own in the picture. */
const labelOf = ({ case: { headline = '' } }: Measured): string => headline.replaceAll('`', '');

function textAt(x: number, y: number, text: string, style?: string): string {
  const attribute = style === undefined ? '' : ` class="${style}"`;
  return `<text x="${x}" y="${y}"${attribute}>${escaped(text)}</text>`;
}
