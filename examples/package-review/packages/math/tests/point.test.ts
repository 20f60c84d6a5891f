import { rotate } from "../src/point";

test("a quarter turn", () => {
  expect(rotate([1, 0], [0, 0], Math.PI / 2)[1]).toBeCloseTo(1);
});
