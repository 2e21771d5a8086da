/** Pictures as SVG text: what is shown on pages that are light or dark, without a script and without a font of their own. */

/** A picture. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Read aloud in the place of the picture. */
  readonly title: string;
  /** Rules of CSS; the colours of a dark page in a media query. */
  readonly style: readonly string[];
  /** Elements. */
  readonly body: readonly string[];
}

/** The text of a file. */
export function svgOf({ width, height, title, style, body }: Picture): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style.join(' ')}</style>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

/** Text as it stands in an element or an attribute. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
