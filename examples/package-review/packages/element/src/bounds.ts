export interface Element {
  readonly id: string;
  readonly version: number;
  readonly points: readonly (readonly [number, number])[];
}

export type Bounds = readonly [left: number, top: number, right: number, bottom: number];

export const boundsOf = (element: Element): Bounds => {
  const xs = element.points.map(([x]) => x);
  const ys = element.points.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
};
