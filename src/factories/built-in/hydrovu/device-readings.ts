import type { Dictionaries, ParameterReadings } from './hydrovu-api.js';

/** Readings that do not become rows, counted by the reason. */
export interface LeftOut {
  /** Readings from before what was asked for: a clock that has lost its time, or what is there already. */
  early: number;
  /** Readings from the future: a clock that is wrong. They are taken when their time has come. */
  future: number;
  /** Readings without a whole number of seconds, or without a finite number as value. */
  invalid: number;
  /** Readings of one parameter at one time after which there is another one, which counts. */
  duplicate: number;
}

/** Seconds between which readings are taken. */
export interface Bounds {
  readonly from: number;
  readonly until: number;
  /** Seconds that the pond has a row of. */
  readonly known: ReadonlySet<number>;
}

/** Readings of one device, while its pages come in. */
export interface DeviceReadings {
  /** Takes a page in, and returns how many of its readings count. */
  readonly add: (page: readonly ParameterReadings[]) => number;
  /** Rows by time, and what was left out. Throws an `Error` where readings of many parameters have hardly a time in common. */
  readonly table: () => DeviceTable;
}

/** Readings joined by their time. */
export interface DeviceTable {
  /** Seconds since the epoch, ascending, each once. */
  readonly times: Float64Array;
  /** A value for each time, NaN where there is none; sorted by name. */
  readonly columns: readonly { readonly name: string; readonly values: Float64Array }[];
  readonly leftOut: Readonly<LeftOut>;
}

interface Column {
  readonly times: number[];
  readonly values: number[];
}

/** Values of rows by columns, missing ones among them: so many are always made, and of more readings so many for each. */
const MOST_VALUES = 4_000_000;
const MOST_PER_READING = 20;

/** Gathers readings by column, so that many of them take little memory. */
export const deviceReadings = (names: Dictionaries, { from, until, known }: Bounds): DeviceReadings => {
  const columns = new Map<string, Column>();
  const leftOut: LeftOut = { early: 0, future: 0, invalid: 0, duplicate: 0 };
  const columnName = columnNames(names);
  const addTo = (column: Column, reading: unknown): boolean => {
    const { timestamp, value } = fieldsOf(reading);
    if (typeof timestamp !== 'number' || !Number.isInteger(timestamp) || typeof value !== 'number')
      leftOut.invalid += 1;
    else if (!Number.isFinite(value)) leftOut.invalid += 1;
    else if (timestamp < from) leftOut.early += 1;
    else if (timestamp > until) leftOut.future += 1;
    else if (!known.has(timestamp)) {
      column.times.push(timestamp);
      column.values.push(value);
      return true;
    }
    return false;
  };
  return {
    add: (page) => {
      let taken = 0;
      for (const { parameterId, unitId, readings } of page) {
        const name = columnName(parameterId, unitId);
        const column = columns.get(name) ?? { times: [], values: [] };
        columns.set(name, column);
        for (const reading of readings) if (addTo(column, reading)) taken += 1;
      }
      return taken;
    },
    table: () => {
      const filled = [...columns].filter(([, { times }]) => times.length > 0);
      const times = distinct(filled.map(([, column]) => column.times));
      const count = filled.reduce((sum, [, column]) => sum + column.times.length, 0);
      // A few megabytes of an answer could ask for any amount of memory.
      if (filled.length * times.length > Math.max(MOST_VALUES, MOST_PER_READING * count))
        throw new Error(
          `its ${count} readings are of ${filled.length} parameters at ${times.length} times: hardly any would stand in one row`,
        );
      const at = new Map<number, number>();
      times.forEach((time, row) => {
        at.set(time, row);
      });
      const wide = filled
        .map(([name, column]) => ({ name, values: inRows(column, at, leftOut) }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      return { times, columns: wide, leftOut };
    },
  };
};

const fieldsOf = (reading: unknown): { readonly timestamp?: unknown; readonly value?: unknown } =>
  typeof reading === 'object' && reading !== null ? reading : {};

/** Ascending, each time once. */
const distinct = (lists: readonly (readonly number[])[]): Float64Array => {
  const all = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
  let end = 0;
  for (const list of lists) {
    all.set(list, end);
    end += list.length;
  }
  all.sort();
  let kept = 0;
  for (const time of all) {
    if (kept === 0 || all[kept - 1] !== time) {
      all[kept] = time;
      kept += 1;
    }
  }
  return all.subarray(0, kept);
};

const inRows = (
  { times, values }: Column,
  at: ReadonlyMap<number, number>,
  leftOut: LeftOut,
): Float64Array => {
  const rows = new Float64Array(at.size).fill(Number.NaN);
  for (let index = 0; index < times.length; index += 1) {
    const row = at.get(times[index] ?? Number.NaN) ?? 0;
    if (!Number.isNaN(rows[row])) leftOut.duplicate += 1;
    rows[row] = values[index] ?? Number.NaN;
  }
  return rows;
};

/**
 * Names of columns, `Temperature.C`. What the dictionary lacks is called by its id, and of two parameters of one name each is
 * told with its id: their readings are not the same thing.
 */
const columnNames = ({
  parameters,
  units,
}: Dictionaries): ((parameterId: string, unitId: string) => string) => {
  const counts = new Map<string, number>();
  for (const name of parameters.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return (parameterId, unitId) => {
    const name = parameters.get(parameterId) ?? parameterId;
    const told = (counts.get(name) ?? 0) > 1 ? `${name} (${parameterId})` : name;
    return `${told}.${units.get(unitId) ?? unitId}`;
  };
};
