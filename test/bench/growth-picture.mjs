// Pictures of growth: lines of one measure over a size, as SVG, without anything but text. Both axes are logarithmic
// where sizes grow by powers.

const WIDTH = 640;
const HEIGHT = 360;
const MARGIN = { top: 44, right: 150, bottom: 48, left: 64 };
/** Colours that people with any sight tell apart, on light and dark ground. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/**
 * An SVG of lines: `{ title, across: 'commits', up: 'ms', lines: [{ name, points: [[x, y], ...] }] }`. `logarithmic`
 * (default true) is for the size across; what is measured starts at zero.
 */
export const growthPicture = ({ title, across, up, lines, logarithmic = true }) => {
  const points = lines.flatMap((line) => line.points);
  const [least, most] = [Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x))];
  const highest = roundUp(Math.max(...points.map(([, y]) => y)));
  const share = (x) => {
    if (most === least) return 0;
    return logarithmic ? Math.log(x / least) / Math.log(most / least) : (x - least) / (most - least);
  };
  const left = (x) => round(MARGIN.left + share(x) * (WIDTH - MARGIN.left - MARGIN.right));
  const top = (y) => round(HEIGHT - MARGIN.bottom - (y / highest) * (HEIGHT - MARGIN.top - MARGIN.bottom));
  const sizes = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#777">`,
    `<title>${escaped(title)}</title>`,
    `<text x="${MARGIN.left}" y="24" font-size="15">${escaped(title)}</text>`,
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((part) => {
      const y = highest * part;
      return [
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${top(y)}" y2="${top(y)}" stroke="#777" stroke-opacity="0.3"/>`,
        `<text x="${MARGIN.left - 8}" y="${top(y) + 4}" text-anchor="end">${number(y)}</text>`,
      ];
    }),
    ...sizes.map(
      (x) =>
        `<text x="${left(x)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${number(x)}</text>`,
    ),
    `<text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 10}" text-anchor="end">${escaped(across)}</text>`,
    `<text x="${MARGIN.left - 8}" y="${MARGIN.top - 8}" text-anchor="end">${escaped(up)}</text>`,
    ...lines.flatMap(({ name, points: own }, index) => {
      const colour = COLOURS[index % COLOURS.length];
      const last = own.at(-1);
      const path = own.map(([x, y]) => `${left(x)},${top(y)}`).join(' ');
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...own.map(([x, y]) => `<circle cx="${left(x)}" cy="${top(y)}" r="3" fill="${colour}"/>`),
        ...(last === undefined
          ? []
          : [
              `<text x="${left(last[0]) + 8}" y="${top(last[1]) + 4}" fill="${colour}">${escaped(name)}</text>`,
            ]),
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
};

const round = (value) => Math.round(value * 10) / 10;

/** The next of 1, 2, 5, 10, 20 ... */
const roundUp = (value) => {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
};

const number = (value) => {
  if (value >= 1_000_000) return `${round(value / 1_000_000)}M`;
  return value >= 1_000 ? `${round(value / 1_000)}k` : String(Number(value.toPrecision(3)));
};

const escaped = (text) =>
  text.replace(/[&<>"]/g, (found) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[found]);
