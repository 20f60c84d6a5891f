const TURN = 2 * Math.PI;

/** The same direction, as an angle from 0 up to one turn. */
export const normalizeRadians = (angle: number): number => {
  if (angle < 0) {
    return TURN - (-angle % TURN);
  }
  return angle % TURN;
};
