import { boundsOf, type Bounds, type Element } from "./bounds";

/** Called for each event of the pointer. */
export const elementsWithin = (elements: readonly Element[], [left, top, right, bottom]: Bounds): Element[] =>
  elements.filter((element) => {
    const bounds = boundsOf(element);
    return bounds[0] >= left && bounds[1] >= top && bounds[2] <= right && bounds[3] <= bottom;
  });
