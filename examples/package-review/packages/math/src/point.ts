export type Point = readonly [x: number, y: number];

export const rotate = ([x, y]: Point, center: Point, angle: number): Point => {
  const dx = x - center[0];
  const dy = y - center[1];
  return [
    dx * Math.cos(angle) - dy * Math.sin(angle) + center[0],
    dx * Math.sin(angle) + dy * Math.cos(angle) + center[1],
  ];
};
